//! AVX2 with `vpdpbusd` on its registers: an integer dot is one instruction instead of three or four.
//!
//! The instruction has two encodings, and a CPU may have either without the other: AVX-VNNI (clients since
//! 2021), and AVX-512 VNNI at 256 bits.

#![allow(unsafe_op_in_unsafe_fn)] // the whole file is the unsafe inside of `Simd`; see its safety contract

use std::arch::x86_64::*;

use super::Kernel;
use super::avx2::{self, Avx2, Dots, I2};

/// The dots of AVX-VNNI.
#[derive(Clone, Copy)]
struct Vex;

/// The dots of AVX-512 VNNI at 256 bits.
#[derive(Clone, Copy)]
struct Evex;

fn has_vex() -> bool {
    is_x86_feature_detected!("avxvnni")
}

fn has_evex() -> bool {
    is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl")
}

pub(super) fn is_available() -> bool {
    avx2::is_available() && (has_vex() || has_evex())
}

pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    if has_vex() { run_vex(kernel) } else { run_evex(kernel) }
}

#[target_feature(enable = "avx2,fma,f16c,avxvnni")]
unsafe fn run_vex<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2<Vex>>()
}

#[target_feature(enable = "avx2,fma,f16c,avx512vnni,avx512vl")]
unsafe fn run_evex<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2<Evex>>()
}

macro_rules! impl_dots {
    ($encoding:ty, $dpbusd:ident) => {
        impl Dots for $encoding {
            #[inline(always)]
            unsafe fn dot_unsigned(acc: I2, w: I2, a: i32) -> I2 {
                let a = _mm256_set1_epi32(a);
                [$dpbusd(acc[0], w[0], a), $dpbusd(acc[1], w[1], a)]
            }
            #[inline(always)]
            unsafe fn prepare_signed(w: I2) -> I2 {
                // The instruction takes unsigned weights: w + 128, and `start_signed` takes 128 * sum(a) off.
                let offset = _mm256_set1_epi8(-128);
                [_mm256_xor_si256(w[0], offset), _mm256_xor_si256(w[1], offset)]
            }
            #[inline(always)]
            unsafe fn start_signed(neg_sum: i32) -> I2 {
                [_mm256_slli_epi32::<7>(_mm256_set1_epi32(neg_sum)); 2]
            }
            #[inline(always)]
            unsafe fn dot_signed(acc: I2, w: I2, a: i32) -> I2 {
                Self::dot_unsigned(acc, w, a)
            }
        }
    };
}

impl_dots!(Vex, _mm256_dpbusd_avx_epi32);
impl_dots!(Evex, _mm256_dpbusd_epi32);
