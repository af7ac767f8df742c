//! Epilogues: what happens to a panel's outputs between the dots and their buffer.
//!
//! A pass of its own over the panel, whose outputs are in the nearest cache, and not a part of the panel's store: there
//! it took the accumulators of a tile out of registers, of jobs without an epilogue too.

#![allow(unsafe_code)]

use std::cell::RefCell;

use super::super::rows::{clamp, load_part};
use super::Target;
use crate::memory::HugeArray;
use crate::simd::{Kernel, LANES, Simd};

/// An epilogue as panels apply it: `((y * weight_scale + bias) limited to -clamp..=clamp) * scale`. What is absent
/// has the value that changes nothing, not even the sign of a zero.
#[derive(Clone, Copy)]
pub(crate) struct Finish {
    pub weight_scale: f32,
    /// Of the panel's first output; null is none.
    pub bias: *const f32,
    pub clamp: f32,
    pub scale: f32,
}

impl Finish {
    /// True if it changes nothing.
    pub fn is_none(&self) -> bool {
        self.weight_scale == 1.0 && self.bias.is_null() && self.clamp == f32::INFINITY && self.scale == 1.0
    }

    /// The panel's biases, of which `valid` exist.
    #[inline(always)]
    unsafe fn biases<S: Simd>(&self, valid: usize) -> S::F {
        // SAFETY: `valid` biases exist behind a pointer that is not null.
        unsafe {
            match (self.bias.is_null(), valid) {
                (true, _) => S::splat(-0.0),
                (false, LANES) => S::load(self.bias),
                (false, _) => load_part::<S>(self.bias, valid),
            }
        }
    }

    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, y: S::F, biases: S::F) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let y = S::add(S::mul(y, S::splat(self.weight_scale)), biases);
            S::mul(clamp::<S>(y, self.clamp), S::splat(self.scale))
        }
    }
}

/// Finishes the outputs of one panel and writes, or adds, them to their buffer.
pub(crate) struct FinishPanel {
    /// The dots, `[rows, 16]`.
    pub dots: *const f32,
    pub rows: usize,
    pub target: Target,
    pub finish: Finish,
}

impl Kernel for FinishPanel {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: `rows` rows of 16 dots exist, and of `valid` outputs behind the target.
        unsafe {
            let t = self.target;
            let biases = self.finish.biases::<S>(t.valid);
            for row in 0..self.rows {
                let y = self.finish.apply::<S>(S::load(self.dots.add(row * LANES)), biases);
                let out = t.out.add(row * t.stride);
                if t.valid == LANES {
                    S::store(out, if t.add { S::add(S::load(out), y) } else { y });
                    continue;
                }
                let mut lanes = [0.0f32; LANES];
                S::store(lanes.as_mut_ptr(), y);
                for (i, &y) in lanes[..t.valid].iter().enumerate() {
                    let out = out.add(i);
                    *out = if t.add { *out + y } else { y };
                }
            }
        }
    }
}

thread_local! {
    /// The dots of one panel, for as many rows as the thread has met in a task.
    static DOTS: RefCell<HugeArray<f32>> = RefCell::default();
}

/// Calls `f` with this thread's room for the dots of one panel, `[rows, 16]`.
pub(crate) fn with_room(rows: usize, f: impl FnOnce(*mut f32)) {
    DOTS.with_borrow_mut(|room| {
        room.fit(rows * LANES);
        f(room.as_mut_ptr());
    });
}
