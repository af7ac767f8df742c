//! dots.llm1: norms on q and k, a sigmoid router with a bias for the choice only, behind a dense layer, and experts that
//! every token uses, as one.
//! Source: dots.llm1 technical report 2025; HF `Dots1ForCausalLM`. Golden: `golden/arch/dots1.json`.

use super::{Architecture, Attention, Branch, Ffn, Moe, Normalise, Part};

/// See the file's head.
pub const DOTS1: Architecture = Architecture {
    gguf_name: "dots1",
    models: "dots.llm1",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(Ffn::SWIGLU, Moe { normalise: Normalise::Key(false), ..Moe::SIGMOID }),
        ),
    ]],
    ..Architecture::DECODER
};
