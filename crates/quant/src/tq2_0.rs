//! TQ2_0: 256 weights of -1, 0 or 1 share one f16 scale, 2.0625 bits per weight.
//!
//! ```text
//! byte 0                            64       66
//!      +----------------------------+--------+
//!      | q: 64 bytes, 4 x 2 bits    | d: f16 |    weight[i] = d * (q[i] - 1)
//!      +----------------------------+--------+
//!      half h of 128: byte 32 * h + j holds q[128 * h + 32 * n + j] in bits 2n
//! ```
//! A fourth code is possible and means 2. The dot: one scale per K-block, the same for all eight.
//!
//! Source: ggml `block_tq2_0`. Golden rows: `golden/quant/tq2_0.json`.

use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK, f16_le};

/// Bytes per block.
pub const BLOCK_BYTES: usize = SUPER_BLOCK / 4 + 2;
const _: () = assert!(BLOCK_BYTES == 66);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::TQ2_0,
    name: "TQ2_0",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -1..=2, and the scale of each K-block.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<SUPER_BLOCK, 8> {
    let q = |i: usize| block[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4)) & 3;
    Opened { quants: std::array::from_fn(|i| q(i) as i8 - 1), scales: [f16_le([block[64], block[65]]); 8] }
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}
