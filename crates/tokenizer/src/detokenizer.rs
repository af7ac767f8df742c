//! Ids to text as they come, a whole character at a time.
//!
//! A token may hold half a character, so bytes wait here until they form one. What can no longer become a
//! character turns into U+FFFD by the rule of [`String::from_utf8_lossy`]: one per maximal invalid prefix. All
//! texts joined therefore equal `from_utf8_lossy` of all bytes joined.

use gollum_core::TokenId;

use crate::Tokenizer;

/// Turns one sequence of ids into text, incrementally. Holds at most three bytes between calls.
#[derive(Clone, Debug, Default)]
pub struct Detokenizer {
    /// The start of a character that later bytes may complete.
    pending: Vec<u8>,
}

impl Detokenizer {
    /// A detokenizer at the start of a text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one token and returns the text that is now certain; empty while a character is incomplete.
    pub fn push(&mut self, tokenizer: &dyn Tokenizer, id: TokenId) -> String {
        self.push_bytes(tokenizer.token_bytes(id))
    }

    /// Adds raw bytes and returns the text that is now certain.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let complete = self.pending.len() - incomplete_tail_len(&self.pending);
        let text = String::from_utf8_lossy(&self.pending[..complete]).into_owned();
        self.pending.drain(..complete);
        text
    }

    /// Ends the text: U+FFFD if a character was left incomplete, else nothing.
    pub fn finish(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        text
    }

    /// True while bytes wait for the rest of their character.
    pub fn is_mid_character(&self) -> bool {
        !self.pending.is_empty()
    }
}

/// Bytes at the end that more input could still complete to one character: 0 to 3.
fn incomplete_tail_len(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(3);
    (1..=longest)
        .rev()
        .find(|&len| {
            let tail = &bytes[bytes.len() - len..];
            // `error_len` is `None` exactly if the input ends inside a character that was valid so far; it must
            // be this tail's first one, or the tail starts too early.
            std::str::from_utf8(tail).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_pieces(pieces: &[Vec<u8>]) -> String {
        let mut detokenizer = Detokenizer::new();
        let mut text: String = pieces.iter().map(|piece| detokenizer.push_bytes(piece)).collect();
        text += &detokenizer.finish();
        assert!(!detokenizer.is_mid_character());
        text
    }

    #[test]
    fn a_character_appears_when_it_is_whole() {
        let mut detokenizer = Detokenizer::new();
        let steps: [(&[u8], &str); 6] = [
            (b"a\xf0", "a"),
            (b"\x9f\x98", ""),
            (b"\x80b", "😀b"),
            (b"\xe2\x82", ""),
            (b"x", "\u{fffd}x"),
            (b"\xc3", ""),
        ];
        for (bytes, text) in steps {
            assert_eq!(detokenizer.push_bytes(bytes), text);
        }
        assert_eq!(detokenizer.finish(), "\u{fffd}");
        assert_eq!(detokenizer.finish(), "");
    }

    #[test]
    fn every_pair_of_bytes_is_lossy_as_a_whole() {
        for pair in 0..=u16::MAX {
            let bytes = pair.to_be_bytes();
            let pieces = [vec![bytes[0]], vec![bytes[1]]];
            assert_eq!(in_pieces(&pieces), String::from_utf8_lossy(&bytes), "{bytes:x?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn pieces_joined_equal_the_lossy_whole(
            // Bytes that start, continue and break characters are far likelier here than in uniform noise.
            pieces in prop::collection::vec(prop::collection::vec(prop_oneof![
                any::<u8>(), 0x80u8..0xc0, 0xc0u8..=0xff,
                Just(0xe0u8), Just(0xed), Just(0xf0), Just(0xf4), Just(b'a'),
            ], 0..5), 0..12)
        ) {
            let whole: Vec<u8> = pieces.concat();
            prop_assert_eq!(in_pieces(&pieces), String::from_utf8_lossy(&whole));
        }
    }
}
