//! Recurrent states: slots of equal size, of which some are live and some are snapshots.
//!
//! ```text
//!            take                keep (on a node of the tree)
//!   free ----------> held -----------------------------> cached (one LRU list)
//!    ^                |                                    |
//!    +----- drop -----+                                    |
//!    +------------------- drop (evicted, or its node is gone)
//! ```
//! `free + held + cached == total`, always. A held slot is a running sequence's, or is written by this step. A cached one
//! that this step reads is *pinned*: it is not evicted before the step is done.
//!
//! As with pages, half of the pool is divided equally among the tenants that have snapshots: what a tenant has within
//! this share is evicted last.

use std::collections::BTreeMap;

use gollum_core::StateId;

/// What a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Free,
    Held,
    Cached { salt: u64, used: u64 },
}

/// The slots. See the module's drawing.
#[derive(Clone, Debug)]
pub struct StatePool {
    slots: Vec<Slot>,
    pins: Vec<u32>,
    free: Vec<StateId>,
    /// Cached slots by when they were last used.
    lru: BTreeMap<u64, StateId>,
    /// Snapshots of each tenant.
    tenants: BTreeMap<u64, usize>,
    uses: u64,
}

impl StatePool {
    /// A pool of `slots` free slots; they are first taken in ascending order.
    pub fn new(slots: usize) -> Self {
        let total = u32::try_from(slots).expect("the configuration bounds the states");
        Self {
            slots: vec![Slot::Free; slots],
            pins: vec![0; slots],
            free: (0..total).rev().map(StateId).collect(),
            lru: BTreeMap::new(),
            tenants: BTreeMap::new(),
            uses: 0,
        }
    }

    /// Takes a free slot. `None` if there is none: evict first.
    pub fn take(&mut self) -> Option<StateId> {
        let state = self.free.pop()?;
        self.slots[state.0 as usize] = Slot::Held;
        Some(state)
    }

    /// Turns a held slot into a snapshot, the newest, of the tenant `salt`.
    pub fn keep(&mut self, state: StateId, salt: u64) {
        let slot = &mut self.slots[state.0 as usize];
        assert_eq!(*slot, Slot::Held, "state {state:?} is not held");
        self.uses += 1;
        *slot = Slot::Cached { salt, used: self.uses };
        self.lru.insert(self.uses, state);
        *self.tenants.entry(salt).or_default() += 1;
    }

    /// Frees a slot, held or cached. One that this step reads stays held until it is unpinned.
    pub fn drop_state(&mut self, state: StateId) {
        let index = state.0 as usize;
        let is_read = self.pins[index] > 0;
        match std::mem::replace(&mut self.slots[index], if is_read { Slot::Held } else { Slot::Free }) {
            Slot::Free => panic!("state {state:?} is free already"),
            Slot::Held => {}
            Slot::Cached { salt, used } => {
                self.lru.remove(&used);
                let count = self.tenants.get_mut(&salt).expect("a snapshot has a tenant");
                *count -= 1;
                if *count == 0 {
                    self.tenants.remove(&salt);
                }
            }
        }
        if !is_read {
            self.free.push(state);
        }
    }

    /// A snapshot has been of use: it is the newest again.
    pub fn touch(&mut self, state: StateId) {
        if let Slot::Cached { used, .. } = &mut self.slots[state.0 as usize] {
            self.uses += 1;
            self.lru.remove(used);
            *used = self.uses;
            self.lru.insert(self.uses, state);
        }
    }

    /// Keeps a snapshot from eviction until it is unpinned.
    pub fn pin(&mut self, state: StateId) {
        self.pins[state.0 as usize] += 1;
    }

    /// Takes a pin back. What was dropped while it was read is free now.
    pub fn unpin(&mut self, state: StateId) {
        let index = state.0 as usize;
        self.pins[index] -= 1;
        if self.pins[index] == 0 && self.slots[index] == Slot::Held {
            self.drop_state(state);
        }
    }

    /// The snapshot to evict next: the one unused longest, of the tenants above their share if any of these has one.
    /// O(snapshots), once an eviction.
    pub fn next_to_evict(&self) -> Option<StateId> {
        let share = self.slots.len() / (2 * self.tenants.len().max(1));
        let unpinned = || self.lru.values().filter(|state| self.pins[state.0 as usize] == 0);
        let above_share = |state: &&StateId| match self.slots[state.0 as usize] {
            Slot::Cached { salt, .. } => self.tenants[&salt] > share,
            Slot::Free | Slot::Held => false,
        };
        unpinned().find(above_share).or_else(|| unpinned().next()).copied()
    }

    /// Slots of the pool.
    pub fn total(&self) -> usize {
        self.slots.len()
    }

    /// Slots that hold nothing.
    pub fn free(&self) -> usize {
        self.free.len()
    }

    /// Snapshots.
    pub fn cached(&self) -> usize {
        self.lru.len()
    }

    /// Slots of running sequences, or written by this step.
    pub fn held(&self) -> usize {
        self.total() - self.free() - self.cached()
    }

    /// True if a slot is a snapshot.
    pub fn is_cached(&self, state: StateId) -> bool {
        matches!(self.slots[state.0 as usize], Slot::Cached { .. })
    }

    /// Panics if the books do not balance. O(slots).
    pub fn check(&self) {
        let count = |wanted: fn(&Slot) -> bool| self.slots.iter().filter(|slot| wanted(slot)).count();
        let free = count(|slot| matches!(slot, Slot::Free));
        let held = count(|slot| matches!(slot, Slot::Held));
        let cached = count(|slot| matches!(slot, Slot::Cached { .. }));
        assert_eq!((free, held, cached), (self.free(), self.held(), self.cached()), "free, held, cached");
        assert_eq!(free + held + cached, self.total());
        assert_eq!(self.tenants.values().sum::<usize>(), cached, "snapshots by tenant");
        for (&at, state) in &self.lru {
            let is_listed = matches!(self.slots[state.0 as usize], Slot::Cached { used, .. } if used == at);
            assert!(is_listed, "state {state:?} is out of order");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snapshot_unused_longest_goes_first_and_a_share_is_kept() {
        let mut pool = StatePool::new(8);
        for i in 0..8 {
            let state = pool.take().expect("free");
            // One tenant has two, another six: the share of each is two.
            pool.keep(state, u64::from(i >= 2));
        }
        pool.check();
        assert_eq!(pool.next_to_evict(), Some(StateId(2)), "the older two are within their share");
        pool.touch(StateId(2));
        assert_eq!(pool.next_to_evict(), Some(StateId(3)));
        pool.pin(StateId(3));
        assert_eq!(pool.next_to_evict(), Some(StateId(4)), "what is read stays");
        pool.unpin(StateId(3));
        for state in 2..8 {
            pool.drop_state(StateId(state));
        }
        pool.check();
        assert_eq!((pool.free(), pool.held(), pool.cached()), (6, 0, 2));
        assert_eq!(pool.next_to_evict(), Some(StateId(0)));
    }

    #[test]
    #[should_panic(expected = "free already")]
    fn a_slot_is_freed_once() {
        let mut pool = StatePool::new(1);
        let state = pool.take().expect("free");
        pool.drop_state(state);
        pool.drop_state(state);
    }
}
