//! Files that are sound GGUF and unsound models: each ends in an error that names the key or the tensor.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::{KvDtype, ModelRunner};
use gollum_gguf::{GgmlType, Value};
use gollum_kernels::Window;
use gollum_models::{ModelError, describe};
use gollum_quant::FormatId;
use tiny::{Config, File, Session, in_order, load_with};

fn file(arch: &str) -> File {
    let (window, pattern) = if arch == "gemma3" { (7, 2) } else { (0, 0) };
    File::new(&Config { window, pattern, ..Config::new(arch, 4, 2, 8) }, FormatId::F32)
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
        for bad in [513u64, 1 << 31, u64::from(u32::MAX), 1 << 62, u64::MAX] {
            for suffix in ["block_count", "attention.head_count_kv", "embedding_length"] {
                let bad = if suffix == "embedding_length" && bad == 513 { 1 << 21 } else { bad };
                let bad = if suffix.ends_with("kv") && bad == 513 { 1025 } else { bad };
                check_value(arch, suffix, bad, &[&bad.to_string()]);
            }
        }
        check_value(arch, "attention.head_count", 0u32, &["1 or more"]);
        check_value(arch, "attention.head_count_kv", 3u32, &["a divisor of 4 heads"]);
        // 0 is how llama.cpp's saver writes an absent value.
        for suffix in ["block_count", "embedding_length", "context_length"] {
            check_value(arch, suffix, 0u32, &["missing"]);
        }
        check_value(arch, "context_length", u32::MAX, &["1 to"]);
        check_value(arch, "attention.key_length", 1u32, &["2 to 1024"]);
        check_value(arch, "attention.key_length", 7u32, &[]);
        check_value(arch, "attention.value_length", 2000u32, &["1 to 1024"]);
        let message = error_of(file(arch).set(&format!("{arch}.attention.value_length"), 16u32)).to_string();
        assert!(message.contains("attn_v.weight"), "{message}");
        check_value(arch, "rope.dimension_count", 3u32, &["even"]);
        check_value(arch, "rope.dimension_count", 10u32, &["2 to 8"]);
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
    check_value("llama", "rope.scaling.type", "spiral", &["spiral", "not supported"]);
    check_value("gemma3", "expert_count", 8u32, &["8", "not supported"]);
    check_value("gemma3", "attention.causal", false, &["false beside windows"]);
    check_value("llama", "attention.head_count_kv", vec![2u32], &["1 entries", "2 entries"]);
    check_value("llama", "attention.head_count_kv", vec![2u32, 3], &["a divisor of 4 heads"]);
    check_value("gemma3", "attention.sliding_window_pattern", vec![true], &["1 entries", "2 entries"]);
    check_value("gemma3", "attention.sliding_window_pattern", 513u32, &["1 to 512"]);
}

#[test]
fn keys_that_change_the_arithmetic_and_that_nothing_reads_are_refused() {
    for (suffix, value) in [
        ("attention.sliding_window", Value::from(7u32)),
        ("attention.output_scale", 0.5f32.into()),
        ("rope.scaling.alpha", 1000.0f32.into()),
        ("ssm.state_size", 16u32.into()),
        ("swiglu_clamp_exp", vec![7.0f32, 7.0].into()),
        ("attention.q_lora_rank", 512u32.into()),
        ("logit_scale", 0.25f32.into()),
        ("pooling_type", 5u32.into()),
    ] {
        check_value("llama", suffix, value, &["not supported"]);
    }
}

#[test]
fn keys_that_inform_are_no_obstacle() {
    let mut file = file("llama");
    for (suffix, value) in [
        ("tensor_data_layout", Value::from("Meta AI original pth")),
        ("vision.block_count_of_towers", 4u32.into()),
        ("rope.dimension_sections", vec![2i32, 1, 1, 0].into()),
        ("decoder_start_token_id", 3u32.into()),
    ] {
        file.set(&format!("llama.{suffix}"), value);
    }
    describe(&file.gguf()).unwrap();
}

