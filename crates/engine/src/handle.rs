//! The engine seen from outside: submit a request, read its events, ask for numbers.
//!
//! Nothing here blocks on the engine thread except the two debug questions, which wait two seconds at most.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use gollum_core::{Constraint, Fallbacks, Limits, Pooling, Request, RequestId, SamplingParams, TokenId};
use tokio::sync::mpsc;

use crate::stats::Meters;
use crate::{
    EngineError, EngineLimits, EngineStats, Event, Explanation, KvSnapshot, NewEmbedding, SubmitError,
};

/// Debug questions in flight at most; more are answered with `None`.
const MAX_QUESTIONS: usize = 16;
/// How long a debug question waits for the engine thread, which answers between two steps.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(2);

/// What a client asks for; [`gollum_core::Request`] without its id, which the handle makes.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRequest {
    /// Prompt ids, not empty.
    pub prompt: Arc<[TokenId]>,
    /// How tokens are chosen.
    pub sampling: SamplingParams,
    /// When it ends. `max_tokens` may be larger than the context: it is capped.
    pub limits: Limits,
    /// Larger runs earlier; 0 is the default.
    pub priority: i32,
    /// Separates tenants in every cache.
    pub cache_salt: u64,
    /// May be answered from, and stored in, the prompt cache.
    pub use_prompt_cache: bool,
    /// What restricts the answer's tokens; the ids that end it belong into `limits.stop_ids` all the same.
    pub constraint: Option<Constraint>,
    /// The request fails with [`EngineError::DeadlineExceeded`] when it is not done after this.
    pub timeout: Option<Duration>,
}

/// What the engine thread is told.
#[derive(Debug)]
pub(crate) enum Command {
    Submit(Box<Submission>),
    Abort(RequestId),
    Drain { deadline: Duration },
    Explain(RequestId, SyncSender<Option<Explanation>>),
    Snapshot(SyncSender<KvSnapshot>),
}

/// An accepted request on its way to the engine thread.
#[derive(Debug)]
pub(crate) struct Submission {
    pub request: Request,
    /// How an embedding's rows become one; `None` of requests for tokens.
    pub embeds: Option<Pooling>,
    pub timeout: Option<Duration>,
    pub submitted_us: u64,
    pub events: mpsc::Sender<Event>,
}

/// Where the time comes from.
#[derive(Debug)]
pub(crate) enum Clock {
    Real { started: Instant },
    Simulated { now_us: Arc<AtomicU64> },
}

const RUNNING: u8 = 0;
const STOPPED: u8 = 1;
const PANICKED: u8 = 2;

/// What both sides see; atomics, and one condition variable for the very end.
#[derive(Debug)]
pub(crate) struct Shared {
    pub meters: Meters,
    pub limits: EngineLimits,
    /// The backend's own counters.
    fallbacks: Option<Arc<Fallbacks>>,
    clock: Clock,
    next_id: AtomicU64,
    life: AtomicU8,
    draining: AtomicBool,
    last_beat_us: AtomicU64,
    waiting_requests: AtomicUsize,
    waiting_tokens: AtomicUsize,
    /// Smoothed time between two admissions, from which `retry_after_s` is estimated.
    pub admission_interval_us: AtomicU64,
    questions: AtomicUsize,
    ended: Mutex<bool>,
    ended_signal: Condvar,
}

impl Shared {
    pub fn new(limits: EngineLimits, clock: Clock, fallbacks: Option<Arc<Fallbacks>>) -> Self {
        Self {
            meters: Meters::new(),
            limits,
            fallbacks,
            clock,
            next_id: AtomicU64::new(1),
            life: AtomicU8::new(RUNNING),
            draining: AtomicBool::new(false),
            last_beat_us: AtomicU64::new(0),
            waiting_requests: AtomicUsize::new(0),
            waiting_tokens: AtomicUsize::new(0),
            admission_interval_us: AtomicU64::new(0),
            questions: AtomicUsize::new(0),
            ended: Mutex::new(false),
            ended_signal: Condvar::new(),
        }
    }

    /// Microseconds since the engine's start.
    pub fn now_us(&self) -> u64 {
        match &self.clock {
            Clock::Real { started } => u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            Clock::Simulated { now_us } => now_us.load(Ordering::Relaxed),
        }
    }

