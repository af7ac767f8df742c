//! PLaMo: attention and feed-forward side by side on one RMS norm, halves paired.
//!
//! The converter shuffles the heads of q so that they share k and v as in grouped-query attention.
//! Source: HF `PlamoForCausalLM`. Golden: `golden/arch/plamo.json`.

use super::{Architecture, Attention, Branch, Part};

/// See the file's head.
pub const PLAMO: Architecture = Architecture {
    gguf_name: "plamo",
    models: "PLaMo-13B",
    kinds: &[&[Branch::attention(Attention::GQA).beside(&["attn_norm"], Part::SWIGLU)]],
    ..Architecture::DECODER
};
