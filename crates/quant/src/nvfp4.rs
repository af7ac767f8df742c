//! NVFP4: 64 weights of a 4-bit float, a scale of 8 bits per 16, 4.5 bits per weight.
//!
//! ```text
//! byte 0            4                              36
//!      +------------+------------------------------+
//!      | s: 4 bytes | c: 4 x 8 bytes, 2 x 4 bits   |    weight[i] = scale(s[i / 16]) * LEVELS[c[i]]
//!      +------------+------------------------------+
//!      stretch h of 16: byte 8 * h + j holds c[16 * h + j] in its low and c[16 * h + 8 + j] in its high four bits
//! ```
//! Levels as in MXFP4. A scale is UE4M3 (four bits of exponent, three of mantissa, no sign: the top bit is not looked
//! at), halved because the levels are doubled. 0x7f, which would be NaN, counts as zero. What scales a whole tensor lies beside it in
//! the file, and multiplies the product's outputs: it is no part of the format. The dot: two scales per K-block.
//!
//! Source: ggml `block_nvfp4`. Golden rows: `golden/quant/nvfp4.json`.

use crate::mxfp4::LEVELS;
use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError};

/// Weights per block: two K-blocks.
pub const BLOCK_WEIGHTS: usize = 64;
/// Bytes per block.
pub const BLOCK_BYTES: usize = 4 + BLOCK_WEIGHTS / 2;
const _: () = assert!(BLOCK_BYTES == 36);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::NVFP4,
    name: "NVFP4",
    block_weights: BLOCK_WEIGHTS,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -12..=12, and the four scales.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<BLOCK_WEIGHTS, 4> {
    let codes = codes(block);
    Opened {
        quants: codes.map(|c| LEVELS[usize::from(c)]),
        scales: [0, 1, 2, 3].map(|h| half_of_ue4m3(block[h])),
    }
}

/// The 4-bit codes, in the order of their weights.
pub fn codes(block: &[u8; BLOCK_BYTES]) -> [u8; BLOCK_WEIGHTS] {
    std::array::from_fn(|i| block[4 + i / 16 * 8 + i % 8] >> (4 * (i / 8 % 2)) & 15)
}

/// Half the value of a UE4M3.
pub fn half_of_ue4m3(s: u8) -> f32 {
    f32::from_bits(meaningful(s) << 20) * BITS_TO_SCALE
}

/// Moved to the place of f32's exponent and mantissa, the bits of a scale mean the number over 2^120, that of a
/// denormal one included; and half of it is wanted.
pub const BITS_TO_SCALE: f32 = f32::from_bits((127 + 119) << 23);

/// The seven bits that count; zero for NaN.
pub fn meaningful(s: u8) -> u32 {
    if s == 0x7f { 0 } else { u32::from(s & 0x7f) }
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
    fn scales_are_what_their_fields_say() {
        for s in 0..=255u8 {
            let (exponent, mantissa) = (i32::from(s >> 3 & 15), f64::from(s & 7));
            let value = match exponent {
                _ if s == 0x7f => 0.0,
                0 => mantissa * 2f64.powi(-9),
                _ => (1.0 + mantissa / 8.0) * 2f64.powi(exponent - 7),
            };
            assert_eq!(f64::from(half_of_ue4m3(s)), value / 2.0, "{s:#x}");
        }
    }
}
