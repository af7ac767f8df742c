//! StarCoder 1: GPT-2's block with one KV head for all.
//!
//! Source: StarCoder report 2023; HF `GPTBigCodeForCausalLM`. Golden: `golden/arch/starcoder.json`.

use super::{Architecture, Attention, Branch, Embedding, Ffn, Norms, RopeRule};

/// See the file's head.
pub const STARCODER: Architecture = Architecture {
    gguf_name: "starcoder",
    models: "StarCoder, SantaCoder",
    norms: Norms::Layer,
    embedding: Embedding::POSITIONS,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::GELU)]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
