//! Orion: Llama's block with LayerNorms, and halves paired.
//!
//! Source: Orion-14B report 2024; HF `OrionForCausalLM`. Golden: `golden/arch/orion.json`.

use super::{Architecture, Norms};

/// See the file's head.
pub const ORION: Architecture =
    Architecture { gguf_name: "orion", models: "Orion-14B", norms: Norms::Layer, ..Architecture::DECODER };
