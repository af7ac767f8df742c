//! InternLM 2: Llama's block. Converters take q, k and v out of the authors' one matrix.
//!
//! Source: InternLM2 report 2024; HF `InternLM2ForCausalLM`. Golden: `golden/arch/internlm2.json`.

use super::{Architecture, RopeRule};

/// See the file's head.
pub const INTERNLM2: Architecture = Architecture {
    gguf_name: "internlm2",
    models: "InternLM 2, InternLM 2.5",
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
