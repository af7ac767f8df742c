//! Tokens that a constraint leaves no choice about: the same answer, in fewer steps.

#![allow(clippy::unwrap_used)]

mod support;

use gollum_core::{Constraint, Mirostat};
use gollum_engine::{EngineConfig, Event, NewRequest};
use support::script::Script;
use support::{Rig, greedy, text};

const TOKENS: usize = 60;

fn scripted(seed: u64) -> NewRequest {
    let constraint: Constraint = Script::constraint(seed);
    NewRequest { constraint: Some(constraint), ..greedy(&text(seed, 20), TOKENS) }
}

/// The tokens of an answer, the steps that it took, and the tokens that took none.
fn alone(config: EngineConfig, request: NewRequest) -> (Vec<u32>, u64, u64) {
    let mut rig = Rig::new(config);
    let mut stream = rig.submit(request);
    rig.settle();
    let mut tokens = Vec::new();
    while let Some(event) = stream.try_next() {
        if let Event::Token { token, .. } = event {
            tokens.push(token);
        }
    }
    let stats = rig.handle.stats();
    (tokens, stats.steps_total, stats.forced_tokens_total)
}

#[test]
fn forced_tokens_take_no_steps_and_change_nothing() {
    let mut skipped = 0;
    for seed in 1..20 {
        let (quick, steps, forced) = alone(EngineConfig::default(), scripted(seed));
        // Log-probabilities need the logits of every token.
        let mut asked = scripted(seed);
        asked.sampling.logprobs = Some(0);
        let (slow, slow_steps, slow_forced) = alone(EngineConfig::default(), asked);
        assert_eq!((quick.len(), &quick), (TOKENS, &slow), "seed {seed}");
        assert_eq!((slow_forced, slow_steps), (0, steps + forced), "seed {seed}: a step a token");
        skipped += forced;
    }
    assert!(skipped > 100, "{skipped} forced tokens: the scripts leave too much choice for this test");
}

#[test]
fn a_run_of_forced_tokens_crosses_pages_and_step_budgets() {
    for seed in 1..20 {
        let (expected, ..) = alone(EngineConfig::default(), scripted(seed));
        let narrow = EngineConfig { max_num_batched_tokens: 3, kv_pages: 6, ..EngineConfig::default() };
        let (got, ..) = alone(narrow, scripted(seed));
        assert_eq!(got, expected, "seed {seed}");
    }
}

#[test]
fn mirostat_sees_every_row() {
    let mut request = scripted(3);
    request.sampling.temperature = 1.0;
    request.sampling.seed = Some(1);
    request.sampling.mirostat = Some(Mirostat { is_second: true, tau: 5.0, eta: 0.1 });
    assert_eq!(alone(EngineConfig::default(), request).2, 0);
}
