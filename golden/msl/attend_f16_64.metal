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
typedef metal::uint2 type_5[1];
struct P {
    uint q;
    uint y;
    uint heads;
    uint kv_heads;
    uint head_dim;
    uint groups;
    uint positions;
    uint tables;
    uint window_kind;
    uint window;
    float scale;
    float cap;
    uint slopes;
    uint sinks;
    uint quantise;
    uint value_dim;
    uint stored_dim;
};
struct type_8 {
    uint inner[64];
};
struct type_9 {
    int inner[64];
};
struct type_11 {
    float inner[256];
};
struct type_12 {
    float inner[4];
};
constant uint NONE = 4294967295u;
constant uint SEGMENT = 512u;
constant uint SEGMENT_TILES = 8u;

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

float joined(
    float sum,
    float growth,
    float next,
    float next_growth
) {
    return metal::fma(sum, growth, next * next_growth);
}

uint first_position(
    uint position,
    constant P& p
) {
    uint _e3 = p.window_kind;
    if (_e3 == 1u) {
        uint _e11 = p.window;
        uint _e17 = p.window;
        return ((position + 1u) > _e17) ? ((position + 1u) - _e11) : 0u;
    }
    uint _e22 = p.window_kind;
    if (_e22 == 2u) {
        uint _e27 = p.window;
        uint _e31 = p.window;
        return (position / _e27) * _e31;
    }
    return 0u;
}

uint head_words(
    uint head_dim
) {
    return (head_dim + 1u) / 2u;
}

metal::int4 naga_f2i32(metal::float4 value) {
    return static_cast<metal::int4>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

void quantise4_(
    metal::float4 v,
    uint lid_1,
    uint word,
    bool live,
    device type_3& qa,
    device type_5& qs,
    threadgroup type_8& q_max,
    threadgroup type_9& q_sum,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint amax = 0u;
    uint i_4 = 0u;
    bool local_38 = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i_4;
            i_4 = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i_4;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i_4;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local_38 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_38 = true;
    }
    bool zero = local_38;
    float inverse = zero ? 0.0 : (127.0 / largest);
    metal::int4 q = zero ? metal::int4(0) : naga_f2i32(metal::rint(v * inverse));
    q_sum.inner[lid_1] = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(q.x) + as_type<uint>(q.y))) + as_type<uint>(q.z))) + as_type<uint>(q.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (live) {
        qa[word] = as_type<uint>(packed_char4(q));
        if (lid_1 == first) {
            int _e75 = q_sum.inner[lid_1];
            int _e80 = q_sum.inner[lid_1 + 1u];
            int _e86 = q_sum.inner[lid_1 + 2u];
            int _e92 = q_sum.inner[lid_1 + 3u];
            int low_1 = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e75) + as_type<uint>(_e80))) + as_type<uint>(_e86))) + as_type<uint>(_e92));
            int _e98 = q_sum.inner[lid_1 + 4u];
            int _e103 = q_sum.inner[lid_1 + 5u];
            int _e109 = q_sum.inner[lid_1 + 6u];
            int _e115 = q_sum.inner[lid_1 + 7u];
            int high_1 = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e98) + as_type<uint>(_e103))) + as_type<uint>(_e109))) + as_type<uint>(_e115));
            scale = zero ? 0u : as_type<uint>(largest / 127.0);
            uint _e123 = scale;
            uint _e124 = amax;
            scale = poisoned ? (_e124 | 2143289344u) : _e123;
            uint _e132 = scale;
            qs[word / 8u] = metal::uint2(_e132, (static_cast<uint>(low_1) & 65535u) | (static_cast<uint>(high_1) << 16u));
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}

float dot_one(
    uint from,
    uint at,
    device type_3 const& keys,
    constant P& p,
    threadgroup type_11& query,
    constant _mslBufferSizes& _buffer_sizes
) {
    float acc = 0.0;
    uint w = 0u;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e44 = w;
            w = _e44 + 1u;
        }
        loop_init_1 = false;
        uint _e6 = w;
        uint _e9 = p.head_dim;
        if (_e6 < ((_e9 + 1u) / 2u)) {
        } else {
            break;
        }
        {
            uint _e16 = w;
            uint _e19 = keys[at + _e16];
            metal::float2 k = float2(as_type<half2>(_e19));
            uint _e23 = w;
            float _e27 = query.inner[from + (2u * _e23)];
            float _e29 = acc;
            acc = metal::fma(_e27, k.x, _e29);
            uint _e33 = w;
            float _e39 = query.inner[(from + (2u * _e33)) + 1u];
            float _e41 = acc;
            acc = metal::fma(_e39, k.y, _e41);
        }
    }
    float _e46 = acc;
    return _e46;
}

void dot_all(
    uint at_1,
    device type_3 const& keys,
    constant P& p,
    threadgroup type_11& query,
    thread type_12& dots,
    constant _mslBufferSizes& _buffer_sizes
) {
    float acc0_ = 0.0;
    float acc1_ = 0.0;
    float acc2_ = 0.0;
    float acc3_ = 0.0;
    uint w_1 = 0u;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e123 = w_1;
            w_1 = _e123 + 1u;
        }
        loop_init_2 = false;
        uint _e11 = w_1;
        uint _e14 = p.head_dim;
        if (_e11 < ((_e14 + 1u) / 2u)) {
        } else {
            break;
        }
        {
            uint _e21 = w_1;
            uint _e24 = keys[at_1 + _e21];
            metal::float2 k_1 = float2(as_type<half2>(_e24));
            uint _e29 = w_1;
            float _e33 = query.inner[0u + (2u * _e29)];
            float _e35 = acc0_;
            acc0_ = metal::fma(_e33, k_1.x, _e35);
            uint _e40 = w_1;
            float _e46 = query.inner[(0u + (2u * _e40)) + 1u];
            float _e48 = acc0_;
            acc0_ = metal::fma(_e46, k_1.y, _e48);
            uint _e53 = w_1;
            float _e57 = query.inner[64u + (2u * _e53)];
            float _e59 = acc1_;
            acc1_ = metal::fma(_e57, k_1.x, _e59);
            uint _e64 = w_1;
            float _e70 = query.inner[(64u + (2u * _e64)) + 1u];
            float _e72 = acc1_;
            acc1_ = metal::fma(_e70, k_1.y, _e72);
            uint _e77 = w_1;
            float _e81 = query.inner[128u + (2u * _e77)];
            float _e83 = acc2_;
            acc2_ = metal::fma(_e81, k_1.x, _e83);
            uint _e88 = w_1;
            float _e94 = query.inner[(128u + (2u * _e88)) + 1u];
            float _e96 = acc2_;
            acc2_ = metal::fma(_e94, k_1.y, _e96);
            uint _e101 = w_1;
            float _e105 = query.inner[192u + (2u * _e101)];
            float _e107 = acc3_;
            acc3_ = metal::fma(_e105, k_1.x, _e107);
            uint _e112 = w_1;
            float _e118 = query.inner[(192u + (2u * _e112)) + 1u];
            float _e120 = acc3_;
            acc3_ = metal::fma(_e118, k_1.y, _e120);
        }
    }
    float _e127 = acc0_;
    dots.inner[0] = _e127;
    float _e130 = acc1_;
    dots.inner[1] = _e130;
    float _e133 = acc2_;
    dots.inner[2] = _e133;
    float _e136 = acc3_;
    dots.inner[3] = _e136;
    return;
}

