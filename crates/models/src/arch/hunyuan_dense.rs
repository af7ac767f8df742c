//! Hunyuan, dense: Llama's block with halves paired and an RMS norm on each head of q and k after the rotation,
//! whose base grows with a constant `alpha`; most files have it multiplied in.
//!
//! Source: HF `HunYuanDenseV1ForCausalLM`. Golden: `golden/arch/hunyuan-dense.json`.

use super::{Architecture, Attention, Branch, Ffn, RopeRule};

/// See the file's head.
pub const HUNYUAN_DENSE: Architecture = Architecture {
    gguf_name: "hunyuan-dense",
    models: "Hunyuan 0.5B-7B, HY-MT",
    kinds: &[&[Branch::attention(Attention::QK_NORM_AFTER_ROPE), Branch::ffn(Ffn::SWIGLU)]],
    rope: RopeRule { alpha: true, ..RopeRule::NEOX },
    // Its configuration counts the one feed-forward as an expert.
    unread_keys: &["expert_count", "expert_used_count"],
    ..Architecture::DECODER
};
