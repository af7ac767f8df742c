//! Seed-OSS: Qwen 2's block, biases on q, k and v; the norm before its feed-forward goes by the name of one after
//! attention.
//!
//! Source: HF `SeedOssForCausalLM`. Golden: `golden/arch/seed_oss.json`.

use super::{Architecture, Attention, Branch, Part};

/// See the file's head.
pub const SEED_OSS: Architecture = Architecture {
    gguf_name: "seed_oss",
    models: "Seed-OSS-36B",
    kinds: &[&[Branch::attention(Attention::GQA), Branch::new(&["post_attention_norm"], Part::SWIGLU)]],
    ..Architecture::DECODER
};
