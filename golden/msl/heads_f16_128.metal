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
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint q;
    uint k;
    uint v;
    uint heads;
    uint kv_heads;
    uint head_dim;
    uint pairs;
    uint angles;
    uint neox;
    uint growth;
    uint slots;
    uint norm_after;
    uint q_norm;
    float q_eps;
    uint q_weight;
    uint q_bias;
    uint q_stride;
    uint k_norm;
    float k_eps;
    uint k_weight;
    uint k_bias;
    uint k_stride;
    uint v_norm;
    float v_eps;
    uint v_weight;
    uint v_bias;
    uint v_stride;
    uint value_dim;
};
struct type_4 {
    float inner[128];
};
struct type_7 {
    float inner[64];
};
constant uint NONE = 4294967295u;

uint head_words(
    uint head_dim
) {
    return (head_dim + 1u) / 2u;
}

float h_at(
    uint i_2,
    threadgroup type_4& head
) {
    float _e3 = head.inner[i_2];
    return _e3;
}

uint h_word(
    uint from,
    uint w_1,
    uint dim,
    threadgroup type_4& head
) {
    uint i_6 = from + (2u * w_1);
    bool second = ((2u * w_1) + 1u) < dim;
    float _e11 = h_at(i_6, head);
    float _e15 = h_at(second ? (i_6 + 1u) : i_6, head);
    return as_type<uint>(half2(metal::float2(_e11, second ? _e15 : 0.0)));
}

float total(
    float value,
    uint lid_1,
    threadgroup type_7& lanes
) {
    uint half_ = 32u;
    lanes.inner[lid_1] = value;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e20 = half_;
            half_ = _e20 / 2u;
        }
        loop_init = false;
        uint _e6 = half_;
        if (_e6 > 0u) {
        } else {
            break;
        }
        {
            uint _e9 = half_;
            if (lid_1 < _e9) {
                float _e13 = lanes.inner[lid_1];
                uint _e15 = half_;
                float _e18 = lanes.inner[lid_1 + _e15];
                lanes.inner[lid_1] = _e13 + _e18;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    float sum_1 = lanes.inner[0];
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return sum_1;
}

void norm(
    uint lid_2,
    uint dim_1,
    uint kind,
    float eps,
    uint weight,
    uint bias,
    device type_1 const& vectors,
    threadgroup type_4& head,
    threadgroup type_7& lanes,
    constant _mslBufferSizes& _buffer_sizes
) {
    float mean = 0.0;
    float sum = 0.0;
    uint i_3 = {};
    float squares = 0.0;
    uint i_4 = {};
    uint i_5 = {};
    float y = {};
    bool local_1 = {};
    float count = static_cast<float>(dim_1);
    if (kind == 2u) {
        i_3 = lid_2;
        bool loop_init_1 = true;
        while(true) {
            if (!loop_init_1) {
                uint _e22 = i_3;
                i_3 = _e22 + 64u;
            }
            loop_init_1 = false;
            uint _e14 = i_3;
            if (_e14 < dim_1) {
            } else {
                break;
            }
            {
                float _e16 = sum;
                uint _e18 = i_3;
                float _e20 = head.inner[_e18];
                sum = _e16 + _e20;
            }
        }
        float _e25 = sum;
        float _e26 = total(_e25, lid_2, lanes);
        mean = _e26 / count;
    }
    i_4 = lid_2;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e41 = i_4;
            i_4 = _e41 + 64u;
        }
        loop_init_2 = false;
        uint _e31 = i_4;
        if (_e31 < dim_1) {
        } else {
            break;
        }
        {
            uint _e34 = i_4;
            float _e36 = head.inner[_e34];
            float _e37 = mean;
            float d = _e36 - _e37;
            float _e39 = squares;
            squares = metal::fma(d, d, _e39);
        }
    }
    float _e44 = squares;
    float _e45 = total(_e44, lid_2, lanes);
    float factor = 1.0 / metal::sqrt((_e45 / count) + eps);
    i_5 = lid_2;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e104 = i_5;
            i_5 = _e104 + 64u;
        }
        loop_init_3 = false;
        uint _e52 = i_5;
        if (_e52 < dim_1) {
        } else {
            break;
        }
        {
            uint _e55 = i_5;
            float _e57 = head.inner[_e55];
            float _e58 = mean;
            y = (_e57 - _e58) * factor;
            if (weight != NONE) {
                local_1 = bias != NONE;
            } else {
                local_1 = false;
            }
            bool _e69 = local_1;
            if (_e69) {
                float _e70 = y;
                uint _e72 = i_5;
                float _e75 = vectors[weight + _e72];
                uint _e77 = i_5;
                float _e80 = vectors[bias + _e77];
                y = metal::fma(_e70, _e75, _e80);
            } else {
                if (weight != NONE) {
                    float _e84 = y;
                    uint _e86 = i_5;
                    float _e89 = vectors[weight + _e86];
                    y = _e84 * _e89;
                } else {
                    if (bias != NONE) {
                        float _e93 = y;
                        uint _e95 = i_5;
                        float _e98 = vectors[bias + _e95];
                        y = _e93 + _e98;
                    }
                }
            }
            uint _e101 = i_5;
            float _e103 = y;
            head.inner[_e101] = _e103;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return;
}

