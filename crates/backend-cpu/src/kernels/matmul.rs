//! Matrix times rows: one kernel for prefill and decode.
//!
//! ```text
//! for each panel of 16 output rows                       one task
//!   for each tile of up to ROW_TILE activation rows      accumulators stay in registers
//!     for each K-block of 32 inputs, ascending           8 vectors of codes, unpacked once a tile
//!       for each row, or pair of rows, of the tile: integer dots of 8 groups, then acc = fma(idot, d_w * d_a, acc)
//! ```
//! The order of additions of an output is that of `gollum_quant`'s dot whatever the tile, so a row's bits
//! do not depend on its neighbours. Bound, decode: weight bytes over read bandwidth. Bound, prefill: 8 dots
//! of 128 operations a block against 11 to 13 vector instructions in all.

#![allow(unsafe_code)]

use std::ops::Range;

use gollum_quant::K_BLOCK;

use crate::pack::{Block, Codes, FloatFormat, IntFormat, Min};
use crate::simd::{Kernel, LANES, Simd};

/// How far a single tile asks ahead: the latency of memory times the bandwidth of one core.
const DECODE_AHEAD_BYTES: usize = 6144;

/// Quantised activation rows, as pointers into `Quantised`. Per row: `width` codes, `width / 32` scales and
/// so on; rows follow each other without gaps.
#[derive(Clone, Copy)]
pub(crate) struct Activations {
    pub q: *const i8,
    /// `d_a`, per 32.
    pub scale: *const f32,
    /// `d_a * sum`, per 32.
    pub scaled_sum: *const f32,
    /// `-sum`, per 32.
    pub neg_sum: *const i32,
    /// `-sum` of each half, two per 32.
    pub neg_half_sums: *const i32,
    pub width: usize,
}

/// Where the outputs of a panel go.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Output of row 0 and the panel's first output.
    pub out: *mut f32,
    /// Floats from one row to the next.
    pub stride: usize,
    /// Outputs of this panel that exist: 16, less in a matrix's last panel.
    pub valid: usize,
    pub add: bool,
}

/// One panel times all rows, integer formats.
pub(crate) struct IntPanel<T: IntFormat> {
    pub panel: *const u8,
    pub x: Activations,
    pub rows: usize,
    pub target: Target,
    pub format: std::marker::PhantomData<T>,
}

/// One panel times all rows, float formats.
pub(crate) struct FloatPanel<T: FloatFormat> {
    pub panel: *const u8,
    /// `[rows, width]`.
    pub x: *const f32,
    pub width: usize,
    pub rows: usize,
    pub target: Target,
    pub format: std::marker::PhantomData<T>,
}

/// Runs `$tile::<S, R>` over all rows in tiles of at most `S::ROW_TILE`.
macro_rules! tiles {
    ($self:ident, $S:ident) => {{
        let mut row = 0;
        while row < $self.rows {
            let tile = ($self.rows - row).min($S::ROW_TILE);
            match tile {
                8 => $self.tile::<$S, 8>(row),
                7 => $self.tile::<$S, 7>(row),
                6 => $self.tile::<$S, 6>(row),
                5 => $self.tile::<$S, 5>(row),
                4 => $self.tile::<$S, 4>(row),
                3 => $self.tile::<$S, 3>(row),
                2 => $self.tile::<$S, 2>(row),
                _ => $self.tile::<$S, 1>(row),
            }
            row += tile.clamp(1, 8);
        }
    }};
}

impl<T: IntFormat> Kernel for IntPanel<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers cover `rows` rows and one panel.
        unsafe { tiles!(self, S) }
    }
}

impl<T: IntFormat> IntPanel<T> {
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize>(&self, row: usize) {
        // SAFETY: rows `row..row + R` exist, and the panel has `width / BLOCK` blocks.
        unsafe {
            let blocks = self.x.width / K_BLOCK;
            let panel_bytes = self.x.width / T::BLOCK * T::BYTES * LANES;
            let last_tile = row + R == self.rows;
            // The one tile of a decode reads on at once; after earlier tiles, which ran from the nearest cache,
            // the hardware has stopped reading ahead, so the last one asks for the whole next panel.
            let ahead = if row == 0 { DECODE_AHEAD_BYTES.min(panel_bytes) } else { panel_bytes };
            let mut acc = [S::splat(0.0); R];
            let (mut p, mut k) = (self.panel, 0);
            while k < blocks {
                for sub in 0..T::BLOCK / K_BLOCK {
                    if last_tile {
                        // A share at a time: a burst would wait for free miss buffers.
                        let share = T::BYTES * LANES / (T::BLOCK / K_BLOCK);
                        for line in (sub * share..(sub + 1) * share).step_by(64) {
                            S::prefetch(p.wrapping_add(ahead + line));
                        }
                    }
                    let block = T::unpack::<S>(p, sub);
                    accumulate_rows::<S, T, R>(&block, &self.x, row, k + sub, &mut acc);
                }
                k += T::BLOCK / K_BLOCK;
                p = p.add(T::BYTES * LANES);
            }
            for (r, acc) in acc.iter().enumerate() {
                store::<S>(self.target, row + r, *acc);
            }
        }
    }
}

