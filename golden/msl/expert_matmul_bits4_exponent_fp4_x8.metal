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
, device type_3 const& sorted [[buffer(8)]]
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
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e963 = b;
            b = _e963 + 1u;
        }
        loop_init_2 = false;
        uint _e263 = b;
        if (_e263 < end) {
        } else {
            break;
        }
        {
            uint _e266 = panel;
            uint _e268 = b;
            metal::uint4 nibbles = w[(w_at + (((_e266 * blocks) + _e268) * 16u)) + r_1];
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
            uint _e441 = panel;
            uint _e443 = b;
            uint _e452 = words[(s_at + (((_e441 * blocks) + _e443) * 4u)) + (r_1 / 4u)];
            uint exponent = (_e452 >> (8u * (r_1 % 4u))) & 255u;
            float scale = as_type<float>((exponent < 2u) ? (1u << (21u + (exponent % 2u))) : ((exponent - 1u) << 23u));
            {
                uint _e475 = b;
                uint at = (row0_ * blocks) + _e475;
                metal::uint4 low = qa[2u * at];
                metal::uint4 high = qa[(2u * at) + 1u];
                metal::uint2 of_block = qs[at];
                float _e493 = dot4_(k0_, low.x);
                float _e495 = dot4_(k1_, low.y);
                float _e498 = dot4_(k2_, low.z);
                float _e501 = dot4_(k3_, low.w);
                dot0_ = ((_e493 + _e495) + _e498) + _e501;
                float _e505 = dot4_(k4_, high.x);
                float _e507 = dot4_(k5_, high.y);
                float _e510 = dot4_(k6_, high.z);
                float _e513 = dot4_(k7_, high.w);
                dot1_ = ((_e505 + _e507) + _e510) + _e513;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e528 = dot0_;
                float _e529 = dot1_;
                float _e533 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e528 + _e529), scale * scale_a, _e533);
            }
            {
                uint _e536 = b;
                uint at_1 = (row1_ * blocks) + _e536;
                metal::uint4 low_1 = qa[2u * at_1];
                metal::uint4 high_1 = qa[(2u * at_1) + 1u];
                metal::uint2 of_block_1 = qs[at_1];
                float _e554 = dot4_(k0_, low_1.x);
                float _e556 = dot4_(k1_, low_1.y);
                float _e559 = dot4_(k2_, low_1.z);
                float _e562 = dot4_(k3_, low_1.w);
                dot0_1 = ((_e554 + _e556) + _e559) + _e562;
                float _e566 = dot4_(k4_, high_1.x);
                float _e568 = dot4_(k5_, high_1.y);
                float _e571 = dot4_(k6_, high_1.z);
                float _e574 = dot4_(k7_, high_1.w);
                dot1_1 = ((_e566 + _e568) + _e571) + _e574;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e589 = dot0_1;
                float _e590 = dot1_1;
                float _e594 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e589 + _e590), scale * scale_a_1, _e594);
            }
            {
                uint _e597 = b;
                uint at_2 = (row2_ * blocks) + _e597;
                metal::uint4 low_2 = qa[2u * at_2];
                metal::uint4 high_2 = qa[(2u * at_2) + 1u];
                metal::uint2 of_block_2 = qs[at_2];
                float _e615 = dot4_(k0_, low_2.x);
                float _e617 = dot4_(k1_, low_2.y);
                float _e620 = dot4_(k2_, low_2.z);
                float _e623 = dot4_(k3_, low_2.w);
                dot0_2 = ((_e615 + _e617) + _e620) + _e623;
                float _e627 = dot4_(k4_, high_2.x);
                float _e629 = dot4_(k5_, high_2.y);
                float _e632 = dot4_(k6_, high_2.z);
                float _e635 = dot4_(k7_, high_2.w);
                dot1_2 = ((_e627 + _e629) + _e632) + _e635;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e650 = dot0_2;
                float _e651 = dot1_2;
                float _e655 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e650 + _e651), scale * scale_a_2, _e655);
            }
            {
                uint _e658 = b;
                uint at_3 = (row3_ * blocks) + _e658;
                metal::uint4 low_3 = qa[2u * at_3];
                metal::uint4 high_3 = qa[(2u * at_3) + 1u];
                metal::uint2 of_block_3 = qs[at_3];
                float _e676 = dot4_(k0_, low_3.x);
                float _e678 = dot4_(k1_, low_3.y);
                float _e681 = dot4_(k2_, low_3.z);
                float _e684 = dot4_(k3_, low_3.w);
                dot0_3 = ((_e676 + _e678) + _e681) + _e684;
                float _e688 = dot4_(k4_, high_3.x);
                float _e690 = dot4_(k5_, high_3.y);
                float _e693 = dot4_(k6_, high_3.z);
                float _e696 = dot4_(k7_, high_3.w);
                dot1_3 = ((_e688 + _e690) + _e693) + _e696;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e711 = dot0_3;
                float _e712 = dot1_3;
                float _e716 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e711 + _e712), scale * scale_a_3, _e716);
            }
            {
                uint _e719 = b;
                uint at_4 = (row4_ * blocks) + _e719;
                metal::uint4 low_4 = qa[2u * at_4];
                metal::uint4 high_4 = qa[(2u * at_4) + 1u];
                metal::uint2 of_block_4 = qs[at_4];
                float _e737 = dot4_(k0_, low_4.x);
                float _e739 = dot4_(k1_, low_4.y);
                float _e742 = dot4_(k2_, low_4.z);
                float _e745 = dot4_(k3_, low_4.w);
                dot0_4 = ((_e737 + _e739) + _e742) + _e745;
                float _e749 = dot4_(k4_, high_4.x);
                float _e751 = dot4_(k5_, high_4.y);
                float _e754 = dot4_(k6_, high_4.z);
                float _e757 = dot4_(k7_, high_4.w);
                dot1_4 = ((_e749 + _e751) + _e754) + _e757;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e772 = dot0_4;
                float _e773 = dot1_4;
                float _e777 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e772 + _e773), scale * scale_a_4, _e777);
            }
            {
                uint _e780 = b;
                uint at_5 = (row5_ * blocks) + _e780;
                metal::uint4 low_5 = qa[2u * at_5];
                metal::uint4 high_5 = qa[(2u * at_5) + 1u];
                metal::uint2 of_block_5 = qs[at_5];
                float _e798 = dot4_(k0_, low_5.x);
                float _e800 = dot4_(k1_, low_5.y);
                float _e803 = dot4_(k2_, low_5.z);
                float _e806 = dot4_(k3_, low_5.w);
                dot0_5 = ((_e798 + _e800) + _e803) + _e806;
                float _e810 = dot4_(k4_, high_5.x);
                float _e812 = dot4_(k5_, high_5.y);
                float _e815 = dot4_(k6_, high_5.z);
                float _e818 = dot4_(k7_, high_5.w);
                dot1_5 = ((_e810 + _e812) + _e815) + _e818;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e833 = dot0_5;
                float _e834 = dot1_5;
                float _e838 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e833 + _e834), scale * scale_a_5, _e838);
            }
            {
                uint _e841 = b;
                uint at_6 = (row6_ * blocks) + _e841;
                metal::uint4 low_6 = qa[2u * at_6];
                metal::uint4 high_6 = qa[(2u * at_6) + 1u];
                metal::uint2 of_block_6 = qs[at_6];
                float _e859 = dot4_(k0_, low_6.x);
                float _e861 = dot4_(k1_, low_6.y);
                float _e864 = dot4_(k2_, low_6.z);
                float _e867 = dot4_(k3_, low_6.w);
                dot0_6 = ((_e859 + _e861) + _e864) + _e867;
                float _e871 = dot4_(k4_, high_6.x);
                float _e873 = dot4_(k5_, high_6.y);
                float _e876 = dot4_(k6_, high_6.z);
                float _e879 = dot4_(k7_, high_6.w);
                dot1_6 = ((_e871 + _e873) + _e876) + _e879;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e894 = dot0_6;
                float _e895 = dot1_6;
                float _e899 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e894 + _e895), scale * scale_a_6, _e899);
            }
            {
                uint _e902 = b;
                uint at_7 = (row7_ * blocks) + _e902;
                metal::uint4 low_7 = qa[2u * at_7];
                metal::uint4 high_7 = qa[(2u * at_7) + 1u];
                metal::uint2 of_block_7 = qs[at_7];
                float _e920 = dot4_(k0_, low_7.x);
                float _e922 = dot4_(k1_, low_7.y);
                float _e925 = dot4_(k2_, low_7.z);
                float _e928 = dot4_(k3_, low_7.w);
                dot0_7 = ((_e920 + _e922) + _e925) + _e928;
                float _e932 = dot4_(k4_, high_7.x);
                float _e934 = dot4_(k5_, high_7.y);
                float _e937 = dot4_(k6_, high_7.z);
                float _e940 = dot4_(k7_, high_7.w);
                dot1_7 = ((_e932 + _e934) + _e937) + _e940;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e955 = dot0_7;
                float _e956 = dot1_7;
                float _e960 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e955 + _e956), scale * scale_a_7, _e960);
            }
        }
    }
    float _e972 = acc0_;
    sums.inner[((0u + s) * 16u) + r_1] = _e972;
    float _e980 = acc1_;
    sums.inner[((16u + s) * 16u) + r_1] = _e980;
    float _e988 = acc2_;
    sums.inner[((32u + s) * 16u) + r_1] = _e988;
    float _e996 = acc3_;
    sums.inner[((48u + s) * 16u) + r_1] = _e996;
    float _e1004 = acc4_;
    sums.inner[((64u + s) * 16u) + r_1] = _e1004;
    float _e1012 = acc5_;
    sums.inner[((80u + s) * 16u) + r_1] = _e1012;
    float _e1020 = acc6_;
    sums.inner[((96u + s) * 16u) + r_1] = _e1020;
    float _e1028 = acc7_;
    sums.inner[((112u + s) * 16u) + r_1] = _e1028;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < count) {
        bool _e1033 = is_here;
        local_1 = _e1033;
    } else {
        local_1 = false;
    }
    bool _e1035 = local_1;
    if (_e1035) {
        uint _e1040 = job;
        uint _e1044 = lists[_e1040 + 5u];
        local_2 = (index_1 + r_1) < _e1044;
    } else {
        local_2 = false;
    }
    bool _e1047 = local_2;
    if (_e1047) {
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e1068 = i_1;
                i_1 = _e1068 + 1u;
            }
            loop_init_3 = false;
            uint _e1052 = i_1;
            if (_e1052 < 16u) {
            } else {
                break;
            }
            {
                float _e1055 = dot;
                uint _e1059 = i_1;
                float _e1065 = sums.inner[(((s * 16u) + _e1059) * 16u) + r_1];
                dot = _e1055 + _e1065;
            }
        }
        uint _e1070 = job;
        uint _e1074 = sorted[first_pair + s];
        float _e1076 = dot;
        finish_expert(_e1070, _e1074, expert_1, index_1 + r_1, _e1076, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
