//! Qwen3.5 and 3.6, dense: three layers of the gated delta rule to one of gated attention.
//!
//! Value heads are stored tiled over the key heads. `post_attention_norm` is the norm before the feed-forward.
//! Source: HF `Qwen3_5ForConditionalGeneration`, its text model. Golden: `golden/arch/qwen35.json`.

use super::{Architecture, Attention, Branch, DeltaNet, Part, Pick, RecurrentLayers};

const FFN: Branch = Branch::new(&["post_attention_norm"], Part::SWIGLU);

/// See the file's head.
pub const QWEN35: Architecture = Architecture {
    gguf_name: "qwen35",
    models: "Qwen3.5 0.8B to 27B, Qwen3.6-27B",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::DeltaNet(DeltaNet { is_tiled: true })), FFN],
        &[Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM_GATED)), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::Interval(4)),
    ..Architecture::DECODER
};
