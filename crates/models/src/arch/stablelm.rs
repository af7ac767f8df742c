//! StableLM: Llama's block with LayerNorms, and part of each head rotated.
//!
//! StableLM 2 12B norms each head of q and k with weights of its own and has no norm before the feed-forward, which
//! reads what attention reads, beside it. Files say so by what they hold; their key of parallel parts is not
//! reliable.
//! Source: StableLM 2 report 2024; HF `StableLmForCausalLM`. Golden: `golden/arch/stablelm.json`.

use super::{Architecture, Attention, Branch, Ffn, Norms, Part, Pick, QkNorm};

/// With norms of q and k where the file has them.
const ATTENTION: Attention = Attention { qk_norm: QkNorm::LAYER_OWN_WEIGHTS, ..Attention::GQA };

/// See the file's head.
pub const STABLELM: Architecture = Architecture {
    gguf_name: "stablelm",
    models: "StableLM 2, Zephyr 3B",
    norms: Norms::Layer,
    kinds: &[
        &[Branch::attention(ATTENTION), Branch::ffn(Ffn::SWIGLU)],
        &[Branch::attention(ATTENTION).beside(&["attn_norm"], Part::SWIGLU)],
    ],
    pick: Pick::HasTensor("ffn_norm"),
    unread_keys: &["use_parallel_residual"],
    ..Architecture::DECODER
};
