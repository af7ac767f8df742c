// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
};

typedef float type_1[1];
struct P {
    uint y;
    uint width;
    float deviations;
};
struct type_4 {
    float inner[256];
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

float total(
    float value,
    uint lid_1,
    threadgroup type_4& lanes
) {
    uint half_ = 128u;
    lanes.inner[lid_1] = value;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e20 = half_;
            half_ = _e20 / 2u;
        }
        loop_init = false;
        uint _e6 = half_;
        if (_e6 > 0u) {
        } else {
            break;
        }
        {
            uint _e9 = half_;
            if (lid_1 < _e9) {
                float _e13 = lanes.inner[lid_1];
                uint _e15 = half_;
                float _e18 = lanes.inner[lid_1 + _e15];
                lanes.inner[lid_1] = _e13 + _e18;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    float sum_1 = lanes.inner[0];
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return sum_1;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& ys [[buffer(0)]]
, constant P& p [[buffer(1)]]
, threadgroup type_4& lanes
, constant _mslBufferSizes& _buffer_sizes [[buffer(2)]]
) {
    float sum = 0.0;
    uint i = {};
    float squares = 0.0;
    uint i_1 = {};
    uint i_2 = {};
    uint _e4 = p.y;
    uint _e8 = p.width;
    uint at = _e4 + (group.y * _e8);
    i = lid;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e26 = i;
            i = _e26 + 256u;
        }
        loop_init_1 = false;
        uint _e14 = i;
        uint _e17 = p.width;
        if (_e14 < _e17) {
        } else {
            break;
        }
        {
            float _e19 = sum;
            uint _e21 = i;
            float _e24 = ys[at + _e21];
            sum = _e19 + _e24;
        }
    }
    float _e29 = sum;
    float _e30 = total(_e29, lid, lanes);
    uint _e33 = p.width;
    float mean = _e30 / static_cast<float>(_e33);
    i_1 = lid;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e52 = i_1;
            i_1 = _e52 + 256u;
        }
        loop_init_2 = false;
        uint _e39 = i_1;
        uint _e42 = p.width;
        if (_e39 < _e42) {
        } else {
            break;
        }
        {
            uint _e45 = i_1;
            float _e48 = ys[at + _e45];
            float d = _e48 - mean;
            float _e50 = squares;
            squares = metal::fma(d, d, _e50);
        }
    }
    float _e55 = squares;
    float _e56 = total(_e55, lid, lanes);
    uint _e59 = p.width;
    float variance = _e56 / static_cast<float>(metal::max(_e59 - 1u, 1u));
    float _e68 = p.deviations;
    float cut = metal::fma(_e68, metal::sqrt(variance), mean);
    i_2 = lid;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e88 = i_2;
            i_2 = _e88 + 256u;
        }
        loop_init_3 = false;
        uint _e72 = i_2;
        uint _e75 = p.width;
        if (_e72 < _e75) {
        } else {
            break;
        }
        {
            uint _e78 = i_2;
            uint _e82 = i_2;
            float _e85 = ys[at + _e82];
            float _e87 = positive(_e85 - cut);
            ys[at + _e78] = _e87;
        }
    }
    return;
}
