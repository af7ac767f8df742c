//! Jais 2: LayerNorms, an ungated squared ReLU, biases everywhere, halves paired.
//!
//! Source: HF `Jais2ForCausalLM`. Golden: `golden/arch/jais2.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms};

/// See the file's head.
pub const JAIS2: Architecture = Architecture {
    gguf_name: "jais2",
    models: "Jais 2",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::RELU_SQUARED)]],
    ..Architecture::DECODER
};
