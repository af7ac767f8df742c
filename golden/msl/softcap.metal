// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint x;
    uint y;
    uint width;
    uint list;
    float cap;
    uint heads;
    uint kind;
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

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, constant P& p [[buffer(3)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(4)]]
) {
    uint i = (group.x * 256u) + lid;
    uint _e8 = p.width;
    if (i >= _e8) {
        return;
    }
    uint _e13 = p.width;
    uint at = (group.y * _e13) + i;
    uint _e19 = p.y;
    float _e24 = p.cap;
    uint _e28 = p.x;
    float _e31 = xs[_e28 + at];
    float _e34 = p.cap;
    float _e36 = tanh(_e31 / _e34);
    ys[_e19 + at] = _e24 * _e36;
    return;
}
