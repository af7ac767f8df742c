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
typedef metal::uint2 type_4[1];
struct P {
    uint x;
    uint y;
    uint width;
    uint used;
    uint is_weighed;
    float scale;
    uint add;
};

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, device type_4 const& routes [[buffer(2)]]
, constant P& p [[buffer(3)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(4)]]
) {
    float sum = 0.0;
    uint k = 0u;
    uint i = (group.x * 256u) + lid;
    uint _e8 = p.width;
    if (i >= _e8) {
        return;
    }
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e64 = k;
            k = _e64 + 1u;
        }
        loop_init = false;
        uint _e14 = k;
        uint _e17 = p.used;
        if (_e14 < _e17) {
        } else {
            break;
        }
        {
            uint _e22 = p.used;
            uint _e24 = k;
            uint pair = (group.y * _e22) + _e24;
            uint _e29 = p.x;
            uint _e32 = p.width;
            float y = xs[(_e29 + (pair * _e32)) + i];
            uint _e41 = routes[pair].y;
            float weight = as_type<float>(_e41);
            uint _e43 = k;
            if (_e43 == 0u) {
                uint _e49 = p.is_weighed;
                sum = (_e49 != 0u) ? (weight * y) : y;
            } else {
                float _e53 = sum;
                float _e55 = sum;
                uint _e59 = p.is_weighed;
                sum = (_e59 != 0u) ? metal::fma(weight, y, _e55) : (_e53 + y);
            }
        }
    }
    float _e66 = sum;
    float _e69 = p.scale;
    sum = _e66 * _e69;
    uint _e73 = p.y;
    uint _e77 = p.width;
    uint at = (_e73 + (group.y * _e77)) + i;
    uint _e83 = p.add;
    if (_e83 != 0u) {
        float _e88 = ys[at];
        float _e89 = sum;
        ys[at] = _e88 + _e89;
        return;
    } else {
        float _e93 = sum;
        ys[at] = _e93;
        return;
    }
}
