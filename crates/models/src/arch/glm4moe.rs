//! GLM-4.5 to 4.7 and Solar Open: a sigmoid router with a bias for the choice only, behind a few dense layers.
//!
//! `post_attention_norm` is the norm before the feed-forward. Half of a head is rotated. The large models have norms on q
//! and k, the small ones none. Layers that predict further tokens come last and are not run.
//! Source: GLM-4.5 technical report 2025; HF `Glm4MoeForCausalLM`. Golden: `golden/arch/glm4moe.json`.

use super::{Architecture, Attention, Branch, ExpertWidth, Ffn, Moe, Normalise, Part, QkNorm};

/// See the file's head.
pub const GLM4MOE: Architecture = Architecture {
    gguf_name: "glm4moe",
    models: "GLM-4.5, GLM-4.5-Air, GLM-4.6, GLM-4.7, Solar Open",
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention {
                qk_norm: QkNorm { optional: true, ..QkNorm::PER_HEAD },
                ..Attention::GQA
            }),
        ),
        Branch::new(
            &["post_attention_norm"],
            Part::FfnOrMoe(
                Ffn::SWIGLU,
                Moe { normalise: Normalise::Key(false), width: ExpertWidth::FfnKeyOverUsed, ..Moe::SIGMOID },
            ),
        ),
    ]],
    ..Architecture::DECODER
};
