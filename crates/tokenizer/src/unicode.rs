//! Character classes for the pre-tokenizers: `\p{L}`, `\p{N}`, `\p{P}`, `\p{S}`, `\p{M}` and `\s`; lower case and base
//! characters for the normaliser of WordPiece.
//!
//! `\s` is [`char::is_whitespace`]: the White_Space property never changes again for existing characters, and the
//! standard library's table equals llama.cpp's. The categories do change with each Unicode version, so ours are
//! pinned to the version llama.cpp has, not to the compiler's.

use crate::{unicode_bases::BASES, unicode_table::RANGES};

/// A coarse general category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Other,
    /// `\p{Lu}` and `\p{Lt}`
    Upper,
    /// `\p{Ll}`
    Lower,
    /// `\p{Lm}` and `\p{Lo}`: letters without case.
    Caseless,
    Number,
    Punctuation,
    Symbol,
    Mark,
}

/// Code points answered from a table: ASCII is nearly all of most text.
const DIRECT: usize = 128;
const ASCII: [Class; DIRECT] = {
    let mut classes = [Class::Other; DIRECT];
    let mut at = 0;
    while at < DIRECT {
        classes[at] = class_by_scan(at as u32);
        at += 1;
    }
    classes
};

/// The class of a character.
pub(crate) fn class(c: char) -> Class {
    let code_point = c as u32;
    if let Some(&class) = ASCII.get(code_point as usize) {
        return class;
    }
    // The range that holds the code point is the last one that starts at or before it.
    let after = RANGES.partition_point(|&range| range >> 3 <= code_point);
    class_of_range(RANGES[after - 1])
}

impl Class {
    /// `\p{L}`
    pub(crate) fn is_letter(self) -> bool {
        matches!(self, Self::Upper | Self::Lower | Self::Caseless)
    }
}

/// `\p{N}`
pub(crate) fn is_number(c: char) -> bool {
    class(c) == Class::Number
}

/// `\p{C}` without characters that are not assigned.
pub(crate) fn is_control(c: char) -> bool {
    class(c) == Class::Other && CONTROLS.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// The first character of `c` in lower case.
pub(crate) fn lower_case(c: char) -> char {
    // The standard library may know pairs of a later Unicode, of characters that are not assigned here.
    if class(c) == Class::Other {
        return c;
    }
    c.to_lowercase().next().unwrap_or(c)
}

/// The first character of the canonical decomposition of `c`: a letter without its accents, and of a syllable of
/// Hangul its first consonant.
pub(crate) fn base(c: char) -> char {
    let code_point = c as u32;
    if code_point < FIRST_COMPOSED {
        return c;
    }
    let base = match code_point.checked_sub(FIRST_HANGUL) {
        Some(syllable) if syllable < HANGUL_SYLLABLES => {
            Some(FIRST_CONSONANT + syllable / HANGUL_PER_CONSONANT)
        }
        _ => {
            let found = BASES.binary_search_by_key(&code_point, |&entry| (entry >> 21) as u32);
            found.ok().map(|at| BASES[at] as u32 & 0x1f_ffff)
        }
    };
    base.and_then(char::from_u32).unwrap_or(c)
}

/// U+00C0
const FIRST_COMPOSED: u32 = 0xc0;
const FIRST_HANGUL: u32 = 0xac00;
const HANGUL_SYLLABLES: u32 = 11_172;
const FIRST_CONSONANT: u32 = 0x1100;
const HANGUL_PER_CONSONANT: u32 = 588;

/// Controls, formats and private use: first and last.
#[rustfmt::skip]
const CONTROLS: [(char, char); 26] = [
    ('\0', '\u{1f}'), ('\u{7f}', '\u{9f}'), ('\u{ad}', '\u{ad}'), ('\u{600}', '\u{605}'), ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'), ('\u{70f}', '\u{70f}'), ('\u{890}', '\u{891}'), ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'), ('\u{200b}', '\u{200f}'), ('\u{202a}', '\u{202e}'), ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'), ('\u{e000}', '\u{f8ff}'), ('\u{feff}', '\u{feff}'), ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'), ('\u{110cd}', '\u{110cd}'), ('\u{13430}', '\u{1343f}'), ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'), ('\u{e0001}', '\u{e0001}'), ('\u{e0020}', '\u{e007f}'),
    ('\u{f0000}', '\u{ffffd}'), ('\u{100000}', '\u{10fffd}'),
];

const fn class_by_scan(code_point: u32) -> Class {
    let mut at = 0;
    while at + 1 < RANGES.len() && RANGES[at + 1] >> 3 <= code_point {
        at += 1;
    }
    class_of_range(RANGES[at])
}

const fn class_of_range(range: u32) -> Class {
    match range & 7 {
        1 => Class::Upper,
        2 => Class::Lower,
        3 => Class::Caseless,
        4 => Class::Number,
        5 => Class::Punctuation,
        6 => Class::Symbol,
        7 => Class::Mark,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ascending_and_starts_at_zero() {
        assert_eq!(RANGES[0] >> 3, 0);
        assert!(RANGES.windows(2).all(|pair| pair[0] >> 3 < pair[1] >> 3));
    }

    #[test]
    fn known_characters_have_their_class() {
        for (c, expected) in [
            ('\0', Class::Other),
            (' ', Class::Other),
            ('a', Class::Lower),
            ('Q', Class::Upper),
            ('ǅ', Class::Upper),
            ('ʰ', Class::Caseless),
            ('7', Class::Number),
            ('_', Class::Punctuation),
            ('$', Class::Symbol),
            ('é', Class::Lower),
            ('\u{301}', Class::Mark),
            ('²', Class::Number),
            ('Ⅷ', Class::Number),
            ('漢', Class::Caseless),
            ('😀', Class::Symbol),
            ('\u{200d}', Class::Other),
            ('\u{2ebf0}', Class::Caseless),
            // A letter since Unicode 16, and unassigned here.
            ('\u{1c89}', Class::Other),
            ('\u{10ffff}', Class::Other),
        ] {
            assert_eq!(class(c), expected, "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn normal_forms() {
        for (c, lower, first) in [
            ('A', 'a', 'A'),
            ('É', 'é', 'E'),
            ('İ', 'i', 'I'),
            ('Ⅷ', 'ⅷ', 'Ⅷ'),
            ('한', '한', 'ᄒ'),
            ('힣', '힣', 'ᄒ'),
            ('\u{d7a4}', '\u{d7a4}', '\u{d7a4}'),
            ('ấ', 'ấ', 'a'),
            ('\u{2f81a}', '\u{2f81a}', '\u{51ac}'),
            // Given a lower case by Unicode 16.
            ('\u{1c89}', '\u{1c89}', '\u{1c89}'),
        ] {
            assert_eq!((lower_case(c), base(c)), (lower, first), "{c:?}");
        }
        assert!(BASES.windows(2).all(|pair| pair[0] >> 21 < pair[1] >> 21));
    }

    #[test]
    fn controls_are_of_no_class() {
        for (c, expected) in [
            ('\0', true),
            ('a', false),
            ('\u{ad}', true),
            ('\u{e000}', true),
            ('\u{378}', false),
            ('\u{e0002}', false),
        ] {
            assert_eq!(is_control(c), expected, "{c:?}");
        }
    }

    #[test]
    fn the_fast_path_agrees_with_the_search() {
        for c in '\0'..='\u{7f}' {
            let after = RANGES.partition_point(|&range| range >> 3 <= c as u32);
            assert_eq!(class(c), class_of_range(RANGES[after - 1]), "{c:?}");
        }
    }
}
