//! Files that are sound GGUF and unsound models: each ends in an error that names the key or the tensor.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::{KvDtype, ModelRunner};
use gollum_gguf::{GgmlType, Value};
use gollum_models::{ModelError, describe};
use gollum_quant::FormatId;
use tiny::{Config, File, Session, in_order, load_with};

fn file(arch: &str) -> File {
    File::new(&Config { window: 7, pattern: 2, ..Config::new(arch, 4, 2, 8) }, FormatId::F32)
}

fn error_of(file: &File) -> ModelError {
    let gguf = file.gguf();
    let described = describe(&gguf).unwrap_err();
    let loaded = load_with(&gguf, KvDtype::F32).err().unwrap();
    assert_eq!(described.to_string(), loaded.to_string(), "describe and load agree");
    loaded
}

/// A value for one key, and what the message must hold.
fn check_value(arch: &str, suffix: &str, value: impl Into<Value>, expected: &[&str]) {
    let key = format!("{arch}.{suffix}");
    let mut file = file(arch);
    file.set(&key, value);
    let message = error_of(&file).to_string();
    for part in expected.iter().chain([&key.as_str()]) {
        assert!(message.contains(part), "{message:?} must name {part:?}");
    }
}

#[test]
fn values_out_of_range_name_their_key() {
    for arch in ["llama", "gemma3"] {
        for bad in [0u64, 513, 1 << 31, u64::from(u32::MAX), 1 << 62, u64::MAX] {
            for suffix in ["block_count", "attention.head_count_kv", "embedding_length"] {
                let bad = if suffix == "embedding_length" && bad == 513 { 1 << 21 } else { bad };
                let bad = if suffix.ends_with("kv") && bad == 513 { 1025 } else { bad };
                check_value(arch, suffix, bad, &[&bad.to_string()]);
            }
        }
        check_value(arch, "attention.head_count", 0u32, &["1 to 1024"]);
        check_value(arch, "attention.head_count_kv", 3u32, &["a divisor of 4 heads"]);
        check_value(arch, "feed_forward_length", 0u32, &["1 to"]);
        check_value(arch, "context_length", 0u32, &["1 to"]);
        check_value(arch, "context_length", u32::MAX, &["1 to"]);
        check_value(arch, "attention.key_length", 1u32, &["2 to 1024"]);
        check_value(arch, "attention.key_length", 7u32, &[]);
        check_value(arch, "attention.value_length", 16u32, &["16 beside a key length of 8"]);
        check_value(arch, "rope.dimension_count", 3u32, &["even"]);
        check_value(arch, "rope.dimension_count", 10u32, &["2 to 8"]);
        check_value(arch, "rope.dimension_count", 0u32, &["2 to 8"]);
    }
}

#[test]
fn numbers_that_are_none_name_their_key() {
    for arch in ["llama", "gemma3"] {
        for bad in [f32::NAN, f32::INFINITY, -1.0] {
            check_value(arch, "attention.layer_norm_rms_epsilon", bad, &[]);
            check_value(arch, "rope.freq_base", bad, &["a positive number"]);
            check_value(arch, "rope.scaling.factor", bad, &[]);
            check_value(arch, "final_logit_softcapping", bad, &[]);
            check_value(arch, "attention.scale", bad, &["a positive number"]);
        }
        check_value(arch, "attention.layer_norm_rms_epsilon", 1.0f32, &["below 1"]);
        check_value(arch, "rope.freq_base", 0.0f32, &["a positive number"]);
    }
}

#[test]
fn what_is_not_built_is_refused() {
    check_value("llama", "rope.scaling.type", "yarn", &["yarn", "not supported"]);
    check_value("llama", "expert_count", 8u32, &["8", "not supported"]);
    check_value("llama", "attention.causal", false, &["false"]);
    check_value("llama", "attention.head_count_kv", vec![2u32, 4], &["layer"]);
    check_value("llama", "attention.head_count_kv", vec![2u32, 2, 2], &["3 values"]);
    check_value("gemma3", "attention.sliding_window_pattern", vec![true], &["1 entries", "2 entries"]);
    check_value("gemma3", "attention.sliding_window_pattern", 0u32, &["1 to 512"]);
}

