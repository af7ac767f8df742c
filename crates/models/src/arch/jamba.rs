//! Jamba: Mamba-1 with norms of its step lengths, b and c, and every few layers attention without rotation; every second
//! layer a mixture.
//!
//! Layers without KV heads are Mamba-1. Layers with a router are mixtures, whose weights stay as they are.
//! Source: HF `JambaForCausalLM`. Golden: `golden/arch/jamba.json`.

use super::{Architecture, Attention, Branch, Ffn, Mamba1, Moe, Part, Pick, RecurrentLayers, RopeRule};

const FFN: Branch = Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX_RAW));

/// See the file's head.
pub const JAMBA: Architecture = Architecture {
    gguf_name: "jamba",
    models: "Jamba 1.5, 1.6, 1.7, Jamba Reasoning 3B",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::Mamba1(Mamba1::Channels)), FFN],
        &[Branch::attention(Attention::GQA), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeads),
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
