//! Sets of characters that an expression repeats or takes one by one.

use super::UNBOUNDED;
use crate::unicode::{Class, class, is_number};

/// A bracket expression. As in llama.cpp, no range of code points holds whitespace: it is matched by `\s` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// `\p{N}`
    Number,
    /// `\p{L}`
    Letter,
    /// `\p{P}`
    Punctuation,
    /// `[\p{P}\$\+<=>\^~\|]`
    DefaultPunctuation,
    /// [`Set::DefaultPunctuation`] and the grave accent.
    FalconPunctuation,
    /// `\p{P}` and ASCII symbols.
    ChameleonPunctuation,
    /// `[\r\n]`
    LineEnd,
    /// `\S`
    Visible,
    /// Letters with case, as DeepSeek's expression lists them: of an older Unicode, and not all.
    DeepSeekCased,
    /// ASCII but digits and controls, the same in full width, quotation marks, `、` and `。`.
    DeepSeekPunctuation,
    /// `[一-龥ࠀ-一가-퟿]`
    DeepSeekScripts,
    /// `[一-龥぀-ゟ゠-ヿ]`
    ChineseJapanese,
    /// The scripts of East and South-East Asia that AFMoE writes without spaces.
    Unspaced,
    /// `[가-힣ㄱ-ㆎ]`
    Hangul,
    /// `[ㄅ-ㄯ]`
    Bopomofo,
    /// Punctuation of Chinese, Japanese and Korean text.
    EastAsianPunctuation,
    /// `[(\s|.,!?…。，、।۔،)]`
    SentencePunctuation,
}

impl Set {
    pub(super) fn contains(self, c: char) -> bool {
        match self {
            Self::Number => is_number(c),
            Self::Letter => class(c).is_letter(),
            Self::Punctuation => class(c) == Class::Punctuation,
            Self::DefaultPunctuation => is_default_punctuation(c),
            Self::FalconPunctuation => c == '`' || is_default_punctuation(c),
            Self::ChameleonPunctuation => c.is_ascii_punctuation() || class(c) == Class::Punctuation,
            Self::LineEnd => matches!(c, '\r' | '\n'),
            Self::Visible => !c.is_whitespace(),
            Self::DeepSeekCased => in_ranges(c, CASED),
            Self::DeepSeekPunctuation => matches!(c,
                '!'..='/' | ':'..='~' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff5e}'
                | '\u{2018}'..='\u{201f}' | '\u{3001}' | '\u{3002}'),
            Self::DeepSeekScripts => {
                matches!(c, '\u{800}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7ff}') && !c.is_whitespace()
            }
            Self::ChineseJapanese => matches!(c, '\u{4e00}'..='\u{9fa5}' | '\u{3040}'..='\u{30ff}'),
            Self::Unspaced => in_ranges(c, UNSPACED),
            Self::Hangul => matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{3131}'..='\u{318e}'),
            Self::Bopomofo => matches!(c, '\u{3105}'..='\u{312f}'),
            Self::EastAsianPunctuation => matches!(c,
                '！' | '…' | '“' | '”' | '‘' | '’' | '—' | '：' | '；' | '，'
                | '\u{3001}'..='\u{303f}' | '\u{fe30}'..='\u{fe4f}'),
            Self::SentencePunctuation => {
                matches!(
                    c,
                    '(' | '|' | '.' | ',' | '!' | '?' | '…' | '。' | '，' | '、' | '।' | '۔' | '،' | ')'
                ) || c.is_whitespace()
            }
        }
    }
}

/// `[\p{P}\$\+<=>\^~\|]`
fn is_default_punctuation(c: char) -> bool {
    class(c) == Class::Punctuation || matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '~' | '|')
}

/// `ranges` are ascending, first and last code point.
pub(super) fn in_ranges(c: char, ranges: &[(u32, u32)]) -> bool {
    let after = ranges.partition_point(|&(first, _)| first <= c as u32);
    after > 0 && c as u32 <= ranges[after - 1].1
}

/// `[set]{1,longest}`, or everything before the next one of the set.
pub(super) fn isolated(rest: &str, set: Set, longest: usize) -> usize {
    match run_len_up_to(rest, |c| set.contains(c), longest) {
        0 => run_len(rest, |c| !set.contains(c)),
        found => found,
    }
}

/// `[a]+|[b]+|..` of sets that have nothing in common, or everything before the next one of any.
pub(super) fn isolated_any(rest: &str, sets: &[Set]) -> usize {
    let Some(first) = rest.chars().next() else { return 0 };
    match sets.iter().find(|set| set.contains(first)) {
        Some(&set) => isolated(rest, set, UNBOUNDED),
        None => run_len(rest, |c| !sets.iter().any(|set| set.contains(c))),
    }
}

/// `\s?[set]+`, or everything before the next place where that matches.
pub(super) fn isolated_after_space(rest: &str, set: Set) -> usize {
    let mut chars = rest.chars();
    let Some(first) = chars.next() else { return 0 };
    let space = if first.is_whitespace() { first.len_utf8() } else { 0 };
    match run_len(&rest[space..], |c| set.contains(c)) {
        0 => before_next_spaced(rest, |c| set.contains(c), char::is_whitespace),
        run => space + run,
    }
}

/// ` ?[^set]+`, or everything before the next place where that matches.
pub(super) fn without(rest: &str, set: Set) -> usize {
    let space = usize::from(rest.starts_with(' '));
    match run_len(&rest[space..], |c| !set.contains(c)) {
        0 => before_next_spaced(rest, |c| !set.contains(c), |c| c == ' '),
        run => space + run,
    }
}

