//! MiniMax-M2: norms over the whole rows of q and k, half of a head rotated, a sigmoid router with a bias for the choice
//! only.
//! Source: HF `MiniMaxM2ForCausalLM`. Golden: `golden/arch/minimax-m2.json`.

use super::{Architecture, Attention, Branch, Moe, Part, QkNorm};

/// See the file's head.
pub const MINIMAX_M2: Architecture = Architecture {
    gguf_name: "minimax-m2",
    models: "MiniMax-M2, M2.1, M2.5, M2.7",
    kinds: &[&[
        Branch::new(
            &["attn_norm"],
            Part::Attention(Attention { qk_norm: QkNorm::WHOLE_ROW, ..Attention::GQA }),
        ),
        Branch::new(&["ffn_norm"], Part::Moe(Moe::SIGMOID)),
    ]],
    ..Architecture::DECODER
};
