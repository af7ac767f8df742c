//! The KV pager: pages, the prefix tree over them, copy-on-write tails, window pages, and snapshots of recurrent states.
//!
//! Two rules make eviction simple. (1) All full computed pages of a sequence are nodes of the tree, because
//! a page that turns out to be computed twice is swapped for the one in the tree (legal because equal
//! prefixes have equal bits). So who holds a node holds its ancestors. (2) A sequence lets go of its pages
//! tail first. Together: in its tenant's LRU list a node always comes before its ancestors, so the
//! oldest cached page of a tenant is always a leaf.

mod block_pool;
mod hit;
mod radix_tree;
mod state_pool;
pub mod windows;

use gollum_core::{PAGE_TOKENS, PageCopy, PageId, RequestId, StateId, StateLoad, TokenId};

use crate::PageState;
pub use block_pool::BlockPool;
pub use hit::{PrefixHit, Snapshot, Tail};
pub use radix_tree::{Insertion, Place, RadixTree, common_prefix};
pub use state_pool::StatePool;
pub use windows::WindowTable;

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
    /// Sequences that went on from a snapshot.
    pub state_loads: u64,
    /// Snapshots taken, those handed over by sequences that ended included.
    pub state_saves: u64,
    /// Snapshots given up for others.
    pub state_evictions: u64,
    /// Window pages taken.
    pub window_allocs: u64,
    /// Cached window pages given up for others.
    pub window_evictions: u64,
}

/// What a pager has to give out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PagerSizes {
    /// Pages of the full group.
    pub pages: usize,
    /// Pages of the window group; 0 for models without one.
    pub window_pages: usize,
    /// Tokens that a row sees through the window; 0 for models without one.
    pub window_tokens: usize,
    /// Recurrent states; 0 for models without one.
    pub states: usize,
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
    /// Empty for models without a recurrent state.
    states: StatePool,
    /// Snapshots that this step reads.
    load_pins: Vec<StateId>,
    /// Pages of the window group; empty for models without one.
    windows: BlockPool,
    /// 0 for models without a window group.
    window_tokens: usize,
    /// As `copy_pins`, of window pages.
    window_copy_pins: Vec<PageId>,
    counters: PagerCounters,
}

impl KvPager {
    /// A pager where all is free. Without `shares` nothing is kept and nothing is found.
    pub fn new(sizes: PagerSizes, shares: bool) -> Self {
        let PagerSizes { pages, window_pages, window_tokens, states } = sizes;
        Self {
            pool: BlockPool::new(pages),
            tree: RadixTree::new(if shares { pages } else { 0 }, states, window_pages),
            shares,
            copy_pins: Vec::new(),
            states: StatePool::new(states),
            load_pins: Vec::new(),
            windows: BlockPool::new(window_pages),
            window_tokens,
            window_copy_pins: Vec::new(),
            counters: PagerCounters::default(),
        }
    }

    /// The longest prefix of `needle` that can be gone on from, into `hit`: all that is computed, down to the single
    /// token; for a model with a recurrent state or a window group, as much of it as leads to a place that they can go on
    /// from.
    pub fn lookup(&self, salt: u64, needle: &[TokenId], hit: &mut PrefixHit) {
        self.tree.lookup(salt, needle, hit);
        if hit.known > 0 && (self.has_states() || self.has_windows()) {
            self.cut_to_valid(salt, needle, hit);
        }
    }

    /// True if sequences have a recurrent state.
    pub fn has_states(&self) -> bool {
        self.states.total() > 0
    }

    /// Pages that [`KvPager::adopt`] would take from `free + cached` for `tokens` tokens after this hit: new
    /// ones, idle ones that become held, and the source of the tail while it is copied.
    pub fn pages_to_adopt(&self, hit: &PrefixHit, tokens: usize) -> usize {
        let idle = |page: PageId| self.pool.state(page) == PageState::Cached;
        let revived = hit.pages.iter().filter(|&&p| idle(p)).count();
        let source = usize::from(hit.tail.is_some_and(|tail| idle(tail.page)));
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
        for &page in hit.pages.iter().chain(hit.tail.iter().map(|tail| &tail.page)) {
            self.pin(page);
        }
        let mut table = Vec::with_capacity(tokens.div_ceil(PAGE_TOKENS) + 1);
        table.extend_from_slice(&hit.pages);
        while table.len() < tokens.div_ceil(PAGE_TOKENS) {
            table.push(self.take(salt).expect("pages_to_adopt was checked"));
        }
        if let Some(Tail { page: src, tokens, .. }) = hit.tail {
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
            self.remove_node(idle);
            self.pool.evict(idle);
            self.counters.evictions += 1;
        }
        self.counters.allocs += 1;
        self.pool.take(salt)
    }

