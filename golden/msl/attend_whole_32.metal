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
    uint my_rows = (lid / 8u) * 2u;
    uint _e79 = p.pieces;
    uint column = (((group.x % _e79) * 8u) + (lid % 8u)) * 4u;
    tile = _e55 / 64u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e836 = tile;
            tile = _e836 + 1u;
        }
        loop_init = false;
        uint _e101 = tile;
        if (_e101 <= (_e56 / 64u)) {
        } else {
            break;
        }
        {
            uint _e105 = tile;
            uint base = _e105 * 64u;
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
                    uint _e357 = d;
                    d = _e357 + 32u;
                }
                loop_init_1 = false;
                uint _e142 = d;
                uint _e145 = p.head_dim;
                if (_e142 < _e145) {
                } else {
                    break;
                }
                {
                    i = lid;
                    bool loop_init_2 = true;
                    while(true) {
                        if (!loop_init_2) {
                            uint _e188 = i;
                            i = _e188 + 64u;
                        }
                        loop_init_2 = false;
                        uint _e148 = i;
                        if (_e148 < 128u) {
                        } else {
                            break;
                        }
                        {
                            v = metal::float4(0.0);
                            uint _e154 = i;
                            if ((_e154 / 8u) < rows) {
                                uint _e159 = i;
                                uint _e165 = p.heads;
                                uint _e170 = p.head_dim;
                                uint at_3 = ((((input + begin) + (_e159 / 8u)) * _e165) + head) * _e170;
                                uint _e174 = p.q;
                                uint _e176 = d;
                                uint _e177 = i;
                                metal::float4 _e183 = xs_at(_e174 + at_3, _e176 + ((_e177 % 8u) * 4u), xs, p, _buffer_sizes);
                                v = _e183;
                            }
                            uint _e185 = i;
                            metal::float4 _e187 = v;
                            queries.inner[_e185] = _e187;
                        }
                    }
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e242 = i_1;
                            i_1 = _e242 + 64u;
                        }
                        loop_init_3 = false;
                        uint _e192 = i_1;
                        if (_e192 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e195 = i_1;
                            uint key_2 = base + (_e195 / 8u);
                            v_1 = metal::float4(0.0);
                            if (key_2 >= _e55) {
                                local = key_2 <= _e56;
                            } else {
                                local = false;
                            }
                            bool _e207 = local;
                            if (_e207) {
                                uint _e211 = p.kv_heads;
                                uint _e216 = p.head_dim;
                                uint at_4 = (((input + key_2) * _e211) + kv_head) * _e216;
                                uint _e220 = p.k;
                                uint _e222 = d;
                                uint _e223 = i_1;
                                metal::float4 _e229 = us_at(_e220 + at_4, _e222 + ((_e223 % 8u) * 4u), us, p, _buffer_sizes);
                                v_1 = _e229;
                            }
                            uint _e231 = i_1;
                            uint _e236 = i_1;
                            metal::float4 _e241 = v_1;
                            keys.inner[((_e231 / 8u) * 9u) + (_e236 % 8u)] = _e241;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                    w = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e355 = w;
                            w = _e355 + 1u;
                        }
                        loop_init_4 = false;
                        uint _e247 = w;
                        if (_e247 < 8u) {
                        } else {
                            break;
                        }
                        {
                            uint _e255 = w;
                            metal::float4 q0_ = queries.inner[((some_rows + 0u) * 8u) + _e255];
                            uint _e264 = w;
                            metal::float4 q1_ = queries.inner[((some_rows + 1u) * 8u) + _e264];
                            uint _e273 = w;
                            metal::float4 q2_ = queries.inner[((some_rows + 2u) * 8u) + _e273];
                            uint _e282 = w;
                            metal::float4 q3_ = queries.inner[((some_rows + 3u) * 8u) + _e282];
                            uint _e291 = w;
                            metal::float4 k0_ = keys.inner[((some_keys + 0u) * 9u) + _e291];
                            uint _e300 = w;
                            metal::float4 k1_ = keys.inner[((some_keys + 16u) * 9u) + _e300];
                            uint _e309 = w;
                            metal::float4 k2_ = keys.inner[((some_keys + 32u) * 9u) + _e309];
                            uint _e318 = w;
                            metal::float4 k3_ = keys.inner[((some_keys + 48u) * 9u) + _e318];
                            float _e322 = s00_;
                            float _e323 = add_dot(q0_, k0_, _e322);
                            s00_ = _e323;
                            float _e324 = s01_;
                            float _e325 = add_dot(q0_, k1_, _e324);
                            s01_ = _e325;
                            float _e326 = s02_;
                            float _e327 = add_dot(q0_, k2_, _e326);
                            s02_ = _e327;
                            float _e328 = s03_;
                            float _e329 = add_dot(q0_, k3_, _e328);
                            s03_ = _e329;
                            float _e330 = s10_;
                            float _e331 = add_dot(q1_, k0_, _e330);
                            s10_ = _e331;
                            float _e332 = s11_;
                            float _e333 = add_dot(q1_, k1_, _e332);
                            s11_ = _e333;
                            float _e334 = s12_;
                            float _e335 = add_dot(q1_, k2_, _e334);
                            s12_ = _e335;
                            float _e336 = s13_;
                            float _e337 = add_dot(q1_, k3_, _e336);
                            s13_ = _e337;
                            float _e338 = s20_;
                            float _e339 = add_dot(q2_, k0_, _e338);
                            s20_ = _e339;
                            float _e340 = s21_;
                            float _e341 = add_dot(q2_, k1_, _e340);
                            s21_ = _e341;
                            float _e342 = s22_;
                            float _e343 = add_dot(q2_, k2_, _e342);
                            s22_ = _e343;
                            float _e344 = s23_;
                            float _e345 = add_dot(q2_, k3_, _e344);
                            s23_ = _e345;
                            float _e346 = s30_;
                            float _e347 = add_dot(q3_, k0_, _e346);
                            s30_ = _e347;
                            float _e348 = s31_;
                            float _e349 = add_dot(q3_, k1_, _e348);
                            s31_ = _e349;
                            float _e350 = s32_;
                            float _e351 = add_dot(q3_, k2_, _e350);
                            s32_ = _e351;
                            float _e352 = s33_;
                            float _e353 = add_dot(q3_, k3_, _e352);
                            s33_ = _e353;
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
            float _e369 = s00_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 0u] = _e369;
            float _e379 = s01_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 0u] = _e379;
            float _e389 = s02_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 0u] = _e389;
            float _e399 = s03_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 0u] = _e399;
            float _e409 = s10_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 1u] = _e409;
            float _e419 = s11_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 1u] = _e419;
            float _e429 = s12_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 1u] = _e429;
            float _e439 = s13_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 1u] = _e439;
            float _e449 = s20_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 2u] = _e449;
            float _e459 = s21_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 2u] = _e459;
            float _e469 = s22_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 2u] = _e469;
            float _e479 = s23_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 2u] = _e479;
            float _e489 = s30_;
            scores.inner[(((some_keys + 0u) * 16u) + some_rows) + 3u] = _e489;
            float _e499 = s31_;
            scores.inner[(((some_keys + 16u) * 16u) + some_rows) + 3u] = _e499;
            float _e509 = s32_;
            scores.inner[(((some_keys + 32u) * 16u) + some_rows) + 3u] = _e509;
            float _e519 = s33_;
            scores.inner[(((some_keys + 48u) * 16u) + some_rows) + 3u] = _e519;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e520 = m;
            highest = _e520;
            t = quarter * 16u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e601 = t;
                    t = _e601 + 1u;
                }
                loop_init_5 = false;
                uint _e525 = t;
                if (_e525 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e531 = t;
                    uint key_3 = base + _e531;
                    if (row < rows) {
                        local_1 = key_3 >= _e70;
                    } else {
                        local_1 = false;
                    }
                    bool _e538 = local_1;
                    if (_e538) {
                        local_2 = key_3 <= _e71;
                    } else {
                        local_2 = false;
                    }
                    bool _e543 = local_2;
                    if (_e543) {
                        uint _e545 = t;
                        float _e550 = scores.inner[(_e545 * 16u) + row];
                        float _e553 = p.scale;
                        s = _e550 * _e553;
                        float _e558 = p.cap;
                        if (_e558 > 0.0) {
                            float _e563 = p.cap;
                            float _e564 = s;
                            float _e567 = p.cap;
                            float _e569 = tanh(_e564 / _e567);
                            s = _e563 * _e569;
                        }
                        uint _e573 = p.slopes;
                        if (_e573 != NONE) {
                            uint distance = metal::max(position_2, key_3) - metal::min(position_2, key_3);
                            uint _e582 = p.slopes;
                            float _e585 = vectors[_e582 + head];
                            float _e588 = s;
                            s = metal::fma(_e585, -(static_cast<float>(distance)), _e588);
                        }
                        uint _e591 = t;
                        float _e596 = s;
                        scores.inner[(_e591 * 16u) + row] = _e596;
                        float _e597 = highest;
                        float _e598 = s;
                        highest = metal::max(_e597, _e598);
                    }
                }
            }
            float _e605 = highest;
            parts.inner[lid] = _e605;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e608 = parts.inner[row];
            float _e613 = parts.inner[row + 16u];
            float _e619 = parts.inner[row + 32u];
            float _e624 = parts.inner[row + 48u];
            highest = metal::max(metal::max(_e608, _e613), metal::max(_e619, _e624));
            sum = 0.0;
            t_1 = quarter * 16u;
            bool loop_init_6 = true;
            while(true) {
                if (!loop_init_6) {
                    uint _e674 = t_1;
                    t_1 = _e674 + 1u;
                }
                loop_init_6 = false;
                uint _e632 = t_1;
                if (_e632 < ((quarter * 16u) + 16u)) {
                } else {
                    break;
                }
                {
                    uint _e638 = t_1;
                    uint key_4 = base + _e638;
                    share = -1.0;
                    if (row < rows) {
                        local_3 = key_4 >= _e70;
                    } else {
                        local_3 = false;
                    }
                    bool _e647 = local_3;
                    if (_e647) {
                        local_4 = key_4 <= _e71;
                    } else {
                        local_4 = false;
                    }
                    bool _e652 = local_4;
                    if (_e652) {
                        uint _e654 = t_1;
                        float _e659 = scores.inner[(_e654 * 16u) + row];
                        float _e660 = highest;
                        float _e662 = exp(_e659 - _e660);
                        share = _e662;
                        float _e663 = sum;
                        float _e664 = share;
                        sum = _e663 + _e664;
                    }
                    uint _e667 = t_1;
                    float _e672 = share;
                    scores.inner[(_e667 * 16u) + row] = _e672;
                }
            }
            float _e676 = m;
            float _e677 = highest;
            float _e679 = exp(_e676 - _e677);
            if (quarter == 0u) {
                factors.inner[row] = _e679;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e686 = sum;
            parts.inner[lid] = _e686;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            float _e687 = l;
            float _e690 = parts.inner[row];
            float _e695 = parts.inner[row + 16u];
            float _e701 = parts.inner[row + 32u];
            float _e706 = parts.inner[row + 48u];
            l = metal::fma(_e687, _e679, (_e690 + _e695) + (_e701 + _e706));
            float _e710 = highest;
            m = _e710;
            metal::float4 _e711 = acc0_;
            float _e716 = factors.inner[my_rows + 0u];
            acc0_ = _e711 * _e716;
            metal::float4 _e718 = acc1_;
            float _e723 = factors.inner[my_rows + 1u];
            acc1_ = _e718 * _e723;
            uint _e727 = p.head_dim;
            if (column < _e727) {
                uint from = metal::max(_e55, base);
                uint to = metal::min(_e56, base + 63u);
                uint _e735 = p.v;
                uint _e738 = p.kv_heads;
                uint _e743 = p.head_dim;
                uint at_5 = _e735 + (((input * _e738) + kv_head) * _e743);
                uint _e748 = p.kv_heads;
                uint _e751 = p.head_dim;
                uint stride = _e748 * _e751;
                if (_e57 <= from) {
                    local_5 = to <= _e58;
                } else {
                    local_5 = false;
                }
                bool _e758 = local_5;
                if (_e758) {
                    key = from;
                    bool loop_init_7 = true;
                    while(true) {
                        if (!loop_init_7) {
                            uint _e788 = key;
                            key = _e788 + 1u;
                        }
                        loop_init_7 = false;
                        uint _e760 = key;
                        if (_e760 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e762 = key;
                            metal::float4 _e765 = vs_at(at_5 + (_e762 * stride), column, vs, p, _buffer_sizes);
                            uint _e766 = key;
                            uint shares = ((_e766 - base) * 16u) + my_rows;
                            float _e775 = scores.inner[shares + 0u];
                            metal::float4 _e777 = acc0_;
                            acc0_ = metal::fma(metal::float4(_e775), _e765, _e777);
                            float _e783 = scores.inner[shares + 1u];
                            metal::float4 _e785 = acc1_;
                            acc1_ = metal::fma(metal::float4(_e783), _e765, _e785);
                        }
                    }
                } else {
                    key_1 = from;
                    bool loop_init_8 = true;
                    while(true) {
                        if (!loop_init_8) {
                            uint _e833 = key_1;
                            key_1 = _e833 + 1u;
                        }
                        loop_init_8 = false;
                        uint _e791 = key_1;
                        if (_e791 <= to) {
                        } else {
                            break;
                        }
                        {
                            uint _e793 = key_1;
                            metal::float4 _e796 = vs_at(at_5 + (_e793 * stride), column, vs, p, _buffer_sizes);
                            uint _e797 = key_1;
                            uint shares_1 = ((_e797 - base) * 16u) + my_rows;
                            float _e806 = scores.inner[shares_1 + 0u];
                            if (_e806 != -1.0) {
                                float _e813 = scores.inner[shares_1 + 0u];
                                metal::float4 _e815 = acc0_;
                                acc0_ = metal::fma(metal::float4(_e813), _e796, _e815);
                            }
                            float _e821 = scores.inner[shares_1 + 1u];
                            if (_e821 != -1.0) {
                                float _e828 = scores.inner[shares_1 + 1u];
                                metal::float4 _e830 = acc1_;
                                acc1_ = metal::fma(metal::float4(_e828), _e796, _e830);
                            }
                        }
                    }
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (quarter == 0u) {
        float _e842 = l;
        factors.inner[row] = 1.0 / _e842;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if ((my_rows + 0u) < rows) {
        metal::float4 _e848 = acc0_;
        float _e853 = factors.inner[my_rows + 0u];
        metal::float4 y_1 = _e848 * _e853;
        uint _e857 = p.y;
        uint _e864 = p.heads;
        uint _e869 = p.head_dim;
        uint at_6 = (_e857 + ((((((input + begin) + my_rows) + 0u) * _e864) + head) * _e869)) + column;
        uint _e875 = p.head_dim;
        if (column < _e875) {
            ys[at_6] = y_1.x;
        }
        uint _e884 = p.head_dim;
        if ((column + 1u) < _e884) {
            ys[at_6 + 1u] = y_1.y;
        }
        uint _e895 = p.head_dim;
        if ((column + 2u) < _e895) {
            ys[at_6 + 2u] = y_1.z;
        }
        uint _e906 = p.head_dim;
        if ((column + 3u) < _e906) {
            ys[at_6 + 3u] = y_1.w;
        }
    }
    if ((my_rows + 1u) < rows) {
        metal::float4 _e916 = acc1_;
        float _e921 = factors.inner[my_rows + 1u];
        metal::float4 y_2 = _e916 * _e921;
        uint _e925 = p.y;
        uint _e932 = p.heads;
        uint _e937 = p.head_dim;
        uint at_7 = (_e925 + ((((((input + begin) + my_rows) + 1u) * _e932) + head) * _e937)) + column;
        uint _e943 = p.head_dim;
        if (column < _e943) {
            ys[at_7] = y_2.x;
        }
        uint _e952 = p.head_dim;
        if ((column + 1u) < _e952) {
            ys[at_7 + 1u] = y_2.y;
        }
        uint _e963 = p.head_dim;
        if ((column + 2u) < _e963) {
            ys[at_7 + 2u] = y_2.z;
        }
        uint _e974 = p.head_dim;
        if ((column + 3u) < _e974) {
            ys[at_7 + 3u] = y_2.w;
            return;
        } else {
            return;
        }
    } else {
        return;
    }
}
