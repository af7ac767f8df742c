//! The KV pager: pages, the prefix tree over them, and copy-on-write tails.
//!
//! Two rules make eviction simple. (1) All full computed pages of a sequence are nodes of the tree, because
//! a page that turns out to be computed twice is swapped for the one in the tree (legal because equal
//! prefixes have equal bits). So who holds a node holds its ancestors. (2) A sequence lets go of its pages
//! tail first. Together: in its tenant's LRU list a node always comes before its ancestors, so the
//! oldest cached page of a tenant is always a leaf.

mod block_pool;
mod radix_tree;

use gollum_core::{PAGE_TOKENS, PageCopy, PageId, RequestId, TokenId};

use crate::PageState;
pub use block_pool::BlockPool;
pub use radix_tree::{Insertion, Place, PrefixHit, RadixTree, common_prefix};

/// What the pager has done since start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PagerCounters {
    /// Pages taken.
    pub allocs: u64,
    /// Holders added to pages, `allocs` not included.
    pub pins: u64,
    /// Holders taken from pages.
    pub unpins: u64,
    /// Cached pages given up for others.
    pub evictions: u64,
    /// Tail pages copied.
    pub copies: u64,
    /// Full pages swapped for an equal one.
    pub joins: u64,
}

/// A sequence as the pager sees it.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// Whose tree.
    pub salt: u64,
    /// Who computed the tokens.
    pub origin: RequestId,
    /// Tokens whose K and V are computed, `[computed]`.
    pub tokens: &'a [TokenId],
    /// Of these, tokens that were published before.
    pub published: usize,
}

/// Pages and prefixes. Knows sequences as block tables only.
#[derive(Clone, Debug)]
pub struct KvPager {
    pool: BlockPool,
    tree: RadixTree,
    shares: bool,
    /// Sources of this step's copies: held until the step is done, so that no one is given them.
    copy_pins: Vec<PageId>,
    counters: PagerCounters,
}

impl KvPager {
    /// A pager of `pages` free pages. Without `shares` nothing is kept and nothing is found.
    pub fn new(pages: usize, shares: bool) -> Self {
        Self {
            pool: BlockPool::new(pages),
            tree: RadixTree::new(if shares { pages } else { 0 }),
            shares,
            copy_pins: Vec::new(),
            counters: PagerCounters::default(),
        }
    }

    /// The longest prefix of `needle` that is computed, down to the single token, into `hit`.
    pub fn lookup(&self, salt: u64, needle: &[TokenId], hit: &mut PrefixHit) {
        self.tree.lookup(salt, needle, hit);
    }

    /// Pages that [`KvPager::adopt`] would take from `free + cached` for `tokens` tokens after this hit: new
    /// ones, idle ones that become held, and the source of the tail while it is copied.
    pub fn pages_to_adopt(&self, hit: &PrefixHit, tokens: usize) -> usize {
        let idle = |page: PageId| self.pool.state(page) == PageState::Cached;
        let revived = hit.pages.iter().filter(|&&p| idle(p)).count();
        let source = usize::from(hit.tail.is_some_and(|(page, _)| idle(page)));
        tokens.div_ceil(PAGE_TOKENS) - hit.pages.len() + revived + source
    }

    /// Builds the block table of a sequence of `tokens` tokens: shares the hit's full pages, copies its tail,
    /// takes new pages for the rest. The caller has checked [`KvPager::pages_to_adopt`].
    pub fn adopt(
        &mut self,
        salt: u64,
        hit: &PrefixHit,
        tokens: usize,
        copies: &mut Vec<PageCopy>,
    ) -> Vec<PageId> {
        // All that is found is pinned before anything is taken: taking evicts.
        for &page in hit.pages.iter().chain(hit.tail.iter().map(|(page, _)| page)) {
            self.pin(page);
        }
        let mut table = Vec::with_capacity(tokens.div_ceil(PAGE_TOKENS) + 1);
        table.extend_from_slice(&hit.pages);
        while table.len() < tokens.div_ceil(PAGE_TOKENS) {
            table.push(self.take(salt).expect("pages_to_adopt was checked"));
        }
        if let Some((src, tokens)) = hit.tail {
            copies.push(PageCopy { src, dst: table[hit.pages.len()], tokens });
            self.copy_pins.push(src);
            self.counters.copies += 1;
        }
        table
    }

    /// Takes a page for one holder of the tenant `salt`, giving up an idle one if none is free. `None`: all are
    /// held.
    pub fn take(&mut self, salt: u64) -> Option<PageId> {
        if self.pool.free() == 0 {
            let idle = self.pool.next_to_evict()?;
            self.tree.remove(idle);
            self.pool.evict(idle);
            self.counters.evictions += 1;
        }
        self.counters.allocs += 1;
        self.pool.take(salt)
    }

    /// The step is done: lets the sources of its copies go.
    pub fn end_step(&mut self) {
        while let Some(page) = self.copy_pins.pop() {
            self.unpin(page);
        }
    }

