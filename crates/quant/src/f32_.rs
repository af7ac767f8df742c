//! F32: one little-endian f32 per weight. Also the norms and biases of every model.

use crate::{Dot, Format, FormatId, QuantError, blocks_of};

pub(crate) const FORMAT: Format = Format {
    id: FormatId::F32,
    name: "F32",
    block_weights: 1,
    block_bytes: 4,
    decode_row,
    dot: Dot::Float(dot_row),
};

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<4>(row, 1, out.len())?;
    for (weight, bytes) in out.iter_mut().zip(blocks) {
        *weight = f32::from_le_bytes(*bytes);
    }
    Ok(())
}

fn dot_row(row: &[u8], x: &[f32]) -> f32 {
    let weights = row.as_chunks::<4>().0;
    weights.iter().zip(x).fold(0.0, |acc, (w, &x)| f32::from_le_bytes(*w).mul_add(x, acc))
}
