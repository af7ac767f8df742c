//! Encoders: tiny random models against llama.cpp's embeddings, and the same bits alone, in company, on every instruction
//! set.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps, Isa};
use gollum_core::{Batch, Logits, ModelRunner, PAGE_TOKENS, PageId, Pooling, SequenceSpan, TokenId};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_kernels::conformance::Rng;
use gollum_kernels::reference::ReferenceOps;
use gollum_models::arch::Direction;
use gollum_models::{ARCHITECTURES, LoadOptions, Transformer, load};
use gollum_quant::FormatId;
use tiny::cases::{causal_embedders, encoder_cases};
use tiny::{Config, File, OPTIONS};

/// How far from llama.cpp's results ours may be. It looks GELU up in a table of f16 values.
const MAX_NMSE: f64 = 1e-6;
/// Inputs of the largest batch.
const INPUTS: usize = 9;

fn model(gguf: &Gguf, ops: Box<dyn KernelOps>) -> Transformer {
    let options = LoadOptions { max_batch_sequences: INPUTS, ..OPTIONS };
    load(gguf, ops, options, &mut |_| {}).unwrap()
}

fn embed(model: &mut Transformer, inputs: &[&[TokenId]]) -> Vec<Vec<f32>> {
    let mut batch = Batch::default();
    inputs.iter().for_each(|input| batch.push_whole(input));
    let results = model.embed_whole(&batch).unwrap();
    assert_eq!(results.len(), inputs.len());
    results
}

/// `golden/embed/*.json`, written by `tools/golden_encoders.py`.
#[derive(serde::Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    /// That of a case in `tiny/cases/encoders.rs`.
    name: String,
    tokens: Vec<TokenId>,
    /// Positions whose rows are kept with no pooling.
    rows: Vec<usize>,
    /// By pooling.
    llama_cpp: std::collections::BTreeMap<String, Vec<Vec<f64>>>,
}

