//! Hostile models with recurrent layers: each ends in an error that names the key or the tensor.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::KvDtype;
use gollum_gguf::Value;
use gollum_models::describe;
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{File, load_with};

fn file(case: &str) -> File {
    let config = cases().into_iter().find(|c| c.name == case).unwrap();
    File::new(&config, FormatId::F32)
}

/// What the error of a file says, which is the same whether it is described or loaded.
fn message(file: &File) -> String {
    let gguf = file.gguf();
    let described = describe(&gguf).unwrap_err().to_string();
    assert_eq!(described, load_with(&gguf, KvDtype::F32).err().unwrap().to_string());
    described
}

/// A case with one key set, and what the message must hold.
fn check_value(case: &str, suffix: &str, value: impl Into<Value>, expected: &[&str]) {
    let key = format!("{}.{suffix}", case.rsplit_once('-').unwrap().0);
    let mut file = file(case);
    file.set(&key, value);
    let message = message(&file);
    for part in expected.iter().chain([&key.as_str()]) {
        assert!(message.contains(part), "{message:?} must name {part:?}");
    }
}

#[test]
fn values_out_of_range_name_their_key() {
    for case in ["mamba-0", "mamba2-0", "jamba-0", "falcon-h1-0", "plamo2-0"] {
        check_value(case, "ssm.conv_kernel", 5u32, &["2 to 4"]);
        check_value(case, "ssm.conv_kernel", 1u32, &["2 to 4"]);
        for suffix in ["ssm.inner_size", "ssm.state_size", "ssm.time_step_rank"] {
            check_value(case, suffix, u32::MAX, &["4294967295", "1 to"]);
            check_value(case, suffix, 0u32, &["missing"]);
        }
    }
    for case in ["mamba2-0", "falcon-h1-0"] {
        check_value(case, "ssm.group_count", 3u32, &["a divisor of 4 heads"]);
        check_value(case, "ssm.time_step_rank", 6u32, &["a divisor of"]);
    }
    check_value("plamo2-0", "ssm.time_step_rank", 7u32, &["a divisor of ssm.inner_size 80"]);
    check_value("plamo2-0", "ssm.group_count", 2u32, &["1 to 1"]);
    check_value("mamba-0", "ssm.group_count", 2u32, &["1 to 1"]);
    check_value("mamba-0", "ssm.dt_b_c_rms", "yes", &["string"]);
}

#[test]
fn tensors_of_other_shapes_are_named() {
    for (case, name) in [
        ("mamba-0", "blk.1.ssm_x.weight"),
        ("mamba-0", "blk.0.ssm_a"),
        ("mamba-0", "blk.2.ssm_conv1d.weight"),
        ("mamba2-0", "blk.0.ssm_norm.weight"),
        ("jamba-0", "blk.2.ssm_b_norm.weight"),
        ("falcon-h1-0", "blk.0.ssm_d"),
        ("plamo2-0", "blk.0.ssm_dt.weight"),
        ("plamo2-0", "blk.1.attn_k_norm.weight"),
    ] {
        let mut bent = file(case);
        let tensor = bent.tensor(name);
        let row = tensor.3.len() / tensor.1.last().unwrap();
        *tensor.1.last_mut().unwrap() += 1;
        tensor.3.resize(tensor.3.len() + row, 0);
        let said = message(&bent);
        assert!(said.contains(name), "{said:?} must name {name}");
        let mut missing = file(case);
        missing.tensors.retain(|t| t.0 != name);
        let said = message(&missing);
        assert!(said.contains(name), "{said:?} must name {name}");
    }
}

/// Writers give a model that has no attention its numbers nevertheless, or leave them out.
#[test]
fn attention_of_models_without_it_counts_for_nothing() {
    for case in ["mamba-0", "mamba2-0"] {
        let arch = case.strip_suffix("-0").unwrap();
        let described = describe(&file(case).gguf()).unwrap();
        assert!(described.kv_layers.is_empty());
        let plain = described.hyper;
        let mut bare = file(case);
        for suffix in ["head_count", "head_count_kv", "key_length", "value_length"] {
            bare.remove(&format!("{arch}.attention.{suffix}"));
        }
        bare.remove(&format!("{arch}.rope.dimension_count"));
        assert_eq!(describe(&bare.gguf()).unwrap().hyper, plain);
    }
}

/// PLaMo 2's converters count no heads in recurrent layers.
#[test]
fn heads_of_recurrent_layers_count_for_nothing() {
    let mut counted = file("plamo2-0");
    let plain = describe(&counted.gguf()).unwrap();
    counted.set("plamo2.attention.head_count", vec![0u32, 4, 0, 4]);
    let described = describe(&counted.gguf()).unwrap();
    assert_eq!(described.kv_layers, plain.kv_layers);
    assert_eq!(described.hyper.layers[1], plain.hyper.layers[1]);
}
