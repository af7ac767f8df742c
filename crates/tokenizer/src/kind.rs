//! What the kinds of vocabulary share as tokenizers: special tokens are found first, and what lies between them is
//! each kind's own business.

use gollum_core::TokenId;

use crate::{SpecialText, SpecialTokens, Tokenizer, partition::Fragment, vocab::Vocab};

/// A kind of vocabulary, `tokenizer.ggml.model`.
pub(crate) trait Kind: Send + Sync {
    /// Memory kept from fragment to fragment.
    type Scratch: Default;

    /// Its tokens.
    fn vocab(&self) -> &Vocab;

    /// Appends the ids of a text between two special tokens, which is not empty.
    fn encode_text(&self, text: &str, scratch: &mut Self::Scratch, ids: &mut Vec<TokenId>);

    /// See [`Tokenizer::adds_space_prefix`].
    fn adds_space_prefix(&self) -> bool {
        false
    }

    /// See [`Tokenizer::keeps_text`].
    fn keeps_text(&self) -> bool {
        true
    }
}

/// A kind of vocabulary as a tokenizer.
#[derive(Debug)]
pub(crate) struct OfKind<K>(pub K);

impl<K: Kind> Tokenizer for OfKind<K> {
    fn vocab_size(&self) -> usize {
        self.0.vocab().len()
    }

    fn encode_guarded(&self, text: &str, special: SpecialText, guards: &[usize]) -> Vec<TokenId> {
        let mut ids = Vec::new();
        let mut scratch = K::Scratch::default();
        for fragment in self.0.vocab().partition.split(text, special, guards) {
            match fragment {
                Fragment::Token(id) => ids.push(id),
                Fragment::Text(text) => self.0.encode_text(text, &mut scratch, &mut ids),
            }
        }
        ids
    }

    fn token_bytes(&self, id: TokenId) -> &[u8] {
        self.0.vocab().token_bytes(id)
    }

    fn special(&self) -> &SpecialTokens {
        &self.0.vocab().special
    }

    fn is_control(&self, id: TokenId) -> bool {
        self.0.vocab().is_hidden(id)
    }

    fn adds_space_prefix(&self) -> bool {
        self.0.adds_space_prefix()
    }

    fn keeps_text(&self) -> bool {
        self.0.keeps_text()
    }
}
