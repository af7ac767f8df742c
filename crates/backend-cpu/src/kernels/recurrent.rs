//! Recurrences over the rows of one sequence, 16 columns of a state at a time.
//!
//! A column of a state never meets another one, so 16 of them go through all rows of a sequence before the next 16 do:
//! what they remember (8 KiB for a head of 128 rows) stays in the nearest cache. In a state they lie together:
//! ```text
//! conv      [chunk of 16 channels][tap, oldest first][16]
//! memory    [head][chunk of 16 columns][row][16]
//! ```

#![allow(unsafe_code)]

use gollum_kernels::reference::recurrent::SUM_PARTS;

use super::rows::{exp, load_part, softplus};
use crate::simd::{Kernel, LANES, Simd};

/// A snapshot: after this row of the step, what was remembered goes there.
#[derive(Clone, Copy)]
pub(crate) struct Save {
    pub row: usize,
    /// The start of the state that is written.
    pub state: *mut f32,
}

/// The rows of one sequence, and where its state is.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'a> {
    pub first_row: usize,
    pub rows: usize,
    /// The sequence begins here: what the state holds is of no meaning.
    pub is_new: bool,
    /// The start of the state.
    pub state: *mut f32,
    /// Those of its rows, ascending.
    pub saves: &'a [Save],
}

impl<'a> Walk<'a> {
    /// Goes through the rows with `len` values of the state from `at` on.
    #[inline(always)]
    unsafe fn begin(&self, at: usize, len: usize) -> Steps<'a> {
        // SAFETY: the caller's state has these values.
        let state = unsafe { self.state.add(at) };
        if self.is_new {
            // SAFETY: as above.
            unsafe { state.write_bytes(0, len) };
        }
        let rows = self.first_row..self.first_row + self.rows;
        Steps { rows, state, at, len, saves: self.saves }
    }
}

/// The rows of a [`Walk`], in order. A loop over it and not a closure for each row, which would have no vector instructions
/// of its own where it is too large to be inlined.
struct Steps<'a> {
    rows: std::ops::Range<usize>,
    state: *mut f32,
    at: usize,
    len: usize,
    /// Those that are left.
    saves: &'a [Save],
}

impl Steps<'_> {
    /// The next row, and the values; first takes the snapshot behind the last one.
    #[inline(always)]
    unsafe fn next(&mut self) -> Option<(usize, *mut f32)> {
        if let Some((save, rest)) = self.saves.split_first()
            && save.row < self.rows.start
        {
            // SAFETY: the caller's state and snapshots have these values.
            unsafe { save.state.add(self.at).copy_from_nonoverlapping(self.state, self.len) };
            self.saves = rest;
        }
        self.rows.next().map(|row| (row, self.state))
    }
}

/// `valid` values, zeros behind them.
#[inline(always)]
unsafe fn load<S: Simd>(p: *const f32, valid: usize) -> S::F {
    // SAFETY: the caller's pointer is good for `valid` values.
    unsafe { if valid == LANES { S::load(p) } else { load_part::<S>(p, valid) } }
}

#[inline(always)]
unsafe fn store<S: Simd>(p: *mut f32, y: S::F, valid: usize) {
    // SAFETY: the caller's pointer is good for `valid` values.
    unsafe {
        if valid == LANES {
            return S::store(p, y);
        }
        let mut lanes = [0.0f32; LANES];
        S::store(lanes.as_mut_ptr(), y);
        p.copy_from_nonoverlapping(lanes.as_ptr(), valid);
    }
}

/// `(p0 + p2) + (p1 + p3)`.
#[inline(always)]
unsafe fn joined<S: Simd>(p: [S::F; SUM_PARTS]) -> S::F {
    // SAFETY: no pointers.
    unsafe { S::add(S::add(p[0], p[2]), S::add(p[1], p[3])) }
}

/// `reference::recurrent::conv_row` over a sequence, of some chunks of channels.
pub(crate) struct Conv<'a> {
    pub walk: Walk<'a>,
    /// Where the convolution's part of a state begins.
    pub at: usize,
    pub chunks: std::ops::Range<usize>,
    pub channels: usize,
    pub taps: usize,
    /// `[taps, channels]`.
    pub weight: *const f32,
    /// `[channels]`, or null.
    pub bias: *const f32,
    pub silu: bool,
    /// `[rows, channels]`.
    pub x: *const f32,
    pub out: *mut f32,
}

impl Kernel for Conv<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for all rows and channels.
        unsafe {
            match self.taps {
                2 => self.of::<S, 1>(),
                3 => self.of::<S, 2>(),
                _ => self.of::<S, 3>(),
            }
        }
    }
}

