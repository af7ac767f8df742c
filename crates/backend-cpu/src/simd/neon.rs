//! NEON with the dot-product extension: four registers per vector. With the 8-bit matrix extension on top, one
//! instruction does what two `sdot` do, for two activation rows at once:
//!
//! ```text
//! register i of groups g, g + 1    rows 4i to 4i + 3, 4 inputs each
//! zip1, zip2                       rows 4i, 4i + 1 and rows 4i + 2, 4i + 3, 8 inputs each
//! smmla with 8 inputs of a0, a1    [w0 a0, w0 a1, w1 a0, w1 a1] and [w2 a0, w2 a1, w3 a0, w3 a1]
//! uzp1, uzp2                       the four lanes of a0, and of a1
//! ```
//! `sdot`, `smmla` and the f16 conversions are written as assembly: their intrinsics are not stable in Rust.

#![allow(unsafe_op_in_unsafe_fn)] // the whole file is the unsafe inside of `Simd`; see its safety contract

use std::arch::aarch64::*;
use std::arch::asm;
use std::ops::Range;

use super::{Kernel, Simd};

#[derive(Clone, Copy)]
pub(super) struct Neon<const I8MM: bool>;

pub(super) fn is_available() -> bool {
    std::arch::is_aarch64_feature_detected!("neon") && std::arch::is_aarch64_feature_detected!("dotprod")
}

#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Neon<false>>()
}

pub(super) fn is_i8mm_available() -> bool {
    is_available() && std::arch::is_aarch64_feature_detected!("i8mm")
}

#[target_feature(enable = "neon,dotprod,i8mm")]
pub(super) unsafe fn run_i8mm<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Neon<true>>()
}

type F4 = [float32x4_t; 4];
type I4 = [int32x4_t; 4];
type B4 = [uint8x16_t; 4];

macro_rules! per_quarter {
    ($f:ident($($x:ident),+)) => {
        [$f($($x[0]),+), $f($($x[1]),+), $f($($x[2]),+), $f($($x[3]),+)]
    };
}

macro_rules! each_quarter {
    ($i:ident => $e:expr) => {{
        let quarter = |$i: usize| $e;
        [quarter(0), quarter(1), quarter(2), quarter(3)]
    }};
}

#[inline(always)]
unsafe fn max(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    // Not `fmax`, which has NaN rules of its own.
    vbslq_f32(vcgtq_f32(a, b), a, b)
}

#[inline(always)]
unsafe fn larger_bits(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    vreinterpretq_f32_u32(vmaxq_u32(vreinterpretq_u32_f32(a), vreinterpretq_u32_f32(b)))
}

#[inline(always)]
unsafe fn widen_f16(x: uint16x4_t) -> float32x4_t {
    let out: float32x4_t;
    asm!("fcvtl {o:v}.4s, {x:v}.4h", o = lateout(vreg) out, x = in(vreg) x, options(pure, nomem, nostack));
    out
}

#[inline(always)]
unsafe fn narrow_f16(x: float32x4_t) -> uint16x4_t {
    let out: uint16x4_t;
    asm!("fcvtn {o:v}.4h, {x:v}.4s", o = lateout(vreg) out, x = in(vreg) x, options(pure, nomem, nostack));
    out
}

#[inline(always)]
unsafe fn sdot(mut acc: int32x4_t, w: uint8x16_t, a: int32x4_t) -> int32x4_t {
    asm!(
        ".arch_extension dotprod",
        "sdot {acc:v}.4s, {w:v}.16b, {a:v}.16b",
        acc = inout(vreg) acc, w = in(vreg) w, a = in(vreg) a,
        options(pure, nomem, nostack)
    );
    acc
}

/// Two rows by 8 weights times two rows by 8 activations; only for `I8MM`.
#[inline(always)]
unsafe fn smmla(mut acc: int32x4_t, w: uint8x16_t, a: int8x16_t) -> int32x4_t {
    asm!(
        ".arch_extension i8mm",
        "smmla {acc:v}.4s, {w:v}.16b, {a:v}.16b",
        acc = inout(vreg) acc, w = in(vreg) w, a = in(vreg) a,
        options(pure, nomem, nostack)
    );
    acc
}

