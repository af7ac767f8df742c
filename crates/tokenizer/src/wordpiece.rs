//! WordPiece, `tokenizer.ggml.model = "bert"`: BERT and the embedding models that descend from it.
//!
//! ```text
//! text --normalise--> words and single punctuation marks --"▁" before each--> the longest token, again and again
//! ```
//! A word of which some part is no token is unknown as a whole. Tokens that begin a word have U+2581 before them in
//! the file; those that go on have nothing, where BERT's `vocab.txt` has `##`. Ids equal llama.cpp's, which takes
//! accents off by keeping the first character of the canonical decomposition: of a syllable of Hangul too.

use gollum_core::TokenId;

use crate::{
    TokenizerError, VocabSource,
    kind::Kind,
    special::Defaults,
    trie::Trie,
    unicode::{Class, base, class, is_control, lower_case},
    vocab::{ESCAPED_SPACE, Spelling, Vocab},
};

/// A WordPiece vocabulary.
#[derive(Debug)]
pub(crate) struct WordPiece {
    vocab: Vocab,
    tokens: Trie,
    lower_case: bool,
    strip_accents: bool,
}

impl WordPiece {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        // Where BERT's own `vocab.txt` has them.
        let defaults = Defaults {
            bos: Some(101),
            unk: Some(100),
            sep: Some(102),
            pad: Some(0),
            add_sep: true,
            ..Defaults::default()
        };
        let mut vocab = Vocab::new(source, Spelling::EscapedSpace, defaults)?;
        // Flags in files are about other kinds of vocabulary: every text of BERT is [CLS] .. [SEP].
        vocab.special.eos = vocab.special.sep.or(vocab.special.eos);
        vocab.special.add_bos = vocab.special.bos.is_some();
        vocab.special.add_eos = vocab.special.eos.is_some();
        let tokens = vocab.trie(source, |kind| !kind.is_hidden());
        let lower_case = source.lowercase.unwrap_or(true);
        Ok(Self { vocab, tokens, lower_case, strip_accents: source.strip_accents.unwrap_or(lower_case) })
    }

    /// `word` begins with U+2581; nothing is appended if it has nothing else.
    fn encode_word(&self, word: &mut String, ids: &mut Vec<TokenId>) {
        if word.len() > ESCAPED_SPACE.len() {
            let before = ids.len();
            let mut rest = word.as_bytes();
            while let Some((len, id)) = self.tokens.longest_prefix(rest) {
                ids.push(id);
                rest = &rest[len..];
            }
            if !rest.is_empty() {
                ids.truncate(before);
                ids.extend(self.vocab.special.unk);
            }
        }
        word.truncate(ESCAPED_SPACE.len());
    }
}

impl Kind for WordPiece {
    type Scratch = ();

    fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    fn keeps_text(&self) -> bool {
        false
    }

    fn encode_text(&self, text: &str, (): &mut (), ids: &mut Vec<TokenId>) {
        let mut word = ESCAPED_SPACE.to_owned();
        for c in text.chars() {
            let c = if self.strip_accents { base(c) } else { c };
            if c.is_whitespace() {
                self.encode_word(&mut word, ids);
                continue;
            }
            let is_dropped = c == char::REPLACEMENT_CHARACTER || is_control(c);
            if is_dropped || self.strip_accents && class(c) == Class::Mark {
                continue;
            }
            let stands_alone = c.is_ascii_punctuation() || class(c) == Class::Punctuation || is_chinese(c);
            if stands_alone {
                self.encode_word(&mut word, ids);
            }
            word.push(if self.lower_case { lower_case(c) } else { c });
            if stands_alone {
                self.encode_word(&mut word, ids);
            }
        }
        self.encode_word(&mut word, ids);
    }
}

/// The ideographs that BERT's normaliser sets apart, as Hugging Face's implementation has them: U+2B920, where the
/// block begins at U+2B820.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}' | '\u{2f800}'..='\u{2fa1f}')
}
