//! Text to token ids and back: the trait [`Tokenizer`], its implementations, and the incremental
//! [`Detokenizer`].
//!
//! ```text
//! text --partition at special tokens--> fragments --pre-tokenise--> words --merge--> ids
//! ids  --token_bytes--> bytes --Detokenizer--> whole characters
//! ```

mod bpe;
mod bytes_as_text;
mod detokenizer;
mod error;
mod families;
mod from_gguf;
mod hash;
mod merge;
mod partition;
mod pretokenize;
mod source;
mod special;
mod spm;
mod unicode;
mod unicode_table;
mod vocab;
mod whitespace;

use std::sync::Arc;

use gollum_core::TokenId;

pub use bpe::MAX_MERGES;
pub use detokenizer::Detokenizer;
pub use error::TokenizerError;
pub use from_gguf::from_gguf;
pub use source::{SpecialIds, VocabSource};
pub use special::{SpecialText, SpecialTokens};
pub use vocab::{MAX_TOKENS, TokenKind};
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

    /// The bytes of `ids`, joined; control tokens are spelled out.
    fn decode(&self, ids: &[TokenId]) -> Vec<u8> {
        ids.iter().flat_map(|&id| self.token_bytes(id)).copied().collect()
    }
}

/// Checks a vocabulary and builds its tokenizer.
///
/// Errors: every way in which a file can be wrong has its own [`TokenizerError`]; nothing panics.
pub fn from_source(source: &VocabSource<'_>) -> Result<Arc<dyn Tokenizer>, TokenizerError> {
    match source.model {
        "gpt2" => Ok(Arc::new(bpe::Bpe::new(source)?)),
        "llama" => Ok(Arc::new(spm::Spm::new(source)?)),
        model => Err(TokenizerError::UnsupportedModel { model: model.to_owned() }),
    }
}
