//! Deterministic test data: numbers, activations of every temper, and valid weight blocks of every format.

use gollum_quant::{Format, FormatId};

/// SplitMix64: a few lines, the same everywhere, good enough for test data.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator; equal seeds give equal data.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of `items`.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Uniform in `-1..1`.
    pub fn unit(&mut self) -> f32 {
        ((self.bits() >> 40) as f32 / (1u32 << 23) as f32) - 1.0
    }

    /// Shuffles in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// What activations look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
    /// Ordinary: a few units wide, some values far larger, as hidden states are.
    Plain,
    /// All zero, both signs.
    Zeros,
    /// Denormal numbers.
    Denormal,
    /// Near the largest f32, so that sums overflow.
    Huge,
    /// Ordinary, with NaN, infinities and zeros strewn in.
    Special,
    /// One value per 32, the rest zero.
    Sparse,
    /// Plus or minus one and the same value: every int8 is +-127.
    Saturated,
    /// Around the smallest normal number, where reciprocals overflow.
    Tiny,
    /// Any bit pattern: every magnitude, NaN and infinity included.
    AnyBits,
}

/// Every temper.
pub const TEMPERS: &[Temper] = &[
    Temper::Plain,
    Temper::Zeros,
    Temper::Denormal,
    Temper::Huge,
    Temper::Special,
    Temper::Sparse,
    Temper::Saturated,
    Temper::Tiny,
    Temper::AnyBits,
];

/// Those whose sums, and the scales that are made of them, stay within the normal numbers of f32.
pub const ORDINARY: &[Temper] =
    &[Temper::Plain, Temper::Zeros, Temper::Denormal, Temper::Special, Temper::Sparse, Temper::Saturated];

/// `n` values of one temper.
pub fn activations(rng: &mut Rng, temper: Temper, n: usize) -> Vec<f32> {
    (0..n).map(|i| activation(rng, temper, i)).collect()
}

fn activation(rng: &mut Rng, temper: Temper, i: usize) -> f32 {
    let plain = rng.unit() * if rng.one_in(50) { 100.0 } else { 2.0 };
    let sign = if rng.one_in(2) { 1.0 } else { -1.0 };
    match temper {
        Temper::Plain => plain,
        Temper::Zeros => 0.0 * sign,
        Temper::Denormal => sign * f32::from_bits(rng.below(1 << 23) as u32),
        Temper::Huge => sign * 3e38 * (0.5 + 0.5 * rng.unit().abs()),
        Temper::Special => match rng.below(300) {
            0 => f32::NAN,
            1 => f32::INFINITY,
            2 => f32::NEG_INFINITY,
            3 => -0.0,
            4 => f32::from_bits(1),
            5 => f32::MAX,
            6 => f32::MIN_POSITIVE,
            _ => plain,
        },
        Temper::Sparse => {
            if i % 32 == 17 {
                plain
            } else {
                0.0
            }
        }
        Temper::Saturated => sign * 0.75,
        // Each block of 32 reaches a power of two further, from denormals across 127 / f32::MAX = 2^-121.
        Temper::Tiny => sign * f32::from_bits((rng.below(1 + i / 32 % 10) << 23 | rng.below(1 << 23)) as u32),
        Temper::AnyBits => f32::from_bits(rng.bits() as u32),
    }
}

/// What weight blocks look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Random bits, scales of the size real models have.
    Plain,
    /// Every byte that is not a scale is this one: the corners of the integer range.
    Filled(u8),
    /// Random bits, scales of any bit pattern, NaN and infinity included.
    AnyScale,
}

/// Every kind of block.
pub const BLOCKS: &[Blocks] = &[
    Blocks::Plain,
    Blocks::Filled(0x00),
    Blocks::Filled(0x7f),
    Blocks::Filled(0x80),
    Blocks::Filled(0xff),
    Blocks::AnyScale,
];

