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
struct P {
    uint x;
    uint b;
    uint c;
    uint d;
    uint g;
    uint y;
    uint heads;
    uint columns;
    uint n;
    uint groups;
    uint is_tiled;
    uint bias;
    uint rate;
    uint skip;
    uint walks;
    uint stride;
};
struct Walk {
    uint first;
    uint end;
    bool is_new;
    char _pad3[3];
    uint slot;
    uint saves;
    uint saves_end;
};
struct type_6 {
    metal::float4 inner[4];
};
struct type_7 {
    float inner[64];
};

bool is_nan(
    float x_1
) {
    return (as_type<uint>(x_1) & 2147483647u) > 2139095040u;
}

int naga_f2i32(float value) {
    return static_cast<int>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

float exp(
    float x_2
) {
    float y = 0.0001984127;
    float c_1 = metal::clamp(x_2, -87.33654, 88.0);
    float n = metal::rint(c_1 * 1.442695);
    float r = metal::fma(-(n), -0.00021219444, metal::fma(-(n), 0.6933594, c_1));
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
    bool _e50 = is_nan(x_2);
    return _e50 ? x_2 : ((x_2 < -87.33654) ? 0.0 : _e45);
}

float tanh(
    float x_3
) {
    float _e2 = exp(x_3 + x_3);
    return 1.0 - (2.0 / (_e2 + 1.0));
}

float sigmoid(
    float x_4
) {
    float _e2 = exp(-(x_4));
    return 1.0 / (1.0 + _e2);
}

float limited(
    float x_5,
    float limit
) {
    bool _e4 = is_nan(x_5);
    return _e4 ? x_5 : metal::clamp(x_5, -(limit), limit);
}

float at_most(
    float x_6,
    float limit_1
) {
    bool _e3 = is_nan(x_6);
    return _e3 ? x_6 : metal::min(x_6, limit_1);
}

float positive(
    float x_7
) {
    bool _e3 = is_nan(x_7);
    return _e3 ? x_7 : metal::max(x_7, 0.0);
}

float softplus(
    float x_8
) {
    float y_1 = 0.07692308;
    float _e3 = exp(-(metal::abs(x_8)));
    float s = _e3 / (2.0 + _e3);
    float square = s * s;
    float _e10 = y_1;
    y_1 = metal::fma(_e10, square, 0.09090909);
    float _e13 = y_1;
    y_1 = metal::fma(_e13, square, 0.11111111);
    float _e16 = y_1;
    y_1 = metal::fma(_e16, square, 0.14285715);
    float _e19 = y_1;
    y_1 = metal::fma(_e19, square, 0.2);
    float _e22 = y_1;
    y_1 = metal::fma(_e22, square, 0.33333334);
    float twice = s + s;
    float _e26 = positive(x_8);
    float _e28 = y_1;
    return _e26 + metal::fma(twice * square, _e28, twice);
}

Walk walk_of(
    uint sequence,
    device type_3 const& lists,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e3 = p.walks;
    uint at_2 = _e3 + (sequence * 6u);
    uint _e9 = lists[at_2];
    uint _e14 = lists[at_2 + 1u];
    uint _e19 = lists[at_2 + 2u];
    uint _e26 = lists[at_2 + 3u];
    uint _e31 = lists[at_2 + 4u];
    uint _e36 = lists[at_2 + 5u];
    return Walk {_e9, _e14, _e19 != 0u, {}, _e26, _e31, _e36};
}

float cell(
    uint state,
    uint at,
    uint known,
    device type_1 const& states,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e6 = p.n;
    float _e14 = states[state + metal::min(at, (_e6 * 16u) - 1u)];
    return (at < known) ? _e14 : 0.0;
}

void keep(
    uint to,
    uint at_1,
    metal::float4 cells,
    device type_1& states,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.n;
    uint count = _e5 * 16u;
    if ((at_1 + 0u) < count) {
        states[(to + at_1) + 0u] = cells.x;
    }
    if ((at_1 + 64u) < count) {
        states[(to + at_1) + 64u] = cells.y;
    }
    if ((at_1 + 128u) < count) {
        states[(to + at_1) + 128u] = cells.z;
    }
    if ((at_1 + 192u) < count) {
        states[(to + at_1) + 192u] = cells.w;
        return;
    } else {
        return;
    }
}

float added(
    float sum_1,
    metal::float4 a,
    metal::float4 b_1
) {
    return metal::fma(a.w, b_1.w, metal::fma(a.z, b_1.z, metal::fma(a.y, b_1.y, metal::fma(a.x, b_1.x, sum_1))));
}

float rate(
    uint i,
    uint column,
    device type_1 const& vectors,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.rate;
    uint _e8 = p.n;
    uint _e14 = p.columns;
    uint _e19 = p.columns;
    float _e25 = vectors[(_e5 + (metal::min(i, _e8 - 1u) * _e14)) + metal::min(column, _e19 - 1u)];
    return _e25;
}

metal::float4 exps(
    metal::float4 x_9
) {
    float _e2 = exp(x_9.x);
    float _e4 = exp(x_9.y);
    float _e6 = exp(x_9.z);
    float _e8 = exp(x_9.w);
    return metal::float4(_e2, _e4, _e6, _e8);
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& bs [[buffer(1)]]
, device type_1 const& cs [[buffer(2)]]
, device type_1 const& ds [[buffer(3)]]
, device type_1& ys [[buffer(5)]]
, device type_1 const& vectors [[buffer(6)]]
, device type_1& states [[buffer(7)]]
, device type_3 const& lists [[buffer(8)]]
, constant P& p [[buffer(9)]]
, threadgroup type_6& into
, threadgroup type_6& out_of
, threadgroup type_7& sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    metal::float4 s0_ = {};
    uint save = {};
    uint row = {};
    metal::float4 b = {};
    metal::float4 c = {};
    float x = {};
    float step = {};
    float sum = {};
    bool local = {};
    Walk _e3 = walk_of(group.y, lists, p, _buffer_sizes);
    uint _e6 = p.columns;
    uint blocks = (_e6 + 15u) / 16u;
    uint head = group.x / blocks;
    uint column_1 = ((group.x % blocks) * 16u) + (lid % 16u);
    uint _e22 = p.columns;
    bool is_live = column_1 < _e22;
    uint part = lid / 16u;
    uint _e28 = p.heads;
    uint _e31 = p.groups;
    uint _e36 = p.groups;
    uint _e40 = p.is_tiled;
    uint shared_head = (_e40 != 0u) ? (head % _e36) : (head / (_e28 / _e31));
    uint _e46 = p.n;
    uint count_1 = _e46 * 16u;
    uint first = group.x * count_1;
    uint _e54 = p.stride;
    uint state_1 = (_e3.slot * _e54) + first;
    uint known_1 = _e3.is_new ? 0u : count_1;
    uint at0_ = 0u + lid;
    float _e62 = cell(state_1, at0_, known_1, states, p, _buffer_sizes);
    float _e65 = cell(state_1, at0_ + 64u, known_1, states, p, _buffer_sizes);
    float _e68 = cell(state_1, at0_ + 128u, known_1, states, p, _buffer_sizes);
    float _e71 = cell(state_1, at0_ + 192u, known_1, states, p, _buffer_sizes);
    s0_ = metal::float4(_e62, _e65, _e68, _e71);
    uint i0_ = 0u + part;
    float _e76 = rate(i0_, column_1, vectors, p, _buffer_sizes);
    float _e79 = rate(i0_ + 4u, column_1, vectors, p, _buffer_sizes);
    float _e82 = rate(i0_ + 8u, column_1, vectors, p, _buffer_sizes);
    float _e85 = rate(i0_ + 12u, column_1, vectors, p, _buffer_sizes);
    metal::float4 rate0_ = metal::float4(_e76, _e79, _e82, _e85);
    save = _e3.saves;
    row = _e3.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e366 = row;
            row = _e366 + 1u;
        }
        loop_init = false;
        uint _e91 = row;
        if (_e91 < _e3.end) {
        } else {
            break;
        }
        {
            uint _e94 = row;
            uint _e97 = p.groups;
            uint _e102 = p.n;
            uint shared_at = ((_e94 * _e97) + shared_head) * _e102;
            if (lid < 4u) {
                b = metal::float4(0.0);
                c = metal::float4(0.0);
                uint i_1 = ((lid % 1u) * 16u) + (lid / 1u);
                uint _e123 = p.n;
                if ((i_1 + 0u) < _e123) {
                    uint _e129 = p.b;
                    float _e135 = bs[((_e129 + shared_at) + i_1) + 0u];
                    b.x = _e135;
                    uint _e140 = p.c;
                    float _e146 = cs[((_e140 + shared_at) + i_1) + 0u];
                    c.x = _e146;
                }
                uint _e151 = p.n;
                if ((i_1 + 4u) < _e151) {
                    uint _e157 = p.b;
                    float _e163 = bs[((_e157 + shared_at) + i_1) + 4u];
                    b.y = _e163;
                    uint _e168 = p.c;
                    float _e174 = cs[((_e168 + shared_at) + i_1) + 4u];
                    c.y = _e174;
                }
                uint _e179 = p.n;
                if ((i_1 + 8u) < _e179) {
                    uint _e185 = p.b;
                    float _e191 = bs[((_e185 + shared_at) + i_1) + 8u];
                    b.z = _e191;
                    uint _e196 = p.c;
                    float _e202 = cs[((_e196 + shared_at) + i_1) + 8u];
                    c.z = _e202;
                }
                uint _e207 = p.n;
                if ((i_1 + 12u) < _e207) {
                    uint _e213 = p.b;
                    float _e219 = bs[((_e213 + shared_at) + i_1) + 12u];
                    b.w = _e219;
                    uint _e224 = p.c;
                    float _e230 = cs[((_e224 + shared_at) + i_1) + 12u];
                    c.w = _e230;
                }
                metal::float4 _e233 = b;
                into.inner[lid] = _e233;
                metal::float4 _e236 = c;
                out_of.inner[lid] = _e236;
            }
            uint _e237 = row;
            uint _e240 = p.heads;
            uint _e245 = p.columns;
            uint at_3 = (((_e237 * _e240) + head) * _e245) + column_1;
            x = 0.0;
            if (is_live) {
                uint _e253 = p.x;
                float _e256 = xs[_e253 + at_3];
                x = _e256;
            }
            step = 0.0;
            if (is_live) {
                uint _e262 = p.d;
                float _e265 = ds[_e262 + at_3];
                float _e266 = softplus(_e265);
                step = _e266;
            }
            float _e267 = step;
            float _e268 = x;
            float input = _e267 * _e268;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            sum = 0.0;
            metal::float4 _e278 = into.inner[(part * 1u) + 0u];
            metal::float4 _e280 = s0_;
            float _e281 = step;
            metal::float4 _e283 = exps(_e281 * rate0_);
            s0_ = metal::fma(_e278, metal::float4(input), _e280 * _e283);
            float _e286 = sum;
            metal::float4 _e293 = out_of.inner[(part * 1u) + 0u];
            metal::float4 _e294 = s0_;
            float _e295 = added(_e286, _e293, _e294);
            sum = _e295;
            float _e298 = sum;
            sums.inner[lid] = _e298;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            if (is_live) {
                local = part == 0u;
            } else {
                local = false;
            }
            bool _e304 = local;
            if (_e304) {
                float _e307 = sums.inner[lid];
                float _e312 = sums.inner[lid + 32u];
                float _e318 = sums.inner[lid + 16u];
                float _e323 = sums.inner[lid + 48u];
                float y_2 = (_e307 + _e312) + (_e318 + _e323);
                uint _e329 = p.y;
                uint _e335 = p.skip;
                float _e338 = vectors[_e335 + column_1];
                float _e339 = x;
                ys[_e329 + at_3] = metal::fma(_e338, _e339, y_2);
            }
            uint _e341 = save;
            if (_e341 < _e3.saves_end) {
                uint _e345 = save;
                uint _e347 = lists[_e345];
                uint _e348 = row;
                if (_e347 == _e348) {
                    uint _e351 = save;
                    uint _e355 = lists[_e351 + 1u];
                    uint _e358 = p.stride;
                    uint to_1 = (_e355 * _e358) + first;
                    metal::float4 _e361 = s0_;
                    keep(to_1, at0_, _e361, states, p, _buffer_sizes);
                    uint _e362 = save;
                    save = _e362 + 2u;
                }
            }
        }
    }
    metal::float4 _e368 = s0_;
    keep(state_1, at0_, _e368, states, p, _buffer_sizes);
    return;
}
