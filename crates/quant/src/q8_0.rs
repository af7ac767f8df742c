//! Q8_0: 32 weights share one f16 scale, 8.5 bits per weight.
//!
//! ```text
//! byte 0        2                        34
//!      +--------+------------------------+
//!      | d: f16 | q: 32 x i8             |    weight[i] = d * q[i]
//!      +--------+------------------------+
//! ```
//! Source: ggml `block_q8_0`. Golden rows: `golden/quant/q8_0.json`.

use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + K_BLOCK;
const _: () = assert!(BLOCK_BYTES == 34);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q8_0,
    name: "Q8_0",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; K_BLOCK] {
    // `as i8` reinterprets on purpose: the file stores two's-complement bytes.
    std::array::from_fn(|i| block[2 + i] as i8)
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
