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

#[test]
fn streams_are_some_and_the_first_runs() {
    let count = "gemma3n.altup.num_inputs";
    for bad in [0u32, 1, 9, u32::MAX] {
        check(file("gemma3n").set(count, bad), &[count, &bad.to_string(), "2 to 8"]);
    }
    check(file("gemma3n").set(count, "four"), &[count]);
    check(file("gemma3n").set("gemma3n.altup.active_idx", 1u32), &["altup.active_idx", "not supported"]);
    // Streams that the tensors are not made for.
    check(file("gemma3n").set(count, 3u32), &["altup", "asks for"]);
}

#[test]
fn tensors_of_streams_have_their_shapes() {
    for name in [
        "altup_proj.weight",
        "altup_unembd_proj.weight",
        "blk.0.altup_router.weight",
        "blk.1.altup_router_norm.weight",
        "blk.0.altup_predict_coef.weight",
        "blk.5.altup_correct_coef.weight",
        "blk.2.altup_correct_scale.weight",
        "blk.0.laurel_l.weight",
        "blk.0.laurel_r.weight",
        "blk.3.laurel_post_norm.weight",
        "blk.0.inp_gate.weight",
        "blk.0.post_norm.weight",
    ] {
        let mut missing = file("gemma3n");
        missing.tensors.retain(|tensor| tensor.0 != name);
        check(&missing, &[name, "missing"]);
        let mut short = file("gemma3n");
        let tensor = short.tensor(name);
        let values: usize = tensor.1.iter().product();
        let last = tensor.1.len() - 1;
        tensor.3.truncate(4 * (values - values / tensor.1[last]));
        tensor.1[last] -= 1;
        check(&short, &[name, "has the shape"]);
    }
}

#[test]
fn gates_are_cut_by_a_number_a_layer() {
    let key = "gemma3n.activation_sparsity_scale";
    for bad in [f32::NAN, f32::INFINITY, -1.0] {
        check(file("gemma3n").set(key, bad), &[key, "numbers of at least 0"]);
        check(file("gemma3n").set(key, vec![bad; 6]), &[key, "numbers of at least 0"]);
    }
    check(file("gemma3n").set(key, vec![1.0f32; 5]), &[key, "6 entries, one a layer"]);
    check(
        file("gemma3n").set("gemma3n.attention.shared_kv_layers", 7u32),
        &["attention.shared_kv_layers", "0 to 6"],
    );
}

#[test]
fn norms_within_parts_have_their_widths() {
    for (name, expected) in [("blk.0.attn_sub_norm.weight", "[40]"), ("blk.2.ffn_sub_norm.weight", "[52]")] {
        let mut missing = file("bitnet");
        missing.tensors.retain(|tensor| tensor.0 != name);
        check(&missing, &[name, "missing"]);
        let mut short = file("bitnet");
        let tensor = short.tensor(name);
        (tensor.1, tensor.3) = (vec![1], vec![0; 4]);
        check(&short, &[name, "has the shape", expected]);
    }
}
