//! Answers that clients may come back to, kept in memory within a bound of bytes and of count; the oldest go first. They end
//! with the process.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use gollum_frontend::Message;
use tokio::task::AbortHandle;

/// Bytes that an entry has beside its texts.
const ENTRY_BYTES: usize = 512;

/// One kept answer.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What clients call it by; not to be guessed.
    pub id: String,
    /// Whose it is: others are told that it does not exist.
    pub tenant: Option<usize>,
    /// The conversation up to and with the answer, without instructions.
    pub messages: Vec<Message>,
    /// The answer as its dialect writes it: JSON.
    pub json: String,
    /// Ends the answer while it is still made.
    pub running: Option<AbortHandle>,
}

impl Kept {
    fn bytes(&self) -> usize {
        let of = |message: &Message| {
            let calls = message.tool_calls.as_ref().map_or(0, |calls| calls.to_string().len());
            let thoughts = message.reasoning_content.as_ref().map_or(0, String::len);
            message.content.len() + calls + thoughts + ENTRY_BYTES
        };
        self.messages.iter().map(of).sum::<usize>() + self.json.len() + ENTRY_BYTES
    }
}

/// All kept answers.
#[derive(Debug)]
pub struct Stored {
    /// Oldest first.
    entries: Mutex<VecDeque<(usize, Kept)>>,
    max_bytes: usize,
    max_count: usize,
}

impl Stored {
    /// An empty store of these bounds.
    pub fn new(max_bytes: usize, max_count: usize) -> Self {
        Self { entries: Mutex::default(), max_bytes, max_count }
    }

    /// Keeps an answer, in place of one of the same id; the oldest go until it fits. One that can never fit is not kept.
    pub fn put(&self, kept: Kept) {
        let mut entries = self.lock();
        entries.retain(|(_, other)| other.id != kept.id);
        self.insert(&mut entries, kept);
    }

    fn insert(&self, entries: &mut VecDeque<(usize, Kept)>, kept: Kept) {
        let bytes = kept.bytes();
        if bytes > self.max_bytes {
            return;
        }
        let mut sum: usize = entries.iter().map(|(bytes, _)| bytes).sum();
        while sum + bytes > self.max_bytes || entries.len() >= self.max_count {
            let Some((oldest, gone)) = entries.pop_front() else { break };
            sum -= oldest;
            gone.running.inspect(AbortHandle::abort);
        }
        entries.push_back((bytes, kept));
    }

    /// Keeps what an answer came to that was still being made. False, and nothing changes, if it no longer is: it was ended
    /// or forgotten first.
    pub fn settle(&self, kept: Kept) -> bool {
        let mut entries = self.lock();
        let made = entries.iter().position(|(_, other)| {
            other.id == kept.id && other.tenant == kept.tenant && other.running.is_some()
        });
        let Some(at) = made else { return false };
        entries.remove(at);
        self.insert(&mut entries, kept);
        true
    }

    /// The tenant's answer of that id.
    pub fn get(&self, id: &str, tenant: Option<usize>) -> Option<Kept> {
        let entries = self.lock();
        entries.iter().map(|(_, kept)| kept).find(|kept| kept.id == id && kept.tenant == tenant).cloned()
    }

    /// Forgets the tenant's answer of that id, and ends it if it is still made; true if there was one.
    pub fn remove(&self, id: &str, tenant: Option<usize>) -> bool {
        let mut entries = self.lock();
        let Some(at) = entries.iter().position(|(_, kept)| kept.id == id && kept.tenant == tenant) else {
            return false;
        };
        let gone = entries.remove(at);
        gone.and_then(|(_, kept)| kept.running).inspect(AbortHandle::abort);
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(usize, Kept)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: &str, bytes: usize) -> Kept {
        let json = "x".repeat(bytes);
        Kept { id: id.to_owned(), tenant: Some(1), messages: Vec::new(), json, running: None }
    }

    #[test]
    fn the_oldest_go_first_and_bounds_hold() {
        let stored = Stored::new(10_000, 3);
        ["a", "b", "c", "d"].iter().for_each(|id| stored.put(kept(id, 100)));
        assert!(stored.get("a", Some(1)).is_none() && stored.get("b", Some(1)).is_some());
        stored.put(kept("e", 8_500));
        let left = ["b", "c", "d", "e"].map(|id| stored.get(id, Some(1)).is_some());
        assert_eq!(left, [false, false, true, true]);
        stored.put(kept("f", 20_000));
        assert!(stored.get("f", Some(1)).is_none() && stored.get("e", Some(1)).is_some());
        stored.put(kept("e", 10));
        assert_eq!(stored.get("e", Some(1)).map(|kept| kept.json.len()), Some(10));
    }

    #[tokio::test]
    async fn an_answer_settles_once() {
        let stored = Stored::new(10_000, 3);
        let running = Some(tokio::spawn(async {}).abort_handle());
        stored.put(Kept { running, ..kept("a", 1) });
        assert!(!stored.settle(Kept { tenant: None, ..kept("a", 2) }), "somebody else's");
        assert!(stored.settle(kept("a", 2)) && !stored.settle(kept("a", 3)));
        assert_eq!(stored.get("a", Some(1)).map(|kept| kept.json.len()), Some(2));
        stored.remove("a", Some(1));
        assert!(
            !stored.settle(kept("a", 4)) && stored.get("a", Some(1)).is_none(),
            "what is forgotten stays so"
        );
    }

    #[test]
    fn tenants_do_not_see_each_others() {
        let stored = Stored::new(10_000, 3);
        stored.put(kept("a", 1));
        assert!(stored.get("a", None).is_none() && stored.get("a", Some(2)).is_none());
        assert!(!stored.remove("a", Some(2)) && stored.remove("a", Some(1)) && !stored.remove("a", Some(1)));
    }
}
