//! f32 rows to block bytes: what `gollum quantize` writes. The server itself only ever reads quantised weights.
//!
//! ```text
//! legacy      Q8_0, Q4_0, Q4_1, Q5_0, Q5_1     a scale from the block's extremes
//! k_quants    Q2_K, Q3_K, Q4_K, Q5_K, Q6_K     a search for the scale, and minimum, of least error
//! nonlinear   IQ4_NL, IQ4_XS                   likewise, over unevenly spaced levels
//! fp4         MXFP4                            ternary   TQ1_0, TQ2_0, Q1_0, Q2_0
//! ```
//! Each gives the bytes that ggml's encoder gives without an importance matrix: the same searches, each sum in the same
//! order. `golden/encode` holds rows that llama.cpp has encoded. The other formats need such a matrix to be worth anything.

mod fp4;
mod k_quants;
mod legacy;
mod nonlinear;
mod ternary;

use crate::{FormatId, K_BLOCK, QuantError, SUPER_BLOCK};

/// Below it a stretch of weights counts as zeros, where a scale is searched for. ggml's `GROUP_MAX_EPS`.
const SMALLEST_AMAX: f32 = 1e-15;

/// Appends the bytes of one block.
type Encode<const W: usize> = fn(&[f32; W], &mut Vec<u8>);

/// An encoder, by the weights of its block.
enum Encoder {
    Plain(fn(f32, &mut Vec<u8>)),
    Of32(Encode<K_BLOCK>),
    Of64(Encode<64>),
    Of128(Encode<128>),
    Of256(Encode<SUPER_BLOCK>),
}

fn encoder_of(format: FormatId) -> Option<Encoder> {
    use Encoder::{Of32, Of64, Of128, Of256, Plain};
    Some(match format {
        FormatId::F32 => Plain(|v, row| row.extend(v.to_le_bytes())),
        FormatId::F16 => Plain(|v, row| row.extend(f16(v))),
        FormatId::BF16 => Plain(|v, row| row.extend(half::bf16::from_f32(v).to_le_bytes())),
        FormatId::Q8_0 => Of32(legacy::q8_0),
        FormatId::Q4_0 => Of32(legacy::q4_0),
        FormatId::Q4_1 => Of32(legacy::q4_1),
        FormatId::Q5_0 => Of32(legacy::q5_0),
        FormatId::Q5_1 => Of32(legacy::q5_1),
        FormatId::Q2_K => Of256(k_quants::q2_k),
        FormatId::Q3_K => Of256(k_quants::q3_k),
        FormatId::Q4_K => Of256(k_quants::q4_k),
        FormatId::Q5_K => Of256(k_quants::q5_k),
        FormatId::Q6_K => Of256(k_quants::q6_k),
        FormatId::IQ4_NL => Of32(nonlinear::iq4_nl),
        FormatId::IQ4_XS => Of256(nonlinear::iq4_xs),
        FormatId::MXFP4 => Of32(fp4::mxfp4),
        FormatId::TQ1_0 => Of256(ternary::tq1_0),
        FormatId::TQ2_0 => Of256(ternary::tq2_0),
        FormatId::Q1_0 => Of128(ternary::q1_0),
        FormatId::Q2_0 => Of64(ternary::q2_0),
        FormatId::IQ1_S
        | FormatId::IQ1_M
        | FormatId::IQ2_XXS
        | FormatId::IQ2_XS
        | FormatId::IQ2_S
        | FormatId::IQ3_XXS
        | FormatId::IQ3_S
        | FormatId::NVFP4 => return None,
    })
}

/// True if [`quantise_row`] can write the format.
pub fn can_encode(format: FormatId) -> bool {
    encoder_of(format).is_some()
}

/// Encodes one row of finite values; its length is a multiple of the format's block.
///
/// Errors: [`QuantError::NoEncoder`] for a format that has none, [`QuantError::RowLength`] if blocks do not divide
/// the row.
pub fn quantise_row(format: FormatId, x: &[f32]) -> Result<Vec<u8>, QuantError> {
    let encoder = encoder_of(format).ok_or(QuantError::NoEncoder { format })?;
    let layout = format.format();
    let row_bytes = x.len() / layout.block_weights * layout.block_bytes;
    if !x.len().is_multiple_of(layout.block_weights) {
        return Err(QuantError::RowLength { row_bytes, out_weights: x.len() });
    }
    let mut row = Vec::with_capacity(row_bytes);
    match encoder {
        Encoder::Plain(encode) => x.iter().for_each(|&v| encode(v, &mut row)),
        Encoder::Of32(encode) => each_block(x, encode, &mut row),
        Encoder::Of64(encode) => each_block(x, encode, &mut row),
        Encoder::Of128(encode) => each_block(x, encode, &mut row),
        Encoder::Of256(encode) => each_block(x, encode, &mut row),
    }
    Ok(row)
}

fn each_block<const W: usize>(x: &[f32], encode: Encode<W>, row: &mut Vec<u8>) {
    x.as_chunks::<W>().0.iter().for_each(|block| encode(block, row));
}

fn f16(v: f32) -> [u8; 2] {
    half::f16::from_f32(v).to_le_bytes()
}

/// The number that a reader of the block will see.
fn as_f16(v: f32) -> f32 {
    half::f16::from_f32(v).to_f32()
}

/// `1 / d`, or 0 for a block of zeros.
fn inverse(d: f32) -> f32 {
    if d == 0.0 { 0.0 } else { 1.0 / d }
}

/// The value of largest magnitude, with its sign; the first of equals.
fn largest(x: &[f32]) -> f32 {
    x.iter().fold(0.0f32, |m, &v| if v.abs() > m.abs() { v } else { m })
}

/// The nearest integer, ties to even, kept in a range.
fn nearest(x: f32, low: i32, high: i32) -> i32 {
    (x.round_ties_even() as i32).clamp(low, high)
}

/// Two codes of 4 bits a byte: byte `j` of each 16 holds codes `j` and `j + 16` of 32.
fn pack_nibbles(q: &[u8; K_BLOCK]) -> [u8; K_BLOCK / 2] {
    std::array::from_fn(|j| (q[j] & 15) | q[j + 16] << 4)
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
        let error = quantise_row(FormatId::IQ3_S, &[0.0; 256]);
        assert_eq!(error, Err(QuantError::NoEncoder { format: FormatId::IQ3_S }));
        let error = quantise_row(FormatId::Q8_0, &[0.0; 33]);
        assert_eq!(error, Err(QuantError::RowLength { row_bytes: 34, out_weights: 33 }));
    }
}
