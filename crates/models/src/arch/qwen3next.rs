//! Qwen3-Next: three layers of the gated delta rule to one of gated attention; every layer is a mixture.
//!
//! Value heads of a key head follow each other. `post_attention_norm` is the norm before the mixture.
//! Source: HF `Qwen3NextForCausalLM`; gated delta networks, arXiv:2412.06464. Golden: `golden/arch/qwen3next.json`.

use super::{Architecture, Attention, Branch, DeltaNet, Moe, Part, Pick, RecurrentLayers};

const FFN: Branch = Branch::new(&["post_attention_norm"], Part::Moe(Moe::SOFTMAX));

/// See the file's head.
pub const QWEN3NEXT: Architecture = Architecture {
    gguf_name: "qwen3next",
    models: "Qwen3-Next-80B-A3B, Qwen3-Coder-Next",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::DeltaNet(DeltaNet { is_tiled: false })), FFN],
        &[Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM_GATED)), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::Interval(4)),
    ..Architecture::DECODER
};
