//! BPE without whitespace, `tokenizer.ggml.model = "whitespace"`: the Chinese embedding model of Jina.
//!
//! Whitespace is dropped, and what lies between is encoded as [`Bpe`] does. Source: llama.cpp, whose ids these are.

use gollum_core::TokenId;

use crate::{
    TokenizerError, VocabSource,
    bpe::{self, Bpe},
    kind::Kind,
    unicode::lower_case,
    vocab::Vocab,
};

/// A BPE vocabulary without whitespace.
#[derive(Debug)]
pub(crate) struct Unspaced {
    bpe: Bpe,
    lower_case: bool,
}

impl Unspaced {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let default = source.pre != Some("whitespace");
        Ok(Self { bpe: Bpe::new(source)?, lower_case: source.lowercase.unwrap_or(default) })
    }
}

impl Kind for Unspaced {
    type Scratch = bpe::Scratch;

    fn vocab(&self) -> &Vocab {
        self.bpe.vocab()
    }

    fn keeps_text(&self) -> bool {
        false
    }

    fn encode_text(&self, text: &str, scratch: &mut bpe::Scratch, ids: &mut Vec<TokenId>) {
        for segment in text.split_whitespace() {
            if self.lower_case {
                let lowered: String = segment.chars().map(lower_case).collect();
                self.bpe.encode_text(&lowered, scratch, ids);
            } else {
                self.bpe.encode_text(segment, scratch, ids);
            }
        }
    }
}
