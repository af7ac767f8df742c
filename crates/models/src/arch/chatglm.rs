//! ChatGLM 3 and the first GLM 4: Llama's block with half of each head rotated, neighbours paired, q, k and v in
//! one matrix with a bias, the gate in the first rows of `ffn_up`.
//!
//! Source: GLM-4 report 2024; HF `ChatGLMModel`. Golden: `golden/arch/chatglm.json`.

use super::{Architecture, RopeRule};

/// See the file's head.
pub const CHATGLM: Architecture = Architecture {
    gguf_name: "chatglm",
    models: "ChatGLM3, GLM-4-9B",
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
