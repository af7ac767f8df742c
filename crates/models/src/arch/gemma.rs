//! Gemma 1: Llama's block with a tanh-GELU gate, scaled embeddings, and halves paired.
//!
//! Converters add the 1 of Gemma's `(1 + weight)` norms into the weights. The output is the embedding matrix.
//! Source: Gemma report 2024; HF `GemmaForCausalLM`. Golden: `golden/arch/gemma.json`.

use super::{Architecture, Attention, Branch, Embedding, Ffn};

/// See the file's head.
pub const GEMMA: Architecture = Architecture {
    gguf_name: "gemma",
    models: "Gemma 1, CodeGemma",
    embedding: Embedding::SQRT_WIDTH,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::GEGLU)]],
    ..Architecture::DECODER
};
