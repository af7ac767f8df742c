//! One step of the engine: schedule, forward, sample, commit, deliver. Owns everything, takes no lock.

mod choose;
mod embed;
mod forced;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use gollum_core::{FinishReason, Logits, ModelRunner, PAGE_TOKENS, PageId, RequestId, RunnerError, Timing};
use gollum_sampler::{Sampled, Scratch};

use crate::client::Client;
use crate::embedding::WholeQueue;
use crate::handle::{Command, Shared, Submission};
use crate::masks::MaskMaker;
use crate::pace::Pace;
use crate::pager::BlockPool;
use crate::prompt_cache::{Answer, PromptCache, PromptKey};
use crate::scheduler::{Outcome, Plan, PlannedSpan, Scheduler, SpanResult};
use crate::sequence::Slot;
use crate::{EngineConfig, EngineError, Event, Explanation, KvSnapshot, Phase, SequenceSnapshot, TreeNode};

/// Nodes told in a [`KvSnapshot`].
const SNAPSHOT_NODES: usize = 65_536;

/// How a request ended.
enum Ending {
    Finished(FinishReason),
    Failed(EngineError),
}

/// The engine without its thread and its command channel.
pub(crate) struct Core {
    shared: Arc<Shared>,
    runner: Box<dyn ModelRunner>,
    scheduler: Scheduler,
    /// By the scheduler's slots.
    clients: Vec<Option<Client>>,
    deadlines: BTreeSet<(u64, RequestId)>,
    drain_deadline_us: Option<u64>,
    prompt_cache: PromptCache,
    /// Requests of a model that takes whole inputs; empty of others.
    whole: WholeQueue,
    masks: MaskMaker,
    finished: VecDeque<Explanation>,
    config: EngineConfig,
    last_admission_us: u64,
    pace: Pace,
    // Reused from step to step.
    plan: Plan,
    logits: Logits,
    /// Rows of embeddings, beside logits.
    hidden: Logits,
    is_hidden: Vec<bool>,
    scratch: Scratch,
    sampled: Vec<Option<Sampled>>,
    results: Vec<SpanResult>,
    outcomes: Vec<Outcome>,
}

impl Core {
    pub fn new(runner: Box<dyn ModelRunner>, config: EngineConfig, shared: Arc<Shared>) -> Self {
        Self {
            scheduler: Scheduler::new(&config, shared.limits),
            prompt_cache: PromptCache::new(config.prompt_cache_bytes),
            masks: MaskMaker::default(),
            shared,
            runner,
            clients: Vec::new(),
            deadlines: BTreeSet::new(),
            drain_deadline_us: None,
            whole: WholeQueue::default(),
            finished: VecDeque::new(),
            config,
            last_admission_us: 0,
            pace: Pace::default(),
            plan: Plan::default(),
            logits: Logits::default(),
            hidden: Logits::default(),
            is_hidden: Vec::new(),
            scratch: Scratch::default(),
            sampled: Vec::new(),
            results: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// True if nothing is in flight.
    pub fn is_idle(&self) -> bool {
        self.scheduler.is_idle() && self.whole.len() == 0
    }

    pub fn is_draining(&self) -> bool {
        self.drain_deadline_us.is_some()
    }

    /// Does what a handle or a stream asks for.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Submit(submission) => self.submit(*submission),
            Command::Abort(id) => self.abort(id),
            Command::Drain { deadline } => {
                let limit_us = u64::try_from(deadline.as_micros()).unwrap_or(u64::MAX);
                let at_us = self.shared.now_us().saturating_add(limit_us);
                // A second drain may only shorten the first.
                self.drain_deadline_us = Some(self.drain_deadline_us.map_or(at_us, |old| old.min(at_us)));
            }
            // The one who asked may have stopped waiting.
            Command::Explain(id, reply) => drop(reply.try_send(self.explain(id))),
            Command::Snapshot(reply) => drop(reply.try_send(self.snapshot())),
        }
    }

