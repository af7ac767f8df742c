//! The descendants of GPT-2's expression: alternatives for words, numbers, symbols and whitespace.

use super::sets::{HAN, in_ranges, run_len, run_len_up_to};
use crate::unicode::{Class, class, is_number};

/// What differs between the descendants of Llama 3's expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// The `n` of `\p{N}{1,n}`.
    pub longest_number: usize,
    /// `'s` and so on: an alternative of its own, or in [`super::Stage::CasedWords`] the end of a word.
    pub contractions: bool,
    /// What belongs to a word.
    pub letters: Letters,
    /// What symbols take along.
    pub after_symbols: AfterSymbols,
}

/// What belongs to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letters {
    /// `\p{L}+`
    Plain,
    /// `[\p{L}\p{M}]+`; nor are marks symbols.
    WithMarks,
    /// `(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`: single spaces may stand between letters.
    OverSpaces,
    /// In [`super::Stage::CasedWords`]: `\p{Han}+` is a word of its own, and those letters are in no other.
    HanApart,
}

/// What may follow symbols in their piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterSymbols {
    Nothing,
    /// `[\r\n]*`
    LineEnds,
    /// `[\r\n/]*`
    LineEndsOrSlashes,
    /// `[\r\n/]?`
    OneLineEndOrSlash,
}

impl Words {
    /// Llama 3: numbers of up to three digits.
    pub(crate) const LLAMA3: Self = Self {
        longest_number: 3,
        contractions: true,
        letters: Letters::Plain,
        after_symbols: AfterSymbols::LineEnds,
    };
    /// Qwen 2: every digit alone.
    pub(crate) const QWEN2: Self = Self { longest_number: 1, ..Self::LLAMA3 };
    /// Qwen 3.5: a word keeps its combining marks.
    pub(crate) const QWEN35: Self = Self { letters: Letters::WithMarks, ..Self::QWEN2 };
    /// GPT-4o, in [`super::Stage::CasedWords`].
    pub(crate) const GPT4O: Self = Self { after_symbols: AfterSymbols::LineEndsOrSlashes, ..Self::LLAMA3 };
    /// Tekken, in [`super::Stage::CasedWords`].
    pub(crate) const TEKKEN: Self = Self { longest_number: 1, contractions: false, ..Self::GPT4O };

    pub(super) fn first_piece_len(self, rest: &str) -> usize {
        if self.contractions
            && let Some(len) = contraction(rest, true)
        {
            return len;
        }
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return 0 };
        // [^\r\n\p{L}\p{N}]?\p{L}+
        let word = self.word_len(rest);
        if word > 0 {
            return word;
        }
        if !matches!(first, '\r' | '\n') && !is_number(first) {
            let word = self.word_len(chars.as_str());
            if word > 0 {
                return first.len_utf8() + word;
            }
        }
        self.wordless_piece_len(rest)
    }

    pub(super) fn first_cased_piece_len(self, rest: &str) -> usize {
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return 0 };
        let is_apart = |c: char| self.letters == Letters::HanApart && in_ranges(c, HAN);
        if is_apart(first) {
            return run_len(rest, is_apart);
        }
        let is_upper = |c: char| may_be_upper(c) && !is_apart(c);
        let is_lower = |c: char| may_be_lower(c) && !is_apart(c);
        let may_lead = !matches!(first, '\r' | '\n') && !class(first).is_letter() && !is_number(first);
        let lead = if may_lead { first.len_utf8() } else { 0 };
        // The optional first character is taken if the rest still matches, else left.
        let word = |alternative: &dyn Fn(&str) -> usize| {
            [lead, 0].into_iter().find_map(|lead| match alternative(&rest[lead..]) {
                0 => None,
                len => Some(lead + len),
            })
        };
        let found = word(&|text| upper_then_some_lower(text, is_upper, is_lower))
            // Where that does not match, no lower case follows.
            .or_else(|| word(&|text| run_len(text, is_upper)));
        if let Some(len) = found {
            let ending = if self.contractions { contraction(&rest[len..], true) } else { None };
            return len + ending.unwrap_or(0);
        }
        self.wordless_piece_len(rest)
    }

    /// The alternatives behind those for words.
    fn wordless_piece_len(self, rest: &str) -> usize {
        if rest.starts_with(is_number) {
            return run_len_up_to(rest, is_number, self.longest_number);
        }
        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        let space = usize::from(rest.starts_with(' '));
        let symbols = run_len(&rest[space..], |c| is_symbolic(c, self.letters == Letters::WithMarks));
        if symbols > 0 {
            let end = space + symbols;
            return end + self.after_symbols.len(&rest[end..]);
        }
        line_ends_or_whitespace(rest)
    }

    /// Bytes of the word that `text` starts with, without a character before its letters; 0 if there is none.
    fn word_len(self, text: &str) -> usize {
        match self.letters {
            Letters::Plain | Letters::HanApart => run_len(text, |c| class(c).is_letter()),
            Letters::WithMarks => run_len(text, is_letter_or_mark),
            Letters::OverSpaces => word_over_spaces(text),
        }
    }
}

