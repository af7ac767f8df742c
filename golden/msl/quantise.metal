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
typedef metal::uint2 type_5[1];
struct P {
    uint x;
    uint width;
};
struct type_6 {
    uint inner[64];
};
struct type_8 {
    int inner[64];
};

metal::int4 naga_f2i32(metal::float4 value) {
    return static_cast<metal::int4>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

void quantise4_(
    metal::float4 v,
    uint lid_1,
    uint word,
    bool live,
    device type_3& qa,
    device type_5& qs,
    threadgroup type_6& q_max,
    threadgroup type_8& q_sum,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint amax = 0u;
    uint i = 0u;
    bool local = {};
    uint scale = {};
    metal::uint4 bits = as_type<metal::uint4>(v) & metal::uint4(2147483647u);
    q_max.inner[lid_1] = metal::max(metal::max(bits.x, bits.y), metal::max(bits.z, bits.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint first = (lid_1 / 8u) * 8u;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e36 = i;
            i = _e36 + 1u;
        }
        loop_init = false;
        uint _e25 = i;
        if (_e25 < 8u) {
        } else {
            break;
        }
        {
            uint _e28 = amax;
            uint _e30 = i;
            uint _e33 = q_max.inner[first + _e30];
            amax = metal::max(_e28, _e33);
        }
    }
    uint _e38 = amax;
    float largest = as_type<float>(_e38);
    uint _e40 = amax;
    bool poisoned = _e40 >= 2139095040u;
    if (!(poisoned)) {
        local = largest < 0.00000000000000000000000000000000000037323;
    } else {
        local = true;
    }
    bool zero = local;
    float inverse = zero ? 0.0 : (127.0 / largest);
    metal::int4 q = zero ? metal::int4(0) : naga_f2i32(metal::rint(v * inverse));
    q_sum.inner[lid_1] = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(q.x) + as_type<uint>(q.y))) + as_type<uint>(q.z))) + as_type<uint>(q.w));
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (live) {
        qa[word] = as_type<uint>(packed_char4(q));
        if (lid_1 == first) {
            int _e75 = q_sum.inner[lid_1];
            int _e80 = q_sum.inner[lid_1 + 1u];
            int _e86 = q_sum.inner[lid_1 + 2u];
            int _e92 = q_sum.inner[lid_1 + 3u];
            int low = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e75) + as_type<uint>(_e80))) + as_type<uint>(_e86))) + as_type<uint>(_e92));
            int _e98 = q_sum.inner[lid_1 + 4u];
            int _e103 = q_sum.inner[lid_1 + 5u];
            int _e109 = q_sum.inner[lid_1 + 6u];
            int _e115 = q_sum.inner[lid_1 + 7u];
            int high = as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(as_type<int>(as_type<uint>(_e98) + as_type<uint>(_e103))) + as_type<uint>(_e109))) + as_type<uint>(_e115));
            scale = zero ? 0u : as_type<uint>(largest / 127.0);
            uint _e123 = scale;
            uint _e124 = amax;
            scale = poisoned ? (_e124 | 2143289344u) : _e123;
            uint _e132 = scale;
            qs[word / 8u] = metal::uint2(_e132, (static_cast<uint>(low) & 65535u) | (static_cast<uint>(high) << 16u));
            return;
        } else {
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
, device type_1 const& xs [[buffer(0)]]
, device type_3& qa [[buffer(1)]]
, device type_5& qs [[buffer(2)]]
, constant P& p [[buffer(3)]]
, threadgroup type_6& q_max
, threadgroup type_8& q_sum
, constant _mslBufferSizes& _buffer_sizes [[buffer(4)]]
) {
    uint i_1 = ((group.x * 64u) + lid) * 4u;
    uint _e10 = p.width;
    bool live_1 = i_1 < _e10;
    uint _e14 = p.x;
    uint _e18 = p.width;
    uint at = (_e14 + (group.y * _e18)) + (live_1 ? i_1 : 0u);
    float _e26 = xs[at];
    float _e31 = xs[at + 1u];
    float _e36 = xs[at + 2u];
    float _e41 = xs[at + 3u];
    uint _e46 = p.width;
    quantise4_(metal::float4(_e26, _e31, _e36, _e41), lid, ((group.y * _e46) + i_1) / 4u, live_1, qa, qs, q_max, q_sum, _buffer_sizes);
    return;
}
