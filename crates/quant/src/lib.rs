//! GGUF block formats: **one file each**, with its byte layout, its scalar decode and its integer dot.
//!
//! The table [`FORMATS`] is the only list of them. A format's `dot` is the *definition* of its arithmetic:
//! every SIMD kernel equals it bit for bit. See [`activations`] for the other operand.
//! A format's file opens a block into plain integers (`quants`) and numbers (`scale`, `scales`); loaders
//! re-pack from those functions. [`encode`] goes the other way, for tests and tools.
//!
//! `golden/quant/<format>.json` holds rows with their weights, and their dots computed on exact fractions;
//! `tools/golden_quant.py` writes them, and both are met bit for bit.
//!
//! # The dot, for all quantised formats
//! Weights and activations meet in K-blocks of 32. Inside a block everything is integer and therefore exact
//! in any order; across blocks there is one f32 accumulator, starting at `0.0`, blocks in ascending order:
//!
//! ```text
//! acc = fma(idot as f32, d_w * d_a, acc)                  idot = sum of w_q[i] * a_q[i], i32
//! acc = fma(-m_w, s_a, acc)        formats with a minimum      s_a  = d_a * (sum of a_q[i]) as f32
//! ```
//! - one scale per 32 weights (Q4_K, Q5_K, IQ4_XS: `d_w = f32(d) * f32(sub_scale)`, `m_w = f32(dmin) * f32(sub_min)`),
//!   or per more of them, which is then the scale of each K-block (TQ1_0, TQ2_0, Q1_0, Q2_0);
//! - formats that *add* a minimum (Q4_1, Q5_1): `acc = fma(m_w, s_a, acc)`;
//! - two scales per 32 weights (Q2_K, Q3_K, Q6_K, IQ1_M, IQ2_XS, IQ2_S, NVFP4), `d_w` and `m_w` as above for each half: the halves are added up
//!   before the activations' scale, `part = fma(idot1, d_w1, idot0 * d_w0)`, `acc = fma(part, d_a, acc)`;
//!   between the two Q2_K adds its minima, `part = fma(-m_w0, sum0, part)`, `part = fma(-m_w1, sum1, part)`;
//! - blocks of 256 are eight K-blocks, in the order of their weights;
//! - float formats: `acc = fma(w[i], x[i], acc)` over all `i` in ascending order, `x` in f32.

pub mod activations;
pub mod bf16;
pub mod encode;
mod f16_;
mod f32_;
pub mod grids;
pub mod iq1_m;
pub mod iq1_s;
pub mod iq2_s;
pub mod iq2_xs;
pub mod iq2_xxs;
pub mod iq3_s;
pub mod iq3_xxs;
pub mod iq4_nl;
pub mod iq4_xs;
pub mod lookup;
pub mod mxfp4;
pub mod nvfp4;
mod opened;
pub mod q1_0;
pub mod q2_0;
pub mod q2_k;
pub mod q3_k;
pub mod q4_0;
pub mod q4_1;
pub mod q4_k;
pub mod q5_0;
pub mod q5_1;
pub mod q5_k;
pub mod q6_k;
pub mod q8_0;
pub mod tq1_0;
pub mod tq2_0;

pub use activations::{Q8Row, Q8Rows};
pub use opened::Opened;

/// Weights that share one activation scale; every quantised format's block is a multiple of this.
pub const K_BLOCK: usize = 32;

/// Weights per block of the K formats, of those with grids, of IQ4_XS and the ternary ones: eight K-blocks.
pub const SUPER_BLOCK: usize = 256;

/// Names a block format. The discriminant is ggml's type number in a GGUF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
#[allow(missing_docs, non_camel_case_types)]
pub enum FormatId {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    IQ2_XXS = 16,
    IQ2_XS = 17,
    IQ3_XXS = 18,
    IQ1_S = 19,
    IQ4_NL = 20,
    IQ3_S = 21,
    IQ2_S = 22,
    IQ4_XS = 23,
    IQ1_M = 29,
    BF16 = 30,
    TQ1_0 = 34,
    TQ2_0 = 35,
    MXFP4 = 39,
    NVFP4 = 40,
    Q1_0 = 41,
    Q2_0 = 42,
}

