//! GPT-NeoX: LayerNorms, an ungated tanh-GELU, part of each head rotated, biases everywhere; attention and
//! feed-forward side by side, each behind a norm of its own, unless the metadata says one after the other.
//!
//! Source: Black et al. 2022; HF `GPTNeoXForCausalLM`. Golden: `golden/arch/gptneox.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms, Part, Pick};

/// See the file's head.
pub const GPTNEOX: Architecture = Architecture {
    gguf_name: "gptneox",
    models: "Pythia, GPT-NeoX 20B, Dolly 2",
    norms: Norms::Layer,
    kinds: &[
        &[Branch::attention(Attention::GQA).beside(&["ffn_norm"], Part::Ffn(Ffn::GELU))],
        &[Branch::attention(Attention::GQA), Branch::ffn(Ffn::GELU)],
    ],
    pick: Pick::Flag("use_parallel_residual", true),
    ..Architecture::DECODER
};
