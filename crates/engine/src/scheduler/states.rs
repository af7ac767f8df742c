//! Snapshots of recurrent states in a step: planned where a sequence's [`Cuts`](crate::cuts::Cuts) say, hung on the prefix
//! tree when the model has run.

use std::ops::Range;

use gollum_core::{StateId, StateSave};

use super::{Plan, Scheduler};
use crate::pager::KvPager;
use crate::sequence::{Sequence, Slot};

/// A snapshot that a step takes of a sequence's recurrent state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedSave {
    /// The sequence.
    pub slot: Slot,
    /// Tokens of the sequence after which it is taken.
    pub place: usize,
    /// Where it goes.
    pub state: StateId,
    /// One of those at regular distances.
    is_regular: bool,
}

impl Scheduler {
    /// Makes the snapshots findable that the step has taken of a sequence.
    pub(super) fn keep_saves(&mut self, slot: Slot, plan: &Plan) {
        for save in plan.saves.iter().filter(|save| save.slot == slot) {
            let sequence = self.slots[slot].as_mut().expect("a planned sequence is alive");
            let (tokens, table) = (&sequence.tokens, &sequence.table);
            self.pager.keep_state(save.state, sequence.salt, &tokens[..save.place], table);
            if save.is_regular {
                for place in sequence.cuts.taken(save.place) {
                    self.pager.forget_state(sequence.salt, &tokens[..place], table);
                }
            }
        }
    }

    /// Gives up the snapshots of a sequence that the step was to take.
    pub(super) fn drop_saves(&mut self, slot: Slot, plan: &Plan) {
        for save in plan.saves.iter().filter(|save| save.slot == slot) {
            self.pager.drop_state(save.state);
        }
    }

    /// Plans the snapshots of a span that computes the tokens of `places`.
    pub(super) fn plan_saves(&mut self, slot: Slot, first_row: usize, places: Range<usize>, plan: &mut Plan) {
        if !self.pager.shares() {
            return;
        }
        let mut at = places.start;
        while let Some((place, is_regular)) = self.sequence_mut(slot).cuts.next(at, places.end) {
            at = place;
            // With all states in use there is none to spare.
            let Some(state) = self.pager.take_state() else { return };
            plan.batch.state_saves.push(StateSave { row: first_row + place - 1 - places.start, dst: state });
            plan.saves.push(PlannedSave { slot, place, state, is_regular });
        }
    }

    /// Asks for a snapshot of a running sequence's state after `place` tokens, in this step if it computes the token
    /// before.
    pub(super) fn cut_at(&mut self, slot: Slot, place: usize, plan: &mut Plan) {
        if !self.pager.has_states() {
            return;
        }
        let Some(index) = plan.spans.iter().position(|span| span.slot == slot) else {
            return self.sequence_mut(slot).cuts.add(place);
        };
        let span = &plan.batch.sequences[index];
        let (start, end) = (span.context_len - span.query_len, span.context_len);
        if place > end {
            return self.sequence_mut(slot).cuts.add(place);
        }
        if place <= start {
            return;
        }
        let row = span.query_start + place - 1 - start;
        let Err(at) = plan.batch.state_saves.binary_search_by_key(&row, |save| save.row) else { return };
        if let Some(state) = self.pager.take_state() {
            plan.batch.state_saves.insert(at, StateSave { row, dst: state });
            plan.saves.insert(at, PlannedSave { slot, place, state, is_regular: false });
        }
    }
}

/// Lets go of a sequence's state: as a snapshot after what it has computed, or as garbage.
pub(super) fn hand_over_state(pager: &mut KvPager, sequence: &mut Sequence, keep: bool) {
    let Some(state) = sequence.state.take() else { return };
    match keep {
        true => {
            let computed = &sequence.tokens[..sequence.computed];
            pager.keep_state(state, sequence.salt, computed, &sequence.table);
        }
        false => pager.drop_state(state),
    }
}
