//! Operations on single rows: norms, rotation, limits, quantisation.

#![allow(unsafe_code)]

use gollum_kernels::math::{ATANH_POLY, EXP_HI, EXP_LO, EXP_POLY, LN2_HI, LN2_LO, LOG2_E, tree_sum};
use gollum_kernels::{NormKind, Output, RopeKind};
use gollum_quant::K_BLOCK;

use super::matmul::RowBlock;
use crate::simd::{Kernel, LANES, Simd};

/// `math::exp` in each lane.
#[inline(always)]
pub(crate) unsafe fn exp<S: Simd>(x: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let (lo, hi) = (S::splat(EXP_LO), S::splat(EXP_HI));
        let clamped = S::max(lo, x);
        let clamped = S::select_lt(hi, clamped, hi, clamped);
        let n = S::round(S::mul(clamped, S::splat(LOG2_E)));
        let r = S::fnma(n, S::splat(LN2_HI), clamped);
        let r = S::fnma(n, S::splat(LN2_LO), r);
        let mut p = S::splat(EXP_POLY[0]);
        for &c in &EXP_POLY[1..] {
            p = S::fma(p, r, S::splat(c));
        }
        // NaN stays NaN through the polynomial, whatever `pow2` makes of it.
        S::select_lt(x, lo, S::splat(0.0), S::mul(p, S::pow2(n)))
    }
}

/// `math::tanh` in each lane.
#[inline(always)]
pub(crate) unsafe fn tanh<S: Simd>(x: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let one = S::splat(1.0);
        S::sub(one, S::div(S::splat(2.0), S::add(exp::<S>(S::add(x, x)), one)))
    }
}

/// `math::softplus` in each lane.
#[inline(always)]
pub(crate) unsafe fn softplus<S: Simd>(x: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let u = exp::<S>(S::sub(S::splat(-0.0), S::abs(x)));
        let s = S::div(u, S::add(S::splat(2.0), u));
        let square = S::mul(s, s);
        let mut p = S::splat(ATANH_POLY[0]);
        for &c in &ATANH_POLY[1..] {
            p = S::fma(p, square, S::splat(c));
        }
        let twice = S::add(s, s);
        S::add(S::max(S::splat(0.0), x), S::fma(S::mul(twice, square), p, twice))
    }
}

/// `math::clamp` in each lane.
#[inline(always)]
pub(crate) unsafe fn clamp<S: Simd>(x: S::F, limit: f32) -> S::F {
    // SAFETY: no pointers.
    unsafe { S::max(S::splat(-limit), min::<S>(S::splat(limit), x)) }
}

/// `math::min` in each lane.
#[inline(always)]
pub(super) unsafe fn min<S: Simd>(a: S::F, b: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe { S::select_lt(a, b, a, b) }
}

/// A function of `N` values, in each lane. A trait and not a closure, because a closure cannot be made to
/// inline, and a vector function that is not inlined is a call per instruction.
pub(super) trait Lanes<const N: usize> {
    unsafe fn apply<S: Simd>(&self, x: [S::F; N]) -> S::F;
}

/// `out[i] = f(inputs[..][i])` for `n` values; the ragged end goes through zero-padded vectors. `out` may be
/// one of the inputs.
#[inline(always)]
pub(super) unsafe fn map<S: Simd, const N: usize>(
    inputs: [*const f32; N],
    out: *mut f32,
    n: usize,
    f: &impl Lanes<N>,
) {
    // SAFETY: the caller's pointers are good for `n` values.
    unsafe {
        let mut x = [S::splat(0.0); N];
        let mut i = 0;
        while i + LANES <= n {
            for (x, p) in x.iter_mut().zip(inputs) {
                *x = S::load(p.add(i));
            }
            S::store(out.add(i), f.apply::<S>(x));
            i += LANES;
        }
        if i < n {
            for (x, p) in x.iter_mut().zip(inputs) {
                *x = load_part::<S>(p.add(i), n - i);
            }
            let mut lanes = [0.0f32; LANES];
            S::store(lanes.as_mut_ptr(), f.apply::<S>(x));
            std::ptr::copy_nonoverlapping(lanes.as_ptr(), out.add(i), n - i);
        }
    }
}

