//! BPE: byte-level, `tokenizer.ggml.model = "gpt2"`, or over characters, `"gemma4"` and some families of `"gpt2"`.
//!
//! ```text
//! text --pre-tokenise--> words --one symbol per byte or character--> merges, lowest rank first --> tokens
//! ```
//! Merges work on symbols: numbers for texts. A symbol below the vocabulary size is that token; the others are
//! texts that only occur inside merges. Source: GPT-2's `encoder.py`; ids equal llama.cpp's.

use gollum_core::TokenId;

use crate::{
    TokenizerError, VocabSource,
    bytes_as_text::BYTE_CHARS,
    families::{self, AddBos, Alphabet, Family, Match, Whole},
    hash::FoldMap,
    hybrid_dna,
    kind::Kind,
    merge::{Joined, MergeRules, Merger, Piece},
    pretokenize,
    special::Defaults,
    vocab::{Spelling, Vocab, push_escaped},
};

/// Merges a vocabulary may have. The largest in use has about 446,000.
pub const MAX_MERGES: usize = 1 << 22;

/// A BPE vocabulary.
#[derive(Debug)]
pub(crate) struct Bpe {
    vocab: Vocab,
    family: Family,
    /// What merges begin with.
    first_symbols: FirstSymbols,
    /// The token that spells each byte of what is no token.
    byte_tokens: Vec<Option<TokenId>>,
    merges: Merges,
}

#[derive(Debug)]
enum FirstSymbols {
    /// The symbol of each byte.
    Bytes(Box<[u32; 256]>),
    /// The symbol of each character that has one.
    Characters(FoldMap<char, u32>),
}

/// The symbol of a character that is in no token and no merge.
const NO_SYMBOL: u32 = u32::MAX;

/// `(left symbol << 32 | right symbol)` to what they become.
#[derive(Debug)]
struct Merges(FoldMap<u64, Joined>);

impl MergeRules for Merges {
    fn join(&self, _text: &[u8], left: &Piece, right: &Piece) -> Option<Joined> {
        self.0.get(&pair_key(left.symbol, right.symbol)).copied()
    }
}

fn pair_key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

impl Bpe {
    /// With the family that the file names.
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let (family, found) = families::find(source.pre);
        let pre = source.pre.unwrap_or("");
        match found {
            Match::Exact => {}
            Match::Nearest => {
                let used = family.names[0];
                tracing::warn!(
                    pre,
                    used,
                    "unknown pre-tokenizer: token ids may differ from the model's training"
                );
            }
            Match::Missing => {
                tracing::warn!(
                    "the file names no pre-tokenizer: token ids may differ from the model's training"
                );
            }
        }
        Self::with_family(source, family)
    }

    /// Gemma 4, whose files may name another family.
    pub(crate) fn gemma4(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        Self::with_family(source, families::GEMMA4)
    }

    fn with_family(source: &VocabSource<'_>, family: Family) -> Result<Self, TokenizerError> {
        let lines =
            source.merges.as_deref().ok_or(TokenizerError::Missing { key: "tokenizer.ggml.merges" })?;
        if lines.len() > MAX_MERGES {
            return Err(TokenizerError::TooManyMerges { merges: lines.len(), limit: MAX_MERGES });
        }
        let defaults = Defaults {
            add_bos: family.add_bos != AddBos::IfSaid,
            add_sep: family.add_sep,
            ..Defaults::default()
        };
        let spelling = match family.alphabet {
            Alphabet::Bytes if source.model == hybrid_dna::MODEL => Spelling::BytesAsMarkedText,
            Alphabet::Bytes => Spelling::BytesAsText,
            Alphabet::EscapedCharacters => Spelling::EscapedSpace,
            Alphabet::Characters => Spelling::Plain,
        };
        let mut vocab = Vocab::new(source, spelling, defaults)?;
        if family.add_bos == AddBos::Always {
            vocab.special.add_bos = vocab.special.bos.is_some();
        }
        let mut symbols = Symbols { vocab: &vocab, others: FoldMap::default() };
        let merges = read_merges(lines, &mut symbols)?;
        let (first_symbols, byte_tokens) = match family.alphabet {
            Alphabet::Bytes => {
                let bytes = BYTE_CHARS.map(|c| symbols.of(c.encode_utf8(&mut [0; 4])));
                let tokens = bytes.iter().map(|&symbol| text_token(&vocab, symbol)).collect();
                (FirstSymbols::Bytes(Box::new(bytes)), tokens)
            }
            Alphabet::EscapedCharacters | Alphabet::Characters => {
                let tokens = (0..=u8::MAX).map(|byte| vocab.byte_token(byte)).collect();
                (FirstSymbols::Characters(symbols.of_characters(&source.tokens)), tokens)
            }
        };
        Ok(Self { vocab, family, first_symbols, byte_tokens, merges })
    }

    fn encode_word(&self, word: &str, scratch: &mut WordScratch, ids: &mut Vec<TokenId>) {
        if let Some(id) = self.whole_word(word, &mut scratch.spelled) {
            ids.push(id);
            return;
        }
        let merger = &mut scratch.merger;
        let pieces = match &self.first_symbols {
            FirstSymbols::Bytes(symbols) => {
                let pieces = word.bytes().enumerate().map(|(at, byte)| Piece {
                    start: at as u32,
                    len: 1,
                    symbol: symbols[usize::from(byte)],
                });
                merger.merge(&self.merges, word.as_bytes(), pieces)
            }
            FirstSymbols::Characters(symbols) => {
                let pieces = word.char_indices().map(|(at, c)| Piece {
                    start: at as u32,
                    len: c.len_utf8() as u32,
                    symbol: symbols.get(&c).copied().unwrap_or(NO_SYMBOL),
                });
                merger.merge(&self.merges, word.as_bytes(), pieces)
            }
        };
        for piece in pieces {
            match text_token(&self.vocab, piece.symbol) {
                Some(id) => ids.push(id),
                // A byte that is no token itself is dropped, as llama.cpp does: there is no id to put there.
                None => ids.extend(
                    word.as_bytes()[piece.range()]
                        .iter()
                        .filter_map(|&byte| self.byte_tokens[usize::from(byte)]),
                ),
            }
        }
    }

    /// The token of a word that is not to be merged.
    fn whole_word(&self, word: &str, spelled: &mut String) -> Option<TokenId> {
        match self.family.whole {
            Whole::None => return None,
            Whole::Newlines if !word.starts_with('\n') => return None,
            Whole::Tokens | Whole::Newlines => {}
        }
        if self.family.alphabet != Alphabet::Bytes {
            return self.vocab.text_token(word);
        }
        spelled.clear();
        spelled.extend(word.bytes().map(|byte| BYTE_CHARS[usize::from(byte)]));
        self.vocab.text_token(spelled)
    }
}

