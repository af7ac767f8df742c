//! Nomic BERT: BERT with rotation, halves paired, in place of learned positions, and a SiLU-gated feed-forward.
//!
//! Source: Nussbaum et al. 2024; HF `NomicBertModel`. Golden: `golden/arch/nomic-bert.json`.

use super::{Architecture, Branch, Embedding, Ffn, Part};

/// See the file's head.
pub const NOMIC_BERT: Architecture = Architecture {
    gguf_name: "nomic-bert",
    models: "nomic-embed-text v1, v1.5",
    embedding: Embedding::TYPES,
    kinds: &[&[
        Branch::then_norm(Part::GQA, &["attn_output_norm"]),
        Branch::then_norm(Part::Ffn(Ffn::SWIGLU), &["layer_output_norm"]),
    ]],
    ..Architecture::ENCODER
};
