//! What the engine keeps of a request beside its sequence: who listens, how tokens are chosen, what to tell
//! about it later.

use gollum_core::{ConstraintError, Request, TokenId, TokenLogprob, Usage};
use gollum_sampler::{Sampler, derive_seed};
use tokio::sync::mpsc::{Sender, error::TrySendError};

use crate::embedding::RowPool;
use crate::handle::Submission;
use crate::masks::Guide;
use crate::prompt_cache::PromptKey;
use crate::{Event, Explanation, Phase, PrefixMatch};

/// Prompt chunks told per request.
const EXPLAINED_CHUNKS: usize = 256;

/// The engine's side of one stream.
#[derive(Debug)]
pub(crate) struct Client {
    pub request: Request,
    pub sampler: Sampler,
    /// The rows of its input, if it is to be embedded.
    pub rows: Option<RowPool>,
    /// The state of its constraint, if it has one that is not in use at the moment.
    pub guide: Option<Guide>,
    /// Why its constraint failed, told instead of the sampler's failure.
    pub constraint_error: Option<ConstraintError>,
    /// Where its answer will be stored.
    pub key: Option<PromptKey>,
    /// What it has generated.
    pub tokens: Vec<TokenId>,
    /// Filled only if the answer may be stored and log-probabilities were asked for.
    pub logprobs: Vec<TokenLogprob>,
    /// When it is to fail, and the limit that says so.
    pub deadline: Option<(u64, u64)>,
    /// True until its place in the waiting queue is given back.
    pub holds_place: bool,
    pub explanation: Explanation,
    pub admitted_us: Option<u64>,
    pub first_token_us: Option<u64>,
    pub last_token_us: u64,
    events: Sender<Event>,
}

impl Client {
    pub fn new(submission: Submission, engine_seed: u64, key: Option<PromptKey>) -> Self {
        let Submission { request, embeds, timeout, submitted_us, events } = submission;
        // Ids start at 1, so no request is given the engine's own seed.
        let drawn = || derive_seed(engine_seed, usize::try_from(request.id.0).unwrap_or(usize::MAX));
        let seed = request.sampling.seed.unwrap_or_else(drawn);
        let deadline = timeout.map(|limit| {
            let limit_us = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
            (submitted_us.saturating_add(limit_us), limit_us / 1000)
        });
        Self {
            sampler: Sampler::new(&request.sampling, &request.prompt, seed),
            explanation: new_explanation(&request, submitted_us, seed),
            rows: embeds.map(RowPool::new),
            guide: None,
            constraint_error: None,
            key,
            tokens: Vec::new(),
            logprobs: Vec::new(),
            deadline,
            holds_place: true,
            admitted_us: None,
            first_token_us: None,
            last_token_us: submitted_us,
            events,
            request,
        }
    }

    /// Sends an event. The channel has room for all events of the request, so this never waits; a reader
    /// that is gone has sent an abort, which the next step sees.
    pub fn send(&self, event: Event) {
        if let Err(TrySendError::Full(event)) = self.events.try_send(event) {
            panic!("{} has more events than there is room for: {event:?}", self.request.id);
        }
    }

    /// It begins, for the first time if `is_first`.
    pub fn admitted(&mut self, now_us: u64, is_first: bool, prefix: &PrefixMatch) {
        if is_first {
            self.admitted_us = Some(now_us);
            self.explanation.queue_us = Some(now_us.saturating_sub(self.explanation.submitted_us));
            self.explanation.usage.cached_tokens = prefix.matched_tokens;
            self.explanation.prefix = Some(prefix.clone());
        }
    }

    /// It takes part in a step.
    pub fn stepped(&mut self, prefill_rows: Option<usize>, sequences: usize) {
        let explanation = &mut self.explanation;
        explanation.steps += 1;
        explanation.batch_sequences_max = explanation.batch_sequences_max.max(sequences);
        explanation.batch_sequences_sum += sequences as u64;
        if let Some(rows) = prefill_rows
            && explanation.chunks.len() < EXPLAINED_CHUNKS
        {
            explanation.chunks.push(rows);
        }
    }

    /// It has a token. Microseconds since the last one, or `None` for the first.
    pub fn generated(&mut self, now_us: u64) -> Option<u64> {
        self.explanation.usage.completion_tokens += 1;
        let since = now_us.saturating_sub(std::mem::replace(&mut self.last_token_us, now_us));
        if self.first_token_us.is_some() {
            return Some(since);
        }
        self.first_token_us = Some(now_us);
        self.explanation.ttft_us = Some(now_us.saturating_sub(self.explanation.submitted_us));
        self.explanation.prefill_us = self.admitted_us.map(|admitted| now_us.saturating_sub(admitted));
        None
    }

    /// It has ended.
    pub fn ended(&mut self, now_us: u64, phase: Phase) {
        self.explanation.phase = phase;
        self.explanation.total_us = Some(now_us.saturating_sub(self.explanation.submitted_us));
        self.explanation.decode_us = self.first_token_us.map(|first| now_us.saturating_sub(first));
    }

    pub fn usage(&self) -> Usage {
        self.explanation.usage
    }
}

fn new_explanation(request: &Request, submitted_us: u64, seed: u64) -> Explanation {
    Explanation {
        id: request.id,
        phase: Phase::Queued,
        submitted_us,
        queue_us: None,
        followed: None,
        prefill_us: None,
        decode_us: None,
        ttft_us: None,
        total_us: None,
        prefix: None,
        chunks: Vec::new(),
        preemptions: 0,
        steps: 0,
        batch_sequences_max: 0,
        batch_sequences_sum: 0,
        usage: Usage { prompt_tokens: request.prompt.len(), ..Usage::default() },
        prompt_cache_hit: false,
        sampling: request.sampling.clone(),
        seed,
    }
}
