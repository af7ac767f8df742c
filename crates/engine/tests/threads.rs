//! The real thread under many clients: drops, drains and panics at any moment.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gollum_backend_toy::{Fault, FaultKind, ToyConfig, ToyRunner, oracle};
use gollum_engine::{Engine, EngineConfig, EngineError, EngineHandle, Event, NewRequest, SubmitError};
use support::sim::Rng;
use support::{VOCAB, greedy, text};

fn start(faults: Vec<Fault>) -> EngineHandle {
    let config = EngineConfig {
        kv_pages: 200,
        max_num_seqs: 32,
        max_num_batched_tokens: 128,
        ..EngineConfig::default()
    };
    let toy = ToyRunner::new(ToyConfig { faults, ..ToyConfig::plain(VOCAB) });
    Engine::start(Box::new(toy), config).unwrap()
}

fn request(rng: &mut Rng) -> NewRequest {
    let mut prompt = text(rng.range(0, 5), 60)[..rng.size(0, 60)].to_vec();
    let own = rng.size(1, 20);
    prompt.extend(rng.tokens(own));
    NewRequest { use_prompt_cache: rng.one_in(3), ..greedy(&prompt, rng.size(1, 60)) }
}

/// How a stream ended.
#[derive(Debug, PartialEq)]
enum End {
    Finished,
    Left,
    Failed(EngineError),
}

/// Reads one stream to its end, or leaves it half-way.
fn read(handle: &EngineHandle, new: &NewRequest, leaves_after: usize) -> Result<End, SubmitError> {
    let mut stream = handle.submit(new.clone())?;
    let expected = oracle(&new.prompt, new.limits.max_tokens, VOCAB);
    let mut read = 0;
    let end = loop {
        if read == leaves_after {
            return Ok(End::Left);
        }
        match stream.blocking_next().expect("a terminal event comes first") {
            Event::Token { token, .. } => {
                assert_eq!(token, expected[read], "token {read} of {}", stream.id());
                read += 1;
            }
            Event::Finished { usage, .. } => {
                assert_eq!((read, usage.completion_tokens), (expected.len(), expected.len()));
                break End::Finished;
            }
            Event::Failed(error) => break End::Failed(error),
            Event::PromptTokens(_) => panic!("nobody asked about the prompt"),
            Event::Embedding(_) => panic!("nobody asked for an embedding"),
        }
    };
    assert_eq!(stream.blocking_next(), None, "one terminal event");
    Ok(end)
}

#[test]
fn a_thousand_clients_in_threads() {
    let handle = start(Vec::new());
    let (finished, left) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..50 {
            let (handle, finished, left) = (handle.clone(), &finished, &left);
            scope.spawn(move || {
                let mut rng = Rng(thread);
                for _ in 0..20 {
                    let leaves_after = if rng.one_in(5) { rng.size(0, 30) } else { usize::MAX };
                    match read(&handle, &request(&mut rng), leaves_after).unwrap() {
                        End::Finished => finished.fetch_add(1, Ordering::Relaxed),
                        End::Left => left.fetch_add(1, Ordering::Relaxed),
                        End::Failed(error) => panic!("{error}"),
                    };
                }
            });
        }
    });
    let (finished, left) = (finished.into_inner(), left.into_inner());
    assert_eq!(finished + left, 1000);
    assert!(left > 50, "{left} left");
    assert!(began.elapsed() < Duration::from_secs(60));
    // Aborts of the last ones may still be on their way.
    let emptied = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        let stats = handle.stats();
        stats.pages_held == 0 && stats.requests_running + stats.requests_waiting + stats.waiting_tokens == 0
    });
    assert!(emptied, "{:?}", handle.stats());
}

/// Clients in threads; the engine goes away at some moment. Every stream ends once, and so does every submit.
fn goes_away(handle: &EngineHandle, seed: u64, away: impl FnOnce(&EngineHandle) + Send) {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let handle = handle.clone();
            scope.spawn(move || {
                let mut rng = Rng(seed * 10 + thread);
                loop {
                    match read(&handle, &request(&mut rng), usize::MAX) {
                        Ok(End::Finished) => {}
                        Ok(End::Left) => unreachable!("no one leaves here"),
                        Ok(End::Failed(error)) => {
                            let expected = [EngineError::ShuttingDown, EngineError::RunnerPanicked];
                            assert!(expected.contains(&error), "{error}");
                        }
                        Err(SubmitError::Draining | SubmitError::Stopped) => return,
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        away(handle);
    });
    assert!(handle.wait_stopped(Duration::from_secs(10)), "the thread has not ended");
}

#[test]
fn a_hundred_drains_at_random_times() {
    for seed in 0..100 {
        let handle = start(Vec::new());
        goes_away(&handle, seed, |handle| {
            std::thread::sleep(Duration::from_micros(seed * 37 % 4000));
            handle.drain(Duration::from_micros(seed * 91 % 2000));
        });
        assert!(!handle.has_panicked());
    }
}

/// Panics that are ordered need no backtrace in the test's output.
fn hush_the_engine_thread() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() != Some("gollum-engine") {
            usual(info);
        }
    }));
}

#[test]
fn panics_at_random_steps_hang_no_one() {
    hush_the_engine_thread();
    for seed in 0..20 {
        let handle = start(vec![Fault { step: 1 + seed * 7, kind: FaultKind::Panic }]);
        goes_away(&handle, seed, |_| ());
        assert!(handle.has_panicked());
        assert_eq!(handle.heartbeat_age(), Duration::MAX);
    }
}

#[test]
fn a_stalled_model_shows_in_the_heartbeat() {
    let handle = start(vec![Fault { step: 2, kind: FaultKind::Stall(Duration::from_millis(400)) }]);
    let mut stream = handle.submit(greedy(&text(1, 10), 5)).unwrap();
    let mut oldest = Duration::ZERO;
    while stream.buffered() < 6 {
        oldest = oldest.max(handle.heartbeat_age());
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(oldest >= Duration::from_millis(300), "{oldest:?} at most during a stall of 400 ms");
    assert!(handle.heartbeat_age() < Duration::from_secs(2));
    while stream.blocking_next().is_some() {}
}

#[test]
fn an_engine_without_handles_ends() {
    let handle = start(Vec::new());
    let mut stream = handle.submit(greedy(&text(1, 10), 5)).unwrap();
    drop(handle);
    let mut events = 0;
    while stream.blocking_next().is_some() {
        events += 1;
    }
    assert_eq!(events, 6, "a stream outlives the handles");
}
