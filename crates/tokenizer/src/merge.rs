//! Merging neighbours until no merge is left, best first: the loop that BPE and SPM share.
//!
//! ```text
//! pieces   [l][o][w][e][r]     a doubly linked list over one array; a merge swallows its right neighbour
//! heap     priority << 32 | !left     the best merge, and the leftmost among equals, is the largest number
//! ```
//! An entry does not say what it merges: when it comes up, the pair that starts at `left` then is asked again, and
//! if that has another priority the entry is stale. Eight bytes an entry keep the heap of a long word in the cache.
//! Each merge adds two entries at most, so n pieces take O(n log n), whatever the text.

use std::{collections::BinaryHeap, ops::Range};

/// A vocabulary's rules.
pub(crate) trait MergeRules {
    /// What `left` and `right`, neighbours in `text`, become, and how good that is: larger is earlier.
    fn join(&self, text: &[u8], left: &Piece, right: &Piece) -> Option<Joined>;
}

/// Part of a text, with the rules' own name for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub start: u32,
    /// 0 once swallowed.
    pub len: u32,
    pub symbol: u32,
}

impl Piece {
    /// Where the piece is in its text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// The result of a merge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined {
    pub priority: u32,
    pub symbol: u32,
}

/// No neighbour.
const NONE: u32 = u32::MAX;

/// The loop's memory, kept from word to word.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    pieces: Vec<Piece>,
    previous: Vec<u32>,
    next: Vec<u32>,
    heap: BinaryHeap<u64>,
}

impl Merger {
    /// Merges `pieces`, which cover `text` in order, and returns what is left, in order.
    ///
    /// Panics if `text` has 4 GiB or more.
    pub(crate) fn merge(
        &mut self,
        rules: &impl MergeRules,
        text: &[u8],
        pieces: impl Iterator<Item = Piece>,
    ) -> &[Piece] {
        assert!(text.len() < NONE as usize, "a word of {} bytes", text.len());
        self.pieces.clear();
        self.pieces.extend(pieces);
        let count = self.pieces.len() as u32;
        self.previous.clear();
        self.previous.extend((0..count).map(|at| at.wrapping_sub(1)));
        self.next.clear();
        self.next.extend((1..count).chain((count > 0).then_some(NONE)));
        // One heap built of all pairs at once takes O(n); n pushes would take O(n log n).
        let mut pairs = std::mem::take(&mut self.heap).into_vec();
        pairs.clear();
        pairs.extend((0..count).filter_map(|left| Some(heap_key(self.join(rules, text, left)?, left))));
        self.heap = pairs.into();
        while let Some(key) = self.heap.pop() {
            self.apply(rules, text, key);
        }
        self.pieces.retain(|piece| piece.len > 0);
        &self.pieces
    }

    /// What the piece at `left` and its neighbour become.
    fn join(&self, rules: &impl MergeRules, text: &[u8], left: u32) -> Option<Joined> {
        let right = self.next[left as usize];
        if right == NONE {
            return None;
        }
        rules.join(text, &self.pieces[left as usize], &self.pieces[right as usize])
    }

    /// Applies an entry of the heap unless it is stale.
    fn apply(&mut self, rules: &impl MergeRules, text: &[u8], key: u64) {
        let left = !(key as u32);
        if self.pieces[left as usize].len == 0 {
            return;
        }
        let Some(joined) = self.join(rules, text, left) else { return };
        if heap_key(joined, left) != key {
            return;
        }
        let right = self.next[left as usize] as usize;
        let swallowed = std::mem::take(&mut self.pieces[right].len);
        let piece = &mut self.pieces[left as usize];
        piece.len += swallowed;
        piece.symbol = joined.symbol;
        let after = self.next[right];
        self.next[left as usize] = after;
        if after != NONE {
            self.previous[after as usize] = left;
        }
        let before = self.previous[left as usize];
        for start in [left, before] {
            if start != NONE
                && let Some(joined) = self.join(rules, text, start)
            {
                self.heap.push(heap_key(joined, start));
            }
        }
    }
}

fn heap_key(joined: Joined, left: u32) -> u64 {
    u64::from(joined.priority) << 32 | u64::from(!left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any two pieces merge whose lengths add up to at most this; the priority is a hash of both.
    struct Hashed(u32);

    impl MergeRules for Hashed {
        fn join(&self, _text: &[u8], left: &Piece, right: &Piece) -> Option<Joined> {
            let mixed = (left.symbol * 31 + right.symbol * 17) % 101;
            // Few priorities, so that ties are common.
            (left.len + right.len <= self.0).then_some(Joined { priority: mixed % 5, symbol: mixed })
        }
    }

    /// The rule itself: look at all pairs, apply the best, the leftmost among equals, and start again.
    fn by_the_rule(rules: &Hashed, mut pieces: Vec<Piece>) -> Vec<Piece> {
        loop {
            let pairs = pieces.windows(2).enumerate();
            let joined = pairs.filter_map(|(at, pair)| Some((at, rules.join(&[], &pair[0], &pair[1])?)));
            let Some((at, joined)) =
                joined.max_by_key(|(at, joined)| (joined.priority, std::cmp::Reverse(*at)))
            else {
                return pieces;
            };
            pieces[at].len += pieces[at + 1].len;
            pieces[at].symbol = joined.symbol;
            pieces.remove(at + 1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_heap_equals_the_rule(symbols in prop::collection::vec(0u32..4, 0..40), longest in 1u32..9) {
            let text = vec![0; symbols.len()];
            let pieces: Vec<Piece> = symbols
                .iter()
                .enumerate()
                .map(|(at, &symbol)| Piece { start: at as u32, len: 1, symbol })
                .collect();
            let mut merger = Merger::default();
            let merged = merger.merge(&Hashed(longest), &text, pieces.iter().copied());
            let ranges = |pieces: &[Piece]| pieces.iter().map(|p| (p.range(), p.symbol)).collect::<Vec<_>>();
            prop_assert_eq!(ranges(merged), ranges(&by_the_rule(&Hashed(longest), pieces)));
        }
    }
}
