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
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint q;
    uint k;
    uint v;
    uint y;
    uint heads;
    uint kv_heads;
    uint head_dim;
    uint pieces;
    uint blocks;
    uint reach;
    float scale;
    float cap;
    uint slopes;
};
struct type_6 {
    metal::float4 inner[128];
};
struct type_7 {
    metal::float4 inner[576];
};
struct type_8 {
    float inner[1024];
};
struct type_9 {
    float inner[64];
};
struct type_10 {
    float inner[16];
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

metal::float4 xs_at(
    uint at,
    uint d_1,
    device type_1 const& xs,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_2 = metal::float4(0.0);
    uint i_2 = at + d_1;
    uint _e7 = p.head_dim;
    if ((d_1 + 4u) <= _e7) {
        float _e11 = xs[i_2];
        float _e16 = xs[i_2 + 1u];
        float _e21 = xs[i_2 + 2u];
        float _e26 = xs[i_2 + 3u];
        return metal::float4(_e11, _e16, _e21, _e26);
    }
    uint _e33 = p.head_dim;
    if (d_1 < _e33) {
        float _e38 = xs[i_2];
        v_2.x = _e38;
    }
    uint _e43 = p.head_dim;
    if ((d_1 + 1u) < _e43) {
        float _e50 = xs[i_2 + 1u];
        v_2.y = _e50;
    }
    uint _e55 = p.head_dim;
    if ((d_1 + 2u) < _e55) {
        float _e62 = xs[i_2 + 2u];
        v_2.z = _e62;
    }
    metal::float4 _e63 = v_2;
    return _e63;
}

metal::float4 us_at(
    uint at_1,
    uint d_2,
    device type_1 const& us,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_3 = metal::float4(0.0);
    uint i_3 = at_1 + d_2;
    uint _e7 = p.head_dim;
    if ((d_2 + 4u) <= _e7) {
        float _e11 = us[i_3];
        float _e16 = us[i_3 + 1u];
        float _e21 = us[i_3 + 2u];
        float _e26 = us[i_3 + 3u];
        return metal::float4(_e11, _e16, _e21, _e26);
    }
    uint _e33 = p.head_dim;
    if (d_2 < _e33) {
        float _e38 = us[i_3];
        v_3.x = _e38;
    }
    uint _e43 = p.head_dim;
    if ((d_2 + 1u) < _e43) {
        float _e50 = us[i_3 + 1u];
        v_3.y = _e50;
    }
    uint _e55 = p.head_dim;
    if ((d_2 + 2u) < _e55) {
        float _e62 = us[i_3 + 2u];
        v_3.z = _e62;
    }
    metal::float4 _e63 = v_3;
    return _e63;
}

metal::float4 vs_at(
    uint at_2,
    uint d_3,
    device type_1 const& vs,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    metal::float4 v_4 = metal::float4(0.0);
    uint i_4 = at_2 + d_3;
    uint _e7 = p.head_dim;
    if ((d_3 + 4u) <= _e7) {
        float _e11 = vs[i_4];
        float _e16 = vs[i_4 + 1u];
        float _e21 = vs[i_4 + 2u];
        float _e26 = vs[i_4 + 3u];
        return metal::float4(_e11, _e16, _e21, _e26);
    }
    uint _e33 = p.head_dim;
    if (d_3 < _e33) {
        float _e38 = vs[i_4];
        v_4.x = _e38;
    }
    uint _e43 = p.head_dim;
    if ((d_3 + 1u) < _e43) {
        float _e50 = vs[i_4 + 1u];
        v_4.y = _e50;
    }
    uint _e55 = p.head_dim;
    if ((d_3 + 2u) < _e55) {
        float _e62 = vs[i_4 + 2u];
        v_4.z = _e62;
    }
    metal::float4 _e63 = v_4;
    return _e63;
}

float add_dot(
    metal::float4 a,
    metal::float4 b,
    float sum_1
) {
    return metal::fma(a.w, b.w, metal::fma(a.z, b.z, metal::fma(a.y, b.y, metal::fma(a.x, b.x, sum_1))));
}

uint first_seen(
    uint position,
    constant P& p
) {
    uint _e3 = p.reach;
    return position - metal::min(position, _e3);
}

uint last_seen(
    uint position_1,
    uint len,
    constant P& p
) {
    uint _e4 = p.reach;
    return metal::min(position_1 + metal::min(_e4, len), len - 1u);
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& us [[buffer(1)]]
, device type_1 const& vs [[buffer(2)]]
, device type_1& ys [[buffer(3)]]
, device type_1 const& vectors [[buffer(4)]]
, device type_3 const& lists [[buffer(5)]]
, constant P& p [[buffer(6)]]
, threadgroup type_6& queries
, threadgroup type_7& keys
, threadgroup type_8& scores
, threadgroup type_9& parts
, threadgroup type_10& factors
, constant _mslBufferSizes& _buffer_sizes [[buffer(7)]]
) {
    float m = -340282350000000000000000000000000000000.0;
    float l = 0.0;
    metal::float4 acc0_ = metal::float4(0.0);
    metal::float4 acc1_ = metal::float4(0.0);
    metal::float4 acc2_ = metal::float4(0.0);
    metal::float4 acc3_ = metal::float4(0.0);
    uint tile = {};
    float s00_ = {};
    float s01_ = {};
    float s02_ = {};
    float s03_ = {};
    float s10_ = {};
    float s11_ = {};
    float s12_ = {};
    float s13_ = {};
    float s20_ = {};
    float s21_ = {};
    float s22_ = {};
    float s23_ = {};
    float s30_ = {};
    float s31_ = {};
    float s32_ = {};
    float s33_ = {};
    uint d = {};
    uint i = {};
    metal::float4 v = {};
    uint i_1 = {};
    metal::float4 v_1 = {};
    bool local = {};
    uint w = {};
    float highest = {};
    uint t = {};
    bool local_1 = {};
    bool local_2 = {};
    float s = {};
    float sum = {};
    uint t_1 = {};
    float share = {};
    bool local_3 = {};
    bool local_4 = {};
    bool local_5 = {};
    uint key = {};
    uint key_1 = {};
    uint _e5 = p.pieces;
    uint head = group.x / _e5;
    uint _e9 = p.heads;
    uint _e12 = p.kv_heads;
    uint kv_head = head / (_e9 / _e12);
    uint _e18 = p.blocks;
    uint input = lists[_e18 + (group.y * 3u)];
    uint _e28 = p.blocks;
    uint begin = lists[(_e28 + (group.y * 3u)) + 1u];
    uint _e40 = p.blocks;
    uint len_1 = lists[(_e40 + (group.y * 3u)) + 2u];
    uint rows = metal::min(16u, len_1 - begin);
    uint end = (begin + rows) - 1u;
    uint _e55 = first_seen(begin, p);
    uint _e56 = last_seen(end, len_1, p);
    uint _e57 = first_seen(end, p);
    uint _e58 = last_seen(begin, len_1, p);
    uint some_rows = (lid / 16u) * 4u;
    uint some_keys = lid % 16u;
    uint row = lid % 16u;
    uint quarter = lid / 16u;
    uint position_2 = begin + row;
    uint _e70 = first_seen(position_2, p);
    uint _e71 = last_seen(position_2, len_1, p);
    uint my_rows = (lid / 16u) * 4u;
    uint _e79 = p.pieces;
    uint column = (((group.x % _e79) * 16u) + (lid % 16u)) * 4u;
    tile = _e55 / 64u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e902 = tile;
            tile = _e902 + 1u;
        }
        loop_init = false;
        uint _e107 = tile;
        if (_e107 <= (_e56 / 64u)) {
        } else {
            break;
        }
        {
            uint _e111 = tile;
            uint base = _e111 * 64u;
            s00_ = 0.0;
            s01_ = 0.0;
            s02_ = 0.0;
            s03_ = 0.0;
            s10_ = 0.0;
            s11_ = 0.0;
            s12_ = 0.0;
            s13_ = 0.0;
            s20_ = 0.0;
            s21_ = 0.0;
            s22_ = 0.0;
            s23_ = 0.0;
            s30_ = 0.0;
            s31_ = 0.0;
            s32_ = 0.0;
            s33_ = 0.0;
            d = 0u;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e363 = d;
                    d = _e363 + 32u;
                }
                loop_init_1 = false;
                uint _e148 = d;
                uint _e151 = p.head_dim;
                if (_e148 < _e151) {
                } else {
                    break;
                }
                {
                    i = lid;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e194 = i;
                            i = _e194 + 64u;
                        }
                        loop_init_2 = false;
                        uint _e154 = i;
                        if (_e154 < 128u) {
                        } else {
                            break;
                        }
                        {
                            v = metal::float4(0.0);
                            uint _e160 = i;
                            if ((_e160 / 8u) < rows) {
                                uint _e165 = i;
                                uint _e171 = p.heads;
                                uint _e176 = p.head_dim;
                                uint at_3 = ((((input + begin) + (_e165 / 8u)) * _e171) + head) * _e176;
                                uint _e180 = p.q;
                                uint _e182 = d;
                                uint _e183 = i;
                                metal::float4 _e189 = xs_at(_e180 + at_3, _e182 + ((_e183 % 8u) * 4u), xs, p, _buffer_sizes);
                                v = _e189;
                            }
                            uint _e191 = i;
                            metal::float4 _e193 = v;
                            queries.inner[_e191] = _e193;
                        }
                    }
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e248 = i_1;
                            i_1 = _e248 + 64u;
                        }
                        loop_init_3 = false;
                        uint _e198 = i_1;
                        if (_e198 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e201 = i_1;
                            uint key_2 = base + (_e201 / 8u);
                            v_1 = metal::float4(0.0);
                            if (key_2 >= _e55) {
                                local = key_2 <= _e56;
                            } else {
                                local = false;
                            }
                            bool _e213 = local;
                            if (_e213) {
                                uint _e217 = p.kv_heads;
                                uint _e222 = p.head_dim;
                                uint at_4 = (((input + key_2) * _e217) + kv_head) * _e222;
                                uint _e226 = p.k;
                                uint _e228 = d;
                                uint _e229 = i_1;
                                metal::float4 _e235 = us_at(_e226 + at_4, _e228 + ((_e229 % 8u) * 4u), us, p, _buffer_sizes);
                                v_1 = _e235;
                            }
                            uint _e237 = i_1;
                            uint _e242 = i_1;
                            metal::float4 _e247 = v_1;
                            keys.inner[((_e237 / 8u) * 9u) + (_e242 % 8u)] = _e247;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    w = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e361 = w;
                            w = _e361 + 1u;
                        }
                        loop_init_4 = false;
                        uint _e253 = w;
                        if (_e253 < 8u) {
                        } else {
                            break;
                        }
                        {
                            uint _e261 = w;
                            metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e261];
                            uint _e270 = w;
                            metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e270];
                            uint _e279 = w;
                            metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e279];
                            uint _e288 = w;
                            metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e288];
                            uint _e297 = w;
                            metal::float4 k0_ = keys.inner[((some_keys + 0u) * 9u) + _e297];
                            uint _e306 = w;
                            metal::float4 k1_ = keys.inner[((some_keys + 16u) * 9u) + _e306];
                            uint _e315 = w;
                            metal::float4 k2_ = keys.inner[((some_keys + 32u) * 9u) + _e315];
                            uint _e324 = w;
                            metal::float4 k3_ = keys.inner[((some_keys + 48u) * 9u) + _e324];
                            float _e328 = s00_;
                            float _e329 = add_dot(q0_, k0_, _e328);
                            s00_ = _e329;
                            float _e330 = s01_;
                            float _e331 = add_dot(q0_, k1_, _e330);
                            s01_ = _e331;
                            float _e332 = s02_;
                            float _e333 = add_dot(q0_, k2_, _e332);
                            s02_ = _e333;
                            float _e334 = s03_;
                            float _e335 = add_dot(q0_, k3_, _e334);
                            s03_ = _e335;
                            float _e336 = s10_;
                            float _e337 = add_dot(q1_, k0_, _e336);
                            s10_ = _e337;
                            float _e338 = s11_;
                            float _e339 = add_dot(q1_, k1_, _e338);
                            s11_ = _e339;
                            float _e340 = s12_;
                            float _e341 = add_dot(q1_, k2_, _e340);
                            s12_ = _e341;
                            float _e342 = s13_;
                            float _e343 = add_dot(q1_, k3_, _e342);
                            s13_ = _e343;
                            float _e344 = s20_;
                            float _e345 = add_dot(q2_, k0_, _e344);
                            s20_ = _e345;
                            float _e346 = s21_;
                            float _e347 = add_dot(q2_, k1_, _e346);
                            s21_ = _e347;
                            float _e348 = s22_;
                            float _e349 = add_dot(q2_, k2_, _e348);
                            s22_ = _e349;
                            float _e350 = s23_;
                            float _e351 = add_dot(q2_, k3_, _e350);
                            s23_ = _e351;
                            float _e352 = s30_;
                            float _e353 = add_dot(q3_, k0_, _e352);
                            s30_ = _e353;
                            float _e354 = s31_;
                            float _e355 = add_dot(q3_, k1_, _e354);
                            s31_ = _e355;
                            float _e356 = s32_;
                            float _e357 = add_dot(q3_, k2_, _e356);
                            s32_ = _e357;
                            float _e358 = s33_;
                            float _e359 = add_dot(q3_, k3_, _e358);
                            s33_ = _e359;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            float _e375 = s00_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e375;
            float _e385 = s01_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e385;
            float _e395 = s02_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e395;
            float _e405 = s03_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e405;
            float _e415 = s10_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e415;
            float _e425 = s11_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e425;
            float _e435 = s12_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e435;
            float _e445 = s13_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e445;
            float _e455 = s20_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e455;
            float _e465 = s21_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e465;
            float _e475 = s22_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e475;
            float _e485 = s23_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e485;
            float _e495 = s30_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e495;
            float _e505 = s31_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e505;
            float _e515 = s32_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e515;
            float _e525 = s33_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e525;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e526 = m;
            highest = _e526;
            t = quarter * 16u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e607 = t;
                    t = _e607 + 1u;
                }
                loop_init_5 = false;
                uint _e531 = t;
                if (_e531 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e537 = t;
                    uint key_3 = base + _e537;
                    if (row < rows) {
                        local_1 = key_3 >= _e70;
                    } else {
                        local_1 = false;
                    }
                    bool _e544 = local_1;
                    if (_e544) {
                        local_2 = key_3 <= _e71;
                    } else {
                        local_2 = false;
                    }
                    bool _e549 = local_2;
                    if (_e549) {
                        uint _e551 = t;
                        float _e556 = scores.inner[(_e551 * 16u) + row];
                        float _e559 = p.scale;
                        s = _e556 * _e559;
                        float _e564 = p.cap;
                        if (_e564 > 0.0) {
                            float _e569 = p.cap;
                            float _e570 = s;
                            float _e573 = p.cap;
                            float _e575 = tanh(_e570 / _e573);
                            s = _e569 * _e575;
                        }
                        uint _e579 = p.slopes;
                        if (_e579 != NONE) {
                            uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                            uint _e588 = p.slopes;
                            float _e591 = vectors[_e588 + head];
                            float _e594 = s;
                            s = metal::fma(_e591, -(static_cast<float>(distance)), _e594);
                        }
                        uint _e597 = t;
                        float _e602 = s;
                        scores.inner[(_e597 * 16u) + row] = _e602;
                        float _e603 = highest;
                        float _e604 = s;
                        highest = metal::max(_e603, _e604);
                    }
                }
            }
            float _e611 = highest;
            parts.inner[lid] = _e611;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e614 = parts.inner[row];
            float _e619 = parts.inner[row + 16u];
            float _e625 = parts.inner[row + 32u];
            float _e630 = parts.inner[row + 48u];
            highest = metal::max(metal::max(_e614, _e619), metal::max(_e625, _e630));
            sum = 0.0;
            t_1 = quarter * 16u;
            bool loop_init_6 = true;
            while(true) {
                if (!loop_init_6) {
                    uint _e680 = t_1;
                    t_1 = _e680 + 1u;
                }
                loop_init_6 = false;
                uint _e638 = t_1;
                if (_e638 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e644 = t_1;
                    uint key_4 = base + _e644;
                    share = -1.0;
                    if (row < rows) {
                        local_3 = key_4 >= _e70;
                    } else {
                        local_3 = false;
                    }
                    bool _e653 = local_3;
                    if (_e653) {
                        local_4 = key_4 <= _e71;
                    } else {
                        local_4 = false;
                    }
                    bool _e658 = local_4;
                    if (_e658) {
                        uint _e660 = t_1;
                        float _e665 = scores.inner[(_e660 * 16u) + row];
                        float _e666 = highest;
                        float _e668 = exp(_e665 - _e666);
                        share = _e668;
                        float _e669 = sum;
                        float _e670 = share;
                        sum = _e669 + _e670;
                    }
                    uint _e673 = t_1;
                    float _e678 = share;
                    scores.inner[(_e673 * 16u) + row] = _e678;
                }
            }
            float _e682 = m;
            float _e683 = highest;
            float _e685 = exp(_e682 - _e683);
            if (quarter == 0u) {
                factors.inner[row] = _e685;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e692 = sum;
            parts.inner[lid] = _e692;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e693 = l;
            float _e696 = parts.inner[row];
            float _e701 = parts.inner[row + 16u];
            float _e707 = parts.inner[row + 32u];
            float _e712 = parts.inner[row + 48u];
            l = metal::fma(_e693, _e685, (_e696 + _e701) + (_e707 + _e712));
            float _e716 = highest;
            m = _e716;
            metal::float4 _e717 = acc0_;
            float _e722 = factors.inner[my_rows + 0u];
            acc0_ = _e717 * _e722;
            metal::float4 _e724 = acc1_;
            float _e729 = factors.inner[my_rows + 1u];
            acc1_ = _e724 * _e729;
            metal::float4 _e731 = acc2_;
            float _e736 = factors.inner[my_rows + 2u];
            acc2_ = _e731 * _e736;
            metal::float4 _e738 = acc3_;
            float _e743 = factors.inner[my_rows + 3u];
            acc3_ = _e738 * _e743;
            uint _e747 = p.head_dim;
            if (column < _e747) {
                uint from = metal::max(_e55, base);
                uint to = metal::min(_e56, base + 63u);
                uint _e755 = p.v;
                uint _e758 = p.kv_heads;
                uint _e763 = p.head_dim;
                uint at_5 = _e755 + (((input * _e758) + kv_head) * _e763);
                uint _e768 = p.kv_heads;
                uint _e771 = p.head_dim;
                uint stride = _e768 * _e771;
                if (_e57 <= from) {
                    local_5 = to <= _e58;
                } else {
                    local_5 = false;
                }
                bool _e778 = local_5;
                if (_e778) {
                    key = from;
                    bool loop_init_7 = true;
                    while(true) {
                        if (!loop_init_7) {
                            uint _e824 = key;
                            key = _e824 + 1u;
                        }
                        loop_init_7 = false;
                        uint _e780 = key;
                        if (_e780 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e782 = key;
                            metal::float4 _e785 = vs_at(at_5 + (_e782 * stride), column, vs, p, _buffer_sizes);
                            uint _e786 = key;
                            uint shares = ((_e786 - base) * 16u) + my_rows;
                            float _e795 = scores.inner[shares + 0u];
                            metal::float4 _e797 = acc0_;
                            acc0_ = metal::fma(metal::float4(_e795), _e785, _e797);
                            float _e803 = scores.inner[shares + 1u];
                            metal::float4 _e805 = acc1_;
                            acc1_ = metal::fma(metal::float4(_e803), _e785, _e805);
                            float _e811 = scores.inner[shares + 2u];
                            metal::float4 _e813 = acc2_;
                            acc2_ = metal::fma(metal::float4(_e811), _e785, _e813);
                            float _e819 = scores.inner[shares + 3u];
                            metal::float4 _e821 = acc3_;
                            acc3_ = metal::fma(metal::float4(_e819), _e785, _e821);
                        }
                    }
                } else {
                    key_1 = from;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e899 = key_1;
                            key_1 = _e899 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e827 = key_1;
                        if (_e827 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e829 = key_1;
                            metal::float4 _e832 = vs_at(at_5 + (_e829 * stride), column, vs, p, _buffer_sizes);
                            uint _e833 = key_1;
                            uint shares_1 = ((_e833 - base) * 16u) + my_rows;
                            float _e842 = scores.inner[shares_1 + 0u];
                            if (_e842 != -1.0) {
                                float _e849 = scores.inner[shares_1 + 0u];
                                metal::float4 _e851 = acc0_;
                                acc0_ = metal::fma(metal::float4(_e849), _e832, _e851);
                            }
                            float _e857 = scores.inner[shares_1 + 1u];
                            if (_e857 != -1.0) {
                                float _e864 = scores.inner[shares_1 + 1u];
                                metal::float4 _e866 = acc1_;
                                acc1_ = metal::fma(metal::float4(_e864), _e832, _e866);
                            }
                            float _e872 = scores.inner[shares_1 + 2u];
                            if (_e872 != -1.0) {
                                float _e879 = scores.inner[shares_1 + 2u];
                                metal::float4 _e881 = acc2_;
                                acc2_ = metal::fma(metal::float4(_e879), _e832, _e881);
                            }
                            float _e887 = scores.inner[shares_1 + 3u];
                            if (_e887 != -1.0) {
                                float _e894 = scores.inner[shares_1 + 3u];
                                metal::float4 _e896 = acc3_;
                                acc3_ = metal::fma(metal::float4(_e894), _e832, _e896);
                            }
                        }
                    }
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (quarter == 0u) {
        float _e908 = l;
        factors.inner[row] = 1.0 / _e908;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if ((my_rows + 0u) < rows) {
        metal::float4 _e914 = acc0_;
        float _e919 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e914 * _e919;
        uint _e923 = p.y;
        uint _e930 = p.heads;
        uint _e935 = p.head_dim;
        uint at_6 = (_e923 + ((((((input + begin) + my_rows) + 0u) * _e930) + head) * _e935)) + column;
        uint _e941 = p.head_dim;
        if (column < _e941) {
            ys[at_6] = y_1.x;
        }
        uint _e950 = p.head_dim;
        if ((column + 1u) < _e950) {
            ys[at_6 + 1u] = y_1.y;
        }
        uint _e961 = p.head_dim;
        if ((column + 2u) < _e961) {
            ys[at_6 + 2u] = y_1.z;
        }
        uint _e972 = p.head_dim;
        if ((column + 3u) < _e972) {
            ys[at_6 + 3u] = y_1.w;
        }
    }
    if ((my_rows + 1u) < rows) {
        metal::float4 _e982 = acc1_;
        float _e987 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e982 * _e987;
        uint _e991 = p.y;
        uint _e998 = p.heads;
        uint _e1003 = p.head_dim;
        uint at_7 = (_e991 + ((((((input + begin) + my_rows) + 1u) * _e998) + head) * _e1003)) + column;
        uint _e1009 = p.head_dim;
        if (column < _e1009) {
            ys[at_7] = y_2.x;
        }
        uint _e1018 = p.head_dim;
        if ((column + 1u) < _e1018) {
            ys[at_7 + 1u] = y_2.y;
        }
        uint _e1029 = p.head_dim;
        if ((column + 2u) < _e1029) {
            ys[at_7 + 2u] = y_2.z;
        }
        uint _e1040 = p.head_dim;
        if ((column + 3u) < _e1040) {
            ys[at_7 + 3u] = y_2.w;
        }
    }
    if ((my_rows + 2u) < rows) {
        metal::float4 _e1050 = acc2_;
        float _e1055 = factors.inner[my_rows + 2u];
        metal::float4 y_3 = _e1050 * _e1055;
        uint _e1059 = p.y;
        uint _e1066 = p.heads;
        uint _e1071 = p.head_dim;
        uint at_8 = (_e1059 + ((((((input + begin) + my_rows) + 2u) * _e1066) + head) * _e1071)) + column;
        uint _e1077 = p.head_dim;
        if (column < _e1077) {
            ys[at_8] = y_3.x;
        }
        uint _e1086 = p.head_dim;
        if ((column + 1u) < _e1086) {
            ys[at_8 + 1u] = y_3.y;
        }
        uint _e1097 = p.head_dim;
        if ((column + 2u) < _e1097) {
            ys[at_8 + 2u] = y_3.z;
        }
        uint _e1108 = p.head_dim;
        if ((column + 3u) < _e1108) {
            ys[at_8 + 3u] = y_3.w;
        }
    }
    if ((my_rows + 3u) < rows) {
        metal::float4 _e1118 = acc3_;
        float _e1123 = factors.inner[my_rows + 3u];
        metal::float4 y_4 = _e1118 * _e1123;
        uint _e1127 = p.y;
        uint _e1134 = p.heads;
        uint _e1139 = p.head_dim;
        uint at_9 = (_e1127 + ((((((input + begin) + my_rows) + 3u) * _e1134) + head) * _e1139)) + column;
        uint _e1145 = p.head_dim;
        if (column < _e1145) {
            ys[at_9] = y_4.x;
        }
        uint _e1154 = p.head_dim;
        if ((column + 1u) < _e1154) {
            ys[at_9 + 1u] = y_4.y;
        }
        uint _e1165 = p.head_dim;
        if ((column + 2u) < _e1165) {
            ys[at_9 + 2u] = y_4.z;
        }
        uint _e1176 = p.head_dim;
        if ((column + 3u) < _e1176) {
            ys[at_9 + 3u] = y_4.w;
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
