//! F16: one little-endian IEEE half per weight. The dot widens each weight exactly and stays in f32.
//!
//! Source: ggml type 1. Golden rows: `golden/quant/f16.json`.

use crate::{Dot, Format, FormatId, QuantError, blocks_of, f16_le};

pub(crate) const FORMAT: Format = Format {
    id: FormatId::F16,
    name: "F16",
    block_weights: 1,
    block_bytes: 2,
    decode_row,
    dot: Dot::Float(dot_row),
};

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<2>(row, 1, out.len())?;
    for (weight, bytes) in out.iter_mut().zip(blocks) {
        *weight = f16_le(*bytes);
    }
    Ok(())
}

fn dot_row(row: &[u8], x: &[f32]) -> f32 {
    let weights = row.as_chunks::<2>().0;
    weights.iter().zip(x).fold(0.0, |acc, (w, &x)| f16_le(*w).mul_add(x, acc))
}
