//! MXFP4: 32 weights of a 4-bit float share a power of two, 4.25 bits per weight.
//!
//! ```text
//! byte 0      1                          17
//!      +------+--------------------------+
//!      | e    | c: 16 bytes, 2 x 4 bits  |    weight[i] = 2^(e - 128) * LEVELS[c[i]]
//!      +------+--------------------------+
//!      byte j holds c[j] in its low and c[j + 16] in its high four bits
//! ```
//! The levels are twice the numbers of E2M1 (sign, two bits of exponent, one of mantissa), so that they are integers,
//! and the scale is half of what E8M0 says. It never is NaN or infinite; the two smallest are denormal.
//!
//! Source: OCP Microscaling Formats 1.0, ggml `block_mxfp4`. Golden rows: `golden/quant/mxfp4.json`.

use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, nibbles};

/// Twice the values of E2M1.
pub const LEVELS: [i8; 16] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/// Bytes per block.
pub const BLOCK_BYTES: usize = 1 + K_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 17);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::MXFP4,
    name: "MXFP4",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -12..=12, and the scale.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<K_BLOCK, 1> {
    let packed = block[1..].try_into().expect("16 bytes after the exponent");
    Opened { quants: nibbles(packed).map(|c| LEVELS[usize::from(c)]), scales: [half_of_e8m0(block[0])] }
}

/// `2^(e - 128)`.
pub fn half_of_e8m0(e: u8) -> f32 {
    // Below 2 the number is denormal: a bit of the mantissa.
    f32::from_bits(if e < 2 { 1 << (21 + u32::from(e)) } else { u32::from(e - 1) << 23 })
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_powers_of_two_from_end_to_end() {
        for e in 0..=255u8 {
            assert_eq!(f64::from(half_of_e8m0(e)), 2f64.powi(i32::from(e) - 128), "{e}");
        }
    }
}
