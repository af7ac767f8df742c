//! The toy model's tokenizer: common English words by whitespace, everything else by bytes.
//!
//! ```text
//! 0 ..           W              2 W            2 W + 256
//! | " the" ..    | "the" ..     | bytes 0..256 | <|end|> <|system|> <|user|> <|assistant|>
//! ```
//! Ids below [`WhitespaceTokenizer::word_count`] are words after a space, so that a model that draws only those
//! seems to speak. Every text can be spelled, and decodes to itself.

use std::collections::HashMap;

use gollum_core::TokenId;

use crate::{FillInMiddle, SpecialText, SpecialTokens, Tokenizer, special::is_guarded};

/// Words in the vocabulary, most of them frequent in questions to a chat model.
const WORDS: &str = "the of and to a in is it you that he was for on are with as I his they be at one have this \
from or had by hot but some what there we can out other were all your when up use word how said an each she which \
do their time if will way about many then them would write like so these her long make thing see him two has look \
more day could go come did my sound no most number who over know water than call first people may down side been \
now find any new work part take get place made live where after back little only round man year came show every \
good me give our under name very through just form much great think say help low line before turn cause same mean \
differ move right boy old too does tell sentence set three want air well also play small end put home read hand \
port large spell add even land here must big high such follow act why ask men change went light kind off need \
house picture try us again animal point mother world near build self earth father head stand own page should \
country found answer school grow study still learn plant cover food sun four thought let keep eye never last door \
between city tree cross since hard start might story saw far sea draw left late run press close night real life \
few stop open seem together next white children begin got walk example ease paper often always music those both \
mark book letter until mile river car feet care second group carry took rain eat room friend began idea fish \
mountain north once base hear horse cut sure watch color face wood main hello Hello What The How Please token \
model page cache prefix batch prompt gold ring precious . , ! ? : ;";

/// Control tokens, after words and bytes. The first ends an answer.
const CONTROLS: [&str; 7] = [
    "<|end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
];

/// See the module.
#[derive(Debug)]
pub struct WhitespaceTokenizer {
    pieces: Vec<Vec<u8>>,
    ids: HashMap<Vec<u8>, TokenId>,
    word_count: usize,
    special: SpecialTokens,
}

impl Default for WhitespaceTokenizer {
    fn default() -> Self {
        Self::new()
    }
}

impl WhitespaceTokenizer {
    /// The one vocabulary there is.
    pub fn new() -> Self {
        let mut words: Vec<&str> = Vec::new();
        for word in WORDS.split_whitespace() {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let spaced = words.iter().map(|word| format!(" {word}").into_bytes());
        let bare = words.iter().map(|word| word.as_bytes().to_vec());
        let pieces: Vec<Vec<u8>> = spaced
            .chain(bare)
            .chain((0..=255).map(|byte| vec![byte]))
            .chain(CONTROLS.iter().map(|text| text.as_bytes().to_vec()))
            .collect();
        let end = (pieces.len() - CONTROLS.len()) as TokenId;
        let mut ids = HashMap::new();
        for (id, piece) in pieces.iter().enumerate() {
            // A word of one letter comes before the byte of the same text.
            ids.entry(piece.clone()).or_insert(id as TokenId);
        }
        let special = SpecialTokens {
            eos: Some(end),
            eot: Some(end),
            pad: Some(end),
            end_of_generation: vec![end],
            fill_in_middle: Some(FillInMiddle {
                prefix: end + 4,
                suffix: end + 5,
                middle: end + 6,
                repository: None,
                file: None,
            }),
            ..SpecialTokens::default()
        };
        Self { pieces, ids, word_count: words.len(), special }
    }

    /// Ids `0..word_count` are whole words, each after a space.
    pub fn word_count(&self) -> usize {
        self.word_count
    }

    fn encode_text(&self, text: &str, ids: &mut Vec<TokenId>) {
        let first_byte = 2 * self.word_count;
        for word in split_before_whitespace(text) {
            match self.ids.get(word.as_bytes()) {
                Some(&id) if !self.is_control(id) => ids.push(id),
                _ => ids.extend(word.bytes().map(|byte| (first_byte + usize::from(byte)) as TokenId)),
            }
        }
    }
}

impl Tokenizer for WhitespaceTokenizer {
    fn vocab_size(&self) -> usize {
        self.pieces.len()
    }

