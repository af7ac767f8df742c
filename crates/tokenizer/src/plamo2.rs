//! PLaMo 2, `tokenizer.ggml.model = "plamo2"`: the path of tokens that costs least, found from the end of the text.
//!
//! A token costs its score, a character that is spelled by its bytes more than any. Costs are whole ten-thousandths,
//! so sums are exact; of equal paths the one whose token is longer wins. Source: PLaMo 2's `tokenization_plamo.py`; ids
//! equal llama.cpp's.

use gollum_core::TokenId;

use crate::{
    TokenKind, TokenizerError, VocabSource,
    kind::Kind,
    special::Defaults,
    trie::Trie,
    vocab::{Spelling, Vocab, finite_scores},
};

/// A PLaMo 2 vocabulary.
#[derive(Debug)]
pub(crate) struct Plamo2 {
    vocab: Vocab,
    tokens: Trie,
    /// What each token costs.
    costs: Vec<i64>,
    byte_tokens: Vec<TokenId>,
}

/// Of a score of one.
const SCALE: f64 = 1e4;
/// Of a character that is spelled by its bytes.
const UNKNOWN_COST: i64 = 10_000_000;
/// A token that costs this or more is never taken.
const TOO_MUCH: i64 = 20_000_000;

impl Plamo2 {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let defaults =
            Defaults { bos: Some(1), eos: Some(2), unk: Some(0), pad: Some(3), ..Defaults::default() };
        let vocab = Vocab::new(source, Spelling::Plain, defaults)?;
        let byte_tokens = (0..=u8::MAX).map(|byte| {
            let id = vocab.byte_token(byte).filter(|&id| vocab.kind(id) == Some(TokenKind::Byte));
            id.ok_or(TokenizerError::MissingByteToken { byte })
        });
        let byte_tokens = byte_tokens.collect::<Result<_, _>>()?;
        let costs =
            finite_scores(source)?.iter().map(|&score| -(f64::from(score) * SCALE).round() as i64).collect();
        let tokens = vocab.trie(source, TokenKind::may_be_text);
        Ok(Self { vocab, tokens, costs, byte_tokens })
    }

    /// Fills `best` with the cheapest way from each character of `text` to its end.
    fn find_paths(&self, text: &str, best: &mut Vec<Step>) {
        best.clear();
        best.resize(text.len() + 1, Step { cost: i64::MAX, len: 0, id: None });
        best[text.len()].cost = 0;
        for (at, c) in text.char_indices().rev() {
            let rest = &text.as_bytes()[at..];
            let unknown = Step {
                cost: best[at + c.len_utf8()].cost.saturating_add(UNKNOWN_COST),
                len: c.len_utf8(),
                id: None,
            };
            let tokens = self.tokens.prefixes(rest).filter_map(|(len, id)| {
                let cost = Some(self.costs[id as usize]).filter(|&cost| cost < TOO_MUCH)?;
                Some(Step { cost: best[at + len].cost.saturating_add(cost), len, id: Some(id) })
            });
            // The last of equal ones is taken: the longest token, and any token before bytes.
            best[at] = tokens.fold(unknown, |best, step| if step.cost <= best.cost { step } else { best });
        }
    }
}

/// The first token of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Of the whole path.
    cost: i64,
    /// Bytes of the token.
    len: usize,
    /// None where bytes spell the character.
    id: Option<TokenId>,
}

impl Kind for Plamo2 {
    type Scratch = Vec<Step>;

    fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    fn encode_text(&self, text: &str, best: &mut Vec<Step>, ids: &mut Vec<TokenId>) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        self.find_paths(text, best);
        let mut at = 0;
        while at < text.len() {
            let Step { len, id, .. } = best[at];
            match id {
                Some(id) => ids.push(id),
                None => ids.extend(
                    text.as_bytes()[at..at + len].iter().map(|&byte| self.byte_tokens[usize::from(byte)]),
                ),
            }
            at += len;
        }
    }
}