#[test]
fn wrong_types_name_their_key() {
    check_value("llama", "block_count", "two", &["string"]);
    check_value("llama", "block_count", -1i32, &["-1"]);
    check_value("llama", "attention.layer_norm_rms_epsilon", "tiny", &["string"]);
    check_value("gemma3", "attention.sliding_window_pattern", vec![1.5f32], &["array of f32"]);
}

#[test]
fn missing_keys_are_named() {
    for suffix in [
        "block_count",
        "embedding_length",
        "feed_forward_length",
        "attention.head_count",
        "attention.layer_norm_rms_epsilon",
        "context_length",
    ] {
        let key = format!("llama.{suffix}");
        let message = error_of(file("llama").remove(&key)).to_string();
        assert!(message.contains(&key) && message.contains("missing"), "{message}");
    }
    let message = error_of(file("llama").remove("general.architecture")).to_string();
    assert!(message.contains("general.architecture"), "{message}");
}

#[test]
fn unknown_architectures_hear_what_is_known() {
    let long = "x".repeat(100_000);
    for name in ["qwen3", "", "LLAMA", "llama4", long.as_str()] {
        let error = error_of(file("llama").set("general.architecture", name));
        let message = error.to_string();
        assert!(matches!(error, ModelError::UnknownArchitecture { .. }), "{message}");
        assert!(message.contains("gemma3, llama") && message.len() < 300, "{message}");
    }
}

#[test]
fn every_tensor_is_needed() {
    for arch in ["llama", "gemma3"] {
        for (name, ..) in file(arch).tensors {
            let mut file = file(arch);
            file.tensors.retain(|t| t.0 != name);
            let error = error_of(&file);
            assert!(matches!(&error, ModelError::MissingTensor { name: n } if *n == name), "{error}");
        }
    }
}

#[test]
fn every_shape_is_checked() {
    for arch in ["llama", "gemma3"] {
        for (name, dims, ..) in file(arch).tensors {
            for dim in 0..dims.len() {
                // Rows of the embedding are the vocabulary, whatever their number.
                if name == "token_embd.weight" && dim == 1 {
                    continue;
                }
                let mut file = file(arch);
                let tensor = file.tensor(&name);
                tensor.1[dim] += 1;
                tensor.3 = vec![0; tensor.1.iter().product::<usize>() * 4];
                let error = error_of(&file);
                assert!(matches!(&error, ModelError::TensorShape { name: n, .. } if *n == name), "{error}");
            }
        }
    }
}

#[test]
fn extra_tensors_are_refused_by_name() {
    for extra in ["blk.0.attn_q.bias", "blk.2.attn_q.weight", "output.bias", "blk.0.ffn_gate_inp.weight"] {
        let mut file = file("llama");
        file.tensors.push((extra.to_owned(), vec![32], GgmlType::F32, vec![0; 128]));
        let error = error_of(&file);
        assert!(matches!(&error, ModelError::UnexpectedTensor { name, .. } if name == extra), "{error}");
    }
    let mut gemma = file("gemma3");
    gemma.tensors.push(("rope_freqs.weight".to_owned(), vec![4], GgmlType::F32, vec![0; 16]));
    assert!(matches!(error_of(&gemma), ModelError::UnexpectedTensor { .. }));
}

#[test]
fn old_rotation_tables_are_ignored() {
    let mut file = file("llama");
    file.tensors.push(("blk.0.attn_rot_embd".to_owned(), vec![4], GgmlType::F32, vec![0; 16]));
    assert!(load_with(&file.gguf(), KvDtype::F32).is_ok());
}

#[test]
fn formats_without_a_kernel_name_the_tensor() {
    let mut file = file("llama");
    let tensor = file.tensor("blk.1.ffn_up.weight");
    (tensor.2, tensor.3) = (GgmlType::I32, vec![0; 32 * 52 * 4]);
    let message = error_of(&file).to_string();
    assert!(message.contains("blk.1.ffn_up.weight") && message.contains("I32"), "{message}");
}

