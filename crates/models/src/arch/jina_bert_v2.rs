//! Jina BERT v2: BERT with ALiBi to both sides in place of learned positions, and a GELU-gated feed-forward; in some
//! files LayerNorms of q and k, and a second norm behind attention.
//!
//! Source: Guenther et al. 2023; HF `JinaBertModel`. Golden: `golden/arch/jina-bert-v2.json`.

use super::{Alibi, Architecture, Attention, Branch, Embedding, Ffn, Part, QkNorm, RopeRule};

/// See the file's head.
pub const JINA_BERT_V2: Architecture = Architecture {
    gguf_name: "jina-bert-v2",
    models: "jina-embeddings v2, jina-reranker v1",
    embedding: Embedding::TYPES,
    kinds: &[&[
        Branch {
            stream_norm_2: &["attn_norm_2"],
            ..Branch::then_norm(
                Part::Attention(Attention {
                    alibi: Alibi::Max(8.0),
                    qk_norm: QkNorm::LAYER_ROW_OPTIONAL,
                    ..Attention::GQA
                }),
                &["attn_output_norm"],
            )
        },
        Branch::then_norm(Part::Ffn(Ffn { gate_optional: true, ..Ffn::GEGLU }), &["layer_output_norm"]),
    ]],
    rope: RopeRule::NONE,
    ..Architecture::ENCODER
};
