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
    uint heads_each;
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
typedef metal::float4 Of;
typedef metal::uint4 At;
typedef metal::bool4 Is;
struct type_8 {
    uint inner[64];
};
struct type_9 {
    int inner[64];
};
struct type_11 {
    Of inner[128];
};
struct type_12 {
    Of inner[64];
};
struct type_13 {
    float inner[128];
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
    float sum_1,
    float growth,
    float next,
    float next_growth
) {
    return metal::fma(sum_1, growth, next * next_growth);
}

uint first_position(
    uint position_1,
    constant P& p
) {
    uint _e3 = p.window_kind;
    if (_e3 == 1u) {
        uint _e11 = p.window;
        uint _e17 = p.window;
        return ((position_1 + 1u) > _e17) ? ((position_1 + 1u) - _e11) : 0u;
    }
    uint _e22 = p.window_kind;
    if (_e22 == 2u) {
        uint _e27 = p.window;
        uint _e31 = p.window;
        return (position_1 / _e27) * _e31;
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
    uint i_1 = 0u;
    bool local_1 = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i_1;
            i_1 = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i_1;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i_1;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local_1 = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local_1 = true;
    }
    bool zero = local_1;
    float inverse = zero ? 0.0 : (127.0 / largest);
    metal::int4 q_1 = zero ? metal::int4(0) : naga_f2i32(metal::rint(v * inverse));
    q_sum.inner[lid_1] = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(q_1.x) + as_type<uint>(q_1.y))) + as_type<uint>(q_1.z))) + as_type<uint>(q_1.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (live) {
        qa[word] = as_type<uint>(packed_char4(q_1));
        if (lid_1 == first) {
            int _e75 = q_sum.inner[lid_1];
            int _e80 = q_sum.inner[lid_1 + 1u];
            int _e86 = q_sum.inner[lid_1 + 2u];
            int _e92 = q_sum.inner[lid_1 + 3u];
            int low = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e75) + as_type<uint>(_e80))) + as_type<uint>(_e86))) + as_type<uint>(_e92));
            int _e98 = q_sum.inner[lid_1 + 4u];
            int _e103 = q_sum.inner[lid_1 + 5u];
            int _e109 = q_sum.inner[lid_1 + 6u];
            int _e115 = q_sum.inner[lid_1 + 7u];
            int high = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e98) + as_type<uint>(_e103))) + as_type<uint>(_e109))) + as_type<uint>(_e115));
            scale = zero ? 0u : as_type<uint>(largest / 127.0);
            uint _e123 = scale;
            uint _e124 = amax;
            scale = poisoned ? (_e124 | 2143289344u) : _e123;
            uint _e132 = scale;
            qs[word / 8u] = metal::uint2(_e132, (static_cast<uint>(low) & 65535u) | (static_cast<uint>(high) << 16u));
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}

Of dots(
    uint at,
    device type_3 const& keys,
    constant P& p,
    threadgroup type_11& query,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 acc = metal::float4(0.0);
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
            Of _e26 = query.inner[2u * _e23];
            metal::float4 _e29 = acc;
            acc = metal::fma(_e26, metal::float4(k.x), _e29);
            uint _e33 = w;
            Of _e38 = query.inner[(2u * _e33) + 1u];
            metal::float4 _e41 = acc;
            acc = metal::fma(_e38, metal::float4(k.y), _e41);
        }
    }
    metal::float4 _e46 = acc;
    return _e46;
}

float value_at(
    uint at_1,
    uint d_1,
    device type_3 const& values,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e7 = values[at_1 + (d_1 / 2u)];
    return float2(as_type<half2>(_e7))[d_1 % 2u];
}

uint lowest(
    At x_7
) {
    uint y_1 = {};
    y_1 = x_7.x;
    uint _e3 = y_1;
    y_1 = metal::min(_e3, x_7.x);
    uint _e6 = y_1;
    y_1 = metal::min(_e6, x_7.y);
    uint _e9 = y_1;
    y_1 = metal::min(_e9, x_7.z);
    uint _e12 = y_1;
    y_1 = metal::min(_e12, x_7.w);
    uint _e15 = y_1;
    return _e15;
}

uint highest(
    At x_8
) {
    uint y_2 = {};
    y_2 = x_8.x;
    uint _e3 = y_2;
    y_2 = metal::max(_e3, x_8.x);
    uint _e6 = y_2;
    y_2 = metal::max(_e6, x_8.y);
    uint _e9 = y_2;
    y_2 = metal::max(_e9, x_8.z);
    uint _e12 = y_2;
    y_2 = metal::max(_e12, x_8.w);
    uint _e15 = y_2;
    return _e15;
}