impl Conv<'_> {
    #[inline(always)]
    unsafe fn of<S: Simd, const PAST: usize>(&self) {
        // SAFETY: the caller's pointers are good for all rows and channels.
        unsafe {
            for chunk in self.chunks.clone() {
                let c = chunk * LANES;
                let valid = LANES.min(self.channels - c);
                let tap = |j: usize| load::<S>(self.weight.add(j * self.channels + c), valid);
                let past: [S::F; PAST] = std::array::from_fn(tap);
                let newest = tap(PAST);
                let bias = match self.bias.is_null() {
                    true => S::splat(0.0),
                    false => load::<S>(self.bias.add(c), valid),
                };
                let mut steps = self.walk.begin(self.at + chunk * PAST * LANES, PAST * LANES);
                while let Some((row, history)) = steps.next() {
                    let x = load::<S>(self.x.add(row * self.channels + c), valid);
                    let mut y = bias;
                    for (j, &w) in past.iter().enumerate() {
                        let h = S::load(history.add(j * LANES));
                        y = S::fma(w, h, y);
                        if j > 0 {
                            S::store(history.add((j - 1) * LANES), h);
                        }
                    }
                    S::store(history.add((PAST - 1) * LANES), x);
                    y = S::fma(newest, x, y);
                    if self.silu {
                        let one = S::splat(1.0);
                        y = S::div(y, S::add(one, exp::<S>(S::sub(S::splat(-0.0), y))));
                    }
                    store::<S>(self.out.add(row * self.channels + c), y, valid);
                }
            }
        }
    }
}

/// `reference::recurrent::delta_row` over a sequence, of some chunks of one head.
pub(crate) struct Delta<'a> {
    pub walk: Walk<'a>,
    /// Where the head's memory begins in a state.
    pub at: usize,
    pub chunks: std::ops::Range<usize>,
    pub d_k: usize,
    pub d_v: usize,
    /// Row 0 of the head, and values from a row to the next.
    pub q: *const f32,
    pub k: *const f32,
    pub k_stride: usize,
    pub v: *const f32,
    pub out: *mut f32,
    pub v_stride: usize,
    /// `(decay, write)` of the head at row 0, and rows' distance.
    pub gates: *const (f32, f32),
    pub gate_stride: usize,
}

impl Kernel for Delta<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for all rows.
        unsafe {
            for chunk in self.chunks.clone() {
                let c = chunk * LANES;
                let valid = LANES.min(self.d_v - c);
                let len = self.d_k * LANES;
                let mut steps = self.walk.begin(self.at + chunk * len, len);
                while let Some((row, s)) = steps.next() {
                    let (q, k) = (self.q.add(row * self.k_stride), self.k.add(row * self.k_stride));
                    let v = load::<S>(self.v.add(row * self.v_stride + c), valid);
                    let (decay, write) = *self.gates.add(row * self.gate_stride);
                    let decay = S::splat(decay);
                    let mut parts = [S::splat(0.0); SUM_PARTS];
                    each_row(self.d_k, |i, part| {
                        let cell = S::mul(S::load(s.add(i * LANES)), decay);
                        S::store(s.add(i * LANES), cell);
                        parts[part] = S::fma(S::splat(*k.add(i)), cell, parts[part]);
                    });
                    let delta = S::mul(S::sub(v, joined::<S>(parts)), S::splat(write));
                    let mut parts = [S::splat(0.0); SUM_PARTS];
                    each_row(self.d_k, |i, part| {
                        let cell = S::fma(S::splat(*k.add(i)), delta, S::load(s.add(i * LANES)));
                        S::store(s.add(i * LANES), cell);
                        parts[part] = S::fma(S::splat(*q.add(i)), cell, parts[part]);
                    });
                    store::<S>(self.out.add(row * self.v_stride + c), joined::<S>(parts), valid);
                }
            }
        }
    }
}

/// Calls `f(i, i % SUM_PARTS)` for each row of a memory; whole groups unrolled, so that sums stay in registers.
#[inline(always)]
fn each_row(rows: usize, mut f: impl FnMut(usize, usize)) {
    let mut i = 0;
    while i + SUM_PARTS <= rows {
        f(i, 0);
        f(i + 1, 1);
        f(i + 2, 2);
        f(i + 3, 3);
        i += SUM_PARTS;
    }
    for part in 0..rows - i {
        f(i + part, part);
    }
}

/// `reference::recurrent::scan_row` over a sequence, of some chunks of one head.
pub(crate) struct HeadWalk<'a> {
    pub walk: Walk<'a>,
    /// Where the head's memory begins in a state.
    pub at: usize,
    pub chunks: std::ops::Range<usize>,
    pub n: usize,
    pub head_dim: usize,
    /// Row 0 of the head's group, and values from a row to the next.
    pub b: *const f32,
    pub c: *const f32,
    pub b_stride: usize,
    pub x: *const f32,
    pub out: *mut f32,
    pub x_stride: usize,
    /// `(decay, dt)` of the head at row 0, and rows' distance.
    pub gates: *const (f32, f32),
    pub gate_stride: usize,
    pub skip: f32,
}

