//! Jina BERT v3: BERT with rotation, halves paired, in place of learned positions.
//!
//! Its adapters for tasks are files of their own, which are not read.
//! Source: Sturua et al. 2024; HF `XLMRobertaModel` of Jina. Golden: `golden/arch/jina-bert-v3.json`.

use super::{Architecture, Branch, Embedding, Ffn, Part};

/// See the file's head.
pub const JINA_BERT_V3: Architecture = Architecture {
    gguf_name: "jina-bert-v3",
    models: "jina-embeddings v3",
    embedding: Embedding::TYPES,
    kinds: &[&[
        Branch::then_norm(Part::GQA, &["attn_output_norm"]),
        Branch::then_norm(Part::Ffn(Ffn::GELU), &["layer_output_norm"]),
    ]],
    ..Architecture::ENCODER
};
