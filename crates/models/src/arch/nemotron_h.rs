//! Nemotron-H and Nemotron Nano v2: one part a layer, Mamba-2, attention without rotation, or a feed-forward of squared
//! ReLU.
//!
//! A layer without KV heads and feed-forward is Mamba-2; one without feed-forward is attention.
//! Source: NVIDIA 2025, arXiv:2504.03624; HF `NemotronHForCausalLM`. Golden: `golden/arch/nemotron_h.json`.

use super::{Architecture, Attention, Branch, Ffn, Part, Pick, RecurrentLayers, RopeRule};

/// See the file's head.
pub const NEMOTRON_H: Architecture = Architecture {
    gguf_name: "nemotron_h",
    models: "Nemotron-H, Nemotron-Nano-9B/12B v2",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::MAMBA2)],
        &[
            Branch::new(&["attn_norm"], Part::Attention(Attention::GQA)),
            Branch::new(&["attn_norm"], Part::Ffn(Ffn::RELU_SQUARED)),
        ],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeadsAndFfn),
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
