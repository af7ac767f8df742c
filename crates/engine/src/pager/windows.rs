//! Pages of the window group: K and V of layers that see the last `w` tokens only.
//!
//! ```text
//! block table   | page 7 | page 2 | page 9 | page 4 | page 5 |      all of them held
//! window table  | PASSED | PASSED | page 1 | page 3 | page 0 |      those that a row to come sees
//!                         first row to come sees from here ^ - w
//! ```
//! A node of the prefix tree may carry the window page of the same tokens. A sequence lets go of its window pages from the
//! left as it goes on; they stay with their nodes until the memory is needed, least recently used first, in any order:
//! without its window page a node is still a node. So a match has to be cut back to a place before which all window pages
//! are there.
//!
//! Most places will never be gone on from. A page that is seen only from such places is let go of *cold*: it is given up
//! before all others. Warm are those that were found in the tree, those that a sequence holds when it ends, and those seen
//! from a place where others are likely to part: [`WindowTable::keep_warm`].
//!
//! Window pages are guaranteed, not preempted: [`reservation`]. Derivation: docs/prefix-cache.md.

use gollum_core::{PAGE_TOKENS, PageCopy, PageId, TokenId};

use super::{KvPager, PrefixHit, Tail};
use crate::PageState;

/// The window pages of a sequence. See the module's drawing.
#[derive(Clone, Debug, Default)]
pub struct WindowTable {
    pages: Vec<PageId>,
    /// Of `pages`, how many are [`PageId::PASSED`]: the first ones.
    passed: usize,
    /// Of `pages`, how many were not computed by this sequence.
    adopted: usize,
    /// In tokens: places that others may go on from.
    warm: Vec<usize>,
}

/// Places that are kept warm at most; more are ignored.
const MOST_WARM: usize = 32;

impl WindowTable {
    /// Others are likely to go on from here, after `place` tokens.
    pub fn keep_warm(&mut self, place: usize) {
        if self.warm.len() < MOST_WARM && !self.warm.contains(&place) {
            self.warm.push(place);
        }
    }

    /// True if the page at `index` is seen from no place that others are likely to go on from.
    fn is_cold(&self, index: usize, window_tokens: usize) -> bool {
        let sees = |&place: &usize| {
            (first_visible(place, window_tokens)..place.div_ceil(PAGE_TOKENS)).contains(&index)
        };
        index >= self.adopted && !self.warm.iter().any(sees)
    }

    /// One entry per page of the block table that has been computed, or is by this step.
    pub fn pages(&self) -> &[PageId] {
        &self.pages
    }

    /// Index of the first page that is held.
    pub fn passed(&self) -> usize {
        self.passed
    }

    /// The pages that are held.
    pub fn held(&self) -> &[PageId] {
        &self.pages[self.passed..]
    }

    pub(super) fn replace(&mut self, index: usize, page: PageId) -> PageId {
        debug_assert!(index >= self.passed, "window page {index} of which {} are passed", self.passed);
        std::mem::replace(&mut self.pages[index], page)
    }
}

/// Index of the first page that a row at `position` sees, or a later one, through a window of `window_tokens`.
pub fn first_visible(position: usize, window_tokens: usize) -> usize {
    (position + 1).saturating_sub(window_tokens) / PAGE_TOKENS
}

/// Window pages that a sequence that computes `most_computed` tokens in its life holds at most at any time, but for one
/// page per 16 rows of the step: those are counted for all sequences together.
///
/// Before a step it holds the pages of the `w - 1` tokens that its next row sees: they touch `ceil((w - 1) / 16) + 1` pages
/// at most. The `n` rows of the step touch `floor(n / 16) + 1` more at most. It never holds more than it has tokens for. In
/// the step in which it begins, the page that its tail is copied from is held too.
pub fn reservation(window_tokens: usize, most_computed: usize) -> usize {
    let seen = (window_tokens - 1).div_ceil(PAGE_TOKENS) + 1;
    (seen + 1).min(most_computed.div_ceil(PAGE_TOKENS)) + 1
}

/// True if sequences with `reserved` pages between them find all that they need in a pool of `window_pages`, whatever a step
/// of `max_rows` rows computes. A pool as large as that of the full group needs no reservation: each page of it is in use
/// only beside another page of that group.
pub fn fits(reserved: usize, max_rows: usize, window_pages: usize, kv_pages: usize) -> bool {
    window_pages >= kv_pages || reserved + max_rows / PAGE_TOKENS <= window_pages
}

