//! Texts at which DRY's repetitions end, as tokens.

use std::sync::Arc;

use gollum_core::TokenId;
use gollum_tokenizer::{SpecialText, Tokenizer};

/// What breaks a repetition where a request does not say. Source: llama.cpp's defaults.
pub const DEFAULT_BREAKERS: &[&str] = &["\n", ":", "\"", "*"];
/// Tokens that must follow the one with which a breaker begins, at most.
const MAX_TAIL: usize = 20;

/// Every token whose text holds one of `texts`, alone; and every token that ends with what begins one, with the tokens of
/// the rest. Sorted. One pass over the vocabulary.
pub fn breakers(tokenizer: &dyn Tokenizer, texts: &[&str]) -> Arc<[(TokenId, Vec<TokenId>)]> {
    let mut found = Vec::new();
    for id in 0..tokenizer.vocab_size() as TokenId {
        let bytes = tokenizer.token_bytes(id);
        for text in texts {
            if holds(bytes, text.as_bytes()) {
                found.push((id, Vec::new()));
                continue;
            }
            let begins =
                |&split: &usize| text.is_char_boundary(split) && bytes.ends_with(&text.as_bytes()[..split]);
            for split in (1..text.len()).filter(begins) {
                let mut tail = tokenizer.encode(&text[split..], SpecialText::Literal);
                tail.truncate(MAX_TAIL);
                found.push((id, tail));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into()
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.len() >= text.len() && bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use gollum_tokenizer::WhitespaceTokenizer;

    use super::*;

    #[test]
    fn tokens_hold_a_breaker_or_begin_one() {
        let tokenizer = WhitespaceTokenizer::new();
        let ids = |text: &str| tokenizer.encode(text, SpecialText::Parse);
        let (water, time) = (ids("time water")[1], ids("time"));
        let found = breakers(&tokenizer, &["water"]);
        assert!(found.contains(&(water, vec![])), "{found:?}");
        assert!(found.iter().all(|(id, _)| *id != time[0]));
        for (id, tail) in found.iter() {
            let text = tokenizer.decode(&[&[*id], tail.as_slice()].concat());
            assert!(holds(&text, b"water"), "{}", String::from_utf8_lossy(&text));
        }
        assert_eq!(breakers(&tokenizer, &[]).len(), 0);
    }
}
