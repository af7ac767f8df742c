//! Sound GGUF and unsound shapes of keys, values and heads: each ends in an error that names the key.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::KvDtype;
use gollum_gguf::Value;
use gollum_kernels::KernelError;
use gollum_models::{ModelError, describe};
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{File, load_with};

/// The first case of an architecture with one value changed, and what the message must hold beside the key.
fn check_value(arch: &str, suffix: &str, value: impl Into<Value>, expected: &str) {
    check_named(arch, (suffix, value.into()), suffix, expected);
}

/// As [`check_value`], where it is another key's value that no longer fits.
fn check_named(arch: &str, (changed, value): (&str, Value), suffix: &str, expected: &str) {
    let case = cases().into_iter().find(|case| case.arch == arch).unwrap();
    let mut file = File::new(&case, FormatId::F32);
    file.set(&format!("{arch}.{changed}"), value);
    let key = format!("{arch}.{suffix}");
    let message = describe(&file.gguf()).unwrap_err().to_string();
    assert!(
        message.contains(&key) && message.contains(expected),
        "{message:?} must name {key}, {expected:?}"
    );
    let loaded = load_with(&file.gguf(), KvDtype::F32).err().unwrap();
    assert_eq!(message, loaded.to_string(), "describe and load agree");
}

#[test]
fn heads_of_windowed_layers() {
    check_value("gemma4", "attention.key_length_swa", 2000u32, "2 to 1024");
    check_value("gemma4", "attention.key_length_swa", 9u32, "even");
    check_value("gemma4", "rope.dimension_count_swa", 11u32, "2 to 10");
    check_value("gemma4", "rope.dimension_count_swa", 12u32, "2 to 10");
    check_value("step35", "rope.dimension_count", 6u32, "even");
}

#[test]
fn layers_that_share_k_and_v() {
    check_value("gemma4", "attention.shared_kv_layers", 7u32, "0 to 6");
    // None before them, or another kind of layer where the one should be.
    check_value("gemma4", "attention.shared_kv_layers", 6u32, "before the shared");
    check_value("gemma4", "attention.shared_kv_layers", 1u32, "before the shared");
    check_value("gemma4", "embedding_length_per_layer_input", 5000u32, "0 to 1024");
    // Layers 4 and 5 read 2 and 3, which keep nothing where they have no heads.
    for heads in [[4u32, 4, 0, 4, 4, 4], [4, 4, 4, 0, 4, 4]] {
        let changed = ("attention.head_count", heads.to_vec().into());
        check_named("gemma4", changed, "attention.shared_kv_layers", "before the shared");
    }
}

#[test]
fn latent_rows() {
    check_value("deepseek2", "attention.kv_lora_rank", 0u32, "missing");
    check_value("deepseek2", "attention.kv_lora_rank", 1023u32, "1024");
    check_value("deepseek2", "attention.key_length_mla", 4u32, "are rotated");
    check_value("deepseek2", "rope.dimension_count", 3u32, "even");
    check_value("deepseek2", "attention.head_count", vec![4u32, 4, 2], "as many in all layers");
    check_value("mistral4", "attention.temperature_length", u32::MAX, "1 to");
}

#[test]
fn int8_wants_whole_blocks_of_latent_rows_too() {
    let case = cases().into_iter().find(|case| case.arch == "deepseek2").unwrap();
    let loaded = load_with(&File::new(&case, FormatId::F32).gguf(), KvDtype::Q8_0);
    let error = loaded.err().unwrap();
    assert!(
        matches!(error, ModelError::Kernel { error: KernelError::KvHeadDim { layer: 0, head_dim: 20 }, .. }),
        "{error}"
    );
}
