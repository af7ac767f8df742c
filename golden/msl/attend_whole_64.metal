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
    uint tile = {};
    bool local = {};
    float s00_ = {};
    float s10_ = {};
    float s20_ = {};
    float s30_ = {};
    bool local_1 = {};
    float s01_ = {};
    float s11_ = {};
    float s21_ = {};
    float s31_ = {};
    bool local_2 = {};
    float s02_ = {};
    float s12_ = {};
    float s22_ = {};
    float s32_ = {};
    bool local_3 = {};
    float s03_ = {};
    float s13_ = {};
    float s23_ = {};
    float s33_ = {};
    uint d = {};
    uint i = {};
    metal::float4 v = {};
    uint i_1 = {};
    metal::float4 v_1 = {};
    bool local_4 = {};
    uint w = {};
    float highest = {};
    uint t = {};
    bool local_5 = {};
    bool local_6 = {};
    float s = {};
    float sum = {};
    uint t_1 = {};
    float share = {};
    bool local_7 = {};
    bool local_8 = {};
    bool local_9 = {};
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
    uint my_rows = (lid / 16u) * 4u;
    uint _e79 = p.pieces;
    uint column = (((group.x % _e79) * 16u) + (lid % 16u)) * 4u;
    tile = _e55 / 64u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e950 = tile;
            tile = _e950 + 1u;
        }
        loop_init = false;
        uint _e107 = tile;
        if (_e107 <= (_e56 / 64u)) {
        } else {
            break;
        }
        {
            uint _e111 = tile;
            uint base = _e111 * 64u;
            if ((base + 0u) <= _e56) {
                local = ((base + 0u) + 15u) >= _e55;
            } else {
                local = false;
            }
            bool is_seen0_ = local;
            s00_ = 0.0;
            s10_ = 0.0;
            s20_ = 0.0;
            s30_ = 0.0;
            if ((base + 16u) <= _e56) {
                local_1 = ((base + 16u) + 15u) >= _e55;
            } else {
                local_1 = false;
            }
            bool is_seen1_ = local_1;
            s01_ = 0.0;
            s11_ = 0.0;
            s21_ = 0.0;
            s31_ = 0.0;
            if ((base + 32u) <= _e56) {
                local_2 = ((base + 32u) + 15u) >= _e55;
            } else {
                local_2 = false;
            }
            bool is_seen2_ = local_2;
            s02_ = 0.0;
            s12_ = 0.0;
            s22_ = 0.0;
            s32_ = 0.0;
            if ((base + 48u) <= _e56) {
                local_3 = ((base + 48u) + 15u) >= _e55;
            } else {
                local_3 = false;
            }
            bool is_seen3_ = local_3;
            s03_ = 0.0;
            s13_ = 0.0;
            s23_ = 0.0;
            s33_ = 0.0;
            d = 0u;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e411 = d;
                    d = _e411 + 32u;
                }
                loop_init_1 = false;
                uint _e196 = d;
                uint _e199 = p.head_dim;
                if (_e196 < _e199) {
                } else {
                    break;
                }
                {
                    i = lid;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e242 = i;
                            i = _e242 + 64u;
                        }
                        loop_init_2 = false;
                        uint _e202 = i;
                        if (_e202 < 128u) {
                        } else {
                            break;
                        }
                        {
                            v = metal::float4(0.0);
                            uint _e208 = i;
                            if ((_e208 / 8u) < rows) {
                                uint _e213 = i;
                                uint _e219 = p.heads;
                                uint _e224 = p.head_dim;
                                uint at_3 = ((((input + begin) + (_e213 / 8u)) * _e219) + head) * _e224;
                                uint _e228 = p.q;
                                uint _e230 = d;
                                uint _e231 = i;
                                metal::float4 _e237 = xs_at(_e228 + at_3, _e230 + ((_e231 % 8u) * 4u), xs, p, _buffer_sizes);
                                v = _e237;
                            }
                            uint _e239 = i;
                            metal::float4 _e241 = v;
                            queries.inner[_e239] = _e241;
                        }
                    }
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e296 = i_1;
                            i_1 = _e296 + 64u;
                        }
                        loop_init_3 = false;
                        uint _e246 = i_1;
                        if (_e246 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e249 = i_1;
                            uint key_2 = base + (_e249 / 8u);
                            v_1 = metal::float4(0.0);
                            if (key_2 >= _e55) {
                                local_4 = key_2 <= _e56;
                            } else {
                                local_4 = false;
                            }
                            bool _e261 = local_4;
                            if (_e261) {
                                uint _e265 = p.kv_heads;
                                uint _e270 = p.head_dim;
                                uint at_4 = (((input + key_2) * _e265) + kv_head) * _e270;
                                uint _e274 = p.k;
                                uint _e276 = d;
                                uint _e277 = i_1;
                                metal::float4 _e283 = us_at(_e274 + at_4, _e276 + ((_e277 % 8u) * 4u), us, p, _buffer_sizes);
                                v_1 = _e283;
                            }
                            uint _e285 = i_1;
                            uint _e290 = i_1;
                            metal::float4 _e295 = v_1;
                            keys.inner[((_e285 / 8u) * 9u) + (_e290 % 8u)] = _e295;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    w = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e409 = w;
                            w = _e409 + 1u;
                        }
                        loop_init_4 = false;
                        uint _e301 = w;
                        if (_e301 < 8u) {
                        } else {
                            break;
                        }
                        {
                            uint _e309 = w;
                            metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e309];
                            uint _e318 = w;
                            metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e318];
                            uint _e327 = w;
                            metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e327];
                            uint _e336 = w;
                            metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e336];
                            if (is_seen0_) {
                                uint _e345 = w;
                                metal::float4 k = keys.inner[((some_keys + 0u) * 9u) + _e345];
                                float _e349 = s00_;
                                float _e350 = add_dot(q0_, k, _e349);
                                s00_ = _e350;
                                float _e351 = s10_;
                                float _e352 = add_dot(q1_, k, _e351);
                                s10_ = _e352;
                                float _e353 = s20_;
                                float _e354 = add_dot(q2_, k, _e353);
                                s20_ = _e354;
                                float _e355 = s30_;
                                float _e356 = add_dot(q3_, k, _e355);
                                s30_ = _e356;
                            }
                            if (is_seen1_) {
                                uint _e362 = w;
                                metal::float4 k_1 = keys.inner[((some_keys + 16u) * 9u) + _e362];
                                float _e366 = s01_;
                                float _e367 = add_dot(q0_, k_1, _e366);
                                s01_ = _e367;
                                float _e368 = s11_;
                                float _e369 = add_dot(q1_, k_1, _e368);
                                s11_ = _e369;
                                float _e370 = s21_;
                                float _e371 = add_dot(q2_, k_1, _e370);
                                s21_ = _e371;
                                float _e372 = s31_;
                                float _e373 = add_dot(q3_, k_1, _e372);
                                s31_ = _e373;
                            }
                            if (is_seen2_) {
                                uint _e379 = w;
                                metal::float4 k_2 = keys.inner[((some_keys + 32u) * 9u) + _e379];
                                float _e383 = s02_;
                                float _e384 = add_dot(q0_, k_2, _e383);
                                s02_ = _e384;
                                float _e385 = s12_;
                                float _e386 = add_dot(q1_, k_2, _e385);
                                s12_ = _e386;
                                float _e387 = s22_;
                                float _e388 = add_dot(q2_, k_2, _e387);
                                s22_ = _e388;
                                float _e389 = s32_;
                                float _e390 = add_dot(q3_, k_2, _e389);
                                s32_ = _e390;
                            }
                            if (is_seen3_) {
                                uint _e396 = w;
                                metal::float4 k_3 = keys.inner[((some_keys + 48u) * 9u) + _e396];
                                float _e400 = s03_;
                                float _e401 = add_dot(q0_, k_3, _e400);
                                s03_ = _e401;
                                float _e402 = s13_;
                                float _e403 = add_dot(q1_, k_3, _e402);
                                s13_ = _e403;
                                float _e404 = s23_;
                                float _e405 = add_dot(q2_, k_3, _e404);
                                s23_ = _e405;
                                float _e406 = s33_;
                                float _e407 = add_dot(q3_, k_3, _e406);
                                s33_ = _e407;
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            float _e423 = s00_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e423;
            float _e433 = s01_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e433;
            float _e443 = s02_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e443;
            float _e453 = s03_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e453;
            float _e463 = s10_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e463;
            float _e473 = s11_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e473;
            float _e483 = s12_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e483;
            float _e493 = s13_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e493;
            float _e503 = s20_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e503;
            float _e513 = s21_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e513;
            float _e523 = s22_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e523;
            float _e533 = s23_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e533;
            float _e543 = s30_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e543;
            float _e553 = s31_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e553;
            float _e563 = s32_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e563;
            float _e573 = s33_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e573;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e574 = m;
            highest = _e574;
            t = quarter * 16u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e655 = t;
                    t = _e655 + 1u;
                }
                loop_init_5 = false;
                uint _e579 = t;
                if (_e579 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e585 = t;
                    uint key_3 = base + _e585;
                    if (row < rows) {
                        local_5 = key_3 >= _e70;
                    } else {
                        local_5 = false;
                    }
                    bool _e592 = local_5;
                    if (_e592) {
                        local_6 = key_3 <= _e71;
                    } else {
                        local_6 = false;
                    }
                    bool _e597 = local_6;
                    if (_e597) {
                        uint _e599 = t;
                        float _e604 = scores.inner[(_e599 * 16u) + row];
                        float _e607 = p.scale;
                        s = _e604 * _e607;
                        float _e612 = p.cap;
                        if (_e612 > 0.0) {
                            float _e617 = p.cap;
                            float _e618 = s;
                            float _e621 = p.cap;
                            float _e623 = tanh(_e618 / _e621);
                            s = _e617 * _e623;
                        }
                        uint _e627 = p.slopes;
                        if (_e627 != NONE) {
                            uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                            uint _e636 = p.slopes;
                            float _e639 = vectors[_e636 + head];
                            float _e642 = s;
                            s = metal::fma(_e639, -(static_cast<float>(distance)), _e642);
                        }
                        uint _e645 = t;
                        float _e650 = s;
                        scores.inner[(_e645 * 16u) + row] = _e650;
                        float _e651 = highest;
                        float _e652 = s;
                        highest = metal::max(_e651, _e652);
                    }
                }
            }
            float _e659 = highest;
            parts.inner[lid] = _e659;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e662 = parts.inner[row];
            float _e667 = parts.inner[row + 16u];
            float _e673 = parts.inner[row + 32u];
            float _e678 = parts.inner[row + 48u];
            highest = metal::max(metal::max(_e662, _e667), metal::max(_e673, _e678));
            sum = 0.0;
            t_1 = quarter * 16u;
            bool loop_init_6 = true;
            while(true) {
                if (!loop_init_6) {
                    uint _e728 = t_1;
                    t_1 = _e728 + 1u;
                }
                loop_init_6 = false;
                uint _e686 = t_1;
                if (_e686 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e692 = t_1;
                    uint key_4 = base + _e692;
                    share = -1.0;
                    if (row < rows) {
                        local_7 = key_4 >= _e70;
                    } else {
                        local_7 = false;
                    }
                    bool _e701 = local_7;
                    if (_e701) {
                        local_8 = key_4 <= _e71;
                    } else {
                        local_8 = false;
                    }
                    bool _e706 = local_8;
                    if (_e706) {
                        uint _e708 = t_1;
                        float _e713 = scores.inner[(_e708 * 16u) + row];
                        float _e714 = highest;
                        float _e716 = exp(_e713 - _e714);
                        share = _e716;
                        float _e717 = sum;
                        float _e718 = share;
                        sum = _e717 + _e718;
                    }
                    uint _e721 = t_1;
                    float _e726 = share;
                    scores.inner[(_e721 * 16u) + row] = _e726;
                }
            }
            float _e730 = m;
            float _e731 = highest;
            float _e733 = exp(_e730 - _e731);
            if (quarter == 0u) {
                factors.inner[row] = _e733;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e740 = sum;
            parts.inner[lid] = _e740;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e741 = l;
            float _e744 = parts.inner[row];
            float _e749 = parts.inner[row + 16u];
            float _e755 = parts.inner[row + 32u];
            float _e760 = parts.inner[row + 48u];
            l = metal::fma(_e741, _e733, (_e744 + _e749) + (_e755 + _e760));
            float _e764 = highest;
            m = _e764;
            metal::float4 _e765 = acc0_;
            float _e770 = factors.inner[my_rows + 0u];
            acc0_ = _e765 * _e770;
            metal::float4 _e772 = acc1_;
            float _e777 = factors.inner[my_rows + 1u];
            acc1_ = _e772 * _e777;
            metal::float4 _e779 = acc2_;
            float _e784 = factors.inner[my_rows + 2u];
            acc2_ = _e779 * _e784;
            metal::float4 _e786 = acc3_;
            float _e791 = factors.inner[my_rows + 3u];
            acc3_ = _e786 * _e791;
            uint _e795 = p.head_dim;
            if (column < _e795) {
                uint from = metal::max(_e55, base);
                uint to = metal::min(_e56, base + 63u);
                uint _e803 = p.v;
                uint _e806 = p.kv_heads;
                uint _e811 = p.head_dim;
                uint at_5 = _e803 + (((input * _e806) + kv_head) * _e811);
                uint _e816 = p.kv_heads;
                uint _e819 = p.head_dim;
                uint stride = _e816 * _e819;
                if (_e57 <= from) {
                    local_9 = to <= _e58;
                } else {
                    local_9 = false;
                }
                bool _e826 = local_9;
                if (_e826) {
                    key = from;
                    bool loop_init_7 = true;
                    while(true) {
                        if (!loop_init_7) {
                            uint _e872 = key;
                            key = _e872 + 1u;
                        }
                        loop_init_7 = false;
                        uint _e828 = key;
                        if (_e828 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e830 = key;
                            metal::float4 _e833 = vs_at(at_5 + (_e830 * stride), column, vs, p, _buffer_sizes);
                            uint _e834 = key;
                            uint shares = ((_e834 - base) * 16u) + my_rows;
                            float _e843 = scores.inner[shares + 0u];
                            metal::float4 _e845 = acc0_;
                            acc0_ = metal::fma(metal::float4(_e843), _e833, _e845);
                            float _e851 = scores.inner[shares + 1u];
                            metal::float4 _e853 = acc1_;
                            acc1_ = metal::fma(metal::float4(_e851), _e833, _e853);
                            float _e859 = scores.inner[shares + 2u];
                            metal::float4 _e861 = acc2_;
                            acc2_ = metal::fma(metal::float4(_e859), _e833, _e861);
                            float _e867 = scores.inner[shares + 3u];
                            metal::float4 _e869 = acc3_;
                            acc3_ = metal::fma(metal::float4(_e867), _e833, _e869);
                        }
                    }
                } else {
                    key_1 = from;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e947 = key_1;
                            key_1 = _e947 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e875 = key_1;
                        if (_e875 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e877 = key_1;
                            metal::float4 _e880 = vs_at(at_5 + (_e877 * stride), column, vs, p, _buffer_sizes);
                            uint _e881 = key_1;
                            uint shares_1 = ((_e881 - base) * 16u) + my_rows;
                            float _e890 = scores.inner[shares_1 + 0u];
                            if (_e890 != -1.0) {
                                float _e897 = scores.inner[shares_1 + 0u];
                                metal::float4 _e899 = acc0_;
                                acc0_ = metal::fma(metal::float4(_e897), _e880, _e899);
                            }
                            float _e905 = scores.inner[shares_1 + 1u];
                            if (_e905 != -1.0) {
                                float _e912 = scores.inner[shares_1 + 1u];
                                metal::float4 _e914 = acc1_;
                                acc1_ = metal::fma(metal::float4(_e912), _e880, _e914);
                            }
                            float _e920 = scores.inner[shares_1 + 2u];
                            if (_e920 != -1.0) {
                                float _e927 = scores.inner[shares_1 + 2u];
                                metal::float4 _e929 = acc2_;
                                acc2_ = metal::fma(metal::float4(_e927), _e880, _e929);
                            }
                            float _e935 = scores.inner[shares_1 + 3u];
                            if (_e935 != -1.0) {
                                float _e942 = scores.inner[shares_1 + 3u];
                                metal::float4 _e944 = acc3_;
                                acc3_ = metal::fma(metal::float4(_e942), _e880, _e944);
                            }
                        }
                    }
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (quarter == 0u) {
        float _e956 = l;
        factors.inner[row] = 1.0 / _e956;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if ((my_rows + 0u) < rows) {
        metal::float4 _e962 = acc0_;
        float _e967 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e962 * _e967;
        uint _e971 = p.y;
        uint _e978 = p.heads;
        uint _e983 = p.head_dim;
        uint at_6 = (_e971 + ((((((input + begin) + my_rows) + 0u) * _e978) + head) * _e983)) + column;
        uint _e989 = p.head_dim;
        if (column < _e989) {
            ys[at_6] = y_1.x;
        }
        uint _e998 = p.head_dim;
        if ((column + 1u) < _e998) {
            ys[at_6 + 1u] = y_1.y;
        }
        uint _e1009 = p.head_dim;
        if ((column + 2u) < _e1009) {
            ys[at_6 + 2u] = y_1.z;
        }
        uint _e1020 = p.head_dim;
        if ((column + 3u) < _e1020) {
            ys[at_6 + 3u] = y_1.w;
        }
    }
    if ((my_rows + 1u) < rows) {
        metal::float4 _e1030 = acc1_;
        float _e1035 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1030 * _e1035;
        uint _e1039 = p.y;
        uint _e1046 = p.heads;
        uint _e1051 = p.head_dim;
        uint at_7 = (_e1039 + ((((((input + begin) + my_rows) + 1u) * _e1046) + head) * _e1051)) + column;
        uint _e1057 = p.head_dim;
        if (column < _e1057) {
            ys[at_7] = y_2.x;
        }
        uint _e1066 = p.head_dim;
        if ((column + 1u) < _e1066) {
            ys[at_7 + 1u] = y_2.y;
        }
        uint _e1077 = p.head_dim;
        if ((column + 2u) < _e1077) {
            ys[at_7 + 2u] = y_2.z;
        }
        uint _e1088 = p.head_dim;
        if ((column + 3u) < _e1088) {
            ys[at_7 + 3u] = y_2.w;
        }
    }
    if ((my_rows + 2u) < rows) {
        metal::float4 _e1098 = acc2_;
        float _e1103 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1098 * _e1103;
        uint _e1107 = p.y;
        uint _e1114 = p.heads;
        uint _e1119 = p.head_dim;
        uint at_8 = (_e1107 + ((((((input + begin) + my_rows) + 2u) * _e1114) + head) * _e1119)) + column;
        uint _e1125 = p.head_dim;
        if (column < _e1125) {
            ys[at_8] = y_3.x;
        }
        uint _e1134 = p.head_dim;
        if ((column + 1u) < _e1134) {
            ys[at_8 + 1u] = y_3.y;
        }
        uint _e1145 = p.head_dim;
        if ((column + 2u) < _e1145) {
            ys[at_8 + 2u] = y_3.z;
        }
        uint _e1156 = p.head_dim;
        if ((column + 3u) < _e1156) {
            ys[at_8 + 3u] = y_3.w;
        }
    }
    if ((my_rows + 3u) < rows) {
        metal::float4 _e1166 = acc3_;
        float _e1171 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1166 * _e1171;
        uint _e1175 = p.y;
        uint _e1182 = p.heads;
        uint _e1187 = p.head_dim;
        uint at_9 = (_e1175 + ((((((input + begin) + my_rows) + 3u) * _e1182) + head) * _e1187)) + column;
        uint _e1193 = p.head_dim;
        if (column < _e1193) {
            ys[at_9] = y_4.x;
        }
        uint _e1202 = p.head_dim;
        if ((column + 1u) < _e1202) {
            ys[at_9 + 1u] = y_4.y;
        }
        uint _e1213 = p.head_dim;
        if ((column + 2u) < _e1213) {
            ys[at_9 + 2u] = y_4.z;
        }
        uint _e1224 = p.head_dim;
        if ((column + 3u) < _e1224) {
            ys[at_9 + 3u] = y_4.w;
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
