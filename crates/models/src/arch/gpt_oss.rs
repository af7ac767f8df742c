//! gpt-oss: biases everywhere, attention sinks, a window in every other layer, experts with a gate limited to 7.
//!
//! `post_attention_norm` is the norm before the feed-forward. A sink is one more score of each head, of no value. The
//! router's softmax is over the chosen experts. The activation is `g / (1 + exp(-1.702 g)) * (u + 1)`, g at most 7 and u
//! within 7 of 0.
//! Source: OpenAI gpt-oss model card 2025; HF `GptOssForCausalLM`. Golden: `golden/arch/gpt-oss.json`.

use gollum_kernels::{Activation, Gating};

use super::{Architecture, Branch, Moe, Normalise, Part, Period, Span, Windows};

/// See the file's head.
pub const GPT_OSS: Architecture = Architecture {
    gguf_name: "gpt-oss",
    models: "gpt-oss-20b, gpt-oss-120b, gpt-oss-safeguard",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(
            &["post_attention_norm"],
            Part::Moe(Moe {
                activation: Activation::OaiSwiglu { alpha: 1.702, limit: 7.0 },
                gating: Gating::SoftmaxOfChosen,
                normalise: Normalise::Never,
                ..Moe::SOFTMAX
            }),
        ),
    ]],
    windows: Windows { span: Span::Key, period: Period::LastOf(2), ..Windows::FULL },
    ..Architecture::DECODER
};
