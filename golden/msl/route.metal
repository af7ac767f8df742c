// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
};

typedef float type_1[1];
typedef metal::uint2 type_4[1];
struct P {
    uint x;
    uint experts;
    uint used;
    uint gating;
    uint bias;
    uint groups;
    uint groups_used;
    uint normalise;
    float scale;
    uint sharing;
};
struct type_6 {
    float inner[1024];
};
struct type_7 {
    uint inner[1024];
};
struct type_8 {
    float inner[64];
};
struct type_9 {
    uint inner[64];
};
constant uint NONE = 4294967295u;

bool is_nan(
    float x
) {
    return (as_type<uint>(x) & 2147483647u) > 2139095040u;
}

int naga_f2i32(float value) {
    return static_cast<int>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

float exp(
    float x_1
) {
    float y = 0.0001984127;
    float c = metal::clamp(x_1, -87.33654, 88.0);
    float n = metal::rint(c * 1.442695);
    float r = metal::fma(-(n), -0.00021219444, metal::fma(-(n), 0.6933594, c));
    float _e15 = y;
    y = metal::fma(_e15, r, 0.0013888889);
    float _e18 = y;
    y = metal::fma(_e18, r, 0.008333334);
    float _e21 = y;
    y = metal::fma(_e21, r, 0.041666668);
    float _e24 = y;
    y = metal::fma(_e24, r, 0.16666667);
    float _e27 = y;
    y = metal::fma(_e27, r, 0.5);
    float _e30 = y;
    y = metal::fma(_e30, r, 1.0);
    float _e33 = y;
    y = metal::fma(_e33, r, 1.0);
    float _e36 = y;
    y = _e36 * as_type<float>(static_cast<uint>(as_type<int>(as_type<uint>(naga_f2i32(n)) + as_type<uint>(127))) << 23u);
    float _e45 = y;
    bool _e50 = is_nan(x_1);
    return _e50 ? x_1 : ((x_1 < -87.33654) ? 0.0 : _e45);
}

float tanh(
    float x_2
) {
    float _e2 = exp(x_2 + x_2);
    return 1.0 - (2.0 / (_e2 + 1.0));
}

float sigmoid(
    float x_3
) {
    float _e2 = exp(-(x_3));
    return 1.0 / (1.0 + _e2);
}

float limited(
    float x_4,
    float limit
) {
    bool _e4 = is_nan(x_4);
    return _e4 ? x_4 : metal::clamp(x_4, -(limit), limit);
}

float at_most(
    float x_5,
    float limit_1
) {
    bool _e3 = is_nan(x_5);
    return _e3 ? x_5 : metal::min(x_5, limit_1);
}

float positive(
    float x_6
) {
    bool _e3 = is_nan(x_6);
    return _e3 ? x_6 : metal::max(x_6, 0.0);
}

float rank(
    float x_7
) {
    bool _e3 = is_nan(x_7);
    return _e3 ? -340282350000000000000000000000000000000.0 : metal::max(x_7, -340282350000000000000000000000000000000.0);
}

void leave_best_groups(
    constant P& p,
    threadgroup type_6& scores,
    threadgroup type_7& taken
) {
    uint kept = 0u;
    uint best_1 = {};
    float best_sum = {};
    uint g = {};
    float first = {};
    float second = {};
    uint i_7 = {};
    bool local_7 = {};
    uint i_8 = {};
    uint g_1 = 0u;
    uint _e2 = p.experts;
    uint _e5 = p.groups;
    uint len = _e2 / _e5;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e104 = kept;
            kept = _e104 + 1u;
        }
        loop_init = false;
        uint _e9 = kept;
        uint _e12 = p.groups;
        if (_e9 < _e12) {
        } else {
            break;
        }
        {
            best_1 = NONE;
            best_sum = 0.0;
            g = 0u;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e76 = g;
                    g = _e76 + 1u;
                }
                loop_init_1 = false;
                uint _e20 = g;
                uint _e23 = p.groups;
                if (_e20 < _e23) {
                } else {
                    break;
                }
                {
                    uint _e26 = g;
                    uint _e29 = taken.inner[_e26 * len];
                    if (_e29 != 0u) {
                        continue;
                    }
                    first = -340282350000000000000000000000000000000.0;
                    second = -340282350000000000000000000000000000000.0;
                    uint _e36 = g;
                    i_7 = _e36 * len;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e55 = i_7;
                            i_7 = _e55 + 1u;
                        }
                        loop_init_2 = false;
                        uint _e39 = i_7;
                        uint _e40 = g;
                        if (_e39 < ((_e40 * len) + len)) {
                        } else {
                            break;
                        }
                        {
                            uint _e45 = i_7;
                            float _e47 = scores.inner[_e45];
                            float _e48 = rank(_e47);
                            float _e49 = first;
                            if (_e48 > _e49) {
                                float _e51 = first;
                                second = _e51;
                                first = _e48;
                            } else {
                                float _e52 = second;
                                second = metal::max(_e52, _e48);
                            }
                        }
                    }
                    float _e57 = first;
                    float _e58 = second;
                    float _e60 = first;
                    float sum_3 = (len == 1u) ? _e60 : (_e57 + _e58);
                    uint _e64 = best_1;
                    if (!((_e64 == NONE))) {
                        float _e70 = best_sum;
                        local_7 = sum_3 > _e70;
                    } else {
                        local_7 = true;
                    }
                    bool _e73 = local_7;
                    if (_e73) {
                        uint _e74 = g;
                        best_1 = _e74;
                        best_sum = sum_3;
                    }
                }
            }
            uint _e79 = best_1;
            taken.inner[_e79 * len] = 1u;
            uint _e83 = kept;
            uint _e86 = p.groups_used;
            if (_e83 >= _e86) {
                uint _e88 = best_1;
                i_8 = _e88 * len;
                bool loop_init_3 = true;
                while(true) {
                    if (!loop_init_3) {
                        uint _e101 = i_8;
                        i_8 = _e101 + 1u;
                    }
                    loop_init_3 = false;
                    uint _e91 = i_8;
                    uint _e92 = best_1;
                    if (_e91 < ((_e92 * len) + len)) {
                    } else {
                        break;
                    }
                    {
                        uint _e97 = i_8;
                        scores.inner[_e97] = -340282350000000000000000000000000000000.0;
                    }
                }
            }
        }
    }
    bool loop_init_4 = true;
    while(true) {
        if (!loop_init_4) {
            uint _e119 = g_1;
            g_1 = _e119 + 1u;
        }
        loop_init_4 = false;
        uint _e108 = g_1;
        uint _e111 = p.groups;
        if (_e108 < _e111) {
        } else {
            break;
        }
        {
            uint _e114 = g_1;
            taken.inner[_e114 * len] = 0u;
        }
    }
    return;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& vectors [[buffer(1)]]
