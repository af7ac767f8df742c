//! SentencePiece-style merging by score, `tokenizer.ggml.model = "llama"`: Llama 2, Mistral, Gemma.
//!
//! ```text
//! " like this" -> "▁like▁this" -> one piece per character -> best-scored merges -> tokens, or <0xNN> per byte
//! ```
//! Two neighbours merge if their joined text is a token; the best score is first, among equals the leftmost.
//! Source: llama.cpp's SPM, which its ids equal.

use gollum_core::TokenId;

use crate::{
    SpecialText, SpecialTokens, TokenKind, Tokenizer, TokenizerError, VocabSource,
    merge::{Joined, MergeRules, Merger, Piece},
    partition::Fragment,
    special::Defaults,
    vocab::{ESCAPED_SPACE, Spelling, Vocab},
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
        let id = self.text_token(std::str::from_utf8(&text[joined]).ok()?)?;
        Some(Joined { priority: self.priorities[id as usize], symbol: id })
    }
}

impl Rules {
    /// The token with this text, if it is one that text may become: `<eos>` typed by a user is no end of sequence,
    /// and `<0x0A>` no newline.
    fn text_token(&self, text: &str) -> Option<TokenId> {
        let id = self.vocab.id(text)?;
        let kind = self.vocab.kind(id)?;
        (!kind.is_hidden() && kind != TokenKind::Byte).then_some(id)
    }
}

impl Spm {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let defaults = Defaults { bos: Some(1), eos: Some(2), unk: Some(0), add_bos: true };
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
            if let Some(id) = self.rules.text_token(character) {
                ids.push(id);
                continue;
            }
            let unknown = self.rules.vocab.special.unk;
            let per_byte = character.bytes().map(|byte| self.byte_tokens[usize::from(byte)].or(unknown));
            ids.extend(per_byte.flatten());
        }
    }
}

/// The token that spells a byte: `<0x41>`, or the byte itself where the vocabulary has no such tokens.
fn byte_token(vocab: &Vocab, byte: u8) -> Option<TokenId> {
    let character = [byte];
    let spelled = [format!("<0x{byte:02X}>"), format!("<0x{byte:02x}>")];
    let texts = spelled.iter().map(String::as_str).chain(std::str::from_utf8(&character));
    texts.filter_map(|text| vocab.id(text)).find(|&id| !vocab.is_hidden(id))
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

impl Tokenizer for Spm {
    fn vocab_size(&self) -> usize {
        self.rules.vocab.len()
    }

    fn encode_guarded(&self, text: &str, special: SpecialText, guards: &[usize]) -> Vec<TokenId> {
        let mut ids = Vec::new();
        let mut merger = Merger::default();
        let mut escaped = String::new();
        let mut after_special = true;
        for fragment in self.rules.vocab.partition.split(text, special, guards) {
            match fragment {
                Fragment::Token(id) => ids.push(id),
                Fragment::Text(text) => {
                    escaped.clear();
                    if self.space_prefix && after_special {
                        escaped.push_str(ESCAPED_SPACE);
                    }
                    for (index, part) in text.split(' ').enumerate() {
                        if index > 0 {
                            escaped.push_str(ESCAPED_SPACE);
                        }
                        escaped.push_str(part);
                    }
                    self.encode_escaped(&escaped, &mut merger, &mut ids);
                }
            }
            after_special = matches!(fragment, Fragment::Token(_));
        }
        ids
    }

    fn token_bytes(&self, id: TokenId) -> &[u8] {
        self.rules.vocab.token_bytes(id)
    }

    fn special(&self) -> &SpecialTokens {
        &self.rules.vocab.special
    }

    fn is_control(&self, id: TokenId) -> bool {
        self.rules.vocab.is_hidden(id)
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
