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
    uint size5;
    uint size6;
    uint size7;
    uint size8;
};

typedef float type_1[1];
typedef uint type_3[1];
struct P {
    uint x;
    uint b;
    uint c;
    uint d;
    uint g;
    uint y;
    uint heads;
    uint columns;
    uint n;
    uint groups;
    uint is_tiled;
    uint bias;
    uint rate;
    uint skip;
    uint walks;
    uint stride;
};
struct Walk {
    uint first;
    uint end;
    bool is_new;
    char _pad3[3];
    uint slot;
    uint saves;
    uint saves_end;
};
struct type_6 {
    metal::float4 inner[32];
};
struct type_7 {
    float inner[64];
};

bool is_nan(
    float x_1
) {
    return (as_type<uint>(x_1) & 2147483647u) > 2139095040u;
}

int naga_f2i32(float value) {
    return static_cast<int>(metal::clamp(value, -2147483600.0, 2147483500.0));
}

float exp(
    float x_2
) {
    float y = 0.0001984127;
    float c_1 = metal::clamp(x_2, -87.33654, 88.0);
    float n = metal::rint(c_1 * 1.442695);
    float r = metal::fma(-(n), -0.00021219444, metal::fma(-(n), 0.6933594, c_1));
    float _e15 = y;
    y = metal::fma(_e15, r, 0.0013888889);
    float _e18 = y;
    y = metal::fma(_e18, r, 0.008333334);
    float _e21 = y;
    y = metal::fma(_e21, r, 0.041666668);
    float _e24 = y;
    y = metal::fma(_e24, r, 0.16666667);
    float _e27 = y;
    y = metal::fma(_e27, r, 0.5);
    float _e30 = y;
    y = metal::fma(_e30, r, 1.0);
    float _e33 = y;
    y = metal::fma(_e33, r, 1.0);
    float _e36 = y;
    y = _e36 * as_type<float>(static_cast<uint>(as_type<int>(as_type<uint>(naga_f2i32(n)) + as_type<uint>(127))) << 23u);
    float _e45 = y;
    bool _e50 = is_nan(x_2);
    return _e50 ? x_2 : ((x_2 < -87.33654) ? 0.0 : _e45);
}

float tanh(
    float x_3
) {
    float _e2 = exp(x_3 + x_3);
    return 1.0 - (2.0 / (_e2 + 1.0));
}

float sigmoid(
    float x_4
) {
    float _e2 = exp(-(x_4));
    return 1.0 / (1.0 + _e2);
}

float limited(
    float x_5,
    float limit
) {
    bool _e4 = is_nan(x_5);
    return _e4 ? x_5 : metal::clamp(x_5, -(limit), limit);
}

float at_most(
    float x_6,
    float limit_1
) {
    bool _e3 = is_nan(x_6);
    return _e3 ? x_6 : metal::min(x_6, limit_1);
}

float positive(
    float x_7
) {
    bool _e3 = is_nan(x_7);
    return _e3 ? x_7 : metal::max(x_7, 0.0);
}

float softplus(
    float x_8
) {
    float y_1 = 0.07692308;
    float _e3 = exp(-(metal::abs(x_8)));
    float s = _e3 / (2.0 + _e3);
    float square = s * s;
    float _e10 = y_1;
    y_1 = metal::fma(_e10, square, 0.09090909);
    float _e13 = y_1;
    y_1 = metal::fma(_e13, square, 0.11111111);
    float _e16 = y_1;
    y_1 = metal::fma(_e16, square, 0.14285715);
    float _e19 = y_1;
    y_1 = metal::fma(_e19, square, 0.2);
    float _e22 = y_1;
    y_1 = metal::fma(_e22, square, 0.33333334);
    float twice = s + s;
    float _e26 = positive(x_8);
    float _e28 = y_1;
    return _e26 + metal::fma(twice * square, _e28, twice);
}

