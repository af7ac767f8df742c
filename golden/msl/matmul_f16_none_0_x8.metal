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
    float inner[2048];
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
    float acc1_ = 0.0;
    float acc2_ = 0.0;
    float acc3_ = 0.0;
    float acc4_ = 0.0;
    float acc5_ = 0.0;
    float acc6_ = 0.0;
    float acc7_ = 0.0;
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
    uint first_row = group.y * 8u;
    uint _e80 = p.rows;
    uint row0_ = metal::min(first_row + 0u, _e80 - 1u);
    uint _e90 = p.rows;
    uint row1_ = metal::min(first_row + 1u, _e90 - 1u);
    uint _e100 = p.rows;
    uint row2_ = metal::min(first_row + 2u, _e100 - 1u);
    uint _e110 = p.rows;
    uint row3_ = metal::min(first_row + 3u, _e110 - 1u);
    uint _e120 = p.rows;
    uint row4_ = metal::min(first_row + 4u, _e120 - 1u);
    uint _e130 = p.rows;
    uint row5_ = metal::min(first_row + 5u, _e130 - 1u);
    uint _e140 = p.rows;
    uint row6_ = metal::min(first_row + 6u, _e140 - 1u);
    uint _e150 = p.rows;
    uint row7_ = metal::min(first_row + 7u, _e150 - 1u);
    uint _e161 = p.segment;
    bool _e164 = is_here;
    uint end = _e164 ? metal::min((s + 1u) * _e161, blocks) : 0u;
    uint _e168 = p.segment;
    b = s * _e168;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e419 = b;
            b = _e419 + 1u;
        }
        loop_init_1 = false;
        uint _e171 = b;
        if (_e171 < end) {
        } else {
            break;
        }
        {
            uint _e175 = p.x;
            uint _e178 = p.cols;
            uint at0_ = _e175 + (row0_ * _e178);
            uint _e183 = p.x;
            uint _e186 = p.cols;
            uint at1_ = _e183 + (row1_ * _e186);
            uint _e191 = p.x;
            uint _e194 = p.cols;
            uint at2_ = _e191 + (row2_ * _e194);
            uint _e199 = p.x;
            uint _e202 = p.cols;
            uint at3_ = _e199 + (row3_ * _e202);
            uint _e207 = p.x;
            uint _e210 = p.cols;
            uint at4_ = _e207 + (row4_ * _e210);
            uint _e215 = p.x;
            uint _e218 = p.cols;
            uint at5_ = _e215 + (row5_ * _e218);
            uint _e223 = p.x;
            uint _e226 = p.cols;
            uint at6_ = _e223 + (row6_ * _e226);
            uint _e231 = p.x;
            uint _e234 = p.cols;
            uint at7_ = _e231 + (row7_ * _e234);
            g = 0u;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e416 = g;
                    g = _e416 + 1u;
                }
                loop_init_2 = false;
                uint _e239 = g;
                if (_e239 < 8u) {
                } else {
                    break;
                }
                {
                    uint _e243 = panel;
                    uint _e245 = b;
                    uint _e249 = g;
                    metal::uint4 packed = w[(w_at + (((((_e243 * blocks) + _e245) * 4u) + (_e249 / 2u)) * 16u)) + r_2];
                    uint _e261 = g;
                    metal::uint2 pair = ((_e261 % 2u) == 1u) ? packed.zw : packed.xy;
                    metal::float4 v = metal::float4(float2(as_type<half2>(pair.x)), float2(as_type<half2>(pair.y)));
                    uint _e272 = b;
                    uint _e275 = g;
                    uint first_1 = (_e272 * 32u) + (_e275 * 4u);
                    {
                        metal::float4 _e279 = four(at0_, first_1, xs, _buffer_sizes);
                        float _e282 = acc0_;
                        acc0_ = metal::fma(v.x, _e279.x, _e282);
                        float _e286 = acc0_;
                        acc0_ = metal::fma(v.y, _e279.y, _e286);
                        float _e290 = acc0_;
                        acc0_ = metal::fma(v.z, _e279.z, _e290);
                        float _e294 = acc0_;
                        acc0_ = metal::fma(v.w, _e279.w, _e294);
                    }
                    {
                        metal::float4 _e296 = four(at1_, first_1, xs, _buffer_sizes);
                        float _e299 = acc1_;
                        acc1_ = metal::fma(v.x, _e296.x, _e299);
                        float _e303 = acc1_;
                        acc1_ = metal::fma(v.y, _e296.y, _e303);
                        float _e307 = acc1_;
                        acc1_ = metal::fma(v.z, _e296.z, _e307);
                        float _e311 = acc1_;
                        acc1_ = metal::fma(v.w, _e296.w, _e311);
                    }
                    {
                        metal::float4 _e313 = four(at2_, first_1, xs, _buffer_sizes);
                        float _e316 = acc2_;
                        acc2_ = metal::fma(v.x, _e313.x, _e316);
                        float _e320 = acc2_;
                        acc2_ = metal::fma(v.y, _e313.y, _e320);
                        float _e324 = acc2_;
                        acc2_ = metal::fma(v.z, _e313.z, _e324);
                        float _e328 = acc2_;
                        acc2_ = metal::fma(v.w, _e313.w, _e328);
                    }
                    {
                        metal::float4 _e330 = four(at3_, first_1, xs, _buffer_sizes);
                        float _e333 = acc3_;
                        acc3_ = metal::fma(v.x, _e330.x, _e333);
                        float _e337 = acc3_;
                        acc3_ = metal::fma(v.y, _e330.y, _e337);
                        float _e341 = acc3_;
                        acc3_ = metal::fma(v.z, _e330.z, _e341);
                        float _e345 = acc3_;
                        acc3_ = metal::fma(v.w, _e330.w, _e345);
                    }
                    {
                        metal::float4 _e347 = four(at4_, first_1, xs, _buffer_sizes);
                        float _e350 = acc4_;
                        acc4_ = metal::fma(v.x, _e347.x, _e350);
                        float _e354 = acc4_;
                        acc4_ = metal::fma(v.y, _e347.y, _e354);
                        float _e358 = acc4_;
                        acc4_ = metal::fma(v.z, _e347.z, _e358);
                        float _e362 = acc4_;
                        acc4_ = metal::fma(v.w, _e347.w, _e362);
                    }
                    {
                        metal::float4 _e364 = four(at5_, first_1, xs, _buffer_sizes);
                        float _e367 = acc5_;
                        acc5_ = metal::fma(v.x, _e364.x, _e367);
                        float _e371 = acc5_;
                        acc5_ = metal::fma(v.y, _e364.y, _e371);
                        float _e375 = acc5_;
                        acc5_ = metal::fma(v.z, _e364.z, _e375);
                        float _e379 = acc5_;
                        acc5_ = metal::fma(v.w, _e364.w, _e379);
                    }
                    {
                        metal::float4 _e381 = four(at6_, first_1, xs, _buffer_sizes);
                        float _e384 = acc6_;
                        acc6_ = metal::fma(v.x, _e381.x, _e384);
                        float _e388 = acc6_;
                        acc6_ = metal::fma(v.y, _e381.y, _e388);
                        float _e392 = acc6_;
                        acc6_ = metal::fma(v.z, _e381.z, _e392);
                        float _e396 = acc6_;
                        acc6_ = metal::fma(v.w, _e381.w, _e396);
                    }
                    {
                        metal::float4 _e398 = four(at7_, first_1, xs, _buffer_sizes);
                        float _e401 = acc7_;
                        acc7_ = metal::fma(v.x, _e398.x, _e401);
                        float _e405 = acc7_;
                        acc7_ = metal::fma(v.y, _e398.y, _e405);
                        float _e409 = acc7_;
                        acc7_ = metal::fma(v.z, _e398.z, _e409);
                        float _e413 = acc7_;
                        acc7_ = metal::fma(v.w, _e398.w, _e413);
                    }
                }
            }
        }
    }
    float _e428 = acc0_;
    sums.inner[((0u + s) * 16u) + r_2] = _e428;
    float _e436 = acc1_;
    sums.inner[((16u + s) * 16u) + r_2] = _e436;
    float _e444 = acc2_;
    sums.inner[((32u + s) * 16u) + r_2] = _e444;
    float _e452 = acc3_;
    sums.inner[((48u + s) * 16u) + r_2] = _e452;
    float _e460 = acc4_;
    sums.inner[((64u + s) * 16u) + r_2] = _e460;
    float _e468 = acc5_;
    sums.inner[((80u + s) * 16u) + r_2] = _e468;
    float _e476 = acc6_;
    sums.inner[((96u + s) * 16u) + r_2] = _e476;
    float _e484 = acc7_;
    sums.inner[((112u + s) * 16u) + r_2] = _e484;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint row_1 = first_row + s;
    if (s < 8u) {
        uint _e492 = p.rows;
        local_1 = row_1 < _e492;
    } else {
        local_1 = false;
    }
    bool _e495 = local_1;
    if (_e495) {
        uint _e498 = panel;
        uint _e503 = job;
        uint _e507 = lists[_e503 + 7u];
        local_2 = ((_e498 * 16u) + r_2) < _e507;
    } else {
        local_2 = false;
    }
    bool _e510 = local_2;
    if (_e510) {
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e531 = i_1;
                i_1 = _e531 + 1u;
            }
            loop_init_3 = false;
            uint _e515 = i_1;
            if (_e515 < 16u) {
            } else {
                break;
            }
            {
                float _e518 = dot;
                uint _e522 = i_1;
                float _e528 = sums.inner[(((s * 16u) + _e522) * 16u) + r_2];
                dot = _e518 + _e528;
            }
        }
        uint _e533 = job;
        uint _e534 = panel;
        float _e538 = dot;
        finish(_e533, row_1, (_e534 * 16u) + r_2, _e538, ys, vectors, lists, _buffer_sizes);
        return;
    } else {
        return;
    }
}
