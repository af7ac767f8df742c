//! Jais: ALiBi, LayerNorms, biases everywhere, q, k and v in one matrix, scores over the width of a head rather
//! than its square root.
//!
//! The multipliers of embeddings and logits are in the weights.
//! Source: Jais report 2023; HF `JAISLMHeadModel`. Golden: `golden/arch/jais.json`.

use super::{Alibi, Architecture, Attention, AttentionScale, Branch, Ffn, Norms, RopeRule};

/// See the file's head.
pub const JAIS: Architecture = Architecture {
    gguf_name: "jais",
    models: "Jais 13B, 30B",
    norms: Norms::Layer,
    kinds: &[&[
        Branch::attention(Attention {
            scale: AttentionScale::InverseHeadDim,
            alibi: Alibi::Key,
            ..Attention::GQA
        }),
        Branch::ffn(Ffn::SWIGLU),
    ]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
