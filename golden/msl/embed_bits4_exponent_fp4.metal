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
struct type_6 {
    uint inner[256];
};

uint level(
    uint code
) {
    metal::uint4 table = metal::uint4(50462976u, 201852420u, 4261347072u, 4109957884u);
    uint _e10 = table[code / 4u];
    return (_e10 >> (8u * (code % 4u))) & 255u;
}

void fill_levels(
    uint lid_1,
    threadgroup type_6& levels
) {
    uint i_8 = {};
    i_8 = lid_1;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e19 = i_8;
            i_8 = _e19 + 64u;
        }
        loop_init = false;
        uint _e2 = i_8;
        if (_e2 < 256u) {
        } else {
            break;
        }
        {
            uint _e6 = i_8;
            uint _e8 = i_8;
            uint _e11 = level(_e8 % 16u);
            uint _e12 = i_8;
            uint _e15 = level(_e12 / 16u);
            levels.inner[_e6] = _e11 | (_e15 << 16u);
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    return;
}

void put(
    uint row,
    uint i_9,
    float value,
    device type_1& ys,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.cols;
    if (i_9 < _e5) {
        uint _e9 = p.y;
        uint _e12 = p.cols;
        uint at = (_e9 + (row * _e12)) + i_9;
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
, threadgroup type_6& levels
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
    fill_levels(lid, levels);
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
    uint both0_ = nibbles.x;
    uint both1_ = nibbles.y;
    uint both2_ = nibbles.z;
    uint both3_ = nibbles.w;
    uint _e65 = levels.inner[both0_ & 255u];
    uint _e72 = levels.inner[(both0_ >> 8u) & 255u];
    uint first0_ = _e65 | (_e72 << 8u);
    uint _e82 = levels.inner[(both0_ >> 16u) & 255u];
    uint _e87 = levels.inner[both0_ >> 24u];
    uint second0_ = _e82 | (_e87 << 8u);
    uint k0_ = (first0_ & 65535u) | (second0_ << 16u);
    uint _e100 = levels.inner[both1_ & 255u];
    uint _e107 = levels.inner[(both1_ >> 8u) & 255u];
    uint first1_ = _e100 | (_e107 << 8u);
    uint _e117 = levels.inner[(both1_ >> 16u) & 255u];
    uint _e122 = levels.inner[both1_ >> 24u];
    uint second1_ = _e117 | (_e122 << 8u);
    uint k1_ = (first1_ & 65535u) | (second1_ << 16u);
    uint _e135 = levels.inner[both2_ & 255u];
    uint _e142 = levels.inner[(both2_ >> 8u) & 255u];
    uint first2_ = _e135 | (_e142 << 8u);
    uint _e152 = levels.inner[(both2_ >> 16u) & 255u];
    uint _e157 = levels.inner[both2_ >> 24u];
    uint second2_ = _e152 | (_e157 << 8u);
    uint k2_ = (first2_ & 65535u) | (second2_ << 16u);
    uint _e170 = levels.inner[both3_ & 255u];
    uint _e177 = levels.inner[(both3_ >> 8u) & 255u];
    uint first3_ = _e170 | (_e177 << 8u);
    uint _e187 = levels.inner[(both3_ >> 16u) & 255u];
    uint _e192 = levels.inner[both3_ >> 24u];
    uint second3_ = _e187 | (_e192 << 8u);
    uint k3_ = (first3_ & 65535u) | (second3_ << 16u);
    uint k4_ = (first0_ >> 16u) | (second0_ & 4294901760u);
    uint k5_ = (first1_ >> 16u) | (second1_ & 4294901760u);
    uint k6_ = (first2_ >> 16u) | (second2_ & 4294901760u);
    uint k7_ = (first3_ >> 16u) | (second3_ & 4294901760u);
    uint _e231 = words[(s_at + (((panel * blocks) + b) * 4u)) + (r / 4u)];
    uint exponent = (_e231 >> (8u * (r % 4u))) & 255u;
    float scale = as_type<float>((exponent < 2u) ? (1u << (21u + (exponent % 2u))) : ((exponent - 1u) << 23u));
    {
        metal::float4 code_1 = static_cast<metal::float4>(int4(as_type<packed_char4>(k0_))) - metal::float4(0.0);
        v = scale * code_1;
        bool loop_init_1 = true;
        while(true) {
            if (!loop_init_1) {
                uint _e275 = i;
                i = _e275 + 1u;
            }
            loop_init_1 = false;
            uint _e262 = i;
            if (_e262 < 4u) {
            } else {
                break;
            }
            {
                uint _e269 = i;
                uint _e271 = i;
                float _e273 = v[_e271];
                put(row_1, ((b * 32u) + 0u) + _e269, _e273, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_2 = static_cast<metal::float4>(int4(as_type<packed_char4>(k1_))) - metal::float4(0.0);
        v_1 = scale * code_2;
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e299 = i_1;
                i_1 = _e299 + 1u;
            }
            loop_init_2 = false;
            uint _e286 = i_1;
            if (_e286 < 4u) {
            } else {
                break;
            }
            {
                uint _e293 = i_1;
                uint _e295 = i_1;
                float _e297 = v_1[_e295];
                put(row_1, ((b * 32u) + 4u) + _e293, _e297, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_3 = static_cast<metal::float4>(int4(as_type<packed_char4>(k2_))) - metal::float4(0.0);
        v_2 = scale * code_3;
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e323 = i_2;
                i_2 = _e323 + 1u;
            }
            loop_init_3 = false;
            uint _e310 = i_2;
            if (_e310 < 4u) {
            } else {
                break;
            }
            {
                uint _e317 = i_2;
                uint _e319 = i_2;
                float _e321 = v_2[_e319];
                put(row_1, ((b * 32u) + 8u) + _e317, _e321, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_4 = static_cast<metal::float4>(int4(as_type<packed_char4>(k3_))) - metal::float4(0.0);
        v_3 = scale * code_4;
        bool loop_init_4 = true;
        while(true) {
            if (!loop_init_4) {
                uint _e347 = i_3;
                i_3 = _e347 + 1u;
            }
            loop_init_4 = false;
            uint _e334 = i_3;
            if (_e334 < 4u) {
            } else {
                break;
            }
            {
                uint _e341 = i_3;
                uint _e343 = i_3;
                float _e345 = v_3[_e343];
                put(row_1, ((b * 32u) + 12u) + _e341, _e345, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_5 = static_cast<metal::float4>(int4(as_type<packed_char4>(k4_))) - metal::float4(0.0);
        v_4 = scale * code_5;
        bool loop_init_5 = true;
        while(true) {
            if (!loop_init_5) {
                uint _e371 = i_4;
                i_4 = _e371 + 1u;
            }
            loop_init_5 = false;
            uint _e358 = i_4;
            if (_e358 < 4u) {
            } else {
                break;
            }
            {
                uint _e365 = i_4;
                uint _e367 = i_4;
                float _e369 = v_4[_e367];
                put(row_1, ((b * 32u) + 16u) + _e365, _e369, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_6 = static_cast<metal::float4>(int4(as_type<packed_char4>(k5_))) - metal::float4(0.0);
        v_5 = scale * code_6;
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e395 = i_5;
                i_5 = _e395 + 1u;
            }
            loop_init_6 = false;
            uint _e382 = i_5;
            if (_e382 < 4u) {
            } else {
                break;
            }
            {
                uint _e389 = i_5;
                uint _e391 = i_5;
                float _e393 = v_5[_e391];
                put(row_1, ((b * 32u) + 20u) + _e389, _e393, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_7 = static_cast<metal::float4>(int4(as_type<packed_char4>(k6_))) - metal::float4(0.0);
        v_6 = scale * code_7;
        bool loop_init_7 = true;
        while(true) {
            if (!loop_init_7) {
                uint _e419 = i_6;
                i_6 = _e419 + 1u;
            }
            loop_init_7 = false;
            uint _e406 = i_6;
            if (_e406 < 4u) {
            } else {
                break;
            }
            {
                uint _e413 = i_6;
                uint _e415 = i_6;
                float _e417 = v_6[_e415];
                put(row_1, ((b * 32u) + 24u) + _e413, _e417, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_8 = static_cast<metal::float4>(int4(as_type<packed_char4>(k7_))) - metal::float4(0.0);
        v_7 = scale * code_8;
        bool loop_init_8 = true;
        while(true) {
            if (!loop_init_8) {
                uint _e443 = i_7;
                i_7 = _e443 + 1u;
            }
            loop_init_8 = false;
            uint _e430 = i_7;
            if (_e430 < 4u) {
            } else {
                break;
            }
            {
                uint _e437 = i_7;
                uint _e439 = i_7;
                float _e441 = v_7[_e439];
                put(row_1, ((b * 32u) + 28u) + _e437, _e441, ys, p, _buffer_sizes);
            }
        }
        return;
    }
}