/// Adds K-block `k` of rows `row..row + R` to their accumulators of 16 outputs.
#[inline(always)]
unsafe fn accumulate_rows<S: Simd, T: IntFormat, const R: usize>(
    block: &Block<S>,
    x: &Activations,
    row: usize,
    k: usize,
    acc: &mut [S::F; R],
) {
    // SAFETY: the rows and block `k` are within the activations.
    unsafe {
        if S::PAIRS {
            let w = S::pair_groups(&block.w);
            let (pairs, rest) = acc.as_chunks_mut::<2>();
            for (i, pair) in pairs.iter_mut().enumerate() {
                *pair = accumulate_pair::<S, T>(block, &w, x, row + 2 * i, k, *pair);
            }
            for acc in rest {
                *acc = accumulate::<S, T>(block, x, row + R - 1, k, *acc);
            }
        } else {
            for (r, acc) in acc.iter_mut().enumerate() {
                *acc = accumulate::<S, T>(block, x, row + r, k, *acc);
            }
        }
    }
}

/// Adds K-block `k` of row `r`.
#[inline(always)]
unsafe fn accumulate<S: Simd, T: IntFormat>(
    block: &Block<S>,
    x: &Activations,
    r: usize,
    k: usize,
    acc: S::F,
) -> S::F {
    // SAFETY: row `r` and block `k` are within the activations.
    unsafe {
        let at = r * (x.width / K_BLOCK) + k;
        let q = x.q.add(at * K_BLOCK).cast::<i32>();
        let idot = if T::HALVES {
            let halves = x.neg_half_sums.add(2 * at);
            let low = scale_low::<S>(block, dot::<S, T>(block, q, 0..4, *halves));
            add_high::<S>(block, dot::<S, T>(block, q, 4..8, *halves.add(1)), low)
        } else {
            S::to_f32(dot::<S, T>(block, q, 0..8, *x.neg_sum.add(at)))
        };
        add_dot::<S, T>(block, x, at, idot, acc)
    }
}

/// Adds K-block `k` of rows `r` and `r + 1`. `w` is the block's weights, paired.
#[inline(always)]
unsafe fn accumulate_pair<S: Simd, T: IntFormat>(
    block: &Block<S>,
    w: &[S::B; 8],
    x: &Activations,
    r: usize,
    k: usize,
    acc: [S::F; 2],
) -> [S::F; 2] {
    // SAFETY: both rows and block `k` are within the activations.
    unsafe {
        let blocks = x.width / K_BLOCK;
        let at = [r * blocks + k, (r + 1) * blocks + k];
        let q = at.map(|at| x.q.wrapping_add(at * K_BLOCK).cast::<i32>());
        let [first, second] = if T::HALVES {
            let halves = at.map(|at| x.neg_half_sums.wrapping_add(2 * at));
            let low = [start::<S, T>(*halves[0]), start::<S, T>(*halves[1])];
            let low = S::dot_pair(low, w, q, 0..4);
            let low = [scale_low::<S>(block, low[0]), scale_low::<S>(block, low[1])];
            let high = [start::<S, T>(*halves[0].add(1)), start::<S, T>(*halves[1].add(1))];
            let high = S::dot_pair(high, w, q, 4..8);
            [add_high::<S>(block, high[0], low[0]), add_high::<S>(block, high[1], low[1])]
        } else {
            let sums = [start::<S, T>(*x.neg_sum.add(at[0])), start::<S, T>(*x.neg_sum.add(at[1]))];
            let [first, second] = S::dot_pair(sums, w, q, 0..8);
            [S::to_f32(first), S::to_f32(second)]
        };
        [add_dot::<S, T>(block, x, at[0], first, acc[0]), add_dot::<S, T>(block, x, at[1], second, acc[1])]
    }
}

/// The integer dot of the first half times its sub-scale.
#[inline(always)]
unsafe fn scale_low<S: Simd>(block: &Block<S>, dot: S::I) -> S::F {
    // SAFETY: no pointers.
    unsafe { S::mul(S::to_f32(dot), block.half_scales[0]) }
}

