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
    uint value_dim;
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
constant uint SEGMENT = 512u;
constant uint SEGMENT_TILES = 8u;

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

float joined(
    float sum_1,
    float growth,
    float next,
    float next_growth
) {
    return metal::fma(sum_1, growth, next * next_growth);
}

metal::float4 xs_at(
    uint at,
    uint d_1,
    uint dim,
    device type_1 const& xs,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_2 = metal::float4(0.0);
    uint e_4 = 0u;
    bool local_23 = {};
    uint i_2 = at + d_1;
    if ((d_1 + 4u) <= dim) {
        float _e9 = xs[i_2];
        float _e14 = xs[i_2 + 1u];
        float _e19 = xs[i_2 + 2u];
        float _e24 = xs[i_2 + 3u];
        return metal::float4(_e9, _e14, _e19, _e24);
    }
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e49 = e_4;
            e_4 = _e49 + 1u;
        }
        loop_init = false;
        uint _e31 = e_4;
        if (_e31 < 4u) {
            uint _e36 = e_4;
            local_23 = (d_1 + _e36) < dim;
        } else {
            local_23 = false;
        }
        bool _e40 = local_23;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_4;
            uint _e44 = e_4;
            float _e47 = xs[i_2 + _e44];
            v_2[_e41] = _e47;
        }
    }
    metal::float4 _e51 = v_2;
    return _e51;
}

metal::float4 us_at(
    uint at_1,
    uint d_2,
    uint dim_1,
    device type_1 const& us,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_3 = metal::float4(0.0);
    uint e_5 = 0u;
    bool local_24 = {};
    uint i_3 = at_1 + d_2;
    if ((d_2 + 4u) <= dim_1) {
        float _e9 = us[i_3];
        float _e14 = us[i_3 + 1u];
        float _e19 = us[i_3 + 2u];
        float _e24 = us[i_3 + 3u];
        return metal::float4(_e9, _e14, _e19, _e24);
    }
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e49 = e_5;
            e_5 = _e49 + 1u;
        }
        loop_init_1 = false;
        uint _e31 = e_5;
        if (_e31 < 4u) {
            uint _e36 = e_5;
            local_24 = (d_2 + _e36) < dim_1;
        } else {
            local_24 = false;
        }
        bool _e40 = local_24;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_5;
            uint _e44 = e_5;
            float _e47 = us[i_3 + _e44];
            v_3[_e41] = _e47;
        }
    }
    metal::float4 _e51 = v_3;
    return _e51;
}

metal::float4 vs_at(
    uint at_2,
    uint d_3,
    uint dim_2,
    device type_1 const& vs,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_4 = metal::float4(0.0);
    uint e_6 = 0u;
    bool local_25 = {};
    uint i_4 = at_2 + d_3;
    if ((d_3 + 4u) <= dim_2) {
        float _e9 = vs[i_4];
        float _e14 = vs[i_4 + 1u];
        float _e19 = vs[i_4 + 2u];
        float _e24 = vs[i_4 + 3u];
        return metal::float4(_e9, _e14, _e19, _e24);
    }
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e49 = e_6;
            e_6 = _e49 + 1u;
        }
        loop_init_2 = false;
        uint _e31 = e_6;
        if (_e31 < 4u) {
            uint _e36 = e_6;
            local_25 = (d_3 + _e36) < dim_2;
        } else {
            local_25 = false;
        }
        bool _e40 = local_25;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_6;
            uint _e44 = e_6;
            float _e47 = vs[i_4 + _e44];
            v_4[_e41] = _e47;
        }
    }
    metal::float4 _e51 = v_4;
    return _e51;
}

