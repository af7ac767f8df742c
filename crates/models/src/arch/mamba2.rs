//! Mamba-2: a scan with one rate a head in every layer, and nothing else.
//!
//! Source: arXiv 2405.21060; HF `Mamba2ForCausalLM`. Golden: `golden/arch/mamba2.json`.

use super::{Architecture, Branch, Part, Pick, RecurrentLayers, RopeRule};

/// See the file's head.
pub const MAMBA2: Architecture = Architecture {
    gguf_name: "mamba2",
    models: "Mamba-2 130M to 2.7B, Mamba-Codestral 7B",
    kinds: &[&[Branch::new(&["attn_norm"], Part::MAMBA2)]],
    pick: Pick::Recurrent(RecurrentLayers::All),
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
