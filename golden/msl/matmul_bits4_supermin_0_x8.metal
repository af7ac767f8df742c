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
    uint x;
    uint rows;
    uint cols;
    uint blocks;
    uint segment;
    uint jobs;
    uint job_count;
};
typedef float Exact;
struct type_9 {
    float inner[2048];
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
    float dot_1,
    device type_1& ys,
    device type_1 const& vectors,
    device type_3 const& lists,
    constant _mslBufferSizes& _buffer_sizes
) {
    float y_1 = {};
    uint _e8 = lists[job_1 + 8u];
    y_1 = dot_1 * as_type<float>(_e8);
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
, constant P& p [[buffer(8)]]
, threadgroup type_9& sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(9)]]
) {
    uint job = {};
    uint i = 1u;
    bool local = {};
    uint panel = {};
    bool is_here = true;
    float acc0_ = 0.0;
    float acc1_ = 0.0;
    float acc2_ = 0.0;
    float acc3_ = 0.0;
    float acc4_ = 0.0;
    float acc5_ = 0.0;
    float acc6_ = 0.0;
    float acc7_ = 0.0;
    uint b = {};
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
    float dot = 0.0;
    uint i_1 = 0u;
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
    panel = group.x - _e43;
    uint _e49 = job;
    uint w_at = lists[_e49 + 1u];
    uint _e55 = job;
    uint x_at = lists[_e55 + 2u];
    uint _e61 = job;
    uint s_at = lists[_e61 + 3u];
    uint blocks = p.blocks;
    uint r_2 = lid % 16u;
    uint s = lid / 16u;
    uint first_row = group.y * 8u;
    uint _e80 = p.rows;
    uint row0_ = metal::min(first_row + 0u, _e80 - 1u);
    uint _e90 = p.rows;
    uint row1_ = metal::min(first_row + 1u, _e90 - 1u);
    uint _e100 = p.rows;
    uint row2_ = metal::min(first_row + 2u, _e100 - 1u);
    uint _e110 = p.rows;
    uint row3_ = metal::min(first_row + 3u, _e110 - 1u);
    uint _e120 = p.rows;
    uint row4_ = metal::min(first_row + 4u, _e120 - 1u);
    uint _e130 = p.rows;
    uint row5_ = metal::min(first_row + 5u, _e130 - 1u);
    uint _e140 = p.rows;
    uint row6_ = metal::min(first_row + 6u, _e140 - 1u);
    uint _e150 = p.rows;
    uint row7_ = metal::min(first_row + 7u, _e150 - 1u);
    uint _e161 = p.segment;
    bool _e164 = is_here;
    uint end = _e164 ? metal::min((s + 1u) * _e161, blocks) : 0u;
    uint _e168 = p.segment;
    b = s * _e168;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e800 = b;
            b = _e800 + 1u;
        }
        loop_init_1 = false;
        uint _e171 = b;
        if (_e171 < end) {
        } else {
            break;
        }
        {
            uint _e174 = panel;
            uint _e176 = b;
            metal::uint4 nibbles = w[(w_at + (((_e174 * blocks) + _e176) * 16u)) + r_2];
            uint k0_ = nibbles.x & 252645135u;
            uint k1_ = nibbles.y & 252645135u;
            uint k2_ = nibbles.z & 252645135u;
            uint k3_ = nibbles.w & 252645135u;
            uint k4_ = (nibbles.x >> 4u) & 252645135u;
            uint k5_ = (nibbles.y >> 4u) & 252645135u;
            uint k6_ = (nibbles.z >> 4u) & 252645135u;
            uint k7_ = (nibbles.w >> 4u) & 252645135u;
            uint _e216 = panel;
            uint _e220 = b;
            uint super_at = (s_at + (((_e216 * (blocks / 8u)) + (_e220 / 8u)) * 80u)) + r_2;
            uint _e230 = words[super_at];
            metal::float2 supers = float2(as_type<half2>(_e230));
            uint _e234 = b;
            uint _e244 = words[super_at + ((1u + ((_e234 % 8u) / 2u)) * 16u)];
            uint _e246 = b;
            uint subs = _e244 >> (16u * (_e246 % 2u));
            float scale = supers.x * static_cast<float>(subs & 255u);
            float min = supers.y * static_cast<float>((subs >> 8u) & 255u);
            {
                uint _e264 = b;
                uint at_1 = (row0_ * blocks) + _e264;
                metal::uint4 low = qa[2u * at_1];
                metal::uint4 high = qa[(2u * at_1) + 1u];
                metal::uint2 of_block = qs[at_1];
                float _e282 = dot4_(k0_, low.x);
                float _e284 = dot4_(k1_, low.y);
                float _e287 = dot4_(k2_, low.z);
                float _e290 = dot4_(k3_, low.w);
                dot0_ = ((_e282 + _e284) + _e287) + _e290;
                float _e294 = dot4_(k4_, high.x);
                float _e296 = dot4_(k5_, high.y);
                float _e299 = dot4_(k6_, high.z);
                float _e302 = dot4_(k7_, high.w);
                dot1_ = ((_e294 + _e296) + _e299) + _e302;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e317 = dot0_;
                float _e318 = dot1_;
                float _e322 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e317 + _e318), scale * scale_a, _e322);
                float _e328 = acc0_;
                acc0_ = metal::fma(-(min), scale_a * static_cast<float>(as_type<int>(as_type<uint>(sum0_) + as_type<uint>(sum1_))), _e328);
            }
            {
                uint _e331 = b;
                uint at_2 = (row1_ * blocks) + _e331;
                metal::uint4 low_1 = qa[2u * at_2];
                metal::uint4 high_1 = qa[(2u * at_2) + 1u];
                metal::uint2 of_block_1 = qs[at_2];
                float _e349 = dot4_(k0_, low_1.x);
                float _e351 = dot4_(k1_, low_1.y);
                float _e354 = dot4_(k2_, low_1.z);
                float _e357 = dot4_(k3_, low_1.w);
                dot0_1 = ((_e349 + _e351) + _e354) + _e357;
                float _e361 = dot4_(k4_, high_1.x);
                float _e363 = dot4_(k5_, high_1.y);
                float _e366 = dot4_(k6_, high_1.z);
                float _e369 = dot4_(k7_, high_1.w);
                dot1_1 = ((_e361 + _e363) + _e366) + _e369;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e384 = dot0_1;
                float _e385 = dot1_1;
                float _e389 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e384 + _e385), scale * scale_a_1, _e389);
                float _e395 = acc1_;
                acc1_ = metal::fma(-(min), scale_a_1 * static_cast<float>(as_type<int>(as_type<uint>(sum0_1) + as_type<uint>(sum1_1))), _e395);
            }
            {
                uint _e398 = b;
                uint at_3 = (row2_ * blocks) + _e398;
                metal::uint4 low_2 = qa[2u * at_3];
                metal::uint4 high_2 = qa[(2u * at_3) + 1u];
                metal::uint2 of_block_2 = qs[at_3];
                float _e416 = dot4_(k0_, low_2.x);
                float _e418 = dot4_(k1_, low_2.y);
                float _e421 = dot4_(k2_, low_2.z);
                float _e424 = dot4_(k3_, low_2.w);
                dot0_2 = ((_e416 + _e418) + _e421) + _e424;
                float _e428 = dot4_(k4_, high_2.x);
                float _e430 = dot4_(k5_, high_2.y);
                float _e433 = dot4_(k6_, high_2.z);
                float _e436 = dot4_(k7_, high_2.w);
                dot1_2 = ((_e428 + _e430) + _e433) + _e436;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e451 = dot0_2;
                float _e452 = dot1_2;
                float _e456 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e451 + _e452), scale * scale_a_2, _e456);
                float _e462 = acc2_;
                acc2_ = metal::fma(-(min), scale_a_2 * static_cast<float>(as_type<int>(as_type<uint>(sum0_2) + as_type<uint>(sum1_2))), _e462);
            }
            {
                uint _e465 = b;
                uint at_4 = (row3_ * blocks) + _e465;
                metal::uint4 low_3 = qa[2u * at_4];
                metal::uint4 high_3 = qa[(2u * at_4) + 1u];
                metal::uint2 of_block_3 = qs[at_4];
                float _e483 = dot4_(k0_, low_3.x);
                float _e485 = dot4_(k1_, low_3.y);
                float _e488 = dot4_(k2_, low_3.z);
                float _e491 = dot4_(k3_, low_3.w);
                dot0_3 = ((_e483 + _e485) + _e488) + _e491;
                float _e495 = dot4_(k4_, high_3.x);
                float _e497 = dot4_(k5_, high_3.y);
                float _e500 = dot4_(k6_, high_3.z);
                float _e503 = dot4_(k7_, high_3.w);
                dot1_3 = ((_e495 + _e497) + _e500) + _e503;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e518 = dot0_3;
                float _e519 = dot1_3;
                float _e523 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e518 + _e519), scale * scale_a_3, _e523);
                float _e529 = acc3_;
                acc3_ = metal::fma(-(min), scale_a_3 * static_cast<float>(as_type<int>(as_type<uint>(sum0_3) + as_type<uint>(sum1_3))), _e529);
            }
            {
                uint _e532 = b;
                uint at_5 = (row4_ * blocks) + _e532;
                metal::uint4 low_4 = qa[2u * at_5];
                metal::uint4 high_4 = qa[(2u * at_5) + 1u];
                metal::uint2 of_block_4 = qs[at_5];
                float _e550 = dot4_(k0_, low_4.x);
                float _e552 = dot4_(k1_, low_4.y);
                float _e555 = dot4_(k2_, low_4.z);
                float _e558 = dot4_(k3_, low_4.w);
                dot0_4 = ((_e550 + _e552) + _e555) + _e558;
                float _e562 = dot4_(k4_, high_4.x);
                float _e564 = dot4_(k5_, high_4.y);
                float _e567 = dot4_(k6_, high_4.z);
                float _e570 = dot4_(k7_, high_4.w);
                dot1_4 = ((_e562 + _e564) + _e567) + _e570;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e585 = dot0_4;
                float _e586 = dot1_4;
                float _e590 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e585 + _e586), scale * scale_a_4, _e590);
                float _e596 = acc4_;
                acc4_ = metal::fma(-(min), scale_a_4 * static_cast<float>(as_type<int>(as_type<uint>(sum0_4) + as_type<uint>(sum1_4))), _e596);
            }
            {
                uint _e599 = b;
                uint at_6 = (row5_ * blocks) + _e599;
                metal::uint4 low_5 = qa[2u * at_6];
                metal::uint4 high_5 = qa[(2u * at_6) + 1u];
                metal::uint2 of_block_5 = qs[at_6];
                float _e617 = dot4_(k0_, low_5.x);
                float _e619 = dot4_(k1_, low_5.y);
                float _e622 = dot4_(k2_, low_5.z);
                float _e625 = dot4_(k3_, low_5.w);
                dot0_5 = ((_e617 + _e619) + _e622) + _e625;
                float _e629 = dot4_(k4_, high_5.x);
                float _e631 = dot4_(k5_, high_5.y);
                float _e634 = dot4_(k6_, high_5.z);
                float _e637 = dot4_(k7_, high_5.w);
                dot1_5 = ((_e629 + _e631) + _e634) + _e637;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e652 = dot0_5;
                float _e653 = dot1_5;
                float _e657 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e652 + _e653), scale * scale_a_5, _e657);
                float _e663 = acc5_;
                acc5_ = metal::fma(-(min), scale_a_5 * static_cast<float>(as_type<int>(as_type<uint>(sum0_5) + as_type<uint>(sum1_5))), _e663);
            }
            {
                uint _e666 = b;
                uint at_7 = (row6_ * blocks) + _e666;
                metal::uint4 low_6 = qa[2u * at_7];
                metal::uint4 high_6 = qa[(2u * at_7) + 1u];
                metal::uint2 of_block_6 = qs[at_7];
                float _e684 = dot4_(k0_, low_6.x);
                float _e686 = dot4_(k1_, low_6.y);
                float _e689 = dot4_(k2_, low_6.z);
                float _e692 = dot4_(k3_, low_6.w);
                dot0_6 = ((_e684 + _e686) + _e689) + _e692;
                float _e696 = dot4_(k4_, high_6.x);
                float _e698 = dot4_(k5_, high_6.y);
                float _e701 = dot4_(k6_, high_6.z);
                float _e704 = dot4_(k7_, high_6.w);
                dot1_6 = ((_e696 + _e698) + _e701) + _e704;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e719 = dot0_6;
                float _e720 = dot1_6;
                float _e724 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e719 + _e720), scale * scale_a_6, _e724);
                float _e730 = acc6_;
                acc6_ = metal::fma(-(min), scale_a_6 * static_cast<float>(as_type<int>(as_type<uint>(sum0_6) + as_type<uint>(sum1_6))), _e730);
            }
            {
                uint _e733 = b;
                uint at_8 = (row7_ * blocks) + _e733;
                metal::uint4 low_7 = qa[2u * at_8];
                metal::uint4 high_7 = qa[(2u * at_8) + 1u];
                metal::uint2 of_block_7 = qs[at_8];
                float _e751 = dot4_(k0_, low_7.x);
                float _e753 = dot4_(k1_, low_7.y);
                float _e756 = dot4_(k2_, low_7.z);
                float _e759 = dot4_(k3_, low_7.w);
                dot0_7 = ((_e751 + _e753) + _e756) + _e759;
                float _e763 = dot4_(k4_, high_7.x);
                float _e765 = dot4_(k5_, high_7.y);
                float _e768 = dot4_(k6_, high_7.z);
                float _e771 = dot4_(k7_, high_7.w);
                dot1_7 = ((_e763 + _e765) + _e768) + _e771;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e786 = dot0_7;
                float _e787 = dot1_7;
                float _e791 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e786 + _e787), scale * scale_a_7, _e791);
                float _e797 = acc7_;
                acc7_ = metal::fma(-(min), scale_a_7 * static_cast<float>(as_type<int>(as_type<uint>(sum0_7) + as_type<uint>(sum1_7))), _e797);
            }
        }
    }
    float _e809 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e809;
    float _e817 = acc1_;
    sums.inner[((16u + s) * 16u) + r_2] = _e817;
    float _e825 = acc2_;
    sums.inner[((32u + s) * 16u) + r_2] = _e825;
    float _e833 = acc3_;
    sums.inner[((48u + s) * 16u) + r_2] = _e833;
    float _e841 = acc4_;
    sums.inner[((64u + s) * 16u) + r_2] = _e841;
    float _e849 = acc5_;
    sums.inner[((80u + s) * 16u) + r_2] = _e849;
    float _e857 = acc6_;
    sums.inner[((96u + s) * 16u) + r_2] = _e857;
    float _e865 = acc7_;
    sums.inner[((112u + s) * 16u) + r_2] = _e865;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 8u) {
        uint _e873 = p.rows;
        local_1 = row_1 < _e873;
    } else {
        local_1 = false;
    }
    bool _e876 = local_1;
    if (_e876) {
        uint _e879 = panel;
        uint _e884 = job;
        uint _e888 = lists[_e884 + 7u];
        local_2 = ((_e879 * 16u) + r_2) < _e888;
    } else {
        local_2 = false;
    }
    bool _e891 = local_2;
    if (_e891) {
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e912 = i_1;
                i_1 = _e912 + 1u;
            }
            loop_init_2 = false;
            uint _e896 = i_1;
            if (_e896 < 16u) {
            } else {
                break;
            }
            {
                float _e899 = dot;
                uint _e903 = i_1;
                float _e909 = sums.inner[(((s * 16u) + _e903) * 16u) + r_2];
                dot = _e899 + _e909;
            }
        }
        uint _e914 = job;
        uint _e915 = panel;
        float _e919 = dot;
        finish(_e914, row_1, (_e915 * 16u) + r_2, _e919, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
