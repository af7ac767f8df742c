//! Architectures with experts.

use super::{Config, base};

/// Six experts, three of them used, 22 wide inside.
fn moe(arch: &str) -> Config {
    base(arch)
        .set("expert_count", 6u32)
        .set("expert_used_count", 3u32)
        .set("expert_feed_forward_length", 22u32)
}

pub fn cases() -> Vec<Config> {
    vec![moe("llama").set("expert_feed_forward_length", 52u32).with(&["ffn_gate_inp.weight"])]
}
