//! ERNIE 4.5, dense: Llama's block.
//!
//! Source: ERNIE 4.5 report 2025; HF `Ernie4_5ForCausalLM`. Golden: `golden/arch/ernie4_5.json`.

use super::{Architecture, RopeRule};

/// See the file's head.
pub const ERNIE4_5: Architecture = Architecture {
    gguf_name: "ernie4_5",
    models: "ERNIE 4.5 0.3B",
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
