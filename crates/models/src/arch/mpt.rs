//! MPT: ALiBi or learned positions, LayerNorms, an ungated tanh-GELU, q, k and v in one matrix, which some models clamp;
//! others norm whole rows of q and k.
//!
//! Source: MosaicML 2023; HF `MptForCausalLM`. Golden: `golden/arch/mpt.json`.

use gollum_kernels::NormKind;

use super::{Alibi, Architecture, Attention, Branch, Embedding, Ffn, Norms, Positions, QkNorm, RopeRule};

/// See the file's head.
pub const MPT: Architecture = Architecture {
    gguf_name: "mpt",
    models: "MPT 7B, 30B",
    norms: Norms::Layer,
    embedding: Embedding { positions: Positions::IfPresent, ..Embedding::PLAIN },
    kinds: &[&[
        Branch::attention(Attention {
            qk_norm: QkNorm { kind: NormKind::Layer, optional: true, ..QkNorm::WHOLE_ROW },
            alibi: Alibi::Key,
            ..Attention::GQA
        }),
        Branch::ffn(Ffn::GELU),
    ]],
    rope: RopeRule::NONE,
    ..Architecture::DECODER
};
