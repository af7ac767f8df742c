//! GPT-2: learned positions, LayerNorms, an ungated tanh-GELU, biases everywhere, q, k and v in one matrix.
//!
//! Source: Radford et al. 2019; HF `GPT2LMHeadModel`. Golden: `golden/arch/gpt2.json`.

use super::{Architecture, Attention, Branch, Embedding, Ffn, Norms, RopeRule};

/// See the file's head.
pub const GPT2: Architecture = Architecture {
    gguf_name: "gpt2",
    models: "GPT-2, ruGPT-3",
    norms: Norms::Layer,
    embedding: Embedding::POSITIONS,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::GELU)]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