/// What `llama_model_save_to_file` writes beside what converters write: every key it knows, 0 or -1 for "unset", arrays
/// for numbers, and numbers for arrays.
#[test]
fn neutral_values_are_absent_ones() {
    for arch in ["llama", "gemma3"] {
        let plain = describe(&file(arch).gguf()).unwrap().hyper;
        let mut saved = file(arch);
        for (suffix, value) in [
            ("attention.scale", Value::from(0.0f32)),
            ("logit_scale", 0.0f32.into()),
            ("residual_scale", 0.0f32.into()),
            ("embedding_scale", 0.0f32.into()),
            ("expert_count", 0u32.into()),
            ("expert_used_count", 0u32.into()),
            ("expert_shared_count", 0u32.into()),
            ("expert_feed_forward_length", vec![0u32, 0].into()),
            ("expert_weights_scale", 0.0f32.into()),
            ("expert_group_count", 0u32.into()),
            ("pooling_type", u32::MAX.into()),
            ("attention.causal", 1u32.into()),
            ("attention.clamp_kqv", 0.0f32.into()),
            ("attention.max_alibi_bias", 0.0f32.into()),
            ("attention.head_count", vec![4u32, 4].into()),
            ("attention.head_count_kv", 2.0f32.into()),
            ("feed_forward_length", vec![52i64, 52].into()),
            ("rope.scaling.yarn_log_multiplier", 0.0f32.into()),
            ("ssm.state_size", 0u32.into()),
            ("leading_dense_block_count", 0u32.into()),
        ] {
            saved.set(&format!("{arch}.{suffix}"), value);
        }
        if arch == "gemma3" {
            saved.set("gemma3.attention.sliding_window_pattern", vec![1u32, 0]);
        }
        assert_eq!(describe(&saved.gguf()).unwrap().hyper, plain, "{arch}");
    }
}

#[test]
fn wrong_types_name_their_key() {
    check_value("llama", "block_count", "two", &["string"]);
    check_value("llama", "block_count", -1i32, &["-1"]);
    check_value("llama", "attention.layer_norm_rms_epsilon", "tiny", &["string"]);
    check_value("gemma3", "attention.sliding_window_pattern", vec![1.5f32, 1.0], &["array of f32"]);
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
    for name in ["qwen9", "", "LLAMA", "llama-4", long.as_str()] {
        let error = error_of(file("llama").set("general.architecture", name));
        let message = error.to_string();
        assert!(matches!(error, ModelError::UnknownArchitecture { .. }), "{message}");
        assert!(message.contains("gemma3, ") && message.len() < 2000, "{message}");
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
    for extra in
        ["blk.0.attn_q_norm.weight", "blk.2.attn_q.weight", "output.scales", "blk.0.ffn_up_exps.weight"]
    {
        let mut file = file("llama");
        file.tensors.push((extra.to_owned(), vec![32], GgmlType::F32, vec![0; 128]));
        let error = error_of(&file);
        assert!(matches!(&error, ModelError::UnexpectedTensor { name, .. } if name == extra), "{error}");
    }
    let mut router = file("llama");
    router.tensors.push(("blk.0.ffn_gate_inp.weight".to_owned(), vec![32], GgmlType::F32, vec![0; 128]));
    assert!(matches!(error_of(&router), ModelError::MissingExperts { .. }));
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
    let layer = description.hyper.layers[0];
    assert_eq!((layer.head_dim, layer.kv_heads), (8, 2));
    assert_eq!(layer.rope.unwrap().freq_base, 10_000.0);
    assert_eq!(layer.window, Window::All, "llama files have no windows");
}

#[test]
fn gemma3_windows_follow_the_pattern() {
    let local = |file: &File| {
        let layers = describe(&file.gguf()).unwrap().hyper.layers;
        layers.iter().map(|layer| layer.window != Window::All).collect::<Vec<bool>>()
    };
    let c = Config { layers: 7, window: 5, ..Config::new("gemma3", 2, 1, 8) };
    let mut file = File::new(&c, FormatId::F32);
    let six = vec![true, true, true, true, true, false, true];
    assert_eq!(local(&file), six, "the last of every six sees all");
    file.set("gemma3.attention.sliding_window_pattern", 1u32);
    assert_eq!(local(&file), vec![false; 7]);
    let given = vec![false, true, true, false, true, true, true];
    file.set("gemma3.attention.sliding_window_pattern", given.clone());
    assert_eq!(local(&file), given);
    file.set("gemma3.attention.sliding_window", 0u32);
    assert_eq!(local(&file), vec![false; 7], "a window of 0 is none");
}

#[test]
fn gemma3_of_27_billion_scales_by_width_per_head() {
    let scale = |layers| {
        let c = Config { layers, width: 24, ..Config::new("gemma3", 2, 1, 8) };
        describe(&File::new(&c, FormatId::F32).gguf()).unwrap().hyper.layers[0].attention_scale
    };
    assert_eq!(scale(62), 1.0 / 12f32.sqrt());
    assert_eq!(scale(61), 1.0 / 8f32.sqrt());
    let mut given = file("gemma3");
    given.set("gemma3.attention.scale", 0.5f32);
    assert_eq!(describe(&given.gguf()).unwrap().hyper.layers[0].attention_scale, 0.5);
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
    // K and V of two heads of eight values, 16 tokens of 4 bytes each; one layer sees all, one a window.
    let (layer, window) = (2 * 2 * 8 * 16 * 4, runner.spec().window.unwrap());
    assert_eq!((runner.spec().page_bytes, window.page_bytes), (layer, layer));
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