float add_dot(
    metal::float4 a,
    metal::float4 b,
    float sum_2
) {
    return metal::fma(a.w, b.w, metal::fma(a.z, b.z, metal::fma(a.y, b.y, metal::fma(a.x, b.x, sum_2))));
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
, threadgroup type_7& tile_keys
, threadgroup type_8& scores
, threadgroup type_9& parts
, threadgroup type_10& factors
, threadgroup type_10& next_factors
, constant _mslBufferSizes& _buffer_sizes [[buffer(7)]]
) {
    float all_m = -340282350000000000000000000000000000000.0;
    float all_l = 0.0;
    metal::float4 all0_ = metal::float4(0.0);
    metal::float4 all1_ = metal::float4(0.0);
    metal::float4 all2_ = metal::float4(0.0);
    metal::float4 all3_ = metal::float4(0.0);
    uint segment = {};
    float m = {};
    float l = {};
    metal::float4 acc0_ = {};
    metal::float4 acc1_ = {};
    metal::float4 acc2_ = {};
    metal::float4 acc3_ = {};
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
    bool local_10 = {};
    bool local_11 = {};
    uint e = 0u;
    bool local_12 = {};
    bool local_13 = {};
    bool local_14 = {};
    uint e_1 = 0u;
    bool local_15 = {};
    bool local_16 = {};
    bool local_17 = {};
    uint e_2 = 0u;
    bool local_18 = {};
    bool local_19 = {};
    bool local_20 = {};
    uint e_3 = 0u;
    bool local_21 = {};
    bool local_22 = {};
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
    uint first_row = input + begin;
    uint _e55 = p.v;
    uint _e58 = p.kv_heads;
    uint _e63 = p.value_dim;
    uint first_value = _e55 + (((input * _e58) + kv_head) * _e63);
    uint _e68 = p.kv_heads;
    uint _e71 = p.value_dim;
    uint value_stride = _e68 * _e71;
    uint end = (begin + rows) - 1u;
    uint _e76 = first_seen(begin, p);
    uint _e77 = last_seen(end, len_1, p);
    uint _e78 = first_seen(end, p);
    uint _e79 = last_seen(begin, len_1, p);
    uint some_rows = (lid / 16u) * 4u;
    uint some_keys = lid % 16u;
    uint row = lid % 16u;
    uint quarter = lid / 16u;
    uint position_2 = begin + row;
    uint _e91 = first_seen(position_2, p);
    uint _e92 = last_seen(position_2, len_1, p);
    uint my_rows = (lid / 16u) * 4u;
    uint _e100 = p.pieces;
    uint column = (((group.x % _e100) * 16u) + (lid % 16u)) * 4u;
    segment = _e76 / SEGMENT;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e1198 = segment;
            segment = _e1198 + 1u;
        }
        loop_init_3 = false;
        uint _e128 = segment;
        if (_e128 <= (_e77 / SEGMENT)) {
        } else {
            break;
        }
        {
            m = -340282350000000000000000000000000000000.0;
            l = 0.0;
            acc0_ = metal::float4(0.0);
            acc1_ = metal::float4(0.0);
            acc2_ = metal::float4(0.0);
            acc3_ = metal::float4(0.0);
            uint _e150 = segment;
            uint end_tile = metal::min(_e77 / 64u, ((_e150 * SEGMENT_TILES) + SEGMENT_TILES) - 1u);
            uint _e160 = segment;
            tile = metal::max(_e76 / 64u, _e160 * SEGMENT_TILES);
            bool loop_init_4 = true;
            while(true) {
                if (!loop_init_4) {
                    uint _e997 = tile;
                    tile = _e997 + 1u;
                }
                loop_init_4 = false;
                uint _e165 = tile;
                if (_e165 <= end_tile) {
                } else {
                    break;
                }
                {
                    uint _e167 = tile;
                    uint base = _e167 * 64u;
                    if ((base + 0u) <= _e77) {
                        local = ((base + 0u) + 15u) >= _e76;
                    } else {
                        local = false;
                    }
                    bool is_seen0_ = local;
                    s00_ = 0.0;
                    s10_ = 0.0;
                    s20_ = 0.0;
                    s30_ = 0.0;
                    if ((base + 16u) <= _e77) {
                        local_1 = ((base + 16u) + 15u) >= _e76;
                    } else {
                        local_1 = false;
                    }
                    bool is_seen1_ = local_1;
                    s01_ = 0.0;
                    s11_ = 0.0;
                    s21_ = 0.0;
                    s31_ = 0.0;
                    if ((base + 32u) <= _e77) {
                        local_2 = ((base + 32u) + 15u) >= _e76;
                    } else {
                        local_2 = false;
                    }
                    bool is_seen2_ = local_2;
                    s02_ = 0.0;
                    s12_ = 0.0;
                    s22_ = 0.0;
                    s32_ = 0.0;
                    if ((base + 48u) <= _e77) {
                        local_3 = ((base + 48u) + 15u) >= _e76;
                    } else {
                        local_3 = false;
                    }
                    bool is_seen3_ = local_3;
                    s03_ = 0.0;
                    s13_ = 0.0;
                    s23_ = 0.0;
                    s33_ = 0.0;
                    d = 0u;
                    bool loop_init_5 = true;
                    while(true) {
                        if (!loop_init_5) {
                            uint _e472 = d;
                            d = _e472 + 32u;
                        }
                        loop_init_5 = false;
                        uint _e252 = d;
                        uint _e255 = p.head_dim;
                        if (_e252 < _e255) {
                        } else {
                            break;
                        }
                        {
                            i = lid;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e300 = i;
                                    i = _e300 + 64u;
                                }
                                loop_init_6 = false;
                                uint _e258 = i;
                                if (_e258 < 128u) {
                                } else {
                                    break;
                                }
                                {
                                    v = metal::float4(0.0);
                                    uint _e264 = i;
                                    if ((_e264 / 8u) < rows) {
                                        uint _e268 = i;
                                        uint _e274 = p.heads;
                                        uint _e279 = p.head_dim;
                                        uint at_3 = (((first_row + (_e268 / 8u)) * _e274) + head) * _e279;
                                        uint _e283 = p.q;
                                        uint _e285 = d;
                                        uint _e286 = i;
                                        uint _e294 = p.head_dim;
                                        metal::float4 _e295 = xs_at(_e283 + at_3, _e285 + ((_e286 % 8u) * 4u), _e294, xs, _buffer_sizes);
                                        v = _e295;
                                    }
                                    uint _e297 = i;
                                    metal::float4 _e299 = v;
                                    queries.inner[_e297] = _e299;
                                }
                            }
                            i_1 = lid;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e357 = i_1;
                                    i_1 = _e357 + 64u;
                                }
                                loop_init_7 = false;
                                uint _e304 = i_1;
                                if (_e304 < 512u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e307 = i_1;
                                    uint key_2 = base + (_e307 / 8u);
                                    v_1 = metal::float4(0.0);
                                    if (key_2 >= _e76) {
                                        local_4 = key_2 <= _e77;
                                    } else {
                                        local_4 = false;
                                    }
                                    bool _e319 = local_4;
                                    if (_e319) {
                                        uint _e322 = p.k;
                                        uint _e326 = p.kv_heads;
                                        uint _e331 = p.head_dim;
                                        uint at_4 = _e322 + ((((input + key_2) * _e326) + kv_head) * _e331);
                                        uint _e334 = d;
                                        uint _e335 = i_1;
                                        uint _e343 = p.head_dim;
                                        metal::float4 _e344 = us_at(at_4, _e334 + ((_e335 % 8u) * 4u), _e343, us, _buffer_sizes);
                                        v_1 = _e344;
                                    }
                                    uint _e346 = i_1;
                                    uint _e351 = i_1;
                                    metal::float4 _e356 = v_1;
                                    tile_keys.inner[((_e346 / 8u) * 9u) + (_e351 % 8u)] = _e356;
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            w = 0u;
                            bool loop_init_8 = true;
                            while(true) {
                                if (!loop_init_8) {
                                    uint _e470 = w;
                                    w = _e470 + 1u;
                                }
                                loop_init_8 = false;
                                uint _e362 = w;
                                if (_e362 < 8u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e370 = w;
                                    metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e370];
                                    uint _e379 = w;
                                    metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e379];
                                    uint _e388 = w;
                                    metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e388];
                                    uint _e397 = w;
                                    metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e397];
                                    if (is_seen0_) {
                                        uint _e406 = w;
                                        metal::float4 k = tile_keys.inner[((some_keys + 0u) * 9u) + _e406];
                                        float _e410 = s00_;
                                        float _e411 = add_dot(q0_, k, _e410);
                                        s00_ = _e411;
                                        float _e412 = s10_;
                                        float _e413 = add_dot(q1_, k, _e412);
                                        s10_ = _e413;
                                        float _e414 = s20_;
                                        float _e415 = add_dot(q2_, k, _e414);
                                        s20_ = _e415;
                                        float _e416 = s30_;
                                        float _e417 = add_dot(q3_, k, _e416);
                                        s30_ = _e417;
                                    }
                                    if (is_seen1_) {
                                        uint _e423 = w;
                                        metal::float4 k_1 = tile_keys.inner[((some_keys + 16u) * 9u) + _e423];
                                        float _e427 = s01_;
                                        float _e428 = add_dot(q0_, k_1, _e427);
                                        s01_ = _e428;
                                        float _e429 = s11_;
                                        float _e430 = add_dot(q1_, k_1, _e429);
                                        s11_ = _e430;
                                        float _e431 = s21_;
                                        float _e432 = add_dot(q2_, k_1, _e431);
                                        s21_ = _e432;
                                        float _e433 = s31_;
                                        float _e434 = add_dot(q3_, k_1, _e433);
                                        s31_ = _e434;
                                    }
                                    if (is_seen2_) {
                                        uint _e440 = w;
                                        metal::float4 k_2 = tile_keys.inner[((some_keys + 32u) * 9u) + _e440];
                                        float _e444 = s02_;
                                        float _e445 = add_dot(q0_, k_2, _e444);
                                        s02_ = _e445;
                                        float _e446 = s12_;
                                        float _e447 = add_dot(q1_, k_2, _e446);
                                        s12_ = _e447;
                                        float _e448 = s22_;
                                        float _e449 = add_dot(q2_, k_2, _e448);
                                        s22_ = _e449;
                                        float _e450 = s32_;
                                        float _e451 = add_dot(q3_, k_2, _e450);
                                        s32_ = _e451;
                                    }
                                    if (is_seen3_) {
                                        uint _e457 = w;
                                        metal::float4 k_3 = tile_keys.inner[((some_keys + 48u) * 9u) + _e457];
                                        float _e461 = s03_;
                                        float _e462 = add_dot(q0_, k_3, _e461);
                                        s03_ = _e462;
                                        float _e463 = s13_;
                                        float _e464 = add_dot(q1_, k_3, _e463);
                                        s13_ = _e464;
                                        float _e465 = s23_;
                                        float _e466 = add_dot(q2_, k_3, _e465);
                                        s23_ = _e466;
                                        float _e467 = s33_;
                                        float _e468 = add_dot(q3_, k_3, _e467);
                                        s33_ = _e468;
                                    }
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                    float _e484 = s00_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e484;
                    float _e494 = s01_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e494;
                    float _e504 = s02_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e504;
                    float _e514 = s03_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e514;
                    float _e524 = s10_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e524;
                    float _e534 = s11_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e534;
                    float _e544 = s12_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e544;
                    float _e554 = s13_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e554;
                    float _e564 = s20_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e564;
                    float _e574 = s21_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e574;
                    float _e584 = s22_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e584;
                    float _e594 = s23_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e594;
                    float _e604 = s30_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e604;
                    float _e614 = s31_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e614;
                    float _e624 = s32_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e624;
                    float _e634 = s33_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e634;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e635 = m;
                    highest = _e635;
                    t = quarter * 16u;
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e716 = t;
                            t = _e716 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e640 = t;
                        if (_e640 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e646 = t;
                            uint key_3 = base + _e646;
                            if (row < rows) {
                                local_5 = key_3 >= _e91;
                            } else {
                                local_5 = false;
                            }
                            bool _e653 = local_5;
                            if (_e653) {
                                local_6 = key_3 <= _e92;
                            } else {
                                local_6 = false;
                            }
                            bool _e658 = local_6;
                            if (_e658) {
                                uint _e660 = t;
                                float _e665 = scores.inner[(_e660 * 16u) + row];
                                float _e668 = p.scale;
                                s = _e665 * _e668;
                                float _e673 = p.cap;
                                if (_e673 > 0.0) {
                                    float _e678 = p.cap;
                                    float _e679 = s;
                                    float _e682 = p.cap;
                                    float _e684 = tanh(_e679 / _e682);
                                    s = _e678 * _e684;
                                }
                                uint _e688 = p.slopes;
                                if (_e688 != NONE) {
                                    uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                                    uint _e697 = p.slopes;
                                    float _e700 = vectors[_e697 + head];
                                    float _e703 = s;
                                    s = metal::fma(_e700, -(static_cast<float>(distance)), _e703);
                                }
                                uint _e706 = t;
                                float _e711 = s;
                                scores.inner[(_e706 * 16u) + row] = _e711;
                                float _e712 = highest;
                                float _e713 = s;
                                highest = metal::max(_e712, _e713);
                            }
                        }
                    }
                    float _e720 = highest;
                    parts.inner[lid] = _e720;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e723 = parts.inner[row];
                    float _e728 = parts.inner[row + 16u];
                    float _e734 = parts.inner[row + 32u];
                    float _e739 = parts.inner[row + 48u];
                    highest = metal::max(metal::max(_e723, _e728), metal::max(_e734, _e739));
                    sum = 0.0;
                    t_1 = quarter * 16u;
                    bool loop_init_10 = true;
                    while(true) {
                        if (!loop_init_10) {
                            uint _e789 = t_1;
                            t_1 = _e789 + 1u;
                        }
                        loop_init_10 = false;
                        uint _e747 = t_1;
                        if (_e747 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e753 = t_1;
                            uint key_4 = base + _e753;
                            share = -1.0;
                            if (row < rows) {
                                local_7 = key_4 >= _e91;
                            } else {
                                local_7 = false;
                            }
                            bool _e762 = local_7;
                            if (_e762) {
                                local_8 = key_4 <= _e92;
                            } else {
                                local_8 = false;
                            }
                            bool _e767 = local_8;
                            if (_e767) {
                                uint _e769 = t_1;
                                float _e774 = scores.inner[(_e769 * 16u) + row];
                                float _e775 = highest;
                                float _e777 = exp(_e774 - _e775);
                                share = _e777;
                                float _e778 = sum;
                                float _e779 = share;
                                sum = _e778 + _e779;
                            }
                            uint _e782 = t_1;
                            float _e787 = share;
                            scores.inner[(_e782 * 16u) + row] = _e787;
                        }
                    }
                    float _e791 = m;
                    float _e792 = highest;
                    float _e794 = exp(_e791 - _e792);
                    if (quarter == 0u) {
                        factors.inner[row] = _e794;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e801 = sum;
                    parts.inner[lid] = _e801;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e802 = l;
                    float _e805 = parts.inner[row];
                    float _e810 = parts.inner[row + 16u];
                    float _e816 = parts.inner[row + 32u];
                    float _e822 = parts.inner[row + 48u];
                    l = metal::fma(_e802, _e794, ((_e805 + _e810) + _e816) + _e822);
                    float _e825 = highest;
                    m = _e825;
                    metal::float4 _e826 = acc0_;
                    float _e831 = factors.inner[my_rows + 0u];
                    acc0_ = _e826 * _e831;
                    metal::float4 _e833 = acc1_;
                    float _e838 = factors.inner[my_rows + 1u];
                    acc1_ = _e833 * _e838;
                    metal::float4 _e840 = acc2_;
                    float _e845 = factors.inner[my_rows + 2u];
                    acc2_ = _e840 * _e845;
                    metal::float4 _e847 = acc3_;
                    float _e852 = factors.inner[my_rows + 3u];
                    acc3_ = _e847 * _e852;
                    uint _e856 = p.value_dim;
                    if (column < _e856) {
                        uint from = metal::max(_e76, base);
                        uint to = metal::min(_e77, base + 63u);
                        if (_e78 <= from) {
                            local_9 = to <= _e79;
                        } else {
                            local_9 = false;
                        }
                        bool _e867 = local_9;
                        if (_e867) {
                            key = from;
                            bool loop_init_11 = true;
                            while(true) {
                                if (!loop_init_11) {
                                    uint _e916 = key;
                                    key = _e916 + 1u;
                                }
                                loop_init_11 = false;
                                uint _e869 = key;
                                if (_e869 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e871 = key;
                                    uint _e876 = p.value_dim;
                                    metal::float4 _e877 = vs_at(first_value + (_e871 * value_stride), column, _e876, vs, _buffer_sizes);
                                    uint _e878 = key;
                                    uint shares = ((_e878 - base) * 16u) + my_rows;
                                    float _e887 = scores.inner[shares + 0u];
                                    metal::float4 _e889 = acc0_;
                                    acc0_ = metal::fma(metal::float4(_e887), _e877, _e889);
                                    float _e895 = scores.inner[shares + 1u];
                                    metal::float4 _e897 = acc1_;
                                    acc1_ = metal::fma(metal::float4(_e895), _e877, _e897);
                                    float _e903 = scores.inner[shares + 2u];
                                    metal::float4 _e905 = acc2_;
                                    acc2_ = metal::fma(metal::float4(_e903), _e877, _e905);
                                    float _e911 = scores.inner[shares + 3u];
                                    metal::float4 _e913 = acc3_;
                                    acc3_ = metal::fma(metal::float4(_e911), _e877, _e913);
                                }
                            }
                        } else {
                            key_1 = from;
                            bool loop_init_12 = true;
                            while(true) {
                                if (!loop_init_12) {
                                    uint _e994 = key_1;
                                    key_1 = _e994 + 1u;
                                }
                                loop_init_12 = false;
                                uint _e919 = key_1;
                                if (_e919 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e921 = key_1;
                                    uint _e926 = p.value_dim;
                                    metal::float4 _e927 = vs_at(first_value + (_e921 * value_stride), column, _e926, vs, _buffer_sizes);
                                    uint _e928 = key_1;
                                    uint shares_1 = ((_e928 - base) * 16u) + my_rows;
                                    float _e937 = scores.inner[shares_1 + 0u];
                                    if (_e937 != -1.0) {
                                        float _e944 = scores.inner[shares_1 + 0u];
                                        metal::float4 _e946 = acc0_;
                                        acc0_ = metal::fma(metal::float4(_e944), _e927, _e946);
                                    }
                                    float _e952 = scores.inner[shares_1 + 1u];
                                    if (_e952 != -1.0) {
                                        float _e959 = scores.inner[shares_1 + 1u];
                                        metal::float4 _e961 = acc1_;
                                        acc1_ = metal::fma(metal::float4(_e959), _e927, _e961);
                                    }
                                    float _e967 = scores.inner[shares_1 + 2u];
                                    if (_e967 != -1.0) {
                                        float _e974 = scores.inner[shares_1 + 2u];
                                        metal::float4 _e976 = acc2_;
                                        acc2_ = metal::fma(metal::float4(_e974), _e927, _e976);
                                    }
                                    float _e982 = scores.inner[shares_1 + 3u];
                                    if (_e982 != -1.0) {
                                        float _e989 = scores.inner[shares_1 + 3u];
                                        metal::float4 _e991 = acc3_;
                                        acc3_ = metal::fma(metal::float4(_e989), _e927, _e991);
                                    }
                                }
                            }
                        }
                    }
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint _e999 = segment;
            if (_e91 < ((_e999 + 1u) * SEGMENT)) {
                uint _e1007 = segment;
                local_10 = _e92 >= (_e1007 * SEGMENT);
            } else {
                local_10 = false;
            }
            bool is_seen = local_10;
            float _e1013 = all_m;
            float _e1014 = m;
            float highest_1 = metal::max(_e1013, _e1014);
            float _e1016 = all_m;
            float _e1018 = exp(_e1016 - highest_1);
            float _e1019 = m;
            float _e1021 = exp(_e1019 - highest_1);
            if (is_seen) {
                float _e1022 = all_l;
                float _e1023 = l;
                float _e1024 = joined(_e1022, _e1018, _e1023, _e1021);
                all_l = _e1024;
                all_m = highest_1;
            }
            if (quarter == 0u) {
                factors.inner[row] = _e1018;
                next_factors.inner[row] = is_seen ? _e1021 : -1.0;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e1037 = next_factors.inner[my_rows + 0u];
            if (_e1037 != -1.0) {
                float before = factors.inner[my_rows + 0u];
                float here = next_factors.inner[my_rows + 0u];
                float _e1052 = all0_.x;
                float _e1054 = acc0_.x;
                float _e1055 = joined(_e1052, before, _e1054, here);
                all0_.x = _e1055;
                float _e1058 = all0_.y;
                float _e1060 = acc0_.y;
                float _e1061 = joined(_e1058, before, _e1060, here);
                all0_.y = _e1061;
                float _e1064 = all0_.z;
                float _e1066 = acc0_.z;
                float _e1067 = joined(_e1064, before, _e1066, here);
                all0_.z = _e1067;
                float _e1070 = all0_.w;
                float _e1072 = acc0_.w;
                float _e1073 = joined(_e1070, before, _e1072, here);
                all0_.w = _e1073;
            }
            float _e1078 = next_factors.inner[my_rows + 1u];
            if (_e1078 != -1.0) {
                float before_1 = factors.inner[my_rows + 1u];
                float here_1 = next_factors.inner[my_rows + 1u];
                float _e1093 = all1_.x;
                float _e1095 = acc1_.x;
                float _e1096 = joined(_e1093, before_1, _e1095, here_1);
                all1_.x = _e1096;
                float _e1099 = all1_.y;
                float _e1101 = acc1_.y;
                float _e1102 = joined(_e1099, before_1, _e1101, here_1);
                all1_.y = _e1102;
                float _e1105 = all1_.z;
                float _e1107 = acc1_.z;
                float _e1108 = joined(_e1105, before_1, _e1107, here_1);
                all1_.z = _e1108;
                float _e1111 = all1_.w;
                float _e1113 = acc1_.w;
                float _e1114 = joined(_e1111, before_1, _e1113, here_1);
                all1_.w = _e1114;
            }
            float _e1119 = next_factors.inner[my_rows + 2u];
            if (_e1119 != -1.0) {
                float before_2 = factors.inner[my_rows + 2u];
                float here_2 = next_factors.inner[my_rows + 2u];
                float _e1134 = all2_.x;
                float _e1136 = acc2_.x;
                float _e1137 = joined(_e1134, before_2, _e1136, here_2);
                all2_.x = _e1137;
                float _e1140 = all2_.y;
                float _e1142 = acc2_.y;
                float _e1143 = joined(_e1140, before_2, _e1142, here_2);
                all2_.y = _e1143;
                float _e1146 = all2_.z;
                float _e1148 = acc2_.z;
                float _e1149 = joined(_e1146, before_2, _e1148, here_2);
                all2_.z = _e1149;
                float _e1152 = all2_.w;
                float _e1154 = acc2_.w;
                float _e1155 = joined(_e1152, before_2, _e1154, here_2);
                all2_.w = _e1155;
            }
            float _e1160 = next_factors.inner[my_rows + 3u];
            if (_e1160 != -1.0) {
                float before_3 = factors.inner[my_rows + 3u];
                float here_3 = next_factors.inner[my_rows + 3u];
                float _e1175 = all3_.x;
                float _e1177 = acc3_.x;
                float _e1178 = joined(_e1175, before_3, _e1177, here_3);
                all3_.x = _e1178;
                float _e1181 = all3_.y;
                float _e1183 = acc3_.y;
                float _e1184 = joined(_e1181, before_3, _e1183, here_3);
                all3_.y = _e1184;
                float _e1187 = all3_.z;
                float _e1189 = acc3_.z;
                float _e1190 = joined(_e1187, before_3, _e1189, here_3);
                all3_.z = _e1190;
                float _e1193 = all3_.w;
                float _e1195 = acc3_.w;
                float _e1196 = joined(_e1193, before_3, _e1195, here_3);
                all3_.w = _e1196;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (quarter == 0u) {
        float _e1204 = all_l;
        factors.inner[row] = 1.0 / _e1204;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    {
        if ((my_rows + 0u) < rows) {
            uint _e1214 = p.value_dim;
            local_11 = column < _e1214;
        } else {
            local_11 = false;
        }
        bool live = local_11;
        metal::float4 _e1218 = all0_;
        float _e1223 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1218 * _e1223;
        uint _e1230 = p.heads;
        uint _e1235 = p.value_dim;
        uint at_5 = (((((first_row + my_rows) + 0u) * _e1230) + head) * _e1235) + column;
        bool loop_init_13 = true;
        while(true) {
            if (!loop_init_13) {
                uint _e1268 = e;
                e = _e1268 + 1u;
            }
            loop_init_13 = false;
            uint _e1240 = e;
            if (_e1240 < 4u) {
                local_12 = live;
            } else {
                local_12 = false;
            }
            bool _e1246 = local_12;
            if (_e1246) {
                uint _e1249 = e;
                uint _e1253 = p.value_dim;
                local_13 = (column + _e1249) < _e1253;
            } else {
                local_13 = false;
            }
            bool _e1256 = local_13;
            if (_e1256) {
            } else {
                break;
            }
            {
                uint _e1260 = p.y;
                uint _e1262 = e;
                uint _e1265 = e;
                ys[(_e1260 + at_5) + _e1262] = y_1[_e1265];
            }
        }
    }
    {
        if ((my_rows + 1u) < rows) {
            uint _e1277 = p.value_dim;
            local_14 = column < _e1277;
        } else {
            local_14 = false;
        }
        bool live_1 = local_14;
        metal::float4 _e1281 = all1_;
        float _e1286 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1281 * _e1286;
        uint _e1293 = p.heads;
        uint _e1298 = p.value_dim;
        uint at_6 = (((((first_row + my_rows) + 1u) * _e1293) + head) * _e1298) + column;
        bool loop_init_14 = true;
        while(true) {
            if (!loop_init_14) {
                uint _e1331 = e_1;
                e_1 = _e1331 + 1u;
            }
            loop_init_14 = false;
            uint _e1303 = e_1;
            if (_e1303 < 4u) {
                local_15 = live_1;
            } else {
                local_15 = false;
            }
            bool _e1309 = local_15;
            if (_e1309) {
                uint _e1312 = e_1;
                uint _e1316 = p.value_dim;
                local_16 = (column + _e1312) < _e1316;
            } else {
                local_16 = false;
            }
            bool _e1319 = local_16;
            if (_e1319) {
            } else {
                break;
            }
            {
                uint _e1323 = p.y;
                uint _e1325 = e_1;
                uint _e1328 = e_1;
                ys[(_e1323 + at_6) + _e1325] = y_2[_e1328];
            }
        }
    }
    {
        if ((my_rows + 2u) < rows) {
            uint _e1340 = p.value_dim;
            local_17 = column < _e1340;
        } else {
            local_17 = false;
        }
        bool live_2 = local_17;
        metal::float4 _e1344 = all2_;
        float _e1349 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1344 * _e1349;
        uint _e1356 = p.heads;
        uint _e1361 = p.value_dim;
        uint at_7 = (((((first_row + my_rows) + 2u) * _e1356) + head) * _e1361) + column;
        bool loop_init_15 = true;
        while(true) {
            if (!loop_init_15) {
                uint _e1394 = e_2;
                e_2 = _e1394 + 1u;
            }
            loop_init_15 = false;
            uint _e1366 = e_2;
            if (_e1366 < 4u) {
                local_18 = live_2;
            } else {
                local_18 = false;
            }
            bool _e1372 = local_18;
            if (_e1372) {
                uint _e1375 = e_2;
                uint _e1379 = p.value_dim;
                local_19 = (column + _e1375) < _e1379;
            } else {
                local_19 = false;
            }
            bool _e1382 = local_19;
            if (_e1382) {
            } else {
                break;
            }
            {
                uint _e1386 = p.y;
                uint _e1388 = e_2;
                uint _e1391 = e_2;
                ys[(_e1386 + at_7) + _e1388] = y_3[_e1391];
            }
        }
    }
    {
        if ((my_rows + 3u) < rows) {
            uint _e1403 = p.value_dim;
            local_20 = column < _e1403;
        } else {
            local_20 = false;
        }
        bool live_3 = local_20;
        metal::float4 _e1407 = all3_;
        float _e1412 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1407 * _e1412;
        uint _e1419 = p.heads;
        uint _e1424 = p.value_dim;
        uint at_8 = (((((first_row + my_rows) + 3u) * _e1419) + head) * _e1424) + column;
        bool loop_init_16 = true;
        while(true) {
            if (!loop_init_16) {
                uint _e1457 = e_3;
                e_3 = _e1457 + 1u;
            }
            loop_init_16 = false;
            uint _e1429 = e_3;
            if (_e1429 < 4u) {
                local_21 = live_3;
            } else {
                local_21 = false;
            }
            bool _e1435 = local_21;
            if (_e1435) {
                uint _e1438 = e_3;
                uint _e1442 = p.value_dim;
                local_22 = (column + _e1438) < _e1442;
            } else {
                local_22 = false;
            }
            bool _e1445 = local_22;
            if (_e1445) {
            } else {
                break;
            }
            {
                uint _e1449 = p.y;
                uint _e1451 = e_3;
                uint _e1454 = e_3;
                ys[(_e1449 + at_8) + _e1451] = y_4[_e1454];
            }
        }
        return;
    }
}
