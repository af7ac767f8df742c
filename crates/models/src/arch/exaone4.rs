//! EXAONE 4: norms after the parts instead of before, an RMS norm on each head of q and k; the 32B model has a
//! window in three of four layers and does not rotate the fourth.
//!
//! Source: EXAONE 4.0 report 2025; HF `Exaone4ForCausalLM`. Golden: `golden/arch/exaone4.json`.

use super::{Architecture, Attention, Branch, Part, Period, RopeRule, Span, Unrotated, Windows};

/// See the file's head.
pub const EXAONE4: Architecture = Architecture {
    gguf_name: "exaone4",
    models: "EXAONE 4.0, EXAONE 4.5",
    kinds: &[&[
        Branch::new(&[], Part::Attention(Attention::QK_NORM)).post_norm(&["post_attention_norm"]),
        Branch::new(&[], Part::SWIGLU).post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows { span: Span::Key, period: Period::LastOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::Full, ..RopeRule::NEOX },
    ..Architecture::DECODER
};
