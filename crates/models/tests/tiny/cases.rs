//! A tiny model or two of each architecture, with its options on: what `golden/arch` holds llama.cpp's logits of.

use super::Config;

/// All cases. Names are unique: they tie a case to its golden logits.
pub fn cases() -> Vec<Config> {
    let mut all = llama_likes();
    // Numbered within their architecture.
    let mut seen: Vec<String> = Vec::new();
    for case in &mut all {
        let number = seen.iter().filter(|arch| **arch == case.arch).count();
        case.name = format!("{}-{number}", case.arch);
        seen.push(case.arch.clone());
    }
    all
}

/// Four heads of 10 over two KV heads, three layers.
fn base(arch: &str) -> Config {
    Config { layers: 3, ..Config::new(arch, 4, 2, 10) }
}

fn moe(arch: &str) -> Config {
    base(arch)
        .set("expert_count", 6u32)
        .set("expert_used_count", 3u32)
        .set("expert_feed_forward_length", 22u32)
}

fn llama_likes() -> Vec<Config> {
    vec![
        base("llama").with(&["attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"]),
        moe("llama").with(&["ffn_gate_inp.weight"]),
        Config { window: 7, pattern: 2, softcap: 3.0, ..base("gemma3") },
    ]
}
