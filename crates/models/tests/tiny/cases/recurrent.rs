//! Architectures with recurrent layers.

use super::{Config, base};

const SHARED: &[&str] = &["ffn_gate_shexp.weight", "ffn_up_shexp.weight", "ffn_gate_inp_shexp.weight"];

/// Of Mamba-1.
const BIASES: &[&str] = &["ssm_conv1d.bias", "ssm_dt.bias"];

impl Config {
    /// Two key heads of 16 and four value heads; every second layer is attention.
    fn delta(self) -> Self {
        Self { layers: 4, ..self }
            .set("full_attention_interval", 2u32)
            .set("ssm.conv_kernel", 4u32)
            .set("ssm.state_size", 16u32)
            .set("ssm.group_count", 2u32)
            .set("ssm.time_step_rank", 4u32)
            .set("ssm.inner_size", 64u32)
    }

    /// Four heads of 20 in two groups, 16 rows of memory.
    fn mamba2(self) -> Self {
        self.set("ssm.conv_kernel", 4u32)
            .set("ssm.state_size", 16u32)
            .set("ssm.group_count", 2u32)
            .set("ssm.time_step_rank", 4u32)
            .set("ssm.inner_size", 80u32)
            .with(&["ssm_conv1d.bias"])
    }

    /// 80 channels with step lengths of rank 7, eight values of memory each.
    fn mamba1(self) -> Self {
        self.set("ssm.conv_kernel", 4u32)
            .set("ssm.state_size", 8u32)
            .set("ssm.time_step_rank", 7u32)
            .set("ssm.inner_size", 80u32)
    }

    fn mixture(self) -> Self {
        self.set("expert_count", 6u32).set("expert_used_count", 3u32).set("expert_feed_forward_length", 22u32)
    }
}

pub fn cases() -> Vec<Config> {
    [mamba(), others()].concat()
}

fn untied(arch: &str) -> Config {
    Config { tied: false, ..base(arch) }
}

/// Mamba of both kinds, alone and beside or between attention.
fn mamba() -> Vec<Config> {
    let alone = |arch| Config { ffn: 0, ..base(arch) }.set("attention.head_count", 0u32);
    vec![
        alone("mamba").mamba1().with(BIASES),
        Config { tied: false, ..alone("mamba") }.mamba1().with(BIASES).set("ssm.dt_b_c_rms", true),
        alone("mamba2").mamba2(),
        Config { layers: 4, ..untied("jamba") }
            .mamba1()
            .with(BIASES)
            .set("attention.head_count_kv", vec![0u32, 2, 0, 0])
            .set("expert_count", 6u32)
            .set("expert_used_count", 2u32)
            .with(&["blk.1.ffn_gate_inp.weight", "blk.3.ffn_gate_inp.weight"])
            .with(&["ssm_dt_norm.weight"]),
        base("falcon-h1").mamba2().with(&["ssm_norm.weight", "ffn_norm"]),
        untied("falcon-h1").mamba2().with(&["ffn_norm"]),
        Config { layers: 4, ..base("plamo2") }
            .mamba1()
            .set("attention.head_count_kv", vec![0u32, 2, 0, 2])
            .set("ssm.time_step_rank", 5u32)
            .set("ssm.group_count", 0u32)
            .with(&["attn_qkv.weight", "ffn_up.weight", "ssm_dt_norm", "ssm_b_norm", "ssm_c_norm"])
            .with(&["post_attention_norm", "post_ffw_norm"]),
        base("granitehybrid")
            .mamba2()
            .set("attention.head_count_kv", vec![0u32, 2, 0])
            .set("embedding_scale", 3.0f32)
            .set("residual_scale", 0.4f32)
            .set("attention.scale", 0.2f32)
            .set("logit_scale", 6.0f32)
            .set("rope.scaling.finetuned", true),
        base("granitehybrid")
            .mamba2()
            .mixture()
            .set("attention.head_count_kv", vec![0u32, 2, 0])
            .set("expert_feed_forward_length", 52u32)
            .set("rope.scaling.finetuned", false)
            .set("expert_shared_feed_forward_length", 26u32)
            .with(&["ffn_gate_inp.weight", "ffn_gate_shexp.weight", "ffn_up_shexp.weight"]),
        Config { layers: 4, ..untied("nemotron_h") }
            .mamba2()
            .set("attention.head_count_kv", vec![0u32, 0, 2, 0])
            .set("feed_forward_length", vec![0u32, 52, 0, 0])
            .set("attention.layer_norm_epsilon", 1e-5f32),
        Config { layers: 4, ..untied("nemotron_h_moe") }
            .mamba2()
            .mixture()
            .set("attention.head_count_kv", vec![0u32, 0, 2, 0])
            .set("feed_forward_length", vec![0u32, 22, 0, 0])
            .set("attention.layer_norm_epsilon", 1e-5f32)
            .set("expert_gating_func", 2u32)
            .set("expert_weights_norm", true)
            .set("expert_weights_scale", 1.5f32)
            .set("expert_shared_count", 1u32)
            .set("expert_shared_feed_forward_length", 26u32)
            .with(&["blk.1.ffn_gate_inp.weight", "exp_probs_b.bias", "ffn_up_shexp.weight"]),
    ]
}

/// Delta nets and short convolutions.
fn others() -> Vec<Config> {
    vec![
        base("lfm2").set("attention.head_count_kv", vec![0u32, 2, 0]).set("shortconv.l_cache", 3u32),
        base("lfm2").set("attention.head_count_kv", vec![0u32, 0, 2]).set("shortconv.l_cache", 3u32),
        base("lfm2moe")
            .mixture()
            .set("attention.head_count_kv", vec![0u32, 2, 0])
            .set("shortconv.l_cache", 3u32)
            .set("leading_dense_block_count", 1u32)
            .set("expert_gating_func", 2u32)
            .with(&["blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight", "exp_probs_b.bias"]),
        untied("qwen3next")
            .delta()
            .mixture()
            .set("expert_shared_feed_forward_length", 26u32)
            .with(SHARED)
            .with(&["ffn_gate_inp.weight", "ssm_ba.weight"]),
        untied("qwen35").delta().set("rope.dimension_sections", vec![2i32, 2, 1, 0]),
        base("qwen35")
            .delta()
            .set("full_attention_interval", 4u32)
            .set("rope.dimension_count", 6u32)
            .set("rope.dimension_sections", vec![1i32, 1, 1, 0]),
        untied("qwen35moe")
            .delta()
            .mixture()
            .set("rope.dimension_sections", vec![2i32, 2, 1, 0])
            .set("expert_shared_feed_forward_length", 26u32)
            .with(SHARED),
    ]
}
