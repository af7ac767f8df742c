//! Q1_0: 128 weights of one bit share one f16 scale, 1.125 bits per weight.
//!
//! ```text
//! byte 0        2                     18
//!      +--------+---------------------+
//!      | d: f16 | 128 bits            |    weight[i] = d if the bit is set, or -d
//!      +--------+---------------------+
//!      bit i % 8 of byte i / 8
//! ```
//! The dot: one scale per K-block, the same for all four.
//!
//! Source: ggml `block_q1_0`. Golden rows: `golden/quant/q1_0.json`.

use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, f16_le};

/// Weights per block: four K-blocks.
pub const BLOCK_WEIGHTS: usize = 128;
/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + BLOCK_WEIGHTS / 8;
const _: () = assert!(BLOCK_BYTES == 18);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q1_0,
    name: "Q1_0",
    block_weights: BLOCK_WEIGHTS,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -1 and 1, and the scale of each K-block.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<BLOCK_WEIGHTS, 4> {
    let bit = |i: usize| block[2 + i / 8] >> (i % 8) & 1;
    Opened {
        quants: std::array::from_fn(|i| 2 * bit(i) as i8 - 1),
        scales: [f16_le([block[0], block[1]]); 4],
    }
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}
