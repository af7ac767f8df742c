//! The pages of the KV pool: who holds them, and in which order the idle ones are given up.
//!
//! ```text
//!            take                 unpin to 0, in the tree
//!   free ----------> held (ref_count > 0) ----------> cached (LRU list, oldest first)
//!    ^                |        ^                        |  |
//!    |  unpin to 0,   |        |          pin           |  |
//!    |  not in tree   |        +------------------------+  |
//!    +----------------+                                    |
//!    +-------------------------- evict --------------------+
//! ```
//! `free + held + cached == total`, always. Each operation is O(1); the LRU list is threaded through two
//! arrays, so nothing is allocated after start.

use gollum_core::PageId;

use crate::PageState;

/// No page: the end of the LRU list.
const NONE: u32 = u32::MAX;

/// Ref-counted pages. See the module's drawing.
#[derive(Clone, Debug)]
pub struct BlockPool {
    ref_counts: Vec<u32>,
    states: Vec<PageState>,
    /// LRU neighbours of cached pages; entry `total` is the list's head and tail.
    older: Vec<u32>,
    newer: Vec<u32>,
    free: Vec<PageId>,
    cached: usize,
}

impl BlockPool {
    /// A pool of `pages` free pages; they are first taken in ascending order.
    pub fn new(pages: usize) -> Self {
        let total = u32::try_from(pages).expect("the configuration bounds the pool to u32 slots");
        let mut links = vec![NONE; pages + 1];
        links[pages] = total;
        Self {
            ref_counts: vec![0; pages],
            states: vec![PageState::Free; pages],
            older: links.clone(),
            newer: links,
            free: (0..total).rev().map(PageId).collect(),
            cached: 0,
        }
    }

    /// Takes a free page for one holder. `None` if there is none: evict first.
    pub fn take(&mut self) -> Option<PageId> {
        let page = self.free.pop()?;
        self.states[page.0 as usize] = PageState::Held;
        self.ref_counts[page.0 as usize] = 1;
        Some(page)
    }

    /// Adds a holder to a held or cached page.
    pub fn pin(&mut self, page: PageId) {
        let index = page.0 as usize;
        match self.states[index] {
            PageState::Held => {}
            PageState::Cached => {
                self.unlink(page.0);
                self.states[index] = PageState::Held;
            }
            PageState::Free => panic!("page {index} is free and cannot be pinned"),
        }
        self.ref_counts[index] += 1;
    }

    /// Takes a holder from a held page. Without holders it becomes `idle`: cached as the newest, or free.
    /// True if it has no holder left.
    pub fn unpin(&mut self, page: PageId, idle: PageState) -> bool {
        let index = page.0 as usize;
        assert!(self.states[index] == PageState::Held, "page {index} is {:?}, not held", self.states[index]);
        self.ref_counts[index] -= 1;
        if self.ref_counts[index] > 0 {
            return false;
        }
        self.states[index] = idle;
        match idle {
            PageState::Cached => self.link_newest(page.0),
            PageState::Free => self.free.push(page),
            PageState::Held => panic!("page {index} has no holder and cannot stay held"),
        }
        true
    }

    /// Gives a cached page up.
    pub fn evict(&mut self, page: PageId) {
        let index = page.0 as usize;
        assert!(
            self.states[index] == PageState::Cached,
            "page {index} is {:?}, not cached",
            self.states[index]
        );
        self.unlink(page.0);
        self.states[index] = PageState::Free;
        self.free.push(page);
    }

    /// The cached page that has been idle longest.
    pub fn oldest_cached(&self) -> Option<PageId> {
        let head = self.newer[self.total()];
        (head as usize != self.total()).then_some(PageId(head))
    }

    /// Pages of the pool.
    pub fn total(&self) -> usize {
        self.states.len()
    }

    /// Pages that hold nothing.
    pub fn free(&self) -> usize {
        self.free.len()
    }

    /// Pages that no one holds and that can be given up.
    pub fn cached(&self) -> usize {
        self.cached
    }

    /// Pages with a holder.
    pub fn held(&self) -> usize {
        self.total() - self.free.len() - self.cached
    }

    /// Holders of a page.
    pub fn ref_count(&self, page: PageId) -> u32 {
        self.ref_counts[page.0 as usize]
    }

    /// State of a page.
    pub fn state(&self, page: PageId) -> PageState {
        self.states[page.0 as usize]
    }

    /// Cached pages, oldest first.
    pub fn lru(&self) -> impl Iterator<Item = PageId> + '_ {
        let mut at = self.total();
        std::iter::from_fn(move || {
            at = self.newer[at] as usize;
            (at != self.total()).then_some(PageId(at as u32))
        })
    }

    /// Panics with the numbers if the books do not balance. O(pages).
    pub fn check(&self) {
        let count = |state| self.states.iter().filter(|&&s| s == state).count();
        let (free, held, cached) = (count(PageState::Free), count(PageState::Held), count(PageState::Cached));
        assert_eq!((free, held, cached), (self.free(), self.held(), self.cached()), "free, held, cached");
        assert_eq!(free + held + cached, self.total());
        assert_eq!(self.lru().count(), cached, "length of the LRU list");
        assert!(
            self.lru().all(|page| self.state(page) == PageState::Cached),
            "the LRU list holds cached pages"
        );
        for (index, (&refs, &state)) in self.ref_counts.iter().zip(&self.states).enumerate() {
            assert_eq!(refs > 0, state == PageState::Held, "page {index} is {state:?} with {refs} holders");
        }
        let mut seen = vec![false; self.total()];
        for page in &self.free {
            assert!(
                !std::mem::replace(&mut seen[page.0 as usize], true),
                "page {page:?} is twice in the free list"
            );
        }
    }

    fn link_newest(&mut self, page: u32) {
        let end = self.total();
        let newest = self.older[end];
        self.older[page as usize] = newest;
        self.newer[page as usize] = end as u32;
        self.newer[newest as usize] = page;
        self.older[end] = page;
        self.cached += 1;
    }

    fn unlink(&mut self, page: u32) {
        let (older, newer) = (self.older[page as usize], self.newer[page as usize]);
        self.newer[older as usize] = newer;
        self.older[newer as usize] = older;
        self.cached -= 1;
    }
}
