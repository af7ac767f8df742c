//! Encoder files that are sound GGUF and unsound models, and inputs at the ends of what an encoder takes.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_core::{Batch, ModelRunner, Pooling};
use gollum_gguf::{GgmlType, Value};
use gollum_kernels::reference::ReferenceOps;
use gollum_models::{ModelError, describe, load};
use gollum_quant::FormatId;
use tiny::cases::encoder_cases;
use tiny::{Config, File, OPTIONS};

fn config(name: &str) -> Config {
    encoder_cases().into_iter().find(|c| c.name == name).unwrap()
}

fn file(name: &str) -> File {
    File::new(&config(name), FormatId::F32)
}

fn error_of(file: &File) -> String {
    let gguf = file.gguf();
    let described = describe(&gguf).unwrap_err().to_string();
    let loaded = load(&gguf, Box::new(ReferenceOps::new()), OPTIONS, &mut |_| {}).err().unwrap();
    assert_eq!(described, loaded.to_string(), "describe and load agree");
    described
}

/// A value for one key, and what the message must hold.
fn check(name: &str, suffix: &str, value: impl Into<Value>, expected: &str) {
    let mut file = file(name);
    let key = format!("{}.{suffix}", config(name).arch);
    file.set(&key, value);
    let message = error_of(&file);
    assert!(message.contains(expected) && message.contains(&key), "{message}");
}

#[test]
fn values_out_of_range_name_their_key() {
    check("bert-0", "attention.causal", true, "true");
    check("bert-0", "pooling_type", 5u32, "5");
    check("bert-0", "pooling_type", "mean", "string");
    check("bert-0", "attention.layer_norm_epsilon", 2.0f32, "below 1");
    check("bert-0", "context_length", 0u32, "");
    check("modern-bert-0", "attention.sliding_window", u32::MAX - 1, "0 to");
}

#[test]
fn every_shape_is_checked() {
    for c in encoder_cases() {
        let whole = File::new(&c, FormatId::F32);
        for at in 0..whole.tensors.len() {
            let name = whole.tensors[at].0.clone();
            let mut bent = whole.clone();
            let (_, dims, _, bytes) = &mut bent.tensors[at];
            dims[0] += 1;
            bytes.resize(4 * dims.iter().product::<usize>(), 0);
            let message = error_of(&bent);
            assert!(message.contains(&name), "{}: {message} must name {name}", c.name);
        }
    }
}

#[test]
fn positions_are_as_many_as_the_context() {
    let mut file = file("bert-0");
    file.set("bert.context_length", 255u32);
    assert!(error_of(&file).contains("position_embd.weight"), "{}", error_of(&file));
}

#[test]
fn scores_need_a_classifier() {
    let mut file = file("bert-0");
    file.set("bert.pooling_type", 4u32);
    assert!(error_of(&file).contains("cls.output.weight"), "{}", error_of(&file));
    let gguf = self::file("bert-0").gguf();
    let mut model = load(&gguf, Box::new(ReferenceOps::new()), OPTIONS, &mut |_| {}).unwrap();
    assert!(matches!(model.set_pooling(Pooling::Rank), Err(ModelError::MissingTensor { .. })));
}

#[test]
fn extra_tensors_are_refused_by_name() {
    let mut file = file("bert-0");
    file.tensors.push(("blk.0.attn_norm.weight".into(), vec![40], GgmlType::F32, vec![0; 160]));
    assert!(error_of(&file).contains("blk.0.attn_norm.weight"));
}

#[test]
fn heads_wider_than_the_backend_takes_are_an_error() {
    let c = Config { layers: 1, ..Config::new("bert", 1, 1, 520) };
    let gguf = File::new(&c.set("attention.layer_norm_epsilon", 1e-5f32), FormatId::F32).gguf();
    let ops = CpuOps::new(&CpuConfig { threads: 1, isa: None }).unwrap();
    let error = load(&gguf, Box::new(ops), OPTIONS, &mut |_| {}).err().unwrap().to_string();
    assert!(error.contains("520"), "{error}");
}

/// A step as long as the context is taken, whatever the step's budget for many inputs.
#[test]
fn the_longest_input_is_the_context() {
    let gguf = file("bert-0").gguf();
    let mut model = load(&gguf, Box::new(ReferenceOps::new()), OPTIONS, &mut |_| {}).unwrap();
    let len = model.spec().context_len;
    assert_eq!((len, model.spec().max_batch_tokens), (256, 256));
    let mut batch = Batch::default();
    batch.push_whole(&vec![3; len]);
    let results = model.embed_whole(&batch).unwrap();
    assert!(results[0].len() == 40 && results[0].iter().all(|v| v.is_finite()));
}

/// NaN weights of one token reach the results of inputs that have it, and no other's.
#[test]
fn nan_reaches_its_own_input_only() {
    let mut file = file("bert-0");
    let (_, dims, _, bytes) = file.tensor("token_embd.weight");
    let row = 4 * dims[0];
    bytes[7 * row..8 * row].copy_from_slice(&f32::NAN.to_le_bytes().repeat(row / 4));
    let mut model = load(&file.gguf(), Box::new(ReferenceOps::new()), OPTIONS, &mut |_| {}).unwrap();
    let mut batch = Batch::default();
    for token in [3, 7, 5] {
        batch.push_whole(&[1, token, 2, 1]);
    }
    let nan: Vec<bool> =
        model.embed_whole(&batch).unwrap().iter().map(|r| r.iter().all(|v| v.is_nan())).collect();
    assert_eq!(nan, [false, true, false]);
}
