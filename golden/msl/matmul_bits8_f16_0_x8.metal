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
            uint _e711 = b;
            b = _e711 + 1u;
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
            metal::uint4 low = w[(w_at + (((_e174 * blocks) + _e176) * 32u)) + r_2];
            uint _e185 = panel;
            uint _e187 = b;
            metal::uint4 high = w[((w_at + (((_e185 * blocks) + _e187) * 32u)) + 16u) + r_2];
            uint k0_ = low.x;
            uint k1_ = low.y;
            uint k2_ = low.z;
            uint k3_ = low.w;
            uint k4_ = high.x;
            uint k5_ = high.y;
            uint k6_ = high.z;
            uint k7_ = high.w;
            uint _e206 = panel;
            uint _e208 = b;
            uint _e217 = words[(s_at + (((_e206 * blocks) + _e208) * 8u)) + (r_2 / 2u)];
            float scale = float2(as_type<half2>(_e217))[r_2 % 2u];
            {
                uint _e223 = b;
                uint at_1 = (row0_ * blocks) + _e223;
                metal::uint4 low_1 = qa[2u * at_1];
                metal::uint4 high_1 = qa[(2u * at_1) + 1u];
                metal::uint2 of_block = qs[at_1];
                float _e241 = dot4_(k0_, low_1.x);
                float _e243 = dot4_(k1_, low_1.y);
                float _e246 = dot4_(k2_, low_1.z);
                float _e249 = dot4_(k3_, low_1.w);
                dot0_ = ((_e241 + _e243) + _e246) + _e249;
                float _e253 = dot4_(k4_, high_1.x);
                float _e255 = dot4_(k5_, high_1.y);
                float _e258 = dot4_(k6_, high_1.z);
                float _e261 = dot4_(k7_, high_1.w);
                dot1_ = ((_e253 + _e255) + _e258) + _e261;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e276 = dot0_;
                float _e277 = dot1_;
                float _e281 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e276 + _e277), scale * scale_a, _e281);
            }
            {
                uint _e284 = b;
                uint at_2 = (row1_ * blocks) + _e284;
                metal::uint4 low_2 = qa[2u * at_2];
                metal::uint4 high_2 = qa[(2u * at_2) + 1u];
                metal::uint2 of_block_1 = qs[at_2];
                float _e302 = dot4_(k0_, low_2.x);
                float _e304 = dot4_(k1_, low_2.y);
                float _e307 = dot4_(k2_, low_2.z);
                float _e310 = dot4_(k3_, low_2.w);
                dot0_1 = ((_e302 + _e304) + _e307) + _e310;
                float _e314 = dot4_(k4_, high_2.x);
                float _e316 = dot4_(k5_, high_2.y);
                float _e319 = dot4_(k6_, high_2.z);
                float _e322 = dot4_(k7_, high_2.w);
                dot1_1 = ((_e314 + _e316) + _e319) + _e322;
                float scale_a_1 = as_type<float>(of_block_1.x);
                int sum0_1 = as_type<int>(of_block_1.y << 16u) >> 16u;
                int sum1_1 = as_type<int>(of_block_1.y) >> 16u;
                float _e337 = dot0_1;
                float _e338 = dot1_1;
                float _e342 = acc1_;
                acc1_ = metal::fma(static_cast<float>(_e337 + _e338), scale * scale_a_1, _e342);
            }
            {
                uint _e345 = b;
                uint at_3 = (row2_ * blocks) + _e345;
                metal::uint4 low_3 = qa[2u * at_3];
                metal::uint4 high_3 = qa[(2u * at_3) + 1u];
                metal::uint2 of_block_2 = qs[at_3];
                float _e363 = dot4_(k0_, low_3.x);
                float _e365 = dot4_(k1_, low_3.y);
                float _e368 = dot4_(k2_, low_3.z);
                float _e371 = dot4_(k3_, low_3.w);
                dot0_2 = ((_e363 + _e365) + _e368) + _e371;
                float _e375 = dot4_(k4_, high_3.x);
                float _e377 = dot4_(k5_, high_3.y);
                float _e380 = dot4_(k6_, high_3.z);
                float _e383 = dot4_(k7_, high_3.w);
                dot1_2 = ((_e375 + _e377) + _e380) + _e383;
                float scale_a_2 = as_type<float>(of_block_2.x);
                int sum0_2 = as_type<int>(of_block_2.y << 16u) >> 16u;
                int sum1_2 = as_type<int>(of_block_2.y) >> 16u;
                float _e398 = dot0_2;
                float _e399 = dot1_2;
                float _e403 = acc2_;
                acc2_ = metal::fma(static_cast<float>(_e398 + _e399), scale * scale_a_2, _e403);
            }
            {
                uint _e406 = b;
                uint at_4 = (row3_ * blocks) + _e406;
                metal::uint4 low_4 = qa[2u * at_4];
                metal::uint4 high_4 = qa[(2u * at_4) + 1u];
                metal::uint2 of_block_3 = qs[at_4];
                float _e424 = dot4_(k0_, low_4.x);
                float _e426 = dot4_(k1_, low_4.y);
                float _e429 = dot4_(k2_, low_4.z);
                float _e432 = dot4_(k3_, low_4.w);
                dot0_3 = ((_e424 + _e426) + _e429) + _e432;
                float _e436 = dot4_(k4_, high_4.x);
                float _e438 = dot4_(k5_, high_4.y);
                float _e441 = dot4_(k6_, high_4.z);
                float _e444 = dot4_(k7_, high_4.w);
                dot1_3 = ((_e436 + _e438) + _e441) + _e444;
                float scale_a_3 = as_type<float>(of_block_3.x);
                int sum0_3 = as_type<int>(of_block_3.y << 16u) >> 16u;
                int sum1_3 = as_type<int>(of_block_3.y) >> 16u;
                float _e459 = dot0_3;
                float _e460 = dot1_3;
                float _e464 = acc3_;
                acc3_ = metal::fma(static_cast<float>(_e459 + _e460), scale * scale_a_3, _e464);
            }
            {
                uint _e467 = b;
                uint at_5 = (row4_ * blocks) + _e467;
                metal::uint4 low_5 = qa[2u * at_5];
                metal::uint4 high_5 = qa[(2u * at_5) + 1u];
                metal::uint2 of_block_4 = qs[at_5];
                float _e485 = dot4_(k0_, low_5.x);
                float _e487 = dot4_(k1_, low_5.y);
                float _e490 = dot4_(k2_, low_5.z);
                float _e493 = dot4_(k3_, low_5.w);
                dot0_4 = ((_e485 + _e487) + _e490) + _e493;
                float _e497 = dot4_(k4_, high_5.x);
                float _e499 = dot4_(k5_, high_5.y);
                float _e502 = dot4_(k6_, high_5.z);
                float _e505 = dot4_(k7_, high_5.w);
                dot1_4 = ((_e497 + _e499) + _e502) + _e505;
                float scale_a_4 = as_type<float>(of_block_4.x);
                int sum0_4 = as_type<int>(of_block_4.y << 16u) >> 16u;
                int sum1_4 = as_type<int>(of_block_4.y) >> 16u;
                float _e520 = dot0_4;
                float _e521 = dot1_4;
                float _e525 = acc4_;
                acc4_ = metal::fma(static_cast<float>(_e520 + _e521), scale * scale_a_4, _e525);
            }
            {
                uint _e528 = b;
                uint at_6 = (row5_ * blocks) + _e528;
                metal::uint4 low_6 = qa[2u * at_6];
                metal::uint4 high_6 = qa[(2u * at_6) + 1u];
                metal::uint2 of_block_5 = qs[at_6];
                float _e546 = dot4_(k0_, low_6.x);
                float _e548 = dot4_(k1_, low_6.y);
                float _e551 = dot4_(k2_, low_6.z);
                float _e554 = dot4_(k3_, low_6.w);
                dot0_5 = ((_e546 + _e548) + _e551) + _e554;
                float _e558 = dot4_(k4_, high_6.x);
                float _e560 = dot4_(k5_, high_6.y);
                float _e563 = dot4_(k6_, high_6.z);
                float _e566 = dot4_(k7_, high_6.w);
                dot1_5 = ((_e558 + _e560) + _e563) + _e566;
                float scale_a_5 = as_type<float>(of_block_5.x);
                int sum0_5 = as_type<int>(of_block_5.y << 16u) >> 16u;
                int sum1_5 = as_type<int>(of_block_5.y) >> 16u;
                float _e581 = dot0_5;
                float _e582 = dot1_5;
                float _e586 = acc5_;
                acc5_ = metal::fma(static_cast<float>(_e581 + _e582), scale * scale_a_5, _e586);
            }
            {
                uint _e589 = b;
                uint at_7 = (row6_ * blocks) + _e589;
                metal::uint4 low_7 = qa[2u * at_7];
                metal::uint4 high_7 = qa[(2u * at_7) + 1u];
                metal::uint2 of_block_6 = qs[at_7];
                float _e607 = dot4_(k0_, low_7.x);
                float _e609 = dot4_(k1_, low_7.y);
                float _e612 = dot4_(k2_, low_7.z);
                float _e615 = dot4_(k3_, low_7.w);
                dot0_6 = ((_e607 + _e609) + _e612) + _e615;
                float _e619 = dot4_(k4_, high_7.x);
                float _e621 = dot4_(k5_, high_7.y);
                float _e624 = dot4_(k6_, high_7.z);
                float _e627 = dot4_(k7_, high_7.w);
                dot1_6 = ((_e619 + _e621) + _e624) + _e627;
                float scale_a_6 = as_type<float>(of_block_6.x);
                int sum0_6 = as_type<int>(of_block_6.y << 16u) >> 16u;
                int sum1_6 = as_type<int>(of_block_6.y) >> 16u;
                float _e642 = dot0_6;
                float _e643 = dot1_6;
                float _e647 = acc6_;
                acc6_ = metal::fma(static_cast<float>(_e642 + _e643), scale * scale_a_6, _e647);
            }
            {
                uint _e650 = b;
                uint at_8 = (row7_ * blocks) + _e650;
                metal::uint4 low_8 = qa[2u * at_8];
                metal::uint4 high_8 = qa[(2u * at_8) + 1u];
                metal::uint2 of_block_7 = qs[at_8];
                float _e668 = dot4_(k0_, low_8.x);
                float _e670 = dot4_(k1_, low_8.y);
                float _e673 = dot4_(k2_, low_8.z);
                float _e676 = dot4_(k3_, low_8.w);
                dot0_7 = ((_e668 + _e670) + _e673) + _e676;
                float _e680 = dot4_(k4_, high_8.x);
                float _e682 = dot4_(k5_, high_8.y);
                float _e685 = dot4_(k6_, high_8.z);
                float _e688 = dot4_(k7_, high_8.w);
                dot1_7 = ((_e680 + _e682) + _e685) + _e688;
                float scale_a_7 = as_type<float>(of_block_7.x);
                int sum0_7 = as_type<int>(of_block_7.y << 16u) >> 16u;
                int sum1_7 = as_type<int>(of_block_7.y) >> 16u;
                float _e703 = dot0_7;
                float _e704 = dot1_7;
                float _e708 = acc7_;
                acc7_ = metal::fma(static_cast<float>(_e703 + _e704), scale * scale_a_7, _e708);
            }
        }
    }
    float _e720 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e720;
    float _e728 = acc1_;
    sums.inner[((16u + s) * 16u) + r_2] = _e728;
    float _e736 = acc2_;
    sums.inner[((32u + s) * 16u) + r_2] = _e736;
    float _e744 = acc3_;
    sums.inner[((48u + s) * 16u) + r_2] = _e744;
    float _e752 = acc4_;
    sums.inner[((64u + s) * 16u) + r_2] = _e752;
    float _e760 = acc5_;
    sums.inner[((80u + s) * 16u) + r_2] = _e760;
    float _e768 = acc6_;
    sums.inner[((96u + s) * 16u) + r_2] = _e768;
    float _e776 = acc7_;
    sums.inner[((112u + s) * 16u) + r_2] = _e776;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 8u) {
        uint _e784 = p.rows;
        local_1 = row_1 < _e784;
    } else {
        local_1 = false;
    }
    bool _e787 = local_1;
    if (_e787) {
        uint _e790 = panel;
        uint _e795 = job;
        uint _e799 = lists[_e795 + 7u];
        local_2 = ((_e790 * 16u) + r_2) < _e799;
    } else {
        local_2 = false;
    }
    bool _e802 = local_2;
    if (_e802) {
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e823 = i_1;
                i_1 = _e823 + 1u;
            }
            loop_init_2 = false;
            uint _e807 = i_1;
            if (_e807 < 16u) {
            } else {
                break;
            }
            {
                float _e810 = dot;
                uint _e814 = i_1;
                float _e820 = sums.inner[(((s * 16u) + _e814) * 16u) + r_2];
                dot = _e810 + _e820;
            }
        }
        uint _e825 = job;
        uint _e826 = panel;
        float _e830 = dot;
        finish(_e825, row_1, (_e826 * 16u) + r_2, _e830, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