/// `n < 16` values, zeros behind them.
#[inline(always)]
pub(crate) unsafe fn load_part<S: Simd>(p: *const f32, n: usize) -> S::F {
    let mut lanes = [0.0f32; LANES];
    // SAFETY: the caller's pointer is good for `n` values.
    unsafe {
        std::ptr::copy_nonoverlapping(p, lanes.as_mut_ptr(), n);
        S::load(lanes.as_ptr())
    }
}

/// Norm of one row, or of each head of one row.
pub(crate) struct NormRow {
    pub kind: NormKind,
    pub x: *const f32,
    /// `[width]`, or null.
    pub weight: *const f32,
    /// `[width]`, or null.
    pub bias: *const f32,
    pub out: *mut f32,
    /// Values per norm.
    pub width: usize,
    /// Norms side by side.
    pub heads: usize,
    /// Values from the weights and biases of one head to those of the next: none, if heads share them.
    pub vector_step: usize,
    pub eps: f32,
    pub output: Output,
}

impl Kernel for NormRow {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for head in 0..self.heads {
            // SAFETY: the caller's pointers are good for `heads * width` values, weight and bias for those of
            // every head.
            unsafe {
                let at = head * self.width;
                let vector = |v: *const f32| if v.is_null() { v } else { v.add(head * self.vector_step) };
                let (weight, bias) = (vector(self.weight), vector(self.bias));
                self.head::<S>(self.x.add(at), [weight, bias], self.out.add(at));
            }
        }
    }
}

impl NormRow {
    #[inline(always)]
    unsafe fn head<S: Simd>(&self, x: *const f32, [weight, bias]: [*const f32; 2], out: *mut f32) {
        // SAFETY: the caller's pointers are good for `width` values, or null. What stands in for an absent one is
        // not used.
        unsafe {
            let n = self.width;
            let mean = match self.kind {
                NormKind::Rms => 0.0,
                NormKind::Layer => sum_of::<S>(x, n, &Value) / n as f32,
            };
            let squares = sum_of::<S>(x, n, &SquareFrom(mean)) / n as f32;
            let (mean, factor) = (mean, 1.0 / (squares + self.eps).sqrt());
            macro_rules! each {
                ($W:literal, $B:literal) => {{
                    let inputs =
                        [x, if $W { weight } else { x }, if $B { bias } else { x }, out.cast_const()];
                    match self.output {
                        Output::Store => {
                            map::<S, 4>(inputs, out, n, &Normed::<$W, $B, false> { mean, factor })
                        }
                        Output::Add => map::<S, 4>(inputs, out, n, &Normed::<$W, $B, true> { mean, factor }),
                    }
                }};
            }
            match (weight.is_null(), bias.is_null()) {
                (false, true) => each!(true, false),
                (false, false) => each!(true, true),
                (true, true) => each!(false, false),
                (true, false) => each!(false, true),
            }
        }
    }
}

/// `(v - mean) * factor` with weight, bias and what was there before. An RMS norm has the mean 0, which changes no value.
struct Normed<const WEIGHT: bool, const BIAS: bool, const ADD: bool> {
    mean: f32,
    factor: f32,
}

impl<const WEIGHT: bool, const BIAS: bool, const ADD: bool> Lanes<4> for Normed<WEIGHT, BIAS, ADD> {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [v, weight, bias, out]: [S::F; 4]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let y = S::mul(S::sub(v, S::splat(self.mean)), S::splat(self.factor));
            let y = match (WEIGHT, BIAS) {
                (false, false) => y,
                (true, false) => S::mul(y, weight),
                (false, true) => S::add(y, bias),
                (true, true) => S::fma(y, weight, bias),
            };
            if ADD { S::add(out, y) } else { y }
        }
    }
}

/// What a sum adds to a lane.
pub(super) trait Term {
    unsafe fn add<S: Simd>(&self, lane: S::F, v: S::F) -> S::F;
    fn add_one(&self, lane: f32, v: f32) -> f32;
}

/// The value.
pub(super) struct Value;

impl Term for Value {
    #[inline(always)]
    unsafe fn add<S: Simd>(&self, lane: S::F, v: S::F) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::add(lane, v) }
    }
    #[inline(always)]
    fn add_one(&self, lane: f32, v: f32) -> f32 {
        lane + v
    }
}

/// The square of the distance from a mean.
pub(super) struct SquareFrom(pub f32);

