//! One request inside the scheduler.
//!
//! ```text
//! tokens    [ prompt ................ | generated ........ ]
//!           [ computed: K and V valid ......... | pending  ]     pending >= 1 while it runs
//! table     [ page | page | page | page ]   covers computed and what this step computes
//! windows   [  -   |  -   | page | page ]   the same, of the window group; passed pages are let go of
//! ```

use std::ops::Range;

use crate::cuts::Cuts;
use crate::pager::WindowTable;
use crate::scheduler::MAX_PREEMPTIONS;
use gollum_core::{FinishReason, PageId, Request, RequestId, StateId, TokenId};

/// Index of a sequence in the scheduler's slab; reused after the sequence has ended.
pub type Slot = usize;

/// Where in the order of service a request stands: larger priority first, then earlier arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Larger priorities sort first.
    pub priority: std::cmp::Reverse<i32>,
    /// Counts submissions; unique.
    pub arrival: u64,
}

/// Waits for another sequence to compute what both begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// Who computes it.
    pub leader: RequestId,
    /// Where the leader is.
    pub leader_slot: Slot,
    /// Tokens that both share.
    pub until: usize,
}

/// A request with its progress.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The request.
    pub id: RequestId,
    /// Whose caches.
    pub salt: u64,
    /// Its place in the order of service.
    pub rank: Rank,
    /// When it was submitted, microseconds.
    pub submitted_us: u64,
    /// Prompt, then what was generated.
    pub tokens: Vec<TokenId>,
    /// Tokens of the prompt.
    pub prompt_len: usize,
    /// Tokens to generate at most.
    pub max_tokens: usize,
    /// Tokens before which no stop id counts.
    pub min_tokens: usize,
    /// Ids that end it, sorted.
    pub stop_ids: Vec<TokenId>,
    /// Tokens whose K and V are valid.
    pub computed: usize,
    /// Rows of the prompt whose logits are still to be told: from the first that has not been told yet to the prompt's
    /// end, whose own row chooses the first token. Empty where nobody asks.
    pub untold: Range<usize>,
    /// Its pages; empty while it waits.
    pub table: Vec<PageId>,
    /// Its pages of the window group; empty while it waits, and for models without one.
    pub windows: WindowTable,
    /// Its recurrent state after `computed` tokens; `None` while it waits, and for models without one.
    pub state: Option<StateId>,
    /// Where snapshots of the state are to be taken.
    pub cuts: Cuts,
    /// Tokens to have computed before it is a decode: its length when it was last admitted.
    pub prefill_target: usize,
    /// Times its pages were taken.
    pub preemptions: u32,
    /// True once it has been admitted.
    pub was_admitted: bool,
    /// Set while it waits for another sequence's prefix.
    pub following: Option<Following>,
}

impl Sequence {
    /// A sequence that has not begun.
    pub fn new(request: &Request, arrival: u64, submitted_us: u64) -> Self {
        let mut tokens = Vec::with_capacity(request.prompt.len() + request.limits.max_tokens.min(256));
        tokens.extend_from_slice(&request.prompt);
        Self {
            id: request.id,
            salt: request.cache_salt,
            rank: Rank { priority: std::cmp::Reverse(request.priority), arrival },
            submitted_us,
            tokens,
            prompt_len: request.prompt.len(),
            max_tokens: request.limits.max_tokens,
            min_tokens: request.limits.min_tokens,
            stop_ids: request.limits.stop_ids.clone(),
            computed: 0,
            untold: 0..request.sampling.prompt_logprobs.map_or(0, |_| request.prompt.len() - 1),
            table: Vec::new(),
            windows: WindowTable::default(),
            state: None,
            cuts: Cuts::default(),
            prefill_target: request.prompt.len(),
            preemptions: 0,
            was_admitted: false,
            following: None,
        }
    }

    /// Tokens generated so far.
    pub fn generated(&self) -> usize {
        self.tokens.len() - self.prompt_len
    }

    /// Tokens to compute before the next one can be chosen.
    pub fn pending(&self) -> usize {
        self.tokens.len() - self.computed
    }

    /// True while it computes a prompt, or again what a preemption took.
    pub fn is_prefilling(&self) -> bool {
        self.computed < self.prefill_target
    }

    /// True while it runs and what is pending was generated: one token, or more where some were appended at once.
    pub fn is_decoding(&self) -> bool {
        !self.is_prefilling() && self.generated() > 0
    }

    /// True if it has been preempted as often as it may be.
    pub fn is_guarded(&self) -> bool {
        self.preemptions >= MAX_PREEMPTIONS
    }

    /// Tokens whose K and V it needs at most in its life: the last generated one is never computed.
    pub fn most_computed(&self) -> usize {
        self.prompt_len + self.max_tokens - 1
    }

    /// What a match may cover: rows whose logits are wanted must be computed, and that is at least the last.
    pub fn matchable(&self) -> &[TokenId] {
        let first_wanted = if self.untold.is_empty() { self.tokens.len() - 1 } else { self.untold.start };
        &self.tokens[..first_wanted]
    }

    /// Of its next `rows` rows, those whose logits are to be told: counted from the first of them.
    pub fn told_rows(&self, rows: usize) -> Range<usize> {
        let (start, end) = (self.computed, self.computed + rows);
        let (from, to) = (self.untold.start.max(start), self.untold.end.min(end));
        if from < to { from - start..to - start } else { 0..0 }
    }

    /// How many of its next `rows` rows a step may have that tells `told` rows more at most.
    pub fn rows_telling(&self, rows: usize, told: usize) -> usize {
        let wanted = self.told_rows(rows);
        if wanted.len() > told { wanted.start + told } else { rows }
    }

    /// Why it has ended with its newest token, if it has.
    pub fn finish_reason(&self) -> Option<FinishReason> {
        let newest = self.tokens.last().expect("a prompt is not empty");
        if self.generated() > self.min_tokens && self.stop_ids.binary_search(newest).is_ok() {
            Some(FinishReason::Stop)
        } else if self.generated() >= self.max_tokens {
            Some(FinishReason::Length)
        } else {
            None
        }
    }
}
