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
    float inner[256];
};
struct type_12 {
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
, threadgroup type_11& scores
, threadgroup type_11& shares
, threadgroup type_8& places
, constant _mslBufferSizes& _buffer_sizes [[buffer(9)]]
) {
    type_12 dots = {};
    uint d = {};
    float m0_ = -340282350000000000000000000000000000000.0;
    float l0_ = 0.0;
    float acc0_0_ = 0.0;
    uint d_1 = {};
    float m1_ = -340282350000000000000000000000000000000.0;
    float l1_ = 0.0;
    float acc1_0_ = 0.0;
    uint d_2 = {};
    float m2_ = -340282350000000000000000000000000000000.0;
    float l2_ = 0.0;
    float acc2_0_ = 0.0;
    uint d_3 = {};
    float m3_ = -340282350000000000000000000000000000000.0;
    float l3_ = 0.0;
    float acc3_0_ = 0.0;
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
        m0_ = _e114;
        l0_ = 1.0;
    }
    uint row1_ = lists[(entry + 2u) + 1u];
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
        m1_ = _e198;
        l1_ = 1.0;
    }
    uint row2_ = lists[(entry + 2u) + 2u];
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
        m2_ = _e282;
        l2_ = 1.0;
    }
    uint row3_ = lists[(entry + 2u) + 3u];
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
        m3_ = _e366;
        l3_ = 1.0;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init_7 = true;
    while(true) {
        if (!loop_init_7) {
            uint _e1275 = turn;
            turn = _e1275 + 1u;
        }
        loop_init_7 = false;
        uint _e372 = turn;
        if (_e372 <= count) {
        } else {
            break;
        }
        {
            table = table0_;
            tile = 4294967295u;
            end = 0u;
            uint _e379 = turn;
            if (_e379 == 0u) {
                uint _e382 = tile;
                tile = metal::min(_e382, _e55 / 64u);
                uint _e386 = end;
                end = metal::min(metal::max(_e386, (position0_ / 64u) + 1u), shared_tiles);
            }
            uint _e393 = turn;
            if (_e393 == 1u) {
                table = table0_;
                tile = metal::max(_e55 / 64u, shared_tiles);
                end = (position0_ / 64u) + 1u;
            }
            uint _e403 = turn;
            if (_e403 == 0u) {
                uint _e406 = tile;
                tile = metal::min(_e406, _e139 / 64u);
                uint _e410 = end;
                end = metal::min(metal::max(_e410, (position1_ / 64u) + 1u), shared_tiles);
            }
            uint _e417 = turn;
            if (_e417 == 2u) {
                table = table1_;
                tile = metal::max(_e139 / 64u, shared_tiles);
                end = (position1_ / 64u) + 1u;
            }
            uint _e427 = turn;
            if (_e427 == 0u) {
                uint _e430 = tile;
                tile = metal::min(_e430, _e223 / 64u);
                uint _e434 = end;
                end = metal::min(metal::max(_e434, (position2_ / 64u) + 1u), shared_tiles);
            }
            uint _e441 = turn;
            if (_e441 == 3u) {
                table = table2_;
                tile = metal::max(_e223 / 64u, shared_tiles);
                end = (position2_ / 64u) + 1u;
            }
            uint _e451 = turn;
            if (_e451 == 0u) {
                uint _e454 = tile;
                tile = metal::min(_e454, _e307 / 64u);
                uint _e458 = end;
                end = metal::min(metal::max(_e458, (position3_ / 64u) + 1u), shared_tiles);
            }
            uint _e465 = turn;
            if (_e465 == 4u) {
                table = table3_;
                tile = metal::max(_e307 / 64u, shared_tiles);
                end = (position3_ / 64u) + 1u;
            }
            bool loop_init_8 = true;
            while(true) {
                if (!loop_init_8) {
                    uint _e1272 = tile;
                    tile = _e1272 + 1u;
                }
                loop_init_8 = false;
                uint _e475 = tile;
                uint _e476 = end;
                if (_e475 < _e476) {
                } else {
                    break;
                }
                {
                    uint _e478 = tile;
                    uint base_4 = _e478 * 64u;
                    low = 64u;
                    high = 0u;
                    first0_ = 1u;
                    last0_ = 0u;
                    if (0u < count) {
                        uint _e493 = turn;
                        if (!((_e493 == 0u))) {
                            uint _e499 = turn;
                            local_1 = _e499 == 1u;
                        } else {
                            local_1 = true;
                        }
                        bool _e503 = local_1;
                        local = _e503;
                    } else {
                        local = false;
                    }
                    bool _e505 = local;
                    if (_e505) {
                        local_2 = (base_4 + 63u) >= _e55;
                    } else {
                        local_2 = false;
                    }
                    bool _e512 = local_2;
                    if (_e512) {
                        local_3 = base_4 <= position0_;
                    } else {
                        local_3 = false;
                    }
                    bool _e517 = local_3;
                    if (_e517) {
                        first0_ = metal::max(_e55, base_4) - base_4;
                        last0_ = metal::min(position0_ - base_4, 63u);
                        uint _e523 = low;
                        uint _e524 = first0_;
                        low = metal::min(_e523, _e524);
                        uint _e526 = high;
                        uint _e527 = last0_;
                        high = metal::max(_e526, _e527);
                    }
                    first1_ = 1u;
                    last1_ = 0u;
                    if (1u < count) {
                        uint _e537 = turn;
                        if (!((_e537 == 0u))) {
                            uint _e543 = turn;
                            local_5 = _e543 == 2u;
                        } else {
                            local_5 = true;
                        }
                        bool _e547 = local_5;
                        local_4 = _e547;
                    } else {
                        local_4 = false;
                    }
                    bool _e549 = local_4;
                    if (_e549) {
                        local_6 = (base_4 + 63u) >= _e139;
                    } else {
                        local_6 = false;
                    }
                    bool _e556 = local_6;
                    if (_e556) {
                        local_7 = base_4 <= position1_;
                    } else {
                        local_7 = false;
                    }
                    bool _e561 = local_7;
                    if (_e561) {
                        first1_ = metal::max(_e139, base_4) - base_4;
                        last1_ = metal::min(position1_ - base_4, 63u);
                        uint _e567 = low;
                        uint _e568 = first1_;
                        low = metal::min(_e567, _e568);
                        uint _e570 = high;
                        uint _e571 = last1_;
                        high = metal::max(_e570, _e571);
                    }
                    first2_ = 1u;
                    last2_ = 0u;
                    if (2u < count) {
                        uint _e581 = turn;
                        if (!((_e581 == 0u))) {
                            uint _e587 = turn;
                            local_9 = _e587 == 3u;
                        } else {
                            local_9 = true;
                        }
                        bool _e591 = local_9;
                        local_8 = _e591;
                    } else {
                        local_8 = false;
                    }
                    bool _e593 = local_8;
                    if (_e593) {
                        local_10 = (base_4 + 63u) >= _e223;
                    } else {
                        local_10 = false;
                    }
                    bool _e600 = local_10;
                    if (_e600) {
                        local_11 = base_4 <= position2_;
                    } else {
                        local_11 = false;
                    }
                    bool _e605 = local_11;
                    if (_e605) {
                        first2_ = metal::max(_e223, base_4) - base_4;
                        last2_ = metal::min(position2_ - base_4, 63u);
                        uint _e611 = low;
                        uint _e612 = first2_;
                        low = metal::min(_e611, _e612);
                        uint _e614 = high;
                        uint _e615 = last2_;
                        high = metal::max(_e614, _e615);
                    }
                    first3_ = 1u;
                    last3_ = 0u;
                    if (3u < count) {
                        uint _e625 = turn;
                        if (!((_e625 == 0u))) {
                            uint _e631 = turn;
                            local_13 = _e631 == 4u;
                        } else {
                            local_13 = true;
                        }
                        bool _e635 = local_13;
                        local_12 = _e635;
                    } else {
                        local_12 = false;
                    }
                    bool _e637 = local_12;
                    if (_e637) {
                        local_14 = (base_4 + 63u) >= _e307;
                    } else {
                        local_14 = false;
                    }
                    bool _e644 = local_14;
                    if (_e644) {
                        local_15 = base_4 <= position3_;
                    } else {
                        local_15 = false;
                    }
                    bool _e649 = local_15;
                    if (_e649) {
                        first3_ = metal::max(_e307, base_4) - base_4;
                        last3_ = metal::min(position3_ - base_4, 63u);
                        uint _e655 = low;
                        uint _e656 = first3_;
                        low = metal::min(_e655, _e656);
                        uint _e658 = high;
                        uint _e659 = last3_;
                        high = metal::max(_e658, _e659);
                    }
                    uint _e661 = low;
                    if (lid >= _e661) {
                        uint _e665 = high;
                        local_16 = lid <= _e665;
                    } else {
                        local_16 = false;
                    }
                    bool _e668 = local_16;
                    if (_e668) {
                        uint _e670 = table;
                        uint _e676 = lists[_e670 + ((base_4 + lid) / 16u)];
                        uint slot = (_e676 * 16u) + (lid % 16u);
                        uint _e684 = p.kv_heads;
                        uint place = (slot * _e684) + kv_head;
                        places.inner[lid] = place * _e33;
                        uint at_7 = place * _e29;
                        uint _e691 = turn;
                        if (_e691 == 0u) {
                            local_17 = count > 1u;
                        } else {
                            local_17 = false;
                        }
                        bool _e699 = local_17;
                        if (_e699) {
                            dot_all(at_7, keys, p, query, dots, _buffer_sizes);
                        } else {
                            uint _e700 = turn;
                            uint alone = metal::max(_e700, 1u) - 1u;
                            float _e707 = dot_one(alone * 64u, at_7, keys, p, query, _buffer_sizes);
                            if (alone == 0u) {
                                dots.inner[0] = _e707;
                            }
                            if (alone == 1u) {
                                dots.inner[1] = _e707;
                            }
                            if (alone == 2u) {
                                dots.inner[2] = _e707;
                            }
                            if (alone == 3u) {
                                dots.inner[3] = _e707;
                            }
                        }
                    }
                    uint _e724 = first0_;
                    uint _e725 = last0_;
                    if (_e724 <= _e725) {
                        s = -340282350000000000000000000000000000000.0;
                        uint _e729 = first0_;
                        if (lid >= _e729) {
                            uint _e733 = last0_;
                            local_18 = lid <= _e733;
                        } else {
                            local_18 = false;
                        }
                        bool _e736 = local_18;
                        if (_e736) {
                            float _e739 = dots.inner[0];
                            float _e742 = p.scale;
                            s = _e739 * _e742;
                            float _e746 = p.cap;
                            if (_e746 > 0.0) {
                                float _e751 = p.cap;
                                float _e752 = s;
                                float _e755 = p.cap;
                                float _e757 = tanh(_e752 / _e755);
                                s = _e751 * _e757;
                            }
                            uint _e761 = p.slopes;
                            if (_e761 != NONE) {
                                uint _e767 = p.slopes;
                                float _e770 = vectors[_e767 + head];
                                float _e775 = s;
                                s = metal::fma(_e770, -(static_cast<float>((position0_ - base_4) - lid)), _e775);
                            }
                        }
                        float _e781 = s;
                        scores.inner[0u + lid] = _e781;
                    }
                    uint _e782 = first1_;
                    uint _e783 = last1_;
                    if (_e782 <= _e783) {
                        s_1 = -340282350000000000000000000000000000000.0;
                        uint _e787 = first1_;
                        if (lid >= _e787) {
                            uint _e791 = last1_;
                            local_19 = lid <= _e791;
                        } else {
                            local_19 = false;
                        }
                        bool _e794 = local_19;
                        if (_e794) {
                            float _e797 = dots.inner[1];
                            float _e800 = p.scale;
                            s_1 = _e797 * _e800;
                            float _e804 = p.cap;
                            if (_e804 > 0.0) {
                                float _e809 = p.cap;
                                float _e810 = s_1;
                                float _e813 = p.cap;
                                float _e815 = tanh(_e810 / _e813);
                                s_1 = _e809 * _e815;
                            }
                            uint _e819 = p.slopes;
                            if (_e819 != NONE) {
                                uint _e825 = p.slopes;
                                float _e828 = vectors[_e825 + head];
                                float _e833 = s_1;
                                s_1 = metal::fma(_e828, -(static_cast<float>((position1_ - base_4) - lid)), _e833);
                            }
                        }
                        float _e839 = s_1;
                        scores.inner[64u + lid] = _e839;
                    }
                    uint _e840 = first2_;
                    uint _e841 = last2_;
                    if (_e840 <= _e841) {
                        s_2 = -340282350000000000000000000000000000000.0;
                        uint _e845 = first2_;
                        if (lid >= _e845) {
                            uint _e849 = last2_;
                            local_20 = lid <= _e849;
                        } else {
                            local_20 = false;
                        }
                        bool _e852 = local_20;
                        if (_e852) {
                            float _e855 = dots.inner[2];
                            float _e858 = p.scale;
                            s_2 = _e855 * _e858;
                            float _e862 = p.cap;
                            if (_e862 > 0.0) {
                                float _e867 = p.cap;
                                float _e868 = s_2;
                                float _e871 = p.cap;
                                float _e873 = tanh(_e868 / _e871);
                                s_2 = _e867 * _e873;
                            }
                            uint _e877 = p.slopes;
                            if (_e877 != NONE) {
                                uint _e883 = p.slopes;
                                float _e886 = vectors[_e883 + head];
                                float _e891 = s_2;
                                s_2 = metal::fma(_e886, -(static_cast<float>((position2_ - base_4) - lid)), _e891);
                            }
                        }
                        float _e897 = s_2;
                        scores.inner[128u + lid] = _e897;
                    }
                    uint _e898 = first3_;
                    uint _e899 = last3_;
                    if (_e898 <= _e899) {
                        s_3 = -340282350000000000000000000000000000000.0;
                        uint _e903 = first3_;
                        if (lid >= _e903) {
                            uint _e907 = last3_;
                            local_21 = lid <= _e907;
                        } else {
                            local_21 = false;
                        }
                        bool _e910 = local_21;
                        if (_e910) {
                            float _e913 = dots.inner[3];
                            float _e916 = p.scale;
                            s_3 = _e913 * _e916;
                            float _e920 = p.cap;
                            if (_e920 > 0.0) {
                                float _e925 = p.cap;
                                float _e926 = s_3;
                                float _e929 = p.cap;
                                float _e931 = tanh(_e926 / _e929);
                                s_3 = _e925 * _e931;
                            }
                            uint _e935 = p.slopes;
                            if (_e935 != NONE) {
                                uint _e941 = p.slopes;
                                float _e944 = vectors[_e941 + head];
                                float _e949 = s_3;
                                s_3 = metal::fma(_e944, -(static_cast<float>((position3_ - base_4) - lid)), _e949);
                            }
                        }
                        float _e955 = s_3;
                        scores.inner[192u + lid] = _e955;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    sum0_ = 0.0;
                    correction0_ = 1.0;
                    uint _e960 = first0_;
                    uint _e961 = last0_;
                    if (_e960 <= _e961) {
                        float _e963 = m0_;
                        highest = _e963;
                        i = 0u;
                        bool loop_init_9 = true;
                        while(true) {
                            if (!loop_init_9) {
                                uint _e979 = i;
                                i = _e979 + 1u;
                            }
                            loop_init_9 = false;
                            uint _e967 = i;
                            if (_e967 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e970 = highest;
                                uint _e973 = i;
                                float _e976 = scores.inner[0u + _e973];
                                highest = metal::max(_e970, _e976);
                            }
                        }
                        float _e981 = m0_;
                        float _e982 = highest;
                        float _e984 = exp(_e981 - _e982);
                        correction0_ = _e984;
                        float _e993 = scores.inner[0u + lid];
                        float _e994 = highest;
                        float _e996 = exp(_e993 - _e994);
                        shares.inner[0u + lid] = _e996;
                        float _e997 = highest;
                        m0_ = _e997;
                        float _e998 = acc0_0_;
                        float _e999 = correction0_;
                        acc0_0_ = _e998 * _e999;
                    }
                    sum1_ = 0.0;
                    correction1_ = 1.0;
                    uint _e1005 = first1_;
                    uint _e1006 = last1_;
                    if (_e1005 <= _e1006) {
                        float _e1008 = m1_;
                        highest_1 = _e1008;
                        i_1 = 0u;
                        bool loop_init_10 = true;
                        while(true) {
                            if (!loop_init_10) {
                                uint _e1024 = i_1;
                                i_1 = _e1024 + 1u;
                            }
                            loop_init_10 = false;
                            uint _e1012 = i_1;
                            if (_e1012 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e1015 = highest_1;
                                uint _e1018 = i_1;
                                float _e1021 = scores.inner[64u + _e1018];
                                highest_1 = metal::max(_e1015, _e1021);
                            }
                        }
                        float _e1026 = m1_;
                        float _e1027 = highest_1;
                        float _e1029 = exp(_e1026 - _e1027);
                        correction1_ = _e1029;
                        float _e1038 = scores.inner[64u + lid];
                        float _e1039 = highest_1;
                        float _e1041 = exp(_e1038 - _e1039);
                        shares.inner[64u + lid] = _e1041;
                        float _e1042 = highest_1;
                        m1_ = _e1042;
                        float _e1043 = acc1_0_;
                        float _e1044 = correction1_;
                        acc1_0_ = _e1043 * _e1044;
                    }
                    sum2_ = 0.0;
                    correction2_ = 1.0;
                    uint _e1050 = first2_;
                    uint _e1051 = last2_;
                    if (_e1050 <= _e1051) {
                        float _e1053 = m2_;
                        highest_2 = _e1053;
                        i_2 = 0u;
                        bool loop_init_11 = true;
                        while(true) {
                            if (!loop_init_11) {
                                uint _e1069 = i_2;
                                i_2 = _e1069 + 1u;
                            }
                            loop_init_11 = false;
                            uint _e1057 = i_2;
                            if (_e1057 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e1060 = highest_2;
                                uint _e1063 = i_2;
                                float _e1066 = scores.inner[128u + _e1063];
                                highest_2 = metal::max(_e1060, _e1066);
                            }
                        }
                        float _e1071 = m2_;
                        float _e1072 = highest_2;
                        float _e1074 = exp(_e1071 - _e1072);
                        correction2_ = _e1074;
                        float _e1083 = scores.inner[128u + lid];
                        float _e1084 = highest_2;
                        float _e1086 = exp(_e1083 - _e1084);
                        shares.inner[128u + lid] = _e1086;
                        float _e1087 = highest_2;
                        m2_ = _e1087;
                        float _e1088 = acc2_0_;
                        float _e1089 = correction2_;
                        acc2_0_ = _e1088 * _e1089;
                    }
                    sum3_ = 0.0;
                    correction3_ = 1.0;
                    uint _e1095 = first3_;
                    uint _e1096 = last3_;
                    if (_e1095 <= _e1096) {
                        float _e1098 = m3_;
                        highest_3 = _e1098;
                        i_3 = 0u;
                        bool loop_init_12 = true;
                        while(true) {
                            if (!loop_init_12) {
                                uint _e1114 = i_3;
                                i_3 = _e1114 + 1u;
                            }
                            loop_init_12 = false;
                            uint _e1102 = i_3;
                            if (_e1102 < 64u) {
                            } else {
                                break;
                            }
                            {
                                float _e1105 = highest_3;
                                uint _e1108 = i_3;
                                float _e1111 = scores.inner[192u + _e1108];
                                highest_3 = metal::max(_e1105, _e1111);
                            }
                        }
                        float _e1116 = m3_;
                        float _e1117 = highest_3;
                        float _e1119 = exp(_e1116 - _e1117);
                        correction3_ = _e1119;
                        float _e1128 = scores.inner[192u + lid];
                        float _e1129 = highest_3;
                        float _e1131 = exp(_e1128 - _e1129);
                        shares.inner[192u + lid] = _e1131;
                        float _e1132 = highest_3;
                        m3_ = _e1132;
                        float _e1133 = acc3_0_;
                        float _e1134 = correction3_;
                        acc3_0_ = _e1133 * _e1134;
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    uint _e1136 = low;
                    t = _e1136;
                    bool loop_init_13 = true;
                    while(true) {
                        if (!loop_init_13) {
                            uint _e1241 = t;
                            t = _e1241 + 1u;
                        }
                        loop_init_13 = false;
                        uint _e1138 = t;
                        uint _e1139 = high;
                        if (_e1138 <= _e1139) {
                        } else {
                            break;
                        }
                        {
                            uint _e1142 = t;
                            uint place_1 = places.inner[_e1142];
                            v0_ = 0.0;
                            uint _e1151 = p.value_dim;
                            if ((lid + 0u) < _e1151) {
                                float _e1155 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                                v0_ = _e1155;
                            }
                            uint _e1156 = t;
                            uint _e1157 = first0_;
                            if (_e1156 >= _e1157) {
                                uint _e1161 = t;
                                uint _e1162 = last0_;
                                local_22 = _e1161 <= _e1162;
                            } else {
                                local_22 = false;
                            }
                            bool _e1165 = local_22;
                            if (_e1165) {
                                uint _e1168 = t;
                                float share = shares.inner[0u + _e1168];
                                float _e1172 = sum0_;
                                sum0_ = _e1172 + share;
                                float _e1174 = v0_;
                                float _e1175 = acc0_0_;
                                acc0_0_ = metal::fma(share, _e1174, _e1175);
                            }
                            uint _e1177 = t;
                            uint _e1178 = first1_;
                            if (_e1177 >= _e1178) {
                                uint _e1182 = t;
                                uint _e1183 = last1_;
                                local_23 = _e1182 <= _e1183;
                            } else {
                                local_23 = false;
                            }
                            bool _e1186 = local_23;
                            if (_e1186) {
                                uint _e1189 = t;
                                float share_1 = shares.inner[64u + _e1189];
                                float _e1193 = sum1_;
                                sum1_ = _e1193 + share_1;
                                float _e1195 = v0_;
                                float _e1196 = acc1_0_;
                                acc1_0_ = metal::fma(share_1, _e1195, _e1196);
                            }
                            uint _e1198 = t;
                            uint _e1199 = first2_;
                            if (_e1198 >= _e1199) {
                                uint _e1203 = t;
                                uint _e1204 = last2_;
                                local_24 = _e1203 <= _e1204;
                            } else {
                                local_24 = false;
                            }
                            bool _e1207 = local_24;
                            if (_e1207) {
                                uint _e1210 = t;
                                float share_2 = shares.inner[128u + _e1210];
                                float _e1214 = sum2_;
                                sum2_ = _e1214 + share_2;
                                float _e1216 = v0_;
                                float _e1217 = acc2_0_;
                                acc2_0_ = metal::fma(share_2, _e1216, _e1217);
                            }
                            uint _e1219 = t;
                            uint _e1220 = first3_;
                            if (_e1219 >= _e1220) {
                                uint _e1224 = t;
                                uint _e1225 = last3_;
                                local_25 = _e1224 <= _e1225;
                            } else {
                                local_25 = false;
                            }
                            bool _e1228 = local_25;
                            if (_e1228) {
                                uint _e1231 = t;
                                float share_3 = shares.inner[192u + _e1231];
                                float _e1235 = sum3_;
                                sum3_ = _e1235 + share_3;
                                float _e1237 = v0_;
                                float _e1238 = acc3_0_;
                                acc3_0_ = metal::fma(share_3, _e1237, _e1238);
                            }
                        }
                    }
                    uint _e1243 = first0_;
                    uint _e1244 = last0_;
                    if (_e1243 <= _e1244) {
                        float _e1246 = l0_;
                        float _e1247 = correction0_;
                        float _e1248 = sum0_;
                        l0_ = metal::fma(_e1246, _e1247, _e1248);
                    }
                    uint _e1250 = first1_;
                    uint _e1251 = last1_;
                    if (_e1250 <= _e1251) {
                        float _e1253 = l1_;
                        float _e1254 = correction1_;
                        float _e1255 = sum1_;
                        l1_ = metal::fma(_e1253, _e1254, _e1255);
                    }
                    uint _e1257 = first2_;
                    uint _e1258 = last2_;
                    if (_e1257 <= _e1258) {
                        float _e1260 = l2_;
                        float _e1261 = correction2_;
                        float _e1262 = sum2_;
                        l2_ = metal::fma(_e1260, _e1261, _e1262);
                    }
                    uint _e1264 = first3_;
                    uint _e1265 = last3_;
                    if (_e1264 <= _e1265) {
                        float _e1267 = l3_;
                        float _e1268 = correction3_;
                        float _e1269 = sum3_;
                        l3_ = metal::fma(_e1267, _e1268, _e1269);
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
        }
    }
    if (0u < count) {
        float _e1279 = l0_;
        float inverse_1 = 1.0 / _e1279;
        uint _e1284 = p.heads;
        uint _e1289 = p.value_dim;
        uint out_at = ((row0_ * _e1284) + head) * _e1289;
        uint _e1295 = p.value_dim;
        if ((lid + 0u) < _e1295) {
            float _e1297 = acc0_0_;
            float y_1 = _e1297 * inverse_1;
            uint _e1302 = p.y;
            ys[((_e1302 + out_at) + lid) + 0u] = y_1;
            query.inner[lid + 0u] = y_1;
        }
        uint _e1314 = p.quantise;
        if (_e1314 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_14 = true;
            while(true) {
                if (!loop_init_14) {
                    uint _e1356 = base;
                    base = _e1356 + 256u;
                }
                loop_init_14 = false;
                uint _e1319 = base;
                uint _e1322 = p.value_dim;
                if (_e1319 < _e1322) {
                } else {
                    break;
                }
                {
                    uint _e1324 = base;
                    uint i_5 = _e1324 + (lid * 4u);
                    uint _e1330 = p.value_dim;
                    bool live_1 = i_5 < _e1330;
                    uint from_1 = live_1 ? i_5 : 0u;
                    float _e1336 = query.inner[from_1];
                    float _e1341 = query.inner[from_1 + 1u];
                    float _e1346 = query.inner[from_1 + 2u];
                    float _e1351 = query.inner[from_1 + 3u];
                    metal::float4 v_1 = metal::float4(_e1336, _e1341, _e1346, _e1351);
                    quantise4_(v_1, lid, (out_at + i_5) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (1u < count) {
        float _e1361 = l1_;
        float inverse_2 = 1.0 / _e1361;
        uint _e1366 = p.heads;
        uint _e1371 = p.value_dim;
        uint out_at_1 = ((row1_ * _e1366) + head) * _e1371;
        uint _e1377 = p.value_dim;
        if ((lid + 0u) < _e1377) {
            float _e1379 = acc1_0_;
            float y_2 = _e1379 * inverse_2;
            uint _e1384 = p.y;
            ys[((_e1384 + out_at_1) + lid) + 0u] = y_2;
            query.inner[lid + 0u] = y_2;
        }
        uint _e1396 = p.quantise;
        if (_e1396 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_15 = true;
            while(true) {
                if (!loop_init_15) {
                    uint _e1438 = base_1;
                    base_1 = _e1438 + 256u;
                }
                loop_init_15 = false;
                uint _e1401 = base_1;
                uint _e1404 = p.value_dim;
                if (_e1401 < _e1404) {
                } else {
                    break;
                }
                {
                    uint _e1406 = base_1;
                    uint i_6 = _e1406 + (lid * 4u);
                    uint _e1412 = p.value_dim;
                    bool live_2 = i_6 < _e1412;
                    uint from_2 = live_2 ? i_6 : 0u;
                    float _e1418 = query.inner[from_2];
                    float _e1423 = query.inner[from_2 + 1u];
                    float _e1428 = query.inner[from_2 + 2u];
                    float _e1433 = query.inner[from_2 + 3u];
                    metal::float4 v_2 = metal::float4(_e1418, _e1423, _e1428, _e1433);
                    quantise4_(v_2, lid, (out_at_1 + i_6) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (2u < count) {
        float _e1443 = l2_;
        float inverse_3 = 1.0 / _e1443;
        uint _e1448 = p.heads;
        uint _e1453 = p.value_dim;
        uint out_at_2 = ((row2_ * _e1448) + head) * _e1453;
        uint _e1459 = p.value_dim;
        if ((lid + 0u) < _e1459) {
            float _e1461 = acc2_0_;
            float y_3 = _e1461 * inverse_3;
            uint _e1466 = p.y;
            ys[((_e1466 + out_at_2) + lid) + 0u] = y_3;
            query.inner[lid + 0u] = y_3;
        }
        uint _e1478 = p.quantise;
        if (_e1478 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_16 = true;
            while(true) {
                if (!loop_init_16) {
                    uint _e1520 = base_2;
                    base_2 = _e1520 + 256u;
                }
                loop_init_16 = false;
                uint _e1483 = base_2;
                uint _e1486 = p.value_dim;
                if (_e1483 < _e1486) {
                } else {
                    break;
                }
                {
                    uint _e1488 = base_2;
                    uint i_7 = _e1488 + (lid * 4u);
                    uint _e1494 = p.value_dim;
                    bool live_3 = i_7 < _e1494;
                    uint from_3 = live_3 ? i_7 : 0u;
                    float _e1500 = query.inner[from_3];
                    float _e1505 = query.inner[from_3 + 1u];
                    float _e1510 = query.inner[from_3 + 2u];
                    float _e1515 = query.inner[from_3 + 3u];
                    metal::float4 v_3 = metal::float4(_e1500, _e1505, _e1510, _e1515);
                    quantise4_(v_3, lid, (out_at_2 + i_7) / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (3u < count) {
        float _e1525 = l3_;
        float inverse_4 = 1.0 / _e1525;
        uint _e1530 = p.heads;
        uint _e1535 = p.value_dim;
        uint out_at_3 = ((row3_ * _e1530) + head) * _e1535;
        uint _e1541 = p.value_dim;
        if ((lid + 0u) < _e1541) {
            float _e1543 = acc3_0_;
            float y_4 = _e1543 * inverse_4;
            uint _e1548 = p.y;
            ys[((_e1548 + out_at_3) + lid) + 0u] = y_4;
            query.inner[lid + 0u] = y_4;
        }
        uint _e1560 = p.quantise;
        if (_e1560 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_17 = true;
            while(true) {
                if (!loop_init_17) {
                    uint _e1602 = base_3;
                    base_3 = _e1602 + 256u;
                }
                loop_init_17 = false;
                uint _e1565 = base_3;
                uint _e1568 = p.value_dim;
                if (_e1565 < _e1568) {
                } else {
                    break;
                }
                {
                    uint _e1570 = base_3;
                    uint i_8 = _e1570 + (lid * 4u);
                    uint _e1576 = p.value_dim;
                    bool live_4 = i_8 < _e1576;
                    uint from_4 = live_4 ? i_8 : 0u;
                    float _e1582 = query.inner[from_4];
                    float _e1587 = query.inner[from_4 + 1u];
                    float _e1592 = query.inner[from_4 + 2u];
                    float _e1597 = query.inner[from_4 + 3u];
                    metal::float4 v_4 = metal::float4(_e1582, _e1587, _e1592, _e1597);
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
