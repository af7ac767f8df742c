//! Falcon: attention and an ungated tanh-GELU feed-forward side by side behind LayerNorms, halves paired, q, k and
//! v in one matrix that converters sort by kind.
//!
//! One norm serves both parts in the 7B model; in the others attention has its own, `attn_norm_2`.
//! Source: Falcon report 2023; HF `FalconForCausalLM`. Golden: `golden/arch/falcon.json`.

use super::{Architecture, Branch, Ffn, Norms, Part};

/// See the file's head.
pub const FALCON: Architecture = Architecture {
    gguf_name: "falcon",
    models: "Falcon 7B, 40B, Falcon 2 11B",
    norms: Norms::Layer,
    kinds: &[&[
        Branch::new(&["attn_norm_2", "attn_norm"], Part::GQA).beside(&["attn_norm"], Part::Ffn(Ffn::GELU))
    ]],
    ..Architecture::DECODER
};
