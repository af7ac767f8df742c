//! Exactly one terminal event, whatever happens; and nothing leaks.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use std::time::{Duration, Instant};

use gollum_backend_toy::{Fault, FaultKind, ToyConfig, ToyRunner, oracle};
use gollum_core::FinishReason;
use gollum_engine::{
    Engine, EngineConfig, EngineError, Event, EventStream, NewRequest, Phase, Policy, SubmitError, Turn,
};
use support::{Rig, VOCAB, check_greedy, greedy, read, text};

fn config(kv_pages: usize) -> EngineConfig {
    EngineConfig {
        kv_pages,
        max_num_seqs: 8,
        max_num_batched_tokens: 64,
        max_prefill_beside_decodes: 64,
        ..EngineConfig::default()
    }
}

#[test]
fn a_dropped_stream_frees_its_pages_in_every_phase() {
    for phase in [Phase::Queued, Phase::Following, Phase::Prefill, Phase::Decode, Phase::Preempted] {
        let mut rig = Rig::new(EngineConfig { max_num_seqs: 2, ..config(24) });
        let (victim, mut others) = bring_into(phase, &mut rig);
        let id = victim.id();
        drop(victim);
        rig.turn();
        rig.turn();
        let stats = rig.handle.stats();
        assert_eq!(stats.finished_aborted_total, 1, "{phase:?}");
        let in_flight = rig.engine.kv_snapshot().sequences;
        assert!(in_flight.iter().all(|s| s.id != id), "{phase:?}: still in flight after two steps");
        let held: usize = in_flight.iter().map(|s| s.block_table.len()).sum();
        assert!(stats.pages_held as usize <= held, "{phase:?}: pages held by no one in flight");
        assert_eq!(stats.pages_free + stats.pages_held + stats.pages_cached, 24);
        rig.settle();
        for (new, stream) in &mut others {
            check_greedy(&new.prompt, &read(stream), new.limits.max_tokens);
        }
        assert_eq!(rig.handle.stats().pages_held, 0, "{phase:?} of {id}");
    }
}

/// A request in the given phase, and others that got it there.
fn bring_into(phase: Phase, rig: &mut Rig) -> (EventStream, Vec<(NewRequest, EventStream)>) {
    let mut others = Vec::new();
    let mut add = |rig: &Rig, new: NewRequest| {
        let stream = rig.submit(new.clone());
        others.push((new, stream));
    };
    let victim = match phase {
        Phase::Queued => {
            add(rig, greedy(&text(1, 20), 40));
            add(rig, greedy(&text(2, 20), 40));
            rig.submit(greedy(&text(3, 20), 5))
        }
        Phase::Following => {
            add(rig, greedy(&text(1, 60), 5));
            rig.submit(greedy(&text(1, 50), 5))
        }
        Phase::Preempted => {
            add(rig, greedy(&text(1, 100), 200));
            rig.submit(greedy(&text(2, 100), 200))
        }
        _ => rig.submit(greedy(&text(1, 100), 50)),
    };
    let turns = match phase {
        Phase::Decode => 10,
        Phase::Preempted => 120,
        _ => 1,
    };
    for _ in 0..turns {
        rig.turn();
    }
    let snapshot = rig.engine.kv_snapshot();
    let found = snapshot.sequences.iter().find(|s| s.id == victim.id()).unwrap().phase;
    assert_eq!(found, phase, "the test brings its victim into the phase it means");
    (victim, others)
}

#[test]
fn a_nan_row_ends_its_request_alone() {
    let faults = vec![Fault { step: 4, kind: FaultKind::NanRow(1) }];
    let mut rig = Rig::with_faults(config(100), faults);
    let prompts = [text(1, 10), text(2, 10), text(3, 10)];
    let mut streams: Vec<EventStream> = prompts.iter().map(|p| rig.submit(greedy(p, 12))).collect();
    rig.settle();
    let answers: Vec<_> = streams.iter_mut().map(read).collect();
    assert!(matches!(answers[1].end, Err(EngineError::NumericError { .. })), "{:?}", answers[1]);
    check_greedy(&prompts[0], &answers[0], 12);
    check_greedy(&prompts[2], &answers[2], 12);
    // What it computed is not trusted, so the same request again computes its own.
    let again = rig.answer(greedy(&prompts[1], 12));
    check_greedy(&prompts[1], &again, 12);
    assert_eq!(again.usage().cached_tokens, 0);
    assert_eq!(rig.handle.stats().failed_numeric_total, 1);
}

