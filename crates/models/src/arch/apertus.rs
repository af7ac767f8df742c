//! Apertus: Llama's block with an RMS norm on each head of q and k, and an ungated feed-forward whose activation, xIELU, has
//! trained numbers of its own in each layer.
//!
//! Source: HF `ApertusForCausalLM`; "Deriving Activation Functions Using Integration", 2025.
//! Golden: `golden/arch/apertus.json`.

use super::{Architecture, Attention, Branch, Ffn};

/// See the file's head.
pub const APERTUS: Architecture = Architecture {
    gguf_name: "apertus",
    models: "Apertus 8B, 70B",
    kinds: &[&[Branch::attention(Attention::QK_NORM), Branch::ffn(Ffn::XIELU)]],
    ..Architecture::DECODER
};
