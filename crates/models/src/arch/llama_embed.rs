//! Llama without a causal mask.
//!
//! Source: Babakhin et al. 2025; HF `LlamaBidirectionalModel`. Golden: `golden/arch/llama-embed.json`.

use super::{Architecture, Direction, RopeRule};

/// See the file's head.
pub const LLAMA_EMBED: Architecture = Architecture {
    gguf_name: "llama-embed",
    models: "llama-embed-nemotron-8b",
    direction: Direction::Both,
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
