// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
};

typedef metal::uint2 type_2[1];
struct P {
    uint x;
    uint width;
    uint kept;
    uint silent;
    uint silent_end;
};
struct type_3 {
    metal::uint2 inner[1024];
};

bool is_before(
    metal::uint2 a,
    metal::uint2 b
) {
    bool local = {};
    bool local_1 = {};
    if (!((a.x > b.x))) {
        if (a.x == b.x) {
            local_1 = a.y < b.y;
        } else {
            local_1 = false;
        }
        bool _e17 = local_1;
        local = _e17;
    } else {
        local = true;
    }
    bool _e19 = local;
    return _e19;
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, metal::uint3 groups [[threadgroups_per_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_2 const& from_pairs [[buffer(0)]]
, device type_2& to_pairs [[buffer(1)]]
, constant P& p [[buffer(2)]]
, threadgroup type_3& keys
, constant _mslBufferSizes& _buffer_sizes [[buffer(3)]]
) {
    uint i = {};
    metal::uint2 pair = {};
    uint apart = 512u;
    uint i_1 = {};
    uint i_2 = {};
    i = lid;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e33 = i;
            i = _e33 + 256u;
        }
        loop_init = false;
        uint _e4 = i;
        if (_e4 < 1024u) {
        } else {
            break;
        }
        {
            uint _e10 = i;
            uint at = (group.x * 1024u) + _e10;
            pair = metal::uint2(0u, 4294967295u);
            uint _e18 = p.width;
            if (at < _e18) {
                uint _e24 = p.width;
                metal::uint2 _e28 = from_pairs[(group.y * _e24) + at];
                pair = _e28;
            }
            uint _e30 = i;
            metal::uint2 _e32 = pair;
            keys.inner[_e30] = _e32;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint _e43 = p.kept;
    uint to = ((group.y * groups.x) + group.x) * _e43;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e77 = apart;
            apart = _e77 / 2u;
        }
        loop_init_1 = false;
        uint _e47 = apart;
        if (_e47 > 0u) {
        } else {
            break;
        }
        {
            i_1 = lid;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e74 = i_1;
                    i_1 = _e74 + 256u;
                }
                loop_init_2 = false;
                uint _e51 = i_1;
                uint _e52 = apart;
                if (_e51 < _e52) {
                } else {
                    break;
                }
                {
                    uint _e55 = i_1;
                    uint _e56 = apart;
                    metal::uint2 _e59 = keys.inner[_e55 + _e56];
                    uint _e61 = i_1;
                    metal::uint2 _e63 = keys.inner[_e61];
                    bool _e64 = is_before(_e59, _e63);
                    if (_e64) {
                        uint _e66 = i_1;
                        uint _e69 = i_1;
                        uint _e70 = apart;
                        metal::uint2 _e73 = keys.inner[_e69 + _e70];
                        keys.inner[_e66] = _e73;
                    }
                }
            }
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
        }
    }
    i_2 = lid;
    bool loop_init_3 = true;
    while(true) {
        if (!loop_init_3) {
            uint _e94 = i_2;
            i_2 = _e94 + 256u;
        }
        loop_init_3 = false;
        uint _e81 = i_2;
        uint _e84 = p.kept;
        if (_e81 < _e84) {
        } else {
            break;
        }
        {
            uint _e87 = i_2;
            uint _e91 = i_2;
            metal::uint2 _e93 = keys.inner[_e91];
            to_pairs[to + _e87] = _e93;
        }
    }
    return;
}
