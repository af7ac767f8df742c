//! The engine under a seeded simulator: every answer is compared with the oracle, every invariant is checked
//! after every step.
//!
//! ```text
//! cargo test -p gollum-engine --test simulation                                 500 seeds x 10 simulated minutes
//! GOLLUM_SIM_SEEDS=20000 cargo test --release -p gollum-engine --test simulation -- --nocapture
//! GOLLUM_SIM_SEEDS=2 GOLLUM_SIM_MINUTES=1440 ...                                24 simulated hours, twice
//! GOLLUM_SIM_SEED=17 ...                                                        one seed again
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use gollum_core::FinishReason;
use gollum_engine::{EngineConfig, EventStream, NewRequest, Turn};
use support::sim::{Report, Rng, live};
use support::{Rig, check_greedy, greedy, read, text};

fn env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// Runs seeds on all cores; a seed that fails is printed with its command.
fn run_seeds(first: u64, count: u64, minutes: u64) -> BTreeMap<u64, Report> {
    let next = AtomicU64::new(first);
    let reports = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let lived = std::panic::catch_unwind(|| live(seed, minutes));
                    let report = lived.unwrap_or_else(|panic| {
                        println!("seed {seed} failed; again with GOLLUM_SIM_SEED={seed} GOLLUM_SIM_MINUTES={minutes}");
                        std::panic::resume_unwind(panic)
                    });
                    reports.lock().unwrap_or_else(PoisonError::into_inner).insert(seed, report);
                }
            });
        }
    });
    reports.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_seed_keeps_every_promise() {
    let minutes = env("GOLLUM_SIM_MINUTES").unwrap_or(10);
    let (first, count) = match env("GOLLUM_SIM_SEED") {
        Some(seed) => (seed, 1),
        None => (0, env("GOLLUM_SIM_SEEDS").unwrap_or(500)),
    };
    let began = Instant::now();
    let reports = run_seeds(first, count, minutes);
    let mut sum = Report::default();
    reports.values().for_each(|report| sum.add(report));
    println!(
        "{count} seeds x {minutes} simulated minutes in {:.1} s: {sum:?}",
        began.elapsed().as_secs_f64()
    );
    assert_eq!(reports.len() as u64, count);
    if count >= 100 {
        // The simulation is worth something only if it gets into the corners.
        let corners = [
            sum.refused,
            sum.left,
            sum.failed,
            sum.preemptions,
            sum.cached_tokens,
            sum.replayed,
            sum.forced,
            sum.state_loads,
            sum.state_evictions,
            sum.window_evictions,
            sum.cut_tokens,
        ];
        assert!(corners.iter().all(|&corner| corner > count), "{sum:?}");
    }
    let again = run_seeds(first, count.min(10), minutes);
    for (seed, report) in &again {
        assert_eq!(report, &reports[seed], "seed {seed} replays exactly");
    }
}

#[test]
fn a_thousand_streams_with_a_fifth_gone() {
    let mut rng = Rng(1);
    let mut rig = Rig::new(EngineConfig {
        kv_pages: 700,
        max_num_seqs: 256,
        max_num_batched_tokens: 1024,
        max_waiting_tokens: 1 << 20,
        ..EngineConfig::default()
    });
    let themes: Vec<_> = (0..8).map(|i| text(i, 120)).collect();
    let mut clients: Vec<(NewRequest, Option<EventStream>, u64)> = (0..1000)
        .map(|_| {
            let mut prompt = themes[rng.size(0, 7)][..rng.size(0, 120)].to_vec();
            let own = rng.size(1, 40);
            prompt.extend(rng.tokens(own));
            let new = greedy(&prompt, rng.size(1, 80));
            let leaves_in = if rng.one_in(5) { rng.range(0, 300) } else { u64::MAX };
            (new.clone(), Some(rig.submit(new)), leaves_in)
        })
        .collect();
    let mut turn = 0;
    loop {
        for (_, stream, _) in clients.iter_mut().filter(|(_, _, leaves_in)| *leaves_in == turn) {
            *stream = None;
        }
        turn += 1;
        // O(pages) each, so not after every step here: the simulation does that on smaller pools.
        let worked = if turn % 16 == 0 { rig.turn() } else { rig.engine.turn() };
        if worked != Turn::Worked {
            break;
        }
    }
    let mut survivors = 0;
    for (new, stream, _) in &mut clients {
        if let Some(stream) = stream {
            check_greedy(&new.prompt, &read(stream), new.limits.max_tokens);
            survivors += 1;
        }
    }
    let stats = rig.handle.stats();
    println!(
        "{survivors} of 1000 survived {turn} steps; {} rows computed, {} prompt tokens shared, {} preemptions",
        rig.probe.tokens(),
        stats.prefix_cache_hit_tokens_total,
        stats.preemptions_total
    );
    assert!((700..900).contains(&survivors), "{survivors}");
    assert!(stats.page_evictions_total > 0, "the pool was too large for this test");
    assert_eq!(stats.pages_held, 0, "leaked pages");
    assert_eq!(stats.finished_aborted_total + stats.finished_length_total, 1000);
    assert_eq!(rig.probe.violations(), 0, "{:?}", rig.probe.first_violation());
}

#[test]
fn ten_times_the_pool_is_served_with_few_preemptions() {
    for prefix_cache in [true, false] {
        let config = EngineConfig {
            kv_pages: 65,
            max_num_seqs: 32,
            max_num_batched_tokens: 64,
            prefix_cache,
            explained_requests: 1000,
            ..EngineConfig::default()
        };
        let mut rig = Rig::new(config);
        let mut rng = Rng(5);
        // 100 requests of 7 pages on average: 700 pages of 64.
        let requests: Vec<NewRequest> =
            (0..100).map(|i| greedy(&text(i, rng.size(1, 60)), rng.size(20, 140))).collect();
        let demand: usize =
            requests.iter().map(|r| (r.prompt.len() + r.limits.max_tokens).div_ceil(16)).sum();
        assert!(demand >= 640, "{demand} pages");
        let mut streams: Vec<EventStream> = requests.iter().map(|r| rig.submit(r.clone())).collect();
        let mut most = 0;
        while rig.turn() == Turn::Worked {
            let sequences = rig.engine.kv_snapshot().sequences;
            assert!(!sequences.is_empty() || rig.engine.is_idle());
        }
        for (request, stream) in requests.iter().zip(&mut streams) {
            let answer = read(stream);
            assert_eq!(answer.end.clone().unwrap().0, FinishReason::Length);
            check_greedy(&request.prompt, &answer, request.limits.max_tokens);
            most = most.max(rig.engine.explain(stream.id()).unwrap().preemptions);
        }
        let preemptions = rig.handle.stats().preemptions_total;
        println!(
            "demand {demand} pages of 64, shared {prefix_cache}: {preemptions} preemptions, {most} at most"
        );
        assert!(preemptions > 0, "the pool was too large for this test");
        assert!(most <= 8, "{most} preemptions of one request");
    }
}
