//! Architectures with experts.

use super::{Config, base};
use crate::tiny::Nextn;

/// Six experts, three of them used, 22 wide inside; `output.weight` is there, since many architectures insist.
fn moe(arch: &str) -> Config {
    Config { tied: false, ..base(arch) }
        .set("expert_count", 6u32)
        .set("expert_used_count", 3u32)
        .set("expert_feed_forward_length", 22u32)
}

/// As [`moe`], of architectures whose experts are as wide as their dense feed-forward.
fn moe_as_wide(arch: &str) -> Config {
    moe(arch).set("expert_feed_forward_length", 52u32)
}

/// Experts in all of three layers but the first.
const BEHIND_LEAD: &[&str] = &["blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight"];
const QKV_BIAS: &[&str] = &["attn_q.bias", "attn_k.bias", "attn_v.bias"];
const SHARED: &[&str] = &["ffn_gate_shexp.weight", "ffn_up_shexp.weight"];
const SELECTION_BIAS: &[&str] = &["exp_probs_b.bias"];

impl Config {
    /// One dense layer before the mixtures.
    fn lead(self) -> Self {
        self.set("leading_dense_block_count", 1u32).with(BEHIND_LEAD)
    }

    fn yarn(self, factor: f32, original: u32) -> Self {
        self.set("rope.scaling.type", "yarn")
            .set("rope.scaling.factor", factor)
            .set("rope.scaling.original_context_length", original)
    }

    /// A router by sigmoid, whose weights add up to 1.5.
    fn sigmoid(self) -> Self {
        self.set("expert_gating_func", 2u32)
            .set("expert_weights_norm", true)
            .set("expert_weights_scale", 1.5f32)
    }

    fn nextn(self, like: usize, vectors: &'static [&'static str]) -> Self {
        Self { nextn: Some(Nextn { like, vectors }), ..self }
    }

    /// An expert for each `group` of experts.
    fn grove(self, group: u32, scale: f32) -> Self {
        self.set("experts_per_group", group).set("expert_group_scale", scale)
    }

    fn granite(self) -> Self {
        self.set("embedding_scale", 3.0f32)
            .set("residual_scale", 0.4f32)
            .set("attention.scale", 0.2f32)
            .set("logit_scale", 6.0f32)
    }
}

pub fn cases() -> Vec<Config> {
    let mut all = vec![
        moe_as_wide("arctic"),
        moe("bailingmoe")
            .set("expert_shared_count", 2u32)
            .set("expert_weights_norm", true)
            .set("expert_weights_scale", 1.5f32)
            .with(SHARED),
        moe("bailingmoe").set("expert_shared_count", 1u32).with(SHARED).with(QKV_BIAS),
        moe_as_wide("dbrx")
            .set("attention.layer_norm_epsilon", 1e-5f32)
            .set("attention.clamp_kqv", 0.8f32)
            .with(&["attn_qkv.weight"]),
        moe("deepseek")
            .lead()
            .set("expert_shared_count", 2u32)
            .set("expert_weights_scale", 1.5f32)
            .with(SHARED),
        Config { kv_heads: 4, ..moe("deepseek2-ocr") }
            .lead()
            .set("expert_shared_count", 2u32)
            .set("attention.sliding_window", 5u32)
            .with(SHARED),
        Config { kv_heads: 4, ..moe("deepseek2-ocr") }
            .lead()
            .sigmoid()
            .set("expert_shared_count", 1u32)
            .with(SHARED)
            .with(SELECTION_BIAS)
            .with(&["ffn_gate_up_exps.weight", "attn_qkv.weight"]),
        Config { kv_heads: 4, ..moe("dots1") }
            .lead()
            .sigmoid()
            .set("expert_shared_count", 2u32)
            .with(SHARED)
            .with(SELECTION_BIAS),
        moe("ernie4_5-moe")
            .lead()
            .set("interleave_moe_layer_step", 1u32)
            .set("expert_shared_feed_forward_length", 26u32)
            .with(SHARED)
            .with(SELECTION_BIAS)
            .with(&["attn_qkv.weight"])
            .with(QKV_BIAS),
        moe("ernie4_5-moe").lead().set("interleave_moe_layer_step", 1u32),
        Config { head_dim: 12, ..moe_as_wide("hunyuan-moe") }
            .set("expert_shared_feed_forward_length", 26u32)
            .with(SHARED),
        moe_as_wide("hunyuan-moe").with(SHARED),
        Config { tied: true, ..moe_as_wide("llama") }.with(&["ffn_gate_inp.weight"]),
        Config { window: 7, ..moe("maple") }
            .set("attention.sliding_window_pattern", vec![true, false, true])
            .set("swiglu_clamp_exp", vec![0.5f32, 0.0, 0.8])
            .set("rope.dimension_count", 6u32),
        Config { window: 7, layers: 5, head_dim: 12, ..moe("mellum") }
            .yarn(4.0, 32)
            .set("attention.sliding_window_pattern", vec![true, false, true, false, true]),
        Config { window: 7, layers: 5, ..moe("mellum") }.set("expert_feed_forward_length", 0u32),
        moe_as_wide("minimax-m2")
            .set("expert_gating_func", 2u32)
            .set("rope.dimension_count", 6u32)
            .with(SELECTION_BIAS),
        Config { kv_heads: 4, ..moe_as_wide("olmoe") },
        moe_as_wide("smallthinker").set("expert_gating_func", 1u32),
        Config { window: 4096, layers: 5, ..moe("smallthinker") }
            .set("feed_forward_length", 22u32)
            .set("expert_gating_func", 2u32),
    ];
    all.extend([qwen(), glm_and_hunyuan(), windowed(), biased(), granite(), grok(), llama4()].concat());
    all
}

