//! A whole life of the engine on one seed: clients, clock, faults. Nothing here is random but the seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use std::time::Duration;

use gollum_backend_toy::{ToyConfig, ToyModel, ToyProbe, ToyRunner};
use gollum_core::{
    Batch, FinishReason, Limits, Logits, ModelRunner, ModelSpec, RunnerError, SamplingParams, TokenId,
};
use gollum_engine::{
    Engine, EngineConfig, EngineError, EngineHandle, Event, EventStream, ManualEngine, NewRequest, Policy,
    SubmitError, Turn,
};
use gollum_sampler::{Sampler, Scratch};

use super::VOCAB;
use super::script::Script;

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `low..=high`.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    pub fn size(&mut self, low: usize, high: usize) -> usize {
        self.range(low as u64, high as u64) as usize
    }

    /// True once in `n`; never for 0.
    pub fn one_in(&mut self, n: u64) -> bool {
        n > 0 && self.next().is_multiple_of(n)
    }

    pub fn tokens(&mut self, n: usize) -> Vec<TokenId> {
        (0..n).map(|_| (self.next() % VOCAB as u64) as TokenId).collect()
    }
}

/// What goes wrong in a life; `0` is never, else once in so many steps (or rows).
#[derive(Clone, Debug)]
struct Faults {
    nan_row: u64,
    error: u64,
    panic: u64,
    stall: u64,
    clock_jump: u64,
}

/// The toy with faults, and a step that takes simulated time.
struct FaultyToy {
    toy: ToyRunner,
    faults: Faults,
    rng: Rng,
    now_us: Arc<AtomicU64>,
    step_us: (u64, u64),
}

impl ModelRunner for FaultyToy {
    fn spec(&self) -> &ModelSpec {
        self.toy.spec()
    }

    fn allocate_kv(&mut self, pages: usize, window_pages: usize) -> Result<(), RunnerError> {
        self.toy.allocate_kv(pages, window_pages)
    }

    fn allocate_states(&mut self, slots: usize) -> Result<(), RunnerError> {
        self.toy.allocate_states(slots)
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        let took_us = match self.rng.one_in(self.faults.stall) {
            true => self.rng.range(5_000_000, 40_000_000),
            false => self.rng.range(self.step_us.0, self.step_us.1),
        };
        self.now_us.fetch_add(took_us, Ordering::Relaxed);
        if self.rng.one_in(self.faults.panic) {
            // Without the panic hook, whose text would fill the test's output.
            std::panic::resume_unwind(Box::new("panic on order"));
        }
        if self.rng.one_in(self.faults.error) {
            return Err(RunnerError::Backend("error on order".into()));
        }
        self.toy.forward(batch, logits)?;
        for row in 0..logits.rows() {
            if self.rng.one_in(self.faults.nan_row) {
                logits.row_mut(row)[0] = f32::NAN;
            }
        }
        Ok(())
    }
}

/// A client with its stream.
struct Client {
    stream: EventStream,
    request: NewRequest,
    expected: (Vec<TokenId>, FinishReason),
    read: usize,
    /// Tokens of the prompt told so far.
    told: usize,
    /// Reads nothing before this.
    reads_from_us: u64,
    leaves_at_us: u64,
}

/// What a life came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Hash of every event in order.
    pub digest: u64,
    pub steps: u64,
    pub submitted: u64,
    pub refused: u64,
    pub finished: u64,
    pub left: u64,
    pub failed: u64,
    pub preemptions: u64,
    pub cached_tokens: u64,
    pub replayed: u64,
    pub forced: u64,
    pub state_loads: u64,
    pub state_evictions: u64,
    pub window_evictions: u64,
    /// Tokens that the tree knew and that could not be gone on from.
    pub cut_tokens: u64,
}

