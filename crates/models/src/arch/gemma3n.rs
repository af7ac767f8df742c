//! Gemma 3n, text. To Gemma 3 it adds: several residual streams, of which one runs through the layer and corrects what was
//! predicted of all (AltUp); a detour of low rank beside attention (Laurel); an embedding of each layer's own, which the
//! other streams take in; norms on values; gates that are 0 but for the largest in the first layers; last layers that read
//! the K and V of earlier ones. Scores are not scaled.
//!
//! The sample's variance cuts the gates, squares over n - 1, as in llama.cpp; the authors' own code divides by n, of some
//! 8,000. The stream that runs is the first, as in all files.
//! Source: HF `Gemma3nForConditionalGeneration`. Golden: `golden/arch/gemma3n.json`.

use std::f32::consts::FRAC_1_SQRT_2;

use super::{
    Architecture, Attention, AttentionScale, Branch, Embedding, Ffn, Head, Part, Period, SharedTail, Span,
    Sparsity, Streams, Windows,
};

/// See the file's head.
pub const GEMMA3N: Architecture = Architecture {
    gguf_name: "gemma3n",
    models: "Gemma 3n E2B, E4B",
    embedding: Embedding { per_layer: Some(256), ..Embedding::SQRT_WIDTH },
    streams: Streams::AltUp,
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention {
                scale: AttentionScale::One,
                v_norm: true,
                shared_tail: SharedTail::KeyOrBehind(20),
                ..Attention::QK_NORM
            }),
        )
        .part_norm(&["post_attention_norm"])
        .beside_normed(&["attn_norm"], Part::Laurel, &["laurel_post_norm"])
        .stream_scale(FRAC_1_SQRT_2),
        Branch::new(
            &["ffn_norm"],
            Part::Ffn(Ffn { sparsity: Some(Sparsity { layers: 10, deviations: 1.644_853_4 }), ..Ffn::GEGLU }),
        )
        .post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows {
        span: Span::KeyOr(512),
        period: Period::LastOf(5),
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        ..Windows::FULL
    },
    head: Head { soft_cap: 30.0, ..Head::PLAIN },
    unread_tensors: &["attn_k.weight", "attn_k_norm.weight", "attn_v.weight"],
    ..Architecture::DECODER
};
