// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
};

typedef uint type_1[1];
struct P {
    uint source;
    uint destination;
    uint words;
};

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, metal::uint3 groups [[threadgroups_per_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& states [[buffer(0)]]
, constant P& p [[buffer(1)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(2)]]
) {
    uint i = {};
    i = (group.x * 256u) + lid;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e28 = i;
            i = _e28 + (groups.x * 256u);
        }
        loop_init = false;
        uint _e8 = i;
        uint _e11 = p.words;
        if (_e8 < _e11) {
        } else {
            break;
        }
        {
            uint _e16 = p.destination;
            uint _e17 = i;
            uint _e23 = p.source;
            uint _e24 = i;
            uint _e27 = states[_e23 + _e24];
            states[_e16 + _e17] = _e27;
        }
    }
    return;
}
