//! ERNIE 4.5 with experts: a softmax router with a bias for the choice only, behind a dense layer.
//! Source: ERNIE 4.5 technical report 2025; HF `Ernie4_5_MoeForCausalLM`. Golden: `golden/arch/ernie4_5-moe.json`.

use super::{Architecture, Branch, Ffn, Moe, Part, RopeRule};

/// See the file's head.
pub const ERNIE4_5_MOE: Architecture = Architecture {
    gguf_name: "ernie4_5-moe",
    models: "ERNIE-4.5-21B-A3B, ERNIE-4.5-300B-A47B",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX)),
    ]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
