//! Command with experts: attention and feed-forward side by side behind one LayerNorm, a window in three layers of four.
//!
//! The first of four sees all and is unrotated, but for the leading dense layers, which are rotated. Routed and shared
//! experts are averaged. Layers that predict further tokens come last and are not run.
//! Source: HF `Cohere2MoeForCausalLM`. Golden: `golden/arch/cohere2moe.json`.

use super::{
    Architecture, Attention, Branch, Ffn, Head, Moe, Normalise, Norms, Part, Period, RopeRule, Span,
    Unrotated, Windows,
};

/// See the file's head.
pub const COHERE2MOE: Architecture = Architecture {
    gguf_name: "cohere2moe",
    models: "North-Mini-Code",
    norms: Norms::LayerUnlessRmsEps,
    kinds: &[&[Branch::new(&["attn_norm"], Part::Attention(Attention::GQA)).beside(
        &["attn_norm"],
        Part::FfnOrMoe(
            Ffn::SWIGLU,
            Moe { normalise: Normalise::Key(false), scale_with_shared: 0.5, ..Moe::SIGMOID },
        ),
    )]],
    windows: Windows { span: Span::Key, period: Period::FirstOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::FullBehindLead, ..RopeRule::INTERLEAVED },
    head: Head::MULTIPLIED,
    ..Architecture::DECODER
};
