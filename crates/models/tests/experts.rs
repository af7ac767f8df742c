//! Experts in the forms that files have them: single or stacked, gate and up apart or in one, with scales; layers behind
//! the trunk; and files that get them wrong.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::KvDtype;
use gollum_gguf::{GgmlType, Value};
use gollum_models::{ModelError, describe};
use gollum_quant::FormatId;
use tiny::{Config, File, Nextn, Session, in_order, load_with};

const EXPERTS: usize = 5;
const TOKENS: usize = 20;

/// Two of five experts, 96 wide inside a stream of 64: whole blocks of most formats.
fn config(arch: &str) -> Config {
    Config { layers: 3, ffn: 96, tied: false, ..Config::new(arch, 4, 2, 16) }
        .set("expert_count", EXPERTS as u32)
        .set("expert_used_count", 2u32)
        .set("expert_feed_forward_length", 96u32)
}

fn mixtral() -> Config {
    config("llama").with(&["ffn_gate_inp.weight"])
}

/// With a bias on everything.
fn gpt_oss() -> Config {
    let c = Config { window: 7, ..config("gpt-oss") };
    c.with(&["attn_sinks.weight", "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"]).with(&[
        "ffn_gate_inp.bias",
        "ffn_gate_exps.bias",
        "ffn_up_exps.bias",
        "ffn_down_exps.bias",
    ])
}

/// Logits of each position, as bits.
fn bits(file: &File) -> Vec<Vec<u32>> {
    let mut session = Session::new(load_with(&file.gguf(), KvDtype::F32).unwrap(), 1, in_order(2));
    let tokens: Vec<u32> = (0..TOKENS as u32).map(|i| (7 * i + i * i) % 29).collect();
    let rows = session.run_alone(0, &tokens, TOKENS);
    rows.iter().map(|row| row.iter().map(|v| v.to_bits()).collect()).collect()
}

fn error_of(file: &File) -> ModelError {
    let gguf = file.gguf();
    let described = describe(&gguf).unwrap_err();
    let loaded = load_with(&gguf, KvDtype::F32).err().unwrap();
    assert_eq!(described.to_string(), loaded.to_string(), "describe and load agree");
    loaded
}

/// One tensor per expert, as Mixtral's first files have them.
fn split(file: &File) -> File {
    let mut split = File { meta: file.meta.clone(), tensors: Vec::new() };
    for (name, dims, format, bytes) in &file.tensors {
        match name.strip_suffix("_exps.weight") {
            None => split.tensors.push((name.clone(), dims.clone(), *format, bytes.clone())),
            Some(part) => {
                for (expert, bytes) in bytes.chunks_exact(bytes.len() / EXPERTS).enumerate() {
                    let name = format!("{part}.{expert}.weight");
                    split.tensors.push((name, dims[..2].to_vec(), *format, bytes.to_vec()));
                }
            }
        }
    }
    split
}

/// Joins two tensors of `stretches` equal stretches each, stretch by stretch.
fn join(file: &mut File, parts: [&str; 2], joined: &str, stretches: usize) {
    let [first, second] = parts.map(|part| {
        let at = file.tensors.iter().position(|t| t.0 == part).unwrap();
        file.tensors.remove(at)
    });
    let (_, mut dims, format, bytes) = first;
    let len = bytes.len() / stretches;
    let (a, b) = (bytes.chunks_exact(len), second.3.chunks_exact(len));
    let all: Vec<u8> = a.zip(b).flat_map(|(a, b)| [a, b].concat()).collect();
    // Biases are [rows, experts], matrices [columns, rows, experts].
    let rows = usize::from(joined.ends_with("weight"));
    dims[rows] *= 2;
    file.tensors.push((joined.to_owned(), dims, format, all));
}

#[test]
fn a_tensor_per_expert_is_the_stack() {
    for format in [FormatId::F32, FormatId::F16, FormatId::Q4_0, FormatId::Q8_0] {
        let stacked = File::new(&mixtral(), format);
        assert_eq!(bits(&split(&stacked)), bits(&stacked), "{format:?}");
    }
}

