//! Q2_K: 256 weights of 2 bits in sixteen groups of 16, each with a 4-bit scale and minimum, 2.625 bits per
//! weight.
//!
//! ```text
//! byte 0                  16                      80       82          84
//!      +------------------+-----------------------+--------+-----------+
//!      | 16 x (4 + 4)     | q: 64 bytes, 4 x 2    | d: f16 | dmin: f16 |
//!      | min[s], scale[s] | bits                  |        |           |
//!      +------------------+-----------------------+--------+-----------+
//!      weight[i] = d * scale[s] * q[i] - dmin * min[s]        s = i / 16
//!
//! scales: byte s holds scale[s] in its low and min[s] in its high four bits
//! q, i = 128 * h + 32 * g + j (h = 0..2, g = 0..4, j = 0..32): byte 32 * h + j, bits 2 * g and 2 * g + 1
//! ```
//! The dot: two scales and two minima per K-block, `d_w = f32(d) * f32(scale)`, `m_w = f32(dmin) * f32(min)`,
//! both exact in f32.
//!
//! Source: ggml `block_q2_K`. Golden rows: `golden/quant/q2_k.json`.

use crate::activations::SUM_BLOCK;
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, SUPER_BLOCK, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = SUPER_BLOCK / 16 + SUPER_BLOCK / 4 + 2 + 2;
const _: () = assert!(BLOCK_BYTES == 84);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q2_K,
    name: "Q2_K",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The 2-bit values of 256 weights, in weight order. Q3_K packs its low bits alike.
pub(crate) fn two_bit(packed: &[u8; SUPER_BLOCK / 4]) -> [u8; SUPER_BLOCK] {
    std::array::from_fn(|i| {
        let (h, g, j) = (i / 128, i % 128 / 32, i % 32);
        packed[32 * h + j] >> (2 * g) & 3
    })
}

/// The integer weights, 0..=3.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [u8; SUPER_BLOCK] {
    two_bit(block[16..80].try_into().expect("64 bytes"))
}

/// `(d, dmin, scale, min)`; one scale and one minimum, 0..=15, for every 16 weights.
pub fn scales(block: &[u8; BLOCK_BYTES]) -> (f32, f32, [u8; 16], [u8; 16]) {
    let scale = std::array::from_fn(|s| block[s] & 15);
    let min = std::array::from_fn(|s| block[s] >> 4);
    (f16_le([block[80], block[81]]), f16_le([block[82], block[83]]), scale, min)
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, SUPER_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<SUPER_BLOCK>().0) {
        let (d, dmin, scale, min) = scales(block);
        for (i, (weight, q)) in weights.iter_mut().zip(quants(block)).enumerate() {
            let s = i / SUM_BLOCK;
            *weight = d * f32::from(scale[s]) * f32::from(q) - dmin * f32::from(min[s]);
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
            let (d0, d1) = (d * f32::from(scale[2 * k]), d * f32::from(scale[2 * k + 1]));
            let low = integer_dot(&q[..16], &a.q[..16]) as f32 * d0;
            let mut part = (integer_dot(&q[16..], &a.q[16..]) as f32).mul_add(d1, low);
            for half in 0..2 {
                let m = dmin * f32::from(min[2 * k + half]);
                part = (-m).mul_add(a.sums[half] as f32, part);
            }
            acc = part.mul_add(a.scale, acc);
        }
    }
    acc
}
