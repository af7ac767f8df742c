//! Ling and Ring 2: norms on q and k, half of a head rotated, a sigmoid router over groups of experts with a bias for the
//! choice only, behind a dense layer.
//!
//! The width of a shared expert counts once for each of them. Layers that predict further tokens come last and are not
//! run.
//! Source: Ling 2.0 technical report 2025; HF `BailingMoeV2ForCausalLM`. Golden: `golden/arch/bailingmoe2.json`.

use super::{Architecture, Attention, Branch, Ffn, Moe, Normalise, Part, SharedWidth};

/// See the file's head.
pub const BAILINGMOE2: Architecture = Architecture {
    gguf_name: "bailingmoe2",
    models: "Ling-mini/flash/1T 2.0, Ring 2.0, sarvam-30b",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(
                Ffn::SWIGLU,
                Moe {
                    normalise: Normalise::Key(false),
                    shared_width: SharedWidth::KeyPerSharedExpert,
                    ..Moe::SIGMOID
                },
            ),
        ),
    ]],
    ..Architecture::DECODER
};
