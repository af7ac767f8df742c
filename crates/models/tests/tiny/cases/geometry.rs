//! Architectures whose keys, values or heads have shapes of their own, and those with latent rows.

use gollum_gguf::Value;

use super::{Config, base};

/// Experts in all of the layers but the first.
const BEHIND_LEAD: &[&str] = &[
    "blk.1.ffn_gate_inp.weight",
    "blk.2.ffn_gate_inp.weight",
    "blk.3.ffn_gate_inp.weight",
    "blk.4.ffn_gate_inp.weight",
];
const SHARED: &[&str] = &["ffn_gate_shexp.weight", "ffn_up_shexp.weight"];
const SELECTION_BIAS: &[&str] = &["exp_probs_b.bias"];
const VALUES: &[&str] = &["attn_v.weight"];

/// One value a layer.
fn each(values: &[u32]) -> Value {
    Value::from(values.to_vec())
}

/// Six experts, three of them used, 22 wide inside.
fn experts(config: Config) -> Config {
    Config { tied: false, ..config }
        .set("expert_count", 6u32)
        .set("expert_used_count", 3u32)
        .set("expert_feed_forward_length", 22u32)
}

/// A router by sigmoid, whose weights add up to 1.5, and a dense layer first.
fn sigmoid_behind_lead(config: Config) -> Config {
    experts(config)
        .set("leading_dense_block_count", 1u32)
        .set("expert_gating_func", 2u32)
        .set("expert_weights_norm", true)
        .set("expert_weights_scale", 1.5f32)
        .with(BEHIND_LEAD)
        .with(SELECTION_BIAS)
}

/// Latent rows of 16 of which 4 elements more are rotated; heads of 6 and 4, values of 8.
fn latent(arch: &str) -> Config {
    Config { head_dim: 20, ..base(arch) }
        .set("attention.head_count_kv", 1u32)
        .set("attention.value_length", 16u32)
        .set("attention.key_length_mla", 10u32)
        .set("attention.value_length_mla", 8u32)
        .set("attention.kv_lora_rank", 16u32)
        .set("attention.q_lora_rank", 14u32)
        .set("rope.dimension_count", 4u32)
}

/// The same heads, made of the latent row.
fn expanded(arch: &str) -> Config {
    Config { kv_heads: 4, ..base(arch) }
        .set("attention.value_length", 8u32)
        .set("attention.kv_lora_rank", 16u32)
        .set("rope.dimension_count", 4u32)
}

fn yarn(config: Config, log_multiplier: f32) -> Config {
    config
        .set("rope.scaling.type", "yarn")
        .set("rope.scaling.factor", 4.0f32)
        .set("rope.scaling.original_context_length", 64u32)
        .set("rope.scaling.yarn_log_multiplier", log_multiplier)
}

fn gemma4() -> Vec<Config> {
    let base = || Config { window: 7, head_dim: 12, softcap: 3.0, rope_freqs: true, ..base("gemma4") };
    let windowed = |config: Config| {
        config
            .set("attention.key_length_swa", 10u32)
            .set("attention.value_length_swa", 10u32)
            .set("rope.dimension_count_swa", 10u32)
    };
    vec![
        // Small ones: embeddings of each layer, last layers that keep nothing, wider there.
        windowed(Config { layers: 6, ..base() })
            .set("attention.sliding_window_pattern", vec![true, false, true, false, true, false])
            .set("attention.shared_kv_layers", 2u32)
            .set("embedding_length_per_layer_input", 8u32)
            .set("feed_forward_length", each(&[52, 52, 52, 52, 60, 60]))
            .with(VALUES)
            .with(&["layer_output_scale.weight"]),
        // Large ones: keys for values in layers that see all, which have fewer of them.
        windowed(base())
            .set("attention.sliding_window_pattern", vec![true, false, true])
            .set("attention.head_count_kv", each(&[2, 1, 2]))
            .set("embedding_length_per_layer_input", 0u32)
            .with(&["blk.0.attn_v.weight", "blk.2.attn_v.weight", "layer_output_scale.weight"]),
        // With experts.
        experts(windowed(base()))
            .set("attention.sliding_window_pattern", vec![true, true, false])
            .set("embedding_length_per_layer_input", 0u32)
            .with(VALUES)
            .with(&["ffn_gate_inp.weight", "ffn_down_exps.scale", "ffn_gate_up_exps.weight"]),
    ]
}

