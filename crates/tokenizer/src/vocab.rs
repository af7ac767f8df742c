//! The part that all kinds of vocabulary share: texts, kinds, raw bytes, special tokens.

use gollum_core::TokenId;

use crate::{
    SpecialTokens, TokenizerError, VocabSource,
    bytes_as_text::text_to_bytes,
    hash::FoldMap,
    partition::Partition,
    python_bytes,
    special::{self, Defaults, Strips},
    trie::Trie,
};

/// Tokens a vocabulary may have. The largest in use has about 262,000; 4 Mi of them would take some 400 MiB here.
pub const MAX_TOKENS: usize = 1 << 22;

/// Bytes of the longest token. The longest known are runs of 512 spaces, of two or three bytes each. Some tokenizers
/// look this far ahead from each character of a text.
pub const LONGEST_TOKEN: usize = 2048;

/// Bytes of all tokens together. The most in use are some 5 MB; indices take up to 24 times as much.
pub const MAX_VOCABULARY_BYTES: usize = 1 << 26;

/// What a token is for: `tokenizer.ggml.token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenKind {
    /// Nothing is said.
    Undefined = 0,
    /// Text.
    Normal = 1,
    /// Stands for text that cannot be spelled.
    Unknown = 2,
    /// Structure, not text: hidden from users, and found in input only if asked for.
    Control = 3,
    /// Text that is found before anything else is cut or merged.
    UserDefined = 4,
    /// Has an id and no use.
    Unused = 5,
    /// One byte, `<0x00>` to `<0xFF>`.
    Byte = 6,
}

impl TokenKind {
    /// True if the token's text is hidden from users, and may not arise from theirs.
    pub(crate) fn is_hidden(self) -> bool {
        matches!(self, Self::Control | Self::Unknown)
    }

    /// True if the token stands for its text.
    pub(crate) fn may_be_text(self) -> bool {
        !self.is_hidden() && self != Self::Byte
    }

    fn from_number(kind: u32) -> Option<Self> {
        [
            Self::Undefined,
            Self::Normal,
            Self::Unknown,
            Self::Control,
            Self::UserDefined,
            Self::Unused,
            Self::Byte,
        ]
        .into_iter()
        .find(|&known| known as u32 == kind)
    }
}

/// How the text of a normal token spells bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// BPE: one printable character per byte.
    BytesAsText,
    /// The same, of texts that may end in [`DNA_MARK`].
    BytesAsMarkedText,
    /// SPM: UTF-8, with U+2581 for a space.
    EscapedSpace,
    /// UTF-8.
    Plain,
    /// RWKV: a Python literal of bytes, without its quotes.
    PythonBytes,
}

/// Ends the texts of tokens that stand for DNA, and spells nothing.
pub(crate) const DNA_MARK: &str = "\u{e000}";

/// The character that stands for a space in vocabularies of texts.
pub(crate) const ESCAPED_SPACE: &str = "\u{2581}";

/// Appends `text` with its spaces escaped.
pub(crate) fn push_escaped(escaped: &mut String, text: &str) {
    for (index, part) in text.split(' ').enumerate() {
        if index > 0 {
            escaped.push_str(ESCAPED_SPACE);
        }
        escaped.push_str(part);
    }
}

/// A checked vocabulary.
#[derive(Debug)]
pub(crate) struct Vocab {
    kinds: Vec<TokenKind>,
    by_text: FoldMap<Box<str>, TokenId>,
    /// The raw bytes of all tokens, one after the other; token `i` ends at `ends[i]`.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    pub partition: Partition,
    pub special: SpecialTokens,
}

impl Vocab {
    /// Checks what all kinds of vocabulary have.
    pub(crate) fn new(
        source: &VocabSource<'_>,
        spelling: Spelling,
        defaults: Defaults,
    ) -> Result<Self, TokenizerError> {
        let tokens = source.tokens.len();
        if tokens == 0 {
            return Err(TokenizerError::EmptyVocabulary);
        }
        if tokens > MAX_TOKENS {
            return Err(TokenizerError::TooManyTokens { tokens, limit: MAX_TOKENS });
        }
        check_lengths(&source.tokens)?;
        let by_text = index_by_text(&source.tokens)?;
        let mut kinds = read_kinds(source)?;
        let special = special::resolve(source, defaults, &by_text, &mut kinds)?;
        let mut bytes = Vec::new();
        let mut ends = Vec::with_capacity(tokens);
        for (id, (text, &kind)) in source.tokens.iter().zip(&kinds).enumerate() {
            append_bytes(&mut bytes, id as TokenId, text, kind, spelling)?;
            ends.push(bytes.len());
        }
        let strips = Strips::of(source);
        let partition =
            Partition::new(source.tokens.iter().zip(&kinds).enumerate().filter_map(|(id, (text, &kind))| {
                let found_in_text = kind.is_hidden() || kind == TokenKind::UserDefined;
                found_in_text.then_some((id as TokenId, *text, kind.is_hidden(), strips.strip(text)))
            }));
        Ok(Self { kinds, by_text, bytes, ends, partition, special })
    }

    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    pub(crate) fn kind(&self, id: TokenId) -> Option<TokenKind> {
        self.kinds.get(id as usize).copied()
    }

    pub(crate) fn is_hidden(&self, id: TokenId) -> bool {
        self.kind(id).is_some_and(TokenKind::is_hidden)
    }

    /// The token with exactly this text, as the file spells it.
    pub(crate) fn id(&self, text: &str) -> Option<TokenId> {
        self.by_text.get(text).copied()
    }

