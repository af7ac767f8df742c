//! Whole models: every instruction set of this machine, every thread count and every batch size has the bits
//! of the scalar reference.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps, Isa};
use gollum_core::KvDtype;
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_kernels::conformance::Rng;
use gollum_kernels::reference::ReferenceOps;
use gollum_models::{ARCHITECTURES, LoadOptions, load};
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{Chunk, Config, File, Session, in_order, real_model};

/// Sequences of the largest batch.
const SEQUENCES: usize = 17;

fn session(gguf: &Gguf, ops: Box<dyn KernelOps>, kv_dtype: KvDtype) -> Session {
    let options =
        LoadOptions { kv_dtype, max_batch_tokens: 96, max_batch_sequences: SEQUENCES, max_context: None };
    let runner = load(gguf, ops, options, &mut |_| {}).unwrap();
    Session::new(runner, 2 * SEQUENCES, in_order(4 * SEQUENCES as u32))
}

fn cpu(isa: Isa, threads: usize) -> Box<dyn KernelOps> {
    Box::new(CpuOps::new(&CpuConfig { threads, isa: Some(isa) }).unwrap())
}

/// Logits of the last position of each sequence: prompts and then one decode step, in batches of `batch`
/// sequences. Alone, prompts ask for all logits too; in company, for none.
fn logits(session: &mut Session, sequences: &[Vec<u32>], batch: usize) -> Vec<Vec<f32>> {
    let mut last = Vec::new();
    for group in 0..sequences.len().div_ceil(batch) {
        let members = group * batch..sequences.len().min((group + 1) * batch);
        for decode in [false, true] {
            let wanted = |_| decode || batch == 1;
            let chunks: Vec<Chunk<'_>> = members
                .clone()
                .map(|sequence| {
                    let tokens = sequences[sequence].as_slice();
                    let len = if decode { 1 } else { tokens.len() - 1 };
                    Chunk { sequence, tokens, len, copy_tail: false, wanted: &wanted }
                })
                .collect();
            let rows = session.step(&chunks);
            if decode {
                last.extend(rows.into_iter().map(|(_, _, row)| row));
            }
        }
    }
    last
}

fn sequences(rng: &mut Rng, vocab: usize, count: usize) -> Vec<Vec<u32>> {
    (0..count).map(|_| (0..rng.between(2, 6)).map(|_| rng.below(vocab) as u32).collect()).collect()
}

fn assert_same(what: &str, got: &[Vec<f32>], want: &[Vec<f32>]) {
    assert_eq!(got.len(), want.len());
    for (sequence, (got, want)) in got.iter().zip(want).enumerate() {
        let differs = got.iter().zip(want).position(|(g, w)| g.to_bits() != w.to_bits());
        assert_eq!(differs, None, "{what}: sequence {sequence} differs at this vocabulary index");
        assert!(got.iter().all(|v| v.is_finite()));
    }
}

fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| {
        let available = isa.is_available();
        if !available {
            println!("skipped: this CPU has no {}", isa.name());
        }
        available
    })
}

fn check_tiny(c: &Config, format: FormatId, kv: KvDtype) {
    let gguf = File::new(c, format).gguf();
    let sequences = sequences(&mut Rng::new(9), c.vocab, SEQUENCES);
    let want = logits(&mut session(&gguf, Box::new(ReferenceOps::new()), kv), &sequences, 1);
    for isa in isas() {
        for (threads, batch) in [(1, 1), (2, 3), (3, 17)] {
            let what = format!("{} {format:?} {kv:?} on {} x {threads}, {batch}", c.name, isa.name());
            let got = logits(&mut session(&gguf, cpu(isa, threads), kv), &sequences, batch);
            assert_same(&what, &got, &want);
        }
    }
}

#[test]
fn tiny_models() {
    for arch in ["llama", "gemma3"] {
        let odd = Config { width: 77, ffn: 37, rope_freqs: arch == "llama", ..Config::new(arch, 6, 2, 20) };
        check_tiny(&odd, FormatId::F32, KvDtype::F32);
        check_tiny(&odd, FormatId::BF16, KvDtype::F16);
        for (format, kv) in [
            (FormatId::Q8_0, KvDtype::F16),
            (FormatId::Q4_0, KvDtype::Q8_0),
            (FormatId::Q4_1, KvDtype::F32),
            (FormatId::Q5_0, KvDtype::F16),
        ] {
            let (window, pattern) = if arch == "gemma3" { (3, 2) } else { (0, 0) };
            let c = Config { ffn: 96, window, pattern, softcap: 9.0, ..Config::new(arch, 4, 1, 32) };
            check_tiny(&c, format, kv);
        }
    }
}

/// Two sequences on the reference, seventeen on everything else.
fn check_real(file: &str, vocab: usize) {
    let Some(gguf) = real_model(file) else { return };
    let sequences = sequences(&mut Rng::new(10), vocab, SEQUENCES);
    let kv = KvDtype::F16;
    let want = logits(&mut session(&gguf, Box::new(ReferenceOps::new()), kv), &sequences[..2], 1);
    let mut all: Option<Vec<Vec<f32>>> = None;
    for isa in isas() {
        for (threads, batch) in [(2, 17), (1, 3)] {
            let what = format!("{file} on {} x {threads}, batches of {batch}", isa.name());
            let got = logits(&mut session(&gguf, cpu(isa, threads), kv), &sequences, batch);
            assert_same(&what, &got[..2], &want);
            assert_same(&what, &got, all.get_or_insert_with(|| got.clone()));
        }
    }
}

#[test]
fn smollm2() {
    check_real("SmolLM2-135M-Instruct.Q4_1.gguf", 49_152);
}

#[test]
fn gemma3() {
    check_real("gemma-3-270m-Q4_K_M.gguf", 262_144);
}

/// Every mixture, with room for a part of its experts: prompts of more than fit go in waves, decodes bring what is missing.
#[test]
fn experts_that_stay_in_their_file() {
    let mut rng = Rng::new(23);
    let mut mixtures = 0;
    for case in cases()
        .iter()
        .filter(|case| ARCHITECTURES.iter().any(|a| a.gguf_name == case.arch && a.moe().is_some()))
    {
        let gguf = File::new(case, FormatId::F32).gguf();
        let tokens = sequences(&mut rng, 29, 5);
        let want = logits(&mut session(&gguf, cpu(Isa::detect(), 2), KvDtype::F16), &tokens, 1);
        for (share, batch) in [(0.0, 5), (0.4, 1), (0.7, 5)] {
            let mut ops = CpuOps::new(&CpuConfig { threads: 2, isa: None }).unwrap();
            ops.keep_experts_mapped(share);
            let got = logits(&mut session(&gguf, Box::new(ops), KvDtype::F16), &tokens, batch);
            assert_same(&format!("{}, {share} of its experts in memory", case.name), &got, &want);
        }
        mixtures += 1;
    }
    assert!(mixtures > 30, "{mixtures} mixtures");
}