/// The token that a symbol is, if it is one that text may become.
fn text_token(vocab: &Vocab, symbol: u32) -> Option<TokenId> {
    vocab.kind(symbol)?.may_be_text().then_some(symbol)
}

/// Memory kept from text to text.
#[derive(Default)]
pub(crate) struct Scratch {
    word: WordScratch,
    escaped: String,
}

/// Memory kept from word to word.
#[derive(Default)]
struct WordScratch {
    merger: Merger,
    spelled: String,
}

/// Numbers texts while the merges are read.
struct Symbols<'v> {
    vocab: &'v Vocab,
    others: FoldMap<Box<str>, u32>,
}

impl Symbols<'_> {
    fn of(&mut self, text: &str) -> u32 {
        if let Some(id) = self.vocab.id(text) {
            return id;
        }
        if let Some(&symbol) = self.others.get(text) {
            return symbol;
        }
        let symbol = (self.vocab.len() + self.others.len()) as u32;
        self.others.insert(text.into(), symbol);
        symbol
    }

    /// The symbols that are one character: tokens, and texts of merges.
    fn of_characters(&self, tokens: &[&str]) -> FoldMap<char, u32> {
        let tokens = tokens.iter().enumerate().map(|(id, &text)| (text, id as u32));
        let others = self.others.iter().map(|(text, &symbol)| (&**text, symbol));
        let single = tokens.chain(others).filter_map(|(text, symbol)| {
            let mut chars = text.chars();
            let first = chars.next()?;
            chars.next().is_none().then_some((first, symbol))
        });
        single.collect()
    }
}

fn read_merges(lines: &[&str], symbols: &mut Symbols<'_>) -> Result<Merges, TokenizerError> {
    let mut merges: FoldMap<u64, Joined> = FoldMap::default();
    merges.reserve(lines.len());
    let mut joined_text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let malformed = || TokenizerError::MalformedMerge { index, text: (*line).to_owned() };
        let (left, right) = line.split_once(' ').ok_or_else(malformed)?;
        if left.is_empty() || right.is_empty() {
            return Err(malformed());
        }
        joined_text.clear();
        joined_text.push_str(left);
        joined_text.push_str(right);
        let key = pair_key(symbols.of(left), symbols.of(right));
        let symbol = symbols.of(&joined_text);
        // Rank 0 is the most urgent; of a pair that is there twice the first line counts.
        merges.entry(key).or_insert(Joined { priority: u32::MAX - index as u32, symbol });
    }
    Ok(Merges(merges))
}

impl Kind for Bpe {
    type Scratch = Scratch;

    fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    fn encode_text(&self, text: &str, scratch: &mut Scratch, ids: &mut Vec<TokenId>) {
        let Scratch { word: words, escaped } = scratch;
        let text = if self.family.alphabet == Alphabet::EscapedCharacters {
            escaped.clear();
            push_escaped(escaped, text);
            escaped.as_str()
        } else {
            text
        };
        pretokenize::split(text, self.family.stages, &mut |word| self.encode_word(word, words, ids));
    }
}
