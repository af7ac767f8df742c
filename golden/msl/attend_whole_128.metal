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
    uint my_rows = (lid / 32u) * 8u;
    uint _e79 = p.pieces;
    uint column = (((group.x % _e79) * 32u) + (lid % 32u)) * 4u;
    tile = _e55 / 64u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e1082 = tile;
            tile = _e1082 + 1u;
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
                    uint _e423 = d;
                    d = _e423 + 32u;
                }
                loop_init_1 = false;
                uint _e208 = d;
                uint _e211 = p.head_dim;
                if (_e208 < _e211) {
                } else {
                    break;
                }
                {
                    i = lid;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e254 = i;
                            i = _e254 + 64u;
                        }
                        loop_init_2 = false;
                        uint _e214 = i;
                        if (_e214 < 128u) {
                        } else {
                            break;
                        }
                        {
                            v = metal::float4(0.0);
                            uint _e220 = i;
                            if ((_e220 / 8u) < rows) {
                                uint _e225 = i;
                                uint _e231 = p.heads;
                                uint _e236 = p.head_dim;
                                uint at_3 = ((((input + begin) + (_e225 / 8u)) * _e231) + head) * _e236;
                                uint _e240 = p.q;
                                uint _e242 = d;
                                uint _e243 = i;
                                metal::float4 _e249 = xs_at(_e240 + at_3, _e242 + ((_e243 % 8u) * 4u), xs, p, _buffer_sizes);
                                v = _e249;
                            }
                            uint _e251 = i;
                            metal::float4 _e253 = v;
                            queries.inner[_e251] = _e253;
                        }
                    }
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e308 = i_1;
                            i_1 = _e308 + 64u;
                        }
                        loop_init_3 = false;
                        uint _e258 = i_1;
                        if (_e258 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e261 = i_1;
                            uint key_2 = base + (_e261 / 8u);
                            v_1 = metal::float4(0.0);
                            if (key_2 >= _e55) {
                                local_4 = key_2 <= _e56;
                            } else {
                                local_4 = false;
                            }
                            bool _e273 = local_4;
                            if (_e273) {
                                uint _e277 = p.kv_heads;
                                uint _e282 = p.head_dim;
                                uint at_4 = (((input + key_2) * _e277) + kv_head) * _e282;
                                uint _e286 = p.k;
                                uint _e288 = d;
                                uint _e289 = i_1;
                                metal::float4 _e295 = us_at(_e286 + at_4, _e288 + ((_e289 % 8u) * 4u), us, p, _buffer_sizes);
                                v_1 = _e295;
                            }
                            uint _e297 = i_1;
                            uint _e302 = i_1;
                            metal::float4 _e307 = v_1;
                            keys.inner[((_e297 / 8u) * 9u) + (_e302 % 8u)] = _e307;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    w = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e421 = w;
                            w = _e421 + 1u;
                        }
                        loop_init_4 = false;
                        uint _e313 = w;
                        if (_e313 < 8u) {
                        } else {
                            break;
                        }
                        {
                            uint _e321 = w;
                            metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e321];
                            uint _e330 = w;
                            metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e330];
                            uint _e339 = w;
                            metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e339];
                            uint _e348 = w;
                            metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e348];
                            if (is_seen0_) {
                                uint _e357 = w;
                                metal::float4 k = keys.inner[((some_keys + 0u) * 9u) + _e357];
                                float _e361 = s00_;
                                float _e362 = add_dot(q0_, k, _e361);
                                s00_ = _e362;
                                float _e363 = s10_;
                                float _e364 = add_dot(q1_, k, _e363);
                                s10_ = _e364;
                                float _e365 = s20_;
                                float _e366 = add_dot(q2_, k, _e365);
                                s20_ = _e366;
                                float _e367 = s30_;
                                float _e368 = add_dot(q3_, k, _e367);
                                s30_ = _e368;
                            }
                            if (is_seen1_) {
                                uint _e374 = w;
                                metal::float4 k_1 = keys.inner[((some_keys + 16u) * 9u) + _e374];
                                float _e378 = s01_;
                                float _e379 = add_dot(q0_, k_1, _e378);
                                s01_ = _e379;
                                float _e380 = s11_;
                                float _e381 = add_dot(q1_, k_1, _e380);
                                s11_ = _e381;
                                float _e382 = s21_;
                                float _e383 = add_dot(q2_, k_1, _e382);
                                s21_ = _e383;
                                float _e384 = s31_;
                                float _e385 = add_dot(q3_, k_1, _e384);
                                s31_ = _e385;
                            }
                            if (is_seen2_) {
                                uint _e391 = w;
                                metal::float4 k_2 = keys.inner[((some_keys + 32u) * 9u) + _e391];
                                float _e395 = s02_;
                                float _e396 = add_dot(q0_, k_2, _e395);
                                s02_ = _e396;
                                float _e397 = s12_;
                                float _e398 = add_dot(q1_, k_2, _e397);
                                s12_ = _e398;
                                float _e399 = s22_;
                                float _e400 = add_dot(q2_, k_2, _e399);
                                s22_ = _e400;
                                float _e401 = s32_;
                                float _e402 = add_dot(q3_, k_2, _e401);
                                s32_ = _e402;
                            }
                            if (is_seen3_) {
                                uint _e408 = w;
                                metal::float4 k_3 = keys.inner[((some_keys + 48u) * 9u) + _e408];
                                float _e412 = s03_;
                                float _e413 = add_dot(q0_, k_3, _e412);
                                s03_ = _e413;
                                float _e414 = s13_;
                                float _e415 = add_dot(q1_, k_3, _e414);
                                s13_ = _e415;
                                float _e416 = s23_;
                                float _e417 = add_dot(q2_, k_3, _e416);
                                s23_ = _e417;
                                float _e418 = s33_;
                                float _e419 = add_dot(q3_, k_3, _e418);
                                s33_ = _e419;
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            float _e435 = s00_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e435;
            float _e445 = s01_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e445;
            float _e455 = s02_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e455;
            float _e465 = s03_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e465;
            float _e475 = s10_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e475;
            float _e485 = s11_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e485;
            float _e495 = s12_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e495;
            float _e505 = s13_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e505;
            float _e515 = s20_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e515;
            float _e525 = s21_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e525;
            float _e535 = s22_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e535;
            float _e545 = s23_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e545;
            float _e555 = s30_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e555;
            float _e565 = s31_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e565;
            float _e575 = s32_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e575;
            float _e585 = s33_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e585;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e586 = m;
            highest = _e586;
            t = quarter * 16u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e667 = t;
                    t = _e667 + 1u;
                }
                loop_init_5 = false;
                uint _e591 = t;
                if (_e591 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e597 = t;
                    uint key_3 = base + _e597;
                    if (row < rows) {
                        local_5 = key_3 >= _e70;
                    } else {
                        local_5 = false;
                    }
                    bool _e604 = local_5;
                    if (_e604) {
                        local_6 = key_3 <= _e71;
                    } else {
                        local_6 = false;
                    }
                    bool _e609 = local_6;
                    if (_e609) {
                        uint _e611 = t;
                        float _e616 = scores.inner[(_e611 * 16u) + row];
                        float _e619 = p.scale;
                        s = _e616 * _e619;
                        float _e624 = p.cap;
                        if (_e624 > 0.0) {
                            float _e629 = p.cap;
                            float _e630 = s;
                            float _e633 = p.cap;
                            float _e635 = tanh(_e630 / _e633);
                            s = _e629 * _e635;
                        }
                        uint _e639 = p.slopes;
                        if (_e639 != NONE) {
                            uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                            uint _e648 = p.slopes;
                            float _e651 = vectors[_e648 + head];
                            float _e654 = s;
                            s = metal::fma(_e651, -(static_cast<float>(distance)), _e654);
                        }
                        uint _e657 = t;
                        float _e662 = s;
                        scores.inner[(_e657 * 16u) + row] = _e662;
                        float _e663 = highest;
                        float _e664 = s;
                        highest = metal::max(_e663, _e664);
                    }
                }
            }
            float _e671 = highest;
            parts.inner[lid] = _e671;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e674 = parts.inner[row];
            float _e679 = parts.inner[row + 16u];
            float _e685 = parts.inner[row + 32u];
            float _e690 = parts.inner[row + 48u];
            highest = metal::max(metal::max(_e674, _e679), metal::max(_e685, _e690));
            sum = 0.0;
            t_1 = quarter * 16u;
            bool loop_init_6 = true;
            while(true) {
                if (!loop_init_6) {
                    uint _e740 = t_1;
                    t_1 = _e740 + 1u;
                }
                loop_init_6 = false;
                uint _e698 = t_1;
                if (_e698 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e704 = t_1;
                    uint key_4 = base + _e704;
                    share = -1.0;
                    if (row < rows) {
                        local_7 = key_4 >= _e70;
                    } else {
                        local_7 = false;
                    }
                    bool _e713 = local_7;
                    if (_e713) {
                        local_8 = key_4 <= _e71;
                    } else {
                        local_8 = false;
                    }
                    bool _e718 = local_8;
                    if (_e718) {
                        uint _e720 = t_1;
                        float _e725 = scores.inner[(_e720 * 16u) + row];
                        float _e726 = highest;
                        float _e728 = exp(_e725 - _e726);
                        share = _e728;
                        float _e729 = sum;
                        float _e730 = share;
                        sum = _e729 + _e730;
                    }
                    uint _e733 = t_1;
                    float _e738 = share;
                    scores.inner[(_e733 * 16u) + row] = _e738;
                }
            }
            float _e742 = m;
            float _e743 = highest;
            float _e745 = exp(_e742 - _e743);
            if (quarter == 0u) {
                factors.inner[row] = _e745;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e752 = sum;
            parts.inner[lid] = _e752;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e753 = l;
            float _e756 = parts.inner[row];
            float _e761 = parts.inner[row + 16u];
            float _e767 = parts.inner[row + 32u];
            float _e772 = parts.inner[row + 48u];
            l = metal::fma(_e753, _e745, (_e756 + _e761) + (_e767 + _e772));
            float _e776 = highest;
            m = _e776;
            metal::float4 _e777 = acc0_;
            float _e782 = factors.inner[my_rows + 0u];
            acc0_ = _e777 * _e782;
            metal::float4 _e784 = acc1_;
            float _e789 = factors.inner[my_rows + 1u];
            acc1_ = _e784 * _e789;
            metal::float4 _e791 = acc2_;
            float _e796 = factors.inner[my_rows + 2u];
            acc2_ = _e791 * _e796;
            metal::float4 _e798 = acc3_;
            float _e803 = factors.inner[my_rows + 3u];
            acc3_ = _e798 * _e803;
            metal::float4 _e805 = acc4_;
            float _e810 = factors.inner[my_rows + 4u];
            acc4_ = _e805 * _e810;
            metal::float4 _e812 = acc5_;
            float _e817 = factors.inner[my_rows + 5u];
            acc5_ = _e812 * _e817;
            metal::float4 _e819 = acc6_;
            float _e824 = factors.inner[my_rows + 6u];
            acc6_ = _e819 * _e824;
            metal::float4 _e826 = acc7_;
            float _e831 = factors.inner[my_rows + 7u];
            acc7_ = _e826 * _e831;
            uint _e835 = p.head_dim;
            if (column < _e835) {
                uint from = metal::max(_e55, base);
                uint to = metal::min(_e56, base + 63u);
                uint _e843 = p.v;
                uint _e846 = p.kv_heads;
                uint _e851 = p.head_dim;
                uint at_5 = _e843 + (((input * _e846) + kv_head) * _e851);
                uint _e856 = p.kv_heads;
                uint _e859 = p.head_dim;
                uint stride = _e856 * _e859;
                if (_e57 <= from) {
                    local_9 = to <= _e58;
                } else {
                    local_9 = false;
                }
                bool _e866 = local_9;
                if (_e866) {
                    key = from;
                    bool loop_init_7 = true;
                    while(true) {
                        if (!loop_init_7) {
                            uint _e944 = key;
                            key = _e944 + 1u;
                        }
                        loop_init_7 = false;
                        uint _e868 = key;
                        if (_e868 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e870 = key;
                            metal::float4 _e873 = vs_at(at_5 + (_e870 * stride), column, vs, p, _buffer_sizes);
                            uint _e874 = key;
                            uint shares = ((_e874 - base) * 16u) + my_rows;
                            float _e883 = scores.inner[shares + 0u];
                            metal::float4 _e885 = acc0_;
                            acc0_ = metal::fma(metal::float4(_e883), _e873, _e885);
                            float _e891 = scores.inner[shares + 1u];
                            metal::float4 _e893 = acc1_;
                            acc1_ = metal::fma(metal::float4(_e891), _e873, _e893);
                            float _e899 = scores.inner[shares + 2u];
                            metal::float4 _e901 = acc2_;
                            acc2_ = metal::fma(metal::float4(_e899), _e873, _e901);
                            float _e907 = scores.inner[shares + 3u];
                            metal::float4 _e909 = acc3_;
                            acc3_ = metal::fma(metal::float4(_e907), _e873, _e909);
                            float _e915 = scores.inner[shares + 4u];
                            metal::float4 _e917 = acc4_;
                            acc4_ = metal::fma(metal::float4(_e915), _e873, _e917);
                            float _e923 = scores.inner[shares + 5u];
                            metal::float4 _e925 = acc5_;
                            acc5_ = metal::fma(metal::float4(_e923), _e873, _e925);
                            float _e931 = scores.inner[shares + 6u];
                            metal::float4 _e933 = acc6_;
                            acc6_ = metal::fma(metal::float4(_e931), _e873, _e933);
                            float _e939 = scores.inner[shares + 7u];
                            metal::float4 _e941 = acc7_;
                            acc7_ = metal::fma(metal::float4(_e939), _e873, _e941);
                        }
                    }
                } else {
                    key_1 = from;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e1079 = key_1;
                            key_1 = _e1079 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e947 = key_1;
                        if (_e947 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e949 = key_1;
                            metal::float4 _e952 = vs_at(at_5 + (_e949 * stride), column, vs, p, _buffer_sizes);
                            uint _e953 = key_1;
                            uint shares_1 = ((_e953 - base) * 16u) + my_rows;
                            float _e962 = scores.inner[shares_1 + 0u];
                            if (_e962 != -1.0) {
                                float _e969 = scores.inner[shares_1 + 0u];
                                metal::float4 _e971 = acc0_;
                                acc0_ = metal::fma(metal::float4(_e969), _e952, _e971);
                            }
                            float _e977 = scores.inner[shares_1 + 1u];
                            if (_e977 != -1.0) {
                                float _e984 = scores.inner[shares_1 + 1u];
                                metal::float4 _e986 = acc1_;
                                acc1_ = metal::fma(metal::float4(_e984), _e952, _e986);
                            }
                            float _e992 = scores.inner[shares_1 + 2u];
                            if (_e992 != -1.0) {
                                float _e999 = scores.inner[shares_1 + 2u];
                                metal::float4 _e1001 = acc2_;
                                acc2_ = metal::fma(metal::float4(_e999), _e952, _e1001);
                            }
                            float _e1007 = scores.inner[shares_1 + 3u];
                            if (_e1007 != -1.0) {
                                float _e1014 = scores.inner[shares_1 + 3u];
                                metal::float4 _e1016 = acc3_;
                                acc3_ = metal::fma(metal::float4(_e1014), _e952, _e1016);
                            }
                            float _e1022 = scores.inner[shares_1 + 4u];
                            if (_e1022 != -1.0) {
                                float _e1029 = scores.inner[shares_1 + 4u];
                                metal::float4 _e1031 = acc4_;
                                acc4_ = metal::fma(metal::float4(_e1029), _e952, _e1031);
                            }
                            float _e1037 = scores.inner[shares_1 + 5u];
                            if (_e1037 != -1.0) {
                                float _e1044 = scores.inner[shares_1 + 5u];
                                metal::float4 _e1046 = acc5_;
                                acc5_ = metal::fma(metal::float4(_e1044), _e952, _e1046);
                            }
                            float _e1052 = scores.inner[shares_1 + 6u];
                            if (_e1052 != -1.0) {
                                float _e1059 = scores.inner[shares_1 + 6u];
                                metal::float4 _e1061 = acc6_;
                                acc6_ = metal::fma(metal::float4(_e1059), _e952, _e1061);
                            }
                            float _e1067 = scores.inner[shares_1 + 7u];
                            if (_e1067 != -1.0) {
                                float _e1074 = scores.inner[shares_1 + 7u];
                                metal::float4 _e1076 = acc7_;
                                acc7_ = metal::fma(metal::float4(_e1074), _e952, _e1076);
                            }
                        }
                    }
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (quarter == 0u) {
        float _e1088 = l;
        factors.inner[row] = 1.0 / _e1088;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if ((my_rows + 0u) < rows) {
        metal::float4 _e1094 = acc0_;
        float _e1099 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1094 * _e1099;
        uint _e1103 = p.y;
        uint _e1110 = p.heads;
        uint _e1115 = p.head_dim;
        uint at_6 = (_e1103 + ((((((input + begin) + my_rows) + 0u) * _e1110) + head) * _e1115)) + column;
        uint _e1121 = p.head_dim;
        if (column < _e1121) {
            ys[at_6] = y_1.x;
        }
        uint _e1130 = p.head_dim;
        if ((column + 1u) < _e1130) {
            ys[at_6 + 1u] = y_1.y;
        }
        uint _e1141 = p.head_dim;
        if ((column + 2u) < _e1141) {
            ys[at_6 + 2u] = y_1.z;
        }
        uint _e1152 = p.head_dim;
        if ((column + 3u) < _e1152) {
            ys[at_6 + 3u] = y_1.w;
        }
    }
    if ((my_rows + 1u) < rows) {
        metal::float4 _e1162 = acc1_;
        float _e1167 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1162 * _e1167;
        uint _e1171 = p.y;
        uint _e1178 = p.heads;
        uint _e1183 = p.head_dim;
        uint at_7 = (_e1171 + ((((((input + begin) + my_rows) + 1u) * _e1178) + head) * _e1183)) + column;
        uint _e1189 = p.head_dim;
        if (column < _e1189) {
            ys[at_7] = y_2.x;
        }
        uint _e1198 = p.head_dim;
        if ((column + 1u) < _e1198) {
            ys[at_7 + 1u] = y_2.y;
        }
        uint _e1209 = p.head_dim;
        if ((column + 2u) < _e1209) {
            ys[at_7 + 2u] = y_2.z;
        }
        uint _e1220 = p.head_dim;
        if ((column + 3u) < _e1220) {
            ys[at_7 + 3u] = y_2.w;
        }
    }
    if ((my_rows + 2u) < rows) {
        metal::float4 _e1230 = acc2_;
        float _e1235 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1230 * _e1235;
        uint _e1239 = p.y;
        uint _e1246 = p.heads;
        uint _e1251 = p.head_dim;
        uint at_8 = (_e1239 + ((((((input + begin) + my_rows) + 2u) * _e1246) + head) * _e1251)) + column;
        uint _e1257 = p.head_dim;
        if (column < _e1257) {
            ys[at_8] = y_3.x;
        }
        uint _e1266 = p.head_dim;
        if ((column + 1u) < _e1266) {
            ys[at_8 + 1u] = y_3.y;
        }
        uint _e1277 = p.head_dim;
        if ((column + 2u) < _e1277) {
            ys[at_8 + 2u] = y_3.z;
        }
        uint _e1288 = p.head_dim;
        if ((column + 3u) < _e1288) {
            ys[at_8 + 3u] = y_3.w;
        }
    }
    if ((my_rows + 3u) < rows) {
        metal::float4 _e1298 = acc3_;
        float _e1303 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1298 * _e1303;
        uint _e1307 = p.y;
        uint _e1314 = p.heads;
        uint _e1319 = p.head_dim;
        uint at_9 = (_e1307 + ((((((input + begin) + my_rows) + 3u) * _e1314) + head) * _e1319)) + column;
        uint _e1325 = p.head_dim;
        if (column < _e1325) {
            ys[at_9] = y_4.x;
        }
        uint _e1334 = p.head_dim;
        if ((column + 1u) < _e1334) {
            ys[at_9 + 1u] = y_4.y;
        }
        uint _e1345 = p.head_dim;
        if ((column + 2u) < _e1345) {
            ys[at_9 + 2u] = y_4.z;
        }
        uint _e1356 = p.head_dim;
        if ((column + 3u) < _e1356) {
            ys[at_9 + 3u] = y_4.w;
        }
    }
    if ((my_rows + 4u) < rows) {
        metal::float4 _e1366 = acc4_;
        float _e1371 = factors.inner[my_rows + 4u];
        metal::float4 y_5 = _e1366 * _e1371;
        uint _e1375 = p.y;
        uint _e1382 = p.heads;
        uint _e1387 = p.head_dim;
        uint at_10 = (_e1375 + ((((((input + begin) + my_rows) + 4u) * _e1382) + head) * _e1387)) + column;
        uint _e1393 = p.head_dim;
        if (column < _e1393) {
            ys[at_10] = y_5.x;
        }
        uint _e1402 = p.head_dim;
        if ((column + 1u) < _e1402) {
            ys[at_10 + 1u] = y_5.y;
        }
        uint _e1413 = p.head_dim;
        if ((column + 2u) < _e1413) {
            ys[at_10 + 2u] = y_5.z;
        }
        uint _e1424 = p.head_dim;
        if ((column + 3u) < _e1424) {
            ys[at_10 + 3u] = y_5.w;
        }
    }
    if ((my_rows + 5u) < rows) {
        metal::float4 _e1434 = acc5_;
        float _e1439 = factors.inner[my_rows + 5u];
        metal::float4 y_6 = _e1434 * _e1439;
        uint _e1443 = p.y;
        uint _e1450 = p.heads;
        uint _e1455 = p.head_dim;
        uint at_11 = (_e1443 + ((((((input + begin) + my_rows) + 5u) * _e1450) + head) * _e1455)) + column;
        uint _e1461 = p.head_dim;
        if (column < _e1461) {
            ys[at_11] = y_6.x;
        }
        uint _e1470 = p.head_dim;
        if ((column + 1u) < _e1470) {
            ys[at_11 + 1u] = y_6.y;
        }
        uint _e1481 = p.head_dim;
        if ((column + 2u) < _e1481) {
            ys[at_11 + 2u] = y_6.z;
        }
        uint _e1492 = p.head_dim;
        if ((column + 3u) < _e1492) {
            ys[at_11 + 3u] = y_6.w;
        }
    }
    if ((my_rows + 6u) < rows) {
        metal::float4 _e1502 = acc6_;
        float _e1507 = factors.inner[my_rows + 6u];
        metal::float4 y_7 = _e1502 * _e1507;
        uint _e1511 = p.y;
        uint _e1518 = p.heads;
        uint _e1523 = p.head_dim;
        uint at_12 = (_e1511 + ((((((input + begin) + my_rows) + 6u) * _e1518) + head) * _e1523)) + column;
        uint _e1529 = p.head_dim;
        if (column < _e1529) {
            ys[at_12] = y_7.x;
        }
        uint _e1538 = p.head_dim;
        if ((column + 1u) < _e1538) {
            ys[at_12 + 1u] = y_7.y;
        }
        uint _e1549 = p.head_dim;
        if ((column + 2u) < _e1549) {
            ys[at_12 + 2u] = y_7.z;
        }
        uint _e1560 = p.head_dim;
        if ((column + 3u) < _e1560) {
            ys[at_12 + 3u] = y_7.w;
        }
    }
    if ((my_rows + 7u) < rows) {
        metal::float4 _e1570 = acc7_;
        float _e1575 = factors.inner[my_rows + 7u];
        metal::float4 y_8 = _e1570 * _e1575;
        uint _e1579 = p.y;
        uint _e1586 = p.heads;
        uint _e1591 = p.head_dim;
        uint at_13 = (_e1579 + ((((((input + begin) + my_rows) + 7u) * _e1586) + head) * _e1591)) + column;
        uint _e1597 = p.head_dim;
        if (column < _e1597) {
            ys[at_13] = y_8.x;
        }
        uint _e1606 = p.head_dim;
        if ((column + 1u) < _e1606) {
            ys[at_13 + 1u] = y_8.y;
        }
        uint _e1617 = p.head_dim;
        if ((column + 2u) < _e1617) {
            ys[at_13 + 2u] = y_8.z;
        }
        uint _e1628 = p.head_dim;
        if ((column + 3u) < _e1628) {
            ys[at_13 + 3u] = y_8.w;
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
