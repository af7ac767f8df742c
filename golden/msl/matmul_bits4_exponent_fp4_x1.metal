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
    float inner[256];
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
    uint b = {};
    float dot0_ = {};
    float dot1_ = {};
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
    uint first_row = group.y * 1u;
    uint _e80 = p.rows;
    uint row0_ = metal::min(first_row + 0u, _e80 - 1u);
    uint _e91 = p.segment;
    bool _e94 = is_here;
    uint end = _e94 ? metal::min((s + 1u) * _e91, blocks) : 0u;
    uint _e98 = p.segment;
    b = s * _e98;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e374 = b;
            b = _e374 + 1u;
        }
        loop_init_2 = false;
        uint _e101 = b;
        if (_e101 < end) {
        } else {
            break;
        }
        {
            uint _e104 = panel;
            uint _e106 = b;
            metal::uint4 nibbles = w[(w_at + (((_e104 * blocks) + _e106) * 16u)) + r_2];
            uint both0_ = nibbles.x;
            uint both1_ = nibbles.y;
            uint both2_ = nibbles.z;
            uint both3_ = nibbles.w;
            uint _e122 = levels.inner[both0_ & 255u];
            uint _e129 = levels.inner[(both0_ >> 8u) & 255u];
            uint first0_ = _e122 | (_e129 << 8u);
            uint _e139 = levels.inner[(both0_ >> 16u) & 255u];
            uint _e144 = levels.inner[both0_ >> 24u];
            uint second0_ = _e139 | (_e144 << 8u);
            uint k0_ = (first0_ & 65535u) | (second0_ << 16u);
            uint _e157 = levels.inner[both1_ & 255u];
            uint _e164 = levels.inner[(both1_ >> 8u) & 255u];
            uint first1_ = _e157 | (_e164 << 8u);
            uint _e174 = levels.inner[(both1_ >> 16u) & 255u];
            uint _e179 = levels.inner[both1_ >> 24u];
            uint second1_ = _e174 | (_e179 << 8u);
            uint k1_ = (first1_ & 65535u) | (second1_ << 16u);
            uint _e192 = levels.inner[both2_ & 255u];
            uint _e199 = levels.inner[(both2_ >> 8u) & 255u];
            uint first2_ = _e192 | (_e199 << 8u);
            uint _e209 = levels.inner[(both2_ >> 16u) & 255u];
            uint _e214 = levels.inner[both2_ >> 24u];
            uint second2_ = _e209 | (_e214 << 8u);
            uint k2_ = (first2_ & 65535u) | (second2_ << 16u);
            uint _e227 = levels.inner[both3_ & 255u];
            uint _e234 = levels.inner[(both3_ >> 8u) & 255u];
            uint first3_ = _e227 | (_e234 << 8u);
            uint _e244 = levels.inner[(both3_ >> 16u) & 255u];
            uint _e249 = levels.inner[both3_ >> 24u];
            uint second3_ = _e244 | (_e249 << 8u);
            uint k3_ = (first3_ & 65535u) | (second3_ << 16u);
            uint k4_ = (first0_ >> 16u) | (second0_ & 4294901760u);
            uint k5_ = (first1_ >> 16u) | (second1_ & 4294901760u);
            uint k6_ = (first2_ >> 16u) | (second2_ & 4294901760u);
            uint k7_ = (first3_ >> 16u) | (second3_ & 4294901760u);
            uint _e279 = panel;
            uint _e281 = b;
            uint _e290 = words[(s_at + (((_e279 * blocks) + _e281) * 4u)) + (r_2 / 4u)];
            uint exponent = (_e290 >> (8u * (r_2 % 4u))) & 255u;
            float scale = as_type<float>((exponent < 2u) ? (1u << (21u + (exponent % 2u))) : ((exponent - 1u) << 23u));
            {
                uint _e313 = b;
                uint at_1 = (row0_ * blocks) + _e313;
                metal::uint4 low = qa[2u * at_1];
                metal::uint4 high = qa[(2u * at_1) + 1u];
                metal::uint2 of_block = qs[at_1];
                float _e331 = dot4_(k0_, low.x);
                float _e333 = dot4_(k1_, low.y);
                float _e336 = dot4_(k2_, low.z);
                float _e339 = dot4_(k3_, low.w);
                dot0_ = ((_e331 + _e333) + _e336) + _e339;
                float _e343 = dot4_(k4_, high.x);
                float _e345 = dot4_(k5_, high.y);
                float _e348 = dot4_(k6_, high.z);
                float _e351 = dot4_(k7_, high.w);
                dot1_ = ((_e343 + _e345) + _e348) + _e351;
                float scale_a = as_type<float>(of_block.x);
                int sum0_ = as_type<int>(of_block.y << 16u) >> 16u;
                int sum1_ = as_type<int>(of_block.y) >> 16u;
                float _e366 = dot0_;
                float _e367 = dot1_;
                float _e371 = acc0_;
                acc0_ = metal::fma(static_cast<float>(_e366 + _e367), scale * scale_a, _e371);
            }
        }
    }
    float _e383 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e383;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 1u) {
        uint _e391 = p.rows;
        local_1 = row_1 < _e391;
    } else {
        local_1 = false;
    }
    bool _e394 = local_1;
    if (_e394) {
        uint _e397 = panel;
        uint _e402 = job;
        uint _e406 = lists[_e402 + 7u];
        local_2 = ((_e397 * 16u) + r_2) < _e406;
    } else {
        local_2 = false;
    }
    bool _e409 = local_2;
    if (_e409) {
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e430 = i_1;
                i_1 = _e430 + 1u;
            }
            loop_init_3 = false;
            uint _e414 = i_1;
            if (_e414 < 16u) {
            } else {
                break;
            }
            {
                float _e417 = dot;
                uint _e421 = i_1;
                float _e427 = sums.inner[(((s * 16u) + _e421) * 16u) + r_2];
                dot = _e417 + _e427;
            }
        }
        uint _e432 = job;
        uint _e433 = panel;
        float _e437 = dot;
        finish(_e432, row_1, (_e433 * 16u) + r_2, _e437, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