impl Report {
    fn log(&mut self, word: u64) {
        self.digest = (self.digest ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
    }

    pub fn add(&mut self, other: &Report) {
        self.log(other.digest);
        self.steps += other.steps;
        self.submitted += other.submitted;
        self.refused += other.refused;
        self.finished += other.finished;
        self.left += other.left;
        self.failed += other.failed;
        self.preemptions += other.preemptions;
        self.cached_tokens += other.cached_tokens;
        self.replayed += other.replayed;
        self.forced += other.forced;
        self.state_loads += other.state_loads;
        self.state_evictions += other.state_evictions;
        self.window_evictions += other.window_evictions;
        self.cut_tokens += other.cut_tokens;
    }
}

/// The simulation.
struct Life {
    rng: Rng,
    handle: EngineHandle,
    engine: ManualEngine,
    probe: ToyProbe,
    now_us: Arc<AtomicU64>,
    faults: Faults,
    clients: Vec<Client>,
    /// Beginnings that prompts share.
    themes: Vec<Vec<TokenId>>,
    /// Prompts and answers that may go on.
    conversations: Vec<Vec<TokenId>>,
    /// Requests that may be asked again.
    asked: Vec<NewRequest>,
    arrival_us: u64,
    burst: usize,
    stopped: bool,
    report: Report,
}

/// Lives through `minutes` of simulated time, then shuts down. Panics if any promise is broken.
pub fn live(seed: u64, minutes: u64) -> Report {
    let mut life = Life::new(seed);
    let end_us = minutes * 60_000_000;
    let mut next_arrival_us = 0;
    while life.now() < end_us && !life.stopped {
        while next_arrival_us <= life.now() {
            life.arrive();
            next_arrival_us += life.rng.range(1, 2 * life.arrival_us);
        }
        match life.turn() {
            Turn::Idle => life.now_us.store(next_arrival_us, Ordering::Relaxed),
            Turn::Worked => life.jump_clock(&mut next_arrival_us),
            Turn::Stopped => life.stopped = true,
        }
        life.serve_clients();
    }
    life.shut_down();
    life.report
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let is_faulty = rng.one_in(2);
        let sometimes = |rng: &mut Rng, n: u64| if is_faulty { rng.range(0, 2) * n } else { 0 };
        let faults = Faults {
            nan_row: sometimes(&mut rng, 400),
            error: sometimes(&mut rng, 300),
            panic: if rng.one_in(20) { 500 } else { 0 },
            stall: sometimes(&mut rng, 200),
            clock_jump: sometimes(&mut rng, 200),
        };
        let budget = rng.size(1, 96);
        let mut config = EngineConfig {
            max_num_seqs: rng.size(1, 32),
            max_num_batched_tokens: budget,
            max_prefill_beside_decodes: rng.size(1, budget),
            max_prefill_step_us: rng.range(1, 2_000_000),
            max_prefill_beside_decodes_us: rng.range(1, 1_000_000),
            max_model_len: if rng.one_in(3) { rng.size(40, 300) } else { 0 },
            kv_pages: rng.size(4, 120),
            window_pages: rng.size(1, 120),
            state_slots: rng.size(2, 40),
            max_waiting_requests: rng.size(1, 60),
            max_waiting_tokens: rng.size(50, 6000),
            policy: if rng.one_in(2) { Policy::Lpm } else { Policy::Fcfs },
            lpm_max_age_us: rng.range(0, 20_000_000),
            prefix_cache: !rng.one_in(10),
            prompt_cache_bytes: rng.size(0, 8) * 1000,
            seed,
            explained_requests: 8,
            model_digest: 1,
        };
        let step_us = rng.range(20_000, 300_000);
        let now_us = Arc::new(AtomicU64::new(0));
        let mut toy = ToyConfig { has_state: rng.one_in(2), ..ToyConfig::plain(VOCAB) };
        if rng.one_in(2) {
            let longest = if rng.one_in(2) { 20 } else { 120 };
            toy.window_tokens = Some(rng.size(1, longest));
        }
        config.window_pages = least_window_pages(&toy, &config).max(config.window_pages);
        let toy = ToyRunner::new(toy);
        let probe = toy.probe();
        let faulty = FaultyToy {
            toy,
            faults: faults.clone(),
            rng: Rng(rng.next()),
            now_us: Arc::clone(&now_us),
            step_us: (step_us / 2, step_us),
        };
        let (handle, engine) = Engine::manual(Box::new(faulty), config, Arc::clone(&now_us)).unwrap();
        let themes = (0..4).map(|_| rng.tokens(200)).collect();
        Self {
            arrival_us: rng.range(1, 40) * step_us,
            burst: rng.size(1, 12),
            rng,
            handle,
            engine,
            probe,
            now_us,
            faults,
            clients: Vec::new(),
            themes,
            conversations: Vec::new(),
            asked: Vec::new(),
            stopped: false,
            report: Report::default(),
        }
    }

