//! Sixteen lanes, whatever the machine: the vocabulary all kernels are written in, once.
//!
//! ```text
//! F   16 x f32     one zmm, two ymm, four NEON registers, or an array
//! I   16 x i32
//! B   64 bytes:    16 lanes of 4 bytes, the operand of an integer dot
//! ```
//! Every method is one IEEE or integer operation per lane with one meaning, so a kernel written in them has
//! the same bits on every implementation. A kernel is a [`Kernel`]; [`Isa::run`] calls it inside a function
//! that has the instruction set enabled, and everything below is `inline(always)` into that function.
//!
//! # Safety
//! The methods are unsafe for two reasons: the CPU must have the instructions, which [`Isa::detect`] has
//! checked before an implementation is reached, and pointers must be good for the 16 lanes or 64 bytes
//! that a method reads or writes, without alignment.

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avxvnni;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;

use std::ops::Range;
use std::str::FromStr;

pub(crate) use scalar::Scalar;

/// Lanes of a vector, and output rows of a weight panel.
pub(crate) const LANES: usize = 16;

/// The operations of a vector unit. See the module text for the safety contract.
#[allow(clippy::missing_safety_doc)]
pub(crate) trait Simd: Copy + Send + Sync + 'static {
    type F: Copy;
    type I: Copy;
    type B: Copy;
    /// Activation rows a matmul keeps in registers at once.
    const ROW_TILE: usize;
    /// Chains of FMAs that attention runs side by side; they stay in registers. Divides 16.
    const CHAINS: usize;
    /// A matmul takes activation rows two at a time, through [`pair_groups`](Self::pair_groups) and
    /// [`dot_pair`](Self::dot_pair). Only for sets whose `dot_signed` takes unsigned codes up to 127 too.
    const PAIRS: bool = false;

    unsafe fn splat(x: f32) -> Self::F;
    unsafe fn load(p: *const f32) -> Self::F;
    unsafe fn store(p: *mut f32, x: Self::F);
    unsafe fn load_f16(p: *const u16) -> Self::F;
    /// Rounds to nearest even.
    unsafe fn store_f16(p: *mut u16, x: Self::F);
    unsafe fn load_bf16(p: *const u16) -> Self::F;
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once.
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `c - a * b`, rounded once.
    unsafe fn fnma(a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `if a > b { a } else { b }`.
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F;
    /// `if a < b { x } else { y }`, false for NaN.
    unsafe fn select_lt(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F;
    /// Lane `i` of vector `j` as value `j` of row `i`.
    #[inline(always)]
    unsafe fn transpose(x: &[Self::F; LANES]) -> [[f32; LANES]; LANES] {
        let mut columns = [[0.0f32; LANES]; LANES];
        let mut rows = [[0.0f32; LANES]; LANES];
        for (x, column) in x.iter().zip(&mut columns) {
            // SAFETY: a column holds 16 lanes.
            unsafe { Self::store(column.as_mut_ptr(), *x) };
        }
        for (i, row) in rows.iter_mut().enumerate() {
            for (value, column) in row.iter_mut().zip(&columns) {
                *value = column[i];
            }
        }
        rows
    }
    /// Nearest integer, ties to even.
    unsafe fn round(x: Self::F) -> Self::F;
    /// `2^n` for integral `n` in `-126..=127`; anything for NaN.
    unsafe fn pow2(n: Self::F) -> Self::F;
    /// Clears the sign.
    unsafe fn abs(x: Self::F) -> Self::F;
    /// The larger bit pattern, unsigned.
    unsafe fn larger_bits(a: Self::F, b: Self::F) -> Self::F;

    unsafe fn splat_i(x: i32) -> Self::I;
    /// `x << N` in every lane.
    #[inline(always)]
    unsafe fn splat_shl<const N: i32>(x: i32) -> Self::I {
        // SAFETY: no pointers.
        unsafe { Self::shl_i::<N>(Self::splat_i(x)) }
    }
    /// Sixteen unsigned bytes, widened.
    unsafe fn load_u8(p: *const u8) -> Self::I;
    /// Sixteen signed bytes, widened.
    unsafe fn load_i8(p: *const i8) -> Self::I;
    unsafe fn to_f32(x: Self::I) -> Self::F;
    /// The integer of each (already integral, in range) lane as a byte.
    unsafe fn store_i8(p: *mut i8, x: Self::F);
    unsafe fn shl_i<const N: i32>(x: Self::I) -> Self::I;
    unsafe fn shr_i<const N: i32>(x: Self::I) -> Self::I;
    /// Logical shift by a count known at run time.
    unsafe fn shr_by(x: Self::I, n: usize) -> Self::I;
    unsafe fn and_i(x: Self::I, mask: i32) -> Self::I;
    unsafe fn or_i(a: Self::I, b: Self::I) -> Self::I;
    unsafe fn add_i(a: Self::I, b: Self::I) -> Self::I;
    /// The number that has these bits.
    unsafe fn from_bits(x: Self::I) -> Self::F;
    /// The low byte of each lane in all four bytes of the lane; the lane is below 256.
    unsafe fn splat_bytes(x: Self::I) -> Self::B;
    /// `table[index]` per lane; every index is within the table.
    unsafe fn gather(table: *const u32, index: Self::I) -> Self::B;

    unsafe fn load_b(p: *const u8) -> Self::B;
    unsafe fn and_b(x: Self::B, mask: u8) -> Self::B;
    unsafe fn or_b(a: Self::B, b: Self::B) -> Self::B;
    /// Shifts 16-bit lanes; bits of a neighbouring byte come in, so a mask follows.
    unsafe fn shl_b<const N: i32>(x: Self::B) -> Self::B;
    /// Shifts 16-bit lanes; bits of a neighbouring byte come in, so a mask follows.
    unsafe fn shr_b<const N: i32>(x: Self::B) -> Self::B;

    /// `acc[lane] += sum of w[lane][i] * a[i]`, `w` unsigned in `0..=127`, `a` four i8 in one i32.
    unsafe fn dot_unsigned(acc: Self::I, w: Self::B, a: i32) -> Self::I;
    /// Signed bytes in the form that [`dot_signed`](Self::dot_signed) takes.
    unsafe fn prepare_signed(w: Self::B) -> Self::B;
    /// `table[x]` per byte, `x` in `0..16`, in the form that `dot_signed` takes.
    unsafe fn lookup_signed(x: Self::B, table: &[i8; 16]) -> Self::B;
    /// The accumulator a signed dot over a block starts from, given minus the sum of the block's `a`.
    unsafe fn start_signed(neg_sum: i32) -> Self::I;
    /// As `dot_unsigned`, for prepared signed bytes. `a` is never -128.
    unsafe fn dot_signed(acc: Self::I, w: Self::B, a: i32) -> Self::I;
    /// The eight groups of a block in the form that [`dot_pair`](Self::dot_pair) takes.
    #[inline(always)]
    unsafe fn pair_groups(w: &[Self::B; 8]) -> [Self::B; 8] {
        *w
    }
    /// `dot_signed` of an even range of groups with two activation rows; `a` points to eight groups of each.
    #[inline(always)]
    unsafe fn dot_pair(
        acc: [Self::I; 2],
        w: &[Self::B; 8],
        a: [*const i32; 2],
        groups: Range<usize>,
    ) -> [Self::I; 2] {
        let [mut first, mut second] = acc;
        for group in groups {
            // SAFETY: the caller's pointers cover the groups.
            unsafe {
                first = Self::dot_signed(first, w[group], a[0].add(group).read_unaligned());
                second = Self::dot_signed(second, w[group], a[1].add(group).read_unaligned());
            }
        }
        [first, second]
    }

    /// `math::tree_sum` of the lanes.
    unsafe fn tree_sum(x: Self::F) -> f32;
    /// `math::tree_max` of the lanes.
    unsafe fn tree_max(x: Self::F) -> f32;
    /// Lane `i` is `tree_sum(x[i])`; lanes from `N` on, `N <= 8`, hold anything.
    #[inline(always)]
    unsafe fn tree_sums<const N: usize>(x: &[Self::F; N]) -> Self::F {
        let mut lanes = [0.0; LANES];
        for i in 0..N {
            // SAFETY: no pointers.
            lanes[i] = unsafe { Self::tree_sum(x[i]) };
        }
        // SAFETY: the array has the lanes.
        unsafe { Self::load(lanes.as_ptr()) }
    }
    /// Lane `i` is `tree_max(x[i])`; lanes from `N` on, `N <= 8`, hold anything.
    #[inline(always)]
    unsafe fn tree_maxima<const N: usize>(x: &[Self::F; N]) -> Self::F {
        let mut lanes = [0.0; LANES];
        for i in 0..N {
            // SAFETY: no pointers.
            lanes[i] = unsafe { Self::tree_max(x[i]) };
        }
        // SAFETY: the array has the lanes.
        unsafe { Self::load(lanes.as_ptr()) }
    }
    /// Largest bit pattern of all lanes, unsigned.
    unsafe fn max_bits(x: Self::F) -> u32;
    /// Lane `i` is the sum of the lanes of `x[i]`, in some order: for sums that are exact.
    #[inline(always)]
    unsafe fn sum_each(x: &[Self::F; LANES]) -> Self::F {
        let mut lanes = [0.0; LANES];
        for i in 0..LANES {
            // SAFETY: no pointers.
            lanes[i] = unsafe { Self::tree_sum(x[i]) };
        }
        // SAFETY: the array has the lanes.
        unsafe { Self::load(lanes.as_ptr()) }
    }
    /// Lane `i` is `max_bits(x[i])`.
    #[inline(always)]
    unsafe fn max_bits_each(x: &[Self::F; LANES]) -> Self::F {
        let mut lanes = [0.0; LANES];
        for i in 0..LANES {
            // SAFETY: no pointers.
            lanes[i] = f32::from_bits(unsafe { Self::max_bits(x[i]) });
        }
        // SAFETY: the array has the lanes.
        unsafe { Self::load(lanes.as_ptr()) }
    }
    /// Asks for a line in the second cache: what is asked for ahead is more than the nearest can hold beside what
    /// is in use. The address need not be valid.
    unsafe fn prefetch(p: *const u8);
}

/// A piece of work that is generic over the vector unit.
pub(crate) trait Kernel {
    type Output;
    /// Does the work. Implementations are `#[inline(always)]`.
    ///
    /// # Safety
    /// The CPU has the instructions of `S`.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// An instruction set that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// No vector instructions at all: the same kernels over arrays.
    Scalar,
    /// x86-64 with AVX2, FMA and F16C.
    Avx2,
    /// As `Avx2`, with integer dots in one instruction: AVX-VNNI, or AVX-512 VNNI at 256 bits.
    AvxVnni,
    /// x86-64 with AVX-512 F, BW, VL, DQ and VNNI.
    Avx512,
    /// AArch64 with the dot-product extension: every Mac, and servers since 2019.
    Neon,
    /// As `Neon`, with the 8-bit matrix extension: Macs since the M2, and servers since 2021.
    NeonI8mm,
}

/// A name that is no instruction set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown instruction set {0:?}; known are scalar, avx2, avxvnni, avx512, neon and neon-i8mm")]
pub struct UnknownIsa(String);

impl FromStr for Isa {
    type Err = UnknownIsa;

    fn from_str(name: &str) -> Result<Self, UnknownIsa> {
        Self::ALL.into_iter().find(|isa| isa.name() == name).ok_or_else(|| UnknownIsa(name.to_owned()))
    }
}

impl Isa {
    /// All of them; of those that one machine can have, the widest last.
    pub const ALL: [Self; 6] =
        [Self::Scalar, Self::Avx2, Self::AvxVnni, Self::Avx512, Self::Neon, Self::NeonI8mm];

    /// Lower-case name, as `--isa` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::NeonI8mm => "neon-i8mm",
        }
    }

    /// True if this CPU has every instruction the set's kernels use.
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => avxvnni::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512::is_available(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => neon::is_available(),
            #[cfg(target_arch = "aarch64")]
            Self::NeonI8mm => neon::is_i8mm_available(),
            _ => false,
        }
    }

    /// The widest available.
    pub fn detect() -> Self {
        Self::ALL.into_iter().rev().find(|isa| isa.is_available()).expect("scalar is always available")
    }

    /// Runs a kernel. The set must be available, which [`CpuOps::new`](crate::CpuOps::new) checks once.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            // SAFETY: plain Rust, any CPU has it.
            Self::Scalar => unsafe { kernel.run::<Scalar>() },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an unavailable set never becomes a backend's `isa`.
            Self::Avx2 => unsafe { avx2::run(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::AvxVnni => unsafe { avxvnni::run(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::Avx512 => unsafe { avx512::run(kernel) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above.
            Self::Neon => unsafe { neon::run(kernel) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above.
            Self::NeonI8mm => unsafe { neon::run_i8mm(kernel) },
            _ => unreachable!("{self:?} is never available on this machine"),
        }
    }
}
