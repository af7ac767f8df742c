//! What a backend does by something slower than others of its kind have.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Runs of operations that a backend left to something slower. Which operations these can be is known from the start; the
/// backend counts, anyone reads.
#[derive(Debug)]
pub struct Fallbacks {
    backend: &'static str,
    runs: Vec<(&'static str, AtomicU64)>,
}

/// One operation's number at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// The operation.
    pub op: &'static str,
    /// The backend that left it.
    pub backend: &'static str,
    /// Runs so far.
    pub runs: u64,
}

impl Fallbacks {
    /// No runs yet of any of `ops`.
    pub fn new(backend: &'static str, ops: &[&'static str]) -> Self {
        Self { backend, runs: ops.iter().map(|&op| (op, AtomicU64::new(0))).collect() }
    }

    /// Counts a run of one of the operations. True if it is the first: the one to be told of in the log.
    pub fn count(&self, op: &str) -> bool {
        let found = self.runs.iter().find(|(name, _)| *name == op);
        let (_, runs) = found.unwrap_or_else(|| panic!("{op} is not among what {} lacks", self.backend));
        runs.fetch_add(1, Relaxed) == 0
    }

    /// All operations, those that never ran included.
    pub fn snapshot(&self) -> Vec<Fallback> {
        let backend = self.backend;
        self.runs.iter().map(|(op, runs)| Fallback { op, backend, runs: runs.load(Relaxed) }).collect()
    }
}