    fn now(&self) -> u64 {
        self.now_us.load(Ordering::Relaxed)
    }

    fn turn(&mut self) -> Turn {
        let turn = self.engine.turn();
        self.report.steps += u64::from(turn == Turn::Worked);
        if turn != Turn::Stopped {
            self.engine.check();
        }
        assert_eq!(self.probe.violations(), 0, "{:?}", self.probe.first_violation());
        turn
    }

    fn jump_clock(&mut self, next_arrival_us: &mut u64) {
        if !self.rng.one_in(self.faults.clock_jump) {
            return;
        }
        let jump_us = self.rng.range(1, 100_000_000);
        let now_us =
            if self.rng.one_in(2) { self.now() + jump_us } else { self.now().saturating_sub(jump_us / 4) };
        self.now_us.store(now_us, Ordering::Relaxed);
        *next_arrival_us = now_us;
    }

    /// One client, or a burst of them with one beginning.
    fn arrive(&mut self) {
        let count = if self.rng.one_in(4) { self.burst } else { 1 };
        let start = self.beginning();
        for _ in 0..count {
            // Some ask again what was asked before.
            let is_repeat = self.rng.one_in(6) && !self.asked.is_empty();
            let request = match is_repeat {
                true => self.asked[self.rng.size(0, self.asked.len() - 1)].clone(),
                false => self.request(&start),
            };
            if self.asked.len() < 8 {
                self.asked.push(request.clone());
            } else if self.rng.one_in(10) {
                self.asked[self.rng.size(0, 7)] = request.clone();
            }
            self.submit(request);
        }
    }

    fn beginning(&mut self) -> Vec<TokenId> {
        if self.rng.one_in(3) && !self.conversations.is_empty() {
            let index = self.rng.size(0, self.conversations.len() - 1);
            return self.conversations.swap_remove(index);
        }
        if self.rng.one_in(4) {
            return Vec::new();
        }
        let index = self.rng.size(0, self.themes.len() - 1);
        let len = self.rng.size(1, self.themes[index].len());
        self.themes[index][..len].to_vec()
    }

    fn request(&mut self, start: &[TokenId]) -> NewRequest {
        let rng = &mut self.rng;
        let mut prompt = start.to_vec();
        let own = rng.size(usize::from(prompt.is_empty()), 40);
        prompt.extend(rng.tokens(own));
        // Most clients know what fits.
        let servable = self.handle.limits().max_servable_tokens;
        if !rng.one_in(50) {
            prompt.truncate(rng.size(1, servable - 1));
        }
        let mut sampling = SamplingParams { temperature: 0.0, ..SamplingParams::default() };
        if rng.one_in(5) {
            sampling.temperature = 1.5;
            sampling.top_k = rng.range(0, 8) as u32;
            sampling.repetition_penalty = 1.1;
            sampling.seed = Some(rng.range(1, 3));
        }
        sampling.prompt_logprobs = rng.one_in(6).then(|| rng.range(0, 2) as u8);
        let stop_ids = if rng.one_in(6) { rng.tokens(3) } else { Vec::new() };
        let constraint = rng.one_in(5).then(|| Script::constraint(rng.next()));
        // The only token allowed may be one that it is too early for.
        let min_tokens = if constraint.is_some() { 0 } else { rng.size(0, 4) };
        NewRequest {
            prompt: prompt.into(),
            sampling,
            limits: Limits { max_tokens: rng.size(1, 70), min_tokens, stop_ids },
            priority: if rng.one_in(5) { rng.range(0, 4) as i32 - 2 } else { 0 },
            cache_salt: if rng.one_in(4) { rng.range(0, 2) } else { 0 },
            use_prompt_cache: rng.one_in(3),
            constraint,
            timeout: rng.one_in(12).then(|| Duration::from_micros(rng.range(1, 60_000_000))),
        }
    }

