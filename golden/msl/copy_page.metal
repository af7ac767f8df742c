// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
};

typedef uint type_1[1];
struct P {
    uint list;
    uint key_words;
    uint value_words;
};

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& keys [[buffer(0)]]
, device type_1& values [[buffer(1)]]
, device type_1 const& lists [[buffer(2)]]
, constant P& p [[buffer(3)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(4)]]
) {
    uint i = (group.x * 64u) + lid;
    uint _e8 = p.list;
    uint entry = _e8 + (group.y * 3u);
    uint _e17 = lists[entry + 2u];
    uint _e20 = p.key_words;
    if (i < (_e17 * _e20)) {
        uint _e28 = lists[entry + 1u];
        uint _e31 = p.key_words;
        uint _e38 = lists[entry];
        uint _e41 = p.key_words;
        uint _e45 = keys[(_e38 * _e41) + i];
        keys[(_e28 * _e31) + i] = _e45;
    }
    uint _e50 = lists[entry + 2u];
    uint _e53 = p.value_words;
    if (i < (_e50 * _e53)) {
        uint _e61 = lists[entry + 1u];
        uint _e64 = p.value_words;
        uint _e71 = lists[entry];
        uint _e74 = p.value_words;
        uint _e78 = values[(_e71 * _e74) + i];
        values[(_e61 * _e64) + i] = _e78;
        return;
    } else {
        return;
    }
}
