//! A real encoder, all-MiniLM-L6-v2, against llama.cpp's embeddings by its F32 file, in three formats.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps, Isa};
use gollum_core::{Batch, ModelRunner, TokenId};
use gollum_gguf::{GgmlType, Gguf, Writer};
use gollum_models::{LoadOptions, load};
use gollum_quant::FormatId;
use gollum_quant::encode::quantise_row;
use tiny::{OPTIONS, real_model};

/// `scripts/fetch_models.py minilm`.
const FILE: &str = "all-MiniLM-L6-v2.F32.gguf";

/// `golden/embed/minilm.json`, written by `tools/golden_minilm.py`.
#[derive(serde::Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    tokens: Vec<TokenId>,
    embedding: Vec<f64>,
}

fn golden() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/embed/minilm.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    golden.cases
}

/// The file with its matrices in another format.
fn converted(gguf: &Gguf, format: FormatId) -> Gguf {
    let mut writer = Writer::new();
    for (key, value) in gguf.metadata().iter() {
        writer = writer.meta(key, value.clone());
    }
    for tensor in gguf.tensors() {
        let bytes = gguf.bytes(tensor);
        let is_matrix = tensor.dims.len() == 2
            && !["position_embd.weight", "token_types.weight"].contains(&tensor.name.as_str());
        let (ggml_type, bytes) = if is_matrix {
            let values: Vec<f32> =
                bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
            let rows = values.chunks(tensor.dims[0]).map(|row| quantise_row(format, row).unwrap());
            (GgmlType::from_number(format as u32).unwrap(), rows.collect::<Vec<_>>().concat())
        } else {
            (tensor.ggml_type, bytes.to_vec())
        };
        writer = writer.tensor(&tensor.name, &tensor.dims, ggml_type, bytes);
    }
    Gguf::from_bytes(writer.to_bytes().unwrap()).unwrap()
}

/// Embeddings of all cases, `at_once` in a step.
fn embeddings(gguf: &Gguf, isa: Isa, cases: &[Case], at_once: usize) -> Vec<Vec<f32>> {
    let ops = CpuOps::new(&CpuConfig { threads: 2, isa: Some(isa) }).unwrap();
    let options = LoadOptions { max_batch_sequences: cases.len(), ..OPTIONS };
    let mut model = load(gguf, Box::new(ops), options, &mut |_| {}).unwrap();
    let mut results = Vec::new();
    for cases in cases.chunks(at_once) {
        let mut batch = Batch::default();
        cases.iter().for_each(|case| batch.push_whole(&case.tokens));
        results.extend(model.embed_whole(&batch).unwrap());
    }
    results
}

fn cosine(got: &[f32], want: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let got: Vec<f64> = got.iter().map(|&v| f64::from(v)).collect();
    assert_eq!(got.len(), want.len());
    dot(&got, want) / (dot(&got, &got) * dot(want, want)).sqrt()
}

fn check(format: FormatId, least: f64) {
    let Some(file) = real_model(FILE) else { return };
    let gguf = if format == FormatId::F32 { file } else { converted(&file, format) };
    let cases = golden();
    let mut first: Option<Vec<Vec<f32>>> = None;
    for (at, isa) in Isa::ALL.into_iter().rev().filter(|isa| isa.is_available()).enumerate() {
        // The slow ones get the short sentences.
        let cases = if isa == Isa::Scalar { &cases[..2] } else { &cases[..] };
        let results = embeddings(&gguf, isa, cases, [1, cases.len(), 4][at % 3]);
        for (case, got) in cases.iter().zip(&results) {
            let (cosine, tokens) = (cosine(got, &case.embedding), case.tokens.len());
            println!("{format:?} on {}: cosine {cosine:.7} of {tokens} tokens", isa.name());
            // A single letter has little to average over: llama.cpp's own Q8_0 is at 0.99887 to its F32 there.
            let least = if tokens < 4 { least.min(0.998) } else { least };
            assert!(cosine >= least, "{format:?} on {}: cosine {cosine} of {tokens} tokens", isa.name());
        }
        let first = first.get_or_insert_with(|| results.clone());
        for (got, want) in results.iter().zip(&*first) {
            let same = got.iter().zip(want).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{format:?} on {}: other bits", isa.name());
        }
    }
}

#[test]
fn f32_is_llama_cpp() {
    check(FormatId::F32, 0.9999);
}

#[test]
fn f16_is_llama_cpp() {
    check(FormatId::F16, 0.9999);
}

#[test]
fn q8_0_is_nearly() {
    check(FormatId::Q8_0, 0.999);
}
