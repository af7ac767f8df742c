//! Architectures with one feed-forward a layer.

use super::{Config, base};

pub fn cases() -> Vec<Config> {
    vec![
        base("llama").with(&["attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"]),
        Config { window: 7, pattern: 2, softcap: 3.0, ..base("gemma3") },
    ]
}