impl Kernel for HeadWalk<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for all rows.
        unsafe {
            for chunk in self.chunks.clone() {
                let first = chunk * LANES;
                let valid = LANES.min(self.head_dim - first);
                let len = self.n * LANES;
                let mut steps = self.walk.begin(self.at + chunk * len, len);
                while let Some((row, s)) = steps.next() {
                    let (b, c) = (self.b.add(row * self.b_stride), self.c.add(row * self.b_stride));
                    let x = load::<S>(self.x.add(row * self.x_stride + first), valid);
                    let (decay, dt) = *self.gates.add(row * self.gate_stride);
                    let (decay, input) = (S::splat(decay), S::mul(S::splat(dt), x));
                    let mut parts = [S::splat(0.0); SUM_PARTS];
                    each_row(self.n, |i, part| {
                        let faded = S::mul(S::load(s.add(i * LANES)), decay);
                        let cell = S::fma(S::splat(*b.add(i)), input, faded);
                        S::store(s.add(i * LANES), cell);
                        parts[part] = S::fma(S::splat(*c.add(i)), cell, parts[part]);
                    });
                    let y = S::fma(S::splat(self.skip), x, joined::<S>(parts));
                    store::<S>(self.out.add(row * self.x_stride + first), y, valid);
                }
            }
        }
    }
}

/// `reference::recurrent::scan_row` over a sequence, of some chunks of channels.
pub(crate) struct ChannelWalk<'a> {
    pub walk: Walk<'a>,
    /// Where the memory begins in a state.
    pub at: usize,
    pub chunks: std::ops::Range<usize>,
    pub n: usize,
    pub channels: usize,
    /// `[rows, n]`.
    pub b: *const f32,
    pub c: *const f32,
    /// `[rows, channels]`.
    pub x: *const f32,
    pub out: *mut f32,
    /// Before its softplus.
    pub dt: *const f32,
    /// `[n, channels]`.
    pub rate: *const f32,
    pub skip: *const f32,
}

impl Kernel for ChannelWalk<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for all rows and channels.
        unsafe {
            for chunk in self.chunks.clone() {
                let first = chunk * LANES;
                let valid = LANES.min(self.channels - first);
                let len = self.n * LANES;
                let skip = load::<S>(self.skip.add(first), valid);
                let mut steps = self.walk.begin(self.at + chunk * len, len);
                while let Some((row, s)) = steps.next() {
                    let at = row * self.channels + first;
                    let x = load::<S>(self.x.add(at), valid);
                    let dt = softplus::<S>(load::<S>(self.dt.add(at), valid));
                    let (b, c) = (self.b.add(row * self.n), self.c.add(row * self.n));
                    let rate = self.rate.add(first);
                    let cells =
                        Cells::<S> { s, b, c, rate, stride: self.channels, valid, dt, input: S::mul(dt, x) };
                    let y = S::fma(skip, x, cells.step(self.n));
                    store::<S>(self.out.add(at), y, valid);
                }
            }
        }
    }
}

/// The memory of 16 channels at one row. Not a closure of [`each_row`]: this one is too large to be inlined in each of its
/// places, and each vector instruction would be a call.
struct Cells<S: Simd> {
    s: *mut f32,
    b: *const f32,
    c: *const f32,
    rate: *const f32,
    /// From one row of `rate` to the next.
    stride: usize,
    valid: usize,
    dt: S::F,
    input: S::F,
}

impl<S: Simd> Cells<S> {
    /// Moves all `n` cells of each channel on; returns what they give.
    #[inline(always)]
    unsafe fn step(&self, n: usize) -> S::F {
        // SAFETY: the caller's pointers are good for `n` cells.
        unsafe {
            let mut parts = [S::splat(0.0); SUM_PARTS];
            let whole = n / SUM_PARTS * SUM_PARTS;
            for i in (0..whole).step_by(SUM_PARTS) {
                for (part, sum) in parts.iter_mut().enumerate() {
                    *sum = self.cell(i + part, *sum);
                }
            }
            for (part, sum) in parts[..n - whole].iter_mut().enumerate() {
                *sum = self.cell(whole + part, *sum);
            }
            joined::<S>(parts)
        }
    }

    #[inline(always)]
    unsafe fn cell(&self, i: usize, sum: S::F) -> S::F {
        // SAFETY: the caller's cell exists.
        unsafe {
            let rate = load::<S>(self.rate.add(i * self.stride), self.valid);
            let decay = exp::<S>(S::mul(self.dt, rate));
            let faded = S::mul(S::load(self.s.add(i * LANES)), decay);
            let cell = S::fma(S::splat(*self.b.add(i)), self.input, faded);
            S::store(self.s.add(i * LANES), cell);
            S::fma(S::splat(*self.c.add(i)), cell, sum)
        }
    }
}
