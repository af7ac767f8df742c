//! DeepSeek V2 and its many heirs: attention over latent rows, of which one, with a rotated part, is all that is kept of a
//! token; dense layers first, then experts beside shared ones, chosen by a softmax, or by a sigmoid with a bias and in groups.
//! Files with `attn_kv_b` in one have K and V of every head made of the latent row, as other models keep them.
//! Source: DeepSeek-V2 2024, DeepSeek-V3 2024; HF `DeepseekV3ForCausalLM`. Golden: `golden/arch/deepseek2.json`.

use super::{
    Architecture, Attention, AttentionScale, Branch, Ffn, Growth, LogMultiplier, Moe, Normalise, Part,
    RopeRule,
};

pub(super) const ATTENTION: Attention =
    Attention { scale: AttentionScale::YarnSquared, growth: Growth::KeyLength, ..Attention::GQA };

pub(super) const EXPERTS: Part =
    Part::FfnOrMoe(Ffn::SWIGLU, Moe { normalise: Normalise::Key(false), ..Moe::SOFTMAX });

/// See the file's head.
pub const DEEPSEEK2: Architecture = Architecture {
    gguf_name: "deepseek2",
    models: "DeepSeek V2, V2.5, V3, V3.1, R1, Kimi K2, GLM 4.7 Flash, GigaChat 3",
    kinds: &[&[Branch::new(&["attn_norm"], Part::Latent(ATTENTION)), Branch::new(&["ffn_norm"], EXPERTS)]],
    rope: RopeRule { log_multiplier: LogMultiplier::TenthUnscaled, ..RopeRule::INTERLEAVED },
    ..Architecture::DECODER
};
