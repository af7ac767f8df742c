//! Granite with sliding windows: Granite's multipliers, attention sinks, and arrays that say which layers have a window
//! and which are rotated.
//!
//! Gate and up of the experts, and of the one that every token uses, come as one matrix each.
//! Source: HF `GraniteMoeSWAForCausalLM`. Golden: `golden/arch/granite_swa.json`.

use super::{Architecture, Period, RopeRule, Span, Unrotated, Windows, granitemoe::GRANITEMOE};

/// See the file's head.
pub const GRANITE_SWA: Architecture = Architecture {
    gguf_name: "granite_swa",
    models: "Granite SWA, dense and with experts",
    windows: Windows { span: Span::Key, period: Period::Given, ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::Pattern, ..RopeRule::INTERLEAVED },
    ..GRANITEMOE
};
