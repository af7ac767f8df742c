//! A prompt that is repeated before its answer: where each of its tokens stands in its text.

use gollum_core::{TokenId, TokenLogprob};
use gollum_tokenizer::{Detokenizer, Tokenizer};

use crate::generation::ShownToken;

/// The prompt of one request, as its answers begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    /// The text.
    pub text: String,
    /// For each token, the characters of the text before it; empty where nobody asked.
    pub places: Vec<usize>,
    /// Alternatives to tell beside each token; `None` where nobody asked.
    pub alternatives: Option<u8>,
}

impl Echo {
    /// The prompt's first token, of which there is no log-probability, for it follows nothing.
    pub fn first(&self, prompt: &[TokenId]) -> Option<ShownToken> {
        let (&token, &text_offset) = (prompt.first()?, self.places.first()?);
        Some(ShownToken { token, logprob: None, top: Vec::new(), text_offset })
    }

    /// The tokens told of, of which the first is number `index` of the prompt, with their places.
    pub fn shown(&self, index: usize, told: &[TokenLogprob]) -> Vec<ShownToken> {
        let places = self.places.get(index..).unwrap_or_default();
        let top = self.alternatives.unwrap_or(0);
        told.iter().zip(places).map(|(told, &place)| ShownToken::new(with_top(told, top), place)).collect()
    }
}

/// The same with `top` alternatives, of the more that somebody else has asked for.
pub fn with_top(told: &TokenLogprob, top: u8) -> TokenLogprob {
    let top = told.top.iter().take(usize::from(top)).copied().collect();
    TokenLogprob { top, ..*told }
}

/// The place of each token in `text`, in characters, ascending. What the tokenizer has added to a client's text takes
/// no room in it: the BOS token, if `added_bos`, and the space that some vocabularies put before words.
pub fn places(tokenizer: &dyn Tokenizer, tokens: &[TokenId], text: &str, added_bos: bool) -> Vec<usize> {
    let (mut chars, mut rest) = (0, text);
    let mut detokenizer = Detokenizer::new();
    tokens
        .iter()
        .enumerate()
        .map(|(index, &token)| {
            let place = chars;
            if added_bos && index == 0 {
                return place;
            }
            let mut bytes = tokenizer.token_bytes(token);
            let is_word = bytes.first() == Some(&b' ') && !rest.starts_with(' ');
            if tokenizer.adds_space_prefix() && is_word && !detokenizer.is_mid_character() {
                bytes = &bytes[1..];
            }
            for _ in detokenizer.push_bytes(bytes).chars() {
                let Some(c) = rest.chars().next() else { break };
                rest = &rest[c.len_utf8()..];
                chars += 1;
            }
            place
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use gollum_tokenizer::{SpecialIds, SpecialText, VocabSource, WhitespaceTokenizer, from_source};

    use super::*;

    #[test]
    fn places_are_those_of_the_text_with_bytes_and_control_tokens_in_it() {
        let tokenizer = WhitespaceTokenizer::new();
        let text = "the é<|user|> 😀!";
        let ids = tokenizer.encode(text, SpecialText::Parse);
        // " é" is three bytes, " 😀!" six.
        assert_eq!(places(&tokenizer, &ids, text, false), [0, 3, 4, 4, 5, 13, 14, 14, 14, 14, 15]);
        assert_eq!(places(&tokenizer, &[0, 1], "of", false), [0, 2], "never beyond the text");
    }

    #[test]
    fn what_the_tokenizer_adds_takes_no_room() {
        let tokens = ["<unk>", "<s>", "</s>", "\u{2581}", "\u{2581}a", "b", "a"];
        let source = VocabSource {
            architecture: None,
            name: None,
            model: "llama",
            pre: None,
            tokens: tokens.to_vec(),
            scores: Some(&[0.0; 7]),
            kinds: Some(vec![2, 3, 3, 1, 1, 1, 1]),
            merges: None,
            ids: SpecialIds::default(),
            add_bos: None,
            add_eos: None,
            add_sep: None,
            add_space_prefix: None,
            remove_extra_whitespaces: None,
            charsmap: None,
            lowercase: None,
            strip_accents: None,
        };
        let tokenizer = from_source(&source).expect("a vocabulary");
        assert!(tokenizer.adds_space_prefix());
        let ids = tokenizer.encode("ab a", SpecialText::Parse);
        let decoded = tokenizer.decode(&ids);
        assert_eq!(decoded, b" ab a", "{ids:?}");
        let with_bos: Vec<TokenId> = [1].into_iter().chain(ids.iter().copied()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(places(&*tokenizer, &with_bos, "ab a", true), [0, 0, 1, 2]);
    }
}
