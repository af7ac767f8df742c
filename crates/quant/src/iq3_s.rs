//! IQ3_S: 256 weights from 64 rows of four, all signs stored, 3.4375 bits per weight.
//!
//! ```text
//! byte 0        2               66                  74              106                110
//!      +--------+---------------+-------------------+---------------+------------------+
//!      | d: f16 | row: 64 bytes | row, high: 64 x 1 | signs: 32 x 8 | step: 8 x 4 bits |
//!      +--------+---------------+-------------------+---------------+------------------+
//! ```
//! Weights: see [`lookup`](crate::lookup), with the odd numbers to 15 as levels and a unit of 1. The dot: one scale per
//! K-block.
//!
//! Source: ggml `block_iq3_s`. Golden rows: `golden/quant/iq3_s.json`.

use crate::grids;
use crate::lookup::{self, Lookup, Parts, nibble};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 13 * SUPER_BLOCK / 32 + 4;
const _: () = assert!(BLOCK_BYTES == 110);

/// Grid, levels and unit.
pub const LOOKUP: Lookup =
    Lookup { grid: &grids::IQ3_S, levels: lookup::signed(&[1, 3, 5, 7, 9, 11, 13, 15]), unit: 1.0 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ3_S,
    name: "IQ3_S",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, signs and steps.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<64, 8> {
    let (low, high, signs, steps) = (&block[2..66], &block[66..74], &block[74..106], &block[106..]);
    Parts {
        d: [block[0], block[1]],
        rows: std::array::from_fn(|r| u16::from(low[r]) | u16::from(high[r / 8] >> (r % 8) & 1) << 8),
        flips: std::array::from_fn(|r| signs[r]),
        steps: std::array::from_fn(|k| nibble(steps, k)),
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
