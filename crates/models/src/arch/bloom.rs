//! BLOOM: ALiBi, LayerNorms, one of them on the embeddings, an ungated tanh-GELU, biases everywhere, q, k and v in
//! one matrix.
//!
//! Source: BLOOM report 2022; HF `BloomForCausalLM`. Golden: `golden/arch/bloom.json`.

use super::{Alibi, Architecture, Attention, Branch, Embedding, Ffn, Norms, RopeRule};

/// See the file's head.
pub const BLOOM: Architecture = Architecture {
    gguf_name: "bloom",
    models: "BLOOM, BLOOMZ",
    norms: Norms::Layer,
    embedding: Embedding { norm: Some("token_embd_norm"), ..Embedding::PLAIN },
    kinds: &[&[
        Branch::attention(Attention { alibi: Alibi::Max(8.0), ..Attention::GQA }),
        Branch::ffn(Ffn::GELU),
    ]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
