//! Grok 1 and 2: a norm after each part, a soft cap on scores and, in Grok 2, on logits, GELU-gated experts.
//!
//! Grok 2 has a dense feed-forward beside the experts, and takes their sum over sqrt(2). Files name a soft cap of router
//! logits and a length from which on queries grow; llama.cpp applies neither, and nor does this.
//! Source: xAI, Grok-1 code 2024; SGLang's Grok 2. Golden: `golden/arch/grok.json`.

use std::f32::consts::FRAC_1_SQRT_2;

use gollum_kernels::Activation;

use super::{
    Architecture, Attention, AttentionScale, Branch, Embedding, EmbeddingScale, Head, LogitScale, Moe, Part,
    SharedTensors, SharedWidth,
};

/// See the file's head.
pub const GROK: Architecture = Architecture {
    gguf_name: "grok",
    models: "Grok-1, Grok-2",
    embedding: Embedding { scale: EmbeddingScale::Key(78.383_67), ..Embedding::PLAIN },
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention {
                scale: AttentionScale::OutputScaleKey(0.088_388_35),
                score_cap: 30.0,
                ..Attention::GQA
            }),
        )
        .post_norm(&["attn_output_norm"]),
        Branch::new(
            &["ffn_norm"],
            Part::Moe(Moe {
                activation: Activation::GeluTanh,
                shared: SharedTensors::Dense,
                shared_width: SharedWidth::FfnKey,
                scale_with_shared: FRAC_1_SQRT_2,
                ..Moe::SOFTMAX
            }),
        )
        .post_norm(&["layer_output_norm", "post_ffw_norm"]),
    ]],
    head: Head { scale: LogitScale::Multiply(0.577_350_26), ..Head::PLAIN },
    unread_keys: &["router_logit_softcapping", "attention.temperature_length"],
    ..Architecture::DECODER
};
