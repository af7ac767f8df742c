//! OLMo 1: Llama's block with LayerNorms that have neither weights nor biases; some models clamp q, k and v.
//!
//! Source: OLMo report 2024; HF `OlmoForCausalLM`. Golden: `golden/arch/olmo.json`.

use super::{Architecture, Norms, RopeRule};

/// See the file's head.
pub const OLMO: Architecture = Architecture {
    gguf_name: "olmo",
    models: "OLMo 1, OLMo 1.7",
    norms: Norms::LayerUnweighted,
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
