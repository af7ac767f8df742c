//! EuroBERT: Llama's block without a causal mask, halves paired.
//!
//! Source: Boizard et al. 2025; HF `EuroBertModel`. Golden: `golden/arch/eurobert.json`.

use super::{Architecture, Head, Norms};

/// See the file's head.
pub const EUROBERT: Architecture = Architecture {
    gguf_name: "eurobert",
    models: "EuroBERT, jina-embeddings v5 nano",
    norms: Norms::Rms,
    head: Head::PLAIN,
    ..Architecture::ENCODER
};