fn gated() -> Vec<Config> {
    let pattern = || vec![true, false, true];
    vec![
        sigmoid_behind_lead(Config { layers: 5, window: 7, ..base("afmoe") })
            .set("expert_shared_count", 2u32)
            .with(SHARED),
        Config { tied: false, layers: 5, window: 7, softcap: 3.0, ..base("muse-glimmer") }
            .set("logit_scale", 0.3f32),
        yarn(sigmoid_behind_lead(Config { layers: 5, window: 7, ..base("laguna") }), 0.0)
            .set("attention.head_count", each(&[4, 6, 6, 6, 4]))
            .set("rope.dimension_count_swa", 6u32)
            .with(SHARED),
        sigmoid_behind_lead(Config { layers: 3, ..base("laguna") }).with(SHARED).with(&["attn_gate.weight"]),
        Config { window: 7, ..base("spark2_5") }
            .set("attention.sliding_window_pattern", pattern())
            .set("attention.head_count", each(&[4, 2, 6]))
            .set("rope.dimension_count_swa", 6u32),
        experts(Config { window: 7, head_dim: 12, ..base("mimo2") })
            .set("attention.value_length", 10u32)
            .set("attention.value_scale", 0.7f32)
            .set("attention.head_count_kv", each(&[2, 1, 4]))
            .set("attention.sliding_window_pattern", pattern())
            .set("rope.dimension_count", 8u32)
            .with(&["blk.0.attn_sinks.weight", "blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight"])
            .with(SELECTION_BIAS),
        experts(Config { window: 7, head_dim: 12, ..base("mimo2") })
            .set("attention.value_length", 10u32)
            .set("attention.sliding_window_pattern", pattern())
            .with(&["attn_qkv.weight", "ffn_gate_inp.weight"]),
        experts(Config { window: 7, rope_freqs: true, ..base("step35") })
            .set("attention.sliding_window_pattern", pattern())
            .set("attention.head_count", each(&[6, 4, 6]))
            .set("rope.dimension_count", 8u32)
            .set("expert_gating_func", 2u32)
            .set("expert_weights_norm", true)
            .set("expert_weights_scale", 1.5f32)
            .set("expert_shared_feed_forward_length", 26u32)
            .set("swiglu_clamp_exp", vec![0.0f32, 0.3, 0.2])
            .set("swiglu_clamp_shexp", vec![0.4f32, 0.0, 0.3])
            .with(&["attn_q_norm.weight", "attn_k_norm.weight", "attn_gate.weight"])
            .with(&["blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight"])
            .with(SHARED)
            .with(SELECTION_BIAS),
        experts(Config { window: 7, ..base("step35") })
            .set("rope.dimension_count", 8u32)
            .set("attention.sliding_window_pattern", pattern()),
    ]
}

fn latents() -> Vec<Config> {
    vec![
        yarn(sigmoid_behind_lead(latent("deepseek2")), 0.0707)
            .set("expert_shared_count", 2u32)
            .set("expert_group_count", 3u32)
            .set("expert_group_used_count", 2u32)
            .with(SHARED),
        yarn(experts(latent("deepseek2")), 0.1)
            .set("expert_shared_count", 1u32)
            .set("attention.temperature_scale", 0.1f32)
            .set("attention.temperature_length", 16u32)
            .with(&["ffn_gate_inp.weight"])
            .with(SHARED),
        experts(expanded("deepseek2"))
            .set("attention.q_lora_rank", 14u32)
            .set("expert_shared_count", 1u32)
            .with(&["ffn_gate_inp.weight"])
            .with(SHARED),
        // The light ones, by their depth, make queries of the stream.
        experts(Config { layers: 26, ..latent("deepseek2") })
            .set("attention.q_lora_rank", 0u32)
            .set("expert_shared_count", 1u32)
            .with(&["ffn_gate_inp.weight"])
            .with(SHARED),
        yarn(experts(latent("mistral4")), 0.1)
            .set("expert_shared_count", 1u32)
            .set("attention.temperature_scale", 0.1f32)
            .set("attention.temperature_length", 16u32)
            .with(&["ffn_gate_inp.weight"])
            .with(SHARED),
        expanded("minicpm3")
            .set("attention.q_lora_rank", 14u32)
            .set("rope.scaling.type", "longrope")
            .set("rope.scaling.original_context_length", 64u32)
            .with(&["rope_factors_long.weight", "rope_factors_short.weight"]),
        expanded("plm"),
    ]
}

pub fn cases() -> Vec<Config> {
    [gemma4(), gated(), latents()].concat()
}