fn golden(file: &str, name: &str) -> Result<Case, String> {
    let path = format!("{}/../../golden/embed/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let golden: Golden = serde_json::from_str(&text).unwrap();
    golden.cases.into_iter().find(|case| case.name == name).ok_or("no golden results".to_owned())
}

fn nmse(got: &[f32], want: &[Vec<f64>]) -> f64 {
    let want = want.concat();
    assert_eq!(got.len(), want.len());
    let error: f64 = got.iter().zip(&want).map(|(&g, w)| (f64::from(g) - w).powi(2)).sum();
    error / want.iter().map(|w| w * w).sum::<f64>()
}

/// The largest error of a case over its poolings, or why there is none.
fn error(c: &Config) -> Result<f64, String> {
    let case = golden(&c.arch, &c.name)?;
    let mut model = model(&File::new(c, FormatId::F32).gguf(), Box::new(ReferenceOps::new()));
    let mut worst: f64 = 0.0;
    assert!(case.llama_cpp.len() >= 4, "{}: {:?}", c.name, case.llama_cpp.keys());
    for (name, want) in &case.llama_cpp {
        let (_, pooling) = Pooling::NAMES.into_iter().find(|(known, _)| known == name).unwrap();
        model.set_pooling(pooling).unwrap();
        let mut got = embed(&mut model, &[&case.tokens]).remove(0);
        let width = model.embedding().unwrap().width;
        if pooling == Pooling::None {
            got = case.rows.iter().flat_map(|row| got[row * width..(row + 1) * width].to_vec()).collect();
        }
        let error = nmse(&got, want);
        println!("{}, {name}: NMSE {error:.1e}", c.name);
        worst = worst.max(error);
    }
    Ok(worst)
}

#[test]
fn every_encoder_equals_llama_cpp() {
    let errors: Vec<_> = encoder_cases().into_iter().map(|c| (error(&c), c)).collect();
    let mut wrong: Vec<String> = Vec::new();
    for (error, c) in &errors {
        let said = error.as_ref().map_or_else(Clone::clone, |error| format!("NMSE {error:.1e} to llama.cpp"));
        if !error.as_ref().is_ok_and(|&error| error <= MAX_NMSE) {
            wrong.push(format!("{}: {said}", c.name));
        }
    }
    let encoders = ARCHITECTURES.iter().filter(|a| a.direction == Direction::Both);
    let mut table = String::from(
        "| architecture | known models | cases | NMSE to llama.cpp |\n| --- | --- | --- | --- |\n",
    );
    for a in encoders {
        let of = errors.iter().filter(|(_, c)| c.arch == a.gguf_name);
        let of: Vec<f64> = of.filter_map(|(error, _)| error.as_ref().ok().copied()).collect();
        if of.is_empty() {
            wrong.push(format!("{} has no case", a.gguf_name));
        }
        let power = of.iter().copied().fold(1e-12, f64::max).log10().ceil() as i32;
        table += &format!("| {} | {} | {} | <= 1e{power} |\n", a.gguf_name, a.models, of.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = format!("{}/../../docs/architectures.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(TABLE_BEGIN).unwrap();
    let (found, after) = rest.split_once(TABLE_END).unwrap();
    if std::env::var_os("GOLLUM_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{TABLE_BEGIN}{table}{TABLE_END}{after}")).unwrap();
    } else {
        assert_eq!(found, table, "docs/architectures.md: run this test with GOLLUM_BLESS=1");
    }
}

/// The rows of a prompt behind the last norm, in chunks over pages.
fn hidden_rows(model: &mut Transformer, tokens: &[TokenId], chunks: &[usize]) -> Vec<Vec<f32>> {
    let pages = tokens.len().div_ceil(PAGE_TOKENS);
    let window = model.spec().window;
    model.allocate_kv(pages, window.map_or(0, |_| pages)).unwrap();
    let (mut rows, mut done) = (Vec::new(), 0);
    for &len in chunks {
        let end = done + len;
        let mut batch = Batch {
            tokens: tokens[done..end].to_vec(),
            positions: (done as u32..end as u32).collect(),
            slot_mapping: (done as u32..end as u32).collect(),
            sequences: vec![SequenceSpan {
                query_start: 0,
                query_len: len,
                context_len: end,
                table_start: 0,
                table_len: end.div_ceil(PAGE_TOKENS),
                state: None,
            }],
            block_tables: (0..end.div_ceil(PAGE_TOKENS) as u32).map(PageId).collect(),
            logits_rows: (0..len).collect(),
            ..Batch::default()
        };
        batch.mirror_windows(window);
        let (mut logits, mut hidden) = (Logits::default(), Logits::default());
        model.forward_hidden(&batch, &vec![true; len], &mut logits, &mut hidden).unwrap();
        rows.extend((0..len).map(|row| hidden.row(row).to_vec()));
        done = end;
    }
    rows
}

/// Models with a causal mask, over pages: rows as in llama.cpp, and what is made of the pooled one.
#[test]
fn causal_models_embed_as_llama_cpp() {
    for c in causal_embedders() {
        let case = golden("causal", &c.name).unwrap();
        let gguf = File::new(&c, FormatId::F32).gguf();
        let new = || model(&gguf, Box::new(ReferenceOps::new()));
        let rows = hidden_rows(&mut new(), &case.tokens, &[40]);
        assert_eq!(rows, hidden_rows(&mut new(), &case.tokens, &[1, 20, 19]), "{}: chunks", c.name);
        let width = rows[0].len();
        let mean = |i: usize| rows.iter().map(|row| f64::from(row[i])).sum::<f64>() / rows.len() as f64;
        for (name, want) in &case.llama_cpp {
            let pooled = match name.as_str() {
                "none" => case.rows.iter().flat_map(|&row| rows[row].clone()).collect(),
                "mean" => (0..width).map(|i| mean(i) as f32).collect(),
                "cls" => rows[0].clone(),
                "last" | "rank" => rows[rows.len() - 1].clone(),
                other => panic!("{other}"),
            };
            let mut model = new();
            let (_, pooling) = Pooling::NAMES.into_iter().find(|(known, _)| known == name).unwrap();
            model.set_pooling(pooling).unwrap();
            let spec = model.embedding().unwrap();
            assert!(!spec.whole_input);
            let got = if name == "none" { pooled } else { model.finish_pooled(pooled).unwrap() };
            let error = nmse(&got, want);
            println!("{}, {name}: NMSE {error:.1e}", c.name);
            assert!(error <= MAX_NMSE, "{}, {name}: NMSE {error:.1e}", c.name);
        }
    }
}

const TABLE_BEGIN: &str = "<!-- written by crates/models/tests/encoders.rs -->\n";
const TABLE_END: &str = "<!-- end -->\n";

fn inputs(rng: &mut Rng) -> Vec<Vec<TokenId>> {
    let lens = [1, 5, 17, 2, 16, 33, 9, 31, 4];
    lens.map(|len| (0..len).map(|_| rng.below(29) as TokenId).collect()).to_vec()
}

fn fnv1a(rows: &[Vec<f32>]) -> u64 {
    let bytes = rows.iter().flatten().flat_map(|v| v.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Each input alone, then all together in another order.
fn alone_and_in_company(what: &str, model: &mut Transformer, inputs: &[Vec<TokenId>]) -> Vec<Vec<f32>> {
    let alone: Vec<Vec<f32>> = inputs.iter().map(|input| embed(model, &[input]).remove(0)).collect();
    let backwards: Vec<&[TokenId]> = inputs.iter().rev().map(Vec::as_slice).collect();
    let mut together = embed(model, &backwards);
    together.reverse();
    for (input, (alone, together)) in alone.iter().zip(&together).enumerate() {
        let differs = alone.iter().zip(together).position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(differs, None, "{what}: input {input} of {} differs at this value", inputs[input].len());
        assert!(alone.iter().all(|v| v.is_finite()));
    }
    alone
}

fn backends() -> Vec<(String, Box<dyn KernelOps>)> {
    let mut all: Vec<(String, Box<dyn KernelOps>)> = Vec::new();
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for threads in [1, 3] {
            let ops = CpuOps::new(&CpuConfig { threads, isa: Some(isa) }).unwrap();
            all.push((format!("{} x {threads}", isa.name()), Box::new(ops)));
        }
    }
    all
}

/// The hash of each case's results, weights in F32; and of BERT in other formats.
#[rustfmt::skip]
const BITS: &[(&str, u64)] = &[
    ("bert-0", 0x11df9af3d7b6266b),
    ("bert-1", 0x39f488749896f1fc),
    ("eurobert-0", 0x75d42c205b53dade),
    ("gemma-embedding-0", 0x21877045a646c338),
    ("jina-bert-v2-0", 0xa53bbcb560453167),
    ("jina-bert-v2-1", 0xb19a533d0b7d5132),
    ("jina-bert-v3-0", 0x8348141287839c85),
    ("llama-embed-0", 0x16ca31b06f3caf54),
    ("modern-bert-0", 0xce61b6148488ae35),
    ("modern-bert-1", 0x69650140ce248b09),
    ("neo-bert-0", 0x91eceabd512e241f),
    ("nomic-bert-0", 0x79a8a72d2936b22d),
    ("nomic-bert-moe-0", 0x7fd60de3762fda7f),
    ("qwen2-0", 0x5986d8ae06350d90),
    ("bert F16", 0xb4436f4d2b478736),
    ("bert Q8_0", 0x746d6ae70199235e),
    ("bert Q4_0", 0xba3f9c5e8dfee1ae),
];

#[test]
fn the_same_bits_alone_in_company_and_on_every_instruction_set() {
    let mut cases: Vec<(Config, FormatId, String)> =
        encoder_cases().into_iter().map(|c| (c.clone(), FormatId::F32, c.name)).collect();
    for format in [FormatId::F16, FormatId::Q8_0, FormatId::Q4_0] {
        let c = Config { kv_heads: 2, ffn: 96, ..Config::new("bert", 2, 2, 32) };
        let c = c.set("attention.layer_norm_epsilon", 1e-5f32).set("pooling_type", 1u32);
        cases.push((c, format, format!("bert {format:?}")));
    }
    let mut wrong = Vec::new();
    for (at, (c, format, name)) in cases.iter().enumerate() {
        let gguf = File::new(c, *format).gguf();
        let inputs = inputs(&mut Rng::new(14));
        let reference: (String, Box<dyn KernelOps>) = ("reference".to_owned(), Box::new(ReferenceOps::new()));
        for (backend, ops) in [reference].into_iter().chain(backends()) {
            let what = format!("{name} on {backend}");
            let got = fnv1a(&alone_and_in_company(&what, &mut model(&gguf, ops), &inputs));
            if BITS.get(at) != Some(&(name.as_str(), got)) {
                wrong.push(format!("    (\"{name}\", {got:#018x}), // {backend}"));
            }
        }
    }
    assert!(wrong.is_empty(), "other bits than recorded:\n{}", wrong.join("\n"));
    assert_eq!(BITS.len(), cases.len(), "a line of the table is of no case");
}
