//! What runs in the next step: a pure state machine without clock, channel or randomness.
//!
//! ```text
//!            submit            admit (admission.rs)          last token, error
//!   client ----------> waiting --------------------> running ------------------> gone
//!                         ^                             |
//!                         +---------- preempt ----------+     pages stay cached, resumed by prefix match
//! ```
//! A step: decodes in rank order, one row each, and more where tokens were [appended](Scheduler::append); then running
//! prompts in rank order, in chunks; then admissions. When no page is to be had, the running sequence of the last rank gives its pages up, and a
//! sequence never takes a page from one of a better rank. So the best-ranked sequence always goes on, and
//! all servable requests finish.

mod admission;
mod states;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use gollum_core::{Batch, FinishReason, PAGE_TOKENS, Request, RequestId, SequenceSpan, TokenId};

use crate::pager::{KvPager, PagerCounters, PagerSizes, PrefixHit, Publication};
use crate::sequence::{Rank, Sequence, Slot};
use crate::{EngineConfig, EngineLimits, PageState, Phase, Policy, PrefixMatch};
pub use states::PlannedSave;
use states::hand_over_state;

/// Preemptions after which a sequence is admitted only when it can run to its end undisturbed: no request
/// is preempted more often than this.
pub const MAX_PREEMPTIONS: u32 = 4;

/// Prompt rows of one step whose logits are told, over all sequences: logits are the largest thing a step makes,
/// `4 * vocab_size` bytes a row, so a prompt that asks about every token is computed in chunks of this.
pub const MAX_TOLD_ROWS: usize = 64;

/// A sequence's part of the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedSpan {
    /// The sequence.
    pub slot: Slot,
    /// Rows.
    pub rows: usize,
    /// Positions in the prompt whose logits are told, each about the token after it. Their logits rows come before
    /// the one that a token follows from.
    pub told: Range<usize>,
    /// True if a token follows from its last row.
    pub samples: bool,
    /// True if its rows are prompt (or computed again), not a decode.
    pub is_prefill: bool,
}

/// A sequence that began, or resumed, in this step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The sequence.
    pub slot: Slot,
    /// True for the first time, false after a preemption.
    pub is_first: bool,
    /// What the prefix cache gave.
    pub prefix: PrefixMatch,
}

/// One step, as planned. Reused from step to step.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What the model computes.
    pub batch: Batch,
    /// Its sequences, in the batch's order.
    pub spans: Vec<PlannedSpan>,
    /// Sequences that began.
    pub admissions: Vec<Admission>,
    /// Sequences that lost their pages.
    pub preempted: Vec<Slot>,
    /// Sequences that began to wait for another one's prefix, and for whose.
    pub followers: Vec<(Slot, RequestId)>,
    /// Snapshots, in the order of the batch's.
    pub saves: Vec<PlannedSave>,
    /// Prompt rows whose logits are told: see [`MAX_TOLD_ROWS`].
    told_rows: usize,
}

impl Plan {
    fn clear(&mut self) {
        self.batch.clear();
        self.spans.clear();
        self.admissions.clear();
        self.preempted.clear();
        self.followers.clear();
        self.saves.clear();
        self.told_rows = 0;
    }
}

impl PlannedSpan {
    /// True if the model makes logits for it.
    pub fn has_logits(&self) -> bool {
        self.samples || !self.told.is_empty()
    }
}

/// What came of the logits of one span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanResult {
    /// This token was chosen.
    Token(TokenId),
    /// Rows of the prompt were told, and no token was to be chosen.
    Told,
    /// The row about the token at this position has nothing to choose from.
    Failed {
        /// Position in the sequence.
        position: usize,
    },
}

/// What a step did to one sequence for which a token was to be chosen, or that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has one more token, and has ended for this reason if there is one.
    Token {
        /// The sequence; its slot is free again if it has ended.
        slot: Slot,
        /// The token.
        token: TokenId,
        /// Why it has ended.
        finished: Option<FinishReason>,
    },
    /// It has ended by an error at this position.
    Failed {
        /// The sequence; its slot is free again.
        slot: Slot,
        /// Position of the token that could not be chosen.
        position: usize,
    },
}

