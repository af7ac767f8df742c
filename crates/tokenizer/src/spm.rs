//! SentencePiece-style merging by score, `tokenizer.ggml.model = "llama"`: Llama 2, Mistral, Gemma.
//!
//! ```text
//! " like this" -> "▁like▁this" -> one piece per character -> best-scored merges -> tokens, or <0xNN> per byte
//! ```
//! Two neighbours merge if their joined text is a token; the best score is first, among equals the leftmost.
//! Source: llama.cpp's SPM, which its ids equal.

use gollum_core::TokenId;

use crate::{
    TokenizerError, VocabSource,
    kind::Kind,
    merge::{Joined, MergeRules, Merger, Piece},
    special::Defaults,
    vocab::{ESCAPED_SPACE, Spelling, Vocab, push_escaped},
};

/// An SPM vocabulary.
#[derive(Debug)]
pub(crate) struct Spm {
    rules: Rules,
    /// The token of each byte, where there is one.
    byte_tokens: Vec<Option<TokenId>>,
    space_prefix: bool,
}

#[derive(Debug)]
struct Rules {
    vocab: Vocab,
    /// Scores in an order that integers have.
    priorities: Vec<u32>,
    longest_text: usize,
}

/// The symbol of a character that no merge has touched.
const NO_TOKEN: u32 = u32::MAX;

impl MergeRules for Rules {
    fn join(&self, text: &[u8], left: &Piece, right: &Piece) -> Option<Joined> {
        let joined = left.start as usize..right.range().end;
        if joined.len() > self.longest_text {
            return None;
        }
        let id = self.vocab.text_token(std::str::from_utf8(&text[joined]).ok()?)?;
        Some(Joined { priority: self.priorities[id as usize], symbol: id })
    }
}

impl Spm {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let defaults =
            Defaults { bos: Some(1), eos: Some(2), unk: Some(0), add_bos: true, ..Defaults::default() };
        let vocab = Vocab::new(source, Spelling::EscapedSpace, defaults)?;
        let byte_tokens = (0..=u8::MAX).map(|byte| byte_token(&vocab, byte)).collect();
        let longest_text = source.tokens.iter().map(|text| text.len()).max().unwrap_or(0);
        let rules = Rules { vocab, priorities: read_priorities(source)?, longest_text };
        Ok(Self { rules, byte_tokens, space_prefix: source.add_space_prefix.unwrap_or(true) })
    }

    /// `text` is escaped already.
    fn encode_escaped(&self, text: &str, merger: &mut Merger, ids: &mut Vec<TokenId>) {
        let pieces = text.char_indices().map(|(at, c)| Piece {
            start: at as u32,
            len: c.len_utf8() as u32,
            symbol: NO_TOKEN,
        });
        for piece in merger.merge(&self.rules, text.as_bytes(), pieces) {
            if piece.symbol != NO_TOKEN {
                ids.push(piece.symbol);
                continue;
            }
            let character = &text[piece.range()];
            if let Some(id) = self.rules.vocab.text_token(character) {
                ids.push(id);
                continue;
            }
            let unknown = self.rules.vocab.special.unk;
            let per_byte = character.bytes().map(|byte| self.byte_tokens[usize::from(byte)].or(unknown));
            ids.extend(per_byte.flatten());
        }
    }
}

/// Memory kept from text to text.
#[derive(Default)]
pub(crate) struct Scratch {
    merger: Merger,
    escaped: String,
}

/// The token that spells a byte: `<0x41>`, or the byte itself where the vocabulary has no such tokens.
fn byte_token(vocab: &Vocab, byte: u8) -> Option<TokenId> {
    let itself = || std::str::from_utf8(&[byte]).ok().and_then(|text| vocab.id(text));
    vocab.byte_token(byte).or_else(|| itself().filter(|&id| !vocab.is_hidden(id)))
}

fn read_priorities(source: &VocabSource<'_>) -> Result<Vec<u32>, TokenizerError> {
    let tokens = source.tokens.len();
    let Some(scores) = source.scores else { return Ok(vec![0; tokens]) };
    if scores.len() != tokens {
        let key = "tokenizer.ggml.scores";
        return Err(TokenizerError::WrongLength { key, found: scores.len(), tokens });
    }
    let priorities = scores.iter().enumerate().map(|(id, &score)| {
        if score.is_nan() {
            return Err(TokenizerError::ScoreNotANumber { id: id as TokenId });
        }
        Ok(ordered_bits(score))
    });
    priorities.collect()
}

/// Maps numbers to integers in the same order; both zeros are one.
fn ordered_bits(score: f32) -> u32 {
    let bits = (score + 0.0).to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

impl Kind for Spm {
    type Scratch = Scratch;

    fn vocab(&self) -> &Vocab {
        &self.rules.vocab
    }

    fn encode_text(&self, text: &str, scratch: &mut Scratch, ids: &mut Vec<TokenId>) {
        let Scratch { merger, escaped } = scratch;
        escaped.clear();
        // A text is at the start or behind a special token; in both places a space goes before it.
        if self.space_prefix {
            escaped.push_str(ESCAPED_SPACE);
        }
        push_escaped(escaped, text);
        self.encode_escaped(escaped, merger, ids);
    }

    fn adds_space_prefix(&self) -> bool {
        self.space_prefix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_bits_keep_the_order_of_numbers() {
        let ascending = [f32::NEG_INFINITY, -1e10, -2.5, -1.0, -f32::MIN_POSITIVE, 0.0, 1.0, f32::INFINITY];
        assert!(ascending.windows(2).all(|pair| ordered_bits(pair[0]) < ordered_bits(pair[1])));
        assert_eq!(ordered_bits(-0.0), ordered_bits(0.0));
    }
}