#[test]
fn vocabulary_and_embedding_must_agree() {
    let tokens: Vec<String> = (0..30).map(|i| i.to_string()).collect();
    let error = error_of(file("llama").set("tokenizer.ggml.tokens", tokens));
    assert!(matches!(error, ModelError::Vocabulary { tokens: 30, rows: 31 }), "{error}");
}

#[test]
fn q8_0_cache_needs_wide_heads() {
    let gguf = file("llama").gguf();
    let message = load_with(&gguf, KvDtype::Q8_0).err().unwrap().to_string();
    assert!(message.contains("KV") && message.contains('8'), "{message}");
}

#[test]
fn defaults_are_those_of_the_field() {
    let mut file = file("llama");
    for suffix in ["attention.head_count_kv", "attention.key_length", "attention.value_length"] {
        file.remove(&format!("llama.{suffix}"));
    }
    // Without a KV head count there are as many as query heads, which the tensors contradict.
    let error = error_of(&file);
    assert!(
        matches!(&error, ModelError::TensorShape { name, .. } if name == "blk.0.attn_k.weight"),
        "{error}"
    );
    file.set("llama.attention.head_count_kv", vec![2u16, 2]);
    let description = describe(&file.gguf()).unwrap();
    assert_eq!((description.hyper.head_dim, description.hyper.kv_heads), (8, 2));
    assert_eq!(description.hyper.rope.freq_base, 10_000.0);
    assert_eq!(description.hyper.sliding, None, "llama files have no windows");
}

#[test]
fn gemma3_windows_follow_the_pattern() {
    let local = |file: &File| describe(&file.gguf()).unwrap().hyper.sliding.map(|s| s.local);
    let c = Config { layers: 7, window: 5, ..Config::new("gemma3", 2, 1, 8) };
    let mut file = File::new(&c, FormatId::F32);
    let six = vec![true, true, true, true, true, false, true];
    assert_eq!(local(&file), Some(six), "the last of every six sees all");
    file.set("gemma3.attention.sliding_window_pattern", 1u32);
    assert_eq!(local(&file), Some(vec![false; 7]));
    let given = vec![false, true, true, false, true, true, true];
    file.set("gemma3.attention.sliding_window_pattern", given.clone());
    assert_eq!(local(&file), Some(given));
    file.set("gemma3.attention.sliding_window", 0u32);
    assert_eq!(local(&file), None, "a window of 0 is none");
}

#[test]
fn gemma3_of_27_billion_scales_by_width_per_head() {
    let scale = |layers| {
        let c = Config { layers, width: 24, ..Config::new("gemma3", 2, 1, 8) };
        describe(&File::new(&c, FormatId::F32).gguf()).unwrap().hyper.attention_scale
    };
    assert_eq!(scale(62), 1.0 / 12f32.sqrt());
    assert_eq!(scale(61), 1.0 / 8f32.sqrt());
    let mut given = file("gemma3");
    given.set("gemma3.attention.scale", 0.5f32);
    assert_eq!(describe(&given.gguf()).unwrap().hyper.attention_scale, 0.5);
}

#[test]
fn progress_ends_at_the_total() {
    let gguf = file("gemma3").gguf();
    let (mut calls, mut last) = (0, 0);
    let ops = Box::new(gollum_kernels::reference::ReferenceOps::new());
    let runner = gollum_models::load(&gguf, ops, tiny::OPTIONS, &mut |p| {
        assert!(p.done_bytes > last && p.done_bytes <= p.total_bytes);
        (calls, last) = (calls + 1, p.done_bytes);
    })
    .unwrap();
    assert_eq!((calls, last), (gguf.tensors().len(), describe(&gguf).unwrap().tensor_bytes));
    assert_eq!(runner.spec().page_bytes, 2 * 2 * 2 * 8 * 16 * 4);
}

#[test]
fn nan_weights_end_in_nan_logits_and_nowhere_else() {
    let mut file = file("llama");
    let norm = &mut file.tensor("output_norm.weight").3;
    norm[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let runner = load_with(&file.gguf(), KvDtype::F32).unwrap();
    let rows = Session::new(runner, 1, in_order(2)).run_alone(0, &[1, 2, 3], 2);
    assert!(rows.iter().flatten().all(|v| v.is_nan()));
}