, device type_4& routes [[buffer(2)]]
, constant P& p [[buffer(3)]]
, threadgroup type_6& weights
, threadgroup type_6& scores
, threadgroup type_7& taken
, threadgroup type_8& best_score
, threadgroup type_9& best_expert
, threadgroup type_8& chosen
, threadgroup type_9& chosen_expert
, threadgroup float& shared_value
, constant _mslBufferSizes& _buffer_sizes [[buffer(4)]]
) {
    float m = -340282350000000000000000000000000000000.0;
    uint i = 0u;
    uint i_1 = {};
    float sum = 0.0;
    uint i_2 = 0u;
    uint i_3 = {};
    uint i_4 = {};
    uint i_5 = {};
    float s = {};
    bool local = {};
    uint k = 0u;
    uint best = {};
    float score = {};
    uint i_6 = {};
    bool local_1 = {};
    bool local_2 = {};
    uint t = {};
    bool local_3 = {};
    bool local_4 = {};
    bool local_5 = {};
    bool local_6 = {};
    float m_1 = -340282350000000000000000000000000000000.0;
    uint k_1 = 0u;
    float sum_1 = 0.0;
    uint k_2 = 0u;
    uint k_3 = 0u;
    uint k_4 = 0u;
    float divisor = 1.0;
    float sum_2 = 0.0;
    uint k_5 = 0u;
    uint k_6 = 0u;
    uint _e4 = p.x;
    uint _e8 = p.experts;
    uint at = _e4 + (group.y * _e8);
    uint _e13 = p.gating;
    if (_e13 == 0u) {
        if (lid == 0u) {
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e35 = i;
                    i = _e35 + 1u;
                }
                loop_init_5 = false;
                uint _e22 = i;
                uint _e25 = p.experts;
                if (_e22 < _e25) {
                } else {
                    break;
                }
                {
                    float _e27 = m;
                    uint _e29 = i;
                    float _e32 = xs[at + _e29];
                    m = metal::max(_e27, _e32);
                }
            }
            float _e38 = m;
            shared_value = _e38;
        }
        metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        float m_2 = shared_value;
        i_1 = lid;
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e57 = i_1;
                i_1 = _e57 + 64u;
            }
            loop_init_6 = false;
            uint _e42 = i_1;
            uint _e45 = p.experts;
            if (_e42 < _e45) {
            } else {
                break;
            }
            {
                uint _e48 = i_1;
                uint _e51 = i_1;
                float _e54 = xs[at + _e51];
                float _e56 = exp(_e54 - m_2);
                weights.inner[_e48] = _e56;
            }
        }
        metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        if (lid == 0u) {
            bool loop_init_7 = true;
            while(true) {
                if (!loop_init_7) {
                    uint _e78 = i_2;
                    i_2 = _e78 + 1u;
                }
                loop_init_7 = false;
                uint _e66 = i_2;
                uint _e69 = p.experts;
                if (_e66 < _e69) {
                } else {
                    break;
                }
                {
                    float _e71 = sum;
                    uint _e73 = i_2;
                    float _e75 = weights.inner[_e73];
                    sum = _e71 + _e75;
                }
            }
            float _e81 = sum;
            shared_value = _e81;
        }
        metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        float sum_4 = shared_value;
        i_3 = lid;
        bool loop_init_8 = true;
        while(true) {
            if (!loop_init_8) {
                uint _e98 = i_3;
                i_3 = _e98 + 64u;
            }
            loop_init_8 = false;
            uint _e85 = i_3;
            uint _e88 = p.experts;
            if (_e85 < _e88) {
            } else {
                break;
            }
            {
                uint _e91 = i_3;
                uint _e94 = i_3;
                float _e96 = weights.inner[_e94];
                weights.inner[_e91] = _e96 / sum_4;
            }
        }
    } else {
        i_4 = lid;
        bool loop_init_9 = true;
        while(true) {
            if (!loop_init_9) {
                uint _e122 = i_4;
                i_4 = _e122 + 64u;
            }
            loop_init_9 = false;
            uint _e102 = i_4;
            uint _e105 = p.experts;
            if (_e102 < _e105) {
            } else {
                break;
            }
            {
                uint _e108 = i_4;
                float l = xs[at + _e108];
                uint _e113 = i_4;
                float _e115 = sigmoid(l);
                uint _e118 = p.gating;
                weights.inner[_e113] = (_e118 == 1u) ? _e115 : l;
            }
        }
    }
    i_5 = lid;
    bool loop_init_10 = true;
    while(true) {
        if (!loop_init_10) {
            uint _e159 = i_5;
            i_5 = _e159 + 64u;
        }
        loop_init_10 = false;
        uint _e126 = i_5;
        uint _e129 = p.experts;
        if (_e126 < _e129) {
        } else {
            break;
        }
        {
            uint _e132 = i_5;
            float _e134 = weights.inner[_e132];
            s = _e134;
            uint _e138 = p.bias;
            if (_e138 != NONE) {
                float _e141 = s;
                uint _e145 = p.bias;
                uint _e146 = i_5;
                float _e149 = vectors[_e145 + _e146];
                s = _e141 + _e149;
            }
            uint _e152 = i_5;
            float _e154 = s;
            scores.inner[_e152] = _e154;
            uint _e156 = i_5;
            taken.inner[_e156] = 0u;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (lid == 0u) {
        uint _e168 = p.groups;
        local = _e168 > 0u;
    } else {
        local = false;
    }
    bool _e172 = local;
    if (_e172) {
        leave_best_groups(p, scores, taken);
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init_11 = true;
    while(true) {
        if (!loop_init_11) {
            uint _e296 = k;
            k = _e296 + 1u;
        }
        loop_init_11 = false;
        uint _e175 = k;
        uint _e178 = p.used;
        if (_e175 < _e178) {
        } else {
            break;
        }
        {
            best = NONE;
            score = -340282350000000000000000000000000000000.0;
            i_6 = lid;
            bool loop_init_12 = true;
            while(true) {
                if (!loop_init_12) {
                    uint _e216 = i_6;
                    i_6 = _e216 + 64u;
                }
                loop_init_12 = false;
                uint _e185 = i_6;
                uint _e188 = p.experts;
                if (_e185 < _e188) {
                } else {
                    break;
                }
                {
                    uint _e191 = i_6;
                    float _e193 = scores.inner[_e191];
                    float _e194 = rank(_e193);
                    uint _e196 = i_6;
                    uint _e198 = taken.inner[_e196];
                    if (_e198 == 0u) {
                        uint _e203 = best;
                        if (!((_e203 == NONE))) {
                            float _e209 = score;
                            local_2 = _e194 > _e209;
                        } else {
                            local_2 = true;
                        }
                        bool _e212 = local_2;
                        local_1 = _e212;
                    } else {
                        local_1 = false;
                    }
                    bool _e214 = local_1;
                    if (_e214) {
                        uint _e215 = i_6;
                        best = _e215;
                        score = _e194;
                    }
                }
            }
            uint _e221 = best;
            best_expert.inner[lid] = _e221;
            float _e224 = score;
            best_score.inner[lid] = _e224;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            if (lid == 0u) {
                t = 1u;
                bool loop_init_13 = true;
                while(true) {
                    if (!loop_init_13) {
                        uint _e278 = t;
                        t = _e278 + 1u;
                    }
                    loop_init_13 = false;
                    uint _e229 = t;
                    if (_e229 < 64u) {
                    } else {
                        break;
                    }
                    {
                        uint _e233 = t;
                        uint e = best_expert.inner[_e233];
                        if (e != NONE) {
                            uint _e240 = best;
                            if (!((_e240 == NONE))) {
                                uint _e247 = t;
                                float _e249 = best_score.inner[_e247];
                                float _e250 = score;
                                local_4 = _e249 > _e250;
                            } else {
                                local_4 = true;
                            }
                            bool _e253 = local_4;
                            if (!(_e253)) {
                                uint _e258 = t;
                                float _e260 = best_score.inner[_e258];
                                float _e261 = score;
                                if (_e260 == _e261) {
                                    uint _e265 = best;
                                    local_6 = e < _e265;
                                } else {
                                    local_6 = false;
                                }
                                bool _e268 = local_6;
                                local_5 = _e268;
                            } else {
                                local_5 = true;
                            }
                            bool _e270 = local_5;
                            local_3 = _e270;
                        } else {
                            local_3 = false;
                        }
                        bool _e272 = local_3;
                        if (_e272) {
                            best = e;
                            uint _e274 = t;
                            float _e276 = best_score.inner[_e274];
                            score = _e276;
                        }
                    }
                }
                uint _e281 = best;
                taken.inner[_e281] = 1u;
                uint _e285 = k;
                uint _e287 = best;
                chosen_expert.inner[_e285] = _e287;
                uint _e289 = k;
                uint _e292 = best;
                float _e294 = weights.inner[_e292];
                chosen.inner[_e289] = _e294;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (lid == 0u) {
        uint _e302 = p.gating;
        if (_e302 == 2u) {
            bool loop_init_14 = true;
            while(true) {
                if (!loop_init_14) {
                    uint _e321 = k_1;
                    k_1 = _e321 + 1u;
                }
                loop_init_14 = false;
                uint _e309 = k_1;
                uint _e312 = p.used;
                if (_e309 < _e312) {
                } else {
                    break;
                }
                {
                    float _e314 = m_1;
                    uint _e316 = k_1;
                    float _e318 = chosen.inner[_e316];
                    m_1 = metal::max(_e314, _e318);
                }
            }
            bool loop_init_15 = true;
            while(true) {
                if (!loop_init_15) {
                    uint _e349 = k_2;
                    k_2 = _e349 + 1u;
                }
                loop_init_15 = false;
                uint _e327 = k_2;
                uint _e330 = p.used;
                if (_e327 < _e330) {
                } else {
                    break;
                }
                {
                    uint _e333 = k_2;
                    uint _e336 = k_2;
                    float _e338 = chosen.inner[_e336];
                    float _e339 = m_1;
                    float _e341 = exp(_e338 - _e339);
                    chosen.inner[_e333] = _e341;
                    float _e342 = sum_1;
                    uint _e344 = k_2;
                    float _e346 = chosen.inner[_e344];
                    sum_1 = _e342 + _e346;
                }
            }
            bool loop_init_16 = true;
            while(true) {
                if (!loop_init_16) {
                    uint _e368 = k_3;
                    k_3 = _e368 + 1u;
                }
                loop_init_16 = false;
                uint _e353 = k_3;
                uint _e356 = p.used;
                if (_e353 < _e356) {
                } else {
                    break;
                }
                {
                    uint _e359 = k_3;
                    uint _e362 = k_3;
                    float _e364 = chosen.inner[_e362];
                    float _e365 = sum_1;
                    chosen.inner[_e359] = _e364 / _e365;
                }
            }
        }
        uint _e372 = p.gating;
        if (_e372 == 3u) {
            bool loop_init_17 = true;
            while(true) {
                if (!loop_init_17) {
                    uint _e391 = k_4;
                    k_4 = _e391 + 1u;
                }
                loop_init_17 = false;
                uint _e377 = k_4;
                uint _e380 = p.used;
                if (_e377 < _e380) {
                } else {
                    break;
                }
                {
                    uint _e383 = k_4;
                    uint _e386 = k_4;
                    float _e388 = chosen.inner[_e386];
                    float _e389 = sigmoid(_e388);
                    chosen.inner[_e383] = _e389;
                }
            }
        }
        uint _e397 = p.normalise;
        if (_e397 != 0u) {
            bool loop_init_18 = true;
            while(true) {
                if (!loop_init_18) {
                    uint _e416 = k_5;
                    k_5 = _e416 + 1u;
                }
                loop_init_18 = false;
                uint _e404 = k_5;
                uint _e407 = p.used;
                if (_e404 < _e407) {
                } else {
                    break;
                }
                {
                    float _e409 = sum_2;
                    uint _e411 = k_5;
                    float _e413 = chosen.inner[_e411];
                    sum_2 = _e409 + _e413;
                }
            }
            float _e418 = sum_2;
            float _e421 = sum_2;
            float _e422 = sum_2;
            bool _e423 = is_nan(_e422);
            divisor = _e423 ? _e421 : metal::max(0.000061035156, _e418);
        }
        bool loop_init_19 = true;
        while(true) {
            if (!loop_init_19) {
                uint _e462 = k_6;
                k_6 = _e462 + 1u;
            }
            loop_init_19 = false;
            uint _e427 = k_6;
            uint _e430 = p.used;
            if (_e427 < _e430) {
            } else {
                break;
            }
            {
                uint _e433 = k_6;
                float _e435 = chosen.inner[_e433];
                float _e436 = divisor;
                float _e440 = p.scale;
                float weight = (_e435 / _e436) * _e440;
                uint _e446 = p.used;
                uint _e448 = k_6;
                uint _e452 = k_6;
                uint _e454 = chosen_expert.inner[_e452];
                uint _e457 = p.sharing;
                routes[(group.y * _e446) + _e448] = metal::uint2(_e454 / _e457, as_type<uint>(weight));
            }
        }
        return;
    } else {
        return;
    }
}