    /// Makes newly computed tokens findable, the unfinished tail page included. A full page that equals one
    /// in the tree is swapped for it in `table`.
    pub fn publish(&mut self, what: &Publication<'_>, table: &mut [PageId]) {
        if !self.shares || what.published >= what.tokens.len() {
            return;
        }
        for index in what.published / PAGE_TOKENS..what.tokens.len().div_ceil(PAGE_TOKENS) {
            let end = what.tokens.len().min((index + 1) * PAGE_TOKENS);
            let edge = &what.tokens[index * PAGE_TOKENS..end];
            let place = Place { salt: what.salt, parent: index.checked_sub(1).map(|i| table[i]) };
            match self.tree.insert(place, table[index], edge, what.origin) {
                Insertion::Inserted { superseded: Some(shorter) } => self.drop_idle(shorter),
                Insertion::Inserted { superseded: None } => {}
                Insertion::Covered(equal) if edge.len() == PAGE_TOKENS => {
                    self.pin(equal);
                    self.unpin(std::mem::replace(&mut table[index], equal));
                    self.counters.joins += 1;
                }
                // The tail of someone else says the same for now; it may part, or be joined when full.
                Insertion::Covered(_) => {}
            }
        }
    }

    /// Lets go of a sequence's pages, tail first. What is in the tree stays as cached.
    pub fn release(&mut self, table: &mut Vec<PageId>) {
        while let Some(page) = table.pop() {
            self.unpin(page);
        }
    }

    /// Lets go of a sequence's pages and forgets those that no one else holds or continues: their content is
    /// not to be trusted.
    pub fn discard(&mut self, table: &mut Vec<PageId>) {
        while let Some(page) = table.pop() {
            if self.in_tree(page) && self.pool.ref_count(page) == 1 && self.tree.is_leaf(page) {
                self.tree.remove(page);
            }
            self.unpin(page);
        }
    }

    /// Pages that can be had: free, or cached and so evictable.
    pub fn available(&self) -> usize {
        self.pool.free() + self.pool.cached()
    }

    /// The pages.
    pub fn pool(&self) -> &BlockPool {
        &self.pool
    }

    /// The prefixes.
    pub fn tree(&self) -> &RadixTree {
        &self.tree
    }

    /// True if prefixes are shared.
    pub fn shares(&self) -> bool {
        self.shares
    }

    /// What was done since start.
    pub fn counters(&self) -> PagerCounters {
        self.counters
    }

    /// Panics if the books do not balance with these block tables. O(pages).
    pub fn check<'a>(&'a self, tables: impl Iterator<Item = &'a [PageId]>) {
        self.pool.check();
        self.tree.check();
        let mut holders = vec![0u32; self.pool.total()];
        for page in tables.flatten().chain(self.copy_pins.iter()).copied() {
            holders[page.0 as usize] += 1;
        }
        for (index, &expected) in holders.iter().enumerate() {
            let page = PageId(index as u32);
            assert_eq!(self.pool.ref_count(page), expected, "holders of page {index}");
            let cached = self.pool.state(page) == PageState::Cached;
            assert!(!cached || self.in_tree(page), "page {index} is cached and cannot be found");
            let free = self.pool.state(page) == PageState::Free;
            assert!(!free || !self.in_tree(page), "page {index} is free and can be found");
            assert!(
                !self.in_tree(page) || self.tree.place(page).salt == self.pool.salt(page),
                "tenant of page {index}"
            );
            if self.in_tree(page)
                && let Some(parent) = self.tree.place(page).parent
            {
                let (own, above) = (self.pool.ref_count(page), self.pool.ref_count(parent));
                assert!(own == 0 || above > 0, "page {index} is held and its ancestor {parent:?} is not");
            }
        }
        let evicted_before = self.pool.lru().scan(vec![false; self.pool.total()], |gone, page| {
            let leaf = self.tree.is_leaf(page) || self.tree.children(page).iter().all(|c| gone[c.0 as usize]);
            gone[page.0 as usize] = true;
            Some((page, leaf))
        });
        for (page, leaf) in evicted_before {
            assert!(leaf, "page {page:?} would be evicted before its children");
        }
    }

    fn in_tree(&self, page: PageId) -> bool {
        self.shares && self.tree.contains(page)
    }

    fn pin(&mut self, page: PageId) {
        self.pool.pin(page);
        self.counters.pins += 1;
    }

    fn unpin(&mut self, page: PageId) {
        let idle = if self.in_tree(page) { PageState::Cached } else { PageState::Free };
        self.pool.unpin(page, idle);
        self.counters.unpins += 1;
    }

    /// Gives a node up that another one has made useless, if no one holds it.
    fn drop_idle(&mut self, page: PageId) {
        if self.pool.state(page) == PageState::Cached && self.tree.is_leaf(page) {
            self.tree.remove(page);
            self.pool.evict(page);
        }
    }
}
