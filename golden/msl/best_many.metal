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
    uint run = 2u;
    uint apart = {};
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
            uint _e116 = run;
            run = _e116 * 2u;
        }
        loop_init_1 = false;
        uint _e67 = run;
        if (_e67 <= 1024u) {
        } else {
            break;
        }
        {
            uint _e70 = run;
            apart = _e70 / 2u;
            bool loop_init_2 = true;
            while(true) {
                if (!loop_init_2) {
                    uint _e113 = apart;
                    apart = _e113 / 2u;
                }
                loop_init_2 = false;
                uint _e74 = apart;
                if (_e74 > 0u) {
                } else {
                    break;
                }
                {
                    i_1 = lid;
                    bool loop_init_3 = true;
                    while(true) {
                        if (!loop_init_3) {
                            uint _e110 = i_1;
                            i_1 = _e110 + 256u;
                        }
                        loop_init_3 = false;
                        uint _e78 = i_1;
                        if (_e78 < 512u) {
                        } else {
                            break;
                        }
                        {
                            uint _e81 = i_1;
                            uint _e82 = apart;
                            uint _e84 = apart;
                            uint _e88 = i_1;
                            uint _e89 = apart;
                            uint low = (((_e81 / _e82) * _e84) * 2u) + (_e88 % _e89);
                            uint _e92 = apart;
                            uint high = low + _e92;
                            metal::uint2 a_1 = keys.inner[low];
                            metal::uint2 b_1 = keys.inner[high];
                            bool _e100 = is_before(b_1, a_1);
                            uint _e101 = run;
                            if (_e100 == ((low & _e101) == 0u)) {
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
            uint _e133 = i_2;
            i_2 = _e133 + 256u;
        }
        loop_init_4 = false;
        uint _e120 = i_2;
        uint _e123 = p.kept;
        if (_e120 < _e123) {
        } else {
            break;
        }
        {
            uint _e126 = i_2;
            uint _e130 = i_2;
            metal::uint2 _e132 = keys.inner[_e130];
            to_pairs[to + _e126] = _e132;
        }
    }
    return;
}