#[test]
fn a_failed_step_ends_its_requests_and_no_other() {
    let faults = vec![Fault { step: 3, kind: FaultKind::Error }];
    let mut rig = Rig::with_faults(EngineConfig { max_num_seqs: 2, ..config(100) }, faults);
    let mut streams: Vec<EventStream> = (0..4).map(|i| rig.submit(greedy(&text(i, 10), 6))).collect();
    rig.settle();
    for (i, stream) in streams.iter_mut().enumerate() {
        let answer = read(stream);
        if i < 2 {
            assert!(matches!(answer.end, Err(EngineError::Backend(_))), "{answer:?}");
        } else {
            check_greedy(&text(i as u64, 10), &answer, 6);
        }
    }
    assert_eq!(rig.handle.stats().pages_held, 0);
}

#[test]
fn a_panic_in_the_model_ends_every_stream_and_the_engine() {
    let faults = vec![Fault { step: 3, kind: FaultKind::Panic }];
    let toy = ToyRunner::new(ToyConfig { faults, ..ToyConfig::plain(VOCAB) });
    let handle = Engine::start(Box::new(toy), EngineConfig { max_num_seqs: 2, ..config(100) }).unwrap();
    let mut streams: Vec<EventStream> =
        (0..6).map(|i| handle.submit(greedy(&text(i, 10), 600)).unwrap()).collect();
    for stream in &mut streams {
        let mut end = None;
        while let Some(event) = stream.blocking_next() {
            assert!(end.is_none(), "an event after the terminal one");
            if event.is_terminal() {
                end = Some(event);
            }
        }
        assert_eq!(end, Some(Event::Failed(EngineError::RunnerPanicked)));
    }
    assert!(handle.wait_stopped(Duration::from_secs(5)));
    assert!(handle.has_panicked());
    assert_eq!(handle.heartbeat_age(), Duration::MAX);
    assert_eq!(handle.submit(greedy(&[1], 1)).unwrap_err(), SubmitError::Stopped);
}

#[test]
fn a_drain_lets_requests_finish_and_then_stops() {
    let mut rig = Rig::new(config(100));
    let prompt = text(1, 10);
    let mut stream = rig.submit(greedy(&prompt, 20));
    rig.turn();
    rig.handle.drain(Duration::from_secs(60));
    assert_eq!(rig.handle.submit(greedy(&prompt, 1)).unwrap_err(), SubmitError::Draining);
    while rig.turn() == Turn::Worked {}
    check_greedy(&prompt, &read(&mut stream), 20);
    assert!(rig.handle.is_stopped() && !rig.handle.has_panicked());
    assert!(rig.handle.wait_stopped(Duration::ZERO));
}

#[test]
fn a_drain_that_takes_too_long_ends_every_stream() {
    let mut rig = Rig::new(EngineConfig { max_num_seqs: 1, ..config(100) });
    let mut streams: Vec<EventStream> = (0..3).map(|i| rig.submit(greedy(&text(i, 10), 900))).collect();
    rig.turn();
    rig.handle.drain(Duration::from_millis(20));
    while rig.turn() == Turn::Worked {}
    for stream in &mut streams {
        assert_eq!(read(stream).end, Err(EngineError::ShuttingDown));
    }
    assert!(rig.handle.is_stopped());
}

#[test]
fn a_time_limit_ends_a_request_in_the_queue_and_in_the_batch() {
    let mut rig = Rig::new(EngineConfig { max_num_seqs: 1, ..config(100) });
    let limited =
        |seed| NewRequest { timeout: Some(Duration::from_millis(30)), ..greedy(&text(seed, 10), 900) };
    let mut streams = [rig.submit(limited(1)), rig.submit(limited(2))];
    rig.settle();
    for stream in &mut streams {
        assert_eq!(read(stream).end, Err(EngineError::DeadlineExceeded { limit_ms: 30 }));
    }
    assert_eq!(rig.handle.stats().pages_held, 0);
}

