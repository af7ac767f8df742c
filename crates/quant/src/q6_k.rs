//! Q6_K: 256 weights of 6 bits in sixteen groups of 16, each with an i8 scale, 6.5625 bits per weight.
//!
//! ```text
//! byte 0                   128                192              208      210
//!      +-------------------+------------------+----------------+--------+
//!      | ql: 128 bytes,    | qh: 64 bytes,    | scale: 16 x i8 | d: f16 |
//!      |     2 x 4 bits    |     4 x 2 bits   |                |        |
//!      +-------------------+------------------+----------------+--------+
//!      weight[i] = d * scale[i / 16] * (q[i] - 32)
//!
//! i = 128 * h + 32 * g + j, half h = 0..2, K-block of the half g = 0..4, j = 0..32:
//!      low bits    ql[64 * h + 32 * (g % 2) + j], low four bits for g < 2, high four for g >= 2
//!      high bits   qh[32 * h + j] >> (2 * g), two bits
//! ```
//! The dot: two scales per K-block, `d_w = f32(d) * f32(scale)`, exact in f32.
//!
//! Source: ggml `block_q6_K`. Golden rows: `golden/quant/q6_k.json`.

use crate::activations::SUM_BLOCK;
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, SUPER_BLOCK, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = SUPER_BLOCK / 2 + SUPER_BLOCK / 4 + 16 + 2;
const _: () = assert!(BLOCK_BYTES == 210);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q6_K,
    name: "Q6_K",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -32..=31.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; SUPER_BLOCK] {
    let (ql, qh) = (&block[..128], &block[128..192]);
    std::array::from_fn(|i| {
        let (h, g, j) = (i / 128, i % 128 / 32, i % 32);
        let low = ql[64 * h + 32 * (g % 2) + j] >> (4 * (g / 2)) & 15;
        let high = qh[32 * h + j] >> (2 * g) & 3;
        (high << 4 | low) as i8 - 32
    })
}

/// `(d, scale)`; one scale for every 16 weights.
pub fn scales(block: &[u8; BLOCK_BYTES]) -> (f32, [i8; 16]) {
    let scale = std::array::from_fn(|s| block[192 + s] as i8);
    (f16_le([block[208], block[209]]), scale)
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, SUPER_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<SUPER_BLOCK>().0) {
        let (d, scale) = scales(block);
        for (i, (weight, q)) in weights.iter_mut().zip(quants(block)).enumerate() {
            *weight = d * f32::from(scale[i / SUM_BLOCK]) * f32::from(q);
        }
    }
    Ok(())
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    let mut acc = 0.0f32;
    for (b, block) in row.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
        let (d, scale) = scales(block);
        for (k, q) in quants(block).as_chunks::<K_BLOCK>().0.iter().enumerate() {
            let a = x.block(8 * b + k);
            let (d0, d1) = (d * f32::from(scale[2 * k]), d * f32::from(scale[2 * k + 1]));
            let low = integer_dot(&q[..16], &a.q[..16]) as f32 * d0;
            let part = (integer_dot(&q[16..], &a.q[16..]) as f32).mul_add(d1, low);
            acc = part.mul_add(a.scale, acc);
        }
    }
    acc
}
