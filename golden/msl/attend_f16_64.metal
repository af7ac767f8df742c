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
    Of inner[64];
};
struct type_12 {
    float inner[64];
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
, threadgroup type_11& scores
, threadgroup type_11& shares
, threadgroup type_8& places
, threadgroup type_12& output
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    At row = {};
    At position = {};
    At start = {};
    Of slope = {};
    metal::float4 all_m = metal::float4(-340282350000000000000000000000000000000.0);
    metal::float4 all_l = metal::float4(0.0);
    metal::float4 all0_ = metal::float4(0.0);
    uint d = {};
    metal::float4 q = {};
    uint segment = {};
    metal::float4 m = {};
    metal::float4 l = {};
    metal::float4 acc0_ = {};
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
            uint _e437 = d;
            d = _e437 + 64u;
        }
        loop_init_2 = false;
        uint _e334 = d;
        if (_e334 < 64u) {
        } else {
            break;
        }
        {
            q = metal::float4(0.0);
            uint _e340 = d;
            uint _e343 = p.head_dim;
            if (_e340 < _e343) {
                uint _e349 = p.q;
                uint _e351 = row.x;
                uint _e354 = p.heads;
                uint _e360 = p.head_dim;
                uint _e363 = d;
                float _e366 = xs[(_e349 + (((_e351 * _e354) + head.x) * _e360)) + _e363];
                q.x = _e366;
                uint _e371 = p.q;
                uint _e373 = row.y;
                uint _e376 = p.heads;
                uint _e382 = p.head_dim;
                uint _e385 = d;
                float _e388 = xs[(_e371 + (((_e373 * _e376) + head.y) * _e382)) + _e385];
                q.y = _e388;
                uint _e393 = p.q;
                uint _e395 = row.z;
                uint _e398 = p.heads;
                uint _e404 = p.head_dim;
                uint _e407 = d;
                float _e410 = xs[(_e393 + (((_e395 * _e398) + head.z) * _e404)) + _e407];
                q.z = _e410;
                uint _e415 = p.q;
                uint _e417 = row.w;
                uint _e420 = p.heads;
                uint _e426 = p.head_dim;
                uint _e429 = d;
                float _e432 = xs[(_e415 + (((_e417 * _e420) + head.w) * _e426)) + _e429];
                q.w = _e432;
            }
            uint _e434 = d;
            metal::float4 _e436 = q;
            query.inner[_e434] = _e436;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    At _e440 = position;
    uint _e441 = highest(_e440);
    uint _e450 = lists[entry + 3u];
    uint end_segment = metal::min((_e441 / SEGMENT) + 1u, _e450);
    At _e452 = start;
    uint _e453 = lowest(_e452);
    uint _e460 = lists[entry + 2u];
    segment = metal::max(_e453 / SEGMENT, _e460);
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e988 = segment;
            segment = _e988 + 1u;
        }
        loop_init_3 = false;
        uint _e463 = segment;
        if (_e463 < end_segment) {
        } else {
            break;
        }
        {
            m = metal::float4(-340282350000000000000000000000000000000.0);
            l = metal::float4(0.0);
            acc0_ = metal::float4(0.0);
            turn = 0u;
            bool loop_init_4 = true;
            while(true) {
                if (!loop_init_4) {
                    uint _e774 = turn;
                    turn = _e774 + 1u;
                }
                loop_init_4 = false;
                uint _e476 = turn;
                if (_e476 <= count) {
                } else {
                    break;
                }
                {
                    uint _e481 = turn;
                    uint own = lists[((entry + 6u) + metal::max(_e481, 1u)) - 1u];
                    uint _e492 = p.tables;
                    uint table = lists[_e492 + own];
                    At _e496 = start;
                    uint _e497 = lowest(_e496);
                    tile = _e497 / 64u;
                    At _e501 = position;
                    uint _e502 = highest(_e501);
                    end = metal::min((_e502 / 64u) + 1u, shared_tiles);
                    uint _e509 = turn;
                    if (_e509 > 0u) {
                        uint _e515 = p.positions;
                        uint _e518 = lists[_e515 + own];
                        uint _e519 = first_position(_e518, p);
                        tile = metal::max(_e519 / 64u, shared_tiles);
                        uint _e526 = p.positions;
                        uint _e529 = lists[_e526 + own];
                        end = (_e529 / 64u) + 1u;
                    }
                    uint _e534 = tile;
                    uint _e535 = segment;
                    tile = metal::max(_e534, _e535 * SEGMENT_TILES);
                    uint _e539 = end;
                    uint _e540 = segment;
                    end = metal::min(_e539, (_e540 + 1u) * SEGMENT_TILES);
                    uint _e546 = turn;
                    uint _e553 = turn;
                    metal::bool4 is_turn = is_live & (metal::bool4(_e546 == 0u) | ((row_index + metal::uint4(1u)) == metal::uint4(_e553)));
                    bool loop_init_5 = true;
                    while(true) {
                        if (!loop_init_5) {
                            uint _e771 = tile;
                            tile = _e771 + 1u;
                        }
                        loop_init_5 = false;
                        uint _e558 = tile;
                        uint _e559 = end;
                        if (_e558 < _e559) {
                        } else {
                            break;
                        }
                        {
                            uint _e561 = tile;
                            metal::uint4 base_4 = metal::uint4(_e561 * 64u);
                            At _e568 = start;
                            At _e571 = position;
                            metal::bool4 sees = (is_turn & ((base_4 + metal::uint4(63u)) >= _e568)) & (base_4 <= _e571);
                            At _e576 = start;
                            metal::uint4 first_1 = metal::select(metal::uint4(64u), metal::max(_e576, base_4) - base_4, sees);
                            At _e582 = position;
                            metal::uint4 last = metal::select(metal::uint4(0u), metal::min(_e582 - base_4, metal::uint4(63u)), sees);
                            uint _e588 = lowest(first_1);
                            uint _e589 = highest(last);
                            s = metal::float4(0.0);
                            if (lid >= _e588) {
                                local = lid <= _e589;
                            } else {
                                local = false;
                            }
                            bool _e598 = local;
                            if (_e598) {
                                uint _e606 = lists[table + ((base_4.x + lid) / 16u)];
                                uint slot = (_e606 * 16u) + (lid % 16u);
                                uint _e614 = p.kv_heads;
                                uint place = (slot * _e614) + kv_head;
                                places.inner[lid] = place * _e59;
                                Of _e621 = dots(place * _e55, keys, p, query, _buffer_sizes);
                                float _e624 = p.scale;
                                s = _e621 * _e624;
                                float _e628 = p.cap;
                                if (_e628 > 0.0) {
                                    float _e633 = p.cap;
                                    metal::float4 _e634 = s;
                                    float _e637 = p.cap;
                                    Of _e640 = tanh_all(_e634 / metal::float4(_e637));
                                    s = _e633 * _e640;
                                }
                                uint _e644 = p.slopes;
                                if (_e644 != NONE) {
                                    Of _e647 = slope;
                                    At _e648 = position;
                                    metal::float4 _e654 = s;
                                    s = metal::fma(_e647, -(static_cast<metal::float4>((_e648 - base_4) - metal::uint4(lid))), _e654);
                                }
                            }
                            metal::float4 _e660 = s;
                            scores.inner[lid] = metal::select(metal::float4(-340282350000000000000000000000000000000.0), _e660, (metal::uint4(lid) >= first_1) & (metal::uint4(lid) <= last));
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            metal::float4 _e667 = m;
                            top = _e667;
                            i = 0u;
                            bool loop_init_6 = true;
                            while(true) {
                                if (!loop_init_6) {
                                    uint _e681 = i;
                                    i = _e681 + 1u;
                                }
                                loop_init_6 = false;
                                uint _e671 = i;
                                if (_e671 < 64u) {
                                } else {
                                    break;
                                }
                                {
                                    metal::float4 _e674 = top;
                                    uint _e676 = i;
                                    Of _e678 = scores.inner[_e676];
                                    top = metal::max(_e674, _e678);
                                }
                            }
                            metal::float4 _e683 = m;
                            metal::float4 _e684 = top;
                            Of _e686 = exp_all(_e683 - _e684);
                            Of _e691 = scores.inner[lid];
                            metal::float4 _e692 = top;
                            Of _e694 = exp_all(_e691 - _e692);
                            shares.inner[lid] = _e694;
                            metal::float4 _e695 = top;
                            m = _e695;
                            sum = metal::float4(0.0);
                            metal::float4 _e699 = acc0_;
                            acc0_ = _e699 * _e686;
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                            quarter = _e588 / 16u;
                            bool loop_init_7 = true;
                            while(true) {
                                if (!loop_init_7) {
                                    uint _e765 = quarter;
                                    quarter = _e765 + 1u;
                                }
                                loop_init_7 = false;
                                uint _e704 = quarter;
                                if (_e704 <= (_e589 / 16u)) {
                                } else {
                                    break;
                                }
                                {
                                    quarter_sum = metal::float4(0.0);
                                    uint _e711 = quarter;
                                    t = metal::max(_e588, _e711 * 16u);
                                    bool loop_init_8 = true;
                                    while(true) {
                                        if (!loop_init_8) {
                                            uint _e759 = t;
                                            t = _e759 + 1u;
                                        }
                                        loop_init_8 = false;
                                        uint _e716 = t;
                                        uint _e717 = quarter;
                                        if (_e716 <= metal::min(_e589, (_e717 * 16u) + 15u)) {
                                        } else {
                                            break;
                                        }
                                        {
                                            uint _e725 = t;
                                            uint place_1 = places.inner[_e725];
                                            uint _e728 = t;
                                            uint _e731 = t;
                                            metal::bool4 is_seen = (metal::uint4(_e728) >= first_1) & (metal::uint4(_e731) <= last);
                                            uint _e738 = t;
                                            Of _e740 = shares.inner[_e738];
                                            Of share = metal::select(metal::float4(0.0), _e740, is_seen);
                                            metal::float4 _e742 = quarter_sum;
                                            quarter_sum = _e742 + share;
                                            uint _e748 = p.value_dim;
                                            if ((lid + 0u) < _e748) {
                                                float _e752 = value_at(place_1, lid + 0u, values, _buffer_sizes);
                                                metal::float4 _e753 = acc0_;
                                                metal::float4 _e755 = acc0_;
                                                acc0_ = metal::select(_e753, metal::fma(share, metal::float4(_e752), _e755), is_seen);
                                            }
                                        }
                                    }
                                    metal::float4 _e761 = sum;
                                    metal::float4 _e762 = quarter_sum;
                                    sum = _e761 + _e762;
                                }
                            }
                            metal::float4 _e767 = l;
                            metal::float4 _e768 = sum;
                            l = metal::fma(_e767, _e686, _e768);
                            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                        }
                    }
                }
            }
            uint _e776 = segment;
            At _e778 = start;
            uint _e784 = segment;
            At _e786 = position;
            metal::bool4 is_seen_1 = (is_live & (metal::uint4(_e776) >= (_e778 / metal::uint4(512u)))) & (metal::uint4(_e784) <= (_e786 / metal::uint4(512u)));
            if (part != NONE) {
                if (is_seen_1.x) {
                    uint _e800 = p.heads;
                    uint _e806 = p.value_dim;
                    uint at_2 = (((part + (row_index.x * row_parts)) * _e800) + head.x) * (_e806 + 2u);
                    if (lid == 0u) {
                        float _e815 = m.x;
                        parts[at_2] = _e815;
                        float _e821 = l.x;
                        parts[at_2 + 1u] = _e821;
                    }
                    uint _e826 = p.value_dim;
                    if ((lid + 0u) < _e826) {
                        float _e836 = acc0_.x;
                        parts[((at_2 + 2u) + lid) + 0u] = _e836;
                    }
                }
                if (is_seen_1.y) {
                    uint _e843 = p.heads;
                    uint _e849 = p.value_dim;
                    uint at_3 = (((part + (row_index.y * row_parts)) * _e843) + head.y) * (_e849 + 2u);
                    if (lid == 0u) {
                        float _e858 = m.y;
                        parts[at_3] = _e858;
                        float _e864 = l.y;
                        parts[at_3 + 1u] = _e864;
                    }
                    uint _e869 = p.value_dim;
                    if ((lid + 0u) < _e869) {
                        float _e879 = acc0_.y;
                        parts[((at_3 + 2u) + lid) + 0u] = _e879;
                    }
                }
                if (is_seen_1.z) {
                    uint _e886 = p.heads;
                    uint _e892 = p.value_dim;
                    uint at_4 = (((part + (row_index.z * row_parts)) * _e886) + head.z) * (_e892 + 2u);
                    if (lid == 0u) {
                        float _e901 = m.z;
                        parts[at_4] = _e901;
                        float _e907 = l.z;
                        parts[at_4 + 1u] = _e907;
                    }
                    uint _e912 = p.value_dim;
                    if ((lid + 0u) < _e912) {
                        float _e922 = acc0_.z;
                        parts[((at_4 + 2u) + lid) + 0u] = _e922;
                    }
                }
                if (is_seen_1.w) {
                    uint _e929 = p.heads;
                    uint _e935 = p.value_dim;
                    uint at_5 = (((part + (row_index.w * row_parts)) * _e929) + head.w) * (_e935 + 2u);
                    if (lid == 0u) {
                        float _e944 = m.w;
                        parts[at_5] = _e944;
                        float _e950 = l.w;
                        parts[at_5 + 1u] = _e950;
                    }
                    uint _e955 = p.value_dim;
                    if ((lid + 0u) < _e955) {
                        float _e965 = acc0_.w;
                        parts[((at_5 + 2u) + lid) + 0u] = _e965;
                    }
                }
            } else {
                metal::float4 _e966 = all_m;
                metal::float4 _e967 = m;
                metal::float4 top_1 = metal::max(_e966, _e967);
                metal::float4 _e969 = all_m;
                Of _e971 = exp_all(_e969 - top_1);
                metal::float4 _e972 = m;
                Of _e974 = exp_all(_e972 - top_1);
                metal::float4 _e975 = all_l;
                metal::float4 _e976 = all_l;
                metal::float4 _e977 = l;
                Of _e978 = joined_all(_e976, _e971, _e977, _e974);
                all_l = metal::select(_e975, _e978, is_seen_1);
                metal::float4 _e980 = all_m;
                all_m = metal::select(_e980, top_1, is_seen_1);
                metal::float4 _e982 = all0_;
                metal::float4 _e983 = all0_;
                metal::float4 _e984 = acc0_;
                Of _e985 = joined_all(_e983, _e971, _e984, _e974);
                all0_ = metal::select(_e982, _e985, is_seen_1);
            }
        }
    }
    if (part != NONE) {
        return;
    }
    metal::float4 _e994 = all_l;
    metal::float4 inverse_1 = metal::float4(1.0) / _e994;
    if (is_live.x) {
        uint _e998 = row.x;
        uint _e1001 = p.heads;
        uint _e1007 = p.value_dim;
        uint out_at = ((_e998 * _e1001) + head.x) * _e1007;
        uint _e1013 = p.value_dim;
        if ((lid + 0u) < _e1013) {
            float _e1016 = all0_.x;
            float y_6 = _e1016 * inverse_1.x;
            uint _e1022 = p.y;
            ys[((_e1022 + out_at) + lid) + 0u] = y_6;
            output.inner[lid + 0u] = y_6;
        }
        uint _e1034 = p.quantise;
        if (_e1034 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_9 = true;
            while(true) {
                if (!loop_init_9) {
                    uint _e1076 = base;
                    base = _e1076 + 256u;
                }
                loop_init_9 = false;
                uint _e1039 = base;
                uint _e1042 = p.value_dim;
                if (_e1039 < _e1042) {
                } else {
                    break;
                }
                {
                    uint _e1044 = base;
                    uint i_2 = _e1044 + (lid * 4u);
                    uint _e1050 = p.value_dim;
                    bool live_1 = i_2 < _e1050;
                    uint from = live_1 ? i_2 : 0u;
                    float _e1056 = output.inner[from];
                    float _e1061 = output.inner[from + 1u];
                    float _e1066 = output.inner[from + 2u];
                    float _e1071 = output.inner[from + 3u];
                    metal::float4 v_1 = metal::float4(_e1056, _e1061, _e1066, _e1071);
                    quantise4_(v_1, lid, (out_at + i_2) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (is_live.y) {
        uint _e1081 = row.y;
        uint _e1084 = p.heads;
        uint _e1090 = p.value_dim;
        uint out_at_1 = ((_e1081 * _e1084) + head.y) * _e1090;
        uint _e1096 = p.value_dim;
        if ((lid + 0u) < _e1096) {
            float _e1099 = all0_.y;
            float y_7 = _e1099 * inverse_1.y;
            uint _e1105 = p.y;
            ys[((_e1105 + out_at_1) + lid) + 0u] = y_7;
            output.inner[lid + 0u] = y_7;
        }
        uint _e1117 = p.quantise;
        if (_e1117 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_10 = true;
            while(true) {
                if (!loop_init_10) {
                    uint _e1159 = base_1;
                    base_1 = _e1159 + 256u;
                }
                loop_init_10 = false;
                uint _e1122 = base_1;
                uint _e1125 = p.value_dim;
                if (_e1122 < _e1125) {
                } else {
                    break;
                }
                {
                    uint _e1127 = base_1;
                    uint i_3 = _e1127 + (lid * 4u);
                    uint _e1133 = p.value_dim;
                    bool live_2 = i_3 < _e1133;
                    uint from_1 = live_2 ? i_3 : 0u;
                    float _e1139 = output.inner[from_1];
                    float _e1144 = output.inner[from_1 + 1u];
                    float _e1149 = output.inner[from_1 + 2u];
                    float _e1154 = output.inner[from_1 + 3u];
                    metal::float4 v_2 = metal::float4(_e1139, _e1144, _e1149, _e1154);
                    quantise4_(v_2, lid, (out_at_1 + i_3) / 4u, live_2, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (is_live.z) {
        uint _e1164 = row.z;
        uint _e1167 = p.heads;
        uint _e1173 = p.value_dim;
        uint out_at_2 = ((_e1164 * _e1167) + head.z) * _e1173;
        uint _e1179 = p.value_dim;
        if ((lid + 0u) < _e1179) {
            float _e1182 = all0_.z;
            float y_8 = _e1182 * inverse_1.z;
            uint _e1188 = p.y;
            ys[((_e1188 + out_at_2) + lid) + 0u] = y_8;
            output.inner[lid + 0u] = y_8;
        }
        uint _e1200 = p.quantise;
        if (_e1200 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_11 = true;
            while(true) {
                if (!loop_init_11) {
                    uint _e1242 = base_2;
                    base_2 = _e1242 + 256u;
                }
                loop_init_11 = false;
                uint _e1205 = base_2;
                uint _e1208 = p.value_dim;
                if (_e1205 < _e1208) {
                } else {
                    break;
                }
                {
                    uint _e1210 = base_2;
                    uint i_4 = _e1210 + (lid * 4u);
                    uint _e1216 = p.value_dim;
                    bool live_3 = i_4 < _e1216;
                    uint from_2 = live_3 ? i_4 : 0u;
                    float _e1222 = output.inner[from_2];
                    float _e1227 = output.inner[from_2 + 1u];
                    float _e1232 = output.inner[from_2 + 2u];
                    float _e1237 = output.inner[from_2 + 3u];
                    metal::float4 v_3 = metal::float4(_e1222, _e1227, _e1232, _e1237);
                    quantise4_(v_3, lid, (out_at_2 + i_4) / 4u, live_3, qa, qs, q_max, q_sum, _buffer_sizes);
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    if (is_live.w) {
        uint _e1247 = row.w;
        uint _e1250 = p.heads;
        uint _e1256 = p.value_dim;
        uint out_at_3 = ((_e1247 * _e1250) + head.w) * _e1256;
        uint _e1262 = p.value_dim;
        if ((lid + 0u) < _e1262) {
            float _e1265 = all0_.w;
            float y_9 = _e1265 * inverse_1.w;
            uint _e1271 = p.y;
            ys[((_e1271 + out_at_3) + lid) + 0u] = y_9;
            output.inner[lid + 0u] = y_9;
        }
        uint _e1283 = p.quantise;
        if (_e1283 != 0u) {
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            bool loop_init_12 = true;
            while(true) {
                if (!loop_init_12) {
                    uint _e1325 = base_3;
                    base_3 = _e1325 + 256u;
                }
                loop_init_12 = false;
                uint _e1288 = base_3;
                uint _e1291 = p.value_dim;
                if (_e1288 < _e1291) {
                } else {
                    break;
                }
                {
                    uint _e1293 = base_3;
                    uint i_5 = _e1293 + (lid * 4u);
                    uint _e1299 = p.value_dim;
                    bool live_4 = i_5 < _e1299;
                    uint from_3 = live_4 ? i_5 : 0u;
                    float _e1305 = output.inner[from_3];
                    float _e1310 = output.inner[from_3 + 1u];
                    float _e1315 = output.inner[from_3 + 2u];
                    float _e1320 = output.inner[from_3 + 3u];
                    metal::float4 v_4 = metal::float4(_e1305, _e1310, _e1315, _e1320);
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
