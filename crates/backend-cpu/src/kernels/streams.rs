//! Streams side by side in a row, and gates cut by how they are spread.

#![allow(unsafe_code)]

use gollum_kernels::{MAGNITUDE_FLOOR, MAX_STREAMS, math};

use super::mix::{load, store};
use super::rows::{Lanes, ScaleRow, SquareFrom, Value, map, sum_of};
use crate::simd::{Kernel, LANES, Simd};

/// One row of a mix: every stream of the result from every term, 16 columns at a time.
pub(crate) struct MixRowStreams {
    /// `[streams * width]`, or null.
    pub base: *const f32,
    /// `[count * width]`.
    pub terms: *const f32,
    /// `[streams * count]`.
    pub coefficients: *const f32,
    /// `[width]`, or null.
    pub weight: *const f32,
    /// `[streams * width]`; may be `base`.
    pub out: *mut f32,
    /// `1..=MAX_STREAMS`, as `count`.
    pub streams: usize,
    pub count: usize,
    pub width: usize,
}

impl Kernel for MixRowStreams {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let mut column = 0;
        while column < self.width {
            let valid = LANES.min(self.width - column);
            // SAFETY: the caller's pointers are good for all streams, of which these are columns.
            unsafe { self.columns::<S>(column, valid) };
            column += LANES;
        }
    }
}

impl MixRowStreams {
    #[inline(always)]
    unsafe fn columns<S: Simd>(&self, column: usize, valid: usize) {
        // SAFETY: `column .. column + valid` is within each stream, and no more than MAX_STREAMS are read.
        unsafe {
            let mut terms = [S::splat(0.0); MAX_STREAMS];
            for (j, term) in terms[..self.count].iter_mut().enumerate() {
                *term = load::<S>(self.terms.add(j * self.width + column), valid);
            }
            for i in 0..self.streams {
                let (at, c) = (i * self.width + column, self.coefficients.add(i * self.count));
                let (mut sum, rest) = if self.base.is_null() {
                    (S::mul(S::splat(*c), terms[0]), 1)
                } else {
                    (load::<S>(self.base.add(at), valid), 0)
                };
                for (j, term) in terms[..self.count].iter().enumerate().skip(rest) {
                    sum = S::fma(S::splat(*c.add(j)), *term, sum);
                }
                if !self.weight.is_null() {
                    sum = S::mul(sum, load::<S>(self.weight.add(column), valid));
                }
                store::<S>(self.out.add(at), sum, valid);
            }
        }
    }
}

/// Makes each head of a row as large as `like`.
pub(crate) struct MatchRow {
    pub x: *mut f32,
    pub heads: usize,
    /// `[width]`.
    pub like: *const f32,
    pub width: usize,
}

impl Kernel for MatchRow {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for `heads * width` and `width` values.
        unsafe {
            let n = self.width;
            let wanted = mean_square::<S>(self.like, n).sqrt();
            for head in 0..self.heads {
                let x = self.x.add(head * n);
                let factor = wanted / math::max(MAGNITUDE_FLOOR, mean_square::<S>(x, n)).sqrt();
                ScaleRow { x, factor, out: x, n }.run::<S>();
            }
        }
    }
}

#[inline(always)]
unsafe fn mean_square<S: Simd>(x: *const f32, n: usize) -> f32 {
    // SAFETY: the caller's pointer is good for `n` values.
    unsafe { sum_of::<S>(x, n, &SquareFrom(0.0)) / n as f32 }
}

/// `x = max(0, x - cut)`, the cut so many standard deviations above the mean.
pub(crate) struct CutRow {
    pub x: *mut f32,
    pub deviations: f32,
    pub n: usize,
}

impl Kernel for CutRow {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointer is good for `n` values.
        unsafe {
            let mean = sum_of::<S>(self.x, self.n, &Value) / self.n as f32;
            let squares = sum_of::<S>(self.x, self.n, &SquareFrom(mean));
            let variance = squares / (self.n - 1).max(1) as f32;
            let cut = self.deviations.mul_add(variance.sqrt(), mean);
            map::<S, 1>([self.x.cast_const()], self.x, self.n, &Above(cut));
        }
    }
}

struct Above(f32);

impl Lanes<1> for Above {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [x]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::max(S::splat(0.0), S::sub(x, S::splat(self.0))) }
    }
}
