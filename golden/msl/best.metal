// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
};

typedef float type_1[1];
typedef metal::uint2 type_4[1];
struct P {
    uint x;
    uint width;
    uint kept;
    uint silent;
    uint silent_end;
};
struct type_5 {
    metal::uint2 inner[1024];
};

bool is_before(
    metal::uint2 a,
    metal::uint2 b
) {
    bool local_1 = {};
    bool local_2 = {};
    if (!((a.x > b.x))) {
        if (a.x == b.x) {
            local_2 = a.y < b.y;
        } else {
            local_2 = false;
        }
        bool _e17 = local_2;
        local_1 = _e17;
    } else {
        local_1 = true;
    }
    bool _e19 = local_1;
    return _e19;
}

uint ordered(
    float value
) {
    uint bits = as_type<uint>(value);
    if ((bits & 2147483647u) > 2139095040u) {
        return 4294967295u;
    }
    if ((bits << 1u) == 0u) {
        return 2147483648u;
    }
    return ((bits >> 31u) == 0u) ? (bits | 2147483648u) : ~(bits);
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(256)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, metal::uint3 groups [[threadgroups_per_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_4& to_pairs [[buffer(1)]]
, constant P& p [[buffer(2)]]
, threadgroup type_5& keys
, constant _mslBufferSizes& _buffer_sizes [[buffer(3)]]
) {
    uint i = {};
    metal::uint2 pair = {};
    bool local = {};
    uint apart = 512u;
    uint i_1 = {};
    uint i_2 = {};
    i = lid;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e53 = i;
            i = _e53 + 256u;
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
                uint _e23 = p.x;
                uint _e27 = p.width;
                float _e32 = xs[(_e23 + (group.y * _e27)) + at];
                uint _e35 = p.silent;
                if (at >= _e35) {
                    uint _e41 = p.silent_end;
                    local = at < _e41;
                } else {
                    local = false;
                }
                bool _e44 = local;
                float value_1 = _e44 ? -340282350000000000000000000000000000000.0 : _e32;
                uint _e47 = ordered(value_1);
                pair = metal::uint2(_e47, at);
            }
            uint _e50 = i;
            metal::uint2 _e52 = pair;
            keys.inner[_e50] = _e52;
        }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint _e63 = p.kept;
    uint to = ((group.y * groups.x) + group.x) * _e63;
    bool loop_init_1 = true;
    while(true) {
        if (!loop_init_1) {
            uint _e97 = apart;
            apart = _e97 / 2u;
        }
        loop_init_1 = false;
        uint _e67 = apart;
        if (_e67 > 0u) {
        } else {
            break;
        }
        {
            i_1 = lid;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e94 = i_1;
                    i_1 = _e94 + 256u;
                }
                loop_init_2 = false;
                uint _e71 = i_1;
                uint _e72 = apart;
                if (_e71 < _e72) {
                } else {
                    break;
                }
                {
                    uint _e75 = i_1;
                    uint _e76 = apart;
                    metal::uint2 _e79 = keys.inner[_e75 + _e76];
                    uint _e81 = i_1;
                    metal::uint2 _e83 = keys.inner[_e81];
                    bool _e84 = is_before(_e79, _e83);
                    if (_e84) {
                        uint _e86 = i_1;
                        uint _e89 = i_1;
                        uint _e90 = apart;
                        metal::uint2 _e93 = keys.inner[_e89 + _e90];
                        keys.inner[_e86] = _e93;
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
            uint _e114 = i_2;
            i_2 = _e114 + 256u;
        }
        loop_init_3 = false;
        uint _e101 = i_2;
        uint _e104 = p.kept;
        if (_e101 < _e104) {
        } else {
            break;
        }
        {
            uint _e107 = i_2;
            uint _e111 = i_2;
            metal::uint2 _e113 = keys.inner[_e111];
            to_pairs[to + _e107] = _e113;
        }
    }
    return;
}
