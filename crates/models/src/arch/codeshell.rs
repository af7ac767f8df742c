//! CodeShell: LayerNorms, an ungated tanh-GELU, biases everywhere, halves paired.
//!
//! Source: HF `CodeShellForCausalLM`. Golden: `golden/arch/codeshell.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms};

/// See the file's head.
pub const CODESHELL: Architecture = Architecture {
    gguf_name: "codeshell",
    models: "CodeShell-7B",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::GELU)]],
    ..Architecture::DECODER
};
