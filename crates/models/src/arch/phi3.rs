//! Phi 3 and 4: Llama's block, halves paired, with q, k and v in one matrix and the gate in the first rows of
//! `ffn_up`.
//!
//! Phi-4-mini rotates part of a head; the 128k models have longrope factors, short and long. Files carry the window
//! of Phi-3-mini-4k, which the weights work without: llama.cpp ignores it.
//! Source: Phi-3 technical report 2024; HF `Phi3ForCausalLM`. Golden: `golden/arch/phi3.json`.

use super::Architecture;

/// See the file's head.
pub const PHI3: Architecture = Architecture {
    gguf_name: "phi3",
    models: "Phi-3, Phi-3.5-mini, Phi-4, Phi-4-mini",
    unread_keys: &["attention.sliding_window"],
    ..Architecture::DECODER
};
