//! IQ3_XXS: 256 weights from 64 rows of four, 3.0625 bits per weight.
//!
//! ```text
//! byte 0        2               66                               98
//!      +--------+---------------+--------------------------------+
//!      | d: f16 | row: 64 bytes | 8 x u32: signs, step           |
//!      +--------+---------------+--------------------------------+
//!      the u32 of K-block k holds four times seven signs, lowest bits first, and the step in the top four bits
//! ```
//! Weights: see [`lookup`](crate::lookup), with levels of 4 to 52 by eights, and 62, and a unit of 1/4. The dot: one scale
//! per K-block.
//!
//! Source: ggml `block_iq3_xxs`. Golden rows: `golden/quant/iq3_xxs.json`.

use crate::grids;
use crate::lookup::{self, Lookup, Parts, even_signs, u32_at};
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 3 * SUPER_BLOCK / 8;
const _: () = assert!(BLOCK_BYTES == 98);

/// Grid, levels and unit.
pub const LOOKUP: Lookup =
    Lookup { grid: &grids::IQ3_XXS, levels: lookup::signed(&[4, 12, 20, 28, 36, 44, 52, 62]), unit: 0.25 };

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ3_XXS,
    name: "IQ3_XXS",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// Rows, signs and steps.
pub fn parts(block: &[u8; BLOCK_BYTES]) -> Parts<64, 8> {
    let (rows, words) = block[2..].split_at(64);
    Parts {
        d: [block[0], block[1]],
        rows: std::array::from_fn(|r| u16::from(rows[r])),
        flips: std::array::from_fn(|r| even_signs(u32_at(words, r / 4) >> (7 * (r % 4)))),
        steps: std::array::from_fn(|k| (u32_at(words, k) >> 28) as u8),
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
