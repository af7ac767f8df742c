//! Cuts text into the words that byte pairs are merged in, as the regular expressions of each model family do.
//!
//! Each [`Stage`] is one expression, written out as a scanner: it is given the rest of a fragment and says how
//! long its first piece is. A later stage cuts the pieces of the one before, and sees nothing around them, so a
//! look-ahead never crosses a piece. No scanner looks at a character more than a fixed number of times.
//! Source: the `tokenizer.json` of each family, and llama.cpp's reading of it where the two differ.

mod rare;
mod sets;
mod words;

pub(crate) use sets::Set;
use sets::{isolated, isolated_after_space, isolated_any, run_len, without};
pub(crate) use words::{AfterSymbols, Letters, LineEnds, Words};

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
    /// in ASCII only or not at all; here they are told apart as in the `tokenizer.json`.
    CasedWords(Words),
    /// ``[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+``
    /// with the variations of [`LineEnds`].
    Code(LineEnds),
    /// `[set]{1,n}`
    Runs { of: Set, longest: usize },
    /// `[a]+|[b]+|..`, of sets that have nothing in common.
    RunsOfAny(&'static [Set]),
    /// `\s?[set]+`
    SpacedRuns(Set),
    /// ` ?[^set]+`
    RunsWithout(Set),
    /// `[0-9][0-9][0-9]`
    AsciiTriples,
    /// `(?=(\d{3})+(?!\d))`: ASCII digits in threes from the right.
    TriplesAhead,
    /// A run of `\p{N}` in threes from the right. The first piece begins with what precedes the run: so llama.cpp
    /// reads the expressions of AFMoE and Tiny Aya.
    NumbersFromRight,
    /// `\s{512}(?!\S)|\s{256}(?!\S)|..|\s{4}(?!\S)|\s{1,2}(?!\S)|\s`, for the whitespace that [`Stage::Words`]
    /// leaves in one piece.
    WhitespaceSteps,
    /// `\s+$`
    TrailingWhitespace,
    /// `[^\n]+|[\n]+`
    Lines,
    /// `<sentinel:[0-9]+>`
    Sentinels,
    /// `IMGIMG[A-I]{1,4}Z`
    ImageCodes,
    /// `[\t\n]|    |  `
    Indents,
}

/// No bound on the length of a run.
pub(crate) const UNBOUNDED: usize = usize::MAX;

/// Calls `emit` with each word of `text`, in order. Joined they are `text`; none is empty.
pub(crate) fn split<'t>(text: &'t str, stages: &[Stage], emit: &mut dyn FnMut(&'t str)) {
    let Some((stage, later)) = stages.split_first() else {
        emit(text);
        return;
    };
    let mut rest = text;
    // How much of a run of digits is left, which a scanner that begins inside it would have to count again.
    let mut digits = rare::DigitsLeft::default();
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(stage.first_piece_len(rest, &mut digits));
        split(piece, later, emit);
        rest = tail;
    }
}

impl Stage {
    /// Bytes of the first piece of `rest`, which is not empty; at least one character.
    fn first_piece_len(self, rest: &str, digits: &mut rare::DigitsLeft) -> usize {
        match self {
            Self::Gpt2 => words::gpt2(rest),
            Self::Words(words) => words.first_piece_len(rest),
            Self::CasedWords(words) => words.first_cased_piece_len(rest),
            Self::Code(line_ends) => words::code(rest, line_ends),
            Self::Runs { of, longest } => isolated(rest, of, longest),
            Self::RunsOfAny(sets) => isolated_any(rest, sets),
            Self::SpacedRuns(set) => isolated_after_space(rest, set),
            Self::RunsWithout(set) => without(rest, set),
            Self::AsciiTriples => rare::ascii_triples(rest),
            Self::TriplesAhead => digits.triples_ahead(rest),
            Self::NumbersFromRight => digits.numbers_from_right(rest),
            Self::WhitespaceSteps => rare::whitespace_steps(rest),
            Self::TrailingWhitespace => rare::before_trailing_whitespace(rest),
            Self::Lines => match run_len(rest, |c| c == '\n') {
                0 => run_len(rest, |c| c != '\n'),
                newlines => newlines,
            },
            Self::Sentinels => rare::before_or_at(rest, "<sentinel:", rare::sentinel),
            Self::ImageCodes => rare::before_or_at(rest, "IMGIMG", rare::image_code),
            Self::Indents => rare::indents(rest),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::families::{Match, all, find};

    fn words<'t>(text: &'t str, stages: &[Stage]) -> Vec<&'t str> {
        let mut words = Vec::new();
        split(text, stages, &mut |word| words.push(word));
        words
    }

    /// The expressions' own answers: `golden/tokenizer/pretokenize.json`, by `tools/pretokenize_truth.py`.
    fn truth() -> Value {
        serde_json::from_str(include_str!("../../../../golden/tokenizer/pretokenize.json")).unwrap()
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
        for family in all() {
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
        // Looking at all of the rest for each word would take some 10^9 steps here.
        let units = [
            "a",
            "A",
            "漢A",
            "A漢",
            "!",
            "1",
            " ",
            "\n",
            " \n",
            "\u{301}",
            "A\u{301}",
            "'",
            "'s",
            "\r ",
            "/\n",
            "½!",
            "1 ",
            "\u{1}1",
            "<sentinel:1",
            "IMGIMGA",
            "a b ",
            ",漢",
            "(a",
            "1a",
            "  a",
        ];
        for family in all() {
            for unit in units {
                let text = unit.repeat((64 << 10) / unit.len());
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
            for family in all() {
                let words = words(&text, family.stages);
                prop_assert!(words.iter().all(|word| !word.is_empty()));
                prop_assert_eq!(words.concat(), text.as_str());
            }
        }
    }
}
