// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint x;
    uint heads;
    uint head_dim;
    uint pairs;
    uint angles;
    uint neox;
};

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1& xs [[buffer(0)]]
, device type_3 const& lists [[buffer(1)]]
, constant P& p [[buffer(2)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(3)]]
) {
    uint i = (group.x * 64u) + lid;
    uint _e8 = p.heads;
    uint _e11 = p.pairs;
    if (i >= (_e8 * _e11)) {
        return;
    }
    uint _e16 = p.pairs;
    uint head = i / _e16;
    uint _e20 = p.pairs;
    uint pair = i % _e20;
    uint _e24 = p.angles;
    uint _e28 = p.pairs;
    uint angle = _e24 + (((group.y * _e28) + pair) * 2u);
    uint _e36 = lists[angle];
    float c = as_type<float>(_e36);
    uint _e42 = lists[angle + 1u];
    float s = as_type<float>(_e42);
    uint _e46 = p.x;
    uint _e50 = p.heads;
    uint _e55 = p.head_dim;
    uint at = _e46 + (((group.y * _e50) + head) * _e55);
    uint _e62 = p.neox;
    uint ia = at + ((_e62 != 0u) ? pair : (2u * pair));
    uint _e71 = p.pairs;
    uint _e75 = p.neox;
    uint ib = (_e75 != 0u) ? (ia + _e71) : (ia + 1u);
    float a = xs[ia];
    float b = xs[ib];
    xs[ia] = metal::fma(a, c, -((b * s)));
    xs[ib] = metal::fma(a, s, b * c);
    return;
}
