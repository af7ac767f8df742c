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
    uint n0_ = nibbles.x & 252645135u;
    uint n1_ = nibbles.y & 252645135u;
    uint n2_ = nibbles.z & 252645135u;
    uint n3_ = nibbles.w & 252645135u;
    uint n4_ = (nibbles.x >> 4u) & 252645135u;
    uint n5_ = (nibbles.y >> 4u) & 252645135u;
    uint n6_ = (nibbles.z >> 4u) & 252645135u;
    uint n7_ = (nibbles.w >> 4u) & 252645135u;
    uint pairs0_ = words[(x_at + (((panel * blocks) + b) * 32u)) + r];
    uint pairs1_ = words[((x_at + (((panel * blocks) + b) * 32u)) + 16u) + r];
    uint t0_ = (pairs0_ >> 0u) & 50529027u;
    uint t1_ = (pairs0_ >> 2u) & 50529027u;
    uint t2_ = (pairs0_ >> 4u) & 50529027u;
    uint t3_ = (pairs0_ >> 6u) & 50529027u;
    uint t4_ = (pairs1_ >> 0u) & 50529027u;
    uint t5_ = (pairs1_ >> 2u) & 50529027u;
    uint t6_ = (pairs1_ >> 4u) & 50529027u;
    uint t7_ = (pairs1_ >> 6u) & 50529027u;
    uint k0_ = n0_ | (t0_ << 4u);
    uint k1_ = n1_ | (t1_ << 4u);
    uint k2_ = n2_ | (t2_ << 4u);
    uint k3_ = n3_ | (t3_ << 4u);
    uint k4_ = n4_ | (t4_ << 4u);
    uint k5_ = n5_ | (t5_ << 4u);
    uint k6_ = n6_ | (t6_ << 4u);
    uint k7_ = n7_ | (t7_ << 4u);
    uint super_at = (s_at + (((panel * (blocks / 8u)) + (b / 8u)) * 80u)) + r;
    uint _e177 = words[super_at];
    float scale_of_all = as_type<float>(_e177);
    uint _e190 = words[super_at + ((1u + ((b % 8u) / 2u)) * 16u)];
    metal::int4 subs = int4(as_type<packed_char4>(_e190 >> (16u * (b % 2u))));
    float scale0_ = scale_of_all * static_cast<float>(subs.x);
    float scale1_ = scale_of_all * static_cast<float>(subs.y);
    {
        metal::float4 code = static_cast<metal::float4>(int4(as_type<packed_char4>(k0_))) - metal::float4(32.0);
        v = scale0_ * code;
        bool loop_init = true;
        while(true) {
            if (!loop_init) {
                uint _e225 = i;
                i = _e225 + 1u;
            }
            loop_init = false;
            uint _e212 = i;
            if (_e212 < 4u) {
            } else {
                break;
            }
            {
                uint _e219 = i;
                uint _e221 = i;
                float _e223 = v[_e221];
                put(row_1, ((b * 32u) + 0u) + _e219, _e223, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_1 = static_cast<metal::float4>(int4(as_type<packed_char4>(k1_))) - metal::float4(32.0);
        v_1 = scale0_ * code_1;
        bool loop_init_1 = true;
        while(true) {
            if (!loop_init_1) {
                uint _e249 = i_1;
                i_1 = _e249 + 1u;
            }
            loop_init_1 = false;
            uint _e236 = i_1;
            if (_e236 < 4u) {
            } else {
                break;
            }
            {
                uint _e243 = i_1;
                uint _e245 = i_1;
                float _e247 = v_1[_e245];
                put(row_1, ((b * 32u) + 4u) + _e243, _e247, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_2 = static_cast<metal::float4>(int4(as_type<packed_char4>(k2_))) - metal::float4(32.0);
        v_2 = scale0_ * code_2;
        bool loop_init_2 = true;
        while(true) {
            if (!loop_init_2) {
                uint _e273 = i_2;
                i_2 = _e273 + 1u;
            }
            loop_init_2 = false;
            uint _e260 = i_2;
            if (_e260 < 4u) {
            } else {
                break;
            }
            {
                uint _e267 = i_2;
                uint _e269 = i_2;
                float _e271 = v_2[_e269];
                put(row_1, ((b * 32u) + 8u) + _e267, _e271, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_3 = static_cast<metal::float4>(int4(as_type<packed_char4>(k3_))) - metal::float4(32.0);
        v_3 = scale0_ * code_3;
        bool loop_init_3 = true;
        while(true) {
            if (!loop_init_3) {
                uint _e297 = i_3;
                i_3 = _e297 + 1u;
            }
            loop_init_3 = false;
            uint _e284 = i_3;
            if (_e284 < 4u) {
            } else {
                break;
            }
            {
                uint _e291 = i_3;
                uint _e293 = i_3;
                float _e295 = v_3[_e293];
                put(row_1, ((b * 32u) + 12u) + _e291, _e295, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_4 = static_cast<metal::float4>(int4(as_type<packed_char4>(k4_))) - metal::float4(32.0);
        v_4 = scale1_ * code_4;
        bool loop_init_4 = true;
        while(true) {
            if (!loop_init_4) {
                uint _e321 = i_4;
                i_4 = _e321 + 1u;
            }
            loop_init_4 = false;
            uint _e308 = i_4;
            if (_e308 < 4u) {
            } else {
                break;
            }
            {
                uint _e315 = i_4;
                uint _e317 = i_4;
                float _e319 = v_4[_e317];
                put(row_1, ((b * 32u) + 16u) + _e315, _e319, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_5 = static_cast<metal::float4>(int4(as_type<packed_char4>(k5_))) - metal::float4(32.0);
        v_5 = scale1_ * code_5;
        bool loop_init_5 = true;
        while(true) {
            if (!loop_init_5) {
                uint _e345 = i_5;
                i_5 = _e345 + 1u;
            }
            loop_init_5 = false;
            uint _e332 = i_5;
            if (_e332 < 4u) {
            } else {
                break;
            }
            {
                uint _e339 = i_5;
                uint _e341 = i_5;
                float _e343 = v_5[_e341];
                put(row_1, ((b * 32u) + 20u) + _e339, _e343, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_6 = static_cast<metal::float4>(int4(as_type<packed_char4>(k6_))) - metal::float4(32.0);
        v_6 = scale1_ * code_6;
        bool loop_init_6 = true;
        while(true) {
            if (!loop_init_6) {
                uint _e369 = i_6;
                i_6 = _e369 + 1u;
            }
            loop_init_6 = false;
            uint _e356 = i_6;
            if (_e356 < 4u) {
            } else {
                break;
            }
            {
                uint _e363 = i_6;
                uint _e365 = i_6;
                float _e367 = v_6[_e365];
                put(row_1, ((b * 32u) + 24u) + _e363, _e367, ys, p, _buffer_sizes);
            }
        }
    }
    {
        metal::float4 code_7 = static_cast<metal::float4>(int4(as_type<packed_char4>(k7_))) - metal::float4(32.0);
        v_7 = scale1_ * code_7;
        bool loop_init_7 = true;
        while(true) {
            if (!loop_init_7) {
                uint _e393 = i_7;
                i_7 = _e393 + 1u;
            }
            loop_init_7 = false;
            uint _e380 = i_7;
            if (_e380 < 4u) {
            } else {
                break;
            }
            {
                uint _e387 = i_7;
                uint _e389 = i_7;
                float _e391 = v_7[_e389];
                put(row_1, ((b * 32u) + 28u) + _e387, _e391, ys, p, _buffer_sizes);
            }
        }
        return;
    }
}
