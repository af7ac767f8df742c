// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
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
    uint i_1,
    float value,
    device type_1& ys,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.cols;
    if (i_1 < _e5) {
        uint _e9 = p.y;
        uint _e12 = p.cols;
        uint at = (_e9 + (row * _e12)) + i_1;
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
, constant P& p [[buffer(3)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(4)]]
) {
    bool local = {};
    uint g = 0u;
    uint i = {};
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
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e100 = g;
            g = _e100 + 1u;
        }
        loop_init = false;
        uint _e50 = g;
        if (_e50 < 8u) {
        } else {
            break;
        }
        {
            uint _e58 = g;
            metal::uint4 packed = w[(w_at + (((((panel * blocks) + b) * 4u) + (_e58 / 2u)) * 16u)) + r];
            uint _e70 = g;
            metal::uint2 pair = ((_e70 % 2u) == 1u) ? packed.zw : packed.xy;
            metal::float4 v = metal::float4(float2(as_type<half2>(pair.x)), float2(as_type<half2>(pair.y)));
            i = 0u;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e97 = i;
                    i = _e97 + 1u;
                }
                loop_init_1 = false;
                uint _e83 = i;
                if (_e83 < 4u) {
                } else {
                    break;
                }
                {
                    uint _e88 = g;
                    uint _e92 = i;
                    uint _e94 = i;
                    put(row_1, ((b * 32u) + (_e88 * 4u)) + _e92, v[_e94], ys, p, _buffer_sizes);
                }
            }
        }
    }
    return;
}
