//! PLaMo 3: norms before and after each part, an RMS norm on each head of q and k, a window in seven of eight
//! layers, which rotate with a base of their own; q, k and v in one matrix, the gate in the first rows of `ffn_up`.
//!
//! Converters add the constants of the norms into the weights, and name those after parts without `.weight`.
//! Source: HF `Plamo3ForCausalLM`. Golden: `golden/arch/plamo3.json`.

use super::{Architecture, Attention, Branch, Ffn, Period, Span, Windows};

/// See the file's head.
pub const PLAMO3: Architecture = Architecture {
    gguf_name: "plamo3",
    models: "PLaMo 3",
    kinds: &[&[
        Branch::attention(Attention::QK_NORM).post_norm(&["post_attention_norm"]),
        Branch::ffn(Ffn::SWIGLU).post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows {
        span: Span::Key,
        period: Period::LastOf(8),
        local_freq_base: Some(10_000.0),
        local_scaled: false,
        ..Windows::FULL
    },
    ..Architecture::DECODER
};
