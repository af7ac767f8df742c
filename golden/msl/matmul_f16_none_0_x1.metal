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
typedef metal::uint4 type_5[1];
struct P {
    uint x;
    uint rows;
    uint cols;
    uint blocks;
    uint segment;
    uint jobs;
    uint job_count;
};
struct type_7 {
    float inner[256];
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
    float r_1 = metal::fma(-(n), -0.00021219444, metal::fma(-(n), 0.6933594, c));
    float _e15 = y;
    y = metal::fma(_e15, r_1, 0.0013888889);
    float _e18 = y;
    y = metal::fma(_e18, r_1, 0.008333334);
    float _e21 = y;
    y = metal::fma(_e21, r_1, 0.041666668);
    float _e24 = y;
    y = metal::fma(_e24, r_1, 0.16666667);
    float _e27 = y;
    y = metal::fma(_e27, r_1, 0.5);
    float _e30 = y;
    y = metal::fma(_e30, r_1, 1.0);
    float _e33 = y;
    y = metal::fma(_e33, r_1, 1.0);
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

void finish(
    uint job_1,
    uint row,
    uint r,
    float dot_1,
    device type_1& ys,
    device type_1 const& vectors,
    device type_3 const& lists,
    constant _mslBufferSizes& _buffer_sizes
) {
    float y_1 = {};
    uint _e8 = lists[job_1 + 8u];
    y_1 = dot_1 * as_type<float>(_e8);
    uint _e16 = lists[job_1 + 6u];
    uint index = _e16 + r;
    uint bias = lists[job_1 + 9u];
    if (bias != NONE) {
        float _e25 = y_1;
        float _e29 = vectors[bias + index];
        y_1 = _e25 + _e29;
    }
    uint _e35 = lists[job_1 + 10u];
    float limit_2 = as_type<float>(_e35);
    if (limit_2 > 0.0) {
        float _e39 = y_1;
        float _e40 = limited(_e39, limit_2);
        y_1 = _e40;
    }
    float _e41 = y_1;
    uint _e46 = lists[job_1 + 11u];
    y_1 = _e41 * as_type<float>(_e46);
    uint _e53 = lists[job_1 + 4u];
    uint _e58 = lists[job_1 + 5u];
    uint at_1 = (_e53 + (row * _e58)) + index;
    uint _e66 = lists[job_1 + 12u];
    if (_e66 != 0u) {
        float _e71 = ys[at_1];
        float _e72 = y_1;
        ys[at_1] = _e71 + _e72;
        return;
    } else {
        float _e76 = y_1;
        ys[at_1] = _e76;
        return;
    }
}

metal::float4 four(
    uint at,
    uint first,
    device type_1 const& xs,
    constant _mslBufferSizes& _buffer_sizes
) {
    float _e5 = xs[at + first];
    float _e11 = xs[(at + first) + 1u];
    float _e17 = xs[(at + first) + 2u];
    float _e23 = xs[(at + first) + 3u];
    return metal::float4(_e5, _e11, _e17, _e23);
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, device type_1 const& vectors [[buffer(2)]]
, device type_3 const& lists [[buffer(3)]]
, device type_5 const& w [[buffer(4)]]
, constant P& p [[buffer(5)]]
, threadgroup type_7& sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(6)]]
) {
    uint job = {};
    uint i = 1u;
    bool local = {};
    uint panel = {};
    bool is_here = true;
    float acc0_ = 0.0;
    uint b = {};
    uint g = {};
    bool local_1 = {};
    bool local_2 = {};
    float dot = 0.0;
    uint i_1 = 0u;
    uint _e4 = p.jobs;
    job = _e4;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e37 = i;
            i = _e37 + 1u;
        }
        loop_init = false;
        uint _e8 = i;
        uint _e11 = p.job_count;
        if (_e8 < _e11) {
            uint _e19 = p.jobs;
            uint _e20 = i;
            uint _e25 = lists[_e19 + (_e20 * 16u)];
            local = group.x >= _e25;
        } else {
            local = false;
        }
        bool _e28 = local;
        if (_e28) {
        } else {
            break;
        }
        {
            uint _e31 = p.jobs;
            uint _e32 = i;
            job = _e31 + (_e32 * 16u);
        }
    }
    uint _e41 = job;
    uint _e43 = lists[_e41];
    panel = group.x - _e43;
    uint _e49 = job;
    uint w_at = lists[_e49 + 1u];
    uint _e55 = job;
    uint x_at = lists[_e55 + 2u];
    uint _e61 = job;
    uint s_at = lists[_e61 + 3u];
    uint blocks = p.blocks;
    uint r_2 = lid % 16u;
    uint s = lid / 16u;
    uint first_row = group.y * 1u;
    uint _e80 = p.rows;
    uint row0_ = metal::min(first_row + 0u, _e80 - 1u);
    uint _e91 = p.segment;
    bool _e94 = is_here;
    uint end = _e94 ? metal::min((s + 1u) * _e91, blocks) : 0u;
    uint _e98 = p.segment;
    b = s * _e98;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e174 = b;
            b = _e174 + 1u;
        }
        loop_init_1 = false;
        uint _e101 = b;
        if (_e101 < end) {
        } else {
            break;
        }
        {
            uint _e105 = p.x;
            uint _e108 = p.cols;
            uint at0_ = _e105 + (row0_ * _e108);
            g = 0u;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e171 = g;
                    g = _e171 + 1u;
                }
                loop_init_2 = false;
                uint _e113 = g;
                if (_e113 < 8u) {
                } else {
                    break;
                }
                {
                    uint _e117 = panel;
                    uint _e119 = b;
                    uint _e123 = g;
                    metal::uint4 packed = w[(w_at + (((((_e117 * blocks) + _e119) * 4u) + (_e123 / 2u)) * 16u)) + r_2];
                    uint _e135 = g;
                    metal::uint2 pair = ((_e135 % 2u) == 1u) ? packed.zw : packed.xy;
                    metal::float4 v = metal::float4(float2(as_type<half2>(pair.x)), float2(as_type<half2>(pair.y)));
                    uint _e146 = b;
                    uint _e149 = g;
                    uint first_1 = (_e146 * 32u) + (_e149 * 4u);
                    {
                        metal::float4 _e153 = four(at0_, first_1, xs, _buffer_sizes);
                        float _e156 = acc0_;
                        acc0_ = metal::fma(v.x, _e153.x, _e156);
                        float _e160 = acc0_;
                        acc0_ = metal::fma(v.y, _e153.y, _e160);
                        float _e164 = acc0_;
                        acc0_ = metal::fma(v.z, _e153.z, _e164);
                        float _e168 = acc0_;
                        acc0_ = metal::fma(v.w, _e153.w, _e168);
                    }
                }
            }
        }
    }
    float _e183 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e183;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 1u) {
        uint _e191 = p.rows;
        local_1 = row_1 < _e191;
    } else {
        local_1 = false;
    }
    bool _e194 = local_1;
    if (_e194) {
        uint _e197 = panel;
        uint _e202 = job;
        uint _e206 = lists[_e202 + 7u];
        local_2 = ((_e197 * 16u) + r_2) < _e206;
    } else {
        local_2 = false;
    }
    bool _e209 = local_2;
    if (_e209) {
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e230 = i_1;
                i_1 = _e230 + 1u;
            }
            loop_init_3 = false;
            uint _e214 = i_1;
            if (_e214 < 16u) {
            } else {
                break;
            }
            {
                float _e217 = dot;
                uint _e221 = i_1;
                float _e227 = sums.inner[(((s * 16u) + _e221) * 16u) + r_2];
                dot = _e217 + _e227;
            }
        }
        uint _e232 = job;
        uint _e233 = panel;
        float _e237 = dot;
        finish(_e232, row_1, (_e233 * 16u) + r_2, _e237, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
