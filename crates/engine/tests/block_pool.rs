//! The block pool against a naive model: 20,000 sequences of 200 operations, all invariants after each.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use std::collections::VecDeque;

use gollum_core::PageId;
use gollum_engine::PageState;
use gollum_engine::pager::BlockPool;
use support::sim::Rng;

const SALTS: u64 = 3;

/// The same as plain lists.
struct Naive {
    refs: Vec<u32>,
    salts: Vec<u64>,
    free: Vec<PageId>,
    /// Cached pages of all tenants, oldest first, the first `cold` of them cold.
    lru: VecDeque<PageId>,
    cold: usize,
}

impl Naive {
    fn new(pages: usize) -> Self {
        let free = (0..pages as u32).rev().map(PageId).collect();
        Self { refs: vec![0; pages], salts: vec![0; pages], free, lru: VecDeque::new(), cold: 0 }
    }

    fn in_use(&self, salt: u64) -> usize {
        let is_own = |page: &PageId| self.salts[page.0 as usize] == salt && !self.free.contains(page);
        (0..self.refs.len() as u32).map(PageId).filter(is_own).count()
    }

    /// What each tenant may keep: half the pool, divided.
    fn share(&self) -> usize {
        let tenants = (0..SALTS).filter(|&salt| self.in_use(salt) > 0).count();
        self.refs.len() / (2 * tenants.max(1))
    }

    fn next_to_evict(&self) -> Option<PageId> {
        let share = self.share();
        let is_above = |page: &&PageId| self.in_use(self.salts[page.0 as usize]) > share;
        self.lru.iter().find(is_above).or(self.lru.front()).copied()
    }

    fn cache(&mut self, page: PageId, is_cold: bool) {
        if is_cold {
            self.lru.insert(self.cold, page);
            self.cold += 1;
        } else {
            self.lru.push_back(page);
        }
    }

    fn uncache(&mut self, page: PageId) {
        if let Some(at) = self.lru.iter().position(|&p| p == page) {
            self.lru.remove(at);
            self.cold -= usize::from(at < self.cold);
        }
    }

    fn with_refs(&self) -> Vec<PageId> {
        (0..self.refs.len() as u32).map(PageId).filter(|p| self.refs[p.0 as usize] > 0).collect()
    }
}

fn step(pool: &mut BlockPool, naive: &mut Naive, rng: &mut Rng) {
    let pick =
        |rng: &mut Rng, pages: &[PageId]| (!pages.is_empty()).then(|| pages[rng.size(0, pages.len() - 1)]);
    match rng.range(0, 5) {
        0 | 1 => {
            let expected = naive.free.pop();
            let salt = rng.range(0, SALTS - 1);
            assert_eq!(pool.take(salt), expected);
            if let Some(page) = expected {
                naive.refs[page.0 as usize] = 1;
                naive.salts[page.0 as usize] = salt;
            }
        }
        2 => {
            let mut usable = naive.with_refs();
            usable.extend(&naive.lru);
            if let Some(page) = pick(rng, &usable) {
                pool.pin(page);
                naive.refs[page.0 as usize] += 1;
                naive.uncache(page);
            }
        }
        3 | 4 => {
            if let Some(page) = pick(rng, &naive.with_refs()) {
                let idle = if rng.one_in(3) { PageState::Free } else { PageState::Cached };
                let is_cold = rng.one_in(2);
                let is_last = if is_cold { pool.unpin_cold(page, idle) } else { pool.unpin(page, idle) };
                naive.refs[page.0 as usize] -= 1;
                assert_eq!(is_last, naive.refs[page.0 as usize] == 0);
                match idle {
                    _ if !is_last => {}
                    PageState::Free => naive.free.push(page),
                    _ => naive.cache(page, is_cold),
                }
            }
        }
        _ => {
            let page = naive.next_to_evict();
            assert_eq!(pool.next_to_evict(), page);
            if let Some(page) = page {
                pool.evict(page);
                naive.uncache(page);
                naive.free.push(page);
            }
        }
    }
}

fn compare(pool: &BlockPool, naive: &Naive) {
    pool.check();
    let by_tenant =
        (0..SALTS).flat_map(|salt| naive.lru.iter().filter(move |p| naive.salts[p.0 as usize] == salt));
    assert!(pool.lru().eq(by_tenant.copied()), "LRU order");
    assert_eq!((pool.free(), pool.cached()), (naive.free.len(), naive.lru.len()));
    for (index, &refs) in naive.refs.iter().enumerate() {
        assert_eq!(pool.ref_count(PageId(index as u32)), refs);
    }
}

#[test]
fn the_pool_is_the_naive_model() {
    for seed in 0..20_000 {
        let mut rng = Rng(seed);
        let pages = rng.size(1, 12);
        let (mut pool, mut naive) = (BlockPool::new(pages), Naive::new(pages));
        for _ in 0..200 {
            step(&mut pool, &mut naive, &mut rng);
            compare(&pool, &naive);
        }
    }
}
