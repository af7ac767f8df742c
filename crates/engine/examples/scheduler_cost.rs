//! What a step costs outside the model: 256 running sequences over a tree of 100,000 pages.
//!
//! ```text
//! cargo run --release -p gollum-engine --example scheduler_cost
//! ```
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::time::Instant;

use gollum_core::{Limits, ModelSpec, Request, RequestId, SamplingParams, TokenId, WindowSpec};
use gollum_engine::scheduler::{Plan, Scheduler, SpanResult};
use gollum_engine::{EngineConfig, EngineError, EngineLimits};

const TREE_PAGES: usize = 100_000;
const RUNNING: usize = 256;
const STEPS: usize = 2_000;

fn main() -> Result<(), EngineError> {
    measure("one group of pages", None)?;
    measure("and a window group of 512 tokens", Some(WindowSpec { page_bytes: 1, tokens: 512 }))
}

fn measure(what: &str, window: Option<WindowSpec>) -> Result<(), EngineError> {
    let mut bench = Bench::new(window)?;
    bench.fill_tree();
    println!("{what}, tree of {} nodes", bench.scheduler.pager().tree().len());
    for id in 0..RUNNING as u64 {
        bench.submit(1_000_000 + id, 500 + id as usize, 100_000);
    }
    while bench.scheduler.num_waiting() > 0 || bench.plan.spans.iter().any(|s| s.is_prefill) {
        bench.step();
    }
    let decodes = (0..STEPS).map(|_| bench.step()).collect();
    print_times(&format!("{RUNNING} decodes"), decodes);
    let with_arrivals = (0..STEPS as u64)
        .map(|step| {
            // One request ends and another, which shares a cached prefix, begins.
            bench.scheduler.abort(RequestId(if step == 0 { 1_000_000 } else { 2_000_000 + step - 1 }));
            bench.submit(2_000_000 + step, 1000, 100_000);
            bench.step()
        })
        .collect();
    print_times(&format!("{} decodes and one arrival of 1,000 tokens", RUNNING - 1), with_arrivals);
    Ok(())
}

fn print_times(what: &str, mut times_us: Vec<f64>) {
    times_us.sort_by(f64::total_cmp);
    let at = |part: f64| times_us[((times_us.len() - 1) as f64 * part) as usize];
    println!("{what}: median {:.1} us, p99 {:.1} us, max {:.1} us", at(0.5), at(0.99), at(1.0));
}

struct Bench {
    scheduler: Scheduler,
    plan: Plan,
    results: Vec<SpanResult>,
    outcomes: Vec<gollum_engine::scheduler::Outcome>,
    state: u64,
}

impl Bench {
    fn new(window: Option<WindowSpec>) -> Result<Self, EngineError> {
        let config = EngineConfig {
            kv_pages: TREE_PAGES + 200_000,
            window_pages: 30_000,
            max_num_seqs: RUNNING,
            max_num_batched_tokens: 2048,
            max_prefill_beside_decodes: 2048,
            ..EngineConfig::default()
        };
        let spec = ModelSpec {
            vocab_size: 50_000,
            context_len: 200_000,
            page_bytes: 1,
            window,
            state_bytes: 0,
            max_batch_tokens: 4096,
            max_batch_sequences: 512,
        };
        let limits = EngineLimits::new(&config, &spec)?;
        let (scheduler, plan) = (Scheduler::new(&config, limits), Plan::default());
        Ok(Self { scheduler, plan, results: Vec::new(), outcomes: Vec::new(), state: 1 })
    }

    fn token(&mut self) -> TokenId {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 40) as TokenId % 50_000
    }

    /// Prompts that share their beginnings in a ragged way.
    fn submit(&mut self, id: u64, prompt_len: usize, max_tokens: usize) {
        let theme = id % 50;
        let mut prompt: Vec<TokenId> =
            (0..prompt_len / 2).map(|i| (theme * 31 + i as u64 * 7) as TokenId).collect();
        while prompt.len() < prompt_len {
            prompt.push(self.token());
        }
        let request = Request {
            id: RequestId(id),
            prompt: prompt.into(),
            sampling: SamplingParams::default(),
            limits: Limits { max_tokens, min_tokens: 0, stop_ids: vec![] },
            priority: 0,
            cache_salt: 0,
            use_prompt_cache: false,
            constraint: None,
        };
        self.scheduler.submit(&request, 0);
    }

    fn fill_tree(&mut self) {
        let mut id = 1;
        while self.scheduler.pager().tree().len() < TREE_PAGES {
            self.submit(id, 1600, 1);
            while !self.scheduler.is_idle() {
                self.step();
            }
            id += 1;
        }
    }

    /// Microseconds of one step without the model.
    fn step(&mut self) -> f64 {
        let began = Instant::now();
        self.scheduler.schedule(0, &mut self.plan);
        let scheduled = began.elapsed();
        self.results.clear();
        for _ in 0..self.plan.batch.logits_rows.len() {
            let token = self.token();
            self.results.push(SpanResult::Token(token));
        }
        let began = Instant::now();
        self.scheduler.commit(&self.plan, &self.results, &mut self.outcomes);
        (scheduled + began.elapsed()).as_secs_f64() * 1e6
    }
}
