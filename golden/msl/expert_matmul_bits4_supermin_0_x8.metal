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
, device type_3 const& sorted [[buffer(8)]]
, constant P& p [[buffer(9)]]
, threadgroup type_9& sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
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
    uint _e48 = panel;
    uint index_1 = _e48 * 16u;
    uint _e54 = sorted[0];
    if (group.y >= _e54) {
        return;
    }
    uint expert_1 = sorted[1u + (3u * group.y)];
    uint first_pair = sorted[2u + (3u * group.y)];
    uint count = sorted[3u + (3u * group.y)];
    uint _e80 = panel;
    uint _e82 = job;
    uint _e86 = lists[_e82 + 13u];
    uint _e89 = job;
    uint _e93 = lists[_e89 + 6u];
    panel = _e80 + ((expert_1 * _e86) - (_e93 / 16u));
    uint _e98 = panel;
    uint _e100 = job;
    uint _e104 = lists[_e100 + 7u];
    is_here = _e98 < (_e104 / 16u);
    uint _e109 = job;
    uint w_at = lists[_e109 + 1u];
    uint _e115 = job;
    uint x_at = lists[_e115 + 2u];
    uint _e121 = job;
    uint s_at = lists[_e121 + 3u];
    uint blocks = p.blocks;
    uint r_1 = lid % 16u;
    uint s = lid / 16u;
    uint first_row = group.y * 8u;
    uint _e143 = sorted[first_pair + metal::min(0u, count - 1u)];
    uint _e146 = p.per_input;
    uint row0_ = _e143 / _e146;
    uint _e157 = sorted[first_pair + metal::min(1u, count - 1u)];
    uint _e160 = p.per_input;
    uint row1_ = _e157 / _e160;
    uint _e171 = sorted[first_pair + metal::min(2u, count - 1u)];
    uint _e174 = p.per_input;
    uint row2_ = _e171 / _e174;
    uint _e185 = sorted[first_pair + metal::min(3u, count - 1u)];
    uint _e188 = p.per_input;
    uint row3_ = _e185 / _e188;
    uint _e199 = sorted[first_pair + metal::min(4u, count - 1u)];
    uint _e202 = p.per_input;
    uint row4_ = _e199 / _e202;
    uint _e213 = sorted[first_pair + metal::min(5u, count - 1u)];
    uint _e216 = p.per_input;
    uint row5_ = _e213 / _e216;
    uint _e227 = sorted[first_pair + metal::min(6u, count - 1u)];
    uint _e230 = p.per_input;
    uint row6_ = _e227 / _e230;
    uint _e241 = sorted[first_pair + metal::min(7u, count - 1u)];
    uint _e244 = p.per_input;
    uint row7_ = _e241 / _e244;
    uint _e253 = p.segment;
    bool _e256 = is_here;
    uint end = _e256 ? metal::min((s + 1u) * _e253, blocks) : 0u;
    uint _e260 = p.segment;
    b = s * _e260;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e892 = b;
            b = _e892 + 1u;
        }
        loop_init_1 = false;
        uint _e263 = b;
        if (_e263 < end) {
        } else {
            break;
        }
        {
            uint _e266 = panel;
            uint _e268 = b;
            metal::uint4 nibbles = w[(w_at + (((_e266 * blocks) + _e268) * 16u)) + r_1];
            uint k0_ = nibbles.x & 252645135u;
            uint k1_ = nibbles.y & 252645135u;
            uint k2_ = nibbles.z & 252645135u;
            uint k3_ = nibbles.w & 252645135u;
            uint k4_ = (nibbles.x >> 4u) & 252645135u;
            uint k5_ = (nibbles.y >> 4u) & 252645135u;
            uint k6_ = (nibbles.z >> 4u) & 252645135u;
            uint k7_ = (nibbles.w >> 4u) & 252645135u;
            uint _e308 = panel;
            uint _e312 = b;
            uint super_at = (s_at + (((_e308 * (blocks / 8u)) + (_e312 / 8u)) * 80u)) + r_1;
            uint _e322 = words[super_at];
            metal::float2 supers = float2(as_type<half2>(_e322));
            uint _e326 = b;
            uint _e336 = words[super_at + ((1u + ((_e326 % 8u) / 2u)) * 16u)];
            uint _e338 = b;
            uint subs = _e336 >> (16u * (_e338 % 2u));
            float scale = supers.x * static_cast<float>(subs & 255u);
            float min = supers.y * static_cast<float>((subs >> 8u) & 255u);
            {
                uint _e356 = b;
                uint at = (row0_ * blocks) + _e356;
                metal::uint4 low = qa[2u * at];
                metal::uint4 high = qa[(2u * at) + 1u];
                metal::uint2 of_block = qs[at];
                float _e374 = dot4_(k0_, low.x);
                float _e376 = dot4_(k1_, low.y);
                float _e379 = dot4_(k2_, low.z);
                float _e382 = dot4_(k3_, low.w);
                dot0_ = ((_e374 + _e376) + _e379) + _e382;
                float _e386 = dot4_(k4_, high.x);
                float _e388 = dot4_(k5_, high.y);
                float _e391 = dot4_(k6_, high.z);
                float _e394 = dot4_(k7_, high.w);
                dot1_ = ((_e386 + _e388) + _e391) + _e394;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e409 = dot0_;
                float _e410 = dot1_;
                float _e414 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e409 + _e410), scale * scale_a, _e414);
                float _e420 = acc0_;
                acc0_ = metal::fma(-(min), scale_a * static_cast<float>(as_type<int>(as_type<uint>(sum0_) + as_type<uint>(sum1_))), _e420);
            }
            {
                uint _e423 = b;
                uint at_1 = (row1_ * blocks) + _e423;
                metal::uint4 low_1 = qa[2u * at_1];
                metal::uint4 high_1 = qa[(2u * at_1) + 1u];
                metal::uint2 of_block_1 = qs[at_1];
                float _e441 = dot4_(k0_, low_1.x);
                float _e443 = dot4_(k1_, low_1.y);
                float _e446 = dot4_(k2_, low_1.z);
                float _e449 = dot4_(k3_, low_1.w);
                dot0_1 = ((_e441 + _e443) + _e446) + _e449;
                float _e453 = dot4_(k4_, high_1.x);
                float _e455 = dot4_(k5_, high_1.y);
                float _e458 = dot4_(k6_, high_1.z);
                float _e461 = dot4_(k7_, high_1.w);
                dot1_1 = ((_e453 + _e455) + _e458) + _e461;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e476 = dot0_1;
                float _e477 = dot1_1;
                float _e481 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e476 + _e477), scale * scale_a_1, _e481);
                float _e487 = acc1_;
                acc1_ = metal::fma(-(min), scale_a_1 * static_cast<float>(as_type<int>(as_type<uint>(sum0_1) + as_type<uint>(sum1_1))), _e487);
            }
            {
                uint _e490 = b;
                uint at_2 = (row2_ * blocks) + _e490;
                metal::uint4 low_2 = qa[2u * at_2];
                metal::uint4 high_2 = qa[(2u * at_2) + 1u];
                metal::uint2 of_block_2 = qs[at_2];
                float _e508 = dot4_(k0_, low_2.x);
                float _e510 = dot4_(k1_, low_2.y);
                float _e513 = dot4_(k2_, low_2.z);
                float _e516 = dot4_(k3_, low_2.w);
                dot0_2 = ((_e508 + _e510) + _e513) + _e516;
                float _e520 = dot4_(k4_, high_2.x);
                float _e522 = dot4_(k5_, high_2.y);
                float _e525 = dot4_(k6_, high_2.z);
                float _e528 = dot4_(k7_, high_2.w);
                dot1_2 = ((_e520 + _e522) + _e525) + _e528;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e543 = dot0_2;
                float _e544 = dot1_2;
                float _e548 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e543 + _e544), scale * scale_a_2, _e548);
                float _e554 = acc2_;
                acc2_ = metal::fma(-(min), scale_a_2 * static_cast<float>(as_type<int>(as_type<uint>(sum0_2) + as_type<uint>(sum1_2))), _e554);
            }
            {
                uint _e557 = b;
                uint at_3 = (row3_ * blocks) + _e557;
                metal::uint4 low_3 = qa[2u * at_3];
                metal::uint4 high_3 = qa[(2u * at_3) + 1u];
                metal::uint2 of_block_3 = qs[at_3];
                float _e575 = dot4_(k0_, low_3.x);
                float _e577 = dot4_(k1_, low_3.y);
                float _e580 = dot4_(k2_, low_3.z);
                float _e583 = dot4_(k3_, low_3.w);
                dot0_3 = ((_e575 + _e577) + _e580) + _e583;
                float _e587 = dot4_(k4_, high_3.x);
                float _e589 = dot4_(k5_, high_3.y);
                float _e592 = dot4_(k6_, high_3.z);
                float _e595 = dot4_(k7_, high_3.w);
                dot1_3 = ((_e587 + _e589) + _e592) + _e595;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e610 = dot0_3;
                float _e611 = dot1_3;
                float _e615 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e610 + _e611), scale * scale_a_3, _e615);
                float _e621 = acc3_;
                acc3_ = metal::fma(-(min), scale_a_3 * static_cast<float>(as_type<int>(as_type<uint>(sum0_3) + as_type<uint>(sum1_3))), _e621);
            }
            {
                uint _e624 = b;
                uint at_4 = (row4_ * blocks) + _e624;
                metal::uint4 low_4 = qa[2u * at_4];
                metal::uint4 high_4 = qa[(2u * at_4) + 1u];
                metal::uint2 of_block_4 = qs[at_4];
                float _e642 = dot4_(k0_, low_4.x);
                float _e644 = dot4_(k1_, low_4.y);
                float _e647 = dot4_(k2_, low_4.z);
                float _e650 = dot4_(k3_, low_4.w);
                dot0_4 = ((_e642 + _e644) + _e647) + _e650;
                float _e654 = dot4_(k4_, high_4.x);
                float _e656 = dot4_(k5_, high_4.y);
                float _e659 = dot4_(k6_, high_4.z);
                float _e662 = dot4_(k7_, high_4.w);
                dot1_4 = ((_e654 + _e656) + _e659) + _e662;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e677 = dot0_4;
                float _e678 = dot1_4;
                float _e682 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e677 + _e678), scale * scale_a_4, _e682);
                float _e688 = acc4_;
                acc4_ = metal::fma(-(min), scale_a_4 * static_cast<float>(as_type<int>(as_type<uint>(sum0_4) + as_type<uint>(sum1_4))), _e688);
            }
            {
                uint _e691 = b;
                uint at_5 = (row5_ * blocks) + _e691;
                metal::uint4 low_5 = qa[2u * at_5];
                metal::uint4 high_5 = qa[(2u * at_5) + 1u];
                metal::uint2 of_block_5 = qs[at_5];
                float _e709 = dot4_(k0_, low_5.x);
                float _e711 = dot4_(k1_, low_5.y);
                float _e714 = dot4_(k2_, low_5.z);
                float _e717 = dot4_(k3_, low_5.w);
                dot0_5 = ((_e709 + _e711) + _e714) + _e717;
                float _e721 = dot4_(k4_, high_5.x);
                float _e723 = dot4_(k5_, high_5.y);
                float _e726 = dot4_(k6_, high_5.z);
                float _e729 = dot4_(k7_, high_5.w);
                dot1_5 = ((_e721 + _e723) + _e726) + _e729;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e744 = dot0_5;
                float _e745 = dot1_5;
                float _e749 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e744 + _e745), scale * scale_a_5, _e749);
                float _e755 = acc5_;
                acc5_ = metal::fma(-(min), scale_a_5 * static_cast<float>(as_type<int>(as_type<uint>(sum0_5) + as_type<uint>(sum1_5))), _e755);
            }
            {
                uint _e758 = b;
                uint at_6 = (row6_ * blocks) + _e758;
                metal::uint4 low_6 = qa[2u * at_6];
                metal::uint4 high_6 = qa[(2u * at_6) + 1u];
                metal::uint2 of_block_6 = qs[at_6];
                float _e776 = dot4_(k0_, low_6.x);
                float _e778 = dot4_(k1_, low_6.y);
                float _e781 = dot4_(k2_, low_6.z);
                float _e784 = dot4_(k3_, low_6.w);
                dot0_6 = ((_e776 + _e778) + _e781) + _e784;
                float _e788 = dot4_(k4_, high_6.x);
                float _e790 = dot4_(k5_, high_6.y);
                float _e793 = dot4_(k6_, high_6.z);
                float _e796 = dot4_(k7_, high_6.w);
                dot1_6 = ((_e788 + _e790) + _e793) + _e796;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e811 = dot0_6;
                float _e812 = dot1_6;
                float _e816 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e811 + _e812), scale * scale_a_6, _e816);
                float _e822 = acc6_;
                acc6_ = metal::fma(-(min), scale_a_6 * static_cast<float>(as_type<int>(as_type<uint>(sum0_6) + as_type<uint>(sum1_6))), _e822);
            }
            {
                uint _e825 = b;
                uint at_7 = (row7_ * blocks) + _e825;
                metal::uint4 low_7 = qa[2u * at_7];
                metal::uint4 high_7 = qa[(2u * at_7) + 1u];
                metal::uint2 of_block_7 = qs[at_7];
                float _e843 = dot4_(k0_, low_7.x);
                float _e845 = dot4_(k1_, low_7.y);
                float _e848 = dot4_(k2_, low_7.z);
                float _e851 = dot4_(k3_, low_7.w);
                dot0_7 = ((_e843 + _e845) + _e848) + _e851;
                float _e855 = dot4_(k4_, high_7.x);
                float _e857 = dot4_(k5_, high_7.y);
                float _e860 = dot4_(k6_, high_7.z);
                float _e863 = dot4_(k7_, high_7.w);
                dot1_7 = ((_e855 + _e857) + _e860) + _e863;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e878 = dot0_7;
                float _e879 = dot1_7;
                float _e883 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e878 + _e879), scale * scale_a_7, _e883);
                float _e889 = acc7_;
                acc7_ = metal::fma(-(min), scale_a_7 * static_cast<float>(as_type<int>(as_type<uint>(sum0_7) + as_type<uint>(sum1_7))), _e889);
            }
        }
    }
    float _e901 = acc0_;
    sums.inner[((0u + s) * 16u) + r_1] = _e901;
    float _e909 = acc1_;
    sums.inner[((16u + s) * 16u) + r_1] = _e909;
    float _e917 = acc2_;
    sums.inner[((32u + s) * 16u) + r_1] = _e917;
    float _e925 = acc3_;
    sums.inner[((48u + s) * 16u) + r_1] = _e925;
    float _e933 = acc4_;
    sums.inner[((64u + s) * 16u) + r_1] = _e933;
    float _e941 = acc5_;
    sums.inner[((80u + s) * 16u) + r_1] = _e941;
    float _e949 = acc6_;
    sums.inner[((96u + s) * 16u) + r_1] = _e949;
    float _e957 = acc7_;
    sums.inner[((112u + s) * 16u) + r_1] = _e957;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < count) {
        bool _e962 = is_here;
        local_1 = _e962;
    } else {
        local_1 = false;
    }
    bool _e964 = local_1;
    if (_e964) {
        uint _e969 = job;
        uint _e973 = lists[_e969 + 5u];
        local_2 = (index_1 + r_1) < _e973;
    } else {
        local_2 = false;
    }
    bool _e976 = local_2;
    if (_e976) {
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e997 = i_1;
                i_1 = _e997 + 1u;
            }
            loop_init_2 = false;
            uint _e981 = i_1;
            if (_e981 < 16u) {
            } else {
                break;
            }
            {
                float _e984 = dot;
                uint _e988 = i_1;
                float _e994 = sums.inner[(((s * 16u) + _e988) * 16u) + r_1];
                dot = _e984 + _e994;
            }
        }
        uint _e999 = job;
        uint _e1003 = sorted[first_pair + s];
        float _e1005 = dot;
        finish_expert(_e999, _e1003, expert_1, index_1 + r_1, _e1005, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
