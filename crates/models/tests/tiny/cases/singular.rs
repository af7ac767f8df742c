//! Architectures with a part that no other has.

use gollum_gguf::Value;

use super::{Config, base};

pub fn cases() -> Vec<Config> {
    [apertus(), bitnet(), gemma3n()].concat()
}

/// The numbers of xIELU.
fn xielu(config: Config, [alpha_n, alpha_p, beta, eps]: [Value; 4]) -> Config {
    let unprefixed = vec![
        ("xielu.alpha_n", alpha_n),
        ("xielu.alpha_p", alpha_p),
        ("xielu.beta", beta),
        ("xielu.eps", eps),
    ];
    Config { tied: false, unprefixed, ..config }
}

fn apertus() -> Vec<Config> {
    let each = |values: &[f32]| Value::from(values.to_vec());
    vec![
        xielu(
            Config { rope_freqs: true, ..base("apertus") },
            [
                each(&[-1.05, 0.7, 25.0]),
                each(&[0.2, -0.6, 1.5]),
                each(&[0.5, 0.4, 0.7]),
                each(&[-1e-6, -0.5, -1e-6]),
            ],
        ),
        xielu(base("apertus"), [0.3f32.into(), 0.9f32.into(), 0.5f32.into(), (-1e-6f32).into()])
            .with(&["attn_output.bias"]),
    ]
}

fn bitnet() -> Vec<Config> {
    vec![
        base("bitnet"),
        base("bitnet").with(&["attn_q.scale", "attn_k.scale", "attn_v.scale", "attn_output.scale"]).with(&[
            "ffn_gate.scale",
            "ffn_up.scale",
            "ffn_down.scale",
        ]),
    ]
}

fn gemma3n() -> Vec<Config> {
    let base = |layers: usize| {
        let config = Config { layers, window: 7, head_dim: 12, freq_base: 1e6, ..base("gemma3n") };
        config.set("embedding_length_per_layer_input", 256u32)
    };
    // llama.cpp takes the first 10 layers for sparse and all behind the 20th for shared, whatever the keys say.
    let each = |i: usize| if i < 10 { 1.644_853_4 } else { f32::NEG_INFINITY };
    let shared = Config {
        // llama.cpp's table of GELU, 5e-4 at each layer, would else be 5e-3 behind 25.
        post_norm_gain: Some(0.25),
        unread: vec![
            ("attn_k.weight", [40, 24]),
            ("attn_v.weight", [40, 24]),
            ("attn_k_norm.weight", [12, 1]),
        ],
        ..base(25)
    };
    vec![
        base(6),
        shared
            .set("attention.shared_kv_layers", 5u32)
            .set("attention.sliding_window_pattern", (0..25).map(|i| i % 5 != 4).collect::<Vec<bool>>())
            .set("altup.num_inputs", 4u32)
            .set("altup.active_idx", 0u32)
            .set("activation_sparsity_scale", (0..25).map(each).collect::<Vec<f32>>()),
    ]
}
