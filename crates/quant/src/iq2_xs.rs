//! IQ2_XS: 256 weights from 32 rows of eight, a step per 16, 2.3125 bits per weight.
//!
//! ```text
//! byte 0        2                               66                  74
//!      +--------+-------------------------------+-------------------+
//!      | d: f16 | 32 x u16: row 9 bits, signs 7 | step: 16 x 4 bits |
//!      +--------+-------------------------------+-------------------+
//! ```
//! Weights: see [`lookup`](crate::lookup), with levels of 8, 25 and 43 and a unit of 1/8. The dot: two scales per K-block.
//!
//! Source: ggml `block_iq2_xs`. Golden rows: `golden/quant/iq2_xs.json`.

use crate::grids;
use crate::lookup::{IQ2_LEVELS, Lookup, Parts, even_signs, nibble, u16_at};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + SUPER_BLOCK / 4 + SUPER_BLOCK / 32;
const _: () = assert!(BLOCK_BYTES == 74);

/// Grid, levels and unit.
pub const LOOKUP: Lookup = Lookup { grid: &grids::IQ2_XS, levels: IQ2_LEVELS, unit: 0.125 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ2_XS,
    name: "IQ2_XS",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, signs and steps.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<32, 16> {
    let (words, steps) = block[2..].split_at(64);
    Parts {
        d: [block[0], block[1]],
        rows: std::array::from_fn(|r| u16_at(words, r) & 511),
        flips: std::array::from_fn(|r| even_signs(u32::from(u16_at(words, r) >> 9))),
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
