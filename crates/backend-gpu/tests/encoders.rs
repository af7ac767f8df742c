//! Encoders on the GPU: near the reference and the CPU, the same bits alone and in company, and nothing of them on the host.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;
#[path = "../../models/tests/tiny/mod.rs"]
mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_backend_gpu::Gpu;
use gollum_core::{Batch, ModelRunner, Pooling, TokenId};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_kernels::conformance::Rng;
use gollum_kernels::reference::ReferenceOps;
use gollum_models::{LoadOptions, Transformer, load};
use gollum_quant::FormatId;
use tiny::cases::encoder_cases;
use tiny::{Config, File, OPTIONS, real_model};

/// Rows of a step at most: room for inputs of several tiles of keys.
const ROWS: usize = 256;

fn model(gguf: &Gguf, ops: Box<dyn KernelOps>, inputs: usize) -> Transformer {
    let options = LoadOptions { max_batch_tokens: ROWS, max_batch_sequences: inputs, ..OPTIONS };
    load(gguf, ops, options, &mut |_| {}).unwrap()
}

/// The results of inputs in one step.
fn embed(model: &mut Transformer, inputs: &[&[TokenId]]) -> Vec<Vec<f32>> {
    let mut batch = Batch::default();
    inputs.iter().for_each(|input| batch.push_whole(input));
    model.embed_whole(&batch).unwrap()
}

/// The results of each input alone, which are those in the company of all others, backwards.
fn alone_and_in_company(what: &str, model: &mut Transformer, inputs: &[Vec<TokenId>]) -> Vec<Vec<f32>> {
    let alone: Vec<Vec<f32>> = inputs.iter().map(|input| embed(model, &[input]).remove(0)).collect();
    let backwards: Vec<&[TokenId]> = inputs.iter().rev().map(Vec::as_slice).collect();
    let together = embed(model, &backwards);
    for (input, (alone, together)) in inputs.iter().zip(alone.iter().zip(together.iter().rev())) {
        assert!(alone.iter().all(|v| v.is_finite()), "{what}: results must be numbers");
        let same = alone.iter().zip(together).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same && alone.len() == together.len(), "{what}: bits of {} tokens in company", input.len());
    }
    alone
}

/// Of a GPU, how far an encoder's rows without pooling, and what it makes of them, are from those of another backend.
fn check(gpu: &Gpu, (what, gguf): (&str, &Gguf), other: Box<dyn KernelOps>, inputs: &[Vec<TokenId>]) -> f64 {
    let (mut here, mut there) = (model(gguf, gpu::ops(gpu), inputs.len()), model(gguf, other, inputs.len()));
    let own = here.embedding().unwrap().pooling;
    let mut worst: f64 = 0.0;
    for pooling in own.into_iter().chain([Pooling::None]) {
        here.set_pooling(pooling).unwrap();
        there.set_pooling(pooling).unwrap();
        let got = alone_and_in_company(&format!("{what}, {pooling:?}"), &mut here, inputs);
        let want: Vec<Vec<f32>> = inputs.iter().map(|input| embed(&mut there, &[input]).remove(0)).collect();
        worst = worst.max(gpu::nmse(&got, &want));
    }
    worst
}

fn inputs(vocab: usize, lens: &[usize]) -> Vec<Vec<TokenId>> {
    let mut rng = Rng::new(14);
    lens.iter().map(|&len| (0..len).map(|_| rng.below(vocab) as TokenId).collect()).collect()
}

#[test]
fn every_encoder_is_near_the_reference() {
    let Some(gpu) = gpu::gpu() else { return };
    let inputs = inputs(29, &[1, 5, 17, 2, 70, 16, 33]);
    let mut worst = (0.0, String::new());
    for c in encoder_cases() {
        let gguf = File::new(&c, FormatId::F32).gguf();
        let nmse = check(&gpu, (&c.name, &gguf), Box::new(ReferenceOps::new()), &inputs);
        assert!(nmse <= 1e-9, "{}: NMSE {nmse:e}", c.name);
        if nmse > worst.0 {
            worst = (nmse, c.name);
        }
    }
    println!("the furthest from the reference: {worst:?}");
    for format in [FormatId::F16, FormatId::Q8_0, FormatId::Q4_0] {
        let c = Config { ffn: 96, ..Config::new("bert", 2, 2, 32) };
        let c = c.set("attention.layer_norm_epsilon", 1e-5f32).set("pooling_type", 1u32);
        let gguf = File::new(&c, format).gguf();
        let nmse = check(&gpu, ("bert", &gguf), Box::new(ReferenceOps::new()), &inputs);
        println!("bert {format:?}: NMSE {nmse:.1e}");
        // A code of an activation can round the other way.
        assert!(nmse <= 1e-4, "bert {format:?}: NMSE {nmse:e}");
    }
    assert_eq!(gpu.fault(), None);
}

/// 6 layers of 12 heads of 32.
#[test]
fn minilm_is_near_the_cpu() {
    let Some(gpu) = gpu::gpu() else { return };
    let Some(gguf) = real_model("all-MiniLM-L6-v2.F32.gguf") else { return };
    let cpu = CpuOps::new(&CpuConfig { threads: 2, isa: None }).unwrap();
    let nmse = check(&gpu, ("minilm", &gguf), Box::new(cpu), &inputs(20_000, &[9, 1, 100, 23]));
    println!("minilm: NMSE {nmse:.1e}");
    assert!(nmse < 1e-9, "{nmse:e}");
    assert_eq!(gpu.fault(), None);
}
