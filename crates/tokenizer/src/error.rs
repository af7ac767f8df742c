//! Why a vocabulary was refused. Encoding and decoding cannot fail.

use gollum_core::TokenId;

/// A vocabulary that cannot be used. Everything in it comes from a file, so nothing in it is trusted.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// A metadata key has another type than it should.
    #[error(transparent)]
    Metadata(#[from] gollum_gguf::GgufError),
    /// A key without which there is no vocabulary.
    #[error("the model file has no {key}")]
    Missing {
        /// The metadata key.
        key: &'static str,
    },
    /// `tokenizer.ggml.model` names a kind of vocabulary that is not built in.
    #[error("tokenizer model {model:?} is not supported (supported: {supported})")]
    UnsupportedModel {
        /// What the file says.
        model: String,
        /// The names of [`crate::MODELS`].
        supported: String,
    },
    /// No tokens at all.
    #[error("the vocabulary is empty")]
    EmptyVocabulary,
    /// More tokens than [`crate::MAX_TOKENS`].
    #[error("the vocabulary has {tokens} tokens, the limit is {limit}")]
    TooManyTokens {
        /// Tokens in the file.
        tokens: usize,
        /// The limit.
        limit: usize,
    },
    /// More merges than [`crate::MAX_MERGES`].
    #[error("the vocabulary has {merges} merges, the limit is {limit}")]
    TooManyMerges {
        /// Merges in the file.
        merges: usize,
        /// The limit.
        limit: usize,
    },
    /// A token longer than [`crate::LONGEST_TOKEN`].
    #[error("token {id} has {bytes} bytes, the limit is {limit}")]
    TokenTooLong {
        /// The token.
        id: TokenId,
        /// Bytes of its text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More text than [`crate::MAX_VOCABULARY_BYTES`].
    #[error("the tokens have {bytes} bytes, the limit is {limit}")]
    VocabularyTooLarge {
        /// Bytes of all tokens together.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A list that goes with the tokens has another length.
    #[error("{key} has {found} entries for {tokens} tokens")]
    WrongLength {
        /// The metadata key.
        key: &'static str,
        /// Entries in the list.
        found: usize,
        /// Tokens in the vocabulary.
        tokens: usize,
    },
    /// Two ids have the same text, so text has no one id.
    #[error("tokens {first} and {second} are both {text:?}")]
    DuplicateToken {
        /// The text of both.
        text: String,
        /// The lower id.
        first: TokenId,
        /// The higher id.
        second: TokenId,
    },
    /// A token type that GGUF does not define.
    #[error("token {id} has the unknown type {kind}")]
    UnknownTokenType {
        /// The token.
        id: TokenId,
        /// Its type.
        kind: u32,
    },
    /// A token of type byte whose text is not `<0x00>` to `<0xFF>`.
    #[error("token {id} is a byte token, but its text is {text:?}")]
    InvalidByteToken {
        /// The token.
        id: TokenId,
        /// Its text.
        text: String,
    },
    /// A score that cannot be compared.
    #[error("the score of token {id} is not a number")]
    ScoreNotANumber {
        /// The token.
        id: TokenId,
    },
    /// A score that cannot be added.
    #[error("the score of token {id} is {score}")]
    ScoreNotFinite {
        /// The token.
        id: TokenId,
        /// Its score.
        score: f32,
    },
    /// A byte without which some text cannot be spelled.
    #[error("no token stands for the byte 0x{byte:02X}")]
    MissingByteToken {
        /// The byte.
        byte: u8,
    },
    /// `tokenizer.ggml.precompiled_charsmap` is not what it should be.
    #[error("tokenizer.ggml.precompiled_charsmap is malformed: {reason}")]
    MalformedCharsmap {
        /// In what way.
        reason: &'static str,
    },
    /// A merge that is not two texts with a space between.
    #[error("merge {index} is not a pair: {text:?}")]
    MalformedMerge {
        /// Index in the list of merges.
        index: usize,
        /// The merge as it is in the file.
        text: String,
    },
    /// A special token outside the vocabulary.
    #[error("{key} is {id}, but the vocabulary has {tokens} tokens")]
    SpecialTokenOutOfRange {
        /// The metadata key.
        key: &'static str,
        /// What it says.
        id: i64,
        /// Tokens in the vocabulary.
        tokens: usize,
    },
    /// The file wants a token added that it does not name.
    #[error("{flag} is true, but the model file has no {key}")]
    MissingSpecialToken {
        /// The flag's metadata key.
        flag: &'static str,
        /// The token's metadata key.
        key: &'static str,
    },
}
