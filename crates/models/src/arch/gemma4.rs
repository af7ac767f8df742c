//! Gemma 4, text. To Gemma 3 it adds: heads of another width in layers that see all, which rotate with factors; norms on
//! values; in some files layers without `attn_v`, whose values are their keys; last layers that read the K and V of
//! earlier ones; an embedding of each layer's own; and a mixture of experts beside the dense feed-forward, each with norms of
//! its own. Scores are not scaled.
//! Source: HF `Gemma4ForConditionalGeneration`. Golden: `golden/arch/gemma4.json`.

use gollum_kernels::Activation;

use super::{
    Architecture, Attention, AttentionScale, Branch, Embedding, Ffn, Moe, Part, Period, Pick, RopeRule,
    SharedTail, Span, Windows,
};

const ATTENTION: Branch = Branch::new(
    &["attn_norm"],
    Part::Attention(Attention {
        scale: AttentionScale::One,
        v_norm: true,
        k_as_v: true,
        shared_tail: SharedTail::Key,
        ..Attention::QK_NORM
    }),
)
.post_norm(&["post_attention_norm"]);

const OWN_EMBEDDING: Branch = Branch::new(&[], Part::PerLayer).post_norm(&["post_norm"]);

/// See the file's head.
pub const GEMMA4: Architecture = Architecture {
    gguf_name: "gemma4",
    models: "Gemma 4",
    embedding: Embedding { per_layer: Some(0), ..Embedding::SQRT_WIDTH },
    kinds: &[
        &[
            ATTENTION,
            Branch::new(&["ffn_norm"], Part::Ffn(Ffn::GEGLU))
                .part_norm(&["post_ffw_norm_1"])
                .beside_normed(
                    &["pre_ffw_norm_2"],
                    Part::Moe(Moe { activation: Activation::GeluTanh, router_norm: true, ..Moe::SOFTMAX }),
                    &["post_ffw_norm_2"],
                )
                .post_norm(&["post_ffw_norm"]),
            OWN_EMBEDDING,
        ],
        &[
            ATTENTION,
            Branch::new(&["ffn_norm"], Part::Ffn(Ffn::GEGLU)).post_norm(&["post_ffw_norm"]),
            OWN_EMBEDDING,
        ],
    ],
    pick: Pick::HasTensor("ffn_gate_inp"),
    windows: Windows {
        span: Span::Key,
        period: Period::Given,
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        ..Windows::FULL
    },
    rope: RopeRule { factors_of_full: true, ..RopeRule::NEOX },
    unread_tensors: &["attn_k.weight", "attn_k_norm.weight", "attn_v.weight"],
    ..Architecture::DECODER
};
