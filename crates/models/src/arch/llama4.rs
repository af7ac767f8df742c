//! Llama 4, text: three layers in four see only their own stretch of 8192 positions; the fourth is unrotated, sees all,
//! and its queries grow with their position.
//!
//! Rotated layers norm q and k without weights, after the rotation, but not in models with 128 experts. Experts are in
//! every or every other layer, chosen by logits and weighed, at their input, by their sigmoid.
//! Source: Meta, Llama 4 model code 2025; HF `Llama4ForCausalLM`. Golden: `golden/arch/llama4.json`.

use gollum_kernels::{Gating, NormPlace, WeighAt};

use super::{
    Architecture, Attention, Branch, Ffn, Growth, Moe, Normalise, Part, Period, QkNorm, QkNormOver, RopeRule,
    Span, Unrotated, Windows,
};

/// See the file's head.
pub const LLAMA4: Architecture = Architecture {
    gguf_name: "llama4",
    models: "Llama 4 Scout, Llama 4 Maverick",
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention {
                qk_norm: QkNorm {
                    over: QkNormOver::RotatedHeadUnweighted,
                    place: NormPlace::AfterRope,
                    ..QkNorm::NONE
                },
                growth: Growth::Unrotated,
                ..Attention::GQA
            }),
        ),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(
                Ffn::SWIGLU,
                Moe {
                    gating: Gating::SigmoidOfChosen,
                    normalise: Normalise::Never,
                    weigh: WeighAt::Input,
                    ..Moe::SOFTMAX
                },
            ),
        ),
    ]],
    windows: Windows { span: Span::ChunkUnlessZero(8192), period: Period::LastOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::LastOfIfWindowed(4), ..RopeRule::INTERLEAVED },
    ..Architecture::DECODER
};
