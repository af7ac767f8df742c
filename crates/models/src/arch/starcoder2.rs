//! StarCoder 2: LayerNorms, an ungated tanh-GELU, biases everywhere, halves paired.
//!
//! Source: StarCoder 2 report 2024; HF `Starcoder2ForCausalLM`. Golden: `golden/arch/starcoder2.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms};

/// See the file's head.
pub const STARCODER2: Architecture = Architecture {
    gguf_name: "starcoder2",
    models: "StarCoder2",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::GELU)]],
    ..Architecture::DECODER
};