#[test]
fn single_experts_that_do_not_fit_are_named() {
    let mut missing = split(&File::new(&mixtral(), FormatId::F32));
    missing.tensors.retain(|t| t.0 != "blk.1.ffn_up.3.weight");
    let error = error_of(&missing);
    assert!(
        matches!(&error, ModelError::MissingTensor { name } if name == "blk.1.ffn_up.3.weight"),
        "{error}"
    );

    let mut mixed = split(&File::new(&mixtral(), FormatId::F32));
    let tensor = mixed.tensor("blk.1.ffn_up.3.weight");
    tensor.2 = GgmlType::from_number(FormatId::F16 as u32).unwrap();
    tensor.3.truncate(tensor.3.len() / 2);
    let error = error_of(&mixed);
    assert!(
        matches!(&error, ModelError::MixedExperts { name, .. } if name == "blk.1.ffn_up.3.weight"),
        "{error}"
    );

    let mut more = split(&File::new(&mixtral(), FormatId::F32));
    let mut copy = more.tensor("blk.1.ffn_up.3.weight").clone();
    copy.0 = "blk.1.ffn_up.5.weight".to_owned();
    more.tensors.push(copy);
    let error = error_of(&more);
    assert!(
        matches!(&error, ModelError::UnexpectedTensor { name, .. } if name == "blk.1.ffn_up.5.weight"),
        "{error}"
    );
}

#[test]
fn gate_and_up_in_one_are_the_same_apart() {
    for format in [FormatId::F32, FormatId::Q4_0] {
        let apart = File::new(&gpt_oss(), format);
        let mut fused = apart.clone();
        for layer in 0..3 {
            for kind in ["weight", "bias"] {
                let name = |part: &str| format!("blk.{layer}.ffn_{part}_exps.{kind}");
                join(&mut fused, [&name("gate"), &name("up")], &name("gate_up"), EXPERTS);
            }
        }
        assert_eq!(bits(&fused), bits(&apart), "{format:?}");
    }
}

#[test]
fn gate_and_up_of_the_shared_expert_in_one_are_the_same_apart() {
    let c = config("qwen2moe").with(&[
        "ffn_gate_inp_shexp.weight",
        "ffn_gate_shexp.weight",
        "ffn_up_shexp.weight",
    ]);
    let apart = File::new(&c, FormatId::F32);
    let mut fused = apart.clone();
    for layer in 0..3 {
        let name = |part: &str| format!("blk.{layer}.ffn_{part}_shexp.weight");
        join(&mut fused, [&name("gate"), &name("up")], &name("up"), 1);
    }
    assert_eq!(bits(&fused), bits(&apart));
}

/// Gives `name.scale`, and divides the weights by it. Powers of two, for which it is exact whichever is multiplied.
fn scale(file: &mut File, name: &str, scales: &[f32]) {
    let tensor = file.tensor(&format!("{name}.weight"));
    let len = tensor.3.len() / scales.len();
    for (part, scale) in tensor.3.chunks_exact_mut(len).zip(scales) {
        for weight in part.chunks_exact_mut(4) {
            let value = f32::from_le_bytes(weight.try_into().unwrap());
            weight.copy_from_slice(&(value / scale).to_le_bytes());
        }
    }
    let bytes = scales.iter().flat_map(|s| s.to_le_bytes()).collect();
    let format = GgmlType::from_number(FormatId::F32 as u32).unwrap();
    file.tensors.push((format!("{name}.scale"), vec![scales.len()], format, bytes));
}

