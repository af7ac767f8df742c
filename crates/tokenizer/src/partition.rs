//! Finds special tokens in text, before anything else is done to it.
//!
//! The longest token goes first, and takes each of its places from left to right unless an earlier one has them;
//! then the next longest, among equals the lowest id. That is llama.cpp's rule, which runs over the text once per
//! special token, and some vocabularies have thousands. Here one scan with a trie lists where which tokens occur,
//! and only those take their turn.

use gollum_core::TokenId;

use crate::{SpecialText, special::is_guarded, trie::Trie};

/// A piece of text, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fragment<'t> {
    /// Text to cut and merge; not empty.
    Text(&'t str),
    /// A special token.
    Token(TokenId),
}

#[derive(Debug)]
struct Entry {
    id: TokenId,
    text: Box<str>,
    /// Found only in [`SpecialText::Parse`].
    hidden: bool,
    strip: Strip,
}

/// Which ASCII whitespace beside a special token goes with it, without a trace in the ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strip {
    None,
    /// Before the token.
    Left,
    /// Behind the token.
    Right,
}

/// What C calls space: [`char::is_ascii_whitespace`] and the vertical tab.
const STRIPPED: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];

/// The special tokens of a vocabulary.
#[derive(Debug)]
pub(crate) struct Partition {
    /// In the order of their turns: longest first, then lowest id.
    entries: Vec<Entry>,
    /// The index in `entries` of each text.
    by_text: Trie,
    any_visible: bool,
}

/// Places remembered per token. One with more is searched for when its turn comes: runs of newlines, each length
/// of which is a token in some vocabularies, would else fill memory.
const PLACES_REMEMBERED: usize = 1024;

/// A token that occurs in the text.
struct Found {
    rank: u32,
    /// Where it starts, ascending; cut off at one more than [`PLACES_REMEMBERED`].
    places: Vec<u32>,
}

impl Partition {
    /// Of `(id, text, hidden, strip)`. Empty texts are left out.
    pub(crate) fn new<'v>(tokens: impl Iterator<Item = (TokenId, &'v str, bool, Strip)>) -> Self {
        let mut entries: Vec<Entry> = tokens
            .filter(|(_, text, ..)| !text.is_empty())
            .map(|(id, text, hidden, strip)| Entry { id, text: text.into(), hidden, strip })
            .collect();
        entries.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then(a.id.cmp(&b.id)));
        let by_text =
            Trie::new(entries.iter().enumerate().map(|(rank, entry)| (entry.text.as_bytes(), rank as u32)));
        let any_visible = entries.iter().any(|entry| !entry.hidden);
        Self { entries, by_text, any_visible }
    }

    /// Cuts `text` at its special tokens, but not at hidden ones with a guard inside: see
    /// [`Tokenizer::encode_guarded`](crate::Tokenizer::encode_guarded). Joined, the fragments are `text`, but for
    /// whitespace that tokens strip.
    ///
    /// Panics if `text` has 4 GiB or more.
    pub(crate) fn split<'t>(
        &self,
        text: &'t str,
        special: SpecialText,
        guards: &[usize],
    ) -> Vec<Fragment<'t>> {
        assert!(text.len() < u32::MAX as usize, "a text of {} bytes", text.len());
        let may_occur = match special {
            SpecialText::Parse => !self.entries.is_empty(),
            SpecialText::Literal => self.any_visible,
        };
        let found = if may_occur { self.find(text, special, guards) } else { Vec::new() };
        if found.is_empty() {
            return if text.is_empty() { Vec::new() } else { vec![Fragment::Text(text)] };
        }
        let mut claims = Claims { ends: vec![0; text.len()], tokens: Vec::new() };
        for token in &found {
            let entry = &self.entries[token.rank as usize];
            if token.places.len() > PLACES_REMEMBERED {
                claims.claim_everywhere(text, entry, guards);
            } else {
                for &place in &token.places {
                    claims.claim(place as usize, entry);
                }
            }
        }
        claims.into_fragments(text)
    }

    /// The tokens that occur, in the order of their turns.
    fn find(&self, text: &str, special: SpecialText, guards: &[usize]) -> Vec<Found> {
        // The index in `found` of each rank, made when the first token is seen: most texts have none.
        let mut slot_of: Vec<usize> = Vec::new();
        let mut found: Vec<Found> = Vec::new();
        for start in 0..text.len() {
            for (len, rank) in self.by_text.prefixes(&text.as_bytes()[start..]) {
                let is_text = special == SpecialText::Literal || is_guarded(guards, text, start, start + len);
                if self.entries[rank as usize].hidden && is_text {
                    continue;
                }
                if slot_of.is_empty() {
                    slot_of = vec![usize::MAX; self.entries.len()];
                }
                let slot = &mut slot_of[rank as usize];
                if *slot == usize::MAX {
                    *slot = found.len();
                    found.push(Found { rank, places: Vec::new() });
                }
                let places = &mut found[*slot].places;
                if places.len() <= PLACES_REMEMBERED {
                    places.push(start as u32);
                }
            }
        }
        found.sort_unstable_by_key(|token| token.rank);
        found
    }
}

