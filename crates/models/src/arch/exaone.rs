//! EXAONE 3: Llama's block with halves paired. Long-context scaling arrives as `rope_freqs.weight`.
//!
//! Source: EXAONE 3.5 report 2024; HF `ExaoneForCausalLM`. Golden: `golden/arch/exaone.json`.

use super::Architecture;

/// See the file's head.
pub const EXAONE: Architecture =
    Architecture { gguf_name: "exaone", models: "EXAONE 3, EXAONE 3.5", ..Architecture::DECODER };