    /// True if a sequence with this hit can have a state, or needs none.
    pub fn has_room_for_state(&self, hit: &PrefixHit) -> bool {
        let read = self.load_pins.len() + usize::from(hit.snapshot.is_some());
        !self.has_states() || self.states.free() + self.states.cached() > read
    }

    /// Takes a state for a sequence that begins, to be loaded from the hit's snapshot if it has one. `None` for models
    /// without. The caller has checked [`KvPager::has_room_for_state`].
    pub fn adopt_state(&mut self, hit: &PrefixHit, loads: &mut Vec<StateLoad>) -> Option<StateId> {
        if !self.has_states() {
            return None;
        }
        if let Some(src) = hit.snapshot {
            self.states.pin(src);
            self.states.touch(src);
            self.load_pins.push(src);
        }
        let dst = self.take_state().expect("has_room_for_state was checked");
        if let Some(src) = hit.snapshot {
            loads.push(StateLoad { src, dst });
            self.counters.state_loads += 1;
        }
        Some(dst)
    }

    /// Takes a state, giving up the oldest snapshot if none is free. `None`: all are held, or read by this step.
    pub fn take_state(&mut self) -> Option<StateId> {
        if self.states.free() == 0 {
            let idle = self.states.next_to_evict()?;
            self.tree.detach(idle);
            self.states.drop_state(idle);
            self.counters.state_evictions += 1;
        }
        self.states.take()
    }

    /// Makes a held state a snapshot after the last of `tokens`, whose pages are in `table`. Frees it if it cannot be
    /// found there, or if there is one already.
    pub fn keep_state(&mut self, state: StateId, salt: u64, tokens: &[TokenId], table: &[PageId]) {
        if !self.hang_state(state, salt, tokens, table) {
            self.states.drop_state(state);
        }
    }

    fn hang_state(&mut self, state: StateId, salt: u64, tokens: &[TokenId], table: &[PageId]) -> bool {
        let Some((node, offset)) = self.node_at(salt, tokens, table) else { return false };
        match self.tree.attach(node, offset, state) {
            Ok(()) => {
                self.states.keep(state, salt);
                self.counters.state_saves += 1;
                true
            }
            Err(older) => {
                self.states.touch(older);
                false
            }
        }
    }

    /// Frees a state whose content is of no use.
    pub fn drop_state(&mut self, state: StateId) {
        self.states.drop_state(state);
    }

    /// Gives up the snapshot after the last of `tokens`, whose pages are in `table`, if there still is one.
    pub fn forget_state(&mut self, salt: u64, tokens: &[TokenId], table: &[PageId]) {
        let Some((node, offset)) = self.node_at(salt, tokens, table) else { return };
        let found = self.tree.snapshots(node).iter().find(|s| s.0 == offset).map(|s| s.1);
        if let Some(state) = found {
            self.tree.detach(state);
            self.states.drop_state(state);
        }
    }

    /// The node that holds the last of `tokens`, and how many of them it holds.
    fn node_at(&self, salt: u64, tokens: &[TokenId], table: &[PageId]) -> Option<(PageId, usize)> {
        let index = tokens.len().checked_sub(1)? / PAGE_TOKENS;
        if !self.shares {
            return None;
        }
        let (edge, own) = (&tokens[index * PAGE_TOKENS..], table[index]);
        if self.in_tree(own) && self.tree.edge(own).starts_with(edge) {
            return Some((own, edge.len()));
        }
        // An unfinished page that someone else's covers.
        let place = Place { salt, parent: index.checked_sub(1).map(|i| table[i]) };
        self.tree.node_of(place, edge).map(|node| (node, edge.len()))
    }

