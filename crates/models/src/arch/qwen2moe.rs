//! Qwen1.5-MoE and Qwen2 with experts: q, k and v with biases, router weights as they are, and an expert that every token
//! uses, times a sigmoid of its own.
//!
//! Files that give no width of that expert have the dense one's.
//! Source: Qwen2 technical report 2024; HF `Qwen2MoeForCausalLM`. Golden: `golden/arch/qwen2moe.json`.

use super::{Architecture, Branch, ExpertWidth, Moe, Part, SharedWidth};

/// See the file's head.
pub const QWEN2MOE: Architecture = Architecture {
    gguf_name: "qwen2moe",
    models: "Qwen1.5-MoE-A2.7B, Qwen2-57B-A14B",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(
            &["ffn_norm"],
            Part::Moe(Moe {
                width: ExpertWidth::FfnKeyOverUsed,
                shared_width: SharedWidth::FfnKey,
                ..Moe::SOFTMAX_RAW
            }),
        ),
    ]],
    ..Architecture::DECODER
};
