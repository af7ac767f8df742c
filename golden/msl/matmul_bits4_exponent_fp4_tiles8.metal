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
struct type_9 {
    uint inner[256];
};
struct type_11 {
    half inner[512];
};
struct type_12 {
    half inner[2048];
};
struct type_13 {
    float inner[1024];
};
struct type_14 {
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

uint level(
    uint code_1
) {
    metal::uint4 table = metal::uint4(50462976u, 201852420u, 4261347072u, 4109957884u);
    uint _e10 = table[code_1 / 4u];
    return (_e10 >> (8u * (code_1 % 4u))) & 255u;
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
            i_2 = _e19 + 128u;
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
, threadgroup type_9& levels
, threadgroup type_11& codes
, threadgroup type_12& inputs
, threadgroup type_13& dots
, threadgroup type_14& zeros
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
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e165 = i_1;
            i_1 = _e165 + 128u;
        }
        loop_init_2 = false;
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
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e1085 = b;
            b = _e1085 + 1u;
        }
        loop_init_3 = false;
        uint _e178 = b;
        if (_e178 < blocks) {
        } else {
            break;
        }
        {
            uint _e182 = b;
            metal::uint4 nibbles = w[(w_at + (((panel * blocks) + _e182) * 16u)) + r_2];
            uint both0_ = nibbles.x;
            uint both1_ = nibbles.y;
            uint both2_ = nibbles.z;
            uint both3_ = nibbles.w;
            uint _e198 = levels.inner[both0_ & 255u];
            uint _e205 = levels.inner[(both0_ >> 8u) & 255u];
            uint first0_ = _e198 | (_e205 << 8u);
            uint _e215 = levels.inner[(both0_ >> 16u) & 255u];
            uint _e220 = levels.inner[both0_ >> 24u];
            uint second0_ = _e215 | (_e220 << 8u);
            uint k0_ = (first0_ & 65535u) | (second0_ << 16u);
            uint _e233 = levels.inner[both1_ & 255u];
            uint _e240 = levels.inner[(both1_ >> 8u) & 255u];
            uint first1_ = _e233 | (_e240 << 8u);
            uint _e250 = levels.inner[(both1_ >> 16u) & 255u];
            uint _e255 = levels.inner[both1_ >> 24u];
            uint second1_ = _e250 | (_e255 << 8u);
            uint k1_ = (first1_ & 65535u) | (second1_ << 16u);
            uint _e268 = levels.inner[both2_ & 255u];
            uint _e275 = levels.inner[(both2_ >> 8u) & 255u];
            uint first2_ = _e268 | (_e275 << 8u);
            uint _e285 = levels.inner[(both2_ >> 16u) & 255u];
            uint _e290 = levels.inner[both2_ >> 24u];
            uint second2_ = _e285 | (_e290 << 8u);
            uint k2_ = (first2_ & 65535u) | (second2_ << 16u);
            uint _e303 = levels.inner[both3_ & 255u];
            uint _e310 = levels.inner[(both3_ >> 8u) & 255u];
            uint first3_ = _e303 | (_e310 << 8u);
            uint _e320 = levels.inner[(both3_ >> 16u) & 255u];
            uint _e325 = levels.inner[both3_ >> 24u];
            uint second3_ = _e320 | (_e325 << 8u);
            uint k3_ = (first3_ & 65535u) | (second3_ << 16u);
            uint k4_ = (first0_ >> 16u) | (second0_ & 4294901760u);
            uint k5_ = (first1_ >> 16u) | (second1_ & 4294901760u);
            uint k6_ = (first2_ >> 16u) | (second2_ & 4294901760u);
            uint k7_ = (first3_ >> 16u) | (second3_ & 4294901760u);
            uint _e356 = b;
            uint _e365 = words[(s_at + (((panel * blocks) + _e356) * 4u)) + (r_2 / 4u)];
            uint exponent = (_e365 >> (8u * (r_2 % 4u))) & 255u;
            float scale = as_type<float>((exponent < 2u) ? (1u << (21u + (exponent % 2u))) : ((exponent - 1u) << 23u));
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
            uint _e402 = code;
            metal::half4 four = static_cast<metal::half4>(int4(as_type<packed_char4>(_e402)));
            uint _e407 = in_tiles(r_2, first * 4u);
            uint _e410 = b;
            metal::uint4 sixteen = qa[(2u * (brought + _e410)) + (lid % 2u)];
            metal::half4 x0_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.x)));
            uint _e429 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 0u);
            metal::half4 x1_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.y)));
            uint _e441 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 4u);
            metal::half4 x2_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.z)));
            uint _e453 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 8u);
            metal::half4 x3_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.w)));
            uint _e465 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 12u);
            codes.inner[_e407 + 0u] = four.x;
            inputs.inner[_e429 + 0u] = x0_.x;
            inputs.inner[_e429 + 1u] = x0_.y;
            inputs.inner[_e429 + 2u] = x0_.z;
            inputs.inner[_e429 + 3u] = x0_.w;
            codes.inner[_e407 + 1u] = four.y;
            inputs.inner[_e441 + 0u] = x1_.x;
            inputs.inner[_e441 + 1u] = x1_.y;
            inputs.inner[_e441 + 2u] = x1_.z;
            inputs.inner[_e441 + 3u] = x1_.w;
            codes.inner[_e407 + 2u] = four.z;
            inputs.inner[_e453 + 0u] = x2_.x;
            inputs.inner[_e453 + 1u] = x2_.y;
            inputs.inner[_e453 + 2u] = x2_.z;
            inputs.inner[_e453 + 3u] = x2_.w;
            codes.inner[_e407 + 3u] = four.w;
            inputs.inner[_e465 + 0u] = x3_.x;
            inputs.inner[_e465 + 1u] = x3_.y;
            inputs.inner[_e465 + 2u] = x3_.z;
            inputs.inner[_e465 + 3u] = x3_.w;
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
                    metal::simdgroup_float8x8 _e598 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_1, w0_, _e598);
                    metal::simdgroup_float8x8 _e600 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_1, w1_, _e600);
                    metal::simdgroup_float8x8 _e602 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_1, w0_, _e602);
                    metal::simdgroup_float8x8 _e604 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_1, w1_, _e604);
                }
                {
                    uint of_inputs_1 = 64u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_1 = NagaCooperativeLoad(&codes.inner[64u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_1 = NagaCooperativeLoad(&codes.inner[64u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e634 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_2, w0_1, _e634);
                    metal::simdgroup_float8x8 _e636 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_2, w1_1, _e636);
                    metal::simdgroup_float8x8 _e638 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_2, w0_1, _e638);
                    metal::simdgroup_float8x8 _e640 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_2, w1_1, _e640);
                }
                {
                    uint of_inputs_2 = 128u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_2 = NagaCooperativeLoad(&codes.inner[128u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_2 = NagaCooperativeLoad(&codes.inner[128u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e670 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_3, w0_2, _e670);
                    metal::simdgroup_float8x8 _e672 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_3, w1_2, _e672);
                    metal::simdgroup_float8x8 _e674 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_3, w0_2, _e674);
                    metal::simdgroup_float8x8 _e676 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_3, w1_2, _e676);
                }
                {
                    uint of_inputs_3 = 192u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_3 = NagaCooperativeLoad(&codes.inner[192u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_3 = NagaCooperativeLoad(&codes.inner[192u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e706 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_4, w0_3, _e706);
                    metal::simdgroup_float8x8 _e708 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_4, w1_3, _e708);
                    metal::simdgroup_float8x8 _e710 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_4, w0_3, _e710);
                    metal::simdgroup_float8x8 _e712 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_4, w1_3, _e712);
                }
                uint to00_ = (0u + (((unit * 16u) + 0u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e725 = sum00_;
                simdgroup_store(_e725, &dots.inner[to00_], 16u);
                uint to01_ = (0u + (((unit * 16u) + 0u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e739 = sum01_;
                simdgroup_store(_e739, &dots.inner[to01_], 16u);
                uint to10_ = (0u + (((unit * 16u) + 8u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e753 = sum10_;
                simdgroup_store(_e753, &dots.inner[to10_], 16u);
                uint to11_ = (0u + (((unit * 16u) + 8u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e767 = sum11_;
                simdgroup_store(_e767, &dots.inner[to11_], 16u);
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            {
                uint _e771 = b;
                metal::uint2 of_block = qs[at0_ + _e771];
                float _e780 = dots.inner[(row0_ * 16u) + r_2];
                dot0_ = _e780;
                dot1_ = 0.0;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e796 = dot0_;
                float _e797 = dot1_;
                float _e801 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e796 + _e797), scale * scale_a, _e801);
            }
            {
                uint _e804 = b;
                metal::uint2 of_block_1 = qs[at1_ + _e804];
                float _e813 = dots.inner[(row1_ * 16u) + r_2];
                dot0_1 = _e813;
                dot1_1 = 0.0;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e829 = dot0_1;
                float _e830 = dot1_1;
                float _e834 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e829 + _e830), scale * scale_a_1, _e834);
            }
            {
                uint _e837 = b;
                metal::uint2 of_block_2 = qs[at2_ + _e837];
                float _e846 = dots.inner[(row2_ * 16u) + r_2];
                dot0_2 = _e846;
                dot1_2 = 0.0;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e862 = dot0_2;
                float _e863 = dot1_2;
                float _e867 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e862 + _e863), scale * scale_a_2, _e867);
            }
            {
                uint _e870 = b;
                metal::uint2 of_block_3 = qs[at3_ + _e870];
                float _e879 = dots.inner[(row3_ * 16u) + r_2];
                dot0_3 = _e879;
                dot1_3 = 0.0;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e895 = dot0_3;
                float _e896 = dot1_3;
                float _e900 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e895 + _e896), scale * scale_a_3, _e900);
            }
            {
                uint _e903 = b;
                metal::uint2 of_block_4 = qs[at4_ + _e903];
                float _e912 = dots.inner[(row4_ * 16u) + r_2];
                dot0_4 = _e912;
                dot1_4 = 0.0;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e928 = dot0_4;
                float _e929 = dot1_4;
                float _e933 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e928 + _e929), scale * scale_a_4, _e933);
            }
            {
                uint _e936 = b;
                metal::uint2 of_block_5 = qs[at5_ + _e936];
                float _e945 = dots.inner[(row5_ * 16u) + r_2];
                dot0_5 = _e945;
                dot1_5 = 0.0;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e961 = dot0_5;
                float _e962 = dot1_5;
                float _e966 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e961 + _e962), scale * scale_a_5, _e966);
            }
            {
                uint _e969 = b;
                metal::uint2 of_block_6 = qs[at6_ + _e969];
                float _e978 = dots.inner[(row6_ * 16u) + r_2];
                dot0_6 = _e978;
                dot1_6 = 0.0;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e994 = dot0_6;
                float _e995 = dot1_6;
                float _e999 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e994 + _e995), scale * scale_a_6, _e999);
            }
            {
                uint _e1002 = b;
                metal::uint2 of_block_7 = qs[at7_ + _e1002];
                float _e1011 = dots.inner[(row7_ * 16u) + r_2];
                dot0_7 = _e1011;
                dot1_7 = 0.0;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e1027 = dot0_7;
                float _e1028 = dot1_7;
                float _e1032 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e1027 + _e1028), scale * scale_a_7, _e1032);
            }
            uint _e1034 = left;
            left = _e1034 - 1u;
            uint _e1037 = left;
            if (!((_e1037 == 0u))) {
                uint _e1043 = b;
                local_1 = (_e1043 + 1u) == blocks;
            } else {
                local_1 = true;
            }
            bool _e1048 = local_1;
            if (_e1048) {
                uint _e1051 = p.segment;
                left = _e1051;
                float _e1052 = total0_;
                float _e1053 = acc0_;
                total0_ = _e1052 + _e1053;
                acc0_ = 0.0;
                float _e1056 = total1_;
                float _e1057 = acc1_;
                total1_ = _e1056 + _e1057;
                acc1_ = 0.0;
                float _e1060 = total2_;
                float _e1061 = acc2_;
                total2_ = _e1060 + _e1061;
                acc2_ = 0.0;
                float _e1064 = total3_;
                float _e1065 = acc3_;
                total3_ = _e1064 + _e1065;
                acc3_ = 0.0;
                float _e1068 = total4_;
                float _e1069 = acc4_;
                total4_ = _e1068 + _e1069;
                acc4_ = 0.0;
                float _e1072 = total5_;
                float _e1073 = acc5_;
                total5_ = _e1072 + _e1073;
                acc5_ = 0.0;
                float _e1076 = total6_;
                float _e1077 = acc6_;
                total6_ = _e1076 + _e1077;
                acc6_ = 0.0;
                float _e1080 = total7_;
                float _e1081 = acc7_;
                total7_ = _e1080 + _e1081;
                acc7_ = 0.0;
            }
        }
    }
    uint _e1090 = p.rows;
    if ((first_row + row0_) < _e1090) {
        uint _e1098 = job;
        uint _e1102 = lists[_e1098 + 7u];
        local_2 = ((panel * 16u) + r_2) < _e1102;
    } else {
        local_2 = false;
    }
    bool _e1105 = local_2;
    if (_e1105) {
        uint _e1106 = job;
        float _e1111 = total0_;
        finish(_e1106, first_row + row0_, (panel * 16u) + r_2, _e1111, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1115 = p.rows;
    if ((first_row + row1_) < _e1115) {
        uint _e1123 = job;
        uint _e1127 = lists[_e1123 + 7u];
        local_3 = ((panel * 16u) + r_2) < _e1127;
    } else {
        local_3 = false;
    }
    bool _e1130 = local_3;
    if (_e1130) {
        uint _e1131 = job;
        float _e1136 = total1_;
        finish(_e1131, first_row + row1_, (panel * 16u) + r_2, _e1136, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1140 = p.rows;
    if ((first_row + row2_) < _e1140) {
        uint _e1148 = job;
        uint _e1152 = lists[_e1148 + 7u];
        local_4 = ((panel * 16u) + r_2) < _e1152;
    } else {
        local_4 = false;
    }
    bool _e1155 = local_4;
    if (_e1155) {
        uint _e1156 = job;
        float _e1161 = total2_;
        finish(_e1156, first_row + row2_, (panel * 16u) + r_2, _e1161, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1165 = p.rows;
    if ((first_row + row3_) < _e1165) {
        uint _e1173 = job;
        uint _e1177 = lists[_e1173 + 7u];
        local_5 = ((panel * 16u) + r_2) < _e1177;
    } else {
        local_5 = false;
    }
    bool _e1180 = local_5;
    if (_e1180) {
        uint _e1181 = job;
        float _e1186 = total3_;
        finish(_e1181, first_row + row3_, (panel * 16u) + r_2, _e1186, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1190 = p.rows;
    if ((first_row + row4_) < _e1190) {
        uint _e1198 = job;
        uint _e1202 = lists[_e1198 + 7u];
        local_6 = ((panel * 16u) + r_2) < _e1202;
    } else {
        local_6 = false;
    }
    bool _e1205 = local_6;
    if (_e1205) {
        uint _e1206 = job;
        float _e1211 = total4_;
        finish(_e1206, first_row + row4_, (panel * 16u) + r_2, _e1211, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1215 = p.rows;
    if ((first_row + row5_) < _e1215) {
        uint _e1223 = job;
        uint _e1227 = lists[_e1223 + 7u];
        local_7 = ((panel * 16u) + r_2) < _e1227;
    } else {
        local_7 = false;
    }
    bool _e1230 = local_7;
    if (_e1230) {
        uint _e1231 = job;
        float _e1236 = total5_;
        finish(_e1231, first_row + row5_, (panel * 16u) + r_2, _e1236, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1240 = p.rows;
    if ((first_row + row6_) < _e1240) {
        uint _e1248 = job;
        uint _e1252 = lists[_e1248 + 7u];
        local_8 = ((panel * 16u) + r_2) < _e1252;
    } else {
        local_8 = false;
    }
    bool _e1255 = local_8;
    if (_e1255) {
        uint _e1256 = job;
        float _e1261 = total6_;
        finish(_e1256, first_row + row6_, (panel * 16u) + r_2, _e1261, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1265 = p.rows;
    if ((first_row + row7_) < _e1265) {
        uint _e1273 = job;
        uint _e1277 = lists[_e1273 + 7u];
        local_9 = ((panel * 16u) + r_2) < _e1277;
    } else {
        local_9 = false;
    }
    bool _e1280 = local_9;
    if (_e1280) {
        uint _e1281 = job;
        float _e1286 = total7_;
        finish(_e1281, first_row + row7_, (panel * 16u) + r_2, _e1286, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
