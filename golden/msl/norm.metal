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
typedef metal::uint2 type_5[1];
struct P {
    uint x;
    uint y;
    uint width;
    uint heads;
    uint is_layer;
    float eps;
    uint weight;
    uint bias;
    uint vector_stride;
    uint add;
    uint quantise;
};
struct type_6 {
    uint inner[256];
};
struct type_8 {
    int inner[256];
};
struct type_11 {
    float inner[256];
};
constant uint NONE = 4294967295u;

metal::int4 naga_f2i32(metal::float4 value) {
    return static_cast<metal::int4>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

void quantise4_(
    metal::float4 v_1,
    uint lid_1,
    uint word,
    bool live,
    device type_3& qa,
    device type_5& qs,
    threadgroup type_6& q_max,
    threadgroup type_8& q_sum,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint amax = 0u;
    uint i_3 = 0u;
    bool local = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v_1) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i_3;
            i_3 = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i_3;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i_3;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local = true;
    }
    bool zero = local;
    float inverse = zero ? 0.0 : (127.0 / largest);
    metal::int4 q = zero ? metal::int4(0) : naga_f2i32(metal::rint(v_1 * inverse));
    q_sum.inner[lid_1] = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(q.x) + as_type<uint>(q.y))) + as_type<uint>(q.z))) + as_type<uint>(q.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (live) {
        qa[word] = as_type<uint>(packed_char4(q));
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

float total(
    float value,
    uint lid_2,
    threadgroup type_11& lanes
) {
    uint half_ = 128u;
    lanes.inner[lid_2] = value;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e20 = half_;
            half_ = _e20 / 2u;
        }
        loop_init_1 = false;
        uint _e6 = half_;
        if (_e6 > 0u) {
        } else {
            break;
        }
        {
            uint _e9 = half_;
            if (lid_2 < _e9) {
                float _e13 = lanes.inner[lid_2];
                uint _e15 = half_;
                float _e18 = lanes.inner[lid_2 + _e15];
                lanes.inner[lid_2] = _e13 + _e18;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    float sum_1 = lanes.inner[0];
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return sum_1;
}

float normed(
    uint i_4,
    uint head,
    float x,
    float mean_1,
    float factor,
    device type_1 const& vectors,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    float y = (x - mean_1) * factor;
    uint _e9 = p.vector_stride;
    uint at = (head * _e9) + i_4;
    uint _e14 = p.weight;
    if (_e14 == NONE) {
        uint _e19 = p.bias;
        if (_e19 == NONE) {
            return y;
        }
        uint _e25 = p.bias;
        float _e28 = vectors[_e25 + at];
        return y + _e28;
    }
    uint _e32 = p.bias;
    if (_e32 == NONE) {
        uint _e38 = p.weight;
        float _e41 = vectors[_e38 + at];
        return y * _e41;
    }
    uint _e46 = p.weight;
    float _e49 = vectors[_e46 + at];
    uint _e53 = p.bias;
    float _e56 = vectors[_e53 + at];
    return metal::fma(y, _e49, _e56);
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, device type_1 const& vectors [[buffer(2)]]
, device type_3& qa [[buffer(3)]]
, device type_5& qs [[buffer(4)]]
, constant P& p [[buffer(5)]]
, threadgroup type_6& q_max
, threadgroup type_8& q_sum
, threadgroup type_11& lanes
, constant _mslBufferSizes& _buffer_sizes [[buffer(6)]]
) {
    float mean = 0.0;
    float sum = 0.0;
    uint i = {};
    float squares = 0.0;
    uint i_1 = {};
    uint i_2 = {};
    uint base = 0u;
    metal::float4 v = {};
    uint _e5 = p.heads;
    uint _e11 = p.width;
    uint at_1 = ((group.y * _e5) + group.x) * _e11;
    uint _e15 = p.width;
    float count = static_cast<float>(_e15);
    uint _e21 = p.is_layer;
    if (_e21 != 0u) {
        i = lid;
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e43 = i;
                i = _e43 + 256u;
            }
            loop_init_2 = false;
            uint _e27 = i;
            uint _e30 = p.width;
            if (_e27 < _e30) {
            } else {
                break;
            }
            {
                float _e32 = sum;
                uint _e36 = p.x;
                uint _e38 = i;
                float _e41 = xs[(_e36 + at_1) + _e38];
                sum = _e32 + _e41;
            }
        }
        float _e46 = sum;
        float _e47 = total(_e46, lid, lanes);
        mean = _e47 / count;
    }
    i_1 = lid;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e70 = i_1;
            i_1 = _e70 + 256u;
        }
        loop_init_3 = false;
        uint _e52 = i_1;
        uint _e55 = p.width;
        if (_e52 < _e55) {
        } else {
            break;
        }
        {
            uint _e60 = p.x;
            uint _e62 = i_1;
            float _e65 = xs[(_e60 + at_1) + _e62];
            float _e66 = mean;
            float d = _e65 - _e66;
            float _e68 = squares;
            squares = metal::fma(d, d, _e68);
        }
    }
    float _e73 = squares;
    float _e74 = total(_e73, lid, lanes);
    float _e78 = p.eps;
    float factor_1 = 1.0 / metal::sqrt((_e74 / count) + _e78);
    uint _e85 = p.quantise;
    if (_e85 == 0u) {
        i_2 = lid;
        bool loop_init_4 = true;
        while(true) {
            if (!loop_init_4) {
                uint _e130 = i_2;
                i_2 = _e130 + 256u;
            }
            loop_init_4 = false;
            uint _e89 = i_2;
            uint _e92 = p.width;
            if (_e89 < _e92) {
            } else {
                break;
            }
            {
                uint _e94 = i_2;
                uint _e99 = p.x;
                uint _e101 = i_2;
                float _e104 = xs[(_e99 + at_1) + _e101];
                float _e105 = mean;
                float _e106 = normed(_e94, group.x, _e104, _e105, factor_1, vectors, p, _buffer_sizes);
                uint _e109 = p.add;
                if (_e109 != 0u) {
                    uint _e115 = p.y;
                    uint _e117 = i_2;
                    float _e120 = ys[(_e115 + at_1) + _e117];
                    ys[(_e115 + at_1) + _e117] = _e120 + _e106;
                } else {
                    uint _e125 = p.y;
                    uint _e127 = i_2;
                    ys[(_e125 + at_1) + _e127] = _e106;
                }
            }
        }
        return;
    }
    bool loop_init_5 = true;
    while(true) {
        if (!loop_init_5) {
            uint _e257 = base;
            base = _e257 + 1024u;
        }
        loop_init_5 = false;
        uint _e135 = base;
        uint _e138 = p.width;
        if (_e135 < _e138) {
        } else {
            break;
        }
        {
            uint _e140 = base;
            uint i_5 = _e140 + (lid * 4u);
            uint _e146 = p.width;
            bool live_1 = i_5 < _e146;
            v = metal::float4(0.0);
            if (live_1) {
                uint _e156 = p.x;
                float _e160 = xs[(_e156 + at_1) + i_5];
                float _e161 = mean;
                float _e162 = normed(i_5, group.x, _e160, _e161, factor_1, vectors, p, _buffer_sizes);
                v.x = _e162;
                uint _e170 = p.x;
                float _e176 = xs[((_e170 + at_1) + i_5) + 1u];
                float _e177 = mean;
                float _e178 = normed(i_5 + 1u, group.x, _e176, _e177, factor_1, vectors, p, _buffer_sizes);
                v.y = _e178;
                uint _e186 = p.x;
                float _e192 = xs[((_e186 + at_1) + i_5) + 2u];
                float _e193 = mean;
                float _e194 = normed(i_5 + 2u, group.x, _e192, _e193, factor_1, vectors, p, _buffer_sizes);
                v.z = _e194;
                uint _e202 = p.x;
                float _e208 = xs[((_e202 + at_1) + i_5) + 3u];
                float _e209 = mean;
                float _e210 = normed(i_5 + 3u, group.x, _e208, _e209, factor_1, vectors, p, _buffer_sizes);
                v.w = _e210;
                uint _e214 = p.y;
                float _e219 = v.x;
                ys[(_e214 + at_1) + i_5] = _e219;
                uint _e223 = p.y;
                float _e230 = v.y;
                ys[((_e223 + at_1) + i_5) + 1u] = _e230;
                uint _e234 = p.y;
                float _e241 = v.z;
                ys[((_e234 + at_1) + i_5) + 2u] = _e241;
                uint _e245 = p.y;
                float _e252 = v.w;
                ys[((_e245 + at_1) + i_5) + 3u] = _e252;
            }
            metal::float4 _e253 = v;
            quantise4_(_e253, lid, (at_1 + i_5) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
        }
    }
    return;
}
