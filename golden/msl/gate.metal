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
};

typedef float type_1[1];
typedef uint type_3[1];
typedef metal::uint2 type_5[1];
struct P {
    uint x;
    uint u;
    uint y;
    uint width;
    uint kind;
    uint gated;
    float limit;
    float alpha;
    uint quantise;
    float negative;
    float slope;
};
struct type_8 {
    uint inner[64];
};
struct type_9 {
    int inner[64];
};

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

metal::int4 naga_f2i32(metal::float4 value) {
    return static_cast<metal::int4>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

void quantise4_(
    metal::float4 v_1,
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
    metal::uint4 bits = as_type<metal::uint4>(v_1) & metal::uint4(2147483647u);
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
    metal::int4 q = zero ? metal::int4(0) : naga_f2i32(metal::rint(v_1 * inverse));
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

float silu(
    float g
) {
    float _e2 = exp(-(g));
    return g / (1.0 + _e2);
}

float softplus(
    float x_7
) {
    float y_1 = 0.07692308;
    float _e3 = exp(-(metal::abs(x_7)));
    float s = _e3 / (2.0 + _e3);
    float square = s * s;
    float _e10 = y_1;
    y_1 = metal::fma(_e10, square, 0.09090909);
    float _e13 = y_1;
    y_1 = metal::fma(_e13, square, 0.11111111);
    float _e16 = y_1;
    y_1 = metal::fma(_e16, square, 0.14285715);
    float _e19 = y_1;
    y_1 = metal::fma(_e19, square, 0.2);
    float _e22 = y_1;
    y_1 = metal::fma(_e22, square, 0.33333334);
    float twice = s + s;
    float _e26 = positive(x_7);
    float _e28 = y_1;
    return _e26 + metal::fma(twice * square, _e28, twice);
}

float activated(
    uint kind,
    float g_1
) {
    switch(kind) {
        case 0u: {
            float _e2 = silu(g_1);
            return _e2;
        }
        case 1u: {
            float inner = (0.7978846 * g_1) * metal::fma(0.044715 * g_1, g_1, 1.0);
            float _e12 = tanh(inner);
            return (0.5 * g_1) * (1.0 + _e12);
        }
        case 2u: {
            float _e16 = sigmoid(g_1);
            return _e16;
        }
        case 3u: {
            return g_1;
        }
        case 4u: {
            float _e17 = positive(g_1);
            return _e17;
        }
        case 8u: {
            float _e18 = softplus(g_1);
            return _e18;
        }
        default: {
            float _e19 = positive(g_1);
            float _e20 = positive(g_1);
            return _e19 * _e20;
        }
    }
}

float xielu(
    float g_2,
    constant P& p
) {
    float _e3 = p.limit;
    float _e4 = at_most(g_2, _e3);
    float _e5 = exp(_e4);
    float _e11 = p.negative;
    float _e14 = p.slope;
    float below = metal::fma((_e5 - 1.0) - g_2, _e11, _e14 * g_2);
    float _e19 = p.alpha;
    float _e23 = p.slope;
    return (g_2 > 0.0) ? metal::fma(_e19 * g_2, g_2, _e23 * g_2) : below;
}

float of_gate(
    float g_3,
    constant P& p
) {
    uint _e3 = p.kind;
    if (_e3 == 10u) {
        float _e6 = xielu(g_3, p);
        return _e6;
    }
    uint _e9 = p.kind;
    float _e10 = activated(_e9, g_3);
    return _e10;
}

float value(
    uint i_1,
    device type_1 const& xs,
    device type_1 const& us,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e4 = p.x;
    float g_4 = xs[_e4 + i_1];
    uint _e10 = p.gated;
    if (_e10 == 0u) {
        float _e13 = of_gate(g_4, p);
        return _e13;
    }
    uint _e17 = p.u;
    float u = us[_e17 + i_1];
    uint _e23 = p.kind;
    if (_e23 == 6u) {
        float _e28 = p.limit;
        float _e29 = at_most(g_4, _e28);
        float _e30 = silu(_e29);
        float _e33 = p.limit;
        float _e34 = limited(u, _e33);
        return _e30 * _e34;
    }
    uint _e38 = p.kind;
    if (_e38 == 9u) {
        float _e41 = silu(g_4);
        float _e44 = p.limit;
        float _e45 = at_most(_e41, _e44);
        float _e48 = p.limit;
        float _e49 = limited(u, _e48);
        return _e45 * _e49;
    }
    uint _e53 = p.kind;
    if (_e53 == 7u) {
        float _e58 = p.limit;
        float _e59 = at_most(g_4, _e58);
        float _e62 = p.alpha;
        float _e65 = exp(-((_e62 * _e59)));
        float _e71 = p.limit;
        float _e72 = limited(u, _e71);
        return (_e59 / (1.0 + _e65)) * (_e72 + 1.0);
    }
    float _e76 = of_gate(g_4, p);
    return _e76 * u;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& us [[buffer(1)]]
, device type_1& ys [[buffer(2)]]
, device type_3& qa [[buffer(3)]]
, device type_5& qs [[buffer(4)]]
, constant P& p [[buffer(5)]]
, threadgroup type_8& q_max
, threadgroup type_9& q_sum
, constant _mslBufferSizes& _buffer_sizes [[buffer(6)]]
) {
    metal::float4 v = metal::float4(0.0);
    uint j = 0u;
    uint i_2 = ((group.x * 64u) + lid) * 4u;
    uint _e11 = p.width;
    uint at = (group.y * _e11) + i_2;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e42 = j;
            j = _e42 + 1u;
        }
        loop_init_1 = false;
        uint _e19 = j;
        if (_e19 < 4u) {
        } else {
            break;
        }
        {
            uint _e22 = j;
            uint _e26 = p.width;
            if ((i_2 + _e22) < _e26) {
                uint _e28 = j;
                float _e30 = value(at + _e28, xs, us, p, _buffer_sizes);
                uint _e34 = p.y;
                uint _e36 = j;
                ys[(_e34 + at) + _e36] = _e30;
                uint _e39 = j;
                v[_e39] = _e30;
            }
        }
    }
    uint _e46 = p.quantise;
    if (_e46 != 0u) {
        metal::float4 _e49 = v;
        uint _e54 = p.width;
        quantise4_(_e49, lid, at / 4u, i_2 < _e54, qa, qs, q_max, q_sum, _buffer_sizes);
        return;
    } else {
        return;
    }
}
