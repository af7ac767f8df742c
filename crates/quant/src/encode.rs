//! f32 rows to block bytes, for tests and tools: the server itself only ever reads quantised weights.
//!
//! Covers the formats whose encoder is a few lines (F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0). Each rounds as
//! ggml's plain encoder does: scale from the block's largest magnitude, or from its range where there is a
//! minimum; values by the *unrounded* scale's inverse; the scale to f16 at the end.

use crate::{FormatId, K_BLOCK, QuantError};

/// Encodes one row of finite values; its length is a multiple of the format's block.
///
/// Errors: [`QuantError::NoEncoder`] for a format that this file does not cover, [`QuantError::RowLength`]
/// if blocks do not divide the row.
pub fn quantise_row(format: FormatId, x: &[f32]) -> Result<Vec<u8>, QuantError> {
    let encode: fn(&[f32; K_BLOCK], &mut Vec<u8>) = match format {
        FormatId::F32 => return Ok(x.iter().flat_map(|v| v.to_le_bytes()).collect()),
        FormatId::F16 => return Ok(x.iter().flat_map(|&v| f16(v)).collect()),
        FormatId::BF16 => return Ok(x.iter().flat_map(|&v| half::bf16::from_f32(v).to_le_bytes()).collect()),
        FormatId::Q8_0 => q8_0,
        FormatId::Q4_0 => q4_0,
        FormatId::Q4_1 => q4_1,
        FormatId::Q5_0 => q5_0,
        _ => return Err(QuantError::NoEncoder { format }),
    };
    let (blocks, tail) = x.as_chunks::<K_BLOCK>();
    let row_bytes = blocks.len() * format.format().block_bytes;
    if !tail.is_empty() {
        return Err(QuantError::RowLength { row_bytes, out_weights: x.len() });
    }
    let mut row = Vec::with_capacity(row_bytes);
    for block in blocks {
        encode(block, &mut row);
    }
    Ok(row)
}

fn f16(v: f32) -> [u8; 2] {
    half::f16::from_f32(v).to_le_bytes()
}

/// `1 / d`, or 0 for a block of zeros.
fn inverse(d: f32) -> f32 {
    if d == 0.0 { 0.0 } else { 1.0 / d }
}

/// The value of largest magnitude, with its sign; the first of equals.
fn largest(x: &[f32; K_BLOCK]) -> f32 {
    x.iter().fold(0.0f32, |m, &v| if v.abs() > m.abs() { v } else { m })
}

/// Rounds each `x * id + zero` to the nearest integer, halves up, into `0..=top`.
///
/// `as u8` saturates, and truncates what the added half has made a floor: nothing is below -0.5 here.
fn unsigned(x: &[f32; K_BLOCK], id: f32, zero: f32, top: u8) -> [u8; K_BLOCK] {
    x.map(|v| ((v * id + (zero + 0.5)) as u8).min(top))
}

fn pack_nibbles(q: &[u8; K_BLOCK]) -> [u8; K_BLOCK / 2] {
    std::array::from_fn(|j| (q[j] & 15) | q[j + 16] << 4)
}

fn q8_0(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let d = largest(x).abs() / 127.0;
    let id = inverse(d);
    row.extend(f16(d));
    // `as u8` of an i8 reinterprets on purpose: the file stores two's-complement bytes.
    row.extend(x.map(|v| (v * id).round() as i8 as u8));
}

fn q4_0(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    // The value of largest magnitude becomes -8 exactly: the range reaches further on that side.
    let d = largest(x) / -8.0;
    row.extend(f16(d));
    row.extend(pack_nibbles(&unsigned(x, inverse(d), 8.0, 15)));
}

fn q4_1(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let min = x.iter().copied().fold(f32::INFINITY, f32::min);
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let d = (max - min) / 15.0;
    row.extend(f16(d));
    row.extend(f16(min));
    row.extend(pack_nibbles(&unsigned(&x.map(|v| v - min), inverse(d), 0.0, 15)));
}

fn q5_0(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let d = largest(x) / -16.0;
    let q = unsigned(x, inverse(d), 16.0, 31);
    let qh = q.iter().enumerate().fold(0u32, |bits, (i, &q)| bits | u32::from(q >> 4) << i);
    row.extend(f16(d));
    row.extend(qh.to_le_bytes());
    row.extend(pack_nibbles(&q));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Decoding what was encoded is off by at most `bound`, anywhere in the row.
    fn check(format: FormatId, x: &[f32], bound: f32) {
        let row = quantise_row(format, x).unwrap();
        let mut back = vec![0.0; x.len()];
        (format.format().decode_row)(&row, &mut back).unwrap();
        for (i, (x, back)) in x.iter().zip(&back).enumerate() {
            assert!((x - back).abs() <= bound, "{format:?} weight {i}: {x} came back as {back}");
        }
    }

    #[test]
    fn a_ramp_comes_back_within_half_a_step() {
        let x: Vec<f32> = (0..64).map(|i| (i as f32 - 31.5) / 31.5).collect();
        check(FormatId::F32, &x, 0.0);
        check(FormatId::F16, &x, 0.0003);
        check(FormatId::BF16, &x, 0.002);
        check(FormatId::Q8_0, &x, 0.51 / 127.0);
        // A whole step at the far end, where the positive range is one short.
        check(FormatId::Q4_0, &x, 1.01 / 8.0);
        check(FormatId::Q5_0, &x, 1.01 / 16.0);
        check(FormatId::Q4_1, &x, 0.51 / 15.0);
    }

    #[test]
    fn zeros_come_back_as_zeros() {
        use FormatId::{BF16, F16, F32, Q4_0, Q4_1, Q5_0, Q8_0};
        for format in [F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0] {
            check(format, &[0.0; 64], 0.0);
        }
    }

    #[test]
    fn what_cannot_be_encoded_is_an_error() {
        let error = quantise_row(FormatId::Q4_K, &[0.0; 256]);
        assert_eq!(error, Err(QuantError::NoEncoder { format: FormatId::Q4_K }));
        let error = quantise_row(FormatId::Q8_0, &[0.0; 33]);
        assert_eq!(error, Err(QuantError::RowLength { row_bytes: 34, out_weights: 33 }));
    }
}