#[test]
fn stop_ids_count_after_min_tokens() {
    let mut rig = Rig::new(config(100));
    let prompt = text(1, 10);
    let free = oracle(&prompt, 8, VOCAB);
    let mut new = greedy(&prompt, 8);
    new.limits.stop_ids = vec![free[2]];
    let at = free.iter().position(|t| *t == free[2]).unwrap();
    let stopped = rig.answer(new.clone());
    assert_eq!(stopped.tokens, free[..=at]);
    assert_eq!(stopped.end.unwrap().0, FinishReason::Stop);
    new.limits.min_tokens = 8;
    let unstopped = rig.answer(new);
    assert_eq!(unstopped.tokens.len(), 8);
    assert!(!unstopped.tokens.contains(&free[2]), "a stop id is not chosen before min_tokens");
}

#[test]
fn refusals_give_the_numbers() {
    let rig = Rig::new(EngineConfig { max_model_len: 100, ..config(5) });
    let refuse = |new: NewRequest| rig.handle.submit(new).unwrap_err();
    assert_eq!(rig.handle.limits().max_servable_tokens, 64);
    assert_eq!(refuse(greedy(&[], 1)), SubmitError::EmptyPrompt);
    assert_eq!(refuse(greedy(&[1], 0)), SubmitError::NoTokensAsked);
    assert_eq!(refuse(greedy(&[1, 64], 1)), SubmitError::TokenOutOfRange { token: 64, vocab_size: 64 });
    let expected = SubmitError::TooLong {
        prompt_tokens: 64,
        max_tokens: 1,
        limit: 64,
        max_model_len: 100,
        kv_tokens: 64,
    };
    assert_eq!(refuse(greedy(&text(1, 64), 1)), expected);
    assert!(rig.handle.submit(greedy(&text(1, 63), 1)).is_ok());
    assert_eq!(rig.handle.stats().requests_refused_other_total, 4);
}

#[test]
fn the_answer_is_capped_by_what_fits() {
    let mut rig = Rig::new(config(5));
    let prompt = text(1, 50);
    check_greedy(&prompt, &rig.answer(greedy(&prompt, 1000)), 14);
}

#[test]
fn an_idle_hour_does_not_tell_clients_to_stay_away() {
    let mut rig = Rig::new(EngineConfig { max_num_seqs: 1, max_waiting_requests: 2, ..config(100) });
    rig.answer(greedy(&text(1, 5), 5));
    rig.now_us.fetch_add(3_600_000_000, std::sync::atomic::Ordering::Relaxed);
    rig.answer(greedy(&text(2, 5), 5));
    let waiting: Vec<_> = (0..2).map(|i| rig.submit(greedy(&text(i, 5), 5))).collect();
    let full = rig.handle.submit(greedy(&text(9, 5), 5)).unwrap_err();
    assert!(matches!(full, SubmitError::QueueFull { retry_after_s: 1, .. }), "{full:?}");
    rig.settle();
    drop(waiting);
}

#[test]
fn the_queue_is_bounded_by_requests_and_by_tokens() {
    let mut rig = Rig::new(EngineConfig {
        max_num_seqs: 1,
        max_waiting_requests: 4,
        max_waiting_tokens: 100,
        ..config(100)
    });
    let small: Vec<_> = (0..4).map(|i| rig.submit(greedy(&text(i, 5), 5))).collect();
    let full = rig.handle.submit(greedy(&text(9, 5), 5)).unwrap_err();
    assert!(
        matches!(
            full,
            SubmitError::QueueFull { retry_after_s: 1..=60, waiting_requests: 4, waiting_tokens: 20 }
        ),
        "{full:?}"
    );
    rig.settle();
    drop(small);
    let _large = rig.submit(greedy(&text(1, 300), 5));
    assert!(rig.handle.submit(greedy(&text(2, 5), 5)).is_err(), "300 tokens wait, 100 are allowed");
    rig.settle();
    assert!(rig.handle.submit(greedy(&text(2, 5), 5)).is_ok());
    assert_eq!(rig.handle.stats().requests_refused_full_total, 2);
}

