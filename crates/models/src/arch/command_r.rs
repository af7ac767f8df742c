//! Command-R: attention and feed-forward side by side on one LayerNorm without bias, logits multiplied by a
//! constant.
//!
//! Command-R+ norms each head of q and k with weights of its own. The output is the embedding matrix.
//! Source: HF `CohereForCausalLM`. Golden: `golden/arch/command-r.json`.

use super::{Architecture, Attention, Branch, Head, Norms, Part, QkNorm, RopeRule};

/// See the file's head.
pub const COMMAND_R: Architecture = Architecture {
    gguf_name: "command-r",
    models: "Command-R, Command-R+, Aya 23, Aya Expanse",
    norms: Norms::Layer,
    kinds: &[&[Branch::attention(Attention { qk_norm: QkNorm::LAYER_OWN_WEIGHTS, ..Attention::GQA })
        .beside(&["attn_norm"], Part::SWIGLU)]],
    rope: RopeRule::INTERLEAVED,
    head: Head::MULTIPLIED,
    ..Architecture::DECODER
};
