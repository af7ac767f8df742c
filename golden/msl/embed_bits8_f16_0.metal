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
    metal::uint4 low = w[(w_at + (((panel * blocks) + b) * 32u)) + r];
    metal::uint4 high = w[((w_at + (((panel * blocks) + b) * 32u)) + 16u) + r];
    uint k0_ = low.x;
    uint k1_ = low.y;
    uint k2_ = low.z;
    uint k3_ = low.w;
    uint k4_ = high.x;
    uint k5_ = high.y;
    uint k6_ = high.z;
    uint k7_ = high.w;
    uint _e86 = words[(s_at + (((panel * blocks) + b) * 8u)) + (r / 2u)];
    float scale = float2(as_type<half2>(_e86))[r % 2u];
    {
        metal::float4 code = static_cast<metal::float4>(int4(as_type<packed_char4>(k0_))) - metal::float4(0.0);
        v = scale * code;
        bool loop_init = true;
        while(true) {
            if (!loop_init) {
                uint _e113 = i;
                i = _e113 + 1u;
            }
            loop_init = false;
            uint _e100 = i;
            if (_e100 < 4u) {
            } else {
                break;
            }
            {
                uint _e107 = i;
                uint _e109 = i;
                float _e111 = v[_e109];
                put(row_1, ((b * 32u) + 0u) + _e107, _e111, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_1 = static_cast<metal::float4>(int4(as_type<packed_char4>(k1_))) - metal::float4(0.0);
        v_1 = scale * code_1;
        bool loop_init_1 = true;
        while(true) {
            if (!loop_init_1) {
                uint _e137 = i_1;
                i_1 = _e137 + 1u;
            }
            loop_init_1 = false;
            uint _e124 = i_1;
            if (_e124 < 4u) {
            } else {
                break;
            }
            {
                uint _e131 = i_1;
                uint _e133 = i_1;
                float _e135 = v_1[_e133];
                put(row_1, ((b * 32u) + 4u) + _e131, _e135, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_2 = static_cast<metal::float4>(int4(as_type<packed_char4>(k2_))) - metal::float4(0.0);
        v_2 = scale * code_2;
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e161 = i_2;
                i_2 = _e161 + 1u;
            }
            loop_init_2 = false;
            uint _e148 = i_2;
            if (_e148 < 4u) {
            } else {
                break;
            }
            {
                uint _e155 = i_2;
                uint _e157 = i_2;
                float _e159 = v_2[_e157];
                put(row_1, ((b * 32u) + 8u) + _e155, _e159, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_3 = static_cast<metal::float4>(int4(as_type<packed_char4>(k3_))) - metal::float4(0.0);
        v_3 = scale * code_3;
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e185 = i_3;
                i_3 = _e185 + 1u;
            }
            loop_init_3 = false;
            uint _e172 = i_3;
            if (_e172 < 4u) {
            } else {
                break;
            }
            {
                uint _e179 = i_3;
                uint _e181 = i_3;
                float _e183 = v_3[_e181];
                put(row_1, ((b * 32u) + 12u) + _e179, _e183, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_4 = static_cast<metal::float4>(int4(as_type<packed_char4>(k4_))) - metal::float4(0.0);
        v_4 = scale * code_4;
        bool loop_init_4 = true;
        while(true) {
            if (!loop_init_4) {
                uint _e209 = i_4;
                i_4 = _e209 + 1u;
            }
            loop_init_4 = false;
            uint _e196 = i_4;
            if (_e196 < 4u) {
            } else {
                break;
            }
            {
                uint _e203 = i_4;
                uint _e205 = i_4;
                float _e207 = v_4[_e205];
                put(row_1, ((b * 32u) + 16u) + _e203, _e207, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_5 = static_cast<metal::float4>(int4(as_type<packed_char4>(k5_))) - metal::float4(0.0);
        v_5 = scale * code_5;
        bool loop_init_5 = true;
        while(true) {
            if (!loop_init_5) {
                uint _e233 = i_5;
                i_5 = _e233 + 1u;
            }
            loop_init_5 = false;
            uint _e220 = i_5;
            if (_e220 < 4u) {
            } else {
                break;
            }
            {
                uint _e227 = i_5;
                uint _e229 = i_5;
                float _e231 = v_5[_e229];
                put(row_1, ((b * 32u) + 20u) + _e227, _e231, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_6 = static_cast<metal::float4>(int4(as_type<packed_char4>(k6_))) - metal::float4(0.0);
        v_6 = scale * code_6;
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e257 = i_6;
                i_6 = _e257 + 1u;
            }
            loop_init_6 = false;
            uint _e244 = i_6;
            if (_e244 < 4u) {
            } else {
                break;
            }
            {
                uint _e251 = i_6;
                uint _e253 = i_6;
                float _e255 = v_6[_e253];
                put(row_1, ((b * 32u) + 24u) + _e251, _e255, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_7 = static_cast<metal::float4>(int4(as_type<packed_char4>(k7_))) - metal::float4(0.0);
        v_7 = scale * code_7;
        bool loop_init_7 = true;
        while(true) {
            if (!loop_init_7) {
                uint _e281 = i_7;
                i_7 = _e281 + 1u;
            }
            loop_init_7 = false;
            uint _e268 = i_7;
            if (_e268 < 4u) {
            } else {
                break;
            }
            {
                uint _e275 = i_7;
                uint _e277 = i_7;
                float _e279 = v_7[_e277];
                put(row_1, ((b * 32u) + 28u) + _e275, _e279, ys, p, _buffer_sizes);
            }
        }
        return;
    }
}