#[test]
fn larger_priorities_run_earlier() {
    let mut rig = Rig::new(EngineConfig { max_num_seqs: 1, ..config(100) });
    let with = |priority, seed| NewRequest { priority, ..greedy(&text(seed, 5), 3) };
    let mut streams = [rig.submit(with(0, 1)), rig.submit(with(-1, 2)), rig.submit(with(5, 3))];
    let mut order = Vec::new();
    while rig.turn() == Turn::Worked {
        for (index, stream) in streams.iter_mut().enumerate() {
            if stream.buffered() == 4 && !order.contains(&index) {
                order.push(index);
            }
        }
    }
    assert_eq!(order, [2, 0, 1]);
}

#[test]
fn small_requests_do_not_pass_a_large_one_for_ever() {
    let mut rig = Rig::new(config(40));
    let small = |seed| greedy(&text(seed, 60), 60);
    let mut others: Vec<EventStream> = Vec::new();
    let mut large = None;
    for turn in 0..1500 {
        others.retain_mut(|stream| stream.buffered() < 61);
        // A new one every ten steps, so that they never all end together.
        if others.len() < 7 && turn % 10 == 0 {
            others.push(rig.submit(small(turn + 100)));
        }
        if turn == 100 {
            large = Some(rig.submit(greedy(&text(1, 450), 5)));
        }
        rig.turn();
    }
    assert_eq!(large.unwrap().buffered(), 6, "the large one has been served among the small ones");
}

#[test]
fn better_ranks_preempt_a_request_four_times_at_most() {
    let mut rig = Rig::new(EngineConfig { max_num_seqs: 4, ..config(24) });
    let prompt = text(1, 40);
    let victim_request = NewRequest { priority: -1, ..greedy(&prompt, 250) };
    let mut victim = rig.submit(victim_request);
    rig.turn();
    let mut others: Vec<EventStream> = Vec::new();
    for round in 0..400 {
        others.retain_mut(|stream| stream.buffered() < 121);
        if others.len() < 2 {
            others.push(rig.submit(greedy(&text(100 + round, 20), 120)));
        }
        for _ in 0..5 {
            rig.turn();
        }
    }
    rig.settle();
    let preemptions = rig.engine.explain(victim.id()).unwrap().preemptions;
    assert_eq!(preemptions, 4, "as often as it may be: the guard was reached, and held");
    check_greedy(&prompt, &read(&mut victim), 250);
}

#[test]
fn lpm_prefers_cached_prefixes_until_others_are_old() {
    let lpm = EngineConfig { max_num_seqs: 1, policy: Policy::Lpm, lpm_max_age_us: 100_000, ..config(100) };
    let mut rig = Rig::new(lpm);
    let warm = text(1, 40);
    rig.answer(greedy(&warm, 2));
    let cold = rig.submit(greedy(&text(2, 40), 2));
    let mut finished_before_cold = 0;
    // A stream of warm requests, always two waiting: without the age bound the cold one never runs.
    let mut waiting: Vec<EventStream> = (0..2).map(|_| rig.submit(greedy(&warm, 10))).collect();
    while cold.buffered() < 3 {
        rig.turn();
        let done: Vec<bool> = waiting.iter().map(|w| w.buffered() == 11).collect();
        for (index, _) in done.iter().enumerate().filter(|(_, done)| **done) {
            finished_before_cold += 1;
            waiting[index] = rig.submit(greedy(&warm, 10));
        }
        assert!(finished_before_cold < 50, "the cold request starves");
    }
    assert!(finished_before_cold >= 5, "{finished_before_cold} warm requests passed");
}

#[test]
fn stored_answers_are_replayed_byte_for_byte() {
    let mut rig = Rig::new(config(100));
    let mut new = NewRequest { use_prompt_cache: true, ..greedy(&text(1, 30), 12) };
    new.sampling.logprobs = Some(2);
    let mut events = Vec::new();
    for _ in 0..2 {
        let mut stream = rig.submit(new.clone());
        rig.settle();
        let mut tokens = Vec::new();
        while let Some(event) = stream.try_next() {
            match event {
                Event::Token { .. } => tokens.push(event),
                Event::Finished { prompt_cache_hit, .. } => {
                    events.push((std::mem::take(&mut tokens), prompt_cache_hit));
                }
                Event::PromptTokens(_) => panic!("nobody asked about the prompt"),
                Event::Embedding(_) => panic!("nobody asked for an embedding"),
                Event::Failed(error) => panic!("{error}"),
            }
        }
    }
    assert_eq!(events[0].0, events[1].0, "tokens and log-probabilities");
    assert_eq!((events[0].1, events[1].1), (false, true));
    let before = rig.probe.tokens();
    for change in
        [NewRequest { use_prompt_cache: false, ..new.clone() }, NewRequest { cache_salt: 1, ..new.clone() }]
    {
        assert!(!rig.answer(change).end.unwrap().2, "no hit");
    }
    assert!(rig.probe.tokens() > before);
    let stats = rig.handle.stats();
    assert_eq!((stats.prompt_cache_hits_total, stats.prompt_cache_hit_tokens_total), (1, 12));
}

