//! Granite 3 with experts: Llama's block with multipliers on embeddings, residuals and scores, and a divisor of logits.
//!
//! Files may have an expert that every token uses, and may have no experts at all.
//! Source: IBM Granite 3 technical report 2024; HF `GraniteMoeForCausalLM`, `GraniteMoeSharedForCausalLM`. Golden:
//! `golden/arch/granitemoe.json`.

use super::{Architecture, Branch, Ffn, Head, Moe, Part, RopeRule};

/// See the file's head.
pub const GRANITEMOE: Architecture = Architecture {
    gguf_name: "granitemoe",
    models: "Granite 3.x 1B-A400M, 3B-A800M",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX)),
    ]],
    rope: RopeRule::INTERLEAVED,
    head: Head::DIVIDED,
    ..Architecture::DECODER
};
