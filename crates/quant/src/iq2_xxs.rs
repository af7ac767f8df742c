//! IQ2_XXS: 256 weights from 32 rows of eight, 2.0625 bits per weight.
//!
//! ```text
//! byte 0        2                                            66
//!      +--------+--------------------------------------------+
//!      | d: f16 | 8 x (4 x row: u8, then u32: signs, step)   |
//!      +--------+--------------------------------------------+
//!      K-block k: its u32 holds four times seven signs, lowest bits first, and the step in the top four bits
//! ```
//! Weights: see [`lookup`](crate::lookup), with levels of 8, 25 and 43 and a unit of 1/8. The dot: one scale per K-block.
//!
//! Source: ggml `block_iq2_xxs`. Golden rows: `golden/quant/iq2_xxs.json`.

use crate::grids;
use crate::lookup::{IQ2_LEVELS, Lookup, Parts, even_signs, u32_at};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + SUPER_BLOCK / 4;
const _: () = assert!(BLOCK_BYTES == 66);

/// Grid, levels and unit.
pub const LOOKUP: Lookup = Lookup { grid: &grids::IQ2_XXS, levels: IQ2_LEVELS, unit: 0.125 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ2_XXS,
    name: "IQ2_XXS",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, signs and steps.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<32, 8> {
    let words = &block[2..];
    Parts {
        d: [block[0], block[1]],
        rows: std::array::from_fn(|r| u16::from(words[r / 4 * 8 + r % 4])),
        flips: std::array::from_fn(|r| even_signs(u32_at(words, r / 4 * 2 + 1) >> (7 * (r % 4)))),
        steps: std::array::from_fn(|k| (u32_at(words, 2 * k + 1) >> 28) as u8),
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