#[test]
fn a_seed_gives_the_same_answer_alone_and_in_company() {
    let sampled = |seed| {
        let mut new = greedy(&text(1, 30), 40);
        new.sampling.temperature = 2.0;
        new.sampling.seed = Some(seed);
        new
    };
    let mut alone = Rig::new(config(200));
    let expected = alone.answer(sampled(7)).tokens;
    let mut crowded = Rig::new(EngineConfig { max_num_batched_tokens: 16, ..config(30) });
    let crowd: Vec<_> = (0..6).map(|i| crowded.submit(greedy(&text(i + 40, 50), 60))).collect();
    assert_eq!(crowded.answer(sampled(7)).tokens, expected);
    assert_ne!(crowded.answer(sampled(8)).tokens, expected);
    assert!(crowded.handle.stats().preemptions_total > 0, "the pool was too large for this test");
    drop(crowd);
}

#[test]
fn the_thread_answers_and_explains() {
    let toy = ToyRunner::new(ToyConfig::plain(VOCAB));
    let handle = Engine::start(Box::new(toy), config(100)).unwrap();
    let prompt = text(5, 40);
    for round in 0..2 {
        let mut stream = handle.submit(greedy(&prompt, 10)).unwrap();
        let mut tokens = Vec::new();
        while let Some(event) = stream.blocking_next() {
            if let Event::Token { token, .. } = event {
                tokens.push(token);
            }
        }
        assert_eq!(tokens, oracle(&prompt, 10, VOCAB));
        let explanation = handle.explain(stream.id()).unwrap();
        assert_eq!(explanation.phase, Phase::Finished(FinishReason::Length));
        assert_eq!(explanation.prefix.unwrap().matched_tokens, 39 * round);
        assert_eq!(explanation.chunks.iter().sum::<usize>(), 40 - 39 * round);
        assert!(explanation.ttft_us.is_some() && explanation.total_us >= explanation.ttft_us);
    }
    let stats = handle.stats();
    // 40 tokens fit one chunk, then nine decodes; the second time one row, then nine decodes.
    assert_eq!((stats.steps_total, stats.step_tokens.count, stats.step_sequences.count), (20, 20, 20));
    assert_eq!((stats.prompt_tokens_total, stats.prompt_tokens_cached_total), (80, 39));
    assert_eq!((stats.prefix_cache_query_tokens_total, stats.prefix_cache_hit_tokens_total), (80, 39));
    assert_eq!((stats.prefix_cache_hits_total, stats.prefix_cache_misses_total), (1, 1));
    assert_eq!((stats.generation_tokens_total, stats.prefill_rows_total), (20, 41));
    assert_eq!((stats.time_to_first_token_s.count, stats.inter_token_s.count), (2, 18));
    assert_eq!((stats.queue_time_s.count, stats.prefill_time_s.count, stats.decode_time_s.count), (2, 2, 2));
    assert_eq!(
        (stats.e2e_s.count, stats.inference_time_s.count, stats.request_generation_tokens.sum),
        (2, 2, 20.0)
    );
    assert_eq!((stats.requests_total, stats.finished_length_total, stats.page_copies_total), (2, 2, 1));
    assert_eq!((stats.request_prompt_tokens.sum, stats.request_max_tokens.sum), (80.0, 20.0));
    let snapshot = handle.kv_snapshot().unwrap();
    assert_eq!(snapshot.tree.len(), 4, "49 tokens: {:?}", snapshot.tree);
    assert!(handle.heartbeat_age() < Duration::from_secs(5));
    handle.drain(Duration::from_secs(5));
    let began = Instant::now();
    assert!(handle.wait_stopped(Duration::from_secs(5)));
    assert!(began.elapsed() < Duration::from_secs(2), "an idle engine drains at once");
}
