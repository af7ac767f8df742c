//! Granite 3 and 4, dense: Llama's block with multipliers from the metadata on embeddings, branches, attention and
//! logits.
//!
//! Files whose `rope.scaling.finetuned` is false are not rotated. Dense Granite 4 files come from the converter of
//! the hybrid models and carry its keys of layers and experts that they do not have.
//! Source: Granite 3.0 report 2024; HF `GraniteForCausalLM`, `GraniteMoeHybridForCausalLM`. Golden:
//! `golden/arch/granite.json`.

use super::{Architecture, Head, RopeRule, Unrotated};

/// See the file's head.
pub const GRANITE: Architecture = Architecture {
    gguf_name: "granite",
    models: "Granite 3, Granite 4 dense",
    rope: RopeRule { unrotated: Unrotated::UnlessFinetuned, ..RopeRule::INTERLEAVED },
    head: Head::DIVIDED,
    unread_keys: &[
        "expert_shared_feed_forward_length",
        "ssm.conv_kernel",
        "ssm.state_size",
        "ssm.group_count",
        "ssm.inner_size",
        "ssm.time_step_rank",
    ],
    ..Architecture::DECODER
};
