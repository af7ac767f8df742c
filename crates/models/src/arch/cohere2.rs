//! Command-R7B and Command-A: Command-R with a window in three of four layers; the fourth is not rotated.
//!
//! Source: HF `Cohere2ForCausalLM`. Golden: `golden/arch/cohere2.json`.

use super::{Architecture, Attention, Branch, Head, Norms, Part, Period, RopeRule, Span, Unrotated, Windows};

/// See the file's head.
pub const COHERE2: Architecture = Architecture {
    gguf_name: "cohere2",
    models: "Command-R7B, Command-A, Tiny Aya",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention::GQA).beside(&["attn_norm"], Part::SWIGLU)]],
    windows: Windows { span: Span::Key, period: Period::LastOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::Full, ..RopeRule::INTERLEAVED },
    head: Head::MULTIPLIED,
    ..Architecture::DECODER
};