Walk walk_of(
    uint sequence,
    device type_3 const& lists,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e3 = p.walks;
    uint at_2 = _e3 + (sequence * 6u);
    uint _e9 = lists[at_2];
    uint _e14 = lists[at_2 + 1u];
    uint _e19 = lists[at_2 + 2u];
    uint _e26 = lists[at_2 + 3u];
    uint _e31 = lists[at_2 + 4u];
    uint _e36 = lists[at_2 + 5u];
    return Walk {_e9, _e14, _e19 != 0u, {}, _e26, _e31, _e36};
}

float cell(
    uint state,
    uint at,
    uint known,
    device type_1 const& states,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e6 = p.n;
    float _e14 = states[state + metal::min(at, (_e6 * 16u) - 1u)];
    return (at < known) ? _e14 : 0.0;
}

void keep(
    uint to,
    uint at_1,
    metal::float4 cells,
    device type_1& states,
    constant P& p,
    constant _mslBufferSizes& _buffer_sizes
) {
    uint _e5 = p.n;
    uint count = _e5 * 16u;
    if ((at_1 + 0u) < count) {
        states[(to + at_1) + 0u] = cells.x;
    }
    if ((at_1 + 64u) < count) {
        states[(to + at_1) + 64u] = cells.y;
    }
    if ((at_1 + 128u) < count) {
        states[(to + at_1) + 128u] = cells.z;
    }
    if ((at_1 + 192u) < count) {
        states[(to + at_1) + 192u] = cells.w;
        return;
    } else {
        return;
    }
}

float added(
    float sum_1,
    metal::float4 a,
    metal::float4 b_1
) {
    return metal::fma(a.w, b_1.w, metal::fma(a.z, b_1.z, metal::fma(a.y, b_1.y, metal::fma(a.x, b_1.x, sum_1))));
}

