//! Mellum 2: Qwen3's block with experts, and a window in three layers of four. Only layers that see all are rope-scaled.
//! Source: HF `MellumForCausalLM`. Golden: `golden/arch/mellum.json`.

use super::{Architecture, Period, Span, Windows, qwen3moe::QWEN3MOE};

/// See the file's head.
pub const MELLUM: Architecture = Architecture {
    gguf_name: "mellum",
    models: "Mellum2-12B-A2.5B",
    windows: Windows { span: Span::Key, period: Period::LastOf(4), local_scaled: false, ..Windows::FULL },
    ..QWEN3MOE
};
