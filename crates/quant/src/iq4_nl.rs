//! IQ4_NL: 32 weights, each one of sixteen unevenly spaced levels, share one f16 scale; 4.5 bits per weight.
//!
//! ```text
//! byte 0        2                          18
//!      +--------+--------------------------+
//!      | d: f16 | c: 16 bytes, 2 x 4 bits  |    weight[i] = d * LEVELS[c[i]]
//!      +--------+--------------------------+
//!      byte j holds c[j] in its low and c[j + 16] in its high four bits
//! ```
//! Source: ggml `block_iq4_nl`, table `kvalues_iq4nl`. Golden rows: `golden/quant/iq4_nl.json`.

use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, blocks_of, f16_le, integer_dot, nibbles};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + K_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 18);

/// What a 4-bit code stands for: close together near zero, where most weights are. IQ4_XS uses them too.
pub const LEVELS: [i8; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ4_NL,
    name: "IQ4_NL",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights of 16 packed bytes.
pub(crate) fn levels(packed: &[u8; K_BLOCK / 2]) -> [i8; K_BLOCK] {
    nibbles(packed).map(|code| LEVELS[usize::from(code)])
}

/// The integer weights, -127..=113.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; K_BLOCK] {
    levels(block[2..].try_into().expect("16 bytes after the scale"))
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
