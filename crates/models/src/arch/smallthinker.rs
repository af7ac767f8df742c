//! SmallThinker: the router reads the layer's input, before attention and un-normed; experts are ReLU-gated.
//!
//! In the large model the first of four layers sees all and is unrotated, and the others see the last 4096 positions,
//! whatever the file says; the small one has no windows and rotates all layers.
//! Source: SmallThinker technical report 2025; HF `SmallthinkerForCausalLM`. Golden: `golden/arch/smallthinker.json`.

use gollum_kernels::Activation;

use super::{Architecture, Branch, Input, Moe, Part, Period, RopeRule, Span, Unrotated, Windows};

/// See the file's head.
pub const SMALLTHINKER: Architecture = Architecture {
    gguf_name: "smallthinker",
    models: "SmallThinker-4B-A0.6B, SmallThinker-21B-A3B",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(
            &["ffn_norm"],
            Part::Moe(Moe { activation: Activation::Relu, router_input: Input::LayerStart, ..Moe::SIGMOID }),
        ),
    ]],
    windows: Windows { span: Span::FixedIfKey(4096), period: Period::FirstOf(4), ..Windows::FULL },
    rope: RopeRule { unrotated: Unrotated::FirstOfIfWindowed(4), ..RopeRule::NEOX },
    ..Architecture::DECODER
};