/// Adds that of the second half. Exact in f32: |sub-scale * dot| <= 128 * 65,024 and the sum of two stays below
/// 2^24.
#[inline(always)]
unsafe fn add_high<S: Simd>(block: &Block<S>, dot: S::I, low: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe { S::fma(S::to_f32(dot), block.half_scales[1], low) }
}

/// Scales the dot of a K-block and adds it and the minimum's share. `at` counts the K-blocks of all rows.
#[inline(always)]
unsafe fn add_dot<S: Simd, T: IntFormat>(
    block: &Block<S>,
    x: &Activations,
    at: usize,
    idot: S::F,
    acc: S::F,
) -> S::F {
    // SAFETY: K-block `at` is within the activations.
    unsafe {
        let scale = *x.scale.add(at);
        let factor = S::mul(block.scale, S::splat(scale));
        let acc = S::fma(idot, factor, acc);
        match T::MIN {
            Min::None => acc,
            Min::Add => S::fma(block.min, S::splat(*x.scaled_sum.add(at)), acc),
            Min::Subtract => S::fnma(block.min, S::splat(*x.scaled_sum.add(at)), acc),
            Min::SubtractHalves => {
                let halves = x.neg_half_sums.add(2 * at);
                let low = S::mul(block.half_mins[0], S::to_f32(S::splat_i(*halves)));
                // Exact: 15 * 2,032 twice. The sums are negated, so the term is added.
                let sums = S::fma(block.half_mins[1], S::to_f32(S::splat_i(*halves.add(1))), low);
                S::fma(S::mul(block.min, S::splat(scale)), sums, acc)
            }
        }
    }
}

/// The value that an integer dot starts from, given minus the sum of the activations' codes.
#[inline(always)]
unsafe fn start<S: Simd, T: IntFormat>(neg_sum: i32) -> S::I {
    // SAFETY: no pointers.
    unsafe {
        match T::CODES {
            Codes::Unsigned => S::splat_i(0),
            Codes::Offset => match T::OFFSET_SHIFT {
                2 => S::shl_i::<2>(S::splat_i(neg_sum)),
                3 => S::shl_i::<3>(S::splat_i(neg_sum)),
                4 => S::shl_i::<4>(S::splat_i(neg_sum)),
                _ => S::shl_i::<5>(S::splat_i(neg_sum)),
            },
            Codes::Signed => S::start_signed(neg_sum),
        }
    }
}

/// The integer dot of some groups; exact, so any order will do.
#[inline(always)]
unsafe fn dot<S: Simd, T: IntFormat>(
    block: &Block<S>,
    q: *const i32,
    groups: Range<usize>,
    neg_sum: i32,
) -> S::I {
    // SAFETY: `q` has eight groups of four codes.
    unsafe {
        let mut acc = start::<S, T>(neg_sum);
        for group in groups {
            let a = q.add(group).read_unaligned();
            acc = match T::CODES {
                Codes::Signed => S::dot_signed(acc, block.w[group], a),
                _ => S::dot_unsigned(acc, block.w[group], a),
            };
        }
        acc
    }
}

impl<T: FloatFormat> Kernel for FloatPanel<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers cover `rows` rows and one panel.
        unsafe { tiles!(self, S) }
    }
}

impl<T: FloatFormat> FloatPanel<T> {
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize>(&self, row: usize) {
        // SAFETY: rows `row..row + R` of `width` inputs exist, and the panel has `width` inputs.
        unsafe {
            let mut acc = [S::splat(0.0); R];
            let x = self.x.add(row * self.width);
            for i in 0..self.width {
                let w = T::load::<S>(self.panel.add(i * T::BYTES * LANES));
                for (r, acc) in acc.iter_mut().enumerate() {
                    *acc = S::fma(w, S::splat(*x.add(r * self.width + i)), *acc);
                }
            }
            for (r, acc) in acc.iter().enumerate() {
                store::<S>(self.target, row + r, *acc);
            }
        }
    }
}

/// Writes, or adds, the outputs of one row.
#[inline(always)]
unsafe fn store<S: Simd>(t: Target, row: usize, y: S::F) {
    // SAFETY: `valid` outputs of row `row` exist behind `out`.
    unsafe {
        let out = t.out.add(row * t.stride);
        if t.valid == LANES {
            let y = if t.add { S::add(S::load(out), y) } else { y };
            S::store(out, y);
            return;
        }
        let mut lanes = [0.0f32; LANES];
        S::store(lanes.as_mut_ptr(), y);
        for (i, &y) in lanes[..t.valid].iter().enumerate() {
            let out = out.add(i);
            *out = if t.add { *out + y } else { y };
        }
    }
}
