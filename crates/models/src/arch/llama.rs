//! Llama and what is built like it: Llama 1 to 3, Mistral, SmolLM 1 and 2, TinyLlama, Yi.
//!
//! Pre-norm blocks, grouped-query attention, SiLU-gated feed-forward. Converters permute the rows of q and k
//! so that the rotation pairs neighbours. Llama 3.1's long-context scaling arrives as `rope_freqs.weight`.
//! Source: Touvron et al. 2023; HF `LlamaForCausalLM`. Golden: `golden/arch/llama.json`.

use gollum_kernels::{Activation, RopeKind};

use super::{Architecture, Attention, AttentionScale, Branch, EmbeddingScale, Part, QkNorm, Windows};

/// See the file's head.
pub const LLAMA: Architecture = Architecture {
    gguf_name: "llama",
    embedding_scale: EmbeddingScale::One,
    layer: &[
        Branch {
            norm: "attn_norm",
            part: Part::Attention(Attention {
                rope: RopeKind::Interleaved,
                qk_norm: QkNorm::None,
                scale: AttentionScale::HeadDim,
            }),
            post_norm: None,
        },
        Branch { norm: "ffn_norm", part: Part::GatedFfn(Activation::Silu), post_norm: None },
    ],
    windows: Windows::Full,
    rope_factors: Some("rope_freqs.weight"),
};
