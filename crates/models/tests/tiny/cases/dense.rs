//! Architectures with one feed-forward a layer.

use gollum_gguf::Value;

use super::{Config, base};

/// Biases of q, k and v.
const QKV_BIASES: &[&str] = &["attn_q.bias", "attn_k.bias", "attn_v.bias"];
/// Biases of a gated feed-forward.
const FFN_BIASES: &[&str] = &["ffn_gate.bias", "ffn_up.bias", "ffn_down.bias"];
/// Biases of LayerNorms.
const NORM_BIASES: &[&str] = &["attn_norm.bias", "ffn_norm.bias", "output_norm.bias"];
/// Biases of the matrices of GPT-2 and its like, and q, k and v in one.
const GPT_BIASES: &[&str] =
    &["attn_qkv.weight", "attn_qkv.bias", "attn_output.bias", "ffn_up.bias", "ffn_down.bias"];
/// Matrices that hold several.
const FUSED: &[&str] = &["attn_qkv.weight", "ffn_up.weight"];

/// With an output matrix of its own.
fn untied(config: Config) -> Config {
    Config { tied: false, ..config }
}

/// As many KV heads as query heads.
fn multi_head(arch: &str) -> Config {
    Config { kv_heads: 4, ..base(arch) }
}

fn layer_norm(config: Config) -> Config {
    config.set("attention.layer_norm_epsilon", 1e-5f32)
}

/// As base, with a window of 7 in all but every `pattern`th layer.
fn windowed(arch: &str, pattern: usize) -> Config {
    Config { window: 7, pattern, ..base(arch) }
}

/// Four times the original context of 64.
fn yarn(config: Config) -> Config {
    config
        .set("rope.scaling.type", "yarn")
        .set("rope.scaling.factor", 4.0f32)
        .set("rope.scaling.original_context_length", 64u32)
}

/// Sections of a rotation with three positions.
fn sections(config: Config) -> Config {
    config.set("rope.dimension_sections", vec![2u32, 2, 1, 0])
}

/// Six of ten dims of a head rotated.
fn partly_rotated(config: Config) -> Config {
    config.set("rope.dimension_count", 6u32)
}

/// Longrope: the long factors if the original context is below 256.
fn longrope(config: Config, original: u32) -> Config {
    config
        .set("rope.scaling.type", "longrope")
        .set("rope.scaling.original_context_length", original)
        .set("rope.scaling.attn_factor", 1.25f32)
        .with(if original < 256 { &["rope_factors_long.weight"] } else { &["rope_factors_short.weight"] })
}

pub fn cases() -> Vec<Config> {
    [popular(), others(), layer_norms(), without_rotation()].concat()
}

fn popular() -> Vec<Config> {
    vec![
        base("llama").with(QKV_BIASES).with(&["attn_output.bias"]),
        Config { window: 7, pattern: 2, softcap: 3.0, ..base("gemma3") },
        yarn(base("qwen2")).with(QKV_BIASES),
        untied(base("qwen2")).with(&["attn_qkv.weight", "attn_qkv.bias", "output.bias"]),
        base("qwen2").with(&["attn_qkv.weight"]).with(QKV_BIASES),
        yarn(Config { width: 36, ..base("qwen3") }),
        untied(base("qwen3")).with(&["attn_q.scale", "attn_output.scale", "ffn_down.scale"]),
        yarn(Config { width: 36, ..base("mistral3") })
            .set("rope.scaling.original_context_length", 16u32)
            .set("rope.scaling.yarn_beta_fast", 8.0f32)
            .set("rope.scaling.yarn_beta_slow", 2.0f32)
            .set("rope.scaling.yarn_log_multiplier", 0.5f32)
            .set("attention.temperature_scale", 0.1f32)
            .with(&["attn_output.bias"])
            .with(FFN_BIASES),
        Config { rope_freqs: true, ..base("mistral3") }
            .set("expert_count", 6u32)
            .set("expert_used_count", 3u32)
            .with(&["ffn_gate_inp.weight"]),
        longrope(partly_rotated(base("phi3")), 64).with(FUSED).set("attention.sliding_window", 7u32),
        longrope(untied(base("phi3")), 256).with(&["ffn_up.weight"]),
        Config { freq_base: 5e5, ..windowed("gemma2", 3) }
            .set("attn_logit_softcapping", 5.0f32)
            .set("final_logit_softcapping", 4.0f32),
        Config { layers: 46, width: 44, window: 7, ..base("gemma2") },
        Config { width: 36, ..base("gemma") },
        yarn(untied(Config { layers: 5, window: 7, ..base("olmo2") }))
            .set("rope.scaling.yarn_attn_factor", 1.138_629_4f32),
        untied(base("olmo2")),
        // llama.cpp reads no epsilon of this one, and takes 0.
        sections(Config { eps: 1e-9, ..base("qwen2vl") }).with(QKV_BIASES),
        sections(Config { width: 36, ..base("qwen3vl") }).set("n_deepstack_layers", 2u32),
        Config { layers: 5, width: 36, ..base("smollm3") }.with(QKV_BIASES),
        Config { width: 36, ..base("seed_oss") }.with(QKV_BIASES),
        Config { width: 36, rope_freqs: true, ..base("granite") }
            .set("logit_scale", 3.0f32)
            .set("residual_scale", 0.25f32)
            .set("embedding_scale", 5.0f32)
            .set("attention.scale", 0.125f32)
            .with(&["attn_output.bias"])
            .with(FFN_BIASES),
        base("granite")
            .set("logit_scale", 3.0f32)
            .set("rope.scaling.finetuned", false)
            .set("expert_shared_feed_forward_length", 16u32)
            .set("ssm.conv_kernel", 4u32),
    ]
}

