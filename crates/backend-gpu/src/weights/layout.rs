//! Which panel layout each block format is re-packed into.

use gollum_quant::{self as quant, FormatId};

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
    /// A plane of two bits and one of one bit.
    Bits3,
    /// A plane of two bits.
    Bits2,
}

/// What integers codes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Levels {
    /// The code less a number.
    Less(u8),
    /// Those of IQ4_NL.
    Iq4,
    /// Twice the numbers of E2M1.
    Fp4,
    /// Those of IQ3_XXS.
    Iq3Xxs,
    /// Those of IQ3_S.
    Iq3S,
    /// Those of the IQ2 formats.
    Iq2,
    /// Those of the IQ1 formats.
    Iq1,
}

impl Levels {
    /// The levels by their codes, if they come from a table. Those of three bits are half of it.
    pub fn table(self) -> Option<[i8; 16]> {
        // Grids of three levels: the bit that picks the other half is moved down to the two of the level.
        let three_bits = |levels: [i8; 16]| {
            std::array::from_fn(|code| if code < 8 { levels[code % 4 + code / 4 * 8] } else { 0 })
        };
        match self {
            Self::Less(_) => None,
            Self::Iq4 => Some(quant::iq4_nl::LEVELS),
            Self::Fp4 => Some(quant::mxfp4::LEVELS),
            Self::Iq3Xxs => Some(quant::iq3_xxs::LOOKUP.levels),
            Self::Iq3S => Some(quant::iq3_s::LOOKUP.levels),
            Self::Iq2 => Some(three_bits(quant::iq2_s::LOOKUP.levels)),
            Self::Iq1 => Some(three_bits(quant::iq1_s::LOOKUP.levels)),
        }
    }

    /// The codes of all integers, by their bits as a byte. Which one those have that are no level is of no matter.
    pub fn codes(self) -> [u8; 256] {
        let code_of = |level: i8| match (self, self.table()) {
            (Self::Less(offset), _) => (level as u8).wrapping_add(offset),
            (_, table) => table.into_iter().flatten().position(|l| l == level).unwrap_or(0) as u8,
        };
        std::array::from_fn(|level| code_of(level as u8 as i8))
    }
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
    /// An f16 for each half.
    F16Halves,
    /// A byte, the exponent of half a power of two: E8M0.
    Exponent,
    /// Of 256 weights an f32; of each 32 a signed byte.
    Super,
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
    /// What codes stand for.
    pub levels: Levels,
}

/// Every layout that a format uses.
pub const LAYOUTS: &[Layout] = &[
    layout(Codes::F32, Scale::None, Levels::Less(0)),
    layout(Codes::F16, Scale::None, Levels::Less(0)),
    layout(Codes::Bf16, Scale::None, Levels::Less(0)),
    layout(Codes::Bits8, Scale::F16, Levels::Less(0)),
    layout(Codes::Bits6, Scale::SuperHalves, Levels::Less(32)),
    layout(Codes::Bits5, Scale::F16, Levels::Less(16)),
    layout(Codes::Bits5, Scale::F16Min, Levels::Less(0)),
    layout(Codes::Bits5, Scale::SuperMin, Levels::Less(0)),
    layout(Codes::Bits4, Scale::F16, Levels::Less(8)),
    layout(Codes::Bits4, Scale::F16Min, Levels::Less(0)),
    layout(Codes::Bits4, Scale::SuperMin, Levels::Less(0)),
    layout(Codes::Bits4, Scale::F16, Levels::Iq4),
    layout(Codes::Bits4, Scale::Super, Levels::Iq4),
    layout(Codes::Bits4, Scale::Exponent, Levels::Fp4),
    layout(Codes::Bits4, Scale::F16Halves, Levels::Fp4),
    layout(Codes::Bits4, Scale::Super, Levels::Iq3Xxs),
    layout(Codes::Bits4, Scale::Super, Levels::Iq3S),
    layout(Codes::Bits3, Scale::SuperHalves, Levels::Less(4)),
    layout(Codes::Bits3, Scale::Super, Levels::Iq2),
    layout(Codes::Bits3, Scale::SuperHalves, Levels::Iq2),
    layout(Codes::Bits3, Scale::Super, Levels::Iq1),
    layout(Codes::Bits3, Scale::SuperHalves, Levels::Iq1),
    layout(Codes::Bits2, Scale::F16, Levels::Less(1)),
    layout(Codes::Bits2, Scale::SuperMinHalves, Levels::Less(0)),
];

const fn layout(codes: Codes, scale: Scale, levels: Levels) -> Layout {
    Layout { codes, scale, levels }
}

