//! Byte-level BPE, `tokenizer.ggml.model = "gpt2"`.
//!
//! ```text
//! text --pre-tokenise--> words --one symbol per byte--> merges, lowest rank first --> tokens
//! ```
//! Merges work on symbols: numbers for texts. A symbol below the vocabulary size is that token; the others are
//! texts that only occur inside merges. Source: GPT-2's `encoder.py`; ids equal llama.cpp's.

use gollum_core::TokenId;

use crate::{
    SpecialText, SpecialTokens, Tokenizer, TokenizerError, VocabSource,
    bytes_as_text::BYTE_CHARS,
    families::{self, Family, Match},
    hash::FoldMap,
    merge::{Joined, MergeRules, Merger, Piece},
    partition::Fragment,
    pretokenize,
    special::Defaults,
    vocab::{Spelling, Vocab},
};

/// Merges a vocabulary may have. The largest in use has about 446,000.
pub const MAX_MERGES: usize = 1 << 22;

/// A byte-level BPE vocabulary.
#[derive(Debug)]
pub(crate) struct Bpe {
    vocab: Vocab,
    family: Family,
    /// The symbol of each byte.
    byte_symbols: [u32; 256],
    merges: Merges,
}

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
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let lines =
            source.merges.as_deref().ok_or(TokenizerError::Missing { key: "tokenizer.ggml.merges" })?;
        if lines.len() > MAX_MERGES {
            return Err(TokenizerError::TooManyMerges { merges: lines.len(), limit: MAX_MERGES });
        }
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
        let defaults = Defaults { add_bos: family.add_bos, ..Defaults::default() };
        let vocab = Vocab::new(source, Spelling::BytesAsText, defaults)?;
        let mut symbols = Symbols { vocab: &vocab, others: FoldMap::default() };
        let byte_symbols = BYTE_CHARS.map(|c| symbols.of(c.encode_utf8(&mut [0; 4])));
        let merges = read_merges(lines, &mut symbols)?;
        Ok(Self { vocab, family, byte_symbols, merges })
    }

    fn encode_word(&self, word: &str, scratch: &mut Scratch, ids: &mut Vec<TokenId>) {
        if self.family.ignore_merges {
            scratch.spelled.clear();
            scratch.spelled.extend(word.bytes().map(|byte| BYTE_CHARS[usize::from(byte)]));
            if let Some(id) = self.vocab.id(&scratch.spelled).filter(|&id| !self.vocab.is_hidden(id)) {
                ids.push(id);
                return;
            }
        }
        let pieces = word.bytes().enumerate().map(|(at, byte)| Piece {
            start: at as u32,
            len: 1,
            symbol: self.byte_symbols[usize::from(byte)],
        });
        for piece in scratch.merger.merge(&self.merges, word.as_bytes(), pieces) {
            match self.text_token(piece.symbol) {
                Some(id) => ids.push(id),
                // A byte that is no token itself is dropped, as llama.cpp does: there is no id to put there.
                None => ids.extend(
                    word.as_bytes()[piece.range()]
                        .iter()
                        .filter_map(|&byte| self.text_token(self.byte_symbols[usize::from(byte)])),
                ),
            }
        }
    }

    /// The token that a symbol is, if it is one that text may become.
    fn text_token(&self, symbol: u32) -> Option<TokenId> {
        ((symbol as usize) < self.vocab.len() && !self.vocab.is_hidden(symbol)).then_some(symbol)
    }
}

/// Memory kept from word to word.
#[derive(Default)]
struct Scratch {
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

impl Tokenizer for Bpe {
    fn vocab_size(&self) -> usize {
        self.vocab.len()
    }

    fn encode_guarded(&self, text: &str, special: SpecialText, guards: &[usize]) -> Vec<TokenId> {
        let mut ids = Vec::new();
        let mut scratch = Scratch::default();
        for fragment in self.vocab.partition.split(text, special, guards) {
            match fragment {
                Fragment::Token(id) => ids.push(id),
                Fragment::Text(text) => pretokenize::split(text, self.family.stages, &mut |word| {
                    self.encode_word(word, &mut scratch, &mut ids);
                }),
            }
        }
        ids
    }

    fn token_bytes(&self, id: TokenId) -> &[u8] {
        self.vocab.token_bytes(id)
    }

    fn special(&self) -> &SpecialTokens {
        &self.vocab.special
    }

    fn is_control(&self, id: TokenId) -> bool {
        self.vocab.is_hidden(id)
    }
}
