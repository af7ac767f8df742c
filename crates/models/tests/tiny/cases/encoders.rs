//! Encoders: models that take whole inputs.

use super::{Config, base};

/// Norms of BERT's order, and their biases.
const BERT_NORMS: &[&str] =
    &["token_types.weight", "token_embd_norm.bias", "attn_output_norm.bias", "layer_output_norm.bias"];
/// Biases of attention's matrices.
const ATTENTION_BIASES: &[&str] = &["attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"];
/// Biases of an ungated feed-forward.
const FFN_BIASES: &[&str] = &["ffn_up.bias", "ffn_down.bias"];
/// A classifier of one score.
const CLASSIFIER: &[&str] = &["cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias"];

/// As many KV heads as query heads, LayerNorms, no causal mask.
fn encoder(arch: &str) -> Config {
    Config { kv_heads: 4, ..base(arch) }
        .set("attention.layer_norm_epsilon", 1e-5f32)
        .set("attention.causal", false)
}

pub fn cases() -> Vec<Config> {
    let bert = || encoder("bert").with(BERT_NORMS).with(ATTENTION_BIASES).with(FFN_BIASES);
    let modern = |layers| {
        Config { layers, window: 7, ..encoder("modern-bert") }
            .set("rope.freq_base_swa", 500.0f32)
            .with(&["attn_qkv.weight", "ffn_up.weight"])
            .with(&["blk.1.attn_norm.weight", "blk.2.attn_norm.weight", "blk.3.attn_norm.weight"])
    };
    vec![
        bert().set("pooling_type", 1u32),
        bert().set("pooling_type", 4u32).with(CLASSIFIER),
        encoder("nomic-bert").set("pooling_type", 1u32).with(BERT_NORMS).with(&["attn_qkv.weight"]),
        encoder("nomic-bert-moe")
            .set("moe_every_n_layers", 2u32)
            .set("expert_count", 4u32)
            .set("expert_used_count", 2u32)
            .with(BERT_NORMS)
            .with(&["attn_qkv.weight", "attn_qkv.bias", "attn_output.bias"])
            .with(&["blk.0.ffn_up.bias", "blk.2.ffn_up.bias", "blk.0.ffn_down.bias", "blk.2.ffn_down.bias"])
            .with(&["blk.1.ffn_gate_inp.weight"]),
        encoder("jina-bert-v2")
            .with(BERT_NORMS)
            .with(ATTENTION_BIASES)
            .with(&["ffn_up.weight", "ffn_down.bias"]),
        encoder("jina-bert-v2")
            .with(BERT_NORMS)
            .with(ATTENTION_BIASES)
            .with(&["attn_q_norm.weight", "attn_q_norm.bias", "attn_k_norm.weight", "attn_k_norm.bias"])
            .with(&["attn_norm_2.weight", "attn_norm_2.bias"])
            .with(&["ffn_gate.weight", "ffn_down.bias"]),
        encoder("jina-bert-v3")
            .set("pooling_type", 1u32)
            .with(BERT_NORMS)
            .with(&["attn_qkv.weight", "attn_qkv.bias", "attn_output.bias"])
            .with(FFN_BIASES),
        modern(4).set("pooling_type", 2u32),
        modern(4).set("pooling_type", 4u32).with(&[
            "cls.weight",
            "cls.norm.weight",
            "cls.output.weight",
            "cls.output.bias",
        ]),
        encoder("neo-bert").with(&["attn_qkv.weight", "ffn_up.weight"]),
        Config { kv_heads: 2, ..encoder("eurobert") }.set("pooling_type", 3u32),
        Config { layers: 7, kv_heads: 2, window: 7, ..encoder("gemma-embedding") }
            .set("pooling_type", 1u32)
            .set("dense_2_feat_in", 40u32)
            .set("dense_2_feat_out", 40u32)
            .set("dense_3_feat_in", 40u32)
            .set("dense_3_feat_out", 40u32)
            .with(&["dense_2.weight", "dense_3.weight"]),
        Config { kv_heads: 2, rope_freqs: true, ..encoder("llama-embed") }.set("pooling_type", 1u32),
        Config { kv_heads: 2, ..encoder("qwen2") }.set("pooling_type", 1u32).with(&ATTENTION_BIASES[..3]),
    ]
}

/// Models with a causal mask: the last row, or a classifier of it.
pub fn causal() -> Vec<Config> {
    vec![
        base("qwen3").set("pooling_type", 3u32),
        base("qwen3")
            .set("pooling_type", 4u32)
            .set("classifier.output_labels", vec!["yes".to_owned(), "no".to_owned()])
            .with(&["cls.output.weight"]),
        base("llama").set("pooling_type", 1u32),
    ]
}