/// What stands before the first wanted character and the one space before it. Nothing matches at the start.
fn before_next_spaced(rest: &str, wanted: impl Fn(char) -> bool, is_space: impl Fn(char) -> bool) -> usize {
    let gap = &rest[..run_len(rest, |c| !wanted(c))];
    let space = gap.chars().next_back().filter(|&c| gap.len() < rest.len() && is_space(c));
    gap.len() - space.map_or(0, char::len_utf8)
}

/// Bytes of the longest prefix of wanted characters.
pub(super) fn run_len(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

/// Bytes of the longest prefix of at most `longest` wanted characters.
pub(super) fn run_len_up_to(text: &str, wanted: impl Fn(char) -> bool, longest: usize) -> usize {
    text.chars().take(longest).take_while(|&c| wanted(c)).map(char::len_utf8).sum()
}

#[rustfmt::skip]
const CASED: &[(u32, u32)] = &[
    (0x41, 0x5a), (0x61, 0x7a), (0xb5, 0xb5), (0xc0, 0xd6), (0xd8, 0xf6), (0xf8, 0x1ba), (0x1bc, 0x1bf),
    (0x1c4, 0x293), (0x295, 0x2af), (0x370, 0x373), (0x376, 0x377), (0x37b, 0x37d), (0x37f, 0x37f), (0x386, 0x386),
    (0x388, 0x38a), (0x38c, 0x38c), (0x38e, 0x3a1), (0x3a3, 0x3f5), (0x3f7, 0x481), (0x48a, 0x52f), (0x531, 0x556),
    (0x10a0, 0x10c5), (0x13a0, 0x13f5), (0x13f8, 0x13fd), (0x1c90, 0x1cba), (0x1cbd, 0x1cbf), (0x1d00, 0x1d2b),
    (0x1d6b, 0x1d77), (0x1d79, 0x1d9a), (0x1e00, 0x1f15), (0x1f18, 0x1f1d), (0x1f20, 0x1f45), (0x1f48, 0x1f4d),
    (0x1f50, 0x1f57), (0x1f59, 0x1f59), (0x1f5b, 0x1f5b), (0x1f5d, 0x1f5d), (0x1f5f, 0x1f7d), (0x1f80, 0x1fb4),
    (0x1fb6, 0x1fbc), (0x1fbe, 0x1fbe), (0x1fc2, 0x1fc4), (0x1fc6, 0x1fcc), (0x1fd0, 0x1fd3), (0x1fd6, 0x1fdb),
    (0x1fe0, 0x1fec), (0x1ff2, 0x1ff4), (0x1ff6, 0x1ffc), (0x2102, 0x2102), (0x2107, 0x2107), (0x210a, 0x2113),
    (0x2115, 0x2115), (0x2119, 0x211d), (0x2124, 0x2124), (0x2126, 0x2126), (0x2128, 0x2128), (0x212a, 0x212d),
    (0x212f, 0x2134), (0x2139, 0x2139), (0x213c, 0x213f), (0x2145, 0x2149), (0x214e, 0x214e), (0x2183, 0x2184),
    (0x2c00, 0x2c7b), (0x2c7e, 0x2ce4), (0x2ceb, 0x2cee), (0x2cf2, 0x2cf3), (0xa640, 0xa66d), (0xa680, 0xa69b),
    (0xa722, 0xa76f), (0xa771, 0xa787), (0xa78b, 0xa78e), (0xab70, 0xabbf), (0xfb00, 0xfb06), (0xfb13, 0xfb17),
    (0xff21, 0xff3a), (0xff41, 0xff5a), (0x10400, 0x1044f), (0x104b0, 0x104d3), (0x104d8, 0x104fb),
    (0x10c80, 0x10cb2), (0x10cc0, 0x10cf2), (0x118a0, 0x118df), (0x1e900, 0x1e943),
];

/// `[一-鿿㐀-䶿豈-﫿぀-ゟ゠-ヿ･-ﾟ⼀-⿟เ-๿຀-໿ក-៿က-႟ꩠ-ꩿꧠ-꧿가-힯ᄀ-ᇿ]` as llama.cpp reads it: its source has the
/// third range start at U+8C48, the canonical form of U+F900.
#[rustfmt::skip]
const UNSPACED: &[(u32, u32)] = &[
    (0xe40, 0xeff), (0x1000, 0x109f), (0x1100, 0x11ff), (0x1780, 0x17ff), (0x2f00, 0x2fdf), (0x3040, 0x30ff),
    (0x3400, 0x4dbf), (0x4e00, 0xfaff), (0xff65, 0xff9f),
];

/// `\p{Han}` of Unicode 15.1.
#[rustfmt::skip]
pub(super) const HAN: &[(u32, u32)] = &[
    (0x2e80, 0x2e99), (0x2e9b, 0x2ef3), (0x2f00, 0x2fd5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029),
    (0x3038, 0x303b), (0x3400, 0x4dbf), (0x4e00, 0x9fff), (0xf900, 0xfa6d), (0xfa70, 0xfad9), (0x16fe2, 0x16fe3),
    (0x16ff0, 0x16ff1), (0x20000, 0x2a6df), (0x2a700, 0x2b739), (0x2b740, 0x2b81d), (0x2b820, 0x2cea1),
    (0x2ceb0, 0x2ebe0), (0x2ebf0, 0x2ee5d), (0x2f800, 0x2fa1d), (0x30000, 0x3134a), (0x31350, 0x323af),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_ascend_and_hold_no_whitespace() {
        for ranges in [CASED, UNSPACED, HAN] {
            assert!(ranges.iter().all(|&(first, last)| first <= last));
            assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
            assert!(('\0'..=char::MAX).filter(|&c| in_ranges(c, ranges)).all(|c| !c.is_whitespace()));
        }
    }
}
