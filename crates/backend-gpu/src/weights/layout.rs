//! Which panel layout each block format is re-packed into.

use gollum_quant::FormatId;

/// How codes lie in a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codes {
    /// f32 weights, no codes.
    F32,
    /// f16 weights.
    F16,
    /// bf16 weights.
    Bf16,
    /// Signed bytes.
    Bits8,
    /// Nibbles.
    Bits4,
    /// Nibbles and a plane of one bit.
    Bits5,
    /// Nibbles and a plane of two bits.
    Bits6,
    /// A plane of two bits.
    Bits2,
}

/// What a K-block's codes are multiplied by, and what is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scale {
    /// Nothing: float weights.
    None,
    /// An f16.
    F16,
    /// An f16, and an f16 added.
    F16Min,
    /// An f32.
    F32,
    /// An f32 for each half.
    F32Halves,
    /// Of 256 weights two f16, `d` and `dmin`; of each 32 a byte that multiplies either; the product of `dmin` is
    /// subtracted.
    SuperMin,
    /// Of 256 weights an f32; of each 16 a signed byte.
    SuperHalves,
    /// As [`SuperMin`](Self::SuperMin), with nibbles for each 16.
    SuperMinHalves,
}

/// A panel layout: what kernels are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Codes.
    pub codes: Codes,
    /// Scales.
    pub scale: Scale,
    /// Subtracted from codes.
    pub offset: u8,
}

/// Every layout that a format uses.
pub const LAYOUTS: &[Layout] = &[
    layout(Codes::F32, Scale::None, 0),
    layout(Codes::F16, Scale::None, 0),
    layout(Codes::Bf16, Scale::None, 0),
    layout(Codes::Bits8, Scale::F16, 0),
    layout(Codes::Bits8, Scale::F32, 0),
    layout(Codes::Bits8, Scale::F32Halves, 0),
    layout(Codes::Bits4, Scale::F16, 8),
    layout(Codes::Bits4, Scale::F16Min, 0),
    layout(Codes::Bits4, Scale::SuperMin, 0),
    layout(Codes::Bits4, Scale::SuperHalves, 4),
    layout(Codes::Bits5, Scale::F16, 16),
    layout(Codes::Bits5, Scale::F16Min, 0),
    layout(Codes::Bits5, Scale::SuperMin, 0),
    layout(Codes::Bits6, Scale::SuperHalves, 32),
    layout(Codes::Bits2, Scale::F16, 1),
    layout(Codes::Bits2, Scale::SuperMinHalves, 0),
];

const fn layout(codes: Codes, scale: Scale, offset: u8) -> Layout {
    Layout { codes, scale, offset }
}

impl Layout {
    /// The layout of a format. All are lossless. Formats with few files and codes of uneven width take a wider plane:
    /// Q3_K nibbles, those with grids bytes.
    pub fn of(format: FormatId) -> Self {
        match format {
            FormatId::F32 => layout(Codes::F32, Scale::None, 0),
            FormatId::F16 => layout(Codes::F16, Scale::None, 0),
            FormatId::BF16 => layout(Codes::Bf16, Scale::None, 0),
            FormatId::Q8_0 | FormatId::IQ4_NL => layout(Codes::Bits8, Scale::F16, 0),
            FormatId::IQ4_XS
            | FormatId::MXFP4
            | FormatId::IQ1_S
            | FormatId::IQ2_XXS
            | FormatId::IQ3_XXS
            | FormatId::IQ3_S => layout(Codes::Bits8, Scale::F32, 0),
            FormatId::NVFP4 | FormatId::IQ1_M | FormatId::IQ2_XS | FormatId::IQ2_S => {
                layout(Codes::Bits8, Scale::F32Halves, 0)
            }
            FormatId::Q4_0 => layout(Codes::Bits4, Scale::F16, 8),
            FormatId::Q4_1 => layout(Codes::Bits4, Scale::F16Min, 0),
            FormatId::Q4_K => layout(Codes::Bits4, Scale::SuperMin, 0),
            FormatId::Q3_K => layout(Codes::Bits4, Scale::SuperHalves, 4),
            FormatId::Q5_0 => layout(Codes::Bits5, Scale::F16, 16),
            FormatId::Q5_1 => layout(Codes::Bits5, Scale::F16Min, 0),
            FormatId::Q5_K => layout(Codes::Bits5, Scale::SuperMin, 0),
            FormatId::Q6_K => layout(Codes::Bits6, Scale::SuperHalves, 32),
            FormatId::TQ1_0 | FormatId::TQ2_0 | FormatId::Q1_0 | FormatId::Q2_0 => {
                layout(Codes::Bits2, Scale::F16, 1)
            }
            FormatId::Q2_K => layout(Codes::Bits2, Scale::SuperMinHalves, 0),
        }
    }

    /// True if the other operand is int8.
    pub fn is_int(self) -> bool {
        self.scale != Scale::None
    }

    /// True if a K-block has a scale for each half.
    pub fn has_halves(self) -> bool {
        matches!(self.scale, Scale::F32Halves | Scale::SuperHalves | Scale::SuperMinHalves)
    }

    /// The sign of the minimum, if there is one.
    pub fn min_sign(self) -> Option<&'static str> {
        match self.scale {
            Scale::F16Min => Some(""),
            Scale::SuperMin | Scale::SuperMinHalves => Some("-"),
            _ => None,
        }
    }

    /// `vec4<u32>` of the main plane per K-block and row.
    pub fn main_vectors(self) -> usize {
        match self.codes {
            Codes::F32 => 8,
            Codes::F16 | Codes::Bf16 => 4,
            Codes::Bits8 => 2,
            Codes::Bits4 | Codes::Bits5 | Codes::Bits6 => 1,
            Codes::Bits2 => 0,
        }
    }

    /// Words of the extra plane per K-block and row.
    pub fn extra_words(self) -> usize {
        match self.codes {
            Codes::Bits5 => 1,
            Codes::Bits6 | Codes::Bits2 => 2,
            _ => 0,
        }
    }

    /// Words of scales per panel of `blocks` K-blocks.
    pub fn scale_words(self, blocks: usize) -> usize {
        match self.scale {
            Scale::None => 0,
            Scale::F16 => blocks * 8,
            Scale::F16Min | Scale::F32 => blocks * 16,
            Scale::F32Halves => blocks * 32,
            Scale::SuperMin | Scale::SuperHalves | Scale::SuperMinHalves => blocks / 8 * 80,
        }
    }

    /// A short name, of which there is one for each layout.
    pub fn name(self) -> String {
        format!("{:?}_{:?}_{}", self.codes, self.scale, self.offset).to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_layout_of_the_list_and_every_layout_a_format() {
        let used: Vec<Layout> = gollum_quant::FORMATS.iter().map(|f| Layout::of(f.id)).collect();
        assert!(used.iter().all(|l| LAYOUTS.contains(l)));
        assert!(LAYOUTS.iter().all(|l| used.contains(l)));
    }
}
