//! IQ2_S: 256 weights from 32 rows of eight, all signs stored, a step per 16, 2.5625 bits per weight.
//!
//! ```text
//! byte 0        2               34                  66                    74                  82
//!      +--------+---------------+-------------------+---------------------+-------------------+
//!      | d: f16 | row: 32 bytes | signs: 32 x 8     | row, high: 32 x 2   | step: 16 x 4 bits |
//!      +--------+---------------+-------------------+---------------------+-------------------+
//! ```
//! Weights: see [`lookup`](crate::lookup), with levels of 8, 25 and 43 and a unit of 1/8. The dot: two scales per K-block.
//!
//! Source: ggml `block_iq2_s`. Golden rows: `golden/quant/iq2_s.json`.

use crate::grids;
use crate::lookup::{IQ2_LEVELS, Lookup, Parts, nibble};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + SUPER_BLOCK / 4 + SUPER_BLOCK / 16;
const _: () = assert!(BLOCK_BYTES == 82);

/// Grid, levels and unit.
pub const LOOKUP: Lookup = Lookup { grid: &grids::IQ2_S, levels: IQ2_LEVELS, unit: 0.125 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ2_S,
    name: "IQ2_S",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, signs and steps.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<32, 16> {
    let (low, signs, high, steps) = (&block[2..34], &block[34..66], &block[66..74], &block[74..]);
    let row = |r: usize| u16::from(low[r]) | u16::from(high[r / 4] >> (2 * (r % 4)) & 3) << 8;
    Parts {
        d: [block[0], block[1]],
        rows: std::array::from_fn(row),
        flips: std::array::from_fn(|r| signs[r]),
        steps: std::array::from_fn(|s| nibble(steps, s)),
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
