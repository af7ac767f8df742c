//! DeciLM and the Nemotrons made from Llama by search: Llama's block with heads and widths per layer; a layer may
//! lack attention, have a single matrix in its place, or lack the feed-forward.
//!
//! Source: Bercovich et al. 2024; HF `DeciLMForCausalLM`. Golden: `golden/arch/deci.json`.

use super::{Architecture, RopeRule};

/// See the file's head.
pub const DECI: Architecture = Architecture {
    gguf_name: "deci",
    models: "Llama-3.1-Nemotron 51B, Llama-3.3-Nemotron Super 49B, DeciLM",
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
