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
    uint i = (group.x * 256u) + lid;
    uint _e8 = p.width;
    if (i >= _e8) {
        return;
    }
    uint pair = group.y;
    uint _e14 = p.y;
    uint _e17 = p.width;
    uint _e25 = p.x;
    uint _e28 = p.used;
    uint _e32 = p.width;
    float _e37 = xs[(_e25 + ((pair / _e28) * _e32)) + i];
    uint _e41 = routes[pair].y;
    ys[(_e14 + (pair * _e17)) + i] = _e37 * as_type<float>(_e41);
    return;
}
