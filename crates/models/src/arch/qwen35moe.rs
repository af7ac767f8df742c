//! Qwen3.5 and 3.6 with experts: as the dense ones, every layer a mixture with a gated shared expert.
//!
//! Source: HF `Qwen3_5MoeForConditionalGeneration`, its text model. Golden: `golden/arch/qwen35moe.json`.

use super::{Architecture, Attention, Branch, DeltaNet, Moe, Part, Pick, RecurrentLayers};

const FFN: Branch = Branch::new(&["post_attention_norm"], Part::Moe(Moe::SOFTMAX));

/// See the file's head.
pub const QWEN35MOE: Architecture = Architecture {
    gguf_name: "qwen35moe",
    models: "Qwen3.5-35B-A3B, 122B, 397B, Qwen3.6-35B-A3B",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::DeltaNet(DeltaNet { is_tiled: true })), FFN],
        &[Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM_GATED)), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::Interval(4)),
    ..Architecture::DECODER
};
