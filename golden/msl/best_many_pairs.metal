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
    uint run = 2u;
    uint apart = {};
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
            uint _e96 = run;
            run = _e96 * 2u;
        }
        loop_init_1 = false;
        uint _e47 = run;
        if (_e47 <= 1024u) {
        } else {
            break;
        }
        {
            uint _e50 = run;
            apart = _e50 / 2u;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e93 = apart;
                    apart = _e93 / 2u;
                }
                loop_init_2 = false;
                uint _e54 = apart;
                if (_e54 > 0u) {
                } else {
                    break;
                }
                {
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e90 = i_1;
                            i_1 = _e90 + 256u;
                        }
                        loop_init_3 = false;
                        uint _e58 = i_1;
                        if (_e58 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e61 = i_1;
                            uint _e62 = apart;
                            uint _e64 = apart;
                            uint _e68 = i_1;
                            uint _e69 = apart;
                            uint low = (((_e61 / _e62) * _e64) * 2u) + (_e68 % _e69);
                            uint _e72 = apart;
                            uint high = low + _e72;
                            metal::uint2 a_1 = keys.inner[low];
                            metal::uint2 b_1 = keys.inner[high];
                            bool _e80 = is_before(b_1, a_1);
                            uint _e81 = run;
                            if (_e80 == ((low & _e81) == 0u)) {
                                keys.inner[low] = b_1;
                                keys.inner[high] = a_1;
                            }
                        }
                    }
                    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
                }
            }
        }
    }
    i_2 = lid;
    bool loop_init_4 = true;
    while(true) {
        if (!loop_init_4) {
            uint _e113 = i_2;
            i_2 = _e113 + 256u;
        }
        loop_init_4 = false;
        uint _e100 = i_2;
        uint _e103 = p.kept;
        if (_e100 < _e103) {
        } else {
            break;
        }
        {
            uint _e106 = i_2;
            uint _e110 = i_2;
            metal::uint2 _e112 = keys.inner[_e110];
            to_pairs[to + _e106] = _e112;
        }
    }
    return;
}
