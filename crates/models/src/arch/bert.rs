//! BERT: learned positions, token types, biases everywhere, LayerNorms behind the residual sums, an ungated GELU.
//!
//! Its authors' GELU is the one by the error function; llama.cpp, and so this, takes the tanh form.
//! Source: Devlin et al. 2018; HF `BertModel`, `RobertaModel`, `DistilBertModel`. Golden: `golden/arch/bert.json`.

use super::{Architecture, Branch, Embedding, Ffn, Part, Positions, RopeRule};

/// See the file's head.
pub const BERT: Architecture = Architecture {
    gguf_name: "bert",
    models: "all-MiniLM, bge, e5, mxbai, snowflake-arctic-embed, RoBERTa, bge-reranker",
    embedding: Embedding { positions: Positions::Learned, ..Embedding::TYPES },
    kinds: &[&[
        Branch::then_norm(Part::GQA, &["attn_output_norm"]),
        Branch::then_norm(Part::Ffn(Ffn::GELU), &["layer_output_norm"]),
    ]],
    rope: RopeRule::NONE,
    ..Architecture::ENCODER
};
