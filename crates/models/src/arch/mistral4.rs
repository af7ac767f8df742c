//! Mistral 4: the block of DeepSeek V2, with queries that grow with their position.
//! Source: HF `Mistral4ForCausalLM`. Golden: `golden/arch/mistral4.json`.

use super::deepseek2::{ATTENTION, EXPERTS};
use super::{Architecture, Branch, LogMultiplier, Part, RopeRule};

/// See the file's head.
pub const MISTRAL4: Architecture = Architecture {
    gguf_name: "mistral4",
    models: "Mistral Small 4, Large 3",
    kinds: &[&[Branch::new(&["attn_norm"], Part::Latent(ATTENTION)), Branch::new(&["ffn_norm"], EXPERTS)]],
    rope: RopeRule { log_multiplier: LogMultiplier::Tenth, ..RopeRule::INTERLEAVED },
    ..Architecture::DECODER
};
