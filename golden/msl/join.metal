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
typedef metal::uint2 type_5[1];
struct P {
    uint y;
    uint heads;
    uint rows;
    uint positions;
    uint window_kind;
    uint window;
    uint sinks;
    uint quantise;
    uint value_dim;
};
struct type_8 {
    uint inner[64];
};
struct type_9 {
    int inner[64];
};
struct type_11 {
    float inner[1024];
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
    float sum,
    float growth,
    float next,
    float next_growth
) {
    return metal::fma(sum, growth, next * next_growth);
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
    uint i = 0u;
    bool local = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i;
            i = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local = true;
    }
    bool zero = local;
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

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& ys [[buffer(0)]]
, device type_1 const& vectors [[buffer(1)]]
, device type_3 const& lists [[buffer(2)]]
, device type_1 const& parts [[buffer(3)]]
, device type_3& qa [[buffer(4)]]
, device type_5& qs [[buffer(5)]]
, constant P& p [[buffer(6)]]
, threadgroup type_8& q_max
, threadgroup type_9& q_sum
, threadgroup type_11& output
, constant _mslBufferSizes& _buffer_sizes [[buffer(7)]]
) {
    uint d = {};
    float m = {};
    float l = {};
    float acc = {};
    uint segment = {};
    uint base = 0u;
    uint head = group.x;
    uint _e6 = p.rows;
    uint row = lists[_e6 + (2u * group.y)];
    uint _e16 = p.rows;
    uint part = lists[(_e16 + (2u * group.y)) + 1u];
    uint _e28 = p.positions;
    uint position_1 = lists[_e28 + row];
    uint end_segment = (position_1 / SEGMENT) + 1u;
    uint _e38 = p.heads;
    uint _e43 = p.value_dim;
    uint out_at = ((row * _e38) + head) * _e43;
    d = lid;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e137 = d;
            d = _e137 + 64u;
        }
        loop_init_1 = false;
        uint _e46 = d;
        uint _e49 = p.value_dim;
        if (_e46 < _e49) {
        } else {
            break;
        }
        {
            m = -340282350000000000000000000000000000000.0;
            l = 0.0;
            uint _e57 = p.sinks;
            if (_e57 != NONE) {
                uint _e63 = p.sinks;
                float _e66 = vectors[_e63 + head];
                m = _e66;
                l = 1.0;
            }
            acc = 0.0;
            uint _e70 = first_position(position_1, p);
            segment = _e70 / SEGMENT;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e119 = segment;
                    segment = _e119 + 1u;
                }
                loop_init_2 = false;
                uint _e74 = segment;
                if (_e74 < end_segment) {
                } else {
                    break;
                }
                {
                    uint _e76 = segment;
                    uint _e80 = p.heads;
                    uint _e85 = p.value_dim;
                    uint at = (((part + _e76) * _e80) + head) * (_e85 + 2u);
                    float _e89 = m;
                    float _e92 = parts[at];
                    float highest = metal::max(_e89, _e92);
                    float _e94 = m;
                    float _e96 = exp(_e94 - highest);
                    float _e99 = parts[at];
                    float _e101 = exp(_e99 - highest);
                    float _e102 = l;
                    float _e107 = parts[at + 1u];
                    float _e108 = joined(_e102, _e96, _e107, _e101);
                    l = _e108;
                    float _e109 = acc;
                    uint _e113 = d;
                    float _e116 = parts[(at + 2u) + _e113];
                    float _e117 = joined(_e109, _e96, _e116, _e101);
                    acc = _e117;
                    m = highest;
                }
            }
            float _e121 = l;
            float inverse_1 = 1.0 / _e121;
            float _e124 = acc;
            float y_1 = _e124 * inverse_1;
            uint _e129 = p.y;
            uint _e131 = d;
            ys[(_e129 + out_at) + _e131] = y_1;
            uint _e135 = d;
            output.inner[_e135] = y_1;
        }
    }
    uint _e142 = p.quantise;
    if (_e142 != 0u) {
        metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e184 = base;
                base = _e184 + 256u;
            }
            loop_init_3 = false;
            uint _e147 = base;
            uint _e150 = p.value_dim;
            if (_e147 < _e150) {
            } else {
                break;
            }
            {
                uint _e152 = base;
                uint i_1 = _e152 + (lid * 4u);
                uint _e158 = p.value_dim;
                bool live_1 = i_1 < _e158;
                uint from = live_1 ? i_1 : 0u;
                float _e164 = output.inner[from];
                float _e169 = output.inner[from + 1u];
                float _e174 = output.inner[from + 2u];
                float _e179 = output.inner[from + 3u];
                metal::float4 v_1 = metal::float4(_e164, _e169, _e174, _e179);
                quantise4_(v_1, lid, (out_at + i_1) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
            }
        }
        return;
    } else {
        return;
    }
}
