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
    float inner[2048];
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
    metal::simdgroup_float8x8 sum00_1 = {};
    metal::simdgroup_float8x8 sum01_1 = {};
    metal::simdgroup_float8x8 sum10_1 = {};
    metal::simdgroup_float8x8 sum11_1 = {};
    float dot0_ = {};
    float dot1_ = {};
    float part = {};
    float dot0_1 = {};
    float dot1_1 = {};
    float part_1 = {};
    float dot0_2 = {};
    float dot1_2 = {};
    float part_2 = {};
    float dot0_3 = {};
    float dot1_3 = {};
    float part_3 = {};
    float dot0_4 = {};
    float dot1_4 = {};
    float part_4 = {};
    float dot0_5 = {};
    float dot1_5 = {};
    float part_5 = {};
    float dot0_6 = {};
    float dot1_6 = {};
    float part_6 = {};
    float dot0_7 = {};
    float dot1_7 = {};
    float part_7 = {};
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
            uint _e1259 = b;
            b = _e1259 + 1u;
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
            uint n0_ = nibbles.x & 252645135u;
            uint n1_ = nibbles.y & 252645135u;
            uint n2_ = nibbles.z & 252645135u;
            uint n3_ = nibbles.w & 252645135u;
            uint n4_ = (nibbles.x >> 4u) & 252645135u;
            uint n5_ = (nibbles.y >> 4u) & 252645135u;
            uint n6_ = (nibbles.z >> 4u) & 252645135u;
            uint n7_ = (nibbles.w >> 4u) & 252645135u;
            uint _e224 = b;
            uint pairs0_ = words[(x_at + (((panel * blocks) + _e224) * 32u)) + r_2];
            uint _e234 = b;
            uint pairs1_ = words[((x_at + (((panel * blocks) + _e234) * 32u)) + 16u) + r_2];
            uint t0_ = (pairs0_ >> 0u) & 50529027u;
            uint t1_ = (pairs0_ >> 2u) & 50529027u;
            uint t2_ = (pairs0_ >> 4u) & 50529027u;
            uint t3_ = (pairs0_ >> 6u) & 50529027u;
            uint t4_ = (pairs1_ >> 0u) & 50529027u;
            uint t5_ = (pairs1_ >> 2u) & 50529027u;
            uint t6_ = (pairs1_ >> 4u) & 50529027u;
            uint t7_ = (pairs1_ >> 6u) & 50529027u;
            uint k0_ = n0_ | (t0_ << 4u);
            uint k1_ = n1_ | (t1_ << 4u);
            uint k2_ = n2_ | (t2_ << 4u);
            uint k3_ = n3_ | (t3_ << 4u);
            uint k4_ = n4_ | (t4_ << 4u);
            uint k5_ = n5_ | (t5_ << 4u);
            uint k6_ = n6_ | (t6_ << 4u);
            uint k7_ = n7_ | (t7_ << 4u);
            uint _e303 = b;
            uint super_at = (s_at + (((panel * (blocks / 8u)) + (_e303 / 8u)) * 80u)) + r_2;
            uint _e313 = words[super_at];
            float scale_of_all = as_type<float>(_e313);
            uint _e317 = b;
            uint _e327 = words[super_at + ((1u + ((_e317 % 8u) / 2u)) * 16u)];
            uint _e329 = b;
            metal::int4 subs = int4(as_type<packed_char4>(_e327 >> (16u * (_e329 % 2u))));
            float scale0_ = scale_of_all * static_cast<float>(subs.x);
            float scale1_ = scale_of_all * static_cast<float>(subs.y);
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
            uint _e356 = code;
            metal::half4 four = static_cast<metal::half4>(int4(as_type<packed_char4>(_e356)));
            uint _e361 = in_tiles(r_2, first * 4u);
            uint _e364 = b;
            metal::uint4 sixteen = qa[(2u * (brought + _e364)) + (lid % 2u)];
            metal::half4 x0_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.x)));
            uint _e383 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 0u);
            metal::half4 x1_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.y)));
            uint _e395 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 4u);
            metal::half4 x2_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.z)));
            uint _e407 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 8u);
            metal::half4 x3_ = static_cast<metal::half4>(int4(as_type<packed_char4>(sixteen.w)));
            uint _e419 = in_tiles(lid / 2u, ((lid % 2u) * 16u) + 12u);
            codes.inner[_e361 + 0u] = four.x;
            inputs.inner[_e383 + 0u] = x0_.x;
            inputs.inner[_e383 + 1u] = x0_.y;
            inputs.inner[_e383 + 2u] = x0_.z;
            inputs.inner[_e383 + 3u] = x0_.w;
            codes.inner[_e361 + 1u] = four.y;
            inputs.inner[_e395 + 0u] = x1_.x;
            inputs.inner[_e395 + 1u] = x1_.y;
            inputs.inner[_e395 + 2u] = x1_.z;
            inputs.inner[_e395 + 3u] = x1_.w;
            codes.inner[_e361 + 2u] = four.z;
            inputs.inner[_e407 + 0u] = x2_.x;
            inputs.inner[_e407 + 1u] = x2_.y;
            inputs.inner[_e407 + 2u] = x2_.z;
            inputs.inner[_e407 + 3u] = x2_.w;
            codes.inner[_e361 + 3u] = four.w;
            inputs.inner[_e419 + 0u] = x3_.x;
            inputs.inner[_e419 + 1u] = x3_.y;
            inputs.inner[_e419 + 2u] = x3_.z;
            inputs.inner[_e419 + 3u] = x3_.w;
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
                    metal::simdgroup_float8x8 _e552 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_1, w0_, _e552);
                    metal::simdgroup_float8x8 _e554 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_1, w1_, _e554);
                    metal::simdgroup_float8x8 _e556 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_1, w0_, _e556);
                    metal::simdgroup_float8x8 _e558 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_1, w1_, _e558);
                }
                {
                    uint of_inputs_1 = 64u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_1 = NagaCooperativeLoad(&codes.inner[64u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_2 = NagaCooperativeLoad(&inputs.inner[of_inputs_1 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_1 = NagaCooperativeLoad(&codes.inner[64u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e588 = sum00_;
                    sum00_ = NagaCooperativeMultiplyAdd(x0_2, w0_1, _e588);
                    metal::simdgroup_float8x8 _e590 = sum01_;
                    sum01_ = NagaCooperativeMultiplyAdd(x0_2, w1_1, _e590);
                    metal::simdgroup_float8x8 _e592 = sum10_;
                    sum10_ = NagaCooperativeMultiplyAdd(x1_2, w0_1, _e592);
                    metal::simdgroup_float8x8 _e594 = sum11_;
                    sum11_ = NagaCooperativeMultiplyAdd(x1_2, w1_1, _e594);
                }
                uint to00_ = (0u + (((unit * 16u) + 0u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e607 = sum00_;
                simdgroup_store(_e607, &dots.inner[to00_], 16u);
                uint to01_ = (0u + (((unit * 16u) + 0u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e621 = sum01_;
                simdgroup_store(_e621, &dots.inner[to01_], 16u);
                uint to10_ = (0u + (((unit * 16u) + 8u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e635 = sum10_;
                simdgroup_store(_e635, &dots.inner[to10_], 16u);
                uint to11_ = (0u + (((unit * 16u) + 8u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e649 = sum11_;
                simdgroup_store(_e649, &dots.inner[to11_], 16u);
            }
            {
                sum00_1 = zero;
                sum01_1 = zero;
                sum10_1 = zero;
                sum11_1 = zero;
                {
                    uint of_inputs_2 = 128u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_2 = NagaCooperativeLoad(&codes.inner[128u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_3 = NagaCooperativeLoad(&inputs.inner[of_inputs_2 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_2 = NagaCooperativeLoad(&codes.inner[128u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e684 = sum00_1;
                    sum00_1 = NagaCooperativeMultiplyAdd(x0_3, w0_2, _e684);
                    metal::simdgroup_float8x8 _e686 = sum01_1;
                    sum01_1 = NagaCooperativeMultiplyAdd(x0_3, w1_2, _e686);
                    metal::simdgroup_float8x8 _e688 = sum10_1;
                    sum10_1 = NagaCooperativeMultiplyAdd(x1_3, w0_2, _e688);
                    metal::simdgroup_float8x8 _e690 = sum11_1;
                    sum11_1 = NagaCooperativeMultiplyAdd(x1_3, w1_2, _e690);
                }
                {
                    uint of_inputs_3 = 192u + (unit * 512u);
                    metal::simdgroup_half8x8 x0_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 0u], 8u, false);
                    metal::simdgroup_half8x8 w0_3 = NagaCooperativeLoad(&codes.inner[192u + 0u], 8u, true);
                    metal::simdgroup_half8x8 x1_4 = NagaCooperativeLoad(&inputs.inner[of_inputs_3 + 256u], 8u, false);
                    metal::simdgroup_half8x8 w1_3 = NagaCooperativeLoad(&codes.inner[192u + 256u], 8u, true);
                    metal::simdgroup_float8x8 _e720 = sum00_1;
                    sum00_1 = NagaCooperativeMultiplyAdd(x0_4, w0_3, _e720);
                    metal::simdgroup_float8x8 _e722 = sum01_1;
                    sum01_1 = NagaCooperativeMultiplyAdd(x0_4, w1_3, _e722);
                    metal::simdgroup_float8x8 _e724 = sum10_1;
                    sum10_1 = NagaCooperativeMultiplyAdd(x1_4, w0_3, _e724);
                    metal::simdgroup_float8x8 _e726 = sum11_1;
                    sum11_1 = NagaCooperativeMultiplyAdd(x1_4, w1_3, _e726);
                }
                uint to00_1 = (1024u + (((unit * 16u) + 0u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e739 = sum00_1;
                simdgroup_store(_e739, &dots.inner[to00_1], 16u);
                uint to01_1 = (1024u + (((unit * 16u) + 0u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e753 = sum01_1;
                simdgroup_store(_e753, &dots.inner[to01_1], 16u);
                uint to10_1 = (1024u + (((unit * 16u) + 8u) * 16u)) + 0u;
                metal::simdgroup_float8x8 _e767 = sum10_1;
                simdgroup_store(_e767, &dots.inner[to10_1], 16u);
                uint to11_1 = (1024u + (((unit * 16u) + 8u) * 16u)) + 8u;
                metal::simdgroup_float8x8 _e781 = sum11_1;
                simdgroup_store(_e781, &dots.inner[to11_1], 16u);
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            {
                uint _e785 = b;
                metal::uint2 of_block = qs[at0_ + _e785];
                float _e794 = dots.inner[(row0_ * 16u) + r_2];
                dot0_ = _e794;
                float _e803 = dots.inner[(1024u + (row0_ * 16u)) + r_2];
                dot1_ = _e803;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e817 = dot0_;
                dot0_ = _e817 - (32.0 * static_cast<float>(sum0_));
                float _e822 = dot1_;
                dot1_ = _e822 - (32.0 * static_cast<float>(sum1_));
                float _e827 = dot1_;
                float _e829 = dot0_;
                part = metal::fma(static_cast<float>(_e827), scale1_, static_cast<float>(_e829) * scale0_);
                float _e834 = part;
                float _e835 = acc0_;
                acc0_ = metal::fma(_e834, scale_a, _e835);
            }
            {
                uint _e838 = b;
                metal::uint2 of_block_1 = qs[at1_ + _e838];
                float _e847 = dots.inner[(row1_ * 16u) + r_2];
                dot0_1 = _e847;
                float _e856 = dots.inner[(1024u + (row1_ * 16u)) + r_2];
                dot1_1 = _e856;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e870 = dot0_1;
                dot0_1 = _e870 - (32.0 * static_cast<float>(sum0_1));
                float _e875 = dot1_1;
                dot1_1 = _e875 - (32.0 * static_cast<float>(sum1_1));
                float _e880 = dot1_1;
                float _e882 = dot0_1;
                part_1 = metal::fma(static_cast<float>(_e880), scale1_, static_cast<float>(_e882) * scale0_);
                float _e887 = part_1;
                float _e888 = acc1_;
                acc1_ = metal::fma(_e887, scale_a_1, _e888);
            }
            {
                uint _e891 = b;
                metal::uint2 of_block_2 = qs[at2_ + _e891];
                float _e900 = dots.inner[(row2_ * 16u) + r_2];
                dot0_2 = _e900;
                float _e909 = dots.inner[(1024u + (row2_ * 16u)) + r_2];
                dot1_2 = _e909;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e923 = dot0_2;
                dot0_2 = _e923 - (32.0 * static_cast<float>(sum0_2));
                float _e928 = dot1_2;
                dot1_2 = _e928 - (32.0 * static_cast<float>(sum1_2));
                float _e933 = dot1_2;
                float _e935 = dot0_2;
                part_2 = metal::fma(static_cast<float>(_e933), scale1_, static_cast<float>(_e935) * scale0_);
                float _e940 = part_2;
                float _e941 = acc2_;
                acc2_ = metal::fma(_e940, scale_a_2, _e941);
            }
            {
                uint _e944 = b;
                metal::uint2 of_block_3 = qs[at3_ + _e944];
                float _e953 = dots.inner[(row3_ * 16u) + r_2];
                dot0_3 = _e953;
                float _e962 = dots.inner[(1024u + (row3_ * 16u)) + r_2];
                dot1_3 = _e962;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e976 = dot0_3;
                dot0_3 = _e976 - (32.0 * static_cast<float>(sum0_3));
                float _e981 = dot1_3;
                dot1_3 = _e981 - (32.0 * static_cast<float>(sum1_3));
                float _e986 = dot1_3;
                float _e988 = dot0_3;
                part_3 = metal::fma(static_cast<float>(_e986), scale1_, static_cast<float>(_e988) * scale0_);
                float _e993 = part_3;
                float _e994 = acc3_;
                acc3_ = metal::fma(_e993, scale_a_3, _e994);
            }
            {
                uint _e997 = b;
                metal::uint2 of_block_4 = qs[at4_ + _e997];
                float _e1006 = dots.inner[(row4_ * 16u) + r_2];
                dot0_4 = _e1006;
                float _e1015 = dots.inner[(1024u + (row4_ * 16u)) + r_2];
                dot1_4 = _e1015;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e1029 = dot0_4;
                dot0_4 = _e1029 - (32.0 * static_cast<float>(sum0_4));
                float _e1034 = dot1_4;
                dot1_4 = _e1034 - (32.0 * static_cast<float>(sum1_4));
                float _e1039 = dot1_4;
                float _e1041 = dot0_4;
                part_4 = metal::fma(static_cast<float>(_e1039), scale1_, static_cast<float>(_e1041) * scale0_);
                float _e1046 = part_4;
                float _e1047 = acc4_;
                acc4_ = metal::fma(_e1046, scale_a_4, _e1047);
            }
            {
                uint _e1050 = b;
                metal::uint2 of_block_5 = qs[at5_ + _e1050];
                float _e1059 = dots.inner[(row5_ * 16u) + r_2];
                dot0_5 = _e1059;
                float _e1068 = dots.inner[(1024u + (row5_ * 16u)) + r_2];
                dot1_5 = _e1068;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e1082 = dot0_5;
                dot0_5 = _e1082 - (32.0 * static_cast<float>(sum0_5));
                float _e1087 = dot1_5;
                dot1_5 = _e1087 - (32.0 * static_cast<float>(sum1_5));
                float _e1092 = dot1_5;
                float _e1094 = dot0_5;
                part_5 = metal::fma(static_cast<float>(_e1092), scale1_, static_cast<float>(_e1094) * scale0_);
                float _e1099 = part_5;
                float _e1100 = acc5_;
                acc5_ = metal::fma(_e1099, scale_a_5, _e1100);
            }
            {
                uint _e1103 = b;
                metal::uint2 of_block_6 = qs[at6_ + _e1103];
                float _e1112 = dots.inner[(row6_ * 16u) + r_2];
                dot0_6 = _e1112;
                float _e1121 = dots.inner[(1024u + (row6_ * 16u)) + r_2];
                dot1_6 = _e1121;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e1135 = dot0_6;
                dot0_6 = _e1135 - (32.0 * static_cast<float>(sum0_6));
                float _e1140 = dot1_6;
                dot1_6 = _e1140 - (32.0 * static_cast<float>(sum1_6));
                float _e1145 = dot1_6;
                float _e1147 = dot0_6;
                part_6 = metal::fma(static_cast<float>(_e1145), scale1_, static_cast<float>(_e1147) * scale0_);
                float _e1152 = part_6;
                float _e1153 = acc6_;
                acc6_ = metal::fma(_e1152, scale_a_6, _e1153);
            }
            {
                uint _e1156 = b;
                metal::uint2 of_block_7 = qs[at7_ + _e1156];
                float _e1165 = dots.inner[(row7_ * 16u) + r_2];
                dot0_7 = _e1165;
                float _e1174 = dots.inner[(1024u + (row7_ * 16u)) + r_2];
                dot1_7 = _e1174;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e1188 = dot0_7;
                dot0_7 = _e1188 - (32.0 * static_cast<float>(sum0_7));
                float _e1193 = dot1_7;
                dot1_7 = _e1193 - (32.0 * static_cast<float>(sum1_7));
                float _e1198 = dot1_7;
                float _e1200 = dot0_7;
                part_7 = metal::fma(static_cast<float>(_e1198), scale1_, static_cast<float>(_e1200) * scale0_);
                float _e1205 = part_7;
                float _e1206 = acc7_;
                acc7_ = metal::fma(_e1205, scale_a_7, _e1206);
            }
            uint _e1208 = left;
            left = _e1208 - 1u;
            uint _e1211 = left;
            if (!((_e1211 == 0u))) {
                uint _e1217 = b;
                local_1 = (_e1217 + 1u) == blocks;
            } else {
                local_1 = true;
            }
            bool _e1222 = local_1;
            if (_e1222) {
                uint _e1225 = p.segment;
                left = _e1225;
                float _e1226 = total0_;
                float _e1227 = acc0_;
                total0_ = _e1226 + _e1227;
                acc0_ = 0.0;
                float _e1230 = total1_;
                float _e1231 = acc1_;
                total1_ = _e1230 + _e1231;
                acc1_ = 0.0;
                float _e1234 = total2_;
                float _e1235 = acc2_;
                total2_ = _e1234 + _e1235;
                acc2_ = 0.0;
                float _e1238 = total3_;
                float _e1239 = acc3_;
                total3_ = _e1238 + _e1239;
                acc3_ = 0.0;
                float _e1242 = total4_;
                float _e1243 = acc4_;
                total4_ = _e1242 + _e1243;
                acc4_ = 0.0;
                float _e1246 = total5_;
                float _e1247 = acc5_;
                total5_ = _e1246 + _e1247;
                acc5_ = 0.0;
                float _e1250 = total6_;
                float _e1251 = acc6_;
                total6_ = _e1250 + _e1251;
                acc6_ = 0.0;
                float _e1254 = total7_;
                float _e1255 = acc7_;
                total7_ = _e1254 + _e1255;
                acc7_ = 0.0;
            }
        }
    }
    uint _e1264 = p.rows;
    if ((first_row + row0_) < _e1264) {
        uint _e1272 = job;
        uint _e1276 = lists[_e1272 + 7u];
        local_2 = ((panel * 16u) + r_2) < _e1276;
    } else {
        local_2 = false;
    }
    bool _e1279 = local_2;
    if (_e1279) {
        uint _e1280 = job;
        float _e1285 = total0_;
        finish(_e1280, first_row + row0_, (panel * 16u) + r_2, _e1285, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1289 = p.rows;
    if ((first_row + row1_) < _e1289) {
        uint _e1297 = job;
        uint _e1301 = lists[_e1297 + 7u];
        local_3 = ((panel * 16u) + r_2) < _e1301;
    } else {
        local_3 = false;
    }
    bool _e1304 = local_3;
    if (_e1304) {
        uint _e1305 = job;
        float _e1310 = total1_;
        finish(_e1305, first_row + row1_, (panel * 16u) + r_2, _e1310, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1314 = p.rows;
    if ((first_row + row2_) < _e1314) {
        uint _e1322 = job;
        uint _e1326 = lists[_e1322 + 7u];
        local_4 = ((panel * 16u) + r_2) < _e1326;
    } else {
        local_4 = false;
    }
    bool _e1329 = local_4;
    if (_e1329) {
        uint _e1330 = job;
        float _e1335 = total2_;
        finish(_e1330, first_row + row2_, (panel * 16u) + r_2, _e1335, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1339 = p.rows;
    if ((first_row + row3_) < _e1339) {
        uint _e1347 = job;
        uint _e1351 = lists[_e1347 + 7u];
        local_5 = ((panel * 16u) + r_2) < _e1351;
    } else {
        local_5 = false;
    }
    bool _e1354 = local_5;
    if (_e1354) {
        uint _e1355 = job;
        float _e1360 = total3_;
        finish(_e1355, first_row + row3_, (panel * 16u) + r_2, _e1360, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1364 = p.rows;
    if ((first_row + row4_) < _e1364) {
        uint _e1372 = job;
        uint _e1376 = lists[_e1372 + 7u];
        local_6 = ((panel * 16u) + r_2) < _e1376;
    } else {
        local_6 = false;
    }
    bool _e1379 = local_6;
    if (_e1379) {
        uint _e1380 = job;
        float _e1385 = total4_;
        finish(_e1380, first_row + row4_, (panel * 16u) + r_2, _e1385, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1389 = p.rows;
    if ((first_row + row5_) < _e1389) {
        uint _e1397 = job;
        uint _e1401 = lists[_e1397 + 7u];
        local_7 = ((panel * 16u) + r_2) < _e1401;
    } else {
        local_7 = false;
    }
    bool _e1404 = local_7;
    if (_e1404) {
        uint _e1405 = job;
        float _e1410 = total5_;
        finish(_e1405, first_row + row5_, (panel * 16u) + r_2, _e1410, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1414 = p.rows;
    if ((first_row + row6_) < _e1414) {
        uint _e1422 = job;
        uint _e1426 = lists[_e1422 + 7u];
        local_8 = ((panel * 16u) + r_2) < _e1426;
    } else {
        local_8 = false;
    }
    bool _e1429 = local_8;
    if (_e1429) {
        uint _e1430 = job;
        float _e1435 = total6_;
        finish(_e1430, first_row + row6_, (panel * 16u) + r_2, _e1435, ys, vectors, lists, _buffer_sizes);
    }
    uint _e1439 = p.rows;
    if ((first_row + row7_) < _e1439) {
        uint _e1447 = job;
        uint _e1451 = lists[_e1447 + 7u];
        local_9 = ((panel * 16u) + r_2) < _e1451;
    } else {
        local_9 = false;
    }
    bool _e1454 = local_9;
    if (_e1454) {
        uint _e1455 = job;
        float _e1460 = total7_;
        finish(_e1455, first_row + row7_, (panel * 16u) + r_2, _e1460, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