fn qwen() -> Vec<Config> {
    vec![
        moe("qwen2moe")
            .set("expert_shared_feed_forward_length", 30u32)
            .with(&["ffn_gate_inp_shexp.weight"])
            .with(SHARED)
            .with(QKV_BIAS),
        moe("qwen2moe")
            .set("expert_feed_forward_length", 0u32)
            .with(&["ffn_gate_inp_shexp.weight"])
            .with(SHARED),
        Config { head_dim: 14, tied: true, ..moe("qwen3moe") }
            .yarn(4.0, 32)
            .set("expert_feed_forward_length", 0u32),
        moe("qwen3moe").with(&[
            "attn_q.scale",
            "attn_k.scale",
            "attn_v.scale",
            "attn_output.scale",
            "ffn_gate_exps.scale",
            "ffn_up_exps.scale",
            "ffn_down_exps.scale",
        ]),
        // Adjugates that count for nothing, which llama.cpp agrees about, and others, which it has by their equal.
        moe("grovemoe").grove(2, 0.0).set("expert_chunk_feed_forward_length", 14u32),
        Config { head_dim: 12, ..moe("grovemoe") }
            .grove(3, 0.8)
            .set("expert_used_count", 4u32)
            .set("expert_feed_forward_length", 0u32),
        Config { head_dim: 12, ..moe("qwen3vlmoe") }
            .set("rope.dimension_sections", vec![2i32, 2, 2, 0])
            .set("n_deepstack_layers", 2u32),
    ]
}

fn glm_and_hunyuan() -> Vec<Config> {
    vec![
        Config { head_dim: 12, ..moe("glm4moe") }
            .lead()
            .sigmoid()
            .set("rope.dimension_count", 6u32)
            .set("expert_shared_count", 2u32)
            .nextn(2, &["nextn.shared_head_norm"])
            .with(&["attn_q_norm.weight", "attn_k_norm.weight"])
            .with(SHARED)
            .with(SELECTION_BIAS)
            .with(QKV_BIAS),
        Config { head_dim: 12, ..moe("glm4moe") }
            .lead()
            .set("rope.dimension_sections", vec![2i32, 2, 2, 0])
            .set("expert_feed_forward_length", 0u32)
            .set("expert_shared_count", 1u32)
            .with(SHARED)
            .with(SELECTION_BIAS),
        Config { head_dim: 12, ..moe("hy_v3") }
            .lead()
            .sigmoid()
            .set("expert_shared_feed_forward_length", 26u32)
            .nextn(2, &["nextn.shared_head_norm"])
            .with(&["exp_probs_b"])
            .with(SHARED),
        moe("hy_v3").lead().with(&["exp_probs_b", "ffn_gate_up_exps.weight"]).with(SHARED),
        // Groups of two experts, of which the best two of four are looked at.
        moe("bailingmoe2")
            .lead()
            .sigmoid()
            .set("expert_count", 8u32)
            .set("expert_group_count", 4u32)
            .set("expert_group_used_count", 2u32)
            .set("expert_shared_count", 2u32)
            .set("expert_shared_feed_forward_length", 13u32)
            .set("rope.dimension_count", 6u32)
            .nextn(2, &["layer_output_norm"])
            .with(&["attn_qkv.weight"])
            .with(SHARED)
            .with(SELECTION_BIAS),
        moe("bailingmoe2")
            .lead()
            .set("expert_gating_func", 1u32)
            .set("expert_shared_count", 2u32)
            .with(&["attn_qkv.weight"])
            .with(SHARED),
    ]
}

