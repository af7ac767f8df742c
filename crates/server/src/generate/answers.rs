//! The answers to one HTTP request: one generation per prompt, `n` answers in each, as one stream of events.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Instant;

use gollum_core::{FinishReason, RequestId, Timing, TokenId};
use gollum_frontend::{Frontend, Generation, ShownToken, TextEvent, ToolCall};
use tokio::sync::watch;

use super::prompt_logprobs::PromptLogprobs;
use super::usage::{CompletionTokensDetails, PromptTokensDetails, Usage};
use crate::app::{App, InFlight, becomes_true};
use crate::error::ApiError;
use crate::spans::{Beginning, Outcome};

/// Running generations. Dropping it aborts what has not ended.
pub struct Answers {
    frontend: Arc<Frontend>,
    parts: Vec<Part>,
    per_prompt: usize,
    /// Where the next look for an event begins, so that no prompt starves another.
    turn: usize,
    ended: bool,
    failed: bool,
    span: Option<Beginning>,
    cut: watch::Receiver<bool>,
    app: Arc<App>,
    _in_flight: InFlight,
}

struct Part {
    generation: Generation,
    running: usize,
    /// Of each answer, so far or in all.
    completion_tokens: Vec<usize>,
    thought_tokens: usize,
    prompt_tokens: usize,
    cached_tokens: usize,
    replayed: usize,
    /// The longest of its answers'.
    timing: Timing,
    began: Instant,
    first_token: Option<Instant>,
}

/// One thing that happened to one answer.
pub enum AnswerEvent {
    /// More text of answer `index`.
    Delta {
        /// Which answer.
        index: usize,
        /// New thoughts, where they are told apart; they come before the text.
        thoughts: String,
        /// New text; may be empty while a stop string or a character is incomplete.
        text: String,
        /// The tokens behind it.
        tokens: Vec<TokenId>,
        /// Log-probabilities of the tokens behind it, if asked for.
        logprobs: Vec<ShownToken>,
    },
    /// Answer `index` calls tools: each call is told once, whole.
    Calls {
        /// Which answer.
        index: usize,
        /// At least one.
        calls: Vec<ToolCall>,
    },
    /// Answer `index` is complete.
    Finished {
        /// Which answer.
        index: usize,
        /// Why.
        reason: FinishReason,
        /// The stop string that ended it.
        matched_stop: Option<String>,
    },
    /// The request failed: all its answers end here.
    Failed(ApiError),
}

impl Answers {
    /// Takes over `generations`, of `per_prompt` answers each.
    pub fn new(
        app: &Arc<App>,
        frontend: Arc<Frontend>,
        generations: Vec<Generation>,
        per_prompt: usize,
        in_flight: InFlight,
    ) -> Self {
        let parts = generations
            .into_iter()
            .map(|generation| Part {
                prompt_tokens: generation.prompt_tokens(),
                generation,
                running: per_prompt,
                completion_tokens: vec![0; per_prompt],
                thought_tokens: 0,
                cached_tokens: usize::MAX,
                replayed: 0,
                timing: Timing::default(),
                began: Instant::now(),
                first_token: None,
            })
            .collect();
        Self {
            frontend,
            parts,
            per_prompt,
            turn: 0,
            ended: false,
            failed: false,
            span: None,
            cut: app.cut.subscribe(),
            app: Arc::clone(app),
            _in_flight: in_flight,
        }
    }

    /// Tells of the request when it ends.
    pub fn trace(&mut self, span: Option<Beginning>) {
        self.span = span;
    }

    /// The model that answers.
    pub fn frontend(&self) -> &Arc<Frontend> {
        &self.frontend
    }

    /// The engine's ids of all answers.
    pub fn request_ids(&self) -> Vec<RequestId> {
        self.parts.iter().flat_map(|part| part.generation.request_ids()).copied().collect()
    }

    /// Answers in all.
    pub fn count(&self) -> usize {
        self.parts.len() * self.per_prompt
    }

    /// The next event; `None` once all answers are complete or one failed. At the server's last moment every
    /// request fails. May be dropped and called again: no event is lost.
    pub async fn next(&mut self) -> Option<AnswerEvent> {
        if self.ended {
            return None;
        }
        let mut cut = self.cut.clone();
        let event = tokio::select! {
            biased;
            event = std::future::poll_fn(|cx| self.poll_next(cx)) => event,
            () = becomes_true(&mut cut) => Some(AnswerEvent::Failed(ApiError::draining())),
        };
        self.note_end(event.as_ref());
        event
    }

    fn note_end(&mut self, event: Option<&AnswerEvent>) {
        self.failed |= matches!(event, Some(AnswerEvent::Failed(_)));
        self.ended = matches!(event, None | Some(AnswerEvent::Failed(_)));
    }

    /// The next event, if it is there already.
    pub async fn next_if_ready(&mut self) -> Option<AnswerEvent> {
        if self.ended {
            return None;
        }
        let ready = std::future::poll_fn(|cx| Poll::Ready(self.poll_next(cx))).await;
        match ready {
            Poll::Ready(event) => {
                self.note_end(event.as_ref());
                event
            }
            Poll::Pending => None,
        }
    }

