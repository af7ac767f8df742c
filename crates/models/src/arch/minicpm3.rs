//! MiniCPM 3: attention over latent rows from which K and V of every head are made; embeddings, branches and logits scaled.
//! Source: HF `MiniCPM3ForCausalLM`. Golden: `golden/arch/minicpm3.json`.

use super::{
    Architecture, Attention, Branch, Embedding, EmbeddingScale, Ffn, Head, LogitScale, Part, ResidualScale,
};

/// See the file's head.
pub const MINICPM3: Architecture = Architecture {
    gguf_name: "minicpm3",
    models: "MiniCPM3-4B",
    embedding: Embedding { scale: EmbeddingScale::Key(12.0), ..Embedding::PLAIN },
    kinds: &[&[Branch::new(&["attn_norm"], Part::Latent(Attention::GQA)), Branch::ffn(Ffn::SWIGLU)]],
    residual_scale: ResidualScale::KeyOrByDepth(1.4),
    head: Head { scale: LogitScale::OverWidth(256.0), ..Head::PLAIN },
    ..Architecture::DECODER
};
