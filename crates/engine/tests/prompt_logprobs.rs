//! Log-probabilities of a prompt's tokens: each token once, in order, with the bits that generating it would have
//! reported, whatever chunks, caches, mates and preemptions do; and never more logits in a step than agreed.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use gollum_core::{TokenId, TokenLogprob};
use gollum_engine::scheduler::MAX_TOLD_ROWS;
use gollum_engine::{EngineConfig, EngineError, Event, EventStream, NewRequest};
use support::{Rig, greedy, text};

/// Token, bits of its log-probability, rank, and the alternatives with their bits.
type Bits = Vec<(TokenId, u32, u32, Vec<(TokenId, u32)>)>;

fn asking(prompt: &[TokenId], max_tokens: usize) -> NewRequest {
    let mut new = greedy(prompt, max_tokens);
    new.sampling.logprobs = Some(3);
    new.sampling.prompt_logprobs = Some(3);
    new
}

fn bits_of(told: &TokenLogprob) -> (TokenId, u32, u32, Vec<(TokenId, u32)>) {
    let top: Vec<_> = told.top.iter().map(|&(token, logprob)| (token, logprob.to_bits())).collect();
    let listed = top.iter().position(|&(token, _)| token == told.token);
    match listed {
        Some(index) => assert_eq!(told.rank as usize, index + 1),
        None => assert!(told.rank as usize > top.len()),
    }
    (told.token, told.logprob.to_bits(), told.rank, top)
}

/// What was told of the prompt, and what was generated.
fn read(stream: &mut EventStream) -> (Bits, Bits) {
    let (mut told, mut generated) = (Bits::new(), Bits::new());
    while let Some(event) = stream.try_next() {
        match event {
            Event::PromptTokens(tokens) => {
                assert!(!tokens.is_empty() && generated.is_empty(), "the prompt comes first");
                assert!(tokens.len() <= MAX_TOLD_ROWS);
                told.extend(tokens.iter().map(bits_of));
            }
            Event::Token { logprob, .. } => generated.push(bits_of(&logprob.unwrap())),
            Event::Finished { prompt_cache_hit, .. } => {
                assert!(!prompt_cache_hit, "nothing of a prompt is stored");
                return (told, generated);
            }
            Event::Embedding(_) => panic!("nobody asked for an embedding"),
            Event::Failed(error) => panic!("{error}"),
        }
    }
    panic!("no end");
}

/// A prompt, and then what the model says to it, which is the prompt of another request. The bits of the second part
/// are those that the first request reported.
fn check(rig: &mut Rig, seed: u64, prompt_len: usize) {
    let start = text(seed, prompt_len);
    let mut stream = rig.submit(asking(&start, 150));
    rig.settle();
    let (told, generated) = read(&mut stream);
    let tokens: Vec<TokenId> = told.iter().map(|(token, ..)| *token).collect();
    assert_eq!(tokens, start[1..]);
    let whole: Vec<TokenId> =
        start.iter().copied().chain(generated.iter().map(|(token, ..)| *token)).collect();
    for _ in 0..2 {
        let mut stream = rig.submit(asking(&whole, 1));
        rig.settle();
        let (again, _) = read(&mut stream);
        assert_eq!(again[..told.len()], told[..]);
        assert_eq!(again[told.len()..], generated[..], "the bits of generating");
    }
}

#[test]
fn prompts_are_told_with_the_bits_of_generating_in_any_chunks_and_with_any_cache() {
    for (batched, prefix_cache) in [(512, true), (512, false), (7, true), (65, true), (1, false)] {
        let config = EngineConfig {
            max_num_batched_tokens: batched,
            max_num_seqs: batched.min(8),
            kv_pages: 100,
            prefix_cache,
            ..EngineConfig::default()
        };
        let mut rig = Rig::new(config);
        for (seed, len) in [(1, 1), (2, 2), (3, 17), (4, 64), (5, 300)] {
            check(&mut rig, seed, len);
        }
    }
}

#[test]
fn many_at_once_with_too_little_memory_are_told_everything_once() {
    let config = EngineConfig {
        max_num_seqs: 8,
        max_num_batched_tokens: 256,
        kv_pages: 30,
        ..EngineConfig::default()
    };
    let mut alone = Rig::new(EngineConfig { kv_pages: 400, prefix_cache: false, ..EngineConfig::default() });
    let mut rig = Rig::new(config);
    let prompts: Vec<Vec<TokenId>> = (0..24)
        .map(|i| text(7, 40 * (i % 3)).into_iter().chain(text(100 + i as u64, 30 + 5 * i)).collect())
        .collect();
    let new = |index: usize, prompt: &Vec<TokenId>| match index % 4 {
        0 => greedy(prompt, 60),
        _ => asking(prompt, 60),
    };
    let mut streams: Vec<EventStream> =
        prompts.iter().enumerate().map(|(index, prompt)| rig.submit(new(index, prompt))).collect();
    let (mut steps, mut rows) = (rig.probe.steps(), rig.probe.logits_rows());
    while rig.turn() == gollum_engine::Turn::Worked {
        let now = (rig.probe.steps(), rig.probe.logits_rows());
        let most = (MAX_TOLD_ROWS + 8) as u64 * (now.0 - steps);
        assert!(now.1 - rows <= most, "{} logits rows in a step", now.1 - rows);
        (steps, rows) = now;
    }
    assert!(rig.handle.stats().preemptions_total > 0, "memory was short");
    for (index, (stream, prompt)) in streams.iter_mut().zip(&prompts).enumerate() {
        if index % 4 == 0 {
            continue;
        }
        let mut undisturbed = alone.submit(asking(prompt, 60));
        alone.settle();
        assert_eq!(read(stream), read(&mut undisturbed), "request {index}");
    }
}

#[test]
fn a_row_without_numbers_names_the_prompt_token_it_is_about() {
    use gollum_backend_toy::{Fault, FaultKind};
    let faults = vec![Fault { step: 1, kind: FaultKind::NanRow(5) }];
    let mut rig = Rig::with_faults(EngineConfig::default(), faults);
    let mut stream = rig.submit(asking(&text(1, 20), 4));
    rig.settle();
    let end = std::iter::from_fn(|| stream.try_next()).last();
    assert_eq!(end, Some(Event::Failed(EngineError::NumericError { position: 6 })));
}
