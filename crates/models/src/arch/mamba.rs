//! Mamba: a selective scan in every layer, and nothing else. Falcon-Mamba norms step lengths, b and c.
//!
//! Source: arXiv 2312.00752; HF `MambaForCausalLM`, `FalconMambaForCausalLM`. Golden: `golden/arch/mamba.json`.

use super::{Architecture, Branch, Mamba1, Part, Pick, RecurrentLayers, RopeRule};

/// See the file's head.
pub const MAMBA: Architecture = Architecture {
    gguf_name: "mamba",
    models: "Mamba 130M to 2.8B, Falcon-Mamba 7B",
    kinds: &[&[Branch::new(&["attn_norm"], Part::Mamba1(Mamba1::Channels))]],
    pick: Pick::Recurrent(RecurrentLayers::All),
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
