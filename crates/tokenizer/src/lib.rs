//! Text to token ids and back: the trait [`Tokenizer`], its implementations, and the incremental
//! [`Detokenizer`].
//!
//! ```text
//! text --partition at special tokens--> fragments --as the kind of vocabulary does--> ids
//! ids  --token_bytes--> bytes --Detokenizer--> whole characters
//! ```

mod bpe;
mod bytes_as_text;
mod charsmap;
mod detokenizer;
mod error;
mod families;
mod from_gguf;
mod hash;
mod hybrid_dna;
mod kind;
mod merge;
mod partition;
mod plamo2;
mod pretokenize;
mod python_bytes;
mod rwkv;
mod source;
mod special;
mod spm;
mod trie;
mod unicode;
mod unicode_bases;
mod unicode_table;
mod unigram;
mod unspaced;
mod vocab;
mod whitespace;
mod wordpiece;

use std::sync::Arc;

use gollum_core::TokenId;

pub use bpe::MAX_MERGES;
pub use detokenizer::Detokenizer;
pub use error::TokenizerError;
pub use from_gguf::from_gguf;
pub use source::{SpecialIds, VocabSource};
pub use special::{FillInMiddle, SpecialText, SpecialTokens};
pub use vocab::{LONGEST_TOKEN, MAX_TOKENS, MAX_VOCABULARY_BYTES, TokenKind};
pub use whitespace::WhitespaceTokenizer;

/// Turns text into token ids and ids into bytes. Pure and shared between threads.
pub trait Tokenizer: Send + Sync {
    /// Ids are `0..vocab_size`.
    fn vocab_size(&self) -> usize;

    /// The ids of `text`. No BOS or EOS is added: [`SpecialTokens::add_bos`] says whether the model wants one,
    /// and the caller knows whether its text starts a sequence. Takes O(n log n) for n bytes.
    fn encode(&self, text: &str, special: SpecialText) -> Vec<TokenId> {
        self.encode_guarded(text, special, &[])
    }

    /// [`Tokenizer::encode`] of a text of which a part must not become control tokens: `guards` are byte positions
    /// in `text`, ascending. A control token's text with a guard inside it is text like any other; so is one of a
    /// single character with a guard on either side.
    fn encode_guarded(&self, text: &str, special: SpecialText, guards: &[usize]) -> Vec<TokenId>;

    /// The raw bytes of one token, control tokens spelled out. Empty for an id outside the vocabulary.
    fn token_bytes(&self, id: TokenId) -> &[u8];

    /// The ids with a meaning beyond text.
    fn special(&self) -> &SpecialTokens;

    /// True for tokens whose text is hidden from users, such as `<|im_end|>`. False outside the vocabulary.
    fn is_control(&self, id: TokenId) -> bool;

    /// True if [`Tokenizer::encode`] puts a space before the text, so that its ids decode to one byte more.
    fn adds_space_prefix(&self) -> bool {
        false
    }

    /// False if [`Tokenizer::encode`] normalises text first, so that it may come back as another.
    fn keeps_text(&self) -> bool {
        true
    }

    /// The bytes of `ids`, joined; control tokens are spelled out.
    fn decode(&self, ids: &[TokenId]) -> Vec<u8> {
        ids.iter().flat_map(|&id| self.token_bytes(id)).copied().collect()
    }
}

/// A kind of vocabulary by its name in files.
pub struct Model {
    /// `tokenizer.ggml.model`
    pub name: &'static str,
    build: fn(&VocabSource<'_>) -> Result<Arc<dyn Tokenizer>, TokenizerError>,
}

/// Every kind of vocabulary. To add one: a file that implements `Kind`, and a line here.
pub const MODELS: &[Model] = &[
    Model { name: "gpt2", build: |source| tokenizer(bpe::Bpe::new(source)) },
    Model { name: "llama", build: |source| tokenizer(spm::Spm::new(source)) },
    Model { name: "gemma4", build: |source| tokenizer(bpe::Bpe::gemma4(source)) },
    Model { name: "bert", build: |source| tokenizer(wordpiece::WordPiece::new(source)) },
    Model { name: "t5", build: |source| tokenizer(unigram::Unigram::new(source)) },
    Model { name: "rwkv", build: |source| tokenizer(rwkv::Rwkv::new(source)) },
    Model { name: "plamo2", build: |source| tokenizer(plamo2::Plamo2::new(source)) },
    Model { name: "whitespace", build: |source| tokenizer(unspaced::Unspaced::new(source)) },
    Model { name: hybrid_dna::MODEL, build: |source| tokenizer(hybrid_dna::HybridDna::new(source)) },
];

fn tokenizer(
    kind: Result<impl kind::Kind + 'static, TokenizerError>,
) -> Result<Arc<dyn Tokenizer>, TokenizerError> {
    Ok(Arc::new(kind::OfKind(kind?)))
}

/// Checks a vocabulary and builds its tokenizer.
///
/// Errors: every way in which a file can be wrong has its own [`TokenizerError`]; nothing panics.
pub fn from_source(source: &VocabSource<'_>) -> Result<Arc<dyn Tokenizer>, TokenizerError> {
    match MODELS.iter().find(|model| model.name == source.model) {
        Some(model) => (model.build)(source),
        None => {
            let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
            let model = source.model.to_owned();
            Err(TokenizerError::UnsupportedModel { model, supported: names.join(", ") })
        }
    }
}