/// Which bytes of a text belong to special tokens.
struct Claims {
    /// For each byte, where the token that has it ends; 0 if none has it.
    ends: Vec<u32>,
    /// Starts, ids, and what they strip; in the order of claiming.
    tokens: Vec<(u32, TokenId, Strip)>,
}

impl Claims {
    /// Claims `entry` at `start` unless something is in the way; then says where that ends.
    fn claim(&mut self, start: usize, entry: &Entry) -> Option<usize> {
        let end = start + entry.text.len();
        // Earlier tokens are at least as long as this one, so one in the way covers its first or its last byte.
        let in_the_way = self.ends[end - 1].max(self.ends[start]);
        if in_the_way > 0 {
            return Some(in_the_way as usize);
        }
        self.ends[start..end].fill(end as u32);
        self.tokens.push((start as u32, entry.id, entry.strip));
        None
    }

    fn claim_everywhere(&mut self, text: &str, entry: &Entry, guards: &[usize]) {
        let mut from = 0;
        while let Some(at) = text[from..].find(&*entry.text) {
            let start = from + at;
            if entry.hidden && is_guarded(guards, text, start, start + entry.text.len()) {
                from = start + text[start..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            // No start before the end of what is in the way can be free: see `claim`.
            from = self.claim(start, entry).unwrap_or(start + entry.text.len());
        }
    }

    fn into_fragments(mut self, text: &str) -> Vec<Fragment<'_>> {
        self.tokens.sort_unstable();
        let mut fragments = Vec::with_capacity(2 * self.tokens.len() + 1);
        let mut from = 0;
        let mut before = Strip::None;
        for &(start, id, strip) in &self.tokens {
            push_text(&mut fragments, &text[from..start as usize], before, strip);
            fragments.push(Fragment::Token(id));
            from = self.ends[start as usize] as usize;
            before = strip;
        }
        push_text(&mut fragments, &text[from..], before, Strip::None);
        fragments
    }
}

/// Appends the text between two special tokens, if there is any.
fn push_text<'t>(fragments: &mut Vec<Fragment<'t>>, mut text: &'t str, before: Strip, after: Strip) {
    if before == Strip::Right {
        text = text.trim_start_matches(STRIPPED);
    }
    if after == Strip::Left {
        text = text.trim_end_matches(STRIPPED);
    }
    if !text.is_empty() {
        fragments.push(Fragment::Text(text));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule as llama.cpp has it: one pass over all text fragments per token.
    fn by_the_rule<'t>(
        tokens: &[(TokenId, &str, bool)],
        text: &'t str,
        special: SpecialText,
    ) -> Vec<Fragment<'t>> {
        let mut order: Vec<_> = tokens.iter().filter(|(_, text, _)| !text.is_empty()).collect();
        order.sort_by_key(|(id, text, _)| (std::cmp::Reverse(text.len()), *id));
        let mut fragments = vec![Fragment::Text(text)];
        for &&(id, token, hidden) in &order {
            if hidden && special == SpecialText::Literal {
                continue;
            }
            fragments = fragments
                .into_iter()
                .flat_map(|fragment| {
                    let Fragment::Text(text) = fragment else { return vec![fragment] };
                    let mut parts = Vec::new();
                    for (index, between) in text.split(token).enumerate() {
                        if index > 0 {
                            parts.push(Fragment::Token(id));
                        }
                        parts.push(Fragment::Text(between));
                    }
                    parts
                })
                .filter(|fragment| *fragment != Fragment::Text(""))
                .collect();
        }
        fragments.retain(|fragment| *fragment != Fragment::Text(""));
        fragments
    }

    const TOKENS: &[(TokenId, &str, bool)] = &[
        (0, "<a>", true),
        (1, "<a><b>", true),
        (2, "b>", false),
        (3, "\n", false),
        (4, "\n\n", false),
        (5, "\n\n\n", true),
        (6, "", true),
        (7, "><", false),
        (8, "é", false),
    ];

    fn partition() -> Partition {
        Partition::new(TOKENS.iter().map(|&(id, text, hidden)| (id, text, hidden, Strip::None)))
    }

    #[test]
    fn whitespace_beside_a_token_goes_with_it_where_it_says_so() {
        let tokens = [(0, "<l>", true, Strip::Left), (1, "<r>", true, Strip::Right)];
        let partition = Partition::new(tokens.into_iter());
        assert_eq!(
            partition.split(" a \n<l> \n<r>\t\u{b} b<r>  ", SpecialText::Parse, &[]),
            [
                Fragment::Text(" a"),
                Fragment::Token(0),
                Fragment::Text(" \n"),
                Fragment::Token(1),
                Fragment::Text("b"),
                Fragment::Token(1),
            ]
        );
    }

    #[test]
    fn the_longest_token_wins_even_if_another_starts_earlier() {
        let partition = partition();
        assert_eq!(
            partition.split("x<a><b>\n\n\n\n", SpecialText::Parse, &[]),
            [Fragment::Text("x"), Fragment::Token(1), Fragment::Token(5), Fragment::Token(3)]
        );
        assert_eq!(
            partition.split("x<a><b>", SpecialText::Literal, &[]),
            [Fragment::Text("x<a"), Fragment::Token(7), Fragment::Token(2)]
        );
        assert_eq!(partition.split("", SpecialText::Parse, &[]), []);
    }

    #[test]
    fn hidden_tokens_with_a_guard_inside_are_text() {
        let partition = partition();
        let split = |text, guards: &[usize]| partition.split(text, SpecialText::Parse, guards);
        let (a, both) = (Fragment::Token(0), Fragment::Token(1));
        assert_eq!(split("<a>", &[1]), [Fragment::Text("<a>")]);
        assert_eq!(split("<a>", &[0, 3]), [a], "outside");
        assert_eq!(
            split("<a><b>", &[3]),
            [a, Fragment::Text("<"), Fragment::Token(2)],
            "only the longer one"
        );
        assert_eq!(split("<a><b>", &[5]), [a, Fragment::Text("<"), Fragment::Token(2)]);
        assert_eq!(split("<a><a><b>", &[1]), [Fragment::Text("<a>"), both]);
        assert_eq!(split("b>", &[1]), [Fragment::Token(2)], "what is not hidden is a token anyway");
        let many = "<a>x".repeat(PLACES_REMEMBERED + 9);
        let expected = split(&many, &[]).len() - 1;
        assert_eq!(split(&many, &[4 * (PLACES_REMEMBERED + 3) + 2]).len(), expected - 1);
    }

    #[test]
    fn a_hidden_token_of_one_character_is_text_between_two_guards() {
        let partition = Partition::new([(0, "§", true, Strip::None)].into_iter());
        let split = |guards: &[usize]| partition.split("a§b", SpecialText::Parse, guards).len();
        assert_eq!([split(&[]), split(&[1]), split(&[3]), split(&[1, 3]), split(&[0, 4])], [3, 3, 3, 1, 3]);
    }

    #[test]
    fn more_places_than_are_remembered_are_all_found() {
        let partition = partition();
        let text = "\n".repeat(3 * PLACES_REMEMBERED + 7);
        assert_eq!(
            partition.split(&text, SpecialText::Literal, &[]),
            by_the_rule(TOKENS, &text, SpecialText::Literal)
        );
        let text = "<a>é\n\n<b>".repeat(PLACES_REMEMBERED + 5);
        assert_eq!(
            partition.split(&text, SpecialText::Parse, &[]),
            by_the_rule(TOKENS, &text, SpecialText::Parse)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn one_scan_equals_one_pass_per_token(text in "[<a>b\né]{0,60}") {
            let partition = partition();
            for special in [SpecialText::Parse, SpecialText::Literal] {
                prop_assert_eq!(partition.split(&text, special, &[]), by_the_rule(TOKENS, &text, special));
            }
        }
    }
}
