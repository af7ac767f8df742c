//! Merging neighbours until no merge is left, best first: the loop that BPE and SPM share.
//!
//! ```text
//! pieces   [l][o][w][e][r]        a doubly linked list over one array; a merge swallows its right neighbour
//! heap     (priority, leftmost first) -> left, right, len
//! ```
//! A heap entry is stale once either side has changed; the length it was made for tells. Each merge adds two
//! entries at most, so n pieces take O(n log n), whatever the text.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

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

/// Candidate merges, best first. Only the first two fields decide: no two live entries agree in both.
type Candidate = (u32, Reverse<u32>, u32, u32, u32);

/// No neighbour.
const NONE: u32 = u32::MAX;

/// The loop's memory, kept from word to word.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    pieces: Vec<Piece>,
    previous: Vec<u32>,
    next: Vec<u32>,
    heap: BinaryHeap<Candidate>,
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
        self.heap.clear();
        for right in 1..count {
            self.consider(rules, text, right - 1, right);
        }
        while let Some((_, Reverse(left), right, len, symbol)) = self.heap.pop() {
            self.apply(rules, text, [left, right], len, symbol);
        }
        self.pieces.retain(|piece| piece.len > 0);
        &self.pieces
    }

    /// Applies a candidate unless it is stale.
    fn apply(
        &mut self,
        rules: &impl MergeRules,
        text: &[u8],
        [left, right]: [u32; 2],
        len: u32,
        symbol: u32,
    ) {
        let (l, r) = (left as usize, right as usize);
        if self.pieces[l].len == 0
            || self.pieces[r].len == 0
            || self.pieces[l].len + self.pieces[r].len != len
        {
            return;
        }
        self.pieces[l].len = len;
        self.pieces[l].symbol = symbol;
        self.pieces[r].len = 0;
        let after = self.next[r];
        self.next[l] = after;
        if after != NONE {
            self.previous[after as usize] = left;
            self.consider(rules, text, left, after);
        }
        let before = self.previous[l];
        if before != NONE {
            self.consider(rules, text, before, left);
        }
    }

    fn consider(&mut self, rules: &impl MergeRules, text: &[u8], left: u32, right: u32) {
        let (l, r) = (&self.pieces[left as usize], &self.pieces[right as usize]);
        if let Some(joined) = rules.join(text, l, r) {
            self.heap.push((joined.priority, Reverse(left), right, l.len + r.len, joined.symbol));
        }
    }
}
