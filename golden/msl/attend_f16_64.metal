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
    float inner[64];
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

uint head_words(
    uint head_dim
) {
    return (head_dim + 1u) / 2u;
}

metal::int4 naga_f2i32(metal::float4 value) {
    return static_cast<metal::int4>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

void quantise4_(
    metal::float4 v,
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
    uint i_1 = 0u;
    bool local_1 = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i_1;
            i_1 = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i_1;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i_1;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local_1 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_1 = true;
    }
    bool zero = local_1;
    float inverse = zero ? 0.0 : (127.0 / largest);
    metal::int4 q = zero ? metal::int4(0) : naga_f2i32(metal::rint(v * inverse));
    q_sum.inner[lid_1] = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(q.x) + as_type<uint>(q.y))) + as_type<uint>(q.z))) + as_type<uint>(q.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (live) {
        qa[word] = as_type<uint>(packed_char4(q));
        if (lid_1 == first) {
            int _e75 = q_sum.inner[lid_1];
            int _e80 = q_sum.inner[lid_1 + 1u];
            int _e86 = q_sum.inner[lid_1 + 2u];
            int _e92 = q_sum.inner[lid_1 + 3u];
            int low = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e75) + as_type<uint>(_e80))) + as_type<uint>(_e86))) + as_type<uint>(_e92));
            int _e98 = q_sum.inner[lid_1 + 4u];
            int _e103 = q_sum.inner[lid_1 + 5u];
            int _e109 = q_sum.inner[lid_1 + 6u];
            int _e115 = q_sum.inner[lid_1 + 7u];
            int high = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e98) + as_type<uint>(_e103))) + as_type<uint>(_e109))) + as_type<uint>(_e115));
            scale = zero ? 0u : as_type<uint>(largest / 127.0);
            uint _e123 = scale;
            uint _e124 = amax;
            scale = poisoned ? (_e124 | 2143289344u) : _e123;
            uint _e132 = scale;
            qs[word / 8u] = metal::uint2(_e132, (static_cast<uint>(low) & 65535u) | (static_cast<uint>(high) << 16u));
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}

float dot_key(
    uint at,
    device type_3 const& keys,
    constant P& p,
    threadgroup type_11& query,
    constant _mslBufferSizes& _buffer_sizes
) {
    float acc = 0.0;
    uint w = 0u;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e41 = w;
            w = _e41 + 1u;
        }
        loop_init_1 = false;
        uint _e5 = w;
        uint _e8 = p.head_dim;
        if (_e5 < ((_e8 + 1u) / 2u)) {
        } else {
            break;
        }
        {
            uint _e15 = w;
            uint _e18 = keys[at + _e15];
            metal::float2 k = float2(as_type<half2>(_e18));
            uint _e22 = w;
            float _e25 = query.inner[2u * _e22];
            float _e27 = acc;
            acc = metal::fma(_e25, k.x, _e27);
            uint _e31 = w;
            float _e36 = query.inner[(2u * _e31) + 1u];
            float _e38 = acc;
            acc = metal::fma(_e36, k.y, _e38);
        }
    }
    float _e43 = acc;
    return _e43;
}

