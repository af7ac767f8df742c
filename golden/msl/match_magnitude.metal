// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
};

typedef float type_1[1];
struct P {
    uint x;
    uint y;
    uint width;
    uint heads;
    float floor;
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
    float sum = lanes.inner[0];
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return sum;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, constant P& p [[buffer(2)]]
, threadgroup type_4& lanes
, constant _mslBufferSizes& _buffer_sizes [[buffer(3)]]
) {
    float wanted = 0.0;
    float squares = 0.0;
    uint i = {};
    uint i_1 = {};
    uint _e4 = p.x;
    uint _e8 = p.width;
    uint like = _e4 + (group.y * _e8);
    uint _e13 = p.y;
    uint _e17 = p.heads;
    uint _e23 = p.width;
    uint head = _e13 + (((group.y * _e17) + group.x) * _e23);
    i = lid;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e60 = i;
            i = _e60 + 256u;
        }
        loop_init_1 = false;
        uint _e31 = i;
        uint _e34 = p.width;
        if (_e31 < _e34) {
        } else {
            break;
        }
        {
            uint _e37 = i;
            float _e40 = xs[like + _e37];
            uint _e42 = i;
            float _e45 = xs[like + _e42];
            float _e46 = wanted;
            wanted = metal::fma(_e40, _e45, _e46);
            uint _e49 = i;
            float _e52 = ys[head + _e49];
            uint _e54 = i;
            float _e57 = ys[head + _e54];
            float _e58 = squares;
            squares = metal::fma(_e52, _e57, _e58);
        }
    }
    uint _e65 = p.width;
    float count = static_cast<float>(_e65);
    float _e67 = wanted;
    float _e68 = total(_e67, lid, lanes);
    float aim = metal::sqrt(_e68 / count);
    float _e71 = squares;
    float _e72 = total(_e71, lid, lanes);
    float mean = _e72 / count;
    float _e76 = p.floor;
    bool _e78 = is_nan(mean);
    float factor = aim / metal::sqrt(_e78 ? mean : metal::max(mean, _e76));
    i_1 = lid;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e94 = i_1;
            i_1 = _e94 + 256u;
        }
        loop_init_2 = false;
        uint _e83 = i_1;
        uint _e86 = p.width;
        if (_e83 < _e86) {
        } else {
            break;
        }
        {
            uint _e89 = i_1;
            float _e92 = ys[head + _e89];
            ys[head + _e89] = _e92 * factor;
        }
    }
    return;
}
