//! Nomic BERT with experts: every second layer is a mixture of ungated GELU experts, weighed by the softmax of all; the
//! others have BERT's feed-forward.
//!
//! Source: Nussbaum and Duderstadt 2025; HF `NomicBertModel`. Golden: `golden/arch/nomic-bert-moe.json`.

use gollum_kernels::Activation;

use super::{Architecture, Branch, Embedding, Ffn, Moe, Part};

/// See the file's head.
pub const NOMIC_BERT_MOE: Architecture = Architecture {
    gguf_name: "nomic-bert-moe",
    models: "nomic-embed-text v2",
    embedding: Embedding::TYPES,
    kinds: &[&[
        Branch::then_norm(Part::GQA, &["attn_output_norm"]),
        Branch::then_norm(
            Part::FfnOrMoe(
                Ffn::GELU,
                Moe { activation: Activation::GeluTanh, gated: false, ..Moe::SOFTMAX_RAW },
            ),
            &["layer_output_norm"],
        ),
    ]],
    ..Architecture::ENCODER
};
