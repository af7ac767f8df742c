//! Q4_0: 32 weights of 4 bits share one f16 scale, 4.5 bits per weight.
//!
//! ```text
//! byte 0        2                          18
//!      +--------+--------------------------+
//!      | d: f16 | q: 16 bytes, 2 x 4 bits  |    weight[i] = d * (q[i] - 8)
//!      +--------+--------------------------+
//!      byte j holds q[j] in its low and q[j + 16] in its high four bits
//! ```
//! Source: ggml `block_q4_0`. Golden rows: `golden/quant/q4_0.json`.

use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, blocks_of, f16_le, integer_dot, nibbles};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + K_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 18);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q4_0,
    name: "Q4_0",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -8..=7.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; K_BLOCK] {
    let packed = block[2..].try_into().expect("16 bytes after the scale");
    nibbles(packed).map(|q| q as i8 - 8)
}

/// The scale, `d`.
pub fn scale(block: &[u8; BLOCK_BYTES]) -> f32 {
    f16_le([block[0], block[1]])
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, K_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<K_BLOCK>().0) {
        let d = scale(block);
        for (weight, q) in weights.iter_mut().zip(quants(block)) {
            *weight = d * f32::from(q);
        }
    }
    Ok(())
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    let mut acc = 0.0f32;
    for (k, block) in row.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
        let a = x.block(k);
        let idot = integer_dot(&quants(block), a.q);
        acc = (idot as f32).mul_add(scale(block) * a.scale, acc);
    }
    acc
}
