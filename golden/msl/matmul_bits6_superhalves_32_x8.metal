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
            uint _e931 = b;
            b = _e931 + 1u;
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
            uint n0_ = nibbles.x & 252645135u;
            uint n1_ = nibbles.y & 252645135u;
            uint n2_ = nibbles.z & 252645135u;
            uint n3_ = nibbles.w & 252645135u;
            uint n4_ = (nibbles.x >> 4u) & 252645135u;
            uint n5_ = (nibbles.y >> 4u) & 252645135u;
            uint n6_ = (nibbles.z >> 4u) & 252645135u;
            uint n7_ = (nibbles.w >> 4u) & 252645135u;
            uint _e217 = panel;
            uint _e219 = b;
            uint pairs0_ = words[(x_at + (((_e217 * blocks) + _e219) * 32u)) + r_2];
            uint _e228 = panel;
            uint _e230 = b;
            uint pairs1_ = words[((x_at + (((_e228 * blocks) + _e230) * 32u)) + 16u) + r_2];
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
            uint _e296 = panel;
            uint _e300 = b;
            uint super_at = (s_at + (((_e296 * (blocks / 8u)) + (_e300 / 8u)) * 80u)) + r_2;
            uint _e310 = words[super_at];
            float scale_of_all = as_type<float>(_e310);
            uint _e314 = b;
            uint _e324 = words[super_at + ((1u + ((_e314 % 8u) / 2u)) * 16u)];
            uint _e326 = b;
            metal::int4 subs = int4(as_type<packed_char4>(_e324 >> (16u * (_e326 % 2u))));
            float scale0_ = scale_of_all * static_cast<float>(subs.x);
            float scale1_ = scale_of_all * static_cast<float>(subs.y);
            {
                uint _e339 = b;
                uint at_1 = (row0_ * blocks) + _e339;
                metal::uint4 low = qa[2u * at_1];
                metal::uint4 high = qa[(2u * at_1) + 1u];
                metal::uint2 of_block = qs[at_1];
                float _e357 = dot4_(k0_, low.x);
                float _e359 = dot4_(k1_, low.y);
                float _e362 = dot4_(k2_, low.z);
                float _e365 = dot4_(k3_, low.w);
                dot0_ = ((_e357 + _e359) + _e362) + _e365;
                float _e369 = dot4_(k4_, high.x);
                float _e371 = dot4_(k5_, high.y);
                float _e374 = dot4_(k6_, high.z);
                float _e377 = dot4_(k7_, high.w);
                dot1_ = ((_e369 + _e371) + _e374) + _e377;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e392 = dot0_;
                dot0_ = _e392 - (32.0 * static_cast<float>(sum0_));
                float _e397 = dot1_;
                dot1_ = _e397 - (32.0 * static_cast<float>(sum1_));
                float _e402 = dot1_;
                float _e404 = dot0_;
                part = metal::fma(static_cast<float>(_e402), scale1_, static_cast<float>(_e404) * scale0_);
                float _e409 = part;
                float _e410 = acc0_;
                acc0_ = metal::fma(_e409, scale_a, _e410);
            }
            {
                uint _e413 = b;
                uint at_2 = (row1_ * blocks) + _e413;
                metal::uint4 low_1 = qa[2u * at_2];
                metal::uint4 high_1 = qa[(2u * at_2) + 1u];
                metal::uint2 of_block_1 = qs[at_2];
                float _e431 = dot4_(k0_, low_1.x);
                float _e433 = dot4_(k1_, low_1.y);
                float _e436 = dot4_(k2_, low_1.z);
                float _e439 = dot4_(k3_, low_1.w);
                dot0_1 = ((_e431 + _e433) + _e436) + _e439;
                float _e443 = dot4_(k4_, high_1.x);
                float _e445 = dot4_(k5_, high_1.y);
                float _e448 = dot4_(k6_, high_1.z);
                float _e451 = dot4_(k7_, high_1.w);
                dot1_1 = ((_e443 + _e445) + _e448) + _e451;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e466 = dot0_1;
                dot0_1 = _e466 - (32.0 * static_cast<float>(sum0_1));
                float _e471 = dot1_1;
                dot1_1 = _e471 - (32.0 * static_cast<float>(sum1_1));
                float _e476 = dot1_1;
                float _e478 = dot0_1;
                part_1 = metal::fma(static_cast<float>(_e476), scale1_, static_cast<float>(_e478) * scale0_);
                float _e483 = part_1;
                float _e484 = acc1_;
                acc1_ = metal::fma(_e483, scale_a_1, _e484);
            }
            {
                uint _e487 = b;
                uint at_3 = (row2_ * blocks) + _e487;
                metal::uint4 low_2 = qa[2u * at_3];
                metal::uint4 high_2 = qa[(2u * at_3) + 1u];
                metal::uint2 of_block_2 = qs[at_3];
                float _e505 = dot4_(k0_, low_2.x);
                float _e507 = dot4_(k1_, low_2.y);
                float _e510 = dot4_(k2_, low_2.z);
                float _e513 = dot4_(k3_, low_2.w);
                dot0_2 = ((_e505 + _e507) + _e510) + _e513;
                float _e517 = dot4_(k4_, high_2.x);
                float _e519 = dot4_(k5_, high_2.y);
                float _e522 = dot4_(k6_, high_2.z);
                float _e525 = dot4_(k7_, high_2.w);
                dot1_2 = ((_e517 + _e519) + _e522) + _e525;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e540 = dot0_2;
                dot0_2 = _e540 - (32.0 * static_cast<float>(sum0_2));
                float _e545 = dot1_2;
                dot1_2 = _e545 - (32.0 * static_cast<float>(sum1_2));
                float _e550 = dot1_2;
                float _e552 = dot0_2;
                part_2 = metal::fma(static_cast<float>(_e550), scale1_, static_cast<float>(_e552) * scale0_);
                float _e557 = part_2;
                float _e558 = acc2_;
                acc2_ = metal::fma(_e557, scale_a_2, _e558);
            }
            {
                uint _e561 = b;
                uint at_4 = (row3_ * blocks) + _e561;
                metal::uint4 low_3 = qa[2u * at_4];
                metal::uint4 high_3 = qa[(2u * at_4) + 1u];
                metal::uint2 of_block_3 = qs[at_4];
                float _e579 = dot4_(k0_, low_3.x);
                float _e581 = dot4_(k1_, low_3.y);
                float _e584 = dot4_(k2_, low_3.z);
                float _e587 = dot4_(k3_, low_3.w);
                dot0_3 = ((_e579 + _e581) + _e584) + _e587;
                float _e591 = dot4_(k4_, high_3.x);
                float _e593 = dot4_(k5_, high_3.y);
                float _e596 = dot4_(k6_, high_3.z);
                float _e599 = dot4_(k7_, high_3.w);
                dot1_3 = ((_e591 + _e593) + _e596) + _e599;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e614 = dot0_3;
                dot0_3 = _e614 - (32.0 * static_cast<float>(sum0_3));
                float _e619 = dot1_3;
                dot1_3 = _e619 - (32.0 * static_cast<float>(sum1_3));
                float _e624 = dot1_3;
                float _e626 = dot0_3;
                part_3 = metal::fma(static_cast<float>(_e624), scale1_, static_cast<float>(_e626) * scale0_);
                float _e631 = part_3;
                float _e632 = acc3_;
                acc3_ = metal::fma(_e631, scale_a_3, _e632);
            }
            {
                uint _e635 = b;
                uint at_5 = (row4_ * blocks) + _e635;
                metal::uint4 low_4 = qa[2u * at_5];
                metal::uint4 high_4 = qa[(2u * at_5) + 1u];
                metal::uint2 of_block_4 = qs[at_5];
                float _e653 = dot4_(k0_, low_4.x);
                float _e655 = dot4_(k1_, low_4.y);
                float _e658 = dot4_(k2_, low_4.z);
                float _e661 = dot4_(k3_, low_4.w);
                dot0_4 = ((_e653 + _e655) + _e658) + _e661;
                float _e665 = dot4_(k4_, high_4.x);
                float _e667 = dot4_(k5_, high_4.y);
                float _e670 = dot4_(k6_, high_4.z);
                float _e673 = dot4_(k7_, high_4.w);
                dot1_4 = ((_e665 + _e667) + _e670) + _e673;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e688 = dot0_4;
                dot0_4 = _e688 - (32.0 * static_cast<float>(sum0_4));
                float _e693 = dot1_4;
                dot1_4 = _e693 - (32.0 * static_cast<float>(sum1_4));
                float _e698 = dot1_4;
                float _e700 = dot0_4;
                part_4 = metal::fma(static_cast<float>(_e698), scale1_, static_cast<float>(_e700) * scale0_);
                float _e705 = part_4;
                float _e706 = acc4_;
                acc4_ = metal::fma(_e705, scale_a_4, _e706);
            }
            {
                uint _e709 = b;
                uint at_6 = (row5_ * blocks) + _e709;
                metal::uint4 low_5 = qa[2u * at_6];
                metal::uint4 high_5 = qa[(2u * at_6) + 1u];
                metal::uint2 of_block_5 = qs[at_6];
                float _e727 = dot4_(k0_, low_5.x);
                float _e729 = dot4_(k1_, low_5.y);
                float _e732 = dot4_(k2_, low_5.z);
                float _e735 = dot4_(k3_, low_5.w);
                dot0_5 = ((_e727 + _e729) + _e732) + _e735;
                float _e739 = dot4_(k4_, high_5.x);
                float _e741 = dot4_(k5_, high_5.y);
                float _e744 = dot4_(k6_, high_5.z);
                float _e747 = dot4_(k7_, high_5.w);
                dot1_5 = ((_e739 + _e741) + _e744) + _e747;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e762 = dot0_5;
                dot0_5 = _e762 - (32.0 * static_cast<float>(sum0_5));
                float _e767 = dot1_5;
                dot1_5 = _e767 - (32.0 * static_cast<float>(sum1_5));
                float _e772 = dot1_5;
                float _e774 = dot0_5;
                part_5 = metal::fma(static_cast<float>(_e772), scale1_, static_cast<float>(_e774) * scale0_);
                float _e779 = part_5;
                float _e780 = acc5_;
                acc5_ = metal::fma(_e779, scale_a_5, _e780);
            }
            {
                uint _e783 = b;
                uint at_7 = (row6_ * blocks) + _e783;
                metal::uint4 low_6 = qa[2u * at_7];
                metal::uint4 high_6 = qa[(2u * at_7) + 1u];
                metal::uint2 of_block_6 = qs[at_7];
                float _e801 = dot4_(k0_, low_6.x);
                float _e803 = dot4_(k1_, low_6.y);
                float _e806 = dot4_(k2_, low_6.z);
                float _e809 = dot4_(k3_, low_6.w);
                dot0_6 = ((_e801 + _e803) + _e806) + _e809;
                float _e813 = dot4_(k4_, high_6.x);
                float _e815 = dot4_(k5_, high_6.y);
                float _e818 = dot4_(k6_, high_6.z);
                float _e821 = dot4_(k7_, high_6.w);
                dot1_6 = ((_e813 + _e815) + _e818) + _e821;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e836 = dot0_6;
                dot0_6 = _e836 - (32.0 * static_cast<float>(sum0_6));
                float _e841 = dot1_6;
                dot1_6 = _e841 - (32.0 * static_cast<float>(sum1_6));
                float _e846 = dot1_6;
                float _e848 = dot0_6;
                part_6 = metal::fma(static_cast<float>(_e846), scale1_, static_cast<float>(_e848) * scale0_);
                float _e853 = part_6;
                float _e854 = acc6_;
                acc6_ = metal::fma(_e853, scale_a_6, _e854);
            }
            {
                uint _e857 = b;
                uint at_8 = (row7_ * blocks) + _e857;
                metal::uint4 low_7 = qa[2u * at_8];
                metal::uint4 high_7 = qa[(2u * at_8) + 1u];
                metal::uint2 of_block_7 = qs[at_8];
                float _e875 = dot4_(k0_, low_7.x);
                float _e877 = dot4_(k1_, low_7.y);
                float _e880 = dot4_(k2_, low_7.z);
                float _e883 = dot4_(k3_, low_7.w);
                dot0_7 = ((_e875 + _e877) + _e880) + _e883;
                float _e887 = dot4_(k4_, high_7.x);
                float _e889 = dot4_(k5_, high_7.y);
                float _e892 = dot4_(k6_, high_7.z);
                float _e895 = dot4_(k7_, high_7.w);
                dot1_7 = ((_e887 + _e889) + _e892) + _e895;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e910 = dot0_7;
                dot0_7 = _e910 - (32.0 * static_cast<float>(sum0_7));
                float _e915 = dot1_7;
                dot1_7 = _e915 - (32.0 * static_cast<float>(sum1_7));
                float _e920 = dot1_7;
                float _e922 = dot0_7;
                part_7 = metal::fma(static_cast<float>(_e920), scale1_, static_cast<float>(_e922) * scale0_);
                float _e927 = part_7;
                float _e928 = acc7_;
                acc7_ = metal::fma(_e927, scale_a_7, _e928);
            }
        }
    }
    float _e940 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e940;
    float _e948 = acc1_;
    sums.inner[((16u + s) * 16u) + r_2] = _e948;
    float _e956 = acc2_;
    sums.inner[((32u + s) * 16u) + r_2] = _e956;
    float _e964 = acc3_;
    sums.inner[((48u + s) * 16u) + r_2] = _e964;
    float _e972 = acc4_;
    sums.inner[((64u + s) * 16u) + r_2] = _e972;
    float _e980 = acc5_;
    sums.inner[((80u + s) * 16u) + r_2] = _e980;
    float _e988 = acc6_;
    sums.inner[((96u + s) * 16u) + r_2] = _e988;
    float _e996 = acc7_;
    sums.inner[((112u + s) * 16u) + r_2] = _e996;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 8u) {
        uint _e1004 = p.rows;
        local_1 = row_1 < _e1004;
    } else {
        local_1 = false;
    }
    bool _e1007 = local_1;
    if (_e1007) {
        uint _e1010 = panel;
        uint _e1015 = job;
        uint _e1019 = lists[_e1015 + 7u];
        local_2 = ((_e1010 * 16u) + r_2) < _e1019;
    } else {
        local_2 = false;
    }
    bool _e1022 = local_2;
    if (_e1022) {
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e1043 = i_1;
                i_1 = _e1043 + 1u;
            }
            loop_init_2 = false;
            uint _e1027 = i_1;
            if (_e1027 < 16u) {
            } else {
                break;
            }
            {
                float _e1030 = dot;
                uint _e1034 = i_1;
                float _e1040 = sums.inner[(((s * 16u) + _e1034) * 16u) + r_2];
                dot = _e1030 + _e1040;
            }
        }
        uint _e1045 = job;
        uint _e1046 = panel;
        float _e1050 = dot;
        finish(_e1045, row_1, (_e1046 * 16u) + r_2, _e1050, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
