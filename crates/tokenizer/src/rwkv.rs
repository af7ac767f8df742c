//! RWKV's World vocabulary, `tokenizer.ggml.model = "rwkv"`: at each byte the longest token there is.
//!
//! Tokens are byte strings, written as Python writes them. Source: RWKV's `rwkv_tokenizer.py`; ids equal llama.cpp's.

use gollum_core::TokenId;

use crate::{
    TokenizerError, VocabSource,
    kind::Kind,
    python_bytes,
    special::Defaults,
    trie::Trie,
    vocab::{Spelling, Vocab},
};

/// An RWKV vocabulary.
#[derive(Debug)]
pub(crate) struct Rwkv {
    vocab: Vocab,
    tokens: Trie,
}

impl Rwkv {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let vocab = Vocab::new(source, Spelling::PythonBytes, Defaults::default())?;
        let spelled: Vec<(Vec<u8>, TokenId)> = (0..vocab.len() as TokenId)
            .zip(&source.tokens)
            .filter(|&(id, _)| !vocab.is_hidden(id))
            .map(|(id, text)| {
                let mut bytes = Vec::new();
                python_bytes::append(text, &mut bytes);
                (bytes, id)
            })
            .collect();
        // Of two spellings of the same bytes the last counts.
        let tokens = Trie::new(spelled.iter().rev().map(|(bytes, id)| (bytes.as_slice(), *id)));
        Ok(Self { vocab, tokens })
    }
}

impl Kind for Rwkv {
    type Scratch = ();

    fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    fn encode_text(&self, text: &str, (): &mut (), ids: &mut Vec<TokenId>) {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let found = self.tokens.longest_prefix(rest);
            // A byte that begins no token is unknown, or dropped where there is no token for that.
            let (len, id) = found.map_or((1, self.vocab.special.unk), |(len, id)| (len, Some(id)));
            ids.extend(id);
            rest = &rest[len..];
        }
    }
}
