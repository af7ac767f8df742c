//! MiMo V2: keys wider than values, sinks, KV heads by the kind of layer, an array that says which layers have a window,
//! a factor on what was attended; dense or experts, chosen by a sigmoid with a bias.
//! Source: HF `MiMoV2FlashForCausalLM`. Golden: `golden/arch/mimo2.json`.

use super::{Architecture, Attention, Branch, Ffn, Moe, Part, Period, Span, Windows};

/// See the file's head.
pub const MIMO2: Architecture = Architecture {
    gguf_name: "mimo2",
    models: "MiMo V2 Flash, V2.5",
    kinds: &[&[
        Branch::attention(Attention { value_scale: true, ..Attention::GQA }),
        Branch::new(&["ffn_norm"], Part::FfnOrMoe(Ffn::SWIGLU, Moe::SIGMOID)),
    ]],
    windows: Windows {
        span: Span::Key,
        period: Period::Given,
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        ..Windows::FULL
    },
    ..Architecture::DECODER
};
