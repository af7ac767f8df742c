//! The first DeepSeek with experts: Llama's block, experts behind a dense layer, router weights as they are, and experts
//! that every token uses, as one.
//! Source: Dai et al. 2024; HF `DeepseekForCausalLM`. Golden: `golden/arch/deepseek.json`.

use super::{Architecture, Branch, Ffn, Moe, Part, RopeRule};

/// See the file's head.
pub const DEEPSEEK: Architecture = Architecture {
    gguf_name: "deepseek",
    models: "DeepSeek-MoE-16B",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX_RAW)),
    ]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
