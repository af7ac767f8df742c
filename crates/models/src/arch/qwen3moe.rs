//! Qwen3 with experts: Qwen3-30B-A3B, 235B-A22B, Qwen3-Coder.
//!
//! Llama's block with a norm on each q and k head; every layer is a mixture, whose chosen weights add up to 1. Files
//! without a width of experts have that of all that are used together.
//! Source: Qwen3 technical report 2025; HF `Qwen3MoeForCausalLM`. Golden: `golden/arch/qwen3moe.json`.

use super::{Architecture, Attention, Branch, ExpertWidth, Moe, Part};

/// See the file's head.
pub const QWEN3MOE: Architecture = Architecture {
    gguf_name: "qwen3moe",
    models: "Qwen3-30B-A3B, Qwen3-235B-A22B, Qwen3-Coder",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(&["ffn_norm"], Part::Moe(Moe { width: ExpertWidth::FfnKeyOverUsed, ..Moe::SOFTMAX })),
    ]],
    ..Architecture::DECODER
};
