//! Chameleon, the text half: Llama's block with a LayerNorm on each head of q and k, with weights of its own; the
//! 34B model norms the results of its parts instead of their inputs.
//!
//! Tokens of images are never answered with, as in the authors' code. llama.cpp's feed-forward of the 34B model
//! reads what attention added instead of the stream; this one reads the stream, as the authors'.
//! Source: Chameleon report 2024; HF `ChameleonForConditionalGeneration`. Golden: `golden/arch/chameleon.json`.

use super::{Architecture, Attention, Branch, Ffn, Head, Part, Pick, QkNorm, RopeRule};

/// The epsilon of the norms of q and k is torch's default, whatever the metadata says of the others.
const ATTENTION: Attention = Attention {
    qk_norm: QkNorm { eps: Some(1e-5), optional: false, ..QkNorm::LAYER_OWN_WEIGHTS },
    ..Attention::GQA
};

/// See the file's head.
pub const CHAMELEON: Architecture = Architecture {
    gguf_name: "chameleon",
    models: "Chameleon 7B, 30B (text)",
    kinds: &[
        &[
            Branch::new(&[], Part::Attention(ATTENTION)).post_norm(&["attn_norm"]),
            Branch::new(&[], Part::SWIGLU).post_norm(&["ffn_norm"]),
        ],
        &[Branch::attention(ATTENTION), Branch::ffn(Ffn::SWIGLU)],
    ],
    pick: Pick::Flag("swin_norm", false),
    rope: RopeRule::INTERLEAVED,
    head: Head { silent: (4, 8196), ..Head::PLAIN },
    ..Architecture::DECODER
};
