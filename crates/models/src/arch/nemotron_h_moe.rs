//! Nemotron 3: Nemotron-H whose feed-forwards are mixtures of squared ReLUs, chosen by sigmoid with a bias, beside a shared
//! expert.
//!
//! Source: NVIDIA 2025; HF `NemotronHForCausalLM`. Golden: `golden/arch/nemotron_h_moe.json`.

use gollum_kernels::Activation;

use super::{Architecture, Attention, Branch, Ffn, Moe, Normalise, Part, Pick, RecurrentLayers, RopeRule};

const MOE: Moe = Moe {
    activation: Activation::ReluSquared,
    gated: false,
    normalise: Normalise::Key(true),
    ..Moe::SIGMOID
};

/// See the file's head.
pub const NEMOTRON_H_MOE: Architecture = Architecture {
    gguf_name: "nemotron_h_moe",
    models: "Nemotron-3-Nano-30B-A3B",
    kinds: &[
        &[Branch::new(&["attn_norm"], Part::MAMBA2)],
        &[
            Branch::new(&["attn_norm"], Part::Attention(Attention::GQA)),
            Branch::new(&["attn_norm"], Part::FfnOrMoe(Ffn::RELU_SQUARED, MOE)),
        ],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeadsAndFfn),
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
