//! EmbeddingGemma: Gemma 3's block without a causal mask; windows are half as long to both sides; two projections behind
//! the pooling.
//!
//! Source: Vera et al. 2025; HF `Gemma3TextModel`. Golden: `golden/arch/gemma-embedding.json`.

use super::{Architecture, Attention, Branch, Direction, Embedding, Ffn, Part, Period, Span, Windows};

/// See the file's head.
pub const GEMMA_EMBEDDING: Architecture = Architecture {
    gguf_name: "gemma-embedding",
    models: "EmbeddingGemma 300M",
    direction: Direction::Both,
    embedding: Embedding::SQRT_WIDTH,
    kinds: &[&[
        Branch::attention(Attention::QK_NORM).post_norm(&["post_attention_norm"]),
        Branch::new(&["ffn_norm"], Part::Ffn(Ffn::GEGLU)).post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows {
        span: Span::Key,
        period: Period::LastOf(6),
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        symmetric: true,
    },
    ..Architecture::DECODER
};
