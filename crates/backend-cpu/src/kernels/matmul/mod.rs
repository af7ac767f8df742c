//! Matrix times rows: one kernel for prefill and decode.
//!
//! ```text
//! for each panel of 16 output rows                       of a task, which has a block of rows
//!   for each tile of up to ROW_TILE activation rows      accumulators stay in registers
//!     for each K-block of 32 inputs, ascending           8 vectors of codes, unpacked once a tile or once a panel
//!       for each row, or pair of rows, of the tile: `block.rs`
//! ```
//! The order of additions of an output is that of `gollum_quant`'s dot whatever the tile, so a row's bits
//! do not depend on its neighbours. Bound, decode: weight bytes over read bandwidth. Bound, prefill: 8 dots
//! of 128 operations a block against 11 to 13 vector instructions in all.

#![allow(unsafe_code)]

mod block;
mod finish;

use std::cell::RefCell;
use std::ops::Range;

use gollum_quant::K_BLOCK;

use crate::memory::{HugeArray, Plain};
use crate::pack::{Block, FloatFormat, IntFormat};
use crate::simd::{Kernel, LANES, Simd};
use block::accumulate_rows;
pub(crate) use finish::{Finish, FinishPanel, with_room};

/// How far a single tile asks ahead: the latency of memory times the bandwidth of one core.
const DECODE_AHEAD_BYTES: usize = 6144;

/// From here on a panel of a format that is costly to unpack is unpacked once for all rows. Below it the trip through the
/// cache costs more than unpacking for each tile, which hides behind the dots.
const MANY_ROWS: usize = 128;

/// One K-block of a quantised row, with what dots want beside its codes. One record, because a tile that found the parts
/// of its rows in arrays of their own held two or three pointers a row, more than a core has registers.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct RowBlock {
    pub q: [i8; K_BLOCK],
    /// `d_a`.
    pub scale: f32,
    /// `d_a * sum`.
    pub scaled_sum: f32,
    /// `-sum`.
    pub neg_sum: i32,
    /// `-sum` of each half.
    pub neg_half_sums: [i32; 2],
}

// SAFETY: integers and floats of 4 bytes behind 32 bytes: no padding.
unsafe impl Plain for RowBlock {}

/// Quantised activation rows: `width / 32` blocks each, without gaps.
#[derive(Clone, Copy)]
pub(crate) struct Activations {
    pub blocks: *const RowBlock,
    pub width: usize,
}

impl Activations {
    /// Those from row `row` on.
    pub fn at_row(self, row: usize) -> Self {
        Self { blocks: self.blocks.wrapping_add(row * (self.width / K_BLOCK)), ..self }
    }

