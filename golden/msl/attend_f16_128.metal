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
    bool local_26 = {};
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
        local_26 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_26 = true;
    }
    bool zero = local_26;
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
, constant P& p [[buffer(8)]]
, threadgroup type_8& q_max
, threadgroup type_9& q_sum
, threadgroup type_11& query
, threadgroup type_12& scores
, threadgroup type_12& shares
, threadgroup type_8& places
, constant _mslBufferSizes& _buffer_sizes [[buffer(9)]]
) {
    type_13 dots = {};
    uint d = {};
    float m0_ = -340282350000000000000000000000000000000.0;
    float l0_ = 0.0;
    float acc0_0_ = 0.0;
    float acc0_1_ = 0.0;
    uint d_1 = {};
    float m1_ = -340282350000000000000000000000000000000.0;
    float l1_ = 0.0;
    float acc1_0_ = 0.0;
    float acc1_1_ = 0.0;
    uint d_2 = {};
    float m2_ = -340282350000000000000000000000000000000.0;
    float l2_ = 0.0;
    float acc2_0_ = 0.0;
    float acc2_1_ = 0.0;
    uint d_3 = {};
    float m3_ = -340282350000000000000000000000000000000.0;
    float l3_ = 0.0;
    float acc3_0_ = 0.0;
    float acc3_1_ = 0.0;
    uint turn = 0u;
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
    uint t = {};
    float v0_ = {};
    float v1_ = {};
    bool local_22 = {};
    bool local_23 = {};
    bool local_24 = {};
    bool local_25 = {};
    uint base = 0u;
    uint base_1 = 0u;
    uint base_2 = 0u;
    uint base_3 = 0u;
    uint head = group.x;
    uint _e5 = p.groups;
    uint entry = _e5 + (group.y * 6u);
    uint count = lists[entry];
    uint shared_tiles = lists[entry + 1u];
    uint _e20 = p.heads;
    uint _e23 = p.kv_heads;
    uint kv_head = head / (_e20 / _e23);
    uint _e28 = p.head_dim;
    uint _e29 = head_words(_e28);
    uint _e32 = p.stored_dim;
    uint _e33 = head_words(_e32);
    uint row0_ = lists[(entry + 2u) + 0u];
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
        m0_ = _e114;
        l0_ = 1.0;
    }
    uint row1_ = lists[(entry + 2u) + 1u];
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
        m1_ = _e200;
        l1_ = 1.0;
    }
    uint row2_ = lists[(entry + 2u) + 2u];
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
        m2_ = _e286;
        l2_ = 1.0;
    }
    uint row3_ = lists[(entry + 2u) + 3u];
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
        m3_ = _e372;
        l3_ = 1.0;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init_7 = true;
    while(true) {
        if (!loop_init_7) {
            uint _e1318 = turn;
            turn = _e1318 + 1u;
        }
        loop_init_7 = false;
        uint _e380 = turn;
        if (_e380 <= count) {
        } else {
            break;
        }
        {
            table = table0_;
            tile = 4294967295u;
            end = 0u;
            uint _e387 = turn;
            if (_e387 == 0u) {
                uint _e390 = tile;
                tile = metal::min(_e390, _e55 / 64u);
                uint _e394 = end;
                end = metal::min(metal::max(_e394, (position0_ / 64u) + 1u), shared_tiles);
            }
            uint _e401 = turn;
            if (_e401 == 1u) {
                table = table0_;
                tile = metal::max(_e55 / 64u, shared_tiles);
                end = (position0_ / 64u) + 1u;
            }
            uint _e411 = turn;
            if (_e411 == 0u) {
                uint _e414 = tile;
                tile = metal::min(_e414, _e141 / 64u);
                uint _e418 = end;
                end = metal::min(metal::max(_e418, (position1_ / 64u) + 1u), shared_tiles);
            }
            uint _e425 = turn;
            if (_e425 == 2u) {
                table = table1_;
                tile = metal::max(_e141 / 64u, shared_tiles);
                end = (position1_ / 64u) + 1u;
            }
            uint _e435 = turn;
            if (_e435 == 0u) {
                uint _e438 = tile;
                tile = metal::min(_e438, _e227 / 64u);
                uint _e442 = end;
                end = metal::min(metal::max(_e442, (position2_ / 64u) + 1u), shared_tiles);
            }
            uint _e449 = turn;
            if (_e449 == 3u) {
                table = table2_;
                tile = metal::max(_e227 / 64u, shared_tiles);
                end = (position2_ / 64u) + 1u;
            }
            uint _e459 = turn;
            if (_e459 == 0u) {
                uint _e462 = tile;
                tile = metal::min(_e462, _e313 / 64u);
                uint _e466 = end;
                end = metal::min(metal::max(_e466, (position3_ / 64u) + 1u), shared_tiles);
            }
            uint _e473 = turn;
            if (_e473 == 4u) {
                table = table3_;
                tile = metal::max(_e313 / 64u, shared_tiles);
                end = (position3_ / 64u) + 1u;
            }
            bool loop_init_8 = true;
            while(true) {
                if (!loop_init_8) {
                    uint _e1315 = tile;
                    tile = _e1315 + 1u;
                }
                loop_init_8 = false;
                uint _e483 = tile;
                uint _e484 = end;
                if (_e483 < _e484) {
                } else {
                    break;
                }
                {
                    uint _e486 = tile;
                    uint base_4 = _e486 * 64u;
                    low = 64u;
                    high = 0u;
                    first0_ = 1u;
                    last0_ = 0u;
                    if (0u < count) {
                        uint _e501 = turn;
                        if (!((_e501 == 0u))) {
                            uint _e507 = turn;
                            local_1 = _e507 == 1u;
                        } else {
                            local_1 = true;
                        }
                        bool _e511 = local_1;
                        local = _e511;
                    } else {
                        local = false;
                    }
                    bool _e513 = local;
                    if (_e513) {
                        local_2 = (base_4 + 63u) >= _e55;
                    } else {
                        local_2 = false;
                    }
                    bool _e520 = local_2;
                    if (_e520) {
                        local_3 = base_4 <= position0_;
                    } else {
                        local_3 = false;
                    }
                    bool _e525 = local_3;
                    if (_e525) {
                        first0_ = metal::max(_e55, base_4) - base_4;
                        last0_ = metal::min(position0_ - base_4, 63u);
                        uint _e531 = low;
                        uint _e532 = first0_;
                        low = metal::min(_e531, _e532);
                        uint _e534 = high;
                        uint _e535 = last0_;
                        high = metal::max(_e534, _e535);
                    }
                    first1_ = 1u;
                    last1_ = 0u;
                    if (1u < count) {
                        uint _e545 = turn;
                        if (!((_e545 == 0u))) {
                            uint _e551 = turn;
                            local_5 = _e551 == 2u;
                        } else {
                            local_5 = true;
                        }
                        bool _e555 = local_5;
                        local_4 = _e555;
                    } else {
                        local_4 = false;
                    }
                    bool _e557 = local_4;
                    if (_e557) {
                        local_6 = (base_4 + 63u) >= _e141;
                    } else {
                        local_6 = false;
                    }
                    bool _e564 = local_6;
                    if (_e564) {
                        local_7 = base_4 <= position1_;
                    } else {
                        local_7 = false;
                    }
                    bool _e569 = local_7;
                    if (_e569) {
                        first1_ = metal::max(_e141, base_4) - base_4;
                        last1_ = metal::min(position1_ - base_4, 63u);
                        uint _e575 = low;
                        uint _e576 = first1_;
                        low = metal::min(_e575, _e576);
                        uint _e578 = high;
                        uint _e579 = last1_;
                        high = metal::max(_e578, _e579);
                    }
                    first2_ = 1u;
                    last2_ = 0u;
                    if (2u < count) {
                        uint _e589 = turn;
                        if (!((_e589 == 0u))) {
                            uint _e595 = turn;
                            local_9 = _e595 == 3u;
                        } else {
                            local_9 = true;
                        }
                        bool _e599 = local_9;
                        local_8 = _e599;
                    } else {
                        local_8 = false;
                    }
                    bool _e601 = local_8;
                    if (_e601) {
                        local_10 = (base_4 + 63u) >= _e227;
                    } else {
                        local_10 = false;
                    }
                    bool _e608 = local_10;
                    if (_e608) {
                        local_11 = base_4 <= position2_;
                    } else {
                        local_11 = false;
                    }
                    bool _e613 = local_11;
                    if (_e613) {
                        first2_ = metal::max(_e227, base_4) - base_4;
                        last2_ = metal::min(position2_ - base_4, 63u);
                        uint _e619 = low;
                        uint _e620 = first2_;
                        low = metal::min(_e619, _e620);
                        uint _e622 = high;
                        uint _e623 = last2_;
                        high = metal::max(_e622, _e623);
                    }
                    first3_ = 1u;
                    last3_ = 0u;
                    if (3u < count) {
                        uint _e633 = turn;
                        if (!((_e633 == 0u))) {
                            uint _e639 = turn;
                            local_13 = _e639 == 4u;
                        } else {
                            local_13 = true;
                        }
                        bool _e643 = local_13;
                        local_12 = _e643;
                    } else {
                        local_12 = false;
                    }
                    bool _e645 = local_12;
                    if (_e645) {
                        local_14 = (base_4 + 63u) >= _e313;
                    } else {
                        local_14 = false;
                    }
                    bool _e652 = local_14;
                    if (_e652) {
                        local_15 = base_4 <= position3_;
                    } else {
                        local_15 = false;
                    }
                    bool _e657 = local_15;
                    if (_e657) {
                        first3_ = metal::max(_e313, base_4) - base_4;
                        last3_ = metal::min(position3_ - base_4, 63u);
                        uint _e663 = low;
                        uint _e664 = first3_;
                        low = metal::min(_e663, _e664);
                        uint _e666 = high;
                        uint _e667 = last3_;
                        high = metal::max(_e666, _e667);
                    }
                    uint _e669 = low;
                    if (lid >= _e669) {
                        uint _e673 = high;
                        local_16 = lid <= _e673;
                    } else {
                        local_16 = false;
                    }
                    bool _e676 = local_16;
                    if (_e676) {
                        uint _e678 = table;
                        uint _e684 = lists[_e678 + ((base_4 + lid) / 16u)];
                        uint slot = (_e684 * 16u) + (lid % 16u);
                        uint _e692 = p.kv_heads;
                        uint place = (slot * _e692) + kv_head;
                        places.inner[lid] = place * _e33;
                        uint at_7 = place * _e29;
                        uint _e699 = turn;
                        if (_e699 == 0u) {
                            local_17 = count > 1u;
                        } else {
                            local_17 = false;
                        }
                        bool _e707 = local_17;
                        if (_e707) {
                            dot_all(at_7, keys, p, query, dots, _buffer_sizes);
                        } else {
                            uint _e708 = turn;
                            uint alone = metal::max(_e708, 1u) - 1u;
                            float _e715 = dot_one(alone * 128u, at_7, keys, p, query, _buffer_sizes);
                            if (alone == 0u) {
                                dots.inner[0] = _e715;
                            }
                            if (alone == 1u) {
                                dots.inner[1] = _e715;
                            }
                            if (alone == 2u) {
                                dots.inner[2] = _e715;
                            }
                            if (alone == 3u) {
                                dots.inner[3] = _e715;
                            }
                        }
                    }
                    uint _e732 = first0_;
                    uint _e733 = last0_;
                    if (_e732 <= _e733) {
                        s = -340282350000000000000000000000000000000.0;
                        uint _e737 = first0_;
                        if (lid >= _e737) {
                            uint _e741 = last0_;
                            local_18 = lid <= _e741;
                        } else {
                            local_18 = false;
                        }
                        bool _e744 = local_18;
                        if (_e744) {
                            float _e747 = dots.inner[0];
                            float _e750 = p.scale;
                            s = _e747 * _e750;
                            float _e754 = p.cap;
                            if (_e754 > 0.0) {
                                float _e759 = p.cap;
                                float _e760 = s;
                                float _e763 = p.cap;
                                float _e765 = tanh(_e760 / _e763);
                                s = _e759 * _e765;
                            }
                            uint _e769 = p.slopes;
                            if (_e769 != NONE) {
                                uint _e775 = p.slopes;
                                float _e778 = vectors[_e775 + head];
                                float _e783 = s;
                                s = metal::fma(_e778, -(static_cast<float>((position0_ - base_4) - lid)), _e783);
                            }
                        }
                        float _e789 = s;
                        scores.inner[0u + lid] = _e789;
                    }
                    uint _e790 = first1_;
                    uint _e791 = last1_;
                    if (_e790 <= _e791) {
                        s_1 = -340282350000000000000000000000000000000.0;
                        uint _e795 = first1_;
                        if (lid >= _e795) {
                            uint _e799 = last1_;
                            local_19 = lid <= _e799;
                        } else {
                            local_19 = false;
                        }
                        bool _e802 = local_19;
                        if (_e802) {
                            float _e805 = dots.inner[1];
                            float _e808 = p.scale;
                            s_1 = _e805 * _e808;
                            float _e812 = p.cap;
                            if (_e812 > 0.0) {
                                float _e817 = p.cap;
                                float _e818 = s_1;
                                float _e821 = p.cap;
                                float _e823 = tanh(_e818 / _e821);
                                s_1 = _e817 * _e823;
                            }
                            uint _e827 = p.slopes;
                            if (_e827 != NONE) {
                                uint _e833 = p.slopes;
                                float _e836 = vectors[_e833 + head];
                                float _e841 = s_1;
                                s_1 = metal::fma(_e836, -(static_cast<float>((position1_ - base_4) - lid)), _e841);
                            }
                        }
                        float _e847 = s_1;
                        scores.inner[64u + lid] = _e847;
                    }
                    uint _e848 = first2_;
                    uint _e849 = last2_;
                    if (_e848 <= _e849) {
                        s_2 = -340282350000000000000000000000000000000.0;
                        uint _e853 = first2_;
                        if (lid >= _e853) {
                            uint _e857 = last2_;
                            local_20 = lid <= _e857;
                        } else {
                            local_20 = false;
                        }
                        bool _e860 = local_20;
                        if (_e860) {
                            float _e863 = dots.inner[2];
                            float _e866 = p.scale;
                            s_2 = _e863 * _e866;
                            float _e870 = p.cap;
                            if (_e870 > 0.0) {
                                float _e875 = p.cap;
                                float _e876 = s_2;
                                float _e879 = p.cap;
                                float _e881 = tanh(_e876 / _e879);
                                s_2 = _e875 * _e881;
                            }
                            uint _e885 = p.slopes;
                            if (_e885 != NONE) {
                                uint _e891 = p.slopes;
                                float _e894 = vectors[_e891 + head];
                                float _e899 = s_2;
                                s_2 = metal::fma(_e894, -(static_cast<float>((position2_ - base_4) - lid)), _e899);
                            }
                        }
                        float _e905 = s_2;
                        scores.inner[128u + lid] = _e905;
                    }
                    uint _e906 = first3_;
                    uint _e907 = last3_;
                    if (_e906 <= _e907) {
                        s_3 = -340282350000000000000000000000000000000.0;
                        uint _e911 = first3_;
                        if (lid >= _e911) {
                            uint _e915 = last3_;
                            local_21 = lid <= _e915;
                        } else {
                            local_21 = false;
                        }
                        bool _e918 = local_21;
                        if (_e918) {
                            float _e921 = dots.inner[3];
                            float _e924 = p.scale;
                            s_3 = _e921 * _e924;
                            float _e928 = p.cap;
                            if (_e928 > 0.0) {
                                float _e933 = p.cap;
                                float _e934 = s_3;
                                float _e937 = p.cap;
                                float _e939 = tanh(_e934 / _e937);
                                s_3 = _e933 * _e939;
                            }
                            uint _e943 = p.slopes;
                            if (_e943 != NONE) {
                                uint _e949 = p.slopes;
                                float _e952 = vectors[_e949 + head];
                                float _e957 = s_3;
                                s_3 = metal::fma(_e952, -(static_cast<float>((position3_ - base_4) - lid)), _e957);
                            }
                        }
                        float _e963 = s_3;
                        scores.inner[192u + lid] = _e963;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    sum0_ = 0.0;
                    correction0_ = 1.0;
                    uint _e968 = first0_;
                    uint _e969 = last0_;
                    if (_e968 <= _e969) {
                        float _e971 = m0_;
                        highest = _e971;
                        i = 0u;
                        bool loop_init_9 = true;
                        while(true) {
                            if (!loop_init_9) {
                                uint _e987 = i;
                                i = _e987 + 1u;
                            }
                            loop_init_9 = false;
                            uint _e975 = i;
                            if (_e975 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e978 = highest;
                                uint _e981 = i;
                                float _e984 = scores.inner[0u + _e981];
                                highest = metal::max(_e978, _e984);
                            }
                        }
                        float _e989 = m0_;
                        float _e990 = highest;
                        float _e992 = exp(_e989 - _e990);
                        correction0_ = _e992;
                        float _e1001 = scores.inner[0u + lid];
                        float _e1002 = highest;
                        float _e1004 = exp(_e1001 - _e1002);
                        shares.inner[0u + lid] = _e1004;
                        float _e1005 = highest;
                        m0_ = _e1005;
                        float _e1006 = acc0_0_;
                        float _e1007 = correction0_;
                        acc0_0_ = _e1006 * _e1007;
                        float _e1009 = acc0_1_;
                        float _e1010 = correction0_;
                        acc0_1_ = _e1009 * _e1010;
                    }
                    sum1_ = 0.0;
                    correction1_ = 1.0;
                    uint _e1016 = first1_;
                    uint _e1017 = last1_;
                    if (_e1016 <= _e1017) {
                        float _e1019 = m1_;
                        highest_1 = _e1019;
                        i_1 = 0u;
                        bool loop_init_10 = true;
                        while(true) {
                            if (!loop_init_10) {
                                uint _e1035 = i_1;
                                i_1 = _e1035 + 1u;
                            }
                            loop_init_10 = false;
                            uint _e1023 = i_1;
                            if (_e1023 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e1026 = highest_1;
                                uint _e1029 = i_1;
                                float _e1032 = scores.inner[64u + _e1029];
                                highest_1 = metal::max(_e1026, _e1032);
                            }
                        }
                        float _e1037 = m1_;
                        float _e1038 = highest_1;
                        float _e1040 = exp(_e1037 - _e1038);
                        correction1_ = _e1040;
                        float _e1049 = scores.inner[64u + lid];
                        float _e1050 = highest_1;
                        float _e1052 = exp(_e1049 - _e1050);
                        shares.inner[64u + lid] = _e1052;
                        float _e1053 = highest_1;
                        m1_ = _e1053;
                        float _e1054 = acc1_0_;
                        float _e1055 = correction1_;
                        acc1_0_ = _e1054 * _e1055;
                        float _e1057 = acc1_1_;
                        float _e1058 = correction1_;
                        acc1_1_ = _e1057 * _e1058;
                    }
                    sum2_ = 0.0;
                    correction2_ = 1.0;
                    uint _e1064 = first2_;
                    uint _e1065 = last2_;
                    if (_e1064 <= _e1065) {
                        float _e1067 = m2_;
                        highest_2 = _e1067;
                        i_2 = 0u;
                        bool loop_init_11 = true;
                        while(true) {
                            if (!loop_init_11) {
                                uint _e1083 = i_2;
                                i_2 = _e1083 + 1u;
                            }
                            loop_init_11 = false;
                            uint _e1071 = i_2;
                            if (_e1071 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e1074 = highest_2;
                                uint _e1077 = i_2;
                                float _e1080 = scores.inner[128u + _e1077];
                                highest_2 = metal::max(_e1074, _e1080);
                            }
                        }
                        float _e1085 = m2_;
                        float _e1086 = highest_2;
                        float _e1088 = exp(_e1085 - _e1086);
                        correction2_ = _e1088;
                        float _e1097 = scores.inner[128u + lid];
                        float _e1098 = highest_2;
                        float _e1100 = exp(_e1097 - _e1098);
                        shares.inner[128u + lid] = _e1100;
                        float _e1101 = highest_2;
                        m2_ = _e1101;
                        float _e1102 = acc2_0_;
                        float _e1103 = correction2_;
                        acc2_0_ = _e1102 * _e1103;
                        float _e1105 = acc2_1_;
                        float _e1106 = correction2_;
                        acc2_1_ = _e1105 * _e1106;
                    }
                    sum3_ = 0.0;
                    correction3_ = 1.0;
                    uint _e1112 = first3_;
                    uint _e1113 = last3_;
                    if (_e1112 <= _e1113) {
                        float _e1115 = m3_;
                        highest_3 = _e1115;
                        i_3 = 0u;
                        bool loop_init_12 = true;
                        while(true) {
                            if (!loop_init_12) {
                                uint _e1131 = i_3;
                                i_3 = _e1131 + 1u;
                            }
                            loop_init_12 = false;
                            uint _e1119 = i_3;
                            if (_e1119 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e1122 = highest_3;
                                uint _e1125 = i_3;
                                float _e1128 = scores.inner[192u + _e1125];
                                highest_3 = metal::max(_e1122, _e1128);
                            }
                        }
                        float _e1133 = m3_;
                        float _e1134 = highest_3;
                        float _e1136 = exp(_e1133 - _e1134);
                        correction3_ = _e1136;
                        float _e1145 = scores.inner[192u + lid];
                        float _e1146 = highest_3;
                        float _e1148 = exp(_e1145 - _e1146);
                        shares.inner[192u + lid] = _e1148;
                        float _e1149 = highest_3;
                        m3_ = _e1149;
                        float _e1150 = acc3_0_;
                        float _e1151 = correction3_;
                        acc3_0_ = _e1150 * _e1151;
                        float _e1153 = acc3_1_;
                        float _e1154 = correction3_;
                        acc3_1_ = _e1153 * _e1154;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    uint _e1156 = low;
                    t = _e1156;
                    bool loop_init_13 = true;
                    while(true) {
                        if (!loop_init_13) {
                            uint _e1284 = t;
                            t = _e1284 + 1u;
                        }
                        loop_init_13 = false;
                        uint _e1158 = t;
                        uint _e1159 = high;
                        if (_e1158 <= _e1159) {
                        } else {
                            break;
                        }
                        {
                            uint _e1162 = t;
                            uint place_1 = places.inner[_e1162];
                            v0_ = 0.0;
                            uint _e1171 = p.value_dim;
                            if ((lid + 0u) < _e1171) {
                                float _e1175 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                                v0_ = _e1175;
                            }
                            v1_ = 0.0;
                            uint _e1182 = p.value_dim;
                            if ((lid + 64u) < _e1182) {
                                float _e1186 = value_at(place_1, lid + 64u, values, _buffer_sizes);
                                v1_ = _e1186;
                            }
                            uint _e1187 = t;
                            uint _e1188 = first0_;
                            if (_e1187 >= _e1188) {
                                uint _e1192 = t;
                                uint _e1193 = last0_;
                                local_22 = _e1192 <= _e1193;
                            } else {
                                local_22 = false;
                            }
                            bool _e1196 = local_22;
                            if (_e1196) {
                                uint _e1199 = t;
                                float share = shares.inner[0u + _e1199];
                                float _e1203 = sum0_;
                                sum0_ = _e1203 + share;
                                float _e1205 = v0_;
                                float _e1206 = acc0_0_;
                                acc0_0_ = metal::fma(share, _e1205, _e1206);
                                float _e1208 = v1_;
                                float _e1209 = acc0_1_;
                                acc0_1_ = metal::fma(share, _e1208, _e1209);
                            }
                            uint _e1211 = t;
                            uint _e1212 = first1_;
                            if (_e1211 >= _e1212) {
                                uint _e1216 = t;
                                uint _e1217 = last1_;
                                local_23 = _e1216 <= _e1217;
                            } else {
                                local_23 = false;
                            }
                            bool _e1220 = local_23;
                            if (_e1220) {
                                uint _e1223 = t;
                                float share_1 = shares.inner[64u + _e1223];
                                float _e1227 = sum1_;
                                sum1_ = _e1227 + share_1;
                                float _e1229 = v0_;
                                float _e1230 = acc1_0_;
                                acc1_0_ = metal::fma(share_1, _e1229, _e1230);
                                float _e1232 = v1_;
                                float _e1233 = acc1_1_;
                                acc1_1_ = metal::fma(share_1, _e1232, _e1233);
                            }
                            uint _e1235 = t;
                            uint _e1236 = first2_;
                            if (_e1235 >= _e1236) {
                                uint _e1240 = t;
                                uint _e1241 = last2_;
                                local_24 = _e1240 <= _e1241;
                            } else {
                                local_24 = false;
                            }
                            bool _e1244 = local_24;
                            if (_e1244) {
                                uint _e1247 = t;
                                float share_2 = shares.inner[128u + _e1247];
                                float _e1251 = sum2_;
                                sum2_ = _e1251 + share_2;
                                float _e1253 = v0_;
                                float _e1254 = acc2_0_;
                                acc2_0_ = metal::fma(share_2, _e1253, _e1254);
                                float _e1256 = v1_;
                                float _e1257 = acc2_1_;
                                acc2_1_ = metal::fma(share_2, _e1256, _e1257);
                            }
                            uint _e1259 = t;
                            uint _e1260 = first3_;
                            if (_e1259 >= _e1260) {
                                uint _e1264 = t;
                                uint _e1265 = last3_;
                                local_25 = _e1264 <= _e1265;
                            } else {
                                local_25 = false;
                            }
                            bool _e1268 = local_25;
                            if (_e1268) {
                                uint _e1271 = t;
                                float share_3 = shares.inner[192u + _e1271];
                                float _e1275 = sum3_;
                                sum3_ = _e1275 + share_3;
                                float _e1277 = v0_;
                                float _e1278 = acc3_0_;
                                acc3_0_ = metal::fma(share_3, _e1277, _e1278);
                                float _e1280 = v1_;
                                float _e1281 = acc3_1_;
                                acc3_1_ = metal::fma(share_3, _e1280, _e1281);
                            }
                        }
                    }
                    uint _e1286 = first0_;
                    uint _e1287 = last0_;
                    if (_e1286 <= _e1287) {
                        float _e1289 = l0_;
                        float _e1290 = correction0_;
                        float _e1291 = sum0_;
                        l0_ = metal::fma(_e1289, _e1290, _e1291);
                    }
                    uint _e1293 = first1_;
                    uint _e1294 = last1_;
                    if (_e1293 <= _e1294) {
                        float _e1296 = l1_;
                        float _e1297 = correction1_;
                        float _e1298 = sum1_;
                        l1_ = metal::fma(_e1296, _e1297, _e1298);
                    }
                    uint _e1300 = first2_;
                    uint _e1301 = last2_;
                    if (_e1300 <= _e1301) {
                        float _e1303 = l2_;
                        float _e1304 = correction2_;
                        float _e1305 = sum2_;
                        l2_ = metal::fma(_e1303, _e1304, _e1305);
                    }
                    uint _e1307 = first3_;
                    uint _e1308 = last3_;
                    if (_e1307 <= _e1308) {
                        float _e1310 = l3_;
                        float _e1311 = correction3_;
                        float _e1312 = sum3_;
                        l3_ = metal::fma(_e1310, _e1311, _e1312);
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
        }
    }
    if (0u < count) {
        float _e1322 = l0_;
        float inverse_1 = 1.0 / _e1322;
        uint _e1327 = p.heads;
        uint _e1332 = p.value_dim;
        uint out_at = ((row0_ * _e1327) + head) * _e1332;
        uint _e1338 = p.value_dim;
        if ((lid + 0u) < _e1338) {
            float _e1340 = acc0_0_;
            float y_1 = _e1340 * inverse_1;
            uint _e1345 = p.y;
            ys[((_e1345 + out_at) + lid) + 0u] = y_1;
            query.inner[lid + 0u] = y_1;
        }
        uint _e1359 = p.value_dim;
        if ((lid + 64u) < _e1359) {
            float _e1361 = acc0_1_;
            float y_2 = _e1361 * inverse_1;
            uint _e1366 = p.y;
            ys[((_e1366 + out_at) + lid) + 64u] = y_2;
            query.inner[lid + 64u] = y_2;
        }
        uint _e1378 = p.quantise;
        if (_e1378 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_14 = true;
            while(true) {
                if (!loop_init_14) {
                    uint _e1420 = base;
                    base = _e1420 + 256u;
                }
                loop_init_14 = false;
                uint _e1383 = base;
                uint _e1386 = p.value_dim;
                if (_e1383 < _e1386) {
                } else {
                    break;
                }
                {
                    uint _e1388 = base;
                    uint i_5 = _e1388 + (lid * 4u);
                    uint _e1394 = p.value_dim;
                    bool live_1 = i_5 < _e1394;
                    uint from_1 = live_1 ? i_5 : 0u;
                    float _e1400 = query.inner[from_1];
                    float _e1405 = query.inner[from_1 + 1u];
                    float _e1410 = query.inner[from_1 + 2u];
                    float _e1415 = query.inner[from_1 + 3u];
                    metal::float4 v_1 = metal::float4(_e1400, _e1405, _e1410, _e1415);
                    quantise4_(v_1, lid, (out_at + i_5) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (1u < count) {
        float _e1425 = l1_;
        float inverse_2 = 1.0 / _e1425;
        uint _e1430 = p.heads;
        uint _e1435 = p.value_dim;
        uint out_at_1 = ((row1_ * _e1430) + head) * _e1435;
        uint _e1441 = p.value_dim;
        if ((lid + 0u) < _e1441) {
            float _e1443 = acc1_0_;
            float y_3 = _e1443 * inverse_2;
            uint _e1448 = p.y;
            ys[((_e1448 + out_at_1) + lid) + 0u] = y_3;
            query.inner[lid + 0u] = y_3;
        }
        uint _e1462 = p.value_dim;
        if ((lid + 64u) < _e1462) {
            float _e1464 = acc1_1_;
            float y_4 = _e1464 * inverse_2;
            uint _e1469 = p.y;
            ys[((_e1469 + out_at_1) + lid) + 64u] = y_4;
            query.inner[lid + 64u] = y_4;
        }
        uint _e1481 = p.quantise;
        if (_e1481 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_15 = true;
            while(true) {
                if (!loop_init_15) {
                    uint _e1523 = base_1;
                    base_1 = _e1523 + 256u;
                }
                loop_init_15 = false;
                uint _e1486 = base_1;
                uint _e1489 = p.value_dim;
                if (_e1486 < _e1489) {
                } else {
                    break;
                }
                {
                    uint _e1491 = base_1;
                    uint i_6 = _e1491 + (lid * 4u);
                    uint _e1497 = p.value_dim;
                    bool live_2 = i_6 < _e1497;
                    uint from_2 = live_2 ? i_6 : 0u;
                    float _e1503 = query.inner[from_2];
                    float _e1508 = query.inner[from_2 + 1u];
                    float _e1513 = query.inner[from_2 + 2u];
                    float _e1518 = query.inner[from_2 + 3u];
                    metal::float4 v_2 = metal::float4(_e1503, _e1508, _e1513, _e1518);
                    quantise4_(v_2, lid, (out_at_1 + i_6) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (2u < count) {
        float _e1528 = l2_;
        float inverse_3 = 1.0 / _e1528;
        uint _e1533 = p.heads;
        uint _e1538 = p.value_dim;
        uint out_at_2 = ((row2_ * _e1533) + head) * _e1538;
        uint _e1544 = p.value_dim;
        if ((lid + 0u) < _e1544) {
            float _e1546 = acc2_0_;
            float y_5 = _e1546 * inverse_3;
            uint _e1551 = p.y;
            ys[((_e1551 + out_at_2) + lid) + 0u] = y_5;
            query.inner[lid + 0u] = y_5;
        }
        uint _e1565 = p.value_dim;
        if ((lid + 64u) < _e1565) {
            float _e1567 = acc2_1_;
            float y_6 = _e1567 * inverse_3;
            uint _e1572 = p.y;
            ys[((_e1572 + out_at_2) + lid) + 64u] = y_6;
            query.inner[lid + 64u] = y_6;
        }
        uint _e1584 = p.quantise;
        if (_e1584 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_16 = true;
            while(true) {
                if (!loop_init_16) {
                    uint _e1626 = base_2;
                    base_2 = _e1626 + 256u;
                }
                loop_init_16 = false;
                uint _e1589 = base_2;
                uint _e1592 = p.value_dim;
                if (_e1589 < _e1592) {
                } else {
                    break;
                }
                {
                    uint _e1594 = base_2;
                    uint i_7 = _e1594 + (lid * 4u);
                    uint _e1600 = p.value_dim;
                    bool live_3 = i_7 < _e1600;
                    uint from_3 = live_3 ? i_7 : 0u;
                    float _e1606 = query.inner[from_3];
                    float _e1611 = query.inner[from_3 + 1u];
                    float _e1616 = query.inner[from_3 + 2u];
                    float _e1621 = query.inner[from_3 + 3u];
                    metal::float4 v_3 = metal::float4(_e1606, _e1611, _e1616, _e1621);
                    quantise4_(v_3, lid, (out_at_2 + i_7) / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (3u < count) {
        float _e1631 = l3_;
        float inverse_4 = 1.0 / _e1631;
        uint _e1636 = p.heads;
        uint _e1641 = p.value_dim;
        uint out_at_3 = ((row3_ * _e1636) + head) * _e1641;
        uint _e1647 = p.value_dim;
        if ((lid + 0u) < _e1647) {
            float _e1649 = acc3_0_;
            float y_7 = _e1649 * inverse_4;
            uint _e1654 = p.y;
            ys[((_e1654 + out_at_3) + lid) + 0u] = y_7;
            query.inner[lid + 0u] = y_7;
        }
        uint _e1668 = p.value_dim;
        if ((lid + 64u) < _e1668) {
            float _e1670 = acc3_1_;
            float y_8 = _e1670 * inverse_4;
            uint _e1675 = p.y;
            ys[((_e1675 + out_at_3) + lid) + 64u] = y_8;
            query.inner[lid + 64u] = y_8;
        }
        uint _e1687 = p.quantise;
        if (_e1687 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_17 = true;
            while(true) {
                if (!loop_init_17) {
                    uint _e1729 = base_3;
                    base_3 = _e1729 + 256u;
                }
                loop_init_17 = false;
                uint _e1692 = base_3;
                uint _e1695 = p.value_dim;
                if (_e1692 < _e1695) {
                } else {
                    break;
                }
                {
                    uint _e1697 = base_3;
                    uint i_8 = _e1697 + (lid * 4u);
                    uint _e1703 = p.value_dim;
                    bool live_4 = i_8 < _e1703;
                    uint from_4 = live_4 ? i_8 : 0u;
                    float _e1709 = query.inner[from_4];
                    float _e1714 = query.inner[from_4 + 1u];
                    float _e1719 = query.inner[from_4 + 2u];
                    float _e1724 = query.inner[from_4 + 3u];
                    metal::float4 v_4 = metal::float4(_e1709, _e1714, _e1719, _e1724);
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
