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
    uint size6;
    uint size7;
};

typedef float type_1[1];
typedef uint type_3[1];
typedef metal::uint2 type_5[1];
struct P {
    uint q;
    uint y;
    uint heads;
    uint kv_heads;
    uint head_dim;
    uint pieces;
    uint blocks;
    uint positions;
    uint tables;
    uint window_kind;
    uint window;
    float scale;
    float cap;
    uint slopes;
    uint sinks;
    uint quantise;
    uint value_dim;
    uint stored_dim;
};
struct type_8 {
    uint inner[64];
};
struct type_9 {
    int inner[64];
};
struct type_11 {
    metal::float4 inner[128];
};
struct type_12 {
    metal::float4 inner[576];
};
struct type_13 {
    float inner[1024];
};
struct type_14 {
    float inner[64];
};
struct type_15 {
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

uint first_position(
    uint position,
    constant P& p
) {
    uint _e3 = p.window_kind;
    if (_e3 == 1u) {
        uint _e11 = p.window;
        uint _e17 = p.window;
        return ((position + 1u) > _e17) ? ((position + 1u) - _e11) : 0u;
    }
    uint _e22 = p.window_kind;
    if (_e22 == 2u) {
        uint _e27 = p.window;
        uint _e31 = p.window;
        return (position / _e27) * _e31;
    }
    return 0u;
}

uint head_words(
    uint head_dim
) {
    return (head_dim + 1u) / 2u;
}

metal::int4 naga_f2i32(metal::float4 value) {
    return static_cast<metal::int4>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

void quantise4_(
    metal::float4 v_2,
    uint lid_1,
    uint word,
    bool live,
    device type_3& qa,
    device type_5& qs,
    threadgroup type_8& q_max,
    threadgroup type_9& q_sum,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint amax = 0u;
    uint i_2 = 0u;
    bool local_36 = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v_2) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i_2;
            i_2 = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i_2;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i_2;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local_36 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_36 = true;
    }
    bool zero = local_36;
    float inverse = zero ? 0.0 : (127.0 / largest);
    metal::int4 q = zero ? metal::int4(0) : naga_f2i32(metal::rint(v_2 * inverse));
    q_sum.inner[lid_1] = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(q.x) + as_type<uint>(q.y))) + as_type<uint>(q.z))) + as_type<uint>(q.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (live) {
        qa[word] = as_type<uint>(packed_char4(q));
        if (lid_1 == first) {
            int _e75 = q_sum.inner[lid_1];
            int _e80 = q_sum.inner[lid_1 + 1u];
            int _e86 = q_sum.inner[lid_1 + 2u];
            int _e92 = q_sum.inner[lid_1 + 3u];
            int low_2 = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e75) + as_type<uint>(_e80))) + as_type<uint>(_e86))) + as_type<uint>(_e92));
            int _e98 = q_sum.inner[lid_1 + 4u];
            int _e103 = q_sum.inner[lid_1 + 5u];
            int _e109 = q_sum.inner[lid_1 + 6u];
            int _e115 = q_sum.inner[lid_1 + 7u];
            int high_2 = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e98) + as_type<uint>(_e103))) + as_type<uint>(_e109))) + as_type<uint>(_e115));
            scale = zero ? 0u : as_type<uint>(largest / 127.0);
            uint _e123 = scale;
            uint _e124 = amax;
            scale = poisoned ? (_e124 | 2143289344u) : _e123;
            uint _e132 = scale;
            qs[word / 8u] = metal::uint2(_e132, (static_cast<uint>(low_2) & 65535u) | (static_cast<uint>(high_2) << 16u));
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}

metal::float4 xs_at(
    uint at,
    uint d_1,
    uint dim,
    device type_1 const& xs,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_3 = metal::float4(0.0);
    uint e_8 = 0u;
    bool local_37 = {};
    uint i_3 = at + d_1;
    if ((d_1 + 4u) <= dim) {
        float _e9 = xs[i_3];
        float _e14 = xs[i_3 + 1u];
        float _e19 = xs[i_3 + 2u];
        float _e24 = xs[i_3 + 3u];
        return metal::float4(_e9, _e14, _e19, _e24);
    }
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e49 = e_8;
            e_8 = _e49 + 1u;
        }
        loop_init_1 = false;
        uint _e31 = e_8;
        if (_e31 < 4u) {
            uint _e36 = e_8;
            local_37 = (d_1 + _e36) < dim;
        } else {
            local_37 = false;
        }
        bool _e40 = local_37;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_8;
            uint _e44 = e_8;
            float _e47 = xs[i_3 + _e44];
            v_3[_e41] = _e47;
        }
    }
    metal::float4 _e51 = v_3;
    return _e51;
}

metal::float4 keys_at(
    uint at_1,
    uint d_2,
    uint dim_1,
    device type_3 const& keys,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float2 low = metal::float2(0.0);
    metal::float2 high = metal::float2(0.0);
    if (d_2 < dim_1) {
        uint _e15 = keys[at_1 + (d_2 / 2u)];
        low = float2(as_type<half2>(_e15));
    }
    if ((d_2 + 2u) < dim_1) {
        uint _e27 = keys[(at_1 + (d_2 / 2u)) + 1u];
        high = float2(as_type<half2>(_e27));
    }
    metal::float2 _e29 = low;
    metal::float2 _e30 = high;
    return metal::float4(_e29, _e30);
}

metal::float4 values_at(
    uint at_2,
    uint d_3,
    uint dim_2,
    device type_3 const& values,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float2 low_1 = metal::float2(0.0);
    metal::float2 high_1 = metal::float2(0.0);
    if (d_3 < dim_2) {
        uint _e15 = values[at_2 + (d_3 / 2u)];
        low_1 = float2(as_type<half2>(_e15));
    }
    if ((d_3 + 2u) < dim_2) {
        uint _e27 = values[(at_2 + (d_3 / 2u)) + 1u];
        high_1 = float2(as_type<half2>(_e27));
    }
    metal::float2 _e29 = low_1;
    metal::float2 _e30 = high_1;
    return metal::float4(_e29, _e30);
}

float add_dot(
    metal::float4 a,
    metal::float4 b,
    float sum_2
) {
    return metal::fma(a.w, b.w, metal::fma(a.z, b.z, metal::fma(a.y, b.y, metal::fma(a.x, b.x, sum_2))));
}

uint first_seen(
    uint position_1,
    constant P& p
) {
    uint _e1 = first_position(position_1, p);
    return _e1;
}