#[test]
fn scales_multiply_products_before_biases() {
    let plain = File::new(&gpt_oss(), FormatId::F32);
    let mut scaled = plain.clone();
    for layer in 0..3 {
        for (part, by) in [("attn_q", 4.0), ("attn_k", 0.5), ("attn_v", 2.0), ("attn_output", 8.0)] {
            scale(&mut scaled, &format!("blk.{layer}.{part}"), &[by]);
        }
        for part in ["ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"] {
            scale(&mut scaled, &format!("blk.{layer}.{part}"), &[2.0, 0.25, 1.0, 16.0, 0.5]);
        }
    }
    scale(&mut scaled, "output", &[0.125]);
    assert_eq!(bits(&scaled), bits(&plain));

    // What engines that compute in NVFP4 take of their inputs is of no concern here.
    let mut with_inputs = scaled.clone();
    let inputs: Vec<_> = scaled.tensors.iter().filter(|t| t.0.ends_with(".scale")).cloned().collect();
    with_inputs.tensors.extend(inputs.into_iter().map(|mut tensor| {
        tensor.0 = tensor.0.replace(".scale", ".input_scale");
        tensor
    }));
    assert_eq!(bits(&with_inputs), bits(&plain));

    scaled.tensor("blk.1.ffn_up_exps.scale").1 = vec![EXPERTS - 1];
    scaled.tensor("blk.1.ffn_up_exps.scale").3.truncate(4 * (EXPERTS - 1));
    let error = error_of(&scaled);
    assert!(
        matches!(&error, ModelError::TensorShape { name, .. } if name == "blk.1.ffn_up_exps.scale"),
        "{error}"
    );
}

#[test]
fn layers_behind_the_trunk_change_nothing() {
    let trunk = config("glm4moe").with(&[
        "blk.1.ffn_gate_inp.weight",
        "blk.2.ffn_gate_inp.weight",
        "ffn_gate_shexp.weight",
        "ffn_up_shexp.weight",
        "exp_probs_b.bias",
    ]);
    let with_nextn =
        Config { nextn: Some(Nextn { like: 2, vectors: &["nextn.shared_head_norm"] }), ..trunk.clone() };
    let file = File::new(&with_nextn, FormatId::F32);
    assert!(file.tensors.iter().any(|t| t.0 == "blk.3.nextn.eh_proj.weight"));
    assert_eq!(bits(&file), bits(&File::new(&trunk, FormatId::F32)));

    let mut beyond = file;
    beyond.tensor("blk.3.nextn.eh_proj.weight").0 = "blk.4.nextn.eh_proj.weight".to_owned();
    let error = error_of(&beyond);
    assert!(
        matches!(&error, ModelError::UnexpectedTensor { name, .. } if name.starts_with("blk.4.")),
        "{error}"
    );
}

#[test]
fn keys_of_experts_out_of_range_are_named() {
    let check = |arch: &str, suffix: &str, value: Value, expected: &str| {
        let mut file =
            File::new(&config(arch).with(&["ffn_gate_inp.weight", "exp_probs_b.bias"]), FormatId::F32);
        let key = format!("{arch}.{suffix}");
        file.set(&key, value);
        let message = error_of(&file).to_string();
        assert!(message.contains(&key) && message.contains(expected), "{message:?}: {key}, {expected:?}");
    };
    for bad in [4097u64, 1 << 31, u64::MAX] {
        check("dots1", "expert_count", bad.into(), "1 to 4096");
    }
    for bad in [6u64, u64::from(u32::MAX), u64::MAX] {
        check("dots1", "expert_used_count", bad.into(), "5");
    }
    check("dots1", "expert_used_count", 0u32.into(), "1 to 5");
    check("dots1", "expert_used_count", vec![1u32, 2].into(), "2 entries");
    check("dots1", "expert_feed_forward_length", (1u32 << 21).into(), "1048576");
    check("dots1", "expert_gating_func", 4u32.into(), "4");
    check("dots1", "expert_gating_func", 99u32.into(), "99");
    check("dots1", "expert_group_count", 2u32.into(), "a divisor of 5");
    check("dots1", "expert_group_count", 6u32.into(), "1 to 5");
    check("dots1", "expert_shared_count", 5000u32.into(), "1 to 4096");
    check("dots1", "expert_weights_scale", f32::NAN.into(), "NaN");
    check("dots1", "expert_weights_scale", (-1.0f32).into(), "-1");
    check("dots1", "expert_group_scale", 0.05f32.into(), "not supported");
    check("dots1", "swiglu_clamp_exp", vec![7.0f32; 3].into(), "not supported");

    let mut many = File::new(&config("dots1").with(&["ffn_gate_inp.weight"]), FormatId::F32);
    many.set("dots1.expert_count", 300u32).set("dots1.expert_used_count", 257u32);
    let message = error_of(&many).to_string();
    assert!(message.contains("dots1.expert_used_count") && message.contains("256"), "{message:?}");

    let mut no_groups_used = File::new(&config("dots1").with(&["ffn_gate_inp.weight"]), FormatId::F32);
    no_groups_used.set("dots1.expert_group_count", 5u32);
    let message = error_of(&no_groups_used).to_string();
    assert!(message.contains("dots1.expert_group_used_count"), "{message:?}");
}