    /// True once [`Answers::next`] has nothing more to give.
    pub fn is_over(&self) -> bool {
        self.ended || self.parts.iter().all(|part| part.running == 0)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<AnswerEvent>> {
        let count = self.parts.len();
        for offset in 0..count {
            let number = (self.turn + offset) % count;
            if self.parts[number].running == 0 {
                continue;
            }
            let polled = self.parts[number].generation.poll_next(cx);
            let Poll::Ready(event) = polled else { continue };
            self.turn = (number + 1) % count;
            let first_index = number * self.per_prompt;
            return Poll::Ready(Some(self.parts[number].note(event, first_index)));
        }
        if self.parts.iter().all(|part| part.running == 0) { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Of each prompt what was asked about its tokens, complete once its answers are.
    pub fn prompt_logprobs(&self) -> Vec<Option<PromptLogprobs>> {
        let told = |part: &Part| {
            let told = part.generation.prompt_logprobs()?;
            Some(PromptLogprobs::new(&self.frontend, told))
        };
        self.parts.iter().map(told).collect()
    }

    /// Token counts, complete once all answers are.
    pub fn usage(&self) -> Usage {
        let prompt_tokens = self.parts.iter().map(|part| part.prompt_tokens).sum();
        let completion_tokens: usize = self.parts.iter().flat_map(|part| &part.completion_tokens).sum();
        let cached = |part: &Part| if part.cached_tokens == usize::MAX { 0 } else { part.cached_tokens };
        Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
            prompt_tokens_details: PromptTokensDetails {
                cached_tokens: self.parts.iter().map(cached).sum(),
                prompt_cache_hit: self.replayed(),
            },
            completion_tokens_details: CompletionTokensDetails {
                reasoning_tokens: self.parts.iter().map(|part| part.thought_tokens).sum(),
            },
        }
    }

    /// Where the time went: the longest of all answers, which run side by side. The engine's own times once all are complete;
    /// before that, as they look from here.
    pub fn timing(&self) -> Timing {
        self.parts.iter().map(Part::timing).fold(Timing::default(), |longest, timing| Timing {
            queue_us: longest.queue_us.max(timing.queue_us),
            prefill_us: longest.prefill_us.max(timing.prefill_us),
            decode_us: longest.decode_us.max(timing.decode_us),
        })
    }

    /// True if every answer came from the prompt cache; known once all are complete.
    pub fn replayed(&self) -> bool {
        self.parts.iter().all(|part| part.replayed == self.per_prompt)
    }
}

impl Part {
    fn timing(&self) -> Timing {
        let micros = |from: Instant, to: Instant| {
            u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
        };
        match self.first_token {
            Some(first) if self.running > 0 => Timing {
                queue_us: self.timing.queue_us,
                prefill_us: micros(self.began, first),
                decode_us: micros(first, Instant::now()),
            },
            _ => self.timing,
        }
    }

    fn note(&mut self, event: Option<TextEvent>, first_index: usize) -> AnswerEvent {
        match event {
            Some(TextEvent::Delta { index, thoughts, thought_tokens, text, tokens, logprobs }) => {
                self.thought_tokens += thought_tokens;
                self.completion_tokens[index] += tokens.len();
                if self.first_token.is_none() && !tokens.is_empty() {
                    self.first_token = Some(Instant::now());
                }
                AnswerEvent::Delta { index: first_index + index, thoughts, text, tokens, logprobs }
            }
            Some(TextEvent::Calls { index, calls }) => {
                AnswerEvent::Calls { index: first_index + index, calls }
            }
            Some(TextEvent::Finished { index, reason, matched_stop, usage, prompt_cache_hit, timing }) => {
                self.running -= 1;
                self.prompt_tokens = usage.prompt_tokens;
                self.completion_tokens[index] = usage.completion_tokens;
                // Answers share a prompt: it was computed as far as the least lucky of them had to.
                self.cached_tokens = self.cached_tokens.min(usage.cached_tokens);
                self.replayed += usize::from(prompt_cache_hit);
                self.timing.queue_us = self.timing.queue_us.max(timing.queue_us);
                self.timing.prefill_us = self.timing.prefill_us.max(timing.prefill_us);
                self.timing.decode_us = self.timing.decode_us.max(timing.decode_us);
                AnswerEvent::Finished { index: first_index + index, reason, matched_stop }
            }
            Some(TextEvent::Failed { error, .. }) => AnswerEvent::Failed(error.into()),
            None => AnswerEvent::Failed(ApiError::internal("the answer ended without an end")),
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        if !self.is_over() {
            self.app.counters.disconnects.fetch_add(1, Ordering::Relaxed);
        }
        let Some(span) = self.span.take() else { return };
        let outcome = match (self.failed, self.is_over()) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::Complete,
            (false, false) => Outcome::Abandoned,
        };
        let usage = self.usage();
        let cached = usage.prompt_tokens_details.cached_tokens;
        let tokens = [usage.prompt_tokens, cached, usage.completion_tokens];
        span.end(self.frontend.model_id().to_owned(), self.timing(), tokens, outcome);
    }
}