float value_at(
    uint at_1,
    uint d_1,
    device type_3 const& values,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e7 = values[at_1 + (d_1 / 2u)];
    return float2(as_type<half2>(_e7))[d_1 % 2u];
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
, threadgroup type_11& query
, threadgroup type_11& scores
, threadgroup type_11& shares
, threadgroup type_8& places
, constant _mslBufferSizes& _buffer_sizes [[buffer(9)]]
) {
    uint d = {};
    float m = -340282350000000000000000000000000000000.0;
    float l = 0.0;
    float acc0_ = 0.0;
    uint tile = {};
    bool local = {};
    float s = {};
    float highest = {};
    uint i = {};
    uint t = {};
    uint base = 0u;
    uint head = group.x;
    uint row = group.y;
    uint _e6 = p.heads;
    uint _e9 = p.kv_heads;
    uint kv_head = head / (_e6 / _e9);
    uint _e14 = p.head_dim;
    uint _e15 = head_words(_e14);
    uint _e18 = p.stored_dim;
    uint _e19 = head_words(_e18);
    uint _e22 = p.heads;
    uint _e27 = p.value_dim;
    uint out_at = ((row * _e22) + head) * _e27;
    uint _e31 = p.heads;
    uint _e36 = p.head_dim;
    uint at_2 = ((row * _e31) + head) * _e36;
    d = lid;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e67 = d;
            d = _e67 + 64u;
        }
        loop_init_2 = false;
        uint _e39 = d;
        if (_e39 < 64u) {
        } else {
            break;
        }
        {
            uint _e43 = d;
            uint _e48 = p.q;
            uint _e50 = d;
            uint _e53 = p.head_dim;
            float _e59 = xs[(_e48 + at_2) + metal::min(_e50, _e53 - 1u)];
            uint _e60 = d;
            uint _e63 = p.head_dim;
            query.inner[_e43] = (_e60 < _e63) ? _e59 : 0.0;
        }
    }
    uint _e73 = p.positions;
    uint position_1 = lists[_e73 + row];
    uint _e80 = p.tables;
    uint table = lists[_e80 + row];
    uint _e84 = first_position(position_1, p);
    uint _e91 = p.sinks;
    if (_e91 != NONE) {
        uint _e97 = p.sinks;
        float _e100 = vectors[_e97 + head];
        m = _e100;
        l = 1.0;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    tile = _e84 / 64u;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e247 = tile;
            tile = _e247 + 1u;
        }
        loop_init_3 = false;
        uint _e107 = tile;
        if (_e107 <= (position_1 / 64u)) {
        } else {
            break;
        }
        {
            uint _e111 = tile;
            uint base_1 = _e111 * 64u;
            uint mine = base_1 + lid;
            if (mine >= _e84) {
                local = mine <= position_1;
            } else {
                local = false;
            }
            bool live_1 = local;
            s = -340282350000000000000000000000000000000.0;
            if (live_1) {
                uint _e128 = lists[table + (mine / 16u)];
                uint slot = (_e128 * 16u) + (mine % 16u);
                uint _e136 = p.kv_heads;
                uint place = (slot * _e136) + kv_head;
                places.inner[lid] = place * _e19;
                float _e143 = dot_key(place * _e15, keys, p, query, _buffer_sizes);
                float _e146 = p.scale;
                s = _e143 * _e146;
                float _e150 = p.cap;
                if (_e150 > 0.0) {
                    float _e155 = p.cap;
                    float _e156 = s;
                    float _e159 = p.cap;
                    float _e161 = tanh(_e156 / _e159);
                    s = _e155 * _e161;
                }
                uint _e165 = p.slopes;
                if (_e165 != NONE) {
                    uint _e171 = p.slopes;
                    float _e174 = vectors[_e171 + head];
                    float _e178 = s;
                    s = metal::fma(_e174, -(static_cast<float>(position_1 - mine)), _e178);
                }
            }
            float _e182 = s;
            scores.inner[lid] = _e182;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e183 = m;
            highest = _e183;
            i = 0u;
            bool loop_init_4 = true;
            while(true) {
                if (!loop_init_4) {
                    uint _e197 = i;
                    i = _e197 + 1u;
                }
                loop_init_4 = false;
                uint _e187 = i;
                if (_e187 < 64u) {
                } else {
                    break;
                }
                {
                    float _e190 = highest;
                    uint _e192 = i;
                    float _e194 = scores.inner[_e192];
                    highest = metal::max(_e190, _e194);
                }
            }
            float _e199 = m;
            float _e200 = highest;
            float _e202 = exp(_e199 - _e200);
            float _e205 = s;
            float _e206 = highest;
            float _e208 = exp(_e205 - _e206);
            shares.inner[lid] = _e208;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e209 = l;
            l = _e209 * _e202;
            float _e211 = acc0_;
            acc0_ = _e211 * _e202;
            uint last = metal::min(position_1 - base_1, 63u);
            t = metal::max(_e84, base_1) - base_1;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e243 = t;
                    t = _e243 + 1u;
                }
                loop_init_5 = false;
                uint _e219 = t;
                if (_e219 <= last) {
                } else {
                    break;
                }
                {
                    uint _e222 = t;
                    float share = shares.inner[_e222];
                    uint _e226 = t;
                    uint place_1 = places.inner[_e226];
                    float _e229 = l;
                    l = _e229 + share;
                    uint _e235 = p.value_dim;
                    if ((lid + 0u) < _e235) {
                        float _e239 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                        float _e240 = acc0_;
                        acc0_ = metal::fma(share, _e239, _e240);
                    }
                }
            }
            float _e245 = highest;
            m = _e245;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    float _e249 = l;
    float inverse_1 = 1.0 / _e249;
    uint _e256 = p.value_dim;
    if ((lid + 0u) < _e256) {
        float _e258 = acc0_;
        float y_1 = _e258 * inverse_1;
        uint _e263 = p.y;
        ys[((_e263 + out_at) + lid) + 0u] = y_1;
        query.inner[lid + 0u] = y_1;
    }
    uint _e275 = p.quantise;
    if (_e275 != 0u) {
        metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e317 = base;
                base = _e317 + 256u;
            }
            loop_init_6 = false;
            uint _e280 = base;
            uint _e283 = p.value_dim;
            if (_e280 < _e283) {
            } else {
                break;
            }
            {
                uint _e285 = base;
                uint i_2 = _e285 + (lid * 4u);
                uint _e291 = p.value_dim;
                bool live_2 = i_2 < _e291;
                uint from = live_2 ? i_2 : 0u;
                float _e297 = query.inner[from];
                float _e302 = query.inner[from + 1u];
                float _e307 = query.inner[from + 2u];
                float _e312 = query.inner[from + 3u];
                metal::float4 v_1 = metal::float4(_e297, _e302, _e307, _e312);
                quantise4_(v_1, lid, (out_at + i_2) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
            }
        }
        return;
    } else {
        return;
    }
}
