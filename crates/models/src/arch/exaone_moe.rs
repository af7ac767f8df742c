//! K-EXAONE: three layers in four have a window; the fourth sees all and is unrotated. A sigmoid router with a bias for
//! the choice only, behind a dense layer.
//!
//! Layers that predict further tokens come last and are not run.
//! Source: K-EXAONE technical report 2026; HF `ExaoneMoEForCausalLM`. Golden: `golden/arch/exaone-moe.json`.

use super::{
    Architecture, Attention, Branch, Ffn, Moe, Normalise, Part, Period, RopeRule, Span, Unrotated, Windows,
};

/// See the file's head.
pub const EXAONE_MOE: Architecture = Architecture {
    gguf_name: "exaone-moe",
    models: "K-EXAONE-236B-A23B",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(Ffn::SWIGLU, Moe { normalise: Normalise::Key(false), ..Moe::SIGMOID }),
        ),
    ]],
    windows: Windows { span: Span::Key, period: Period::LastOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::Full, ..RopeRule::NEOX },
    ..Architecture::DECODER
};