/// The state machine. See the module's drawing.
#[derive(Debug)]
pub struct Scheduler {
    limits: EngineLimits,
    policy: Policy,
    lpm_max_age_us: u64,
    pager: KvPager,
    slots: Vec<Option<Sequence>>,
    free_slots: Vec<Slot>,
    by_id: BTreeMap<RequestId, Slot>,
    waiting: BTreeSet<(Rank, Slot)>,
    /// Sorted by rank.
    running: Vec<Slot>,
    /// Window pages that running sequences may need at most.
    window_reserved: usize,
    arrivals: u64,
    preemptions: u64,
    /// Prompt rows of a step, and of one that also decodes.
    prefill_rows: (usize, usize),
    /// Reused by admission.
    hit: PrefixHit,
    candidates: Vec<Slot>,
}

impl Scheduler {
    /// A scheduler with nothing to do.
    pub fn new(config: &EngineConfig, limits: EngineLimits) -> Self {
        Self {
            limits,
            policy: config.policy,
            lpm_max_age_us: config.lpm_max_age_us,
            pager: KvPager::new(
                PagerSizes {
                    pages: limits.kv_pages,
                    window_pages: limits.window_pages,
                    window_tokens: limits.window_tokens,
                    states: limits.state_slots,
                },
                limits.prefix_cache,
            ),
            slots: Vec::new(),
            free_slots: Vec::new(),
            by_id: BTreeMap::new(),
            waiting: BTreeSet::new(),
            running: Vec::new(),
            window_reserved: 0,
            arrivals: 0,
            preemptions: 0,
            prefill_rows: (limits.max_num_batched_tokens, limits.max_prefill_beside_decodes),
            hit: PrefixHit::default(),
            candidates: Vec::new(),
        }
    }

    /// Puts a request into the waiting queue. It must fit [`EngineLimits::max_servable_tokens`].
    pub fn submit(&mut self, request: &Request, now_us: u64) -> Slot {
        let sequence = Sequence::new(request, self.arrivals, now_us);
        let most = sequence.most_computed() + 1;
        assert!(most <= self.limits.max_servable_tokens, "{} tokens can never fit: checked at submit", most);
        self.arrivals += 1;
        let rank = sequence.rank;
        let slot = self.free_slots.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(sequence);
        self.by_id.insert(request.id, slot);
        self.waiting.insert((rank, slot));
        slot
    }

    /// Ends a request at once, wherever it is. Its pages are free, or cached, when this returns. `None`: it
    /// has ended already.
    pub fn abort(&mut self, id: RequestId) -> Option<Slot> {
        let slot = self.by_id.get(&id).copied()?;
        self.end(slot, Trust::Keep);
        Some(slot)
    }

    /// Sets how many prompt rows a step may have, and one that also decodes; at least 1, and within
    /// [`EngineLimits`].
    pub fn limit_prefill(&mut self, alone: usize, beside_decodes: usize) {
        let most = (self.limits.max_num_batched_tokens, self.limits.max_prefill_beside_decodes);
        self.prefill_rows = (alone.clamp(1, most.0), beside_decodes.clamp(1, most.1));
    }

    /// Plans the next step into `plan`; its batch is empty if there is nothing to do. Time matters to
    /// [`Policy::Lpm`] alone.
    pub fn schedule(&mut self, now_us: u64, plan: &mut Plan) {
        plan.clear();
        self.make_room_for_decodes(plan);
        let mut rows_left = self.limits.max_num_batched_tokens;
        let goes_first = |sequence: &Sequence| sequence.is_decoding() || sequence.pending() == 1;
        let mut decodes_left = self.running.iter().filter(|&&slot| goes_first(self.sequence(slot))).count();
        for index in 0..self.running.len() {
            let slot = self.running[index];
            if goes_first(self.sequence(slot)) && rows_left > 0 {
                // No more than leaves a row to each of those behind it.
                decodes_left -= 1;
                let most = rows_left.saturating_sub(decodes_left).max(1);
                let rows = self.sequence(slot).pending().min(most);
                self.plan_span(slot, rows, plan);
                rows_left -= rows;
            }
        }
        let (alone, beside) = self.prefill_rows;
        rows_left = rows_left.min(if plan.spans.is_empty() { alone } else { beside });
        for index in 0..self.running.len() {
            let slot = self.running[index];
            if !goes_first(self.sequence(slot)) && rows_left > 0 {
                rows_left -= self.plan_chunk(slot, rows_left, plan);
            }
        }
        self.admit(now_us, rows_left, plan);
    }