    /// The token with this text, if it is one that text may become: `<eos>` typed by a user is no end of sequence,
    /// and `<0x0A>` no newline.
    pub(crate) fn text_token(&self, text: &str) -> Option<TokenId> {
        let id = self.id(text)?;
        self.kind(id)?.may_be_text().then_some(id)
    }

    /// The token that spells a byte: `<0x41>`.
    pub(crate) fn byte_token(&self, byte: u8) -> Option<TokenId> {
        let spelled = [format!("<0x{byte:02X}>"), format!("<0x{byte:02x}>")];
        spelled.iter().filter_map(|text| self.id(text)).find(|&id| !self.is_hidden(id))
    }

    /// The tokens that `wanted` takes, by their texts: for tokenizers that look for tokens in a text.
    pub(crate) fn trie(&self, source: &VocabSource<'_>, wanted: impl Fn(TokenKind) -> bool) -> Trie {
        let tokens = source.tokens.iter().zip(&self.kinds).enumerate();
        let wanted = tokens.filter(|(_, (_, kind))| wanted(**kind));
        Trie::new(wanted.map(|(id, (text, _))| (text.as_bytes(), id as TokenId)))
    }

    /// The raw bytes of a token; empty outside the vocabulary.
    pub(crate) fn token_bytes(&self, id: TokenId) -> &[u8] {
        let at = id as usize;
        let Some(&end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..end]
    }
}

fn check_lengths(tokens: &[&str]) -> Result<(), TokenizerError> {
    if let Some(id) = tokens.iter().position(|text| text.len() > LONGEST_TOKEN) {
        let bytes = tokens[id].len();
        return Err(TokenizerError::TokenTooLong { id: id as TokenId, bytes, limit: LONGEST_TOKEN });
    }
    let bytes: usize = tokens.iter().map(|text| text.len()).sum();
    if bytes > MAX_VOCABULARY_BYTES {
        return Err(TokenizerError::VocabularyTooLarge { bytes, limit: MAX_VOCABULARY_BYTES });
    }
    Ok(())
}

fn index_by_text(tokens: &[&str]) -> Result<FoldMap<Box<str>, TokenId>, TokenizerError> {
    let mut by_text: FoldMap<Box<str>, TokenId> = FoldMap::default();
    by_text.reserve(tokens.len());
    for (id, &text) in tokens.iter().enumerate() {
        // Empty texts are placeholders, of which a file may have many; nothing in a text can match them.
        if text.is_empty() {
            continue;
        }
        if let Some(first) = by_text.insert(text.into(), id as TokenId) {
            return Err(TokenizerError::DuplicateToken {
                text: text.to_owned(),
                first,
                second: id as TokenId,
            });
        }
    }
    Ok(by_text)
}

fn read_kinds(source: &VocabSource<'_>) -> Result<Vec<TokenKind>, TokenizerError> {
    let tokens = source.tokens.len();
    let Some(numbers) = &source.kinds else { return Ok(vec![TokenKind::Normal; tokens]) };
    if numbers.len() != tokens {
        let key = "tokenizer.ggml.token_type";
        return Err(TokenizerError::WrongLength { key, found: numbers.len(), tokens });
    }
    let kinds = numbers.iter().enumerate().map(|(id, &kind)| {
        TokenKind::from_number(kind).ok_or(TokenizerError::UnknownTokenType { id: id as TokenId, kind })
    });
    kinds.collect()
}

/// The scores, one per token, for kinds of vocabulary that add them up.
pub(crate) fn finite_scores<'f>(source: &VocabSource<'f>) -> Result<&'f [f32], TokenizerError> {
    let key = "tokenizer.ggml.scores";
    let scores = source.scores.ok_or(TokenizerError::Missing { key })?;
    let tokens = source.tokens.len();
    if scores.len() != tokens {
        return Err(TokenizerError::WrongLength { key, found: scores.len(), tokens });
    }
    match scores.iter().position(|score| !score.is_finite()) {
        Some(id) => Err(TokenizerError::ScoreNotFinite { id: id as TokenId, score: scores[id] }),
        None => Ok(scores),
    }
}

fn append_bytes(
    bytes: &mut Vec<u8>,
    id: TokenId,
    text: &str,
    kind: TokenKind,
    spelling: Spelling,
) -> Result<(), TokenizerError> {
    match kind {
        TokenKind::Control | TokenKind::Unknown | TokenKind::UserDefined => bytes.extend(text.as_bytes()),
        TokenKind::Normal => match spelling {
            Spelling::BytesAsText => text_to_bytes(text, bytes),
            Spelling::BytesAsMarkedText => text_to_bytes(text.strip_suffix(DNA_MARK).unwrap_or(text), bytes),
            Spelling::EscapedSpace => bytes.extend(text.replace(ESCAPED_SPACE, " ").as_bytes()),
            Spelling::Plain => bytes.extend(text.as_bytes()),
            Spelling::PythonBytes => python_bytes::append(text, bytes),
        },
        TokenKind::Byte => {
            let byte = parse_byte_token(text)
                .ok_or_else(|| TokenizerError::InvalidByteToken { id, text: text.to_owned() })?;
            bytes.push(byte);
        }
        TokenKind::Unused | TokenKind::Undefined => {}
    }
    Ok(())
}

/// The byte that `<0x0A>` stands for.
fn parse_byte_token(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    // `from_str_radix` would take a sign.
    let two_hex_digits = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    two_hex_digits.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}
