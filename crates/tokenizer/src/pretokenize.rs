//! Cuts text into the words that byte pairs are merged in, as the regular expressions of each model family do.
//!
//! Each [`Stage`] is one expression, written out as a scanner: it is given the rest of a fragment and says how
//! long its first piece is. A later stage cuts the pieces of the one before, and sees nothing around them, so a
//! look-ahead never crosses a piece. No scanner looks at a character more than a fixed number of times.
//! Source: the `tokenizer.json` of each family, and llama.cpp's reading of it where the two differ.

use crate::unicode::{Class, class, is_number};

/// One regular expression. What it does not match becomes a piece of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    Gpt2,
    /// `'(?i:s|t|re|ve|m|ll|d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    /// with the variations of [`Words`].
    Words(Words),
    /// With U for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and L for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
    /// `[^\r\n\p{L}\p{N}]?U*L+c|[^\r\n\p{L}\p{N}]?U+L*c|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    /// where c is `(?i:'s|'t|'re|'ve|'m|'ll|'d)?` if there are contractions. llama.cpp knows upper from lower case
    /// in ASCII only; here they are told apart as in the `tokenizer.json`.
    CasedWords(Words),
    /// `\p{N}{1,n}`
    Numbers { longest: usize },
    /// `[0-9][0-9][0-9]`
    AsciiTriples,
    /// `[\p{P}\$\+<=>\^~\|]+`
    Punctuation,
    /// `[^\n]+|[\n]+`
    Lines,
}

/// What differs between the descendants of Llama 3's expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// The `n` of `\p{N}{1,n}`.
    pub longest_number: usize,
    /// `'s` and so on: an alternative of its own, or in [`Stage::CasedWords`] the end of a word.
    pub contractions: bool,
    /// `\p{M}` stands beside `\p{L}` everywhere but in the optional first character.
    pub marks: bool,
}

impl Words {
    /// Llama 3: numbers of up to three digits.
    pub(crate) const LLAMA3: Self = Self { longest_number: 3, contractions: true, marks: false };
    /// Qwen 2: every digit alone.
    pub(crate) const QWEN2: Self = Self { longest_number: 1, ..Self::LLAMA3 };
    /// Qwen 3.5: a word keeps its combining marks.
    pub(crate) const QWEN35: Self = Self { marks: true, ..Self::QWEN2 };
    /// Tekken, in [`Stage::CasedWords`].
    pub(crate) const TEKKEN: Self = Self { contractions: false, ..Self::QWEN2 };
}

/// No bound on the digits of a number.
pub(crate) const UNBOUNDED: usize = usize::MAX;

/// Calls `emit` with each word of `text`, in order. Joined they are `text`; none is empty.
pub(crate) fn split<'t>(text: &'t str, stages: &[Stage], emit: &mut dyn FnMut(&'t str)) {
    let Some((stage, later)) = stages.split_first() else {
        emit(text);
        return;
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(stage.first_piece_len(rest));
        split(piece, later, emit);
        rest = tail;
    }
}

impl Stage {
    /// Bytes of the first piece of `rest`, which is not empty; at least one character.
    fn first_piece_len(self, rest: &str) -> usize {
        match self {
            Self::Gpt2 => gpt2(rest),
            Self::Words(words) => words.first_piece_len(rest),
            Self::CasedWords(words) => words.first_cased_piece_len(rest),
            Self::Numbers { longest } => isolated(rest, is_number, longest),
            Self::AsciiTriples => ascii_triples(rest),
            Self::Punctuation => isolated(rest, is_default_punctuation, UNBOUNDED),
            Self::Lines => match run_len(rest, |c| c == '\n') {
                0 => run_len(rest, |c| c != '\n'),
                newlines => newlines,
            },
        }
    }
}

fn gpt2(rest: &str) -> usize {
    if let Some(len) = contraction(rest, false) {
        return len;
    }
    let space = usize::from(rest.starts_with(' '));
    let body = &rest[space..];
    let len = match body.chars().next() {
        None => 0,
        Some(c) if c.is_whitespace() => 0,
        Some(c) => match class(c) {
            letter if letter.is_letter() => run_len(body, |c| class(c).is_letter()),
            Class::Number => run_len(body, is_number),
            _ => run_len(body, |c| is_symbolic(c, false)),
        },
    };
    if len > 0 { space + len } else { trailing_whitespace(rest) }
}