    fn submit(&mut self, submission: Submission) {
        let key = match self.prompt_cache.is_on() {
            true => PromptKey::new(&submission.request, self.config.model_digest),
            false => None,
        };
        let found = key.as_ref().and_then(|key| {
            self.shared.meters.prompt_cache_queries_total.fetch_add(1, Relaxed);
            self.prompt_cache.get(key)
        });
        let mut client = Client::new(submission, self.config.seed, key);
        self.shared.meters.request_max_tokens.observe(client.request.limits.max_tokens as u64);
        if let Some(answer) = found {
            return self.replay(client, &answer);
        }
        client.guide = {
            let ends = &client.request.limits.stop_ids;
            client.request.constraint.as_ref().map(|constraint| self.masks.begin(constraint, ends))
        };
        client.explanation.phase = Phase::Queued;
        if let Some((at_us, _)) = client.deadline {
            self.deadlines.insert((at_us, client.request.id));
        }
        if self.shared.limits.only_embeds() {
            return self.whole.push(client);
        }
        let slot = self.scheduler.submit(&client.request, client.explanation.submitted_us);
        if self.clients.len() <= slot {
            self.clients.resize_with(slot + 1, || None);
        }
        self.clients[slot] = Some(client);
    }

    /// Answers from the prompt cache: the same events that computing would send.
    fn replay(&mut self, mut client: Client, answer: &Answer) {
        let now_us = self.shared.now_us();
        let meters = &self.shared.meters;
        client.explanation.prompt_cache_hit = true;
        client.explanation.usage.cached_tokens = client.request.prompt.len();
        for (index, &token) in answer.tokens.iter().enumerate() {
            client.generated(now_us);
            client.send(Event::Token { token, logprob: answer.logprobs.get(index).cloned() });
        }
        meters.prompt_cache_hits_total.fetch_add(1, Relaxed);
        meters.prompt_cache_hit_tokens_total.fetch_add(answer.tokens.len() as u64, Relaxed);
        meters.prompt_tokens_total.fetch_add(client.request.prompt.len() as u64, Relaxed);
        meters.prompt_tokens_cached_total.fetch_add(client.request.prompt.len() as u64, Relaxed);
        meters.generation_tokens_total.fetch_add(answer.tokens.len() as u64, Relaxed);
        meters.time_to_first_token_s.observe_us(client.explanation.ttft_us.unwrap_or(0));
        self.end(client, Ending::Finished(answer.reason), now_us);
    }

    fn abort(&mut self, id: RequestId) {
        if let Some(slot) = self.scheduler.abort(id) {
            let client = self.take_client(slot);
            self.end(client, Ending::Finished(FinishReason::Aborted), self.shared.now_us());
        } else if let Some(client) = self.whole.remove(id) {
            self.end(client, Ending::Finished(FinishReason::Aborted), self.shared.now_us());
        }
    }

    /// Fails one request that is in flight.
    fn fail(&mut self, id: RequestId, error: EngineError) {
        if let Some(slot) = self.scheduler.abort(id) {
            let client = self.take_client(slot);
            self.end(client, Ending::Failed(error), self.shared.now_us());
        } else if let Some(client) = self.whole.remove(id) {
            self.end(client, Ending::Failed(error), self.shared.now_us());
        }
    }

    /// Runs one step. False if there was nothing to do.
    pub fn step(&mut self) -> bool {
        let now_us = self.shared.now_us();
        self.expire(now_us);
        if self.whole.len() > 0 {
            self.step_whole();
            self.write_gauges();
            return true;
        }
        self.append_forced(now_us);
        let began = Instant::now();
        let mut plan = std::mem::take(&mut self.plan);
        self.scheduler.schedule(now_us, &mut plan);
        add_elapsed(&self.shared.meters.schedule_us_total, began);
        let works = plan.batch.num_tokens() > 0;
        if works {
            self.note_plan(&plan, now_us);
            self.want_best(&mut plan);
            let began = Instant::now();
            let done = self.forward(&plan);
            add_elapsed(&self.shared.meters.forward_us_total, began);
            match done {
                Ok(()) => {
                    self.set_pace(&plan, self.shared.now_us().saturating_sub(now_us));
                    self.finish_step(&plan);
                }
                Err(error) => self.fail_step(&plan, &error),
            }
        } else {
            assert!(
                self.scheduler.is_idle(),
                "{} requests wait and none can run",
                self.scheduler.num_waiting()
            );
        }
        self.plan = plan;
        self.write_gauges();
        works
    }