uint last_seen(
    uint position_2,
    uint len
) {
    return position_2;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, device type_1 const& vectors [[buffer(2)]]
, device type_3 const& lists [[buffer(3)]]
, device type_3 const& keys [[buffer(4)]]
, device type_3 const& values [[buffer(5)]]
, device type_3& qa [[buffer(6)]]
, device type_5& qs [[buffer(7)]]
, constant P& p [[buffer(8)]]
, threadgroup type_8& q_max
, threadgroup type_9& q_sum
, threadgroup type_11& queries
, threadgroup type_12& tile_keys
, threadgroup type_13& scores
, threadgroup type_14& parts
, threadgroup type_15& factors
, threadgroup type_15& next_factors
, threadgroup type_8& places
, constant _mslBufferSizes& _buffer_sizes [[buffer(9)]]
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
    bool local_1 = {};
    float s00_ = {};
    float s10_ = {};
    float s20_ = {};
    float s30_ = {};
    bool local_2 = {};
    float s01_ = {};
    float s11_ = {};
    float s21_ = {};
    float s31_ = {};
    bool local_3 = {};
    float s02_ = {};
    float s12_ = {};
    float s22_ = {};
    float s32_ = {};
    bool local_4 = {};
    float s03_ = {};
    float s13_ = {};
    float s23_ = {};
    float s33_ = {};
    uint d = {};
    uint i = {};
    metal::float4 v = {};
    uint i_1 = {};
    metal::float4 v_1 = {};
    bool local_5 = {};
    uint w = {};
    float highest = {};
    uint t = {};
    bool local_6 = {};
    bool local_7 = {};
    float s = {};
    float sum = {};
    uint t_1 = {};
    float share = {};
    bool local_8 = {};
    bool local_9 = {};
    bool local_10 = {};
    uint key = {};
    uint key_1 = {};
    bool local_11 = {};
    bool local_12 = {};
    uint e = 0u;
    bool local_13 = {};
    bool local_14 = {};
    bool local_15 = {};
    uint e_1 = 0u;
    bool local_16 = {};
    bool local_17 = {};
    bool local_18 = {};
    uint e_2 = 0u;
    bool local_19 = {};
    bool local_20 = {};
    bool local_21 = {};
    uint e_3 = 0u;
    bool local_22 = {};
    bool local_23 = {};
    bool local_24 = {};
    uint e_4 = 0u;
    bool local_25 = {};
    bool local_26 = {};
    bool local_27 = {};
    uint e_5 = 0u;
    bool local_28 = {};
    bool local_29 = {};
    bool local_30 = {};
    uint e_6 = 0u;
    bool local_31 = {};
    bool local_32 = {};
    bool local_33 = {};
    uint e_7 = 0u;
    bool local_34 = {};
    bool local_35 = {};
    uint _e5 = p.pieces;
    uint head = group.x / _e5;
    uint _e9 = p.heads;
    uint _e12 = p.kv_heads;
    uint kv_head = head / (_e9 / _e12);
    uint _e18 = p.blocks;
    uint first_row = lists[_e18 + (group.y * 2u)];
    uint _e28 = p.blocks;
    uint rows = lists[(_e28 + (group.y * 2u)) + 1u];
    uint _e40 = p.positions;
    uint begin = lists[_e40 + first_row];
    uint len_1 = begin + rows;
    uint _e48 = p.tables;
    uint table = lists[_e48 + first_row];
    uint _e54 = p.head_dim;
    uint _e55 = head_words(_e54);
    uint _e58 = p.stored_dim;
    uint _e59 = head_words(_e58);
    uint end = (begin + rows) - 1u;
    uint _e63 = first_seen(begin, p);
    uint _e64 = last_seen(end, len_1);
    uint _e65 = first_seen(end, p);
    uint _e66 = last_seen(begin, len_1);
    uint some_rows = (lid / 16u) * 4u;
    uint some_keys = lid % 16u;
    uint row = lid % 16u;
    uint quarter = lid / 16u;
    uint position_3 = begin + row;
    uint _e78 = first_seen(position_3, p);
    uint _e79 = last_seen(position_3, len_1);
    uint my_rows = (lid / 32u) * 8u;
    uint _e87 = p.pieces;
    uint column = (((group.x % _e87) * 32u) + (lid % 32u)) * 4u;
    uint _e102 = p.sinks;
    if (_e102 != NONE) {
        uint _e108 = p.sinks;
        float _e111 = vectors[_e108 + head];
        all_m = _e111;
        all_l = 1.0;
    }
    segment = _e63 / SEGMENT;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e1532 = segment;
            segment = _e1532 + 1u;
        }
        loop_init_2 = false;
        uint _e140 = segment;
        if (_e140 <= (_e64 / SEGMENT)) {
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
            uint end_tile = metal::min(_e64 / 64u, ((_e174 * SEGMENT_TILES) + SEGMENT_TILES) - 1u);
            uint _e184 = segment;
            tile = metal::max(_e63 / 64u, _e184 * SEGMENT_TILES);
            bool loop_init_3 = true;
            while(true) {
                if (!loop_init_3) {
                    uint _e1167 = tile;
                    tile = _e1167 + 1u;
                }
                loop_init_3 = false;
                uint _e189 = tile;
                if (_e189 <= end_tile) {
                } else {
                    break;
                }
                {
                    uint _e191 = tile;
                    uint base = _e191 * 64u;
                    if ((base + lid) >= _e63) {
                        local = (base + lid) <= _e64;
                    } else {
                        local = false;
                    }
                    bool _e201 = local;
                    if (_e201) {
                        uint _e208 = lists[table + ((base + lid) / 16u)];
                        uint slot = (_e208 * 16u) + (lid % 16u);
                        uint _e218 = p.kv_heads;
                        places.inner[lid] = (slot * _e218) + kv_head;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    if ((base + 0u) <= _e64) {
                        local_1 = ((base + 0u) + 15u) >= _e63;
                    } else {
                        local_1 = false;
                    }
                    bool is_seen0_ = local_1;
                    s00_ = 0.0;
                    s10_ = 0.0;
                    s20_ = 0.0;
                    s30_ = 0.0;
                    if ((base + 16u) <= _e64) {
                        local_2 = ((base + 16u) + 15u) >= _e63;
                    } else {
                        local_2 = false;
                    }
                    bool is_seen1_ = local_2;
                    s01_ = 0.0;
                    s11_ = 0.0;
                    s21_ = 0.0;
                    s31_ = 0.0;
                    if ((base + 32u) <= _e64) {
                        local_3 = ((base + 32u) + 15u) >= _e63;
                    } else {
                        local_3 = false;
                    }
                    bool is_seen2_ = local_3;
                    s02_ = 0.0;
                    s12_ = 0.0;
                    s22_ = 0.0;
                    s32_ = 0.0;
                    if ((base + 48u) <= _e64) {
                        local_4 = ((base + 48u) + 15u) >= _e63;
                    } else {
                        local_4 = false;
                    }
                    bool is_seen3_ = local_4;
                    s03_ = 0.0;
                    s13_ = 0.0;
                    s23_ = 0.0;
                    s33_ = 0.0;
                    d = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e516 = d;
                            d = _e516 + 32u;
                        }
                        loop_init_4 = false;
                        uint _e303 = d;
                        uint _e306 = p.head_dim;
                        if (_e303 < _e306) {
                        } else {
                            break;
                        }
                        {
                            i = lid;
                            bool loop_init_5 = true;
                            while(true) {
                                if (!loop_init_5) {
                                    uint _e351 = i;
                                    i = _e351 + 64u;
                                }
                                loop_init_5 = false;
                                uint _e309 = i;
                                if (_e309 < 128u) {
                                } else {
                                    break;
                                }
                                {
                                    v = metal::float4(0.0);
                                    uint _e315 = i;
                                    if ((_e315 / 8u) < rows) {
                                        uint _e319 = i;
                                        uint _e325 = p.heads;
                                        uint _e330 = p.head_dim;
                                        uint at_3 = (((first_row + (_e319 / 8u)) * _e325) + head) * _e330;
                                        uint _e334 = p.q;
                                        uint _e336 = d;
                                        uint _e337 = i;
                                        uint _e345 = p.head_dim;
                                        metal::float4 _e346 = xs_at(_e334 + at_3, _e336 + ((_e337 % 8u) * 4u), _e345, xs, _buffer_sizes);
                                        v = _e346;
                                    }
                                    uint _e348 = i;
                                    metal::float4 _e350 = v;
                                    queries.inner[_e348] = _e350;
                                }
                            }
                            i_1 = lid;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e401 = i_1;
                                    i_1 = _e401 + 64u;
                                }
                                loop_init_6 = false;
                                uint _e355 = i_1;
                                if (_e355 < 512u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e358 = i_1;
                                    uint key_2 = base + (_e358 / 8u);
                                    v_1 = metal::float4(0.0);
                                    if (key_2 >= _e63) {
                                        local_5 = key_2 <= _e64;
                                    } else {
                                        local_5 = false;
                                    }
                                    bool _e370 = local_5;
                                    if (_e370) {
                                        uint _e372 = i_1;
                                        uint _e376 = places.inner[_e372 / 8u];
                                        uint _e378 = d;
                                        uint _e379 = i_1;
                                        uint _e387 = p.head_dim;
                                        metal::float4 _e388 = keys_at(_e376 * _e55, _e378 + ((_e379 % 8u) * 4u), _e387, keys, _buffer_sizes);
                                        v_1 = _e388;
                                    }
                                    uint _e390 = i_1;
                                    uint _e395 = i_1;
                                    metal::float4 _e400 = v_1;
                                    tile_keys.inner[((_e390 / 8u) * 9u) + (_e395 % 8u)] = _e400;
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            w = 0u;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e514 = w;
                                    w = _e514 + 1u;
                                }
                                loop_init_7 = false;
                                uint _e406 = w;
                                if (_e406 < 8u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e414 = w;
                                    metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e414];
                                    uint _e423 = w;
                                    metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e423];
                                    uint _e432 = w;
                                    metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e432];
                                    uint _e441 = w;
                                    metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e441];
                                    if (is_seen0_) {
                                        uint _e450 = w;
                                        metal::float4 k = tile_keys.inner[((some_keys + 0u) * 9u) + _e450];
                                        float _e454 = s00_;
                                        float _e455 = add_dot(q0_, k, _e454);
                                        s00_ = _e455;
                                        float _e456 = s10_;
                                        float _e457 = add_dot(q1_, k, _e456);
                                        s10_ = _e457;
                                        float _e458 = s20_;
                                        float _e459 = add_dot(q2_, k, _e458);
                                        s20_ = _e459;
                                        float _e460 = s30_;
                                        float _e461 = add_dot(q3_, k, _e460);
                                        s30_ = _e461;
                                    }
                                    if (is_seen1_) {
                                        uint _e467 = w;
                                        metal::float4 k_1 = tile_keys.inner[((some_keys + 16u) * 9u) + _e467];
                                        float _e471 = s01_;
                                        float _e472 = add_dot(q0_, k_1, _e471);
                                        s01_ = _e472;
                                        float _e473 = s11_;
                                        float _e474 = add_dot(q1_, k_1, _e473);
                                        s11_ = _e474;
                                        float _e475 = s21_;
                                        float _e476 = add_dot(q2_, k_1, _e475);
                                        s21_ = _e476;
                                        float _e477 = s31_;
                                        float _e478 = add_dot(q3_, k_1, _e477);
                                        s31_ = _e478;
                                    }
                                    if (is_seen2_) {
                                        uint _e484 = w;
                                        metal::float4 k_2 = tile_keys.inner[((some_keys + 32u) * 9u) + _e484];
                                        float _e488 = s02_;
                                        float _e489 = add_dot(q0_, k_2, _e488);
                                        s02_ = _e489;
                                        float _e490 = s12_;
                                        float _e491 = add_dot(q1_, k_2, _e490);
                                        s12_ = _e491;
                                        float _e492 = s22_;
                                        float _e493 = add_dot(q2_, k_2, _e492);
                                        s22_ = _e493;
                                        float _e494 = s32_;
                                        float _e495 = add_dot(q3_, k_2, _e494);
                                        s32_ = _e495;
                                    }
                                    if (is_seen3_) {
                                        uint _e501 = w;
                                        metal::float4 k_3 = tile_keys.inner[((some_keys + 48u) * 9u) + _e501];
                                        float _e505 = s03_;
                                        float _e506 = add_dot(q0_, k_3, _e505);
                                        s03_ = _e506;
                                        float _e507 = s13_;
                                        float _e508 = add_dot(q1_, k_3, _e507);
                                        s13_ = _e508;
                                        float _e509 = s23_;
                                        float _e510 = add_dot(q2_, k_3, _e509);
                                        s23_ = _e510;
                                        float _e511 = s33_;
                                        float _e512 = add_dot(q3_, k_3, _e511);
                                        s33_ = _e512;
                                    }
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                    float _e528 = s00_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e528;
                    float _e538 = s01_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e538;
                    float _e548 = s02_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e548;
                    float _e558 = s03_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e558;
                    float _e568 = s10_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e568;
                    float _e578 = s11_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e578;
                    float _e588 = s12_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e588;
                    float _e598 = s13_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e598;
                    float _e608 = s20_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e608;
                    float _e618 = s21_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e618;
                    float _e628 = s22_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e628;
                    float _e638 = s23_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e638;
                    float _e648 = s30_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e648;
                    float _e658 = s31_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e658;
                    float _e668 = s32_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e668;
                    float _e678 = s33_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e678;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e679 = m;
                    highest = _e679;
                    t = quarter * 16u;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e760 = t;
                            t = _e760 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e684 = t;
                        if (_e684 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e690 = t;
                            uint key_3 = base + _e690;
                            if (row < rows) {
                                local_6 = key_3 >= _e78;
                            } else {
                                local_6 = false;
                            }
                            bool _e697 = local_6;
                            if (_e697) {
                                local_7 = key_3 <= _e79;
                            } else {
                                local_7 = false;
                            }
                            bool _e702 = local_7;
                            if (_e702) {
                                uint _e704 = t;
                                float _e709 = scores.inner[(_e704 * 16u) + row];
                                float _e712 = p.scale;
                                s = _e709 * _e712;
                                float _e717 = p.cap;
                                if (_e717 > 0.0) {
                                    float _e722 = p.cap;
                                    float _e723 = s;
                                    float _e726 = p.cap;
                                    float _e728 = tanh(_e723 / _e726);
                                    s = _e722 * _e728;
                                }
                                uint _e732 = p.slopes;
                                if (_e732 != NONE) {
                                    uint distance = metal::max(position_3, key_3) - metal::min(position_3, key_3);
                                    uint _e741 = p.slopes;
                                    float _e744 = vectors[_e741 + head];
                                    float _e747 = s;
                                    s = metal::fma(_e744, -(static_cast<float>(distance)), _e747);
                                }
                                uint _e750 = t;
                                float _e755 = s;
                                scores.inner[(_e750 * 16u) + row] = _e755;
                                float _e756 = highest;
                                float _e757 = s;
                                highest = metal::max(_e756, _e757);
                            }
                        }
                    }
                    float _e764 = highest;
                    parts.inner[lid] = _e764;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e767 = parts.inner[row];
                    float _e772 = parts.inner[row + 16u];
                    float _e778 = parts.inner[row + 32u];
                    float _e783 = parts.inner[row + 48u];
                    highest = metal::max(metal::max(_e767, _e772), metal::max(_e778, _e783));
                    sum = 0.0;
                    t_1 = quarter * 16u;
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e833 = t_1;
                            t_1 = _e833 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e791 = t_1;
                        if (_e791 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e797 = t_1;
                            uint key_4 = base + _e797;
                            share = -1.0;
                            if (row < rows) {
                                local_8 = key_4 >= _e78;
                            } else {
                                local_8 = false;
                            }
                            bool _e806 = local_8;
                            if (_e806) {
                                local_9 = key_4 <= _e79;
                            } else {
                                local_9 = false;
                            }
                            bool _e811 = local_9;
                            if (_e811) {
                                uint _e813 = t_1;
                                float _e818 = scores.inner[(_e813 * 16u) + row];
                                float _e819 = highest;
                                float _e821 = exp(_e818 - _e819);
                                share = _e821;
                                float _e822 = sum;
                                float _e823 = share;
                                sum = _e822 + _e823;
                            }
                            uint _e826 = t_1;
                            float _e831 = share;
                            scores.inner[(_e826 * 16u) + row] = _e831;
                        }
                    }
                    float _e835 = m;
                    float _e836 = highest;
                    float _e838 = exp(_e835 - _e836);
                    if (quarter == 0u) {
                        factors.inner[row] = _e838;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e845 = sum;
                    parts.inner[lid] = _e845;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e846 = l;
                    float _e849 = parts.inner[row];
                    float _e854 = parts.inner[row + 16u];
                    float _e860 = parts.inner[row + 32u];
                    float _e866 = parts.inner[row + 48u];
                    l = metal::fma(_e846, _e838, ((_e849 + _e854) + _e860) + _e866);
                    float _e869 = highest;
                    m = _e869;
                    metal::float4 _e870 = acc0_;
                    float _e875 = factors.inner[my_rows + 0u];
                    acc0_ = _e870 * _e875;
                    metal::float4 _e877 = acc1_;
                    float _e882 = factors.inner[my_rows + 1u];
                    acc1_ = _e877 * _e882;
                    metal::float4 _e884 = acc2_;
                    float _e889 = factors.inner[my_rows + 2u];
                    acc2_ = _e884 * _e889;
                    metal::float4 _e891 = acc3_;
                    float _e896 = factors.inner[my_rows + 3u];
                    acc3_ = _e891 * _e896;
                    metal::float4 _e898 = acc4_;
                    float _e903 = factors.inner[my_rows + 4u];
                    acc4_ = _e898 * _e903;
                    metal::float4 _e905 = acc5_;
                    float _e910 = factors.inner[my_rows + 5u];
                    acc5_ = _e905 * _e910;
                    metal::float4 _e912 = acc6_;
                    float _e917 = factors.inner[my_rows + 6u];
                    acc6_ = _e912 * _e917;
                    metal::float4 _e919 = acc7_;
                    float _e924 = factors.inner[my_rows + 7u];
                    acc7_ = _e919 * _e924;
                    uint _e928 = p.value_dim;
                    if (column < _e928) {
                        uint from = metal::max(_e63, base);
                        uint to = metal::min(_e64, base + 63u);
                        if (_e65 <= from) {
                            local_10 = to <= _e66;
                        } else {
                            local_10 = false;
                        }
                        bool _e939 = local_10;
                        if (_e939) {
                            key = from;
                            bool loop_init_10 = true;
                            while(true) {
                                if (!loop_init_10) {
                                    uint _e1023 = key;
                                    key = _e1023 + 1u;
                                }
                                loop_init_10 = false;
                                uint _e941 = key;
                                if (_e941 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e944 = key;
                                    uint _e947 = places.inner[_e944 - base];
                                    uint _e951 = p.stored_dim;
                                    metal::float4 _e952 = values_at(_e947 * _e59, column, _e951, values, _buffer_sizes);
                                    uint _e953 = key;
                                    uint shares = ((_e953 - base) * 16u) + my_rows;
                                    float _e962 = scores.inner[shares + 0u];
                                    metal::float4 _e964 = acc0_;
                                    acc0_ = metal::fma(metal::float4(_e962), _e952, _e964);
                                    float _e970 = scores.inner[shares + 1u];
                                    metal::float4 _e972 = acc1_;
                                    acc1_ = metal::fma(metal::float4(_e970), _e952, _e972);
                                    float _e978 = scores.inner[shares + 2u];
                                    metal::float4 _e980 = acc2_;
                                    acc2_ = metal::fma(metal::float4(_e978), _e952, _e980);
                                    float _e986 = scores.inner[shares + 3u];
                                    metal::float4 _e988 = acc3_;
                                    acc3_ = metal::fma(metal::float4(_e986), _e952, _e988);
                                    float _e994 = scores.inner[shares + 4u];
                                    metal::float4 _e996 = acc4_;
                                    acc4_ = metal::fma(metal::float4(_e994), _e952, _e996);
                                    float _e1002 = scores.inner[shares + 5u];
                                    metal::float4 _e1004 = acc5_;
                                    acc5_ = metal::fma(metal::float4(_e1002), _e952, _e1004);
                                    float _e1010 = scores.inner[shares + 6u];
                                    metal::float4 _e1012 = acc6_;
                                    acc6_ = metal::fma(metal::float4(_e1010), _e952, _e1012);
                                    float _e1018 = scores.inner[shares + 7u];
                                    metal::float4 _e1020 = acc7_;
                                    acc7_ = metal::fma(metal::float4(_e1018), _e952, _e1020);
                                }
                            }
                        } else {
                            key_1 = from;
                            bool loop_init_11 = true;
                            while(true) {
                                if (!loop_init_11) {
                                    uint _e1164 = key_1;
                                    key_1 = _e1164 + 1u;
                                }
                                loop_init_11 = false;
                                uint _e1026 = key_1;
                                if (_e1026 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e1029 = key_1;
                                    uint _e1032 = places.inner[_e1029 - base];
                                    uint _e1036 = p.stored_dim;
                                    metal::float4 _e1037 = values_at(_e1032 * _e59, column, _e1036, values, _buffer_sizes);
                                    uint _e1038 = key_1;
                                    uint shares_1 = ((_e1038 - base) * 16u) + my_rows;
                                    float _e1047 = scores.inner[shares_1 + 0u];
                                    if (_e1047 != -1.0) {
                                        float _e1054 = scores.inner[shares_1 + 0u];
                                        metal::float4 _e1056 = acc0_;
                                        acc0_ = metal::fma(metal::float4(_e1054), _e1037, _e1056);
                                    }
                                    float _e1062 = scores.inner[shares_1 + 1u];
                                    if (_e1062 != -1.0) {
                                        float _e1069 = scores.inner[shares_1 + 1u];
                                        metal::float4 _e1071 = acc1_;
                                        acc1_ = metal::fma(metal::float4(_e1069), _e1037, _e1071);
                                    }
                                    float _e1077 = scores.inner[shares_1 + 2u];
                                    if (_e1077 != -1.0) {
                                        float _e1084 = scores.inner[shares_1 + 2u];
                                        metal::float4 _e1086 = acc2_;
                                        acc2_ = metal::fma(metal::float4(_e1084), _e1037, _e1086);
                                    }
                                    float _e1092 = scores.inner[shares_1 + 3u];
                                    if (_e1092 != -1.0) {
                                        float _e1099 = scores.inner[shares_1 + 3u];
                                        metal::float4 _e1101 = acc3_;
                                        acc3_ = metal::fma(metal::float4(_e1099), _e1037, _e1101);
                                    }
                                    float _e1107 = scores.inner[shares_1 + 4u];
                                    if (_e1107 != -1.0) {
                                        float _e1114 = scores.inner[shares_1 + 4u];
                                        metal::float4 _e1116 = acc4_;
                                        acc4_ = metal::fma(metal::float4(_e1114), _e1037, _e1116);
                                    }
                                    float _e1122 = scores.inner[shares_1 + 5u];
                                    if (_e1122 != -1.0) {
                                        float _e1129 = scores.inner[shares_1 + 5u];
                                        metal::float4 _e1131 = acc5_;
                                        acc5_ = metal::fma(metal::float4(_e1129), _e1037, _e1131);
                                    }
                                    float _e1137 = scores.inner[shares_1 + 6u];
                                    if (_e1137 != -1.0) {
                                        float _e1144 = scores.inner[shares_1 + 6u];
                                        metal::float4 _e1146 = acc6_;
                                        acc6_ = metal::fma(metal::float4(_e1144), _e1037, _e1146);
                                    }
                                    float _e1152 = scores.inner[shares_1 + 7u];
                                    if (_e1152 != -1.0) {
                                        float _e1159 = scores.inner[shares_1 + 7u];
                                        metal::float4 _e1161 = acc7_;
                                        acc7_ = metal::fma(metal::float4(_e1159), _e1037, _e1161);
                                    }
                                }
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint _e1169 = segment;
            if (_e78 < ((_e1169 + 1u) * SEGMENT)) {
                uint _e1177 = segment;
                local_11 = _e79 >= (_e1177 * SEGMENT);
            } else {
                local_11 = false;
            }
            bool is_seen = local_11;
            float _e1183 = all_m;
            float _e1184 = m;
            float highest_1 = metal::max(_e1183, _e1184);
            float _e1186 = all_m;
            float _e1188 = exp(_e1186 - highest_1);
            float _e1189 = m;
            float _e1191 = exp(_e1189 - highest_1);
            if (is_seen) {
                float _e1192 = all_l;
                float _e1193 = l;
                float _e1194 = joined(_e1192, _e1188, _e1193, _e1191);
                all_l = _e1194;
                all_m = highest_1;
            }
            if (quarter == 0u) {
                factors.inner[row] = _e1188;
                next_factors.inner[row] = is_seen ? _e1191 : -1.0;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e1207 = next_factors.inner[my_rows + 0u];
            if (_e1207 != -1.0) {
                float before = factors.inner[my_rows + 0u];
                float here = next_factors.inner[my_rows + 0u];
                float _e1222 = all0_.x;
                float _e1224 = acc0_.x;
                float _e1225 = joined(_e1222, before, _e1224, here);
                all0_.x = _e1225;
                float _e1228 = all0_.y;
                float _e1230 = acc0_.y;
                float _e1231 = joined(_e1228, before, _e1230, here);
                all0_.y = _e1231;
                float _e1234 = all0_.z;
                float _e1236 = acc0_.z;
                float _e1237 = joined(_e1234, before, _e1236, here);
                all0_.z = _e1237;
                float _e1240 = all0_.w;
                float _e1242 = acc0_.w;
                float _e1243 = joined(_e1240, before, _e1242, here);
                all0_.w = _e1243;
            }
            float _e1248 = next_factors.inner[my_rows + 1u];
            if (_e1248 != -1.0) {
                float before_1 = factors.inner[my_rows + 1u];
                float here_1 = next_factors.inner[my_rows + 1u];
                float _e1263 = all1_.x;
                float _e1265 = acc1_.x;
                float _e1266 = joined(_e1263, before_1, _e1265, here_1);
                all1_.x = _e1266;
                float _e1269 = all1_.y;
                float _e1271 = acc1_.y;
                float _e1272 = joined(_e1269, before_1, _e1271, here_1);
                all1_.y = _e1272;
                float _e1275 = all1_.z;
                float _e1277 = acc1_.z;
                float _e1278 = joined(_e1275, before_1, _e1277, here_1);
                all1_.z = _e1278;
                float _e1281 = all1_.w;
                float _e1283 = acc1_.w;
                float _e1284 = joined(_e1281, before_1, _e1283, here_1);
                all1_.w = _e1284;
            }
            float _e1289 = next_factors.inner[my_rows + 2u];
            if (_e1289 != -1.0) {
                float before_2 = factors.inner[my_rows + 2u];
                float here_2 = next_factors.inner[my_rows + 2u];
                float _e1304 = all2_.x;
                float _e1306 = acc2_.x;
                float _e1307 = joined(_e1304, before_2, _e1306, here_2);
                all2_.x = _e1307;
                float _e1310 = all2_.y;
                float _e1312 = acc2_.y;
                float _e1313 = joined(_e1310, before_2, _e1312, here_2);
                all2_.y = _e1313;
                float _e1316 = all2_.z;
                float _e1318 = acc2_.z;
                float _e1319 = joined(_e1316, before_2, _e1318, here_2);
                all2_.z = _e1319;
                float _e1322 = all2_.w;
                float _e1324 = acc2_.w;
                float _e1325 = joined(_e1322, before_2, _e1324, here_2);
                all2_.w = _e1325;
            }
            float _e1330 = next_factors.inner[my_rows + 3u];
            if (_e1330 != -1.0) {
                float before_3 = factors.inner[my_rows + 3u];
                float here_3 = next_factors.inner[my_rows + 3u];
                float _e1345 = all3_.x;
                float _e1347 = acc3_.x;
                float _e1348 = joined(_e1345, before_3, _e1347, here_3);
                all3_.x = _e1348;
                float _e1351 = all3_.y;
                float _e1353 = acc3_.y;
                float _e1354 = joined(_e1351, before_3, _e1353, here_3);
                all3_.y = _e1354;
                float _e1357 = all3_.z;
                float _e1359 = acc3_.z;
                float _e1360 = joined(_e1357, before_3, _e1359, here_3);
                all3_.z = _e1360;
                float _e1363 = all3_.w;
                float _e1365 = acc3_.w;
                float _e1366 = joined(_e1363, before_3, _e1365, here_3);
                all3_.w = _e1366;
            }
            float _e1371 = next_factors.inner[my_rows + 4u];
            if (_e1371 != -1.0) {
                float before_4 = factors.inner[my_rows + 4u];
                float here_4 = next_factors.inner[my_rows + 4u];
                float _e1386 = all4_.x;
                float _e1388 = acc4_.x;
                float _e1389 = joined(_e1386, before_4, _e1388, here_4);
                all4_.x = _e1389;
                float _e1392 = all4_.y;
                float _e1394 = acc4_.y;
                float _e1395 = joined(_e1392, before_4, _e1394, here_4);
                all4_.y = _e1395;
                float _e1398 = all4_.z;
                float _e1400 = acc4_.z;
                float _e1401 = joined(_e1398, before_4, _e1400, here_4);
                all4_.z = _e1401;
                float _e1404 = all4_.w;
                float _e1406 = acc4_.w;
                float _e1407 = joined(_e1404, before_4, _e1406, here_4);
                all4_.w = _e1407;
            }
            float _e1412 = next_factors.inner[my_rows + 5u];
            if (_e1412 != -1.0) {
                float before_5 = factors.inner[my_rows + 5u];
                float here_5 = next_factors.inner[my_rows + 5u];
                float _e1427 = all5_.x;
                float _e1429 = acc5_.x;
                float _e1430 = joined(_e1427, before_5, _e1429, here_5);
                all5_.x = _e1430;
                float _e1433 = all5_.y;
                float _e1435 = acc5_.y;
                float _e1436 = joined(_e1433, before_5, _e1435, here_5);
                all5_.y = _e1436;
                float _e1439 = all5_.z;
                float _e1441 = acc5_.z;
                float _e1442 = joined(_e1439, before_5, _e1441, here_5);
                all5_.z = _e1442;
                float _e1445 = all5_.w;
                float _e1447 = acc5_.w;
                float _e1448 = joined(_e1445, before_5, _e1447, here_5);
                all5_.w = _e1448;
            }
            float _e1453 = next_factors.inner[my_rows + 6u];
            if (_e1453 != -1.0) {
                float before_6 = factors.inner[my_rows + 6u];
                float here_6 = next_factors.inner[my_rows + 6u];
                float _e1468 = all6_.x;
                float _e1470 = acc6_.x;
                float _e1471 = joined(_e1468, before_6, _e1470, here_6);
                all6_.x = _e1471;
                float _e1474 = all6_.y;
                float _e1476 = acc6_.y;
                float _e1477 = joined(_e1474, before_6, _e1476, here_6);
                all6_.y = _e1477;
                float _e1480 = all6_.z;
                float _e1482 = acc6_.z;
                float _e1483 = joined(_e1480, before_6, _e1482, here_6);
                all6_.z = _e1483;
                float _e1486 = all6_.w;
                float _e1488 = acc6_.w;
                float _e1489 = joined(_e1486, before_6, _e1488, here_6);
                all6_.w = _e1489;
            }
            float _e1494 = next_factors.inner[my_rows + 7u];
            if (_e1494 != -1.0) {
                float before_7 = factors.inner[my_rows + 7u];
                float here_7 = next_factors.inner[my_rows + 7u];
                float _e1509 = all7_.x;
                float _e1511 = acc7_.x;
                float _e1512 = joined(_e1509, before_7, _e1511, here_7);
                all7_.x = _e1512;
                float _e1515 = all7_.y;
                float _e1517 = acc7_.y;
                float _e1518 = joined(_e1515, before_7, _e1517, here_7);
                all7_.y = _e1518;
                float _e1521 = all7_.z;
                float _e1523 = acc7_.z;
                float _e1524 = joined(_e1521, before_7, _e1523, here_7);
                all7_.z = _e1524;
                float _e1527 = all7_.w;
                float _e1529 = acc7_.w;
                float _e1530 = joined(_e1527, before_7, _e1529, here_7);
                all7_.w = _e1530;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (quarter == 0u) {
        float _e1538 = all_l;
        factors.inner[row] = 1.0 / _e1538;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    {
        if ((my_rows + 0u) < rows) {
            uint _e1548 = p.value_dim;
            local_12 = column < _e1548;
        } else {
            local_12 = false;
        }
        bool live_1 = local_12;
        metal::float4 _e1552 = all0_;
        float _e1557 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1552 * _e1557;
        uint _e1564 = p.heads;
        uint _e1569 = p.value_dim;
        uint at_4 = (((((first_row + my_rows) + 0u) * _e1564) + head) * _e1569) + column;
        bool loop_init_12 = true;
        while(true) {
            if (!loop_init_12) {
                uint _e1602 = e;
                e = _e1602 + 1u;
            }
            loop_init_12 = false;
            uint _e1574 = e;
            if (_e1574 < 4u) {
                local_13 = live_1;
            } else {
                local_13 = false;
            }
            bool _e1580 = local_13;
            if (_e1580) {
                uint _e1583 = e;
                uint _e1587 = p.value_dim;
                local_14 = (column + _e1583) < _e1587;
            } else {
                local_14 = false;
            }
            bool _e1590 = local_14;
            if (_e1590) {
            } else {
                break;
            }
            {
                uint _e1594 = p.y;
                uint _e1596 = e;
                uint _e1599 = e;
                ys[(_e1594 + at_4) + _e1596] = y_1[_e1599];
            }
        }
        uint _e1606 = p.quantise;
        if (_e1606 != 0u) {
            quantise4_(y_1, lid, at_4 / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 1u) < rows) {
            uint _e1618 = p.value_dim;
            local_15 = column < _e1618;
        } else {
            local_15 = false;
        }
        bool live_2 = local_15;
        metal::float4 _e1622 = all1_;
        float _e1627 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1622 * _e1627;
        uint _e1634 = p.heads;
        uint _e1639 = p.value_dim;
        uint at_5 = (((((first_row + my_rows) + 1u) * _e1634) + head) * _e1639) + column;
        bool loop_init_13 = true;
        while(true) {
            if (!loop_init_13) {
                uint _e1672 = e_1;
                e_1 = _e1672 + 1u;
            }
            loop_init_13 = false;
            uint _e1644 = e_1;
            if (_e1644 < 4u) {
                local_16 = live_2;
            } else {
                local_16 = false;
            }
            bool _e1650 = local_16;
            if (_e1650) {
                uint _e1653 = e_1;
                uint _e1657 = p.value_dim;
                local_17 = (column + _e1653) < _e1657;
            } else {
                local_17 = false;
            }
            bool _e1660 = local_17;
            if (_e1660) {
            } else {
                break;
            }
            {
                uint _e1664 = p.y;
                uint _e1666 = e_1;
                uint _e1669 = e_1;
                ys[(_e1664 + at_5) + _e1666] = y_2[_e1669];
            }
        }
        uint _e1676 = p.quantise;
        if (_e1676 != 0u) {
            quantise4_(y_2, lid, at_5 / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 2u) < rows) {
            uint _e1688 = p.value_dim;
            local_18 = column < _e1688;
        } else {
            local_18 = false;
        }
        bool live_3 = local_18;
        metal::float4 _e1692 = all2_;
        float _e1697 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1692 * _e1697;
        uint _e1704 = p.heads;
        uint _e1709 = p.value_dim;
        uint at_6 = (((((first_row + my_rows) + 2u) * _e1704) + head) * _e1709) + column;
        bool loop_init_14 = true;
        while(true) {
            if (!loop_init_14) {
                uint _e1742 = e_2;
                e_2 = _e1742 + 1u;
            }
            loop_init_14 = false;
            uint _e1714 = e_2;
            if (_e1714 < 4u) {
                local_19 = live_3;
            } else {
                local_19 = false;
            }
            bool _e1720 = local_19;
            if (_e1720) {
                uint _e1723 = e_2;
                uint _e1727 = p.value_dim;
                local_20 = (column + _e1723) < _e1727;
            } else {
                local_20 = false;
            }
            bool _e1730 = local_20;
            if (_e1730) {
            } else {
                break;
            }
            {
                uint _e1734 = p.y;
                uint _e1736 = e_2;
                uint _e1739 = e_2;
                ys[(_e1734 + at_6) + _e1736] = y_3[_e1739];
            }
        }
        uint _e1746 = p.quantise;
        if (_e1746 != 0u) {
            quantise4_(y_3, lid, at_6 / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 3u) < rows) {
            uint _e1758 = p.value_dim;
            local_21 = column < _e1758;
        } else {
            local_21 = false;
        }
        bool live_4 = local_21;
        metal::float4 _e1762 = all3_;
        float _e1767 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1762 * _e1767;
        uint _e1774 = p.heads;
        uint _e1779 = p.value_dim;
        uint at_7 = (((((first_row + my_rows) + 3u) * _e1774) + head) * _e1779) + column;
        bool loop_init_15 = true;
        while(true) {
            if (!loop_init_15) {
                uint _e1812 = e_3;
                e_3 = _e1812 + 1u;
            }
            loop_init_15 = false;
            uint _e1784 = e_3;
            if (_e1784 < 4u) {
                local_22 = live_4;
            } else {
                local_22 = false;
            }
            bool _e1790 = local_22;
            if (_e1790) {
                uint _e1793 = e_3;
                uint _e1797 = p.value_dim;
                local_23 = (column + _e1793) < _e1797;
            } else {
                local_23 = false;
            }
            bool _e1800 = local_23;
            if (_e1800) {
            } else {
                break;
            }
            {
                uint _e1804 = p.y;
                uint _e1806 = e_3;
                uint _e1809 = e_3;
                ys[(_e1804 + at_7) + _e1806] = y_4[_e1809];
            }
        }
        uint _e1816 = p.quantise;
        if (_e1816 != 0u) {
            quantise4_(y_4, lid, at_7 / 4u, live_4, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 4u) < rows) {
            uint _e1828 = p.value_dim;
            local_24 = column < _e1828;
        } else {
            local_24 = false;
        }
        bool live_5 = local_24;
        metal::float4 _e1832 = all4_;
        float _e1837 = factors.inner[my_rows + 4u];
        metal::float4 y_5 = _e1832 * _e1837;
        uint _e1844 = p.heads;
        uint _e1849 = p.value_dim;
        uint at_8 = (((((first_row + my_rows) + 4u) * _e1844) + head) * _e1849) + column;
        bool loop_init_16 = true;
        while(true) {
            if (!loop_init_16) {
                uint _e1882 = e_4;
                e_4 = _e1882 + 1u;
            }
            loop_init_16 = false;
            uint _e1854 = e_4;
            if (_e1854 < 4u) {
                local_25 = live_5;
            } else {
                local_25 = false;
            }
            bool _e1860 = local_25;
            if (_e1860) {
                uint _e1863 = e_4;
                uint _e1867 = p.value_dim;
                local_26 = (column + _e1863) < _e1867;
            } else {
                local_26 = false;
            }
            bool _e1870 = local_26;
            if (_e1870) {
            } else {
                break;
            }
            {
                uint _e1874 = p.y;
                uint _e1876 = e_4;
                uint _e1879 = e_4;
                ys[(_e1874 + at_8) + _e1876] = y_5[_e1879];
            }
        }
        uint _e1886 = p.quantise;
        if (_e1886 != 0u) {
            quantise4_(y_5, lid, at_8 / 4u, live_5, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 5u) < rows) {
            uint _e1898 = p.value_dim;
            local_27 = column < _e1898;
        } else {
            local_27 = false;
        }
        bool live_6 = local_27;
        metal::float4 _e1902 = all5_;
        float _e1907 = factors.inner[my_rows + 5u];
        metal::float4 y_6 = _e1902 * _e1907;
        uint _e1914 = p.heads;
        uint _e1919 = p.value_dim;
        uint at_9 = (((((first_row + my_rows) + 5u) * _e1914) + head) * _e1919) + column;
        bool loop_init_17 = true;
        while(true) {
            if (!loop_init_17) {
                uint _e1952 = e_5;
                e_5 = _e1952 + 1u;
            }
            loop_init_17 = false;
            uint _e1924 = e_5;
            if (_e1924 < 4u) {
                local_28 = live_6;
            } else {
                local_28 = false;
            }
            bool _e1930 = local_28;
            if (_e1930) {
                uint _e1933 = e_5;
                uint _e1937 = p.value_dim;
                local_29 = (column + _e1933) < _e1937;
            } else {
                local_29 = false;
            }
            bool _e1940 = local_29;
            if (_e1940) {
            } else {
                break;
            }
            {
                uint _e1944 = p.y;
                uint _e1946 = e_5;
                uint _e1949 = e_5;
                ys[(_e1944 + at_9) + _e1946] = y_6[_e1949];
            }
        }
        uint _e1956 = p.quantise;
        if (_e1956 != 0u) {
            quantise4_(y_6, lid, at_9 / 4u, live_6, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 6u) < rows) {
            uint _e1968 = p.value_dim;
            local_30 = column < _e1968;
        } else {
            local_30 = false;
        }
        bool live_7 = local_30;
        metal::float4 _e1972 = all6_;
        float _e1977 = factors.inner[my_rows + 6u];
        metal::float4 y_7 = _e1972 * _e1977;
        uint _e1984 = p.heads;
        uint _e1989 = p.value_dim;
        uint at_10 = (((((first_row + my_rows) + 6u) * _e1984) + head) * _e1989) + column;
        bool loop_init_18 = true;
        while(true) {
            if (!loop_init_18) {
                uint _e2022 = e_6;
                e_6 = _e2022 + 1u;
            }
            loop_init_18 = false;
            uint _e1994 = e_6;
            if (_e1994 < 4u) {
                local_31 = live_7;
            } else {
                local_31 = false;
            }
            bool _e2000 = local_31;
            if (_e2000) {
                uint _e2003 = e_6;
                uint _e2007 = p.value_dim;
                local_32 = (column + _e2003) < _e2007;
            } else {
                local_32 = false;
            }
            bool _e2010 = local_32;
            if (_e2010) {
            } else {
                break;
            }
            {
                uint _e2014 = p.y;
                uint _e2016 = e_6;
                uint _e2019 = e_6;
                ys[(_e2014 + at_10) + _e2016] = y_7[_e2019];
            }
        }
        uint _e2026 = p.quantise;
        if (_e2026 != 0u) {
            quantise4_(y_7, lid, at_10 / 4u, live_7, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 7u) < rows) {
            uint _e2038 = p.value_dim;
            local_33 = column < _e2038;
        } else {
            local_33 = false;
        }
        bool live_8 = local_33;
        metal::float4 _e2042 = all7_;
        float _e2047 = factors.inner[my_rows + 7u];
        metal::float4 y_8 = _e2042 * _e2047;
        uint _e2054 = p.heads;
        uint _e2059 = p.value_dim;
        uint at_11 = (((((first_row + my_rows) + 7u) * _e2054) + head) * _e2059) + column;
        bool loop_init_19 = true;
        while(true) {
            if (!loop_init_19) {
                uint _e2092 = e_7;
                e_7 = _e2092 + 1u;
            }
            loop_init_19 = false;
            uint _e2064 = e_7;
            if (_e2064 < 4u) {
                local_34 = live_8;
            } else {
                local_34 = false;
            }
            bool _e2070 = local_34;
            if (_e2070) {
                uint _e2073 = e_7;
                uint _e2077 = p.value_dim;
                local_35 = (column + _e2073) < _e2077;
            } else {
                local_35 = false;
            }
            bool _e2080 = local_35;
            if (_e2080) {
            } else {
                break;
            }
            {
                uint _e2084 = p.y;
                uint _e2086 = e_7;
                uint _e2089 = e_7;
                ys[(_e2084 + at_11) + _e2086] = y_8[_e2089];
            }
        }
        uint _e2096 = p.quantise;
        if (_e2096 != 0u) {
            quantise4_(y_8, lid, at_11 / 4u, live_8, qa, qs, q_max, q_sum, _buffer_sizes);
            return;
        } else {
            return;
        }
    }
}
