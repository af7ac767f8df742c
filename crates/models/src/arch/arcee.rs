//! Arcee's AFM: Llama's block with an ungated squared ReLU; YaRN in the long-context version.
//!
//! Source: HF `ArceeForCausalLM`. Golden: `golden/arch/arcee.json`.

use super::{Architecture, Attention, Branch, Ffn, RopeRule};

/// See the file's head.
pub const ARCEE: Architecture = Architecture {
    gguf_name: "arcee",
    models: "AFM-4.5B",
    kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::RELU_SQUARED)]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
