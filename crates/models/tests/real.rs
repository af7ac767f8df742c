//! The two real models against llama.cpp: logits, accuracy of quantised arithmetic, greedy text.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_core::{KvDtype, TokenId};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_models::{LoadOptions, load};
use tiny::{Session, in_f32, in_order, real_model};

#[derive(serde::Deserialize)]
struct Golden {
    file: String,
    random: Random,
    text: Text,
    greedy: Vec<Greedy>,
    /// The largest lead at which llama.cpp parts from itself when it prefills what it decoded, or keeps K and
    /// V in f16: rounding activations to int8 makes every model chaotic.
    parts_from_itself: f32,
}

#[derive(serde::Deserialize)]
struct Random {
    tokens: Vec<TokenId>,
    /// Vocabulary ids whose logits are kept.
    ids: Vec<usize>,
    logits: Vec<Vec<f64>>,
    /// The same of the weights held in f32.
    f32: Vec<Vec<f64>>,
}

#[derive(serde::Deserialize)]
struct Text {
    tokens: Vec<TokenId>,
    kl_f32_kv: f64,
    kl_f16_kv: f64,
}

#[derive(serde::Deserialize)]
struct Greedy {
    prompt: Vec<TokenId>,
    tokens: Vec<TokenId>,
    /// By how much the best logit led the second, in llama.cpp.
    gaps: Vec<f32>,
}

fn golden(name: &str) -> Golden {
    let path = format!("{}/../../golden/models/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn cpu() -> Box<dyn KernelOps> {
    Box::new(CpuOps::new(&CpuConfig { threads: 2, isa: None }).unwrap())
}

fn session(gguf: &Gguf, ops: Box<dyn KernelOps>, kv_dtype: KvDtype, sequences: usize) -> Session {
    let options = LoadOptions { kv_dtype, max_batch_tokens: 256, max_batch_sequences: 8, max_context: None };
    let runner = load(gguf, ops, options, &mut |_| {}).unwrap();
    Session::new(runner, sequences, in_order(16 * sequences as u32))
}

fn logits(gguf: &Gguf, ops: Box<dyn KernelOps>, kv_dtype: KvDtype, tokens: &[TokenId]) -> Vec<Vec<f32>> {
    session(gguf, ops, kv_dtype, 1).run_alone(0, tokens, 256)
}

/// Normalised mean squared error over the sampled ids.
fn nmse(rows: &[Vec<f32>], ids: &[usize], want: &[Vec<f64>]) -> f64 {
    let (mut error, mut power) = (0.0, 0.0);
    for (row, want) in rows.iter().zip(want) {
        for (&id, want) in ids.iter().zip(want) {
            error += (f64::from(row[id]) - want).powi(2);
            power += want.powi(2);
        }
    }
    error / power
}

/// In f32 the two programs agree to rounding. In int8 each rounds activations in its own way, so the bound is
/// the size of that noise.
fn check_random(name: &str, f32_bound: f64, int8_bound: f64) {
    let golden = golden(name);
    let Some(gguf) = real_model(&golden.file) else { return };
    let Random { tokens, ids, logits: int8_want, f32: f32_want } = &golden.random;
    let in_f32 = logits(&in_f32(&gguf), cpu(), KvDtype::F32, tokens);
    let (exact, int8) =
        (nmse(&in_f32, ids, f32_want), nmse(&logits(&gguf, cpu(), KvDtype::F32, tokens), ids, int8_want));
    println!("{name}: NMSE to llama.cpp on random tokens {exact:.2e} in f32, {int8:.2e} as it is");
    assert!(exact <= f32_bound, "{name}: {exact:e} in f32");
    assert!(int8 <= int8_bound, "{name}: {int8:e}");
}

#[test]
fn smollm2_random_tokens() {
    check_random("smollm2", 1e-9, 1e-3);
}

#[test]
fn gemma3_random_tokens() {
    check_random("gemma3", 1e-6, 1e-2);
}

fn log_softmax(row: &[f32]) -> Vec<f64> {
    let max = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let log_sum = row.iter().map(|&v| (f64::from(v) - max).exp()).sum::<f64>().ln();
    row.iter().map(|&v| f64::from(v) - max - log_sum).collect()
}

fn mean_kl(exact: &[Vec<f32>], got: &[Vec<f32>]) -> f64 {
    let one = |(p, q): (&Vec<f32>, &Vec<f32>)| {
        let (p, q) = (log_softmax(p), log_softmax(q));
        p.iter().zip(&q).map(|(p, q)| p.exp() * (p - q)).sum::<f64>()
    };
    exact.iter().zip(got).map(one).sum::<f64>() / exact.len() as f64
}

/// Our distance from the same weights held in f32, against llama.cpp's own on the same text.
fn check_kl(name: &str) {
    let golden = golden(name);
    let Some(gguf) = real_model(&golden.file) else { return };
    let tokens = &golden.text.tokens;
    let exact = logits(&in_f32(&gguf), cpu(), KvDtype::F32, tokens);
    for (kv, peer) in [(KvDtype::F32, golden.text.kl_f32_kv), (KvDtype::F16, golden.text.kl_f16_kv)] {
        let kl = mean_kl(&exact, &logits(&gguf, cpu(), kv, tokens));
        println!("{name}: mean KL {kl:.3e} with {kv:?} KV, llama.cpp {peer:.3e}, {} tokens", tokens.len());
        assert!(kl <= peer, "{name}, {kv:?}: {kl:e} against {peer:e}");
    }
}

#[test]
fn smollm2_is_no_further_from_f32_than_llama_cpp() {
    check_kl("smollm2");
}

#[test]
fn gemma3_is_no_further_from_f32_than_llama_cpp() {
    check_kl("gemma3");
}

/// llama.cpp's greedy tokens are ours, up to a first difference at most twice as clear as those it has with itself:
/// its runs share a kernel and most of its rounding, two engines share neither. How far ours may be from the
/// truth is for the KL to say.
fn check_greedy(name: &str) {
    let golden = golden(name);
    let Some(gguf) = real_model(&golden.file) else { return };
    let mut session = session(&gguf, cpu(), KvDtype::F32, golden.greedy.len());
    let (mut equal, mut parted) = (0, Vec::new());
    for (sequence, case) in golden.greedy.iter().enumerate() {
        let all: Vec<TokenId> = case.prompt.iter().chain(&case.tokens).copied().collect();
        let rows = session.run_alone(sequence, &all, 256);
        let ours = |step: usize| argmax(&rows[case.prompt.len() - 1 + step]);
        match (0..case.tokens.len()).find(|&step| ours(step) != case.tokens[step] as usize) {
            None => equal += 1,
            Some(step) => parted.push((sequence, step, case.gaps[step])),
        }
    }
    println!("{name}: {equal} of {} equal; parted (prompt, step, gap): {parted:?}", golden.greedy.len());
    let close = 2.0 * golden.parts_from_itself.max(0.05);
    assert!(parted.iter().all(|p| p.2 <= close), "{name}: more than {close} in {parted:?}");
}

fn argmax(row: &[f32]) -> usize {
    (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

#[test]
fn smollm2_greedy() {
    check_greedy("smollm2");
}

#[test]
fn gemma3_greedy() {
    check_greedy("gemma3");
}
