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
    uint size8;
};

typedef float type_1[1];
typedef uint type_3[1];
typedef metal::uint4 type_5[1];
typedef metal::uint2 type_7[1];
struct P {
    uint x;
    uint rows;
    uint cols;
    uint blocks;
    uint segment;
    uint jobs;
    uint job_count;
    uint per_input;
};
typedef float Exact;
struct type_9 {
    uint inner[256];
};
struct type_10 {
    float inner[256];
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

void finish_expert(
    uint job_1,
    uint row,
    uint expert,
    uint index,
    float dot_1,
    device type_1& ys,
    device type_1 const& vectors,
    device type_3 const& lists,
    constant _mslBufferSizes& _buffer_sizes
) {
    float y_1 = {};
    y_1 = dot_1;
    uint _e10 = lists[job_1 + 8u];
    if (_e10 != NONE) {
        float _e13 = y_1;
        uint _e19 = lists[job_1 + 8u];
        float _e22 = vectors[_e19 + expert];
        y_1 = _e13 * _e22;
    }
    uint _e28 = lists[job_1 + 9u];
    if (_e28 != NONE) {
        float _e31 = y_1;
        uint _e37 = lists[job_1 + 9u];
        uint _e42 = lists[job_1 + 5u];
        float _e47 = vectors[(_e37 + (expert * _e42)) + index];
        y_1 = _e31 + _e47;
    }
    uint _e54 = lists[job_1 + 4u];
    uint _e59 = lists[job_1 + 5u];
    float _e64 = y_1;
    ys[(_e54 + (row * _e59)) + index] = _e64;
    return;
}

float dot4_(
    uint a,
    uint b_1
) {
    return metal::dot(static_cast<metal::float4>(int4(as_type<packed_char4>(a))), static_cast<metal::float4>(int4(as_type<packed_char4>(b_1))));
}

uint level(
    uint code
) {
    metal::uint4 table = metal::uint4(50462976u, 201852420u, 4261347072u, 4109957884u);
    uint _e10 = table[code / 4u];
    return (_e10 >> (8u * (code % 4u))) & 255u;
}

void fill_levels(
    uint lid_1,
    threadgroup type_9& levels
) {
    uint i_2 = {};
    i_2 = lid_1;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e19 = i_2;
            i_2 = _e19 + 256u;
        }
        loop_init = false;
        uint _e2 = i_2;
        if (_e2 < 256u) {
        } else {
            break;
        }
        {
            uint _e6 = i_2;
            uint _e8 = i_2;
            uint _e11 = level(_e8 % 16u);
            uint _e12 = i_2;
            uint _e15 = level(_e12 / 16u);
            levels.inner[_e6] = _e11 | (_e15 << 16u);
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& ys [[buffer(1)]]
, device type_1 const& vectors [[buffer(2)]]
, device type_3 const& lists [[buffer(3)]]
, device type_5 const& w [[buffer(4)]]
, device type_3 const& words [[buffer(5)]]
, device type_5 const& qa [[buffer(6)]]
, device type_7 const& qs [[buffer(7)]]
, device type_7 const& routes [[buffer(8)]]
, constant P& p [[buffer(9)]]
, threadgroup type_9& levels
, threadgroup type_10& sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    uint job = {};
    uint i = 1u;
    bool local = {};
    uint panel = {};
    bool is_here = true;
    float acc0_ = 0.0;
    uint b = {};
    float dot0_ = {};
    float dot1_ = {};
    bool local_1 = {};
    bool local_2 = {};
    float dot = 0.0;
    uint i_1 = 0u;
    fill_levels(lid, levels);
    uint _e4 = p.jobs;
    job = _e4;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e37 = i;
            i = _e37 + 1u;
        }
        loop_init_1 = false;
        uint _e8 = i;
        uint _e11 = p.job_count;
        if (_e8 < _e11) {
            uint _e19 = p.jobs;
            uint _e20 = i;
            uint _e25 = lists[_e19 + (_e20 * 16u)];
            local = group.x >= _e25;
        } else {
            local = false;
        }
        bool _e28 = local;
        if (_e28) {
        } else {
            break;
        }
        {
            uint _e31 = p.jobs;
            uint _e32 = i;
            job = _e31 + (_e32 * 16u);
        }
    }
    uint _e41 = job;
    uint _e43 = lists[_e41];
    panel = group.x - _e43;
    uint _e48 = panel;
    uint index_1 = _e48 * 16u;
    uint expert_1 = routes[group.y].x;
    uint _e56 = panel;
    uint _e58 = job;
    uint _e62 = lists[_e58 + 13u];
    uint _e65 = job;
    uint _e69 = lists[_e65 + 6u];
    panel = _e56 + ((expert_1 * _e62) - (_e69 / 16u));
    uint _e74 = panel;
    uint _e76 = job;
    uint _e80 = lists[_e76 + 7u];
    is_here = _e74 < (_e80 / 16u);
    uint _e85 = job;
    uint w_at = lists[_e85 + 1u];
    uint _e91 = job;
    uint x_at = lists[_e91 + 2u];
    uint _e97 = job;
    uint s_at = lists[_e97 + 3u];
    uint blocks = p.blocks;
    uint r_1 = lid % 16u;
    uint s = lid / 16u;
    uint first_row = group.y * 1u;
    uint _e114 = p.per_input;
    uint row0_ = first_row / _e114;
    uint _e123 = p.segment;
    bool _e126 = is_here;
    uint end = _e126 ? metal::min((s + 1u) * _e123, blocks) : 0u;
    uint _e130 = p.segment;
    b = s * _e130;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e406 = b;
            b = _e406 + 1u;
        }
        loop_init_2 = false;
        uint _e133 = b;
        if (_e133 < end) {
        } else {
            break;
        }
        {
            uint _e136 = panel;
            uint _e138 = b;
            metal::uint4 nibbles = w[(w_at + (((_e136 * blocks) + _e138) * 16u)) + r_1];
            uint both0_ = nibbles.x;
            uint both1_ = nibbles.y;
            uint both2_ = nibbles.z;
            uint both3_ = nibbles.w;
            uint _e154 = levels.inner[both0_ & 255u];
            uint _e161 = levels.inner[(both0_ >> 8u) & 255u];
            uint first0_ = _e154 | (_e161 << 8u);
            uint _e171 = levels.inner[(both0_ >> 16u) & 255u];
            uint _e176 = levels.inner[both0_ >> 24u];
            uint second0_ = _e171 | (_e176 << 8u);
            uint k0_ = (first0_ & 65535u) | (second0_ << 16u);
            uint _e189 = levels.inner[both1_ & 255u];
            uint _e196 = levels.inner[(both1_ >> 8u) & 255u];
            uint first1_ = _e189 | (_e196 << 8u);
            uint _e206 = levels.inner[(both1_ >> 16u) & 255u];
            uint _e211 = levels.inner[both1_ >> 24u];
            uint second1_ = _e206 | (_e211 << 8u);
            uint k1_ = (first1_ & 65535u) | (second1_ << 16u);
            uint _e224 = levels.inner[both2_ & 255u];
            uint _e231 = levels.inner[(both2_ >> 8u) & 255u];
            uint first2_ = _e224 | (_e231 << 8u);
            uint _e241 = levels.inner[(both2_ >> 16u) & 255u];
            uint _e246 = levels.inner[both2_ >> 24u];
            uint second2_ = _e241 | (_e246 << 8u);
            uint k2_ = (first2_ & 65535u) | (second2_ << 16u);
            uint _e259 = levels.inner[both3_ & 255u];
            uint _e266 = levels.inner[(both3_ >> 8u) & 255u];
            uint first3_ = _e259 | (_e266 << 8u);
            uint _e276 = levels.inner[(both3_ >> 16u) & 255u];
            uint _e281 = levels.inner[both3_ >> 24u];
            uint second3_ = _e276 | (_e281 << 8u);
            uint k3_ = (first3_ & 65535u) | (second3_ << 16u);
            uint k4_ = (first0_ >> 16u) | (second0_ & 4294901760u);
            uint k5_ = (first1_ >> 16u) | (second1_ & 4294901760u);
            uint k6_ = (first2_ >> 16u) | (second2_ & 4294901760u);
            uint k7_ = (first3_ >> 16u) | (second3_ & 4294901760u);
            uint _e311 = panel;
            uint _e313 = b;
            uint _e322 = words[(s_at + (((_e311 * blocks) + _e313) * 4u)) + (r_1 / 4u)];
            uint exponent = (_e322 >> (8u * (r_1 % 4u))) & 255u;
            float scale = as_type<float>((exponent < 2u) ? (1u << (21u + (exponent % 2u))) : ((exponent - 1u) << 23u));
            {
                uint _e345 = b;
                uint at = (row0_ * blocks) + _e345;
                metal::uint4 low = qa[2u * at];
                metal::uint4 high = qa[(2u * at) + 1u];
                metal::uint2 of_block = qs[at];
                float _e363 = dot4_(k0_, low.x);
                float _e365 = dot4_(k1_, low.y);
                float _e368 = dot4_(k2_, low.z);
                float _e371 = dot4_(k3_, low.w);
                dot0_ = ((_e363 + _e365) + _e368) + _e371;
                float _e375 = dot4_(k4_, high.x);
                float _e377 = dot4_(k5_, high.y);
                float _e380 = dot4_(k6_, high.z);
                float _e383 = dot4_(k7_, high.w);
                dot1_ = ((_e375 + _e377) + _e380) + _e383;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e398 = dot0_;
                float _e399 = dot1_;
                float _e403 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e398 + _e399), scale * scale_a, _e403);
            }
        }
    }
    float _e415 = acc0_;
    sums.inner[((0u + s) * 16u) + r_1] = _e415;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s == 0u) {
        bool _e421 = is_here;
        local_1 = _e421;
    } else {
        local_1 = false;
    }
    bool _e423 = local_1;
    if (_e423) {
        uint _e428 = job;
        uint _e432 = lists[_e428 + 5u];
        local_2 = (index_1 + r_1) < _e432;
    } else {
        local_2 = false;
    }
    bool _e435 = local_2;
    if (_e435) {
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e453 = i_1;
                i_1 = _e453 + 1u;
            }
            loop_init_3 = false;
            uint _e440 = i_1;
            if (_e440 < 16u) {
            } else {
                break;
            }
            {
                float _e443 = dot;
                uint _e445 = i_1;
                float _e450 = sums.inner[(_e445 * 16u) + r_1];
                dot = _e443 + _e450;
            }
        }
        uint _e455 = job;
        float _e457 = dot;
        finish_expert(_e455, row_1, expert_1, index_1 + r_1, _e457, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