impl Words {
    fn first_piece_len(self, rest: &str) -> usize {
        if self.contractions
            && let Some(len) = contraction(rest, true)
        {
            return len;
        }
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return 0 };
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if self.is_word(first) {
            return run_len(rest, |c| self.is_word(c));
        }
        if !matches!(first, '\r' | '\n') && !is_number(first) {
            let letters = run_len(chars.as_str(), |c| self.is_word(c));
            if letters > 0 {
                return first.len_utf8() + letters;
            }
        }
        self.wordless_piece_len(rest, &['\r', '\n'])
    }

    fn first_cased_piece_len(self, rest: &str) -> usize {
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return 0 };
        let may_lead = !matches!(first, '\r' | '\n') && !class(first).is_letter() && !is_number(first);
        let lead = if may_lead { first.len_utf8() } else { 0 };
        let word = |alternative: fn(&str) -> usize| {
            // The optional first character is taken if the rest still matches, else left.
            [lead, 0].into_iter().find_map(|lead| match alternative(&rest[lead..]) {
                0 => None,
                len => Some(lead + len),
            })
        };
        if let Some(len) = word(upper_then_some_lower).or_else(|| word(some_upper_then_lower)) {
            let ending = if self.contractions { contraction(&rest[len..], true) } else { None };
            return len + ending.unwrap_or(0);
        }
        self.wordless_piece_len(rest, &['\r', '\n', '/'])
    }

    /// The alternatives behind those for words. `after_symbols` may follow symbols.
    fn wordless_piece_len(self, rest: &str, after_symbols: &[char]) -> usize {
        if rest.starts_with(is_number) {
            return run_len_up_to(rest, is_number, self.longest_number);
        }
        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        let space = usize::from(rest.starts_with(' '));
        let symbols = run_len(&rest[space..], |c| is_symbolic(c, self.marks));
        if symbols > 0 {
            let end = space + symbols;
            return end + run_len(&rest[end..], |c| after_symbols.contains(&c));
        }
        // \s*[\r\n]+
        let whitespace = &rest[..run_len(rest, char::is_whitespace)];
        match whitespace.rfind(['\r', '\n']) {
            Some(at) => at + 1,
            None => trailing_whitespace(rest),
        }
    }

    fn is_word(self, c: char) -> bool {
        match class(c) {
            Class::Mark => self.marks,
            class => class.is_letter(),
        }
    }
}

/// `[^\s\p{L}\p{N}]`, or `[^\s\p{L}\p{N}\p{M}]` without marks.
fn is_symbolic(c: char, without_marks: bool) -> bool {
    match class(c) {
        Class::Number => false,
        Class::Mark => !without_marks,
        class => !class.is_letter() && !c.is_whitespace(),
    }
}

fn may_be_upper(c: char) -> bool {
    matches!(class(c), Class::Upper | Class::Caseless | Class::Mark)
}

fn may_be_lower(c: char) -> bool {
    matches!(class(c), Class::Lower | Class::Caseless | Class::Mark)
}

/// `U*L+`; 0 if it does not match. U takes all it can; if nothing is left for L, it gives back as much as needed.
fn upper_then_some_lower(text: &str) -> usize {
    let upper = run_len(text, may_be_upper);
    let lower = run_len(&text[upper..], may_be_lower);
    if lower > 0 {
        return upper + lower;
    }
    let last_lower = text[..upper].char_indices().rfind(|&(_, c)| may_be_lower(c));
    last_lower.map_or(0, |(at, c)| at + c.len_utf8())
}

/// `U+L*`, where `U*L+` does not match: so no L follows.
fn some_upper_then_lower(text: &str) -> usize {
    run_len(text, may_be_upper)
}

/// `[\p{P}\$\+<=>\^~\|]`
fn is_default_punctuation(c: char) -> bool {
    class(c) == Class::Punctuation || matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '~' | '|')
}

/// `'s|'t|'re|'ve|'m|'ll|'d` at the start of `rest`.
fn contraction(rest: &str, any_case: bool) -> Option<usize> {
    let suffix = rest.strip_prefix('\'')?.as_bytes();
    let letter =
        |at: usize| suffix.get(at).map(|byte| if any_case { byte.to_ascii_lowercase() } else { *byte });
    match (letter(0)?, letter(1)) {
        (b's' | b't' | b'm' | b'd', _) => Some(2),
        (b'r' | b'v', Some(b'e')) | (b'l', Some(b'l')) => Some(3),
        _ => None,
    }
}