    fn submit(&mut self, request: NewRequest) {
        let limits = self.handle.limits();
        let stream = match self.handle.submit(request.clone()) {
            Ok(stream) => stream,
            Err(error) => {
                let is_right = match error {
                    SubmitError::QueueFull { waiting_requests, waiting_tokens, .. } => {
                        waiting_requests >= limits.max_waiting_requests
                            || waiting_tokens + request.prompt.len() > limits.max_waiting_tokens
                    }
                    SubmitError::TooLong { .. } => request.prompt.len() >= limits.max_servable_tokens,
                    _ => false,
                };
                assert!(is_right, "{error} for {} tokens under {limits:?}", request.prompt.len());
                self.report.refused += 1;
                return;
            }
        };
        self.report.submitted += 1;
        let now_us = self.now();
        let leaves = if self.rng.one_in(5) { self.rng.range(0, 30_000_000) } else { u64::MAX / 2 };
        let reads = if self.rng.one_in(10) { self.rng.range(0, 60_000_000) } else { 0 };
        self.clients.push(Client {
            expected: expected(&request, limits.max_servable_tokens),
            stream,
            request,
            read: 0,
            told: 0,
            reads_from_us: now_us + reads,
            leaves_at_us: now_us + leaves,
        });
    }

    /// Clients read, compare, and leave.
    fn serve_clients(&mut self) {
        let now_us = self.now();
        let mut index = 0;
        while index < self.clients.len() {
            let client = &self.clients[index];
            let buffered = client.stream.buffered();
            let request = &client.request;
            let about_prompt = request.sampling.prompt_logprobs.map_or(0, |_| request.prompt.len() - 1);
            let most = about_prompt + request.limits.max_tokens + 1;
            assert!(buffered <= most, "{buffered} events buffered");
            let has_ended = now_us >= client.reads_from_us && self.read(index);
            if has_ended {
                self.clients.swap_remove(index);
            } else if now_us >= self.clients[index].leaves_at_us {
                self.clients.swap_remove(index);
                self.report.left += 1;
            } else {
                index += 1;
            }
        }
    }

    /// Reads all there is of one stream. True if it has ended, as it should.
    fn read(&mut self, index: usize) -> bool {
        let client = &mut self.clients[index];
        while let Some(event) = client.stream.try_next() {
            let id = client.stream.id();
            match event {
                Event::PromptTokens(told) => {
                    assert_eq!(client.read, 0, "the prompt comes first");
                    let told: Vec<TokenId> = told.iter().map(|told| told.token).collect();
                    let from = client.told + 1;
                    assert_eq!(told[..], client.request.prompt[from..][..told.len()], "prompt of {id}");
                    client.told += told.len();
                    continue;
                }
                Event::Token { token, .. } => {
                    let right = client.expected.0.get(client.read);
                    assert_eq!(Some(&token), right, "token {} of {id}", client.read);
                    client.read += 1;
                    self.report.log(id.0 << 32 | u64::from(token));
                    continue;
                }
                Event::Finished { reason, usage, prompt_cache_hit, .. } => {
                    assert_eq!(
                        (client.read, reason),
                        (client.expected.0.len(), client.expected.1),
                        "end of {id}"
                    );
                    assert_eq!(usage.completion_tokens, client.read);
                    let asked = client.request.sampling.prompt_logprobs;
                    assert_eq!(
                        client.told,
                        asked.map_or(0, |_| client.request.prompt.len() - 1),
                        "prompt of {id}"
                    );
                    assert_eq!(usage.prompt_tokens, client.request.prompt.len());
                    assert!(usage.cached_tokens < usage.prompt_tokens + usize::from(prompt_cache_hit));
                    self.report.finished += 1;
                    self.report.cached_tokens += usage.cached_tokens as u64;
                    self.report.replayed += u64::from(prompt_cache_hit);
                    self.report.log(id.0 << 32 | usage.cached_tokens as u64 | 1 << 31);
                    if self.conversations.len() < 8 {
                        let said = client.request.prompt.iter().chain(&client.expected.0).copied();
                        self.conversations.push(said.collect());
                    }
                }
                Event::Embedding(_) => panic!("nobody asked for an embedding"),
                Event::Failed(error) => {
                    let is_possible = match error {
                        EngineError::NumericError { .. } => self.faults.nan_row > 0,
                        EngineError::Backend(_) => self.faults.error > 0,
                        EngineError::RunnerPanicked => self.faults.panic > 0 && self.handle.has_panicked(),
                        EngineError::DeadlineExceeded { .. } => client.request.timeout.is_some(),
                        EngineError::ShuttingDown => self.handle.is_draining(),
                        EngineError::Config(_) | EngineError::Constraint(_) => false,
                    };
                    assert!(is_possible, "{id}: {error}");
                    self.report.failed += 1;
                    self.report.log(id.0 << 32 | 1 << 30);
                }
            }
            assert_eq!(client.stream.try_next(), None, "an event after the terminal one of {id}");
            return true;
        }
        false
    }

