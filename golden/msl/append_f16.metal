// language: metal3.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size0;
    uint size1;
    uint size2;
    uint size3;
    uint size4;
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint k;
    uint v;
    uint kv_heads;
    uint head_dim;
    uint value_dim;
    uint slots;
};

uint head_words(
    uint head_dim
) {
    return (head_dim + 1u) / 2u;
}

float k_at(
    uint i,
    device type_1 const& xs,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e4 = p.k;
    float _e7 = xs[_e4 + i];
    return _e7;
}

float v_at(
    uint i_1,
    device type_1 const& us,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e4 = p.v;
    float _e7 = us[_e4 + i_1];
    return _e7;
}

uint k_word(
    uint from,
    uint w,
    uint dim,
    device type_1 const& xs,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint i_2 = from + (2u * w);
    bool second = ((2u * w) + 1u) < dim;
    float _e11 = k_at(i_2, xs, p, _buffer_sizes);
    float _e15 = k_at(second ? (i_2 + 1u) : i_2, xs, p, _buffer_sizes);
    return as_type<uint>(half2(metal::float2(_e11, second ? _e15 : 0.0)));
}

uint v_word(
    uint from_1,
    uint w_1,
    uint dim_1,
    device type_1 const& us,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint i_3 = from_1 + (2u * w_1);
    bool second_1 = ((2u * w_1) + 1u) < dim_1;
    float _e11 = v_at(i_3, us, p, _buffer_sizes);
    float _e15 = v_at(second_1 ? (i_3 + 1u) : i_3, us, p, _buffer_sizes);
    return as_type<uint>(half2(metal::float2(_e11, second_1 ? _e15 : 0.0)));
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& us [[buffer(1)]]
, device type_3& keys [[buffer(2)]]
, device type_3& values [[buffer(3)]]
, device type_3 const& lists [[buffer(4)]]
, constant P& p [[buffer(5)]]
, constant _mslBufferSizes& _buffer_sizes [[buffer(6)]]
) {
    uint _e4 = p.head_dim;
    uint _e5 = head_words(_e4);
    uint _e9 = p.value_dim;
    uint _e10 = head_words(_e9);
    uint _e13 = p.value_dim;
    uint value_words = (_e13 > 0u) ? _e10 : 0u;
    uint i_4 = (group.x * 64u) + lid;
    uint _e24 = p.slots;
    uint slot = lists[_e24 + group.y];
    uint _e31 = p.kv_heads;
    if (i_4 < (_e31 * _e5)) {
        uint _e37 = p.kv_heads;
        uint _e43 = p.head_dim;
        uint from_2 = ((group.y * _e37) + (i_4 / _e5)) * _e43;
        uint _e48 = p.kv_heads;
        uint _e56 = p.head_dim;
        uint _e57 = k_word(from_2, i_4 % _e5, _e56, xs, p, _buffer_sizes);
        keys[((slot * _e48) * _e5) + i_4] = _e57;
        return;
    }
    uint _e60 = p.kv_heads;
    uint j = i_4 - (_e60 * _e5);
    uint _e65 = p.kv_heads;
    if (j < (_e65 * value_words)) {
        uint _e71 = p.kv_heads;
        uint _e77 = p.value_dim;
        uint from_3 = ((group.y * _e71) + (j / value_words)) * _e77;
        uint _e82 = p.kv_heads;
        uint _e90 = p.value_dim;
        uint _e91 = v_word(from_3, j % value_words, _e90, us, p, _buffer_sizes);
        values[((slot * _e82) * value_words) + j] = _e91;
        return;
    } else {
        return;
    }
}
