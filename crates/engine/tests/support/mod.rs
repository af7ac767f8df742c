//! An engine on the toy model, turned by hand.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "test code")]

pub mod script;
pub mod sim;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gollum_backend_toy::{Fault, ToyConfig, ToyModel, ToyProbe, ToyRunner, oracle};
use gollum_core::{FinishReason, Limits, SamplingParams, TokenId, Usage};
use gollum_engine::{
    Engine, EngineConfig, EngineError, EngineHandle, Event, EventStream, ManualEngine, NewRequest, Turn,
};

/// Words of the toy.
pub const VOCAB: usize = 64;

/// An engine turned by hand, with its clock and what its model saw.
pub struct Rig {
    pub handle: EngineHandle,
    pub engine: ManualEngine,
    pub now_us: Arc<AtomicU64>,
    pub probe: ToyProbe,
}

impl Rig {
    pub fn new(config: EngineConfig) -> Self {
        Self::with_faults(config, Vec::new())
    }

    pub fn with_faults(config: EngineConfig, faults: Vec<Fault>) -> Self {
        Self::with_toy(config, ToyConfig { faults, ..ToyConfig::plain(VOCAB) })
    }

    /// With a recurrent state beside the pages.
    pub fn with_state(config: EngineConfig) -> Self {
        Self::with_toy(config, ToyConfig { has_state: true, ..ToyConfig::plain(VOCAB) })
    }

    /// With a window group beside the pages, of rows that see `tokens` tokens.
    pub fn with_window(config: EngineConfig, tokens: usize, has_state: bool) -> Self {
        Self::with_toy(
            config,
            ToyConfig { window_tokens: Some(tokens), has_state, ..ToyConfig::plain(VOCAB) },
        )
    }

    fn with_toy(config: EngineConfig, toy: ToyConfig) -> Self {
        let toy = ToyRunner::new(toy);
        let probe = toy.probe();
        let now_us = Arc::new(AtomicU64::new(0));
        let (handle, engine) = Engine::manual(Box::new(toy), config, Arc::clone(&now_us)).unwrap();
        Self { handle, engine, now_us, probe }
    }

    pub fn submit(&self, new: NewRequest) -> EventStream {
        self.handle.submit(new).unwrap()
    }

    /// One turn of a millisecond, with all invariants checked.
    pub fn turn(&mut self) -> Turn {
        self.now_us.fetch_add(1000, Ordering::Relaxed);
        let turn = self.engine.turn();
        if turn != Turn::Stopped {
            self.engine.check();
        }
        assert!(!self.handle.has_panicked(), "the engine panicked, see above");
        assert_eq!(self.probe.violations(), 0, "{:?}", self.probe.first_violation());
        turn
    }

    /// Turns until there is nothing to do.
    pub fn settle(&mut self) {
        for _ in 0..1_000_000 {
            if self.turn() != Turn::Worked {
                return;
            }
        }
        panic!("a million turns, and still at work");
    }

    /// Submits, settles, and returns the answer.
    pub fn answer(&mut self, new: NewRequest) -> Answer {
        let mut stream = self.submit(new);
        self.settle();
        read(&mut stream)
    }

    /// Answers greedily, checks the answer, and returns it with the rows that it took.
    pub fn rows_of(&mut self, prompt: &[TokenId], n: usize) -> (Vec<TokenId>, usize) {
        let before = self.probe.tokens();
        let answer = self.answer(greedy(prompt, n));
        check_greedy(prompt, &answer, n);
        (answer.tokens, (self.probe.tokens() - before) as usize)
    }
}

/// A greedy request.
pub fn greedy(prompt: &[TokenId], max_tokens: usize) -> NewRequest {
    NewRequest {
        prompt: prompt.into(),
        sampling: SamplingParams { temperature: 0.0, ..SamplingParams::default() },
        limits: Limits { max_tokens, min_tokens: 0, stop_ids: Vec::new() },
        priority: 0,
        cache_salt: 0,
        use_prompt_cache: false,
        constraint: None,
        timeout: None,
    }
}

/// `n` tokens that depend on `seed`.
pub fn text(seed: u64, n: usize) -> Vec<TokenId> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % VOCAB as u64) as TokenId
        })
        .collect()
}

/// A whole stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub tokens: Vec<TokenId>,
    pub end: Result<(FinishReason, Usage, bool), EngineError>,
}

impl Answer {
    pub fn usage(&self) -> Usage {
        self.end.clone().unwrap().1
    }
}

/// Reads a stream that must have ended, and checks that it ends once.
pub fn read(stream: &mut EventStream) -> Answer {
    let mut tokens = Vec::new();
    while let Some(event) = stream.try_next() {
        let end = match event {
            Event::Token { token, .. } => {
                tokens.push(token);
                continue;
            }
            Event::Finished { reason, usage, prompt_cache_hit, .. } => Ok((reason, usage, prompt_cache_hit)),
            Event::Failed(error) => Err(error),
            Event::PromptTokens(_) => panic!("nobody asked about the prompt"),
            Event::Embedding(_) => panic!("nobody asked for an embedding"),
        };
        assert_eq!(stream.try_next(), None, "nothing follows the terminal event");
        return Answer { tokens, end };
    }
    panic!("{} has not ended after {} tokens", stream.id(), tokens.len());
}

/// Checks a greedy answer against the oracle.
pub fn check_greedy(prompt: &[TokenId], answer: &Answer, n: usize) {
    assert_eq!(answer.tokens, oracle(prompt, n, VOCAB), "not the oracle's answer");
    let (reason, usage, _) = answer.end.clone().unwrap();
    assert_eq!(reason, FinishReason::Length);
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (prompt.len(), n));
}

/// The model of the rig.
pub fn model() -> ToyModel {
    ToyModel::plain(VOCAB)
}