    /// Every stream ends, and no page is held by anyone.
    fn shut_down(&mut self) {
        self.handle.drain(Duration::from_micros(self.rng.range(0, 20_000_000)));
        while self.turn() != Turn::Stopped {}
        let (panicked, stats) = (self.handle.has_panicked(), self.handle.stats());
        for index in 0..self.clients.len() {
            assert!(self.read(index), "{} has not ended", self.clients[index].stream.id());
        }
        self.report.preemptions += stats.preemptions_total;
        self.report.forced += stats.forced_tokens_total;
        self.report.state_loads += stats.state_loads_total;
        self.report.state_evictions += stats.state_evictions_total;
        self.report.window_evictions += stats.window_page_evictions_total;
        self.report.cut_tokens += stats.prefix_cache_known_tokens_total - stats.prefix_cache_hit_tokens_total;
        if panicked {
            return;
        }
        assert_eq!(stats.pages_held, 0, "leaked pages");
        assert_eq!(stats.pages_free + stats.pages_cached, stats.pages_total);
        assert_eq!(stats.window_pages_held, 0, "leaked window pages");
        assert_eq!(stats.window_pages_free + stats.window_pages_cached, stats.window_pages_total);
        assert_eq!((stats.states_held, stats.states_free + stats.states_cached), (0, stats.states_total));
        assert_eq!((stats.waiting_tokens, stats.requests_running, stats.requests_waiting), (0, 0, 0));
        let ended = stats.finished_stop_total
            + stats.finished_length_total
            + stats.finished_aborted_total
            + stats.failed_total;
        assert_eq!(ended, stats.requests_total, "each request ends once");
    }
}

/// Window pages below which the engine does not start: its error says so.
fn least_window_pages(toy: &ToyConfig, config: &EngineConfig) -> usize {
    let start = |window_pages| {
        let config = EngineConfig { window_pages, ..config.clone() };
        Engine::manual(Box::new(ToyRunner::new(toy.clone())), config, Arc::default()).is_ok()
    };
    (1..config.kv_pages).find(|&pages| start(pages)).unwrap_or(config.kv_pages)
}

/// What an engine must say: the sampler on the model's own logits, alone.
fn expected(request: &NewRequest, servable: usize) -> (Vec<TokenId>, FinishReason) {
    let model = ToyModel::plain(VOCAB);
    let max_tokens = request.limits.max_tokens.min(servable - request.prompt.len());
    let unrestricted = request.limits.stop_ids.is_empty() && request.constraint.is_none();
    if request.sampling.temperature == 0.0 && unrestricted {
        return (model.oracle(&request.prompt, max_tokens), FinishReason::Length);
    }
    let mut sampler = Sampler::new(&request.sampling, &request.prompt, request.sampling.seed.unwrap_or(0));
    let mut scratch = Scratch::default();
    let mut guide = request.constraint.as_ref().map(|constraint| constraint.begin());
    let mut tokens = request.prompt.to_vec();
    let mut reason = FinishReason::Length;
    for index in 0..max_tokens {
        let mut logits = model.logits(&tokens);
        if index < request.limits.min_tokens {
            request.limits.stop_ids.iter().for_each(|&id| logits[id as usize] = f32::NEG_INFINITY);
        }
        let mask = guide.as_mut().map(|guide| guide.mask().unwrap());
        let token = sampler.sample_masked(&mut logits, mask.as_deref(), &mut scratch).unwrap().token;
        sampler.accept(token);
        guide.as_mut().iter_mut().for_each(|guide| guide.accept(token).unwrap());
        tokens.push(token);
        if index >= request.limits.min_tokens && request.limits.stop_ids.contains(&token) {
            reason = FinishReason::Stop;
            break;
        }
    }
    (tokens.split_off(request.prompt.len()), reason)
}
