// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
    uint size3;
    uint size4;
    uint size5;
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint q;
    uint k;
    uint v;
    uint y;
    uint heads;
    uint kv_heads;
    uint head_dim;
    uint pieces;
    uint blocks;
    uint reach;
    float scale;
    float cap;
    uint slopes;
};
struct type_6 {
    metal::float4 inner[128];
};
struct type_7 {
    metal::float4 inner[576];
};
struct type_8 {
    float inner[1024];
};
struct type_9 {
    float inner[64];
};
struct type_10 {
    float inner[16];
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

metal::float4 xs_at(
    uint at,
    uint d_1,
    device type_1 const& xs,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_2 = metal::float4(0.0);
    uint i_2 = at + d_1;
    uint _e7 = p.head_dim;
    if ((d_1 + 4u) <= _e7) {
        float _e11 = xs[i_2];
        float _e16 = xs[i_2 + 1u];
        float _e21 = xs[i_2 + 2u];
        float _e26 = xs[i_2 + 3u];
        return metal::float4(_e11, _e16, _e21, _e26);
    }
    uint _e33 = p.head_dim;
    if (d_1 < _e33) {
        float _e38 = xs[i_2];
        v_2.x = _e38;
    }
    uint _e43 = p.head_dim;
    if ((d_1 + 1u) < _e43) {
        float _e50 = xs[i_2 + 1u];
        v_2.y = _e50;
    }
    uint _e55 = p.head_dim;
    if ((d_1 + 2u) < _e55) {
        float _e62 = xs[i_2 + 2u];
        v_2.z = _e62;
    }
    metal::float4 _e63 = v_2;
    return _e63;
}

metal::float4 us_at(
    uint at_1,
    uint d_2,
    device type_1 const& us,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_3 = metal::float4(0.0);
    uint i_3 = at_1 + d_2;
    uint _e7 = p.head_dim;
    if ((d_2 + 4u) <= _e7) {
        float _e11 = us[i_3];
        float _e16 = us[i_3 + 1u];
        float _e21 = us[i_3 + 2u];
        float _e26 = us[i_3 + 3u];
        return metal::float4(_e11, _e16, _e21, _e26);
    }
    uint _e33 = p.head_dim;
    if (d_2 < _e33) {
        float _e38 = us[i_3];
        v_3.x = _e38;
    }
    uint _e43 = p.head_dim;
    if ((d_2 + 1u) < _e43) {
        float _e50 = us[i_3 + 1u];
        v_3.y = _e50;
    }
    uint _e55 = p.head_dim;
    if ((d_2 + 2u) < _e55) {
        float _e62 = us[i_3 + 2u];
        v_3.z = _e62;
    }
    metal::float4 _e63 = v_3;
    return _e63;
}

metal::float4 vs_at(
    uint at_2,
    uint d_3,
    device type_1 const& vs,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_4 = metal::float4(0.0);
    uint i_4 = at_2 + d_3;
    uint _e7 = p.head_dim;
    if ((d_3 + 4u) <= _e7) {
        float _e11 = vs[i_4];
        float _e16 = vs[i_4 + 1u];
        float _e21 = vs[i_4 + 2u];
        float _e26 = vs[i_4 + 3u];
        return metal::float4(_e11, _e16, _e21, _e26);
    }
    uint _e33 = p.head_dim;
    if (d_3 < _e33) {
        float _e38 = vs[i_4];
        v_4.x = _e38;
    }
    uint _e43 = p.head_dim;
    if ((d_3 + 1u) < _e43) {
        float _e50 = vs[i_4 + 1u];
        v_4.y = _e50;
    }
    uint _e55 = p.head_dim;
    if ((d_3 + 2u) < _e55) {
        float _e62 = vs[i_4 + 2u];
        v_4.z = _e62;
    }
    metal::float4 _e63 = v_4;
    return _e63;
}

float add_dot(
    metal::float4 a,
    metal::float4 b,
    float sum_1
) {
    return metal::fma(a.w, b.w, metal::fma(a.z, b.z, metal::fma(a.y, b.y, metal::fma(a.x, b.x, sum_1))));
}

uint first_seen(
    uint position,
    constant P& p
) {
    uint _e3 = p.reach;
    return position - metal::min(position, _e3);
}

uint last_seen(
    uint position_1,
    uint len,
    constant P& p
) {
    uint _e4 = p.reach;
    return metal::min(position_1 + metal::min(_e4, len), len - 1u);
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& us [[buffer(1)]]
, device type_1 const& vs [[buffer(2)]]
, device type_1& ys [[buffer(3)]]
, device type_1 const& vectors [[buffer(4)]]
, device type_3 const& lists [[buffer(5)]]
, constant P& p [[buffer(6)]]
, threadgroup type_6& queries
, threadgroup type_7& keys
, threadgroup type_8& scores
, threadgroup type_9& parts
, threadgroup type_10& factors
, constant _mslBufferSizes& _buffer_sizes [[buffer(7)]]
) {
    float m = -340282350000000000000000000000000000000.0;
    float l = 0.0;
    metal::float4 acc0_ = metal::float4(0.0);
    metal::float4 acc1_ = metal::float4(0.0);
    metal::float4 acc2_ = metal::float4(0.0);
    metal::float4 acc3_ = metal::float4(0.0);
    metal::float4 acc4_ = metal::float4(0.0);
    metal::float4 acc5_ = metal::float4(0.0);
    metal::float4 acc6_ = metal::float4(0.0);
    metal::float4 acc7_ = metal::float4(0.0);
    uint tile = {};
    float s00_ = {};
    float s01_ = {};
    float s02_ = {};
    float s03_ = {};
    float s10_ = {};
    float s11_ = {};
    float s12_ = {};
    float s13_ = {};
    float s20_ = {};
    float s21_ = {};
    float s22_ = {};
    float s23_ = {};
    float s30_ = {};
    float s31_ = {};
    float s32_ = {};
    float s33_ = {};
    uint d = {};
    uint i = {};
    metal::float4 v = {};
    uint i_1 = {};
    metal::float4 v_1 = {};
    bool local = {};
    uint w = {};
    float highest = {};
    uint t = {};
    bool local_1 = {};
    bool local_2 = {};
    float s = {};
    float sum = {};
    uint t_1 = {};
    float share = {};
    bool local_3 = {};
    bool local_4 = {};
    bool local_5 = {};
    uint key = {};
    uint key_1 = {};
    uint _e5 = p.pieces;
    uint head = group.x / _e5;
    uint _e9 = p.heads;
    uint _e12 = p.kv_heads;
    uint kv_head = head / (_e9 / _e12);
    uint _e18 = p.blocks;
    uint input = lists[_e18 + (group.y * 3u)];
    uint _e28 = p.blocks;
    uint begin = lists[(_e28 + (group.y * 3u)) + 1u];
    uint _e40 = p.blocks;
    uint len_1 = lists[(_e40 + (group.y * 3u)) + 2u];
    uint rows = metal::min(16u, len_1 - begin);
    uint end = (begin + rows) - 1u;
    uint _e55 = first_seen(begin, p);
    uint _e56 = last_seen(end, len_1, p);
    uint _e57 = first_seen(end, p);
    uint _e58 = last_seen(begin, len_1, p);
    uint some_rows = (lid / 16u) * 4u;
    uint some_keys = lid % 16u;
    uint row = lid % 16u;
    uint quarter = lid / 16u;
    uint position_2 = begin + row;
    uint _e70 = first_seen(position_2, p);
    uint _e71 = last_seen(position_2, len_1, p);
    uint my_rows = (lid / 32u) * 8u;
    uint _e79 = p.pieces;
    uint column = (((group.x % _e79) * 32u) + (lid % 32u)) * 4u;
    tile = _e55 / 64u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e1034 = tile;
            tile = _e1034 + 1u;
        }
        loop_init = false;
        uint _e119 = tile;
        if (_e119 <= (_e56 / 64u)) {
        } else {
            break;
        }
        {
            uint _e123 = tile;
            uint base = _e123 * 64u;
            s00_ = 0.0;
            s01_ = 0.0;
            s02_ = 0.0;
            s03_ = 0.0;
            s10_ = 0.0;
            s11_ = 0.0;
            s12_ = 0.0;
            s13_ = 0.0;
            s20_ = 0.0;
            s21_ = 0.0;
            s22_ = 0.0;
            s23_ = 0.0;
            s30_ = 0.0;
            s31_ = 0.0;
            s32_ = 0.0;
            s33_ = 0.0;
            d = 0u;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e375 = d;
                    d = _e375 + 32u;
                }
                loop_init_1 = false;
                uint _e160 = d;
                uint _e163 = p.head_dim;
                if (_e160 < _e163) {
                } else {
                    break;
                }
                {
                    i = lid;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e206 = i;
                            i = _e206 + 64u;
                        }
                        loop_init_2 = false;
                        uint _e166 = i;
                        if (_e166 < 128u) {
                        } else {
                            break;
                        }
                        {
                            v = metal::float4(0.0);
                            uint _e172 = i;
                            if ((_e172 / 8u) < rows) {
                                uint _e177 = i;
                                uint _e183 = p.heads;
                                uint _e188 = p.head_dim;
                                uint at_3 = ((((input + begin) + (_e177 / 8u)) * _e183) + head) * _e188;
                                uint _e192 = p.q;
                                uint _e194 = d;
                                uint _e195 = i;
                                metal::float4 _e201 = xs_at(_e192 + at_3, _e194 + ((_e195 % 8u) * 4u), xs, p, _buffer_sizes);
                                v = _e201;
                            }
                            uint _e203 = i;
                            metal::float4 _e205 = v;
                            queries.inner[_e203] = _e205;
                        }
                    }
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e260 = i_1;
                            i_1 = _e260 + 64u;
                        }
                        loop_init_3 = false;
                        uint _e210 = i_1;
                        if (_e210 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e213 = i_1;
                            uint key_2 = base + (_e213 / 8u);
                            v_1 = metal::float4(0.0);
                            if (key_2 >= _e55) {
                                local = key_2 <= _e56;
                            } else {
                                local = false;
                            }
                            bool _e225 = local;
                            if (_e225) {
                                uint _e229 = p.kv_heads;
                                uint _e234 = p.head_dim;
                                uint at_4 = (((input + key_2) * _e229) + kv_head) * _e234;
                                uint _e238 = p.k;
                                uint _e240 = d;
                                uint _e241 = i_1;
                                metal::float4 _e247 = us_at(_e238 + at_4, _e240 + ((_e241 % 8u) * 4u), us, p, _buffer_sizes);
                                v_1 = _e247;
                            }
                            uint _e249 = i_1;
                            uint _e254 = i_1;
                            metal::float4 _e259 = v_1;
                            keys.inner[((_e249 / 8u) * 9u) + (_e254 % 8u)] = _e259;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    w = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e373 = w;
                            w = _e373 + 1u;
                        }
                        loop_init_4 = false;
                        uint _e265 = w;
                        if (_e265 < 8u) {
                        } else {
                            break;
                        }
                        {
                            uint _e273 = w;
                            metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e273];
                            uint _e282 = w;
                            metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e282];
                            uint _e291 = w;
                            metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e291];
                            uint _e300 = w;
                            metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e300];
                            uint _e309 = w;
                            metal::float4 k0_ = keys.inner[((some_keys + 0u) * 9u) + _e309];
                            uint _e318 = w;
                            metal::float4 k1_ = keys.inner[((some_keys + 16u) * 9u) + _e318];
                            uint _e327 = w;
                            metal::float4 k2_ = keys.inner[((some_keys + 32u) * 9u) + _e327];
                            uint _e336 = w;
                            metal::float4 k3_ = keys.inner[((some_keys + 48u) * 9u) + _e336];
                            float _e340 = s00_;
                            float _e341 = add_dot(q0_, k0_, _e340);
                            s00_ = _e341;
                            float _e342 = s01_;
                            float _e343 = add_dot(q0_, k1_, _e342);
                            s01_ = _e343;
                            float _e344 = s02_;
                            float _e345 = add_dot(q0_, k2_, _e344);
                            s02_ = _e345;
                            float _e346 = s03_;
                            float _e347 = add_dot(q0_, k3_, _e346);
                            s03_ = _e347;
                            float _e348 = s10_;
                            float _e349 = add_dot(q1_, k0_, _e348);
                            s10_ = _e349;
                            float _e350 = s11_;
                            float _e351 = add_dot(q1_, k1_, _e350);
                            s11_ = _e351;
                            float _e352 = s12_;
                            float _e353 = add_dot(q1_, k2_, _e352);
                            s12_ = _e353;
                            float _e354 = s13_;
                            float _e355 = add_dot(q1_, k3_, _e354);
                            s13_ = _e355;
                            float _e356 = s20_;
                            float _e357 = add_dot(q2_, k0_, _e356);
                            s20_ = _e357;
                            float _e358 = s21_;
                            float _e359 = add_dot(q2_, k1_, _e358);
                            s21_ = _e359;
                            float _e360 = s22_;
                            float _e361 = add_dot(q2_, k2_, _e360);
                            s22_ = _e361;
                            float _e362 = s23_;
                            float _e363 = add_dot(q2_, k3_, _e362);
                            s23_ = _e363;
                            float _e364 = s30_;
                            float _e365 = add_dot(q3_, k0_, _e364);
                            s30_ = _e365;
                            float _e366 = s31_;
                            float _e367 = add_dot(q3_, k1_, _e366);
                            s31_ = _e367;
                            float _e368 = s32_;
                            float _e369 = add_dot(q3_, k2_, _e368);
                            s32_ = _e369;
                            float _e370 = s33_;
                            float _e371 = add_dot(q3_, k3_, _e370);
                            s33_ = _e371;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            float _e387 = s00_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e387;
            float _e397 = s01_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e397;
            float _e407 = s02_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e407;
            float _e417 = s03_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e417;
            float _e427 = s10_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e427;
            float _e437 = s11_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e437;
            float _e447 = s12_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e447;
            float _e457 = s13_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e457;
            float _e467 = s20_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e467;
            float _e477 = s21_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e477;
            float _e487 = s22_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e487;
            float _e497 = s23_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e497;
            float _e507 = s30_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e507;
            float _e517 = s31_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e517;
            float _e527 = s32_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e527;
            float _e537 = s33_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e537;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e538 = m;
            highest = _e538;
            t = quarter * 16u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e619 = t;
                    t = _e619 + 1u;
                }
                loop_init_5 = false;
                uint _e543 = t;
                if (_e543 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e549 = t;
                    uint key_3 = base + _e549;
                    if (row < rows) {
                        local_1 = key_3 >= _e70;
                    } else {
                        local_1 = false;
                    }
                    bool _e556 = local_1;
                    if (_e556) {
                        local_2 = key_3 <= _e71;
                    } else {
                        local_2 = false;
                    }
                    bool _e561 = local_2;
                    if (_e561) {
                        uint _e563 = t;
                        float _e568 = scores.inner[(_e563 * 16u) + row];
                        float _e571 = p.scale;
                        s = _e568 * _e571;
                        float _e576 = p.cap;
                        if (_e576 > 0.0) {
                            float _e581 = p.cap;
                            float _e582 = s;
                            float _e585 = p.cap;
                            float _e587 = tanh(_e582 / _e585);
                            s = _e581 * _e587;
                        }
                        uint _e591 = p.slopes;
                        if (_e591 != NONE) {
                            uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                            uint _e600 = p.slopes;
                            float _e603 = vectors[_e600 + head];
                            float _e606 = s;
                            s = metal::fma(_e603, -(static_cast<float>(distance)), _e606);
                        }
                        uint _e609 = t;
                        float _e614 = s;
                        scores.inner[(_e609 * 16u) + row] = _e614;
                        float _e615 = highest;
                        float _e616 = s;
                        highest = metal::max(_e615, _e616);
                    }
                }
            }
            float _e623 = highest;
            parts.inner[lid] = _e623;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e626 = parts.inner[row];
            float _e631 = parts.inner[row + 16u];
            float _e637 = parts.inner[row + 32u];
            float _e642 = parts.inner[row + 48u];
            highest = metal::max(metal::max(_e626, _e631), metal::max(_e637, _e642));
            sum = 0.0;
            t_1 = quarter * 16u;
            bool loop_init_6 = true;
            while(true) {
                if (!loop_init_6) {
                    uint _e692 = t_1;
                    t_1 = _e692 + 1u;
                }
                loop_init_6 = false;
                uint _e650 = t_1;
                if (_e650 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e656 = t_1;
                    uint key_4 = base + _e656;
                    share = -1.0;
                    if (row < rows) {
                        local_3 = key_4 >= _e70;
                    } else {
                        local_3 = false;
                    }
                    bool _e665 = local_3;
                    if (_e665) {
                        local_4 = key_4 <= _e71;
                    } else {
                        local_4 = false;
                    }
                    bool _e670 = local_4;
                    if (_e670) {
                        uint _e672 = t_1;
                        float _e677 = scores.inner[(_e672 * 16u) + row];
                        float _e678 = highest;
                        float _e680 = exp(_e677 - _e678);
                        share = _e680;
                        float _e681 = sum;
                        float _e682 = share;
                        sum = _e681 + _e682;
                    }
                    uint _e685 = t_1;
                    float _e690 = share;
                    scores.inner[(_e685 * 16u) + row] = _e690;
                }
            }
            float _e694 = m;
            float _e695 = highest;
            float _e697 = exp(_e694 - _e695);
            if (quarter == 0u) {
                factors.inner[row] = _e697;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e704 = sum;
            parts.inner[lid] = _e704;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e705 = l;
            float _e708 = parts.inner[row];
            float _e713 = parts.inner[row + 16u];
            float _e719 = parts.inner[row + 32u];
            float _e724 = parts.inner[row + 48u];
            l = metal::fma(_e705, _e697, (_e708 + _e713) + (_e719 + _e724));
            float _e728 = highest;
            m = _e728;
            metal::float4 _e729 = acc0_;
            float _e734 = factors.inner[my_rows + 0u];
            acc0_ = _e729 * _e734;
            metal::float4 _e736 = acc1_;
            float _e741 = factors.inner[my_rows + 1u];
            acc1_ = _e736 * _e741;
            metal::float4 _e743 = acc2_;
            float _e748 = factors.inner[my_rows + 2u];
            acc2_ = _e743 * _e748;
            metal::float4 _e750 = acc3_;
            float _e755 = factors.inner[my_rows + 3u];
            acc3_ = _e750 * _e755;
            metal::float4 _e757 = acc4_;
            float _e762 = factors.inner[my_rows + 4u];
            acc4_ = _e757 * _e762;
            metal::float4 _e764 = acc5_;
            float _e769 = factors.inner[my_rows + 5u];
            acc5_ = _e764 * _e769;
            metal::float4 _e771 = acc6_;
            float _e776 = factors.inner[my_rows + 6u];
            acc6_ = _e771 * _e776;
            metal::float4 _e778 = acc7_;
            float _e783 = factors.inner[my_rows + 7u];
            acc7_ = _e778 * _e783;
            uint _e787 = p.head_dim;
            if (column < _e787) {
                uint from = metal::max(_e55, base);
                uint to = metal::min(_e56, base + 63u);
                uint _e795 = p.v;
                uint _e798 = p.kv_heads;
                uint _e803 = p.head_dim;
                uint at_5 = _e795 + (((input * _e798) + kv_head) * _e803);
                uint _e808 = p.kv_heads;
                uint _e811 = p.head_dim;
                uint stride = _e808 * _e811;
                if (_e57 <= from) {
                    local_5 = to <= _e58;
                } else {
                    local_5 = false;
                }
                bool _e818 = local_5;
                if (_e818) {
                    key = from;
                    bool loop_init_7 = true;
                    while(true) {
                        if (!loop_init_7) {
                            uint _e896 = key;
                            key = _e896 + 1u;
                        }
                        loop_init_7 = false;
                        uint _e820 = key;
                        if (_e820 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e822 = key;
                            metal::float4 _e825 = vs_at(at_5 + (_e822 * stride), column, vs, p, _buffer_sizes);
                            uint _e826 = key;
                            uint shares = ((_e826 - base) * 16u) + my_rows;
                            float _e835 = scores.inner[shares + 0u];
                            metal::float4 _e837 = acc0_;
                            acc0_ = metal::fma(metal::float4(_e835), _e825, _e837);
                            float _e843 = scores.inner[shares + 1u];
                            metal::float4 _e845 = acc1_;
                            acc1_ = metal::fma(metal::float4(_e843), _e825, _e845);
                            float _e851 = scores.inner[shares + 2u];
                            metal::float4 _e853 = acc2_;
                            acc2_ = metal::fma(metal::float4(_e851), _e825, _e853);
                            float _e859 = scores.inner[shares + 3u];
                            metal::float4 _e861 = acc3_;
                            acc3_ = metal::fma(metal::float4(_e859), _e825, _e861);
                            float _e867 = scores.inner[shares + 4u];
                            metal::float4 _e869 = acc4_;
                            acc4_ = metal::fma(metal::float4(_e867), _e825, _e869);
                            float _e875 = scores.inner[shares + 5u];
                            metal::float4 _e877 = acc5_;
                            acc5_ = metal::fma(metal::float4(_e875), _e825, _e877);
                            float _e883 = scores.inner[shares + 6u];
                            metal::float4 _e885 = acc6_;
                            acc6_ = metal::fma(metal::float4(_e883), _e825, _e885);
                            float _e891 = scores.inner[shares + 7u];
                            metal::float4 _e893 = acc7_;
                            acc7_ = metal::fma(metal::float4(_e891), _e825, _e893);
                        }
                    }
                } else {
                    key_1 = from;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e1031 = key_1;
                            key_1 = _e1031 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e899 = key_1;
                        if (_e899 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e901 = key_1;
                            metal::float4 _e904 = vs_at(at_5 + (_e901 * stride), column, vs, p, _buffer_sizes);
                            uint _e905 = key_1;
                            uint shares_1 = ((_e905 - base) * 16u) + my_rows;
                            float _e914 = scores.inner[shares_1 + 0u];
                            if (_e914 != -1.0) {
                                float _e921 = scores.inner[shares_1 + 0u];
                                metal::float4 _e923 = acc0_;
                                acc0_ = metal::fma(metal::float4(_e921), _e904, _e923);
                            }
                            float _e929 = scores.inner[shares_1 + 1u];
                            if (_e929 != -1.0) {
                                float _e936 = scores.inner[shares_1 + 1u];
                                metal::float4 _e938 = acc1_;
                                acc1_ = metal::fma(metal::float4(_e936), _e904, _e938);
                            }
                            float _e944 = scores.inner[shares_1 + 2u];
                            if (_e944 != -1.0) {
                                float _e951 = scores.inner[shares_1 + 2u];
                                metal::float4 _e953 = acc2_;
                                acc2_ = metal::fma(metal::float4(_e951), _e904, _e953);
                            }
                            float _e959 = scores.inner[shares_1 + 3u];
                            if (_e959 != -1.0) {
                                float _e966 = scores.inner[shares_1 + 3u];
                                metal::float4 _e968 = acc3_;
                                acc3_ = metal::fma(metal::float4(_e966), _e904, _e968);
                            }
                            float _e974 = scores.inner[shares_1 + 4u];
                            if (_e974 != -1.0) {
                                float _e981 = scores.inner[shares_1 + 4u];
                                metal::float4 _e983 = acc4_;
                                acc4_ = metal::fma(metal::float4(_e981), _e904, _e983);
                            }
                            float _e989 = scores.inner[shares_1 + 5u];
                            if (_e989 != -1.0) {
                                float _e996 = scores.inner[shares_1 + 5u];
                                metal::float4 _e998 = acc5_;
                                acc5_ = metal::fma(metal::float4(_e996), _e904, _e998);
                            }
                            float _e1004 = scores.inner[shares_1 + 6u];
                            if (_e1004 != -1.0) {
                                float _e1011 = scores.inner[shares_1 + 6u];
                                metal::float4 _e1013 = acc6_;
                                acc6_ = metal::fma(metal::float4(_e1011), _e904, _e1013);
                            }
                            float _e1019 = scores.inner[shares_1 + 7u];
                            if (_e1019 != -1.0) {
                                float _e1026 = scores.inner[shares_1 + 7u];
                                metal::float4 _e1028 = acc7_;
                                acc7_ = metal::fma(metal::float4(_e1026), _e904, _e1028);
                            }
                        }
                    }
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (quarter == 0u) {
        float _e1040 = l;
        factors.inner[row] = 1.0 / _e1040;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if ((my_rows + 0u) < rows) {
        metal::float4 _e1046 = acc0_;
        float _e1051 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1046 * _e1051;
        uint _e1055 = p.y;
        uint _e1062 = p.heads;
        uint _e1067 = p.head_dim;
        uint at_6 = (_e1055 + ((((((input + begin) + my_rows) + 0u) * _e1062) + head) * _e1067)) + column;
        uint _e1073 = p.head_dim;
        if (column < _e1073) {
            ys[at_6] = y_1.x;
        }
        uint _e1082 = p.head_dim;
        if ((column + 1u) < _e1082) {
            ys[at_6 + 1u] = y_1.y;
        }
        uint _e1093 = p.head_dim;
        if ((column + 2u) < _e1093) {
            ys[at_6 + 2u] = y_1.z;
        }
        uint _e1104 = p.head_dim;
        if ((column + 3u) < _e1104) {
            ys[at_6 + 3u] = y_1.w;
        }
    }
    if ((my_rows + 1u) < rows) {
        metal::float4 _e1114 = acc1_;
        float _e1119 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1114 * _e1119;
        uint _e1123 = p.y;
        uint _e1130 = p.heads;
        uint _e1135 = p.head_dim;
        uint at_7 = (_e1123 + ((((((input + begin) + my_rows) + 1u) * _e1130) + head) * _e1135)) + column;
        uint _e1141 = p.head_dim;
        if (column < _e1141) {
            ys[at_7] = y_2.x;
        }
        uint _e1150 = p.head_dim;
        if ((column + 1u) < _e1150) {
            ys[at_7 + 1u] = y_2.y;
        }
        uint _e1161 = p.head_dim;
        if ((column + 2u) < _e1161) {
            ys[at_7 + 2u] = y_2.z;
        }
        uint _e1172 = p.head_dim;
        if ((column + 3u) < _e1172) {
            ys[at_7 + 3u] = y_2.w;
        }
    }
    if ((my_rows + 2u) < rows) {
        metal::float4 _e1182 = acc2_;
        float _e1187 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1182 * _e1187;
        uint _e1191 = p.y;
        uint _e1198 = p.heads;
        uint _e1203 = p.head_dim;
        uint at_8 = (_e1191 + ((((((input + begin) + my_rows) + 2u) * _e1198) + head) * _e1203)) + column;
        uint _e1209 = p.head_dim;
        if (column < _e1209) {
            ys[at_8] = y_3.x;
        }
        uint _e1218 = p.head_dim;
        if ((column + 1u) < _e1218) {
            ys[at_8 + 1u] = y_3.y;
        }
        uint _e1229 = p.head_dim;
        if ((column + 2u) < _e1229) {
            ys[at_8 + 2u] = y_3.z;
        }
        uint _e1240 = p.head_dim;
        if ((column + 3u) < _e1240) {
            ys[at_8 + 3u] = y_3.w;
        }
    }
    if ((my_rows + 3u) < rows) {
        metal::float4 _e1250 = acc3_;
        float _e1255 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1250 * _e1255;
        uint _e1259 = p.y;
        uint _e1266 = p.heads;
        uint _e1271 = p.head_dim;
        uint at_9 = (_e1259 + ((((((input + begin) + my_rows) + 3u) * _e1266) + head) * _e1271)) + column;
        uint _e1277 = p.head_dim;
        if (column < _e1277) {
            ys[at_9] = y_4.x;
        }
        uint _e1286 = p.head_dim;
        if ((column + 1u) < _e1286) {
            ys[at_9 + 1u] = y_4.y;
        }
        uint _e1297 = p.head_dim;
        if ((column + 2u) < _e1297) {
            ys[at_9 + 2u] = y_4.z;
        }
        uint _e1308 = p.head_dim;
        if ((column + 3u) < _e1308) {
            ys[at_9 + 3u] = y_4.w;
        }
    }
    if ((my_rows + 4u) < rows) {
        metal::float4 _e1318 = acc4_;
        float _e1323 = factors.inner[my_rows + 4u];
        metal::float4 y_5 = _e1318 * _e1323;
        uint _e1327 = p.y;
        uint _e1334 = p.heads;
        uint _e1339 = p.head_dim;
        uint at_10 = (_e1327 + ((((((input + begin) + my_rows) + 4u) * _e1334) + head) * _e1339)) + column;
        uint _e1345 = p.head_dim;
        if (column < _e1345) {
            ys[at_10] = y_5.x;
        }
        uint _e1354 = p.head_dim;
        if ((column + 1u) < _e1354) {
            ys[at_10 + 1u] = y_5.y;
        }
        uint _e1365 = p.head_dim;
        if ((column + 2u) < _e1365) {
            ys[at_10 + 2u] = y_5.z;
        }
        uint _e1376 = p.head_dim;
        if ((column + 3u) < _e1376) {
            ys[at_10 + 3u] = y_5.w;
        }
    }
    if ((my_rows + 5u) < rows) {
        metal::float4 _e1386 = acc5_;
        float _e1391 = factors.inner[my_rows + 5u];
        metal::float4 y_6 = _e1386 * _e1391;
        uint _e1395 = p.y;
        uint _e1402 = p.heads;
        uint _e1407 = p.head_dim;
        uint at_11 = (_e1395 + ((((((input + begin) + my_rows) + 5u) * _e1402) + head) * _e1407)) + column;
        uint _e1413 = p.head_dim;
        if (column < _e1413) {
            ys[at_11] = y_6.x;
        }
        uint _e1422 = p.head_dim;
        if ((column + 1u) < _e1422) {
            ys[at_11 + 1u] = y_6.y;
        }
        uint _e1433 = p.head_dim;
        if ((column + 2u) < _e1433) {
            ys[at_11 + 2u] = y_6.z;
        }
        uint _e1444 = p.head_dim;
        if ((column + 3u) < _e1444) {
            ys[at_11 + 3u] = y_6.w;
        }
    }
    if ((my_rows + 6u) < rows) {
        metal::float4 _e1454 = acc6_;
        float _e1459 = factors.inner[my_rows + 6u];
        metal::float4 y_7 = _e1454 * _e1459;
        uint _e1463 = p.y;
        uint _e1470 = p.heads;
        uint _e1475 = p.head_dim;
        uint at_12 = (_e1463 + ((((((input + begin) + my_rows) + 6u) * _e1470) + head) * _e1475)) + column;
        uint _e1481 = p.head_dim;
        if (column < _e1481) {
            ys[at_12] = y_7.x;
        }
        uint _e1490 = p.head_dim;
        if ((column + 1u) < _e1490) {
            ys[at_12 + 1u] = y_7.y;
        }
        uint _e1501 = p.head_dim;
        if ((column + 2u) < _e1501) {
            ys[at_12 + 2u] = y_7.z;
        }
        uint _e1512 = p.head_dim;
        if ((column + 3u) < _e1512) {
            ys[at_12 + 3u] = y_7.w;
        }
    }
    if ((my_rows + 7u) < rows) {
        metal::float4 _e1522 = acc7_;
        float _e1527 = factors.inner[my_rows + 7u];
        metal::float4 y_8 = _e1522 * _e1527;
        uint _e1531 = p.y;
        uint _e1538 = p.heads;
        uint _e1543 = p.head_dim;
        uint at_13 = (_e1531 + ((((((input + begin) + my_rows) + 7u) * _e1538) + head) * _e1543)) + column;
        uint _e1549 = p.head_dim;
        if (column < _e1549) {
            ys[at_13] = y_8.x;
        }
        uint _e1558 = p.head_dim;
        if ((column + 1u) < _e1558) {
            ys[at_13 + 1u] = y_8.y;
        }
        uint _e1569 = p.head_dim;
        if ((column + 2u) < _e1569) {
            ys[at_13 + 2u] = y_8.z;
        }
        uint _e1580 = p.head_dim;
        if ((column + 3u) < _e1580) {
            ys[at_13 + 3u] = y_8.w;
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