    /// K-block `k` of row `row`, which exist.
    #[inline(always)]
    unsafe fn block(&self, row: usize, k: usize) -> *const RowBlock {
        // SAFETY: the caller's row has it.
        unsafe { self.blocks.add(row * (self.width / K_BLOCK) + k) }
    }
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

/// Two panels times all rows, float formats: an activation that is loaded serves both, so that loads, of which a core has
/// as many a cycle as FMAs, do not hold the FMAs up. 8 rows of one panel reach 62 % of Zen 5's FMAs, of two 98 %.
pub(crate) struct FloatPair<T: FloatFormat> {
    pub panels: [*const u8; 2],
    /// `[rows, width]`.
    pub x: *const f32,
    pub width: usize,
    pub rows: usize,
    pub targets: [Target; 2],
    pub format: std::marker::PhantomData<T>,
}

/// Runs `$tile` with `R` set to each tile's rows, over the rows from `$row`, which moves on, to `$end`, in tiles of at
/// most `S::ROW_TILE`.
macro_rules! tiles {
    ($S:ident, $row:ident, $end:expr, $tile:expr) => {{
        macro_rules! of {
            ($rows:literal) => {{
                const R: usize = $rows;
                $tile
            }};
        }
        while $row < $end {
            let tile = ($end - $row).min($S::ROW_TILE);
            // Guards that are constants keep tiles that an instruction set never takes from being compiled at all.
            match tile {
                8 if const { $S::ROW_TILE >= 8 } => of!(8),
                7 if const { $S::ROW_TILE >= 7 } => of!(7),
                6 if const { $S::ROW_TILE >= 6 } => of!(6),
                5 if const { $S::ROW_TILE >= 5 } => of!(5),
                4 if const { $S::ROW_TILE >= 4 } => of!(4),
                3 if const { $S::ROW_TILE >= 3 } => of!(3),
                2 if const { $S::ROW_TILE >= 2 } => of!(2),
                _ => of!(1),
            }
            $row += tile.clamp(1, 8);
        }
    }};
}

impl<T: IntFormat> Kernel for IntPanel<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers cover `rows` rows and one panel.
        unsafe {
            let mut row = 0;
            if T::RARE {
                if self.rows == 1 {
                    return self.tile::<S, 1>(0);
                }
                let blocks = self.unpack_all::<S>();
                let end = self.whole_tiles::<S>(blocks);
                return self.unpacked_tiles::<S, 1>(blocks, end..self.rows);
            }
            if T::COSTLY && self.rows >= MANY_ROWS {
                row = self.whole_tiles::<S>(self.unpack_all::<S>());
            }
            tiles!(S, row, self.rows, self.tile::<S, R>(row));
        }
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
            self.store::<S, R>(row, &acc);
        }
    }

    /// Unpacks the whole panel to this thread's room: `width / 32` blocks.
    #[inline(always)]
    unsafe fn unpack_all<S: Simd>(&self) -> *const Block<S> {
        // SAFETY: the panel has `width / BLOCK` blocks, and the room is as large as they are when unpacked.
        unsafe {
            let blocks = self.x.width / K_BLOCK;
            let room = unpacked_room(blocks * size_of::<Block<S>>()).cast::<Block<S>>();
            let (mut p, mut k) = (self.panel, 0);
            while k < blocks {
                for sub in 0..T::BLOCK / K_BLOCK {
                    room.add(k + sub).write(T::unpack::<S>(p, sub));
                }
                k += T::BLOCK / K_BLOCK;
                p = p.add(T::BYTES * LANES);
            }
            room
        }
    }

    /// As many tiles of the widest kernel as the rows fill; returns the row behind them.
    #[inline(always)]
    unsafe fn whole_tiles<S: Simd>(&self, blocks: *const Block<S>) -> usize {
        const { assert!(matches!(S::ROW_TILE, 2 | 4 | 8)) };
        let end = self.rows / S::ROW_TILE * S::ROW_TILE;
        // SAFETY: the caller's blocks are those of the whole width.
        unsafe {
            match S::ROW_TILE {
                8 => self.unpacked_tiles::<S, 8>(blocks, 0..end),
                4 => self.unpacked_tiles::<S, 4>(blocks, 0..end),
                _ => self.unpacked_tiles::<S, 2>(blocks, 0..end),
            }
        }
        end
    }

    /// Tiles of `R` rows, which `rows` are a multiple of.
    #[inline(always)]
    unsafe fn unpacked_tiles<S: Simd, const R: usize>(&self, blocks: *const Block<S>, rows: Range<usize>) {
        for row in rows.step_by(R) {
            // SAFETY: rows `row..row + R` exist, and `blocks` are those of the whole width.
            unsafe {
                let mut acc = [S::splat(0.0); R];
                for k in 0..self.x.width / K_BLOCK {
                    accumulate_rows::<S, T, R>(&*blocks.add(k), &self.x, row, k, &mut acc);
                }
                self.store::<S, R>(row, &acc);
            }
        }
    }

    #[inline(always)]
    unsafe fn store<S: Simd, const R: usize>(&self, row: usize, acc: &[S::F; R]) {
        for (r, acc) in acc.iter().enumerate() {
            // SAFETY: row `row + r` exists.
            unsafe { store::<S>(self.target, row + r, *acc) };
        }
    }
}

thread_local! {
    /// One panel, unpacked: 24 bytes an input, for the widest matrix that the thread has met.
    static UNPACKED: RefCell<HugeArray<f32>> = RefCell::default();
}

/// This thread's room for unpacked blocks, good until the next call; aligned for any vector.
fn unpacked_room(bytes: usize) -> *mut f32 {
    UNPACKED.with_borrow_mut(|room| {
        room.fit(bytes / size_of::<f32>());
        room.as_mut_ptr()
    })
}

impl<T: FloatFormat> Kernel for FloatPanel<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers cover `rows` rows and one panel.
        unsafe {
            let mut row = 0;
            tiles!(S, row, self.rows, self.tile::<S, R>(row));
        }
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

impl<T: FloatFormat> Kernel for FloatPair<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers cover `rows` rows and two panels.
        unsafe {
            // Others have too few registers for the accumulators of two panels.
            if const { S::ROW_TILE >= 8 } {
                let mut row = 0;
                tiles!(S, row, self.rows, self.tile::<S, R>(row));
                return;
            }
            for (panel, target) in self.panels.into_iter().zip(self.targets) {
                let Self { x, width, rows, format, .. } = self;
                FloatPanel::<T> { panel, x, width, rows, target, format }.run::<S>();
            }
        }
    }
}

impl<T: FloatFormat> FloatPair<T> {
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize>(&self, row: usize) {
        // SAFETY: rows `row..row + R` of `width` inputs exist, and the panels have `width` inputs.
        unsafe {
            let mut acc = [[S::splat(0.0); 2]; R];
            let x = self.x.add(row * self.width);
            for i in 0..self.width {
                let at = i * T::BYTES * LANES;
                let w = [T::load::<S>(self.panels[0].add(at)), T::load::<S>(self.panels[1].add(at))];
                for (r, acc) in acc.iter_mut().enumerate() {
                    let a = S::splat(*x.add(r * self.width + i));
                    acc[0] = S::fma(w[0], a, acc[0]);
                    acc[1] = S::fma(w[1], a, acc[1]);
                }
            }
            for (r, acc) in acc.iter().enumerate() {
                store::<S>(self.targets[0], row + r, acc[0]);
                store::<S>(self.targets[1], row + r, acc[1]);
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
