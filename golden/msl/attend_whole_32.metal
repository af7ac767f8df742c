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
    uint my_rows = (lid / 8u) * 2u;
    uint _e79 = p.pieces;
    uint column = (((group.x % _e79) * 8u) + (lid % 8u)) * 4u;
    tile = _e55 / 64u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e884 = tile;
            tile = _e884 + 1u;
        }
        loop_init = false;
        uint _e101 = tile;
        if (_e101 <= (_e56 / 64u)) {
        } else {
            break;
        }
        {
            uint _e105 = tile;
            uint base = _e105 * 64u;
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
                    uint _e405 = d;
                    d = _e405 + 32u;
                }
                loop_init_1 = false;
                uint _e190 = d;
                uint _e193 = p.head_dim;
                if (_e190 < _e193) {
                } else {
                    break;
                }
                {
                    i = lid;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e236 = i;
                            i = _e236 + 64u;
                        }
                        loop_init_2 = false;
                        uint _e196 = i;
                        if (_e196 < 128u) {
                        } else {
                            break;
                        }
                        {
                            v = metal::float4(0.0);
                            uint _e202 = i;
                            if ((_e202 / 8u) < rows) {
                                uint _e207 = i;
                                uint _e213 = p.heads;
                                uint _e218 = p.head_dim;
                                uint at_3 = ((((input + begin) + (_e207 / 8u)) * _e213) + head) * _e218;
                                uint _e222 = p.q;
                                uint _e224 = d;
                                uint _e225 = i;
                                metal::float4 _e231 = xs_at(_e222 + at_3, _e224 + ((_e225 % 8u) * 4u), xs, p, _buffer_sizes);
                                v = _e231;
                            }
                            uint _e233 = i;
                            metal::float4 _e235 = v;
                            queries.inner[_e233] = _e235;
                        }
                    }
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e290 = i_1;
                            i_1 = _e290 + 64u;
                        }
                        loop_init_3 = false;
                        uint _e240 = i_1;
                        if (_e240 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e243 = i_1;
                            uint key_2 = base + (_e243 / 8u);
                            v_1 = metal::float4(0.0);
                            if (key_2 >= _e55) {
                                local_4 = key_2 <= _e56;
                            } else {
                                local_4 = false;
                            }
                            bool _e255 = local_4;
                            if (_e255) {
                                uint _e259 = p.kv_heads;
                                uint _e264 = p.head_dim;
                                uint at_4 = (((input + key_2) * _e259) + kv_head) * _e264;
                                uint _e268 = p.k;
                                uint _e270 = d;
                                uint _e271 = i_1;
                                metal::float4 _e277 = us_at(_e268 + at_4, _e270 + ((_e271 % 8u) * 4u), us, p, _buffer_sizes);
                                v_1 = _e277;
                            }
                            uint _e279 = i_1;
                            uint _e284 = i_1;
                            metal::float4 _e289 = v_1;
                            keys.inner[((_e279 / 8u) * 9u) + (_e284 % 8u)] = _e289;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    w = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e403 = w;
                            w = _e403 + 1u;
                        }
                        loop_init_4 = false;
                        uint _e295 = w;
                        if (_e295 < 8u) {
                        } else {
                            break;
                        }
                        {
                            uint _e303 = w;
                            metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e303];
                            uint _e312 = w;
                            metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e312];
                            uint _e321 = w;
                            metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e321];
                            uint _e330 = w;
                            metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e330];
                            if (is_seen0_) {
                                uint _e339 = w;
                                metal::float4 k = keys.inner[((some_keys + 0u) * 9u) + _e339];
                                float _e343 = s00_;
                                float _e344 = add_dot(q0_, k, _e343);
                                s00_ = _e344;
                                float _e345 = s10_;
                                float _e346 = add_dot(q1_, k, _e345);
                                s10_ = _e346;
                                float _e347 = s20_;
                                float _e348 = add_dot(q2_, k, _e347);
                                s20_ = _e348;
                                float _e349 = s30_;
                                float _e350 = add_dot(q3_, k, _e349);
                                s30_ = _e350;
                            }
                            if (is_seen1_) {
                                uint _e356 = w;
                                metal::float4 k_1 = keys.inner[((some_keys + 16u) * 9u) + _e356];
                                float _e360 = s01_;
                                float _e361 = add_dot(q0_, k_1, _e360);
                                s01_ = _e361;
                                float _e362 = s11_;
                                float _e363 = add_dot(q1_, k_1, _e362);
                                s11_ = _e363;
                                float _e364 = s21_;
                                float _e365 = add_dot(q2_, k_1, _e364);
                                s21_ = _e365;
                                float _e366 = s31_;
                                float _e367 = add_dot(q3_, k_1, _e366);
                                s31_ = _e367;
                            }
                            if (is_seen2_) {
                                uint _e373 = w;
                                metal::float4 k_2 = keys.inner[((some_keys + 32u) * 9u) + _e373];
                                float _e377 = s02_;
                                float _e378 = add_dot(q0_, k_2, _e377);
                                s02_ = _e378;
                                float _e379 = s12_;
                                float _e380 = add_dot(q1_, k_2, _e379);
                                s12_ = _e380;
                                float _e381 = s22_;
                                float _e382 = add_dot(q2_, k_2, _e381);
                                s22_ = _e382;
                                float _e383 = s32_;
                                float _e384 = add_dot(q3_, k_2, _e383);
                                s32_ = _e384;
                            }
                            if (is_seen3_) {
                                uint _e390 = w;
                                metal::float4 k_3 = keys.inner[((some_keys + 48u) * 9u) + _e390];
                                float _e394 = s03_;
                                float _e395 = add_dot(q0_, k_3, _e394);
                                s03_ = _e395;
                                float _e396 = s13_;
                                float _e397 = add_dot(q1_, k_3, _e396);
                                s13_ = _e397;
                                float _e398 = s23_;
                                float _e399 = add_dot(q2_, k_3, _e398);
                                s23_ = _e399;
                                float _e400 = s33_;
                                float _e401 = add_dot(q3_, k_3, _e400);
                                s33_ = _e401;
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            float _e417 = s00_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e417;
            float _e427 = s01_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e427;
            float _e437 = s02_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e437;
            float _e447 = s03_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e447;
            float _e457 = s10_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e457;
            float _e467 = s11_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e467;
            float _e477 = s12_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e477;
            float _e487 = s13_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e487;
            float _e497 = s20_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e497;
            float _e507 = s21_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e507;
            float _e517 = s22_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e517;
            float _e527 = s23_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e527;
            float _e537 = s30_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e537;
            float _e547 = s31_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e547;
            float _e557 = s32_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e557;
            float _e567 = s33_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e567;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e568 = m;
            highest = _e568;
            t = quarter * 16u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e649 = t;
                    t = _e649 + 1u;
                }
                loop_init_5 = false;
                uint _e573 = t;
                if (_e573 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e579 = t;
                    uint key_3 = base + _e579;
                    if (row < rows) {
                        local_5 = key_3 >= _e70;
                    } else {
                        local_5 = false;
                    }
                    bool _e586 = local_5;
                    if (_e586) {
                        local_6 = key_3 <= _e71;
                    } else {
                        local_6 = false;
                    }
                    bool _e591 = local_6;
                    if (_e591) {
                        uint _e593 = t;
                        float _e598 = scores.inner[(_e593 * 16u) + row];
                        float _e601 = p.scale;
                        s = _e598 * _e601;
                        float _e606 = p.cap;
                        if (_e606 > 0.0) {
                            float _e611 = p.cap;
                            float _e612 = s;
                            float _e615 = p.cap;
                            float _e617 = tanh(_e612 / _e615);
                            s = _e611 * _e617;
                        }
                        uint _e621 = p.slopes;
                        if (_e621 != NONE) {
                            uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                            uint _e630 = p.slopes;
                            float _e633 = vectors[_e630 + head];
                            float _e636 = s;
                            s = metal::fma(_e633, -(static_cast<float>(distance)), _e636);
                        }
                        uint _e639 = t;
                        float _e644 = s;
                        scores.inner[(_e639 * 16u) + row] = _e644;
                        float _e645 = highest;
                        float _e646 = s;
                        highest = metal::max(_e645, _e646);
                    }
                }
            }
            float _e653 = highest;
            parts.inner[lid] = _e653;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e656 = parts.inner[row];
            float _e661 = parts.inner[row + 16u];
            float _e667 = parts.inner[row + 32u];
            float _e672 = parts.inner[row + 48u];
            highest = metal::max(metal::max(_e656, _e661), metal::max(_e667, _e672));
            sum = 0.0;
            t_1 = quarter * 16u;
            bool loop_init_6 = true;
            while(true) {
                if (!loop_init_6) {
                    uint _e722 = t_1;
                    t_1 = _e722 + 1u;
                }
                loop_init_6 = false;
                uint _e680 = t_1;
                if (_e680 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e686 = t_1;
                    uint key_4 = base + _e686;
                    share = -1.0;
                    if (row < rows) {
                        local_7 = key_4 >= _e70;
                    } else {
                        local_7 = false;
                    }
                    bool _e695 = local_7;
                    if (_e695) {
                        local_8 = key_4 <= _e71;
                    } else {
                        local_8 = false;
                    }
                    bool _e700 = local_8;
                    if (_e700) {
                        uint _e702 = t_1;
                        float _e707 = scores.inner[(_e702 * 16u) + row];
                        float _e708 = highest;
                        float _e710 = exp(_e707 - _e708);
                        share = _e710;
                        float _e711 = sum;
                        float _e712 = share;
                        sum = _e711 + _e712;
                    }
                    uint _e715 = t_1;
                    float _e720 = share;
                    scores.inner[(_e715 * 16u) + row] = _e720;
                }
            }
            float _e724 = m;
            float _e725 = highest;
            float _e727 = exp(_e724 - _e725);
            if (quarter == 0u) {
                factors.inner[row] = _e727;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e734 = sum;
            parts.inner[lid] = _e734;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e735 = l;
            float _e738 = parts.inner[row];
            float _e743 = parts.inner[row + 16u];
            float _e749 = parts.inner[row + 32u];
            float _e754 = parts.inner[row + 48u];
            l = metal::fma(_e735, _e727, (_e738 + _e743) + (_e749 + _e754));
            float _e758 = highest;
            m = _e758;
            metal::float4 _e759 = acc0_;
            float _e764 = factors.inner[my_rows + 0u];
            acc0_ = _e759 * _e764;
            metal::float4 _e766 = acc1_;
            float _e771 = factors.inner[my_rows + 1u];
            acc1_ = _e766 * _e771;
            uint _e775 = p.head_dim;
            if (column < _e775) {
                uint from = metal::max(_e55, base);
                uint to = metal::min(_e56, base + 63u);
                uint _e783 = p.v;
                uint _e786 = p.kv_heads;
                uint _e791 = p.head_dim;
                uint at_5 = _e783 + (((input * _e786) + kv_head) * _e791);
                uint _e796 = p.kv_heads;
                uint _e799 = p.head_dim;
                uint stride = _e796 * _e799;
                if (_e57 <= from) {
                    local_9 = to <= _e58;
                } else {
                    local_9 = false;
                }
                bool _e806 = local_9;
                if (_e806) {
                    key = from;
                    bool loop_init_7 = true;
                    while(true) {
                        if (!loop_init_7) {
                            uint _e836 = key;
                            key = _e836 + 1u;
                        }
                        loop_init_7 = false;
                        uint _e808 = key;
                        if (_e808 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e810 = key;
                            metal::float4 _e813 = vs_at(at_5 + (_e810 * stride), column, vs, p, _buffer_sizes);
                            uint _e814 = key;
                            uint shares = ((_e814 - base) * 16u) + my_rows;
                            float _e823 = scores.inner[shares + 0u];
                            metal::float4 _e825 = acc0_;
                            acc0_ = metal::fma(metal::float4(_e823), _e813, _e825);
                            float _e831 = scores.inner[shares + 1u];
                            metal::float4 _e833 = acc1_;
                            acc1_ = metal::fma(metal::float4(_e831), _e813, _e833);
                        }
                    }
                } else {
                    key_1 = from;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e881 = key_1;
                            key_1 = _e881 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e839 = key_1;
                        if (_e839 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e841 = key_1;
                            metal::float4 _e844 = vs_at(at_5 + (_e841 * stride), column, vs, p, _buffer_sizes);
                            uint _e845 = key_1;
                            uint shares_1 = ((_e845 - base) * 16u) + my_rows;
                            float _e854 = scores.inner[shares_1 + 0u];
                            if (_e854 != -1.0) {
                                float _e861 = scores.inner[shares_1 + 0u];
                                metal::float4 _e863 = acc0_;
                                acc0_ = metal::fma(metal::float4(_e861), _e844, _e863);
                            }
                            float _e869 = scores.inner[shares_1 + 1u];
                            if (_e869 != -1.0) {
                                float _e876 = scores.inner[shares_1 + 1u];
                                metal::float4 _e878 = acc1_;
                                acc1_ = metal::fma(metal::float4(_e876), _e844, _e878);
                            }
                        }
                    }
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (quarter == 0u) {
        float _e890 = l;
        factors.inner[row] = 1.0 / _e890;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if ((my_rows + 0u) < rows) {
        metal::float4 _e896 = acc0_;
        float _e901 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e896 * _e901;
        uint _e905 = p.y;
        uint _e912 = p.heads;
        uint _e917 = p.head_dim;
        uint at_6 = (_e905 + ((((((input + begin) + my_rows) + 0u) * _e912) + head) * _e917)) + column;
        uint _e923 = p.head_dim;
        if (column < _e923) {
            ys[at_6] = y_1.x;
        }
        uint _e932 = p.head_dim;
        if ((column + 1u) < _e932) {
            ys[at_6 + 1u] = y_1.y;
        }
        uint _e943 = p.head_dim;
        if ((column + 2u) < _e943) {
            ys[at_6 + 2u] = y_1.z;
        }
        uint _e954 = p.head_dim;
        if ((column + 3u) < _e954) {
            ys[at_6 + 3u] = y_1.w;
        }
    }
    if ((my_rows + 1u) < rows) {
        metal::float4 _e964 = acc1_;
        float _e969 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e964 * _e969;
        uint _e973 = p.y;
        uint _e980 = p.heads;
        uint _e985 = p.head_dim;
        uint at_7 = (_e973 + ((((((input + begin) + my_rows) + 1u) * _e980) + head) * _e985)) + column;
        uint _e991 = p.head_dim;
        if (column < _e991) {
            ys[at_7] = y_2.x;
        }
        uint _e1000 = p.head_dim;
        if ((column + 1u) < _e1000) {
            ys[at_7 + 1u] = y_2.y;
        }
        uint _e1011 = p.head_dim;
        if ((column + 2u) < _e1011) {
            ys[at_7 + 2u] = y_2.z;
        }
        uint _e1022 = p.head_dim;
        if ((column + 3u) < _e1022) {
            ys[at_7 + 3u] = y_2.w;
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
