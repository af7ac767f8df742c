//! A file's block opened into K-blocks: codes and the raw bits of their scales.

use gollum_quant::lookup::{Lookup, Parts};
use gollum_quant::{self as quant, FormatId, K_BLOCK, Opened};
use half::f16;

/// 32 weights: codes of the layout's levels, and scale bits.
///
/// ```text
/// F16 a = f16            F16Min a = d | m << 16           F16Halves a = of both halves       Exponent a = its byte
/// Super* a = the word of all 256 (d | dmin << 16, or d as f32), b = the byte, those of two halves, or scale and min
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct KBlock {
    pub codes: [u8; K_BLOCK],
    pub a: u32,
    pub b: u32,
}

fn half_bits(block: &[u8], at: usize) -> u32 {
    u32::from(u16::from_le_bytes([block[at], block[at + 1]]))
}

fn two_halves(block: &[u8], at: usize) -> u32 {
    half_bits(block, at) | half_bits(block, at + 2) << 16
}

fn bytes(low: u8, high: u8) -> u32 {
    u32::from(low) | u32::from(high) << 8
}

/// Codes of `K_BLOCK` weights.
fn codes<T: Copy + Into<i16>>(quants: &[T], k: usize, code_of: &[u8; 256]) -> [u8; K_BLOCK] {
    let quants = &quants[k * K_BLOCK..][..K_BLOCK];
    std::array::from_fn(|i| code_of[usize::from(quants[i].into() as u8)])
}

/// Blocks with one scale `a` for all of their weights.
fn with_one<T: Copy + Into<i16>>(quants: &[T], code_of: &[u8; 256], a: u32, put: &mut dyn FnMut(KBlock)) {
    super_blocks(quants, code_of, a, |_| 0, put);
}

/// Blocks with a scale for each half of a K-block, of so few bits that an f16 holds it.
fn with_halves<const W: usize, const S: usize>(
    o: &Opened<W, S>,
    code_of: &[u8; 256],
    put: &mut dyn FnMut(KBlock),
) {
    let scale = |half: usize| u32::from(f16::from_f32(o.scales[half]).to_bits());
    for k in 0..W / K_BLOCK {
        let a = scale(2 * k) | scale(2 * k + 1) << 16;
        put(KBlock { codes: codes(&o.quants, k, code_of), a, b: 0 });
    }
}

/// Blocks of 256 weights whose levels are looked up, with a step for each 32 or 16.
fn with_steps<const ROWS: usize, const STEPS: usize>(
    lookup: &Lookup,
    parts: &Parts<ROWS, STEPS>,
    code_of: &[u8; 256],
    put: &mut dyn FnMut(KBlock),
) {
    // Exact, as is its product with an odd number below 32: `d` has 11 bits and the unit is a power of two.
    let d = f16::from_le_bytes(parts.d).to_f32() * lookup.unit;
    let factor = |step: u8| 2 * step + 1;
    let bytes_of = |k: usize| match STEPS {
        8 => bytes(factor(parts.steps[k]), 0),
        _ => bytes(factor(parts.steps[2 * k]), factor(parts.steps[2 * k + 1])),
    };
    super_blocks(&lookup.open(parts).quants, code_of, d.to_bits(), bytes_of, put);
}

