//! The toy's window group: a second set of slots, of which each row reads the last `w` back.
//!
//! A row's hash there is that of the sequence only if every slot it sees holds the token of its position after the right
//! prefix, and if that was so for every row before it: what a row reads wrongly stays wrong in the rows that follow, as it
//! does in the layers of a model.

use gollum_core::{Batch, PAGE_TOKENS, PageId, SequenceSpan};

use crate::Violation;
use crate::slots::Slots;

/// The group's slots, and what each row of the step has read.
#[derive(Debug)]
pub struct Windows {
    tokens: usize,
    slots: Slots,
    rows: Vec<u64>,
}

impl Windows {
    /// A group of rows that see `tokens` tokens, without memory yet.
    pub fn new(tokens: usize) -> Self {
        Self { tokens, slots: Slots::default(), rows: Vec::new() }
    }

    pub fn allocate(&mut self, pages: usize) {
        self.slots = Slots::new(pages);
    }

    /// Runs a step: copies, then the rows of all sequences, as `full` has them, then what each row sees.
    pub fn step(&mut self, batch: &Batch, full: &mut Slots, found: &mut Vec<Violation>) {
        self.check_batch(batch);
        for copy in &batch.window_copies {
            self.slots.copy_page(copy);
        }
        self.slots.append_again(batch, full);
        self.rows.clear();
        for span in &batch.sequences {
            let table = batch.window_table(span);
            let mut is_spoiled = false;
            for row in span.query_start..span.query_start + span.query_len {
                let position = batch.positions[row];
                let first = (position + 1).saturating_sub(self.tokens as u32);
                let violations = found.len();
                let hash = self.slots.chain(table, first..position + 1, found);
                is_spoiled |= found.len() > violations;
                self.rows.push(if is_spoiled { !hash } else { hash });
                if is_spoiled {
                    full.spoil(batch.slot_mapping[row]);
                }
            }
        }
    }

    /// The hash of the sequence after a row of the step, as its window tells it.
    pub fn after_row(&self, row: usize) -> u64 {
        self.rows[row]
    }

    /// The engine's promises about window tables: as long as the block tables, and exactly what no row sees is passed.
    fn check_batch(&self, batch: &Batch) {
        assert_eq!(batch.window_tables.len(), batch.block_tables.len(), "window tables and block tables");
        assert_eq!(batch.window_slot_mapping.len(), batch.num_tokens(), "window slots and rows");
        for span in &batch.sequences {
            self.check_table(batch, span, batch.window_table(span));
        }
    }

    fn check_table(&self, batch: &Batch, span: &SequenceSpan, table: &[PageId]) {
        let start = span.context_len - span.query_len;
        let first = (start + 1).saturating_sub(self.tokens) / PAGE_TOKENS;
        for (index, &page) in table.iter().enumerate() {
            assert_eq!(page == PageId::PASSED, index < first, "window page {index} of {span:?}: {page:?}");
        }
        for (position, row) in (start..span.context_len).zip(span.query_start..) {
            let slot = table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS);
            assert_eq!(batch.window_slot_mapping[row], slot, "window slot of row {row} in {span:?}");
        }
    }
}
