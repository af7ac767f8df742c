//! AFMoE: norms before and after each part, norms on q and k, a gate on each element that was attended; three of four
//! layers have a window, the fourth is unrotated; dense layers first, then experts chosen by a sigmoid with a bias.
//! Source: HF `AfmoeForCausalLM`. Golden: `golden/arch/afmoe.json`.

use gollum_kernels::Activation;

use super::{
    Architecture, Attention, Branch, Embedding, Ffn, GateOver, Moe, Normalise, OutputGate, Part, Period,
    RopeRule, Span, Unrotated, Windows,
};

/// See the file's head.
pub const AFMOE: Architecture = Architecture {
    gguf_name: "afmoe",
    models: "Trinity Nano, Mini, Large",
    embedding: Embedding::SQRT_WIDTH,
    kinds: &[&[
        Branch::attention(Attention {
            gate: OutputGate::Own(Activation::Sigmoid, GateOver::Element),
            ..Attention::QK_NORM
        })
        .post_norm(&["post_attention_norm"]),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(Ffn::SWIGLU, Moe { normalise: Normalise::Key(false), ..Moe::SIGMOID }),
        )
        .post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows { span: Span::Key, period: Period::LastOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::LastOf(4), ..RopeRule::NEOX },
    ..Architecture::DECODER
};
