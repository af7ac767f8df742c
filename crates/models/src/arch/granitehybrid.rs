//! Granite 4.0-H and Bamba: Mamba-2, and every few layers attention, mostly without rotation; Granite's four multipliers.
//!
//! Layers without KV heads are Mamba-2. Layers with a router are mixtures.
//! Source: HF `GraniteMoeHybridForCausalLM`, `BambaForCausalLM`. Golden: `golden/arch/granitehybrid.json`.

use super::{
    Architecture, Attention, Branch, Ffn, Head, Moe, Part, Pick, RecurrentLayers, RopeRule, Unrotated,
};

const FFN: Branch = Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX));

/// See the file's head.
pub const GRANITEHYBRID: Architecture = Architecture {
    gguf_name: "granitehybrid",
    models: "Granite 4.0-H, Bamba",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::MAMBA2), FFN],
        &[Branch::new(&["attn_norm"], Part::Attention(Attention::GQA)), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeads),
    rope: RopeRule { unrotated: Unrotated::UnlessFinetuned, ..RopeRule::INTERLEAVED },
    head: Head::DIVIDED,
    ..Architecture::DECODER
};
