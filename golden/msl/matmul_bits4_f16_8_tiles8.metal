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
            uint _e1016 = b;
            b = _e1016 + 1u;
        }
        loop_init_2 = false;
        uint _e178 = b;
        if (_e178 < blocks) {
        } else {
            break;
        }
        {
            uint _e182 = b;
            metal::uint4 nibbles = w[(w_at + (((panel * blocks) + _e182) * 16u)) + r_2];
            uint k0_ = nibbles.x & 252645135u;
            uint k1_ = nibbles.y & 252645135u;
            uint k2_ = nibbles.z & 252645135u;
            uint k3_ = nibbles.w & 252645135u;
            uint k4_ = (nibbles.x >> 4u) & 252645135u;
            uint k5_ = (nibbles.y >> 4u) & 252645135u;
            uint k6_ = (nibbles.z >> 4u) & 252645135u;
            uint k7_ = (nibbles.w >> 4u) & 252645135u;
            uint _e224 = b;
            uint _e233 = words[(s_at + (((panel * blocks) + _e224) * 8u)) + (r_2 / 2u)];
            float scale = float2(as_type<half2>(_e233))[r_2 % 2u];
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
            uint _e253 = code;
            metal::half4 four = static_cast<metal::half4>(int4(as_type<packed_char4>(_e253)));
            uint _e258 = in_tiles(r_2, first * 4u);
            uint _e261 = b;
            metal::uint4 sixteen = qa[(2u * (brought + _e261)) + (lid % 2u)];
            metal::half4 x0_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.x)));
            uint _e280 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 0u);
            metal::half4 x1_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.y)));
            uint _e292 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 4u);
            metal::half4 x2_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.z)));
            uint _e304 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 8u);
            metal::half4 x3_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.w)));
            uint _e316 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 12u);
            codes.inner[_e258 + 0u] = four.x;
            inputs.inner[_e280 + 0u] = x0_.x;
            inputs.inner[_e280 + 1u] = x0_.y;
            inputs.inner[_e280 + 2u] = x0_.z;
            inputs.inner[_e280 + 3u] = x0_.w;
            codes.inner[_e258 + 1u] = four.y;
            inputs.inner[_e292 + 0u] = x1_.x;
            inputs.inner[_e292 + 1u] = x1_.y;
            inputs.inner[_e292 + 2u] = x1_.z;
            inputs.inner[_e292 + 3u] = x1_.w;
            codes.inner[_e258 + 2u] = four.z;
            inputs.inner[_e304 + 0u] = x2_.x;
            inputs.inner[_e304 + 1u] = x2_.y;
            inputs.inner[_e304 + 2u] = x2_.z;
            inputs.inner[_e304 + 3u] = x2_.w;
            codes.inner[_e258 + 3u] = four.w;
            inputs.inner[_e316 + 0u] = x3_.x;
            inputs.inner[_e316 + 1u] = x3_.y;
            inputs.inner[_e316 + 2u] = x3_.z;
            inputs.inner[_e316 + 3u] = x3_.w;
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
                    metal::simdgroup_float8x8 _e449 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_1, w0_, _e449);
                    metal::simdgroup_float8x8 _e451 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_1, w1_, _e451);
                    metal::simdgroup_float8x8 _e453 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_1, w0_, _e453);
                    metal::simdgroup_float8x8 _e455 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_1, w1_, _e455);
                }
                {
                    uint of_inputs_1 = 64u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_1 = NagaCooperativeLoad(&codes.inner[64u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_1 = NagaCooperativeLoad(&codes.inner[64u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e485 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_2, w0_1, _e485);
                    metal::simdgroup_float8x8 _e487 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_2, w1_1, _e487);
                    metal::simdgroup_float8x8 _e489 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_2, w0_1, _e489);
                    metal::simdgroup_float8x8 _e491 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_2, w1_1, _e491);
                }
                {
                    uint of_inputs_2 = 128u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_2 = NagaCooperativeLoad(&codes.inner[128u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_2 = NagaCooperativeLoad(&codes.inner[128u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e521 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_3, w0_2, _e521);
                    metal::simdgroup_float8x8 _e523 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_3, w1_2, _e523);
                    metal::simdgroup_float8x8 _e525 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_3, w0_2, _e525);
                    metal::simdgroup_float8x8 _e527 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_3, w1_2, _e527);
                }
                {
                    uint of_inputs_3 = 192u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_3 = NagaCooperativeLoad(&codes.inner[192u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_3 = NagaCooperativeLoad(&codes.inner[192u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e557 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_4, w0_3, _e557);
                    metal::simdgroup_float8x8 _e559 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_4, w1_3, _e559);
                    metal::simdgroup_float8x8 _e561 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_4, w0_3, _e561);
                    metal::simdgroup_float8x8 _e563 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_4, w1_3, _e563);
                }
                uint to00_ = (0u + (((unit * 16u) + 0u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e576 = sum00_;
                simdgroup_store(_e576, &dots.inner[to00_], 16u);
                uint to01_ = (0u + (((unit * 16u) + 0u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e590 = sum01_;
                simdgroup_store(_e590, &dots.inner[to01_], 16u);
                uint to10_ = (0u + (((unit * 16u) + 8u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e604 = sum10_;
                simdgroup_store(_e604, &dots.inner[to10_], 16u);
                uint to11_ = (0u + (((unit * 16u) + 8u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e618 = sum11_;
                simdgroup_store(_e618, &dots.inner[to11_], 16u);
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            {
                uint _e622 = b;
                metal::uint2 of_block = qs[at0_ + _e622];
                float _e631 = dots.inner[(row0_ * 16u) + r_2];
                dot0_ = _e631;
                dot1_ = 0.0;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e647 = dot0_;
                dot0_ = _e647 - (8.0 * static_cast<float>(sum0_));
                float _e652 = dot1_;
                dot1_ = _e652 - (8.0 * static_cast<float>(sum1_));
                float _e657 = dot0_;
                float _e658 = dot1_;
                float _e662 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e657 + _e658), scale * scale_a, _e662);
            }
            {
                uint _e665 = b;
                metal::uint2 of_block_1 = qs[at1_ + _e665];
                float _e674 = dots.inner[(row1_ * 16u) + r_2];
                dot0_1 = _e674;
                dot1_1 = 0.0;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e690 = dot0_1;
                dot0_1 = _e690 - (8.0 * static_cast<float>(sum0_1));
                float _e695 = dot1_1;
                dot1_1 = _e695 - (8.0 * static_cast<float>(sum1_1));
                float _e700 = dot0_1;
                float _e701 = dot1_1;
                float _e705 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e700 + _e701), scale * scale_a_1, _e705);
            }
            {
                uint _e708 = b;
                metal::uint2 of_block_2 = qs[at2_ + _e708];
                float _e717 = dots.inner[(row2_ * 16u) + r_2];
                dot0_2 = _e717;
                dot1_2 = 0.0;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e733 = dot0_2;
                dot0_2 = _e733 - (8.0 * static_cast<float>(sum0_2));
                float _e738 = dot1_2;
                dot1_2 = _e738 - (8.0 * static_cast<float>(sum1_2));
                float _e743 = dot0_2;
                float _e744 = dot1_2;
                float _e748 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e743 + _e744), scale * scale_a_2, _e748);
            }
            {
                uint _e751 = b;
                metal::uint2 of_block_3 = qs[at3_ + _e751];
                float _e760 = dots.inner[(row3_ * 16u) + r_2];
                dot0_3 = _e760;
                dot1_3 = 0.0;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e776 = dot0_3;
                dot0_3 = _e776 - (8.0 * static_cast<float>(sum0_3));
                float _e781 = dot1_3;
                dot1_3 = _e781 - (8.0 * static_cast<float>(sum1_3));
                float _e786 = dot0_3;
                float _e787 = dot1_3;
                float _e791 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e786 + _e787), scale * scale_a_3, _e791);
            }
            {
                uint _e794 = b;
                metal::uint2 of_block_4 = qs[at4_ + _e794];
                float _e803 = dots.inner[(row4_ * 16u) + r_2];
                dot0_4 = _e803;
                dot1_4 = 0.0;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e819 = dot0_4;
                dot0_4 = _e819 - (8.0 * static_cast<float>(sum0_4));
                float _e824 = dot1_4;
                dot1_4 = _e824 - (8.0 * static_cast<float>(sum1_4));
                float _e829 = dot0_4;
                float _e830 = dot1_4;
                float _e834 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e829 + _e830), scale * scale_a_4, _e834);
            }
            {
                uint _e837 = b;
                metal::uint2 of_block_5 = qs[at5_ + _e837];
                float _e846 = dots.inner[(row5_ * 16u) + r_2];
                dot0_5 = _e846;
                dot1_5 = 0.0;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e862 = dot0_5;
                dot0_5 = _e862 - (8.0 * static_cast<float>(sum0_5));
                float _e867 = dot1_5;
                dot1_5 = _e867 - (8.0 * static_cast<float>(sum1_5));
                float _e872 = dot0_5;
                float _e873 = dot1_5;
                float _e877 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e872 + _e873), scale * scale_a_5, _e877);
            }
            {
                uint _e880 = b;
                metal::uint2 of_block_6 = qs[at6_ + _e880];
                float _e889 = dots.inner[(row6_ * 16u) + r_2];
                dot0_6 = _e889;
                dot1_6 = 0.0;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e905 = dot0_6;
                dot0_6 = _e905 - (8.0 * static_cast<float>(sum0_6));
                float _e910 = dot1_6;
                dot1_6 = _e910 - (8.0 * static_cast<float>(sum1_6));
                float _e915 = dot0_6;
                float _e916 = dot1_6;
                float _e920 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e915 + _e916), scale * scale_a_6, _e920);
            }
            {
                uint _e923 = b;
                metal::uint2 of_block_7 = qs[at7_ + _e923];
                float _e932 = dots.inner[(row7_ * 16u) + r_2];
                dot0_7 = _e932;
                dot1_7 = 0.0;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e948 = dot0_7;
                dot0_7 = _e948 - (8.0 * static_cast<float>(sum0_7));
                float _e953 = dot1_7;
                dot1_7 = _e953 - (8.0 * static_cast<float>(sum1_7));
                float _e958 = dot0_7;
                float _e959 = dot1_7;
                float _e963 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e958 + _e959), scale * scale_a_7, _e963);
            }
            uint _e965 = left;
            left = _e965 - 1u;
            uint _e968 = left;
            if (!((_e968 == 0u))) {
                uint _e974 = b;
                local_1 = (_e974 + 1u) == blocks;
            } else {
                local_1 = true;
            }
            bool _e979 = local_1;
            if (_e979) {
                uint _e982 = p.segment;
                left = _e982;
                float _e983 = total0_;
                float _e984 = acc0_;
                total0_ = _e983 + _e984;
                acc0_ = 0.0;
                float _e987 = total1_;
                float _e988 = acc1_;
                total1_ = _e987 + _e988;
                acc1_ = 0.0;
                float _e991 = total2_;
                float _e992 = acc2_;
                total2_ = _e991 + _e992;
                acc2_ = 0.0;
                float _e995 = total3_;
                float _e996 = acc3_;
                total3_ = _e995 + _e996;
                acc3_ = 0.0;
                float _e999 = total4_;
                float _e1000 = acc4_;
                total4_ = _e999 + _e1000;
                acc4_ = 0.0;
                float _e1003 = total5_;
                float _e1004 = acc5_;
                total5_ = _e1003 + _e1004;
                acc5_ = 0.0;
                float _e1007 = total6_;
                float _e1008 = acc6_;
                total6_ = _e1007 + _e1008;
                acc6_ = 0.0;
                float _e1011 = total7_;
                float _e1012 = acc7_;
                total7_ = _e1011 + _e1012;
                acc7_ = 0.0;
            }
        }
    }
    uint _e1021 = p.rows;
    if ((first_row + row0_) < _e1021) {
        uint _e1029 = job;
        uint _e1033 = lists[_e1029 + 7u];
        local_2 = ((panel * 16u) + r_2) < _e1033;
    } else {
        local_2 = false;
    }
    bool _e1036 = local_2;
    if (_e1036) {
        uint _e1037 = job;
        float _e1042 = total0_;
        finish(_e1037, first_row + row0_, (panel * 16u) + r_2, _e1042, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1046 = p.rows;
    if ((first_row + row1_) < _e1046) {
        uint _e1054 = job;
        uint _e1058 = lists[_e1054 + 7u];
        local_3 = ((panel * 16u) + r_2) < _e1058;
    } else {
        local_3 = false;
    }
    bool _e1061 = local_3;
    if (_e1061) {
        uint _e1062 = job;
        float _e1067 = total1_;
        finish(_e1062, first_row + row1_, (panel * 16u) + r_2, _e1067, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1071 = p.rows;
    if ((first_row + row2_) < _e1071) {
        uint _e1079 = job;
        uint _e1083 = lists[_e1079 + 7u];
        local_4 = ((panel * 16u) + r_2) < _e1083;
    } else {
        local_4 = false;
    }
    bool _e1086 = local_4;
    if (_e1086) {
        uint _e1087 = job;
        float _e1092 = total2_;
        finish(_e1087, first_row + row2_, (panel * 16u) + r_2, _e1092, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1096 = p.rows;
    if ((first_row + row3_) < _e1096) {
        uint _e1104 = job;
        uint _e1108 = lists[_e1104 + 7u];
        local_5 = ((panel * 16u) + r_2) < _e1108;
    } else {
        local_5 = false;
    }
    bool _e1111 = local_5;
    if (_e1111) {
        uint _e1112 = job;
        float _e1117 = total3_;
        finish(_e1112, first_row + row3_, (panel * 16u) + r_2, _e1117, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1121 = p.rows;
    if ((first_row + row4_) < _e1121) {
        uint _e1129 = job;
        uint _e1133 = lists[_e1129 + 7u];
        local_6 = ((panel * 16u) + r_2) < _e1133;
    } else {
        local_6 = false;
    }
    bool _e1136 = local_6;
    if (_e1136) {
        uint _e1137 = job;
        float _e1142 = total4_;
        finish(_e1137, first_row + row4_, (panel * 16u) + r_2, _e1142, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1146 = p.rows;
    if ((first_row + row5_) < _e1146) {
        uint _e1154 = job;
        uint _e1158 = lists[_e1154 + 7u];
        local_7 = ((panel * 16u) + r_2) < _e1158;
    } else {
        local_7 = false;
    }
    bool _e1161 = local_7;
    if (_e1161) {
        uint _e1162 = job;
        float _e1167 = total5_;
        finish(_e1162, first_row + row5_, (panel * 16u) + r_2, _e1167, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1171 = p.rows;
    if ((first_row + row6_) < _e1171) {
        uint _e1179 = job;
        uint _e1183 = lists[_e1179 + 7u];
        local_8 = ((panel * 16u) + r_2) < _e1183;
    } else {
        local_8 = false;
    }
    bool _e1186 = local_8;
    if (_e1186) {
        uint _e1187 = job;
        float _e1192 = total6_;
        finish(_e1187, first_row + row6_, (panel * 16u) + r_2, _e1192, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1196 = p.rows;
    if ((first_row + row7_) < _e1196) {
        uint _e1204 = job;
        uint _e1208 = lists[_e1204 + 7u];
        local_9 = ((panel * 16u) + r_2) < _e1208;
    } else {
        local_9 = false;
    }
    bool _e1211 = local_9;
    if (_e1211) {
        uint _e1212 = job;
        float _e1217 = total7_;
        finish(_e1212, first_row + row7_, (panel * 16u) + r_2, _e1217, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
