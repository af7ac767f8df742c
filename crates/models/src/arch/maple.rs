//! Maple: norms on q and k; an array says which layers have a window, and those that see all are unrotated. Inputs of the
//! experts' SiLU are limited.
//! Source: HF `MapleForCausalLM`. Golden: `golden/arch/maple.json`.

use super::{
    Architecture, Attention, Branch, ExpertClamp, Moe, Part, Period, RopeRule, Span, Unrotated, Windows,
};

/// See the file's head.
pub const MAPLE: Architecture = Architecture {
    gguf_name: "maple",
    models: "maple-preview",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(&["ffn_norm"], Part::Moe(Moe { clamp: ExpertClamp::Gate, ..Moe::SOFTMAX })),
    ]],
    windows: Windows { span: Span::Key, period: Period::Given, ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::Full, ..RopeRule::NEOX },
    ..Architecture::DECODER
};