impl KvPager {
    /// True if the model has a window group.
    pub fn has_windows(&self) -> bool {
        self.window_tokens > 0
    }

    /// Cuts a match back to the deepest place from which the next row sees what it must: all window pages are there, and
    /// for a model with a recurrent state a snapshot.
    pub(super) fn cut_to_valid(&self, salt: u64, needle: &[TokenId], hit: &mut PrefixHit) {
        let mut limit = hit.tokens();
        loop {
            let snapshot = match self.has_states() {
                true => self.tree.deepest_snapshot(salt, &needle[..limit], hit),
                false => None,
            };
            let tokens = if self.has_states() { snapshot.map_or(0, |s| s.tokens) } else { limit };
            let tail = match self.has_windows() {
                true => self.windows_before(salt, needle, tokens, hit),
                // Any page that holds these tokens after the same prefix will do: that of the snapshot is one.
                false => {
                    Ok(snapshot.map(|s| Tail { page: s.page, window: None, tokens: tokens % PAGE_TOKENS }))
                }
            };
            match tail {
                Ok(tail) => {
                    hit.cut_to(tokens, tail.filter(|tail| tail.tokens > 0), snapshot.map(|s| s.state));
                    break;
                }
                Err(lower) => limit = lower,
            }
        }
        if self.has_windows() {
            let first = first_visible(hit.tokens(), self.window_tokens).min(hit.pages.len());
            let carried = |&page: &PageId| self.tree.window(page).expect("windows_before has seen it");
            hit.windows.extend(hit.pages[first..].iter().map(carried));
        }
    }

    /// The tail of a match of `tokens` tokens, if all window pages that its next row sees are there. `Err`: the deepest
    /// place before what is missing.
    fn windows_before(
        &self,
        salt: u64,
        needle: &[TokenId],
        tokens: usize,
        hit: &PrefixHit,
    ) -> Result<Option<Tail>, usize> {
        let (full, rest) = (tokens / PAGE_TOKENS, tokens % PAGE_TOKENS);
        let mut tail = None;
        if rest > 0 {
            match self.windowed_tail(salt, needle, full, hit) {
                Some(found) if found.tokens >= rest => tail = Some(Tail { tokens: rest, ..found }),
                found => return Err(full * PAGE_TOKENS + found.map_or(0, |found| found.tokens)),
            }
        }
        let seen = first_visible(tokens, self.window_tokens)..full;
        match seen.rev().find(|&index| self.tree.window(hit.pages[index]).is_none()) {
            None => Ok(tail),
            Some(hole) => {
                let found = self.windowed_tail(salt, needle, hole, hit);
                Err(hole * PAGE_TOKENS + found.map_or(0, |found| found.tokens))
            }
        }
    }

    /// Of the pages at `index` that carry a window page, one that begins with most of the needle's tokens there.
    fn windowed_tail(&self, salt: u64, needle: &[TokenId], index: usize, hit: &PrefixHit) -> Option<Tail> {
        let start = index * PAGE_TOKENS;
        let needle = &needle[start..needle.len().min(start + PAGE_TOKENS)];
        let parent = index.checked_sub(1).map(|above| hit.pages[above]);
        self.tree.windowed_among(super::Place { salt, parent }, needle)
    }

    /// Builds the window table of a sequence that begins: shares what its next row sees of the hit, copies its tail. The
    /// caller has made room by [`reservation`].
    pub fn adopt_windows(&mut self, salt: u64, hit: &PrefixHit, copies: &mut Vec<PageCopy>) -> WindowTable {
        let mut table = WindowTable::default();
        if !self.has_windows() {
            return table;
        }
        // All that is found is pinned before anything is taken: taking evicts.
        let tail = hit.tail.and_then(|tail| tail.window);
        for &page in hit.windows.iter().chain(&tail) {
            self.windows.pin(page);
        }
        table.passed = hit.pages.len() - hit.windows.len();
        table.pages.resize(table.passed, PageId::PASSED);
        table.pages.extend_from_slice(&hit.windows);
        if let Some(Tail { window: Some(src), tokens, .. }) = hit.tail {
            let dst = self.take_window(salt);
            copies.push(PageCopy { src, dst, tokens });
            self.window_copy_pins.push(src);
            table.pages.push(dst);
        }
        table.adopted = table.pages.len();
        table
    }