    /// Cuts the next prompt chunks to the speed of this step.
    fn set_pace(&mut self, plan: &Plan, took_us: u64) {
        self.pace.measured(plan.batch.num_tokens(), took_us);
        let (limits, config) = (&self.shared.limits, &self.config);
        let alone = self.pace.rows(config.max_prefill_step_us, limits.max_num_batched_tokens);
        let beside = self.pace.rows(config.max_prefill_beside_decodes_us, limits.max_prefill_beside_decodes);
        self.scheduler.limit_prefill(alone, beside);
    }

    /// Ends what has taken too long.
    fn expire(&mut self, now_us: u64) {
        while let Some(&(at_us, id)) = self.deadlines.first()
            && at_us <= now_us
        {
            self.deadlines.pop_first();
            let client = self.whole.get(id).unwrap_or_else(|| {
                self.client(self.scheduler.slot_of(id).expect("a deadline is dropped with its request"))
            });
            let limit_ms = client.deadline.map_or(0, |(_, limit_ms)| limit_ms);
            self.fail(id, EngineError::DeadlineExceeded { limit_ms });
        }
        if self.drain_deadline_us.is_some_and(|at_us| at_us <= now_us) {
            self.fail_all(&EngineError::ShuttingDown);
        }
    }

    /// Ends everything that is in flight.
    pub fn fail_all(&mut self, error: &EngineError) {
        let live: Vec<RequestId> =
            self.scheduler.live().map(|slot| self.scheduler.sequence(slot).id).collect();
        for id in live {
            self.fail(id, error.clone());
        }
        while let Some(client) = self.whole.pop() {
            self.end(client, Ending::Failed(error.clone()), self.shared.now_us());
        }
        self.write_gauges();
    }

    /// Tells all clients that the engine is dead, without touching the scheduler, which a panic may have left
    /// in any state.
    pub fn die(&mut self) {
        let whole = std::iter::from_fn(|| self.whole.pop());
        for client in self.clients.drain(..).flatten().chain(whole) {
            client.send(Event::Failed(EngineError::RunnerPanicked));
            self.shared.meters.failed_total.fetch_add(1, Relaxed);
        }
    }

    /// Writes down who began, who waits for whom, and who takes part.
    fn note_plan(&mut self, plan: &Plan, now_us: u64) {
        for &(slot, leader) in &plan.followers {
            self.client_mut(slot).explanation.followed = Some(leader);
            self.shared.meters.prefix_followers_total.fetch_add(1, Relaxed);
        }
        for &slot in &plan.preempted {
            self.client_mut(slot).explanation.preemptions += 1;
        }
        for admission in &plan.admissions {
            let client = self.clients[admission.slot].as_mut().expect("an admitted request has a client");
            client.admitted(now_us, admission.is_first, &admission.prefix);
            if !admission.is_first {
                continue;
            }
            left_queue(client, &self.shared, &mut self.last_admission_us, now_us);
            let prompt_tokens = client.request.prompt.len();
            let meters = &self.shared.meters;
            if self.config.prefix_cache {
                let matched = admission.prefix.matched_tokens;
                meters.prefix_cache_query_tokens_total.fetch_add(prompt_tokens as u64, Relaxed);
                meters.prefix_cache_hit_tokens_total.fetch_add(matched as u64, Relaxed);
                let known = admission.prefix.known_tokens;
                meters.prefix_cache_known_tokens_total.fetch_add(known as u64, Relaxed);
                let found = if matched > 0 {
                    &meters.prefix_cache_hits_total
                } else {
                    &meters.prefix_cache_misses_total
                };
                found.fetch_add(1, Relaxed);
            }
        }
        let sequences = plan.spans.len();
        for span in &plan.spans {
            self.client_mut(span.slot).stepped(span.is_prefill.then_some(span.rows), sequences);
        }
        let prefill_rows: usize = plan.spans.iter().filter(|s| s.is_prefill).map(|s| s.rows).sum();
        self.shared.meters.prefill_rows_total.fetch_add(prefill_rows as u64, Relaxed);
        self.shared.meters.steps_total.fetch_add(1, Relaxed);
        self.shared.meters.step_tokens.observe(plan.batch.num_tokens() as u64);
        self.shared.meters.step_sequences.observe(sequences as u64);
    }

