//! A file's block opened into K-blocks: codes and the raw bits of their scales.

use gollum_quant::{self as quant, FormatId, K_BLOCK, Opened};

/// 32 weights: codes with the layout's offset added, and scale bits.
///
/// ```text
/// F16 a = f16            F16Min a = d | m << 16           F32 a            F32Halves a, b
/// Super* a = the word of all 256 (d | dmin << 16, or d as f32), b = the bytes of its two halves, or scale and min
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

/// Codes of `K_BLOCK` weights, moved up by the offset.
fn codes<T: Copy + Into<i16>>(quants: &[T], k: usize, offset: u8) -> [u8; K_BLOCK] {
    let quants = &quants[k * K_BLOCK..][..K_BLOCK];
    std::array::from_fn(|i| (quants[i].into() + i16::from(offset)) as u8)
}

/// Blocks with one scale `a` in f16 for all of their weights.
fn with_half<T: Copy + Into<i16>>(quants: &[T], offset: u8, a: u32, put: &mut dyn FnMut(KBlock)) {
    for k in 0..quants.len() / K_BLOCK {
        put(KBlock { codes: codes(quants, k, offset), a, b: 0 });
    }
}

/// Blocks of [`Opened`], their scales in f32.
fn with_floats<const W: usize, const S: usize>(o: &Opened<W, S>, put: &mut dyn FnMut(KBlock)) {
    for k in 0..W / K_BLOCK {
        let scale = |half: usize| {
            let weights_per_scale = W / S;
            o.scales[(k * K_BLOCK + half * K_BLOCK / 2) / weights_per_scale].to_bits()
        };
        put(KBlock { codes: codes(&o.quants, k, 0), a: scale(0), b: scale(1) });
    }
}

/// Opens one block of the file; `put` gets its K-blocks in order.
pub fn open(format: FormatId, offset: u8, block: &[u8], put: &mut dyn FnMut(KBlock)) {
    macro_rules! block {
        () => {
            block.try_into().expect("blocks are cut to size")
        };
    }
    match format {
        FormatId::F32 | FormatId::F16 | FormatId::BF16 => unreachable!("float weights have no blocks"),
        FormatId::Q8_0 => with_half(&quant::q8_0::quants(block!()), offset, half_bits(block, 0), put),
        FormatId::IQ4_NL => with_half(&quant::iq4_nl::quants(block!()), offset, half_bits(block, 0), put),
        FormatId::Q4_0 => with_half(&quant::q4_0::quants(block!()), offset, half_bits(block, 0), put),
        FormatId::Q5_0 => with_half(&quant::q5_0::quants(block!()), offset, half_bits(block, 0), put),
        FormatId::Q4_1 => with_half(&quant::q4_1::quants(block!()), offset, two_halves(block, 0), put),
        FormatId::Q5_1 => with_half(&quant::q5_1::quants(block!()), offset, two_halves(block, 0), put),
        FormatId::Q1_0 => with_half(&quant::q1_0::open(block!()).quants, offset, half_bits(block, 0), put),
        FormatId::Q2_0 => with_half(&quant::q2_0::open(block!()).quants, offset, half_bits(block, 0), put),
        FormatId::TQ1_0 => with_half(&quant::tq1_0::open(block!()).quants, offset, half_bits(block, 52), put),
        FormatId::TQ2_0 => with_half(&quant::tq2_0::open(block!()).quants, offset, half_bits(block, 64), put),
        FormatId::Q4_K => {
            let (_, _, scale, min) = quant::q4_k::scales(block!());
            let quants = quant::q4_k::quants(block!());
            super_blocks(&quants, offset, two_halves(block, 0), |k| bytes(scale[k], min[k]), put);
        }
        FormatId::Q5_K => {
            let (_, _, scale, min) = quant::q5_k::scales(block!());
            let quants = quant::q5_k::quants(block!());
            super_blocks(&quants, offset, two_halves(block, 0), |k| bytes(scale[k], min[k]), put);
        }
        FormatId::Q2_K => {
            let quants = quant::q2_k::quants(block!());
            let both = |k: usize| bytes(block[2 * k], block[2 * k + 1]);
            super_blocks(&quants, offset, two_halves(block, 80), both, put);
        }
        FormatId::Q3_K => {
            let (d, scale) = quant::q3_k::scales(block!());
            let quants = quant::q3_k::quants(block!());
            let both = |k: usize| bytes(scale[2 * k] as u8, scale[2 * k + 1] as u8);
            super_blocks(&quants, offset, d.to_bits(), both, put);
        }
        FormatId::Q6_K => {
            let (d, scale) = quant::q6_k::scales(block!());
            let quants = quant::q6_k::quants(block!());
            let both = |k: usize| bytes(scale[2 * k] as u8, scale[2 * k + 1] as u8);
            super_blocks(&quants, offset, d.to_bits(), both, put);
        }
        FormatId::IQ4_XS => {
            let (d, scale) = quant::iq4_xs::scales(block!());
            let quants = quant::iq4_xs::quants(block!());
            for (k, scale) in scale.into_iter().enumerate() {
                let a = (d * f32::from(scale)).to_bits();
                put(KBlock { codes: codes(&quants, k, offset), a, b: 0 });
            }
        }
        FormatId::MXFP4 => with_floats(&quant::mxfp4::open(block!()), put),
        FormatId::NVFP4 => with_floats(&quant::nvfp4::open(block!()), put),
        FormatId::IQ1_S => with_floats(&quant::iq1_s::open(block!()), put),
        FormatId::IQ1_M => with_floats(&quant::iq1_m::open(block!()), put),
        FormatId::IQ2_XXS => with_floats(&quant::iq2_xxs::open(block!()), put),
        FormatId::IQ2_XS => with_floats(&quant::iq2_xs::open(block!()), put),
        FormatId::IQ2_S => with_floats(&quant::iq2_s::open(block!()), put),
        FormatId::IQ3_XXS => with_floats(&quant::iq3_xxs::open(block!()), put),
        FormatId::IQ3_S => with_floats(&quant::iq3_s::open(block!()), put),
    }
}

/// The eight K-blocks of 256 weights.
fn super_blocks<T: Copy + Into<i16>>(
    quants: &[T],
    offset: u8,
    a: u32,
    b: impl Fn(usize) -> u32,
    put: &mut dyn FnMut(KBlock),
) {
    for k in 0..quants.len() / K_BLOCK {
        put(KBlock { codes: codes(quants, k, offset), a, b: b(k) });
    }
}