/// Three adjugates of six experts.
fn grove() -> Config {
    Config { layers: 3, ffn: 96, tied: false, ..Config::new("grovemoe", 4, 2, 16) }
        .set("expert_count", 6u32)
        .set("expert_used_count", 4u32)
        .set("expert_feed_forward_length", 96u32)
        .set("experts_per_group", 2u32)
        .set("expert_group_scale", 0.5f32)
}

#[test]
fn adjugates_are_parts_of_their_experts() {
    let file = File::new(&grove(), FormatId::F32);
    let value =
        |row: &Vec<u32>| row.iter().map(|&bits| f64::from(f32::from_bits(bits))).collect::<Vec<f64>>();
    let flat = |file: &File| bits(file).iter().flat_map(value).collect::<Vec<f64>>();
    let (got, want) = (flat(&file), flat(&file.without_adjugates()));
    let error: f64 = got.iter().zip(&want).map(|(got, want)| (got - want).powi(2)).sum();
    let power: f64 = want.iter().map(|want| want.powi(2)).sum();
    assert!(error <= 1e-12 * power, "NMSE {:e}", error / power);

    let mut without = file;
    without.set("grovemoe.expert_group_scale", 0.0f32);
    let other = flat(&without);
    let error: f64 = got.iter().zip(&other).map(|(got, other)| (got - other).powi(2)).sum();
    assert!(error > 1e-4 * power, "adjugates count: {:e}", error / power);
}

#[test]
fn keys_of_adjugates_out_of_range_are_named() {
    let check = |suffix: &str, value: Option<Value>, named: &str, expected: &str| {
        let mut file = File::new(&grove(), FormatId::F32);
        let key = format!("grovemoe.{suffix}");
        match value {
            Some(value) => file.set(&key, value),
            None => file.remove(&key),
        };
        let message = error_of(&file).to_string();
        assert!(message.contains(named) && message.contains(expected), "{message:?}: {named}, {expected:?}");
    };
    let (group, scale) = ("experts_per_group", "expert_group_scale");
    for absent in [None, Some(0u32.into())] {
        check(group, absent, group, "missing");
    }
    for bad in [7u64, u64::from(u32::MAX), u64::MAX] {
        check(group, Some(bad.into()), group, "6");
    }
    check(group, Some(4u32.into()), group, "a divisor of 6 experts");
    // Fewer or more matrices than there are groups.
    check(group, Some(1u32.into()), "ffn_gate_chexps", "6");
    check(group, Some(3u32.into()), "ffn_gate_chexps", "2");
    check(scale, None, scale, "missing");
    check(scale, Some(f32::NAN.into()), scale, "NaN");
    check(scale, Some(f32::INFINITY.into()), scale, "inf");
    let width = "expert_chunk_feed_forward_length";
    check(width, Some((1u32 << 21).into()), width, "1048576");
    check(width, Some(17u32.into()), "ffn_gate_chexps", "17");

    let mut missing = File::new(&grove(), FormatId::F32);
    missing.tensors.retain(|t| t.0 != "blk.1.ffn_down_chexps.weight");
    let error = error_of(&missing);
    assert!(
        matches!(&error, ModelError::MissingTensor { name } if name == "blk.1.ffn_down_chexps.weight"),
        "{error}"
    );
}
