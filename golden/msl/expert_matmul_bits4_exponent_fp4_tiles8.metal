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
typedef metal::uint4 type_5[1];
typedef metal::uint2 type_7[1];
struct P {
    uint rows;
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
    uint job,
    uint row,
    uint expert,
    uint index,
    float dot,
    device type_1& ys,
    device type_1 const& vectors,
    device type_3 const& lists,
    constant _mslBufferSizes& _buffer_sizes
) {
    float y_1 = {};
    y_1 = dot;
    uint _e10 = lists[job + 8u];
    if (_e10 != NONE) {
        float _e13 = y_1;
        uint _e19 = lists[job + 8u];
        float _e22 = vectors[_e19 + expert];
        y_1 = _e13 * _e22;
    }
    uint _e28 = lists[job + 9u];
    if (_e28 != NONE) {
        float _e31 = y_1;
        uint _e37 = lists[job + 9u];
        uint _e42 = lists[job + 5u];
        float _e47 = vectors[(_e37 + (expert * _e42)) + index];
        y_1 = _e31 + _e47;
    }
    uint _e54 = lists[job + 4u];
    uint _e59 = lists[job + 5u];
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
    uint i_1 = {};
    i_1 = lid_1;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e19 = i_1;
            i_1 = _e19 + 128u;
        }
        loop_init = false;
        uint _e2 = i_1;
        if (_e2 < 256u) {
        } else {
            break;
        }
        {
            uint _e6 = i_1;
            uint _e8 = i_1;
            uint _e11 = level(_e8 % 16u);
            uint _e12 = i_1;
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
, device type_3 const& sorted [[buffer(7)]]
, constant P& p [[buffer(8)]]
, threadgroup type_9& levels
, threadgroup type_11& codes
, threadgroup type_12& inputs
, threadgroup type_13& dots
, threadgroup type_14& zeros
, constant _mslBufferSizes& _buffer_sizes [[buffer(9)]]
) {
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
    uint i = {};
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
    bool local = {};
    bool local_1 = {};
    bool local_2 = {};
    bool local_3 = {};
    bool local_4 = {};
    bool local_5 = {};
    bool local_6 = {};
    bool local_7 = {};
    bool local_8 = {};
    fill_levels(lid, levels);
    uint job_1 = p.jobs;
    uint _e8 = sorted[0];
    if (group.y >= _e8) {
        return;
    }
    uint expert_1 = sorted[1u + (3u * group.y)];
    uint first_pair = sorted[2u + (3u * group.y)];
    uint count = sorted[3u + (3u * group.y)];
    uint index_1 = group.x * 16u;
    uint _e42 = lists[job_1 + 13u];
    uint _e49 = lists[job_1 + 6u];
    uint panel = (group.x + (expert_1 * _e42)) - (_e49 / 16u);
    uint _e57 = lists[job_1 + 7u];
    if (panel >= (_e57 / 16u)) {
        return;
    }
    uint w_at = lists[job_1 + 1u];
    uint x_at = lists[job_1 + 2u];
    uint s_at = lists[job_1 + 3u];
    uint blocks = p.blocks;
    uint unit = lid / 32u;
    uint r_1 = lid % 16u;
    uint first = lid / 16u;
    uint _e93 = sorted[first_pair + metal::min(lid / 2u, count - 1u)];
    uint _e96 = p.per_input;
    uint brought = (_e93 / _e96) * blocks;
    uint row0_ = first + 0u;
    uint pair0_ = sorted[first_pair + metal::min(row0_, count - 1u)];
    uint _e110 = p.per_input;
    uint at0_ = (pair0_ / _e110) * blocks;
    uint row1_ = first + 8u;
    uint pair1_ = sorted[first_pair + metal::min(row1_, count - 1u)];
    uint _e128 = p.per_input;
    uint at1_ = (pair1_ / _e128) * blocks;
    uint row2_ = first + 16u;
    uint pair2_ = sorted[first_pair + metal::min(row2_, count - 1u)];
    uint _e146 = p.per_input;
    uint at2_ = (pair2_ / _e146) * blocks;
    uint row3_ = first + 24u;
    uint pair3_ = sorted[first_pair + metal::min(row3_, count - 1u)];
    uint _e164 = p.per_input;
    uint at3_ = (pair3_ / _e164) * blocks;
    uint row4_ = first + 32u;
    uint pair4_ = sorted[first_pair + metal::min(row4_, count - 1u)];
    uint _e182 = p.per_input;
    uint at4_ = (pair4_ / _e182) * blocks;
    uint row5_ = first + 40u;
    uint pair5_ = sorted[first_pair + metal::min(row5_, count - 1u)];
    uint _e200 = p.per_input;
    uint at5_ = (pair5_ / _e200) * blocks;
    uint row6_ = first + 48u;
    uint pair6_ = sorted[first_pair + metal::min(row6_, count - 1u)];
    uint _e218 = p.per_input;
    uint at6_ = (pair6_ / _e218) * blocks;
    uint row7_ = first + 56u;
    uint pair7_ = sorted[first_pair + metal::min(row7_, count - 1u)];
    uint _e236 = p.per_input;
    uint at7_ = (pair7_ / _e236) * blocks;
    i = lid;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e251 = i;
            i = _e251 + 128u;
        }
        loop_init_1 = false;
        uint _e244 = i;
        if (_e244 < 64u) {
        } else {
            break;
        }
        {
            uint _e248 = i;
            zeros.inner[_e248] = 0.0;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    metal::simdgroup_float8x8 zero = NagaCooperativeLoad(&zeros.inner[0], 8u, false);
    uint _e260 = p.segment;
    left = _e260;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e1171 = b;
            b = _e1171 + 1u;
        }
        loop_init_2 = false;
        uint _e264 = b;
        if (_e264 < blocks) {
        } else {
            break;
        }
        {
            uint _e268 = b;
            metal::uint4 nibbles = w[(w_at + (((panel * blocks) + _e268) * 16u)) + r_1];
            uint both0_ = nibbles.x;
            uint both1_ = nibbles.y;
            uint both2_ = nibbles.z;
            uint both3_ = nibbles.w;
            uint _e284 = levels.inner[both0_ & 255u];
            uint _e291 = levels.inner[(both0_ >> 8u) & 255u];
            uint first0_ = _e284 | (_e291 << 8u);
            uint _e301 = levels.inner[(both0_ >> 16u) & 255u];
            uint _e306 = levels.inner[both0_ >> 24u];
            uint second0_ = _e301 | (_e306 << 8u);
            uint k0_ = (first0_ & 65535u) | (second0_ << 16u);
            uint _e319 = levels.inner[both1_ & 255u];
            uint _e326 = levels.inner[(both1_ >> 8u) & 255u];
            uint first1_ = _e319 | (_e326 << 8u);
            uint _e336 = levels.inner[(both1_ >> 16u) & 255u];
            uint _e341 = levels.inner[both1_ >> 24u];
            uint second1_ = _e336 | (_e341 << 8u);
            uint k1_ = (first1_ & 65535u) | (second1_ << 16u);
            uint _e354 = levels.inner[both2_ & 255u];
            uint _e361 = levels.inner[(both2_ >> 8u) & 255u];
            uint first2_ = _e354 | (_e361 << 8u);
            uint _e371 = levels.inner[(both2_ >> 16u) & 255u];
            uint _e376 = levels.inner[both2_ >> 24u];
            uint second2_ = _e371 | (_e376 << 8u);
            uint k2_ = (first2_ & 65535u) | (second2_ << 16u);
            uint _e389 = levels.inner[both3_ & 255u];
            uint _e396 = levels.inner[(both3_ >> 8u) & 255u];
            uint first3_ = _e389 | (_e396 << 8u);
            uint _e406 = levels.inner[(both3_ >> 16u) & 255u];
            uint _e411 = levels.inner[both3_ >> 24u];
            uint second3_ = _e406 | (_e411 << 8u);
            uint k3_ = (first3_ & 65535u) | (second3_ << 16u);
            uint k4_ = (first0_ >> 16u) | (second0_ & 4294901760u);
            uint k5_ = (first1_ >> 16u) | (second1_ & 4294901760u);
            uint k6_ = (first2_ >> 16u) | (second2_ & 4294901760u);
            uint k7_ = (first3_ >> 16u) | (second3_ & 4294901760u);
            uint _e442 = b;
            uint _e451 = words[(s_at + (((panel * blocks) + _e442) * 4u)) + (r_1 / 4u)];
            uint exponent = (_e451 >> (8u * (r_1 % 4u))) & 255u;
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
            uint _e488 = code;
            metal::half4 four = static_cast<metal::half4>(int4(as_type<packed_char4>(_e488)));
            uint _e493 = in_tiles(r_1, first * 4u);
            uint _e496 = b;
            metal::uint4 sixteen = qa[(2u * (brought + _e496)) + (lid % 2u)];
            metal::half4 x0_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.x)));
            uint _e515 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 0u);
            metal::half4 x1_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.y)));
            uint _e527 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 4u);
            metal::half4 x2_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.z)));
            uint _e539 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 8u);
            metal::half4 x3_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.w)));
            uint _e551 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 12u);
            codes.inner[_e493 + 0u] = four.x;
            inputs.inner[_e515 + 0u] = x0_.x;
            inputs.inner[_e515 + 1u] = x0_.y;
            inputs.inner[_e515 + 2u] = x0_.z;
            inputs.inner[_e515 + 3u] = x0_.w;
            codes.inner[_e493 + 1u] = four.y;
            inputs.inner[_e527 + 0u] = x1_.x;
            inputs.inner[_e527 + 1u] = x1_.y;
            inputs.inner[_e527 + 2u] = x1_.z;
            inputs.inner[_e527 + 3u] = x1_.w;
            codes.inner[_e493 + 2u] = four.z;
            inputs.inner[_e539 + 0u] = x2_.x;
            inputs.inner[_e539 + 1u] = x2_.y;
            inputs.inner[_e539 + 2u] = x2_.z;
            inputs.inner[_e539 + 3u] = x2_.w;
            codes.inner[_e493 + 3u] = four.w;
            inputs.inner[_e551 + 0u] = x3_.x;
            inputs.inner[_e551 + 1u] = x3_.y;
            inputs.inner[_e551 + 2u] = x3_.z;
            inputs.inner[_e551 + 3u] = x3_.w;
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
                    metal::simdgroup_float8x8 _e684 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_1, w0_, _e684);
                    metal::simdgroup_float8x8 _e686 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_1, w1_, _e686);
                    metal::simdgroup_float8x8 _e688 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_1, w0_, _e688);
                    metal::simdgroup_float8x8 _e690 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_1, w1_, _e690);
                }
                {
                    uint of_inputs_1 = 64u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_1 = NagaCooperativeLoad(&codes.inner[64u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_1 = NagaCooperativeLoad(&codes.inner[64u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e720 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_2, w0_1, _e720);
                    metal::simdgroup_float8x8 _e722 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_2, w1_1, _e722);
                    metal::simdgroup_float8x8 _e724 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_2, w0_1, _e724);
                    metal::simdgroup_float8x8 _e726 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_2, w1_1, _e726);
                }
                {
                    uint of_inputs_2 = 128u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_2 = NagaCooperativeLoad(&codes.inner[128u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_2 = NagaCooperativeLoad(&codes.inner[128u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e756 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_3, w0_2, _e756);
                    metal::simdgroup_float8x8 _e758 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_3, w1_2, _e758);
                    metal::simdgroup_float8x8 _e760 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_3, w0_2, _e760);
                    metal::simdgroup_float8x8 _e762 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_3, w1_2, _e762);
                }
                {
                    uint of_inputs_3 = 192u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_3 = NagaCooperativeLoad(&codes.inner[192u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_3 = NagaCooperativeLoad(&codes.inner[192u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e792 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_4, w0_3, _e792);
                    metal::simdgroup_float8x8 _e794 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_4, w1_3, _e794);
                    metal::simdgroup_float8x8 _e796 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_4, w0_3, _e796);
                    metal::simdgroup_float8x8 _e798 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_4, w1_3, _e798);
                }
                uint to00_ = (0u + (((unit * 16u) + 0u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e811 = sum00_;
                simdgroup_store(_e811, &dots.inner[to00_], 16u);
                uint to01_ = (0u + (((unit * 16u) + 0u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e825 = sum01_;
                simdgroup_store(_e825, &dots.inner[to01_], 16u);
                uint to10_ = (0u + (((unit * 16u) + 8u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e839 = sum10_;
                simdgroup_store(_e839, &dots.inner[to10_], 16u);
                uint to11_ = (0u + (((unit * 16u) + 8u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e853 = sum11_;
                simdgroup_store(_e853, &dots.inner[to11_], 16u);
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            {
                uint _e857 = b;
                metal::uint2 of_block = qs[at0_ + _e857];
                float _e866 = dots.inner[(row0_ * 16u) + r_1];
                dot0_ = _e866;
                dot1_ = 0.0;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e882 = dot0_;
                float _e883 = dot1_;
                float _e887 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e882 + _e883), scale * scale_a, _e887);
            }
            {
                uint _e890 = b;
                metal::uint2 of_block_1 = qs[at1_ + _e890];
                float _e899 = dots.inner[(row1_ * 16u) + r_1];
                dot0_1 = _e899;
                dot1_1 = 0.0;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e915 = dot0_1;
                float _e916 = dot1_1;
                float _e920 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e915 + _e916), scale * scale_a_1, _e920);
            }
            {
                uint _e923 = b;
                metal::uint2 of_block_2 = qs[at2_ + _e923];
                float _e932 = dots.inner[(row2_ * 16u) + r_1];
                dot0_2 = _e932;
                dot1_2 = 0.0;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e948 = dot0_2;
                float _e949 = dot1_2;
                float _e953 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e948 + _e949), scale * scale_a_2, _e953);
            }
            {
                uint _e956 = b;
                metal::uint2 of_block_3 = qs[at3_ + _e956];
                float _e965 = dots.inner[(row3_ * 16u) + r_1];
                dot0_3 = _e965;
                dot1_3 = 0.0;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e981 = dot0_3;
                float _e982 = dot1_3;
                float _e986 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e981 + _e982), scale * scale_a_3, _e986);
            }
            {
                uint _e989 = b;
                metal::uint2 of_block_4 = qs[at4_ + _e989];
                float _e998 = dots.inner[(row4_ * 16u) + r_1];
                dot0_4 = _e998;
                dot1_4 = 0.0;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e1014 = dot0_4;
                float _e1015 = dot1_4;
                float _e1019 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e1014 + _e1015), scale * scale_a_4, _e1019);
            }
            {
                uint _e1022 = b;
                metal::uint2 of_block_5 = qs[at5_ + _e1022];
                float _e1031 = dots.inner[(row5_ * 16u) + r_1];
                dot0_5 = _e1031;
                dot1_5 = 0.0;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e1047 = dot0_5;
                float _e1048 = dot1_5;
                float _e1052 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e1047 + _e1048), scale * scale_a_5, _e1052);
            }
            {
                uint _e1055 = b;
                metal::uint2 of_block_6 = qs[at6_ + _e1055];
                float _e1064 = dots.inner[(row6_ * 16u) + r_1];
                dot0_6 = _e1064;
                dot1_6 = 0.0;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e1080 = dot0_6;
                float _e1081 = dot1_6;
                float _e1085 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e1080 + _e1081), scale * scale_a_6, _e1085);
            }
            {
                uint _e1088 = b;
                metal::uint2 of_block_7 = qs[at7_ + _e1088];
                float _e1097 = dots.inner[(row7_ * 16u) + r_1];
                dot0_7 = _e1097;
                dot1_7 = 0.0;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e1113 = dot0_7;
                float _e1114 = dot1_7;
                float _e1118 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e1113 + _e1114), scale * scale_a_7, _e1118);
            }
            uint _e1120 = left;
            left = _e1120 - 1u;
            uint _e1123 = left;
            if (!((_e1123 == 0u))) {
                uint _e1129 = b;
                local = (_e1129 + 1u) == blocks;
            } else {
                local = true;
            }
            bool _e1134 = local;
            if (_e1134) {
                uint _e1137 = p.segment;
                left = _e1137;
                float _e1138 = total0_;
                float _e1139 = acc0_;
                total0_ = _e1138 + _e1139;
                acc0_ = 0.0;
                float _e1142 = total1_;
                float _e1143 = acc1_;
                total1_ = _e1142 + _e1143;
                acc1_ = 0.0;
                float _e1146 = total2_;
                float _e1147 = acc2_;
                total2_ = _e1146 + _e1147;
                acc2_ = 0.0;
                float _e1150 = total3_;
                float _e1151 = acc3_;
                total3_ = _e1150 + _e1151;
                acc3_ = 0.0;
                float _e1154 = total4_;
                float _e1155 = acc4_;
                total4_ = _e1154 + _e1155;
                acc4_ = 0.0;
                float _e1158 = total5_;
                float _e1159 = acc5_;
                total5_ = _e1158 + _e1159;
                acc5_ = 0.0;
                float _e1162 = total6_;
                float _e1163 = acc6_;
                total6_ = _e1162 + _e1163;
                acc6_ = 0.0;
                float _e1166 = total7_;
                float _e1167 = acc7_;
                total7_ = _e1166 + _e1167;
                acc7_ = 0.0;
            }
        }
    }
    if (row0_ < count) {
        uint _e1181 = lists[job_1 + 5u];
        local_1 = (index_1 + r_1) < _e1181;
    } else {
        local_1 = false;
    }
    bool _e1184 = local_1;
    if (_e1184) {
        float _e1186 = total0_;
        finish_expert(job_1, pair0_, expert_1, index_1 + r_1, _e1186, ys, vectors, lists, _buffer_sizes);
    }
    if (row1_ < count) {
        uint _e1195 = lists[job_1 + 5u];
        local_2 = (index_1 + r_1) < _e1195;
    } else {
        local_2 = false;
    }
    bool _e1198 = local_2;
    if (_e1198) {
        float _e1200 = total1_;
        finish_expert(job_1, pair1_, expert_1, index_1 + r_1, _e1200, ys, vectors, lists, _buffer_sizes);
    }
    if (row2_ < count) {
        uint _e1209 = lists[job_1 + 5u];
        local_3 = (index_1 + r_1) < _e1209;
    } else {
        local_3 = false;
    }
    bool _e1212 = local_3;
    if (_e1212) {
        float _e1214 = total2_;
        finish_expert(job_1, pair2_, expert_1, index_1 + r_1, _e1214, ys, vectors, lists, _buffer_sizes);
    }
    if (row3_ < count) {
        uint _e1223 = lists[job_1 + 5u];
        local_4 = (index_1 + r_1) < _e1223;
    } else {
        local_4 = false;
    }
    bool _e1226 = local_4;
    if (_e1226) {
        float _e1228 = total3_;
        finish_expert(job_1, pair3_, expert_1, index_1 + r_1, _e1228, ys, vectors, lists, _buffer_sizes);
    }
    if (row4_ < count) {
        uint _e1237 = lists[job_1 + 5u];
        local_5 = (index_1 + r_1) < _e1237;
    } else {
        local_5 = false;
    }
    bool _e1240 = local_5;
    if (_e1240) {
        float _e1242 = total4_;
        finish_expert(job_1, pair4_, expert_1, index_1 + r_1, _e1242, ys, vectors, lists, _buffer_sizes);
    }
    if (row5_ < count) {
        uint _e1251 = lists[job_1 + 5u];
        local_6 = (index_1 + r_1) < _e1251;
    } else {
        local_6 = false;
    }
    bool _e1254 = local_6;
    if (_e1254) {
        float _e1256 = total5_;
        finish_expert(job_1, pair5_, expert_1, index_1 + r_1, _e1256, ys, vectors, lists, _buffer_sizes);
    }
    if (row6_ < count) {
        uint _e1265 = lists[job_1 + 5u];
        local_7 = (index_1 + r_1) < _e1265;
    } else {
        local_7 = false;
    }
    bool _e1268 = local_7;
    if (_e1268) {
        float _e1270 = total6_;
        finish_expert(job_1, pair6_, expert_1, index_1 + r_1, _e1270, ys, vectors, lists, _buffer_sizes);
    }
    if (row7_ < count) {
        uint _e1279 = lists[job_1 + 5u];
        local_8 = (index_1 + r_1) < _e1279;
    } else {
        local_8 = false;
    }
    bool _e1282 = local_8;
    if (_e1282) {
        float _e1284 = total7_;
        finish_expert(job_1, pair7_, expert_1, index_1 + r_1, _e1284, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