    /// The model has run: choose, commit, deliver.
    fn finish_step(&mut self, plan: &Plan) {
        let began = Instant::now();
        self.sample(plan);
        add_elapsed(&self.shared.meters.sample_us_total, began);
        let began = Instant::now();
        let mut outcomes = std::mem::take(&mut self.outcomes);
        self.scheduler.commit(plan, &self.results, &mut outcomes);
        add_elapsed(&self.shared.meters.schedule_us_total, began);
        let now_us = self.shared.now_us();
        let mut sampled = std::mem::take(&mut self.sampled);
        for (&outcome, sampled) in outcomes.iter().zip(sampled.drain(..)) {
            match outcome {
                Outcome::Failed { slot, position } => {
                    let mut client = self.take_client(slot);
                    let error = match client.constraint_error.take() {
                        Some(error) => EngineError::Constraint(error),
                        None => {
                            self.shared.meters.failed_numeric_total.fetch_add(1, Relaxed);
                            EngineError::NumericError { position }
                        }
                    };
                    self.end(client, Ending::Failed(error), now_us);
                }
                Outcome::Token { slot, finished, .. } => {
                    let sampled = sampled.expect("a row that gave a token was sampled");
                    if self.client(slot).rows.is_some() {
                        let client = self.take_client(slot);
                        self.deliver_rows(client, now_us);
                        continue;
                    }
                    self.deliver(slot, sampled, now_us);
                    if let Some(reason) = finished {
                        self.finish(slot, reason, now_us);
                    }
                }
            }
        }
        self.sampled = sampled;
        self.outcomes = outcomes;
    }

    /// Reads all logits: tells what was asked about prompts, and chooses the tokens that follow.
    fn sample(&mut self, plan: &Plan) {
        self.results.clear();
        self.sampled.clear();
        let mut row = 0;
        for span in plan.spans.iter().filter(|span| span.has_logits()) {
            if self.client(span.slot).rows.is_some() {
                let result = self.collect(span, row);
                row += span.told.len() + usize::from(span.samples);
                self.results.push(result);
                continue;
            }
            let result = self.tell(span, row).and_then(|()| match span.samples {
                true => self.choose(span, row + span.told.len()).map(SpanResult::Token),
                false => Ok(SpanResult::Told),
            });
            row += span.told.len() + usize::from(span.samples);
            self.results.push(result.unwrap_or_else(|failed| {
                self.sampled.push(None);
                failed
            }));
        }
    }

    /// Tells a client of the prompt tokens that the logits from `row` on are about.
    fn tell(&mut self, span: &PlannedSpan, row: usize) -> Result<(), SpanResult> {
        if span.told.is_empty() {
            return Ok(());
        }
        let client = self.clients[span.slot].as_ref().expect("a running request has a client");
        let top = client.request.sampling.prompt_logprobs.unwrap_or(0);
        let mut told = Vec::with_capacity(span.told.len());
        for (position, row) in span.told.clone().zip(row..) {
            let token = client.request.prompt[position + 1];
            let scored = gollum_sampler::score(self.logits.row(row), token, top, &mut self.scratch);
            told.push(scored.map_err(|_| SpanResult::Failed { position: position + 1 })?);
        }
        client.send(Event::PromptTokens(told));
        Ok(())
    }

    fn deliver(&mut self, slot: Slot, sampled: Sampled, now_us: u64) {
        let client = self.clients[slot].as_mut().expect("a running request has a client");
        let meters = &self.shared.meters;
        match client.generated(now_us) {
            Some(since_us) => meters.inter_token_s.observe_us(since_us),
            None => {
                let usage = client.usage();
                meters.time_to_first_token_s.observe_us(client.explanation.ttft_us.unwrap_or(0));
                meters.prefill_time_s.observe_us(client.explanation.prefill_us.unwrap_or(0));
                meters.prompt_tokens_total.fetch_add(usage.prompt_tokens as u64, Relaxed);
                meters.prompt_tokens_cached_total.fetch_add(usage.cached_tokens as u64, Relaxed);
            }
        }
        meters.generation_tokens_total.fetch_add(1, Relaxed);
        if client.key.is_some() {
            client.logprobs.extend(sampled.logprob.clone());
        }
        client.tokens.push(sampled.token);
        client.send(Event::Token { token: sampled.token, logprob: sampled.logprob });
    }

