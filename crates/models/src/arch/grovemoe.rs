//! GroveMoE: Qwen3 with experts, and beside each pair of experts a small one, their adjugate.
//!
//! ```text
//! mixture(x) = sum over the chosen e of w_e * (expert_e(x) + expert_group_scale * adjugate_{e / experts_per_group}(x))
//! ```
//! Experts are chosen by the sigmoid of their logits, which orders them as the softmax does that weighs them. An adjugate
//! reads what its experts read, with their weights; of two chosen experts of one group it counts twice.
//!
//! So says the authors' code. llama.cpp has adjugates read the mixture's *output* in place of its input, and takes for
//! their weights those of experts 0, 1, .., as if numbers of groups were numbers of experts: neither is what the models
//! were trained with, and neither is followed. Where both are without effect, at a scale of 0, llama.cpp agrees.
//! Source: Grove MoE 2025 (arXiv 2508.07785); HF and SGLang `GroveMoeForCausalLM`. Golden: `golden/arch/grovemoe.json`.

use super::{Architecture, Attention, Branch, ExpertWidth, Moe, Part};

/// See the file's head.
pub const GROVEMOE: Architecture = Architecture {
    gguf_name: "grovemoe",
    models: "GroveMoE-Base, GroveMoE-Inst",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(
            &["ffn_norm"],
            Part::Moe(Moe { width: ExpertWidth::FfnKeyOverUsed, adjugate: true, ..Moe::SOFTMAX }),
        ),
    ]],
    ..Architecture::DECODER
};
