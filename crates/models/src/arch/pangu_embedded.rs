//! openPangu Embedded: Qwen 2's block with a bias on the output of attention too.
//!
//! Source: HF `PanguEmbeddedForCausalLM`. Golden: `golden/arch/pangu-embedded.json`.

use super::Architecture;

/// See the file's head.
pub const PANGU_EMBEDDED: Architecture = Architecture {
    gguf_name: "pangu-embedded",
    models: "openPangu Embedded 1B, 7B",
    ..Architecture::DECODER
};
