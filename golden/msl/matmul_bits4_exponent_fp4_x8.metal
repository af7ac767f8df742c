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
    uint inner[256];
};
struct type_10 {
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
, constant P& p [[buffer(8)]]
, threadgroup type_9& levels
, threadgroup type_10& sums
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
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e871 = b;
            b = _e871 + 1u;
        }
        loop_init_2 = false;
        uint _e171 = b;
        if (_e171 < end) {
        } else {
            break;
        }
        {
            uint _e174 = panel;
            uint _e176 = b;
            metal::uint4 nibbles = w[(w_at + (((_e174 * blocks) + _e176) * 16u)) + r_2];
            uint both0_ = nibbles.x;
            uint both1_ = nibbles.y;
            uint both2_ = nibbles.z;
            uint both3_ = nibbles.w;
            uint _e192 = levels.inner[both0_ & 255u];
            uint _e199 = levels.inner[(both0_ >> 8u) & 255u];
            uint first0_ = _e192 | (_e199 << 8u);
            uint _e209 = levels.inner[(both0_ >> 16u) & 255u];
            uint _e214 = levels.inner[both0_ >> 24u];
            uint second0_ = _e209 | (_e214 << 8u);
            uint k0_ = (first0_ & 65535u) | (second0_ << 16u);
            uint _e227 = levels.inner[both1_ & 255u];
            uint _e234 = levels.inner[(both1_ >> 8u) & 255u];
            uint first1_ = _e227 | (_e234 << 8u);
            uint _e244 = levels.inner[(both1_ >> 16u) & 255u];
            uint _e249 = levels.inner[both1_ >> 24u];
            uint second1_ = _e244 | (_e249 << 8u);
            uint k1_ = (first1_ & 65535u) | (second1_ << 16u);
            uint _e262 = levels.inner[both2_ & 255u];
            uint _e269 = levels.inner[(both2_ >> 8u) & 255u];
            uint first2_ = _e262 | (_e269 << 8u);
            uint _e279 = levels.inner[(both2_ >> 16u) & 255u];
            uint _e284 = levels.inner[both2_ >> 24u];
            uint second2_ = _e279 | (_e284 << 8u);
            uint k2_ = (first2_ & 65535u) | (second2_ << 16u);
            uint _e297 = levels.inner[both3_ & 255u];
            uint _e304 = levels.inner[(both3_ >> 8u) & 255u];
            uint first3_ = _e297 | (_e304 << 8u);
            uint _e314 = levels.inner[(both3_ >> 16u) & 255u];
            uint _e319 = levels.inner[both3_ >> 24u];
            uint second3_ = _e314 | (_e319 << 8u);
            uint k3_ = (first3_ & 65535u) | (second3_ << 16u);
            uint k4_ = (first0_ >> 16u) | (second0_ & 4294901760u);
            uint k5_ = (first1_ >> 16u) | (second1_ & 4294901760u);
            uint k6_ = (first2_ >> 16u) | (second2_ & 4294901760u);
            uint k7_ = (first3_ >> 16u) | (second3_ & 4294901760u);
            uint _e349 = panel;
            uint _e351 = b;
            uint _e360 = words[(s_at + (((_e349 * blocks) + _e351) * 4u)) + (r_2 / 4u)];
            uint exponent = (_e360 >> (8u * (r_2 % 4u))) & 255u;
            float scale = as_type<float>((exponent < 2u) ? (1u << (21u + (exponent % 2u))) : ((exponent - 1u) << 23u));
            {
                uint _e383 = b;
                uint at_1 = (row0_ * blocks) + _e383;
                metal::uint4 low = qa[2u * at_1];
                metal::uint4 high = qa[(2u * at_1) + 1u];
                metal::uint2 of_block = qs[at_1];
                float _e401 = dot4_(k0_, low.x);
                float _e403 = dot4_(k1_, low.y);
                float _e406 = dot4_(k2_, low.z);
                float _e409 = dot4_(k3_, low.w);
                dot0_ = ((_e401 + _e403) + _e406) + _e409;
                float _e413 = dot4_(k4_, high.x);
                float _e415 = dot4_(k5_, high.y);
                float _e418 = dot4_(k6_, high.z);
                float _e421 = dot4_(k7_, high.w);
                dot1_ = ((_e413 + _e415) + _e418) + _e421;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e436 = dot0_;
                float _e437 = dot1_;
                float _e441 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e436 + _e437), scale * scale_a, _e441);
            }
            {
                uint _e444 = b;
                uint at_2 = (row1_ * blocks) + _e444;
                metal::uint4 low_1 = qa[2u * at_2];
                metal::uint4 high_1 = qa[(2u * at_2) + 1u];
                metal::uint2 of_block_1 = qs[at_2];
                float _e462 = dot4_(k0_, low_1.x);
                float _e464 = dot4_(k1_, low_1.y);
                float _e467 = dot4_(k2_, low_1.z);
                float _e470 = dot4_(k3_, low_1.w);
                dot0_1 = ((_e462 + _e464) + _e467) + _e470;
                float _e474 = dot4_(k4_, high_1.x);
                float _e476 = dot4_(k5_, high_1.y);
                float _e479 = dot4_(k6_, high_1.z);
                float _e482 = dot4_(k7_, high_1.w);
                dot1_1 = ((_e474 + _e476) + _e479) + _e482;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e497 = dot0_1;
                float _e498 = dot1_1;
                float _e502 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e497 + _e498), scale * scale_a_1, _e502);
            }
            {
                uint _e505 = b;
                uint at_3 = (row2_ * blocks) + _e505;
                metal::uint4 low_2 = qa[2u * at_3];
                metal::uint4 high_2 = qa[(2u * at_3) + 1u];
                metal::uint2 of_block_2 = qs[at_3];
                float _e523 = dot4_(k0_, low_2.x);
                float _e525 = dot4_(k1_, low_2.y);
                float _e528 = dot4_(k2_, low_2.z);
                float _e531 = dot4_(k3_, low_2.w);
                dot0_2 = ((_e523 + _e525) + _e528) + _e531;
                float _e535 = dot4_(k4_, high_2.x);
                float _e537 = dot4_(k5_, high_2.y);
                float _e540 = dot4_(k6_, high_2.z);
                float _e543 = dot4_(k7_, high_2.w);
                dot1_2 = ((_e535 + _e537) + _e540) + _e543;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e558 = dot0_2;
                float _e559 = dot1_2;
                float _e563 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e558 + _e559), scale * scale_a_2, _e563);
            }
            {
                uint _e566 = b;
                uint at_4 = (row3_ * blocks) + _e566;
                metal::uint4 low_3 = qa[2u * at_4];
                metal::uint4 high_3 = qa[(2u * at_4) + 1u];
                metal::uint2 of_block_3 = qs[at_4];
                float _e584 = dot4_(k0_, low_3.x);
                float _e586 = dot4_(k1_, low_3.y);
                float _e589 = dot4_(k2_, low_3.z);
                float _e592 = dot4_(k3_, low_3.w);
                dot0_3 = ((_e584 + _e586) + _e589) + _e592;
                float _e596 = dot4_(k4_, high_3.x);
                float _e598 = dot4_(k5_, high_3.y);
                float _e601 = dot4_(k6_, high_3.z);
                float _e604 = dot4_(k7_, high_3.w);
                dot1_3 = ((_e596 + _e598) + _e601) + _e604;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e619 = dot0_3;
                float _e620 = dot1_3;
                float _e624 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e619 + _e620), scale * scale_a_3, _e624);
            }
            {
                uint _e627 = b;
                uint at_5 = (row4_ * blocks) + _e627;
                metal::uint4 low_4 = qa[2u * at_5];
                metal::uint4 high_4 = qa[(2u * at_5) + 1u];
                metal::uint2 of_block_4 = qs[at_5];
                float _e645 = dot4_(k0_, low_4.x);
                float _e647 = dot4_(k1_, low_4.y);
                float _e650 = dot4_(k2_, low_4.z);
                float _e653 = dot4_(k3_, low_4.w);
                dot0_4 = ((_e645 + _e647) + _e650) + _e653;
                float _e657 = dot4_(k4_, high_4.x);
                float _e659 = dot4_(k5_, high_4.y);
                float _e662 = dot4_(k6_, high_4.z);
                float _e665 = dot4_(k7_, high_4.w);
                dot1_4 = ((_e657 + _e659) + _e662) + _e665;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e680 = dot0_4;
                float _e681 = dot1_4;
                float _e685 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e680 + _e681), scale * scale_a_4, _e685);
            }
            {
                uint _e688 = b;
                uint at_6 = (row5_ * blocks) + _e688;
                metal::uint4 low_5 = qa[2u * at_6];
                metal::uint4 high_5 = qa[(2u * at_6) + 1u];
                metal::uint2 of_block_5 = qs[at_6];
                float _e706 = dot4_(k0_, low_5.x);
                float _e708 = dot4_(k1_, low_5.y);
                float _e711 = dot4_(k2_, low_5.z);
                float _e714 = dot4_(k3_, low_5.w);
                dot0_5 = ((_e706 + _e708) + _e711) + _e714;
                float _e718 = dot4_(k4_, high_5.x);
                float _e720 = dot4_(k5_, high_5.y);
                float _e723 = dot4_(k6_, high_5.z);
                float _e726 = dot4_(k7_, high_5.w);
                dot1_5 = ((_e718 + _e720) + _e723) + _e726;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e741 = dot0_5;
                float _e742 = dot1_5;
                float _e746 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e741 + _e742), scale * scale_a_5, _e746);
            }
            {
                uint _e749 = b;
                uint at_7 = (row6_ * blocks) + _e749;
                metal::uint4 low_6 = qa[2u * at_7];
                metal::uint4 high_6 = qa[(2u * at_7) + 1u];
                metal::uint2 of_block_6 = qs[at_7];
                float _e767 = dot4_(k0_, low_6.x);
                float _e769 = dot4_(k1_, low_6.y);
                float _e772 = dot4_(k2_, low_6.z);
                float _e775 = dot4_(k3_, low_6.w);
                dot0_6 = ((_e767 + _e769) + _e772) + _e775;
                float _e779 = dot4_(k4_, high_6.x);
                float _e781 = dot4_(k5_, high_6.y);
                float _e784 = dot4_(k6_, high_6.z);
                float _e787 = dot4_(k7_, high_6.w);
                dot1_6 = ((_e779 + _e781) + _e784) + _e787;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e802 = dot0_6;
                float _e803 = dot1_6;
                float _e807 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e802 + _e803), scale * scale_a_6, _e807);
            }
            {
                uint _e810 = b;
                uint at_8 = (row7_ * blocks) + _e810;
                metal::uint4 low_7 = qa[2u * at_8];
                metal::uint4 high_7 = qa[(2u * at_8) + 1u];
                metal::uint2 of_block_7 = qs[at_8];
                float _e828 = dot4_(k0_, low_7.x);
                float _e830 = dot4_(k1_, low_7.y);
                float _e833 = dot4_(k2_, low_7.z);
                float _e836 = dot4_(k3_, low_7.w);
                dot0_7 = ((_e828 + _e830) + _e833) + _e836;
                float _e840 = dot4_(k4_, high_7.x);
                float _e842 = dot4_(k5_, high_7.y);
                float _e845 = dot4_(k6_, high_7.z);
                float _e848 = dot4_(k7_, high_7.w);
                dot1_7 = ((_e840 + _e842) + _e845) + _e848;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e863 = dot0_7;
                float _e864 = dot1_7;
                float _e868 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e863 + _e864), scale * scale_a_7, _e868);
            }
        }
    }
    float _e880 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e880;
    float _e888 = acc1_;
    sums.inner[((16u + s) * 16u) + r_2] = _e888;
    float _e896 = acc2_;
    sums.inner[((32u + s) * 16u) + r_2] = _e896;
    float _e904 = acc3_;
    sums.inner[((48u + s) * 16u) + r_2] = _e904;
    float _e912 = acc4_;
    sums.inner[((64u + s) * 16u) + r_2] = _e912;
    float _e920 = acc5_;
    sums.inner[((80u + s) * 16u) + r_2] = _e920;
    float _e928 = acc6_;
    sums.inner[((96u + s) * 16u) + r_2] = _e928;
    float _e936 = acc7_;
    sums.inner[((112u + s) * 16u) + r_2] = _e936;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 8u) {
        uint _e944 = p.rows;
        local_1 = row_1 < _e944;
    } else {
        local_1 = false;
    }
    bool _e947 = local_1;
    if (_e947) {
        uint _e950 = panel;
        uint _e955 = job;
        uint _e959 = lists[_e955 + 7u];
        local_2 = ((_e950 * 16u) + r_2) < _e959;
    } else {
        local_2 = false;
    }
    bool _e962 = local_2;
    if (_e962) {
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e983 = i_1;
                i_1 = _e983 + 1u;
            }
            loop_init_3 = false;
            uint _e967 = i_1;
            if (_e967 < 16u) {
            } else {
                break;
            }
            {
                float _e970 = dot;
                uint _e974 = i_1;
                float _e980 = sums.inner[(((s * 16u) + _e974) * 16u) + r_2];
                dot = _e970 + _e980;
            }
        }
        uint _e985 = job;
        uint _e986 = panel;
        float _e990 = dot;
        finish(_e985, row_1, (_e986 * 16u) + r_2, _e990, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
