//! Gemma 3, text: Llama's block with a norm after each part, a norm on each q and k head, tanh-GELU, scaled
//! embeddings, and a sliding window in five of six layers, which rotate with a base of their own.
//!
//! Converters add the 1 of Gemma's `(1 + weight)` norms into the weights. The 27B model (62 layers) scales
//! attention by its query width per head rather than by its head width.
//! Source: Gemma 3 technical report 2025; HF `Gemma3ForCausalLM`. Golden: `golden/arch/gemma3.json`.

use super::{Architecture, Attention, AttentionScale, Branch, Embedding, Ffn, Part, Period, Span, Windows};

/// See the file's head.
pub const GEMMA3: Architecture = Architecture {
    gguf_name: "gemma3",
    models: "Gemma 3, MedGemma, FunctionGemma",
    embedding: Embedding::SQRT_WIDTH,
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention {
                scale: AttentionScale::WidthPerHeadAtDepth(62),
                ..Attention::QK_NORM
            }),
        )
        .post_norm(&["post_attention_norm"]),
        Branch::new(&["ffn_norm"], Part::Ffn(Ffn::GEGLU)).post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows {
        span: Span::Key,
        period: Period::LastOf(6),
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        ..Windows::FULL
    },
    ..Architecture::DECODER
};
