//! Qwen 3 VL, the text half: Qwen 3. The three positions of its rotation are one and the same in text, and the
//! image features that its first layers take are none.
//!
//! Source: Qwen3-VL report 2025; HF `Qwen3VLForConditionalGeneration`. Golden: `golden/arch/qwen3vl.json`.

use super::{Architecture, Attention, Branch, Ffn, Ranking};

/// See the file's head.
pub const QWEN3VL: Architecture = Architecture {
    gguf_name: "qwen3vl",
    models: "Qwen3-VL (text)",
    kinds: &[&[Branch::attention(Attention::QK_NORM), Branch::ffn(Ffn::SWIGLU)]],
    ranking: Ranking::LAST,
    ..Architecture::DECODER
};
