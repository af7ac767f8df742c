//! Llama and what is built like it: Llama 1 to 3, Mistral, Mixtral, SmolLM 1 and 2, TinyLlama, Yi.
//!
//! Pre-norm blocks, grouped-query attention, SiLU-gated feed-forward or a mixture of such. Converters permute the rows of
//! q and k so that the rotation pairs neighbours. Llama 3.1's long-context scaling arrives as `rope_freqs.weight`.
//! Source: Touvron et al. 2023; HF `LlamaForCausalLM`, `MixtralForCausalLM`. Golden: `golden/arch/llama.json`.

use super::{Architecture, Branch, Ffn, Moe, Part, RopeRule};

/// See the file's head.
pub const LLAMA: Architecture = Architecture {
    gguf_name: "llama",
    models: "Llama 1-3.3, Mistral 7B, Mixtral, Nemo, Yi, TinyLlama, SmolLM2",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SOFTMAX)),
    ]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
