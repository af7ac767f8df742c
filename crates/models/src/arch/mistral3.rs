//! Mistral Small 3.1 and on, Ministral 3: Llama's block; in Ministral YaRN, and queries that grow with the
//! logarithm of their position in steps of the original context.
//!
//! Source: HF `Mistral3ForConditionalGeneration`, `Ministral3ForCausalLM`. Golden: `golden/arch/mistral3.json`.

use super::{Architecture, Attention, Branch, Ffn, Growth, Moe, Part, RopeRule};

/// See the file's head.
pub const MISTRAL3: Architecture = Architecture {
    gguf_name: "mistral3",
    models: "Mistral Small 3.1-3.2, Ministral 3, Magistral, Devstral",
    kinds: &[&[
        Branch::attention(Attention { growth: Growth::Key, ..Attention::GQA }),
        Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX)),
    ]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