/// Byte offsets of the f16 scales in a block. Float formats have none, as their bytes are values; nor have those whose
/// scales are of another kind.
fn scale_offsets(id: FormatId) -> &'static [usize] {
    match id {
        FormatId::F32 | FormatId::F16 | FormatId::BF16 => &[],
        FormatId::MXFP4 | FormatId::NVFP4 | FormatId::IQ1_M => &[],
        FormatId::Q4_0 | FormatId::Q5_0 | FormatId::Q8_0 | FormatId::IQ4_NL | FormatId::IQ4_XS => &[0],
        FormatId::IQ1_S | FormatId::IQ2_XXS | FormatId::IQ2_XS | FormatId::IQ2_S => &[0],
        FormatId::IQ3_XXS | FormatId::IQ3_S | FormatId::Q1_0 | FormatId::Q2_0 => &[0],
        FormatId::TQ1_0 => &[52],
        FormatId::TQ2_0 => &[64],
        FormatId::Q4_1 | FormatId::Q5_1 | FormatId::Q4_K | FormatId::Q5_K => &[0, 2],
        FormatId::Q2_K => &[80, 82],
        FormatId::Q3_K => &[108],
        FormatId::Q6_K => &[208],
    }
}

/// The bytes of a valid `[rows, cols]` matrix; `cols` must be whole blocks.
pub fn matrix_bytes(rng: &mut Rng, format: &Format, blocks: Blocks, rows: usize, cols: usize) -> Vec<u8> {
    let row_bytes = format.row_bytes(cols).expect("the caller chose whole blocks");
    let mut bytes: Vec<u8> = (0..rows * row_bytes).map(|_| rng.bits() as u8).collect();
    if let Blocks::Filled(byte) = blocks {
        bytes.fill(byte);
    }
    for block in bytes.chunks_exact_mut(format.block_bytes) {
        match format.id {
            FormatId::F32 => block.copy_from_slice(&float_weight(rng, blocks).to_le_bytes()),
            FormatId::BF16 => block.copy_from_slice(&float_weight(rng, blocks).to_le_bytes()[2..]),
            FormatId::F16 => {
                let value = half::f16::from_f32(float_weight(rng, blocks));
                block.copy_from_slice(&value.to_le_bytes());
            }
            FormatId::MXFP4 => block[0] = byte_scale(rng, blocks, 112..124),
            FormatId::NVFP4 => block[..4].fill_with(|| byte_scale(rng, blocks, 1..40)),
            FormatId::IQ1_M => {
                let bits = block_scale(rng, blocks).to_bits();
                // On top of four words, a nibble each.
                for (j, word) in block[48..].chunks_exact_mut(2).enumerate() {
                    word[1] = word[1] & 15 | ((bits >> (4 * j) & 15) << 4) as u8;
                }
            }
            _ => scale_offsets(format.id).iter().for_each(|&at| {
                block[at..at + 2].copy_from_slice(&block_scale(rng, blocks).to_le_bytes());
            }),
        }
    }
    bytes
}

fn float_weight(rng: &mut Rng, blocks: Blocks) -> f32 {
    match blocks {
        Blocks::AnyScale if rng.one_in(100) => f32::from_bits(rng.bits() as u32),
        _ => rng.unit() * 0.25,
    }
}

/// A scale of one byte, in `plain` unless it may be any.
fn byte_scale(rng: &mut Rng, blocks: Blocks, plain: std::ops::Range<usize>) -> u8 {
    match blocks {
        Blocks::AnyScale if rng.one_in(4) => rng.bits() as u8,
        _ => rng.between(plain.start, plain.end - 1) as u8,
    }
}

fn block_scale(rng: &mut Rng, blocks: Blocks) -> half::f16 {
    match blocks {
        Blocks::AnyScale if rng.one_in(20) => half::f16::from_bits(rng.bits() as u16),
        // f16 denormals are common scales of small K-quant tensors.
        _ if rng.one_in(10) => half::f16::from_bits(rng.below(1 << 10) as u16),
        _ => half::f16::from_f32(rng.unit() * 0.02),
    }
}
