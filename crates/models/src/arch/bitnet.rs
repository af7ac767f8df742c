//! BitNet b1.58: Llama's block for ternary matrices, with a norm of what was attended and one of what the feed-forward's
//! gate lets through, each before its last matrix. Matrices may have a scale each.
//!
//! Source: "The Era of 1-bit LLMs", 2024; HF `BitnetForCausalLM`. Golden: `golden/arch/bitnet.json`.

use super::{Architecture, Attention, Branch, Ffn};

/// See the file's head.
pub const BITNET: Architecture = Architecture {
    gguf_name: "bitnet",
    models: "BitNet b1.58 700M, 1.3B, 3B",
    kinds: &[&[
        Branch::attention(Attention { sub_norm: true, ..Attention::GQA }),
        Branch::ffn(Ffn { sub_norm: true, ..Ffn::SWIGLU }),
    ]],
    ..Architecture::DECODER
};