fn others() -> Vec<Config> {
    let per_layer = |values: &[u32]| Value::from(values.to_vec());
    vec![
        untied(base("internlm2")),
        partly_rotated(Config { width: 36, ..base("glm4") }).with(QKV_BIASES).with(&["ffn_up.weight"]),
        sections(base("glm4")).with(FUSED),
        partly_rotated(base("chatglm")).with(FUSED).with(&["attn_qkv.bias"]),
        Config { rope_freqs: true, ..base("exaone") },
        Config { layers: 64, ..windowed("exaone4", 4) },
        Config { rope_freqs: true, ..base("exaone4") },
        Config { width: 36, ..base("ernie4_5") }.with(QKV_BIASES),
        base("hunyuan-dense")
            .set("rope.scaling.alpha", 50.0f32)
            .set("rope.scaling.type", "none")
            .set("expert_count", 1u32)
            .set("expert_used_count", 1u32),
        sections(Config { width: 36, ..base("hunyuan_vl") }).set("rope.scaling.alpha", 50.0f32),
        yarn(Config { width: 36, ..base("arcee") }),
        Config { rope_freqs: true, ..base("arcee") },
        Config { layers: 5, width: 36, rope_freqs: true, ..base("deci") }
            .set("attention.head_count", per_layer(&[4, 0, 0, 4, 4]))
            .set("attention.head_count_kv", per_layer(&[2, 0, 0, 0, 1]))
            .set("feed_forward_length", per_layer(&[52, 30, 0, 40, 44]))
            .with(FFN_BIASES),
        untied(base("plamo")),
        Config { width: 36, freq_base: 1e6, ..windowed("plamo3", 2) }
            .with(FUSED)
            .with(&["post_attention_norm", "post_ffw_norm"]),
        base("plamo3").with(FUSED).with(&["post_attention_norm", "post_ffw_norm"]),
        untied(base("xverse")),
        Config { width: 36, ..base("openelm") }
            .set("attention.head_count", per_layer(&[4, 6, 8]))
            .set("attention.head_count_kv", per_layer(&[2, 3, 4]))
            .set("feed_forward_length", per_layer(&[30, 40, 52]))
            .with(&["attn_qkv.weight"]),
        Config {
            unread: vec![
                ("vis_attn_qkv.weight", [40, 120]),
                ("vis_attn_output.weight", [40, 40]),
                ("vis_gate.weight", [40, 52]),
                ("vis_up.weight", [40, 52]),
                ("vis_down.weight", [52, 40]),
            ],
            ..multi_head("cogvlm")
        }
        .with(&["attn_qkv.weight"]),
        sections(base("paddleocr")).with(&["attn_output.bias"]),
        Config { width: 36, ..base("maincoder") },
        untied(multi_head("qwen"))
            .set("feed_forward_length", 104u32)
            .with(&["attn_qkv.weight", "attn_qkv.bias"]),
        Config { width: 36, ..base("pangu-embedded") }.with(QKV_BIASES).with(&["attn_output.bias"]),
        // Tokens 4 to 8195 are of images.
        untied(Config { vocab: 8200, eps: 1e-3, ..base("chameleon") })
            .with(&["attn_q_norm.bias", "attn_k_norm.bias"]),
        Config { vocab: 8200, ..base("chameleon") },
        base("minicpm"),
        longrope(Config { width: 36, ..base("minicpm") }, 64)
            .set("embedding_scale", 3.0f32)
            .set("residual_scale", 0.5f32)
            .set("logit_scale", 2.0f32),
    ]
}

