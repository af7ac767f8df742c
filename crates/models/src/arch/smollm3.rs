//! SmolLM 3: Llama's block with every fourth layer unrotated.
//!
//! Source: HF `SmolLM3ForCausalLM`. Golden: `golden/arch/smollm3.json`.

use super::{Architecture, RopeRule, Unrotated};

/// See the file's head.
pub const SMOLLM3: Architecture = Architecture {
    gguf_name: "smollm3",
    models: "SmolLM3",
    rope: RopeRule { unrotated: Unrotated::LastOf(4), ..RopeRule::INTERLEAVED },
    ..Architecture::DECODER
};
