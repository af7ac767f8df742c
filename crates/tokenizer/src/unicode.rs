//! Character classes for the pre-tokenizers: `\p{L}`, `\p{N}`, `\p{P}`, `\p{S}`, `\p{M}` and `\s`.
//!
//! `\s` is [`char::is_whitespace`]: the White_Space property never changes again for existing characters, and the
//! standard library's table equals llama.cpp's. The categories do change with each Unicode version, so ours are
//! pinned to the version llama.cpp has, not to the compiler's.

use crate::unicode_table::RANGES;

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
    fn the_fast_path_agrees_with_the_search() {
        for c in '\0'..='\u{7f}' {
            let after = RANGES.partition_point(|&range| range >> 3 <= c as u32);
            assert_eq!(class(c), class_of_range(RANGES[after - 1]), "{c:?}");
        }
    }
}
