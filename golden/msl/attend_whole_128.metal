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
    uint e_8 = 0u;
    bool local_35 = {};
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
            uint _e49 = e_8;
            e_8 = _e49 + 1u;
        }
        loop_init = false;
        uint _e31 = e_8;
        if (_e31 < 4u) {
            uint _e36 = e_8;
            local_35 = (d_1 + _e36) < dim;
        } else {
            local_35 = false;
        }
        bool _e40 = local_35;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_8;
            uint _e44 = e_8;
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
    uint e_9 = 0u;
    bool local_36 = {};
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
            uint _e49 = e_9;
            e_9 = _e49 + 1u;
        }
        loop_init_1 = false;
        uint _e31 = e_9;
        if (_e31 < 4u) {
            uint _e36 = e_9;
            local_36 = (d_2 + _e36) < dim_1;
        } else {
            local_36 = false;
        }
        bool _e40 = local_36;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_9;
            uint _e44 = e_9;
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
    uint e_10 = 0u;
    bool local_37 = {};
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
            uint _e49 = e_10;
            e_10 = _e49 + 1u;
        }
        loop_init_2 = false;
        uint _e31 = e_10;
        if (_e31 < 4u) {
            uint _e36 = e_10;
            local_37 = (d_3 + _e36) < dim_2;
        } else {
            local_37 = false;
        }
        bool _e40 = local_37;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_10;
            uint _e44 = e_10;
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
    metal::float4 all4_ = metal::float4(0.0);
    metal::float4 all5_ = metal::float4(0.0);
    metal::float4 all6_ = metal::float4(0.0);
    metal::float4 all7_ = metal::float4(0.0);
    uint segment = {};
    float m = {};
    float l = {};
    metal::float4 acc0_ = {};
    metal::float4 acc1_ = {};
    metal::float4 acc2_ = {};
    metal::float4 acc3_ = {};
    metal::float4 acc4_ = {};
    metal::float4 acc5_ = {};
    metal::float4 acc6_ = {};
    metal::float4 acc7_ = {};
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
    bool local_23 = {};
    uint e_4 = 0u;
    bool local_24 = {};
    bool local_25 = {};
    bool local_26 = {};
    uint e_5 = 0u;
    bool local_27 = {};
    bool local_28 = {};
    bool local_29 = {};
    uint e_6 = 0u;
    bool local_30 = {};
    bool local_31 = {};
    bool local_32 = {};
    uint e_7 = 0u;
    bool local_33 = {};
    bool local_34 = {};
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
    uint my_rows = (lid / 32u) * 8u;
    uint _e100 = p.pieces;
    uint column = (((group.x % _e100) * 32u) + (lid % 32u)) * 4u;
    segment = _e76 / SEGMENT;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e1506 = segment;
            segment = _e1506 + 1u;
        }
        loop_init_3 = false;
        uint _e140 = segment;
        if (_e140 <= (_e77 / SEGMENT)) {
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
            acc4_ = metal::float4(0.0);
            acc5_ = metal::float4(0.0);
            acc6_ = metal::float4(0.0);
            acc7_ = metal::float4(0.0);
            uint _e174 = segment;
            uint end_tile = metal::min(_e77 / 64u, ((_e174 * SEGMENT_TILES) + SEGMENT_TILES) - 1u);
            uint _e184 = segment;
            tile = metal::max(_e76 / 64u, _e184 * SEGMENT_TILES);
            bool loop_init_4 = true;
            while(true) {
                if (!loop_init_4) {
                    uint _e1141 = tile;
                    tile = _e1141 + 1u;
                }
                loop_init_4 = false;
                uint _e189 = tile;
                if (_e189 <= end_tile) {
                } else {
                    break;
                }
                {
                    uint _e191 = tile;
                    uint base = _e191 * 64u;
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
                            uint _e496 = d;
                            d = _e496 + 32u;
                        }
                        loop_init_5 = false;
                        uint _e276 = d;
                        uint _e279 = p.head_dim;
                        if (_e276 < _e279) {
                        } else {
                            break;
                        }
                        {
                            i = lid;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e324 = i;
                                    i = _e324 + 64u;
                                }
                                loop_init_6 = false;
                                uint _e282 = i;
                                if (_e282 < 128u) {
                                } else {
                                    break;
                                }
                                {
                                    v = metal::float4(0.0);
                                    uint _e288 = i;
                                    if ((_e288 / 8u) < rows) {
                                        uint _e292 = i;
                                        uint _e298 = p.heads;
                                        uint _e303 = p.head_dim;
                                        uint at_3 = (((first_row + (_e292 / 8u)) * _e298) + head) * _e303;
                                        uint _e307 = p.q;
                                        uint _e309 = d;
                                        uint _e310 = i;
                                        uint _e318 = p.head_dim;
                                        metal::float4 _e319 = xs_at(_e307 + at_3, _e309 + ((_e310 % 8u) * 4u), _e318, xs, _buffer_sizes);
                                        v = _e319;
                                    }
                                    uint _e321 = i;
                                    metal::float4 _e323 = v;
                                    queries.inner[_e321] = _e323;
                                }
                            }
                            i_1 = lid;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e381 = i_1;
                                    i_1 = _e381 + 64u;
                                }
                                loop_init_7 = false;
                                uint _e328 = i_1;
                                if (_e328 < 512u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e331 = i_1;
                                    uint key_2 = base + (_e331 / 8u);
                                    v_1 = metal::float4(0.0);
                                    if (key_2 >= _e76) {
                                        local_4 = key_2 <= _e77;
                                    } else {
                                        local_4 = false;
                                    }
                                    bool _e343 = local_4;
                                    if (_e343) {
                                        uint _e346 = p.k;
                                        uint _e350 = p.kv_heads;
                                        uint _e355 = p.head_dim;
                                        uint at_4 = _e346 + ((((input + key_2) * _e350) + kv_head) * _e355);
                                        uint _e358 = d;
                                        uint _e359 = i_1;
                                        uint _e367 = p.head_dim;
                                        metal::float4 _e368 = us_at(at_4, _e358 + ((_e359 % 8u) * 4u), _e367, us, _buffer_sizes);
                                        v_1 = _e368;
                                    }
                                    uint _e370 = i_1;
                                    uint _e375 = i_1;
                                    metal::float4 _e380 = v_1;
                                    tile_keys.inner[((_e370 / 8u) * 9u) + (_e375 % 8u)] = _e380;
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            w = 0u;
                            bool loop_init_8 = true;
                            while(true) {
                                if (!loop_init_8) {
                                    uint _e494 = w;
                                    w = _e494 + 1u;
                                }
                                loop_init_8 = false;
                                uint _e386 = w;
                                if (_e386 < 8u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e394 = w;
                                    metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e394];
                                    uint _e403 = w;
                                    metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e403];
                                    uint _e412 = w;
                                    metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e412];
                                    uint _e421 = w;
                                    metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e421];
                                    if (is_seen0_) {
                                        uint _e430 = w;
                                        metal::float4 k = tile_keys.inner[((some_keys + 0u) * 9u) + _e430];
                                        float _e434 = s00_;
                                        float _e435 = add_dot(q0_, k, _e434);
                                        s00_ = _e435;
                                        float _e436 = s10_;
                                        float _e437 = add_dot(q1_, k, _e436);
                                        s10_ = _e437;
                                        float _e438 = s20_;
                                        float _e439 = add_dot(q2_, k, _e438);
                                        s20_ = _e439;
                                        float _e440 = s30_;
                                        float _e441 = add_dot(q3_, k, _e440);
                                        s30_ = _e441;
                                    }
                                    if (is_seen1_) {
                                        uint _e447 = w;
                                        metal::float4 k_1 = tile_keys.inner[((some_keys + 16u) * 9u) + _e447];
                                        float _e451 = s01_;
                                        float _e452 = add_dot(q0_, k_1, _e451);
                                        s01_ = _e452;
                                        float _e453 = s11_;
                                        float _e454 = add_dot(q1_, k_1, _e453);
                                        s11_ = _e454;
                                        float _e455 = s21_;
                                        float _e456 = add_dot(q2_, k_1, _e455);
                                        s21_ = _e456;
                                        float _e457 = s31_;
                                        float _e458 = add_dot(q3_, k_1, _e457);
                                        s31_ = _e458;
                                    }
                                    if (is_seen2_) {
                                        uint _e464 = w;
                                        metal::float4 k_2 = tile_keys.inner[((some_keys + 32u) * 9u) + _e464];
                                        float _e468 = s02_;
                                        float _e469 = add_dot(q0_, k_2, _e468);
                                        s02_ = _e469;
                                        float _e470 = s12_;
                                        float _e471 = add_dot(q1_, k_2, _e470);
                                        s12_ = _e471;
                                        float _e472 = s22_;
                                        float _e473 = add_dot(q2_, k_2, _e472);
                                        s22_ = _e473;
                                        float _e474 = s32_;
                                        float _e475 = add_dot(q3_, k_2, _e474);
                                        s32_ = _e475;
                                    }
                                    if (is_seen3_) {
                                        uint _e481 = w;
                                        metal::float4 k_3 = tile_keys.inner[((some_keys + 48u) * 9u) + _e481];
                                        float _e485 = s03_;
                                        float _e486 = add_dot(q0_, k_3, _e485);
                                        s03_ = _e486;
                                        float _e487 = s13_;
                                        float _e488 = add_dot(q1_, k_3, _e487);
                                        s13_ = _e488;
                                        float _e489 = s23_;
                                        float _e490 = add_dot(q2_, k_3, _e489);
                                        s23_ = _e490;
                                        float _e491 = s33_;
                                        float _e492 = add_dot(q3_, k_3, _e491);
                                        s33_ = _e492;
                                    }
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                    float _e508 = s00_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e508;
                    float _e518 = s01_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e518;
                    float _e528 = s02_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e528;
                    float _e538 = s03_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e538;
                    float _e548 = s10_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e548;
                    float _e558 = s11_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e558;
                    float _e568 = s12_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e568;
                    float _e578 = s13_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e578;
                    float _e588 = s20_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e588;
                    float _e598 = s21_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e598;
                    float _e608 = s22_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e608;
                    float _e618 = s23_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e618;
                    float _e628 = s30_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e628;
                    float _e638 = s31_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e638;
                    float _e648 = s32_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e648;
                    float _e658 = s33_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e658;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e659 = m;
                    highest = _e659;
                    t = quarter * 16u;
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e740 = t;
                            t = _e740 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e664 = t;
                        if (_e664 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e670 = t;
                            uint key_3 = base + _e670;
                            if (row < rows) {
                                local_5 = key_3 >= _e91;
                            } else {
                                local_5 = false;
                            }
                            bool _e677 = local_5;
                            if (_e677) {
                                local_6 = key_3 <= _e92;
                            } else {
                                local_6 = false;
                            }
                            bool _e682 = local_6;
                            if (_e682) {
                                uint _e684 = t;
                                float _e689 = scores.inner[(_e684 * 16u) + row];
                                float _e692 = p.scale;
                                s = _e689 * _e692;
                                float _e697 = p.cap;
                                if (_e697 > 0.0) {
                                    float _e702 = p.cap;
                                    float _e703 = s;
                                    float _e706 = p.cap;
                                    float _e708 = tanh(_e703 / _e706);
                                    s = _e702 * _e708;
                                }
                                uint _e712 = p.slopes;
                                if (_e712 != NONE) {
                                    uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                                    uint _e721 = p.slopes;
                                    float _e724 = vectors[_e721 + head];
                                    float _e727 = s;
                                    s = metal::fma(_e724, -(static_cast<float>(distance)), _e727);
                                }
                                uint _e730 = t;
                                float _e735 = s;
                                scores.inner[(_e730 * 16u) + row] = _e735;
                                float _e736 = highest;
                                float _e737 = s;
                                highest = metal::max(_e736, _e737);
                            }
                        }
                    }
                    float _e744 = highest;
                    parts.inner[lid] = _e744;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e747 = parts.inner[row];
                    float _e752 = parts.inner[row + 16u];
                    float _e758 = parts.inner[row + 32u];
                    float _e763 = parts.inner[row + 48u];
                    highest = metal::max(metal::max(_e747, _e752), metal::max(_e758, _e763));
                    sum = 0.0;
                    t_1 = quarter * 16u;
                    bool loop_init_10 = true;
                    while(true) {
                        if (!loop_init_10) {
                            uint _e813 = t_1;
                            t_1 = _e813 + 1u;
                        }
                        loop_init_10 = false;
                        uint _e771 = t_1;
                        if (_e771 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e777 = t_1;
                            uint key_4 = base + _e777;
                            share = -1.0;
                            if (row < rows) {
                                local_7 = key_4 >= _e91;
                            } else {
                                local_7 = false;
                            }
                            bool _e786 = local_7;
                            if (_e786) {
                                local_8 = key_4 <= _e92;
                            } else {
                                local_8 = false;
                            }
                            bool _e791 = local_8;
                            if (_e791) {
                                uint _e793 = t_1;
                                float _e798 = scores.inner[(_e793 * 16u) + row];
                                float _e799 = highest;
                                float _e801 = exp(_e798 - _e799);
                                share = _e801;
                                float _e802 = sum;
                                float _e803 = share;
                                sum = _e802 + _e803;
                            }
                            uint _e806 = t_1;
                            float _e811 = share;
                            scores.inner[(_e806 * 16u) + row] = _e811;
                        }
                    }
                    float _e815 = m;
                    float _e816 = highest;
                    float _e818 = exp(_e815 - _e816);
                    if (quarter == 0u) {
                        factors.inner[row] = _e818;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e825 = sum;
                    parts.inner[lid] = _e825;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e826 = l;
                    float _e829 = parts.inner[row];
                    float _e834 = parts.inner[row + 16u];
                    float _e840 = parts.inner[row + 32u];
                    float _e846 = parts.inner[row + 48u];
                    l = metal::fma(_e826, _e818, ((_e829 + _e834) + _e840) + _e846);
                    float _e849 = highest;
                    m = _e849;
                    metal::float4 _e850 = acc0_;
                    float _e855 = factors.inner[my_rows + 0u];
                    acc0_ = _e850 * _e855;
                    metal::float4 _e857 = acc1_;
                    float _e862 = factors.inner[my_rows + 1u];
                    acc1_ = _e857 * _e862;
                    metal::float4 _e864 = acc2_;
                    float _e869 = factors.inner[my_rows + 2u];
                    acc2_ = _e864 * _e869;
                    metal::float4 _e871 = acc3_;
                    float _e876 = factors.inner[my_rows + 3u];
                    acc3_ = _e871 * _e876;
                    metal::float4 _e878 = acc4_;
                    float _e883 = factors.inner[my_rows + 4u];
                    acc4_ = _e878 * _e883;
                    metal::float4 _e885 = acc5_;
                    float _e890 = factors.inner[my_rows + 5u];
                    acc5_ = _e885 * _e890;
                    metal::float4 _e892 = acc6_;
                    float _e897 = factors.inner[my_rows + 6u];
                    acc6_ = _e892 * _e897;
                    metal::float4 _e899 = acc7_;
                    float _e904 = factors.inner[my_rows + 7u];
                    acc7_ = _e899 * _e904;
                    uint _e908 = p.value_dim;
                    if (column < _e908) {
                        uint from = metal::max(_e76, base);
                        uint to = metal::min(_e77, base + 63u);
                        if (_e78 <= from) {
                            local_9 = to <= _e79;
                        } else {
                            local_9 = false;
                        }
                        bool _e919 = local_9;
                        if (_e919) {
                            key = from;
                            bool loop_init_11 = true;
                            while(true) {
                                if (!loop_init_11) {
                                    uint _e1000 = key;
                                    key = _e1000 + 1u;
                                }
                                loop_init_11 = false;
                                uint _e921 = key;
                                if (_e921 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e923 = key;
                                    uint _e928 = p.value_dim;
                                    metal::float4 _e929 = vs_at(first_value + (_e923 * value_stride), column, _e928, vs, _buffer_sizes);
                                    uint _e930 = key;
                                    uint shares = ((_e930 - base) * 16u) + my_rows;
                                    float _e939 = scores.inner[shares + 0u];
                                    metal::float4 _e941 = acc0_;
                                    acc0_ = metal::fma(metal::float4(_e939), _e929, _e941);
                                    float _e947 = scores.inner[shares + 1u];
                                    metal::float4 _e949 = acc1_;
                                    acc1_ = metal::fma(metal::float4(_e947), _e929, _e949);
                                    float _e955 = scores.inner[shares + 2u];
                                    metal::float4 _e957 = acc2_;
                                    acc2_ = metal::fma(metal::float4(_e955), _e929, _e957);
                                    float _e963 = scores.inner[shares + 3u];
                                    metal::float4 _e965 = acc3_;
                                    acc3_ = metal::fma(metal::float4(_e963), _e929, _e965);
                                    float _e971 = scores.inner[shares + 4u];
                                    metal::float4 _e973 = acc4_;
                                    acc4_ = metal::fma(metal::float4(_e971), _e929, _e973);
                                    float _e979 = scores.inner[shares + 5u];
                                    metal::float4 _e981 = acc5_;
                                    acc5_ = metal::fma(metal::float4(_e979), _e929, _e981);
                                    float _e987 = scores.inner[shares + 6u];
                                    metal::float4 _e989 = acc6_;
                                    acc6_ = metal::fma(metal::float4(_e987), _e929, _e989);
                                    float _e995 = scores.inner[shares + 7u];
                                    metal::float4 _e997 = acc7_;
                                    acc7_ = metal::fma(metal::float4(_e995), _e929, _e997);
                                }
                            }
                        } else {
                            key_1 = from;
                            bool loop_init_12 = true;
                            while(true) {
                                if (!loop_init_12) {
                                    uint _e1138 = key_1;
                                    key_1 = _e1138 + 1u;
                                }
                                loop_init_12 = false;
                                uint _e1003 = key_1;
                                if (_e1003 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e1005 = key_1;
                                    uint _e1010 = p.value_dim;
                                    metal::float4 _e1011 = vs_at(first_value + (_e1005 * value_stride), column, _e1010, vs, _buffer_sizes);
                                    uint _e1012 = key_1;
                                    uint shares_1 = ((_e1012 - base) * 16u) + my_rows;
                                    float _e1021 = scores.inner[shares_1 + 0u];
                                    if (_e1021 != -1.0) {
                                        float _e1028 = scores.inner[shares_1 + 0u];
                                        metal::float4 _e1030 = acc0_;
                                        acc0_ = metal::fma(metal::float4(_e1028), _e1011, _e1030);
                                    }
                                    float _e1036 = scores.inner[shares_1 + 1u];
                                    if (_e1036 != -1.0) {
                                        float _e1043 = scores.inner[shares_1 + 1u];
                                        metal::float4 _e1045 = acc1_;
                                        acc1_ = metal::fma(metal::float4(_e1043), _e1011, _e1045);
                                    }
                                    float _e1051 = scores.inner[shares_1 + 2u];
                                    if (_e1051 != -1.0) {
                                        float _e1058 = scores.inner[shares_1 + 2u];
                                        metal::float4 _e1060 = acc2_;
                                        acc2_ = metal::fma(metal::float4(_e1058), _e1011, _e1060);
                                    }
                                    float _e1066 = scores.inner[shares_1 + 3u];
                                    if (_e1066 != -1.0) {
                                        float _e1073 = scores.inner[shares_1 + 3u];
                                        metal::float4 _e1075 = acc3_;
                                        acc3_ = metal::fma(metal::float4(_e1073), _e1011, _e1075);
                                    }
                                    float _e1081 = scores.inner[shares_1 + 4u];
                                    if (_e1081 != -1.0) {
                                        float _e1088 = scores.inner[shares_1 + 4u];
                                        metal::float4 _e1090 = acc4_;
                                        acc4_ = metal::fma(metal::float4(_e1088), _e1011, _e1090);
                                    }
                                    float _e1096 = scores.inner[shares_1 + 5u];
                                    if (_e1096 != -1.0) {
                                        float _e1103 = scores.inner[shares_1 + 5u];
                                        metal::float4 _e1105 = acc5_;
                                        acc5_ = metal::fma(metal::float4(_e1103), _e1011, _e1105);
                                    }
                                    float _e1111 = scores.inner[shares_1 + 6u];
                                    if (_e1111 != -1.0) {
                                        float _e1118 = scores.inner[shares_1 + 6u];
                                        metal::float4 _e1120 = acc6_;
                                        acc6_ = metal::fma(metal::float4(_e1118), _e1011, _e1120);
                                    }
                                    float _e1126 = scores.inner[shares_1 + 7u];
                                    if (_e1126 != -1.0) {
                                        float _e1133 = scores.inner[shares_1 + 7u];
                                        metal::float4 _e1135 = acc7_;
                                        acc7_ = metal::fma(metal::float4(_e1133), _e1011, _e1135);
                                    }
                                }
                            }
                        }
                    }
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint _e1143 = segment;
            if (_e91 < ((_e1143 + 1u) * SEGMENT)) {
                uint _e1151 = segment;
                local_10 = _e92 >= (_e1151 * SEGMENT);
            } else {
                local_10 = false;
            }
            bool is_seen = local_10;
            float _e1157 = all_m;
            float _e1158 = m;
            float highest_1 = metal::max(_e1157, _e1158);
            float _e1160 = all_m;
            float _e1162 = exp(_e1160 - highest_1);
            float _e1163 = m;
            float _e1165 = exp(_e1163 - highest_1);
            if (is_seen) {
                float _e1166 = all_l;
                float _e1167 = l;
                float _e1168 = joined(_e1166, _e1162, _e1167, _e1165);
                all_l = _e1168;
                all_m = highest_1;
            }
            if (quarter == 0u) {
                factors.inner[row] = _e1162;
                next_factors.inner[row] = is_seen ? _e1165 : -1.0;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e1181 = next_factors.inner[my_rows + 0u];
            if (_e1181 != -1.0) {
                float before = factors.inner[my_rows + 0u];
                float here = next_factors.inner[my_rows + 0u];
                float _e1196 = all0_.x;
                float _e1198 = acc0_.x;
                float _e1199 = joined(_e1196, before, _e1198, here);
                all0_.x = _e1199;
                float _e1202 = all0_.y;
                float _e1204 = acc0_.y;
                float _e1205 = joined(_e1202, before, _e1204, here);
                all0_.y = _e1205;
                float _e1208 = all0_.z;
                float _e1210 = acc0_.z;
                float _e1211 = joined(_e1208, before, _e1210, here);
                all0_.z = _e1211;
                float _e1214 = all0_.w;
                float _e1216 = acc0_.w;
                float _e1217 = joined(_e1214, before, _e1216, here);
                all0_.w = _e1217;
            }
            float _e1222 = next_factors.inner[my_rows + 1u];
            if (_e1222 != -1.0) {
                float before_1 = factors.inner[my_rows + 1u];
                float here_1 = next_factors.inner[my_rows + 1u];
                float _e1237 = all1_.x;
                float _e1239 = acc1_.x;
                float _e1240 = joined(_e1237, before_1, _e1239, here_1);
                all1_.x = _e1240;
                float _e1243 = all1_.y;
                float _e1245 = acc1_.y;
                float _e1246 = joined(_e1243, before_1, _e1245, here_1);
                all1_.y = _e1246;
                float _e1249 = all1_.z;
                float _e1251 = acc1_.z;
                float _e1252 = joined(_e1249, before_1, _e1251, here_1);
                all1_.z = _e1252;
                float _e1255 = all1_.w;
                float _e1257 = acc1_.w;
                float _e1258 = joined(_e1255, before_1, _e1257, here_1);
                all1_.w = _e1258;
            }
            float _e1263 = next_factors.inner[my_rows + 2u];
            if (_e1263 != -1.0) {
                float before_2 = factors.inner[my_rows + 2u];
                float here_2 = next_factors.inner[my_rows + 2u];
                float _e1278 = all2_.x;
                float _e1280 = acc2_.x;
                float _e1281 = joined(_e1278, before_2, _e1280, here_2);
                all2_.x = _e1281;
                float _e1284 = all2_.y;
                float _e1286 = acc2_.y;
                float _e1287 = joined(_e1284, before_2, _e1286, here_2);
                all2_.y = _e1287;
                float _e1290 = all2_.z;
                float _e1292 = acc2_.z;
                float _e1293 = joined(_e1290, before_2, _e1292, here_2);
                all2_.z = _e1293;
                float _e1296 = all2_.w;
                float _e1298 = acc2_.w;
                float _e1299 = joined(_e1296, before_2, _e1298, here_2);
                all2_.w = _e1299;
            }
            float _e1304 = next_factors.inner[my_rows + 3u];
            if (_e1304 != -1.0) {
                float before_3 = factors.inner[my_rows + 3u];
                float here_3 = next_factors.inner[my_rows + 3u];
                float _e1319 = all3_.x;
                float _e1321 = acc3_.x;
                float _e1322 = joined(_e1319, before_3, _e1321, here_3);
                all3_.x = _e1322;
                float _e1325 = all3_.y;
                float _e1327 = acc3_.y;
                float _e1328 = joined(_e1325, before_3, _e1327, here_3);
                all3_.y = _e1328;
                float _e1331 = all3_.z;
                float _e1333 = acc3_.z;
                float _e1334 = joined(_e1331, before_3, _e1333, here_3);
                all3_.z = _e1334;
                float _e1337 = all3_.w;
                float _e1339 = acc3_.w;
                float _e1340 = joined(_e1337, before_3, _e1339, here_3);
                all3_.w = _e1340;
            }
            float _e1345 = next_factors.inner[my_rows + 4u];
            if (_e1345 != -1.0) {
                float before_4 = factors.inner[my_rows + 4u];
                float here_4 = next_factors.inner[my_rows + 4u];
                float _e1360 = all4_.x;
                float _e1362 = acc4_.x;
                float _e1363 = joined(_e1360, before_4, _e1362, here_4);
                all4_.x = _e1363;
                float _e1366 = all4_.y;
                float _e1368 = acc4_.y;
                float _e1369 = joined(_e1366, before_4, _e1368, here_4);
                all4_.y = _e1369;
                float _e1372 = all4_.z;
                float _e1374 = acc4_.z;
                float _e1375 = joined(_e1372, before_4, _e1374, here_4);
                all4_.z = _e1375;
                float _e1378 = all4_.w;
                float _e1380 = acc4_.w;
                float _e1381 = joined(_e1378, before_4, _e1380, here_4);
                all4_.w = _e1381;
            }
            float _e1386 = next_factors.inner[my_rows + 5u];
            if (_e1386 != -1.0) {
                float before_5 = factors.inner[my_rows + 5u];
                float here_5 = next_factors.inner[my_rows + 5u];
                float _e1401 = all5_.x;
                float _e1403 = acc5_.x;
                float _e1404 = joined(_e1401, before_5, _e1403, here_5);
                all5_.x = _e1404;
                float _e1407 = all5_.y;
                float _e1409 = acc5_.y;
                float _e1410 = joined(_e1407, before_5, _e1409, here_5);
                all5_.y = _e1410;
                float _e1413 = all5_.z;
                float _e1415 = acc5_.z;
                float _e1416 = joined(_e1413, before_5, _e1415, here_5);
                all5_.z = _e1416;
                float _e1419 = all5_.w;
                float _e1421 = acc5_.w;
                float _e1422 = joined(_e1419, before_5, _e1421, here_5);
                all5_.w = _e1422;
            }
            float _e1427 = next_factors.inner[my_rows + 6u];
            if (_e1427 != -1.0) {
                float before_6 = factors.inner[my_rows + 6u];
                float here_6 = next_factors.inner[my_rows + 6u];
                float _e1442 = all6_.x;
                float _e1444 = acc6_.x;
                float _e1445 = joined(_e1442, before_6, _e1444, here_6);
                all6_.x = _e1445;
                float _e1448 = all6_.y;
                float _e1450 = acc6_.y;
                float _e1451 = joined(_e1448, before_6, _e1450, here_6);
                all6_.y = _e1451;
                float _e1454 = all6_.z;
                float _e1456 = acc6_.z;
                float _e1457 = joined(_e1454, before_6, _e1456, here_6);
                all6_.z = _e1457;
                float _e1460 = all6_.w;
                float _e1462 = acc6_.w;
                float _e1463 = joined(_e1460, before_6, _e1462, here_6);
                all6_.w = _e1463;
            }
            float _e1468 = next_factors.inner[my_rows + 7u];
            if (_e1468 != -1.0) {
                float before_7 = factors.inner[my_rows + 7u];
                float here_7 = next_factors.inner[my_rows + 7u];
                float _e1483 = all7_.x;
                float _e1485 = acc7_.x;
                float _e1486 = joined(_e1483, before_7, _e1485, here_7);
                all7_.x = _e1486;
                float _e1489 = all7_.y;
                float _e1491 = acc7_.y;
                float _e1492 = joined(_e1489, before_7, _e1491, here_7);
                all7_.y = _e1492;
                float _e1495 = all7_.z;
                float _e1497 = acc7_.z;
                float _e1498 = joined(_e1495, before_7, _e1497, here_7);
                all7_.z = _e1498;
                float _e1501 = all7_.w;
                float _e1503 = acc7_.w;
                float _e1504 = joined(_e1501, before_7, _e1503, here_7);
                all7_.w = _e1504;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (quarter == 0u) {
        float _e1512 = all_l;
        factors.inner[row] = 1.0 / _e1512;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    {
        if ((my_rows + 0u) < rows) {
            uint _e1522 = p.value_dim;
            local_11 = column < _e1522;
        } else {
            local_11 = false;
        }
        bool live = local_11;
        metal::float4 _e1526 = all0_;
        float _e1531 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1526 * _e1531;
        uint _e1538 = p.heads;
        uint _e1543 = p.value_dim;
        uint at_5 = (((((first_row + my_rows) + 0u) * _e1538) + head) * _e1543) + column;
        bool loop_init_13 = true;
        while(true) {
            if (!loop_init_13) {
                uint _e1576 = e;
                e = _e1576 + 1u;
            }
            loop_init_13 = false;
            uint _e1548 = e;
            if (_e1548 < 4u) {
                local_12 = live;
            } else {
                local_12 = false;
            }
            bool _e1554 = local_12;
            if (_e1554) {
                uint _e1557 = e;
                uint _e1561 = p.value_dim;
                local_13 = (column + _e1557) < _e1561;
            } else {
                local_13 = false;
            }
            bool _e1564 = local_13;
            if (_e1564) {
            } else {
                break;
            }
            {
                uint _e1568 = p.y;
                uint _e1570 = e;
                uint _e1573 = e;
                ys[(_e1568 + at_5) + _e1570] = y_1[_e1573];
            }
        }
    }
    {
        if ((my_rows + 1u) < rows) {
            uint _e1585 = p.value_dim;
            local_14 = column < _e1585;
        } else {
            local_14 = false;
        }
        bool live_1 = local_14;
        metal::float4 _e1589 = all1_;
        float _e1594 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1589 * _e1594;
        uint _e1601 = p.heads;
        uint _e1606 = p.value_dim;
        uint at_6 = (((((first_row + my_rows) + 1u) * _e1601) + head) * _e1606) + column;
        bool loop_init_14 = true;
        while(true) {
            if (!loop_init_14) {
                uint _e1639 = e_1;
                e_1 = _e1639 + 1u;
            }
            loop_init_14 = false;
            uint _e1611 = e_1;
            if (_e1611 < 4u) {
                local_15 = live_1;
            } else {
                local_15 = false;
            }
            bool _e1617 = local_15;
            if (_e1617) {
                uint _e1620 = e_1;
                uint _e1624 = p.value_dim;
                local_16 = (column + _e1620) < _e1624;
            } else {
                local_16 = false;
            }
            bool _e1627 = local_16;
            if (_e1627) {
            } else {
                break;
            }
            {
                uint _e1631 = p.y;
                uint _e1633 = e_1;
                uint _e1636 = e_1;
                ys[(_e1631 + at_6) + _e1633] = y_2[_e1636];
            }
        }
    }
    {
        if ((my_rows + 2u) < rows) {
            uint _e1648 = p.value_dim;
            local_17 = column < _e1648;
        } else {
            local_17 = false;
        }
        bool live_2 = local_17;
        metal::float4 _e1652 = all2_;
        float _e1657 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1652 * _e1657;
        uint _e1664 = p.heads;
        uint _e1669 = p.value_dim;
        uint at_7 = (((((first_row + my_rows) + 2u) * _e1664) + head) * _e1669) + column;
        bool loop_init_15 = true;
        while(true) {
            if (!loop_init_15) {
                uint _e1702 = e_2;
                e_2 = _e1702 + 1u;
            }
            loop_init_15 = false;
            uint _e1674 = e_2;
            if (_e1674 < 4u) {
                local_18 = live_2;
            } else {
                local_18 = false;
            }
            bool _e1680 = local_18;
            if (_e1680) {
                uint _e1683 = e_2;
                uint _e1687 = p.value_dim;
                local_19 = (column + _e1683) < _e1687;
            } else {
                local_19 = false;
            }
            bool _e1690 = local_19;
            if (_e1690) {
            } else {
                break;
            }
            {
                uint _e1694 = p.y;
                uint _e1696 = e_2;
                uint _e1699 = e_2;
                ys[(_e1694 + at_7) + _e1696] = y_3[_e1699];
            }
        }
    }
    {
        if ((my_rows + 3u) < rows) {
            uint _e1711 = p.value_dim;
            local_20 = column < _e1711;
        } else {
            local_20 = false;
        }
        bool live_3 = local_20;
        metal::float4 _e1715 = all3_;
        float _e1720 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1715 * _e1720;
        uint _e1727 = p.heads;
        uint _e1732 = p.value_dim;
        uint at_8 = (((((first_row + my_rows) + 3u) * _e1727) + head) * _e1732) + column;
        bool loop_init_16 = true;
        while(true) {
            if (!loop_init_16) {
                uint _e1765 = e_3;
                e_3 = _e1765 + 1u;
            }
            loop_init_16 = false;
            uint _e1737 = e_3;
            if (_e1737 < 4u) {
                local_21 = live_3;
            } else {
                local_21 = false;
            }
            bool _e1743 = local_21;
            if (_e1743) {
                uint _e1746 = e_3;
                uint _e1750 = p.value_dim;
                local_22 = (column + _e1746) < _e1750;
            } else {
                local_22 = false;
            }
            bool _e1753 = local_22;
            if (_e1753) {
            } else {
                break;
            }
            {
                uint _e1757 = p.y;
                uint _e1759 = e_3;
                uint _e1762 = e_3;
                ys[(_e1757 + at_8) + _e1759] = y_4[_e1762];
            }
        }
    }
    {
        if ((my_rows + 4u) < rows) {
            uint _e1774 = p.value_dim;
            local_23 = column < _e1774;
        } else {
            local_23 = false;
        }
        bool live_4 = local_23;
        metal::float4 _e1778 = all4_;
        float _e1783 = factors.inner[my_rows + 4u];
        metal::float4 y_5 = _e1778 * _e1783;
        uint _e1790 = p.heads;
        uint _e1795 = p.value_dim;
        uint at_9 = (((((first_row + my_rows) + 4u) * _e1790) + head) * _e1795) + column;
        bool loop_init_17 = true;
        while(true) {
            if (!loop_init_17) {
                uint _e1828 = e_4;
                e_4 = _e1828 + 1u;
            }
            loop_init_17 = false;
            uint _e1800 = e_4;
            if (_e1800 < 4u) {
                local_24 = live_4;
            } else {
                local_24 = false;
            }
            bool _e1806 = local_24;
            if (_e1806) {
                uint _e1809 = e_4;
                uint _e1813 = p.value_dim;
                local_25 = (column + _e1809) < _e1813;
            } else {
                local_25 = false;
            }
            bool _e1816 = local_25;
            if (_e1816) {
            } else {
                break;
            }
            {
                uint _e1820 = p.y;
                uint _e1822 = e_4;
                uint _e1825 = e_4;
                ys[(_e1820 + at_9) + _e1822] = y_5[_e1825];
            }
        }
    }
    {
        if ((my_rows + 5u) < rows) {
            uint _e1837 = p.value_dim;
            local_26 = column < _e1837;
        } else {
            local_26 = false;
        }
        bool live_5 = local_26;
        metal::float4 _e1841 = all5_;
        float _e1846 = factors.inner[my_rows + 5u];
        metal::float4 y_6 = _e1841 * _e1846;
        uint _e1853 = p.heads;
        uint _e1858 = p.value_dim;
        uint at_10 = (((((first_row + my_rows) + 5u) * _e1853) + head) * _e1858) + column;
        bool loop_init_18 = true;
        while(true) {
            if (!loop_init_18) {
                uint _e1891 = e_5;
                e_5 = _e1891 + 1u;
            }
            loop_init_18 = false;
            uint _e1863 = e_5;
            if (_e1863 < 4u) {
                local_27 = live_5;
            } else {
                local_27 = false;
            }
            bool _e1869 = local_27;
            if (_e1869) {
                uint _e1872 = e_5;
                uint _e1876 = p.value_dim;
                local_28 = (column + _e1872) < _e1876;
            } else {
                local_28 = false;
            }
            bool _e1879 = local_28;
            if (_e1879) {
            } else {
                break;
            }
            {
                uint _e1883 = p.y;
                uint _e1885 = e_5;
                uint _e1888 = e_5;
                ys[(_e1883 + at_10) + _e1885] = y_6[_e1888];
            }
        }
    }
    {
        if ((my_rows + 6u) < rows) {
            uint _e1900 = p.value_dim;
            local_29 = column < _e1900;
        } else {
            local_29 = false;
        }
        bool live_6 = local_29;
        metal::float4 _e1904 = all6_;
        float _e1909 = factors.inner[my_rows + 6u];
        metal::float4 y_7 = _e1904 * _e1909;
        uint _e1916 = p.heads;
        uint _e1921 = p.value_dim;
        uint at_11 = (((((first_row + my_rows) + 6u) * _e1916) + head) * _e1921) + column;
        bool loop_init_19 = true;
        while(true) {
            if (!loop_init_19) {
                uint _e1954 = e_6;
                e_6 = _e1954 + 1u;
            }
            loop_init_19 = false;
            uint _e1926 = e_6;
            if (_e1926 < 4u) {
                local_30 = live_6;
            } else {
                local_30 = false;
            }
            bool _e1932 = local_30;
            if (_e1932) {
                uint _e1935 = e_6;
                uint _e1939 = p.value_dim;
                local_31 = (column + _e1935) < _e1939;
            } else {
                local_31 = false;
            }
            bool _e1942 = local_31;
            if (_e1942) {
            } else {
                break;
            }
            {
                uint _e1946 = p.y;
                uint _e1948 = e_6;
                uint _e1951 = e_6;
                ys[(_e1946 + at_11) + _e1948] = y_7[_e1951];
            }
        }
    }
    {
        if ((my_rows + 7u) < rows) {
            uint _e1963 = p.value_dim;
            local_32 = column < _e1963;
        } else {
            local_32 = false;
        }
        bool live_7 = local_32;
        metal::float4 _e1967 = all7_;
        float _e1972 = factors.inner[my_rows + 7u];
        metal::float4 y_8 = _e1967 * _e1972;
        uint _e1979 = p.heads;
        uint _e1984 = p.value_dim;
        uint at_12 = (((((first_row + my_rows) + 7u) * _e1979) + head) * _e1984) + column;
        bool loop_init_20 = true;
        while(true) {
            if (!loop_init_20) {
                uint _e2017 = e_7;
                e_7 = _e2017 + 1u;
            }
            loop_init_20 = false;
            uint _e1989 = e_7;
            if (_e1989 < 4u) {
                local_33 = live_7;
            } else {
                local_33 = false;
            }
            bool _e1995 = local_33;
            if (_e1995) {
                uint _e1998 = e_7;
                uint _e2002 = p.value_dim;
                local_34 = (column + _e1998) < _e2002;
            } else {
                local_34 = false;
            }
            bool _e2005 = local_34;
            if (_e2005) {
            } else {
                break;
            }
            {
                uint _e2009 = p.y;
                uint _e2011 = e_7;
                uint _e2014 = e_7;
                ys[(_e2009 + at_12) + _e2011] = y_8[_e2014];
            }
        }
        return;
    }
}
