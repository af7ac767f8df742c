//! Q5_K: 256 weights of 5 bits in eight K-blocks, each with a 6-bit scale and minimum, 5.5 bits per weight.
//!
//! ```text
//! byte 0        2           4                  16              48                   176
//!      +--------+-----------+------------------+---------------+--------------------+
//!      | d: f16 | dmin: f16 | 8 x (6 + 6) bits | qh: 32 bytes, | ql: 128 bytes,     |
//!      |        |           | as in Q4_K       |     8 x 1 bit |     2 x 4 bits     |
//!      +--------+-----------+------------------+---------------+--------------------+
//!      weight[i] = d * scale[k] * q[i] - dmin * min[k]        k = i / 32
//!
//! low bits    byte 32 * p + j of ql: q[64 * p + j] in the low, q[64 * p + 32 + j] in the high four bits
//! high bit    byte j of qh, bit k, for i = 32 * k + j
//! ```
//! The dot: `d_w = f32(d) * scale[k]`, `m_w = f32(dmin) * min[k]`, both rounded once, then the crate's rule.
//!
//! Source: ggml `block_q5_K`. Golden rows: `golden/quant/q5_k.json`.

use crate::q4_k::{low_bits, scales_and_mins};
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, SUPER_BLOCK, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 2 + 12 + SUPER_BLOCK / 8 + SUPER_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 176);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q5_K,
    name: "Q5_K",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, 0..=31.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [u8; SUPER_BLOCK] {
    let low = low_bits(block[48..].try_into().expect("128 bytes"));
    std::array::from_fn(|i| {
        let high = block[16 + i % 32] >> (i / 32) & 1;
        high << 4 | low[i]
    })
}

/// `(d, dmin, scale, min)`; one scale and one minimum, 0..=63, per K-block.
pub fn scales(block: &[u8; BLOCK_BYTES]) -> (f32, f32, [u8; 8], [u8; 8]) {
    let (scale, min) = scales_and_mins(block[4..16].try_into().expect("12 bytes"));
    (f16_le([block[0], block[1]]), f16_le([block[2], block[3]]), scale, min)
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, SUPER_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<SUPER_BLOCK>().0) {
        let (d, dmin, scale, min) = scales(block);
        for (i, (weight, q)) in weights.iter_mut().zip(quants(block)).enumerate() {
            let k = i / K_BLOCK;
            *weight = d * f32::from(scale[k]) * f32::from(q) - dmin * f32::from(min[k]);
        }
    }
    Ok(())
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    let mut acc = 0.0f32;
    for (b, block) in row.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
        let (d, dmin, scale, min) = scales(block);
        for (k, q) in quants(block).as_chunks::<K_BLOCK>().0.iter().enumerate() {
            let a = x.block(8 * b + k);
            let idot = integer_dot(q, a.q);
            let (d_w, m_w) = (d * f32::from(scale[k]), dmin * f32::from(min[k]));
            acc = (idot as f32).mul_add(d_w * a.scale, acc);
            acc = (-m_w).mul_add(a.scale * a.sum() as f32, acc);
        }
    }
    acc
}
