//! Laguna: norms on q and k, a softplus gate on each head that was attended or on each of its elements; three of four
//! layers have a window, more heads, and a plain rotation; dense layers first, then experts chosen by a sigmoid with a bias.
//! Source: HF `LagunaForCausalLM`. Golden: `golden/arch/laguna.json`.

use gollum_kernels::Activation;

use super::{
    Architecture, Attention, Branch, Ffn, GateOver, Moe, Normalise, OutputGate, Part, Period, Span, Windows,
};

/// See the file's head.
pub const LAGUNA: Architecture = Architecture {
    gguf_name: "laguna",
    models: "Laguna XS, S, M",
    kinds: &[&[
        Branch::attention(Attention {
            gate: OutputGate::Own(Activation::Softplus, GateOver::Either),
            ..Attention::QK_NORM
        }),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(Ffn::SWIGLU, Moe { normalise: Normalise::Key(false), ..Moe::SIGMOID }),
        ),
    ]],
    windows: Windows { span: Span::Key, period: Period::FirstOf(4), local_scaled: false, ..Windows::FULL },
    ..Architecture::DECODER
};
