//! One step of work for a model: flat and ragged, prefill chunks and decodes mixed.
//!
//! ```text
//! sequences   |--- span 0 (query_len 3) ---|- span 1 (1) -|------ span 2 (4) ------|
//! tokens       t0        t1        t2        t3             t4    t5    t6    t7      [num_tokens]
//! positions    32        33        34        7              0     1     2     3       [num_tokens]
//! slots        page*16+0 ...                                                          [num_tokens]
//! logits_rows  {2, 3, 7}: indices into tokens, one logits row each, in this order
//! ```
//! Models some of whose layers see a window only have a second group of pages, with a table and slots of its own:
//! `docs/prefix-cache.md`.

use crate::{PAGE_TOKENS, PageId, StateId, TokenId, WindowSpec};

/// The part of a [`Batch`] that belongs to one sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceSpan {
    /// First row of this sequence in `tokens`.
    pub query_start: usize,
    /// Rows of this sequence in this step; at least 1.
    pub query_len: usize,
    /// Tokens of the sequence whose K and V are valid once this step has appended its own:
    /// position of the last row, plus one.
    pub context_len: usize,
    /// Where this sequence's block table starts in [`Batch::block_tables`].
    pub table_start: usize,
    /// Pages in the block table: `context_len` divided by the page size, rounded up.
    pub table_len: usize,
    /// Where the sequence's recurrent state lives; `None` for models without one. Before position 0 it is zero,
    /// whatever the slot holds.
    pub state: Option<StateId>,
}

/// Copies one state to another, before anything else in the step: a sequence goes on from a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateLoad {
    /// State to read.
    pub src: StateId,
    /// State to write.
    pub dst: StateId,
}

/// Copies a sequence's state as it is right after a row has been applied to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateSave {
    /// Row of the batch.
    pub row: usize,
    /// State to write.
    pub dst: StateId,
}

/// Copies the first `tokens` slots of page `src` to page `dst`, before anything else in the step: the
/// copy-on-write tail of a prefix match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageCopy {
    /// Page to read.
    pub src: PageId,
    /// Page to write.
    pub dst: PageId,
    /// Slots to copy, `1..=PAGE_TOKENS`.
    pub tokens: usize,
}

/// One step of work. See the module's drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Token ids, `[num_tokens]`.
    pub tokens: Vec<TokenId>,
    /// Position of each token in its sequence, `[num_tokens]`.
    pub positions: Vec<u32>,
    /// Where the token's K and V go: `page * PAGE_TOKENS + offset`, `[num_tokens]`.
    pub slot_mapping: Vec<u32>,
    /// The sequences, in row order, without gaps.
    pub sequences: Vec<SequenceSpan>,
    /// The block tables of all sequences, one after the other; entry `i` of a table holds positions
    /// `i * PAGE_TOKENS ..`.
    pub block_tables: Vec<PageId>,
    /// Rows whose logits are wanted, ascending.
    pub logits_rows: Vec<usize>,
    /// For each of `logits_rows`, how many of its largest logits are enough; 0: all are wanted. Empty: all of all. A wish:
    /// a runner may give whole rows.
    pub best_wanted: Vec<usize>,
    /// Page copies to make before the step.
    pub page_copies: Vec<PageCopy>,
    /// State copies to make before the step.
    pub state_loads: Vec<StateLoad>,
    /// Snapshots to take, by row, ascending; a row may have one.
    pub state_saves: Vec<StateSave>,
    /// For models with a window group ([`ModelSpec::window`](crate::ModelSpec::window)), else empty: as `block_tables` and
    /// at the same indices, the pages of that group. Those left of what a sequence's first row sees are
    /// [`PageId::PASSED`].
    pub window_tables: Vec<PageId>,
    /// As `slot_mapping`, in the window group.
    pub window_slot_mapping: Vec<u32>,
    /// As `page_copies`, in the window group.
    pub window_copies: Vec<PageCopy>,
}

impl Batch {
    /// Rows in this step.
    pub fn num_tokens(&self) -> usize {
        self.tokens.len()
    }

    /// The block table of one sequence.
    pub fn block_table(&self, span: &SequenceSpan) -> &[PageId] {
        &self.block_tables[span.table_start..span.table_start + span.table_len]
    }

    /// The window table of one sequence; for models with a window group.
    pub fn window_table(&self, span: &SequenceSpan) -> &[PageId] {
        &self.window_tables[span.table_start..span.table_start + span.table_len]
    }

    /// Adds a sequence that is in this step as a whole and keeps nothing behind it: an input of an encoder.
    pub fn push_whole(&mut self, input: &[TokenId]) {
        self.sequences.push(SequenceSpan {
            query_start: self.tokens.len(),
            query_len: input.len(),
            context_len: input.len(),
            table_start: 0,
            table_len: 0,
            state: None,
        });
        self.tokens.extend_from_slice(input);
        self.positions.extend(0..input.len() as u32);
    }

    /// Fills the window lists for who runs a model without a pager and so frees nothing: each page of the full group has
    /// one of the same id in the window group. Call it when all else is filled. Nothing for models without the group.
    pub fn mirror_windows(&mut self, window: Option<WindowSpec>) {
        let Some(window) = window else { return };
        self.window_tables.clone_from(&self.block_tables);
        self.window_slot_mapping.clone_from(&self.slot_mapping);
        self.window_copies.clone_from(&self.page_copies);
        for span in &self.sequences {
            let first_row = span.context_len - span.query_len;
            let passed = (first_row + 1).saturating_sub(window.tokens) / PAGE_TOKENS;
            self.window_tables[span.table_start..span.table_start + passed].fill(PageId::PASSED);
        }
    }

    /// Empties every list and keeps the memory, so that steps do not allocate.
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.positions.clear();
        self.slot_mapping.clear();
        self.sequences.clear();
        self.block_tables.clear();
        self.logits_rows.clear();
        self.page_copies.clear();
        self.state_loads.clear();
        self.state_saves.clear();
        self.window_tables.clear();
        self.window_slot_mapping.clear();
        self.window_copies.clear();
    }
}
