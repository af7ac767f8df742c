//! The part of a vocabulary that BPE and SPM share: texts, kinds, raw bytes, special tokens.

use gollum_core::TokenId;

use crate::{
    SpecialTokens, TokenizerError, VocabSource,
    bytes_as_text::text_to_bytes,
    hash::FoldMap,
    partition::Partition,
    special::{self, Defaults},
};

/// Tokens a vocabulary may have. The largest in use has about 262,000; 4 Mi of them would take some 400 MiB here.
pub const MAX_TOKENS: usize = 1 << 22;

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
    /// SPM: UTF-8, with U+2581 for a space.
    EscapedSpace,
}

/// The character that stands for a space in SPM vocabularies.
pub(crate) const ESCAPED_SPACE: &str = "\u{2581}";

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
    /// Checks what both kinds of vocabulary have.
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
        let by_text = index_by_text(&source.tokens)?;
        let mut kinds = read_kinds(source)?;
        let special = special::resolve(source, defaults, &by_text, &mut kinds)?;
        let mut bytes = Vec::new();
        let mut ends = Vec::with_capacity(tokens);
        for (id, (text, &kind)) in source.tokens.iter().zip(&kinds).enumerate() {
            append_bytes(&mut bytes, id as TokenId, text, kind, spelling)?;
            ends.push(bytes.len());
        }
        let partition =
            Partition::new(source.tokens.iter().zip(&kinds).enumerate().filter_map(|(id, (text, &kind))| {
                let found_in_text = kind.is_hidden() || kind == TokenKind::UserDefined;
                found_in_text.then_some((id as TokenId, *text, kind.is_hidden()))
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

    /// The raw bytes of a token; empty outside the vocabulary.
    pub(crate) fn token_bytes(&self, id: TokenId) -> &[u8] {
        let at = id as usize;
        let Some(&end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..end]
    }
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
            Spelling::EscapedSpace => bytes.extend(text.replace(ESCAPED_SPACE, " ").as_bytes()),
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
