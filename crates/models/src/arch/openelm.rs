//! OpenELM: heads and widths that grow from layer to layer, an RMS norm on each head of q and k, halves paired, q,
//! k and v in one matrix.
//!
//! The output is the embedding matrix.
//! Source: OpenELM report 2024; HF `OpenELMForCausalLM`. Golden: `golden/arch/openelm.json`.

use super::{Architecture, Attention, Branch, Ffn};

/// See the file's head.
pub const OPENELM: Architecture = Architecture {
    gguf_name: "openelm",
    models: "OpenELM",
    kinds: &[&[Branch::attention(Attention::QK_NORM), Branch::ffn(Ffn::SWIGLU)]],
    ..Architecture::DECODER
};
