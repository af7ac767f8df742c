//! PLM: attention over latent rows from which K and V of every head are made; squared ReLU without a gate.
//! Source: PLM technical report 2025; HF `PLMForCausalLM`. Golden: `golden/arch/plm.json`.

use super::{Architecture, Attention, Branch, Ffn, Part, RopeRule};

/// See the file's head.
pub const PLM: Architecture = Architecture {
    gguf_name: "plm",
    models: "PLM-1.8B",
    kinds: &[&[Branch::new(&["attn_norm"], Part::Latent(Attention::GQA)), Branch::ffn(Ffn::RELU_SQUARED)]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
