//! LFM2: gated short convolutions, and every few layers attention.
//!
//! Layers without KV heads are convolutions over three tokens, whose state is two rows. The last norm goes by the name of
//! one behind the embedding.
//! Source: Liquid AI 2025; HF `Lfm2ForCausalLM`. Golden: `golden/arch/lfm2.json`.

use super::{Architecture, Attention, Branch, Head, Part, Pick, RecurrentLayers};

/// See the file's head.
pub const LFM2: Architecture = Architecture {
    gguf_name: "lfm2",
    models: "LFM2, LFM2.5 350M to 2.6B",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::ShortConv), Branch::new(&["ffn_norm"], Part::SWIGLU)],
        &[
            Branch::new(&["attn_norm"], Part::Attention(Attention::QK_NORM)),
            Branch::new(&["ffn_norm"], Part::SWIGLU),
        ],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeads),
    head: Head { norm: "token_embd_norm", ..Head::PLAIN },
    ..Architecture::DECODER
};
