//! Small files through the whole verb.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use clap::Parser;
use gollum_gguf::{GgmlType, Gguf, Value, Writer};

use super::*;
use crate::cli::{Cli, Verb};
use crate::testing::TempDir;

const LAYERS: usize = 8;

fn weights(count: usize, seed: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|i| (((i * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0).to_le_bytes())
        .collect()
}

/// A model of F32 weights whose matrices are 256 wide but for one of 96.
fn model(dir: &TempDir) -> PathBuf {
    let mut writer = Writer::new()
        .meta("general.architecture", "llama")
        .meta("general.file_type", Value::U32(0))
        .meta("llama.block_count", Value::U32(LAYERS as u32))
        .meta("llama.attention.head_count", Value::U32(8))
        .meta("llama.attention.head_count_kv", Value::U32(2))
        .tensor("token_embd.weight", &[256, 16], GgmlType::F32, weights(256 * 16, 1))
        .tensor("output.weight", &[256, 16], GgmlType::F32, weights(256 * 16, 2))
        .tensor("odd.weight", &[96, 2], GgmlType::F32, weights(96 * 2, 3));
    for layer in 0..LAYERS {
        for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_down"] {
            let name = format!("blk.{layer}.{name}.weight");
            writer = writer.tensor(name, &[256, 4], GgmlType::F32, weights(1024, layer));
        }
        let norm = format!("blk.{layer}.attn_norm.weight");
        writer = writer.tensor(norm, &[256], GgmlType::F32, weights(256, layer));
    }
    dir.write("in.gguf", &writer.to_bytes().unwrap())
}

fn run(input: &Path, output: &Path, kind: &str, flags: &[&str]) -> anyhow::Result<()> {
    let words = ["gollum", "quantize", input.to_str().unwrap(), output.to_str().unwrap(), kind];
    let cli = Cli::try_parse_from(words.iter().chain(flags))?;
    let Verb::Quantize(mut args) = cli.verb else { panic!("another verb") };
    args.models.models_dir = output.parent().unwrap().join("none");
    quantize(&args)
}

fn refused(outcome: anyhow::Result<()>, reason: &str) {
    let error = format!("{:#}", outcome.expect_err(reason));
    assert!(error.contains(reason), "{error}");
}

fn type_of(gguf: &Gguf, name: &str) -> &'static str {
    gguf.tensor(name).unwrap().ggml_type.name()
}

#[test]
fn a_mix_chooses_types_and_writes_what_the_encoder_gives() {
    let dir = TempDir::new();
    let (input, output) = (model(&dir), dir.path().join("out.gguf"));
    run(&input, &output, "Q4_K_M", &["--threads", "3"]).unwrap();
    let (before, after) = (Gguf::open(&input).unwrap(), Gguf::open(&output).unwrap());
    assert_eq!(after.metadata().u32("general.file_type").unwrap(), Some(15));
    assert_eq!(after.metadata().u32("general.quantization_version").unwrap(), Some(2));
    assert_eq!(after.metadata().u32("llama.block_count").unwrap(), Some(LAYERS as u32));
    for (name, expected) in [
        ("token_embd.weight", "Q4_K"),
        ("output.weight", "Q6_K"),
        ("odd.weight", "Q5_0"),
        ("blk.0.attn_norm.weight", "F32"),
        ("blk.0.attn_v.weight", "Q6_K"),
        ("blk.1.attn_v.weight", "Q4_K"),
        ("blk.3.attn_v.weight", "Q6_K"),
        ("blk.7.ffn_down.weight", "Q6_K"),
        ("blk.2.ffn_down.weight", "Q4_K"),
        ("blk.2.attn_q.weight", "Q4_K"),
    ] {
        assert_eq!(type_of(&after, name), expected, "{name}");
    }
    for tensor in after.tensors() {
        let source = before.bytes(before.tensor(&tensor.name).unwrap());
        let to = format_of(tensor.ggml_type.number()).unwrap().id;
        assert_eq!(after.bytes(tensor), convert(source, FormatId::F32, to).unwrap(), "{}", tensor.name);
    }
}

#[test]
fn pure_is_one_type() {
    let dir = TempDir::new();
    let (input, output) = (model(&dir), dir.path().join("out.gguf"));
    run(&input, &output, "mxfp4", &["--pure"]).unwrap();
    let after = Gguf::open(&output).unwrap();
    assert_eq!(type_of(&after, "output.weight"), "MXFP4");
    assert_eq!(type_of(&after, "blk.2.attn_q.weight"), "MXFP4");
    assert_eq!(type_of(&after, "blk.2.attn_norm.weight"), "F32");
}

#[test]
fn a_split_output_is_the_same_model() {
    let dir = TempDir::new();
    let input = model(&dir);
    run(&input, &dir.path().join("one.gguf"), "Q8_0", &[]).unwrap();
    run(&input, &dir.path().join("many.gguf"), "Q8_0", &["--split-max-size", "8KiB"]).unwrap();
    let parts = std::fs::read_dir(dir.path()).unwrap().flatten();
    let count = parts.filter(|e| e.file_name().to_string_lossy().starts_with("many-")).count();
    assert!(count > 3, "{count} files");
    let one = Gguf::open(&dir.path().join("one.gguf")).unwrap();
    let many = Gguf::open(&dir.path().join(format!("many-00001-of-{count:05}.gguf"))).unwrap();
    assert_eq!(one.tensors().len(), many.tensors().len());
    for tensor in one.tensors() {
        assert_eq!(one.bytes(tensor), many.bytes(many.tensor(&tensor.name).unwrap()), "{}", tensor.name);
    }
    // And back to one file, by way of a type that changes nothing.
    let again = dir.path().join("again.gguf");
    run(&many.paths()[0], &again, "Q8_0", &[]).unwrap();
    assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(dir.path().join("one.gguf")).unwrap());
}

#[test]
fn nothing_is_destroyed_or_left_half() {
    let dir = TempDir::new();
    let (input, output) = (model(&dir), dir.path().join("out.gguf"));
    refused(run(&input, &input, "Q8_0", &["--overwrite"]), "is the input");
    run(&input, &output, "Q8_0", &["--dry-run"]).unwrap();
    assert!(!output.exists());
    run(&input, &output, "Q8_0", &[]).unwrap();
    refused(run(&input, &output, "Q4_0", &[]), "--overwrite");
    run(&input, &output, "Q4_0", &["--overwrite"]).unwrap();
    refused(run(&output, &dir.path().join("third.gguf"), "Q8_0", &[]), "--allow-requantize");
    run(&output, &dir.path().join("third.gguf"), "Q8_0", &["--allow-requantize"]).unwrap();
    let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_weight_that_is_not_finite_is_named_and_no_file_appears() {
    let dir = TempDir::new();
    let mut bytes = weights(512, 1);
    bytes[4 * 300..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let writer = Writer::new().tensor("blk.0.attn_q.weight", &[256, 2], GgmlType::F32, bytes);
    let input = dir.write("in.gguf", &writer.to_bytes().unwrap());
    refused(run(&input, &dir.path().join("out.gguf"), "Q8_0", &[]), "weight 300 of them is NaN");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn an_unknown_type_is_refused_with_the_known_ones() {
    let dir = TempDir::new();
    let input = model(&dir);
    refused(run(&input, &dir.path().join("o.gguf"), "Q9_9", &[]), "Q4_K_M");
    refused(run(&input, &dir.path().join("o.gguf"), "IQ1_S", &[]), "importance matrix");
}