/// The scalar dot of one weight row with one activation row.
///
/// The row holds whole blocks and the activations exactly as many values; a shorter activation row panics.
/// Any bytes are valid blocks: NaN or infinite f16 scales flow into the result.
#[derive(Clone, Copy)]
pub enum Dot {
    /// Integer formats: `(row_bytes, activations) -> f32`.
    Int(fn(&[u8], Q8Row<'_>) -> f32),
    /// Float formats: `(row_bytes, x) -> f32`.
    Float(fn(&[u8], &[f32]) -> f32),
}

/// One block format: its sizes and its scalar arithmetic.
#[derive(Clone, Copy)]
pub struct Format {
    /// Which one.
    pub id: FormatId,
    /// ggml's name, as users write it.
    pub name: &'static str,
    /// Weights per block.
    pub block_weights: usize,
    /// Bytes per block.
    pub block_bytes: usize,
    /// Decodes whole blocks: `(row_bytes, out)`.
    pub decode_row: fn(&[u8], &mut [f32]) -> Result<(), QuantError>,
    /// Defines the dot.
    pub dot: Dot,
}

impl Format {
    /// Bytes of a row of `weights`, or `None` if blocks do not divide it or it overflows.
    pub fn row_bytes(&self, weights: usize) -> Option<usize> {
        if !weights.is_multiple_of(self.block_weights) {
            return None;
        }
        (weights / self.block_weights).checked_mul(self.block_bytes)
    }
}

/// All formats, by ascending type number.
pub const FORMATS: &[Format] = &[
    f32_::FORMAT,
    f16_::FORMAT,
    q4_0::FORMAT,
    q4_1::FORMAT,
    q5_0::FORMAT,
    q5_1::FORMAT,
    q8_0::FORMAT,
    q2_k::FORMAT,
    q3_k::FORMAT,
    q4_k::FORMAT,
    q5_k::FORMAT,
    q6_k::FORMAT,
    iq2_xxs::FORMAT,
    iq2_xs::FORMAT,
    iq3_xxs::FORMAT,
    iq1_s::FORMAT,
    iq4_nl::FORMAT,
    iq3_s::FORMAT,
    iq2_s::FORMAT,
    iq4_xs::FORMAT,
    iq1_m::FORMAT,
    bf16::FORMAT,
    tq1_0::FORMAT,
    tq2_0::FORMAT,
    mxfp4::FORMAT,
    nvfp4::FORMAT,
    q1_0::FORMAT,
    q2_0::FORMAT,
];

/// Looks a format up by ggml type number.
pub fn format_of(ggml_type: u32) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.id as u32 == ggml_type)
}

impl FormatId {
    /// The table line of this format.
    pub fn format(self) -> &'static Format {
        FORMATS.iter().find(|f| f.id == self).expect("every FormatId has a line in FORMATS")
    }
}

/// What can go wrong with block data.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum QuantError {
    /// Row bytes and weight count disagree.
    #[error("a row of {row_bytes} bytes does not hold {out_weights} weights")]
    RowLength {
        /// Bytes given.
        row_bytes: usize,
        /// Weights asked for.
        out_weights: usize,
    },
    /// This crate reads the format but does not write it.
    #[error("there is no encoder for {format:?}")]
    NoEncoder {
        /// The format asked for.
        format: FormatId,
    },
}

/// Reads a little-endian f16.
pub(crate) fn f16_le(bytes: [u8; 2]) -> f32 {
    half::f16::from_le_bytes(bytes).to_f32()
}

/// The 4-bit values of 32 weights: byte `j` holds value `j` in its low and value `j + 16` in its high bits.
pub(crate) fn nibbles(bytes: &[u8; K_BLOCK / 2]) -> [u8; K_BLOCK] {
    std::array::from_fn(|i| if i < 16 { bytes[i] & 15 } else { bytes[i - 16] >> 4 })
}

/// The exact sum of `w[i] * a[i]`. No format can overflow it: at most 32 terms of `|w| <= 128`, `|a| <= 128`
/// are 2^19, and the largest sub-scale that multiplies the result is 128.
pub(crate) fn integer_dot<W: Copy + Into<i32>>(w: &[W], a: &[i8]) -> i32 {
    debug_assert_eq!(w.len(), a.len());
    w.iter().zip(a).map(|(&w, &a)| w.into() * i32::from(a)).sum()
}

/// The blocks of a row, after the length check every `decode_row` needs.
pub(crate) fn blocks_of<const BYTES: usize>(
    row: &[u8],
    block_weights: usize,
    out_weights: usize,
) -> Result<&[[u8; BYTES]], QuantError> {
    let (blocks, tail) = row.as_chunks::<BYTES>();
    if !tail.is_empty() || blocks.len() * block_weights != out_weights {
        return Err(QuantError::RowLength { row_bytes: row.len(), out_weights });
    }
    Ok(blocks)
}
