//! A tiny model or two of each architecture, with its options on: what `golden/arch` holds llama.cpp's logits of.
//!
//! Each architecture needs a case for every option of its constant and for every optional tensor that llama.cpp reads.

mod dense;
mod encoders;
mod geometry;
mod moe;
mod recurrent;
mod singular;

use super::Config;

/// All cases. Names are unique, `ARCHITECTURE-NUMBER`: they tie a case to its golden logits.
pub fn cases() -> Vec<Config> {
    let all = [dense::cases(), geometry::cases(), moe::cases(), recurrent::cases(), singular::cases()];
    numbered(all.concat())
}

/// Cases of models that take whole inputs, named likewise; see `tests/encoders.rs`.
pub fn encoder_cases() -> Vec<Config> {
    numbered(encoders::cases())
}

/// Cases of models that generate and embed, named likewise.
pub fn causal_embedders() -> Vec<Config> {
    numbered(encoders::causal())
}

fn numbered(mut all: Vec<Config>) -> Vec<Config> {
    all.sort_by(|a, b| a.arch.cmp(&b.arch));
    for at in 0..all.len() {
        let earlier = all[..at].iter().filter(|case| case.arch == all[at].arch).count();
        all[at].name = format!("{}-{earlier}", all[at].arch);
    }
    all
}

/// Four heads of 10 over two KV heads, three layers of width 40.
fn base(arch: &str) -> Config {
    Config { layers: 3, ..Config::new(arch, 4, 2, 10) }
}
