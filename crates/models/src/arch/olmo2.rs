//! OLMo 2 and 3: norms after the parts instead of before, and RMS norms over the whole rows of q and k.
//!
//! Olmo 3 has a window in three of four layers, which are not rope-scaled; the others are, by YaRN.
//! Source: 2 OLMo 2 Furious 2025; HF `Olmo2ForCausalLM`, `Olmo3ForCausalLM`. Golden: `golden/arch/olmo2.json`.

use super::{Architecture, Attention, Branch, Part, Period, QkNorm, Span, Windows};

/// See the file's head.
pub const OLMO2: Architecture = Architecture {
    gguf_name: "olmo2",
    models: "OLMo 2, Olmo 3",
    kinds: &[&[
        Branch::new(&[], Part::Attention(Attention { qk_norm: QkNorm::WHOLE_ROW, ..Attention::GQA }))
            .post_norm(&["post_attention_norm"]),
        Branch::new(&[], Part::SWIGLU).post_norm(&["post_ffw_norm"]),
    ]],
    windows: Windows { span: Span::Key, period: Period::LastOf(4), local_scaled: false, ..Windows::FULL },
    ..Architecture::DECODER
};
