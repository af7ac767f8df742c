//! The toy's KV memory: each slot remembers which token was written there, at which position, after which prefix.

use gollum_core::{Batch, PAGE_TOKENS, PageCopy, PageId, SequenceSpan, TokenId};

use crate::ReadBack;
use crate::model::{extend, hash_of};

/// Hash that stands for "what was read is not what was written"; the tokens that follow from it are wrong.
const POISON: u64 = 0x0BAD_0BAD_0BAD_0BAD;
/// Position of a slot that was never written.
const UNWRITTEN: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Slot {
    token: TokenId,
    position: u32,
    /// Hash of the sequence up to and with this token.
    hash: u64,
}

const EMPTY_SLOT: Slot = Slot { token: 0, position: UNWRITTEN, hash: POISON };
/// Bytes of one page.
pub const PAGE_BYTES: usize = PAGE_TOKENS * size_of::<Slot>();

/// A read through a block table that found something else than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The slot read.
    pub slot: u32,
    /// Position that the block table promises there.
    pub expected_position: u32,
    /// Position found; `None` if the slot was never written.
    pub found_position: Option<u32>,
}

/// The pool.
#[derive(Debug, Default)]
pub struct Slots {
    slots: Vec<Slot>,
}

impl Slots {
    pub fn new(pages: usize) -> Self {
        Self { slots: vec![EMPTY_SLOT; pages * PAGE_TOKENS] }
    }

    /// Copies the slots asked for and forgets the rest of the target page, so that reading what was not copied
    /// shows.
    pub fn copy_page(&mut self, copy: &PageCopy) {
        assert!((1..=PAGE_TOKENS).contains(&copy.tokens), "a copy of {} slots", copy.tokens);
        let (src, dst) = (copy.src.slot(0) as usize, copy.dst.slot(0) as usize);
        self.slots.copy_within(src..src + copy.tokens, dst);
        if src != dst {
            self.slots[dst + copy.tokens..dst + PAGE_TOKENS].fill(EMPTY_SLOT);
        }
    }

    /// Writes the rows of one sequence.
    pub fn append(&mut self, batch: &Batch, span: &SequenceSpan, found: &mut Vec<Violation>) {
        let first = batch.positions[span.query_start];
        let mut hash = hash_of(&[]);
        if first > 0 {
            let table = batch.block_table(span);
            hash = self.read(table, first - 1, found).map_or(POISON, |slot| slot.hash);
        }
        for row in span.query_start..span.query_start + span.query_len {
            let (token, position) = (batch.tokens[row], batch.positions[row]);
            hash = extend(hash, token);
            self.slots[batch.slot_mapping[row] as usize] = Slot { token, position, hash };
        }
    }

    /// The hash of the sequence up to and with `position`, as read through its block table.
    pub fn read_back(
        &self,
        table: &[PageId],
        position: u32,
        how: ReadBack,
        found: &mut Vec<Violation>,
    ) -> u64 {
        let violations = found.len();
        let hash = match how {
            ReadBack::Full => self.hash_range(table, 0..position + 1, hash_of(&[]), found),
            ReadBack::Tail => self.read_tail(table, position, found),
        };
        if found.len() == violations { hash } else { POISON ^ u64::from(position) }
    }

    /// The last page, and one earlier page that depends on the position, against their own rolling hashes.
    fn read_tail(&self, table: &[PageId], position: u32, found: &mut Vec<Violation>) -> u64 {
        let page_tokens = PAGE_TOKENS as u32;
        let last_page = position / page_tokens;
        if last_page > 0 {
            let page = position.wrapping_mul(0x9E37_79B1) % last_page;
            let spot = page * page_tokens..(page + 1) * page_tokens;
            self.check_range(table, spot, found);
        }
        self.check_range(table, last_page * page_tokens..position + 1, found)
    }

    /// [`hash_range`](Self::hash_range) that starts from, and must arrive at, the hashes stored in the slots.
    fn check_range(
        &self,
        table: &[PageId],
        positions: std::ops::Range<u32>,
        found: &mut Vec<Violation>,
    ) -> u64 {
        let start = match positions.start.checked_sub(1) {
            None => hash_of(&[]),
            Some(before) => self.read(table, before, found).map_or(POISON, |slot| slot.hash),
        };
        let last = positions.end - 1;
        let hash = self.hash_range(table, positions, start, found);
        if self.read(table, last, found).is_some_and(|slot| slot.hash != hash) {
            // The page holds tokens of this position after another prefix.
            found.push(Violation {
                slot: slot_of(table, last) as u32,
                expected_position: last,
                found_position: Some(last),
            });
        }
        hash
    }

    /// Reads the tokens at `positions` page by page and extends `hash` by them.
    fn hash_range(
        &self,
        table: &[PageId],
        positions: std::ops::Range<u32>,
        mut hash: u64,
        found: &mut Vec<Violation>,
    ) -> u64 {
        let mut position = positions.start;
        while position < positions.end {
            let offset = position as usize % PAGE_TOKENS;
            let count = (PAGE_TOKENS - offset).min((positions.end - position) as usize);
            let first = slot_of(table, position);
            for (slot, expected) in self.slots[first..first + count].iter().zip(position..) {
                hash = extend(hash, slot.token);
                if slot.position != expected {
                    found.push(violation(first as u32 + (expected - position), expected, slot));
                    return hash;
                }
            }
            position += count as u32;
        }
        hash
    }

    /// The hash of the sequence up to and with the last of `positions`, if each of these slots holds its position and the
    /// hash that follows from the slot before.
    pub fn chain(
        &self,
        table: &[PageId],
        positions: std::ops::Range<u32>,
        found: &mut Vec<Violation>,
    ) -> u64 {
        let mut before = (positions.start == 0).then(|| hash_of(&[]));
        for position in positions {
            let Some(slot) = self.read(table, position, found) else { return POISON };
            if before.is_some_and(|before| extend(before, slot.token) != slot.hash) {
                found.push(violation(slot_of(table, position) as u32, position, &slot));
            }
            before = Some(slot.hash);
        }
        before.unwrap_or(POISON)
    }

    /// Writes the rows of a step once more, to the window group: what the full group has just got.
    pub fn append_again(&mut self, batch: &Batch, full: &Self) {
        for (&to, &from) in batch.window_slot_mapping.iter().zip(&batch.slot_mapping) {
            self.slots[to as usize] = full.slots[from as usize];
        }
    }

    /// Makes a slot hold nonsense: its row has read something wrong.
    pub fn spoil(&mut self, slot: u32) {
        self.slots[slot as usize].hash ^= POISON;
    }

    fn read(&self, table: &[PageId], position: u32, found: &mut Vec<Violation>) -> Option<Slot> {
        let at = slot_of(table, position);
        let slot = self.slots[at];
        if slot.position == position {
            return Some(slot);
        }
        found.push(violation(at as u32, position, &slot));
        None
    }
}

fn violation(slot: u32, expected_position: u32, found: &Slot) -> Violation {
    let found_position = (found.position != UNWRITTEN).then_some(found.position);
    Violation { slot, expected_position, found_position }
}

fn slot_of(table: &[PageId], position: u32) -> usize {
    table[position as usize / PAGE_TOKENS].slot(position as usize % PAGE_TOKENS) as usize
}
