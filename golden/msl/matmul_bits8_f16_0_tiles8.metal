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
};

typedef float type_1[1];
typedef uint type_3[1];
typedef metal::uint4 type_5[1];
typedef metal::uint2 type_7[1];
struct P {
    uint rows;
    uint blocks;
    uint segment;
    uint jobs;
    uint job_count;
};
typedef float Exact;
struct type_10 {
    half inner[512];
};
struct type_11 {
    half inner[2048];
};
struct type_12 {
    float inner[1024];
};
struct type_13 {
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
    float r_1 = metal::fma(-(n), -0.00021219444, metal::fma(-(n), 0.6933594, c));
    float _e15 = y;
    y = metal::fma(_e15, r_1, 0.0013888889);
    float _e18 = y;
    y = metal::fma(_e18, r_1, 0.008333334);
    float _e21 = y;
    y = metal::fma(_e21, r_1, 0.041666668);
    float _e24 = y;
    y = metal::fma(_e24, r_1, 0.16666667);
    float _e27 = y;
    y = metal::fma(_e27, r_1, 0.5);
    float _e30 = y;
    y = metal::fma(_e30, r_1, 1.0);
    float _e33 = y;
    y = metal::fma(_e33, r_1, 1.0);
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

void finish(
    uint job_1,
    uint row,
    uint r,
    float dot,
    device type_1& ys,
    device type_1 const& vectors,
    device type_3 const& lists,
    constant _mslBufferSizes& _buffer_sizes
) {
    float y_1 = {};
    uint _e8 = lists[job_1 + 8u];
    y_1 = dot * as_type<float>(_e8);
    uint _e16 = lists[job_1 + 6u];
    uint index = _e16 + r;
    uint bias = lists[job_1 + 9u];
    if (bias != NONE) {
        float _e25 = y_1;
        float _e29 = vectors[bias + index];
        y_1 = _e25 + _e29;
    }
    uint _e35 = lists[job_1 + 10u];
    float limit_2 = as_type<float>(_e35);
    if (limit_2 > 0.0) {
        float _e39 = y_1;
        float _e40 = limited(_e39, limit_2);
        y_1 = _e40;
    }
    float _e41 = y_1;
    uint _e46 = lists[job_1 + 11u];
    y_1 = _e41 * as_type<float>(_e46);
    uint _e53 = lists[job_1 + 4u];
    uint _e58 = lists[job_1 + 5u];
    uint at = (_e53 + (row * _e58)) + index;
    uint _e66 = lists[job_1 + 12u];
    if (_e66 != 0u) {
        float _e71 = ys[at];
        float _e72 = y_1;
        ys[at] = _e71 + _e72;
        return;
    } else {
        float _e76 = y_1;
        ys[at] = _e76;
        return;
    }
}

float dot4_(
    uint a,
    uint b_1
) {
    return metal::dot(static_cast<metal::float4>(int4(as_type<packed_char4>(a))), static_cast<metal::float4>(int4(as_type<packed_char4>(b_1))));
}

uint in_tiles(
    uint row_1,
    uint k
) {
    uint tile = ((row_1 / 8u) * 4u) + (k / 8u);
    return ((tile * 64u) + ((row_1 % 8u) * 8u)) + (k % 8u);
}
metal::simdgroup_float8x8 NagaCooperativeLoad(const threadgroup float* ptr, int stride, bool is_row_major) {
    metal::simdgroup_float8x8 m;
    simdgroup_load(m, ptr, stride, 0, is_row_major);
    return m;
}

metal::simdgroup_half8x8 NagaCooperativeLoad(const threadgroup half* ptr, int stride, bool is_row_major) {
    metal::simdgroup_half8x8 m;
    simdgroup_load(m, ptr, stride, 0, is_row_major);
    return m;
}

metal::simdgroup_float8x8 NagaCooperativeMultiplyAdd(const thread metal::simdgroup_half8x8& a, const thread metal::simdgroup_half8x8& b, const thread metal::simdgroup_float8x8& c) {
    metal::simdgroup_float8x8 d;
    simdgroup_multiply_accumulate(d,a,b,c);
    return d;
}


struct main_Input {
};
[[max_total_threads_per_threadgroup(128)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& ys [[buffer(0)]]
, device type_1 const& vectors [[buffer(1)]]
, device type_3 const& lists [[buffer(2)]]
, device type_5 const& w [[buffer(3)]]
, device type_3 const& words [[buffer(4)]]
, device type_5 const& qa [[buffer(5)]]
, device type_7 const& qs [[buffer(6)]]
, constant P& p [[buffer(7)]]
, threadgroup type_10& codes
, threadgroup type_11& inputs
, threadgroup type_12& dots
, threadgroup type_13& zeros
, constant _mslBufferSizes& _buffer_sizes [[buffer(8)]]
) {
    uint job = {};
    uint i = 1u;
    bool local = {};
    float acc0_ = 0.0;
    float total0_ = 0.0;
    float acc1_ = 0.0;
    float total1_ = 0.0;
    float acc2_ = 0.0;
    float total2_ = 0.0;
    float acc3_ = 0.0;
    float total3_ = 0.0;
    float acc4_ = 0.0;
    float total4_ = 0.0;
    float acc5_ = 0.0;
    float total5_ = 0.0;
    float acc6_ = 0.0;
    float total6_ = 0.0;
    float acc7_ = 0.0;
    float total7_ = 0.0;
    uint i_1 = {};
    uint left = {};
    uint b = 0u;
    uint code = {};
    metal::simdgroup_float8x8 sum00_ = {};
    metal::simdgroup_float8x8 sum01_ = {};
    metal::simdgroup_float8x8 sum10_ = {};
    metal::simdgroup_float8x8 sum11_ = {};
    float dot0_ = {};
    float dot1_ = {};
    float dot0_1 = {};
    float dot1_1 = {};
    float dot0_2 = {};
    float dot1_2 = {};
    float dot0_3 = {};
    float dot1_3 = {};
    float dot0_4 = {};
    float dot1_4 = {};
    float dot0_5 = {};
    float dot1_5 = {};
    float dot0_6 = {};
    float dot1_6 = {};
    float dot0_7 = {};
    float dot1_7 = {};
    bool local_1 = {};
    bool local_2 = {};
    bool local_3 = {};
    bool local_4 = {};
    bool local_5 = {};
    bool local_6 = {};
    bool local_7 = {};
    bool local_8 = {};
    bool local_9 = {};
    uint _e4 = p.jobs;
    job = _e4;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e37 = i;
            i = _e37 + 1u;
        }
        loop_init = false;
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
    uint panel = group.x - _e43;
    uint _e46 = job;
    uint w_at = lists[_e46 + 1u];
    uint _e52 = job;
    uint x_at = lists[_e52 + 2u];
    uint _e58 = job;
    uint s_at = lists[_e58 + 3u];
    uint blocks = p.blocks;
    uint unit = lid / 32u;
    uint r_2 = lid % 16u;
    uint first = lid / 16u;
    uint first_row = group.y * 64u;
    uint _e77 = p.rows;
    uint last_row = _e77 - 1u;
    uint brought = metal::min(first_row + (lid / 2u), last_row) * blocks;
    uint row0_ = first + 0u;
    uint at0_ = metal::min(first_row + row0_, last_row) * blocks;
    uint row1_ = first + 8u;
    uint at1_ = metal::min(first_row + row1_, last_row) * blocks;
    uint row2_ = first + 16u;
    uint at2_ = metal::min(first_row + row2_, last_row) * blocks;
    uint row3_ = first + 24u;
    uint at3_ = metal::min(first_row + row3_, last_row) * blocks;
    uint row4_ = first + 32u;
    uint at4_ = metal::min(first_row + row4_, last_row) * blocks;
    uint row5_ = first + 40u;
    uint at5_ = metal::min(first_row + row5_, last_row) * blocks;
    uint row6_ = first + 48u;
    uint at6_ = metal::min(first_row + row6_, last_row) * blocks;
    uint row7_ = first + 56u;
    uint at7_ = metal::min(first_row + row7_, last_row) * blocks;
    i_1 = lid;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e165 = i_1;
            i_1 = _e165 + 128u;
        }
        loop_init_1 = false;
        uint _e158 = i_1;
        if (_e158 < 64u) {
        } else {
            break;
        }
        {
            uint _e162 = i_1;
            zeros.inner[_e162] = 0.0;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    metal::simdgroup_float8x8 zero = NagaCooperativeLoad(&zeros.inner[0], 8u, false);
    uint _e174 = p.segment;
    left = _e174;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e924 = b;
            b = _e924 + 1u;
        }
        loop_init_2 = false;
        uint _e178 = b;
        if (_e178 < blocks) {
        } else {
            break;
        }
        {
            uint _e182 = b;
            metal::uint4 low = w[(w_at + (((panel * blocks) + _e182) * 32u)) + r_2];
            uint _e192 = b;
            metal::uint4 high = w[((w_at + (((panel * blocks) + _e192) * 32u)) + 16u) + r_2];
            uint k0_ = low.x;
            uint k1_ = low.y;
            uint k2_ = low.z;
            uint k3_ = low.w;
            uint k4_ = high.x;
            uint k5_ = high.y;
            uint k6_ = high.z;
            uint k7_ = high.w;
            uint _e212 = b;
            uint _e221 = words[(s_at + (((panel * blocks) + _e212) * 8u)) + (r_2 / 2u)];
            float scale = float2(as_type<half2>(_e221))[r_2 % 2u];
            code = k0_;
            if (first == 1u) {
                code = k1_;
            }
            if (first == 2u) {
                code = k2_;
            }
            if (first == 3u) {
                code = k3_;
            }
            if (first == 4u) {
                code = k4_;
            }
            if (first == 5u) {
                code = k5_;
            }
            if (first == 6u) {
                code = k6_;
            }
            if (first == 7u) {
                code = k7_;
            }
            uint _e241 = code;
            metal::half4 four = static_cast<metal::half4>(int4(as_type<packed_char4>(_e241)));
            uint _e246 = in_tiles(r_2, first * 4u);
            uint _e249 = b;
            metal::uint4 sixteen = qa[(2u * (brought + _e249)) + (lid % 2u)];
            metal::half4 x0_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.x)));
            uint _e268 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 0u);
            metal::half4 x1_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.y)));
            uint _e280 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 4u);
            metal::half4 x2_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.z)));
            uint _e292 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 8u);
            metal::half4 x3_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.w)));
            uint _e304 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 12u);
            codes.inner[_e246 + 0u] = four.x;
            inputs.inner[_e268 + 0u] = x0_.x;
            inputs.inner[_e268 + 1u] = x0_.y;
            inputs.inner[_e268 + 2u] = x0_.z;
            inputs.inner[_e268 + 3u] = x0_.w;
            codes.inner[_e246 + 1u] = four.y;
            inputs.inner[_e280 + 0u] = x1_.x;
            inputs.inner[_e280 + 1u] = x1_.y;
            inputs.inner[_e280 + 2u] = x1_.z;
            inputs.inner[_e280 + 3u] = x1_.w;
            codes.inner[_e246 + 2u] = four.z;
            inputs.inner[_e292 + 0u] = x2_.x;
            inputs.inner[_e292 + 1u] = x2_.y;
            inputs.inner[_e292 + 2u] = x2_.z;
            inputs.inner[_e292 + 3u] = x2_.w;
            codes.inner[_e246 + 3u] = four.w;
            inputs.inner[_e304 + 0u] = x3_.x;
            inputs.inner[_e304 + 1u] = x3_.y;
            inputs.inner[_e304 + 2u] = x3_.z;
            inputs.inner[_e304 + 3u] = x3_.w;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            {
                sum00_ = zero;
                sum01_ = zero;
                sum10_ = zero;
                sum11_ = zero;
                {
                    uint of_inputs = 0u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_1 = NagaCooperativeLoad(&inputs.inner[of_inputs + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_ = NagaCooperativeLoad(&codes.inner[0u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_1 = NagaCooperativeLoad(&inputs.inner[of_inputs + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_ = NagaCooperativeLoad(&codes.inner[0u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e437 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_1, w0_, _e437);
                    metal::simdgroup_float8x8 _e439 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_1, w1_, _e439);
                    metal::simdgroup_float8x8 _e441 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_1, w0_, _e441);
                    metal::simdgroup_float8x8 _e443 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_1, w1_, _e443);
                }
                {
                    uint of_inputs_1 = 64u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_1 = NagaCooperativeLoad(&codes.inner[64u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_1 = NagaCooperativeLoad(&codes.inner[64u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e473 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_2, w0_1, _e473);
                    metal::simdgroup_float8x8 _e475 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_2, w1_1, _e475);
                    metal::simdgroup_float8x8 _e477 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_2, w0_1, _e477);
                    metal::simdgroup_float8x8 _e479 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_2, w1_1, _e479);
                }
                {
                    uint of_inputs_2 = 128u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_2 = NagaCooperativeLoad(&codes.inner[128u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_2 = NagaCooperativeLoad(&codes.inner[128u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e509 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_3, w0_2, _e509);
                    metal::simdgroup_float8x8 _e511 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_3, w1_2, _e511);
                    metal::simdgroup_float8x8 _e513 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_3, w0_2, _e513);
                    metal::simdgroup_float8x8 _e515 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_3, w1_2, _e515);
                }
                {
                    uint of_inputs_3 = 192u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_3 = NagaCooperativeLoad(&codes.inner[192u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_3 = NagaCooperativeLoad(&codes.inner[192u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e545 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_4, w0_3, _e545);
                    metal::simdgroup_float8x8 _e547 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_4, w1_3, _e547);
                    metal::simdgroup_float8x8 _e549 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_4, w0_3, _e549);
                    metal::simdgroup_float8x8 _e551 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_4, w1_3, _e551);
                }
                uint to00_ = (0u + (((unit * 16u) + 0u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e564 = sum00_;
                simdgroup_store(_e564, &dots.inner[to00_], 16u);
                uint to01_ = (0u + (((unit * 16u) + 0u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e578 = sum01_;
                simdgroup_store(_e578, &dots.inner[to01_], 16u);
                uint to10_ = (0u + (((unit * 16u) + 8u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e592 = sum10_;
                simdgroup_store(_e592, &dots.inner[to10_], 16u);
                uint to11_ = (0u + (((unit * 16u) + 8u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e606 = sum11_;
                simdgroup_store(_e606, &dots.inner[to11_], 16u);
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            {
                uint _e610 = b;
                metal::uint2 of_block = qs[at0_ + _e610];
                float _e619 = dots.inner[(row0_ * 16u) + r_2];
                dot0_ = _e619;
                dot1_ = 0.0;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e635 = dot0_;
                float _e636 = dot1_;
                float _e640 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e635 + _e636), scale * scale_a, _e640);
            }
            {
                uint _e643 = b;
                metal::uint2 of_block_1 = qs[at1_ + _e643];
                float _e652 = dots.inner[(row1_ * 16u) + r_2];
                dot0_1 = _e652;
                dot1_1 = 0.0;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e668 = dot0_1;
                float _e669 = dot1_1;
                float _e673 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e668 + _e669), scale * scale_a_1, _e673);
            }
            {
                uint _e676 = b;
                metal::uint2 of_block_2 = qs[at2_ + _e676];
                float _e685 = dots.inner[(row2_ * 16u) + r_2];
                dot0_2 = _e685;
                dot1_2 = 0.0;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e701 = dot0_2;
                float _e702 = dot1_2;
                float _e706 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e701 + _e702), scale * scale_a_2, _e706);
            }
            {
                uint _e709 = b;
                metal::uint2 of_block_3 = qs[at3_ + _e709];
                float _e718 = dots.inner[(row3_ * 16u) + r_2];
                dot0_3 = _e718;
                dot1_3 = 0.0;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e734 = dot0_3;
                float _e735 = dot1_3;
                float _e739 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e734 + _e735), scale * scale_a_3, _e739);
            }
            {
                uint _e742 = b;
                metal::uint2 of_block_4 = qs[at4_ + _e742];
                float _e751 = dots.inner[(row4_ * 16u) + r_2];
                dot0_4 = _e751;
                dot1_4 = 0.0;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e767 = dot0_4;
                float _e768 = dot1_4;
                float _e772 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e767 + _e768), scale * scale_a_4, _e772);
            }
            {
                uint _e775 = b;
                metal::uint2 of_block_5 = qs[at5_ + _e775];
                float _e784 = dots.inner[(row5_ * 16u) + r_2];
                dot0_5 = _e784;
                dot1_5 = 0.0;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e800 = dot0_5;
                float _e801 = dot1_5;
                float _e805 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e800 + _e801), scale * scale_a_5, _e805);
            }
            {
                uint _e808 = b;
                metal::uint2 of_block_6 = qs[at6_ + _e808];
                float _e817 = dots.inner[(row6_ * 16u) + r_2];
                dot0_6 = _e817;
                dot1_6 = 0.0;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e833 = dot0_6;
                float _e834 = dot1_6;
                float _e838 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e833 + _e834), scale * scale_a_6, _e838);
            }
            {
                uint _e841 = b;
                metal::uint2 of_block_7 = qs[at7_ + _e841];
                float _e850 = dots.inner[(row7_ * 16u) + r_2];
                dot0_7 = _e850;
                dot1_7 = 0.0;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e866 = dot0_7;
                float _e867 = dot1_7;
                float _e871 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e866 + _e867), scale * scale_a_7, _e871);
            }
            uint _e873 = left;
            left = _e873 - 1u;
            uint _e876 = left;
            if (!((_e876 == 0u))) {
                uint _e882 = b;
                local_1 = (_e882 + 1u) == blocks;
            } else {
                local_1 = true;
            }
            bool _e887 = local_1;
            if (_e887) {
                uint _e890 = p.segment;
                left = _e890;
                float _e891 = total0_;
                float _e892 = acc0_;
                total0_ = _e891 + _e892;
                acc0_ = 0.0;
                float _e895 = total1_;
                float _e896 = acc1_;
                total1_ = _e895 + _e896;
                acc1_ = 0.0;
                float _e899 = total2_;
                float _e900 = acc2_;
                total2_ = _e899 + _e900;
                acc2_ = 0.0;
                float _e903 = total3_;
                float _e904 = acc3_;
                total3_ = _e903 + _e904;
                acc3_ = 0.0;
                float _e907 = total4_;
                float _e908 = acc4_;
                total4_ = _e907 + _e908;
                acc4_ = 0.0;
                float _e911 = total5_;
                float _e912 = acc5_;
                total5_ = _e911 + _e912;
                acc5_ = 0.0;
                float _e915 = total6_;
                float _e916 = acc6_;
                total6_ = _e915 + _e916;
                acc6_ = 0.0;
                float _e919 = total7_;
                float _e920 = acc7_;
                total7_ = _e919 + _e920;
                acc7_ = 0.0;
            }
        }
    }
    uint _e929 = p.rows;
    if ((first_row + row0_) < _e929) {
        uint _e937 = job;
        uint _e941 = lists[_e937 + 7u];
        local_2 = ((panel * 16u) + r_2) < _e941;
    } else {
        local_2 = false;
    }
    bool _e944 = local_2;
    if (_e944) {
        uint _e945 = job;
        float _e950 = total0_;
        finish(_e945, first_row + row0_, (panel * 16u) + r_2, _e950, ys, vectors, lists, _buffer_sizes);
    }
    uint _e954 = p.rows;
    if ((first_row + row1_) < _e954) {
        uint _e962 = job;
        uint _e966 = lists[_e962 + 7u];
        local_3 = ((panel * 16u) + r_2) < _e966;
    } else {
        local_3 = false;
    }
    bool _e969 = local_3;
    if (_e969) {
        uint _e970 = job;
        float _e975 = total1_;
        finish(_e970, first_row + row1_, (panel * 16u) + r_2, _e975, ys, vectors, lists, _buffer_sizes);
    }
    uint _e979 = p.rows;
    if ((first_row + row2_) < _e979) {
        uint _e987 = job;
        uint _e991 = lists[_e987 + 7u];
        local_4 = ((panel * 16u) + r_2) < _e991;
    } else {
        local_4 = false;
    }
    bool _e994 = local_4;
    if (_e994) {
        uint _e995 = job;
        float _e1000 = total2_;
        finish(_e995, first_row + row2_, (panel * 16u) + r_2, _e1000, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1004 = p.rows;
    if ((first_row + row3_) < _e1004) {
        uint _e1012 = job;
        uint _e1016 = lists[_e1012 + 7u];
        local_5 = ((panel * 16u) + r_2) < _e1016;
    } else {
        local_5 = false;
    }
    bool _e1019 = local_5;
    if (_e1019) {
        uint _e1020 = job;
        float _e1025 = total3_;
        finish(_e1020, first_row + row3_, (panel * 16u) + r_2, _e1025, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1029 = p.rows;
    if ((first_row + row4_) < _e1029) {
        uint _e1037 = job;
        uint _e1041 = lists[_e1037 + 7u];
        local_6 = ((panel * 16u) + r_2) < _e1041;
    } else {
        local_6 = false;
    }
    bool _e1044 = local_6;
    if (_e1044) {
        uint _e1045 = job;
        float _e1050 = total4_;
        finish(_e1045, first_row + row4_, (panel * 16u) + r_2, _e1050, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1054 = p.rows;
    if ((first_row + row5_) < _e1054) {
        uint _e1062 = job;
        uint _e1066 = lists[_e1062 + 7u];
        local_7 = ((panel * 16u) + r_2) < _e1066;
    } else {
        local_7 = false;
    }
    bool _e1069 = local_7;
    if (_e1069) {
        uint _e1070 = job;
        float _e1075 = total5_;
        finish(_e1070, first_row + row5_, (panel * 16u) + r_2, _e1075, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1079 = p.rows;
    if ((first_row + row6_) < _e1079) {
        uint _e1087 = job;
        uint _e1091 = lists[_e1087 + 7u];
        local_8 = ((panel * 16u) + r_2) < _e1091;
    } else {
        local_8 = false;
    }
    bool _e1094 = local_8;
    if (_e1094) {
        uint _e1095 = job;
        float _e1100 = total6_;
        finish(_e1095, first_row + row6_, (panel * 16u) + r_2, _e1100, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1104 = p.rows;
    if ((first_row + row7_) < _e1104) {
        uint _e1112 = job;
        uint _e1116 = lists[_e1112 + 7u];
        local_9 = ((panel * 16u) + r_2) < _e1116;
    } else {
        local_9 = false;
    }
    bool _e1119 = local_9;
    if (_e1119) {
        uint _e1120 = job;
        float _e1125 = total7_;
        finish(_e1120, first_row + row7_, (panel * 16u) + r_2, _e1125, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