    /// The engine thread is alive and between two steps.
    pub fn beat(&self) {
        self.last_beat_us.store(self.now_us(), Ordering::Relaxed);
    }

    /// Refuses new requests from now on.
    pub fn set_draining(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.meters.draining.store(1, Ordering::Relaxed);
    }

    /// The engine thread is about to end.
    pub fn set_ended(&self, panicked: bool) {
        self.life.store(if panicked { PANICKED } else { STOPPED }, Ordering::SeqCst);
        self.meters.stopped.store(1, Ordering::Relaxed);
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ended_signal.notify_all();
    }

    /// Why a stream that the engine thread left without an end has ended.
    pub fn cause_of_death(&self) -> EngineError {
        match self.life.load(Ordering::SeqCst) {
            PANICKED => EngineError::RunnerPanicked,
            _ => EngineError::ShuttingDown,
        }
    }

    /// Takes a place in the waiting queue, or says why there is none.
    fn reserve(&self, prompt_tokens: usize) -> Result<(), SubmitError> {
        let limits = &self.limits;
        let requests = self.waiting_requests.fetch_add(1, Ordering::SeqCst);
        let tokens = self.waiting_tokens.fetch_add(prompt_tokens, Ordering::SeqCst);
        let tokens_fit = requests == 0 || tokens.saturating_add(prompt_tokens) <= limits.max_waiting_tokens;
        if requests < limits.max_waiting_requests && tokens_fit {
            self.meters.waiting_tokens.store((tokens + prompt_tokens) as u64, Ordering::Relaxed);
            return Ok(());
        }
        self.release(prompt_tokens);
        let interval_us = self.admission_interval_us.load(Ordering::Relaxed).max(1);
        // A quarter of the queue: clients that all come back when one place is free would be refused again.
        let wait_us = interval_us.saturating_mul(requests as u64 / 4 + 1);
        Err(SubmitError::QueueFull {
            retry_after_s: wait_us.div_ceil(1_000_000).clamp(1, 60) as u32,
            waiting_requests: requests,
            waiting_tokens: tokens,
        })
    }

    /// Gives a place in the waiting queue back.
    pub fn release(&self, prompt_tokens: usize) {
        self.waiting_requests.fetch_sub(1, Ordering::SeqCst);
        let tokens = self.waiting_tokens.fetch_sub(prompt_tokens, Ordering::SeqCst);
        self.meters.waiting_tokens.store(tokens.saturating_sub(prompt_tokens) as u64, Ordering::Relaxed);
    }
}

/// The engine seen from outside; cheap to clone. When all handles and streams are gone the engine stops.
#[derive(Clone, Debug)]
pub struct EngineHandle {
    shared: Arc<Shared>,
    commands: Sender<Command>,
}

impl EngineHandle {
    pub(crate) fn new(shared: Arc<Shared>, commands: Sender<Command>) -> Self {
        Self { shared, commands }
    }

    /// Takes a request in, or says why not. Never blocks.
    ///
    /// `limits.max_tokens` is capped so that prompt and answer fit [`EngineLimits::max_servable_tokens`];
    /// `limits.stop_ids` need not be sorted.
    pub fn submit(&self, new: NewRequest) -> Result<EventStream, SubmitError> {
        self.counted(self.validated(new))
    }

    /// Takes an input to be embedded in, or says why not. Never blocks. Its stream has one [`Event::Embedding`].
    pub fn embed(&self, new: NewEmbedding) -> Result<EventStream, SubmitError> {
        let checked = self.shared.limits.check_input(&new.input);
        self.counted(checked.and_then(|spec| self.accept(new.into_request(spec), Some(spec.rows))))
    }