/// Rotated, with LayerNorms.
fn layer_norms() -> Vec<Config> {
    vec![
        layer_norm(base("command-r")).set("logit_scale", 0.25f32),
        layer_norm(Config { layers: 64, ..base("command-r") })
            .with(&["attn_q_norm.weight", "attn_k_norm.weight"]),
        layer_norm(Config { layers: 5, ..windowed("cohere2", 4) }).set("logit_scale", 0.25f32),
        layer_norm(base("starcoder2")).with(NORM_BIASES).with(QKV_BIASES).with(&[
            "attn_output.bias",
            "ffn_up.bias",
            "ffn_down.bias",
        ]),
        layer_norm(partly_rotated(untied(base("stablelm"))))
            .set("use_parallel_residual", true)
            .with(NORM_BIASES)
            .with(QKV_BIASES)
            .with(&["ffn_norm.weight"]),
        layer_norm(untied(base("stablelm")))
            .with(NORM_BIASES)
            .with(&["attn_q_norm.weight", "attn_k_norm.weight"]),
        layer_norm(partly_rotated(untied(base("nemotron")))).with(NORM_BIASES).with(&[
            "attn_output.bias",
            "ffn_up.bias",
            "ffn_down.bias",
        ]),
        layer_norm(base("falcon")).with(NORM_BIASES).with(&["attn_qkv.weight"]),
        layer_norm(untied(base("falcon"))).with(NORM_BIASES).with(&[
            "attn_qkv.weight",
            "attn_norm_2.weight",
            "attn_norm_2.bias",
        ]),
        layer_norm(partly_rotated(untied(multi_head("gptneox"))))
            .set("use_parallel_residual", true)
            .with(NORM_BIASES)
            .with(GPT_BIASES),
        layer_norm(untied(base("gptneox")))
            .set("use_parallel_residual", false)
            .with(NORM_BIASES)
            .with(GPT_BIASES),
        layer_norm(partly_rotated(untied(base("phi2"))))
            .with(NORM_BIASES)
            .with(GPT_BIASES)
            .with(&["output.bias"]),
        layer_norm(untied(base("codeshell"))).with(NORM_BIASES).with(GPT_BIASES),
        layer_norm(untied(base("orion"))).with(NORM_BIASES),
        layer_norm(base("olmo")).set("attention.clamp_kqv", 0.5f32),
        layer_norm(untied(base("olmo"))),
        layer_norm(Config { width: 36, ..base("jais2") }).with(NORM_BIASES).with(QKV_BIASES).with(&[
            "attn_output.bias",
            "ffn_up.bias",
            "ffn_down.bias",
        ]),
    ]
}

/// With learned positions or ALiBi.
fn without_rotation() -> Vec<Config> {
    vec![
        layer_norm(multi_head("gpt2")).with(NORM_BIASES).with(GPT_BIASES),
        layer_norm(base("mpt"))
            .set("attention.max_alibi_bias", 8.0f32)
            .set("attention.clamp_kqv", 0.5f32)
            .with(&["attn_qkv.weight"]),
        layer_norm(base("mpt")).with(NORM_BIASES).with(GPT_BIASES).with(&["position_embd.weight"]),
        // llama.cpp knows the 7B and the 13B model by their depths.
        untied(Config { layers: 32, ..base("baichuan") }),
        untied(Config { layers: 40, ..base("baichuan") }),
        layer_norm(Config { kv_heads: 1, ..base("starcoder") }).with(NORM_BIASES).with(GPT_BIASES),
        Config { kv_heads: 1, ..base("refact") },
        layer_norm(Config { heads: 6, width: 60, kv_heads: 6, ..base("bloom") })
            .with(NORM_BIASES)
            .with(GPT_BIASES)
            .with(&["token_embd_norm.bias"]),
        layer_norm(untied(multi_head("jais")))
            .set("attention.max_alibi_bias", 8.0f32)
            .with(NORM_BIASES)
            .with(GPT_BIASES)
            .with(&["ffn_gate.bias"]),
    ]
}
