//! Sound GGUF and unsound numbers of parts that one architecture has: each ends in an error that names the key or the tensor.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::KvDtype;
use gollum_gguf::Value;
use gollum_models::describe;
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{File, load_with};

fn file(arch: &str) -> File {
    File::new(&cases().into_iter().find(|case| case.arch == arch).unwrap(), FormatId::F32)
}

/// Loading, and describing, end in an error that holds all of `parts`.
fn check(file: &File, parts: &[&str]) {
    let message = describe(&file.gguf()).unwrap_err().to_string();
    assert!(parts.iter().all(|part| message.contains(part)), "{message:?} must name {parts:?}");
    let loaded = load_with(&file.gguf(), KvDtype::F32).err().unwrap();
    assert_eq!(message, loaded.to_string(), "describe and load agree");
}

#[test]
fn xielu_needs_four_numbers_a_layer() {
    for key in ["xielu.alpha_n", "xielu.alpha_p", "xielu.beta", "xielu.eps"] {
        check(file("apertus").remove(key), &[key, "missing"]);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            check(file("apertus").set(key, bad), &[key, "finite numbers"]);
            check(file("apertus").set(key, vec![0.5, bad, 0.5]), &[key, "finite numbers"]);
        }
        check(file("apertus").set(key, vec![0.5f32, 0.5]), &[key, "2 entries", "3 entries, one a layer"]);
        check(file("apertus").set(key, vec![0.5f32; 513]), &[key, "513 entries"]);
        check(file("apertus").set(key, "half"), &[key]);
        check(file("apertus").set(key, vec!["half".to_owned(); 3]), &[key, "a number a layer"]);
    }
    // Whatever is finite is a number: no layer overflows.
    let mut largest = file("apertus");
    largest.set("xielu.alpha_n", Value::from(f32::MAX)).set("xielu.alpha_p", Value::from(f32::MIN));
    load_with(&largest.gguf(), KvDtype::F32).unwrap();
}
