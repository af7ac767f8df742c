//! Decoding against the `gguf` package's, by the files that `tools/golden_quant.py` writes.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use gollum_quant::{FORMATS, Format, FormatId};
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
