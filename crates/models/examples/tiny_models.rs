//! Writes the tiny random models of the tests as files, for `tools/golden_archs.py` to run llama.cpp on.
//!
//! usage: `cargo run -p gollum-models --example tiny_models -- OUT_DIR [ARCHITECTURE ...]`
//!
//! With `encoders` or `causal-embedders` for the architecture, those of `tools/golden_encoders.py`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/tiny/mod.rs"]
mod tiny;

use gollum_quant::FormatId;
use tiny::File;
use tiny::cases::{cases, causal_embedders, encoder_cases};

fn main() {
    let mut args = std::env::args().skip(1);
    let out = args.next().expect("an output folder");
    let wanted: Vec<String> = args.collect();
    let others = match wanted.first().map(String::as_str) {
        Some("encoders") => Some(encoder_cases()),
        Some("causal-embedders") => Some(causal_embedders()),
        _ => None,
    };
    let all = others.is_some();
    for case in others.unwrap_or_else(cases) {
        if all || wanted.is_empty() || wanted.contains(&case.arch) {
            let mut file = File::new(&case, FormatId::F32);
            if file.has_adjugates() {
                // llama.cpp has them read and weigh something else than the models were trained with.
                file = file.without_adjugates();
            }
            file.set("tokenizer.ggml.model", "no_vocab");
            file.set("tokenizer.ggml.token_type_count", 2u32);
            std::fs::write(format!("{out}/{}.gguf", case.name), file.bytes()).unwrap();
            println!("{}", case.name);
        }
    }
}
