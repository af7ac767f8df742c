//! LFM2 with experts: LFM2's layers, and behind a few dense ones a mixture by sigmoid with a bias for the choice.
//!
//! Source: HF `Lfm2MoeForCausalLM`. Golden: `golden/arch/lfm2moe.json`.

use super::{Architecture, Attention, Branch, Ffn, Head, Moe, Part, Pick, RecurrentLayers};

const FFN: Branch = Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SIGMOID));

/// See the file's head.
pub const LFM2MOE: Architecture = Architecture {
    gguf_name: "lfm2moe",
    models: "LFM2-8B-A1B, LFM2.5-8B-A1B",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::ShortConv), FFN],
        &[Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeads),
    head: Head { norm: "token_embd_norm", ..Head::PLAIN },
    ..Architecture::DECODER
};