impl AfterSymbols {
    fn len(self, text: &str) -> usize {
        let is_line_end = |c| matches!(c, '\r' | '\n');
        let or_slash = |c| matches!(c, '\r' | '\n' | '/');
        match self {
            Self::Nothing => 0,
            Self::LineEnds => run_len(text, is_line_end),
            Self::LineEndsOrSlashes => run_len(text, or_slash),
            Self::OneLineEndOrSlash => run_len_up_to(text, or_slash, 1),
        }
    }
}

pub(super) fn gpt2(rest: &str) -> usize {
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

/// What ends the line after symbols in [`super::Stage::Code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnds {
    /// `[\r\n]*` goes with symbols, and `\s*[\r\n]+` is a piece.
    Joined,
    /// `[\r\n]` is a piece.
    Single,
}

/// See [`super::Stage::Code`]. What no alternative matches is one piece up to the next match.
pub(super) fn code(rest: &str, line_ends: LineEnds) -> usize {
    let mut chars = rest.chars();
    let Some(first) = chars.next() else { return 0 };
    let after_first = chars.as_str();
    if first.is_ascii_punctuation() {
        let letters = run_len(after_first, |c| c.is_ascii_alphabetic());
        if letters > 0 {
            return 1 + letters;
        }
    }
    if is_letter_or_mark(first) {
        return run_len(rest, is_letter_or_mark);
    }
    if !matches!(first, '\r' | '\n') && !is_punctuation_or_symbol(first) {
        let letters = run_len(after_first, is_letter_or_mark);
        if letters > 0 {
            return first.len_utf8() + letters;
        }
    }
    let space = usize::from(first == ' ');
    let symbols = run_len(&rest[space..], is_punctuation_or_symbol);
    if symbols > 0 {
        let end = space + symbols;
        return match line_ends {
            LineEnds::Joined => end + AfterSymbols::LineEnds.len(&rest[end..]),
            LineEnds::Single => end,
        };
    }
    if first.is_whitespace() {
        return match (line_ends, first) {
            (LineEnds::Joined, _) => line_ends_or_whitespace(rest),
            (LineEnds::Single, '\r' | '\n') => 1,
            (LineEnds::Single, _) => trailing_whitespace(rest),
        };
    }
    // Numbers and characters of no class; the last of them leads a word that follows.
    let unmatched = &rest[..run_len(rest, is_unmatched_in_code)];
    let leads = rest[unmatched.len()..].starts_with(is_letter_or_mark);
    let last = unmatched.chars().next_back().filter(|_| leads).map_or(0, char::len_utf8);
    unmatched.len() - last
}

fn is_unmatched_in_code(c: char) -> bool {
    matches!(class(c), Class::Number | Class::Other) && !c.is_whitespace()
}

fn is_punctuation_or_symbol(c: char) -> bool {
    matches!(class(c), Class::Punctuation | Class::Symbol)
}

fn is_letter_or_mark(c: char) -> bool {
    let class = class(c);
    class.is_letter() || class == Class::Mark
}

/// `(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`
fn word_over_spaces(text: &str) -> usize {
    let mut len = 0;
    let starts_letter = |text: &str| text.starts_with(|c| class(c).is_letter());
    while starts_letter(&text[len..]) || len > 0 && text[len..].strip_prefix(' ').is_some_and(starts_letter) {
        len += usize::from(text[len..].starts_with(' '));
        len += run_len(&text[len..], is_letter_or_mark);
    }
    len
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
fn upper_then_some_lower(
    text: &str,
    is_upper: impl Fn(char) -> bool,
    is_lower: impl Fn(char) -> bool,
) -> usize {
    let upper = run_len(text, is_upper);
    let lower = run_len(&text[upper..], &is_lower);
    if lower > 0 {
        return upper + lower;
    }
    let last_lower = text[..upper].char_indices().rfind(|&(_, c)| is_lower(c));
    last_lower.map_or(0, |(at, c)| at + c.len_utf8())
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

/// `\s*[\r\n]+|\s+(?!\S)|\s+`, or the same with `\s*[\r\n]`, which takes as much.
fn line_ends_or_whitespace(rest: &str) -> usize {
    let whitespace = &rest[..run_len(rest, char::is_whitespace)];
    match whitespace.rfind(['\r', '\n']) {
        Some(at) => at + 1,
        None => trailing_whitespace(rest),
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
