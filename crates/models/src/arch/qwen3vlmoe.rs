//! Qwen3-VL with experts, its text half, which is Qwen3's.
//!
//! Positions of images have three coordinates, which pairs of dimensions take turns in; in text all three are the same
//! and the rotation is NeoX's. Rows that the vision tower adds to the first layers are none in text.
//! Source: HF `Qwen3VLMoeForConditionalGeneration`. Golden: `golden/arch/qwen3vlmoe.json`.

use super::{Architecture, qwen3moe::QWEN3MOE};

/// See the file's head.
pub const QWEN3VLMOE: Architecture = Architecture {
    gguf_name: "qwen3vlmoe",
    models: "Qwen3-VL-30B-A3B, Qwen3-VL-235B-A22B, Qwen3-Omni (text)",
    ..QWEN3MOE
};
