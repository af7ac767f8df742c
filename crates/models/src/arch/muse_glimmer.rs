//! Muse Glimmer: embeddings normed without weights, norms before and after each part, norms on q and k, a gate on each
//! element that was attended; three of four layers have a window and only they are rotated. Logits are multiplied and
//! capped.
//! Source: HF `MuseGlimmerForCausalLM`. Golden: `golden/arch/muse-glimmer.json`.

use gollum_kernels::Activation;

use super::{
    Architecture, Attention, Branch, Embedding, Ffn, GateOver, Head, OutputGate, Part, Period, RopeRule,
    Span, Unrotated, Windows,
};

/// See the file's head.
pub const MUSE_GLIMMER: Architecture = Architecture {
    gguf_name: "muse-glimmer",
    models: "Muse Glimmer",
    embedding: Embedding { norm_unweighted: true, ..Embedding::PLAIN },
    kinds: &[&[
        Branch::attention(Attention {
            gate: OutputGate::Own(Activation::Sigmoid, GateOver::Element),
            ..Attention::QK_NORM
        })
        .post_norm(&["post_attention_norm"]),
        Branch::new(&["ffn_norm"], Part::Ffn(Ffn::SWIGLU)).post_norm(&["post_ffw_norm"]),
    ]],
    post_norm_eps: Some(1e-8),
    windows: Windows { span: Span::Key, period: Period::LastOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::Full, ..RopeRule::INTERLEAVED },
    head: Head::MULTIPLIED,
    ..Architecture::DECODER
};
