// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
};

typedef float type_1[1];
struct P {
    uint x;
    uint x_width;
    uint x_first;
    uint x_stride;
    uint y;
    uint y_width;
    uint y_first;
    uint y_stride;
    uint heads;
    uint width;
    float scale;
};

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1& ys [[buffer(1)]]
, constant P& p [[buffer(2)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(3)]]
) {
    uint i = (group.x * 256u) + lid;
    uint _e8 = p.heads;
    uint _e11 = p.width;
    if (i >= (_e8 * _e11)) {
        return;
    }
    uint _e16 = p.width;
    uint head = i / _e16;
    uint _e20 = p.width;
    uint element = i % _e20;
    uint _e24 = p.x;
    uint _e28 = p.x_width;
    uint _e33 = p.x_first;
    uint _e37 = p.x_stride;
    uint from = (((_e24 + (group.y * _e28)) + _e33) + (head * _e37)) + element;
    uint _e44 = p.y;
    uint _e48 = p.y_width;
    uint _e53 = p.y_first;
    uint _e57 = p.y_stride;
    float _e64 = xs[from];
    float _e67 = p.scale;
    ys[(((_e44 + (group.y * _e48)) + _e53) + (head * _e57)) + element] = _e64 * _e67;
    return;
}
