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
, device type_1& ys [[buffer(5)]]
, device type_1 const& vectors [[buffer(6)]]
, device type_1& states [[buffer(7)]]
, device type_3 const& lists [[buffer(8)]]
, constant P& p [[buffer(9)]]
, threadgroup type_5& into
, threadgroup type_5& out_of
, threadgroup type_6& sums
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
            uint _e1395 = row;
            row = _e1395 + 1u;
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
            float _e521 = exp(_e512 * _e519);
            float _e522 = x;
            float input = _e512 * _e522;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            sum = 0.0;
            float _e530 = into.inner[0u + part];
            float _e531 = s0_;
            s0_ = metal::fma(_e530, input, _e531 * _e521);
            float _e538 = out_of.inner[0u + part];
            float _e539 = s0_;
            float _e540 = sum;
            sum = metal::fma(_e538, _e539, _e540);
            float _e546 = into.inner[4u + part];
            float _e547 = s1_;
            s1_ = metal::fma(_e546, input, _e547 * _e521);
            float _e554 = out_of.inner[4u + part];
            float _e555 = s1_;
            float _e556 = sum;
            sum = metal::fma(_e554, _e555, _e556);
            float _e562 = into.inner[8u + part];
            float _e563 = s2_;
            s2_ = metal::fma(_e562, input, _e563 * _e521);
            float _e570 = out_of.inner[8u + part];
            float _e571 = s2_;
            float _e572 = sum;
            sum = metal::fma(_e570, _e571, _e572);
            float _e578 = into.inner[12u + part];
            float _e579 = s3_;
            s3_ = metal::fma(_e578, input, _e579 * _e521);
            float _e586 = out_of.inner[12u + part];
            float _e587 = s3_;
            float _e588 = sum;
            sum = metal::fma(_e586, _e587, _e588);
            float _e594 = into.inner[16u + part];
            float _e595 = s4_;
            s4_ = metal::fma(_e594, input, _e595 * _e521);
            float _e602 = out_of.inner[16u + part];
            float _e603 = s4_;
            float _e604 = sum;
            sum = metal::fma(_e602, _e603, _e604);
            float _e610 = into.inner[20u + part];
            float _e611 = s5_;
            s5_ = metal::fma(_e610, input, _e611 * _e521);
            float _e618 = out_of.inner[20u + part];
            float _e619 = s5_;
            float _e620 = sum;
            sum = metal::fma(_e618, _e619, _e620);
            float _e626 = into.inner[24u + part];
            float _e627 = s6_;
            s6_ = metal::fma(_e626, input, _e627 * _e521);
            float _e634 = out_of.inner[24u + part];
            float _e635 = s6_;
            float _e636 = sum;
            sum = metal::fma(_e634, _e635, _e636);
            float _e642 = into.inner[28u + part];
            float _e643 = s7_;
            s7_ = metal::fma(_e642, input, _e643 * _e521);
            float _e650 = out_of.inner[28u + part];
            float _e651 = s7_;
            float _e652 = sum;
            sum = metal::fma(_e650, _e651, _e652);
            float _e658 = into.inner[32u + part];
            float _e659 = s8_;
            s8_ = metal::fma(_e658, input, _e659 * _e521);
            float _e666 = out_of.inner[32u + part];
            float _e667 = s8_;
            float _e668 = sum;
            sum = metal::fma(_e666, _e667, _e668);
            float _e674 = into.inner[36u + part];
            float _e675 = s9_;
            s9_ = metal::fma(_e674, input, _e675 * _e521);
            float _e682 = out_of.inner[36u + part];
            float _e683 = s9_;
            float _e684 = sum;
            sum = metal::fma(_e682, _e683, _e684);
            float _e690 = into.inner[40u + part];
            float _e691 = s10_;
            s10_ = metal::fma(_e690, input, _e691 * _e521);
            float _e698 = out_of.inner[40u + part];
            float _e699 = s10_;
            float _e700 = sum;
            sum = metal::fma(_e698, _e699, _e700);
            float _e706 = into.inner[44u + part];
            float _e707 = s11_;
            s11_ = metal::fma(_e706, input, _e707 * _e521);
            float _e714 = out_of.inner[44u + part];
            float _e715 = s11_;
            float _e716 = sum;
            sum = metal::fma(_e714, _e715, _e716);
            float _e722 = into.inner[48u + part];
            float _e723 = s12_;
            s12_ = metal::fma(_e722, input, _e723 * _e521);
            float _e730 = out_of.inner[48u + part];
            float _e731 = s12_;
            float _e732 = sum;
            sum = metal::fma(_e730, _e731, _e732);
            float _e738 = into.inner[52u + part];
            float _e739 = s13_;
            s13_ = metal::fma(_e738, input, _e739 * _e521);
            float _e746 = out_of.inner[52u + part];
            float _e747 = s13_;
            float _e748 = sum;
            sum = metal::fma(_e746, _e747, _e748);
            float _e754 = into.inner[56u + part];
            float _e755 = s14_;
            s14_ = metal::fma(_e754, input, _e755 * _e521);
            float _e762 = out_of.inner[56u + part];
            float _e763 = s14_;
            float _e764 = sum;
            sum = metal::fma(_e762, _e763, _e764);
            float _e770 = into.inner[60u + part];
            float _e771 = s15_;
            s15_ = metal::fma(_e770, input, _e771 * _e521);
            float _e778 = out_of.inner[60u + part];
            float _e779 = s15_;
            float _e780 = sum;
            sum = metal::fma(_e778, _e779, _e780);
            float _e786 = into.inner[64u + part];
            float _e787 = s16_;
            s16_ = metal::fma(_e786, input, _e787 * _e521);
            float _e794 = out_of.inner[64u + part];
            float _e795 = s16_;
            float _e796 = sum;
            sum = metal::fma(_e794, _e795, _e796);
            float _e802 = into.inner[68u + part];
            float _e803 = s17_;
            s17_ = metal::fma(_e802, input, _e803 * _e521);
            float _e810 = out_of.inner[68u + part];
            float _e811 = s17_;
            float _e812 = sum;
            sum = metal::fma(_e810, _e811, _e812);
            float _e818 = into.inner[72u + part];
            float _e819 = s18_;
            s18_ = metal::fma(_e818, input, _e819 * _e521);
            float _e826 = out_of.inner[72u + part];
            float _e827 = s18_;
            float _e828 = sum;
            sum = metal::fma(_e826, _e827, _e828);
            float _e834 = into.inner[76u + part];
            float _e835 = s19_;
            s19_ = metal::fma(_e834, input, _e835 * _e521);
            float _e842 = out_of.inner[76u + part];
            float _e843 = s19_;
            float _e844 = sum;
            sum = metal::fma(_e842, _e843, _e844);
            float _e850 = into.inner[80u + part];
            float _e851 = s20_;
            s20_ = metal::fma(_e850, input, _e851 * _e521);
            float _e858 = out_of.inner[80u + part];
            float _e859 = s20_;
            float _e860 = sum;
            sum = metal::fma(_e858, _e859, _e860);
            float _e866 = into.inner[84u + part];
            float _e867 = s21_;
            s21_ = metal::fma(_e866, input, _e867 * _e521);
            float _e874 = out_of.inner[84u + part];
            float _e875 = s21_;
            float _e876 = sum;
            sum = metal::fma(_e874, _e875, _e876);
            float _e882 = into.inner[88u + part];
            float _e883 = s22_;
            s22_ = metal::fma(_e882, input, _e883 * _e521);
            float _e890 = out_of.inner[88u + part];
            float _e891 = s22_;
            float _e892 = sum;
            sum = metal::fma(_e890, _e891, _e892);
            float _e898 = into.inner[92u + part];
            float _e899 = s23_;
            s23_ = metal::fma(_e898, input, _e899 * _e521);
            float _e906 = out_of.inner[92u + part];
            float _e907 = s23_;
            float _e908 = sum;
            sum = metal::fma(_e906, _e907, _e908);
            float _e914 = into.inner[96u + part];
            float _e915 = s24_;
            s24_ = metal::fma(_e914, input, _e915 * _e521);
            float _e922 = out_of.inner[96u + part];
            float _e923 = s24_;
            float _e924 = sum;
            sum = metal::fma(_e922, _e923, _e924);
            float _e930 = into.inner[100u + part];
            float _e931 = s25_;
            s25_ = metal::fma(_e930, input, _e931 * _e521);
            float _e938 = out_of.inner[100u + part];
            float _e939 = s25_;
            float _e940 = sum;
            sum = metal::fma(_e938, _e939, _e940);
            float _e946 = into.inner[104u + part];
            float _e947 = s26_;
            s26_ = metal::fma(_e946, input, _e947 * _e521);
            float _e954 = out_of.inner[104u + part];
            float _e955 = s26_;
            float _e956 = sum;
            sum = metal::fma(_e954, _e955, _e956);
            float _e962 = into.inner[108u + part];
            float _e963 = s27_;
            s27_ = metal::fma(_e962, input, _e963 * _e521);
            float _e970 = out_of.inner[108u + part];
            float _e971 = s27_;
            float _e972 = sum;
            sum = metal::fma(_e970, _e971, _e972);
            float _e978 = into.inner[112u + part];
            float _e979 = s28_;
            s28_ = metal::fma(_e978, input, _e979 * _e521);
            float _e986 = out_of.inner[112u + part];
            float _e987 = s28_;
            float _e988 = sum;
            sum = metal::fma(_e986, _e987, _e988);
            float _e994 = into.inner[116u + part];
            float _e995 = s29_;
            s29_ = metal::fma(_e994, input, _e995 * _e521);
            float _e1002 = out_of.inner[116u + part];
            float _e1003 = s29_;
            float _e1004 = sum;
            sum = metal::fma(_e1002, _e1003, _e1004);
            float _e1010 = into.inner[120u + part];
            float _e1011 = s30_;
            s30_ = metal::fma(_e1010, input, _e1011 * _e521);
            float _e1018 = out_of.inner[120u + part];
            float _e1019 = s30_;
            float _e1020 = sum;
            sum = metal::fma(_e1018, _e1019, _e1020);
            float _e1026 = into.inner[124u + part];
            float _e1027 = s31_;
            s31_ = metal::fma(_e1026, input, _e1027 * _e521);
            float _e1034 = out_of.inner[124u + part];
            float _e1035 = s31_;
            float _e1036 = sum;
            sum = metal::fma(_e1034, _e1035, _e1036);
            float _e1040 = sum;
            sums.inner[lid] = _e1040;
            metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
            if (is_live) {
                local = part == 0u;
            } else {
                local = false;
            }
            bool _e1046 = local;
            if (_e1046) {
                float _e1049 = sums.inner[lid];
                float _e1054 = sums.inner[lid + 32u];
                float _e1060 = sums.inner[lid + 16u];
                float _e1065 = sums.inner[lid + 48u];
                float y_2 = (_e1049 + _e1054) + (_e1060 + _e1065);
                uint _e1071 = p.y;
                uint _e1077 = p.skip;
                float _e1080 = vectors[_e1077 + head];
                float _e1081 = x;
                ys[_e1071 + at_1] = metal::fma(_e1080, _e1081, y_2);
            }
            uint _e1083 = save;
            if (_e1083 < _e3.saves_end) {
                uint _e1087 = save;
                uint _e1089 = lists[_e1087];
                uint _e1090 = row;
                if (_e1089 == _e1090) {
                    uint _e1093 = save;
                    uint _e1097 = lists[_e1093 + 1u];
                    uint _e1100 = p.stride;
                    uint to = (_e1097 * _e1100) + first;
                    if ((0u + lid) < count) {
                        float _e1111 = s0_;
                        states[(to + 0u) + lid] = _e1111;
                    }
                    if ((64u + lid) < count) {
                        float _e1120 = s1_;
                        states[(to + 64u) + lid] = _e1120;
                    }
                    if ((128u + lid) < count) {
                        float _e1129 = s2_;
                        states[(to + 128u) + lid] = _e1129;
                    }
                    if ((192u + lid) < count) {
                        float _e1138 = s3_;
                        states[(to + 192u) + lid] = _e1138;
                    }
                    if ((256u + lid) < count) {
                        float _e1147 = s4_;
                        states[(to + 256u) + lid] = _e1147;
                    }
                    if ((320u + lid) < count) {
                        float _e1156 = s5_;
                        states[(to + 320u) + lid] = _e1156;
                    }
                    if ((384u + lid) < count) {
                        float _e1165 = s6_;
                        states[(to + 384u) + lid] = _e1165;
                    }
                    if ((448u + lid) < count) {
                        float _e1174 = s7_;
                        states[(to + 448u) + lid] = _e1174;
                    }
                    if ((512u + lid) < count) {
                        float _e1183 = s8_;
                        states[(to + 512u) + lid] = _e1183;
                    }
                    if ((576u + lid) < count) {
                        float _e1192 = s9_;
                        states[(to + 576u) + lid] = _e1192;
                    }
                    if ((640u + lid) < count) {
                        float _e1201 = s10_;
                        states[(to + 640u) + lid] = _e1201;
                    }
                    if ((704u + lid) < count) {
                        float _e1210 = s11_;
                        states[(to + 704u) + lid] = _e1210;
                    }
                    if ((768u + lid) < count) {
                        float _e1219 = s12_;
                        states[(to + 768u) + lid] = _e1219;
                    }
                    if ((832u + lid) < count) {
                        float _e1228 = s13_;
                        states[(to + 832u) + lid] = _e1228;
                    }
                    if ((896u + lid) < count) {
                        float _e1237 = s14_;
                        states[(to + 896u) + lid] = _e1237;
                    }
                    if ((960u + lid) < count) {
                        float _e1246 = s15_;
                        states[(to + 960u) + lid] = _e1246;
                    }
                    if ((1024u + lid) < count) {
                        float _e1255 = s16_;
                        states[(to + 1024u) + lid] = _e1255;
                    }
                    if ((1088u + lid) < count) {
                        float _e1264 = s17_;
                        states[(to + 1088u) + lid] = _e1264;
                    }
                    if ((1152u + lid) < count) {
                        float _e1273 = s18_;
                        states[(to + 1152u) + lid] = _e1273;
                    }
                    if ((1216u + lid) < count) {
                        float _e1282 = s19_;
                        states[(to + 1216u) + lid] = _e1282;
                    }
                    if ((1280u + lid) < count) {
                        float _e1291 = s20_;
                        states[(to + 1280u) + lid] = _e1291;
                    }
                    if ((1344u + lid) < count) {
                        float _e1300 = s21_;
                        states[(to + 1344u) + lid] = _e1300;
                    }
                    if ((1408u + lid) < count) {
                        float _e1309 = s22_;
                        states[(to + 1408u) + lid] = _e1309;
                    }
                    if ((1472u + lid) < count) {
                        float _e1318 = s23_;
                        states[(to + 1472u) + lid] = _e1318;
                    }
                    if ((1536u + lid) < count) {
                        float _e1327 = s24_;
                        states[(to + 1536u) + lid] = _e1327;
                    }
                    if ((1600u + lid) < count) {
                        float _e1336 = s25_;
                        states[(to + 1600u) + lid] = _e1336;
                    }
                    if ((1664u + lid) < count) {
                        float _e1345 = s26_;
                        states[(to + 1664u) + lid] = _e1345;
                    }
                    if ((1728u + lid) < count) {
                        float _e1354 = s27_;
                        states[(to + 1728u) + lid] = _e1354;
                    }
                    if ((1792u + lid) < count) {
                        float _e1363 = s28_;
                        states[(to + 1792u) + lid] = _e1363;
                    }
                    if ((1856u + lid) < count) {
                        float _e1372 = s29_;
                        states[(to + 1856u) + lid] = _e1372;
                    }
                    if ((1920u + lid) < count) {
                        float _e1381 = s30_;
                        states[(to + 1920u) + lid] = _e1381;
                    }
                    if ((1984u + lid) < count) {
                        float _e1390 = s31_;
                        states[(to + 1984u) + lid] = _e1390;
                    }
                    uint _e1391 = save;
                    save = _e1391 + 2u;
                }
            }
        }
    }
    if ((0u + lid) < count) {
        float _e1405 = s0_;
        states[(state + 0u) + lid] = _e1405;
    }
    if ((64u + lid) < count) {
        float _e1414 = s1_;
        states[(state + 64u) + lid] = _e1414;
    }
    if ((128u + lid) < count) {
        float _e1423 = s2_;
        states[(state + 128u) + lid] = _e1423;
    }
    if ((192u + lid) < count) {
        float _e1432 = s3_;
        states[(state + 192u) + lid] = _e1432;
    }
    if ((256u + lid) < count) {
        float _e1441 = s4_;
        states[(state + 256u) + lid] = _e1441;
    }
    if ((320u + lid) < count) {
        float _e1450 = s5_;
        states[(state + 320u) + lid] = _e1450;
    }
    if ((384u + lid) < count) {
        float _e1459 = s6_;
        states[(state + 384u) + lid] = _e1459;
    }
    if ((448u + lid) < count) {
        float _e1468 = s7_;
        states[(state + 448u) + lid] = _e1468;
    }
    if ((512u + lid) < count) {
        float _e1477 = s8_;
        states[(state + 512u) + lid] = _e1477;
    }
    if ((576u + lid) < count) {
        float _e1486 = s9_;
        states[(state + 576u) + lid] = _e1486;
    }
    if ((640u + lid) < count) {
        float _e1495 = s10_;
        states[(state + 640u) + lid] = _e1495;
    }
    if ((704u + lid) < count) {
        float _e1504 = s11_;
        states[(state + 704u) + lid] = _e1504;
    }
    if ((768u + lid) < count) {
        float _e1513 = s12_;
        states[(state + 768u) + lid] = _e1513;
    }
    if ((832u + lid) < count) {
        float _e1522 = s13_;
        states[(state + 832u) + lid] = _e1522;
    }
    if ((896u + lid) < count) {
        float _e1531 = s14_;
        states[(state + 896u) + lid] = _e1531;
    }
    if ((960u + lid) < count) {
        float _e1540 = s15_;
        states[(state + 960u) + lid] = _e1540;
    }
    if ((1024u + lid) < count) {
        float _e1549 = s16_;
        states[(state + 1024u) + lid] = _e1549;
    }
    if ((1088u + lid) < count) {
        float _e1558 = s17_;
        states[(state + 1088u) + lid] = _e1558;
    }
    if ((1152u + lid) < count) {
        float _e1567 = s18_;
        states[(state + 1152u) + lid] = _e1567;
    }
    if ((1216u + lid) < count) {
        float _e1576 = s19_;
        states[(state + 1216u) + lid] = _e1576;
    }
    if ((1280u + lid) < count) {
        float _e1585 = s20_;
        states[(state + 1280u) + lid] = _e1585;
    }
    if ((1344u + lid) < count) {
        float _e1594 = s21_;
        states[(state + 1344u) + lid] = _e1594;
    }
    if ((1408u + lid) < count) {
        float _e1603 = s22_;
        states[(state + 1408u) + lid] = _e1603;
    }
    if ((1472u + lid) < count) {
        float _e1612 = s23_;
        states[(state + 1472u) + lid] = _e1612;
    }
    if ((1536u + lid) < count) {
        float _e1621 = s24_;
        states[(state + 1536u) + lid] = _e1621;
    }
    if ((1600u + lid) < count) {
        float _e1630 = s25_;
        states[(state + 1600u) + lid] = _e1630;
    }
    if ((1664u + lid) < count) {
        float _e1639 = s26_;
        states[(state + 1664u) + lid] = _e1639;
    }
    if ((1728u + lid) < count) {
        float _e1648 = s27_;
        states[(state + 1728u) + lid] = _e1648;
    }
    if ((1792u + lid) < count) {
        float _e1657 = s28_;
        states[(state + 1792u) + lid] = _e1657;
    }
    if ((1856u + lid) < count) {
        float _e1666 = s29_;
        states[(state + 1856u) + lid] = _e1666;
    }
    if ((1920u + lid) < count) {
        float _e1675 = s30_;
        states[(state + 1920u) + lid] = _e1675;
    }
    if ((1984u + lid) < count) {
        float _e1684 = s31_;
        states[(state + 1984u) + lid] = _e1684;
        return;
    } else {
        return;
    }
}
