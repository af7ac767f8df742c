//! Phi 1.5 and 2: attention and an ungated tanh-GELU feed-forward side by side on one LayerNorm, part of each head
//! rotated, biases everywhere, the output included.
//!
//! Source: Li et al. 2023; HF `PhiForCausalLM`. Golden: `golden/arch/phi2.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms, Part};

/// See the file's head.
pub const PHI2: Architecture = Architecture {
    gguf_name: "phi2",
    models: "Phi-1.5, Phi-2",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention::GQA).beside(&["attn_norm"], Part::Ffn(Ffn::GELU))]],
    ..Architecture::DECODER
};
