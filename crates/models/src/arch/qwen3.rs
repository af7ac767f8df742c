//! Qwen 3: Llama's block with an RMS norm on each head of q and k instead of Qwen 2's biases, and halves paired.
//!
//! Long-context files are YaRN-scaled. Files in NVFP4 keep a scale per tensor.
//! Source: Qwen3 technical report 2025; HF `Qwen3ForCausalLM`. Golden: `golden/arch/qwen3.json`.

use super::{Architecture, Attention, Branch, Ffn, Ranking};

/// See the file's head.
pub const QWEN3: Architecture = Architecture {
    gguf_name: "qwen3",
    models: "Qwen3 0.6B-32B",
    kinds: &[&[Branch::attention(Attention::QK_NORM), Branch::ffn(Ffn::SWIGLU)]],
    ranking: Ranking::LAST,
    ..Architecture::DECODER
};
