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
struct type_5 {
    float inner[128];
};
struct type_6 {
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
    uint at = _e3 + (sequence * 6u);
    uint _e9 = lists[at];
    uint _e14 = lists[at + 1u];
    uint _e19 = lists[at + 2u];
    uint _e26 = lists[at + 3u];
    uint _e31 = lists[at + 4u];
    uint _e36 = lists[at + 5u];
    return Walk {_e9, _e14, _e19 != 0u, {}, _e26, _e31, _e36};
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
, threadgroup type_5& into
, threadgroup type_5& out_of
, threadgroup type_6& sums
, threadgroup type_6& known_sums
, constant _mslBufferSizes& _buffer_sizes [[buffer(10)]]
) {
    float s0_ = 0.0;
    float s1_ = 0.0;
    float s2_ = 0.0;
    float s3_ = 0.0;
    float s4_ = 0.0;
    float s5_ = 0.0;
    float s6_ = 0.0;
    float s7_ = 0.0;
    float s8_ = 0.0;
    float s9_ = 0.0;
    float s10_ = 0.0;
    float s11_ = 0.0;
    float s12_ = 0.0;
    float s13_ = 0.0;
    float s14_ = 0.0;
    float s15_ = 0.0;
    float s16_ = 0.0;
    float s17_ = 0.0;
    float s18_ = 0.0;
    float s19_ = 0.0;
    float s20_ = 0.0;
    float s21_ = 0.0;
    float s22_ = 0.0;
    float s23_ = 0.0;
    float s24_ = 0.0;
    float s25_ = 0.0;
    float s26_ = 0.0;
    float s27_ = 0.0;
    float s28_ = 0.0;
    float s29_ = 0.0;
    float s30_ = 0.0;
    float s31_ = 0.0;
    uint save = {};
    uint row = {};
    uint i = {};
    float b = {};
    float c = {};
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
    uint count = _e46 * 16u;
    uint first = group.x * count;
    uint _e54 = p.stride;
    uint state = (_e3.slot * _e54) + first;
    uint known = _e3.is_new ? 0u : count;
    if ((0u + lid) < known) {
        float _e70 = states[(state + 0u) + lid];
        s0_ = _e70;
    }
    if ((64u + lid) < known) {
        float _e81 = states[(state + 64u) + lid];
        s1_ = _e81;
    }
    if ((128u + lid) < known) {
        float _e92 = states[(state + 128u) + lid];
        s2_ = _e92;
    }
    if ((192u + lid) < known) {
        float _e103 = states[(state + 192u) + lid];
        s3_ = _e103;
    }
    if ((256u + lid) < known) {
        float _e114 = states[(state + 256u) + lid];
        s4_ = _e114;
    }
    if ((320u + lid) < known) {
        float _e125 = states[(state + 320u) + lid];
        s5_ = _e125;
    }
    if ((384u + lid) < known) {
        float _e136 = states[(state + 384u) + lid];
        s6_ = _e136;
    }
    if ((448u + lid) < known) {
        float _e147 = states[(state + 448u) + lid];
        s7_ = _e147;
    }
    if ((512u + lid) < known) {
        float _e158 = states[(state + 512u) + lid];
        s8_ = _e158;
    }
    if ((576u + lid) < known) {
        float _e169 = states[(state + 576u) + lid];
        s9_ = _e169;
    }
    if ((640u + lid) < known) {
        float _e180 = states[(state + 640u) + lid];
        s10_ = _e180;
    }
    if ((704u + lid) < known) {
        float _e191 = states[(state + 704u) + lid];
        s11_ = _e191;
    }
    if ((768u + lid) < known) {
        float _e202 = states[(state + 768u) + lid];
        s12_ = _e202;
    }
    if ((832u + lid) < known) {
        float _e213 = states[(state + 832u) + lid];
        s13_ = _e213;
    }
    if ((896u + lid) < known) {
        float _e224 = states[(state + 896u) + lid];
        s14_ = _e224;
    }
    if ((960u + lid) < known) {
        float _e235 = states[(state + 960u) + lid];
        s15_ = _e235;
    }
    if ((1024u + lid) < known) {
        float _e246 = states[(state + 1024u) + lid];
        s16_ = _e246;
    }
    if ((1088u + lid) < known) {
        float _e257 = states[(state + 1088u) + lid];
        s17_ = _e257;
    }
    if ((1152u + lid) < known) {
        float _e268 = states[(state + 1152u) + lid];
        s18_ = _e268;
    }
    if ((1216u + lid) < known) {
        float _e279 = states[(state + 1216u) + lid];
        s19_ = _e279;
    }
    if ((1280u + lid) < known) {
        float _e290 = states[(state + 1280u) + lid];
        s20_ = _e290;
    }
    if ((1344u + lid) < known) {
        float _e301 = states[(state + 1344u) + lid];
        s21_ = _e301;
    }
    if ((1408u + lid) < known) {
        float _e312 = states[(state + 1408u) + lid];
        s22_ = _e312;
    }
    if ((1472u + lid) < known) {
        float _e323 = states[(state + 1472u) + lid];
        s23_ = _e323;
    }
    if ((1536u + lid) < known) {
        float _e334 = states[(state + 1536u) + lid];
        s24_ = _e334;
    }
    if ((1600u + lid) < known) {
        float _e345 = states[(state + 1600u) + lid];
        s25_ = _e345;
    }
    if ((1664u + lid) < known) {
        float _e356 = states[(state + 1664u) + lid];
        s26_ = _e356;
    }
    if ((1728u + lid) < known) {
        float _e367 = states[(state + 1728u) + lid];
        s27_ = _e367;
    }
    if ((1792u + lid) < known) {
        float _e378 = states[(state + 1792u) + lid];
        s28_ = _e378;
    }
    if ((1856u + lid) < known) {
        float _e389 = states[(state + 1856u) + lid];
        s29_ = _e389;
    }
    if ((1920u + lid) < known) {
        float _e400 = states[(state + 1920u) + lid];
        s30_ = _e400;
    }
    if ((1984u + lid) < known) {
        float _e411 = states[(state + 1984u) + lid];
        s31_ = _e411;
    }
    save = _e3.saves;
    row = _e3.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e1716 = row;
            row = _e1716 + 1u;
        }
        loop_init = false;
        uint _e416 = row;
        if (_e416 < _e3.end) {
        } else {
            break;
        }
        {
            uint _e419 = row;
            uint _e422 = p.groups;
            uint _e427 = p.n;
            uint shared_at = ((_e419 * _e422) + shared_head) * _e427;
            i = lid;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e468 = i;
                    i = _e468 + 64u;
                }
                loop_init_1 = false;
                uint _e430 = i;
                if (_e430 < 128u) {
                } else {
                    break;
                }
                {
                    b = 0.0;
                    c = 0.0;
                    uint _e437 = i;
                    uint _e440 = p.n;
                    if (_e437 < _e440) {
                        uint _e445 = p.b;
                        uint _e447 = i;
                        float _e450 = bs[(_e445 + shared_at) + _e447];
                        b = _e450;
                        uint _e454 = p.c;
                        uint _e456 = i;
                        float _e459 = cs[(_e454 + shared_at) + _e456];
                        c = _e459;
                    }
                    uint _e461 = i;
                    float _e463 = b;
                    into.inner[_e461] = _e463;
                    uint _e465 = i;
                    float _e467 = c;
                    out_of.inner[_e465] = _e467;
                }
            }
            uint _e471 = row;
            uint _e474 = p.heads;
            uint _e479 = p.columns;
            uint at_1 = (((_e471 * _e474) + head) * _e479) + column;
            x = 0.0;
            if (is_live) {
                uint _e487 = p.x;
                float _e490 = xs[_e487 + at_1];
                x = _e490;
            }
            uint _e494 = p.d;
            uint _e495 = row;
            uint _e498 = p.heads;
            float _e503 = ds[(_e494 + (_e495 * _e498)) + head];
            uint _e507 = p.bias;
            float _e510 = vectors[_e507 + head];
            float _e512 = softplus(_e503 + _e510);
            uint _e516 = p.rate;
            float _e519 = vectors[_e516 + head];
            float _e521 = exp(_e519 * _e512);
            uint _e525 = p.g;
            uint _e526 = row;
            uint _e529 = p.heads;
            float _e534 = gs[(_e525 + (_e526 * _e529)) + head];
            float _e535 = sigmoid(_e534);
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            sum = 0.0;
            float _e538 = s0_;
            s0_ = _e538 * _e521;
            float _e544 = into.inner[0u + part];
            float _e545 = s0_;
            float _e546 = sum;
            sum = metal::fma(_e544, _e545, _e546);
            float _e548 = s1_;
            s1_ = _e548 * _e521;
            float _e554 = into.inner[4u + part];
            float _e555 = s1_;
            float _e556 = sum;
            sum = metal::fma(_e554, _e555, _e556);
            float _e558 = s2_;
            s2_ = _e558 * _e521;
            float _e564 = into.inner[8u + part];
            float _e565 = s2_;
            float _e566 = sum;
            sum = metal::fma(_e564, _e565, _e566);
            float _e568 = s3_;
            s3_ = _e568 * _e521;
            float _e574 = into.inner[12u + part];
            float _e575 = s3_;
            float _e576 = sum;
            sum = metal::fma(_e574, _e575, _e576);
            float _e578 = s4_;
            s4_ = _e578 * _e521;
            float _e584 = into.inner[16u + part];
            float _e585 = s4_;
            float _e586 = sum;
            sum = metal::fma(_e584, _e585, _e586);
            float _e588 = s5_;
            s5_ = _e588 * _e521;
            float _e594 = into.inner[20u + part];
            float _e595 = s5_;
            float _e596 = sum;
            sum = metal::fma(_e594, _e595, _e596);
            float _e598 = s6_;
            s6_ = _e598 * _e521;
            float _e604 = into.inner[24u + part];
            float _e605 = s6_;
            float _e606 = sum;
            sum = metal::fma(_e604, _e605, _e606);
            float _e608 = s7_;
            s7_ = _e608 * _e521;
            float _e614 = into.inner[28u + part];
            float _e615 = s7_;
            float _e616 = sum;
            sum = metal::fma(_e614, _e615, _e616);
            float _e618 = s8_;
            s8_ = _e618 * _e521;
            float _e624 = into.inner[32u + part];
            float _e625 = s8_;
            float _e626 = sum;
            sum = metal::fma(_e624, _e625, _e626);
            float _e628 = s9_;
            s9_ = _e628 * _e521;
            float _e634 = into.inner[36u + part];
            float _e635 = s9_;
            float _e636 = sum;
            sum = metal::fma(_e634, _e635, _e636);
            float _e638 = s10_;
            s10_ = _e638 * _e521;
            float _e644 = into.inner[40u + part];
            float _e645 = s10_;
            float _e646 = sum;
            sum = metal::fma(_e644, _e645, _e646);
            float _e648 = s11_;
            s11_ = _e648 * _e521;
            float _e654 = into.inner[44u + part];
            float _e655 = s11_;
            float _e656 = sum;
            sum = metal::fma(_e654, _e655, _e656);
            float _e658 = s12_;
            s12_ = _e658 * _e521;
            float _e664 = into.inner[48u + part];
            float _e665 = s12_;
            float _e666 = sum;
            sum = metal::fma(_e664, _e665, _e666);
            float _e668 = s13_;
            s13_ = _e668 * _e521;
            float _e674 = into.inner[52u + part];
            float _e675 = s13_;
            float _e676 = sum;
            sum = metal::fma(_e674, _e675, _e676);
            float _e678 = s14_;
            s14_ = _e678 * _e521;
            float _e684 = into.inner[56u + part];
            float _e685 = s14_;
            float _e686 = sum;
            sum = metal::fma(_e684, _e685, _e686);
            float _e688 = s15_;
            s15_ = _e688 * _e521;
            float _e694 = into.inner[60u + part];
            float _e695 = s15_;
            float _e696 = sum;
            sum = metal::fma(_e694, _e695, _e696);
            float _e698 = s16_;
            s16_ = _e698 * _e521;
            float _e704 = into.inner[64u + part];
            float _e705 = s16_;
            float _e706 = sum;
            sum = metal::fma(_e704, _e705, _e706);
            float _e708 = s17_;
            s17_ = _e708 * _e521;
            float _e714 = into.inner[68u + part];
            float _e715 = s17_;
            float _e716 = sum;
            sum = metal::fma(_e714, _e715, _e716);
            float _e718 = s18_;
            s18_ = _e718 * _e521;
            float _e724 = into.inner[72u + part];
            float _e725 = s18_;
            float _e726 = sum;
            sum = metal::fma(_e724, _e725, _e726);
            float _e728 = s19_;
            s19_ = _e728 * _e521;
            float _e734 = into.inner[76u + part];
            float _e735 = s19_;
            float _e736 = sum;
            sum = metal::fma(_e734, _e735, _e736);
            float _e738 = s20_;
            s20_ = _e738 * _e521;
            float _e744 = into.inner[80u + part];
            float _e745 = s20_;
            float _e746 = sum;
            sum = metal::fma(_e744, _e745, _e746);
            float _e748 = s21_;
            s21_ = _e748 * _e521;
            float _e754 = into.inner[84u + part];
            float _e755 = s21_;
            float _e756 = sum;
            sum = metal::fma(_e754, _e755, _e756);
            float _e758 = s22_;
            s22_ = _e758 * _e521;
            float _e764 = into.inner[88u + part];
            float _e765 = s22_;
            float _e766 = sum;
            sum = metal::fma(_e764, _e765, _e766);
            float _e768 = s23_;
            s23_ = _e768 * _e521;
            float _e774 = into.inner[92u + part];
            float _e775 = s23_;
            float _e776 = sum;
            sum = metal::fma(_e774, _e775, _e776);
            float _e778 = s24_;
            s24_ = _e778 * _e521;
            float _e784 = into.inner[96u + part];
            float _e785 = s24_;
            float _e786 = sum;
            sum = metal::fma(_e784, _e785, _e786);
            float _e788 = s25_;
            s25_ = _e788 * _e521;
            float _e794 = into.inner[100u + part];
            float _e795 = s25_;
            float _e796 = sum;
            sum = metal::fma(_e794, _e795, _e796);
            float _e798 = s26_;
            s26_ = _e798 * _e521;
            float _e804 = into.inner[104u + part];
            float _e805 = s26_;
            float _e806 = sum;
            sum = metal::fma(_e804, _e805, _e806);
            float _e808 = s27_;
            s27_ = _e808 * _e521;
            float _e814 = into.inner[108u + part];
            float _e815 = s27_;
            float _e816 = sum;
            sum = metal::fma(_e814, _e815, _e816);
            float _e818 = s28_;
            s28_ = _e818 * _e521;
            float _e824 = into.inner[112u + part];
            float _e825 = s28_;
            float _e826 = sum;
            sum = metal::fma(_e824, _e825, _e826);
            float _e828 = s29_;
            s29_ = _e828 * _e521;
            float _e834 = into.inner[116u + part];
            float _e835 = s29_;
            float _e836 = sum;
            sum = metal::fma(_e834, _e835, _e836);
            float _e838 = s30_;
            s30_ = _e838 * _e521;
            float _e844 = into.inner[120u + part];
            float _e845 = s30_;
            float _e846 = sum;
            sum = metal::fma(_e844, _e845, _e846);
            float _e848 = s31_;
            s31_ = _e848 * _e521;
            float _e854 = into.inner[124u + part];
            float _e855 = s31_;
            float _e856 = sum;
            sum = metal::fma(_e854, _e855, _e856);
            float _e860 = sum;
            known_sums.inner[lid] = _e860;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            uint c16_ = lid % 16u;
            float _e865 = known_sums.inner[c16_];
            float _e870 = known_sums.inner[c16_ + 32u];
            float _e876 = known_sums.inner[c16_ + 16u];
            float _e881 = known_sums.inner[c16_ + 48u];
            float recalled = (_e865 + _e870) + (_e876 + _e881);
            float _e884 = x;
            float input = (_e884 - recalled) * _e535;
            sum = 0.0;
            float _e892 = into.inner[0u + part];
            float _e893 = s0_;
            s0_ = metal::fma(_e892, input, _e893);
            float _e899 = out_of.inner[0u + part];
            float _e900 = s0_;
            float _e901 = sum;
            sum = metal::fma(_e899, _e900, _e901);
            float _e907 = into.inner[4u + part];
            float _e908 = s1_;
            s1_ = metal::fma(_e907, input, _e908);
            float _e914 = out_of.inner[4u + part];
            float _e915 = s1_;
            float _e916 = sum;
            sum = metal::fma(_e914, _e915, _e916);
            float _e922 = into.inner[8u + part];
            float _e923 = s2_;
            s2_ = metal::fma(_e922, input, _e923);
            float _e929 = out_of.inner[8u + part];
            float _e930 = s2_;
            float _e931 = sum;
            sum = metal::fma(_e929, _e930, _e931);
            float _e937 = into.inner[12u + part];
            float _e938 = s3_;
            s3_ = metal::fma(_e937, input, _e938);
            float _e944 = out_of.inner[12u + part];
            float _e945 = s3_;
            float _e946 = sum;
            sum = metal::fma(_e944, _e945, _e946);
            float _e952 = into.inner[16u + part];
            float _e953 = s4_;
            s4_ = metal::fma(_e952, input, _e953);
            float _e959 = out_of.inner[16u + part];
            float _e960 = s4_;
            float _e961 = sum;
            sum = metal::fma(_e959, _e960, _e961);
            float _e967 = into.inner[20u + part];
            float _e968 = s5_;
            s5_ = metal::fma(_e967, input, _e968);
            float _e974 = out_of.inner[20u + part];
            float _e975 = s5_;
            float _e976 = sum;
            sum = metal::fma(_e974, _e975, _e976);
            float _e982 = into.inner[24u + part];
            float _e983 = s6_;
            s6_ = metal::fma(_e982, input, _e983);
            float _e989 = out_of.inner[24u + part];
            float _e990 = s6_;
            float _e991 = sum;
            sum = metal::fma(_e989, _e990, _e991);
            float _e997 = into.inner[28u + part];
            float _e998 = s7_;
            s7_ = metal::fma(_e997, input, _e998);
            float _e1004 = out_of.inner[28u + part];
            float _e1005 = s7_;
            float _e1006 = sum;
            sum = metal::fma(_e1004, _e1005, _e1006);
            float _e1012 = into.inner[32u + part];
            float _e1013 = s8_;
            s8_ = metal::fma(_e1012, input, _e1013);
            float _e1019 = out_of.inner[32u + part];
            float _e1020 = s8_;
            float _e1021 = sum;
            sum = metal::fma(_e1019, _e1020, _e1021);
            float _e1027 = into.inner[36u + part];
            float _e1028 = s9_;
            s9_ = metal::fma(_e1027, input, _e1028);
            float _e1034 = out_of.inner[36u + part];
            float _e1035 = s9_;
            float _e1036 = sum;
            sum = metal::fma(_e1034, _e1035, _e1036);
            float _e1042 = into.inner[40u + part];
            float _e1043 = s10_;
            s10_ = metal::fma(_e1042, input, _e1043);
            float _e1049 = out_of.inner[40u + part];
            float _e1050 = s10_;
            float _e1051 = sum;
            sum = metal::fma(_e1049, _e1050, _e1051);
            float _e1057 = into.inner[44u + part];
            float _e1058 = s11_;
            s11_ = metal::fma(_e1057, input, _e1058);
            float _e1064 = out_of.inner[44u + part];
            float _e1065 = s11_;
            float _e1066 = sum;
            sum = metal::fma(_e1064, _e1065, _e1066);
            float _e1072 = into.inner[48u + part];
            float _e1073 = s12_;
            s12_ = metal::fma(_e1072, input, _e1073);
            float _e1079 = out_of.inner[48u + part];
            float _e1080 = s12_;
            float _e1081 = sum;
            sum = metal::fma(_e1079, _e1080, _e1081);
            float _e1087 = into.inner[52u + part];
            float _e1088 = s13_;
            s13_ = metal::fma(_e1087, input, _e1088);
            float _e1094 = out_of.inner[52u + part];
            float _e1095 = s13_;
            float _e1096 = sum;
            sum = metal::fma(_e1094, _e1095, _e1096);
            float _e1102 = into.inner[56u + part];
            float _e1103 = s14_;
            s14_ = metal::fma(_e1102, input, _e1103);
            float _e1109 = out_of.inner[56u + part];
            float _e1110 = s14_;
            float _e1111 = sum;
            sum = metal::fma(_e1109, _e1110, _e1111);
            float _e1117 = into.inner[60u + part];
            float _e1118 = s15_;
            s15_ = metal::fma(_e1117, input, _e1118);
            float _e1124 = out_of.inner[60u + part];
            float _e1125 = s15_;
            float _e1126 = sum;
            sum = metal::fma(_e1124, _e1125, _e1126);
            float _e1132 = into.inner[64u + part];
            float _e1133 = s16_;
            s16_ = metal::fma(_e1132, input, _e1133);
            float _e1139 = out_of.inner[64u + part];
            float _e1140 = s16_;
            float _e1141 = sum;
            sum = metal::fma(_e1139, _e1140, _e1141);
            float _e1147 = into.inner[68u + part];
            float _e1148 = s17_;
            s17_ = metal::fma(_e1147, input, _e1148);
            float _e1154 = out_of.inner[68u + part];
            float _e1155 = s17_;
            float _e1156 = sum;
            sum = metal::fma(_e1154, _e1155, _e1156);
            float _e1162 = into.inner[72u + part];
            float _e1163 = s18_;
            s18_ = metal::fma(_e1162, input, _e1163);
            float _e1169 = out_of.inner[72u + part];
            float _e1170 = s18_;
            float _e1171 = sum;
            sum = metal::fma(_e1169, _e1170, _e1171);
            float _e1177 = into.inner[76u + part];
            float _e1178 = s19_;
            s19_ = metal::fma(_e1177, input, _e1178);
            float _e1184 = out_of.inner[76u + part];
            float _e1185 = s19_;
            float _e1186 = sum;
            sum = metal::fma(_e1184, _e1185, _e1186);
            float _e1192 = into.inner[80u + part];
            float _e1193 = s20_;
            s20_ = metal::fma(_e1192, input, _e1193);
            float _e1199 = out_of.inner[80u + part];
            float _e1200 = s20_;
            float _e1201 = sum;
            sum = metal::fma(_e1199, _e1200, _e1201);
            float _e1207 = into.inner[84u + part];
            float _e1208 = s21_;
            s21_ = metal::fma(_e1207, input, _e1208);
            float _e1214 = out_of.inner[84u + part];
            float _e1215 = s21_;
            float _e1216 = sum;
            sum = metal::fma(_e1214, _e1215, _e1216);
            float _e1222 = into.inner[88u + part];
            float _e1223 = s22_;
            s22_ = metal::fma(_e1222, input, _e1223);
            float _e1229 = out_of.inner[88u + part];
            float _e1230 = s22_;
            float _e1231 = sum;
            sum = metal::fma(_e1229, _e1230, _e1231);
            float _e1237 = into.inner[92u + part];
            float _e1238 = s23_;
            s23_ = metal::fma(_e1237, input, _e1238);
            float _e1244 = out_of.inner[92u + part];
            float _e1245 = s23_;
            float _e1246 = sum;
            sum = metal::fma(_e1244, _e1245, _e1246);
            float _e1252 = into.inner[96u + part];
            float _e1253 = s24_;
            s24_ = metal::fma(_e1252, input, _e1253);
            float _e1259 = out_of.inner[96u + part];
            float _e1260 = s24_;
            float _e1261 = sum;
            sum = metal::fma(_e1259, _e1260, _e1261);
            float _e1267 = into.inner[100u + part];
            float _e1268 = s25_;
            s25_ = metal::fma(_e1267, input, _e1268);
            float _e1274 = out_of.inner[100u + part];
            float _e1275 = s25_;
            float _e1276 = sum;
            sum = metal::fma(_e1274, _e1275, _e1276);
            float _e1282 = into.inner[104u + part];
            float _e1283 = s26_;
            s26_ = metal::fma(_e1282, input, _e1283);
            float _e1289 = out_of.inner[104u + part];
            float _e1290 = s26_;
            float _e1291 = sum;
            sum = metal::fma(_e1289, _e1290, _e1291);
            float _e1297 = into.inner[108u + part];
            float _e1298 = s27_;
            s27_ = metal::fma(_e1297, input, _e1298);
            float _e1304 = out_of.inner[108u + part];
            float _e1305 = s27_;
            float _e1306 = sum;
            sum = metal::fma(_e1304, _e1305, _e1306);
            float _e1312 = into.inner[112u + part];
            float _e1313 = s28_;
            s28_ = metal::fma(_e1312, input, _e1313);
            float _e1319 = out_of.inner[112u + part];
            float _e1320 = s28_;
            float _e1321 = sum;
            sum = metal::fma(_e1319, _e1320, _e1321);
            float _e1327 = into.inner[116u + part];
            float _e1328 = s29_;
            s29_ = metal::fma(_e1327, input, _e1328);
            float _e1334 = out_of.inner[116u + part];
            float _e1335 = s29_;
            float _e1336 = sum;
            sum = metal::fma(_e1334, _e1335, _e1336);
            float _e1342 = into.inner[120u + part];
            float _e1343 = s30_;
            s30_ = metal::fma(_e1342, input, _e1343);
            float _e1349 = out_of.inner[120u + part];
            float _e1350 = s30_;
            float _e1351 = sum;
            sum = metal::fma(_e1349, _e1350, _e1351);
            float _e1357 = into.inner[124u + part];
            float _e1358 = s31_;
            s31_ = metal::fma(_e1357, input, _e1358);
            float _e1364 = out_of.inner[124u + part];
            float _e1365 = s31_;
            float _e1366 = sum;
            sum = metal::fma(_e1364, _e1365, _e1366);
            float _e1370 = sum;
            sums.inner[lid] = _e1370;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            if (is_live) {
                local = part == 0u;
            } else {
                local = false;
            }
            bool _e1376 = local;
            if (_e1376) {
                float _e1379 = sums.inner[lid];
                float _e1384 = sums.inner[lid + 32u];
                float _e1390 = sums.inner[lid + 16u];
                float _e1395 = sums.inner[lid + 48u];
                float y_2 = (_e1379 + _e1384) + (_e1390 + _e1395);
                uint _e1401 = p.y;
                ys[_e1401 + at_1] = y_2;
            }
            uint _e1404 = save;
            if (_e1404 < _e3.saves_end) {
                uint _e1408 = save;
                uint _e1410 = lists[_e1408];
                uint _e1411 = row;
                if (_e1410 == _e1411) {
                    uint _e1414 = save;
                    uint _e1418 = lists[_e1414 + 1u];
                    uint _e1421 = p.stride;
                    uint to = (_e1418 * _e1421) + first;
                    if ((0u + lid) < count) {
                        float _e1432 = s0_;
                        states[(to + 0u) + lid] = _e1432;
                    }
                    if ((64u + lid) < count) {
                        float _e1441 = s1_;
                        states[(to + 64u) + lid] = _e1441;
                    }
                    if ((128u + lid) < count) {
                        float _e1450 = s2_;
                        states[(to + 128u) + lid] = _e1450;
                    }
                    if ((192u + lid) < count) {
                        float _e1459 = s3_;
                        states[(to + 192u) + lid] = _e1459;
                    }
                    if ((256u + lid) < count) {
                        float _e1468 = s4_;
                        states[(to + 256u) + lid] = _e1468;
                    }
                    if ((320u + lid) < count) {
                        float _e1477 = s5_;
                        states[(to + 320u) + lid] = _e1477;
                    }
                    if ((384u + lid) < count) {
                        float _e1486 = s6_;
                        states[(to + 384u) + lid] = _e1486;
                    }
                    if ((448u + lid) < count) {
                        float _e1495 = s7_;
                        states[(to + 448u) + lid] = _e1495;
                    }
                    if ((512u + lid) < count) {
                        float _e1504 = s8_;
                        states[(to + 512u) + lid] = _e1504;
                    }
                    if ((576u + lid) < count) {
                        float _e1513 = s9_;
                        states[(to + 576u) + lid] = _e1513;
                    }
                    if ((640u + lid) < count) {
                        float _e1522 = s10_;
                        states[(to + 640u) + lid] = _e1522;
                    }
                    if ((704u + lid) < count) {
                        float _e1531 = s11_;
                        states[(to + 704u) + lid] = _e1531;
                    }
                    if ((768u + lid) < count) {
                        float _e1540 = s12_;
                        states[(to + 768u) + lid] = _e1540;
                    }
                    if ((832u + lid) < count) {
                        float _e1549 = s13_;
                        states[(to + 832u) + lid] = _e1549;
                    }
                    if ((896u + lid) < count) {
                        float _e1558 = s14_;
                        states[(to + 896u) + lid] = _e1558;
                    }
                    if ((960u + lid) < count) {
                        float _e1567 = s15_;
                        states[(to + 960u) + lid] = _e1567;
                    }
                    if ((1024u + lid) < count) {
                        float _e1576 = s16_;
                        states[(to + 1024u) + lid] = _e1576;
                    }
                    if ((1088u + lid) < count) {
                        float _e1585 = s17_;
                        states[(to + 1088u) + lid] = _e1585;
                    }
                    if ((1152u + lid) < count) {
                        float _e1594 = s18_;
                        states[(to + 1152u) + lid] = _e1594;
                    }
                    if ((1216u + lid) < count) {
                        float _e1603 = s19_;
                        states[(to + 1216u) + lid] = _e1603;
                    }
                    if ((1280u + lid) < count) {
                        float _e1612 = s20_;
                        states[(to + 1280u) + lid] = _e1612;
                    }
                    if ((1344u + lid) < count) {
                        float _e1621 = s21_;
                        states[(to + 1344u) + lid] = _e1621;
                    }
                    if ((1408u + lid) < count) {
                        float _e1630 = s22_;
                        states[(to + 1408u) + lid] = _e1630;
                    }
                    if ((1472u + lid) < count) {
                        float _e1639 = s23_;
                        states[(to + 1472u) + lid] = _e1639;
                    }
                    if ((1536u + lid) < count) {
                        float _e1648 = s24_;
                        states[(to + 1536u) + lid] = _e1648;
                    }
                    if ((1600u + lid) < count) {
                        float _e1657 = s25_;
                        states[(to + 1600u) + lid] = _e1657;
                    }
                    if ((1664u + lid) < count) {
                        float _e1666 = s26_;
                        states[(to + 1664u) + lid] = _e1666;
                    }
                    if ((1728u + lid) < count) {
                        float _e1675 = s27_;
                        states[(to + 1728u) + lid] = _e1675;
                    }
                    if ((1792u + lid) < count) {
                        float _e1684 = s28_;
                        states[(to + 1792u) + lid] = _e1684;
                    }
                    if ((1856u + lid) < count) {
                        float _e1693 = s29_;
                        states[(to + 1856u) + lid] = _e1693;
                    }
                    if ((1920u + lid) < count) {
                        float _e1702 = s30_;
                        states[(to + 1920u) + lid] = _e1702;
                    }
                    if ((1984u + lid) < count) {
                        float _e1711 = s31_;
                        states[(to + 1984u) + lid] = _e1711;
                    }
                    uint _e1712 = save;
                    save = _e1712 + 2u;
                }
            }
        }
    }
    if ((0u + lid) < count) {
        float _e1726 = s0_;
        states[(state + 0u) + lid] = _e1726;
    }
    if ((64u + lid) < count) {
        float _e1735 = s1_;
        states[(state + 64u) + lid] = _e1735;
    }
    if ((128u + lid) < count) {
        float _e1744 = s2_;
        states[(state + 128u) + lid] = _e1744;
    }
    if ((192u + lid) < count) {
        float _e1753 = s3_;
        states[(state + 192u) + lid] = _e1753;
    }
    if ((256u + lid) < count) {
        float _e1762 = s4_;
        states[(state + 256u) + lid] = _e1762;
    }
    if ((320u + lid) < count) {
        float _e1771 = s5_;
        states[(state + 320u) + lid] = _e1771;
    }
    if ((384u + lid) < count) {
        float _e1780 = s6_;
        states[(state + 384u) + lid] = _e1780;
    }
    if ((448u + lid) < count) {
        float _e1789 = s7_;
        states[(state + 448u) + lid] = _e1789;
    }
    if ((512u + lid) < count) {
        float _e1798 = s8_;
        states[(state + 512u) + lid] = _e1798;
    }
    if ((576u + lid) < count) {
        float _e1807 = s9_;
        states[(state + 576u) + lid] = _e1807;
    }
    if ((640u + lid) < count) {
        float _e1816 = s10_;
        states[(state + 640u) + lid] = _e1816;
    }
    if ((704u + lid) < count) {
        float _e1825 = s11_;
        states[(state + 704u) + lid] = _e1825;
    }
    if ((768u + lid) < count) {
        float _e1834 = s12_;
        states[(state + 768u) + lid] = _e1834;
    }
    if ((832u + lid) < count) {
        float _e1843 = s13_;
        states[(state + 832u) + lid] = _e1843;
    }
    if ((896u + lid) < count) {
        float _e1852 = s14_;
        states[(state + 896u) + lid] = _e1852;
    }
    if ((960u + lid) < count) {
        float _e1861 = s15_;
        states[(state + 960u) + lid] = _e1861;
    }
    if ((1024u + lid) < count) {
        float _e1870 = s16_;
        states[(state + 1024u) + lid] = _e1870;
    }
    if ((1088u + lid) < count) {
        float _e1879 = s17_;
        states[(state + 1088u) + lid] = _e1879;
    }
    if ((1152u + lid) < count) {
        float _e1888 = s18_;
        states[(state + 1152u) + lid] = _e1888;
    }
    if ((1216u + lid) < count) {
        float _e1897 = s19_;
        states[(state + 1216u) + lid] = _e1897;
    }
    if ((1280u + lid) < count) {
        float _e1906 = s20_;
        states[(state + 1280u) + lid] = _e1906;
    }
    if ((1344u + lid) < count) {
        float _e1915 = s21_;
        states[(state + 1344u) + lid] = _e1915;
    }
    if ((1408u + lid) < count) {
        float _e1924 = s22_;
        states[(state + 1408u) + lid] = _e1924;
    }
    if ((1472u + lid) < count) {
        float _e1933 = s23_;
        states[(state + 1472u) + lid] = _e1933;
    }
    if ((1536u + lid) < count) {
        float _e1942 = s24_;
        states[(state + 1536u) + lid] = _e1942;
    }
    if ((1600u + lid) < count) {
        float _e1951 = s25_;
        states[(state + 1600u) + lid] = _e1951;
    }
    if ((1664u + lid) < count) {
        float _e1960 = s26_;
        states[(state + 1664u) + lid] = _e1960;
    }
    if ((1728u + lid) < count) {
        float _e1969 = s27_;
        states[(state + 1728u) + lid] = _e1969;
    }
    if ((1792u + lid) < count) {
        float _e1978 = s28_;
        states[(state + 1792u) + lid] = _e1978;
    }
    if ((1856u + lid) < count) {
        float _e1987 = s29_;
        states[(state + 1856u) + lid] = _e1987;
    }
    if ((1920u + lid) < count) {
        float _e1996 = s30_;
        states[(state + 1920u) + lid] = _e1996;
    }
    if ((1984u + lid) < count) {
        float _e2005 = s31_;
        states[(state + 1984u) + lid] = _e2005;
        return;
    } else {
        return;
    }
}
