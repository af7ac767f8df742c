//! Qwen 1.5 to 2.5: Llama's block with biases on q, k and v, and halves paired in the rotation.
//!
//! Long-context versions are YaRN-scaled. Some files keep a bias of the output too.
//! Source: Qwen2 technical report 2024; HF `Qwen2ForCausalLM`. Golden: `golden/arch/qwen2.json`.

use super::Architecture;

/// See the file's head.
pub const QWEN2: Architecture = Architecture {
    gguf_name: "qwen2",
    models: "Qwen1.5, Qwen2, Qwen2.5, Qwen2.5-Coder, QwQ, R1-Distill-Qwen",
    ..Architecture::DECODER
};
