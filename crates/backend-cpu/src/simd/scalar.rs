//! Arrays in place of registers: for machines without a vector path, and as a second opinion in tests.

#![allow(unsafe_op_in_unsafe_fn)] // the whole file is the unsafe inside of `Simd`; see its safety contract

use std::array::from_fn;

use super::{LANES, Simd};

/// Plain Rust.
#[derive(Clone, Copy)]
pub(crate) struct Scalar;

type F16x = [f32; LANES];
type I16x = [i32; LANES];
type B64 = [u8; 64];

fn bytes_of(a: i32) -> [i32; 4] {
    a.to_le_bytes().map(|b| i32::from(b as i8))
}

fn words(x: B64, f: impl Fn(u16) -> u16) -> B64 {
    let mut out = [0; 64];
    for (out, x) in out.as_chunks_mut::<2>().0.iter_mut().zip(x.as_chunks::<2>().0) {
        *out = f(u16::from_le_bytes(*x)).to_le_bytes();
    }
    out
}

impl Simd for Scalar {
    type F = F16x;
    type I = I16x;
    type B = B64;
    const ROW_TILE: usize = 4;
    const CHAINS: usize = 4;
    // Nothing is gained, but the pairs of `NeonI8mm` have their second opinion.
    const PAIRS: bool = true;

    unsafe fn splat(x: f32) -> F16x {
        [x; LANES]
    }
    unsafe fn load(p: *const f32) -> F16x {
        p.cast::<F16x>().read_unaligned()
    }
    unsafe fn store(p: *mut f32, x: F16x) {
        p.cast::<F16x>().write_unaligned(x);
    }
    unsafe fn load_f16(p: *const u16) -> F16x {
        p.cast::<[u16; LANES]>().read_unaligned().map(|b| half::f16::from_bits(b).to_f32())
    }
    unsafe fn store_f16(p: *mut u16, x: F16x) {
        p.cast::<[u16; LANES]>().write_unaligned(x.map(|v| half::f16::from_f32(v).to_bits()));
    }
    unsafe fn load_bf16(p: *const u16) -> F16x {
        p.cast::<[u16; LANES]>().read_unaligned().map(|b| f32::from_bits(u32::from(b) << 16))
    }
    unsafe fn add(a: F16x, b: F16x) -> F16x {
        from_fn(|i| a[i] + b[i])
    }
    unsafe fn sub(a: F16x, b: F16x) -> F16x {
        from_fn(|i| a[i] - b[i])
    }
    unsafe fn mul(a: F16x, b: F16x) -> F16x {
        from_fn(|i| a[i] * b[i])
    }
    unsafe fn div(a: F16x, b: F16x) -> F16x {
        from_fn(|i| a[i] / b[i])
    }
    unsafe fn fma(a: F16x, b: F16x, c: F16x) -> F16x {
        from_fn(|i| a[i].mul_add(b[i], c[i]))
    }
    unsafe fn fnma(a: F16x, b: F16x, c: F16x) -> F16x {
        from_fn(|i| (-a[i]).mul_add(b[i], c[i]))
    }
    unsafe fn max(a: F16x, b: F16x) -> F16x {
        from_fn(|i| gollum_kernels::math::max(a[i], b[i]))
    }
    unsafe fn select_lt(a: F16x, b: F16x, x: F16x, y: F16x) -> F16x {
        from_fn(|i| if a[i] < b[i] { x[i] } else { y[i] })
    }
    unsafe fn round(x: F16x) -> F16x {
        x.map(f32::round_ties_even)
    }
    unsafe fn pow2(n: F16x) -> F16x {
        n.map(|n| f32::from_bits(((n as i32).wrapping_add(127) as u32) << 23))
    }
    unsafe fn abs(x: F16x) -> F16x {
        x.map(f32::abs)
    }
    unsafe fn larger_bits(a: F16x, b: F16x) -> F16x {
        from_fn(|i| f32::from_bits(a[i].to_bits().max(b[i].to_bits())))
    }