    fn encode_guarded(&self, text: &str, special: SpecialText, guards: &[usize]) -> Vec<TokenId> {
        let mut ids = Vec::new();
        let mut from = 0;
        while let (SpecialText::Parse, Some((at, control))) = (special, first_control(text, from, guards)) {
            self.encode_text(&text[from..at], &mut ids);
            ids.push(self.ids[control.as_bytes()]);
            from = at + control.len();
        }
        self.encode_text(&text[from..], &mut ids);
        ids
    }

    fn token_bytes(&self, id: TokenId) -> &[u8] {
        self.pieces.get(id as usize).map_or(&[], Vec::as_slice)
    }

    fn special(&self) -> &SpecialTokens {
        &self.special
    }

    fn is_control(&self, id: TokenId) -> bool {
        (self.pieces.len() - CONTROLS.len()..self.pieces.len()).contains(&(id as usize))
    }
}

/// The leftmost control token in `text` at or after `from`, without a guard inside, and where it starts.
fn first_control(text: &str, from: usize, guards: &[usize]) -> Option<(usize, &'static str)> {
    text[from..].match_indices("<|").map(|(at, _)| from + at).find_map(|at| {
        let control = CONTROLS.into_iter().find(|control| text[at..].starts_with(control))?;
        (!is_guarded(guards, text, at, at + control.len())).then_some((at, control))
    })
}

/// Cuts before each whitespace character, so that a word keeps the one space before it.
fn split_before_whitespace(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end =
            rest[first.len_utf8()..].find(char::is_whitespace).map_or(rest.len(), |at| at + first.len_utf8());
        let (word, tail) = rest.split_at(end);
        rest = tail;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_single_ids() {
        let tokenizer = WhitespaceTokenizer::new();
        let ids = tokenizer.encode("hello world", SpecialText::Parse);
        assert_eq!(ids.len(), 2);
        assert_eq!(tokenizer.token_bytes(ids[1]), b" world");
        assert!((ids[1] as usize) < tokenizer.word_count());
        assert!((0..tokenizer.word_count() as TokenId).all(|id| tokenizer.token_bytes(id)[0] == b' '));
    }

    #[test]
    fn control_text_is_a_token_only_if_parsed() {
        let tokenizer = WhitespaceTokenizer::new();
        let text = "<|<|user|>what<|end|>";
        let parsed = tokenizer.encode(text, SpecialText::Parse);
        let literal = tokenizer.encode(text, SpecialText::Literal);
        assert_eq!(parsed.iter().filter(|&&id| tokenizer.is_control(id)).count(), 2);
        assert!(!literal.iter().any(|&id| tokenizer.is_control(id)));
        assert_eq!(tokenizer.decode(&parsed), text.as_bytes());
        assert_eq!(tokenizer.decode(&literal), text.as_bytes());
        let alone = tokenizer.encode("<|end|>", SpecialText::Literal);
        assert!(!alone.iter().any(|&id| tokenizer.is_control(id)), "a word of its own");
    }

    #[test]
    fn control_text_with_a_guard_inside_is_text() {
        let tokenizer = WhitespaceTokenizer::new();
        let text = "<|user|>what<|end|><|end|>";
        let ids = tokenizer.encode_guarded(text, SpecialText::Parse, &[1, 20]);
        assert_eq!(ids.iter().filter(|&&id| tokenizer.is_control(id)).count(), 1);
        assert_eq!(tokenizer.decode(&ids), text.as_bytes());
    }

    #[test]
    fn ids_outside_the_vocabulary_are_empty() {
        let tokenizer = WhitespaceTokenizer::new();
        assert!(tokenizer.token_bytes(tokenizer.vocab_size() as TokenId).is_empty());
        assert!(!tokenizer.is_control(TokenId::MAX));
        assert!(tokenizer.is_control(tokenizer.special().end_of_generation[0]));
    }

    proptest! {
        #[test]
        fn every_text_decodes_to_itself(text in "(\\PC|[ \\n\\t\u{a0}]|the|<\\|end\\|>){0,40}") {
            let tokenizer = WhitespaceTokenizer::new();
            for special in [SpecialText::Parse, SpecialText::Literal] {
                prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text, special)), text.as_bytes());
            }
        }
    }
}
