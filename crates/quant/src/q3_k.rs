//! Q3_K: 256 weights of 3 bits in sixteen groups of 16, each with a 6-bit scale, 3.4375 bits per weight.
//!
//! ```text
//! byte 0               32                  96                108      110
//!      +---------------+-------------------+-----------------+--------+
//!      | qh: 32 bytes, | ql: 64 bytes,     | 16 x 6 bits:    | d: f16 |
//!      |     8 x 1 bit |     4 x 2 bits    | scale[s] + 32   |        |
//!      +---------------+-------------------+-----------------+--------+
//!      weight[i] = d * scale[i / 16] * (q[i] - 4)
//!
//! q, i = 128 * h + 32 * g + j (h = 0..2, g = 0..4, j = 0..32):
//!      low bits    byte 32 * h + j of ql, bits 2 * g and 2 * g + 1
//!      high bit    byte j of qh, bit 4 * h + g
//! scales, t = bytes 96..108; the file stores them plus 32:
//!      low bits    t[s % 8], low four bits for s < 8, high four for s >= 8
//!      high bits   t[8 + s % 4] >> (2 * (s / 4)), two bits
//! ```
//! The dot: two scales per K-block, both in -32..=31 (the 32 is taken off before anything is multiplied),
//! `d_w = f32(d) * f32(scale)`, exact in f32.
//!
//! Source: ggml `block_q3_K`. Golden rows: `golden/quant/q3_k.json`.

use crate::activations::SUM_BLOCK;
use crate::q2_k::two_bit;
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, SUPER_BLOCK, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = SUPER_BLOCK / 8 + SUPER_BLOCK / 4 + 12 + 2;
const _: () = assert!(BLOCK_BYTES == 110);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q3_K,
    name: "Q3_K",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -4..=3.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; SUPER_BLOCK] {
    let low = two_bit(block[32..96].try_into().expect("64 bytes"));
    std::array::from_fn(|i| {
        let high = block[i % 32] >> (i / 32) & 1;
        (high << 2 | low[i]) as i8 - 4
    })
}

/// `(d, scale)`; one scale, -32..=31, for every 16 weights.
pub fn scales(block: &[u8; BLOCK_BYTES]) -> (f32, [i8; 16]) {
    let t = &block[96..108];
    let scale = std::array::from_fn(|s| {
        let low = t[s % 8] >> (4 * (s / 8)) & 15;
        let high = t[8 + s % 4] >> (2 * (s / 4)) & 3;
        (high << 4 | low) as i8 - 32
    });
    (f16_le([block[108], block[109]]), scale)
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
