//! Ling, first generation: Llama's block with experts in every layer, and experts that every token uses, as one.
//! Source: Ling team 2025; HF `BailingMoeForCausalLM`. Golden: `golden/arch/bailingmoe.json`.

use super::{Architecture, Branch, Moe, Normalise, Part, RopeRule};

/// See the file's head.
pub const BAILINGMOE: Architecture = Architecture {
    gguf_name: "bailingmoe",
    models: "Ling-lite, Ling-plus",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["ffn_norm"], Part::Moe(Moe { normalise: Normalise::Key(false), ..Moe::SOFTMAX })),
    ]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
