//! Ids and the page size.

/// A vocabulary index. A plain number, because it crosses to tokenizers, JSON and kernels by the thousand.
pub type TokenId = u32;

/// Tokens per KV page. One constant for every model and backend: attention walks whole pages, so the page
/// is part of the arithmetic (see `kernels`), and a setting would be a second set of bits.
pub const PAGE_TOKENS: usize = 16;

/// One request in the engine, unique for the life of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "req-{:x}", self.0)
    }
}

/// One recurrent state of a sequence, over all layers: an index into the slots that pager and backend agreed on at
/// start. What a slot holds is a running sequence's, or a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub u32);

/// One page of KV memory: an index into the pool that pager and backend agreed on at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub u32);

impl PageId {
    /// In a window table: the place of a page that its sequence has let go of, since no row to come sees it. It is in no
    /// pool and is never read.
    pub const PASSED: Self = Self(u32::MAX);

    /// The slot of the token at `offset` (`0..PAGE_TOKENS`) inside this page.
    pub fn slot(self, offset: usize) -> u32 {
        debug_assert!(offset < PAGE_TOKENS, "offset {offset} is outside a page of {PAGE_TOKENS}");
        self.0 * PAGE_TOKENS as u32 + offset as u32
    }
}
