//! Nemotron 4: LayerNorms, an ungated squared ReLU, part of each head rotated, halves paired.
//!
//! Converters add the 1 of the `(1 + weight)` norms into the weights.
//! Source: Nemotron-4 15B report 2024; HF `NemotronForCausalLM`. Golden: `golden/arch/nemotron.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms};

/// See the file's head.
pub const NEMOTRON: Architecture = Architecture {
    gguf_name: "nemotron",
    models: "Nemotron-4, Minitron",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::RELU_SQUARED)]],
    ..Architecture::DECODER
};
