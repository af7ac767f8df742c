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
    uint e_2 = 0u;
    bool local_17 = {};
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
            uint _e49 = e_2;
            e_2 = _e49 + 1u;
        }
        loop_init = false;
        uint _e31 = e_2;
        if (_e31 < 4u) {
            uint _e36 = e_2;
            local_17 = (d_1 + _e36) < dim;
        } else {
            local_17 = false;
        }
        bool _e40 = local_17;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_2;
            uint _e44 = e_2;
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
    uint e_3 = 0u;
    bool local_18 = {};
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
            uint _e49 = e_3;
            e_3 = _e49 + 1u;
        }
        loop_init_1 = false;
        uint _e31 = e_3;
        if (_e31 < 4u) {
            uint _e36 = e_3;
            local_18 = (d_2 + _e36) < dim_1;
        } else {
            local_18 = false;
        }
        bool _e40 = local_18;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_3;
            uint _e44 = e_3;
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
    uint e_4 = 0u;
    bool local_19 = {};
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
            uint _e49 = e_4;
            e_4 = _e49 + 1u;
        }
        loop_init_2 = false;
        uint _e31 = e_4;
        if (_e31 < 4u) {
            uint _e36 = e_4;
            local_19 = (d_3 + _e36) < dim_2;
        } else {
            local_19 = false;
        }
        bool _e40 = local_19;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_4;
            uint _e44 = e_4;
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
    uint segment = {};
    float m = {};
    float l = {};
    metal::float4 acc0_ = {};
    metal::float4 acc1_ = {};
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
    uint my_rows = (lid / 8u) * 2u;
    uint _e100 = p.pieces;
    uint column = (((group.x % _e100) * 8u) + (lid % 8u)) * 4u;
    segment = _e76 / SEGMENT;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e1044 = segment;
            segment = _e1044 + 1u;
        }
        loop_init_3 = false;
        uint _e122 = segment;
        if (_e122 <= (_e77 / SEGMENT)) {
        } else {
            break;
        }
        {
            m = -340282350000000000000000000000000000000.0;
            l = 0.0;
            acc0_ = metal::float4(0.0);
            acc1_ = metal::float4(0.0);
            uint _e138 = segment;
            uint end_tile = metal::min(_e77 / 64u, ((_e138 * SEGMENT_TILES) + SEGMENT_TILES) - 1u);
            uint _e148 = segment;
            tile = metal::max(_e76 / 64u, _e148 * SEGMENT_TILES);
            bool loop_init_4 = true;
            while(true) {
                if (!loop_init_4) {
                    uint _e925 = tile;
                    tile = _e925 + 1u;
                }
                loop_init_4 = false;
                uint _e153 = tile;
                if (_e153 <= end_tile) {
                } else {
                    break;
                }
                {
                    uint _e155 = tile;
                    uint base = _e155 * 64u;
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
                            uint _e460 = d;
                            d = _e460 + 32u;
                        }
                        loop_init_5 = false;
                        uint _e240 = d;
                        uint _e243 = p.head_dim;
                        if (_e240 < _e243) {
                        } else {
                            break;
                        }
                        {
                            i = lid;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e288 = i;
                                    i = _e288 + 64u;
                                }
                                loop_init_6 = false;
                                uint _e246 = i;
                                if (_e246 < 128u) {
                                } else {
                                    break;
                                }
                                {
                                    v = metal::float4(0.0);
                                    uint _e252 = i;
                                    if ((_e252 / 8u) < rows) {
                                        uint _e256 = i;
                                        uint _e262 = p.heads;
                                        uint _e267 = p.head_dim;
                                        uint at_3 = (((first_row + (_e256 / 8u)) * _e262) + head) * _e267;
                                        uint _e271 = p.q;
                                        uint _e273 = d;
                                        uint _e274 = i;
                                        uint _e282 = p.head_dim;
                                        metal::float4 _e283 = xs_at(_e271 + at_3, _e273 + ((_e274 % 8u) * 4u), _e282, xs, _buffer_sizes);
                                        v = _e283;
                                    }
                                    uint _e285 = i;
                                    metal::float4 _e287 = v;
                                    queries.inner[_e285] = _e287;
                                }
                            }
                            i_1 = lid;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e345 = i_1;
                                    i_1 = _e345 + 64u;
                                }
                                loop_init_7 = false;
                                uint _e292 = i_1;
                                if (_e292 < 512u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e295 = i_1;
                                    uint key_2 = base + (_e295 / 8u);
                                    v_1 = metal::float4(0.0);
                                    if (key_2 >= _e76) {
                                        local_4 = key_2 <= _e77;
                                    } else {
                                        local_4 = false;
                                    }
                                    bool _e307 = local_4;
                                    if (_e307) {
                                        uint _e310 = p.k;
                                        uint _e314 = p.kv_heads;
                                        uint _e319 = p.head_dim;
                                        uint at_4 = _e310 + ((((input + key_2) * _e314) + kv_head) * _e319);
                                        uint _e322 = d;
                                        uint _e323 = i_1;
                                        uint _e331 = p.head_dim;
                                        metal::float4 _e332 = us_at(at_4, _e322 + ((_e323 % 8u) * 4u), _e331, us, _buffer_sizes);
                                        v_1 = _e332;
                                    }
                                    uint _e334 = i_1;
                                    uint _e339 = i_1;
                                    metal::float4 _e344 = v_1;
                                    tile_keys.inner[((_e334 / 8u) * 9u) + (_e339 % 8u)] = _e344;
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            w = 0u;
                            bool loop_init_8 = true;
                            while(true) {
                                if (!loop_init_8) {
                                    uint _e458 = w;
                                    w = _e458 + 1u;
                                }
                                loop_init_8 = false;
                                uint _e350 = w;
                                if (_e350 < 8u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e358 = w;
                                    metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e358];
                                    uint _e367 = w;
                                    metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e367];
                                    uint _e376 = w;
                                    metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e376];
                                    uint _e385 = w;
                                    metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e385];
                                    if (is_seen0_) {
                                        uint _e394 = w;
                                        metal::float4 k = tile_keys.inner[((some_keys + 0u) * 9u) + _e394];
                                        float _e398 = s00_;
                                        float _e399 = add_dot(q0_, k, _e398);
                                        s00_ = _e399;
                                        float _e400 = s10_;
                                        float _e401 = add_dot(q1_, k, _e400);
                                        s10_ = _e401;
                                        float _e402 = s20_;
                                        float _e403 = add_dot(q2_, k, _e402);
                                        s20_ = _e403;
                                        float _e404 = s30_;
                                        float _e405 = add_dot(q3_, k, _e404);
                                        s30_ = _e405;
                                    }
                                    if (is_seen1_) {
                                        uint _e411 = w;
                                        metal::float4 k_1 = tile_keys.inner[((some_keys + 16u) * 9u) + _e411];
                                        float _e415 = s01_;
                                        float _e416 = add_dot(q0_, k_1, _e415);
                                        s01_ = _e416;
                                        float _e417 = s11_;
                                        float _e418 = add_dot(q1_, k_1, _e417);
                                        s11_ = _e418;
                                        float _e419 = s21_;
                                        float _e420 = add_dot(q2_, k_1, _e419);
                                        s21_ = _e420;
                                        float _e421 = s31_;
                                        float _e422 = add_dot(q3_, k_1, _e421);
                                        s31_ = _e422;
                                    }
                                    if (is_seen2_) {
                                        uint _e428 = w;
                                        metal::float4 k_2 = tile_keys.inner[((some_keys + 32u) * 9u) + _e428];
                                        float _e432 = s02_;
                                        float _e433 = add_dot(q0_, k_2, _e432);
                                        s02_ = _e433;
                                        float _e434 = s12_;
                                        float _e435 = add_dot(q1_, k_2, _e434);
                                        s12_ = _e435;
                                        float _e436 = s22_;
                                        float _e437 = add_dot(q2_, k_2, _e436);
                                        s22_ = _e437;
                                        float _e438 = s32_;
                                        float _e439 = add_dot(q3_, k_2, _e438);
                                        s32_ = _e439;
                                    }
                                    if (is_seen3_) {
                                        uint _e445 = w;
                                        metal::float4 k_3 = tile_keys.inner[((some_keys + 48u) * 9u) + _e445];
                                        float _e449 = s03_;
                                        float _e450 = add_dot(q0_, k_3, _e449);
                                        s03_ = _e450;
                                        float _e451 = s13_;
                                        float _e452 = add_dot(q1_, k_3, _e451);
                                        s13_ = _e452;
                                        float _e453 = s23_;
                                        float _e454 = add_dot(q2_, k_3, _e453);
                                        s23_ = _e454;
                                        float _e455 = s33_;
                                        float _e456 = add_dot(q3_, k_3, _e455);
                                        s33_ = _e456;
                                    }
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                    float _e472 = s00_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e472;
                    float _e482 = s01_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e482;
                    float _e492 = s02_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e492;
                    float _e502 = s03_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e502;
                    float _e512 = s10_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e512;
                    float _e522 = s11_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e522;
                    float _e532 = s12_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e532;
                    float _e542 = s13_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e542;
                    float _e552 = s20_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e552;
                    float _e562 = s21_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e562;
                    float _e572 = s22_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e572;
                    float _e582 = s23_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e582;
                    float _e592 = s30_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e592;
                    float _e602 = s31_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e602;
                    float _e612 = s32_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e612;
                    float _e622 = s33_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e622;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e623 = m;
                    highest = _e623;
                    t = quarter * 16u;
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e704 = t;
                            t = _e704 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e628 = t;
                        if (_e628 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e634 = t;
                            uint key_3 = base + _e634;
                            if (row < rows) {
                                local_5 = key_3 >= _e91;
                            } else {
                                local_5 = false;
                            }
                            bool _e641 = local_5;
                            if (_e641) {
                                local_6 = key_3 <= _e92;
                            } else {
                                local_6 = false;
                            }
                            bool _e646 = local_6;
                            if (_e646) {
                                uint _e648 = t;
                                float _e653 = scores.inner[(_e648 * 16u) + row];
                                float _e656 = p.scale;
                                s = _e653 * _e656;
                                float _e661 = p.cap;
                                if (_e661 > 0.0) {
                                    float _e666 = p.cap;
                                    float _e667 = s;
                                    float _e670 = p.cap;
                                    float _e672 = tanh(_e667 / _e670);
                                    s = _e666 * _e672;
                                }
                                uint _e676 = p.slopes;
                                if (_e676 != NONE) {
                                    uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                                    uint _e685 = p.slopes;
                                    float _e688 = vectors[_e685 + head];
                                    float _e691 = s;
                                    s = metal::fma(_e688, -(static_cast<float>(distance)), _e691);
                                }
                                uint _e694 = t;
                                float _e699 = s;
                                scores.inner[(_e694 * 16u) + row] = _e699;
                                float _e700 = highest;
                                float _e701 = s;
                                highest = metal::max(_e700, _e701);
                            }
                        }
                    }
                    float _e708 = highest;
                    parts.inner[lid] = _e708;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e711 = parts.inner[row];
                    float _e716 = parts.inner[row + 16u];
                    float _e722 = parts.inner[row + 32u];
                    float _e727 = parts.inner[row + 48u];
                    highest = metal::max(metal::max(_e711, _e716), metal::max(_e722, _e727));
                    sum = 0.0;
                    t_1 = quarter * 16u;
                    bool loop_init_10 = true;
                    while(true) {
                        if (!loop_init_10) {
                            uint _e777 = t_1;
                            t_1 = _e777 + 1u;
                        }
                        loop_init_10 = false;
                        uint _e735 = t_1;
                        if (_e735 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e741 = t_1;
                            uint key_4 = base + _e741;
                            share = -1.0;
                            if (row < rows) {
                                local_7 = key_4 >= _e91;
                            } else {
                                local_7 = false;
                            }
                            bool _e750 = local_7;
                            if (_e750) {
                                local_8 = key_4 <= _e92;
                            } else {
                                local_8 = false;
                            }
                            bool _e755 = local_8;
                            if (_e755) {
                                uint _e757 = t_1;
                                float _e762 = scores.inner[(_e757 * 16u) + row];
                                float _e763 = highest;
                                float _e765 = exp(_e762 - _e763);
                                share = _e765;
                                float _e766 = sum;
                                float _e767 = share;
                                sum = _e766 + _e767;
                            }
                            uint _e770 = t_1;
                            float _e775 = share;
                            scores.inner[(_e770 * 16u) + row] = _e775;
                        }
                    }
                    float _e779 = m;
                    float _e780 = highest;
                    float _e782 = exp(_e779 - _e780);
                    if (quarter == 0u) {
                        factors.inner[row] = _e782;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e789 = sum;
                    parts.inner[lid] = _e789;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e790 = l;
                    float _e793 = parts.inner[row];
                    float _e798 = parts.inner[row + 16u];
                    float _e804 = parts.inner[row + 32u];
                    float _e810 = parts.inner[row + 48u];
                    l = metal::fma(_e790, _e782, ((_e793 + _e798) + _e804) + _e810);
                    float _e813 = highest;
                    m = _e813;
                    metal::float4 _e814 = acc0_;
                    float _e819 = factors.inner[my_rows + 0u];
                    acc0_ = _e814 * _e819;
                    metal::float4 _e821 = acc1_;
                    float _e826 = factors.inner[my_rows + 1u];
                    acc1_ = _e821 * _e826;
                    uint _e830 = p.value_dim;
                    if (column < _e830) {
                        uint from = metal::max(_e76, base);
                        uint to = metal::min(_e77, base + 63u);
                        if (_e78 <= from) {
                            local_9 = to <= _e79;
                        } else {
                            local_9 = false;
                        }
                        bool _e841 = local_9;
                        if (_e841) {
                            key = from;
                            bool loop_init_11 = true;
                            while(true) {
                                if (!loop_init_11) {
                                    uint _e874 = key;
                                    key = _e874 + 1u;
                                }
                                loop_init_11 = false;
                                uint _e843 = key;
                                if (_e843 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e845 = key;
                                    uint _e850 = p.value_dim;
                                    metal::float4 _e851 = vs_at(first_value + (_e845 * value_stride), column, _e850, vs, _buffer_sizes);
                                    uint _e852 = key;
                                    uint shares = ((_e852 - base) * 16u) + my_rows;
                                    float _e861 = scores.inner[shares + 0u];
                                    metal::float4 _e863 = acc0_;
                                    acc0_ = metal::fma(metal::float4(_e861), _e851, _e863);
                                    float _e869 = scores.inner[shares + 1u];
                                    metal::float4 _e871 = acc1_;
                                    acc1_ = metal::fma(metal::float4(_e869), _e851, _e871);
                                }
                            }
                        } else {
                            key_1 = from;
                            bool loop_init_12 = true;
                            while(true) {
                                if (!loop_init_12) {
                                    uint _e922 = key_1;
                                    key_1 = _e922 + 1u;
                                }
                                loop_init_12 = false;
                                uint _e877 = key_1;
                                if (_e877 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e879 = key_1;
                                    uint _e884 = p.value_dim;
                                    metal::float4 _e885 = vs_at(first_value + (_e879 * value_stride), column, _e884, vs, _buffer_sizes);
                                    uint _e886 = key_1;
                                    uint shares_1 = ((_e886 - base) * 16u) + my_rows;
                                    float _e895 = scores.inner[shares_1 + 0u];
                                    if (_e895 != -1.0) {
                                        float _e902 = scores.inner[shares_1 + 0u];
                                        metal::float4 _e904 = acc0_;
                                        acc0_ = metal::fma(metal::float4(_e902), _e885, _e904);
                                    }
                                    float _e910 = scores.inner[shares_1 + 1u];
                                    if (_e910 != -1.0) {
                                        float _e917 = scores.inner[shares_1 + 1u];
                                        metal::float4 _e919 = acc1_;
                                        acc1_ = metal::fma(metal::float4(_e917), _e885, _e919);
                                    }
                                }
                            }
                        }
                    }
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint _e927 = segment;
            if (_e91 < ((_e927 + 1u) * SEGMENT)) {
                uint _e935 = segment;
                local_10 = _e92 >= (_e935 * SEGMENT);
            } else {
                local_10 = false;
            }
            bool is_seen = local_10;
            float _e941 = all_m;
            float _e942 = m;
            float highest_1 = metal::max(_e941, _e942);
            float _e944 = all_m;
            float _e946 = exp(_e944 - highest_1);
            float _e947 = m;
            float _e949 = exp(_e947 - highest_1);
            if (is_seen) {
                float _e950 = all_l;
                float _e951 = l;
                float _e952 = joined(_e950, _e946, _e951, _e949);
                all_l = _e952;
                all_m = highest_1;
            }
            if (quarter == 0u) {
                factors.inner[row] = _e946;
                next_factors.inner[row] = is_seen ? _e949 : -1.0;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e965 = next_factors.inner[my_rows + 0u];
            if (_e965 != -1.0) {
                float before = factors.inner[my_rows + 0u];
                float here = next_factors.inner[my_rows + 0u];
                float _e980 = all0_.x;
                float _e982 = acc0_.x;
                float _e983 = joined(_e980, before, _e982, here);
                all0_.x = _e983;
                float _e986 = all0_.y;
                float _e988 = acc0_.y;
                float _e989 = joined(_e986, before, _e988, here);
                all0_.y = _e989;
                float _e992 = all0_.z;
                float _e994 = acc0_.z;
                float _e995 = joined(_e992, before, _e994, here);
                all0_.z = _e995;
                float _e998 = all0_.w;
                float _e1000 = acc0_.w;
                float _e1001 = joined(_e998, before, _e1000, here);
                all0_.w = _e1001;
            }
            float _e1006 = next_factors.inner[my_rows + 1u];
            if (_e1006 != -1.0) {
                float before_1 = factors.inner[my_rows + 1u];
                float here_1 = next_factors.inner[my_rows + 1u];
                float _e1021 = all1_.x;
                float _e1023 = acc1_.x;
                float _e1024 = joined(_e1021, before_1, _e1023, here_1);
                all1_.x = _e1024;
                float _e1027 = all1_.y;
                float _e1029 = acc1_.y;
                float _e1030 = joined(_e1027, before_1, _e1029, here_1);
                all1_.y = _e1030;
                float _e1033 = all1_.z;
                float _e1035 = acc1_.z;
                float _e1036 = joined(_e1033, before_1, _e1035, here_1);
                all1_.z = _e1036;
                float _e1039 = all1_.w;
                float _e1041 = acc1_.w;
                float _e1042 = joined(_e1039, before_1, _e1041, here_1);
                all1_.w = _e1042;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (quarter == 0u) {
        float _e1050 = all_l;
        factors.inner[row] = 1.0 / _e1050;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    {
        if ((my_rows + 0u) < rows) {
            uint _e1060 = p.value_dim;
            local_11 = column < _e1060;
        } else {
            local_11 = false;
        }
        bool live = local_11;
        metal::float4 _e1064 = all0_;
        float _e1069 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1064 * _e1069;
        uint _e1076 = p.heads;
        uint _e1081 = p.value_dim;
        uint at_5 = (((((first_row + my_rows) + 0u) * _e1076) + head) * _e1081) + column;
        bool loop_init_13 = true;
        while(true) {
            if (!loop_init_13) {
                uint _e1114 = e;
                e = _e1114 + 1u;
            }
            loop_init_13 = false;
            uint _e1086 = e;
            if (_e1086 < 4u) {
                local_12 = live;
            } else {
                local_12 = false;
            }
            bool _e1092 = local_12;
            if (_e1092) {
                uint _e1095 = e;
                uint _e1099 = p.value_dim;
                local_13 = (column + _e1095) < _e1099;
            } else {
                local_13 = false;
            }
            bool _e1102 = local_13;
            if (_e1102) {
            } else {
                break;
            }
            {
                uint _e1106 = p.y;
                uint _e1108 = e;
                uint _e1111 = e;
                ys[(_e1106 + at_5) + _e1108] = y_1[_e1111];
            }
        }
    }
    {
        if ((my_rows + 1u) < rows) {
            uint _e1123 = p.value_dim;
            local_14 = column < _e1123;
        } else {
            local_14 = false;
        }
        bool live_1 = local_14;
        metal::float4 _e1127 = all1_;
        float _e1132 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1127 * _e1132;
        uint _e1139 = p.heads;
        uint _e1144 = p.value_dim;
        uint at_6 = (((((first_row + my_rows) + 1u) * _e1139) + head) * _e1144) + column;
        bool loop_init_14 = true;
        while(true) {
            if (!loop_init_14) {
                uint _e1177 = e_1;
                e_1 = _e1177 + 1u;
            }
            loop_init_14 = false;
            uint _e1149 = e_1;
            if (_e1149 < 4u) {
                local_15 = live_1;
            } else {
                local_15 = false;
            }
            bool _e1155 = local_15;
            if (_e1155) {
                uint _e1158 = e_1;
                uint _e1162 = p.value_dim;
                local_16 = (column + _e1158) < _e1162;
            } else {
                local_16 = false;
            }
            bool _e1165 = local_16;
            if (_e1165) {
            } else {
                break;
            }
            {
                uint _e1169 = p.y;
                uint _e1171 = e_1;
                uint _e1174 = e_1;
                ys[(_e1169 + at_6) + _e1171] = y_2[_e1174];
            }
        }
        return;
    }
}
