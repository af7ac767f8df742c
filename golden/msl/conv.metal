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
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint x;
    uint y;
    uint channels;
    uint taps;
    uint weight;
    uint bias;
    uint silu;
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
    float c_1 = metal::clamp(x_1, -87.33654, 88.0);
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

float convolved(
    metal::float4 weights_1,
    float bias_1,
    metal::float3 history_1,
    float x_7,
    constant P& p
) {
    float y_1 = {};
    y_1 = bias_1;
    uint _e7 = p.taps;
    if (_e7 > 3u) {
        float _e12 = y_1;
        y_1 = metal::fma(weights_1.x, history_1.x, _e12);
    }
    uint _e16 = p.taps;
    if (_e16 > 2u) {
        float _e21 = y_1;
        y_1 = metal::fma(weights_1.y, history_1.y, _e21);
    }
    float _e25 = y_1;
    y_1 = metal::fma(weights_1.z, history_1.z, _e25);
    float _e28 = y_1;
    y_1 = metal::fma(weights_1.w, x_7, _e28);
    float _e30 = y_1;
    float _e31 = y_1;
    float _e32 = y_1;
    float _e34 = exp(-(_e32));
    uint _e40 = p.silu;
    return (_e40 != 0u) ? (_e31 / (1.0 + _e34)) : _e30;
}

