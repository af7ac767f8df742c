//! Refact: Llama's block with ALiBi instead of rotation, and one KV head for all.
//!
//! Source: HF `GPTRefactForCausalLM`. Golden: `golden/arch/refact.json`.

use super::{Alibi, Architecture, Attention, Branch, Ffn, RopeRule};

/// See the file's head.
pub const REFACT: Architecture = Architecture {
    gguf_name: "refact",
    models: "Refact 1.6B",
    kinds: &[&[
        Branch::attention(Attention { alibi: Alibi::Max(8.0), ..Attention::GQA }),
        Branch::ffn(Ffn::SWIGLU),
    ]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
