//! Decoding, dots and encoders against the `gguf` package and the written arithmetic, by the files that `tools/golden_quant.py` writes.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use gollum_quant::encode::{can_encode, quantise_row};
use gollum_quant::{Dot, FORMATS, Format, FormatId, Q8Rows, QuantError};
use serde_json::Value;

fn golden(format: &Format) -> Vec<Value> {
    let file = format!("../../golden/quant/{}.json", format.name.to_lowercase());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["format"], format.name);
    json["rows"].as_array().unwrap().clone()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap()).collect()
}

fn f32_bits(hex: &Value) -> Vec<u32> {
    bytes(hex).as_chunks::<4>().0.iter().map(|b| u32::from_be_bytes(*b)).collect()
}

/// Bit for bit: numpy rounds after every operation as Rust does, and both multiply the scales first, so
/// there is nothing to tolerate.
fn check_decode(format: &Format) {
    let rows = golden(format);
    assert_eq!(rows.len(), 3, "{}", format.name);
    for row in rows {
        let (blocks, expected) = (bytes(&row["bytes"]), f32_bits(&row["weights"]));
        let mut out = vec![0.0f32; expected.len()];
        (format.decode_row)(&blocks, &mut out).unwrap();
        for (i, (got, want)) in out.iter().zip(&expected).enumerate() {
            let want = f32::from_bits(*want);
            assert_eq!(
                got.to_bits(),
                want.to_bits(),
                "{} {} weight {i}: {got} {want}",
                format.name,
                row["what"]
            );
        }
    }
}

#[test]
fn every_format_decodes_to_the_same_bits() {
    for format in FORMATS.iter().filter(|f| f.id != FormatId::F32) {
        check_decode(format);
    }
}

const ACTIVATION_SETS: usize = 4;

/// The activations of `tools/golden_quant.py`.
fn activations(count: usize, set: usize) -> Vec<f32> {
    let value = |i: i64, j: i64| ((j * j * 29 + j * 7) % 257 - 64) * (17 - i / 32);
    (0..count).map(|i| value(i as i64, (i + 1000 * set) as i64) as f32 / 61.0).collect()
}

fn dot(format: &Format, blocks: &[u8], x: &[f32]) -> f32 {
    match format.dot {
        Dot::Int(dot) => dot(blocks, Q8Rows::quantise(x, x.len()).row(0)),
        Dot::Float(dot) => dot(blocks, x),
    }
}

/// Bit for bit against the module text's arithmetic, done by the tool on exact fractions: the order of
/// operations is what every backend must equal, so a change of it must be made there and here on purpose.
#[test]
fn every_dot_is_the_written_arithmetic() {
    for format in FORMATS.iter().filter(|f| f.id != FormatId::F32) {
        for row in golden(format) {
            let (row_bytes, dots) = (bytes(&row["bytes"]), f32_bits(&row["dots"]));
            let blocks = row_bytes.len() / format.block_bytes;
            assert_eq!(dots.len(), ACTIVATION_SETS * blocks);
            for (n, want) in dots.into_iter().enumerate() {
                let (set, blocks) = (n / blocks, n % blocks + 1);
                let x = activations(blocks * format.block_weights, set);
                let got = dot(format, &row_bytes[..blocks * format.block_bytes], &x);
                let name = format.name;
                assert_eq!(got.to_bits(), want, "{name} {} set {set}, {blocks} blocks: {got}", row["what"]);
            }
        }
    }
}

/// The package encodes as ggml's plain encoder does, and so do ours: equal bytes.
#[test]
fn every_encoder_writes_the_same_bytes() {
    let mut compared = 0;
    for format in FORMATS.iter().filter(|f| f.id != FormatId::F32) {
        for row in golden(format).iter().filter(|row| row.get("source").is_some()) {
            let source: Vec<f32> = f32_bits(&row["source"]).into_iter().map(f32::from_bits).collect();
            match quantise_row(format.id, &source) {
                Err(QuantError::NoEncoder { .. }) => continue,
                got => assert_eq!(got.unwrap(), bytes(&row["bytes"]), "{}", format.name),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 10, "F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, MXFP4, TQ1_0, TQ2_0");
}

fn encode_json(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../golden/encode/{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str::<Value>(&text).unwrap()["rows"].as_array().unwrap().clone()
}

/// Byte for byte what llama.cpp writes without an importance matrix, the searches of the K formats included.
#[test]
fn every_encoder_writes_what_llama_cpp_writes() {
    let sources = encode_json("sources");
    for format in FORMATS.iter().filter(|f| can_encode(f.id) && f.id != FormatId::F32) {
        let rows = encode_json(&format.name.to_lowercase());
        assert_eq!(rows.len(), sources.len());
        for (row, source) in rows.iter().zip(&sources) {
            let x: Vec<f32> = f32_bits(&source["source"]).into_iter().map(f32::from_bits).collect();
            let (got, want) = (quantise_row(format.id, &x).unwrap(), bytes(&row["bytes"]));
            let differs = got.iter().zip(&want).position(|(g, w)| g != w);
            assert_eq!(
                (got.len(), differs),
                (want.len(), None),
                "{} {}: {:?}",
                format.name,
                source["what"],
                differs.map(|at| (at / format.block_bytes, at % format.block_bytes, got[at], want[at]))
            );
        }
    }
}