impl Term for SquareFrom {
    #[inline(always)]
    unsafe fn add<S: Simd>(&self, lane: S::F, v: S::F) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let v = S::sub(v, S::splat(self.0));
            S::fma(v, v, lane)
        }
    }
    #[inline(always)]
    fn add_one(&self, lane: f32, v: f32) -> f32 {
        (v - self.0).mul_add(v - self.0, lane)
    }
}

/// `reference::rows`' sums: 16 lanes, then the tree.
#[inline(always)]
pub(super) unsafe fn sum_of<S: Simd>(x: *const f32, n: usize, term: &impl Term) -> f32 {
    // SAFETY: the caller's pointer is good for `n` values.
    unsafe {
        let mut acc = S::splat(0.0);
        let mut i = 0;
        while i + LANES <= n {
            acc = term.add::<S>(acc, S::load(x.add(i)));
            i += LANES;
        }
        let mut lanes = [0.0f32; LANES];
        S::store(lanes.as_mut_ptr(), acc);
        for (lane, j) in (i..n).enumerate() {
            lanes[lane] = term.add_one(lanes[lane], *x.add(j));
        }
        tree_sum(lanes)
    }
}

/// `out = x * factor`; `out` may be `x`.
pub(crate) struct ScaleRow {
    pub x: *const f32,
    pub factor: f32,
    pub out: *mut f32,
    pub n: usize,
}

impl Kernel for ScaleRow {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for `n` values.
        unsafe { map::<S, 1>([self.x], self.out, self.n, &Times(self.factor)) }
    }
}

struct Times(f32);

impl Lanes<1> for Times {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [x]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::mul(x, S::splat(self.0)) }
    }
}

/// Rotation of the heads of one row in place.
pub(crate) struct RopeRow {
    pub x: *mut f32,
    pub heads: usize,
    pub head_dim: usize,
    pub kind: RopeKind,
    /// `[pairs]` each.
    pub cos: *const f32,
    pub sin: *const f32,
    pub pairs: usize,
}

impl Kernel for RopeRow {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: `x` is good for `heads * head_dim` values, and `2 * pairs <= head_dim`.
        unsafe {
            for head in 0..self.heads {
                let x = self.x.add(head * self.head_dim);
                let mut i = 0;
                if self.kind == RopeKind::Neox {
                    while i + LANES <= self.pairs {
                        let (pa, pb) = (x.add(i), x.add(i + self.pairs));
                        let (a, b) = (S::load(pa), S::load(pb));
                        let (cos, sin) = (S::load(self.cos.add(i)), S::load(self.sin.add(i)));
                        // -(b * sin) is exact negation, so subtracting the product from a * cos is the
                        // same single rounding as adding its negative.
                        S::store(pa, S::fma(a, cos, S::sub(S::splat(-0.0), S::mul(b, sin))));
                        S::store(pb, S::fma(a, sin, S::mul(b, cos)));
                        i += LANES;
                    }
                }
                while i < self.pairs {
                    let (ia, ib) = match self.kind {
                        RopeKind::Interleaved => (2 * i, 2 * i + 1),
                        RopeKind::Neox => (i, i + self.pairs),
                    };
                    let (a, b) = (*x.add(ia), *x.add(ib));
                    let (cos, sin) = (*self.cos.add(i), *self.sin.add(i));
                    *x.add(ia) = a.mul_add(cos, -(b * sin));
                    *x.add(ib) = a.mul_add(sin, b * cos);
                    i += 1;
                }
            }
        }
    }
}

/// `x = cap * tanh(x / cap)`.
pub(crate) struct SoftCap {
    pub x: *mut f32,
    pub cap: f32,
    pub n: usize,
}

impl Kernel for SoftCap {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointer is good for `n` values.
        unsafe {
            map::<S, 1>([self.x.cast_const()], self.x, self.n, &CapLanes(self.cap));
        }
    }
}

struct CapLanes(f32);

impl Lanes<1> for CapLanes {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [x]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let cap = S::splat(self.0);
            S::mul(cap, tanh::<S>(S::div(x, cap)))
        }
    }
}

/// Quantises one row, and lays its sums beside it as the matmul wants them.
pub(crate) struct QuantiseRow {
    pub x: *const f32,
    pub width: usize,
    /// `[width / 32]`.
    pub out: *mut RowBlock,
}

impl Kernel for QuantiseRow {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for a row of `width` values and its blocks.
        unsafe {
            let blocks = self.width / K_BLOCK;
            let mut done = 0;
            while done + LANES <= blocks {
                self.sixteen_blocks::<S>(done);
                done += LANES;
            }
            for b in done..blocks {
                self.one_block::<S>(b);
            }
        }
    }
}

