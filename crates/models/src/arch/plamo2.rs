//! PLaMo 2: Mamba-1 with one rate a head, every second layer attention with an RMS norm on each head of q and k; norms
//! before and after each part; q, k and v in one matrix, the gate in the first rows of `ffn_up`.
//!
//! Layers without KV heads are recurrent. Converters add the constants of the norms into the weights, and name those after
//! parts without `.weight`.
//! Source: HF `Plamo2ForCausalLM`. Golden: `golden/arch/plamo2.json`.

use super::{Architecture, Attention, Branch, Ffn, Mamba1, Part, Pick, QkNorm, QkNormOver, RecurrentLayers};

const ATTENTION: Attention =
    Attention { qk_norm: QkNorm { over: QkNormOver::HeadOwnWeights, ..QkNorm::PER_HEAD }, ..Attention::GQA };
const FFN: Branch = Branch::ffn(Ffn::SWIGLU).post_norm(&["post_ffw_norm"]);
const MAMBA: Branch = Branch::new(&["attn_norm"], Part::Mamba1(Mamba1::Heads));

/// See the file's head.
pub const PLAMO2: Architecture = Architecture {
    gguf_name: "plamo2",
    models: "PLaMo 2 1B, 2B, 8B, PLaMo 2.1",
    kinds: &[
        &[MAMBA.post_norm(&["post_attention_norm"]), FFN],
        &[Branch::attention(ATTENTION).post_norm(&["post_attention_norm"]), FFN],
    ],
    pick: Pick::Recurrent(RecurrentLayers::WithoutKvHeads),
    ..Architecture::DECODER
};
