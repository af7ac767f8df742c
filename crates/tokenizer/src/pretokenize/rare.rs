//! Expressions that one family or two have to themselves.

use super::sets::{run_len, run_len_up_to};
use crate::unicode::is_number;

/// Characters of the run of digits at the start of what is left of a text; 0 where that is not known.
#[derive(Debug, Default)]
pub(super) struct DigitsLeft(usize);

impl DigitsLeft {
    /// See [`super::Stage::NumbersFromRight`].
    pub(super) fn numbers_from_right(&mut self, rest: &str) -> usize {
        let before = if self.0 > 0 { 0 } else { run_len(rest, |c| !is_number(c)) };
        if self.0 == 0 {
            self.0 = rest[before..].chars().take_while(|&c| is_number(c)).count();
        }
        before + self.take_group(&rest[before..])
    }

    /// See [`super::Stage::TriplesAhead`]. There is no cut behind the last group: its piece goes on to the next run.
    pub(super) fn triples_ahead(&mut self, rest: &str) -> usize {
        let mut len = self.take_group(rest);
        while self.0 == 0 && len < rest.len() {
            len += run_len(&rest[len..], |c| !c.is_ascii_digit());
            let digits = run_len(&rest[len..], |c| c.is_ascii_digit());
            let first = digits % 3;
            self.0 = digits - first;
            len += if len + first > 0 { first } else { self.take_group(rest) };
        }
        len
    }

    /// Bytes of the first group of the run: three characters, or what is more than a multiple of three.
    fn take_group(&mut self, run: &str) -> usize {
        let group = match self.0 % 3 {
            0 => self.0.min(3),
            more => more,
        };
        self.0 -= group;
        run.chars().take(group).map(char::len_utf8).sum()
    }
}

/// `[0-9][0-9][0-9]`
pub(super) fn ascii_triples(rest: &str) -> usize {
    let first = rest.as_bytes().windows(3).position(|bytes| bytes.iter().all(u8::is_ascii_digit));
    match first {
        Some(0) => 3,
        Some(at) => at,
        None => rest.len(),
    }
}

/// The longest step of [`super::Stage::WhitespaceSteps`].
const LONGEST_STEP: usize = 512;

/// See [`super::Stage::WhitespaceSteps`]. A piece of the stage before that starts with two whitespace characters
/// is whitespace to its end, which is a line's end if there is one in it.
pub(super) fn whitespace_steps(rest: &str) -> usize {
    let is_run = rest.chars().take(2).filter(|c| c.is_whitespace()).count() == 2;
    if !is_run || rest.ends_with(['\r', '\n']) {
        return rest.len();
    }
    let left = rest.chars().take(LONGEST_STEP).count();
    // 512, 256, .. 4, 2, 1: the largest that is not more than what is left.
    run_len_up_to(rest, char::is_whitespace, 1 << left.ilog2())
}

/// `\s+$`, or all before it.
pub(super) fn before_trailing_whitespace(rest: &str) -> usize {
    match rest.trim_end_matches(char::is_whitespace).len() {
        0 => rest.len(),
        before => before,
    }
}

/// `[\t\n]|    |  `, or everything before the next match.
pub(super) fn indents(rest: &str) -> usize {
    match rest.as_bytes() {
        [b'\t' | b'\n', ..] => 1,
        [b' ', b' ', b' ', b' ', ..] => 4,
        [b' ', b' ', ..] => 2,
        bytes => {
            let starts = |pair: &[u8]| matches!(pair, [b'\t' | b'\n', _] | [_, b'\t' | b'\n'] | b"  ");
            // The first byte starts no match, so a line's end found there is the pair's second byte.
            let found = bytes.windows(2).position(starts);
            found.map_or(bytes.len(), |at| if bytes[at..].starts_with(b"  ") { at } else { at + 1 })
        }
    }
}

/// Bytes of the match at the start of `rest`, or of all that stands before the next one. A match begins with `opening`;
/// `match_len` is given what follows that.
pub(super) fn before_or_at(rest: &str, opening: &str, match_len: fn(&str) -> Option<usize>) -> usize {
    let mut from = 0;
    while let Some(found) = rest[from..].find(opening) {
        let at = from + found;
        if let Some(len) = match_len(&rest[at + opening.len()..]) {
            return if at > 0 { at } else { opening.len() + len };
        }
        // The opening is ASCII, so a character begins behind its first byte; another opening may overlap it.
        from = at + 1;
    }
    rest.len()
}

/// `[0-9]+>`
pub(super) fn sentinel(text: &str) -> Option<usize> {
    let digits = run_len(text, |c| c.is_ascii_digit());
    (digits > 0 && text[digits..].starts_with('>')).then_some(digits + 1)
}

/// `[A-I]{1,4}Z`
pub(super) fn image_code(text: &str) -> Option<usize> {
    let letters = run_len_up_to(text, |c| matches!(c, 'A'..='I'), 4);
    (letters > 0 && text[letters..].starts_with('Z')).then_some(letters + 1)
}
