//! Models whose first layers are computed on the CPU and the others on the GPU: near the CPU, and for one border the same bits
//! however a sequence is cut. `served` has them under the engine.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;
#[path = "../../models/tests/tiny/mod.rs"]
mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_backend_gpu::Gpu;
use gollum_core::{KvDtype, ModelRunner};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_models::{LoadOptions, ModelError, Transformer, check_border, describe, load, load_split};
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{Chunk, Config, File, OPTIONS, Session, in_order, real_model};

const PAGES: u32 = 16;

fn cpu() -> Box<dyn KernelOps> {
    Box::new(CpuOps::new(&CpuConfig { threads: 1, isa: None }).unwrap())
}

fn split(gpu: &Gpu, gguf: &Gguf, border: usize, options: LoadOptions) -> Result<Transformer, ModelError> {
    load_split(gguf, (cpu(), border), gpu::ops(gpu), options, &mut |_| {})
}

/// Every border of a model, for which it can be split, against the CPU. Returns how many these are.
fn check(gpu: &Gpu, what: &str, gguf: &Gguf, options: LoadOptions, borders: &[usize], bound: f64) -> usize {
    let hyper = describe(gguf).unwrap().hyper;
    let tokens: Vec<u32> = (0..40).map(|i| (i * 7919 + 13) % hyper.vocab_size as u32).collect();
    let session = |runner| Session::new(runner, 2, in_order(PAGES));
    let want = session(load(gguf, cpu(), options, &mut |_| {}).unwrap()).run_alone(0, &tokens, 64);
    let mut count = 0;
    for &border in borders {
        if let Err(why) = check_border(&hyper, border) {
            assert_eq!(split(gpu, gguf, border, options).err().unwrap().to_string(), why.to_string());
            continue;
        }
        count += 1;
        let whole = session(split(gpu, gguf, border, options).unwrap()).run_alone(0, &tokens, 64);
        let distance = gpu::nmse(&whole, &want);
        println!("{what}, border {border}: NMSE {distance:.1e}");
        assert!(distance <= bound, "{what}, border {border}: NMSE {distance:e}");
        let mut cut = session(split(gpu, gguf, border, options).unwrap());
        assert_eq!(
            gpu::bits(&cut.run_alone(0, &tokens, 7)),
            gpu::bits(&whole),
            "{what}, border {border}: in chunks"
        );
        // Only some rows go on behind the last layer.
        let wanted: &dyn Fn(usize) -> bool = &|position| position % 3 == 0;
        let some = Chunk { sequence: 1, tokens: &tokens, len: 25, copy_tail: false, wanted };
        for (_, position, row) in cut.step(&[some]) {
            assert_eq!(
                gpu::bits(&[row]),
                gpu::bits(&whole[position..=position]),
                "{what}, border {border}: some rows"
            );
        }
    }
    count
}

/// Plain attention, windows, states, states in some layers only, experts, keys that layers share, layers' own embeddings,
/// several streams.
#[test]
fn every_border_of_tiny_models() {
    let Some(gpu) = gpu::gpu() else { return };
    let all = cases();
    for arch in
        ["llama", "gemma3", "gemma3n", "gemma4", "falcon-h1", "qwen35", "mamba", "deepseek2", "qwen3moe"]
    {
        let case = all.iter().find(|case| case.name == format!("{arch}-0")).unwrap();
        let gguf = File::new(case, FormatId::F32).gguf();
        let borders: Vec<usize> = (1..case.layers).collect();
        check(&gpu, &case.name, &gguf, OPTIONS, &borders, 1e-5);
    }
    assert_eq!(gpu.fault(), None);
}

#[test]
fn keys_do_not_cross_the_border() {
    let Some(gpu) = gpu::gpu() else { return };
    let shares = |case: &&Config| {
        let hyper = describe(&File::new(case, FormatId::F32).gguf()).unwrap().hyper;
        hyper.streams == 1 && hyper.layers.iter().any(|layer| layer.kv_from.is_some())
    };
    let all = cases();
    let case = all.iter().find(shares).unwrap();
    let gguf = File::new(case, FormatId::F32).gguf();
    let borders: Vec<usize> = (1..case.layers).collect();
    let splits = check(&gpu, &case.name, &gguf, OPTIONS, &borders, 1e-5);
    assert!(splits < borders.len(), "{}: no border is refused", case.name);
}

#[test]
fn a_sequence_keeps_its_parts_on_both_sides() {
    let Some(gpu) = gpu::gpu() else { return };
    let c = Config { layers: 4, ffn: 96, ..Config::new("llama", 4, 2, 32) };
    let gguf = File::new(&c, FormatId::Q8_0).gguf();
    let whole = load(&gguf, cpu(), OPTIONS, &mut |_| {}).unwrap();
    assert_eq!(whole.front_share(), None);
    for border in 1..4 {
        let parts = split(&gpu, &gguf, border, OPTIONS).unwrap();
        assert_eq!(parts.spec(), whole.spec(), "what the engine sees");
        assert_eq!(parts.kv().layers.len(), 4 - border);
        assert_eq!(parts.front_share(), Some(border as f64 / 4.0));
    }
}

/// 30 layers: the last one, some, and all but the first on the GPU.
#[test]
fn smollm2_in_parts() {
    let Some(gpu) = gpu::gpu() else { return };
    let Some(gguf) = real_model("SmolLM2-135M-Instruct.Q4_1.gguf") else { return };
    let options = LoadOptions { kv_dtype: KvDtype::F16, ..OPTIONS };
    assert_eq!(check(&gpu, "smollm2", &gguf, options, &[29, 18, 1], 5e-3), 3);
    assert_eq!(gpu.fault(), None);
}
