//! The toy's recurrent states: each is the hash of the tokens that went through it, and how many they were.

use gollum_core::{Batch, SequenceSpan, StateId};

use crate::Violation;
use crate::model::{extend, hash_of};

/// Bytes of one state.
pub const STATE_BYTES: usize = size_of::<State>();

#[derive(Clone, Copy, Debug)]
struct State {
    hash: u64,
    tokens: u32,
}

/// A slot that was never written.
const UNWRITTEN: State = State { hash: 0x0BAD_57A7_E0BA_D57A, tokens: u32::MAX };

/// The slots, and the state after each row of the step.
#[derive(Debug, Default)]
pub struct States {
    slots: Vec<State>,
    rows: Vec<u64>,
}

impl States {
    pub fn new(slots: usize) -> Self {
        Self { slots: vec![UNWRITTEN; slots], rows: Vec::new() }
    }

    /// Runs a step: loads, then every row of every span, with the saves where they are asked for.
    pub fn step(&mut self, batch: &Batch, found: &mut Vec<Violation>) {
        for load in &batch.state_loads {
            self.slots[load.dst.0 as usize] = self.slots[load.src.0 as usize];
        }
        self.rows.clear();
        let mut saves = batch.state_saves.iter().peekable();
        for span in &batch.sequences {
            let own = span.state.expect("each sequence of a model with states has one");
            let mut state = self.before(batch, span, own, found);
            for row in span.query_start..span.query_start + span.query_len {
                state = State { hash: extend(state.hash, batch.tokens[row]), tokens: state.tokens + 1 };
                self.rows.push(state.hash);
                if let Some(save) = saves.next_if(|save| save.row == row) {
                    assert_ne!(save.dst, own, "a snapshot over the running state");
                    self.slots[save.dst.0 as usize] = state;
                }
            }
            self.slots[own.0 as usize] = state;
        }
        assert_eq!(saves.next(), None, "snapshots are ordered by row, one a row");
    }

    /// The state before a span's first row; one that does not belong there is noted.
    fn before(&self, batch: &Batch, span: &SequenceSpan, own: StateId, found: &mut Vec<Violation>) -> State {
        let position = batch.positions[span.query_start];
        if position == 0 {
            return State { hash: hash_of(&[]), tokens: 0 };
        }
        let state = self.slots[own.0 as usize];
        if state.tokens != position {
            let found_position = (state.tokens != UNWRITTEN.tokens).then_some(state.tokens);
            found.push(Violation { slot: own.0, expected_position: position, found_position });
        }
        State { tokens: position, ..state }
    }

    /// The state's hash right after a row of the step.
    pub fn after_row(&self, row: usize) -> u64 {
        self.rows[row]
    }
}
