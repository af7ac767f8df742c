//! Q5_1: 32 weights of 5 bits share one f16 scale and one f16 minimum, 6 bits per weight.
//!
//! ```text
//! byte 0        2        4         8                          24
//!      +--------+--------+---------+--------------------------+
//!      | d: f16 | m: f16 | qh: u32 | ql: 16 bytes, 2 x 4 bits |    weight[i] = d * q[i] + m
//!      +--------+--------+---------+--------------------------+
//!      byte j of ql holds the low four bits of q[j] (low half) and of q[j + 16] (high half);
//!      bit i of qh is the fifth bit of q[i]
//! ```
//! Source: ggml `block_q5_1`. Golden rows: `golden/quant/q5_1.json`.

use crate::q5_0::five_bit;
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 2 + 4 + K_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 24);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q5_1,
    name: "Q5_1",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, 0..=31.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [u8; K_BLOCK] {
    five_bit(block[4..].try_into().expect("20 bytes after scale and minimum"))
}

/// `(d, m)`.
pub fn scale_and_min(block: &[u8; BLOCK_BYTES]) -> (f32, f32) {
    (f16_le([block[0], block[1]]), f16_le([block[2], block[3]]))
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, K_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<K_BLOCK>().0) {
        let (d, m) = scale_and_min(block);
        for (weight, q) in weights.iter_mut().zip(quants(block)) {
            *weight = d * f32::from(q) + m;
        }
    }
    Ok(())
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    let mut acc = 0.0f32;
    for (k, block) in row.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
        let a = x.block(k);
        let idot = integer_dot(&quants(block), a.q);
        let (d, m) = scale_and_min(block);
        acc = (idot as f32).mul_add(d * a.scale, acc);
        acc = m.mul_add(a.scale * a.sum() as f32, acc);
    }
    acc
}
