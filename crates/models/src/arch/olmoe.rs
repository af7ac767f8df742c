//! OLMoE: norms over the whole rows of q and k, router weights as they are.
//! Source: Muennighoff et al. 2024; HF `OlmoeForCausalLM`. Golden: `golden/arch/olmoe.json`.

use super::{Architecture, Attention, Branch, Moe, Part, QkNorm};

/// See the file's head.
pub const OLMOE: Architecture = Architecture {
    gguf_name: "olmoe",
    models: "OLMoE-1B-7B",
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention { qk_norm: QkNorm::WHOLE_ROW, ..Attention::GQA }),
        ),
        Branch::new(&["ffn_norm"], Part::Moe(Moe::SOFTMAX_RAW)),
    ]],
    ..Architecture::DECODER
};
