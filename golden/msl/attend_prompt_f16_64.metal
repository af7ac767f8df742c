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
    bool local_24 = {};
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
        local_24 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_24 = true;
    }
    bool zero = local_24;
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
    uint e_4 = 0u;
    bool local_25 = {};
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
            uint _e49 = e_4;
            e_4 = _e49 + 1u;
        }
        loop_init_1 = false;
        uint _e31 = e_4;
        if (_e31 < 4u) {
            uint _e36 = e_4;
            local_25 = (d_1 + _e36) < dim;
        } else {
            local_25 = false;
        }
        bool _e40 = local_25;
        if (_e40) {
        } else {
            break;
        }
        {
            uint _e41 = e_4;
            uint _e44 = e_4;
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
    uint segment = {};
    float m = {};
    float l = {};
    metal::float4 acc0_ = {};
    metal::float4 acc1_ = {};
    metal::float4 acc2_ = {};
    metal::float4 acc3_ = {};
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
    uint my_rows = (lid / 16u) * 4u;
    uint _e87 = p.pieces;
    uint column = (((group.x % _e87) * 16u) + (lid % 16u)) * 4u;
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
            uint _e1224 = segment;
            segment = _e1224 + 1u;
        }
        loop_init_2 = false;
        uint _e128 = segment;
        if (_e128 <= (_e64 / SEGMENT)) {
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
            uint end_tile = metal::min(_e64 / 64u, ((_e150 * SEGMENT_TILES) + SEGMENT_TILES) - 1u);
            uint _e160 = segment;
            tile = metal::max(_e63 / 64u, _e160 * SEGMENT_TILES);
            bool loop_init_3 = true;
            while(true) {
                if (!loop_init_3) {
                    uint _e1023 = tile;
                    tile = _e1023 + 1u;
                }
                loop_init_3 = false;
                uint _e165 = tile;
                if (_e165 <= end_tile) {
                } else {
                    break;
                }
                {
                    uint _e167 = tile;
                    uint base = _e167 * 64u;
                    if ((base + lid) >= _e63) {
                        local = (base + lid) <= _e64;
                    } else {
                        local = false;
                    }
                    bool _e177 = local;
                    if (_e177) {
                        uint _e184 = lists[table + ((base + lid) / 16u)];
                        uint slot = (_e184 * 16u) + (lid % 16u);
                        uint _e194 = p.kv_heads;
                        places.inner[lid] = (slot * _e194) + kv_head;
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
                            uint _e492 = d;
                            d = _e492 + 32u;
                        }
                        loop_init_4 = false;
                        uint _e279 = d;
                        uint _e282 = p.head_dim;
                        if (_e279 < _e282) {
                        } else {
                            break;
                        }
                        {
                            i = lid;
                            bool loop_init_5 = true;
                            while(true) {
                                if (!loop_init_5) {
                                    uint _e327 = i;
                                    i = _e327 + 64u;
                                }
                                loop_init_5 = false;
                                uint _e285 = i;
                                if (_e285 < 128u) {
                                } else {
                                    break;
                                }
                                {
                                    v = metal::float4(0.0);
                                    uint _e291 = i;
                                    if ((_e291 / 8u) < rows) {
                                        uint _e295 = i;
                                        uint _e301 = p.heads;
                                        uint _e306 = p.head_dim;
                                        uint at_3 = (((first_row + (_e295 / 8u)) * _e301) + head) * _e306;
                                        uint _e310 = p.q;
                                        uint _e312 = d;
                                        uint _e313 = i;
                                        uint _e321 = p.head_dim;
                                        metal::float4 _e322 = xs_at(_e310 + at_3, _e312 + ((_e313 % 8u) * 4u), _e321, xs, _buffer_sizes);
                                        v = _e322;
                                    }
                                    uint _e324 = i;
                                    metal::float4 _e326 = v;
                                    queries.inner[_e324] = _e326;
                                }
                            }
                            i_1 = lid;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e377 = i_1;
                                    i_1 = _e377 + 64u;
                                }
                                loop_init_6 = false;
                                uint _e331 = i_1;
                                if (_e331 < 512u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e334 = i_1;
                                    uint key_2 = base + (_e334 / 8u);
                                    v_1 = metal::float4(0.0);
                                    if (key_2 >= _e63) {
                                        local_5 = key_2 <= _e64;
                                    } else {
                                        local_5 = false;
                                    }
                                    bool _e346 = local_5;
                                    if (_e346) {
                                        uint _e348 = i_1;
                                        uint _e352 = places.inner[_e348 / 8u];
                                        uint _e354 = d;
                                        uint _e355 = i_1;
                                        uint _e363 = p.head_dim;
                                        metal::float4 _e364 = keys_at(_e352 * _e55, _e354 + ((_e355 % 8u) * 4u), _e363, keys, _buffer_sizes);
                                        v_1 = _e364;
                                    }
                                    uint _e366 = i_1;
                                    uint _e371 = i_1;
                                    metal::float4 _e376 = v_1;
                                    tile_keys.inner[((_e366 / 8u) * 9u) + (_e371 % 8u)] = _e376;
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            w = 0u;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e490 = w;
                                    w = _e490 + 1u;
                                }
                                loop_init_7 = false;
                                uint _e382 = w;
                                if (_e382 < 8u) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e390 = w;
                                    metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e390];
                                    uint _e399 = w;
                                    metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e399];
                                    uint _e408 = w;
                                    metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e408];
                                    uint _e417 = w;
                                    metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e417];
                                    if (is_seen0_) {
                                        uint _e426 = w;
                                        metal::float4 k = tile_keys.inner[((some_keys + 0u) * 9u) + _e426];
                                        float _e430 = s00_;
                                        float _e431 = add_dot(q0_, k, _e430);
                                        s00_ = _e431;
                                        float _e432 = s10_;
                                        float _e433 = add_dot(q1_, k, _e432);
                                        s10_ = _e433;
                                        float _e434 = s20_;
                                        float _e435 = add_dot(q2_, k, _e434);
                                        s20_ = _e435;
                                        float _e436 = s30_;
                                        float _e437 = add_dot(q3_, k, _e436);
                                        s30_ = _e437;
                                    }
                                    if (is_seen1_) {
                                        uint _e443 = w;
                                        metal::float4 k_1 = tile_keys.inner[((some_keys + 16u) * 9u) + _e443];
                                        float _e447 = s01_;
                                        float _e448 = add_dot(q0_, k_1, _e447);
                                        s01_ = _e448;
                                        float _e449 = s11_;
                                        float _e450 = add_dot(q1_, k_1, _e449);
                                        s11_ = _e450;
                                        float _e451 = s21_;
                                        float _e452 = add_dot(q2_, k_1, _e451);
                                        s21_ = _e452;
                                        float _e453 = s31_;
                                        float _e454 = add_dot(q3_, k_1, _e453);
                                        s31_ = _e454;
                                    }
                                    if (is_seen2_) {
                                        uint _e460 = w;
                                        metal::float4 k_2 = tile_keys.inner[((some_keys + 32u) * 9u) + _e460];
                                        float _e464 = s02_;
                                        float _e465 = add_dot(q0_, k_2, _e464);
                                        s02_ = _e465;
                                        float _e466 = s12_;
                                        float _e467 = add_dot(q1_, k_2, _e466);
                                        s12_ = _e467;
                                        float _e468 = s22_;
                                        float _e469 = add_dot(q2_, k_2, _e468);
                                        s22_ = _e469;
                                        float _e470 = s32_;
                                        float _e471 = add_dot(q3_, k_2, _e470);
                                        s32_ = _e471;
                                    }
                                    if (is_seen3_) {
                                        uint _e477 = w;
                                        metal::float4 k_3 = tile_keys.inner[((some_keys + 48u) * 9u) + _e477];
                                        float _e481 = s03_;
                                        float _e482 = add_dot(q0_, k_3, _e481);
                                        s03_ = _e482;
                                        float _e483 = s13_;
                                        float _e484 = add_dot(q1_, k_3, _e483);
                                        s13_ = _e484;
                                        float _e485 = s23_;
                                        float _e486 = add_dot(q2_, k_3, _e485);
                                        s23_ = _e486;
                                        float _e487 = s33_;
                                        float _e488 = add_dot(q3_, k_3, _e487);
                                        s33_ = _e488;
                                    }
                                }
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                    float _e504 = s00_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e504;
                    float _e514 = s01_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e514;
                    float _e524 = s02_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e524;
                    float _e534 = s03_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e534;
                    float _e544 = s10_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e544;
                    float _e554 = s11_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e554;
                    float _e564 = s12_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e564;
                    float _e574 = s13_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e574;
                    float _e584 = s20_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e584;
                    float _e594 = s21_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e594;
                    float _e604 = s22_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e604;
                    float _e614 = s23_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e614;
                    float _e624 = s30_;
                    scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e624;
                    float _e634 = s31_;
                    scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e634;
                    float _e644 = s32_;
                    scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e644;
                    float _e654 = s33_;
                    scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e654;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e655 = m;
                    highest = _e655;
                    t = quarter * 16u;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e736 = t;
                            t = _e736 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e660 = t;
                        if (_e660 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e666 = t;
                            uint key_3 = base + _e666;
                            if (row < rows) {
                                local_6 = key_3 >= _e78;
                            } else {
                                local_6 = false;
                            }
                            bool _e673 = local_6;
                            if (_e673) {
                                local_7 = key_3 <= _e79;
                            } else {
                                local_7 = false;
                            }
                            bool _e678 = local_7;
                            if (_e678) {
                                uint _e680 = t;
                                float _e685 = scores.inner[(_e680 * 16u) + row];
                                float _e688 = p.scale;
                                s = _e685 * _e688;
                                float _e693 = p.cap;
                                if (_e693 > 0.0) {
                                    float _e698 = p.cap;
                                    float _e699 = s;
                                    float _e702 = p.cap;
                                    float _e704 = tanh(_e699 / _e702);
                                    s = _e698 * _e704;
                                }
                                uint _e708 = p.slopes;
                                if (_e708 != NONE) {
                                    uint distance = metal::max(position_3, key_3) - metal::min(position_3, key_3);
                                    uint _e717 = p.slopes;
                                    float _e720 = vectors[_e717 + head];
                                    float _e723 = s;
                                    s = metal::fma(_e720, -(static_cast<float>(distance)), _e723);
                                }
                                uint _e726 = t;
                                float _e731 = s;
                                scores.inner[(_e726 * 16u) + row] = _e731;
                                float _e732 = highest;
                                float _e733 = s;
                                highest = metal::max(_e732, _e733);
                            }
                        }
                    }
                    float _e740 = highest;
                    parts.inner[lid] = _e740;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e743 = parts.inner[row];
                    float _e748 = parts.inner[row + 16u];
                    float _e754 = parts.inner[row + 32u];
                    float _e759 = parts.inner[row + 48u];
                    highest = metal::max(metal::max(_e743, _e748), metal::max(_e754, _e759));
                    sum = 0.0;
                    t_1 = quarter * 16u;
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e809 = t_1;
                            t_1 = _e809 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e767 = t_1;
                        if (_e767 < ((quarter * 16u) + 16u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e773 = t_1;
                            uint key_4 = base + _e773;
                            share = -1.0;
                            if (row < rows) {
                                local_8 = key_4 >= _e78;
                            } else {
                                local_8 = false;
                            }
                            bool _e782 = local_8;
                            if (_e782) {
                                local_9 = key_4 <= _e79;
                            } else {
                                local_9 = false;
                            }
                            bool _e787 = local_9;
                            if (_e787) {
                                uint _e789 = t_1;
                                float _e794 = scores.inner[(_e789 * 16u) + row];
                                float _e795 = highest;
                                float _e797 = exp(_e794 - _e795);
                                share = _e797;
                                float _e798 = sum;
                                float _e799 = share;
                                sum = _e798 + _e799;
                            }
                            uint _e802 = t_1;
                            float _e807 = share;
                            scores.inner[(_e802 * 16u) + row] = _e807;
                        }
                    }
                    float _e811 = m;
                    float _e812 = highest;
                    float _e814 = exp(_e811 - _e812);
                    if (quarter == 0u) {
                        factors.inner[row] = _e814;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e821 = sum;
                    parts.inner[lid] = _e821;
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    float _e822 = l;
                    float _e825 = parts.inner[row];
                    float _e830 = parts.inner[row + 16u];
                    float _e836 = parts.inner[row + 32u];
                    float _e842 = parts.inner[row + 48u];
                    l = metal::fma(_e822, _e814, ((_e825 + _e830) + _e836) + _e842);
                    float _e845 = highest;
                    m = _e845;
                    metal::float4 _e846 = acc0_;
                    float _e851 = factors.inner[my_rows + 0u];
                    acc0_ = _e846 * _e851;
                    metal::float4 _e853 = acc1_;
                    float _e858 = factors.inner[my_rows + 1u];
                    acc1_ = _e853 * _e858;
                    metal::float4 _e860 = acc2_;
                    float _e865 = factors.inner[my_rows + 2u];
                    acc2_ = _e860 * _e865;
                    metal::float4 _e867 = acc3_;
                    float _e872 = factors.inner[my_rows + 3u];
                    acc3_ = _e867 * _e872;
                    uint _e876 = p.value_dim;
                    if (column < _e876) {
                        uint from = metal::max(_e63, base);
                        uint to = metal::min(_e64, base + 63u);
                        if (_e65 <= from) {
                            local_10 = to <= _e66;
                        } else {
                            local_10 = false;
                        }
                        bool _e887 = local_10;
                        if (_e887) {
                            key = from;
                            bool loop_init_10 = true;
                            while(true) {
                                if (!loop_init_10) {
                                    uint _e939 = key;
                                    key = _e939 + 1u;
                                }
                                loop_init_10 = false;
                                uint _e889 = key;
                                if (_e889 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e892 = key;
                                    uint _e895 = places.inner[_e892 - base];
                                    uint _e899 = p.stored_dim;
                                    metal::float4 _e900 = values_at(_e895 * _e59, column, _e899, values, _buffer_sizes);
                                    uint _e901 = key;
                                    uint shares = ((_e901 - base) * 16u) + my_rows;
                                    float _e910 = scores.inner[shares + 0u];
                                    metal::float4 _e912 = acc0_;
                                    acc0_ = metal::fma(metal::float4(_e910), _e900, _e912);
                                    float _e918 = scores.inner[shares + 1u];
                                    metal::float4 _e920 = acc1_;
                                    acc1_ = metal::fma(metal::float4(_e918), _e900, _e920);
                                    float _e926 = scores.inner[shares + 2u];
                                    metal::float4 _e928 = acc2_;
                                    acc2_ = metal::fma(metal::float4(_e926), _e900, _e928);
                                    float _e934 = scores.inner[shares + 3u];
                                    metal::float4 _e936 = acc3_;
                                    acc3_ = metal::fma(metal::float4(_e934), _e900, _e936);
                                }
                            }
                        } else {
                            key_1 = from;
                            bool loop_init_11 = true;
                            while(true) {
                                if (!loop_init_11) {
                                    uint _e1020 = key_1;
                                    key_1 = _e1020 + 1u;
                                }
                                loop_init_11 = false;
                                uint _e942 = key_1;
                                if (_e942 <= to) {
                                } else {
                                    break;
                                }
                                {
                                    uint _e945 = key_1;
                                    uint _e948 = places.inner[_e945 - base];
                                    uint _e952 = p.stored_dim;
                                    metal::float4 _e953 = values_at(_e948 * _e59, column, _e952, values, _buffer_sizes);
                                    uint _e954 = key_1;
                                    uint shares_1 = ((_e954 - base) * 16u) + my_rows;
                                    float _e963 = scores.inner[shares_1 + 0u];
                                    if (_e963 != -1.0) {
                                        float _e970 = scores.inner[shares_1 + 0u];
                                        metal::float4 _e972 = acc0_;
                                        acc0_ = metal::fma(metal::float4(_e970), _e953, _e972);
                                    }
                                    float _e978 = scores.inner[shares_1 + 1u];
                                    if (_e978 != -1.0) {
                                        float _e985 = scores.inner[shares_1 + 1u];
                                        metal::float4 _e987 = acc1_;
                                        acc1_ = metal::fma(metal::float4(_e985), _e953, _e987);
                                    }
                                    float _e993 = scores.inner[shares_1 + 2u];
                                    if (_e993 != -1.0) {
                                        float _e1000 = scores.inner[shares_1 + 2u];
                                        metal::float4 _e1002 = acc2_;
                                        acc2_ = metal::fma(metal::float4(_e1000), _e953, _e1002);
                                    }
                                    float _e1008 = scores.inner[shares_1 + 3u];
                                    if (_e1008 != -1.0) {
                                        float _e1015 = scores.inner[shares_1 + 3u];
                                        metal::float4 _e1017 = acc3_;
                                        acc3_ = metal::fma(metal::float4(_e1015), _e953, _e1017);
                                    }
                                }
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint _e1025 = segment;
            if (_e78 < ((_e1025 + 1u) * SEGMENT)) {
                uint _e1033 = segment;
                local_11 = _e79 >= (_e1033 * SEGMENT);
            } else {
                local_11 = false;
            }
            bool is_seen = local_11;
            float _e1039 = all_m;
            float _e1040 = m;
            float highest_1 = metal::max(_e1039, _e1040);
            float _e1042 = all_m;
            float _e1044 = exp(_e1042 - highest_1);
            float _e1045 = m;
            float _e1047 = exp(_e1045 - highest_1);
            if (is_seen) {
                float _e1048 = all_l;
                float _e1049 = l;
                float _e1050 = joined(_e1048, _e1044, _e1049, _e1047);
                all_l = _e1050;
                all_m = highest_1;
            }
            if (quarter == 0u) {
                factors.inner[row] = _e1044;
                next_factors.inner[row] = is_seen ? _e1047 : -1.0;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e1063 = next_factors.inner[my_rows + 0u];
            if (_e1063 != -1.0) {
                float before = factors.inner[my_rows + 0u];
                float here = next_factors.inner[my_rows + 0u];
                float _e1078 = all0_.x;
                float _e1080 = acc0_.x;
                float _e1081 = joined(_e1078, before, _e1080, here);
                all0_.x = _e1081;
                float _e1084 = all0_.y;
                float _e1086 = acc0_.y;
                float _e1087 = joined(_e1084, before, _e1086, here);
                all0_.y = _e1087;
                float _e1090 = all0_.z;
                float _e1092 = acc0_.z;
                float _e1093 = joined(_e1090, before, _e1092, here);
                all0_.z = _e1093;
                float _e1096 = all0_.w;
                float _e1098 = acc0_.w;
                float _e1099 = joined(_e1096, before, _e1098, here);
                all0_.w = _e1099;
            }
            float _e1104 = next_factors.inner[my_rows + 1u];
            if (_e1104 != -1.0) {
                float before_1 = factors.inner[my_rows + 1u];
                float here_1 = next_factors.inner[my_rows + 1u];
                float _e1119 = all1_.x;
                float _e1121 = acc1_.x;
                float _e1122 = joined(_e1119, before_1, _e1121, here_1);
                all1_.x = _e1122;
                float _e1125 = all1_.y;
                float _e1127 = acc1_.y;
                float _e1128 = joined(_e1125, before_1, _e1127, here_1);
                all1_.y = _e1128;
                float _e1131 = all1_.z;
                float _e1133 = acc1_.z;
                float _e1134 = joined(_e1131, before_1, _e1133, here_1);
                all1_.z = _e1134;
                float _e1137 = all1_.w;
                float _e1139 = acc1_.w;
                float _e1140 = joined(_e1137, before_1, _e1139, here_1);
                all1_.w = _e1140;
            }
            float _e1145 = next_factors.inner[my_rows + 2u];
            if (_e1145 != -1.0) {
                float before_2 = factors.inner[my_rows + 2u];
                float here_2 = next_factors.inner[my_rows + 2u];
                float _e1160 = all2_.x;
                float _e1162 = acc2_.x;
                float _e1163 = joined(_e1160, before_2, _e1162, here_2);
                all2_.x = _e1163;
                float _e1166 = all2_.y;
                float _e1168 = acc2_.y;
                float _e1169 = joined(_e1166, before_2, _e1168, here_2);
                all2_.y = _e1169;
                float _e1172 = all2_.z;
                float _e1174 = acc2_.z;
                float _e1175 = joined(_e1172, before_2, _e1174, here_2);
                all2_.z = _e1175;
                float _e1178 = all2_.w;
                float _e1180 = acc2_.w;
                float _e1181 = joined(_e1178, before_2, _e1180, here_2);
                all2_.w = _e1181;
            }
            float _e1186 = next_factors.inner[my_rows + 3u];
            if (_e1186 != -1.0) {
                float before_3 = factors.inner[my_rows + 3u];
                float here_3 = next_factors.inner[my_rows + 3u];
                float _e1201 = all3_.x;
                float _e1203 = acc3_.x;
                float _e1204 = joined(_e1201, before_3, _e1203, here_3);
                all3_.x = _e1204;
                float _e1207 = all3_.y;
                float _e1209 = acc3_.y;
                float _e1210 = joined(_e1207, before_3, _e1209, here_3);
                all3_.y = _e1210;
                float _e1213 = all3_.z;
                float _e1215 = acc3_.z;
                float _e1216 = joined(_e1213, before_3, _e1215, here_3);
                all3_.z = _e1216;
                float _e1219 = all3_.w;
                float _e1221 = acc3_.w;
                float _e1222 = joined(_e1219, before_3, _e1221, here_3);
                all3_.w = _e1222;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (quarter == 0u) {
        float _e1230 = all_l;
        factors.inner[row] = 1.0 / _e1230;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    {
        if ((my_rows + 0u) < rows) {
            uint _e1240 = p.value_dim;
            local_12 = column < _e1240;
        } else {
            local_12 = false;
        }
        bool live_1 = local_12;
        metal::float4 _e1244 = all0_;
        float _e1249 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e1244 * _e1249;
        uint _e1256 = p.heads;
        uint _e1261 = p.value_dim;
        uint at_4 = (((((first_row + my_rows) + 0u) * _e1256) + head) * _e1261) + column;
        bool loop_init_12 = true;
        while(true) {
            if (!loop_init_12) {
                uint _e1294 = e;
                e = _e1294 + 1u;
            }
            loop_init_12 = false;
            uint _e1266 = e;
            if (_e1266 < 4u) {
                local_13 = live_1;
            } else {
                local_13 = false;
            }
            bool _e1272 = local_13;
            if (_e1272) {
                uint _e1275 = e;
                uint _e1279 = p.value_dim;
                local_14 = (column + _e1275) < _e1279;
            } else {
                local_14 = false;
            }
            bool _e1282 = local_14;
            if (_e1282) {
            } else {
                break;
            }
            {
                uint _e1286 = p.y;
                uint _e1288 = e;
                uint _e1291 = e;
                ys[(_e1286 + at_4) + _e1288] = y_1[_e1291];
            }
        }
        uint _e1298 = p.quantise;
        if (_e1298 != 0u) {
            quantise4_(y_1, lid, at_4 / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 1u) < rows) {
            uint _e1310 = p.value_dim;
            local_15 = column < _e1310;
        } else {
            local_15 = false;
        }
        bool live_2 = local_15;
        metal::float4 _e1314 = all1_;
        float _e1319 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e1314 * _e1319;
        uint _e1326 = p.heads;
        uint _e1331 = p.value_dim;
        uint at_5 = (((((first_row + my_rows) + 1u) * _e1326) + head) * _e1331) + column;
        bool loop_init_13 = true;
        while(true) {
            if (!loop_init_13) {
                uint _e1364 = e_1;
                e_1 = _e1364 + 1u;
            }
            loop_init_13 = false;
            uint _e1336 = e_1;
            if (_e1336 < 4u) {
                local_16 = live_2;
            } else {
                local_16 = false;
            }
            bool _e1342 = local_16;
            if (_e1342) {
                uint _e1345 = e_1;
                uint _e1349 = p.value_dim;
                local_17 = (column + _e1345) < _e1349;
            } else {
                local_17 = false;
            }
            bool _e1352 = local_17;
            if (_e1352) {
            } else {
                break;
            }
            {
                uint _e1356 = p.y;
                uint _e1358 = e_1;
                uint _e1361 = e_1;
                ys[(_e1356 + at_5) + _e1358] = y_2[_e1361];
            }
        }
        uint _e1368 = p.quantise;
        if (_e1368 != 0u) {
            quantise4_(y_2, lid, at_5 / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 2u) < rows) {
            uint _e1380 = p.value_dim;
            local_18 = column < _e1380;
        } else {
            local_18 = false;
        }
        bool live_3 = local_18;
        metal::float4 _e1384 = all2_;
        float _e1389 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1384 * _e1389;
        uint _e1396 = p.heads;
        uint _e1401 = p.value_dim;
        uint at_6 = (((((first_row + my_rows) + 2u) * _e1396) + head) * _e1401) + column;
        bool loop_init_14 = true;
        while(true) {
            if (!loop_init_14) {
                uint _e1434 = e_2;
                e_2 = _e1434 + 1u;
            }
            loop_init_14 = false;
            uint _e1406 = e_2;
            if (_e1406 < 4u) {
                local_19 = live_3;
            } else {
                local_19 = false;
            }
            bool _e1412 = local_19;
            if (_e1412) {
                uint _e1415 = e_2;
                uint _e1419 = p.value_dim;
                local_20 = (column + _e1415) < _e1419;
            } else {
                local_20 = false;
            }
            bool _e1422 = local_20;
            if (_e1422) {
            } else {
                break;
            }
            {
                uint _e1426 = p.y;
                uint _e1428 = e_2;
                uint _e1431 = e_2;
                ys[(_e1426 + at_6) + _e1428] = y_3[_e1431];
            }
        }
        uint _e1438 = p.quantise;
        if (_e1438 != 0u) {
            quantise4_(y_3, lid, at_6 / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    {
        if ((my_rows + 3u) < rows) {
            uint _e1450 = p.value_dim;
            local_21 = column < _e1450;
        } else {
            local_21 = false;
        }
        bool live_4 = local_21;
        metal::float4 _e1454 = all3_;
        float _e1459 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1454 * _e1459;
        uint _e1466 = p.heads;
        uint _e1471 = p.value_dim;
        uint at_7 = (((((first_row + my_rows) + 3u) * _e1466) + head) * _e1471) + column;
        bool loop_init_15 = true;
        while(true) {
            if (!loop_init_15) {
                uint _e1504 = e_3;
                e_3 = _e1504 + 1u;
            }
            loop_init_15 = false;
            uint _e1476 = e_3;
            if (_e1476 < 4u) {
                local_22 = live_4;
            } else {
                local_22 = false;
            }
            bool _e1482 = local_22;
            if (_e1482) {
                uint _e1485 = e_3;
                uint _e1489 = p.value_dim;
                local_23 = (column + _e1485) < _e1489;
            } else {
                local_23 = false;
            }
            bool _e1492 = local_23;
            if (_e1492) {
            } else {
                break;
            }
            {
                uint _e1496 = p.y;
                uint _e1498 = e_3;
                uint _e1501 = e_3;
                ys[(_e1496 + at_7) + _e1498] = y_4[_e1501];
            }
        }
        uint _e1508 = p.quantise;
        if (_e1508 != 0u) {
            quantise4_(y_4, lid, at_7 / 4u, live_4, qa, qs, q_max, q_sum, _buffer_sizes);
            return;
        } else {
            return;
        }
    }
}
