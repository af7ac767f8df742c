//! Q2_0: 64 weights of two bits share one f16 scale, 2.25 bits per weight.
//!
//! ```text
//! byte 0        2                          18
//!      +--------+--------------------------+
//!      | d: f16 | q: 16 bytes, 4 x 2 bits  |    weight[i] = d * (q[i] - 1)
//!      +--------+--------------------------+
//!      byte i / 4 holds q[i] in bits 2 * (i % 4)
//! ```
//! The dot: one scale per K-block, the same for both.
//!
//! Source: ggml `block_q2_0`. Golden rows: `golden/quant/q2_0.json`.

use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, f16_le};

/// Weights per block: two K-blocks.
pub const BLOCK_WEIGHTS: usize = 64;
/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + BLOCK_WEIGHTS / 4;
const _: () = assert!(BLOCK_BYTES == 18);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q2_0,
    name: "Q2_0",
    block_weights: BLOCK_WEIGHTS,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -1..=2, and the scale of each K-block.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<BLOCK_WEIGHTS, 2> {
    let q = |i: usize| block[2 + i / 4] >> (2 * (i % 4)) & 3;
    Opened { quants: std::array::from_fn(|i| q(i) as i8 - 1), scales: [f16_le([block[0], block[1]]); 2] }
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}
