//! Q4_1: 32 weights of 4 bits share one f16 scale and one f16 minimum, 5 bits per weight.
//!
//! ```text
//! byte 0        2        4                          20
//!      +--------+--------+--------------------------+
//!      | d: f16 | m: f16 | q: 16 bytes, 2 x 4 bits  |    weight[i] = d * q[i] + m
//!      +--------+--------+--------------------------+
//!      byte j holds q[j] in its low and q[j + 16] in its high four bits
//! ```
//! Source: ggml `block_q4_1`. Golden rows: `golden/quant/q4_1.json`.

use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, blocks_of, f16_le, integer_dot, nibbles};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 4 + K_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 20);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q4_1,
    name: "Q4_1",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, 0..=15.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [u8; K_BLOCK] {
    nibbles(block[4..].try_into().expect("16 bytes after scale and minimum"))
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