    /// The newest token of a sequence was its last.
    fn finish(&mut self, slot: Slot, reason: FinishReason, now_us: u64) {
        let mut client = self.take_client(slot);
        self.store_answer(&mut client, reason);
        self.end(client, Ending::Finished(reason), now_us);
    }

    fn store_answer(&mut self, client: &mut Client, reason: FinishReason) {
        if let Some(key) = client.key.take() {
            let tokens = std::mem::take(&mut client.tokens);
            let answer = Answer { tokens, logprobs: std::mem::take(&mut client.logprobs), reason };
            if self.prompt_cache.put(key, answer) {
                self.shared.meters.prompt_cache_stores_total.fetch_add(1, Relaxed);
            }
        }
    }

    /// The model has failed to run the step: all in it end, the rest goes on.
    fn fail_step(&mut self, plan: &Plan, error: &RunnerError) {
        self.scheduler.fail(plan);
        let now_us = self.shared.now_us();
        for span in &plan.spans {
            let client = self.take_client(span.slot);
            self.end(client, Ending::Failed(EngineError::Backend(error.to_string())), now_us);
        }
    }

    /// The last event of a stream, and what is told about it afterwards.
    fn end(&mut self, mut client: Client, ending: Ending, now_us: u64) {
        if client.holds_place {
            self.shared.release(client.request.prompt.len());
        }
        if let Some((at_us, _)) = client.deadline {
            self.deadlines.remove(&(at_us, client.request.id));
        }
        let meters = &self.shared.meters;
        let counter = match ending {
            Ending::Finished(FinishReason::Stop) => &meters.finished_stop_total,
            Ending::Finished(FinishReason::Length) => &meters.finished_length_total,
            Ending::Finished(FinishReason::Aborted) => &meters.finished_aborted_total,
            Ending::Failed(_) => &meters.failed_total,
        };
        counter.fetch_add(1, Relaxed);
        client.ended(
            now_us,
            match ending {
                Ending::Finished(reason) => Phase::Finished(reason),
                Ending::Failed(_) => Phase::Failed,
            },
        );
        let explanation = &client.explanation;
        meters.request_prompt_tokens.observe(explanation.usage.prompt_tokens as u64);
        meters.request_generation_tokens.observe(explanation.usage.completion_tokens as u64);
        meters.e2e_s.observe_us(explanation.total_us.unwrap_or(0));
        if let Some(decode_us) = explanation.decode_us {
            meters.decode_time_s.observe_us(decode_us);
        }
        if let Some(admitted_us) = client.admitted_us {
            meters.inference_time_s.observe_us(now_us.saturating_sub(admitted_us));
        }
        client.send(match ending {
            Ending::Finished(reason) => Event::Finished {
                reason,
                usage: explanation.usage,
                prompt_cache_hit: explanation.prompt_cache_hit,
                timing: Timing {
                    queue_us: explanation.queue_us.unwrap_or(0),
                    prefill_us: explanation.prefill_us.unwrap_or(0),
                    decode_us: explanation.decode_us.unwrap_or(0),
                },
            },
            Ending::Failed(error) => Event::Failed(error),
        });
        if self.config.explained_requests > 0 {
            if self.finished.len() >= self.config.explained_requests {
                self.finished.pop_front();
            }
            self.finished.push_back(client.explanation);
        }
    }

    pub fn explain(&self, id: RequestId) -> Option<Explanation> {
        if let Some(client) = self.whole.get(id) {
            return Some(client.explanation.clone());
        }
        let Some(slot) = self.scheduler.slot_of(id) else {
            return self.finished.iter().rev().find(|e| e.id == id).cloned();
        };
        let mut explanation = self.client(slot).explanation.clone();
        explanation.phase = self.scheduler.phase(slot);
        Some(explanation)
    }