struct main_Input {
};
[[max_total_threads_per_threadgroup(64)]] kernel void main_(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint lid [[thread_index_in_threadgroup]]
, device type_1 const& xs [[buffer(0)]]
, device type_1 const& bs [[buffer(1)]]
, device type_1 const& cs [[buffer(2)]]
, device type_1 const& ds [[buffer(3)]]
, device type_1 const& gs [[buffer(4)]]
, device type_1& ys [[buffer(5)]]
, device type_1 const& vectors [[buffer(6)]]
, device type_1& states [[buffer(7)]]
, device type_3 const& lists [[buffer(8)]]
, constant P& p [[buffer(9)]]
, threadgroup type_6& into
, threadgroup type_6& out_of
, threadgroup type_7& sums
, threadgroup type_7& known_sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    metal::float4 s0_ = {};
    metal::float4 s1_ = {};
    metal::float4 s2_ = {};
    metal::float4 s3_ = {};
    metal::float4 s4_ = {};
    metal::float4 s5_ = {};
    metal::float4 s6_ = {};
    metal::float4 s7_ = {};
    uint save = {};
    uint row = {};
    metal::float4 b = {};
    metal::float4 c = {};
    float x = {};
    float sum = {};
    bool local = {};
    Walk _e3 = walk_of(group.y, lists, p, _buffer_sizes);
    uint _e6 = p.columns;
    uint blocks = (_e6 + 15u) / 16u;
    uint head = group.x / blocks;
    uint column = ((group.x % blocks) * 16u) + (lid % 16u);
    uint _e22 = p.columns;
    bool is_live = column < _e22;
    uint part = lid / 16u;
    uint _e28 = p.heads;
    uint _e31 = p.groups;
    uint _e36 = p.groups;
    uint _e40 = p.is_tiled;
    uint shared_head = (_e40 != 0u) ? (head % _e36) : (head / (_e28 / _e31));
    uint _e46 = p.n;
    uint count_1 = _e46 * 16u;
    uint first = group.x * count_1;
    uint _e54 = p.stride;
    uint state_1 = (_e3.slot * _e54) + first;
    uint known_1 = _e3.is_new ? 0u : count_1;
    uint at0_ = 0u + lid;
    float _e62 = cell(state_1, at0_, known_1, states, p, _buffer_sizes);
    float _e65 = cell(state_1, at0_ + 64u, known_1, states, p, _buffer_sizes);
    float _e68 = cell(state_1, at0_ + 128u, known_1, states, p, _buffer_sizes);
    float _e71 = cell(state_1, at0_ + 192u, known_1, states, p, _buffer_sizes);
    s0_ = metal::float4(_e62, _e65, _e68, _e71);
    uint at1_ = 256u + lid;
    float _e76 = cell(state_1, at1_, known_1, states, p, _buffer_sizes);
    float _e79 = cell(state_1, at1_ + 64u, known_1, states, p, _buffer_sizes);
    float _e82 = cell(state_1, at1_ + 128u, known_1, states, p, _buffer_sizes);
    float _e85 = cell(state_1, at1_ + 192u, known_1, states, p, _buffer_sizes);
    s1_ = metal::float4(_e76, _e79, _e82, _e85);
    uint at2_ = 512u + lid;
    float _e90 = cell(state_1, at2_, known_1, states, p, _buffer_sizes);
    float _e93 = cell(state_1, at2_ + 64u, known_1, states, p, _buffer_sizes);
    float _e96 = cell(state_1, at2_ + 128u, known_1, states, p, _buffer_sizes);
    float _e99 = cell(state_1, at2_ + 192u, known_1, states, p, _buffer_sizes);
    s2_ = metal::float4(_e90, _e93, _e96, _e99);
    uint at3_ = 768u + lid;
    float _e104 = cell(state_1, at3_, known_1, states, p, _buffer_sizes);
    float _e107 = cell(state_1, at3_ + 64u, known_1, states, p, _buffer_sizes);
    float _e110 = cell(state_1, at3_ + 128u, known_1, states, p, _buffer_sizes);
    float _e113 = cell(state_1, at3_ + 192u, known_1, states, p, _buffer_sizes);
    s3_ = metal::float4(_e104, _e107, _e110, _e113);
    uint at4_ = 1024u + lid;
    float _e118 = cell(state_1, at4_, known_1, states, p, _buffer_sizes);
    float _e121 = cell(state_1, at4_ + 64u, known_1, states, p, _buffer_sizes);
    float _e124 = cell(state_1, at4_ + 128u, known_1, states, p, _buffer_sizes);
    float _e127 = cell(state_1, at4_ + 192u, known_1, states, p, _buffer_sizes);
    s4_ = metal::float4(_e118, _e121, _e124, _e127);
    uint at5_ = 1280u + lid;
    float _e132 = cell(state_1, at5_, known_1, states, p, _buffer_sizes);
    float _e135 = cell(state_1, at5_ + 64u, known_1, states, p, _buffer_sizes);
    float _e138 = cell(state_1, at5_ + 128u, known_1, states, p, _buffer_sizes);
    float _e141 = cell(state_1, at5_ + 192u, known_1, states, p, _buffer_sizes);
    s5_ = metal::float4(_e132, _e135, _e138, _e141);
    uint at6_ = 1536u + lid;
    float _e146 = cell(state_1, at6_, known_1, states, p, _buffer_sizes);
    float _e149 = cell(state_1, at6_ + 64u, known_1, states, p, _buffer_sizes);
    float _e152 = cell(state_1, at6_ + 128u, known_1, states, p, _buffer_sizes);
    float _e155 = cell(state_1, at6_ + 192u, known_1, states, p, _buffer_sizes);
    s6_ = metal::float4(_e146, _e149, _e152, _e155);
    uint at7_ = 1792u + lid;
    float _e160 = cell(state_1, at7_, known_1, states, p, _buffer_sizes);
    float _e163 = cell(state_1, at7_ + 64u, known_1, states, p, _buffer_sizes);
    float _e166 = cell(state_1, at7_ + 128u, known_1, states, p, _buffer_sizes);
    float _e169 = cell(state_1, at7_ + 192u, known_1, states, p, _buffer_sizes);
    s7_ = metal::float4(_e160, _e163, _e166, _e169);
    save = _e3.saves;
    row = _e3.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e743 = row;
            row = _e743 + 1u;
        }
        loop_init = false;
        uint _e176 = row;
        if (_e176 < _e3.end) {
        } else {
            break;
        }
        {
            uint _e179 = row;
            uint _e182 = p.groups;
            uint _e187 = p.n;
            uint shared_at = ((_e179 * _e182) + shared_head) * _e187;
            if (lid < 32u) {
                b = metal::float4(0.0);
                c = metal::float4(0.0);
                uint i = ((lid % 8u) * 16u) + (lid / 8u);
                uint _e208 = p.n;
                if ((i + 0u) < _e208) {
                    uint _e214 = p.b;
                    float _e220 = bs[((_e214 + shared_at) + i) + 0u];
                    b.x = _e220;
                    uint _e225 = p.c;
                    float _e231 = cs[((_e225 + shared_at) + i) + 0u];
                    c.x = _e231;
                }
                uint _e236 = p.n;
                if ((i + 4u) < _e236) {
                    uint _e242 = p.b;
                    float _e248 = bs[((_e242 + shared_at) + i) + 4u];
                    b.y = _e248;
                    uint _e253 = p.c;
                    float _e259 = cs[((_e253 + shared_at) + i) + 4u];
                    c.y = _e259;
                }
                uint _e264 = p.n;
                if ((i + 8u) < _e264) {
                    uint _e270 = p.b;
                    float _e276 = bs[((_e270 + shared_at) + i) + 8u];
                    b.z = _e276;
                    uint _e281 = p.c;
                    float _e287 = cs[((_e281 + shared_at) + i) + 8u];
                    c.z = _e287;
                }
                uint _e292 = p.n;
                if ((i + 12u) < _e292) {
                    uint _e298 = p.b;
                    float _e304 = bs[((_e298 + shared_at) + i) + 12u];
                    b.w = _e304;
                    uint _e309 = p.c;
                    float _e315 = cs[((_e309 + shared_at) + i) + 12u];
                    c.w = _e315;
                }
                metal::float4 _e318 = b;
                into.inner[lid] = _e318;
                metal::float4 _e321 = c;
                out_of.inner[lid] = _e321;
            }
            uint _e322 = row;
            uint _e325 = p.heads;
            uint _e330 = p.columns;
            uint at_3 = (((_e322 * _e325) + head) * _e330) + column;
            x = 0.0;
            if (is_live) {
                uint _e338 = p.x;
                float _e341 = xs[_e338 + at_3];
                x = _e341;
            }
            uint _e345 = p.d;
            uint _e346 = row;
            uint _e349 = p.heads;
            float _e354 = ds[(_e345 + (_e346 * _e349)) + head];
            uint _e358 = p.bias;
            float _e361 = vectors[_e358 + head];
            float _e363 = softplus(_e354 + _e361);
            uint _e367 = p.rate;
            float _e370 = vectors[_e367 + head];
            float _e372 = exp(_e370 * _e363);
            uint _e376 = p.g;
            uint _e377 = row;
            uint _e380 = p.heads;
            float _e385 = gs[(_e376 + (_e377 * _e380)) + head];
            float _e386 = sigmoid(_e385);
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            sum = 0.0;
            metal::float4 _e389 = s0_;
            s0_ = _e389 * _e372;
            float _e391 = sum;
            metal::float4 _e398 = into.inner[(part * 8u) + 0u];
            metal::float4 _e399 = s0_;
            float _e400 = added(_e391, _e398, _e399);
            sum = _e400;
            metal::float4 _e401 = s1_;
            s1_ = _e401 * _e372;
            float _e403 = sum;
            metal::float4 _e410 = into.inner[(part * 8u) + 1u];
            metal::float4 _e411 = s1_;
            float _e412 = added(_e403, _e410, _e411);
            sum = _e412;
            metal::float4 _e413 = s2_;
            s2_ = _e413 * _e372;
            float _e415 = sum;
            metal::float4 _e422 = into.inner[(part * 8u) + 2u];
            metal::float4 _e423 = s2_;
            float _e424 = added(_e415, _e422, _e423);
            sum = _e424;
            metal::float4 _e425 = s3_;
            s3_ = _e425 * _e372;
            float _e427 = sum;
            metal::float4 _e434 = into.inner[(part * 8u) + 3u];
            metal::float4 _e435 = s3_;
            float _e436 = added(_e427, _e434, _e435);
            sum = _e436;
            metal::float4 _e437 = s4_;
            s4_ = _e437 * _e372;
            float _e439 = sum;
            metal::float4 _e446 = into.inner[(part * 8u) + 4u];
            metal::float4 _e447 = s4_;
            float _e448 = added(_e439, _e446, _e447);
            sum = _e448;
            metal::float4 _e449 = s5_;
            s5_ = _e449 * _e372;
            float _e451 = sum;
            metal::float4 _e458 = into.inner[(part * 8u) + 5u];
            metal::float4 _e459 = s5_;
            float _e460 = added(_e451, _e458, _e459);
            sum = _e460;
            metal::float4 _e461 = s6_;
            s6_ = _e461 * _e372;
            float _e463 = sum;
            metal::float4 _e470 = into.inner[(part * 8u) + 6u];
            metal::float4 _e471 = s6_;
            float _e472 = added(_e463, _e470, _e471);
            sum = _e472;
            metal::float4 _e473 = s7_;
            s7_ = _e473 * _e372;
            float _e475 = sum;
            metal::float4 _e482 = into.inner[(part * 8u) + 7u];
            metal::float4 _e483 = s7_;
            float _e484 = added(_e475, _e482, _e483);
            sum = _e484;
            float _e487 = sum;
            known_sums.inner[lid] = _e487;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint c16_ = lid % 16u;
            float _e492 = known_sums.inner[c16_];
            float _e497 = known_sums.inner[c16_ + 32u];
            float _e503 = known_sums.inner[c16_ + 16u];
            float _e508 = known_sums.inner[c16_ + 48u];
            float recalled = (_e492 + _e497) + (_e503 + _e508);
            float _e511 = x;
            float input = (_e511 - recalled) * _e386;
            sum = 0.0;
            metal::float4 _e521 = into.inner[(part * 8u) + 0u];
            metal::float4 _e523 = s0_;
            s0_ = metal::fma(_e521, metal::float4(input), _e523);
            float _e525 = sum;
            metal::float4 _e532 = out_of.inner[(part * 8u) + 0u];
            metal::float4 _e533 = s0_;
            float _e534 = added(_e525, _e532, _e533);
            sum = _e534;
            metal::float4 _e541 = into.inner[(part * 8u) + 1u];
            metal::float4 _e543 = s1_;
            s1_ = metal::fma(_e541, metal::float4(input), _e543);
            float _e545 = sum;
            metal::float4 _e552 = out_of.inner[(part * 8u) + 1u];
            metal::float4 _e553 = s1_;
            float _e554 = added(_e545, _e552, _e553);
            sum = _e554;
            metal::float4 _e561 = into.inner[(part * 8u) + 2u];
            metal::float4 _e563 = s2_;
            s2_ = metal::fma(_e561, metal::float4(input), _e563);
            float _e565 = sum;
            metal::float4 _e572 = out_of.inner[(part * 8u) + 2u];
            metal::float4 _e573 = s2_;
            float _e574 = added(_e565, _e572, _e573);
            sum = _e574;
            metal::float4 _e581 = into.inner[(part * 8u) + 3u];
            metal::float4 _e583 = s3_;
            s3_ = metal::fma(_e581, metal::float4(input), _e583);
            float _e585 = sum;
            metal::float4 _e592 = out_of.inner[(part * 8u) + 3u];
            metal::float4 _e593 = s3_;
            float _e594 = added(_e585, _e592, _e593);
            sum = _e594;
            metal::float4 _e601 = into.inner[(part * 8u) + 4u];
            metal::float4 _e603 = s4_;
            s4_ = metal::fma(_e601, metal::float4(input), _e603);
            float _e605 = sum;
            metal::float4 _e612 = out_of.inner[(part * 8u) + 4u];
            metal::float4 _e613 = s4_;
            float _e614 = added(_e605, _e612, _e613);
            sum = _e614;
            metal::float4 _e621 = into.inner[(part * 8u) + 5u];
            metal::float4 _e623 = s5_;
            s5_ = metal::fma(_e621, metal::float4(input), _e623);
            float _e625 = sum;
            metal::float4 _e632 = out_of.inner[(part * 8u) + 5u];
            metal::float4 _e633 = s5_;
            float _e634 = added(_e625, _e632, _e633);
            sum = _e634;
            metal::float4 _e641 = into.inner[(part * 8u) + 6u];
            metal::float4 _e643 = s6_;
            s6_ = metal::fma(_e641, metal::float4(input), _e643);
            float _e645 = sum;
            metal::float4 _e652 = out_of.inner[(part * 8u) + 6u];
            metal::float4 _e653 = s6_;
            float _e654 = added(_e645, _e652, _e653);
            sum = _e654;
            metal::float4 _e661 = into.inner[(part * 8u) + 7u];
            metal::float4 _e663 = s7_;
            s7_ = metal::fma(_e661, metal::float4(input), _e663);
            float _e665 = sum;
            metal::float4 _e672 = out_of.inner[(part * 8u) + 7u];
            metal::float4 _e673 = s7_;
            float _e674 = added(_e665, _e672, _e673);
            sum = _e674;
            float _e677 = sum;
            sums.inner[lid] = _e677;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            if (is_live) {
                local = part == 0u;
            } else {
                local = false;
            }
            bool _e683 = local;
            if (_e683) {
                float _e686 = sums.inner[lid];
                float _e691 = sums.inner[lid + 32u];
                float _e697 = sums.inner[lid + 16u];
                float _e702 = sums.inner[lid + 48u];
                float y_2 = (_e686 + _e691) + (_e697 + _e702);
                uint _e708 = p.y;
                ys[_e708 + at_3] = y_2;
            }
            uint _e711 = save;
            if (_e711 < _e3.saves_end) {
                uint _e715 = save;
                uint _e717 = lists[_e715];
                uint _e718 = row;
                if (_e717 == _e718) {
                    uint _e721 = save;
                    uint _e725 = lists[_e721 + 1u];
                    uint _e728 = p.stride;
                    uint to_1 = (_e725 * _e728) + first;
                    metal::float4 _e731 = s0_;
                    keep(to_1, at0_, _e731, states, p, _buffer_sizes);
                    metal::float4 _e732 = s1_;
                    keep(to_1, at1_, _e732, states, p, _buffer_sizes);
                    metal::float4 _e733 = s2_;
                    keep(to_1, at2_, _e733, states, p, _buffer_sizes);
                    metal::float4 _e734 = s3_;
                    keep(to_1, at3_, _e734, states, p, _buffer_sizes);
                    metal::float4 _e735 = s4_;
                    keep(to_1, at4_, _e735, states, p, _buffer_sizes);
                    metal::float4 _e736 = s5_;
                    keep(to_1, at5_, _e736, states, p, _buffer_sizes);
                    metal::float4 _e737 = s6_;
                    keep(to_1, at6_, _e737, states, p, _buffer_sizes);
                    metal::float4 _e738 = s7_;
                    keep(to_1, at7_, _e738, states, p, _buffer_sizes);
                    uint _e739 = save;
                    save = _e739 + 2u;
                }
            }
        }
    }
    metal::float4 _e745 = s0_;
    keep(state_1, at0_, _e745, states, p, _buffer_sizes);
    metal::float4 _e746 = s1_;
    keep(state_1, at1_, _e746, states, p, _buffer_sizes);
    metal::float4 _e747 = s2_;
    keep(state_1, at2_, _e747, states, p, _buffer_sizes);
    metal::float4 _e748 = s3_;
    keep(state_1, at3_, _e748, states, p, _buffer_sizes);
    metal::float4 _e749 = s4_;
    keep(state_1, at4_, _e749, states, p, _buffer_sizes);
    metal::float4 _e750 = s5_;
    keep(state_1, at5_, _e750, states, p, _buffer_sizes);
    metal::float4 _e751 = s6_;
    keep(state_1, at6_, _e751, states, p, _buffer_sizes);
    metal::float4 _e752 = s7_;
    keep(state_1, at7_, _e752, states, p, _buffer_sizes);
    return;
}
