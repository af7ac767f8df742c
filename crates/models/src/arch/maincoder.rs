//! Maincoder: Llama's block with an RMS norm on each head of q and k after the rotation.
//!
//! Source: HF `MaincoderForCausalLM`. Golden: `golden/arch/maincoder.json`.

use super::{Architecture, Attention, Branch, Ffn, RopeRule};

/// See the file's head.
pub const MAINCODER: Architecture = Architecture {
    gguf_name: "maincoder",
    models: "Maincoder-1B",
    kinds: &[&[Branch::attention(Attention::QK_NORM_AFTER_ROPE), Branch::ffn(Ffn::SWIGLU)]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