    /// Applies a step that the model has run: one result per span with logits, in order. What happened to each
    /// sequence goes to `outcomes`.
    pub fn commit(&mut self, plan: &Plan, results: &[SpanResult], outcomes: &mut Vec<Outcome>) {
        outcomes.clear();
        let with_logits = plan.spans.iter().filter(|span| span.has_logits()).count();
        assert_eq!(results.len(), with_logits, "one result per span with logits");
        self.pager.end_step();
        let mut results = results.iter();
        for span in &plan.spans {
            let slot = span.slot;
            let result = if span.has_logits() { results.next() } else { None };
            if let Some(&SpanResult::Failed { position }) = result {
                self.drop_saves(slot, plan);
                self.end(slot, Trust::Discard);
                outcomes.push(Outcome::Failed { slot, position });
                continue;
            }
            self.advance(slot, span);
            self.keep_saves(slot, plan);
            if let Some(&SpanResult::Token(token)) = result {
                let finished = self.append(slot, token);
                outcomes.push(Outcome::Token { slot, token, finished });
            }
        }
    }

    /// Sequences that decode, best rank first.
    pub fn decoding(&self) -> impl Iterator<Item = Slot> + '_ {
        self.running.iter().copied().filter(|&slot| self.sequence(slot).is_decoding())
    }

    /// Gives a sequence a token, chosen or, between two steps, known without logits. Returns why it has ended with it, if it
    /// has; its slot is free then.
    pub fn append(&mut self, slot: Slot, token: TokenId) -> Option<FinishReason> {
        let sequence = self.sequence_mut(slot);
        sequence.tokens.push(token);
        let finished = sequence.finish_reason();
        if finished.is_some() {
            self.end(slot, Trust::Keep);
        }
        finished
    }

    /// Drops a step that the model has failed to run, and every sequence in it.
    pub fn fail(&mut self, plan: &Plan) {
        self.pager.end_step();
        for span in &plan.spans {
            self.drop_saves(span.slot, plan);
            self.end(span.slot, Trust::PagesOnly);
        }
    }

    /// The sequence's rows are computed: makes them findable.
    fn advance(&mut self, slot: Slot, span: &PlannedSpan) {
        let sequence = self.slots[slot].as_mut().expect("a planned sequence is alive");
        let published = sequence.computed;
        sequence.computed += span.rows;
        sequence.untold.start += span.told.len();
        let what = Publication {
            salt: sequence.salt,
            origin: sequence.id,
            tokens: &sequence.tokens[..sequence.computed],
            published,
        };
        self.pager.publish(&what, &mut sequence.table, &mut sequence.windows);
        self.pager.pass_windows(&mut sequence.windows, sequence.computed);
    }

    /// Plans what a sequence has pending, as far as `rows_left` and the logits that a step may tell allow. Returns
    /// its rows, which may be none.
    fn plan_chunk(&mut self, slot: Slot, rows_left: usize, plan: &mut Plan) -> usize {
        let sequence = self.sequence(slot);
        let rows = sequence.pending().min(rows_left);
        let rows = sequence.rows_telling(rows, MAX_TOLD_ROWS - plan.told_rows);
        if rows > 0 {
            self.plan_span(slot, rows, plan);
        }
        rows
    }

    fn plan_span(&mut self, slot: Slot, rows: usize, plan: &mut Plan) {
        let sequence = self.slots[slot].as_ref().expect("a running sequence is alive");
        let batch = &mut plan.batch;
        let (start, end) = (sequence.computed, sequence.computed + rows);
        batch.sequences.push(SequenceSpan {
            query_start: batch.tokens.len(),
            query_len: rows,
            context_len: end,
            table_start: batch.block_tables.len(),
            table_len: end.div_ceil(PAGE_TOKENS),
            state: sequence.state,
        });
        batch.block_tables.extend_from_slice(&sequence.table[..end.div_ceil(PAGE_TOKENS)]);
        batch.tokens.extend_from_slice(&sequence.tokens[start..end]);
        batch.positions.extend(start as u32..end as u32);
        let slot_of = |position: usize| sequence.table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS);
        batch.slot_mapping.extend((start..end).map(slot_of));
        let told = sequence.told_rows(rows);
        let first_row = batch.tokens.len() - rows;
        batch.logits_rows.extend(told.clone().map(|row| first_row + row));
        let samples = end == sequence.tokens.len();
        if samples {
            batch.logits_rows.push(batch.tokens.len() - 1);
        }
        plan.told_rows += told.len();
        let told = start + told.start..start + told.end;
        let is_prefill = start < sequence.prefill_target;
        plan.spans.push(PlannedSpan { slot, rows, told, samples, is_prefill });
        let has_state = sequence.state.is_some();
        if self.pager.has_windows() {
            self.plan_windows(slot, start..end, plan);
        }
        if has_state {
            self.plan_saves(slot, first_row, start..end, plan);
        }
    }

    /// Gives each decode the pages for its next tokens, by rank; the last rank pays.
    fn make_room_for_decodes(&mut self, plan: &mut Plan) {
        let mut index = 0;
        while let Some(&slot) = self.running.get(index) {
            let sequence = self.sequence(slot);
            if sequence.tokens.len() <= sequence.table.len() * PAGE_TOKENS {
                index += 1;
                continue;
            }
            let salt = sequence.salt;
            // What another tenant keeps is spared as long as someone else can pay.
            let spares = self.pager.pool().must_take_from_share(salt)
                && index + 1 < self.running.len()
                && !self.runs_guarded();
            let page = if spares { None } else { self.pager.take(salt) };
            if let Some(page) = page {
                self.sequence_mut(slot).table.push(page);
            } else {
                // Ranks before `index` are served already, and `index` itself is the last to pay.
                let last = self.running.len() - 1;
                self.preempt(last, plan);
            }
        }
    }

    /// True if a sequence runs that must not be preempted again.
    fn runs_guarded(&self) -> bool {
        self.running.iter().any(|&slot| self.sequence(slot).is_guarded())
    }

    fn preempt(&mut self, index: usize, plan: &mut Plan) {
        let slot = self.running.remove(index);
        self.unreserve_windows(slot);
        let sequence = self.slots[slot].as_mut().expect("a running sequence is alive");
        hand_over_state(&mut self.pager, sequence, true);
        self.pager.release(&mut sequence.table, &mut sequence.windows);
        sequence.computed = 0;
        sequence.preemptions += 1;
        self.preemptions += 1;
        self.waiting.insert((sequence.rank, slot));
        plan.preempted.push(slot);
    }

    /// Forgets a sequence.
    fn end(&mut self, slot: Slot, trust: Trust) {
        if !self.sequence(slot).table.is_empty() {
            self.unreserve_windows(slot);
        }
        let mut sequence = self.slots[slot].take().expect("a sequence ends once");
        hand_over_state(&mut self.pager, &mut sequence, trust == Trust::Keep);
        match trust {
            Trust::Keep | Trust::PagesOnly => {
                self.pager.release(&mut sequence.table, &mut sequence.windows);
            }
            Trust::Discard => self.pager.discard(&mut sequence.table, &mut sequence.windows),
        }
        if !self.waiting.remove(&(sequence.rank, slot)) {
            self.running.retain(|&running| running != slot);
        }
        self.by_id.remove(&sequence.id);
        self.free_slots.push(slot);
    }

    /// A live sequence. Panics if the slot is empty.
    pub fn sequence(&self, slot: Slot) -> &Sequence {
        self.slots[slot].as_ref().expect("the slot holds a sequence")
    }

    fn sequence_mut(&mut self, slot: Slot) -> &mut Sequence {
        self.slots[slot].as_mut().expect("the slot holds a sequence")
    }

    /// Where a live request is.
    pub fn slot_of(&self, id: RequestId) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    /// What a live request is doing.
    pub fn phase(&self, slot: Slot) -> Phase {
        let sequence = self.sequence(slot);
        if self.waiting.contains(&(sequence.rank, slot)) {
            match (sequence.preemptions, sequence.following) {
                (1.., _) => Phase::Preempted,
                (0, Some(_)) => Phase::Following,
                (0, None) => Phase::Queued,
            }
        } else if sequence.is_prefilling() || sequence.generated() == 0 {
            Phase::Prefill
        } else {
            Phase::Decode
        }
    }

    /// Running sequences, best rank first, then waiting ones.
    pub fn live(&self) -> impl Iterator<Item = Slot> + '_ {
        self.running.iter().copied().chain(self.waiting.iter().map(|&(_, slot)| slot))
    }

    /// Sequences in the running batch.
    pub fn num_running(&self) -> usize {
        self.running.len()
    }

    /// Sequences that wait.
    pub fn num_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// True if nothing waits and nothing runs.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }

    /// The pages and prefixes.
    pub fn pager(&self) -> &KvPager {
        &self.pager
    }

    /// What the pager has done.
    pub fn pager_counters(&self) -> PagerCounters {
        self.pager.counters()
    }

    /// Sequences whose pages were taken, since start.
    pub fn preemptions(&self) -> u64 {
        self.preemptions
    }

    /// Panics if any promise is broken. O(pages + tokens): for tests.
    pub fn check(&self) {
        let sequences = || self.slots.iter().flatten();
        self.pager.check(
            sequences().map(|s| s.table.as_slice()),
            sequences().map(|s| &s.windows),
            sequences().filter_map(|s| s.state),
        );
        assert!(
            self.running.is_sorted_by_key(|&s| self.sequence(s).rank),
            "the running list is sorted by rank"
        );
        assert_eq!(self.by_id.len(), self.running.len() + self.waiting.len(), "each sequence is in one list");
        assert!(self.running.len() <= self.limits.max_num_seqs);
        for &(_, slot) in &self.waiting {
            let sequence = self.sequence(slot);
            assert!(sequence.table.is_empty(), "a waiting sequence holds no page");
            assert!(sequence.state.is_none(), "a waiting sequence holds no state");
            assert!(sequence.windows.pages().is_empty(), "a waiting sequence holds no window page");
        }
        self.check_windows();
        for &slot in &self.running {
            self.check_running(self.sequence(slot));
        }
    }

    fn check_running(&self, sequence: &Sequence) {
        assert_eq!(sequence.state.is_some(), self.pager.has_states(), "a running sequence has its state");
        assert!(sequence.pending() >= 1, "a running sequence has something to compute");
        assert!(sequence.table.len() * PAGE_TOKENS >= sequence.computed);
        assert!(sequence.preemptions <= MAX_PREEMPTIONS, "{} preemptions", sequence.preemptions);
        if !self.pager.shares() {
            return;
        }
        for (index, &page) in sequence.table.iter().enumerate() {
            let computed = sequence.computed.saturating_sub(index * PAGE_TOKENS).min(PAGE_TOKENS);
            let tokens = &sequence.tokens[index * PAGE_TOKENS..][..computed];
            assert_eq!(self.pager.pool().state(page), PageState::Held);
            if computed == PAGE_TOKENS {
                assert_eq!(
                    self.pager.tree().edge(page),
                    tokens,
                    "a full page is in the tree with its tokens"
                );
            } else {
                assert!(self.pager.pool().ref_count(page) == 1, "a page being written has one holder");
                assert!(
                    tokens.starts_with(self.pager.tree().edge(page)),
                    "a tail page is findable by its tokens"
                );
            }
        }
    }
}

/// What happens to the pages of a sequence that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// They stay findable, and so does its state.
    Keep,
    /// Pages stay findable; a step that failed half-way may have moved the state on.
    PagesOnly,
    /// They may hold NaN: forget those no one else uses.
    Discard,
}
