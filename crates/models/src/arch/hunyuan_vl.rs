//! Hunyuan's models that see images, the text half: Hunyuan, whose positions are one and the same in text.
//!
//! Source: HF `HunYuanVLForConditionalGeneration`. Golden: `golden/arch/hunyuan_vl.json`.

use super::{Architecture, Attention, Branch, Ffn, RopeRule};

/// See the file's head.
pub const HUNYUAN_VL: Architecture = Architecture {
    gguf_name: "hunyuan_vl",
    models: "HunyuanOCR (text)",
    kinds: &[&[Branch::attention(Attention::QK_NORM_AFTER_ROPE), Branch::ffn(Ffn::SWIGLU)]],
    rope: RopeRule { alpha: true, ..RopeRule::NEOX },
    // Its configuration counts the one feed-forward as an expert.
    unread_keys: &["expert_count", "expert_used_count"],
    ..Architecture::DECODER
};