#[inline(always)]
unsafe fn zip1(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    vreinterpretq_u8_u32(vzip1q_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)))
}

#[inline(always)]
unsafe fn zip2(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    vreinterpretq_u8_u32(vzip2q_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)))
}

impl<const I8MM: bool> Simd for Neon<I8MM> {
    type F = F4;
    type I = I4;
    type B = B4;
    // Of 32 registers, a row's sums take 4 and the dots of a pair 8.
    const ROW_TILE: usize = if I8MM { 4 } else { 2 };
    const CHAINS: usize = 4;
    const PAIRS: bool = I8MM;

    #[inline(always)]
    unsafe fn splat(x: f32) -> F4 {
        [vdupq_n_f32(x); 4]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> F4 {
        each_quarter!(i => vld1q_f32(p.add(4 * i)))
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, x: F4) {
        for (i, x) in x.into_iter().enumerate() {
            vst1q_f32(p.add(4 * i), x);
        }
    }
    #[inline(always)]
    unsafe fn load_f16(p: *const u16) -> F4 {
        each_quarter!(i => widen_f16(vld1_u16(p.add(4 * i))))
    }
    #[inline(always)]
    unsafe fn store_f16(p: *mut u16, x: F4) {
        for (i, x) in x.into_iter().enumerate() {
            vst1_u16(p.add(4 * i), narrow_f16(x));
        }
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> F4 {
        each_quarter!(i => vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(p.add(4 * i)))))
    }
    #[inline(always)]
    unsafe fn add(a: F4, b: F4) -> F4 {
        per_quarter!(vaddq_f32(a, b))
    }
    #[inline(always)]
    unsafe fn sub(a: F4, b: F4) -> F4 {
        per_quarter!(vsubq_f32(a, b))
    }
    #[inline(always)]
    unsafe fn mul(a: F4, b: F4) -> F4 {
        per_quarter!(vmulq_f32(a, b))
    }
    #[inline(always)]
    unsafe fn div(a: F4, b: F4) -> F4 {
        per_quarter!(vdivq_f32(a, b))
    }
    #[inline(always)]
    unsafe fn fma(a: F4, b: F4, c: F4) -> F4 {
        per_quarter!(vfmaq_f32(c, a, b))
    }
    #[inline(always)]
    unsafe fn fnma(a: F4, b: F4, c: F4) -> F4 {
        per_quarter!(vfmsq_f32(c, a, b))
    }
    #[inline(always)]
    unsafe fn max(a: F4, b: F4) -> F4 {
        per_quarter!(max(a, b))
    }
    #[inline(always)]
    unsafe fn select_lt(a: F4, b: F4, x: F4, y: F4) -> F4 {
        each_quarter!(i => vbslq_f32(vcltq_f32(a[i], b[i]), x[i], y[i]))
    }
    #[inline(always)]
    unsafe fn round(x: F4) -> F4 {
        per_quarter!(vrndnq_f32(x))
    }
    #[inline(always)]
    unsafe fn pow2(n: F4) -> F4 {
        each_quarter!(i => {
            let exponent = vaddq_s32(vcvtnq_s32_f32(n[i]), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent))
        })
    }
    #[inline(always)]
    unsafe fn abs(x: F4) -> F4 {
        per_quarter!(vabsq_f32(x))
    }
    #[inline(always)]
    unsafe fn larger_bits(a: F4, b: F4) -> F4 {
        per_quarter!(larger_bits(a, b))
    }

    #[inline(always)]
    unsafe fn splat_i(x: i32) -> I4 {
        [vdupq_n_s32(x); 4]
    }
    #[inline(always)]
    unsafe fn load_u8(p: *const u8) -> I4 {
        let bytes = vld1q_u8(p);
        let (low, high) = (vmovl_u8(vget_low_u8(bytes)), vmovl_u8(vget_high_u8(bytes)));
        let wide = [vget_low_u16(low), vget_high_u16(low), vget_low_u16(high), vget_high_u16(high)];
        each_quarter!(i => vreinterpretq_s32_u32(vmovl_u16(wide[i])))
    }
    #[inline(always)]
    unsafe fn load_i8(p: *const i8) -> I4 {
        let bytes = vld1q_s8(p);
        let (low, high) = (vmovl_s8(vget_low_s8(bytes)), vmovl_s8(vget_high_s8(bytes)));
        let wide = [vget_low_s16(low), vget_high_s16(low), vget_low_s16(high), vget_high_s16(high)];
        each_quarter!(i => vmovl_s16(wide[i]))
    }
    #[inline(always)]
    unsafe fn to_f32(x: I4) -> F4 {
        per_quarter!(vcvtq_f32_s32(x))
    }
    #[inline(always)]
    unsafe fn store_i8(p: *mut i8, x: F4) {
        let words = each_quarter!(i => vmovn_s32(vcvtnq_s32_f32(x[i])));
        let low = vmovn_s16(vcombine_s16(words[0], words[1]));
        let high = vmovn_s16(vcombine_s16(words[2], words[3]));
        vst1q_s8(p, vcombine_s8(low, high));
    }
    #[inline(always)]
    unsafe fn shl_i<const N: i32>(x: I4) -> I4 {
        each_quarter!(i => vshlq_n_s32::<N>(x[i]))
    }
    #[inline(always)]
    unsafe fn shr_i<const N: i32>(x: I4) -> I4 {
        each_quarter!(i => vreinterpretq_s32_u32(vshrq_n_u32::<N>(vreinterpretq_u32_s32(x[i]))))
    }
    #[inline(always)]
    unsafe fn shr_by(x: I4, n: usize) -> I4 {
        let n = vdupq_n_s32(-(n as i32));
        each_quarter!(i => vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(x[i]), n)))
    }
    #[inline(always)]
    unsafe fn and_i(x: I4, mask: i32) -> I4 {
        let mask = vdupq_n_s32(mask);
        each_quarter!(i => vandq_s32(x[i], mask))
    }
    #[inline(always)]
    unsafe fn or_i(a: I4, b: I4) -> I4 {
        per_quarter!(vorrq_s32(a, b))
    }
    #[inline(always)]
    unsafe fn add_i(a: I4, b: I4) -> I4 {
        per_quarter!(vaddq_s32(a, b))
    }
    #[inline(always)]
    unsafe fn from_bits(x: I4) -> F4 {
        per_quarter!(vreinterpretq_f32_s32(x))
    }
    #[inline(always)]
    unsafe fn splat_bytes(x: I4) -> B4 {
        each_quarter!(i => vreinterpretq_u8_s32(vmulq_n_s32(x[i], 0x0101_0101)))
    }
    #[inline(always)]
    unsafe fn gather(table: *const u32, index: I4) -> B4 {
        let mut words = [[0u32; 4]; 4];
        for (words, index) in words.iter_mut().zip(index) {
            let mut at = [0; 4];
            vst1q_s32(at.as_mut_ptr(), index);
            *words = [0, 1, 2, 3].map(|i: usize| *table.wrapping_add(at[i] as usize));
        }
        each_quarter!(i => vreinterpretq_u8_u32(vld1q_u32(words[i].as_ptr())))
    }

    #[inline(always)]
    unsafe fn load_b(p: *const u8) -> B4 {
        each_quarter!(i => vld1q_u8(p.add(16 * i)))
    }
    #[inline(always)]
    unsafe fn and_b(x: B4, mask: u8) -> B4 {
        let mask = vdupq_n_u8(mask);
        each_quarter!(i => vandq_u8(x[i], mask))
    }
    #[inline(always)]
    unsafe fn or_b(a: B4, b: B4) -> B4 {
        per_quarter!(vorrq_u8(a, b))
    }
    #[inline(always)]
    unsafe fn shl_b<const N: i32>(x: B4) -> B4 {
        each_quarter!(i => vreinterpretq_u8_u16(vshlq_n_u16::<N>(vreinterpretq_u16_u8(x[i]))))
    }
    #[inline(always)]
    unsafe fn shr_b<const N: i32>(x: B4) -> B4 {
        each_quarter!(i => vreinterpretq_u8_u16(vshrq_n_u16::<N>(vreinterpretq_u16_u8(x[i]))))
    }

    #[inline(always)]
    unsafe fn dot_unsigned(acc: I4, w: B4, a: i32) -> I4 {
        // Weights up to 127 are the same number signed.
        Self::dot_signed(acc, w, a)
    }
    #[inline(always)]
    unsafe fn prepare_signed(w: B4) -> B4 {
        w
    }
    #[inline(always)]
    unsafe fn lookup_signed(x: B4, table: &[i8; 16]) -> B4 {
        let table = vreinterpretq_u8_s8(vld1q_s8(table.as_ptr()));
        each_quarter!(i => vqtbl1q_u8(table, x[i]))
    }
    #[inline(always)]
    unsafe fn start_signed(_neg_sum: i32) -> I4 {
        [vdupq_n_s32(0); 4]
    }
    #[inline(always)]
    unsafe fn dot_signed(acc: I4, w: B4, a: i32) -> I4 {
        let a = vdupq_n_s32(a);
        each_quarter!(i => sdot(acc[i], w[i], a))
    }
    #[inline(always)]
    unsafe fn pair_groups(w: &[B4; 8]) -> [B4; 8] {
        let mut out = *w;
        for ([low, high], [first, second]) in w.as_chunks::<2>().0.iter().zip(out.as_chunks_mut::<2>().0) {
            *first = per_quarter!(zip1(low, high));
            *second = per_quarter!(zip2(low, high));
        }
        out
    }
    #[inline(always)]
    unsafe fn dot_pair(acc: [I4; 2], w: &[B4; 8], a: [*const i32; 2], groups: Range<usize>) -> [I4; 2] {
        let [x, y] = acc;
        let (mut first, mut second) = (per_quarter!(vzip1q_s32(x, y)), per_quarter!(vzip2q_s32(x, y)));
        for group in groups.step_by(2) {
            let a = vcombine_s8(vld1_s8(a[0].add(group).cast()), vld1_s8(a[1].add(group).cast()));
            first = each_quarter!(i => smmla(first[i], w[group][i], a));
            second = each_quarter!(i => smmla(second[i], w[group + 1][i], a));
        }
        [per_quarter!(vuzp1q_s32(first, second)), per_quarter!(vuzp2q_s32(first, second))]
    }

    #[inline(always)]
    unsafe fn tree_sum(x: F4) -> f32 {
        let x = vaddq_f32(vaddq_f32(x[0], x[2]), vaddq_f32(x[1], x[3]));
        let x = vaddq_f32(x, vextq_f32::<2>(x, x));
        vgetq_lane_f32::<0>(x) + vgetq_lane_f32::<1>(x)
    }
    #[inline(always)]
    unsafe fn tree_max(x: F4) -> f32 {
        let x = max(max(x[0], x[2]), max(x[1], x[3]));
        let x = max(x, vextq_f32::<2>(x, x));
        gollum_kernels::math::max(vgetq_lane_f32::<0>(x), vgetq_lane_f32::<1>(x))
    }
    #[inline(always)]
    unsafe fn max_bits(x: F4) -> u32 {
        let x = larger_bits(larger_bits(x[0], x[1]), larger_bits(x[2], x[3]));
        vmaxvq_u32(vreinterpretq_u32_f32(x))
    }
    #[inline(always)]
    unsafe fn prefetch(p: *const u8) {
        asm!("prfm pldl2keep, [{p}]", p = in(reg) p, options(readonly, nostack, preserves_flags));
    }
}