impl QuantiseRow {
    /// One block.
    #[inline(always)]
    unsafe fn one_block<S: Simd>(&self, b: usize) {
        // SAFETY: the row has block `b`.
        unsafe {
            let out = &mut *self.out.add(b);
            let (scale, [low, high]) = quantise_block::<S>(self.x.add(b * K_BLOCK), out.q.as_mut_ptr());
            out.scale = scale;
            out.scaled_sum = scale * (low + high) as f32;
            out.neg_sum = -(low + high);
            out.neg_half_sums = [-low, -high];
        }
    }

    /// Sixteen blocks from block `first`, a lane each wherever something is computed per block: a third less time
    /// than one by one.
    #[inline(always)]
    unsafe fn sixteen_blocks<S: Simd>(&self, first: usize) {
        // SAFETY: the row has the blocks.
        unsafe {
            let x = self.x.add(first * K_BLOCK);
            let mut largest = [S::splat(0.0); LANES];
            for (i, largest) in largest.iter_mut().enumerate() {
                let (a, b) = (S::load(x.add(i * K_BLOCK)), S::load(x.add(i * K_BLOCK + LANES)));
                *largest = S::larger_bits(S::abs(a), S::abs(b));
            }
            let amax = S::max_bits_each(&largest);
            let inverse = S::div(S::splat(127.0), amax);
            // Both are positive, so this is the larger of them, or NaN.
            if !f32::from_bits(S::max_bits(S::larger_bits(inverse, amax))).is_finite() {
                for b in first..first + LANES {
                    self.one_block::<S>(b);
                }
                return;
            }
            let (mut scales, mut inverses) = ([0.0; LANES], [0.0; LANES]);
            S::store(scales.as_mut_ptr(), S::div(amax, S::splat(127.0)));
            S::store(inverses.as_mut_ptr(), inverse);
            for part in 0..2 {
                let at = part * LANES / 2;
                let mut codes = [S::splat(0.0); LANES];
                for (i, codes) in codes.iter_mut().enumerate() {
                    let (block, half) = (at + i / 2, i % 2 * LANES);
                    let x = S::load(x.add(block * K_BLOCK + half));
                    *codes = S::round(S::mul(x, S::splat(inverses[block])));
                    S::store_i8((*self.out.add(first + block)).q.as_mut_ptr().add(half), *codes);
                }
                let mut sums = [0.0; LANES];
                S::store(sums.as_mut_ptr(), S::sum_each(&codes));
                // Integers of at most 32 * 127, so the conversions need no check.
                for (i, [low, high]) in sums.as_chunks::<2>().0.iter().enumerate() {
                    let out = &mut *self.out.add(first + at + i);
                    let (sum, scale) = (low + high, scales[at + i]);
                    out.scale = scale;
                    out.scaled_sum = scale * sum;
                    out.neg_sum = -sum.to_int_unchecked::<i32>();
                    out.neg_half_sums = [-low.to_int_unchecked::<i32>(), -high.to_int_unchecked::<i32>()];
                }
            }
        }
    }
}

/// `gollum_quant::activations::quantise_block`: the scale, and the sums of both halves.
#[inline(always)]
pub(crate) unsafe fn quantise_block<S: Simd>(x: *const f32, q: *mut i8) -> (f32, [i32; 2]) {
    // SAFETY: the caller's pointers are good for 32 values.
    unsafe {
        let (a, b) = (S::load(x), S::load(x.add(LANES)));
        let amax = f32::from_bits(S::max_bits(S::larger_bits(S::abs(a), S::abs(b))));
        let inverse = 127.0 / amax;
        if !amax.is_finite() || !inverse.is_finite() {
            q.write_bytes(0, K_BLOCK);
            return (if amax.is_finite() { 0.0 } else { f32::NAN }, [0, 0]);
        }
        let inverse = S::splat(inverse);
        let (a, b) = (S::round(S::mul(a, inverse)), S::round(S::mul(b, inverse)));
        S::store_i8(q, a);
        S::store_i8(q.add(LANES), b);
        // Sums of 16 integers up to 127 are exact in f32, in any order.
        (amax / 127.0, [S::tree_sum(a).to_int_unchecked(), S::tree_sum(b).to_int_unchecked()])
    }
}
