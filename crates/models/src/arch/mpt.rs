//! MPT: ALiBi or learned positions, LayerNorms, an ungated tanh-GELU, q, k and v in one matrix, which some models
//! clamp.
//!
//! Variants with norms of q and k are not run: llama.cpp cannot, so nothing tells how their files mean them.
//! Source: MosaicML 2023; HF `MptForCausalLM`. Golden: `golden/arch/mpt.json`.

use super::{Alibi, Architecture, Attention, Branch, Embedding, Ffn, Norms, Positions, RopeRule};

/// See the file's head.
pub const MPT: Architecture = Architecture {
    gguf_name: "mpt",
    models: "MPT 7B, 30B",
    norms: Norms::Layer,
    embedding: Embedding { positions: Positions::IfPresent, ..Embedding::PLAIN },
    kinds: &[&[Branch::attention(Attention { alibi: Alibi::Key, ..Attention::GQA }), Branch::ffn(Ffn::GELU)]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
