//! Baichuan: Llama's block. The 13B models (40 layers) know positions by ALiBi instead of rotation; files do not
//! say so.
//!
//! Source: Baichuan 2 report 2023; HF `BaichuanForCausalLM`. Golden: `golden/arch/baichuan.json`.

use super::{Alibi, Architecture, Attention, Branch, Ffn, RopeRule, Unrotated};

/// Layers of the 13B models.
const DEPTH_OF_13B: usize = 40;

/// See the file's head.
pub const BAICHUAN: Architecture = Architecture {
    gguf_name: "baichuan",
    models: "Baichuan 1, Baichuan 2",
    kinds: &[&[
        Branch::attention(Attention { alibi: Alibi::MaxAtDepth(8.0, DEPTH_OF_13B), ..Attention::GQA }),
        Branch::ffn(Ffn::SWIGLU),
    ]],
    rope: RopeRule { unrotated: Unrotated::AllAtDepth(DEPTH_OF_13B), ..RopeRule::INTERLEAVED },
    ..Architecture::DECODER
};
