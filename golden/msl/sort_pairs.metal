// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
};

typedef metal::uint2 type_2[1];
typedef uint type_3[1];
struct P {
    uint count;
    uint experts;
    uint cols;
    uint pairs;
};
struct type_5 {
    metal::atomic_uint inner[1024];
};
struct type_6 {
    metal::uint2 inner[256];
};

uint tiles_of(
    uint pairs,
    constant P& p
) {
    uint _e3 = p.cols;
    uint _e9 = p.cols;
    return ((pairs + _e3) - 1u) / _e9;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  uint lid [[thread_index_in_threadgroup]]
, device type_2 const& routes [[buffer(0)]]
, device type_3& sorted [[buffer(1)]]
, constant P& p [[buffer(2)]]
, threadgroup type_5& places
, threadgroup type_6& totals
, constant _mslBufferSizes& _buffer_sizes [[buffer(3)]]
) {
    uint e = {};
    uint i = {};
    metal::uint2 total = metal::uint2(0u);
    uint e_1 = {};
    uint step = 1u;
    metal::uint2 before = {};
    metal::uint2 at = {};
    uint e_2 = {};
    uint from = {};
    uint i_1 = {};
    e = lid;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e11 = e;
            e = _e11 + 256u;
        }
        loop_init = false;
        uint _e2 = e;
        uint _e5 = p.experts;
        if (_e2 < _e5) {
        } else {
            break;
        }
        {
            uint _e8 = e;
            metal::atomic_store_explicit(&places.inner[_e8], 0u, metal::memory_order_relaxed);
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    i = lid;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e29 = i;
            i = _e29 + 256u;
        }
        loop_init_1 = false;
        uint _e15 = i;
        uint _e18 = p.count;
        if (_e15 < _e18) {
        } else {
            break;
        }
        {
            uint _e22 = i;
            uint _e25 = routes[_e22].x;
            uint _e28 = metal::atomic_fetch_add_explicit(&places.inner[_e25], 1u, metal::memory_order_relaxed);
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint _e34 = p.experts;
    uint each = ((_e34 + 256u) - 1u) / 256u;
    uint _e44 = p.experts;
    uint first = metal::min(lid * each, _e44);
    uint _e49 = p.experts;
    uint end = metal::min(first + each, _e49);
    e_1 = first;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e66 = e_1;
            e_1 = _e66 + 1u;
        }
        loop_init_2 = false;
        uint _e55 = e_1;
        if (_e55 < end) {
        } else {
            break;
        }
        {
            uint _e58 = e_1;
            uint pairs_1 = metal::atomic_load_explicit(&places.inner[_e58], metal::memory_order_relaxed);
            metal::uint2 _e61 = total;
            uint _e62 = tiles_of(pairs_1, p);
            total = _e61 + metal::uint2(pairs_1, _e62);
        }
    }
    metal::uint2 _e70 = total;
    totals.inner[lid] = _e70;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e91 = step;
            step = _e91 * 2u;
        }
        loop_init_3 = false;
        uint _e73 = step;
        if (_e73 < 256u) {
        } else {
            break;
        }
        {
            before = metal::uint2(0u);
            uint _e79 = step;
            if (lid >= _e79) {
                uint _e82 = step;
                metal::uint2 _e85 = totals.inner[lid - _e82];
                before = _e85;
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            metal::uint2 _e88 = totals.inner[lid];
            metal::uint2 _e89 = before;
            totals.inner[lid] = _e88 + _e89;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    metal::uint2 _e96 = totals.inner[lid];
    metal::uint2 _e97 = total;
    at = _e96 - _e97;
    if (lid == 255u) {
        uint _e107 = totals.inner[lid].y;
        sorted[0] = _e107;
    }
    e_2 = first;
    bool loop_init_4 = true;
    while(true) {
        if (!loop_init_4) {
            uint _e168 = e_2;
            e_2 = _e168 + 1u;
        }
        loop_init_4 = false;
        uint _e109 = e_2;
        if (_e109 < end) {
        } else {
            break;
        }
        {
            uint _e112 = e_2;
            uint pairs_2 = metal::atomic_load_explicit(&places.inner[_e112], metal::memory_order_relaxed);
            uint _e116 = e_2;
            uint _e119 = at.x;
            metal::atomic_store_explicit(&places.inner[_e116], _e119, metal::memory_order_relaxed);
            from = 0u;
            bool loop_init_5 = true;
            while(true) {
                if (!loop_init_5) {
                    uint _e159 = from;
                    uint _e162 = p.cols;
                    from = _e159 + _e162;
                }
                loop_init_5 = false;
                uint _e122 = from;
                if (_e122 < pairs_2) {
                } else {
                    break;
                }
                {
                    uint _e127 = at.y;
                    uint tile = 1u + (3u * _e127);
                    uint _e132 = e_2;
                    sorted[tile] = _e132;
                    uint _e139 = p.pairs;
                    uint _e141 = at.x;
                    uint _e143 = from;
                    sorted[tile + 1u] = (_e139 + _e141) + _e143;
                    uint _e151 = p.cols;
                    uint _e152 = from;
                    sorted[tile + 2u] = metal::min(_e151, pairs_2 - _e152);
                    uint _e156 = at.y;
                    at.y = _e156 + 1u;
                }
            }
            uint _e165 = at.x;
            at.x = _e165 + pairs_2;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    i_1 = lid;
    bool loop_init_6 = true;
    while(true) {
        if (!loop_init_6) {
            uint _e192 = i_1;
            i_1 = _e192 + 256u;
        }
        loop_init_6 = false;
        uint _e171 = i_1;
        uint _e174 = p.count;
        if (_e171 < _e174) {
        } else {
            break;
        }
        {
            uint _e179 = p.pairs;
            uint _e182 = i_1;
            uint _e185 = routes[_e182].x;
            uint _e188 = metal::atomic_fetch_add_explicit(&places.inner[_e185], 1u, metal::memory_order_relaxed);
            uint _e191 = i_1;
            sorted[_e179 + _e188] = _e191;
        }
    }
    return;
}
