//! What the seven lookup formats (IQ1, IQ2, IQ3) share: 256 weights, whose levels come from rows of a grid.
//!
//! ```text
//! weight[i] = d * (2 * step[s] + 1) * UNIT * LEVELS[level(grid[row], i) + 8 * flip[i]]
//! ```
//! `s` counts stretches of 32 or 16 weights. A flip chooses the second half of the format's sixteen levels: the
//! negative ones for IQ2 and IQ3, whose flips are signs, and those shifted the other way for IQ1. So every one of
//! these formats is an index that picks a row, a bit that picks a half, and one table of sixteen signed integers.

use crate::grids::{level_of_eight, level_of_four};
use crate::opened::Opened;
use crate::{SUPER_BLOCK, f16_le};

/// A block taken apart, nothing looked up yet. `ROWS` is 32 for rows of eight, 64 for rows of four; `STEPS` is 8 or 16.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts<const ROWS: usize, const STEPS: usize> {
    /// The f16 scale of the block, its bytes.
    pub d: [u8; 2],
    /// Indices into the grid, all within it.
    pub rows: [u16; ROWS],
    /// Bit `i` of `flips[r]` belongs to weight `8 * r + i`.
    pub flips: [u8; SUPER_BLOCK / 8],
    /// The steps of the sub-scales, in order.
    pub steps: [u8; STEPS],
}

/// What a format adds to its parts.
pub struct Lookup {
    /// The grid that rows are picked from.
    pub grid: &'static [u32],
    /// What levels are worth, not flipped and flipped; a grid has three or eight of them.
    pub levels: [i8; 16],
    /// What a sub-scale of one is worth, a power of two.
    pub unit: f32,
}

impl Lookup {
    /// The integer weights and the scales of a block.
    pub fn open<const ROWS: usize, const STEPS: usize>(
        &self,
        parts: &Parts<ROWS, STEPS>,
    ) -> Opened<SUPER_BLOCK, STEPS> {
        let d = f16_le(parts.d);
        let row_weights = SUPER_BLOCK / ROWS;
        let quant = |i: usize| {
            let row = self.grid[usize::from(parts.rows[i / row_weights])];
            let at = i % row_weights;
            let level = if row_weights == 8 { level_of_eight(row, at) } else { level_of_four(row, at) };
            self.levels[level + 8 * usize::from(parts.flips[i / 8] >> (i % 8) & 1)]
        };
        Opened {
            quants: std::array::from_fn(quant),
            // Exact: a scale has 11 bits, a step 5 and the unit one.
            scales: parts.steps.map(|step| d * (f32::from(2 * step + 1) * self.unit)),
        }
    }
}

/// Levels whose flip is a sign.
pub(crate) const fn signed(levels: &[i8]) -> [i8; 16] {
    let mut all = [0; 16];
    let mut i = 0;
    while i < levels.len() {
        (all[i], all[8 + i]) = (levels[i], -levels[i]);
        i += 1;
    }
    all
}

/// The levels of IQ2_XXS, IQ2_XS and IQ2_S.
pub(crate) const IQ2_LEVELS: [i8; 16] = signed(&[8, 25, 43]);

/// The levels of IQ1_S and IQ1_M: eight times -1, 0 and 1, and one more or less.
pub(crate) const IQ1_LEVELS: [i8; 16] = [-7, 1, 9, 0, 0, 0, 0, 0, -9, -1, 7, 0, 0, 0, 0, 0];

/// Eight signs from the seven that are stored: the eighth makes their number even.
pub(crate) fn even_signs(seven: u32) -> u8 {
    let seven = seven & 127;
    (seven | (seven.count_ones() & 1) << 7) as u8
}

/// Word `k` of two bytes.
pub(crate) fn u16_at(bytes: &[u8], k: usize) -> u16 {
    u16::from_le_bytes([bytes[2 * k], bytes[2 * k + 1]])
}

/// Word `k` of four bytes.
pub(crate) fn u32_at(bytes: &[u8], k: usize) -> u32 {
    u32::from(u16_at(bytes, 2 * k)) | u32::from(u16_at(bytes, 2 * k + 1)) << 16
}

/// Four bits, low ones first.
pub(crate) fn nibble(bytes: &[u8], i: usize) -> u8 {
    bytes[i / 2] >> (4 * (i % 2)) & 15
}