/// `\s+(?!\S)|\s+`: all whitespace but its last character, which goes with the word behind it; all of it where
/// nothing follows or there is only one.
fn trailing_whitespace(rest: &str) -> usize {
    let whitespace = run_len(rest, char::is_whitespace);
    if whitespace == rest.len() {
        return whitespace;
    }
    let last = rest[..whitespace].chars().next_back().map_or(0, char::len_utf8);
    if whitespace > last { whitespace - last } else { whitespace }
}

/// `[wanted]{1,longest}`, or everything before the next one wanted.
fn isolated(rest: &str, wanted: impl Fn(char) -> bool, longest: usize) -> usize {
    match run_len_up_to(rest, &wanted, longest) {
        0 => run_len(rest, |c| !wanted(c)),
        found => found,
    }
}

fn ascii_triples(rest: &str) -> usize {
    let first = rest.as_bytes().windows(3).position(|bytes| bytes.iter().all(u8::is_ascii_digit));
    match first {
        Some(0) => 3,
        Some(at) => at,
        None => rest.len(),
    }
}

/// Bytes of the longest prefix of wanted characters.
fn run_len(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

/// Bytes of the longest prefix of at most `longest` wanted characters.
fn run_len_up_to(text: &str, wanted: impl Fn(char) -> bool, longest: usize) -> usize {
    text.chars().take(longest).take_while(|&c| wanted(c)).map(char::len_utf8).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::families::{FAMILIES, Match, find};

    fn words<'t>(text: &'t str, stages: &[Stage]) -> Vec<&'t str> {
        let mut words = Vec::new();
        split(text, stages, &mut |word| words.push(word));
        words
    }

    /// The expressions' own answers: `golden/tokenizer/pretokenize.json`, by `tools/pretokenize_truth.py`.
    fn truth() -> Value {
        serde_json::from_str(include_str!("../../../golden/tokenizer/pretokenize.json")).unwrap()
    }

    #[test]
    fn scanners_equal_their_expressions() {
        let truth = truth();
        let rows = truth["rows"].as_array().unwrap();
        assert!(rows.len() > 100);
        for name in truth["families"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            let (family, found) = find(Some(name));
            assert_eq!(found, Match::Exact, "{name}");
            for row in rows {
                let text = row[0].as_str().unwrap();
                let lengths: Vec<usize> =
                    words(text, family.stages).iter().map(|word| word.chars().count()).collect();
                // Families that cut like Llama 3 are left out of a row.
                let expected = row[1].get(name).unwrap_or(&row[1]["llama-bpe"]);
                assert_eq!(serde_json::json!(lengths), *expected, "{name}: {text:?}");
            }
        }
    }

    #[test]
    fn every_family_has_truth() {
        let truth = truth();
        for family in FAMILIES {
            let names = truth["families"].as_array().unwrap();
            assert!(names.iter().any(|name| family.names.contains(&name.as_str().unwrap())), "{family:?}");
        }
    }

    #[test]
    fn words_as_people_know_them() {
        let gpt2 = &[Stage::Gpt2];
        assert_eq!(words("I'm  here\n\n", gpt2), ["I", "'m", " ", " here", "\n\n"]);
        let llama3 = &[Stage::Words(Words::LLAMA3)];
        assert_eq!(
            words("WE'LL pay $1234.\n\n x", llama3),
            ["WE", "'LL", " pay", " $", "123", "4", ".\n\n", " x"]
        );
        let qwen2 = &[Stage::Words(Words::QWEN2)];
        assert_eq!(words("x=12 (y)", qwen2), ["x", "=", "1", "2", " (", "y", ")"]);
    }

    #[test]
    fn no_scanner_looks_twice_at_everything() {
        // Looking at all of the rest for each word would take some 10^10 steps here.
        let units = [
            "a", "A", "漢A", "A漢", "!", "1", " ", "\n", " \n", "\u{301}", "A\u{301}", "'", "'s", "\r ",
            "/\n", "½!",
        ];
        for family in FAMILIES {
            for unit in units {
                let text = unit.repeat((128 << 10) / unit.len());
                let start = std::time::Instant::now();
                assert_eq!(words(&text, family.stages).concat(), text);
                let spent = start.elapsed();
                assert!(spent.as_secs() < 1, "{}: {unit:?} took {spent:?}", family.names[0]);
            }
        }
    }

    proptest! {
        #[test]
        fn words_joined_are_the_text(text in "(\\PC|[ \\n\\r\\t0-9a']|\\p{M}){0,60}") {
            for family in FAMILIES {
                let words = words(&text, family.stages);
                prop_assert!(words.iter().all(|word| !word.is_empty()));
                prop_assert_eq!(words.concat(), text.as_str());
            }
        }
    }
}
