//! Step 3.5: norms on q and k, a gate on each head that was attended; an array says which layers have a window, those that
//! see all rotate half as many elements, with factors; dense or experts, chosen by a sigmoid with a bias, beside a shared
//! one, and limited in the last layers.
//! Source: HF `Step3p5ForCausalLM`. Golden: `golden/arch/step35.json`.

use gollum_kernels::Activation;

use super::{
    Architecture, Attention, Branch, ExpertClamp, Ffn, Moe, Normalise, OutputGate, Part, Period, QkNorm,
    RopeRule, Span, Windows,
};

/// See the file's head.
pub const STEP35: Architecture = Architecture {
    gguf_name: "step35",
    models: "Step 3.5 Flash, 3.7 Flash",
    kinds: &[&[
        Branch::attention(Attention {
            qk_norm: QkNorm { optional: true, ..QkNorm::PER_HEAD },
            gate: OutputGate::OwnIfPresent(Activation::Sigmoid),
            ..Attention::GQA
        }),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(
                Ffn { clamped: true, ..Ffn::SWIGLU },
                Moe { clamp: ExpertClamp::Silu, normalise: Normalise::Key(false), ..Moe::SIGMOID },
            ),
        ),
    ]],
    windows: Windows {
        span: Span::Key,
        period: Period::Given,
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        ..Windows::FULL
    },
    rope: RopeRule { factors_of_full: true, full_halved: true, ..RopeRule::NEOX },
    ..Architecture::DECODER
};