    fn counted(&self, accepted: Result<EventStream, SubmitError>) -> Result<EventStream, SubmitError> {
        let meters = &self.shared.meters;
        let accepted = accepted.inspect_err(|error| {
            let counter = match error {
                SubmitError::QueueFull { .. } => &meters.requests_refused_full_total,
                _ => &meters.requests_refused_other_total,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        })?;
        meters.requests_total.fetch_add(1, Ordering::Relaxed);
        Ok(accepted)
    }

    fn validated(&self, mut new: NewRequest) -> Result<EventStream, SubmitError> {
        if self.shared.limits.only_embeds() {
            return Err(SubmitError::CannotGenerate);
        }
        let limits = &mut new.limits;
        limits.max_tokens = self.validate(&new.prompt, &new.sampling, limits.max_tokens)?;
        limits.stop_ids.sort_unstable();
        limits.stop_ids.dedup();
        self.accept(new, None)
    }

    fn accept(&self, new: NewRequest, embeds: Option<Pooling>) -> Result<EventStream, SubmitError> {
        let limits = new.limits;
        if self.shared.life.load(Ordering::SeqCst) != RUNNING {
            return Err(SubmitError::Stopped);
        }
        if self.is_draining() {
            return Err(SubmitError::Draining);
        }
        let prompt_tokens = new.prompt.len();
        self.shared.reserve(prompt_tokens)?;
        // Room for every event this request can have, so that the engine never waits for a reader.
        let about_prompt = new.sampling.prompt_logprobs.map_or(0, |_| prompt_tokens - 1);
        let (events, receiver) = mpsc::channel(about_prompt + limits.max_tokens + 1);
        let id = RequestId(self.shared.next_id.fetch_add(1, Ordering::Relaxed));
        let submission = Submission {
            request: Request {
                id,
                prompt: new.prompt,
                sampling: new.sampling,
                limits,
                priority: new.priority,
                cache_salt: new.cache_salt,
                use_prompt_cache: new.use_prompt_cache,
                constraint: new.constraint,
            },
            embeds,
            timeout: new.timeout,
            submitted_us: self.shared.now_us(),
            events,
        };
        if self.commands.send(Command::Submit(Box::new(submission))).is_err() {
            self.shared.release(prompt_tokens);
            return Err(SubmitError::Stopped);
        }
        Ok(EventStream {
            id,
            receiver,
            ended: false,
            shared: Arc::clone(&self.shared),
            commands: self.commands.clone(),
        })
    }

    /// Checks a request and returns the answer length in force.
    fn validate(
        &self,
        prompt: &[TokenId],
        sampling: &SamplingParams,
        max_tokens: usize,
    ) -> Result<usize, SubmitError> {
        let limits = &self.shared.limits;
        if prompt.is_empty() {
            return Err(SubmitError::EmptyPrompt);
        }
        if max_tokens == 0 {
            return Err(SubmitError::NoTokensAsked);
        }
        let room = limits.max_servable_tokens.saturating_sub(prompt.len());
        if room == 0 {
            return Err(SubmitError::TooLong {
                prompt_tokens: prompt.len(),
                max_tokens,
                limit: limits.max_servable_tokens,
                max_model_len: limits.max_model_len,
                kv_tokens: (limits.kv_pages - 1) * limits.page_tokens,
            });
        }
        let biased = sampling.logit_bias.iter().map(|(token, _)| token);
        if let Some(&token) = prompt.iter().chain(biased).find(|&&t| t as usize >= limits.vocab_size) {
            return Err(SubmitError::TokenOutOfRange { token, vocab_size: limits.vocab_size });
        }
        Ok(max_tokens.min(room))
    }

    /// All numbers at this moment. Lock-free; numbers of one snapshot may be a step apart.
    pub fn stats(&self) -> EngineStats {
        let fallbacks = self.shared.fallbacks.as_ref().map_or_else(Vec::new, |f| f.snapshot());
        EngineStats { fallbacks, ..self.shared.meters.snapshot() }
    }

    /// The pager and the tree, between two steps. `None` if the engine does not answer within two seconds.
    pub fn kv_snapshot(&self) -> Option<KvSnapshot> {
        self.ask(Command::Snapshot)
    }

    /// Why a request took its time; live ones and the last [`crate::EngineConfig::explained_requests`].
    pub fn explain(&self, id: RequestId) -> Option<Explanation> {
        self.ask(|reply| Command::Explain(id, reply)).flatten()
    }

    fn ask<T>(&self, question: impl FnOnce(SyncSender<T>) -> Command) -> Option<T> {
        let questions = &self.shared.questions;
        let before = questions.fetch_add(1, Ordering::SeqCst);
        let mut answer = None;
        if before < MAX_QUESTIONS {
            let (reply, answers) = sync_channel(1);
            if self.commands.send(question(reply)).is_ok() {
                answer = answers.recv_timeout(QUESTION_TIMEOUT).ok();
            }
        }
        questions.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    /// Time since the engine thread was last between two steps; it beats at least every half second when
    /// idle. [`Duration::MAX`] once it has stopped.
    pub fn heartbeat_age(&self) -> Duration {
        if self.is_stopped() {
            return Duration::MAX;
        }
        let beat_us = self.shared.last_beat_us.load(Ordering::Relaxed);
        Duration::from_micros(self.shared.now_us().saturating_sub(beat_us))
    }

    /// Refuses new requests from now on; those in flight may finish until `deadline` has passed, and then
    /// fail with [`EngineError::ShuttingDown`]. The engine stops after the last one. Returns at once; see
    /// [`EngineHandle::wait_stopped`].
    pub fn drain(&self, deadline: Duration) {
        self.shared.set_draining();
        // An engine that has stopped already has nothing to drain.
        let _ = self.commands.send(Command::Drain { deadline });
    }

    /// True once [`EngineHandle::drain`] was called.
    pub fn is_draining(&self) -> bool {
        self.shared.draining.load(Ordering::SeqCst)
    }

    /// True once the engine thread has ended, by a drain or a panic.
    pub fn is_stopped(&self) -> bool {
        self.shared.life.load(Ordering::SeqCst) != RUNNING
    }

    /// True if the engine thread has ended because the model's code panicked.
    pub fn has_panicked(&self) -> bool {
        self.shared.life.load(Ordering::SeqCst) == PANICKED
    }

    /// Blocks until the engine has stopped, `timeout` at most. True if it has.
    pub fn wait_stopped(&self, timeout: Duration) -> bool {
        let ended = self.shared.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.ended_signal.wait_timeout_while(ended, timeout, |ended| !*ended);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// What a request may ask for.
    pub fn limits(&self) -> EngineLimits {
        self.shared.limits
    }
}

/// The events of one request. Dropping it aborts the request: its pages are free within two steps.
#[derive(Debug)]
pub struct EventStream {
    id: RequestId,
    receiver: mpsc::Receiver<Event>,
    ended: bool,
    shared: Arc<Shared>,
    commands: Sender<Command>,
}

impl EventStream {
    /// The next event; `None` after the terminal one, which always comes.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// [`EventStream::next`] in the form that `Stream` implementations need.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(context).map(|event| Some(self.pass_on(event)))
    }

    /// [`EventStream::next`] for threads. Panics inside an async runtime's own threads.
    pub fn blocking_next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        let event = self.receiver.blocking_recv();
        Some(self.pass_on(event))
    }

    /// The next event if it is there already.
    pub fn try_next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        match self.receiver.try_recv() {
            Ok(event) => Some(self.pass_on(Some(event))),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => Some(self.pass_on(None)),
        }
    }

    /// A channel that closed without a terminal event means that the engine thread is gone: the stream
    /// still ends with exactly one.
    fn pass_on(&mut self, event: Option<Event>) -> Event {
        let event = event.unwrap_or_else(|| Event::Failed(self.shared.cause_of_death()));
        self.ended = event.is_terminal();
        event
    }

    /// Events that wait to be read: what a slow reader costs.
    pub fn buffered(&self) -> usize {
        self.receiver.len()
    }

    /// Asks the engine to end the request now. The stream goes on to its terminal event, which comes within two
    /// steps and is `Finished` with [`gollum_core::FinishReason::Aborted`] unless another end came first.
    pub fn abort(&self) {
        // A stopped engine has let the request go already.
        let _ = self.commands.send(Command::Abort(self.id));
    }

    /// The request's id, for `x-request-id` and [`EngineHandle::explain`].
    pub fn id(&self) -> RequestId {
        self.id
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        if !self.ended {
            // A stopped engine has let the request go already.
            let _ = self.commands.send(Command::Abort(self.id));
        }
    }
}
