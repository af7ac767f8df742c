//! XVERSE: Llama's block.
//!
//! Source: HF `XverseForCausalLM`. Golden: `golden/arch/xverse.json`.

use super::{Architecture, RopeRule};

/// See the file's head.
pub const XVERSE: Architecture = Architecture {
    gguf_name: "xverse",
    models: "XVERSE 7B, 13B, 65B",
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