Of exp_all(
    Of x_9
) {
    Of y_3 = {};
    float _e4 = exp(x_9.x);
    y_3.x = _e4;
    float _e7 = exp(x_9.y);
    y_3.y = _e7;
    float _e10 = exp(x_9.z);
    y_3.z = _e10;
    float _e13 = exp(x_9.w);
    y_3.w = _e13;
    Of _e14 = y_3;
    return _e14;
}

Of tanh_all(
    Of x_10
) {
    Of y_4 = {};
    float _e4 = tanh(x_10.x);
    y_4.x = _e4;
    float _e7 = tanh(x_10.y);
    y_4.y = _e7;
    float _e10 = tanh(x_10.z);
    y_4.z = _e10;
    float _e13 = tanh(x_10.w);
    y_4.w = _e13;
    Of _e14 = y_4;
    return _e14;
}

Of joined_all(
    Of sum_2,
    Of growth_1,
    Of next_1,
    Of next_growth_1
) {
    Of y_5 = {};
    float _e10 = joined(sum_2.x, growth_1.x, next_1.x, next_growth_1.x);
    y_5.x = _e10;
    float _e16 = joined(sum_2.y, growth_1.y, next_1.y, next_growth_1.y);
    y_5.y = _e16;
    float _e22 = joined(sum_2.z, growth_1.z, next_1.z, next_growth_1.z);
    y_5.z = _e22;
    float _e28 = joined(sum_2.w, growth_1.w, next_1.w, next_growth_1.w);
    y_5.w = _e28;
    Of _e29 = y_5;
    return _e29;
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
, threadgroup type_13& output
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    At row = {};
    At position = {};
    At start = {};
    Of slope = {};
    metal::float4 all_m = metal::float4(-340282350000000000000000000000000000000.0);
    metal::float4 all_l = metal::float4(0.0);
    metal::float4 all0_ = metal::float4(0.0);
    metal::float4 all1_ = metal::float4(0.0);
    uint d = {};
    metal::float4 q = {};
    uint segment = {};
    metal::float4 m = {};
    metal::float4 l = {};
    metal::float4 acc0_ = {};
    metal::float4 acc1_ = {};
    uint turn = {};
    uint tile = {};
    uint end = {};
    metal::float4 s = {};
    bool local = {};
    metal::float4 top = {};
    uint i = {};
    metal::float4 sum = {};
    uint quarter = {};
    metal::float4 quarter_sum = {};
    uint t = {};
    uint base = 0u;
    uint base_1 = 0u;
    uint base_2 = 0u;
    uint base_3 = 0u;
    uint _e4 = p.heads;
    uint _e7 = p.kv_heads;
    uint shared_heads = _e4 / _e7;
    uint _e11 = p.heads_each;
    uint _e17 = p.heads_each;
    uint head_groups = ((shared_heads + _e11) - 1u) / _e17;
    uint kv_head = group.x / head_groups;
    uint _e24 = p.heads_each;
    uint rows_each = 4u / _e24;
    uint _e28 = p.groups;
    uint entry = _e28 + (group.y * (rows_each + 6u));
    uint count = lists[entry];
    uint shared_tiles = lists[entry + 1u];
    uint part = lists[entry + 4u];
    uint row_parts = lists[entry + 5u];
    uint _e54 = p.head_dim;
    uint _e55 = head_words(_e54);
    uint _e58 = p.stored_dim;
    uint _e59 = head_words(_e58);
    uint _e67 = p.heads_each;
    At row_index = At(0u, 1u, 2u, 3u) / metal::uint4(_e67);
    uint _e74 = p.heads_each;
    uint _e84 = p.heads_each;
    metal::uint4 head_index = metal::uint4((group.x % head_groups) * _e74) + (At(0u, 1u, 2u, 3u) % metal::uint4(_e84));
    metal::bool4 is_live = (row_index < metal::uint4(count)) & (head_index < metal::uint4(shared_heads));
    metal::uint4 head = metal::uint4(kv_head * shared_heads) + metal::min(head_index, metal::uint4(shared_heads - 1u));
    uint _e120 = lists[(entry + 6u) + metal::min(row_index.x, rows_each - 1u)];
    row.x = _e120;
    uint _e125 = p.positions;
    uint _e127 = row.x;
    uint _e130 = lists[_e125 + _e127];
    position.x = _e130;
    uint _e133 = position.x;
    uint _e134 = first_position(_e133, p);
    start.x = _e134;
    uint _e137 = p.slopes;
    if (_e137 != NONE) {
        uint _e144 = p.slopes;
        float _e148 = vectors[_e144 + head.x];
        slope.x = _e148;
    }
    uint _e151 = p.sinks;
    if (_e151 != NONE) {
        uint _e158 = p.sinks;
        float _e162 = vectors[_e158 + head.x];
        all_m.x = _e162;
        all_l.x = 1.0;
    }
    uint _e175 = lists[(entry + 6u) + metal::min(row_index.y, rows_each - 1u)];
    row.y = _e175;
    uint _e180 = p.positions;
    uint _e182 = row.y;
    uint _e185 = lists[_e180 + _e182];
    position.y = _e185;
    uint _e188 = position.y;
    uint _e189 = first_position(_e188, p);
    start.y = _e189;
    uint _e192 = p.slopes;
    if (_e192 != NONE) {
        uint _e199 = p.slopes;
        float _e203 = vectors[_e199 + head.y];
        slope.y = _e203;
    }
    uint _e206 = p.sinks;
    if (_e206 != NONE) {
        uint _e213 = p.sinks;
        float _e217 = vectors[_e213 + head.y];
        all_m.y = _e217;
        all_l.y = 1.0;
    }
    uint _e230 = lists[(entry + 6u) + metal::min(row_index.z, rows_each - 1u)];
    row.z = _e230;
    uint _e235 = p.positions;
    uint _e237 = row.z;
    uint _e240 = lists[_e235 + _e237];
    position.z = _e240;
    uint _e243 = position.z;
    uint _e244 = first_position(_e243, p);
    start.z = _e244;
    uint _e247 = p.slopes;
    if (_e247 != NONE) {
        uint _e254 = p.slopes;
        float _e258 = vectors[_e254 + head.z];
        slope.z = _e258;
    }
    uint _e261 = p.sinks;
    if (_e261 != NONE) {
        uint _e268 = p.sinks;
        float _e272 = vectors[_e268 + head.z];
        all_m.z = _e272;
        all_l.z = 1.0;
    }
    uint _e285 = lists[(entry + 6u) + metal::min(row_index.w, rows_each - 1u)];
    row.w = _e285;
    uint _e290 = p.positions;
    uint _e292 = row.w;
    uint _e295 = lists[_e290 + _e292];
    position.w = _e295;
    uint _e298 = position.w;
    uint _e299 = first_position(_e298, p);
    start.w = _e299;
    uint _e302 = p.slopes;
    if (_e302 != NONE) {
        uint _e309 = p.slopes;
        float _e313 = vectors[_e309 + head.w];
        slope.w = _e313;
    }
    uint _e316 = p.sinks;
    if (_e316 != NONE) {
        uint _e323 = p.sinks;
        float _e327 = vectors[_e323 + head.w];
        all_m.w = _e327;
        all_l.w = 1.0;
    }
    d = lid;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e440 = d;
            d = _e440 + 64u;
        }
        loop_init_2 = false;
        uint _e337 = d;
        if (_e337 < 128u) {
        } else {
            break;
        }
        {
            q = metal::float4(0.0);
            uint _e343 = d;
            uint _e346 = p.head_dim;
            if (_e343 < _e346) {
                uint _e352 = p.q;
                uint _e354 = row.x;
                uint _e357 = p.heads;
                uint _e363 = p.head_dim;
                uint _e366 = d;
                float _e369 = xs[(_e352 + (((_e354 * _e357) + head.x) * _e363)) + _e366];
                q.x = _e369;
                uint _e374 = p.q;
                uint _e376 = row.y;
                uint _e379 = p.heads;
                uint _e385 = p.head_dim;
                uint _e388 = d;
                float _e391 = xs[(_e374 + (((_e376 * _e379) + head.y) * _e385)) + _e388];
                q.y = _e391;
                uint _e396 = p.q;
                uint _e398 = row.z;
                uint _e401 = p.heads;
                uint _e407 = p.head_dim;
                uint _e410 = d;
                float _e413 = xs[(_e396 + (((_e398 * _e401) + head.z) * _e407)) + _e410];
                q.z = _e413;
                uint _e418 = p.q;
                uint _e420 = row.w;
                uint _e423 = p.heads;
                uint _e429 = p.head_dim;
                uint _e432 = d;
                float _e435 = xs[(_e418 + (((_e420 * _e423) + head.w) * _e429)) + _e432];
                q.w = _e435;
            }
            uint _e437 = d;
            metal::float4 _e439 = q;
            query.inner[_e437] = _e439;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    At _e443 = position;
    uint _e444 = highest(_e443);
    uint _e453 = lists[entry + 3u];
    uint end_segment = metal::min((_e444 / SEGMENT) + 1u, _e453);
    At _e455 = start;
    uint _e456 = lowest(_e455);
    uint _e463 = lists[entry + 2u];
    segment = metal::max(_e456 / SEGMENT, _e463);
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e1075 = segment;
            segment = _e1075 + 1u;
        }
        loop_init_3 = false;
        uint _e466 = segment;
        if (_e466 < end_segment) {
        } else {
            break;
        }
        {
            m = metal::float4(-340282350000000000000000000000000000000.0);
            l = metal::float4(0.0);
            acc0_ = metal::float4(0.0);
            acc1_ = metal::float4(0.0);
            turn = 0u;
            bool loop_init_4 = true;
            while(true) {
                if (!loop_init_4) {
                    uint _e796 = turn;
                    turn = _e796 + 1u;
                }
                loop_init_4 = false;
                uint _e482 = turn;
                if (_e482 <= count) {
                } else {
                    break;
                }
                {
                    uint _e487 = turn;
                    uint own = lists[((entry + 6u) + metal::max(_e487, 1u)) - 1u];
                    uint _e498 = p.tables;
                    uint table = lists[_e498 + own];
                    At _e502 = start;
                    uint _e503 = lowest(_e502);
                    tile = _e503 / 64u;
                    At _e507 = position;
                    uint _e508 = highest(_e507);
                    end = metal::min((_e508 / 64u) + 1u, shared_tiles);
                    uint _e515 = turn;
                    if (_e515 > 0u) {
                        uint _e521 = p.positions;
                        uint _e524 = lists[_e521 + own];
                        uint _e525 = first_position(_e524, p);
                        tile = metal::max(_e525 / 64u, shared_tiles);
                        uint _e532 = p.positions;
                        uint _e535 = lists[_e532 + own];
                        end = (_e535 / 64u) + 1u;
                    }
                    uint _e540 = tile;
                    uint _e541 = segment;
                    tile = metal::max(_e540, _e541 * SEGMENT_TILES);
                    uint _e545 = end;
                    uint _e546 = segment;
                    end = metal::min(_e545, (_e546 + 1u) * SEGMENT_TILES);
                    uint _e552 = turn;
                    uint _e559 = turn;
                    metal::bool4 is_turn = is_live & (metal::bool4(_e552 == 0u) | ((row_index + metal::uint4(1u)) == metal::uint4(_e559)));
                    bool loop_init_5 = true;
                    while(true) {
                        if (!loop_init_5) {
                            uint _e793 = tile;
                            tile = _e793 + 1u;
                        }
                        loop_init_5 = false;
                        uint _e564 = tile;
                        uint _e565 = end;
                        if (_e564 < _e565) {
                        } else {
                            break;
                        }
                        {
                            uint _e567 = tile;
                            metal::uint4 base_4 = metal::uint4(_e567 * 64u);
                            At _e574 = start;
                            At _e577 = position;
                            metal::bool4 sees = (is_turn & ((base_4 + metal::uint4(63u)) >= _e574)) & (base_4 <= _e577);
                            At _e582 = start;
                            metal::uint4 first_1 = metal::select(metal::uint4(64u), metal::max(_e582, base_4) - base_4, sees);
                            At _e588 = position;
                            metal::uint4 last = metal::select(metal::uint4(0u), metal::min(_e588 - base_4, metal::uint4(63u)), sees);
                            uint _e594 = lowest(first_1);
                            uint _e595 = highest(last);
                            s = metal::float4(0.0);
                            if (lid >= _e594) {
                                local = lid <= _e595;
                            } else {
                                local = false;
                            }
                            bool _e604 = local;
                            if (_e604) {
                                uint _e612 = lists[table + ((base_4.x + lid) / 16u)];
                                uint slot = (_e612 * 16u) + (lid % 16u);
                                uint _e620 = p.kv_heads;
                                uint place = (slot * _e620) + kv_head;
                                places.inner[lid] = place * _e59;
                                Of _e627 = dots(place * _e55, keys, p, query, _buffer_sizes);
                                float _e630 = p.scale;
                                s = _e627 * _e630;
                                float _e634 = p.cap;
                                if (_e634 > 0.0) {
                                    float _e639 = p.cap;
                                    metal::float4 _e640 = s;
                                    float _e643 = p.cap;
                                    Of _e646 = tanh_all(_e640 / metal::float4(_e643));
                                    s = _e639 * _e646;
                                }
                                uint _e650 = p.slopes;
                                if (_e650 != NONE) {
                                    Of _e653 = slope;
                                    At _e654 = position;
                                    metal::float4 _e660 = s;
                                    s = metal::fma(_e653, -(static_cast<metal::float4>((_e654 - base_4) - metal::uint4(lid))), _e660);
                                }
                            }
                            metal::float4 _e666 = s;
                            scores.inner[lid] = metal::select(metal::float4(-340282350000000000000000000000000000000.0), _e666, (metal::uint4(lid) >= first_1) & (metal::uint4(lid) <= last));
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            metal::float4 _e673 = m;
                            top = _e673;
                            i = 0u;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e687 = i;
                                    i = _e687 + 1u;
                                }
                                loop_init_6 = false;
                                uint _e677 = i;
                                if (_e677 < 64u) {
                                } else {
                                    break;
                                }
                                {
                                    metal::float4 _e680 = top;
                                    uint _e682 = i;
                                    Of _e684 = scores.inner[_e682];
                                    top = metal::max(_e680, _e684);
                                }
                            }
                            metal::float4 _e689 = m;
                            metal::float4 _e690 = top;
                            Of _e692 = exp_all(_e689 - _e690);
                            Of _e697 = scores.inner[lid];
                            metal::float4 _e698 = top;
                            Of _e700 = exp_all(_e697 - _e698);
                            shares.inner[lid] = _e700;
                            metal::float4 _e701 = top;
                            m = _e701;
                            sum = metal::float4(0.0);
                            metal::float4 _e705 = acc0_;
                            acc0_ = _e705 * _e692;
                            metal::float4 _e707 = acc1_;
                            acc1_ = _e707 * _e692;
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            quarter = _e594 / 16u;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e787 = quarter;
                                    quarter = _e787 + 1u;
                                }
                                loop_init_7 = false;
                                uint _e712 = quarter;
                                if (_e712 <= (_e595 / 16u)) {
                                } else {
                                    break;
                                }
                                {
                                    quarter_sum = metal::float4(0.0);
                                    uint _e719 = quarter;
                                    t = metal::max(_e594, _e719 * 16u);
                                    bool loop_init_8 = true;
                                    while(true) {
                                        if (!loop_init_8) {
                                            uint _e781 = t;
                                            t = _e781 + 1u;
                                        }
                                        loop_init_8 = false;
                                        uint _e724 = t;
                                        uint _e725 = quarter;
                                        if (_e724 <= metal::min(_e595, (_e725 * 16u) + 15u)) {
                                        } else {
                                            break;
                                        }
                                        {
                                            uint _e733 = t;
                                            uint place_1 = places.inner[_e733];
                                            uint _e736 = t;
                                            uint _e739 = t;
                                            metal::bool4 is_seen = (metal::uint4(_e736) >= first_1) & (metal::uint4(_e739) <= last);
                                            uint _e746 = t;
                                            Of _e748 = shares.inner[_e746];
                                            Of share = metal::select(metal::float4(0.0), _e748, is_seen);
                                            metal::float4 _e750 = quarter_sum;
                                            quarter_sum = _e750 + share;
                                            uint _e756 = p.value_dim;
                                            if ((lid + 0u) < _e756) {
                                                float _e760 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                                                metal::float4 _e761 = acc0_;
                                                metal::float4 _e763 = acc0_;
                                                acc0_ = metal::select(_e761, metal::fma(share, metal::float4(_e760), _e763), is_seen);
                                            }
                                            uint _e770 = p.value_dim;
                                            if ((lid + 64u) < _e770) {
                                                float _e774 = value_at(place_1, lid + 64u, values, _buffer_sizes);
                                                metal::float4 _e775 = acc1_;
                                                metal::float4 _e777 = acc1_;
                                                acc1_ = metal::select(_e775, metal::fma(share, metal::float4(_e774), _e777), is_seen);
                                            }
                                        }
                                    }
                                    metal::float4 _e783 = sum;
                                    metal::float4 _e784 = quarter_sum;
                                    sum = _e783 + _e784;
                                }
                            }
                            metal::float4 _e789 = l;
                            metal::float4 _e790 = sum;
                            l = metal::fma(_e789, _e692, _e790);
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                }
            }
            uint _e798 = segment;
            At _e800 = start;
            uint _e806 = segment;
            At _e808 = position;
            metal::bool4 is_seen_1 = (is_live & (metal::uint4(_e798) >= (_e800 / metal::uint4(512u)))) & (metal::uint4(_e806) <= (_e808 / metal::uint4(512u)));
            if (part != NONE) {
                if (is_seen_1.x) {
                    uint _e822 = p.heads;
                    uint _e828 = p.value_dim;
                    uint at_2 = (((part + (row_index.x * row_parts)) * _e822) + head.x) * (_e828 + 2u);
                    if (lid == 0u) {
                        float _e837 = m.x;
                        parts[at_2] = _e837;
                        float _e843 = l.x;
                        parts[at_2 + 1u] = _e843;
                    }
                    uint _e848 = p.value_dim;
                    if ((lid + 0u) < _e848) {
                        float _e858 = acc0_.x;
                        parts[((at_2 + 2u) + lid) + 0u] = _e858;
                    }
                    uint _e863 = p.value_dim;
                    if ((lid + 64u) < _e863) {
                        float _e873 = acc1_.x;
                        parts[((at_2 + 2u) + lid) + 64u] = _e873;
                    }
                }
                if (is_seen_1.y) {
                    uint _e880 = p.heads;
                    uint _e886 = p.value_dim;
                    uint at_3 = (((part + (row_index.y * row_parts)) * _e880) + head.y) * (_e886 + 2u);
                    if (lid == 0u) {
                        float _e895 = m.y;
                        parts[at_3] = _e895;
                        float _e901 = l.y;
                        parts[at_3 + 1u] = _e901;
                    }
                    uint _e906 = p.value_dim;
                    if ((lid + 0u) < _e906) {
                        float _e916 = acc0_.y;
                        parts[((at_3 + 2u) + lid) + 0u] = _e916;
                    }
                    uint _e921 = p.value_dim;
                    if ((lid + 64u) < _e921) {
                        float _e931 = acc1_.y;
                        parts[((at_3 + 2u) + lid) + 64u] = _e931;
                    }
                }
                if (is_seen_1.z) {
                    uint _e938 = p.heads;
                    uint _e944 = p.value_dim;
                    uint at_4 = (((part + (row_index.z * row_parts)) * _e938) + head.z) * (_e944 + 2u);
                    if (lid == 0u) {
                        float _e953 = m.z;
                        parts[at_4] = _e953;
                        float _e959 = l.z;
                        parts[at_4 + 1u] = _e959;
                    }
                    uint _e964 = p.value_dim;
                    if ((lid + 0u) < _e964) {
                        float _e974 = acc0_.z;
                        parts[((at_4 + 2u) + lid) + 0u] = _e974;
                    }
                    uint _e979 = p.value_dim;
                    if ((lid + 64u) < _e979) {
                        float _e989 = acc1_.z;
                        parts[((at_4 + 2u) + lid) + 64u] = _e989;
                    }
                }
                if (is_seen_1.w) {
                    uint _e996 = p.heads;
                    uint _e1002 = p.value_dim;
                    uint at_5 = (((part + (row_index.w * row_parts)) * _e996) + head.w) * (_e1002 + 2u);
                    if (lid == 0u) {
                        float _e1011 = m.w;
                        parts[at_5] = _e1011;
                        float _e1017 = l.w;
                        parts[at_5 + 1u] = _e1017;
                    }
                    uint _e1022 = p.value_dim;
                    if ((lid + 0u) < _e1022) {
                        float _e1032 = acc0_.w;
                        parts[((at_5 + 2u) + lid) + 0u] = _e1032;
                    }
                    uint _e1037 = p.value_dim;
                    if ((lid + 64u) < _e1037) {
                        float _e1047 = acc1_.w;
                        parts[((at_5 + 2u) + lid) + 64u] = _e1047;
                    }
                }
            } else {
                metal::float4 _e1048 = all_m;
                metal::float4 _e1049 = m;
                metal::float4 top_1 = metal::max(_e1048, _e1049);
                metal::float4 _e1051 = all_m;
                Of _e1053 = exp_all(_e1051 - top_1);
                metal::float4 _e1054 = m;
                Of _e1056 = exp_all(_e1054 - top_1);
                metal::float4 _e1057 = all_l;
                metal::float4 _e1058 = all_l;
                metal::float4 _e1059 = l;
                Of _e1060 = joined_all(_e1058, _e1053, _e1059, _e1056);
                all_l = metal::select(_e1057, _e1060, is_seen_1);
                metal::float4 _e1062 = all_m;
                all_m = metal::select(_e1062, top_1, is_seen_1);
                metal::float4 _e1064 = all0_;
                metal::float4 _e1065 = all0_;
                metal::float4 _e1066 = acc0_;
                Of _e1067 = joined_all(_e1065, _e1053, _e1066, _e1056);
                all0_ = metal::select(_e1064, _e1067, is_seen_1);
                metal::float4 _e1069 = all1_;
                metal::float4 _e1070 = all1_;
                metal::float4 _e1071 = acc1_;
                Of _e1072 = joined_all(_e1070, _e1053, _e1071, _e1056);
                all1_ = metal::select(_e1069, _e1072, is_seen_1);
            }
        }
    }
    if (part != NONE) {
        return;
    }
    metal::float4 _e1081 = all_l;
    metal::float4 inverse_1 = metal::float4(1.0) / _e1081;
    if (is_live.x) {
        uint _e1085 = row.x;
        uint _e1088 = p.heads;
        uint _e1094 = p.value_dim;
        uint out_at = ((_e1085 * _e1088) + head.x) * _e1094;
        uint _e1100 = p.value_dim;
        if ((lid + 0u) < _e1100) {
            float _e1103 = all0_.x;
            float y_6 = _e1103 * inverse_1.x;
            uint _e1109 = p.y;
            ys[((_e1109 + out_at) + lid) + 0u] = y_6;
            output.inner[lid + 0u] = y_6;
        }
        uint _e1123 = p.value_dim;
        if ((lid + 64u) < _e1123) {
            float _e1126 = all1_.x;
            float y_7 = _e1126 * inverse_1.x;
            uint _e1132 = p.y;
            ys[((_e1132 + out_at) + lid) + 64u] = y_7;
            output.inner[lid + 64u] = y_7;
        }
        uint _e1144 = p.quantise;
        if (_e1144 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_9 = true;
            while(true) {
                if (!loop_init_9) {
                    uint _e1186 = base;
                    base = _e1186 + 256u;
                }
                loop_init_9 = false;
                uint _e1149 = base;
                uint _e1152 = p.value_dim;
                if (_e1149 < _e1152) {
                } else {
                    break;
                }
                {
                    uint _e1154 = base;
                    uint i_2 = _e1154 + (lid * 4u);
                    uint _e1160 = p.value_dim;
                    bool live_1 = i_2 < _e1160;
                    uint from = live_1 ? i_2 : 0u;
                    float _e1166 = output.inner[from];
                    float _e1171 = output.inner[from + 1u];
                    float _e1176 = output.inner[from + 2u];
                    float _e1181 = output.inner[from + 3u];
                    metal::float4 v_1 = metal::float4(_e1166, _e1171, _e1176, _e1181);
                    quantise4_(v_1, lid, (out_at + i_2) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (is_live.y) {
        uint _e1191 = row.y;
        uint _e1194 = p.heads;
        uint _e1200 = p.value_dim;
        uint out_at_1 = ((_e1191 * _e1194) + head.y) * _e1200;
        uint _e1206 = p.value_dim;
        if ((lid + 0u) < _e1206) {
            float _e1209 = all0_.y;
            float y_8 = _e1209 * inverse_1.y;
            uint _e1215 = p.y;
            ys[((_e1215 + out_at_1) + lid) + 0u] = y_8;
            output.inner[lid + 0u] = y_8;
        }
        uint _e1229 = p.value_dim;
        if ((lid + 64u) < _e1229) {
            float _e1232 = all1_.y;
            float y_9 = _e1232 * inverse_1.y;
            uint _e1238 = p.y;
            ys[((_e1238 + out_at_1) + lid) + 64u] = y_9;
            output.inner[lid + 64u] = y_9;
        }
        uint _e1250 = p.quantise;
        if (_e1250 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_10 = true;
            while(true) {
                if (!loop_init_10) {
                    uint _e1292 = base_1;
                    base_1 = _e1292 + 256u;
                }
                loop_init_10 = false;
                uint _e1255 = base_1;
                uint _e1258 = p.value_dim;
                if (_e1255 < _e1258) {
                } else {
                    break;
                }
                {
                    uint _e1260 = base_1;
                    uint i_3 = _e1260 + (lid * 4u);
                    uint _e1266 = p.value_dim;
                    bool live_2 = i_3 < _e1266;
                    uint from_1 = live_2 ? i_3 : 0u;
                    float _e1272 = output.inner[from_1];
                    float _e1277 = output.inner[from_1 + 1u];
                    float _e1282 = output.inner[from_1 + 2u];
                    float _e1287 = output.inner[from_1 + 3u];
                    metal::float4 v_2 = metal::float4(_e1272, _e1277, _e1282, _e1287);
                    quantise4_(v_2, lid, (out_at_1 + i_3) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (is_live.z) {
        uint _e1297 = row.z;
        uint _e1300 = p.heads;
        uint _e1306 = p.value_dim;
        uint out_at_2 = ((_e1297 * _e1300) + head.z) * _e1306;
        uint _e1312 = p.value_dim;
        if ((lid + 0u) < _e1312) {
            float _e1315 = all0_.z;
            float y_10 = _e1315 * inverse_1.z;
            uint _e1321 = p.y;
            ys[((_e1321 + out_at_2) + lid) + 0u] = y_10;
            output.inner[lid + 0u] = y_10;
        }
        uint _e1335 = p.value_dim;
        if ((lid + 64u) < _e1335) {
            float _e1338 = all1_.z;
            float y_11 = _e1338 * inverse_1.z;
            uint _e1344 = p.y;
            ys[((_e1344 + out_at_2) + lid) + 64u] = y_11;
            output.inner[lid + 64u] = y_11;
        }
        uint _e1356 = p.quantise;
        if (_e1356 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_11 = true;
            while(true) {
                if (!loop_init_11) {
                    uint _e1398 = base_2;
                    base_2 = _e1398 + 256u;
                }
                loop_init_11 = false;
                uint _e1361 = base_2;
                uint _e1364 = p.value_dim;
                if (_e1361 < _e1364) {
                } else {
                    break;
                }
                {
                    uint _e1366 = base_2;
                    uint i_4 = _e1366 + (lid * 4u);
                    uint _e1372 = p.value_dim;
                    bool live_3 = i_4 < _e1372;
                    uint from_2 = live_3 ? i_4 : 0u;
                    float _e1378 = output.inner[from_2];
                    float _e1383 = output.inner[from_2 + 1u];
                    float _e1388 = output.inner[from_2 + 2u];
                    float _e1393 = output.inner[from_2 + 3u];
                    metal::float4 v_3 = metal::float4(_e1378, _e1383, _e1388, _e1393);
                    quantise4_(v_3, lid, (out_at_2 + i_4) / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (is_live.w) {
        uint _e1403 = row.w;
        uint _e1406 = p.heads;
        uint _e1412 = p.value_dim;
        uint out_at_3 = ((_e1403 * _e1406) + head.w) * _e1412;
        uint _e1418 = p.value_dim;
        if ((lid + 0u) < _e1418) {
            float _e1421 = all0_.w;
            float y_12 = _e1421 * inverse_1.w;
            uint _e1427 = p.y;
            ys[((_e1427 + out_at_3) + lid) + 0u] = y_12;
            output.inner[lid + 0u] = y_12;
        }
        uint _e1441 = p.value_dim;
        if ((lid + 64u) < _e1441) {
            float _e1444 = all1_.w;
            float y_13 = _e1444 * inverse_1.w;
            uint _e1450 = p.y;
            ys[((_e1450 + out_at_3) + lid) + 64u] = y_13;
            output.inner[lid + 64u] = y_13;
        }
        uint _e1462 = p.quantise;
        if (_e1462 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_12 = true;
            while(true) {
                if (!loop_init_12) {
                    uint _e1504 = base_3;
                    base_3 = _e1504 + 256u;
                }
                loop_init_12 = false;
                uint _e1467 = base_3;
                uint _e1470 = p.value_dim;
                if (_e1467 < _e1470) {
                } else {
                    break;
                }
                {
                    uint _e1472 = base_3;
                    uint i_5 = _e1472 + (lid * 4u);
                    uint _e1478 = p.value_dim;
                    bool live_4 = i_5 < _e1478;
                    uint from_3 = live_4 ? i_5 : 0u;
                    float _e1484 = output.inner[from_3];
                    float _e1489 = output.inner[from_3 + 1u];
                    float _e1494 = output.inner[from_3 + 2u];
                    float _e1499 = output.inner[from_3 + 3u];
                    metal::float4 v_4 = metal::float4(_e1484, _e1489, _e1494, _e1499);
                    quantise4_(v_4, lid, (out_at_3 + i_5) / 4u, live_4, qa, qs, q_max, q_sum, _buffer_sizes);
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
