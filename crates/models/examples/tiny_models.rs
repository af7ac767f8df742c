//! Writes the tiny random models of the tests as files, for `tools/golden_archs.py` to run llama.cpp on.
//!
//! usage: `cargo run -p gollum-models --example tiny_models -- OUT_DIR [ARCHITECTURE ...]`
//!
//! With `encoders` for the architecture, those of `tools/golden_encoders.py`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/tiny/mod.rs"]
mod tiny;

use gollum_quant::FormatId;
use tiny::File;
use tiny::cases::{cases, encoder_cases};

fn main() {
    let mut args = std::env::args().skip(1);
    let out = args.next().expect("an output folder");
    let wanted: Vec<String> = args.collect();
    let encoders = wanted.iter().any(|name| name == "encoders");
    for case in if encoders { encoder_cases() } else { cases() } {
        if encoders || wanted.is_empty() || wanted.contains(&case.arch) {
            let mut file = File::new(&case, FormatId::F32);
            file.set("tokenizer.ggml.model", "no_vocab");
            file.set("tokenizer.ggml.token_type_count", 2u32);
            std::fs::write(format!("{out}/{}.gguf", case.name), file.bytes()).unwrap();
            println!("{}", case.name);
        }
    }
}
