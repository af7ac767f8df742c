//! Operations on single rows: norms, rotation, activations, quantisation.

#![allow(unsafe_code)]

use gollum_kernels::math::{
    EXP_HI, EXP_LO, EXP_POLY, GELU_CUBIC, LN2_HI, LN2_LO, LOG2_E, SQRT_2_OVER_PI, tree_sum,
};
use gollum_kernels::{Activation, Output, RopeKind};
use gollum_quant::K_BLOCK;

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

/// `math::activate` in each lane.
#[inline(always)]
unsafe fn activate<S: Simd>(activation: Activation, x: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let one = S::splat(1.0);
        match activation {
            Activation::Silu => S::div(x, S::add(one, exp::<S>(S::sub(S::splat(-0.0), x)))),
            Activation::GeluTanh => {
                let cubic = S::fma(S::mul(S::splat(GELU_CUBIC), x), x, one);
                let inner = S::mul(S::mul(S::splat(SQRT_2_OVER_PI), x), cubic);
                S::mul(S::mul(S::splat(0.5), x), S::add(one, tanh::<S>(inner)))
            }
        }
    }
}

/// A function of `N` values, in each lane. A trait and not a closure, because a closure cannot be made to
/// inline, and a vector function that is not inlined is a call per instruction.
trait Lanes<const N: usize> {
    unsafe fn apply<S: Simd>(&self, x: [S::F; N]) -> S::F;
}

/// `out[i] = f(inputs[..][i])` for `n` values; the ragged end goes through zero-padded vectors. `out` may be
/// one of the inputs.
#[inline(always)]
unsafe fn map<S: Simd, const N: usize>(inputs: [*const f32; N], out: *mut f32, n: usize, f: &impl Lanes<N>) {
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
unsafe fn load_part<S: Simd>(p: *const f32, n: usize) -> S::F {
    let mut lanes = [0.0f32; LANES];
    // SAFETY: the caller's pointer is good for `n` values.
    unsafe {
        std::ptr::copy_nonoverlapping(p, lanes.as_mut_ptr(), n);
        S::load(lanes.as_ptr())
    }
}

/// RMS norm of one row, or of each head of one row.
pub(crate) struct RmsNorm {
    pub x: *const f32,
    pub weight: *const f32,
    pub out: *mut f32,
    /// Values per norm.
    pub width: usize,
    /// Norms side by side.
    pub heads: usize,
    pub eps: f32,
    pub output: Output,
}

impl Kernel for RmsNorm {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for `heads * width` values, the weight for `width`.
        unsafe {
            for head in 0..self.heads {
                let (x, out) = (self.x.add(head * self.width), self.out.add(head * self.width));
                let mean = sum_of_squares::<S>(x, self.width) / self.width as f32;
                let scale = Scale { factor: 1.0 / (mean + self.eps).sqrt() };
                match self.output {
                    Output::Store => map::<S, 2>([x, self.weight], out, self.width, &scale),
                    Output::Add => map::<S, 3>([x, self.weight, out], out, self.width, &scale),
                }
            }
        }
    }
}

/// `v * factor * w`, and that added to `out`.
#[derive(Clone, Copy)]
struct Scale {
    factor: f32,
}

impl Lanes<2> for Scale {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [v, w]: [S::F; 2]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::mul(S::mul(v, S::splat(self.factor)), w) }
    }
}

impl Lanes<3> for Scale {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [v, w, out]: [S::F; 3]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::add(out, S::mul(S::mul(v, S::splat(self.factor)), w)) }
    }
}

#[inline(always)]
unsafe fn sum_of_squares<S: Simd>(x: *const f32, n: usize) -> f32 {
    // SAFETY: the caller's pointer is good for `n` values.
    unsafe {
        let mut acc = S::splat(0.0);
        let mut i = 0;
        while i + LANES <= n {
            let v = S::load(x.add(i));
            acc = S::fma(v, v, acc);
            i += LANES;
        }
        let mut lanes = [0.0f32; LANES];
        S::store(lanes.as_mut_ptr(), acc);
        for (lane, j) in (i..n).enumerate() {
            let v = *x.add(j);
            lanes[lane] = v.mul_add(v, lanes[lane]);
        }
        tree_sum(lanes)
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

/// `out = activation(gate) * up`.
pub(crate) struct Gate {
    pub activation: Activation,
    pub gate: *const f32,
    pub up: *const f32,
    pub out: *mut f32,
    pub n: usize,
}

impl Kernel for Gate {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for `n` values.
        unsafe {
            map::<S, 2>([self.gate, self.up], self.out, self.n, &GateLanes(self.activation));
        }
    }
}

struct GateLanes(Activation);

impl Lanes<2> for GateLanes {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [gate, up]: [S::F; 2]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::mul(activate::<S>(self.0, gate), up) }
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
    pub q: *mut i8,
    pub scale: *mut f32,
    pub scaled_sum: *mut f32,
    pub neg_sum: *mut i32,
    pub neg_half_sums: *mut i32,
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
            let (scale, [low, high]) = quantise_block::<S>(self.x.add(b * K_BLOCK), self.q.add(b * K_BLOCK));
            *self.scale.add(b) = scale;
            *self.scaled_sum.add(b) = scale * (low + high) as f32;
            *self.neg_sum.add(b) = -(low + high);
            *self.neg_half_sums.add(2 * b) = -low;
            *self.neg_half_sums.add(2 * b + 1) = -high;
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
            S::store(self.scale.add(first), S::div(amax, S::splat(127.0)));
            let mut inverses = [0.0; LANES];
            S::store(inverses.as_mut_ptr(), inverse);
            for part in 0..2 {
                let at = first + part * LANES / 2;
                let mut codes = [S::splat(0.0); LANES];
                for (i, codes) in codes.iter_mut().enumerate() {
                    let block = at + i / 2;
                    let inverse = S::splat(inverses[block - first]);
                    let offset = block * K_BLOCK + i % 2 * LANES;
                    *codes = S::round(S::mul(S::load(self.x.add(offset)), inverse));
                    S::store_i8(self.q.add(offset), *codes);
                }
                let mut sums = [0.0; LANES];
                S::store(sums.as_mut_ptr(), S::sum_each(&codes));
                // Integers of at most 16 * 127, so the conversions need no check.
                for (i, sum) in sums.iter().enumerate() {
                    *self.neg_half_sums.add(2 * at + i) = -sum.to_int_unchecked::<i32>();
                }
                for (i, [low, high]) in sums.as_chunks::<2>().0.iter().enumerate() {
                    let sum = low + high;
                    *self.scaled_sum.add(at + i) = *self.scale.add(at + i) * sum;
                    *self.neg_sum.add(at + i) = -sum.to_int_unchecked::<i32>();
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