void keep(
    uint slot,
    uint c,
    metal::float3 history_2,
    device type_1& states,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.stride;
    uint _e9 = p.taps;
    uint _e14 = p.channels;
    uint at_1 = ((slot * _e5) + ((_e9 - 2u) * _e14)) + c;
    states[at_1] = history_2.z;
    uint _e23 = p.taps;
    if (_e23 > 2u) {
        uint _e29 = p.channels;
        states[at_1 - _e29] = history_2.y;
    }
    uint _e35 = p.taps;
    if (_e35 > 3u) {
        uint _e42 = p.channels;
        states[at_1 - (2u * _e42)] = history_2.x;
        return;
    } else {
        return;
    }
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, device type_1 const& vectors [[buffer(2)]]
, device type_1& states [[buffer(3)]]
, device type_3 const& lists [[buffer(4)]]
, constant P& p [[buffer(5)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(6)]]
) {
    metal::float4 weights = {};
    metal::float3 history = metal::float3(0.0);
    float bias = 0.0;
    uint save = {};
    uint row = {};
    uint c_2 = (group.x * 64u) + lid;
    uint _e8 = p.channels;
    if (c_2 >= _e8) {
        return;
    }
    Walk _e11 = walk_of(group.y, lists, p, _buffer_sizes);
    uint _e14 = p.weight;
    uint _e17 = p.taps;
    uint _e22 = p.channels;
    uint last = (_e14 + ((_e17 - 1u) * _e22)) + c_2;
    uint _e29 = p.channels;
    float _e32 = vectors[last - _e29];
    float _e35 = vectors[last];
    weights = metal::float4(0.0, 0.0, _e32, _e35);
    uint _e46 = p.stride;
    uint _e50 = p.taps;
    uint _e55 = p.channels;
    uint state = ((_e11.slot * _e46) + ((_e50 - 2u) * _e55)) + c_2;
    if (!(_e11.is_new)) {
        float _e64 = states[state];
        history.z = _e64;
    }
    uint _e67 = p.taps;
    if (_e67 > 2u) {
        uint _e75 = p.channels;
        float _e79 = vectors[last - (2u * _e75)];
        weights.y = _e79;
        if (!(_e11.is_new)) {
            uint _e86 = p.channels;
            float _e89 = states[state - _e86];
            history.y = _e89;
        }
    }
    uint _e92 = p.taps;
    if (_e92 > 3u) {
        uint _e100 = p.channels;
        float _e104 = vectors[last - (3u * _e100)];
        weights.x = _e104;
        if (!(_e11.is_new)) {
            uint _e112 = p.channels;
            float _e116 = states[state - (2u * _e112)];
            history.x = _e116;
        }
    }
    uint _e121 = p.bias;
    if (_e121 != NONE) {
        uint _e127 = p.bias;
        float _e130 = vectors[_e127 + c_2];
        bias = _e130;
    }
    save = _e11.saves;
    row = _e11.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e682 = row;
            row = _e682 + 8u;
        }
        loop_init = false;
        uint _e135 = row;
        if (_e135 < _e11.end) {
        } else {
            break;
        }
        {
            uint _e141 = p.x;
            uint _e142 = row;
            uint _e151 = p.channels;
            float x0_ = xs[(_e141 + (metal::min(_e142 + 0u, _e11.end - 1u) * _e151)) + c_2];
            uint _e160 = p.x;
            uint _e161 = row;
            uint _e170 = p.channels;
            float x1_ = xs[(_e160 + (metal::min(_e161 + 1u, _e11.end - 1u) * _e170)) + c_2];
            uint _e179 = p.x;
            uint _e180 = row;
            uint _e189 = p.channels;
            float x2_ = xs[(_e179 + (metal::min(_e180 + 2u, _e11.end - 1u) * _e189)) + c_2];
            uint _e198 = p.x;
            uint _e199 = row;
            uint _e208 = p.channels;
            float x3_ = xs[(_e198 + (metal::min(_e199 + 3u, _e11.end - 1u) * _e208)) + c_2];
            uint _e217 = p.x;
            uint _e218 = row;
            uint _e227 = p.channels;
            float x4_ = xs[(_e217 + (metal::min(_e218 + 4u, _e11.end - 1u) * _e227)) + c_2];
            uint _e236 = p.x;
            uint _e237 = row;
            uint _e246 = p.channels;
            float x5_ = xs[(_e236 + (metal::min(_e237 + 5u, _e11.end - 1u) * _e246)) + c_2];
            uint _e255 = p.x;
            uint _e256 = row;
            uint _e265 = p.channels;
            float x6_ = xs[(_e255 + (metal::min(_e256 + 6u, _e11.end - 1u) * _e265)) + c_2];
            uint _e274 = p.x;
            uint _e275 = row;
            uint _e284 = p.channels;
            float x7_ = xs[(_e274 + (metal::min(_e275 + 7u, _e11.end - 1u) * _e284)) + c_2];
            uint _e290 = row;
            if ((_e290 + 0u) < _e11.end) {
                uint _e298 = p.y;
                uint _e299 = row;
                uint _e304 = p.channels;
                metal::float4 _e309 = weights;
                float _e310 = bias;
                metal::float3 _e311 = history;
                float _e312 = convolved(_e309, _e310, _e311, x0_, p);
                ys[(_e298 + ((_e299 + 0u) * _e304)) + c_2] = _e312;
                float _e314 = history.y;
                float _e316 = history.z;
                history = metal::float3(_e314, _e316, x0_);
                uint _e318 = save;
                if (_e318 < _e11.saves_end) {
                    uint _e322 = save;
                    uint _e324 = lists[_e322];
                    uint _e325 = row;
                    if (_e324 == (_e325 + 0u)) {
                        uint _e330 = save;
                        uint _e334 = lists[_e330 + 1u];
                        metal::float3 _e335 = history;
                        keep(_e334, c_2, _e335, states, p, _buffer_sizes);
                        uint _e336 = save;
                        save = _e336 + 2u;
                    }
                }
            }
            uint _e339 = row;
            if ((_e339 + 1u) < _e11.end) {
                uint _e347 = p.y;
                uint _e348 = row;
                uint _e353 = p.channels;
                metal::float4 _e358 = weights;
                float _e359 = bias;
                metal::float3 _e360 = history;
                float _e361 = convolved(_e358, _e359, _e360, x1_, p);
                ys[(_e347 + ((_e348 + 1u) * _e353)) + c_2] = _e361;
                float _e363 = history.y;
                float _e365 = history.z;
                history = metal::float3(_e363, _e365, x1_);
                uint _e367 = save;
                if (_e367 < _e11.saves_end) {
                    uint _e371 = save;
                    uint _e373 = lists[_e371];
                    uint _e374 = row;
                    if (_e373 == (_e374 + 1u)) {
                        uint _e379 = save;
                        uint _e383 = lists[_e379 + 1u];
                        metal::float3 _e384 = history;
                        keep(_e383, c_2, _e384, states, p, _buffer_sizes);
                        uint _e385 = save;
                        save = _e385 + 2u;
                    }
                }
            }
            uint _e388 = row;
            if ((_e388 + 2u) < _e11.end) {
                uint _e396 = p.y;
                uint _e397 = row;
                uint _e402 = p.channels;
                metal::float4 _e407 = weights;
                float _e408 = bias;
                metal::float3 _e409 = history;
                float _e410 = convolved(_e407, _e408, _e409, x2_, p);
                ys[(_e396 + ((_e397 + 2u) * _e402)) + c_2] = _e410;
                float _e412 = history.y;
                float _e414 = history.z;
                history = metal::float3(_e412, _e414, x2_);
                uint _e416 = save;
                if (_e416 < _e11.saves_end) {
                    uint _e420 = save;
                    uint _e422 = lists[_e420];
                    uint _e423 = row;
                    if (_e422 == (_e423 + 2u)) {
                        uint _e428 = save;
                        uint _e432 = lists[_e428 + 1u];
                        metal::float3 _e433 = history;
                        keep(_e432, c_2, _e433, states, p, _buffer_sizes);
                        uint _e434 = save;
                        save = _e434 + 2u;
                    }
                }
            }
            uint _e437 = row;
            if ((_e437 + 3u) < _e11.end) {
                uint _e445 = p.y;
                uint _e446 = row;
                uint _e451 = p.channels;
                metal::float4 _e456 = weights;
                float _e457 = bias;
                metal::float3 _e458 = history;
                float _e459 = convolved(_e456, _e457, _e458, x3_, p);
                ys[(_e445 + ((_e446 + 3u) * _e451)) + c_2] = _e459;
                float _e461 = history.y;
                float _e463 = history.z;
                history = metal::float3(_e461, _e463, x3_);
                uint _e465 = save;
                if (_e465 < _e11.saves_end) {
                    uint _e469 = save;
                    uint _e471 = lists[_e469];
                    uint _e472 = row;
                    if (_e471 == (_e472 + 3u)) {
                        uint _e477 = save;
                        uint _e481 = lists[_e477 + 1u];
                        metal::float3 _e482 = history;
                        keep(_e481, c_2, _e482, states, p, _buffer_sizes);
                        uint _e483 = save;
                        save = _e483 + 2u;
                    }
                }
            }
            uint _e486 = row;
            if ((_e486 + 4u) < _e11.end) {
                uint _e494 = p.y;
                uint _e495 = row;
                uint _e500 = p.channels;
                metal::float4 _e505 = weights;
                float _e506 = bias;
                metal::float3 _e507 = history;
                float _e508 = convolved(_e505, _e506, _e507, x4_, p);
                ys[(_e494 + ((_e495 + 4u) * _e500)) + c_2] = _e508;
                float _e510 = history.y;
                float _e512 = history.z;
                history = metal::float3(_e510, _e512, x4_);
                uint _e514 = save;
                if (_e514 < _e11.saves_end) {
                    uint _e518 = save;
                    uint _e520 = lists[_e518];
                    uint _e521 = row;
                    if (_e520 == (_e521 + 4u)) {
                        uint _e526 = save;
                        uint _e530 = lists[_e526 + 1u];
                        metal::float3 _e531 = history;
                        keep(_e530, c_2, _e531, states, p, _buffer_sizes);
                        uint _e532 = save;
                        save = _e532 + 2u;
                    }
                }
            }
            uint _e535 = row;
            if ((_e535 + 5u) < _e11.end) {
                uint _e543 = p.y;
                uint _e544 = row;
                uint _e549 = p.channels;
                metal::float4 _e554 = weights;
                float _e555 = bias;
                metal::float3 _e556 = history;
                float _e557 = convolved(_e554, _e555, _e556, x5_, p);
                ys[(_e543 + ((_e544 + 5u) * _e549)) + c_2] = _e557;
                float _e559 = history.y;
                float _e561 = history.z;
                history = metal::float3(_e559, _e561, x5_);
                uint _e563 = save;
                if (_e563 < _e11.saves_end) {
                    uint _e567 = save;
                    uint _e569 = lists[_e567];
                    uint _e570 = row;
                    if (_e569 == (_e570 + 5u)) {
                        uint _e575 = save;
                        uint _e579 = lists[_e575 + 1u];
                        metal::float3 _e580 = history;
                        keep(_e579, c_2, _e580, states, p, _buffer_sizes);
                        uint _e581 = save;
                        save = _e581 + 2u;
                    }
                }
            }
            uint _e584 = row;
            if ((_e584 + 6u) < _e11.end) {
                uint _e592 = p.y;
                uint _e593 = row;
                uint _e598 = p.channels;
                metal::float4 _e603 = weights;
                float _e604 = bias;
                metal::float3 _e605 = history;
                float _e606 = convolved(_e603, _e604, _e605, x6_, p);
                ys[(_e592 + ((_e593 + 6u) * _e598)) + c_2] = _e606;
                float _e608 = history.y;
                float _e610 = history.z;
                history = metal::float3(_e608, _e610, x6_);
                uint _e612 = save;
                if (_e612 < _e11.saves_end) {
                    uint _e616 = save;
                    uint _e618 = lists[_e616];
                    uint _e619 = row;
                    if (_e618 == (_e619 + 6u)) {
                        uint _e624 = save;
                        uint _e628 = lists[_e624 + 1u];
                        metal::float3 _e629 = history;
                        keep(_e628, c_2, _e629, states, p, _buffer_sizes);
                        uint _e630 = save;
                        save = _e630 + 2u;
                    }
                }
            }
            uint _e633 = row;
            if ((_e633 + 7u) < _e11.end) {
                uint _e641 = p.y;
                uint _e642 = row;
                uint _e647 = p.channels;
                metal::float4 _e652 = weights;
                float _e653 = bias;
                metal::float3 _e654 = history;
                float _e655 = convolved(_e652, _e653, _e654, x7_, p);
                ys[(_e641 + ((_e642 + 7u) * _e647)) + c_2] = _e655;
                float _e657 = history.y;
                float _e659 = history.z;
                history = metal::float3(_e657, _e659, x7_);
                uint _e661 = save;
                if (_e661 < _e11.saves_end) {
                    uint _e665 = save;
                    uint _e667 = lists[_e665];
                    uint _e668 = row;
                    if (_e667 == (_e668 + 7u)) {
                        uint _e673 = save;
                        uint _e677 = lists[_e673 + 1u];
                        metal::float3 _e678 = history;
                        keep(_e677, c_2, _e678, states, p, _buffer_sizes);
                        uint _e679 = save;
                        save = _e679 + 2u;
                    }
                }
            }
        }
    }
    metal::float3 _e686 = history;
    keep(_e11.slot, c_2, _e686, states, p, _buffer_sizes);
    return;
}
