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
struct type_5 {
    float inner[16];
};
struct type_6 {
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
    uint at = _e3 + (sequence * 6u);
    uint _e9 = lists[at];
    uint _e14 = lists[at + 1u];
    uint _e19 = lists[at + 2u];
    uint _e26 = lists[at + 3u];
    uint _e31 = lists[at + 4u];
    uint _e36 = lists[at + 5u];
    return Walk {_e9, _e14, _e19 != 0u, {}, _e26, _e31, _e36};
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
, threadgroup type_5& into
, threadgroup type_5& out_of
, threadgroup type_6& sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    float s0_ = 0.0;
    float s1_ = 0.0;
    float s2_ = 0.0;
    float s3_ = 0.0;
    float rate0_ = 0.0;
    bool local = {};
    float rate1_ = 0.0;
    bool local_1 = {};
    float rate2_ = 0.0;
    bool local_2 = {};
    float rate3_ = 0.0;
    bool local_3 = {};
    uint save = {};
    uint row = {};
    uint i = {};
    float b = {};
    float c = {};
    float x = {};
    float step = {};
    float sum = {};
    bool local_4 = {};
    Walk _e3 = walk_of(group.y, lists, p, _buffer_sizes);
    uint _e6 = p.columns;
    uint blocks = (_e6 + 15u) / 16u;
    uint head = group.x / blocks;
    uint column = ((group.x % blocks) * 16u) + (lid % 16u);
    uint _e22 = p.columns;
    bool is_live = column < _e22;
    uint part = lid / 16u;
    uint _e28 = p.heads;
    uint _e31 = p.groups;
    uint _e36 = p.groups;
    uint _e40 = p.is_tiled;
    uint shared_head = (_e40 != 0u) ? (head % _e36) : (head / (_e28 / _e31));
    uint _e46 = p.n;
    uint count = _e46 * 16u;
    uint first = group.x * count;
    uint _e54 = p.stride;
    uint state = (_e3.slot * _e54) + first;
    uint known = _e3.is_new ? 0u : count;
    if ((0u + lid) < known) {
        float _e70 = states[(state + 0u) + lid];
        s0_ = _e70;
    }
    if ((64u + lid) < known) {
        float _e81 = states[(state + 64u) + lid];
        s1_ = _e81;
    }
    if ((128u + lid) < known) {
        float _e92 = states[(state + 128u) + lid];
        s2_ = _e92;
    }
    if ((192u + lid) < known) {
        float _e103 = states[(state + 192u) + lid];
        s3_ = _e103;
    }
    if (is_live) {
        uint _e112 = p.n;
        local = (0u + part) < _e112;
    } else {
        local = false;
    }
    bool _e115 = local;
    if (_e115) {
        uint _e119 = p.rate;
        uint _e124 = p.columns;
        float _e129 = vectors[(_e119 + ((0u + part) * _e124)) + column];
        rate0_ = _e129;
    }
    if (is_live) {
        uint _e138 = p.n;
        local_1 = (4u + part) < _e138;
    } else {
        local_1 = false;
    }
    bool _e141 = local_1;
    if (_e141) {
        uint _e145 = p.rate;
        uint _e150 = p.columns;
        float _e155 = vectors[(_e145 + ((4u + part) * _e150)) + column];
        rate1_ = _e155;
    }
    if (is_live) {
        uint _e164 = p.n;
        local_2 = (8u + part) < _e164;
    } else {
        local_2 = false;
    }
    bool _e167 = local_2;
    if (_e167) {
        uint _e171 = p.rate;
        uint _e176 = p.columns;
        float _e181 = vectors[(_e171 + ((8u + part) * _e176)) + column];
        rate2_ = _e181;
    }
    if (is_live) {
        uint _e190 = p.n;
        local_3 = (12u + part) < _e190;
    } else {
        local_3 = false;
    }
    bool _e193 = local_3;
    if (_e193) {
        uint _e197 = p.rate;
        uint _e202 = p.columns;
        float _e207 = vectors[(_e197 + ((12u + part) * _e202)) + column];
        rate3_ = _e207;
    }
    save = _e3.saves;
    row = _e3.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e487 = row;
            row = _e487 + 1u;
        }
        loop_init = false;
        uint _e212 = row;
        if (_e212 < _e3.end) {
        } else {
            break;
        }
        {
            uint _e215 = row;
            uint _e218 = p.groups;
            uint _e223 = p.n;
            uint shared_at = ((_e215 * _e218) + shared_head) * _e223;
            i = lid;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e264 = i;
                    i = _e264 + 64u;
                }
                loop_init_1 = false;
                uint _e226 = i;
                if (_e226 < 16u) {
                } else {
                    break;
                }
                {
                    b = 0.0;
                    c = 0.0;
                    uint _e233 = i;
                    uint _e236 = p.n;
                    if (_e233 < _e236) {
                        uint _e241 = p.b;
                        uint _e243 = i;
                        float _e246 = bs[(_e241 + shared_at) + _e243];
                        b = _e246;
                        uint _e250 = p.c;
                        uint _e252 = i;
                        float _e255 = cs[(_e250 + shared_at) + _e252];
                        c = _e255;
                    }
                    uint _e257 = i;
                    float _e259 = b;
                    into.inner[_e257] = _e259;
                    uint _e261 = i;
                    float _e263 = c;
                    out_of.inner[_e261] = _e263;
                }
            }
            uint _e267 = row;
            uint _e270 = p.heads;
            uint _e275 = p.columns;
            uint at_1 = (((_e267 * _e270) + head) * _e275) + column;
            x = 0.0;
            if (is_live) {
                uint _e283 = p.x;
                float _e286 = xs[_e283 + at_1];
                x = _e286;
            }
            step = 0.0;
            if (is_live) {
                uint _e292 = p.d;
                float _e295 = ds[_e292 + at_1];
                float _e296 = softplus(_e295);
                step = _e296;
            }
            float _e297 = step;
            float _e298 = x;
            float input = _e297 * _e298;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            sum = 0.0;
            float _e306 = into.inner[0u + part];
            float _e307 = s0_;
            float _e308 = step;
            float _e309 = rate0_;
            float _e311 = exp(_e308 * _e309);
            s0_ = metal::fma(_e306, input, _e307 * _e311);
            float _e318 = out_of.inner[0u + part];
            float _e319 = s0_;
            float _e320 = sum;
            sum = metal::fma(_e318, _e319, _e320);
            float _e326 = into.inner[4u + part];
            float _e327 = s1_;
            float _e328 = step;
            float _e329 = rate1_;
            float _e331 = exp(_e328 * _e329);
            s1_ = metal::fma(_e326, input, _e327 * _e331);
            float _e338 = out_of.inner[4u + part];
            float _e339 = s1_;
            float _e340 = sum;
            sum = metal::fma(_e338, _e339, _e340);
            float _e346 = into.inner[8u + part];
            float _e347 = s2_;
            float _e348 = step;
            float _e349 = rate2_;
            float _e351 = exp(_e348 * _e349);
            s2_ = metal::fma(_e346, input, _e347 * _e351);
            float _e358 = out_of.inner[8u + part];
            float _e359 = s2_;
            float _e360 = sum;
            sum = metal::fma(_e358, _e359, _e360);
            float _e366 = into.inner[12u + part];
            float _e367 = s3_;
            float _e368 = step;
            float _e369 = rate3_;
            float _e371 = exp(_e368 * _e369);
            s3_ = metal::fma(_e366, input, _e367 * _e371);
            float _e378 = out_of.inner[12u + part];
            float _e379 = s3_;
            float _e380 = sum;
            sum = metal::fma(_e378, _e379, _e380);
            float _e384 = sum;
            sums.inner[lid] = _e384;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            if (is_live) {
                local_4 = part == 0u;
            } else {
                local_4 = false;
            }
            bool _e390 = local_4;
            if (_e390) {
                float _e393 = sums.inner[lid];
                float _e398 = sums.inner[lid + 32u];
                float _e404 = sums.inner[lid + 16u];
                float _e409 = sums.inner[lid + 48u];
                float y_2 = (_e393 + _e398) + (_e404 + _e409);
                uint _e415 = p.y;
                uint _e421 = p.skip;
                float _e424 = vectors[_e421 + column];
                float _e425 = x;
                ys[_e415 + at_1] = metal::fma(_e424, _e425, y_2);
            }
            uint _e427 = save;
            if (_e427 < _e3.saves_end) {
                uint _e431 = save;
                uint _e433 = lists[_e431];
                uint _e434 = row;
                if (_e433 == _e434) {
                    uint _e437 = save;
                    uint _e441 = lists[_e437 + 1u];
                    uint _e444 = p.stride;
                    uint to = (_e441 * _e444) + first;
                    if ((0u + lid) < count) {
                        float _e455 = s0_;
                        states[(to + 0u) + lid] = _e455;
                    }
                    if ((64u + lid) < count) {
                        float _e464 = s1_;
                        states[(to + 64u) + lid] = _e464;
                    }
                    if ((128u + lid) < count) {
                        float _e473 = s2_;
                        states[(to + 128u) + lid] = _e473;
                    }
                    if ((192u + lid) < count) {
                        float _e482 = s3_;
                        states[(to + 192u) + lid] = _e482;
                    }
                    uint _e483 = save;
                    save = _e483 + 2u;
                }
            }
        }
    }
    if ((0u + lid) < count) {
        float _e497 = s0_;
        states[(state + 0u) + lid] = _e497;
    }
    if ((64u + lid) < count) {
        float _e506 = s1_;
        states[(state + 64u) + lid] = _e506;
    }
    if ((128u + lid) < count) {
        float _e515 = s2_;
        states[(state + 128u) + lid] = _e515;
    }
    if ((192u + lid) < count) {
        float _e524 = s3_;
        states[(state + 192u) + lid] = _e524;
        return;
    } else {
        return;
    }
}
