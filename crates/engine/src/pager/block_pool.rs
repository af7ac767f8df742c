//! The pages of the KV pool: who holds them, and in which order the idle ones are given up.
//!
//! ```text
//!            take                 unpin to 0, in the tree
//!   free ----------> held (ref_count > 0) ----------> cached (an LRU list per tenant: cold, then warm, oldest first)
//!    ^                |        ^                        |  |
//!    |  unpin to 0,   |        |          pin           |  |
//!    |  not in tree   |        +------------------------+  |
//!    +----------------+                                    |
//!    +-------------------------- evict --------------------+
//! ```
//! `free + held + cached == total`, always. Each operation is O(log tenants), but for the choice of a page to
//! evict, which looks at each tenant once.
//!
//! A page that is let go of *cold* is given up before all that are warm: its holder knows that it is of little use.
//!
//! Every page in use belongs to a tenant, and each tenant has its own LRU list. Half of the pool is divided
//! equally among the tenants that have pages: what a tenant has within this *share* is evicted only when no
//! tenant above its share has anything to give. So a flood of one tenant does not cost another its cache.

use std::collections::BTreeMap;

use gollum_core::PageId;

use crate::PageState;

/// No page: the end of an LRU list.
const NONE: u32 = u32::MAX;

/// The pages of one tenant.
#[derive(Clone, Debug)]
struct Tenant {
    /// Ends of its LRU list.
    oldest: u32,
    newest: u32,
    /// The last of the cold pages, which stand first.
    newest_cold: u32,
    cached: usize,
    /// Held and cached.
    total: usize,
}

/// Ref-counted pages. See the module's drawing.
#[derive(Clone, Debug)]
pub struct BlockPool {
    ref_counts: Vec<u32>,
    states: Vec<PageState>,
    salts: Vec<u64>,
    /// LRU neighbours of cached pages, and when they became cached.
    older: Vec<u32>,
    newer: Vec<u32>,
    cached_at: Vec<u64>,
    is_cold: Vec<bool>,
    free: Vec<PageId>,
    tenants: BTreeMap<u64, Tenant>,
    cached: usize,
    releases: u64,
}

impl BlockPool {
    /// A pool of `pages` free pages; they are first taken in ascending order.
    pub fn new(pages: usize) -> Self {
        let total = u32::try_from(pages).expect("the configuration bounds the pool to u32 slots");
        Self {
            ref_counts: vec![0; pages],
            states: vec![PageState::Free; pages],
            salts: vec![0; pages],
            older: vec![NONE; pages],
            newer: vec![NONE; pages],
            cached_at: vec![0; pages],
            is_cold: vec![false; pages],
            free: (0..total).rev().map(PageId).collect(),
            tenants: BTreeMap::new(),
            cached: 0,
            releases: 0,
        }
    }

    /// Takes a free page for one holder of the tenant `salt`. `None` if there is none: evict first.
    pub fn take(&mut self, salt: u64) -> Option<PageId> {
        let page = self.free.pop()?;
        let index = page.0 as usize;
        self.states[index] = PageState::Held;
        self.ref_counts[index] = 1;
        self.salts[index] = salt;
        let unknown = Tenant { oldest: NONE, newest: NONE, newest_cold: NONE, cached: 0, total: 0 };
        self.tenants.entry(salt).or_insert(unknown).total += 1;
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
        self.let_go(page, idle, false)
    }

    /// As [`unpin`](Self::unpin); if it becomes cached, then as the newest of the cold pages.
    pub fn unpin_cold(&mut self, page: PageId, idle: PageState) -> bool {
        self.let_go(page, idle, true)
    }

