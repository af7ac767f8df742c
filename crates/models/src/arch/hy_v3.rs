//! Hunyuan 3: norms on q and k, a sigmoid router with a bias for the choice only, behind dense layers, and an expert that
//! every token uses.
//!
//! Layers that predict further tokens come last and are not run.
//! Source: HF `HYV3ForCausalLM`. Golden: `golden/arch/hy_v3.json`.

use super::{Architecture, Attention, Branch, ExpertWidth, Ffn, Moe, Normalise, Part};

/// See the file's head.
pub const HY_V3: Architecture = Architecture {
    gguf_name: "hy_v3",
    models: "Hy3",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(
                Ffn::SWIGLU,
                Moe { normalise: Normalise::Key(false), width: ExpertWidth::FfnKeyOverUsed, ..Moe::SIGMOID },
            ),
        ),
    ]],
    ..Architecture::DECODER
};
