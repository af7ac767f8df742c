//! MiniCPM: Llama's block with multipliers on embeddings, branches and logits, which old files leave to the reader.
//!
//! MiniCPM 4 has longrope factors, short and long.
//! Source: MiniCPM report 2024; HF `MiniCPMForCausalLM`. Golden: `golden/arch/minicpm.json`.

use super::{
    Architecture, Embedding, EmbeddingScale, Head, LogitDivisor, LogitScale, ResidualScale, RopeRule,
};

/// See the file's head.
pub const MINICPM: Architecture = Architecture {
    gguf_name: "minicpm",
    models: "MiniCPM 1, MiniCPM 2, MiniCPM4",
    embedding: Embedding { scale: EmbeddingScale::Key(12.0), ..Embedding::PLAIN },
    rope: RopeRule::INTERLEAVED,
    residual_scale: ResidualScale::KeyOrByDepth(1.4),
    head: Head { scale: LogitScale::Divide(LogitDivisor::OverWidth(256.0)), ..Head::PLAIN },
    ..Architecture::DECODER
};