    fn let_go(&mut self, page: PageId, idle: PageState, is_cold: bool) -> bool {
        let index = page.0 as usize;
        assert!(self.states[index] == PageState::Held, "page {index} is {:?}, not held", self.states[index]);
        self.ref_counts[index] -= 1;
        if self.ref_counts[index] > 0 {
            return false;
        }
        match idle {
            PageState::Cached => {
                self.states[index] = PageState::Cached;
                self.link_newest(page.0, is_cold);
            }
            PageState::Free => self.give_back(page),
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
        self.give_back(page);
    }

    /// The page to evict next: the one that has been idle longest, of the tenants above their share if any
    /// of these has one; a cold one if these have one.
    pub fn next_to_evict(&self) -> Option<PageId> {
        let share = self.share(self.tenants.len());
        let with_cached = self.tenants.values().filter(|t| t.cached > 0);
        let by_choice = |t: &&Tenant| {
            let oldest = t.oldest as usize;
            (t.total <= share, !self.is_cold[oldest], self.cached_at[oldest])
        };
        with_cached.min_by_key(by_choice).map(|tenant| PageId(tenant.oldest))
    }

    /// Pages of `free + cached` that the tenant `salt` may take `wanted` of without touching what others have
    /// within their share. All of them if it stays within its own.
    pub fn available_to(&self, salt: u64, wanted: usize) -> usize {
        let all = self.free() + self.cached();
        let own = self.tenants.get(&salt).map_or(0, |t| t.total);
        let share = self.share(self.tenants.len() + usize::from(own == 0));
        if own + wanted <= share {
            return all;
        }
        let others = self.tenants.iter().filter(|&(&other, _)| other != salt);
        let kept = others.map(|(_, t)| t.cached - t.cached.min(t.total.saturating_sub(share))).sum::<usize>();
        all - kept
    }

    /// True if the next page for the tenant `salt` is one that another tenant has within its share.
    pub fn must_take_from_share(&self, salt: u64) -> bool {
        if self.free() > 0 || self.tenants.len() <= 1 {
            return false;
        }
        self.next_to_evict().is_some_and(|page| {
            let other = self.salts[page.0 as usize];
            other != salt && self.tenants[&other].total <= self.share(self.tenants.len())
        })
    }

    /// What each of `tenants` tenants may keep.
    fn share(&self, tenants: usize) -> usize {
        self.total() / (2 * tenants.max(1))
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

    /// Whose a page is, if it is in use.
    pub fn salt(&self, page: PageId) -> u64 {
        self.salts[page.0 as usize]
    }

    /// State of a page.
    pub fn state(&self, page: PageId) -> PageState {
        self.states[page.0 as usize]
    }

    /// Cached pages, tenant by tenant, cold ones first, oldest first.
    pub fn lru(&self) -> impl Iterator<Item = PageId> + '_ {
        self.tenants.values().flat_map(move |tenant| {
            let mut at = tenant.oldest;
            std::iter::from_fn(move || {
                let page = (at != NONE).then_some(PageId(at))?;
                at = self.newer[at as usize];
                Some(page)
            })
        })
    }

    /// Panics with the numbers if the books do not balance. O(pages).
    pub fn check(&self) {
        let count = |state| self.states.iter().filter(|&&s| s == state).count();
        let (free, held, cached) = (count(PageState::Free), count(PageState::Held), count(PageState::Cached));
        assert_eq!((free, held, cached), (self.free(), self.held(), self.cached()), "free, held, cached");
        assert_eq!(free + held + cached, self.total());
        assert_eq!(self.lru().count(), cached, "length of the LRU list");
        let order = |page: PageId| {
            let index = page.0 as usize;
            (self.salts[index], !self.is_cold[index], self.cached_at[index])
        };
        assert!(self.lru().is_sorted_by_key(order), "the LRU list is out of order");
        assert!(
            self.lru().all(|page| self.state(page) == PageState::Cached),
            "the LRU list holds cached pages"
        );
        for (index, (&refs, &state)) in self.ref_counts.iter().zip(&self.states).enumerate() {
            assert_eq!(refs > 0, state == PageState::Held, "page {index} is {state:?} with {refs} holders");
        }
        let mut in_use: BTreeMap<u64, usize> = BTreeMap::new();
        for (&salt, _) in self.salts.iter().zip(&self.states).filter(|&(_, &state)| state != PageState::Free)
        {
            *in_use.entry(salt).or_default() += 1;
        }
        let listed = self.tenants.iter().map(|(&salt, tenant)| (salt, tenant.total));
        assert!(listed.eq(in_use), "pages by tenant");
        let mut seen = vec![false; self.total()];
        for page in &self.free {
            assert!(
                !std::mem::replace(&mut seen[page.0 as usize], true),
                "page {page:?} is twice in the free list"
            );
        }
    }

    fn give_back(&mut self, page: PageId) {
        let index = page.0 as usize;
        self.states[index] = PageState::Free;
        self.free.push(page);
        let salt = self.salts[index];
        let tenant = self.tenants.get_mut(&salt).expect("a page in use has a tenant");
        tenant.total -= 1;
        if tenant.total == 0 {
            self.tenants.remove(&salt);
        }
    }

    /// Links a page in behind the last of its kind.
    fn link_newest(&mut self, page: u32, is_cold: bool) {
        let index = page as usize;
        let tenant = self.tenants.get_mut(&self.salts[index]).expect("a page in use has a tenant");
        let older = if is_cold { tenant.newest_cold } else { tenant.newest };
        let newer = match older {
            NONE => std::mem::replace(&mut tenant.oldest, page),
            older => std::mem::replace(&mut self.newer[older as usize], page),
        };
        match newer {
            NONE => tenant.newest = page,
            newer => self.older[newer as usize] = page,
        }
        (self.older[index], self.newer[index]) = (older, newer);
        if is_cold {
            tenant.newest_cold = page;
        }
        self.is_cold[index] = is_cold;
        tenant.cached += 1;
        self.cached += 1;
        self.releases += 1;
        self.cached_at[index] = self.releases;
    }

    fn unlink(&mut self, page: u32) {
        let index = page as usize;
        let tenant = self.tenants.get_mut(&self.salts[index]).expect("a page in use has a tenant");
        let (older, newer) = (self.older[index], self.newer[index]);
        match older {
            NONE => tenant.oldest = newer,
            older => self.newer[older as usize] = newer,
        }
        match newer {
            NONE => tenant.newest = older,
            newer => self.older[newer as usize] = older,
        }
        if tenant.newest_cold == page {
            tenant.newest_cold = older;
        }
        tenant.cached -= 1;
        self.cached -= 1;
    }
}
