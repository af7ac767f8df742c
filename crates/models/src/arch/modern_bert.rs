//! ModernBERT: LayerNorms without biases before the parts, none before the first attention; two of three layers see half a
//! window to each side and rotate with a base of their own; a GELU-gated feed-forward with gate and up in one.
//!
//! Source: Warner et al. 2024; HF `ModernBertModel`. Golden: `golden/arch/modern-bert.json`.

use gollum_core::Pooling;
use gollum_kernels::Activation;

use super::{Architecture, Attention, Branch, Embedding, Ffn, Head, Part, Period, Ranking, Span, Windows};

/// See the file's head.
pub const MODERN_BERT: Architecture = Architecture {
    gguf_name: "modern-bert",
    models: "ModernBERT, gte-modernbert, granite-embedding R2",
    embedding: Embedding::NORMED,
    kinds: &[&[
        Branch::attention(Attention::GQA).norm_optional(),
        Branch::new(&["ffn_norm"], Part::Ffn(Ffn::GEGLU)),
    ]],
    windows: Windows {
        span: Span::Key,
        period: Period::FirstOf(3),
        local_freq_base: Some(10_000.0),
        symmetric: true,
        ..Windows::FULL
    },
    head: Head::PLAIN,
    ranking: Ranking { pooling: Pooling::Mean, activation: Some(Activation::GeluTanh), ..Ranking::CLS },
    ..Architecture::ENCODER
};