    pub fn snapshot(&self) -> KvSnapshot {
        let pager = self.scheduler.pager();
        let tree = pager.tree();
        let node = |page: PageId| TreeNode {
            page,
            parent: tree.place(page).parent,
            salt: tree.place(page).salt,
            tokens: tree.edge(page).to_vec(),
            ref_count: pager.pool().ref_count(page),
            window: tree.window(page),
        };
        let sequence = |slot: Slot| {
            let sequence = self.scheduler.sequence(slot);
            SequenceSnapshot {
                id: sequence.id,
                phase: self.scheduler.phase(slot),
                tokens: sequence.tokens.len(),
                computed: sequence.computed,
                block_table: sequence.table.clone(),
                window_table: sequence.windows.held().to_vec(),
            }
        };
        let states = |pool: &BlockPool| (0..pool.total()).map(|i| pool.state(PageId(i as u32))).collect();
        KvSnapshot {
            page_tokens: PAGE_TOKENS,
            pages: states(pager.pool()),
            window_pages: states(pager.windows()),
            tree: tree.walk().take(SNAPSHOT_NODES).map(node).collect(),
            tree_left_out: tree.len().saturating_sub(SNAPSHOT_NODES),
            sequences: self.scheduler.live().map(sequence).collect(),
        }
    }

    fn write_gauges(&self) {
        let meters = &self.shared.meters;
        let pool = self.scheduler.pager().pool();
        let windows = self.scheduler.pager().windows();
        let states = self.scheduler.pager().states();
        let counters = self.scheduler.pager_counters();
        let gauges = [
            (&meters.requests_running, self.scheduler.num_running() as u64),
            (&meters.requests_waiting, (self.scheduler.num_waiting() + self.whole.len()) as u64),
            (&meters.pages_free, pool.free() as u64),
            (&meters.pages_held, pool.held() as u64),
            (&meters.pages_cached, pool.cached() as u64),
            (&meters.pages_total, pool.total() as u64),
            (&meters.window_pages_free, windows.free() as u64),
            (&meters.window_pages_held, windows.held() as u64),
            (&meters.window_pages_cached, windows.cached() as u64),
            (&meters.window_pages_total, windows.total() as u64),
            (&meters.window_page_allocs_total, counters.window_allocs),
            (&meters.window_page_evictions_total, counters.window_evictions),
            (&meters.states_free, states.free() as u64),
            (&meters.states_held, states.held() as u64),
            (&meters.states_cached, states.cached() as u64),
            (&meters.states_total, states.total() as u64),
            (&meters.state_saves_total, counters.state_saves),
            (&meters.state_loads_total, counters.state_loads),
            (&meters.state_evictions_total, counters.state_evictions),
            (&meters.prefix_tree_nodes, self.scheduler.pager().tree().len() as u64),
            (&meters.page_allocs_total, counters.allocs),
            (&meters.page_pins_total, counters.pins),
            (&meters.page_unpins_total, counters.unpins),
            (&meters.page_evictions_total, counters.evictions),
            (&meters.page_copies_total, counters.copies),
            (&meters.page_joins_total, counters.joins),
            (&meters.preemptions_total, self.scheduler.preemptions()),
            (&meters.prompt_cache_entries, self.prompt_cache.len() as u64),
            (&meters.prompt_cache_bytes, self.prompt_cache.bytes() as u64),
            (&meters.prompt_cache_evictions_total, self.prompt_cache.evictions),
            (&meters.last_step_at_us, self.shared.now_us()),
        ];
        for (gauge, value) in gauges {
            gauge.store(value, Relaxed);
        }
    }

    fn client(&self, slot: Slot) -> &Client {
        self.clients[slot].as_ref().expect("a live request has a client")
    }

    fn client_mut(&mut self, slot: Slot) -> &mut Client {
        self.clients[slot].as_mut().expect("a live request has a client")
    }

    fn take_client(&mut self, slot: Slot) -> Client {
        self.clients[slot].take().expect("a live request has a client")
    }
}

/// A request has left the waiting queue for its first step: its place is free, and the pace of the queue is noted.
fn left_queue(client: &mut Client, shared: &Shared, last_admission_us: &mut u64, now_us: u64) {
    client.holds_place = false;
    shared.release(client.request.prompt.len());
    // Time without a queue says nothing about how fast one moves.
    let waited_from_us = client.explanation.submitted_us.max(*last_admission_us);
    let since_us = now_us.saturating_sub(waited_from_us);
    let before_us = shared.admission_interval_us.load(Relaxed);
    shared.admission_interval_us.store((before_us * 7 + since_us) / 8, Relaxed);
    *last_admission_us = now_us;
    shared.meters.queue_time_s.observe_us(client.explanation.queue_us.unwrap_or(0));
}

fn add_elapsed(counter: &AtomicU64, since: Instant) {
    counter.fetch_add(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX), Relaxed);
}
