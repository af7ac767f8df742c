//! SentencePiece's Unigram, `tokenizer.ggml.model = "t5"`: T5 and the relatives of XLM-RoBERTa.
//!
//! ```text
//! text --charsmap--> normalised --spaces to "▁"--> the path of tokens with the highest sum of scores
//! ```
//! The path is Viterbi's: for each end of a character the best way to get there. A character that is no token
//! itself may be unknown, for less than any token costs; unknown neighbours are one. Source: SentencePiece; ids equal
//! llama.cpp's.

use gollum_core::TokenId;

use crate::{
    TokenKind, TokenizerError, VocabSource,
    charsmap::Charsmap,
    kind::Kind,
    special::Defaults,
    trie::Trie,
    vocab::{ESCAPED_SPACE, Spelling, Vocab, finite_scores},
};

/// A Unigram vocabulary.
#[derive(Debug)]
pub(crate) struct Unigram {
    vocab: Vocab,
    tokens: Trie,
    /// What each token adds to a path.
    scores: Vec<f64>,
    unknown: TokenId,
    unknown_score: f64,
    charsmap: Charsmap,
    space_prefix: bool,
    merge_spaces: bool,
}

/// How much less than the worst token an unknown character scores.
const UNKNOWN_PENALTY: f32 = 10.0;

impl Unigram {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let defaults =
            Defaults { eos: Some(1), unk: Some(2), pad: Some(0), add_eos: true, ..Defaults::default() };
        let vocab = Vocab::new(source, Spelling::EscapedSpace, defaults)?;
        let unknown =
            vocab.special.unk.ok_or(TokenizerError::Missing { key: "tokenizer.ggml.unknown_token_id" })?;
        let scores = finite_scores(source)?;
        let kind = |id: usize| vocab.kind(id as TokenId);
        let normal = scores.iter().enumerate().filter(|&(id, _)| kind(id) == Some(TokenKind::Normal));
        let lowest = normal.map(|(_, &score)| score).fold(f32::MAX, f32::min);
        let tokens = vocab.trie(source, |kind| {
            matches!(kind, TokenKind::Normal | TokenKind::UserDefined | TokenKind::Unused)
        });
        let scores = scores.iter().enumerate().map(|(id, &score)| match kind(id) {
            // Costs nothing, so that it is always taken.
            Some(TokenKind::UserDefined) => 0.0,
            _ => f64::from(score),
        });
        Ok(Self {
            scores: scores.collect(),
            tokens,
            unknown,
            unknown_score: f64::from(lowest - UNKNOWN_PENALTY),
            charsmap: Charsmap::new(source.charsmap.as_deref().unwrap_or(&[]))?,
            space_prefix: source.add_space_prefix.unwrap_or(false),
            merge_spaces: source.remove_extra_whitespaces.unwrap_or(false),
            vocab,
        })
    }

    /// Appends `text` as the vocabulary spells it.
    fn normalise(&self, text: &str, normalised: &mut String) {
        let mut spaces = Spaces {
            wants_prefix: self.space_prefix,
            merge: self.merge_spaces,
            inside_word: false,
            normalised,
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let len = match self.charsmap.replacement(rest) {
                Some((len, replacement)) => {
                    replacement.chars().for_each(|c| spaces.push(c));
                    len
                }
                None => {
                    spaces.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[len..];
        }
    }

    /// Fills `best` with the best way to the end of each prefix of `text`.
    fn find_paths(&self, text: &str, best: &mut Vec<Step>) {
        assert!(text.len() < u32::MAX as usize, "a text of {} bytes", text.len());
        best.clear();
        best.resize(text.len() + 1, Step { score: f64::MIN, id: self.unknown, start: 0 });
        best[0].score = 0.0;
        for (at, c) in text.char_indices() {
            let score = best[at].score;
            let start = at as u32;
            let mut is_token = false;
            for (len, id) in self.tokens.prefixes(&text.as_bytes()[at..]) {
                is_token |= len == c.len_utf8();
                best[at + len].offer(Step { score: score + self.scores[id as usize], id, start });
            }
            if !is_token {
                let unknown = Step { score: score + self.unknown_score, id: self.unknown, start };
                best[at + c.len_utf8()].offer(unknown);
            }
        }
    }
}

/// The last token of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Of the whole path.
    score: f64,
    id: TokenId,
    /// Where the token starts.
    start: u32,
}

impl Step {
    /// Takes the other step's place in `self` if it is better.
    fn offer(&mut self, other: Self) {
        if other.score > self.score {
            *self = other;
        }
    }
}

/// Writes spaces the way a vocabulary wants them.
struct Spaces<'n> {
    /// A space goes before the first word.
    wants_prefix: bool,
    /// There is one space before each word, and no other.
    merge: bool,
    inside_word: bool,
    normalised: &'n mut String,
}

impl Spaces<'_> {
    fn push(&mut self, c: char) {
        if c == ' ' {
            self.inside_word = false;
            if !self.merge {
                self.normalised.push_str(ESCAPED_SPACE);
            }
            return;
        }
        if !self.inside_word {
            self.inside_word = true;
            if self.merge || std::mem::take(&mut self.wants_prefix) {
                self.normalised.push_str(ESCAPED_SPACE);
            }
        }
        self.normalised.push(c);
    }
}

/// Memory kept from text to text.
#[derive(Default)]
pub(crate) struct Scratch {
    normalised: String,
    best: Vec<Step>,
}

impl Kind for Unigram {
    type Scratch = Scratch;

    fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    fn keeps_text(&self) -> bool {
        false
    }

    fn encode_text(&self, text: &str, scratch: &mut Scratch, ids: &mut Vec<TokenId>) {
        let Scratch { normalised, best } = scratch;
        normalised.clear();
        self.normalise(text, normalised);
        self.find_paths(normalised, best);
        let before = ids.len();
        let mut end = normalised.len();
        let mut after_unknown = false;
        while end > 0 {
            let step = best[end];
            let is_unknown = step.id == self.unknown;
            if !(is_unknown && after_unknown) {
                ids.push(step.id);
            }
            after_unknown = is_unknown;
            end = step.start as usize;
        }
        ids[before..].reverse();
    }

    fn adds_space_prefix(&self) -> bool {
        self.space_prefix || self.merge_spaces
    }
}