impl Layout {
    /// The layout of a format. All are lossless. Of rows of a grid, each weight has its level: more bits than the row's index,
    /// and no look-up in memory.
    pub fn of(format: FormatId) -> Self {
        use Levels::Less;
        match format {
            FormatId::F32 => layout(Codes::F32, Scale::None, Less(0)),
            FormatId::F16 => layout(Codes::F16, Scale::None, Less(0)),
            FormatId::BF16 => layout(Codes::Bf16, Scale::None, Less(0)),
            FormatId::Q8_0 => layout(Codes::Bits8, Scale::F16, Less(0)),
            FormatId::Q6_K => layout(Codes::Bits6, Scale::SuperHalves, Less(32)),
            FormatId::Q5_0 => layout(Codes::Bits5, Scale::F16, Less(16)),
            FormatId::Q5_1 => layout(Codes::Bits5, Scale::F16Min, Less(0)),
            FormatId::Q5_K => layout(Codes::Bits5, Scale::SuperMin, Less(0)),
            FormatId::Q4_0 => layout(Codes::Bits4, Scale::F16, Less(8)),
            FormatId::Q4_1 => layout(Codes::Bits4, Scale::F16Min, Less(0)),
            FormatId::Q4_K => layout(Codes::Bits4, Scale::SuperMin, Less(0)),
            FormatId::IQ4_NL => layout(Codes::Bits4, Scale::F16, Levels::Iq4),
            FormatId::IQ4_XS => layout(Codes::Bits4, Scale::Super, Levels::Iq4),
            FormatId::MXFP4 => layout(Codes::Bits4, Scale::Exponent, Levels::Fp4),
            FormatId::NVFP4 => layout(Codes::Bits4, Scale::F16Halves, Levels::Fp4),
            FormatId::IQ3_XXS => layout(Codes::Bits4, Scale::Super, Levels::Iq3Xxs),
            FormatId::IQ3_S => layout(Codes::Bits4, Scale::Super, Levels::Iq3S),
            FormatId::Q3_K => layout(Codes::Bits3, Scale::SuperHalves, Less(4)),
            FormatId::IQ2_XXS => layout(Codes::Bits3, Scale::Super, Levels::Iq2),
            FormatId::IQ2_XS | FormatId::IQ2_S => layout(Codes::Bits3, Scale::SuperHalves, Levels::Iq2),
            FormatId::IQ1_S => layout(Codes::Bits3, Scale::Super, Levels::Iq1),
            FormatId::IQ1_M => layout(Codes::Bits3, Scale::SuperHalves, Levels::Iq1),
            FormatId::TQ1_0 | FormatId::TQ2_0 | FormatId::Q1_0 | FormatId::Q2_0 => {
                layout(Codes::Bits2, Scale::F16, Less(1))
            }
            FormatId::Q2_K => layout(Codes::Bits2, Scale::SuperMinHalves, Less(0)),
        }
    }

    /// True if the other operand is int8.
    pub fn is_int(self) -> bool {
        self.scale != Scale::None
    }

    /// True if a K-block has a scale for each half.
    pub fn has_halves(self) -> bool {
        matches!(self.scale, Scale::F16Halves | Scale::SuperHalves | Scale::SuperMinHalves)
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
            Codes::Bits3 | Codes::Bits2 => 0,
        }
    }

    /// Words of the extra plane per K-block and row.
    pub fn extra_words(self) -> usize {
        match self.codes {
            Codes::Bits5 => 1,
            Codes::Bits6 | Codes::Bits2 => 2,
            Codes::Bits3 => 3,
            _ => 0,
        }
    }

    /// Words of scales per panel of `blocks` K-blocks.
    pub fn scale_words(self, blocks: usize) -> usize {
        match self.scale {
            Scale::None => 0,
            Scale::F16 => blocks * 8,
            Scale::F16Min | Scale::F16Halves => blocks * 16,
            Scale::Exponent => blocks * 4,
            Scale::Super => blocks / 8 * 48,
            Scale::SuperMin | Scale::SuperHalves | Scale::SuperMinHalves => blocks / 8 * 80,
        }
    }

    /// How many times its bytes in a file a format takes on the device.
    pub fn growth(format: FormatId) -> f64 {
        // Of 256 weights of a panel's 16 rows, blocks of all formats being whole.
        const BLOCKS: usize = 8;
        let (layout, file) = (Self::of(format), format.format());
        let words =
            BLOCKS * 16 * (4 * layout.main_vectors() + layout.extra_words()) + layout.scale_words(BLOCKS);
        let packed_bytes = words as f64 * 4.0 / (BLOCKS * 16 * quant::K_BLOCK) as f64;
        packed_bytes * file.block_weights as f64 / file.block_bytes as f64
    }

    /// A short name, of which there is one for each layout.
    pub fn name(self) -> String {
        let levels = match self.levels {
            Levels::Less(offset) => offset.to_string(),
            table => format!("{table:?}"),
        };
        format!("{:?}_{:?}_{levels}", self.codes, self.scale).to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_grow_by_no_more_than_their_codes_do() {
        let growth = |id: FormatId| (Layout::growth(id) * 1000.0).round() / 1000.0;
        for id in [FormatId::F16, FormatId::Q8_0, FormatId::Q4_0, FormatId::MXFP4, FormatId::IQ4_NL] {
            assert_eq!(growth(id), 1.0, "{id:?}");
        }
        assert_eq!([FormatId::Q4_K, FormatId::IQ3_XXS, FormatId::IQ1_S].map(growth), [1.028, 1.429, 2.16]);
        assert!(gollum_quant::FORMATS.iter().all(|f| (0.99..2.3).contains(&growth(f.id))));
    }

    #[test]
    fn codes_of_levels_give_the_levels() {
        for layout in LAYOUTS.iter().filter(|l| l.is_int()) {
            let codes = layout.levels.codes();
            for level in layout.levels.table().into_iter().flatten() {
                let code = codes[usize::from(level as u8)];
                assert_eq!(layout.levels.table().map(|t| t[usize::from(code)]), Some(level), "{layout:?}");
                assert!(layout.codes != Codes::Bits3 || code < 8, "{layout:?}: {level}");
            }
        }
    }

    #[test]
    fn every_format_has_a_layout_of_the_list_and_every_layout_a_format() {
        let used: Vec<Layout> = gollum_quant::FORMATS.iter().map(|f| Layout::of(f.id)).collect();
        assert!(used.iter().all(|l| LAYOUTS.contains(l)));
        assert!(LAYOUTS.iter().all(|l| used.contains(l)));
    }
}
