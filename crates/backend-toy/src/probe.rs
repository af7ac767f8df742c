//! What the toy saw, readable from outside while the engine owns the runner.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Violation;

/// Shared counters of one runner.
#[derive(Clone, Debug, Default)]
pub struct ToyProbe {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    steps: AtomicU64,
    tokens: AtomicU64,
    logits_rows: AtomicU64,
    violations: AtomicU64,
    first: Mutex<Option<Violation>>,
}

impl ToyProbe {
    /// Steps begun.
    pub fn steps(&self) -> u64 {
        self.counts.steps.load(Ordering::Relaxed)
    }

    /// Rows computed: a prefix that was shared counts once.
    pub fn tokens(&self) -> u64 {
        self.counts.tokens.load(Ordering::Relaxed)
    }

    /// Logits rows written.
    pub fn logits_rows(&self) -> u64 {
        self.counts.logits_rows.load(Ordering::Relaxed)
    }

    /// Reads that found something out of place. Anything but 0 is a bug in who made the batches.
    pub fn violations(&self) -> u64 {
        self.counts.violations.load(Ordering::Relaxed)
    }

    /// The first of them.
    pub fn first_violation(&self) -> Option<Violation> {
        *self.counts.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count_step(&self, tokens: usize, logits_rows: usize) -> u64 {
        self.counts.tokens.fetch_add(tokens as u64, Ordering::Relaxed);
        self.counts.logits_rows.fetch_add(logits_rows as u64, Ordering::Relaxed);
        self.counts.steps.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn record(&self, found: &[Violation]) {
        let Some(&first) = found.first() else { return };
        self.counts.violations.fetch_add(found.len() as u64, Ordering::Relaxed);
        self.counts.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(first);
    }
}
