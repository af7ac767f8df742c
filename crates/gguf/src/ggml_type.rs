//! ggml's tensor types with their block sizes: all that are known, also those that no kernel of ours reads,
//! so that the size of every tensor in a file can be checked.
//!
//! Source: ggml's `ggml_type` and its table of type traits. Numbers that ggml has retired (4, 5, 31..=33,
//! 36..=38) are unknown here, as they are there.

/// One tensor type. The discriminant is ggml's number in a file, and `gollum_quant::FormatId`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
#[allow(missing_docs, non_camel_case_types)]
pub enum GgmlType {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q8_1 = 9,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    Q8_K = 15,
    IQ2_XXS = 16,
    IQ2_XS = 17,
    IQ3_XXS = 18,
    IQ1_S = 19,
    IQ4_NL = 20,
    IQ3_S = 21,
    IQ2_S = 22,
    IQ4_XS = 23,
    I8 = 24,
    I16 = 25,
    I32 = 26,
    I64 = 27,
    F64 = 28,
    IQ1_M = 29,
    BF16 = 30,
    TQ1_0 = 34,
    TQ2_0 = 35,
    MXFP4 = 39,
    NVFP4 = 40,
    Q1_0 = 41,
    Q2_0 = 42,
}

/// One line of [`GGML_TYPES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeLayout {
    /// Which type.
    pub ggml_type: GgmlType,
    /// ggml's name, as users write it.
    pub name: &'static str,
    /// Weights per block; 1 for plain numbers.
    pub block_weights: usize,
    /// Bytes per block.
    pub block_bytes: usize,
}

const fn line(
    ggml_type: GgmlType,
    name: &'static str,
    block_weights: usize,
    block_bytes: usize,
) -> TypeLayout {
    TypeLayout { ggml_type, name, block_weights, block_bytes }
}

/// All types, by ascending number.
pub const GGML_TYPES: &[TypeLayout] = &[
    line(GgmlType::F32, "F32", 1, 4),
    line(GgmlType::F16, "F16", 1, 2),
    line(GgmlType::Q4_0, "Q4_0", 32, 18),
    line(GgmlType::Q4_1, "Q4_1", 32, 20),
    line(GgmlType::Q5_0, "Q5_0", 32, 22),
    line(GgmlType::Q5_1, "Q5_1", 32, 24),
    line(GgmlType::Q8_0, "Q8_0", 32, 34),
    // 36 bytes as in ggml's C code; the table of its Python package still has the 40 of an older layout.
    line(GgmlType::Q8_1, "Q8_1", 32, 36),
    line(GgmlType::Q2_K, "Q2_K", 256, 84),
    line(GgmlType::Q3_K, "Q3_K", 256, 110),
    line(GgmlType::Q4_K, "Q4_K", 256, 144),
    line(GgmlType::Q5_K, "Q5_K", 256, 176),
    line(GgmlType::Q6_K, "Q6_K", 256, 210),
    line(GgmlType::Q8_K, "Q8_K", 256, 292),
    line(GgmlType::IQ2_XXS, "IQ2_XXS", 256, 66),
    line(GgmlType::IQ2_XS, "IQ2_XS", 256, 74),
    line(GgmlType::IQ3_XXS, "IQ3_XXS", 256, 98),
    line(GgmlType::IQ1_S, "IQ1_S", 256, 50),
    line(GgmlType::IQ4_NL, "IQ4_NL", 32, 18),
    line(GgmlType::IQ3_S, "IQ3_S", 256, 110),
    line(GgmlType::IQ2_S, "IQ2_S", 256, 82),
    line(GgmlType::IQ4_XS, "IQ4_XS", 256, 136),
    line(GgmlType::I8, "I8", 1, 1),
    line(GgmlType::I16, "I16", 1, 2),
    line(GgmlType::I32, "I32", 1, 4),
    line(GgmlType::I64, "I64", 1, 8),
    line(GgmlType::F64, "F64", 1, 8),
    line(GgmlType::IQ1_M, "IQ1_M", 256, 56),
    line(GgmlType::BF16, "BF16", 1, 2),
    line(GgmlType::TQ1_0, "TQ1_0", 256, 54),
    line(GgmlType::TQ2_0, "TQ2_0", 256, 66),
    line(GgmlType::MXFP4, "MXFP4", 32, 17),
    line(GgmlType::NVFP4, "NVFP4", 64, 36),
    line(GgmlType::Q1_0, "Q1_0", 128, 18),
    line(GgmlType::Q2_0, "Q2_0", 64, 18),
];

impl GgmlType {
    /// The type with this number in a file, or `None` if nobody knows it.
    pub fn from_number(number: u32) -> Option<Self> {
        GGML_TYPES.iter().map(|line| line.ggml_type).find(|t| t.number() == number)
    }

    /// ggml's number.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// This type's line of the table.
    pub fn layout(self) -> &'static TypeLayout {
        GGML_TYPES
            .iter()
            .find(|line| line.ggml_type == self)
            .expect("every GgmlType has a line in GGML_TYPES")
    }

    /// ggml's name, as users write it.
    pub fn name(self) -> &'static str {
        self.layout().name
    }

    /// Weights per block.
    pub fn block_weights(self) -> usize {
        self.layout().block_weights
    }

    /// Bytes per block.
    pub fn block_bytes(self) -> usize {
        self.layout().block_bytes
    }
}

impl std::fmt::Display for GgmlType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_ascends_and_every_type_finds_itself() {
        assert!(GGML_TYPES.windows(2).all(|pair| pair[0].ggml_type < pair[1].ggml_type));
        for line in GGML_TYPES {
            assert_eq!(GgmlType::from_number(line.ggml_type.number()), Some(line.ggml_type));
            assert_eq!(line.ggml_type.layout(), line);
            assert_eq!(format!("{:?}", line.ggml_type), line.name);
            assert!(line.block_weights > 0 && line.block_bytes > 0);
        }
    }

    #[test]
    fn retired_and_future_numbers_are_unknown() {
        for number in [4, 5, 31, 32, 33, 36, 37, 38, 43, 255, u32::MAX] {
            assert_eq!(GgmlType::from_number(number), None, "number {number}");
        }
    }

    #[test]
    fn bits_per_weight_of_well_known_types() {
        for (ggml_type, bits) in [
            (GgmlType::F32, 32.0),
            (GgmlType::BF16, 16.0),
            (GgmlType::Q4_0, 4.5),
            (GgmlType::Q4_1, 5.0),
            (GgmlType::Q8_0, 8.5),
            (GgmlType::Q4_K, 4.5),
            (GgmlType::Q6_K, 6.5625),
            (GgmlType::IQ4_XS, 4.25),
            (GgmlType::TQ1_0, 1.6875),
        ] {
            assert_eq!(
                ggml_type.block_bytes() as f64 * 8.0 / ggml_type.block_weights() as f64,
                bits,
                "{ggml_type}"
            );
        }
    }
}
