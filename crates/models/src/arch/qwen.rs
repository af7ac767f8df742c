//! Qwen 1: Llama's block with halves paired, q, k and v in one matrix with a bias; the metadata gives twice the
//! width of the feed-forward.
//!
//! Source: Qwen report 2023; HF `QWenLMHeadModel`. Golden: `golden/arch/qwen.json`.

use super::{Architecture, Attention, Branch, Ffn, FfnWidth};

/// See the file's head.
pub const QWEN: Architecture = Architecture {
    gguf_name: "qwen",
    models: "Qwen 1",
    kinds: &[&[
        Branch::attention(Attention::GQA),
        Branch::ffn(Ffn { width: FfnWidth::HalfKey, ..Ffn::SWIGLU }),
    ]],
    ..Architecture::DECODER
};
