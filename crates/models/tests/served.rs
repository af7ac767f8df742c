//! Same bits under the engine: what a request is answered, tokens and log-probabilities to the bit, does not
//! depend on batch mates, chunks, caches, preemption or threads.
//!
//! A chosen token's log-probability comes from the sum over its whole logits row, so equal bits there stand for
//! the row. The long form, about 5 minutes for each model on 2 cores:
//!
//! ```text
//! GOLLUM_SAME_BITS_REQUESTS=200 cargo test --release -p gollum-models --test served -- --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod serving;
mod tiny;

use std::path::PathBuf;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_quant::FormatId;
use serving::REQUESTS;
use tiny::File;
use tiny::cases::cases;

fn check(file: &str) {
    let folder = std::env::var_os("GOLLUM_TEST_MODELS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models")), PathBuf::from);
    let path = folder.join(file);
    if !path.exists() {
        println!("skipped: {} is not there (set GOLLUM_TEST_MODELS)", path.display());
        return;
    }
    check_model(file, &Gguf::open(&path).unwrap());
}

fn check_model(file: &str, gguf: &Gguf) {
    let requests = std::env::var("GOLLUM_SAME_BITS_REQUESTS").map_or(REQUESTS, |n| n.parse().unwrap());
    let cpu =
        |threads| -> Box<dyn KernelOps> { Box::new(CpuOps::new(&CpuConfig { threads, isa: None }).unwrap()) };
    serving::check(file, gguf, &cpu, requests);
}

#[test]
fn smollm2_answers_the_same_however_it_is_served() {
    check("SmolLM2-135M-Instruct.Q4_1.gguf");
}

#[test]
fn gemma3_answers_the_same_however_it_is_served() {
    check("gemma-3-270m-Q4_K_M.gguf");
}

#[test]
fn the_cpu_gives_whole_rows() {
    let case = cases().into_iter().find(|case| case.name == "llama-0").unwrap();
    let gguf = File::new(&case, FormatId::F32).gguf();
    let cpu =
        |_| -> Box<dyn KernelOps> { Box::new(CpuOps::new(&CpuConfig { threads: 1, isa: None }).unwrap()) };
    assert_eq!(serving::check_best("cpu", &gguf, &cpu, REQUESTS), 0);
}

/// One of each sort of recurrence, alone, in turns with attention and beside it: requests go on from snapshots.
#[test]
fn models_with_states_answer_the_same_however_they_are_served() {
    for name in ["falcon-h1-0", "granitehybrid-0", "jamba-0", "lfm2-0", "mamba-0", "plamo2-0", "qwen35-0"] {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        check_model(name, &File::new(&case, FormatId::F32).gguf());
    }
}