    unsafe fn splat_i(x: i32) -> I16x {
        [x; LANES]
    }
    unsafe fn load_u8(p: *const u8) -> I16x {
        p.cast::<[u8; LANES]>().read_unaligned().map(i32::from)
    }
    unsafe fn load_i8(p: *const i8) -> I16x {
        p.cast::<[i8; LANES]>().read_unaligned().map(i32::from)
    }
    unsafe fn to_f32(x: I16x) -> F16x {
        x.map(|v| v as f32)
    }
    unsafe fn store_i8(p: *mut i8, x: F16x) {
        p.cast::<[i8; LANES]>().write_unaligned(x.map(|v| v as i8));
    }
    unsafe fn shl_i<const N: i32>(x: I16x) -> I16x {
        x.map(|v| v << N)
    }
    unsafe fn shr_i<const N: i32>(x: I16x) -> I16x {
        x.map(|v| (v as u32 >> N) as i32)
    }
    unsafe fn shr_by(x: I16x, n: usize) -> I16x {
        x.map(|v| (v as u32 >> n) as i32)
    }
    unsafe fn and_i(x: I16x, mask: i32) -> I16x {
        x.map(|v| v & mask)
    }
    unsafe fn or_i(a: I16x, b: I16x) -> I16x {
        from_fn(|i| a[i] | b[i])
    }
    unsafe fn add_i(a: I16x, b: I16x) -> I16x {
        from_fn(|i| a[i].wrapping_add(b[i]))
    }
    unsafe fn from_bits(x: I16x) -> F16x {
        x.map(|v| f32::from_bits(v as u32))
    }
    unsafe fn splat_bytes(x: I16x) -> B64 {
        from_fn(|i| x[i / 4] as u8)
    }
    unsafe fn gather(table: *const u32, index: I16x) -> B64 {
        from_fn(|i| table.add(index[i / 4] as usize).read().to_le_bytes()[i % 4])
    }

    unsafe fn load_b(p: *const u8) -> B64 {
        p.cast::<B64>().read_unaligned()
    }
    unsafe fn and_b(x: B64, mask: u8) -> B64 {
        x.map(|v| v & mask)
    }
    unsafe fn or_b(a: B64, b: B64) -> B64 {
        from_fn(|i| a[i] | b[i])
    }
    unsafe fn shl_b<const N: i32>(x: B64) -> B64 {
        words(x, |v| v << N)
    }
    unsafe fn shr_b<const N: i32>(x: B64) -> B64 {
        words(x, |v| v >> N)
    }

    unsafe fn dot_unsigned(acc: I16x, w: B64, a: i32) -> I16x {
        let a = bytes_of(a);
        from_fn(|lane| (0..4).fold(acc[lane], |s, i| s + i32::from(w[lane * 4 + i]) * a[i]))
    }
    unsafe fn prepare_signed(w: B64) -> B64 {
        w
    }
    unsafe fn lookup_signed(x: B64, table: &[i8; 16]) -> B64 {
        x.map(|v| table[usize::from(v & 15)] as u8)
    }
    unsafe fn start_signed(_neg_sum: i32) -> I16x {
        [0; LANES]
    }
    unsafe fn dot_signed(acc: I16x, w: B64, a: i32) -> I16x {
        let a = bytes_of(a);
        from_fn(|lane| (0..4).fold(acc[lane], |s, i| s + i32::from(w[lane * 4 + i] as i8) * a[i]))
    }

    unsafe fn tree_sum(x: F16x) -> f32 {
        gollum_kernels::math::tree_sum(x)
    }
    unsafe fn tree_max(x: F16x) -> f32 {
        gollum_kernels::math::tree_max(x)
    }
    unsafe fn max_bits(x: F16x) -> u32 {
        x.map(f32::to_bits).into_iter().max().expect("16 lanes")
    }
    unsafe fn prefetch(_p: *const u8) {}
}
