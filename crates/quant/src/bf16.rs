//! BF16: the upper two bytes of an f32 per weight, little-endian.
//!
//! ```text
//! byte 0        2
//!      +--------+
//!      | u: u16 |    weight = f32 whose bits are u << 16
//!      +--------+
//! ```
//! Source: ggml type 30. Golden rows: `golden/quant/bf16.json`.

use crate::{Dot, Format, FormatId, QuantError, blocks_of};

pub(crate) const FORMAT: Format = Format {
    id: FormatId::BF16,
    name: "BF16",
    block_weights: 1,
    block_bytes: 2,
    decode_row,
    dot: Dot::Float(dot_row),
};

/// Widens one weight, exactly.
pub fn widen(bytes: [u8; 2]) -> f32 {
    f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16)
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<2>(row, 1, out.len())?;
    for (weight, bytes) in out.iter_mut().zip(blocks) {
        *weight = widen(*bytes);
    }
    Ok(())
}

fn dot_row(row: &[u8], x: &[f32]) -> f32 {
    let weights = row.as_chunks::<2>().0;
    weights.iter().zip(x).fold(0.0, |acc, (w, &x)| widen(*w).mul_add(x, acc))
}
