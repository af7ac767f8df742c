//! Phi-3.5-MoE: norms, attention and logits with biases, longrope's factors of the rotation.
//!
//! Files name a window as long as the context, which llama.cpp does not apply.
//! Source: Phi-3 technical report 2024; HF `PhiMoEForCausalLM`. Golden: `golden/arch/phimoe.json`.

use super::{Architecture, Branch, Moe, Part};

/// See the file's head.
pub const PHIMOE: Architecture = Architecture {
    gguf_name: "phimoe",
    models: "Phi-3.5-MoE, Phi-mini-MoE, Phi-tiny-MoE",
    kinds: &[&[Branch::new(&["attn_norm"], Part::GQA), Branch::new(&["ffn_norm"], Part::Moe(Moe::SOFTMAX))]],
    unread_keys: &["attention.sliding_window"],
    ..Architecture::DECODER
};