    /// The step is done: lets the sources of its copies go.
    pub fn end_step(&mut self) {
        while let Some(state) = self.load_pins.pop() {
            self.states.unpin(state);
        }
        while let Some(page) = self.copy_pins.pop() {
            self.unpin(page);
        }
        self.end_window_copies();
    }

    /// Takes a leaf out of the tree; its snapshots are free, and its window page if no one holds it.
    fn remove_node(&mut self, page: PageId) {
        self.tree.remove(page);
        self.free_shed();
    }

    fn free_shed(&mut self) {
        while let Some(state) = self.tree.shed() {
            self.states.drop_state(state);
        }
        while let Some(page) = self.tree.shed_window() {
            self.free_window(page);
        }
    }

    /// Makes newly computed tokens findable, the unfinished tail page included. A full page that equals one
    /// in the tree is swapped for it in `table`, and its window page in `windows`.
    pub fn publish(&mut self, what: &Publication<'_>, table: &mut [PageId], windows: &mut WindowTable) {
        if !self.shares || what.published >= what.tokens.len() {
            return;
        }
        for index in what.published / PAGE_TOKENS..what.tokens.len().div_ceil(PAGE_TOKENS) {
            let end = what.tokens.len().min((index + 1) * PAGE_TOKENS);
            let edge = &what.tokens[index * PAGE_TOKENS..end];
            let place = Place { salt: what.salt, parent: index.checked_sub(1).map(|i| table[i]) };
            let insertion = self.tree.insert(place, table[index], edge, what.origin);
            self.free_shed();
            match insertion {
                Insertion::Inserted { superseded } => {
                    self.carry_window(table[index], windows, index);
                    superseded.into_iter().for_each(|shorter| self.drop_idle(shorter));
                }
                Insertion::Covered(equal) if edge.len() == PAGE_TOKENS => {
                    self.pin(equal);
                    self.unpin(std::mem::replace(&mut table[index], equal));
                    self.join_window(equal, windows, index);
                    self.counters.joins += 1;
                }
                // The tail of someone else says the same for now; it may part, or be joined when full.
                Insertion::Covered(_) => {}
            }
        }
    }

    /// Lets go of a sequence's pages, tail first. What is in the tree stays as cached.
    pub fn release(&mut self, table: &mut Vec<PageId>, windows: &mut WindowTable) {
        self.release_windows(windows);
        while let Some(page) = table.pop() {
            self.unpin(page);
        }
    }

    /// Lets go of a sequence's pages and forgets those that no one else holds or continues: their content is
    /// not to be trusted.
    pub fn discard(&mut self, table: &mut Vec<PageId>, windows: &mut WindowTable) {
        while let Some(page) = table.pop() {
            if self.in_tree(page) && self.pool.ref_count(page) == 1 && self.tree.is_leaf(page) {
                self.remove_node(page);
            }
            self.unpin(page);
        }
        self.release_windows(windows);
    }

    /// Pages that can be had: free, or cached and so evictable.
    pub fn available(&self) -> usize {
        self.pool.free() + self.pool.cached()
    }

    /// The pages.
    pub fn pool(&self) -> &BlockPool {
        &self.pool
    }

    /// The window pages.
    pub fn windows(&self) -> &BlockPool {
        &self.windows
    }

    /// The recurrent states.
    pub fn states(&self) -> &StatePool {
        &self.states
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

    /// Panics if the books do not balance with these tables and states, between steps. O(pages).
    pub fn check<'a>(
        &'a self,
        tables: impl Iterator<Item = &'a [PageId]>,
        windows: impl Iterator<Item = &'a WindowTable>,
        states: impl Iterator<Item = StateId>,
    ) {
        self.check_windows(windows);
        // Between steps no state is read or written: the held ones are those of running sequences.
        let mut live: Vec<StateId> = states.collect();
        live.sort_unstable();
        assert!(live.is_sorted_by(|a, b| a < b), "two sequences share a state: {live:?}");
        assert!(live.iter().all(|&state| !self.states.is_cached(state)), "a live state is a snapshot");
        assert_eq!(live.len(), self.states.held(), "held states");
        self.pool.check();
        self.tree.check();
        self.states.check();
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
            self.remove_node(page);
            self.pool.evict(page);
        }
    }
}
