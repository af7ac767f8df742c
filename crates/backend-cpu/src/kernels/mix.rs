//! The sum of a row's experts.

#![allow(unsafe_code)]

use gollum_kernels::reference::routing::Choice;

use super::rows::load_part;
use crate::simd::{Kernel, LANES, Simd};

/// How outputs of experts become one row.
#[derive(Clone, Copy)]
pub(crate) struct Mix {
    /// Outputs are multiplied by their weights.
    pub is_weighed: bool,
    /// Multiplies the sum.
    pub scale: f32,
    /// Add to what was there.
    pub add: bool,
}

/// One row: `(w_0 y_0, then fma(w_k, y_k, .) in order of choice) * scale`, or the plain sum of all `y`.
pub(crate) struct MixRow<'a> {
    /// `[slots, n]`.
    pub y: *const f32,
    pub choices: &'a [Choice],
    /// The row of `y` of each choice.
    pub slots: &'a [usize],
    pub out: *mut f32,
    pub n: usize,
    pub mix: Mix,
}

impl Kernel for MixRow<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for `n` values of each slot.
        unsafe {
            let mut i = 0;
            while i < self.n {
                let valid = LANES.min(self.n - i);
                store::<S>(self.out.add(i), self.at::<S>(i, valid), valid);
                i += LANES;
            }
        }
    }
}

impl MixRow<'_> {
    /// Outputs `i .. i + valid`.
    #[inline(always)]
    unsafe fn at<S: Simd>(&self, i: usize, valid: usize) -> S::F {
        // SAFETY: the outputs exist.
        unsafe {
            let mut sum = S::splat(0.0);
            for (k, (choice, &slot)) in self.choices.iter().zip(self.slots).enumerate() {
                let y = load::<S>(self.y.add(slot * self.n + i), valid);
                let weight = S::splat(choice.weight);
                sum = match (self.mix.is_weighed, k) {
                    (true, 0) => S::mul(weight, y),
                    (true, _) => S::fma(weight, y, sum),
                    (false, 0) => y,
                    (false, _) => S::add(sum, y),
                };
            }
            let sum = S::mul(sum, S::splat(self.mix.scale));
            if self.mix.add { S::add(load::<S>(self.out.add(i), valid), sum) } else { sum }
        }
    }
}

/// `valid` values, zeros behind them.
#[inline(always)]
pub(super) unsafe fn load<S: Simd>(p: *const f32, valid: usize) -> S::F {
    // SAFETY: the caller's pointer is good for `valid` values.
    unsafe { if valid == LANES { S::load(p) } else { load_part::<S>(p, valid) } }
}

/// The first `valid` lanes.
#[inline(always)]
pub(super) unsafe fn store<S: Simd>(p: *mut f32, x: S::F, valid: usize) {
    // SAFETY: the caller's pointer is good for `valid` values.
    unsafe {
        if valid == LANES {
            S::store(p, x);
        } else {
            let mut lanes = [0.0f32; LANES];
            S::store(lanes.as_mut_ptr(), x);
            std::ptr::copy_nonoverlapping(lanes.as_ptr(), p, valid);
        }
    }
}