/// Opens one block of the file; `put` gets its K-blocks in order.
pub fn open(format: FormatId, code_of: &[u8; 256], block: &[u8], put: &mut dyn FnMut(KBlock)) {
    macro_rules! block {
        () => {
            block.try_into().expect("blocks are cut to size")
        };
    }
    macro_rules! with_steps {
        ($format:ident) => {
            with_steps(&quant::$format::LOOKUP, &quant::$format::parts(block!()), code_of, put)
        };
    }
    match format {
        FormatId::F32 | FormatId::F16 | FormatId::BF16 => unreachable!("float weights have no blocks"),
        FormatId::Q8_0 => with_one(&quant::q8_0::quants(block!()), code_of, half_bits(block, 0), put),
        FormatId::IQ4_NL => with_one(&quant::iq4_nl::quants(block!()), code_of, half_bits(block, 0), put),
        FormatId::Q4_0 => with_one(&quant::q4_0::quants(block!()), code_of, half_bits(block, 0), put),
        FormatId::Q5_0 => with_one(&quant::q5_0::quants(block!()), code_of, half_bits(block, 0), put),
        FormatId::Q4_1 => with_one(&quant::q4_1::quants(block!()), code_of, two_halves(block, 0), put),
        FormatId::Q5_1 => with_one(&quant::q5_1::quants(block!()), code_of, two_halves(block, 0), put),
        FormatId::Q1_0 => with_one(&quant::q1_0::open(block!()).quants, code_of, half_bits(block, 0), put),
        FormatId::Q2_0 => with_one(&quant::q2_0::open(block!()).quants, code_of, half_bits(block, 0), put),
        FormatId::TQ1_0 => with_one(&quant::tq1_0::open(block!()).quants, code_of, half_bits(block, 52), put),
        FormatId::TQ2_0 => with_one(&quant::tq2_0::open(block!()).quants, code_of, half_bits(block, 64), put),
        FormatId::Q4_K => {
            let (_, _, scale, min) = quant::q4_k::scales(block!());
            let quants = quant::q4_k::quants(block!());
            super_blocks(&quants, code_of, two_halves(block, 0), |k| bytes(scale[k], min[k]), put);
        }
        FormatId::Q5_K => {
            let (_, _, scale, min) = quant::q5_k::scales(block!());
            let quants = quant::q5_k::quants(block!());
            super_blocks(&quants, code_of, two_halves(block, 0), |k| bytes(scale[k], min[k]), put);
        }
        FormatId::Q2_K => {
            let quants = quant::q2_k::quants(block!());
            let both = |k: usize| bytes(block[2 * k], block[2 * k + 1]);
            super_blocks(&quants, code_of, two_halves(block, 80), both, put);
        }
        FormatId::Q3_K => {
            let (d, scale) = quant::q3_k::scales(block!());
            let quants = quant::q3_k::quants(block!());
            let both = |k: usize| bytes(scale[2 * k] as u8, scale[2 * k + 1] as u8);
            super_blocks(&quants, code_of, d.to_bits(), both, put);
        }
        FormatId::Q6_K => {
            let (d, scale) = quant::q6_k::scales(block!());
            let quants = quant::q6_k::quants(block!());
            let both = |k: usize| bytes(scale[2 * k] as u8, scale[2 * k + 1] as u8);
            super_blocks(&quants, code_of, d.to_bits(), both, put);
        }
        FormatId::IQ4_XS => {
            let (d, scale) = quant::iq4_xs::scales(block!());
            let quants = quant::iq4_xs::quants(block!());
            super_blocks(&quants, code_of, d.to_bits(), |k| bytes(scale[k] as u8, 0), put);
        }
        FormatId::MXFP4 => with_one(&quant::mxfp4::open(block!()).quants, code_of, u32::from(block[0]), put),
        FormatId::NVFP4 => with_halves(&quant::nvfp4::open(block!()), code_of, put),
        FormatId::IQ1_S => with_steps!(iq1_s),
        FormatId::IQ1_M => with_steps!(iq1_m),
        FormatId::IQ2_XXS => with_steps!(iq2_xxs),
        FormatId::IQ2_XS => with_steps!(iq2_xs),
        FormatId::IQ2_S => with_steps!(iq2_s),
        FormatId::IQ3_XXS => with_steps!(iq3_xxs),
        FormatId::IQ3_S => with_steps!(iq3_s),
    }
}

/// The K-blocks of a block: the word of all, and the bytes of each.
fn super_blocks<T: Copy + Into<i16>>(
    quants: &[T],
    code_of: &[u8; 256],
    a: u32,
    b: impl Fn(usize) -> u32,
    put: &mut dyn FnMut(KBlock),
) {
    for k in 0..quants.len() / K_BLOCK {
        put(KBlock { codes: codes(quants, k, code_of), a, b: b(k) });
    }
}
