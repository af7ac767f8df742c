//! Real models: the GPU gives the CPU's greedy text, and logits near the CPU's.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;
#[path = "../../models/tests/tiny/mod.rs"]
mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_core::{KvDtype, TokenId};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_models::{LoadOptions, load};
use tiny::{Session, in_f32, in_order, real_model};

const PROMPTS: usize = 5;
const ANSWER: usize = 32;

#[derive(serde::Deserialize)]
struct Golden {
    greedy: Vec<Greedy>,
    /// The largest lead at which llama.cpp parts from itself: rounding activations to int8 makes every model chaotic, so
    /// that sums in another order end in other codes, some layers on.
    parts_from_itself: f32,
}

#[derive(serde::Deserialize)]
struct Greedy {
    prompt: Vec<TokenId>,
}

fn session(gguf: &Gguf, ops: Box<dyn KernelOps>) -> Session {
    let options = LoadOptions {
        kv_dtype: KvDtype::F16,
        max_batch_tokens: 64,
        max_batch_sequences: 8,
        max_context: None,
    };
    Session::new(load(gguf, ops, options, &mut |_| {}).unwrap(), PROMPTS, in_order(16 * PROMPTS as u32))
}

/// The best id, and by how much it leads.
fn best(row: &[f32]) -> (TokenId, f32) {
    let best = (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    let second = (0..row.len()).filter(|&i| i != best).map(|i| row[i]).fold(f32::NEG_INFINITY, f32::max);
    (best as TokenId, row[best] - second)
}

/// Greedy tokens after a prompt, their leads, and the prompt's logits.
fn answer(session: &mut Session, sequence: usize, prompt: &[TokenId]) -> (Vec<(TokenId, f32)>, Vec<f32>) {
    let mut tokens = prompt.to_vec();
    let mut told = Vec::new();
    let mut first = Vec::new();
    while told.len() < ANSWER {
        let rows = session.run_alone(sequence, &tokens, 64);
        if first.is_empty() {
            first = rows.concat();
        }
        let next = best(rows.last().unwrap());
        tokens.push(next.0);
        told.push(next);
    }
    (told, first)
}

/// Normalised mean squared error.
fn distance(got: &[f32], want: &[f32]) -> f64 {
    let square = |v: f32| f64::from(v) * f64::from(v);
    let error: f64 = got.iter().zip(want).map(|(g, w)| square(g - w)).sum();
    error / want.iter().map(|&w| square(w)).sum::<f64>()
}

/// Texts may part where the CPU's best logit leads by at most twice what parts llama.cpp from itself: the bound that the
/// CPU has to llama.cpp (`models/tests/real.rs`), as is `nmse_bound`, of the logits of prompts.
fn check(name: &str, file: &str, nmse_bound: f64) {
    let Some(gpu) = gpu::gpu() else { return };
    let Some(gguf) = real_model(file) else { return };
    let path = format!("{}/../../golden/models/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let close = 2.0 * golden.parts_from_itself.max(0.05);
    let cpu = CpuOps::new(&CpuConfig { threads: 2, isa: None }).unwrap();
    let (mut on_cpu, mut on_gpu) = (session(&gguf, Box::new(cpu)), session(&gguf, gpu::ops(&gpu)));
    let (mut equal, mut worst) = (0, 0.0f64);
    for (sequence, case) in golden.greedy.iter().take(PROMPTS).enumerate() {
        let (want, want_rows) = answer(&mut on_cpu, sequence, &case.prompt);
        let (got, got_rows) = answer(&mut on_gpu, sequence, &case.prompt);
        worst = worst.max(distance(&got_rows, &want_rows));
        match got.iter().zip(&want).position(|(g, w)| g.0 != w.0) {
            None => equal += 1,
            Some(at) => {
                let lead = want[at].1;
                println!(
                    "{name}: prompt {sequence} parts at token {at}, where the CPU's best leads by {lead}"
                );
                assert!(lead <= close, "{name}: prompt {sequence} parts at a clear token");
            }
        }
    }
    println!(
        "{name}: {equal} of {PROMPTS} texts of {ANSWER} tokens equal the CPU's; NMSE of logits {worst:.1e}"
    );
    assert!(worst <= nmse_bound, "{name}: NMSE {worst:e}");
    assert_eq!(gpu.fault(), None);
}

#[test]
fn smollm2_without_rounded_activations() {
    let Some(gpu) = gpu::gpu() else { return };
    let Some(gguf) = real_model("SmolLM2-135M-Instruct.Q4_1.gguf") else { return };
    let gguf = in_f32(&gguf);
    let tokens: Vec<TokenId> = (0..24).map(|i| (i * 7919 + 13) % 20_000).collect();
    let logits = |ops: Box<dyn KernelOps>| {
        let options = LoadOptions {
            kv_dtype: KvDtype::F32,
            max_batch_tokens: 64,
            max_batch_sequences: 8,
            max_context: None,
        };
        let runner = load(&gguf, ops, options, &mut |_| {}).unwrap();
        Session::new(runner, 1, in_order(4)).run_alone(0, &tokens, 64).concat()
    };
    let want = logits(Box::new(CpuOps::new(&CpuConfig { threads: 2, isa: None }).unwrap()));
    let nmse = distance(&logits(gpu::ops(&gpu)), &want);
    println!("smollm2 in f32: NMSE of logits {nmse:.1e}");
    assert!(nmse < 1e-9, "{nmse:e}");
}

#[test]
fn smollm2() {
    check("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", 5e-3);
}

#[test]
fn gemma3() {
    check("gemma3", "gemma-3-270m-Q4_K_M.gguf", 1e-2);
}
