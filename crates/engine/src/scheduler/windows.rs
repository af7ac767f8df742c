//! Window pages in a step: reserved when a sequence begins, taken when its rows are planned, let go of when it has passed.

use std::ops::Range;

use gollum_core::PAGE_TOKENS;

use super::{Plan, Scheduler};
use crate::pager::windows::{first_visible, fits, reservation};
use crate::sequence::{Sequence, Slot};

impl Scheduler {
    /// True if a sequence may begin and all that run, it included, find the window pages that they need until they end.
    pub(super) fn windows_fit(&self, sequence: &Sequence) -> bool {
        let (rows, pages) = (self.limits.max_num_batched_tokens, self.limits.window_pages);
        let reserved = self.window_reserved + self.windows_of(sequence);
        !self.pager.has_windows() || fits(reserved, rows, pages, self.limits.kv_pages)
    }

    /// What [`reservation`] says of a sequence; 0 for models without a window group.
    fn windows_of(&self, sequence: &Sequence) -> usize {
        match self.pager.has_windows() {
            true => reservation(self.limits.window_tokens, sequence.most_computed()),
            false => 0,
        }
    }

    /// A sequence has begun.
    pub(super) fn reserve_windows(&mut self, slot: Slot) {
        self.window_reserved += self.windows_of(self.sequence(slot));
    }

    /// A sequence runs no longer.
    pub(super) fn unreserve_windows(&mut self, slot: Slot) {
        self.window_reserved -= self.windows_of(self.sequence(slot));
    }

    /// Takes the window pages of the rows at these positions, and writes them into the batch.
    pub(super) fn plan_windows(&mut self, slot: Slot, positions: Range<usize>, plan: &mut Plan) {
        let sequence = self.slots[slot].as_mut().expect("a running sequence is alive");
        self.pager.extend_windows(sequence.salt, &mut sequence.windows, positions.end);
        let pages = sequence.windows.pages();
        plan.batch.window_tables.extend_from_slice(&pages[..positions.end.div_ceil(PAGE_TOKENS)]);
        let slot_of = |position: usize| pages[position / PAGE_TOKENS].slot(position % PAGE_TOKENS);
        plan.batch.window_slot_mapping.extend(positions.map(slot_of));
    }

    /// Panics if a promise about window pages is broken. For tests.
    pub(super) fn check_windows(&self) {
        let running = || self.running.iter().map(|&slot| self.sequence(slot));
        let reserved: usize = running().map(|sequence| self.windows_of(sequence)).sum();
        assert_eq!(reserved, self.window_reserved, "reserved window pages");
        if !self.pager.has_windows() {
            return;
        }
        for sequence in running() {
            let (windows, computed) = (&sequence.windows, sequence.computed);
            assert_eq!(
                windows.pages().len(),
                computed.div_ceil(PAGE_TOKENS),
                "window pages of {computed} tokens"
            );
            let first = first_visible(computed, self.limits.window_tokens);
            assert_eq!(windows.passed(), first, "passed window pages after {computed} tokens");
            assert!(
                windows.held().len() <= self.windows_of(sequence),
                "more window pages than were reserved"
            );
            for (index, &page) in windows.pages().iter().enumerate().skip(first) {
                let node = sequence.table[index];
                if self.pager.shares() && self.pager.tree().contains(node) {
                    assert_eq!(self.pager.tree().window(node), Some(page), "the window page of {node:?}");
                }
            }
        }
    }
}