    /// Takes window pages, up to the first `tokens` tokens of a sequence.
    pub fn extend_windows(&mut self, salt: u64, table: &mut WindowTable, tokens: usize) {
        while self.has_windows() && table.pages.len() < tokens.div_ceil(PAGE_TOKENS) {
            let page = self.take_window(salt);
            table.pages.push(page);
        }
    }

    /// Lets go of the window pages that no row after the first `computed` sees.
    pub fn pass_windows(&mut self, table: &mut WindowTable, computed: usize) {
        if !self.has_windows() {
            return;
        }
        let first = first_visible(computed, self.window_tokens);
        while table.passed < first {
            let is_cold = table.is_cold(table.passed, self.window_tokens);
            let page = table.replace(table.passed, PageId::PASSED);
            table.passed += 1;
            let idle = idle_state(self.tree.carries(page));
            if is_cold {
                self.windows.unpin_cold(page, idle);
            } else {
                self.windows.unpin(page, idle);
            }
        }
    }

    /// Lets go of all window pages of a sequence, tail first.
    pub(super) fn release_windows(&mut self, table: &mut WindowTable) {
        for page in table.pages.drain(table.passed..).rev() {
            let idle = idle_state(self.tree.carries(page));
            self.windows.unpin(page, idle);
        }
        *table = WindowTable::default();
    }

    /// A full page has been swapped for that of the node `equal`: so is its window page, or the node has one from now on.
    pub(super) fn join_window(&mut self, equal: PageId, table: &mut WindowTable, index: usize) {
        let Some(&own) = table.pages.get(index) else { return };
        match self.tree.window(equal) {
            Some(theirs) => {
                self.windows.pin(theirs);
                table.replace(index, theirs);
                self.unpin_window(own);
            }
            None => self.tree.attach_window(equal, own),
        }
    }

    /// A page has become a node, or has grown as one: it carries the window page of the same tokens.
    pub(super) fn carry_window(&mut self, node: PageId, table: &WindowTable, index: usize) {
        if let Some(&own) = table.pages.get(index)
            && self.tree.window(node).is_none()
        {
            self.tree.attach_window(node, own);
        }
    }

    /// The window page of a node that has left the tree: free, unless a sequence holds it.
    pub(super) fn free_window(&mut self, page: PageId) {
        if self.windows.state(page) == PageState::Cached {
            self.windows.evict(page);
        }
    }

    fn unpin_window(&mut self, page: PageId) {
        self.windows.unpin(page, idle_state(self.tree.carries(page)));
    }

    /// Takes a window page, giving up the one that was unused longest if none is free.
    fn take_window(&mut self, salt: u64) -> PageId {
        if self.windows.free() == 0 {
            let idle = self.windows.next_to_evict().expect("window pages are reserved at admission");
            self.tree.detach_window(idle);
            self.windows.evict(idle);
            self.counters.window_evictions += 1;
        }
        self.counters.window_allocs += 1;
        self.windows.take(salt).expect("one is free")
    }

    /// The sources of this step's copies are no longer read.
    pub(super) fn end_window_copies(&mut self) {
        while let Some(page) = self.window_copy_pins.pop() {
            self.unpin_window(page);
        }
    }

    /// Panics if the books of the window group do not balance with these tables, between steps. O(pages).
    pub(super) fn check_windows<'a>(&'a self, tables: impl Iterator<Item = &'a WindowTable>) {
        self.windows.check();
        let mut holders = vec![0u32; self.windows.total()];
        for page in tables.flat_map(WindowTable::held).chain(&self.window_copy_pins) {
            holders[page.0 as usize] += 1;
        }
        for (index, &expected) in holders.iter().enumerate() {
            let page = PageId(index as u32);
            assert_eq!(self.windows.ref_count(page), expected, "holders of window page {index}");
            let carrier = self.tree.carrier(page);
            match self.windows.state(page) {
                PageState::Free => assert_eq!(carrier, None, "window page {index} is free and can be found"),
                PageState::Cached => {
                    assert!(carrier.is_some(), "window page {index} is cached and cannot be found");
                }
                PageState::Held => {}
            }
            let Some(node) = carrier else { continue };
            assert_eq!(self.windows.salt(page), self.tree.place(node).salt, "tenant of window page {index}");
            assert!(
                expected == 0 || self.pool.state(node) == PageState::Held,
                "window page {index} is held and its node {node:?} is not"
            );
        }
    }
}

fn idle_state(is_carried: bool) -> PageState {
    if is_carried { PageState::Cached } else { PageState::Free }
}
