//! DBRX: LayerNorms without biases, q, k and v in one matrix and limited to `attention.clamp_kqv`.
//!
//! `attn_output_norm` is the norm before the experts.
//! Source: Databricks 2024; HF `DbrxForCausalLM`. Golden: `golden/arch/dbrx.json`.

use super::{Architecture, Branch, Moe, Norms, Part};

/// See the file's head.
pub const DBRX: Architecture = Architecture {
    gguf_name: "dbrx",
    models: "DBRX",
    norms: Norms::Layer,
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["attn_output_norm"], Part::Moe(Moe::SOFTMAX)),
    ]],
    ..Architecture::DECODER
};
