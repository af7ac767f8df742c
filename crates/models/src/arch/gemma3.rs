//! Gemma 3, text: Llama's block with a norm after each part, a norm on each q and k head, tanh-GELU, scaled
//! embeddings, and a sliding window in five of six layers, which rotate with a base of their own.
//!
//! Converters add the 1 of Gemma's `(1 + weight)` norms into the weights. The 27B model (62 layers) scales
//! attention by its query width per head rather than by its head width.
//! Source: Gemma 3 technical report 2025; HF `Gemma3ForCausalLM`. Golden: `golden/arch/gemma3.json`.

use gollum_kernels::{Activation, RopeKind};

use super::{Architecture, Attention, AttentionScale, Branch, EmbeddingScale, Part, QkNorm, Windows};

/// See the file's head.
pub const GEMMA3: Architecture = Architecture {
    gguf_name: "gemma3",
    embedding_scale: EmbeddingScale::SqrtWidth,
    layer: &[
        Branch {
            norm: "attn_norm",
            part: Part::Attention(Attention {
                rope: RopeKind::Neox,
                qk_norm: QkNorm::PerHead,
                scale: AttentionScale::WidthPerHeadAtDepth(62),
            }),
            post_norm: Some("post_attention_norm"),
        },
        Branch {
            norm: "ffn_norm",
            part: Part::GatedFfn(Activation::GeluTanh),
            post_norm: Some("post_ffw_norm"),
        },
    ],
    windows: Windows::LastOfEvery { period: 6, local_freq_base: 10_000.0 },
    rope_factors: None,
};
