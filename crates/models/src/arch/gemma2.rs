//! Gemma 2: Gemma's block with a norm after each part too, soft caps on scores and logits, and a window in every
//! other layer.
//!
//! Converters add the 1 of Gemma's `(1 + weight)` norms into the weights. The 27B model (46 layers) scales
//! attention by its width per head rather than by its head width. Files from before the caps were understood lack
//! their keys.
//! Source: Gemma 2 report 2024; HF `Gemma2ForCausalLM`. Golden: `golden/arch/gemma2.json`.

use super::{Architecture, Attention, AttentionScale, Branch, Embedding, Ffn, Head, Period, Span, Windows};

/// See the file's head.
pub const GEMMA2: Architecture = Architecture {
    gguf_name: "gemma2",
    models: "Gemma 2",
    embedding: Embedding::SQRT_WIDTH,
    kinds: &[&[
        Branch::attention(Attention {
            scale: AttentionScale::WidthPerHeadAtDepth(46),
            score_cap: 50.0,
            ..Attention::GQA
        })
        .post_norm(&["post_attention_norm"]),
        Branch::ffn(Ffn::GEGLU).post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows { span: Span::KeyOr(4096), period: Period::LastOf(2), ..Windows::FULL },
    head: Head { soft_cap: 30.0, ..Head::PLAIN },
    ..Architecture::DECODER
};
