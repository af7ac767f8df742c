//! Whole models on the GPU: near the reference, and the same bits however a sequence is cut, and whoever is beside it.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;
#[path = "../../models/tests/tiny/mod.rs"]
mod tiny;

use gollum_backend_gpu::{Gpu, MatrixUnit};
use gollum_core::{KvDtype, ModelRunner};
use gollum_gguf::Gguf;
use gollum_kernels::conformance::Rng;
use gollum_models::load;
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{Chunk, Config, File, OPTIONS, Session, in_order, load_with};

const PAGES: u32 = 24;
/// Largest distance of a model's logits from the reference: a code of an activation can round the other way.
const NMSE_BOUND: f64 = 1e-4;

fn on_gpu(gpu: &Gpu, gguf: &Gguf, kv_dtype: KvDtype, sequences: usize, pages: Vec<u32>) -> Session {
    let options = gollum_models::LoadOptions { kv_dtype, ..OPTIONS };
    Session::new(load(gguf, gpu::ops(gpu), options, &mut |_| {}).unwrap(), sequences, pages)
}

fn assert_same(what: &str, got: &[f32], want: &[f32]) {
    let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert!(bits(got) == bits(want), "{what}: bits differ");
}

/// All sequences in random mixed steps over scattered pages, some tails copied.
fn check_crowd(gpu: &Gpu, what: &str, (gguf, kv): (&Gguf, KvDtype), known: &[(Vec<u32>, Vec<Vec<f32>>)]) {
    let mut rng = Rng::new(7);
    let mut pages = in_order(PAGES);
    rng.shuffle(&mut pages);
    let mut session = on_gpu(gpu, gguf, kv, known.len(), pages);
    let mut copies = 0;
    loop {
        let mut open: Vec<usize> = (0..known.len()).filter(|&s| session.done(s) < known[s].0.len()).collect();
        if open.is_empty() {
            return;
        }
        rng.shuffle(&mut open);
        open.truncate(rng.between(1, open.len()));
        let chunks: Vec<Chunk<'_>> = open
            .iter()
            .map(|&sequence| {
                let tokens = known[sequence].0.as_slice();
                let len = rng.between(1, (tokens.len() - session.done(sequence)).min(20));
                let copy_tail = copies < 6 && rng.one_in(2);
                copies += usize::from(copy_tail);
                Chunk { sequence, tokens, len, copy_tail, wanted: &|position| position % 2 == 0 }
            })
            .collect();
        for (sequence, position, row) in session.step(&chunks) {
            assert_same(
                &format!("{what}, in a crowd, position {position}"),
                &row,
                &known[sequence].1[position],
            );
        }
    }
}

/// Returns the distance to the reference.
fn check(gpu: &Gpu, c: &Config, format: FormatId, kv: KvDtype) -> f64 {
    let what = format!("{} {format:?} {kv:?}", c.name);
    let gguf = File::new(c, format).gguf();
    let mut rng = Rng::new(5);
    let mut worst: f64 = 0.0;
    let mut known = Vec::new();
    for len in [49, 33, 16] {
        let tokens: Vec<u32> = (0..len).map(|_| rng.below(c.vocab) as u32).collect();
        let alone = |chunk: usize| on_gpu(gpu, &gguf, kv, 1, in_order(PAGES)).run_alone(0, &tokens, chunk);
        let whole = alone(64);
        assert!(whole.iter().flatten().all(|v| v.is_finite()), "{what}: logits must be numbers");
        let want = Session::new(load_with(&gguf, kv).unwrap(), 1, in_order(PAGES)).run_alone(0, &tokens, 64);
        worst = worst.max(gpu::nmse(&whole, &want));
        if len < 40 {
            for (got, want) in alone(1).iter().zip(&whole) {
                assert_same(&format!("{what}, token by token"), got, want);
            }
        }
        known.push((tokens, whole));
    }
    assert!(worst <= NMSE_BOUND, "{what}: NMSE {worst:e}");
    check_crowd(gpu, &what, (&gguf, kv), &known);
    worst
}

#[test]
fn every_architecture() {
    let Some(gpu) = gpu::gpu() else { return };
    let mut worst: (f64, String) = (0.0, String::new());
    let all = cases();
    for c in &all {
        let nmse = check(&gpu, c, FormatId::F32, KvDtype::F32);
        if nmse > worst.0 {
            worst = (nmse, c.name.clone());
        }
    }
    println!("{} models; the furthest from the reference: {worst:?}", all.len());
    assert_eq!(gpu.fault(), None);
}

#[test]
fn long_batches_without_a_matrix_unit_are_counted() {
    let Some(gpu) = gpu::gpu() else { return };
    let gguf = File::new(&Config { ffn: 96, ..Config::new("llama", 4, 2, 32) }, FormatId::Q8_0).gguf();
    let runs = |gpu: &Gpu, chunk: usize| {
        let runner = load(&gguf, gpu::ops(gpu), OPTIONS, &mut |_| {}).unwrap();
        let fallbacks = runner.fallbacks().unwrap();
        assert!(fallbacks.snapshot().iter().all(|f| f.runs == 0));
        Session::new(runner, 1, in_order(PAGES)).run_alone(0, &[3; 40], chunk);
        fallbacks.snapshot().iter().map(|f| (f.op, f.backend, f.runs)).collect::<Vec<_>>()
    };
    assert!(matches!(runs(&gpu, 40)[..], [("matrix_units", "gpu-vulkan", 1..)]));
    assert!(matches!(runs(&gpu, 20)[..], [("matrix_units", _, 0)]));
    assert!(matches!(runs(&gpu.with_unit(MatrixUnit::Emulated), 40)[..], [("matrix_units", _, 0)]));
}

#[test]
fn quantised_weights_and_caches() {
    let Some(gpu) = gpu::gpu() else { return };
    for arch in ["llama", "gemma3"] {
        for format in [FormatId::Q8_0, FormatId::Q4_0, FormatId::Q4_1, FormatId::Q5_0, FormatId::BF16] {
            for kv in [KvDtype::F32, KvDtype::F16, KvDtype::Q8_0] {
                let (window, pattern) = if arch == "gemma3" { (9, 2) } else { (0, 0) };
                let c = Config { ffn: 96, window, pattern, ..Config::new(arch, 4, 2, 32) };
                let nmse = check(&gpu, &c, format, kv);
                println!("{} {format:?} {kv:?}: {nmse:.1e}", c.name);
            }
        }
    }
    // Chunks that are long enough for a matrix unit, and rows that are not.
    let emulated = gpu.with_unit(MatrixUnit::Emulated);
    for format in [FormatId::Q8_0, FormatId::Q4_1] {
        check(&emulated, &Config { ffn: 96, ..Config::new("llama", 4, 2, 32) }, format, KvDtype::F16);
    }
    assert_eq!(gpu.fault(), None);
}
