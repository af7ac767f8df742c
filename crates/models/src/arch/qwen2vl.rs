//! Qwen 2 VL and 2.5 VL, the text half: Qwen 2. The three positions of its rotation are one and the same in text.
//!
//! Source: Qwen2-VL report 2024; HF `Qwen2VLForConditionalGeneration`. Golden: `golden/arch/qwen2vl.json`.

use super::Architecture;

/// See the file's head.
pub const QWEN2VL: Architecture = Architecture {
    gguf_name: "qwen2vl",
    models: "Qwen2-VL, Qwen2.5-VL, Qwen2.5-Omni (text)",
    ..Architecture::DECODER
};