void norm_of(
    uint lid_3,
    bool is_q,
    uint index_1,
    device type_1 const& vectors,
    constant P& p,
    threadgroup type_4& head,
    threadgroup type_7& lanes,
    constant _mslBufferSizes& _buffer_sizes
) {
    if (is_q) {
        uint _e5 = p.q_norm;
        if (_e5 != 0u) {
            uint _e10 = p.q_stride;
            uint at_1 = index_1 * _e10;
            uint _e14 = p.q_weight;
            uint _e19 = p.q_weight;
            uint weight_1 = (_e19 == NONE) ? NONE : (_e14 + at_1);
            uint _e25 = p.head_dim;
            uint _e28 = p.q_norm;
            float _e31 = p.q_eps;
            uint _e34 = p.q_bias;
            uint _e39 = p.q_bias;
            norm(lid_3, _e25, _e28, _e31, weight_1, (_e39 == NONE) ? NONE : (_e34 + at_1), vectors, head, lanes, _buffer_sizes);
            return;
        } else {
            return;
        }
    } else {
        uint _e45 = p.k_norm;
        if (_e45 != 0u) {
            uint _e50 = p.k_stride;
            uint at_2 = index_1 * _e50;
            uint _e54 = p.k_weight;
            uint _e59 = p.k_weight;
            uint weight_2 = (_e59 == NONE) ? NONE : (_e54 + at_2);
            uint _e65 = p.head_dim;
            uint _e68 = p.k_norm;
            float _e71 = p.k_eps;
            uint _e74 = p.k_bias;
            uint _e79 = p.k_bias;
            norm(lid_3, _e65, _e68, _e71, weight_2, (_e79 == NONE) ? NONE : (_e74 + at_2), vectors, head, lanes, _buffer_sizes);
            return;
        } else {
            return;
        }
    }
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& xs [[buffer(0)]]
, device type_1& us [[buffer(1)]]
, device type_1 const& ys [[buffer(2)]]
, device type_1 const& vectors [[buffer(3)]]
, device type_3 const& lists [[buffer(4)]]
, device type_3& keys [[buffer(5)]]
, device type_3& values [[buffer(6)]]
, constant P& p [[buffer(7)]]
, threadgroup type_4& head
, threadgroup type_7& lanes
, constant _mslBufferSizes& _buffer_sizes [[buffer(8)]]
) {
    uint index = {};
    uint at = {};
    uint i = {};
    uint pair = {};
    uint i_1 = {};
    bool local = {};
    uint w = {};
    uint row = group.y;
    uint _e6 = p.heads;
    bool is_q_1 = group.x < _e6;
    uint _e11 = p.heads;
    uint _e14 = p.kv_heads;
    bool is_v = group.x >= (_e11 + _e14);
    index = group.x;
    uint _e21 = p.q;
    uint _e24 = p.heads;
    uint _e26 = index;
    uint _e30 = p.head_dim;
    at = _e21 + (((row * _e24) + _e26) * _e30);
    if (!(is_q_1)) {
        uint _e38 = p.heads;
        uint _e42 = p.kv_heads;
        index = (group.x - _e38) % _e42;
        uint _e46 = p.k;
        uint _e49 = p.v;
        uint _e53 = p.kv_heads;
        uint _e55 = index;
        uint _e59 = p.head_dim;
        uint _e62 = p.value_dim;
        at = (is_v ? _e49 : _e46) + (((row * _e53) + _e55) * (is_v ? _e62 : _e59));
    }
    uint _e68 = p.head_dim;
    uint _e71 = p.value_dim;
    uint dim_2 = is_v ? _e71 : _e68;
    i = lid;
    bool loop_init_4 = true;
    while(true) {
        if (!loop_init_4) {
            uint _e103 = i;
            i = _e103 + 64u;
        }
        loop_init_4 = false;
        uint _e74 = i;
        if (_e74 < dim_2) {
        } else {
            break;
        }
        {
            if (is_q_1) {
                uint _e77 = i;
                uint _e80 = at;
                uint _e81 = i;
                float _e84 = xs[_e80 + _e81];
                head.inner[_e77] = _e84;
            } else {
                if (is_v) {
                    uint _e86 = i;
                    uint _e89 = at;
                    uint _e90 = i;
                    float _e93 = ys[_e89 + _e90];
                    head.inner[_e86] = _e93;
                } else {
                    uint _e95 = i;
                    uint _e98 = at;
                    uint _e99 = i;
                    float _e102 = us[_e98 + _e99];
                    head.inner[_e95] = _e102;
                }
            }
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (!(is_v)) {
        uint _e109 = p.norm_after;
        if (_e109 == 0u) {
            uint _e112 = index;
            norm_of(lid, is_q_1, _e112, vectors, p, head, lanes, _buffer_sizes);
        }
        pair = lid;
        bool loop_init_5 = true;
        while(true) {
            if (!loop_init_5) {
                uint _e178 = pair;
                pair = _e178 + 64u;
            }
            loop_init_5 = false;
            uint _e114 = pair;
            uint _e117 = p.pairs;
            if (_e114 < _e117) {
            } else {
                break;
            }
            {
                uint _e121 = p.angles;
                uint _e124 = p.pairs;
                uint _e126 = pair;
                uint angle = _e121 + (((row * _e124) + _e126) * 2u);
                uint _e133 = lists[angle];
                float c = as_type<float>(_e133);
                uint _e139 = lists[angle + 1u];
                float s = as_type<float>(_e139);
                uint _e142 = pair;
                uint _e144 = pair;
                uint _e147 = p.neox;
                uint ia = (_e147 != 0u) ? _e144 : (2u * _e142);
                uint _e155 = p.pairs;
                uint _e159 = p.neox;
                uint ib = (_e159 != 0u) ? (ia + _e155) : (ia + 1u);
                float a = head.inner[ia];
                float b = head.inner[ib];
                head.inner[ia] = metal::fma(a, c, -((b * s)));
                head.inner[ib] = metal::fma(a, s, b * c);
            }
        }
        metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        uint _e183 = p.norm_after;
        if (_e183 != 0u) {
            uint _e186 = index;
            norm_of(lid, is_q_1, _e186, vectors, p, head, lanes, _buffer_sizes);
        }
        i_1 = lid;
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e237 = i_1;
                i_1 = _e237 + 64u;
            }
            loop_init_6 = false;
            uint _e188 = i_1;
            uint _e191 = p.head_dim;
            if (_e188 < _e191) {
            } else {
                break;
            }
            {
                if (is_q_1) {
                    uint _e194 = at;
                    uint _e195 = i_1;
                    uint _e199 = i_1;
                    float _e201 = head.inner[_e199];
                    uint _e203 = i_1;
                    float _e205 = head.inner[_e203];
                    uint _e210 = p.growth;
                    uint _e214 = p.growth;
                    uint _e219 = lists[(_e214 != NONE) ? (_e210 + row) : 0u];
                    uint _e224 = p.growth;
                    xs[_e194 + _e195] = (_e224 != NONE) ? (_e205 * as_type<float>(_e219)) : _e201;
                } else {
                    uint _e229 = at;
                    uint _e230 = i_1;
                    uint _e234 = i_1;
                    float _e236 = head.inner[_e234];
                    us[_e229 + _e230] = _e236;
                }
            }
        }
    }
    if (is_v) {
        uint _e244 = p.v_norm;
        local = _e244 != 0u;
    } else {
        local = false;
    }
    bool _e248 = local;
    if (_e248) {
        uint _e249 = index;
        uint _e252 = p.v_stride;
        uint first = _e249 * _e252;
        uint _e256 = p.v_weight;
        uint _e261 = p.v_weight;
        uint weight_3 = (_e261 == NONE) ? NONE : (_e256 + first);
        uint _e267 = p.v_norm;
        float _e270 = p.v_eps;
        uint _e273 = p.v_bias;
        uint _e278 = p.v_bias;
        norm(lid, dim_2, _e267, _e270, weight_3, (_e278 == NONE) ? NONE : (_e273 + first), vectors, head, lanes, _buffer_sizes);
    }
    if (is_q_1) {
        return;
    }
    uint _e282 = head_words(dim_2);
    uint _e286 = p.slots;
    uint _e289 = lists[_e286 + row];
    uint _e292 = p.kv_heads;
    uint _e294 = index;
    uint to = ((_e289 * _e292) + _e294) * _e282;
    w = lid;
    bool loop_init_7 = true;
    while(true) {
        if (!loop_init_7) {
            uint _e314 = w;
            w = _e314 + 64u;
        }
        loop_init_7 = false;
        uint _e298 = w;
        if (_e298 < _e282) {
        } else {
            break;
        }
        {
            if (is_v) {
                uint _e301 = w;
                uint _e305 = w;
                uint _e306 = h_word(0u, _e305, dim_2, head);
                values[to + _e301] = _e306;
            } else {
                uint _e308 = w;
                uint _e312 = w;
                uint _e313 = h_word(0u, _e312, dim_2, head);
                keys[to + _e308] = _e313;
            }
        }
    }
    return;
}