fn windowed() -> Vec<Config> {
    vec![
        Config { window: 7, layers: 5, ..moe("cohere2moe") }
            .set("attention.layer_norm_rms_epsilon", 0.0f32)
            .set("attention.layer_norm_epsilon", 1e-5f32)
            .sigmoid()
            .set("leading_dense_block_count", 1u32)
            .set("expert_shared_count", 2u32)
            .set("logit_scale", 0.3f32)
            .nextn(2, &["nextn.shared_head_norm"])
            .with(&["blk.3.ffn_gate_inp.weight", "blk.4.ffn_gate_inp.weight"])
            .with(BEHIND_LEAD)
            .with(SHARED),
        Config { window: 7, head_dim: 12, ..moe("cohere2moe") }
            .set("attention.sliding_window_pattern", vec![false, true, false])
            .set("leading_dense_block_count", 0u32)
            .set("logit_scale", 0.3f32)
            .with(&["ffn_gate_inp.weight", "ffn_gate_up_exps.weight"]),
        Config { window: 7, layers: 5, head_dim: 12, ..moe("exaone-moe") }
            .sigmoid()
            .set("leading_dense_block_count", 1u32)
            .set("expert_shared_count", 1u32)
            .nextn(0, &["nextn.shared_head_norm"])
            .with(&["blk.3.ffn_gate_inp.weight", "blk.4.ffn_gate_inp.weight"])
            .with(BEHIND_LEAD)
            .with(SHARED)
            .with(SELECTION_BIAS),
        Config { window: 5, rope_freqs: true, ..moe("exaone-moe") }
            .lead()
            .set("attention.sliding_window_pattern", vec![true, false, true])
            .set("expert_gating_func", 2u32)
            .set("expert_shared_feed_forward_length", 26u32)
            .with(SHARED),
    ]
}

fn biased() -> Vec<Config> {
    let phi = [
        "attn_norm.bias",
        "ffn_norm.bias",
        "output_norm.bias",
        "output.bias",
        "attn_output.bias",
        "rope_factors_long.weight",
        "rope_factors_short.weight",
    ];
    let oai = [
        "attn_output.bias",
        "attn_sinks.weight",
        "ffn_gate_inp.bias",
        "ffn_gate_exps.bias",
        "ffn_up_exps.bias",
        "ffn_down_exps.bias",
    ];
    let longrope = |original: u32| {
        moe_as_wide("phimoe")
            .set("rope.scaling.original_context_length", original)
            .set("rope.scaling.attn_factor", 1.2f32)
            .set("attention.sliding_window", 7u32)
            .with(QKV_BIAS)
            .with(&phi)
    };
    vec![
        longrope(64),
        longrope(256),
        Config { window: 7, ..moe("gpt-oss") }.yarn(8.0, 16).with(QKV_BIAS).with(&oai),
        Config { window: 5, head_dim: 12, ..moe("gpt-oss") }
            .set("attention.sliding_window_pattern", vec![false, true, true])
            .with(QKV_BIAS)
            .with(&oai),
    ]
}

fn granite() -> Vec<Config> {
    vec![
        Config { tied: true, ..moe_as_wide("granitemoe") }
            .granite()
            .set("expert_shared_feed_forward_length", 26u32)
            .with(&["ffn_gate_inp.weight", "attn_output.bias"])
            .with(SHARED)
            .with(QKV_BIAS),
        base("granitemoe").granite().with(&["ffn_gate.bias", "ffn_up.bias", "ffn_down.bias"]),
        Config { window: 7, ..moe_as_wide("granite_swa") }
            .granite()
            .set("attention.sliding_window_pattern", vec![true, false, true])
            .set("attention.rope_pattern", vec![true, true, false])
            .set("expert_shared_feed_forward_length", 26u32)
            .with(&["ffn_gate_inp.weight", "attn_sinks.weight", "ffn_gate_up_exps.weight"])
            .with(&["ffn_up_shexp.weight"]),
        Config { window: 5, ..base("granite_swa") }
            .granite()
            .set("attention.sliding_window_pattern", vec![false, true, true])
            .with(&["attn_sinks.weight"]),
    ]
}

fn grok() -> Vec<Config> {
    vec![
        // Grok 1 leaves all its numbers out.
        moe("grok").set("expert_feed_forward_length", 0u32).with(&["layer_output_norm.weight"]),
        Config { softcap: 3.0, ..moe("grok") }
            .yarn(4.0, 4096)
            .set("rope.scaling.yarn_ext_factor", 1.0f32)
            .set("rope.scaling.yarn_attn_factor", 1.0f32)
            .set("rope.scaling.yarn_beta_fast", 8.0f32)
            .set("rope.scaling.yarn_beta_slow", 3.0f32)
            .set("embedding_scale", 5.0f32)
            .set("logit_scale", 0.7f32)
            .set("attention.output_scale", 0.2f32)
            .set("attn_logit_softcapping", 2.0f32)
            .set("router_logit_softcapping", 30.0f32)
            .set("attention.temperature_length", 1024u32)
            .with(&["ffn_gate.weight", "ffn_up.weight"]),
    ]
}

fn llama4() -> Vec<Config> {
    vec![
        Config { layers: 5, tied: true, ..moe("llama4") }
            .set("interleave_moe_layer_step", 2u32)
            .with(&["blk.1.ffn_gate_inp.weight", "blk.3.ffn_gate_inp.weight", "rope_freqs.weight"])
            .with(SHARED),
        // As many experts as make a model leave the norms of q and k out.
        Config { layers: 4, ..moe("llama4") }
            .set("expert_count", 128u32)
            .set("expert_used_count", 1u32)
            .set("interleave_moe_layer_step", 2u32)
            .with(&["blk.1.ffn_gate_inp.weight", "blk.3.ffn_gate_inp.weight"])
            .with(SHARED),
    ]
}
