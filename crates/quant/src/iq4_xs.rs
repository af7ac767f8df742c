//! IQ4_XS: 256 weights in eight K-blocks with a 6-bit scale each, the levels of IQ4_NL, 4.25 bits per weight.
//!
//! ```text
//! byte 0        2         4               8                            136
//!      +--------+---------+---------------+----------------------------+
//!      | d: f16 | sh: u16 | sl: 4 bytes,  | c: 128 bytes, 2 x 4 bits   |
//!      |        | 8 x 2   |     2 x 4     |                            |
//!      +--------+---------+---------------+----------------------------+
//!      weight[i] = d * scale[k] * LEVELS[c[i]]        k = i / 32
//!
//! scale[k] + 32: low bits sl[k / 2], low four bits for even k, high four for odd; high bits sh >> (2 * k)
//! byte 16 * k + j of c holds c[32 * k + j] in its low and c[32 * k + 16 + j] in its high four bits
//! ```
//! The dot: `d_w = f32(d) * f32(scale[k])` with the scale already less 32, -32..=31, rounded once; then the
//! crate's rule for one scale per K-block.
//!
//! Source: ggml `block_iq4_xs`. Golden rows: `golden/quant/iq4_xs.json`.

use crate::iq4_nl::levels;
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, SUPER_BLOCK, blocks_of, f16_le, integer_dot};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 2 + 4 + SUPER_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 136);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::IQ4_XS,
    name: "IQ4_XS",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -127..=113.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; SUPER_BLOCK] {
    let mut q = [0; SUPER_BLOCK];
    let packed = block[8..].as_chunks::<{ K_BLOCK / 2 }>().0;
    for (q, packed) in q.as_chunks_mut::<K_BLOCK>().0.iter_mut().zip(packed) {
        *q = levels(packed);
    }
    q
}

/// `(d, scale)`; one scale, -32..=31, per K-block.
pub fn scales(block: &[u8; BLOCK_BYTES]) -> (f32, [i8; 8]) {
    let sh = u16::from_le_bytes([block[2], block[3]]);
    let scale = std::array::from_fn(|k| {
        let low = block[4 + k / 2] >> (4 * (k % 2)) & 15;
        let high = (sh >> (2 * k) & 3) as u8;
        (high << 4 | low) as i8 - 32
    });
    (f16_le([block[0], block[1]]), scale)
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, SUPER_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<SUPER_BLOCK>().0) {
        let (d, scale) = scales(block);
        for (i, (weight, q)) in weights.iter_mut().zip(quants(block)).enumerate() {
            *weight = d * f32::from(scale[i / K_BLOCK]) * f32::from(q);
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
            let idot = integer_dot(q, a.q);
            acc = (idot as f32).mul_add(d * f32::from(scale[k]) * a.scale, acc);
        }
    }
    acc
}
