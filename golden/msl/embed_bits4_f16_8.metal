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
    uint _e99 = words[(s_at + (((panel * blocks) + b) * 8u)) + (r / 2u)];
    float scale = float2(as_type<half2>(_e99))[r % 2u];
    {
        metal::float4 code = static_cast<metal::float4>(int4(as_type<packed_char4>(k0_))) - metal::float4(8.0);
        v = scale * code;
        bool loop_init = true;
        while(true) {
            if (!loop_init) {
                uint _e126 = i;
                i = _e126 + 1u;
            }
            loop_init = false;
            uint _e113 = i;
            if (_e113 < 4u) {
            } else {
                break;
            }
            {
                uint _e120 = i;
                uint _e122 = i;
                float _e124 = v[_e122];
                put(row_1, ((b * 32u) + 0u) + _e120, _e124, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_1 = static_cast<metal::float4>(int4(as_type<packed_char4>(k1_))) - metal::float4(8.0);
        v_1 = scale * code_1;
        bool loop_init_1 = true;
        while(true) {
            if (!loop_init_1) {
                uint _e150 = i_1;
                i_1 = _e150 + 1u;
            }
            loop_init_1 = false;
            uint _e137 = i_1;
            if (_e137 < 4u) {
            } else {
                break;
            }
            {
                uint _e144 = i_1;
                uint _e146 = i_1;
                float _e148 = v_1[_e146];
                put(row_1, ((b * 32u) + 4u) + _e144, _e148, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_2 = static_cast<metal::float4>(int4(as_type<packed_char4>(k2_))) - metal::float4(8.0);
        v_2 = scale * code_2;
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e174 = i_2;
                i_2 = _e174 + 1u;
            }
            loop_init_2 = false;
            uint _e161 = i_2;
            if (_e161 < 4u) {
            } else {
                break;
            }
            {
                uint _e168 = i_2;
                uint _e170 = i_2;
                float _e172 = v_2[_e170];
                put(row_1, ((b * 32u) + 8u) + _e168, _e172, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_3 = static_cast<metal::float4>(int4(as_type<packed_char4>(k3_))) - metal::float4(8.0);
        v_3 = scale * code_3;
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e198 = i_3;
                i_3 = _e198 + 1u;
            }
            loop_init_3 = false;
            uint _e185 = i_3;
            if (_e185 < 4u) {
            } else {
                break;
            }
            {
                uint _e192 = i_3;
                uint _e194 = i_3;
                float _e196 = v_3[_e194];
                put(row_1, ((b * 32u) + 12u) + _e192, _e196, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_4 = static_cast<metal::float4>(int4(as_type<packed_char4>(k4_))) - metal::float4(8.0);
        v_4 = scale * code_4;
        bool loop_init_4 = true;
        while(true) {
            if (!loop_init_4) {
                uint _e222 = i_4;
                i_4 = _e222 + 1u;
            }
            loop_init_4 = false;
            uint _e209 = i_4;
            if (_e209 < 4u) {
            } else {
                break;
            }
            {
                uint _e216 = i_4;
                uint _e218 = i_4;
                float _e220 = v_4[_e218];
                put(row_1, ((b * 32u) + 16u) + _e216, _e220, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_5 = static_cast<metal::float4>(int4(as_type<packed_char4>(k5_))) - metal::float4(8.0);
        v_5 = scale * code_5;
        bool loop_init_5 = true;
        while(true) {
            if (!loop_init_5) {
                uint _e246 = i_5;
                i_5 = _e246 + 1u;
            }
            loop_init_5 = false;
            uint _e233 = i_5;
            if (_e233 < 4u) {
            } else {
                break;
            }
            {
                uint _e240 = i_5;
                uint _e242 = i_5;
                float _e244 = v_5[_e242];
                put(row_1, ((b * 32u) + 20u) + _e240, _e244, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_6 = static_cast<metal::float4>(int4(as_type<packed_char4>(k6_))) - metal::float4(8.0);
        v_6 = scale * code_6;
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e270 = i_6;
                i_6 = _e270 + 1u;
            }
            loop_init_6 = false;
            uint _e257 = i_6;
            if (_e257 < 4u) {
            } else {
                break;
            }
            {
                uint _e264 = i_6;
                uint _e266 = i_6;
                float _e268 = v_6[_e266];
                put(row_1, ((b * 32u) + 24u) + _e264, _e268, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_7 = static_cast<metal::float4>(int4(as_type<packed_char4>(k7_))) - metal::float4(8.0);
        v_7 = scale * code_7;
        bool loop_init_7 = true;
        while(true) {
            if (!loop_init_7) {
                uint _e294 = i_7;
                i_7 = _e294 + 1u;
            }
            loop_init_7 = false;
            uint _e281 = i_7;
            if (_e281 < 4u) {
            } else {
                break;
            }
            {
                uint _e288 = i_7;
                uint _e290 = i_7;
                float _e292 = v_7[_e290];
                put(row_1, ((b * 32u) + 28u) + _e288, _e292, ys, p, _buffer_sizes);
            }
        }
        return;
    }
}
