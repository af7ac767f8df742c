// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
    uint size3;
};

typedef float type_1[1];
typedef uint type_3[1];
typedef metal::uint4 type_5[1];
struct P {
    uint y;
    uint cols;
    uint blocks;
    uint rows;
    uint w_at;
    uint x_at;
    uint s_at;
    uint first_row;
    uint piece_rows;
    float scale;
    uint add;
};

void put(
    uint row,
    uint i_8,
    float value,
    device type_1& ys,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.cols;
    if (i_8 < _e5) {
        uint _e9 = p.y;
        uint _e12 = p.cols;
        uint at = (_e9 + (row * _e12)) + i_8;
        float _e18 = p.scale;
        float y = value * _e18;
        uint _e22 = p.add;
        if (_e22 != 0u) {
            float _e27 = ys[at];
            ys[at] = _e27 + y;
            return;
        } else {
            ys[at] = y;
            return;
        }
    } else {
        return;
    }
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& ys [[buffer(0)]]
, device type_3 const& lists [[buffer(1)]]
, device type_5 const& w [[buffer(2)]]
, device type_3 const& words [[buffer(3)]]
, constant P& p [[buffer(4)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(5)]]
) {
    bool local = {};
    metal::float4 v = {};
    uint i = 0u;
    metal::float4 v_1 = {};
    uint i_1 = 0u;
    metal::float4 v_2 = {};
    uint i_2 = 0u;
    metal::float4 v_3 = {};
    uint i_3 = 0u;
    metal::float4 v_4 = {};
    uint i_4 = 0u;
    metal::float4 v_5 = {};
    uint i_5 = 0u;
    metal::float4 v_6 = {};
    uint i_6 = 0u;
    metal::float4 v_7 = {};
    uint i_7 = 0u;
    uint b = (group.x * 64u) + lid;
    uint _e9 = p.rows;
    uint _e13 = lists[_e9 + group.y];
    uint _e16 = p.first_row;
    uint index = _e13 - _e16;
    uint _e20 = p.blocks;
    if (!((b >= _e20))) {
        uint _e27 = p.piece_rows;
        local = index >= _e27;
    } else {
        local = true;
    }
    bool _e30 = local;
    if (_e30) {
        return;
    }
    uint blocks = p.blocks;
    uint w_at = p.w_at;
    uint x_at = p.x_at;
    uint s_at = p.s_at;
    uint panel = index / 16u;
    uint r = index % 16u;
    uint row_1 = group.y;
    metal::uint4 nibbles = w[(w_at + (((panel * blocks) + b) * 16u)) + r];
    uint k0_ = nibbles.x & 252645135u;
    uint k1_ = nibbles.y & 252645135u;
    uint k2_ = nibbles.z & 252645135u;
    uint k3_ = nibbles.w & 252645135u;
    uint k4_ = (nibbles.x >> 4u) & 252645135u;
    uint k5_ = (nibbles.y >> 4u) & 252645135u;
    uint k6_ = (nibbles.z >> 4u) & 252645135u;
    uint k7_ = (nibbles.w >> 4u) & 252645135u;
    uint super_at = (s_at + (((panel * (blocks / 8u)) + (b / 8u)) * 80u)) + r;
    uint _e101 = words[super_at];
    metal::float2 supers = float2(as_type<half2>(_e101));
    uint _e114 = words[super_at + ((1u + ((b % 8u) / 2u)) * 16u)];
    uint subs = _e114 >> (16u * (b % 2u));
    float scale = supers.x * static_cast<float>(subs & 255u);
    float min = supers.y * static_cast<float>((subs >> 8u) & 255u);
    {
        metal::float4 code = static_cast<metal::float4>(int4(as_type<packed_char4>(k0_))) - metal::float4(0.0);
        v = scale * code;
        metal::float4 _e139 = v;
        v = _e139 - metal::float4(min);
        bool loop_init = true;
        while(true) {
            if (!loop_init) {
                uint _e157 = i;
                i = _e157 + 1u;
            }
            loop_init = false;
            uint _e144 = i;
            if (_e144 < 4u) {
            } else {
                break;
            }
            {
                uint _e151 = i;
                uint _e153 = i;
                float _e155 = v[_e153];
                put(row_1, ((b * 32u) + 0u) + _e151, _e155, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_1 = static_cast<metal::float4>(int4(as_type<packed_char4>(k1_))) - metal::float4(0.0);
        v_1 = scale * code_1;
        metal::float4 _e166 = v_1;
        v_1 = _e166 - metal::float4(min);
        bool loop_init_1 = true;
        while(true) {
            if (!loop_init_1) {
                uint _e184 = i_1;
                i_1 = _e184 + 1u;
            }
            loop_init_1 = false;
            uint _e171 = i_1;
            if (_e171 < 4u) {
            } else {
                break;
            }
            {
                uint _e178 = i_1;
                uint _e180 = i_1;
                float _e182 = v_1[_e180];
                put(row_1, ((b * 32u) + 4u) + _e178, _e182, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_2 = static_cast<metal::float4>(int4(as_type<packed_char4>(k2_))) - metal::float4(0.0);
        v_2 = scale * code_2;
        metal::float4 _e193 = v_2;
        v_2 = _e193 - metal::float4(min);
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e211 = i_2;
                i_2 = _e211 + 1u;
            }
            loop_init_2 = false;
            uint _e198 = i_2;
            if (_e198 < 4u) {
            } else {
                break;
            }
            {
                uint _e205 = i_2;
                uint _e207 = i_2;
                float _e209 = v_2[_e207];
                put(row_1, ((b * 32u) + 8u) + _e205, _e209, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_3 = static_cast<metal::float4>(int4(as_type<packed_char4>(k3_))) - metal::float4(0.0);
        v_3 = scale * code_3;
        metal::float4 _e220 = v_3;
        v_3 = _e220 - metal::float4(min);
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e238 = i_3;
                i_3 = _e238 + 1u;
            }
            loop_init_3 = false;
            uint _e225 = i_3;
            if (_e225 < 4u) {
            } else {
                break;
            }
            {
                uint _e232 = i_3;
                uint _e234 = i_3;
                float _e236 = v_3[_e234];
                put(row_1, ((b * 32u) + 12u) + _e232, _e236, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_4 = static_cast<metal::float4>(int4(as_type<packed_char4>(k4_))) - metal::float4(0.0);
        v_4 = scale * code_4;
        metal::float4 _e247 = v_4;
        v_4 = _e247 - metal::float4(min);
        bool loop_init_4 = true;
        while(true) {
            if (!loop_init_4) {
                uint _e265 = i_4;
                i_4 = _e265 + 1u;
            }
            loop_init_4 = false;
            uint _e252 = i_4;
            if (_e252 < 4u) {
            } else {
                break;
            }
            {
                uint _e259 = i_4;
                uint _e261 = i_4;
                float _e263 = v_4[_e261];
                put(row_1, ((b * 32u) + 16u) + _e259, _e263, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_5 = static_cast<metal::float4>(int4(as_type<packed_char4>(k5_))) - metal::float4(0.0);
        v_5 = scale * code_5;
        metal::float4 _e274 = v_5;
        v_5 = _e274 - metal::float4(min);
        bool loop_init_5 = true;
        while(true) {
            if (!loop_init_5) {
                uint _e292 = i_5;
                i_5 = _e292 + 1u;
            }
            loop_init_5 = false;
            uint _e279 = i_5;
            if (_e279 < 4u) {
            } else {
                break;
            }
            {
                uint _e286 = i_5;
                uint _e288 = i_5;
                float _e290 = v_5[_e288];
                put(row_1, ((b * 32u) + 20u) + _e286, _e290, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_6 = static_cast<metal::float4>(int4(as_type<packed_char4>(k6_))) - metal::float4(0.0);
        v_6 = scale * code_6;
        metal::float4 _e301 = v_6;
        v_6 = _e301 - metal::float4(min);
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e319 = i_6;
                i_6 = _e319 + 1u;
            }
            loop_init_6 = false;
            uint _e306 = i_6;
            if (_e306 < 4u) {
            } else {
                break;
            }
            {
                uint _e313 = i_6;
                uint _e315 = i_6;
                float _e317 = v_6[_e315];
                put(row_1, ((b * 32u) + 24u) + _e313, _e317, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_7 = static_cast<metal::float4>(int4(as_type<packed_char4>(k7_))) - metal::float4(0.0);
        v_7 = scale * code_7;
        metal::float4 _e328 = v_7;
        v_7 = _e328 - metal::float4(min);
        bool loop_init_7 = true;
        while(true) {
            if (!loop_init_7) {
                uint _e346 = i_7;
                i_7 = _e346 + 1u;
            }
            loop_init_7 = false;
            uint _e333 = i_7;
            if (_e333 < 4u) {
            } else {
                break;
            }
            {
                uint _e340 = i_7;
                uint _e342 = i_7;
                float _e344 = v_7[_e342];
                put(row_1, ((b * 32u) + 28u) + _e340, _e344, ys, p, _buffer_sizes);
            }
        }
        return;
    }
}