float value_at(
    uint at_2,
    uint d_4,
    device type_3 const& values,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e7 = values[at_2 + (d_4 / 2u)];
    return float2(as_type<half2>(_e7))[d_4 % 2u];
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, device type_1 const& vectors [[buffer(2)]]
, device type_3 const& lists [[buffer(3)]]
, device type_3 const& keys [[buffer(4)]]
, device type_3 const& values [[buffer(5)]]
, device type_3& qa [[buffer(6)]]
, device type_5& qs [[buffer(7)]]
, device type_1& parts [[buffer(8)]]
, constant P& p [[buffer(9)]]
, threadgroup type_8& q_max
, threadgroup type_9& q_sum
, threadgroup type_11& query
, threadgroup type_11& scores
, threadgroup type_11& shares
, threadgroup type_8& places
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    type_12 dots = {};
    uint d = {};
    float all_m0_ = -340282350000000000000000000000000000000.0;
    float all_l0_ = 0.0;
    float all0_0_ = 0.0;
    uint d_1 = {};
    float all_m1_ = -340282350000000000000000000000000000000.0;
    float all_l1_ = 0.0;
    float all1_0_ = 0.0;
    uint d_2 = {};
    float all_m2_ = -340282350000000000000000000000000000000.0;
    float all_l2_ = 0.0;
    float all2_0_ = 0.0;
    uint d_3 = {};
    float all_m3_ = -340282350000000000000000000000000000000.0;
    float all_l3_ = 0.0;
    float all3_0_ = 0.0;
    uint segment = NONE;
    uint end_segment = 0u;
    float m0_ = {};
    float l0_ = {};
    float acc0_0_ = {};
    float m1_ = {};
    float l1_ = {};
    float acc1_0_ = {};
    float m2_ = {};
    float l2_ = {};
    float acc2_0_ = {};
    float m3_ = {};
    float l3_ = {};
    float acc3_0_ = {};
    uint turn = {};
    uint table = {};
    uint tile = {};
    uint end = {};
    uint low = {};
    uint high = {};
    uint first0_ = {};
    uint last0_ = {};
    bool local = {};
    bool local_1 = {};
    bool local_2 = {};
    bool local_3 = {};
    uint first1_ = {};
    uint last1_ = {};
    bool local_4 = {};
    bool local_5 = {};
    bool local_6 = {};
    bool local_7 = {};
    uint first2_ = {};
    uint last2_ = {};
    bool local_8 = {};
    bool local_9 = {};
    bool local_10 = {};
    bool local_11 = {};
    uint first3_ = {};
    uint last3_ = {};
    bool local_12 = {};
    bool local_13 = {};
    bool local_14 = {};
    bool local_15 = {};
    bool local_16 = {};
    bool local_17 = {};
    float s = {};
    bool local_18 = {};
    float s_1 = {};
    bool local_19 = {};
    float s_2 = {};
    bool local_20 = {};
    float s_3 = {};
    bool local_21 = {};
    float sum0_ = {};
    float correction0_ = {};
    float highest = {};
    uint i = {};
    float sum1_ = {};
    float correction1_ = {};
    float highest_1 = {};
    uint i_1 = {};
    float sum2_ = {};
    float correction2_ = {};
    float highest_2 = {};
    uint i_2 = {};
    float sum3_ = {};
    float correction3_ = {};
    float highest_3 = {};
    uint i_3 = {};
    uint quarter = {};
    float quarter_sum0_ = {};
    float quarter_sum1_ = {};
    float quarter_sum2_ = {};
    float quarter_sum3_ = {};
    uint t = {};
    float v0_ = {};
    bool local_22 = {};
    bool local_23 = {};
    bool local_24 = {};
    bool local_25 = {};
    bool local_26 = {};
    bool local_27 = {};
    bool local_28 = {};
    bool local_29 = {};
    bool local_30 = {};
    bool local_31 = {};
    bool local_32 = {};
    bool local_33 = {};
    bool local_34 = {};
    bool local_35 = {};
    bool local_36 = {};
    bool local_37 = {};
    uint base = 0u;
    uint base_1 = 0u;
    uint base_2 = 0u;
    uint base_3 = 0u;
    uint head = group.x;
    uint _e5 = p.groups;
    uint entry = _e5 + (group.y * 10u);
    uint count = lists[entry];
    uint shared_tiles = lists[entry + 1u];
    uint _e20 = p.heads;
    uint _e23 = p.kv_heads;
    uint kv_head = head / (_e20 / _e23);
    uint _e28 = p.head_dim;
    uint _e29 = head_words(_e28);
    uint _e32 = p.stored_dim;
    uint _e33 = head_words(_e32);
    uint row0_ = lists[(entry + 6u) + 0u];
    uint _e44 = p.positions;
    uint position0_ = lists[_e44 + row0_];
    uint _e51 = p.tables;
    uint table0_ = lists[_e51 + row0_];
    uint _e55 = first_position(position0_, p);
    d = lid;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e96 = d;
            d = _e96 + 64u;
        }
        loop_init_3 = false;
        uint _e57 = d;
        if (_e57 < 64u) {
        } else {
            break;
        }
        {
            uint _e62 = p.heads;
            uint _e67 = p.head_dim;
            uint at_3 = ((row0_ * _e62) + head) * _e67;
            uint _e71 = d;
            uint _e77 = p.q;
            uint _e79 = d;
            uint _e82 = p.head_dim;
            float _e88 = xs[(_e77 + at_3) + metal::min(_e79, _e82 - 1u)];
            uint _e89 = d;
            uint _e92 = p.head_dim;
            query.inner[0u + _e71] = (_e89 < _e92) ? _e88 : 0.0;
        }
    }
    uint _e105 = p.sinks;
    if (_e105 != NONE) {
        uint _e111 = p.sinks;
        float _e114 = vectors[_e111 + head];
        all_m0_ = _e114;
        all_l0_ = 1.0;
    }
    uint row1_ = lists[(entry + 6u) + 1u];
    uint _e128 = p.positions;
    uint position1_ = lists[_e128 + row1_];
    uint _e135 = p.tables;
    uint table1_ = lists[_e135 + row1_];
    uint _e139 = first_position(position1_, p);
    d_1 = lid;
    bool loop_init_4 = true;
    while(true) {
        if (!loop_init_4) {
            uint _e180 = d_1;
            d_1 = _e180 + 64u;
        }
        loop_init_4 = false;
        uint _e141 = d_1;
        if (_e141 < 64u) {
        } else {
            break;
        }
        {
            uint _e146 = p.heads;
            uint _e151 = p.head_dim;
            uint at_4 = ((row1_ * _e146) + head) * _e151;
            uint _e155 = d_1;
            uint _e161 = p.q;
            uint _e163 = d_1;
            uint _e166 = p.head_dim;
            float _e172 = xs[(_e161 + at_4) + metal::min(_e163, _e166 - 1u)];
            uint _e173 = d_1;
            uint _e176 = p.head_dim;
            query.inner[64u + _e155] = (_e173 < _e176) ? _e172 : 0.0;
        }
    }
    uint _e189 = p.sinks;
    if (_e189 != NONE) {
        uint _e195 = p.sinks;
        float _e198 = vectors[_e195 + head];
        all_m1_ = _e198;
        all_l1_ = 1.0;
    }
    uint row2_ = lists[(entry + 6u) + 2u];
    uint _e212 = p.positions;
    uint position2_ = lists[_e212 + row2_];
    uint _e219 = p.tables;
    uint table2_ = lists[_e219 + row2_];
    uint _e223 = first_position(position2_, p);
    d_2 = lid;
    bool loop_init_5 = true;
    while(true) {
        if (!loop_init_5) {
            uint _e264 = d_2;
            d_2 = _e264 + 64u;
        }
        loop_init_5 = false;
        uint _e225 = d_2;
        if (_e225 < 64u) {
        } else {
            break;
        }
        {
            uint _e230 = p.heads;
            uint _e235 = p.head_dim;
            uint at_5 = ((row2_ * _e230) + head) * _e235;
            uint _e239 = d_2;
            uint _e245 = p.q;
            uint _e247 = d_2;
            uint _e250 = p.head_dim;
            float _e256 = xs[(_e245 + at_5) + metal::min(_e247, _e250 - 1u)];
            uint _e257 = d_2;
            uint _e260 = p.head_dim;
            query.inner[128u + _e239] = (_e257 < _e260) ? _e256 : 0.0;
        }
    }
    uint _e273 = p.sinks;
    if (_e273 != NONE) {
        uint _e279 = p.sinks;
        float _e282 = vectors[_e279 + head];
        all_m2_ = _e282;
        all_l2_ = 1.0;
    }
    uint row3_ = lists[(entry + 6u) + 3u];
    uint _e296 = p.positions;
    uint position3_ = lists[_e296 + row3_];
    uint _e303 = p.tables;
    uint table3_ = lists[_e303 + row3_];
    uint _e307 = first_position(position3_, p);
    d_3 = lid;
    bool loop_init_6 = true;
    while(true) {
        if (!loop_init_6) {
            uint _e348 = d_3;
            d_3 = _e348 + 64u;
        }
        loop_init_6 = false;
        uint _e309 = d_3;
        if (_e309 < 64u) {
        } else {
            break;
        }
        {
            uint _e314 = p.heads;
            uint _e319 = p.head_dim;
            uint at_6 = ((row3_ * _e314) + head) * _e319;
            uint _e323 = d_3;
            uint _e329 = p.q;
            uint _e331 = d_3;
            uint _e334 = p.head_dim;
            float _e340 = xs[(_e329 + at_6) + metal::min(_e331, _e334 - 1u)];
            uint _e341 = d_3;
            uint _e344 = p.head_dim;
            query.inner[192u + _e323] = (_e341 < _e344) ? _e340 : 0.0;
        }
    }
    uint _e357 = p.sinks;
    if (_e357 != NONE) {
        uint _e363 = p.sinks;
        float _e366 = vectors[_e363 + head];
        all_m3_ = _e366;
        all_l3_ = 1.0;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint part = lists[entry + 4u];
    uint row_parts = lists[entry + 5u];
    uint _e384 = segment;
    segment = metal::min(_e384, _e55 / SEGMENT);
    uint _e388 = end_segment;
    end_segment = metal::max(_e388, (position0_ / SEGMENT) + 1u);
    uint _e394 = segment;
    segment = metal::min(_e394, _e139 / SEGMENT);
    uint _e398 = end_segment;
    end_segment = metal::max(_e398, (position1_ / SEGMENT) + 1u);
    uint _e404 = segment;
    segment = metal::min(_e404, _e223 / SEGMENT);
    uint _e408 = end_segment;
    end_segment = metal::max(_e408, (position2_ / SEGMENT) + 1u);
    uint _e414 = segment;
    segment = metal::min(_e414, _e307 / SEGMENT);
    uint _e418 = end_segment;
    end_segment = metal::max(_e418, (position3_ / SEGMENT) + 1u);
    uint _e424 = segment;
    uint _e429 = lists[entry + 2u];
    segment = metal::max(_e424, _e429);
    uint _e431 = end_segment;
    uint _e436 = lists[entry + 3u];
    end_segment = metal::min(_e431, _e436);
    bool loop_init_7 = true;
    while(true) {
        if (!loop_init_7) {
            uint _e1735 = segment;
            segment = _e1735 + 1u;
        }
        loop_init_7 = false;
        uint _e438 = segment;
        uint _e439 = end_segment;
        if (_e438 < _e439) {
        } else {
            break;
        }
        {
            m0_ = -340282350000000000000000000000000000000.0;
            l0_ = 0.0;
            acc0_0_ = 0.0;
            m1_ = -340282350000000000000000000000000000000.0;
            l1_ = 0.0;
            acc1_0_ = 0.0;
            m2_ = -340282350000000000000000000000000000000.0;
            l2_ = 0.0;
            acc2_0_ = 0.0;
            m3_ = -340282350000000000000000000000000000000.0;
            l3_ = 0.0;
            acc3_0_ = 0.0;
            turn = 0u;
            bool loop_init_8 = true;
            while(true) {
                if (!loop_init_8) {
                    uint _e1424 = turn;
                    turn = _e1424 + 1u;
                }
                loop_init_8 = false;
                uint _e467 = turn;
                if (_e467 <= count) {
                } else {
                    break;
                }
                {
                    table = table0_;
                    tile = 4294967295u;
                    end = 0u;
                    uint _e474 = turn;
                    if (_e474 == 0u) {
                        uint _e477 = tile;
                        tile = metal::min(_e477, _e55 / 64u);
                        uint _e481 = end;
                        end = metal::min(metal::max(_e481, (position0_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e488 = turn;
                    if (_e488 == 1u) {
                        table = table0_;
                        tile = metal::max(_e55 / 64u, shared_tiles);
                        end = (position0_ / 64u) + 1u;
                    }
                    uint _e498 = turn;
                    if (_e498 == 0u) {
                        uint _e501 = tile;
                        tile = metal::min(_e501, _e139 / 64u);
                        uint _e505 = end;
                        end = metal::min(metal::max(_e505, (position1_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e512 = turn;
                    if (_e512 == 2u) {
                        table = table1_;
                        tile = metal::max(_e139 / 64u, shared_tiles);
                        end = (position1_ / 64u) + 1u;
                    }
                    uint _e522 = turn;
                    if (_e522 == 0u) {
                        uint _e525 = tile;
                        tile = metal::min(_e525, _e223 / 64u);
                        uint _e529 = end;
                        end = metal::min(metal::max(_e529, (position2_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e536 = turn;
                    if (_e536 == 3u) {
                        table = table2_;
                        tile = metal::max(_e223 / 64u, shared_tiles);
                        end = (position2_ / 64u) + 1u;
                    }
                    uint _e546 = turn;
                    if (_e546 == 0u) {
                        uint _e549 = tile;
                        tile = metal::min(_e549, _e307 / 64u);
                        uint _e553 = end;
                        end = metal::min(metal::max(_e553, (position3_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e560 = turn;
                    if (_e560 == 4u) {
                        table = table3_;
                        tile = metal::max(_e307 / 64u, shared_tiles);
                        end = (position3_ / 64u) + 1u;
                    }
                    uint _e570 = tile;
                    uint _e571 = segment;
                    tile = metal::max(_e570, _e571 * SEGMENT_TILES);
                    uint _e575 = end;
                    uint _e576 = segment;
                    end = metal::min(_e575, (_e576 + 1u) * SEGMENT_TILES);
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e1421 = tile;
                            tile = _e1421 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e582 = tile;
                        uint _e583 = end;
                        if (_e582 < _e583) {
                        } else {
                            break;
                        }
                        {
                            uint _e585 = tile;
                            uint base_4 = _e585 * 64u;
                            low = 64u;
                            high = 0u;
                            first0_ = 1u;
                            last0_ = 0u;
                            if (0u < count) {
                                uint _e600 = turn;
                                if (!((_e600 == 0u))) {
                                    uint _e606 = turn;
                                    local_1 = _e606 == 1u;
                                } else {
                                    local_1 = true;
                                }
                                bool _e610 = local_1;
                                local = _e610;
                            } else {
                                local = false;
                            }
                            bool _e612 = local;
                            if (_e612) {
                                local_2 = (base_4 + 63u) >= _e55;
                            } else {
                                local_2 = false;
                            }
                            bool _e619 = local_2;
                            if (_e619) {
                                local_3 = base_4 <= position0_;
                            } else {
                                local_3 = false;
                            }
                            bool _e624 = local_3;
                            if (_e624) {
                                first0_ = metal::max(_e55, base_4) - base_4;
                                last0_ = metal::min(position0_ - base_4, 63u);
                                uint _e630 = low;
                                uint _e631 = first0_;
                                low = metal::min(_e630, _e631);
                                uint _e633 = high;
                                uint _e634 = last0_;
                                high = metal::max(_e633, _e634);
                            }
                            first1_ = 1u;
                            last1_ = 0u;
                            if (1u < count) {
                                uint _e644 = turn;
                                if (!((_e644 == 0u))) {
                                    uint _e650 = turn;
                                    local_5 = _e650 == 2u;
                                } else {
                                    local_5 = true;
                                }
                                bool _e654 = local_5;
                                local_4 = _e654;
                            } else {
                                local_4 = false;
                            }
                            bool _e656 = local_4;
                            if (_e656) {
                                local_6 = (base_4 + 63u) >= _e139;
                            } else {
                                local_6 = false;
                            }
                            bool _e663 = local_6;
                            if (_e663) {
                                local_7 = base_4 <= position1_;
                            } else {
                                local_7 = false;
                            }
                            bool _e668 = local_7;
                            if (_e668) {
                                first1_ = metal::max(_e139, base_4) - base_4;
                                last1_ = metal::min(position1_ - base_4, 63u);
                                uint _e674 = low;
                                uint _e675 = first1_;
                                low = metal::min(_e674, _e675);
                                uint _e677 = high;
                                uint _e678 = last1_;
                                high = metal::max(_e677, _e678);
                            }
                            first2_ = 1u;
                            last2_ = 0u;
                            if (2u < count) {
                                uint _e688 = turn;
                                if (!((_e688 == 0u))) {
                                    uint _e694 = turn;
                                    local_9 = _e694 == 3u;
                                } else {
                                    local_9 = true;
                                }
                                bool _e698 = local_9;
                                local_8 = _e698;
                            } else {
                                local_8 = false;
                            }
                            bool _e700 = local_8;
                            if (_e700) {
                                local_10 = (base_4 + 63u) >= _e223;
                            } else {
                                local_10 = false;
                            }
                            bool _e707 = local_10;
                            if (_e707) {
                                local_11 = base_4 <= position2_;
                            } else {
                                local_11 = false;
                            }
                            bool _e712 = local_11;
                            if (_e712) {
                                first2_ = metal::max(_e223, base_4) - base_4;
                                last2_ = metal::min(position2_ - base_4, 63u);
                                uint _e718 = low;
                                uint _e719 = first2_;
                                low = metal::min(_e718, _e719);
                                uint _e721 = high;
                                uint _e722 = last2_;
                                high = metal::max(_e721, _e722);
                            }
                            first3_ = 1u;
                            last3_ = 0u;
                            if (3u < count) {
                                uint _e732 = turn;
                                if (!((_e732 == 0u))) {
                                    uint _e738 = turn;
                                    local_13 = _e738 == 4u;
                                } else {
                                    local_13 = true;
                                }
                                bool _e742 = local_13;
                                local_12 = _e742;
                            } else {
                                local_12 = false;
                            }
                            bool _e744 = local_12;
                            if (_e744) {
                                local_14 = (base_4 + 63u) >= _e307;
                            } else {
                                local_14 = false;
                            }
                            bool _e751 = local_14;
                            if (_e751) {
                                local_15 = base_4 <= position3_;
                            } else {
                                local_15 = false;
                            }
                            bool _e756 = local_15;
                            if (_e756) {
                                first3_ = metal::max(_e307, base_4) - base_4;
                                last3_ = metal::min(position3_ - base_4, 63u);
                                uint _e762 = low;
                                uint _e763 = first3_;
                                low = metal::min(_e762, _e763);
                                uint _e765 = high;
                                uint _e766 = last3_;
                                high = metal::max(_e765, _e766);
                            }
                            uint _e768 = low;
                            if (lid >= _e768) {
                                uint _e772 = high;
                                local_16 = lid <= _e772;
                            } else {
                                local_16 = false;
                            }
                            bool _e775 = local_16;
                            if (_e775) {
                                uint _e777 = table;
                                uint _e783 = lists[_e777 + ((base_4 + lid) / 16u)];
                                uint slot = (_e783 * 16u) + (lid % 16u);
                                uint _e791 = p.kv_heads;
                                uint place = (slot * _e791) + kv_head;
                                places.inner[lid] = place * _e33;
                                uint at_7 = place * _e29;
                                uint _e798 = turn;
                                if (_e798 == 0u) {
                                    local_17 = count > 1u;
                                } else {
                                    local_17 = false;
                                }
                                bool _e806 = local_17;
                                if (_e806) {
                                    dot_all(at_7, keys, p, query, dots, _buffer_sizes);
                                } else {
                                    uint _e807 = turn;
                                    uint alone = metal::max(_e807, 1u) - 1u;
                                    float _e814 = dot_one(alone * 64u, at_7, keys, p, query, _buffer_sizes);
                                    if (alone == 0u) {
                                        dots.inner[0] = _e814;
                                    }
                                    if (alone == 1u) {
                                        dots.inner[1] = _e814;
                                    }
                                    if (alone == 2u) {
                                        dots.inner[2] = _e814;
                                    }
                                    if (alone == 3u) {
                                        dots.inner[3] = _e814;
                                    }
                                }
                            }
                            uint _e831 = first0_;
                            uint _e832 = last0_;
                            if (_e831 <= _e832) {
                                s = -340282350000000000000000000000000000000.0;
                                uint _e836 = first0_;
                                if (lid >= _e836) {
                                    uint _e840 = last0_;
                                    local_18 = lid <= _e840;
                                } else {
                                    local_18 = false;
                                }
                                bool _e843 = local_18;
                                if (_e843) {
                                    float _e846 = dots.inner[0];
                                    float _e849 = p.scale;
                                    s = _e846 * _e849;
                                    float _e853 = p.cap;
                                    if (_e853 > 0.0) {
                                        float _e858 = p.cap;
                                        float _e859 = s;
                                        float _e862 = p.cap;
                                        float _e864 = tanh(_e859 / _e862);
                                        s = _e858 * _e864;
                                    }
                                    uint _e868 = p.slopes;
                                    if (_e868 != NONE) {
                                        uint _e874 = p.slopes;
                                        float _e877 = vectors[_e874 + head];
                                        float _e882 = s;
                                        s = metal::fma(_e877, -(static_cast<float>((position0_ - base_4) - lid)), _e882);
                                    }
                                }
                                float _e888 = s;
                                scores.inner[0u + lid] = _e888;
                            }
                            uint _e889 = first1_;
                            uint _e890 = last1_;
                            if (_e889 <= _e890) {
                                s_1 = -340282350000000000000000000000000000000.0;
                                uint _e894 = first1_;
                                if (lid >= _e894) {
                                    uint _e898 = last1_;
                                    local_19 = lid <= _e898;
                                } else {
                                    local_19 = false;
                                }
                                bool _e901 = local_19;
                                if (_e901) {
                                    float _e904 = dots.inner[1];
                                    float _e907 = p.scale;
                                    s_1 = _e904 * _e907;
                                    float _e911 = p.cap;
                                    if (_e911 > 0.0) {
                                        float _e916 = p.cap;
                                        float _e917 = s_1;
                                        float _e920 = p.cap;
                                        float _e922 = tanh(_e917 / _e920);
                                        s_1 = _e916 * _e922;
                                    }
                                    uint _e926 = p.slopes;
                                    if (_e926 != NONE) {
                                        uint _e932 = p.slopes;
                                        float _e935 = vectors[_e932 + head];
                                        float _e940 = s_1;
                                        s_1 = metal::fma(_e935, -(static_cast<float>((position1_ - base_4) - lid)), _e940);
                                    }
                                }
                                float _e946 = s_1;
                                scores.inner[64u + lid] = _e946;
                            }
                            uint _e947 = first2_;
                            uint _e948 = last2_;
                            if (_e947 <= _e948) {
                                s_2 = -340282350000000000000000000000000000000.0;
                                uint _e952 = first2_;
                                if (lid >= _e952) {
                                    uint _e956 = last2_;
                                    local_20 = lid <= _e956;
                                } else {
                                    local_20 = false;
                                }
                                bool _e959 = local_20;
                                if (_e959) {
                                    float _e962 = dots.inner[2];
                                    float _e965 = p.scale;
                                    s_2 = _e962 * _e965;
                                    float _e969 = p.cap;
                                    if (_e969 > 0.0) {
                                        float _e974 = p.cap;
                                        float _e975 = s_2;
                                        float _e978 = p.cap;
                                        float _e980 = tanh(_e975 / _e978);
                                        s_2 = _e974 * _e980;
                                    }
                                    uint _e984 = p.slopes;
                                    if (_e984 != NONE) {
                                        uint _e990 = p.slopes;
                                        float _e993 = vectors[_e990 + head];
                                        float _e998 = s_2;
                                        s_2 = metal::fma(_e993, -(static_cast<float>((position2_ - base_4) - lid)), _e998);
                                    }
                                }
                                float _e1004 = s_2;
                                scores.inner[128u + lid] = _e1004;
                            }
                            uint _e1005 = first3_;
                            uint _e1006 = last3_;
                            if (_e1005 <= _e1006) {
                                s_3 = -340282350000000000000000000000000000000.0;
                                uint _e1010 = first3_;
                                if (lid >= _e1010) {
                                    uint _e1014 = last3_;
                                    local_21 = lid <= _e1014;
                                } else {
                                    local_21 = false;
                                }
                                bool _e1017 = local_21;
                                if (_e1017) {
                                    float _e1020 = dots.inner[3];
                                    float _e1023 = p.scale;
                                    s_3 = _e1020 * _e1023;
                                    float _e1027 = p.cap;
                                    if (_e1027 > 0.0) {
                                        float _e1032 = p.cap;
                                        float _e1033 = s_3;
                                        float _e1036 = p.cap;
                                        float _e1038 = tanh(_e1033 / _e1036);
                                        s_3 = _e1032 * _e1038;
                                    }
                                    uint _e1042 = p.slopes;
                                    if (_e1042 != NONE) {
                                        uint _e1048 = p.slopes;
                                        float _e1051 = vectors[_e1048 + head];
                                        float _e1056 = s_3;
                                        s_3 = metal::fma(_e1051, -(static_cast<float>((position3_ - base_4) - lid)), _e1056);
                                    }
                                }
                                float _e1062 = s_3;
                                scores.inner[192u + lid] = _e1062;
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            sum0_ = 0.0;
                            correction0_ = 1.0;
                            uint _e1067 = first0_;
                            uint _e1068 = last0_;
                            if (_e1067 <= _e1068) {
                                float _e1070 = m0_;
                                highest = _e1070;
                                i = 0u;
                                bool loop_init_10 = true;
                                while(true) {
                                    if (!loop_init_10) {
                                        uint _e1086 = i;
                                        i = _e1086 + 1u;
                                    }
                                    loop_init_10 = false;
                                    uint _e1074 = i;
                                    if (_e1074 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1077 = highest;
                                        uint _e1080 = i;
                                        float _e1083 = scores.inner[0u + _e1080];
                                        highest = metal::max(_e1077, _e1083);
                                    }
                                }
                                float _e1088 = m0_;
                                float _e1089 = highest;
                                float _e1091 = exp(_e1088 - _e1089);
                                correction0_ = _e1091;
                                float _e1100 = scores.inner[0u + lid];
                                float _e1101 = highest;
                                float _e1103 = exp(_e1100 - _e1101);
                                shares.inner[0u + lid] = _e1103;
                                float _e1104 = highest;
                                m0_ = _e1104;
                                float _e1105 = acc0_0_;
                                float _e1106 = correction0_;
                                acc0_0_ = _e1105 * _e1106;
                            }
                            sum1_ = 0.0;
                            correction1_ = 1.0;
                            uint _e1112 = first1_;
                            uint _e1113 = last1_;
                            if (_e1112 <= _e1113) {
                                float _e1115 = m1_;
                                highest_1 = _e1115;
                                i_1 = 0u;
                                bool loop_init_11 = true;
                                while(true) {
                                    if (!loop_init_11) {
                                        uint _e1131 = i_1;
                                        i_1 = _e1131 + 1u;
                                    }
                                    loop_init_11 = false;
                                    uint _e1119 = i_1;
                                    if (_e1119 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1122 = highest_1;
                                        uint _e1125 = i_1;
                                        float _e1128 = scores.inner[64u + _e1125];
                                        highest_1 = metal::max(_e1122, _e1128);
                                    }
                                }
                                float _e1133 = m1_;
                                float _e1134 = highest_1;
                                float _e1136 = exp(_e1133 - _e1134);
                                correction1_ = _e1136;
                                float _e1145 = scores.inner[64u + lid];
                                float _e1146 = highest_1;
                                float _e1148 = exp(_e1145 - _e1146);
                                shares.inner[64u + lid] = _e1148;
                                float _e1149 = highest_1;
                                m1_ = _e1149;
                                float _e1150 = acc1_0_;
                                float _e1151 = correction1_;
                                acc1_0_ = _e1150 * _e1151;
                            }
                            sum2_ = 0.0;
                            correction2_ = 1.0;
                            uint _e1157 = first2_;
                            uint _e1158 = last2_;
                            if (_e1157 <= _e1158) {
                                float _e1160 = m2_;
                                highest_2 = _e1160;
                                i_2 = 0u;
                                bool loop_init_12 = true;
                                while(true) {
                                    if (!loop_init_12) {
                                        uint _e1176 = i_2;
                                        i_2 = _e1176 + 1u;
                                    }
                                    loop_init_12 = false;
                                    uint _e1164 = i_2;
                                    if (_e1164 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1167 = highest_2;
                                        uint _e1170 = i_2;
                                        float _e1173 = scores.inner[128u + _e1170];
                                        highest_2 = metal::max(_e1167, _e1173);
                                    }
                                }
                                float _e1178 = m2_;
                                float _e1179 = highest_2;
                                float _e1181 = exp(_e1178 - _e1179);
                                correction2_ = _e1181;
                                float _e1190 = scores.inner[128u + lid];
                                float _e1191 = highest_2;
                                float _e1193 = exp(_e1190 - _e1191);
                                shares.inner[128u + lid] = _e1193;
                                float _e1194 = highest_2;
                                m2_ = _e1194;
                                float _e1195 = acc2_0_;
                                float _e1196 = correction2_;
                                acc2_0_ = _e1195 * _e1196;
                            }
                            sum3_ = 0.0;
                            correction3_ = 1.0;
                            uint _e1202 = first3_;
                            uint _e1203 = last3_;
                            if (_e1202 <= _e1203) {
                                float _e1205 = m3_;
                                highest_3 = _e1205;
                                i_3 = 0u;
                                bool loop_init_13 = true;
                                while(true) {
                                    if (!loop_init_13) {
                                        uint _e1221 = i_3;
                                        i_3 = _e1221 + 1u;
                                    }
                                    loop_init_13 = false;
                                    uint _e1209 = i_3;
                                    if (_e1209 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1212 = highest_3;
                                        uint _e1215 = i_3;
                                        float _e1218 = scores.inner[192u + _e1215];
                                        highest_3 = metal::max(_e1212, _e1218);
                                    }
                                }
                                float _e1223 = m3_;
                                float _e1224 = highest_3;
                                float _e1226 = exp(_e1223 - _e1224);
                                correction3_ = _e1226;
                                float _e1235 = scores.inner[192u + lid];
                                float _e1236 = highest_3;
                                float _e1238 = exp(_e1235 - _e1236);
                                shares.inner[192u + lid] = _e1238;
                                float _e1239 = highest_3;
                                m3_ = _e1239;
                                float _e1240 = acc3_0_;
                                float _e1241 = correction3_;
                                acc3_0_ = _e1240 * _e1241;
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            uint _e1243 = low;
                            quarter = _e1243 / 16u;
                            bool loop_init_14 = true;
                            while(true) {
                                if (!loop_init_14) {
                                    uint _e1390 = quarter;
                                    quarter = _e1390 + 1u;
                                }
                                loop_init_14 = false;
                                uint _e1247 = quarter;
                                uint _e1248 = high;
                                if (_e1247 <= (_e1248 / 16u)) {
                                } else {
                                    break;
                                }
                                {
                                    quarter_sum0_ = 0.0;
                                    quarter_sum1_ = 0.0;
                                    quarter_sum2_ = 0.0;
                                    quarter_sum3_ = 0.0;
                                    uint _e1260 = low;
                                    uint _e1261 = quarter;
                                    t = metal::max(_e1260, _e1261 * 16u);
                                    bool loop_init_15 = true;
                                    while(true) {
                                        if (!loop_init_15) {
                                            uint _e1375 = t;
                                            t = _e1375 + 1u;
                                        }
                                        loop_init_15 = false;
                                        uint _e1266 = t;
                                        uint _e1267 = high;
                                        uint _e1268 = quarter;
                                        if (_e1266 <= metal::min(_e1267, (_e1268 * 16u) + 15u)) {
                                        } else {
                                            break;
                                        }
                                        {
                                            uint _e1276 = t;
                                            uint place_1 = places.inner[_e1276];
                                            v0_ = 0.0;
                                            uint _e1285 = p.value_dim;
                                            if ((lid + 0u) < _e1285) {
                                                float _e1289 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                                                v0_ = _e1289;
                                            }
                                            uint _e1290 = t;
                                            uint _e1291 = first0_;
                                            if (_e1290 >= _e1291) {
                                                uint _e1295 = t;
                                                uint _e1296 = last0_;
                                                local_22 = _e1295 <= _e1296;
                                            } else {
                                                local_22 = false;
                                            }
                                            bool _e1299 = local_22;
                                            if (_e1299) {
                                                uint _e1302 = t;
                                                float share = shares.inner[0u + _e1302];
                                                float _e1306 = quarter_sum0_;
                                                quarter_sum0_ = _e1306 + share;
                                                float _e1308 = v0_;
                                                float _e1309 = acc0_0_;
                                                acc0_0_ = metal::fma(share, _e1308, _e1309);
                                            }
                                            uint _e1311 = t;
                                            uint _e1312 = first1_;
                                            if (_e1311 >= _e1312) {
                                                uint _e1316 = t;
                                                uint _e1317 = last1_;
                                                local_23 = _e1316 <= _e1317;
                                            } else {
                                                local_23 = false;
                                            }
                                            bool _e1320 = local_23;
                                            if (_e1320) {
                                                uint _e1323 = t;
                                                float share_1 = shares.inner[64u + _e1323];
                                                float _e1327 = quarter_sum1_;
                                                quarter_sum1_ = _e1327 + share_1;
                                                float _e1329 = v0_;
                                                float _e1330 = acc1_0_;
                                                acc1_0_ = metal::fma(share_1, _e1329, _e1330);
                                            }
                                            uint _e1332 = t;
                                            uint _e1333 = first2_;
                                            if (_e1332 >= _e1333) {
                                                uint _e1337 = t;
                                                uint _e1338 = last2_;
                                                local_24 = _e1337 <= _e1338;
                                            } else {
                                                local_24 = false;
                                            }
                                            bool _e1341 = local_24;
                                            if (_e1341) {
                                                uint _e1344 = t;
                                                float share_2 = shares.inner[128u + _e1344];
                                                float _e1348 = quarter_sum2_;
                                                quarter_sum2_ = _e1348 + share_2;
                                                float _e1350 = v0_;
                                                float _e1351 = acc2_0_;
                                                acc2_0_ = metal::fma(share_2, _e1350, _e1351);
                                            }
                                            uint _e1353 = t;
                                            uint _e1354 = first3_;
                                            if (_e1353 >= _e1354) {
                                                uint _e1358 = t;
                                                uint _e1359 = last3_;
                                                local_25 = _e1358 <= _e1359;
                                            } else {
                                                local_25 = false;
                                            }
                                            bool _e1362 = local_25;
                                            if (_e1362) {
                                                uint _e1365 = t;
                                                float share_3 = shares.inner[192u + _e1365];
                                                float _e1369 = quarter_sum3_;
                                                quarter_sum3_ = _e1369 + share_3;
                                                float _e1371 = v0_;
                                                float _e1372 = acc3_0_;
                                                acc3_0_ = metal::fma(share_3, _e1371, _e1372);
                                            }
                                        }
                                    }
                                    float _e1377 = sum0_;
                                    float _e1378 = quarter_sum0_;
                                    sum0_ = _e1377 + _e1378;
                                    float _e1380 = sum1_;
                                    float _e1381 = quarter_sum1_;
                                    sum1_ = _e1380 + _e1381;
                                    float _e1383 = sum2_;
                                    float _e1384 = quarter_sum2_;
                                    sum2_ = _e1383 + _e1384;
                                    float _e1386 = sum3_;
                                    float _e1387 = quarter_sum3_;
                                    sum3_ = _e1386 + _e1387;
                                }
                            }
                            uint _e1392 = first0_;
                            uint _e1393 = last0_;
                            if (_e1392 <= _e1393) {
                                float _e1395 = l0_;
                                float _e1396 = correction0_;
                                float _e1397 = sum0_;
                                l0_ = metal::fma(_e1395, _e1396, _e1397);
                            }
                            uint _e1399 = first1_;
                            uint _e1400 = last1_;
                            if (_e1399 <= _e1400) {
                                float _e1402 = l1_;
                                float _e1403 = correction1_;
                                float _e1404 = sum1_;
                                l1_ = metal::fma(_e1402, _e1403, _e1404);
                            }
                            uint _e1406 = first2_;
                            uint _e1407 = last2_;
                            if (_e1406 <= _e1407) {
                                float _e1409 = l2_;
                                float _e1410 = correction2_;
                                float _e1411 = sum2_;
                                l2_ = metal::fma(_e1409, _e1410, _e1411);
                            }
                            uint _e1413 = first3_;
                            uint _e1414 = last3_;
                            if (_e1413 <= _e1414) {
                                float _e1416 = l3_;
                                float _e1417 = correction3_;
                                float _e1418 = sum3_;
                                l3_ = metal::fma(_e1416, _e1417, _e1418);
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                }
            }
            if (0u < count) {
                uint _e1430 = segment;
                local_26 = _e1430 >= (_e55 / SEGMENT);
            } else {
                local_26 = false;
            }
            bool _e1435 = local_26;
            if (_e1435) {
                uint _e1438 = segment;
                local_27 = _e1438 <= (position0_ / SEGMENT);
            } else {
                local_27 = false;
            }
            bool is_seen0_ = local_27;
            if (is_seen0_) {
                local_28 = part != NONE;
            } else {
                local_28 = false;
            }
            bool _e1449 = local_28;
            if (_e1449) {
                uint _e1455 = p.heads;
                uint _e1460 = p.value_dim;
                uint at_8 = (((part + (0u * row_parts)) * _e1455) + head) * (_e1460 + 2u);
                if (lid == 0u) {
                    float _e1468 = m0_;
                    parts[at_8] = _e1468;
                    float _e1473 = l0_;
                    parts[at_8 + 1u] = _e1473;
                }
                uint _e1478 = p.value_dim;
                if ((lid + 0u) < _e1478) {
                    float _e1487 = acc0_0_;
                    parts[((at_8 + 2u) + lid) + 0u] = _e1487;
                }
            } else {
                if (is_seen0_) {
                    float _e1488 = all_m0_;
                    float _e1489 = m0_;
                    float highest_4 = metal::max(_e1488, _e1489);
                    float _e1491 = all_m0_;
                    float _e1493 = exp(_e1491 - highest_4);
                    float _e1494 = m0_;
                    float _e1496 = exp(_e1494 - highest_4);
                    float _e1497 = all_l0_;
                    float _e1498 = l0_;
                    float _e1499 = joined(_e1497, _e1493, _e1498, _e1496);
                    all_l0_ = _e1499;
                    float _e1500 = all0_0_;
                    float _e1501 = acc0_0_;
                    float _e1502 = joined(_e1500, _e1493, _e1501, _e1496);
                    all0_0_ = _e1502;
                    all_m0_ = highest_4;
                }
            }
            if (1u < count) {
                uint _e1507 = segment;
                local_29 = _e1507 >= (_e139 / SEGMENT);
            } else {
                local_29 = false;
            }
            bool _e1512 = local_29;
            if (_e1512) {
                uint _e1515 = segment;
                local_30 = _e1515 <= (position1_ / SEGMENT);
            } else {
                local_30 = false;
            }
            bool is_seen1_ = local_30;
            if (is_seen1_) {
                local_31 = part != NONE;
            } else {
                local_31 = false;
            }
            bool _e1526 = local_31;
            if (_e1526) {
                uint _e1532 = p.heads;
                uint _e1537 = p.value_dim;
                uint at_9 = (((part + (1u * row_parts)) * _e1532) + head) * (_e1537 + 2u);
                if (lid == 0u) {
                    float _e1545 = m1_;
                    parts[at_9] = _e1545;
                    float _e1550 = l1_;
                    parts[at_9 + 1u] = _e1550;
                }
                uint _e1555 = p.value_dim;
                if ((lid + 0u) < _e1555) {
                    float _e1564 = acc1_0_;
                    parts[((at_9 + 2u) + lid) + 0u] = _e1564;
                }
            } else {
                if (is_seen1_) {
                    float _e1565 = all_m1_;
                    float _e1566 = m1_;
                    float highest_5 = metal::max(_e1565, _e1566);
                    float _e1568 = all_m1_;
                    float _e1570 = exp(_e1568 - highest_5);
                    float _e1571 = m1_;
                    float _e1573 = exp(_e1571 - highest_5);
                    float _e1574 = all_l1_;
                    float _e1575 = l1_;
                    float _e1576 = joined(_e1574, _e1570, _e1575, _e1573);
                    all_l1_ = _e1576;
                    float _e1577 = all1_0_;
                    float _e1578 = acc1_0_;
                    float _e1579 = joined(_e1577, _e1570, _e1578, _e1573);
                    all1_0_ = _e1579;
                    all_m1_ = highest_5;
                }
            }
            if (2u < count) {
                uint _e1584 = segment;
                local_32 = _e1584 >= (_e223 / SEGMENT);
            } else {
                local_32 = false;
            }
            bool _e1589 = local_32;
            if (_e1589) {
                uint _e1592 = segment;
                local_33 = _e1592 <= (position2_ / SEGMENT);
            } else {
                local_33 = false;
            }
            bool is_seen2_ = local_33;
            if (is_seen2_) {
                local_34 = part != NONE;
            } else {
                local_34 = false;
            }
            bool _e1603 = local_34;
            if (_e1603) {
                uint _e1609 = p.heads;
                uint _e1614 = p.value_dim;
                uint at_10 = (((part + (2u * row_parts)) * _e1609) + head) * (_e1614 + 2u);
                if (lid == 0u) {
                    float _e1622 = m2_;
                    parts[at_10] = _e1622;
                    float _e1627 = l2_;
                    parts[at_10 + 1u] = _e1627;
                }
                uint _e1632 = p.value_dim;
                if ((lid + 0u) < _e1632) {
                    float _e1641 = acc2_0_;
                    parts[((at_10 + 2u) + lid) + 0u] = _e1641;
                }
            } else {
                if (is_seen2_) {
                    float _e1642 = all_m2_;
                    float _e1643 = m2_;
                    float highest_6 = metal::max(_e1642, _e1643);
                    float _e1645 = all_m2_;
                    float _e1647 = exp(_e1645 - highest_6);
                    float _e1648 = m2_;
                    float _e1650 = exp(_e1648 - highest_6);
                    float _e1651 = all_l2_;
                    float _e1652 = l2_;
                    float _e1653 = joined(_e1651, _e1647, _e1652, _e1650);
                    all_l2_ = _e1653;
                    float _e1654 = all2_0_;
                    float _e1655 = acc2_0_;
                    float _e1656 = joined(_e1654, _e1647, _e1655, _e1650);
                    all2_0_ = _e1656;
                    all_m2_ = highest_6;
                }
            }
            if (3u < count) {
                uint _e1661 = segment;
                local_35 = _e1661 >= (_e307 / SEGMENT);
            } else {
                local_35 = false;
            }
            bool _e1666 = local_35;
            if (_e1666) {
                uint _e1669 = segment;
                local_36 = _e1669 <= (position3_ / SEGMENT);
            } else {
                local_36 = false;
            }
            bool is_seen3_ = local_36;
            if (is_seen3_) {
                local_37 = part != NONE;
            } else {
                local_37 = false;
            }
            bool _e1680 = local_37;
            if (_e1680) {
                uint _e1686 = p.heads;
                uint _e1691 = p.value_dim;
                uint at_11 = (((part + (3u * row_parts)) * _e1686) + head) * (_e1691 + 2u);
                if (lid == 0u) {
                    float _e1699 = m3_;
                    parts[at_11] = _e1699;
                    float _e1704 = l3_;
                    parts[at_11 + 1u] = _e1704;
                }
                uint _e1709 = p.value_dim;
                if ((lid + 0u) < _e1709) {
                    float _e1718 = acc3_0_;
                    parts[((at_11 + 2u) + lid) + 0u] = _e1718;
                }
            } else {
                if (is_seen3_) {
                    float _e1719 = all_m3_;
                    float _e1720 = m3_;
                    float highest_7 = metal::max(_e1719, _e1720);
                    float _e1722 = all_m3_;
                    float _e1724 = exp(_e1722 - highest_7);
                    float _e1725 = m3_;
                    float _e1727 = exp(_e1725 - highest_7);
                    float _e1728 = all_l3_;
                    float _e1729 = l3_;
                    float _e1730 = joined(_e1728, _e1724, _e1729, _e1727);
                    all_l3_ = _e1730;
                    float _e1731 = all3_0_;
                    float _e1732 = acc3_0_;
                    float _e1733 = joined(_e1731, _e1724, _e1732, _e1727);
                    all3_0_ = _e1733;
                    all_m3_ = highest_7;
                }
            }
        }
    }
    if (part != NONE) {
        return;
    }
    if (0u < count) {
        float _e1741 = all_l0_;
        float inverse_1 = 1.0 / _e1741;
        uint _e1746 = p.heads;
        uint _e1751 = p.value_dim;
        uint out_at = ((row0_ * _e1746) + head) * _e1751;
        uint _e1757 = p.value_dim;
        if ((lid + 0u) < _e1757) {
            float _e1759 = all0_0_;
            float y_1 = _e1759 * inverse_1;
            uint _e1764 = p.y;
            ys[((_e1764 + out_at) + lid) + 0u] = y_1;
            query.inner[lid + 0u] = y_1;
        }
        uint _e1776 = p.quantise;
        if (_e1776 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_16 = true;
            while(true) {
                if (!loop_init_16) {
                    uint _e1818 = base;
                    base = _e1818 + 256u;
                }
                loop_init_16 = false;
                uint _e1781 = base;
                uint _e1784 = p.value_dim;
                if (_e1781 < _e1784) {
                } else {
                    break;
                }
                {
                    uint _e1786 = base;
                    uint i_5 = _e1786 + (lid * 4u);
                    uint _e1792 = p.value_dim;
                    bool live_1 = i_5 < _e1792;
                    uint from_1 = live_1 ? i_5 : 0u;
                    float _e1798 = query.inner[from_1];
                    float _e1803 = query.inner[from_1 + 1u];
                    float _e1808 = query.inner[from_1 + 2u];
                    float _e1813 = query.inner[from_1 + 3u];
                    metal::float4 v_1 = metal::float4(_e1798, _e1803, _e1808, _e1813);
                    quantise4_(v_1, lid, (out_at + i_5) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (1u < count) {
        float _e1823 = all_l1_;
        float inverse_2 = 1.0 / _e1823;
        uint _e1828 = p.heads;
        uint _e1833 = p.value_dim;
        uint out_at_1 = ((row1_ * _e1828) + head) * _e1833;
        uint _e1839 = p.value_dim;
        if ((lid + 0u) < _e1839) {
            float _e1841 = all1_0_;
            float y_2 = _e1841 * inverse_2;
            uint _e1846 = p.y;
            ys[((_e1846 + out_at_1) + lid) + 0u] = y_2;
            query.inner[lid + 0u] = y_2;
        }
        uint _e1858 = p.quantise;
        if (_e1858 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_17 = true;
            while(true) {
                if (!loop_init_17) {
                    uint _e1900 = base_1;
                    base_1 = _e1900 + 256u;
                }
                loop_init_17 = false;
                uint _e1863 = base_1;
                uint _e1866 = p.value_dim;
                if (_e1863 < _e1866) {
                } else {
                    break;
                }
                {
                    uint _e1868 = base_1;
                    uint i_6 = _e1868 + (lid * 4u);
                    uint _e1874 = p.value_dim;
                    bool live_2 = i_6 < _e1874;
                    uint from_2 = live_2 ? i_6 : 0u;
                    float _e1880 = query.inner[from_2];
                    float _e1885 = query.inner[from_2 + 1u];
                    float _e1890 = query.inner[from_2 + 2u];
                    float _e1895 = query.inner[from_2 + 3u];
                    metal::float4 v_2 = metal::float4(_e1880, _e1885, _e1890, _e1895);
                    quantise4_(v_2, lid, (out_at_1 + i_6) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (2u < count) {
        float _e1905 = all_l2_;
        float inverse_3 = 1.0 / _e1905;
        uint _e1910 = p.heads;
        uint _e1915 = p.value_dim;
        uint out_at_2 = ((row2_ * _e1910) + head) * _e1915;
        uint _e1921 = p.value_dim;
        if ((lid + 0u) < _e1921) {
            float _e1923 = all2_0_;
            float y_3 = _e1923 * inverse_3;
            uint _e1928 = p.y;
            ys[((_e1928 + out_at_2) + lid) + 0u] = y_3;
            query.inner[lid + 0u] = y_3;
        }
        uint _e1940 = p.quantise;
        if (_e1940 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_18 = true;
            while(true) {
                if (!loop_init_18) {
                    uint _e1982 = base_2;
                    base_2 = _e1982 + 256u;
                }
                loop_init_18 = false;
                uint _e1945 = base_2;
                uint _e1948 = p.value_dim;
                if (_e1945 < _e1948) {
                } else {
                    break;
                }
                {
                    uint _e1950 = base_2;
                    uint i_7 = _e1950 + (lid * 4u);
                    uint _e1956 = p.value_dim;
                    bool live_3 = i_7 < _e1956;
                    uint from_3 = live_3 ? i_7 : 0u;
                    float _e1962 = query.inner[from_3];
                    float _e1967 = query.inner[from_3 + 1u];
                    float _e1972 = query.inner[from_3 + 2u];
                    float _e1977 = query.inner[from_3 + 3u];
                    metal::float4 v_3 = metal::float4(_e1962, _e1967, _e1972, _e1977);
                    quantise4_(v_3, lid, (out_at_2 + i_7) / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (3u < count) {
        float _e1987 = all_l3_;
        float inverse_4 = 1.0 / _e1987;
        uint _e1992 = p.heads;
        uint _e1997 = p.value_dim;
        uint out_at_3 = ((row3_ * _e1992) + head) * _e1997;
        uint _e2003 = p.value_dim;
        if ((lid + 0u) < _e2003) {
            float _e2005 = all3_0_;
            float y_4 = _e2005 * inverse_4;
            uint _e2010 = p.y;
            ys[((_e2010 + out_at_3) + lid) + 0u] = y_4;
            query.inner[lid + 0u] = y_4;
        }
        uint _e2022 = p.quantise;
        if (_e2022 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_19 = true;
            while(true) {
                if (!loop_init_19) {
                    uint _e2064 = base_3;
                    base_3 = _e2064 + 256u;
                }
                loop_init_19 = false;
                uint _e2027 = base_3;
                uint _e2030 = p.value_dim;
                if (_e2027 < _e2030) {
                } else {
                    break;
                }
                {
                    uint _e2032 = base_3;
                    uint i_8 = _e2032 + (lid * 4u);
                    uint _e2038 = p.value_dim;
                    bool live_4 = i_8 < _e2038;
                    uint from_4 = live_4 ? i_8 : 0u;
                    float _e2044 = query.inner[from_4];
                    float _e2049 = query.inner[from_4 + 1u];
                    float _e2054 = query.inner[from_4 + 2u];
                    float _e2059 = query.inner[from_4 + 3u];
                    metal::float4 v_4 = metal::float4(_e2044, _e2049, _e2054, _e2059);
                    quantise4_(v_4, lid, (out_at_3 + i_8) / 4u, live_4, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
