//! Compiled grammars, kept within a bound of bytes; the least recently used go first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use llguidance::Matcher;

/// Kept grammars at most, whatever they measure.
const MAX_ENTRIES: usize = 64;
/// What an entry has beside what it measures: tables of the grammar itself, generously.
const ENTRY_BYTES: usize = 256 << 10;

/// A matcher that answers begin with.
pub struct Compiled {
    /// Never used itself.
    fresh: Mutex<Matcher>,
    bytes: usize,
}

impl Compiled {
    /// `bytes` is what it measures.
    pub fn new(fresh: Matcher, bytes: usize) -> Self {
        Self { fresh: Mutex::new(fresh), bytes: bytes + ENTRY_BYTES }
    }

    /// A matcher of its own for a new answer: nothing is shared, so no answer waits for another's, and what one's lexer
    /// grows by is gone with it.
    pub fn begin(&self) -> Matcher {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).deep_clone()
    }
}

type Entry = (Arc<[u8]>, Arc<Compiled>);

/// Compiled grammars by their keys.
pub struct Cache {
    /// Oldest use first.
    entries: Mutex<VecDeque<Entry>>,
    max_bytes: usize,
}

impl Cache {
    pub fn new(max_bytes: usize) -> Self {
        Self { entries: Mutex::default(), max_bytes }
    }

    pub fn get(&self, key: &[u8]) -> Option<Arc<Compiled>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let at = entries.iter().position(|(other, _)| **other == *key)?;
        let entry = entries.remove(at)?;
        let compiled = Arc::clone(&entry.1);
        entries.push_back(entry);
        Some(compiled)
    }

    /// Keeps a grammar if it fits at all, and gives it back.
    pub fn put(&self, key: Arc<[u8]>, compiled: Compiled) -> Arc<Compiled> {
        let compiled = Arc::new(compiled);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if compiled.bytes > self.max_bytes || entries.iter().any(|(other, _)| *other == key) {
            return compiled;
        }
        let mut bytes: usize = entries.iter().map(|(_, entry)| entry.bytes).sum();
        while bytes + compiled.bytes > self.max_bytes || entries.len() >= MAX_ENTRIES {
            let Some((_, oldest)) = entries.pop_front() else { break };
            bytes -= oldest.bytes;
        }
        entries.push_back((key, Arc::clone(&compiled)));
        compiled
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
