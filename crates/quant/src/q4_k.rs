//! Q4_K: 256 weights of 4 bits in eight K-blocks, each with a 6-bit scale and minimum, 4.5 bits per weight.
//!
//! ```text
//! byte 0        2           4                  16                          144
//!      +--------+-----------+------------------+---------------------------+
//!      | d: f16 | dmin: f16 | 8 x (6 + 6) bits | q: 128 bytes, 2 x 4 bits  |
//!      +--------+-----------+------------------+---------------------------+
//!      weight[i] = d * scale[k] * q[i] - dmin * min[k]        k = i / 32
//!
//! q: byte 32 * p + j holds q[64 * p + j] in its low and q[64 * p + 32 + j] in its high four bits
//! scales and minima, s = bytes 4..16, bits from high to low:
//!      s[0..4]    scale[k + 4] bits 5..4 | scale[k]             k = 0..4
//!      s[4..8]    min[k + 4] bits 5..4   | min[k]
//!      s[8..12]   min[k + 4] bits 3..0   | scale[k + 4] bits 3..0
//! ```
//! The dot: `d_w = f32(d) * scale[k]`, `m_w = f32(dmin) * min[k]`, both rounded once, then the crate's rule.
//!
//! Source: ggml `block_q4_K`. Golden rows: `golden/quant/q4_k.json`.

use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, SUPER_BLOCK, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 2 + 12 + SUPER_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 144);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q4_K,
    name: "Q4_K",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The 6-bit scales and minima of the eight K-blocks, from bytes 4..16; 0..=63. Q5_K packs them alike.
pub(crate) fn scales_and_mins(s: &[u8; 12]) -> ([u8; 8], [u8; 8]) {
    let scale = |k: usize| if k < 4 { s[k] & 63 } else { s[k + 4] & 15 | s[k - 4] >> 6 << 4 };
    let min = |k: usize| if k < 4 { s[k + 4] & 63 } else { s[k + 4] >> 4 | s[k] >> 6 << 4 };
    (std::array::from_fn(scale), std::array::from_fn(min))
}

/// The 4-bit values of 256 weights, in weight order. Q5_K packs its low bits alike.
pub(crate) fn low_bits(packed: &[u8; SUPER_BLOCK / 2]) -> [u8; SUPER_BLOCK] {
    std::array::from_fn(|i| {
        let (pair, in_pair) = (i / 64, i % 64);
        let byte = packed[32 * pair + in_pair % 32];
        if in_pair < 32 { byte & 15 } else { byte >> 4 }
    })
}

/// The integer weights, 0..=15.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [u8; SUPER_BLOCK] {
    low_bits(block[16..].try_into().expect("128 bytes"))
}

/// `(d, dmin, scale, min)`; see the module text.
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
