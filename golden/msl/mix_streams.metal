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
struct P {
    uint base;
    uint weight;
    uint x;
    uint terms;
    uint y;
    uint streams;
    uint width;
    uint c;
    uint of_rows;
};
constant uint NONE = 4294967295u;

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& bs [[buffer(0)]]
, device type_1 const& xs [[buffer(1)]]
, device type_1 const& cs [[buffer(2)]]
, device type_1& ys [[buffer(3)]]
, device type_1 const& vectors [[buffer(4)]]
, constant P& p [[buffer(5)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(6)]]
) {
    float sum = 0.0;
    uint j = 0u;
    float c = {};
    bool local = {};
    uint i = (group.x * 256u) + lid;
    uint row = group.y;
    uint _e9 = p.streams;
    uint _e12 = p.width;
    if (i >= (_e9 * _e12)) {
        return;
    }
    uint _e17 = p.width;
    uint column = i % _e17;
    uint _e21 = p.width;
    uint _e25 = p.terms;
    uint first_c = (i / _e21) * _e25;
    uint _e31 = p.base;
    if (_e31 != NONE) {
        uint _e37 = p.base;
        uint _e40 = p.streams;
        uint _e44 = p.width;
        float _e49 = bs[(_e37 + ((row * _e40) * _e44)) + i];
        sum = _e49;
    }
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e127 = j;
            j = _e127 + 1u;
        }
        loop_init = false;
        uint _e52 = j;
        uint _e55 = p.terms;
        if (_e52 < _e55) {
        } else {
            break;
        }
        {
            c = 0.0;
            uint _e61 = p.of_rows;
            if (_e61 != 0u) {
                uint _e67 = p.c;
                uint _e70 = p.streams;
                uint _e74 = p.terms;
                uint _e78 = j;
                float _e81 = cs[((_e67 + ((row * _e70) * _e74)) + first_c) + _e78];
                c = _e81;
            } else {
                uint _e85 = p.c;
                uint _e87 = j;
                float _e90 = vectors[(_e85 + first_c) + _e87];
                c = _e90;
            }
            uint _e94 = p.x;
            uint _e97 = p.terms;
            uint _e99 = j;
            uint _e103 = p.width;
            float x = xs[(_e94 + (((row * _e97) + _e99) * _e103)) + column];
            uint _e109 = j;
            if (_e109 == 0u) {
                uint _e116 = p.base;
                local = _e116 == NONE;
            } else {
                local = false;
            }
            bool _e120 = local;
            if (_e120) {
                float _e121 = c;
                sum = _e121 * x;
            } else {
                float _e123 = c;
                float _e124 = sum;
                sum = metal::fma(_e123, x, _e124);
            }
        }
    }
    uint _e131 = p.weight;
    if (_e131 != NONE) {
        float _e134 = sum;
        uint _e138 = p.weight;
        float _e141 = vectors[_e138 + column];
        sum = _e134 * _e141;
    }
    uint _e146 = p.y;
    uint _e149 = p.streams;
    uint _e153 = p.width;
    float _e158 = sum;
    ys[(_e146 + ((row * _e149) * _e153)) + i] = _e158;
    return;
}
