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

use std::path::PathBuf;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_gguf::Gguf;
use serving::REQUESTS;

fn check(file: &str) {
    let folder = std::env::var_os("GOLLUM_TEST_MODELS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models")), PathBuf::from);
    let path = folder.join(file);
    if !path.exists() {
        println!("skipped: {} is not there (set GOLLUM_TEST_MODELS)", path.display());
        return;
    }
    let requests = std::env::var("GOLLUM_SAME_BITS_REQUESTS").map_or(REQUESTS, |n| n.parse().unwrap());
    let gguf = Gguf::open(&path).unwrap();
    let cpu = |threads| -> Box<dyn gollum_kernels::KernelOps> {
        Box::new(CpuOps::new(&CpuConfig { threads, isa: None }).unwrap())
    };
    serving::check(file, &gguf, &cpu, requests);
}

#[test]
fn smollm2_answers_the_same_however_it_is_served() {
    check("SmolLM2-135M-Instruct.Q4_1.gguf");
}

#[test]
fn gemma3_answers_the_same_however_it_is_served() {
    check("gemma-3-270m-Q4_K_M.gguf");
}
