//! IQ1_S: 256 weights from 32 rows of eight, each of them -1, 0 or 1 and an eighth more or less, 1.5625 bits per weight.
//!
//! ```text
//! byte 0        2               34                                          50
//!      +--------+---------------+-------------------------------------------+
//!      | d: f16 | row: 32 bytes | 8 x u16: row, high: 4 x 3; step: 3; shift |
//!      +--------+---------------+-------------------------------------------+
//!      the u16 of K-block k, lowest bits first; the shift is a bit: an eighth less for all of its weights
//! ```
//! Weights: see [`lookup`](crate::lookup), with levels of -7, 1 and 9, flipped -9, -1 and 7, and a unit of 1/8. The dot:
//! one scale per K-block.
//!
//! Source: ggml `block_iq1_s`. Golden rows: `golden/quant/iq1_s.json`.

use crate::grids;
use crate::lookup::{IQ1_LEVELS, Lookup, Parts, u16_at};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + SUPER_BLOCK / 8 + SUPER_BLOCK / 16;
const _: () = assert!(BLOCK_BYTES == 50);

/// Grid, levels and unit.
pub const LOOKUP: Lookup = Lookup { grid: &grids::IQ1, levels: IQ1_LEVELS, unit: 0.125 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ1_S,
    name: "IQ1_S",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, shifts and steps. All flips of a K-block are equal.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<32, 8> {
    let (low, words) = block[2..].split_at(32);
    let row = |r: usize| u16::from(low[r]) | (u16_at(words, r / 4) >> (3 * (r % 4)) & 7) << 8;
    Parts {
        d: [block[0], block[1]],
        rows: std::array::from_fn(row),
        flips: std::array::from_fn(|r| if u16_at(words, r / 4) >> 15 == 1 { 0xff } else { 0 }),
        steps: std::array::from_fn(|k| (u16_at(words, k) >> 12 & 7) as u8),
    }
}

/// The integer weights and the scales, one per K-block.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<SUPER_BLOCK, 8> {
    LOOKUP.open(&parts(block))
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}
