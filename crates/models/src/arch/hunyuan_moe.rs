//! Hunyuan with experts: norms on q and k after the rotation, and an expert that every token uses.
//!
//! Converters fold the scaling of the rotation into its base.
//! Source: Tencent Hunyuan-A13B technical report 2025; HF `HunYuanMoEV1ForCausalLM`. Golden:
//! `golden/arch/hunyuan-moe.json`.

use gollum_kernels::NormPlace;

use super::{Architecture, Attention, Branch, Moe, Part, QkNorm, SharedWidth};

/// See the file's head.
pub const HUNYUAN_MOE: Architecture = Architecture {
    gguf_name: "hunyuan-moe",
    models: "Hunyuan-A13B",
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention {
                qk_norm: QkNorm { place: NormPlace::AfterRope, ..QkNorm::PER_HEAD },
                ..Attention::GQA
            }),
        ),
        Branch::new(&["ffn_norm"], Part::Moe(Moe { shared_width: SharedWidth::FfnKey, ..Moe::SOFTMAX })),
    ]],
    ..Architecture::DECODER
};
