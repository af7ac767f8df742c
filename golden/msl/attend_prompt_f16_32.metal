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
    bool local_18 = {};
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
        local_18 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_18 = true;
    }
    bool zero = local_18;
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
    uint e_2 = 0u;
    bool local_19 = {};
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
            uint _e49 = e_2;
            e_2 = _e49 + 1u;
        }
        loop_init_1 = false;
        uint _e31 = e_2;
        if (_e31 < 4u) {
            uint _e36 = e_2;
            local_19 = (d_1 + _e36) < dim;
        } else {
            local_19 = false;
        }
        bool _e40 = local_19;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_2;
            uint _e44 = e_2;
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
    uint segment = {};
    float m = {};
    float l = {};
    metal::float4 acc0_ = {};
    metal::float4 acc1_ = {};
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
    uint my_rows = (lid / 8u) * 2u;
    uint _e87 = p.pieces;
    uint column = (((group.x % _e87) * 8u) + (lid % 8u)) * 4u;
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
            uint _e1070 = segment;
            segment = _e1070 + 1u;
        }
        loop_init_2 = false;
        uint _e122 = segment;
        if (_e122 <= (_e64 / SEGMENT)) {
        } else {
            break;
        }
        {
            m = -340282350000000000000000000000000000000.0;
            l = 0.0;
            acc0_ = metal::float4(0.0);
            acc1_ = metal::float4(0.0);
            uint _e138 = segment;
            uint end_tile = metal::min(_e64 / 64u, ((_e138 * SEGMENT_TILES) + SEGMENT_TILES) - 1u);
            uint _e148 = segment;
            tile = metal::max(_e63 / 64u, _e148 * SEGMENT_TILES);
            bool loop_init_3 = true;
            while(true) {
                if (!loop_init_3) {
                    uint _e951 = tile;
                    tile = _e951 + 1u;
                }
                loop_init_3 = false;
                uint _e153 = tile;
                if (_e153 <= end_tile) {
                } else {
                    break;
                }
                {
                    uint _e155 = tile;
                    uint base = _e155 * 64u;
                    if ((base + lid) >= _e63) {
                        local = (base + lid) <= _e64;
                    } else {
                        local = false;
                    }
                    bool _e165 = local;
                    if (_e165) {
                        uint _e172 = lists[table + ((base + lid) / 16u)];
                        uint slot = (_e172 * 16u) + (lid % 16u);
                        uint _e182 = p.kv_heads;
                        places.inner[lid] = (slot * _e182) + kv_head;
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
                            uint _e480 = d;
                            d = _e480 + 32u;
                        }
                        loop_init_4 = false;
                        uint _e267 = d;
                        uint _e270 = p.head_dim;
                        if (_e267 < _e270) {
                        } else {
                            break;
                        }
                        {
                            i = lid;
                            bool loop_init_5 = true;
                            while(true) {
                                if (!loop_init_5) {
                                    uint _e315 = i;
                                    i = _e315 + 64u;
                                }
                                loop_init_5 = false;
                                uint _e273 = i;
                                if (_e273 < 128u) {
                                } else {
                                    break;
                                }
                                {
                                    v = metal::float4(0.0);
                                    uint _e279 = i;
                                    if ((_e279 / 8u) < rows) {
                                        uint _e283 = i;
                                        uint _e289 = p.heads;
                                        uint _e294 = p.head_dim;
                                        uint at_3 = (((first_row + (_e283 / 8u)) * _e289) + head) * _e294;
                                        uint _e298 = p.q;
                                        uint _e300 = d;
                                        uint _e301 = i;
                                        uint _e309 = p.head_dim;
                                        metal::float4 _e310 = xs_at(_e298 + at_3, _e300 + ((_e301 % 8u) * 4u), _e309, xs, _buffer_sizes);
                                        v = _e310;
                                    }
                                    uint _e312 = i;
                                    metal::float4 _e314 = v;
                                    queries.inner[_e312] = _e314;
                                }
                            }
                            i_1 = lid;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e365 = i_1;
                                    i_1 = _e365 + 64u;
                                }
                                loop_init_6 = false;
                                uint _e319 = i_1;
                                if (_e319 < 512u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e322 = i_1;
                                    uint key_2 = base + (_e322 / 8u);
                                    v_1 = metal::float4(0.0);
                                    if (key_2 >= _e63) {
                                        local_5 = key_2 <= _e64;
                                    } else {
                                        local_5 = false;
                                    }
                                    bool _e334 = local_5;
                                    if (_e334) {
                                        uint _e336 = i_1;
                                        uint _e340 = places.inner[_e336 / 8u];
                                        uint _e342 = d;
                                        uint _e343 = i_1;
                                        uint _e351 = p.head_dim;
                                        metal::float4 _e352 = keys_at(_e340 * _e55, _e342 + ((_e343 % 8u) * 4u), _e351, keys, _buffer_sizes);
                                        v_1 = _e352;
                                    }
                                    uint _e354 = i_1;
                                    uint _e359 = i_1;
                                    metal::float4 _e364 = v_1;
                                    tile_keys.inner[((_e354 / 8u) * 9u) + (_e359 % 8u)] = _e364;
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            w = 0u;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e478 = w;
                                    w = _e478 + 1u;
                                }
                                loop_init_7 = false;
                                uint _e370 = w;
                                if (_e370 < 8u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e378 = w;
                                    metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e378];
                                    uint _e387 = w;
                                    metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e387];
                                    uint _e396 = w;
                                    metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e396];
                                    uint _e405 = w;
                                    metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e405];
                                    if (is_seen0_) {
                                        uint _e414 = w;
                                        metal::float4 k = tile_keys.inner[((some_keys + 0u) * 9u) + _e414];
                                        float _e418 = s00_;
                                        float _e419 = add_dot(q0_, k, _e418);
                                        s00_ = _e419;
                                        float _e420 = s10_;
                                        float _e421 = add_dot(q1_, k, _e420);
                                        s10_ = _e421;
                                        float _e422 = s20_;
                                        float _e423 = add_dot(q2_, k, _e422);
                                        s20_ = _e423;
                                        float _e424 = s30_;
                                        float _e425 = add_dot(q3_, k, _e424);
                                        s30_ = _e425;
                                    }
                                    if (is_seen1_) {
                                        uint _e431 = w;
                                        metal::float4 k_1 = tile_keys.inner[((some_keys + 16u) * 9u) + _e431];
                                        float _e435 = s01_;
                                        float _e436 = add_dot(q0_, k_1, _e435);
                                        s01_ = _e436;
                                        float _e437 = s11_;
                                        float _e438 = add_dot(q1_, k_1, _e437);
                                        s11_ = _e438;
                                        float _e439 = s21_;
                                        float _e440 = add_dot(q2_, k_1, _e439);
                                        s21_ = _e440;
                                        float _e441 = s31_;
                                        float _e442 = add_dot(q3_, k_1, _e441);
                                        s31_ = _e442;
                                    }
                                    if (is_seen2_) {
                                        uint _e448 = w;
                                        metal::float4 k_2 = tile_keys.inner[((some_keys + 32u) * 9u) + _e448];
                                        float _e452 = s02_;
                                        float _e453 = add_dot(q0_, k_2, _e452);
                                        s02_ = _e453;
                                        float _e454 = s12_;
                                        float _e455 = add_dot(q1_, k_2, _e454);
                                        s12_ = _e455;
                                        float _e456 = s22_;
                                        float _e457 = add_dot(q2_, k_2, _e456);
                                        s22_ = _e457;
                                        float _e458 = s32_;
                                        float _e459 = add_dot(q3_, k_2, _e458);
                                        s32_ = _e459;
                                    }
                                    if (is_seen3_) {
                                        uint _e465 = w;
                                        metal::float4 k_3 = tile_keys.inner[((some_keys + 48u) * 9u) + _e465];
                                        float _e469 = s03_;
                                        float _e470 = add_dot(q0_, k_3, _e469);
                                        s03_ = _e470;
                                        float _e471 = s13_;
                                        float _e472 = add_dot(q1_, k_3, _e471);
                                        s13_ = _e472;
                                        float _e473 = s23_;
                                        float _e474 = add_dot(q2_, k_3, _e473);
                                        s23_ = _e474;
                                        float _e475 = s33_;
                                        float _e476 = add_dot(q3_, k_3, _e475);
                                        s33_ = _e476;
                                    }
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                    float _e492 = s00_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e492;
                    float _e502 = s01_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e502;
                    float _e512 = s02_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e512;
                    float _e522 = s03_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e522;
                    float _e532 = s10_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e532;
                    float _e542 = s11_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e542;
                    float _e552 = s12_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e552;
                    float _e562 = s13_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e562;
                    float _e572 = s20_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e572;
                    float _e582 = s21_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e582;
                    float _e592 = s22_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e592;
                    float _e602 = s23_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e602;
                    float _e612 = s30_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e612;
                    float _e622 = s31_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e622;
                    float _e632 = s32_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e632;
                    float _e642 = s33_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e642;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e643 = m;
                    highest = _e643;
                    t = quarter * 16u;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e724 = t;
                            t = _e724 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e648 = t;
                        if (_e648 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e654 = t;
                            uint key_3 = base + _e654;
                            if (row < rows) {
                                local_6 = key_3 >= _e78;
                            } else {
                                local_6 = false;
                            }
                            bool _e661 = local_6;
                            if (_e661) {
                                local_7 = key_3 <= _e79;
                            } else {
                                local_7 = false;
                            }
                            bool _e666 = local_7;
                            if (_e666) {
                                uint _e668 = t;
                                float _e673 = scores.inner[(_e668 * 16u) + row];
                                float _e676 = p.scale;
                                s = _e673 * _e676;
                                float _e681 = p.cap;
                                if (_e681 > 0.0) {
                                    float _e686 = p.cap;
                                    float _e687 = s;
                                    float _e690 = p.cap;
                                    float _e692 = tanh(_e687 / _e690);
                                    s = _e686 * _e692;
                                }
                                uint _e696 = p.slopes;
                                if (_e696 != NONE) {
                                    uint distance = metal::max(position_3, key_3) - metal::min(position_3, key_3);
                                    uint _e705 = p.slopes;
                                    float _e708 = vectors[_e705 + head];
                                    float _e711 = s;
                                    s = metal::fma(_e708, -(static_cast<float>(distance)), _e711);
                                }
                                uint _e714 = t;
                                float _e719 = s;
                                scores.inner[(_e714 * 16u) + row] = _e719;
                                float _e720 = highest;
                                float _e721 = s;
                                highest = metal::max(_e720, _e721);
                            }
                        }
                    }
                    float _e728 = highest;
                    parts.inner[lid] = _e728;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e731 = parts.inner[row];
                    float _e736 = parts.inner[row + 16u];
                    float _e742 = parts.inner[row + 32u];
                    float _e747 = parts.inner[row + 48u];
                    highest = metal::max(metal::max(_e731, _e736), metal::max(_e742, _e747));
                    sum = 0.0;
                    t_1 = quarter * 16u;
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e797 = t_1;
                            t_1 = _e797 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e755 = t_1;
                        if (_e755 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e761 = t_1;
                            uint key_4 = base + _e761;
                            share = -1.0;
                            if (row < rows) {
                                local_8 = key_4 >= _e78;
                            } else {
                                local_8 = false;
                            }
                            bool _e770 = local_8;
                            if (_e770) {
                                local_9 = key_4 <= _e79;
                            } else {
                                local_9 = false;
                            }
                            bool _e775 = local_9;
                            if (_e775) {
                                uint _e777 = t_1;
                                float _e782 = scores.inner[(_e777 * 16u) + row];
                                float _e783 = highest;
                                float _e785 = exp(_e782 - _e783);
                                share = _e785;
                                float _e786 = sum;
                                float _e787 = share;
                                sum = _e786 + _e787;
                            }
                            uint _e790 = t_1;
                            float _e795 = share;
                            scores.inner[(_e790 * 16u) + row] = _e795;
                        }
                    }
                    float _e799 = m;
                    float _e800 = highest;
                    float _e802 = exp(_e799 - _e800);
                    if (quarter == 0u) {
                        factors.inner[row] = _e802;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e809 = sum;
                    parts.inner[lid] = _e809;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e810 = l;
                    float _e813 = parts.inner[row];
                    float _e818 = parts.inner[row + 16u];
                    float _e824 = parts.inner[row + 32u];
                    float _e830 = parts.inner[row + 48u];
                    l = metal::fma(_e810, _e802, ((_e813 + _e818) + _e824) + _e830);
                    float _e833 = highest;
                    m = _e833;
                    metal::float4 _e834 = acc0_;
                    float _e839 = factors.inner[my_rows + 0u];
                    acc0_ = _e834 * _e839;
                    metal::float4 _e841 = acc1_;
                    float _e846 = factors.inner[my_rows + 1u];
                    acc1_ = _e841 * _e846;
                    uint _e850 = p.value_dim;
                    if (column < _e850) {
                        uint from = metal::max(_e63, base);
                        uint to = metal::min(_e64, base + 63u);
                        if (_e65 <= from) {
                            local_10 = to <= _e66;
                        } else {
                            local_10 = false;
                        }
                        bool _e861 = local_10;
                        if (_e861) {
                            key = from;
                            bool loop_init_10 = true;
                            while(true) {
                                if (!loop_init_10) {
                                    uint _e897 = key;
                                    key = _e897 + 1u;
                                }
                                loop_init_10 = false;
                                uint _e863 = key;
                                if (_e863 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e866 = key;
                                    uint _e869 = places.inner[_e866 - base];
                                    uint _e873 = p.stored_dim;
                                    metal::float4 _e874 = values_at(_e869 * _e59, column, _e873, values, _buffer_sizes);
                                    uint _e875 = key;
                                    uint shares = ((_e875 - base) * 16u) + my_rows;
                                    float _e884 = scores.inner[shares + 0u];
                                    metal::float4 _e886 = acc0_;
                                    acc0_ = metal::fma(metal::float4(_e884), _e874, _e886);
                                    float _e892 = scores.inner[shares + 1u];
                                    metal::float4 _e894 = acc1_;
                                    acc1_ = metal::fma(metal::float4(_e892), _e874, _e894);
                                }
                            }
                        } else {
                            key_1 = from;
                            bool loop_init_11 = true;
                            while(true) {
                                if (!loop_init_11) {
                                    uint _e948 = key_1;
                                    key_1 = _e948 + 1u;
                                }
                                loop_init_11 = false;
                                uint _e900 = key_1;
                                if (_e900 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e903 = key_1;
                                    uint _e906 = places.inner[_e903 - base];
                                    uint _e910 = p.stored_dim;
                                    metal::float4 _e911 = values_at(_e906 * _e59, column, _e910, values, _buffer_sizes);
                                    uint _e912 = key_1;
                                    uint shares_1 = ((_e912 - base) * 16u) + my_rows;
                                    float _e921 = scores.inner[shares_1 + 0u];
                                    if (_e921 != -1.0) {
                                        float _e928 = scores.inner[shares_1 + 0u];
                                        metal::float4 _e930 = acc0_;
                                        acc0_ = metal::fma(metal::float4(_e928), _e911, _e930);
                                    }
                                    float _e936 = scores.inner[shares_1 + 1u];
                                    if (_e936 != -1.0) {
                                        float _e943 = scores.inner[shares_1 + 1u];
                                        metal::float4 _e945 = acc1_;
                                        acc1_ = metal::fma(metal::float4(_e943), _e911, _e945);
                                    }
                                }
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint _e953 = segment;
            if (_e78 < ((_e953 + 1u) * SEGMENT)) {
                uint _e961 = segment;
                local_11 = _e79 >= (_e961 * SEGMENT);
            } else {
                local_11 = false;
            }
            bool is_seen = local_11;
            float _e967 = all_m;
            float _e968 = m;
            float highest_1 = metal::max(_e967, _e968);
            float _e970 = all_m;
            float _e972 = exp(_e970 - highest_1);
            float _e973 = m;
            float _e975 = exp(_e973 - highest_1);
            if (is_seen) {
                float _e976 = all_l;
                float _e977 = l;
                float _e978 = joined(_e976, _e972, _e977, _e975);
                all_l = _e978;
                all_m = highest_1;
            }
            if (quarter == 0u) {
                factors.inner[row] = _e972;
                next_factors.inner[row] = is_seen ? _e975 : -1.0;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e991 = next_factors.inner[my_rows + 0u];
            if (_e991 != -1.0) {
                float before = factors.inner[my_rows + 0u];
                float here = next_factors.inner[my_rows + 0u];
                float _e1006 = all0_.x;
                float _e1008 = acc0_.x;
                float _e1009 = joined(_e1006, before, _e1008, here);
                all0_.x = _e1009;
                float _e1012 = all0_.y;
                float _e1014 = acc0_.y;
                float _e1015 = joined(_e1012, before, _e1014, here);
                all0_.y = _e1015;
                float _e1018 = all0_.z;
                float _e1020 = acc0_.z;
                float _e1021 = joined(_e1018, before, _e1020, here);
                all0_.z = _e1021;
                float _e1024 = all0_.w;
                float _e1026 = acc0_.w;
                float _e1027 = joined(_e1024, before, _e1026, here);
                all0_.w = _e1027;
            }
            float _e1032 = next_factors.inner[my_rows + 1u];
            if (_e1032 != -1.0) {
                float before_1 = factors.inner[my_rows + 1u];
                float here_1 = next_factors.inner[my_rows + 1u];
                float _e1047 = all1_.x;
                float _e1049 = acc1_.x;
                float _e1050 = joined(_e1047, before_1, _e1049, here_1);
                all1_.x = _e1050;
                float _e1053 = all1_.y;
                float _e1055 = acc1_.y;
                float _e1056 = joined(_e1053, before_1, _e1055, here_1);
                all1_.y = _e1056;
                float _e1059 = all1_.z;
                float _e1061 = acc1_.z;
                float _e1062 = joined(_e1059, before_1, _e1061, here_1);
                all1_.z = _e1062;
                float _e1065 = all1_.w;
                float _e1067 = acc1_.w;
                float _e1068 = joined(_e1065, before_1, _e1067, here_1);
                all1_.w = _e1068;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (quarter == 0u) {
        float _e1076 = all_l;
        factors.inner[row] = 1.0 / _e1076;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    {
        if ((my_rows + 0u) < rows) {
            uint _e1086 = p.value_dim;
            local_12 = column < _e1086;
        } else {
            local_12 = false;
        }
        bool live_1 = local_12;
        metal::float4 _e1090 = all0_;
        float _e1095 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1090 * _e1095;
        uint _e1102 = p.heads;
        uint _e1107 = p.value_dim;
        uint at_4 = (((((first_row + my_rows) + 0u) * _e1102) + head) * _e1107) + column;
        bool loop_init_12 = true;
        while(true) {
            if (!loop_init_12) {
                uint _e1140 = e;
                e = _e1140 + 1u;
            }
            loop_init_12 = false;
            uint _e1112 = e;
            if (_e1112 < 4u) {
                local_13 = live_1;
            } else {
                local_13 = false;
            }
            bool _e1118 = local_13;
            if (_e1118) {
                uint _e1121 = e;
                uint _e1125 = p.value_dim;
                local_14 = (column + _e1121) < _e1125;
            } else {
                local_14 = false;
            }
            bool _e1128 = local_14;
            if (_e1128) {
            } else {
                break;
            }
            {
                uint _e1132 = p.y;
                uint _e1134 = e;
                uint _e1137 = e;
                ys[(_e1132 + at_4) + _e1134] = y_1[_e1137];
            }
        }
        uint _e1144 = p.quantise;
        if (_e1144 != 0u) {
            quantise4_(y_1, lid, at_4 / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 1u) < rows) {
            uint _e1156 = p.value_dim;
            local_15 = column < _e1156;
        } else {
            local_15 = false;
        }
        bool live_2 = local_15;
        metal::float4 _e1160 = all1_;
        float _e1165 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1160 * _e1165;
        uint _e1172 = p.heads;
        uint _e1177 = p.value_dim;
        uint at_5 = (((((first_row + my_rows) + 1u) * _e1172) + head) * _e1177) + column;
        bool loop_init_13 = true;
        while(true) {
            if (!loop_init_13) {
                uint _e1210 = e_1;
                e_1 = _e1210 + 1u;
            }
            loop_init_13 = false;
            uint _e1182 = e_1;
            if (_e1182 < 4u) {
                local_16 = live_2;
            } else {
                local_16 = false;
            }
            bool _e1188 = local_16;
            if (_e1188) {
                uint _e1191 = e_1;
                uint _e1195 = p.value_dim;
                local_17 = (column + _e1191) < _e1195;
            } else {
                local_17 = false;
            }
            bool _e1198 = local_17;
            if (_e1198) {
            } else {
                break;
            }
            {
                uint _e1202 = p.y;
                uint _e1204 = e_1;
                uint _e1207 = e_1;
                ys[(_e1202 + at_5) + _e1204] = y_2[_e1207];
            }
        }
        uint _e1214 = p.quantise;
        if (_e1214 != 0u) {
            quantise4_(y_2, lid, at_5 / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
            return;
        } else {
            return;
        }
    }
}
