//! IQ1_M: 256 weights from 32 rows of eight, each of them -1, 0 or 1 and an eighth more or less, a step per 16, 1.75 bits
//! per weight.
//!
//! ```text
//! byte 0               32                                  48                              56
//!      +---------------+-----------------------------------+-------------------------------+
//!      | row: 32 bytes | 32 x 4: row, high: 3 bits; shift  | 4 x u16: 4 x step: 3; d: 4    |
//!      +---------------+-----------------------------------+-------------------------------+
//!      lowest bits first; the four top nibbles of the u16, first one lowest, are the f16 scale d
//! ```
//! Weights: see [`lookup`](crate::lookup), with levels of -7, 1 and 9, flipped -9, -1 and 7, and a unit of 1/8. The dot:
//! two scales per K-block.
//!
//! Source: ggml `block_iq1_m`. Golden rows: `golden/quant/iq1_m.json`.

use crate::grids;
use crate::lookup::{IQ1_LEVELS, Lookup, Parts, nibble, u16_at};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = SUPER_BLOCK / 8 + SUPER_BLOCK / 16 + SUPER_BLOCK / 32;
const _: () = assert!(BLOCK_BYTES == 56);

/// Grid, levels and unit.
pub const LOOKUP: Lookup = Lookup { grid: &grids::IQ1, levels: IQ1_LEVELS, unit: 0.125 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ1_M,
    name: "IQ1_M",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, shifts and steps. The flips of a row are equal.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<32, 16> {
    let (low, high, words) = (&block[..32], &block[32..48], &block[48..]);
    let d = (0..4).fold(0, |d, j| d | u16_at(words, j) >> 12 << (4 * j));
    Parts {
        d: d.to_le_bytes(),
        rows: std::array::from_fn(|r| u16::from(low[r]) | u16::from(nibble(high, r) & 7) << 8),
        flips: std::array::from_fn(|r| if nibble(high, r) & 8 != 0 { 0xff } else { 0 }),
        steps: std::array::from_fn(|s| (u16_at(words, s / 4) >> (3 * (s % 4)) & 7) as u8),
    }
}

/// The integer weights and the scales, two per K-block.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<SUPER_BLOCK, 16> {
    LOOKUP.open(&parts(block))
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}
