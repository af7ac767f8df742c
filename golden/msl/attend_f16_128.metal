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
    float inner[512];
};
struct type_12 {
    float inner[256];
};
struct type_13 {
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
    thread type_13& dots,
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
            float _e57 = query.inner[128u + (2u * _e53)];
            float _e59 = acc1_;
            acc1_ = metal::fma(_e57, k_1.x, _e59);
            uint _e64 = w_1;
            float _e70 = query.inner[(128u + (2u * _e64)) + 1u];
            float _e72 = acc1_;
            acc1_ = metal::fma(_e70, k_1.y, _e72);
            uint _e77 = w_1;
            float _e81 = query.inner[256u + (2u * _e77)];
            float _e83 = acc2_;
            acc2_ = metal::fma(_e81, k_1.x, _e83);
            uint _e88 = w_1;
            float _e94 = query.inner[(256u + (2u * _e88)) + 1u];
            float _e96 = acc2_;
            acc2_ = metal::fma(_e94, k_1.y, _e96);
            uint _e101 = w_1;
            float _e105 = query.inner[384u + (2u * _e101)];
            float _e107 = acc3_;
            acc3_ = metal::fma(_e105, k_1.x, _e107);
            uint _e112 = w_1;
            float _e118 = query.inner[(384u + (2u * _e112)) + 1u];
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
, threadgroup type_12& scores
, threadgroup type_12& shares
, threadgroup type_8& places
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    type_13 dots = {};
    uint d = {};
    float all_m0_ = -340282350000000000000000000000000000000.0;
    float all_l0_ = 0.0;
    float all0_0_ = 0.0;
    float all0_1_ = 0.0;
    uint d_1 = {};
    float all_m1_ = -340282350000000000000000000000000000000.0;
    float all_l1_ = 0.0;
    float all1_0_ = 0.0;
    float all1_1_ = 0.0;
    uint d_2 = {};
    float all_m2_ = -340282350000000000000000000000000000000.0;
    float all_l2_ = 0.0;
    float all2_0_ = 0.0;
    float all2_1_ = 0.0;
    uint d_3 = {};
    float all_m3_ = -340282350000000000000000000000000000000.0;
    float all_l3_ = 0.0;
    float all3_0_ = 0.0;
    float all3_1_ = 0.0;
    uint segment = NONE;
    uint end_segment = 0u;
    float m0_ = {};
    float l0_ = {};
    float acc0_0_ = {};
    float acc0_1_ = {};
    float m1_ = {};
    float l1_ = {};
    float acc1_0_ = {};
    float acc1_1_ = {};
    float m2_ = {};
    float l2_ = {};
    float acc2_0_ = {};
    float acc2_1_ = {};
    float m3_ = {};
    float l3_ = {};
    float acc3_0_ = {};
    float acc3_1_ = {};
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
    float v1_ = {};
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
        if (_e57 < 128u) {
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
    uint _e130 = p.positions;
    uint position1_ = lists[_e130 + row1_];
    uint _e137 = p.tables;
    uint table1_ = lists[_e137 + row1_];
    uint _e141 = first_position(position1_, p);
    d_1 = lid;
    bool loop_init_4 = true;
    while(true) {
        if (!loop_init_4) {
            uint _e182 = d_1;
            d_1 = _e182 + 64u;
        }
        loop_init_4 = false;
        uint _e143 = d_1;
        if (_e143 < 128u) {
        } else {
            break;
        }
        {
            uint _e148 = p.heads;
            uint _e153 = p.head_dim;
            uint at_4 = ((row1_ * _e148) + head) * _e153;
            uint _e157 = d_1;
            uint _e163 = p.q;
            uint _e165 = d_1;
            uint _e168 = p.head_dim;
            float _e174 = xs[(_e163 + at_4) + metal::min(_e165, _e168 - 1u)];
            uint _e175 = d_1;
            uint _e178 = p.head_dim;
            query.inner[128u + _e157] = (_e175 < _e178) ? _e174 : 0.0;
        }
    }
    uint _e191 = p.sinks;
    if (_e191 != NONE) {
        uint _e197 = p.sinks;
        float _e200 = vectors[_e197 + head];
        all_m1_ = _e200;
        all_l1_ = 1.0;
    }
    uint row2_ = lists[(entry + 6u) + 2u];
    uint _e216 = p.positions;
    uint position2_ = lists[_e216 + row2_];
    uint _e223 = p.tables;
    uint table2_ = lists[_e223 + row2_];
    uint _e227 = first_position(position2_, p);
    d_2 = lid;
    bool loop_init_5 = true;
    while(true) {
        if (!loop_init_5) {
            uint _e268 = d_2;
            d_2 = _e268 + 64u;
        }
        loop_init_5 = false;
        uint _e229 = d_2;
        if (_e229 < 128u) {
        } else {
            break;
        }
        {
            uint _e234 = p.heads;
            uint _e239 = p.head_dim;
            uint at_5 = ((row2_ * _e234) + head) * _e239;
            uint _e243 = d_2;
            uint _e249 = p.q;
            uint _e251 = d_2;
            uint _e254 = p.head_dim;
            float _e260 = xs[(_e249 + at_5) + metal::min(_e251, _e254 - 1u)];
            uint _e261 = d_2;
            uint _e264 = p.head_dim;
            query.inner[256u + _e243] = (_e261 < _e264) ? _e260 : 0.0;
        }
    }
    uint _e277 = p.sinks;
    if (_e277 != NONE) {
        uint _e283 = p.sinks;
        float _e286 = vectors[_e283 + head];
        all_m2_ = _e286;
        all_l2_ = 1.0;
    }
    uint row3_ = lists[(entry + 6u) + 3u];
    uint _e302 = p.positions;
    uint position3_ = lists[_e302 + row3_];
    uint _e309 = p.tables;
    uint table3_ = lists[_e309 + row3_];
    uint _e313 = first_position(position3_, p);
    d_3 = lid;
    bool loop_init_6 = true;
    while(true) {
        if (!loop_init_6) {
            uint _e354 = d_3;
            d_3 = _e354 + 64u;
        }
        loop_init_6 = false;
        uint _e315 = d_3;
        if (_e315 < 128u) {
        } else {
            break;
        }
        {
            uint _e320 = p.heads;
            uint _e325 = p.head_dim;
            uint at_6 = ((row3_ * _e320) + head) * _e325;
            uint _e329 = d_3;
            uint _e335 = p.q;
            uint _e337 = d_3;
            uint _e340 = p.head_dim;
            float _e346 = xs[(_e335 + at_6) + metal::min(_e337, _e340 - 1u)];
            uint _e347 = d_3;
            uint _e350 = p.head_dim;
            query.inner[384u + _e329] = (_e347 < _e350) ? _e346 : 0.0;
        }
    }
    uint _e363 = p.sinks;
    if (_e363 != NONE) {
        uint _e369 = p.sinks;
        float _e372 = vectors[_e369 + head];
        all_m3_ = _e372;
        all_l3_ = 1.0;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint part = lists[entry + 4u];
    uint row_parts = lists[entry + 5u];
    uint _e392 = segment;
    segment = metal::min(_e392, _e55 / SEGMENT);
    uint _e396 = end_segment;
    end_segment = metal::max(_e396, (position0_ / SEGMENT) + 1u);
    uint _e402 = segment;
    segment = metal::min(_e402, _e141 / SEGMENT);
    uint _e406 = end_segment;
    end_segment = metal::max(_e406, (position1_ / SEGMENT) + 1u);
    uint _e412 = segment;
    segment = metal::min(_e412, _e227 / SEGMENT);
    uint _e416 = end_segment;
    end_segment = metal::max(_e416, (position2_ / SEGMENT) + 1u);
    uint _e422 = segment;
    segment = metal::min(_e422, _e313 / SEGMENT);
    uint _e426 = end_segment;
    end_segment = metal::max(_e426, (position3_ / SEGMENT) + 1u);
    uint _e432 = segment;
    uint _e437 = lists[entry + 2u];
    segment = metal::max(_e432, _e437);
    uint _e439 = end_segment;
    uint _e444 = lists[entry + 3u];
    end_segment = metal::min(_e439, _e444);
    bool loop_init_7 = true;
    while(true) {
        if (!loop_init_7) {
            uint _e1854 = segment;
            segment = _e1854 + 1u;
        }
        loop_init_7 = false;
        uint _e446 = segment;
        uint _e447 = end_segment;
        if (_e446 < _e447) {
        } else {
            break;
        }
        {
            m0_ = -340282350000000000000000000000000000000.0;
            l0_ = 0.0;
            acc0_0_ = 0.0;
            acc0_1_ = 0.0;
            m1_ = -340282350000000000000000000000000000000.0;
            l1_ = 0.0;
            acc1_0_ = 0.0;
            acc1_1_ = 0.0;
            m2_ = -340282350000000000000000000000000000000.0;
            l2_ = 0.0;
            acc2_0_ = 0.0;
            acc2_1_ = 0.0;
            m3_ = -340282350000000000000000000000000000000.0;
            l3_ = 0.0;
            acc3_0_ = 0.0;
            acc3_1_ = 0.0;
            turn = 0u;
            bool loop_init_8 = true;
            while(true) {
                if (!loop_init_8) {
                    uint _e1475 = turn;
                    turn = _e1475 + 1u;
                }
                loop_init_8 = false;
                uint _e483 = turn;
                if (_e483 <= count) {
                } else {
                    break;
                }
                {
                    table = table0_;
                    tile = 4294967295u;
                    end = 0u;
                    uint _e490 = turn;
                    if (_e490 == 0u) {
                        uint _e493 = tile;
                        tile = metal::min(_e493, _e55 / 64u);
                        uint _e497 = end;
                        end = metal::min(metal::max(_e497, (position0_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e504 = turn;
                    if (_e504 == 1u) {
                        table = table0_;
                        tile = metal::max(_e55 / 64u, shared_tiles);
                        end = (position0_ / 64u) + 1u;
                    }
                    uint _e514 = turn;
                    if (_e514 == 0u) {
                        uint _e517 = tile;
                        tile = metal::min(_e517, _e141 / 64u);
                        uint _e521 = end;
                        end = metal::min(metal::max(_e521, (position1_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e528 = turn;
                    if (_e528 == 2u) {
                        table = table1_;
                        tile = metal::max(_e141 / 64u, shared_tiles);
                        end = (position1_ / 64u) + 1u;
                    }
                    uint _e538 = turn;
                    if (_e538 == 0u) {
                        uint _e541 = tile;
                        tile = metal::min(_e541, _e227 / 64u);
                        uint _e545 = end;
                        end = metal::min(metal::max(_e545, (position2_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e552 = turn;
                    if (_e552 == 3u) {
                        table = table2_;
                        tile = metal::max(_e227 / 64u, shared_tiles);
                        end = (position2_ / 64u) + 1u;
                    }
                    uint _e562 = turn;
                    if (_e562 == 0u) {
                        uint _e565 = tile;
                        tile = metal::min(_e565, _e313 / 64u);
                        uint _e569 = end;
                        end = metal::min(metal::max(_e569, (position3_ / 64u) + 1u), shared_tiles);
                    }
                    uint _e576 = turn;
                    if (_e576 == 4u) {
                        table = table3_;
                        tile = metal::max(_e313 / 64u, shared_tiles);
                        end = (position3_ / 64u) + 1u;
                    }
                    uint _e586 = tile;
                    uint _e587 = segment;
                    tile = metal::max(_e586, _e587 * SEGMENT_TILES);
                    uint _e591 = end;
                    uint _e592 = segment;
                    end = metal::min(_e591, (_e592 + 1u) * SEGMENT_TILES);
                    bool loop_init_9 = true;
                    while(true) {
                        if (!loop_init_9) {
                            uint _e1472 = tile;
                            tile = _e1472 + 1u;
                        }
                        loop_init_9 = false;
                        uint _e598 = tile;
                        uint _e599 = end;
                        if (_e598 < _e599) {
                        } else {
                            break;
                        }
                        {
                            uint _e601 = tile;
                            uint base_4 = _e601 * 64u;
                            low = 64u;
                            high = 0u;
                            first0_ = 1u;
                            last0_ = 0u;
                            if (0u < count) {
                                uint _e616 = turn;
                                if (!((_e616 == 0u))) {
                                    uint _e622 = turn;
                                    local_1 = _e622 == 1u;
                                } else {
                                    local_1 = true;
                                }
                                bool _e626 = local_1;
                                local = _e626;
                            } else {
                                local = false;
                            }
                            bool _e628 = local;
                            if (_e628) {
                                local_2 = (base_4 + 63u) >= _e55;
                            } else {
                                local_2 = false;
                            }
                            bool _e635 = local_2;
                            if (_e635) {
                                local_3 = base_4 <= position0_;
                            } else {
                                local_3 = false;
                            }
                            bool _e640 = local_3;
                            if (_e640) {
                                first0_ = metal::max(_e55, base_4) - base_4;
                                last0_ = metal::min(position0_ - base_4, 63u);
                                uint _e646 = low;
                                uint _e647 = first0_;
                                low = metal::min(_e646, _e647);
                                uint _e649 = high;
                                uint _e650 = last0_;
                                high = metal::max(_e649, _e650);
                            }
                            first1_ = 1u;
                            last1_ = 0u;
                            if (1u < count) {
                                uint _e660 = turn;
                                if (!((_e660 == 0u))) {
                                    uint _e666 = turn;
                                    local_5 = _e666 == 2u;
                                } else {
                                    local_5 = true;
                                }
                                bool _e670 = local_5;
                                local_4 = _e670;
                            } else {
                                local_4 = false;
                            }
                            bool _e672 = local_4;
                            if (_e672) {
                                local_6 = (base_4 + 63u) >= _e141;
                            } else {
                                local_6 = false;
                            }
                            bool _e679 = local_6;
                            if (_e679) {
                                local_7 = base_4 <= position1_;
                            } else {
                                local_7 = false;
                            }
                            bool _e684 = local_7;
                            if (_e684) {
                                first1_ = metal::max(_e141, base_4) - base_4;
                                last1_ = metal::min(position1_ - base_4, 63u);
                                uint _e690 = low;
                                uint _e691 = first1_;
                                low = metal::min(_e690, _e691);
                                uint _e693 = high;
                                uint _e694 = last1_;
                                high = metal::max(_e693, _e694);
                            }
                            first2_ = 1u;
                            last2_ = 0u;
                            if (2u < count) {
                                uint _e704 = turn;
                                if (!((_e704 == 0u))) {
                                    uint _e710 = turn;
                                    local_9 = _e710 == 3u;
                                } else {
                                    local_9 = true;
                                }
                                bool _e714 = local_9;
                                local_8 = _e714;
                            } else {
                                local_8 = false;
                            }
                            bool _e716 = local_8;
                            if (_e716) {
                                local_10 = (base_4 + 63u) >= _e227;
                            } else {
                                local_10 = false;
                            }
                            bool _e723 = local_10;
                            if (_e723) {
                                local_11 = base_4 <= position2_;
                            } else {
                                local_11 = false;
                            }
                            bool _e728 = local_11;
                            if (_e728) {
                                first2_ = metal::max(_e227, base_4) - base_4;
                                last2_ = metal::min(position2_ - base_4, 63u);
                                uint _e734 = low;
                                uint _e735 = first2_;
                                low = metal::min(_e734, _e735);
                                uint _e737 = high;
                                uint _e738 = last2_;
                                high = metal::max(_e737, _e738);
                            }
                            first3_ = 1u;
                            last3_ = 0u;
                            if (3u < count) {
                                uint _e748 = turn;
                                if (!((_e748 == 0u))) {
                                    uint _e754 = turn;
                                    local_13 = _e754 == 4u;
                                } else {
                                    local_13 = true;
                                }
                                bool _e758 = local_13;
                                local_12 = _e758;
                            } else {
                                local_12 = false;
                            }
                            bool _e760 = local_12;
                            if (_e760) {
                                local_14 = (base_4 + 63u) >= _e313;
                            } else {
                                local_14 = false;
                            }
                            bool _e767 = local_14;
                            if (_e767) {
                                local_15 = base_4 <= position3_;
                            } else {
                                local_15 = false;
                            }
                            bool _e772 = local_15;
                            if (_e772) {
                                first3_ = metal::max(_e313, base_4) - base_4;
                                last3_ = metal::min(position3_ - base_4, 63u);
                                uint _e778 = low;
                                uint _e779 = first3_;
                                low = metal::min(_e778, _e779);
                                uint _e781 = high;
                                uint _e782 = last3_;
                                high = metal::max(_e781, _e782);
                            }
                            uint _e784 = low;
                            if (lid >= _e784) {
                                uint _e788 = high;
                                local_16 = lid <= _e788;
                            } else {
                                local_16 = false;
                            }
                            bool _e791 = local_16;
                            if (_e791) {
                                uint _e793 = table;
                                uint _e799 = lists[_e793 + ((base_4 + lid) / 16u)];
                                uint slot = (_e799 * 16u) + (lid % 16u);
                                uint _e807 = p.kv_heads;
                                uint place = (slot * _e807) + kv_head;
                                places.inner[lid] = place * _e33;
                                uint at_7 = place * _e29;
                                uint _e814 = turn;
                                if (_e814 == 0u) {
                                    local_17 = count > 1u;
                                } else {
                                    local_17 = false;
                                }
                                bool _e822 = local_17;
                                if (_e822) {
                                    dot_all(at_7, keys, p, query, dots, _buffer_sizes);
                                } else {
                                    uint _e823 = turn;
                                    uint alone = metal::max(_e823, 1u) - 1u;
                                    float _e830 = dot_one(alone * 128u, at_7, keys, p, query, _buffer_sizes);
                                    if (alone == 0u) {
                                        dots.inner[0] = _e830;
                                    }
                                    if (alone == 1u) {
                                        dots.inner[1] = _e830;
                                    }
                                    if (alone == 2u) {
                                        dots.inner[2] = _e830;
                                    }
                                    if (alone == 3u) {
                                        dots.inner[3] = _e830;
                                    }
                                }
                            }
                            uint _e847 = first0_;
                            uint _e848 = last0_;
                            if (_e847 <= _e848) {
                                s = -340282350000000000000000000000000000000.0;
                                uint _e852 = first0_;
                                if (lid >= _e852) {
                                    uint _e856 = last0_;
                                    local_18 = lid <= _e856;
                                } else {
                                    local_18 = false;
                                }
                                bool _e859 = local_18;
                                if (_e859) {
                                    float _e862 = dots.inner[0];
                                    float _e865 = p.scale;
                                    s = _e862 * _e865;
                                    float _e869 = p.cap;
                                    if (_e869 > 0.0) {
                                        float _e874 = p.cap;
                                        float _e875 = s;
                                        float _e878 = p.cap;
                                        float _e880 = tanh(_e875 / _e878);
                                        s = _e874 * _e880;
                                    }
                                    uint _e884 = p.slopes;
                                    if (_e884 != NONE) {
                                        uint _e890 = p.slopes;
                                        float _e893 = vectors[_e890 + head];
                                        float _e898 = s;
                                        s = metal::fma(_e893, -(static_cast<float>((position0_ - base_4) - lid)), _e898);
                                    }
                                }
                                float _e904 = s;
                                scores.inner[0u + lid] = _e904;
                            }
                            uint _e905 = first1_;
                            uint _e906 = last1_;
                            if (_e905 <= _e906) {
                                s_1 = -340282350000000000000000000000000000000.0;
                                uint _e910 = first1_;
                                if (lid >= _e910) {
                                    uint _e914 = last1_;
                                    local_19 = lid <= _e914;
                                } else {
                                    local_19 = false;
                                }
                                bool _e917 = local_19;
                                if (_e917) {
                                    float _e920 = dots.inner[1];
                                    float _e923 = p.scale;
                                    s_1 = _e920 * _e923;
                                    float _e927 = p.cap;
                                    if (_e927 > 0.0) {
                                        float _e932 = p.cap;
                                        float _e933 = s_1;
                                        float _e936 = p.cap;
                                        float _e938 = tanh(_e933 / _e936);
                                        s_1 = _e932 * _e938;
                                    }
                                    uint _e942 = p.slopes;
                                    if (_e942 != NONE) {
                                        uint _e948 = p.slopes;
                                        float _e951 = vectors[_e948 + head];
                                        float _e956 = s_1;
                                        s_1 = metal::fma(_e951, -(static_cast<float>((position1_ - base_4) - lid)), _e956);
                                    }
                                }
                                float _e962 = s_1;
                                scores.inner[64u + lid] = _e962;
                            }
                            uint _e963 = first2_;
                            uint _e964 = last2_;
                            if (_e963 <= _e964) {
                                s_2 = -340282350000000000000000000000000000000.0;
                                uint _e968 = first2_;
                                if (lid >= _e968) {
                                    uint _e972 = last2_;
                                    local_20 = lid <= _e972;
                                } else {
                                    local_20 = false;
                                }
                                bool _e975 = local_20;
                                if (_e975) {
                                    float _e978 = dots.inner[2];
                                    float _e981 = p.scale;
                                    s_2 = _e978 * _e981;
                                    float _e985 = p.cap;
                                    if (_e985 > 0.0) {
                                        float _e990 = p.cap;
                                        float _e991 = s_2;
                                        float _e994 = p.cap;
                                        float _e996 = tanh(_e991 / _e994);
                                        s_2 = _e990 * _e996;
                                    }
                                    uint _e1000 = p.slopes;
                                    if (_e1000 != NONE) {
                                        uint _e1006 = p.slopes;
                                        float _e1009 = vectors[_e1006 + head];
                                        float _e1014 = s_2;
                                        s_2 = metal::fma(_e1009, -(static_cast<float>((position2_ - base_4) - lid)), _e1014);
                                    }
                                }
                                float _e1020 = s_2;
                                scores.inner[128u + lid] = _e1020;
                            }
                            uint _e1021 = first3_;
                            uint _e1022 = last3_;
                            if (_e1021 <= _e1022) {
                                s_3 = -340282350000000000000000000000000000000.0;
                                uint _e1026 = first3_;
                                if (lid >= _e1026) {
                                    uint _e1030 = last3_;
                                    local_21 = lid <= _e1030;
                                } else {
                                    local_21 = false;
                                }
                                bool _e1033 = local_21;
                                if (_e1033) {
                                    float _e1036 = dots.inner[3];
                                    float _e1039 = p.scale;
                                    s_3 = _e1036 * _e1039;
                                    float _e1043 = p.cap;
                                    if (_e1043 > 0.0) {
                                        float _e1048 = p.cap;
                                        float _e1049 = s_3;
                                        float _e1052 = p.cap;
                                        float _e1054 = tanh(_e1049 / _e1052);
                                        s_3 = _e1048 * _e1054;
                                    }
                                    uint _e1058 = p.slopes;
                                    if (_e1058 != NONE) {
                                        uint _e1064 = p.slopes;
                                        float _e1067 = vectors[_e1064 + head];
                                        float _e1072 = s_3;
                                        s_3 = metal::fma(_e1067, -(static_cast<float>((position3_ - base_4) - lid)), _e1072);
                                    }
                                }
                                float _e1078 = s_3;
                                scores.inner[192u + lid] = _e1078;
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            sum0_ = 0.0;
                            correction0_ = 1.0;
                            uint _e1083 = first0_;
                            uint _e1084 = last0_;
                            if (_e1083 <= _e1084) {
                                float _e1086 = m0_;
                                highest = _e1086;
                                i = 0u;
                                bool loop_init_10 = true;
                                while(true) {
                                    if (!loop_init_10) {
                                        uint _e1102 = i;
                                        i = _e1102 + 1u;
                                    }
                                    loop_init_10 = false;
                                    uint _e1090 = i;
                                    if (_e1090 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1093 = highest;
                                        uint _e1096 = i;
                                        float _e1099 = scores.inner[0u + _e1096];
                                        highest = metal::max(_e1093, _e1099);
                                    }
                                }
                                float _e1104 = m0_;
                                float _e1105 = highest;
                                float _e1107 = exp(_e1104 - _e1105);
                                correction0_ = _e1107;
                                float _e1116 = scores.inner[0u + lid];
                                float _e1117 = highest;
                                float _e1119 = exp(_e1116 - _e1117);
                                shares.inner[0u + lid] = _e1119;
                                float _e1120 = highest;
                                m0_ = _e1120;
                                float _e1121 = acc0_0_;
                                float _e1122 = correction0_;
                                acc0_0_ = _e1121 * _e1122;
                                float _e1124 = acc0_1_;
                                float _e1125 = correction0_;
                                acc0_1_ = _e1124 * _e1125;
                            }
                            sum1_ = 0.0;
                            correction1_ = 1.0;
                            uint _e1131 = first1_;
                            uint _e1132 = last1_;
                            if (_e1131 <= _e1132) {
                                float _e1134 = m1_;
                                highest_1 = _e1134;
                                i_1 = 0u;
                                bool loop_init_11 = true;
                                while(true) {
                                    if (!loop_init_11) {
                                        uint _e1150 = i_1;
                                        i_1 = _e1150 + 1u;
                                    }
                                    loop_init_11 = false;
                                    uint _e1138 = i_1;
                                    if (_e1138 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1141 = highest_1;
                                        uint _e1144 = i_1;
                                        float _e1147 = scores.inner[64u + _e1144];
                                        highest_1 = metal::max(_e1141, _e1147);
                                    }
                                }
                                float _e1152 = m1_;
                                float _e1153 = highest_1;
                                float _e1155 = exp(_e1152 - _e1153);
                                correction1_ = _e1155;
                                float _e1164 = scores.inner[64u + lid];
                                float _e1165 = highest_1;
                                float _e1167 = exp(_e1164 - _e1165);
                                shares.inner[64u + lid] = _e1167;
                                float _e1168 = highest_1;
                                m1_ = _e1168;
                                float _e1169 = acc1_0_;
                                float _e1170 = correction1_;
                                acc1_0_ = _e1169 * _e1170;
                                float _e1172 = acc1_1_;
                                float _e1173 = correction1_;
                                acc1_1_ = _e1172 * _e1173;
                            }
                            sum2_ = 0.0;
                            correction2_ = 1.0;
                            uint _e1179 = first2_;
                            uint _e1180 = last2_;
                            if (_e1179 <= _e1180) {
                                float _e1182 = m2_;
                                highest_2 = _e1182;
                                i_2 = 0u;
                                bool loop_init_12 = true;
                                while(true) {
                                    if (!loop_init_12) {
                                        uint _e1198 = i_2;
                                        i_2 = _e1198 + 1u;
                                    }
                                    loop_init_12 = false;
                                    uint _e1186 = i_2;
                                    if (_e1186 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1189 = highest_2;
                                        uint _e1192 = i_2;
                                        float _e1195 = scores.inner[128u + _e1192];
                                        highest_2 = metal::max(_e1189, _e1195);
                                    }
                                }
                                float _e1200 = m2_;
                                float _e1201 = highest_2;
                                float _e1203 = exp(_e1200 - _e1201);
                                correction2_ = _e1203;
                                float _e1212 = scores.inner[128u + lid];
                                float _e1213 = highest_2;
                                float _e1215 = exp(_e1212 - _e1213);
                                shares.inner[128u + lid] = _e1215;
                                float _e1216 = highest_2;
                                m2_ = _e1216;
                                float _e1217 = acc2_0_;
                                float _e1218 = correction2_;
                                acc2_0_ = _e1217 * _e1218;
                                float _e1220 = acc2_1_;
                                float _e1221 = correction2_;
                                acc2_1_ = _e1220 * _e1221;
                            }
                            sum3_ = 0.0;
                            correction3_ = 1.0;
                            uint _e1227 = first3_;
                            uint _e1228 = last3_;
                            if (_e1227 <= _e1228) {
                                float _e1230 = m3_;
                                highest_3 = _e1230;
                                i_3 = 0u;
                                bool loop_init_13 = true;
                                while(true) {
                                    if (!loop_init_13) {
                                        uint _e1246 = i_3;
                                        i_3 = _e1246 + 1u;
                                    }
                                    loop_init_13 = false;
                                    uint _e1234 = i_3;
                                    if (_e1234 < 64u) {
                                    } else {
                                        break;
                                    }
                                    {
                                        float _e1237 = highest_3;
                                        uint _e1240 = i_3;
                                        float _e1243 = scores.inner[192u + _e1240];
                                        highest_3 = metal::max(_e1237, _e1243);
                                    }
                                }
                                float _e1248 = m3_;
                                float _e1249 = highest_3;
                                float _e1251 = exp(_e1248 - _e1249);
                                correction3_ = _e1251;
                                float _e1260 = scores.inner[192u + lid];
                                float _e1261 = highest_3;
                                float _e1263 = exp(_e1260 - _e1261);
                                shares.inner[192u + lid] = _e1263;
                                float _e1264 = highest_3;
                                m3_ = _e1264;
                                float _e1265 = acc3_0_;
                                float _e1266 = correction3_;
                                acc3_0_ = _e1265 * _e1266;
                                float _e1268 = acc3_1_;
                                float _e1269 = correction3_;
                                acc3_1_ = _e1268 * _e1269;
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            uint _e1271 = low;
                            quarter = _e1271 / 16u;
                            bool loop_init_14 = true;
                            while(true) {
                                if (!loop_init_14) {
                                    uint _e1441 = quarter;
                                    quarter = _e1441 + 1u;
                                }
                                loop_init_14 = false;
                                uint _e1275 = quarter;
                                uint _e1276 = high;
                                if (_e1275 <= (_e1276 / 16u)) {
                                } else {
                                    break;
                                }
                                {
                                    quarter_sum0_ = 0.0;
                                    quarter_sum1_ = 0.0;
                                    quarter_sum2_ = 0.0;
                                    quarter_sum3_ = 0.0;
                                    uint _e1288 = low;
                                    uint _e1289 = quarter;
                                    t = metal::max(_e1288, _e1289 * 16u);
                                    bool loop_init_15 = true;
                                    while(true) {
                                        if (!loop_init_15) {
                                            uint _e1426 = t;
                                            t = _e1426 + 1u;
                                        }
                                        loop_init_15 = false;
                                        uint _e1294 = t;
                                        uint _e1295 = high;
                                        uint _e1296 = quarter;
                                        if (_e1294 <= metal::min(_e1295, (_e1296 * 16u) + 15u)) {
                                        } else {
                                            break;
                                        }
                                        {
                                            uint _e1304 = t;
                                            uint place_1 = places.inner[_e1304];
                                            v0_ = 0.0;
                                            uint _e1313 = p.value_dim;
                                            if ((lid + 0u) < _e1313) {
                                                float _e1317 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                                                v0_ = _e1317;
                                            }
                                            v1_ = 0.0;
                                            uint _e1324 = p.value_dim;
                                            if ((lid + 64u) < _e1324) {
                                                float _e1328 = value_at(place_1, lid + 64u, values, _buffer_sizes);
                                                v1_ = _e1328;
                                            }
                                            uint _e1329 = t;
                                            uint _e1330 = first0_;
                                            if (_e1329 >= _e1330) {
                                                uint _e1334 = t;
                                                uint _e1335 = last0_;
                                                local_22 = _e1334 <= _e1335;
                                            } else {
                                                local_22 = false;
                                            }
                                            bool _e1338 = local_22;
                                            if (_e1338) {
                                                uint _e1341 = t;
                                                float share = shares.inner[0u + _e1341];
                                                float _e1345 = quarter_sum0_;
                                                quarter_sum0_ = _e1345 + share;
                                                float _e1347 = v0_;
                                                float _e1348 = acc0_0_;
                                                acc0_0_ = metal::fma(share, _e1347, _e1348);
                                                float _e1350 = v1_;
                                                float _e1351 = acc0_1_;
                                                acc0_1_ = metal::fma(share, _e1350, _e1351);
                                            }
                                            uint _e1353 = t;
                                            uint _e1354 = first1_;
                                            if (_e1353 >= _e1354) {
                                                uint _e1358 = t;
                                                uint _e1359 = last1_;
                                                local_23 = _e1358 <= _e1359;
                                            } else {
                                                local_23 = false;
                                            }
                                            bool _e1362 = local_23;
                                            if (_e1362) {
                                                uint _e1365 = t;
                                                float share_1 = shares.inner[64u + _e1365];
                                                float _e1369 = quarter_sum1_;
                                                quarter_sum1_ = _e1369 + share_1;
                                                float _e1371 = v0_;
                                                float _e1372 = acc1_0_;
                                                acc1_0_ = metal::fma(share_1, _e1371, _e1372);
                                                float _e1374 = v1_;
                                                float _e1375 = acc1_1_;
                                                acc1_1_ = metal::fma(share_1, _e1374, _e1375);
                                            }
                                            uint _e1377 = t;
                                            uint _e1378 = first2_;
                                            if (_e1377 >= _e1378) {
                                                uint _e1382 = t;
                                                uint _e1383 = last2_;
                                                local_24 = _e1382 <= _e1383;
                                            } else {
                                                local_24 = false;
                                            }
                                            bool _e1386 = local_24;
                                            if (_e1386) {
                                                uint _e1389 = t;
                                                float share_2 = shares.inner[128u + _e1389];
                                                float _e1393 = quarter_sum2_;
                                                quarter_sum2_ = _e1393 + share_2;
                                                float _e1395 = v0_;
                                                float _e1396 = acc2_0_;
                                                acc2_0_ = metal::fma(share_2, _e1395, _e1396);
                                                float _e1398 = v1_;
                                                float _e1399 = acc2_1_;
                                                acc2_1_ = metal::fma(share_2, _e1398, _e1399);
                                            }
                                            uint _e1401 = t;
                                            uint _e1402 = first3_;
                                            if (_e1401 >= _e1402) {
                                                uint _e1406 = t;
                                                uint _e1407 = last3_;
                                                local_25 = _e1406 <= _e1407;
                                            } else {
                                                local_25 = false;
                                            }
                                            bool _e1410 = local_25;
                                            if (_e1410) {
                                                uint _e1413 = t;
                                                float share_3 = shares.inner[192u + _e1413];
                                                float _e1417 = quarter_sum3_;
                                                quarter_sum3_ = _e1417 + share_3;
                                                float _e1419 = v0_;
                                                float _e1420 = acc3_0_;
                                                acc3_0_ = metal::fma(share_3, _e1419, _e1420);
                                                float _e1422 = v1_;
                                                float _e1423 = acc3_1_;
                                                acc3_1_ = metal::fma(share_3, _e1422, _e1423);
                                            }
                                        }
                                    }
                                    float _e1428 = sum0_;
                                    float _e1429 = quarter_sum0_;
                                    sum0_ = _e1428 + _e1429;
                                    float _e1431 = sum1_;
                                    float _e1432 = quarter_sum1_;
                                    sum1_ = _e1431 + _e1432;
                                    float _e1434 = sum2_;
                                    float _e1435 = quarter_sum2_;
                                    sum2_ = _e1434 + _e1435;
                                    float _e1437 = sum3_;
                                    float _e1438 = quarter_sum3_;
                                    sum3_ = _e1437 + _e1438;
                                }
                            }
                            uint _e1443 = first0_;
                            uint _e1444 = last0_;
                            if (_e1443 <= _e1444) {
                                float _e1446 = l0_;
                                float _e1447 = correction0_;
                                float _e1448 = sum0_;
                                l0_ = metal::fma(_e1446, _e1447, _e1448);
                            }
                            uint _e1450 = first1_;
                            uint _e1451 = last1_;
                            if (_e1450 <= _e1451) {
                                float _e1453 = l1_;
                                float _e1454 = correction1_;
                                float _e1455 = sum1_;
                                l1_ = metal::fma(_e1453, _e1454, _e1455);
                            }
                            uint _e1457 = first2_;
                            uint _e1458 = last2_;
                            if (_e1457 <= _e1458) {
                                float _e1460 = l2_;
                                float _e1461 = correction2_;
                                float _e1462 = sum2_;
                                l2_ = metal::fma(_e1460, _e1461, _e1462);
                            }
                            uint _e1464 = first3_;
                            uint _e1465 = last3_;
                            if (_e1464 <= _e1465) {
                                float _e1467 = l3_;
                                float _e1468 = correction3_;
                                float _e1469 = sum3_;
                                l3_ = metal::fma(_e1467, _e1468, _e1469);
                            }
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                }
            }
            if (0u < count) {
                uint _e1481 = segment;
                local_26 = _e1481 >= (_e55 / SEGMENT);
            } else {
                local_26 = false;
            }
            bool _e1486 = local_26;
            if (_e1486) {
                uint _e1489 = segment;
                local_27 = _e1489 <= (position0_ / SEGMENT);
            } else {
                local_27 = false;
            }
            bool is_seen0_ = local_27;
            if (is_seen0_) {
                local_28 = part != NONE;
            } else {
                local_28 = false;
            }
            bool _e1500 = local_28;
            if (_e1500) {
                uint _e1506 = p.heads;
                uint _e1511 = p.value_dim;
                uint at_8 = (((part + (0u * row_parts)) * _e1506) + head) * (_e1511 + 2u);
                if (lid == 0u) {
                    float _e1519 = m0_;
                    parts[at_8] = _e1519;
                    float _e1524 = l0_;
                    parts[at_8 + 1u] = _e1524;
                }
                uint _e1529 = p.value_dim;
                if ((lid + 0u) < _e1529) {
                    float _e1538 = acc0_0_;
                    parts[((at_8 + 2u) + lid) + 0u] = _e1538;
                }
                uint _e1543 = p.value_dim;
                if ((lid + 64u) < _e1543) {
                    float _e1552 = acc0_1_;
                    parts[((at_8 + 2u) + lid) + 64u] = _e1552;
                }
            } else {
                if (is_seen0_) {
                    float _e1553 = all_m0_;
                    float _e1554 = m0_;
                    float highest_4 = metal::max(_e1553, _e1554);
                    float _e1556 = all_m0_;
                    float _e1558 = exp(_e1556 - highest_4);
                    float _e1559 = m0_;
                    float _e1561 = exp(_e1559 - highest_4);
                    float _e1562 = all_l0_;
                    float _e1563 = l0_;
                    float _e1564 = joined(_e1562, _e1558, _e1563, _e1561);
                    all_l0_ = _e1564;
                    float _e1565 = all0_0_;
                    float _e1566 = acc0_0_;
                    float _e1567 = joined(_e1565, _e1558, _e1566, _e1561);
                    all0_0_ = _e1567;
                    float _e1568 = all0_1_;
                    float _e1569 = acc0_1_;
                    float _e1570 = joined(_e1568, _e1558, _e1569, _e1561);
                    all0_1_ = _e1570;
                    all_m0_ = highest_4;
                }
            }
            if (1u < count) {
                uint _e1575 = segment;
                local_29 = _e1575 >= (_e141 / SEGMENT);
            } else {
                local_29 = false;
            }
            bool _e1580 = local_29;
            if (_e1580) {
                uint _e1583 = segment;
                local_30 = _e1583 <= (position1_ / SEGMENT);
            } else {
                local_30 = false;
            }
            bool is_seen1_ = local_30;
            if (is_seen1_) {
                local_31 = part != NONE;
            } else {
                local_31 = false;
            }
            bool _e1594 = local_31;
            if (_e1594) {
                uint _e1600 = p.heads;
                uint _e1605 = p.value_dim;
                uint at_9 = (((part + (1u * row_parts)) * _e1600) + head) * (_e1605 + 2u);
                if (lid == 0u) {
                    float _e1613 = m1_;
                    parts[at_9] = _e1613;
                    float _e1618 = l1_;
                    parts[at_9 + 1u] = _e1618;
                }
                uint _e1623 = p.value_dim;
                if ((lid + 0u) < _e1623) {
                    float _e1632 = acc1_0_;
                    parts[((at_9 + 2u) + lid) + 0u] = _e1632;
                }
                uint _e1637 = p.value_dim;
                if ((lid + 64u) < _e1637) {
                    float _e1646 = acc1_1_;
                    parts[((at_9 + 2u) + lid) + 64u] = _e1646;
                }
            } else {
                if (is_seen1_) {
                    float _e1647 = all_m1_;
                    float _e1648 = m1_;
                    float highest_5 = metal::max(_e1647, _e1648);
                    float _e1650 = all_m1_;
                    float _e1652 = exp(_e1650 - highest_5);
                    float _e1653 = m1_;
                    float _e1655 = exp(_e1653 - highest_5);
                    float _e1656 = all_l1_;
                    float _e1657 = l1_;
                    float _e1658 = joined(_e1656, _e1652, _e1657, _e1655);
                    all_l1_ = _e1658;
                    float _e1659 = all1_0_;
                    float _e1660 = acc1_0_;
                    float _e1661 = joined(_e1659, _e1652, _e1660, _e1655);
                    all1_0_ = _e1661;
                    float _e1662 = all1_1_;
                    float _e1663 = acc1_1_;
                    float _e1664 = joined(_e1662, _e1652, _e1663, _e1655);
                    all1_1_ = _e1664;
                    all_m1_ = highest_5;
                }
            }
            if (2u < count) {
                uint _e1669 = segment;
                local_32 = _e1669 >= (_e227 / SEGMENT);
            } else {
                local_32 = false;
            }
            bool _e1674 = local_32;
            if (_e1674) {
                uint _e1677 = segment;
                local_33 = _e1677 <= (position2_ / SEGMENT);
            } else {
                local_33 = false;
            }
            bool is_seen2_ = local_33;
            if (is_seen2_) {
                local_34 = part != NONE;
            } else {
                local_34 = false;
            }
            bool _e1688 = local_34;
            if (_e1688) {
                uint _e1694 = p.heads;
                uint _e1699 = p.value_dim;
                uint at_10 = (((part + (2u * row_parts)) * _e1694) + head) * (_e1699 + 2u);
                if (lid == 0u) {
                    float _e1707 = m2_;
                    parts[at_10] = _e1707;
                    float _e1712 = l2_;
                    parts[at_10 + 1u] = _e1712;
                }
                uint _e1717 = p.value_dim;
                if ((lid + 0u) < _e1717) {
                    float _e1726 = acc2_0_;
                    parts[((at_10 + 2u) + lid) + 0u] = _e1726;
                }
                uint _e1731 = p.value_dim;
                if ((lid + 64u) < _e1731) {
                    float _e1740 = acc2_1_;
                    parts[((at_10 + 2u) + lid) + 64u] = _e1740;
                }
            } else {
                if (is_seen2_) {
                    float _e1741 = all_m2_;
                    float _e1742 = m2_;
                    float highest_6 = metal::max(_e1741, _e1742);
                    float _e1744 = all_m2_;
                    float _e1746 = exp(_e1744 - highest_6);
                    float _e1747 = m2_;
                    float _e1749 = exp(_e1747 - highest_6);
                    float _e1750 = all_l2_;
                    float _e1751 = l2_;
                    float _e1752 = joined(_e1750, _e1746, _e1751, _e1749);
                    all_l2_ = _e1752;
                    float _e1753 = all2_0_;
                    float _e1754 = acc2_0_;
                    float _e1755 = joined(_e1753, _e1746, _e1754, _e1749);
                    all2_0_ = _e1755;
                    float _e1756 = all2_1_;
                    float _e1757 = acc2_1_;
                    float _e1758 = joined(_e1756, _e1746, _e1757, _e1749);
                    all2_1_ = _e1758;
                    all_m2_ = highest_6;
                }
            }
            if (3u < count) {
                uint _e1763 = segment;
                local_35 = _e1763 >= (_e313 / SEGMENT);
            } else {
                local_35 = false;
            }
            bool _e1768 = local_35;
            if (_e1768) {
                uint _e1771 = segment;
                local_36 = _e1771 <= (position3_ / SEGMENT);
            } else {
                local_36 = false;
            }
            bool is_seen3_ = local_36;
            if (is_seen3_) {
                local_37 = part != NONE;
            } else {
                local_37 = false;
            }
            bool _e1782 = local_37;
            if (_e1782) {
                uint _e1788 = p.heads;
                uint _e1793 = p.value_dim;
                uint at_11 = (((part + (3u * row_parts)) * _e1788) + head) * (_e1793 + 2u);
                if (lid == 0u) {
                    float _e1801 = m3_;
                    parts[at_11] = _e1801;
                    float _e1806 = l3_;
                    parts[at_11 + 1u] = _e1806;
                }
                uint _e1811 = p.value_dim;
                if ((lid + 0u) < _e1811) {
                    float _e1820 = acc3_0_;
                    parts[((at_11 + 2u) + lid) + 0u] = _e1820;
                }
                uint _e1825 = p.value_dim;
                if ((lid + 64u) < _e1825) {
                    float _e1834 = acc3_1_;
                    parts[((at_11 + 2u) + lid) + 64u] = _e1834;
                }
            } else {
                if (is_seen3_) {
                    float _e1835 = all_m3_;
                    float _e1836 = m3_;
                    float highest_7 = metal::max(_e1835, _e1836);
                    float _e1838 = all_m3_;
                    float _e1840 = exp(_e1838 - highest_7);
                    float _e1841 = m3_;
                    float _e1843 = exp(_e1841 - highest_7);
                    float _e1844 = all_l3_;
                    float _e1845 = l3_;
                    float _e1846 = joined(_e1844, _e1840, _e1845, _e1843);
                    all_l3_ = _e1846;
                    float _e1847 = all3_0_;
                    float _e1848 = acc3_0_;
                    float _e1849 = joined(_e1847, _e1840, _e1848, _e1843);
                    all3_0_ = _e1849;
                    float _e1850 = all3_1_;
                    float _e1851 = acc3_1_;
                    float _e1852 = joined(_e1850, _e1840, _e1851, _e1843);
                    all3_1_ = _e1852;
                    all_m3_ = highest_7;
                }
            }
        }
    }
    if (part != NONE) {
        return;
    }
    if (0u < count) {
        float _e1860 = all_l0_;
        float inverse_1 = 1.0 / _e1860;
        uint _e1865 = p.heads;
        uint _e1870 = p.value_dim;
        uint out_at = ((row0_ * _e1865) + head) * _e1870;
        uint _e1876 = p.value_dim;
        if ((lid + 0u) < _e1876) {
            float _e1878 = all0_0_;
            float y_1 = _e1878 * inverse_1;
            uint _e1883 = p.y;
            ys[((_e1883 + out_at) + lid) + 0u] = y_1;
            query.inner[lid + 0u] = y_1;
        }
        uint _e1897 = p.value_dim;
        if ((lid + 64u) < _e1897) {
            float _e1899 = all0_1_;
            float y_2 = _e1899 * inverse_1;
            uint _e1904 = p.y;
            ys[((_e1904 + out_at) + lid) + 64u] = y_2;
            query.inner[lid + 64u] = y_2;
        }
        uint _e1916 = p.quantise;
        if (_e1916 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_16 = true;
            while(true) {
                if (!loop_init_16) {
                    uint _e1958 = base;
                    base = _e1958 + 256u;
                }
                loop_init_16 = false;
                uint _e1921 = base;
                uint _e1924 = p.value_dim;
                if (_e1921 < _e1924) {
                } else {
                    break;
                }
                {
                    uint _e1926 = base;
                    uint i_5 = _e1926 + (lid * 4u);
                    uint _e1932 = p.value_dim;
                    bool live_1 = i_5 < _e1932;
                    uint from_1 = live_1 ? i_5 : 0u;
                    float _e1938 = query.inner[from_1];
                    float _e1943 = query.inner[from_1 + 1u];
                    float _e1948 = query.inner[from_1 + 2u];
                    float _e1953 = query.inner[from_1 + 3u];
                    metal::float4 v_1 = metal::float4(_e1938, _e1943, _e1948, _e1953);
                    quantise4_(v_1, lid, (out_at + i_5) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (1u < count) {
        float _e1963 = all_l1_;
        float inverse_2 = 1.0 / _e1963;
        uint _e1968 = p.heads;
        uint _e1973 = p.value_dim;
        uint out_at_1 = ((row1_ * _e1968) + head) * _e1973;
        uint _e1979 = p.value_dim;
        if ((lid + 0u) < _e1979) {
            float _e1981 = all1_0_;
            float y_3 = _e1981 * inverse_2;
            uint _e1986 = p.y;
            ys[((_e1986 + out_at_1) + lid) + 0u] = y_3;
            query.inner[lid + 0u] = y_3;
        }
        uint _e2000 = p.value_dim;
        if ((lid + 64u) < _e2000) {
            float _e2002 = all1_1_;
            float y_4 = _e2002 * inverse_2;
            uint _e2007 = p.y;
            ys[((_e2007 + out_at_1) + lid) + 64u] = y_4;
            query.inner[lid + 64u] = y_4;
        }
        uint _e2019 = p.quantise;
        if (_e2019 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_17 = true;
            while(true) {
                if (!loop_init_17) {
                    uint _e2061 = base_1;
                    base_1 = _e2061 + 256u;
                }
                loop_init_17 = false;
                uint _e2024 = base_1;
                uint _e2027 = p.value_dim;
                if (_e2024 < _e2027) {
                } else {
                    break;
                }
                {
                    uint _e2029 = base_1;
                    uint i_6 = _e2029 + (lid * 4u);
                    uint _e2035 = p.value_dim;
                    bool live_2 = i_6 < _e2035;
                    uint from_2 = live_2 ? i_6 : 0u;
                    float _e2041 = query.inner[from_2];
                    float _e2046 = query.inner[from_2 + 1u];
                    float _e2051 = query.inner[from_2 + 2u];
                    float _e2056 = query.inner[from_2 + 3u];
                    metal::float4 v_2 = metal::float4(_e2041, _e2046, _e2051, _e2056);
                    quantise4_(v_2, lid, (out_at_1 + i_6) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (2u < count) {
        float _e2066 = all_l2_;
        float inverse_3 = 1.0 / _e2066;
        uint _e2071 = p.heads;
        uint _e2076 = p.value_dim;
        uint out_at_2 = ((row2_ * _e2071) + head) * _e2076;
        uint _e2082 = p.value_dim;
        if ((lid + 0u) < _e2082) {
            float _e2084 = all2_0_;
            float y_5 = _e2084 * inverse_3;
            uint _e2089 = p.y;
            ys[((_e2089 + out_at_2) + lid) + 0u] = y_5;
            query.inner[lid + 0u] = y_5;
        }
        uint _e2103 = p.value_dim;
        if ((lid + 64u) < _e2103) {
            float _e2105 = all2_1_;
            float y_6 = _e2105 * inverse_3;
            uint _e2110 = p.y;
            ys[((_e2110 + out_at_2) + lid) + 64u] = y_6;
            query.inner[lid + 64u] = y_6;
        }
        uint _e2122 = p.quantise;
        if (_e2122 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_18 = true;
            while(true) {
                if (!loop_init_18) {
                    uint _e2164 = base_2;
                    base_2 = _e2164 + 256u;
                }
                loop_init_18 = false;
                uint _e2127 = base_2;
                uint _e2130 = p.value_dim;
                if (_e2127 < _e2130) {
                } else {
                    break;
                }
                {
                    uint _e2132 = base_2;
                    uint i_7 = _e2132 + (lid * 4u);
                    uint _e2138 = p.value_dim;
                    bool live_3 = i_7 < _e2138;
                    uint from_3 = live_3 ? i_7 : 0u;
                    float _e2144 = query.inner[from_3];
                    float _e2149 = query.inner[from_3 + 1u];
                    float _e2154 = query.inner[from_3 + 2u];
                    float _e2159 = query.inner[from_3 + 3u];
                    metal::float4 v_3 = metal::float4(_e2144, _e2149, _e2154, _e2159);
                    quantise4_(v_3, lid, (out_at_2 + i_7) / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (3u < count) {
        float _e2169 = all_l3_;
        float inverse_4 = 1.0 / _e2169;
        uint _e2174 = p.heads;
        uint _e2179 = p.value_dim;
        uint out_at_3 = ((row3_ * _e2174) + head) * _e2179;
        uint _e2185 = p.value_dim;
        if ((lid + 0u) < _e2185) {
            float _e2187 = all3_0_;
            float y_7 = _e2187 * inverse_4;
            uint _e2192 = p.y;
            ys[((_e2192 + out_at_3) + lid) + 0u] = y_7;
            query.inner[lid + 0u] = y_7;
        }
        uint _e2206 = p.value_dim;
        if ((lid + 64u) < _e2206) {
            float _e2208 = all3_1_;
            float y_8 = _e2208 * inverse_4;
            uint _e2213 = p.y;
            ys[((_e2213 + out_at_3) + lid) + 64u] = y_8;
            query.inner[lid + 64u] = y_8;
        }
        uint _e2225 = p.quantise;
        if (_e2225 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_19 = true;
            while(true) {
                if (!loop_init_19) {
                    uint _e2267 = base_3;
                    base_3 = _e2267 + 256u;
                }
                loop_init_19 = false;
                uint _e2230 = base_3;
                uint _e2233 = p.value_dim;
                if (_e2230 < _e2233) {
                } else {
                    break;
                }
                {
                    uint _e2235 = base_3;
                    uint i_8 = _e2235 + (lid * 4u);
                    uint _e2241 = p.value_dim;
                    bool live_4 = i_8 < _e2241;
                    uint from_4 = live_4 ? i_8 : 0u;
                    float _e2247 = query.inner[from_4];
                    float _e2252 = query.inner[from_4 + 1u];
                    float _e2257 = query.inner[from_4 + 2u];
                    float _e2262 = query.inner[from_4 + 3u];
                    metal::float4 v_4 = metal::float4(_e2247, _e2252, _e2257, _e2262);
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
