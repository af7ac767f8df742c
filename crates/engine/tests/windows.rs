//! Models with a window group: what sequences hold of it, and how much of a prompt is computed, counted in rows. That
//! answers are right with any window page, shared, evicted or passed, is the simulation's work.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use gollum_backend_toy::{ToyConfig, ToyRunner};
use gollum_core::TokenId;
use gollum_engine::{Engine, EngineConfig, EventStream, Turn};
use support::{Rig, VOCAB, check_greedy, greedy, read, text};

const WINDOW: usize = 64;
/// Pages of a long sequence's window between steps: 63 tokens touch five pages at most.
const SEEN: usize = 5;
/// What is reserved for one: the window, one page of rows, the source of a copy.
const RESERVED: usize = SEEN + 2;
const ROWS: usize = 64;

fn rig(window_pages: usize) -> Rig {
    Rig::with_window(config(window_pages), WINDOW, false)
}

fn config(window_pages: usize) -> EngineConfig {
    EngineConfig {
        kv_pages: 1200,
        window_pages,
        max_num_batched_tokens: ROWS,
        max_prefill_beside_decodes: ROWS,
        ..EngineConfig::default()
    }
}

/// Runs 8 sequences of 1,500 tokens. Returns the most that ran at a time, and the most window pages held after a step.
fn eight_long_sequences(window_pages: usize) -> (usize, usize) {
    let mut rig = rig(window_pages);
    let prompts: Vec<Vec<TokenId>> = (0..8).map(|i| text(i, 1500)).collect();
    let mut streams: Vec<EventStream> = prompts.iter().map(|p| rig.submit(greedy(p, 200))).collect();
    let (mut running, mut held) = (0, 0);
    while rig.turn() == Turn::Worked {
        let stats = rig.handle.stats();
        running = running.max(stats.requests_running as usize);
        held = held.max(stats.window_pages_held as usize);
        let snapshot = rig.engine.kv_snapshot();
        assert!(snapshot.sequences.iter().all(|s| s.window_table.len() <= SEEN), "{:?}", snapshot.sequences);
    }
    for (prompt, stream) in prompts.iter().zip(&mut streams) {
        check_greedy(prompt, &read(stream), 200);
    }
    assert_eq!(rig.handle.stats().preemptions_total, 0);
    (running, held)
}

#[test]
fn long_sequences_hold_their_windows_only() {
    // Without the group they would hold ceil(1699 / 16) = 107 pages each.
    let (running, held) = eight_long_sequences(1200);
    assert_eq!(running, 8);
    assert!((8 * (SEEN - 1)..=8 * SEEN).contains(&held), "{held} window pages of 8 sequences");
}

#[test]
fn the_reservation_is_what_admits() {
    let enough = 8 * RESERVED + ROWS / 16;
    assert_eq!(eight_long_sequences(enough).0, 8);
    assert_eq!(eight_long_sequences(enough - 1).0, 7);
    assert_eq!(eight_long_sequences(RESERVED + ROWS / 16).0, 1);
    let toy = ToyConfig { window_tokens: Some(WINDOW), ..ToyConfig::plain(VOCAB) };
    let too_few = Engine::start(Box::new(ToyRunner::new(toy)), config(RESERVED + ROWS / 16 - 1));
    let error = too_few.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("window_pages is 10, must be at least 11"), "{error}");
}

#[test]
fn short_sequences_reserve_what_they_can_hold() {
    // 30 tokens and 2 more: two pages and the source of a copy each.
    let mut rig = rig(10 * 3 + ROWS / 16);
    let mut streams: Vec<_> = (0..12).map(|i| (text(i, 30), rig.submit(greedy(&text(i, 30), 3)))).collect();
    let mut running = 0;
    while rig.turn() == Turn::Worked {
        running = running.max(rig.handle.stats().requests_running);
    }
    streams.iter_mut().for_each(|(prompt, stream)| check_greedy(prompt, &read(stream), 3));
    assert!(running >= 2, "{running} at a time");
}

#[test]
fn the_same_prompt_again_costs_one_row() {
    for (window, has_state) in [(1, false), (2, false), (WINDOW, false), (5000, false), (WINDOW, true)] {
        let mut rig = Rig::with_window(config(1200), window, has_state);
        let prompt = text(1, 300);
        assert_eq!(rig.rows_of(&prompt, 40).1, 339, "window {window}");
        assert_eq!(rig.rows_of(&prompt, 40).1, 40, "window {window}, state {has_state}");
    }
}

#[test]
fn a_conversation_goes_on_where_its_last_answer_ended() {
    let mut rig = rig(40);
    let mut said = text(2, 500);
    for turn in 0..5 {
        let (answer, rows) = rig.rows_of(&said, 30);
        // The last token of an answer is not computed before it is part of a prompt.
        let expected = if turn == 0 { 500 + 29 } else { 1 + 20 + 29 };
        assert_eq!(rows, expected, "turn {turn}");
        said.extend(answer);
        said.extend(text(100 + turn, 20));
    }
}

#[test]
fn an_edited_early_message_goes_on_from_the_turn_before() {
    // Far fewer window pages than the conversation has tokens.
    let mut rig = rig(60);
    let mut said = text(6, 600);
    let mut ends = Vec::new();
    for turn in 0..5 {
        let (answer, _) = rig.rows_of(&said, 150);
        said.extend(answer);
        ends.push(said.len());
        said.extend(text(200 + turn, 250));
    }
    assert!(said.len() / 16 > 2 * 60, "{} tokens", said.len());
    // The fifth message is another one, from its tenth token on. What is behind the end of the fourth answer has been
    // passed as the conversation went on; that end is kept warm, and so is the rest of its page.
    let mut edited = said[..ends[3] + 10].to_vec();
    edited.extend(text(300, 20));
    let (_, rows) = rig.rows_of(&edited, 1);
    assert_eq!(rows, edited.len() - ends[3].next_multiple_of(16));
}

#[test]
fn a_fork_of_a_running_conversation_goes_on_from_the_end_of_its_prompt() {
    let mut rig = rig(60);
    let prompt = text(5, 400);
    let mut leader = rig.submit(greedy(&prompt, 300));
    for _ in 0..200 {
        rig.turn();
    }
    let before = rig.probe.tokens();
    let mut forks: Vec<_> = (0..4).map(|_| rig.submit(greedy(&prompt, 1))).collect();
    rig.settle();
    forks.iter_mut().for_each(|fork| check_greedy(&prompt, &read(fork), 1));
    check_greedy(&prompt, &read(&mut leader), 300);
    let steps_left = 299 - (before - 400);
    assert_eq!(rig.probe.tokens() - before, steps_left + 4, "each fork computes one row");
}

#[test]
fn requests_that_arrive_together_share_what_they_begin_with() {
    let mut rig = rig(300);
    let beginning = text(4, 333);
    let with = |i: u64| [&beginning[..], &[i as TokenId], &text(50 + i, 24)[..]].concat();
    let prompts: Vec<Vec<TokenId>> = (0..16).map(with).collect();
    let mut streams: Vec<_> = prompts.iter().map(|p| rig.submit(greedy(p, 5))).collect();
    rig.settle();
    for (prompt, stream) in prompts.iter().zip(&mut streams) {
        check_greedy(prompt, &read(stream), 5);
    }
    assert_eq!(rig.probe.tokens(), 333 + 16 * (25 + 4), "rows");
}

#[test]
fn window_pages_are_evicted_alone_and_come_back() {
    let mut rig = rig(30);
    let prompt = text(7, 320);
    assert_eq!(rig.rows_of(&prompt, 1).1, 320);
    // Others end with all window pages; the full pages of all fit.
    for other in 0..9 {
        rig.rows_of(&text(70 + other, 500), 1);
    }
    let stats = rig.handle.stats();
    assert!(stats.window_page_evictions_total > 0, "{stats:?}");
    assert_eq!(stats.page_evictions_total, 0);
    let nodes = stats.prefix_tree_nodes;
    // The tree knows the prompt, and cannot go on from any place of it: it is computed again, and joined.
    let mut stream = rig.submit(greedy(&prompt, 1));
    let before = rig.probe.tokens();
    rig.settle();
    check_greedy(&prompt, &read(&mut stream), 1);
    let prefix = rig.engine.explain(stream.id()).unwrap().prefix.unwrap();
    assert_eq!((prefix.matched_tokens, prefix.known_tokens), (0, 319));
    assert_eq!(rig.probe.tokens() - before, 320);
    let stats = rig.handle.stats();
    assert_eq!(stats.prefix_tree_nodes, nodes, "equal pages are joined");
    // Its window pages are with its old nodes now.
    assert_eq!(rig.rows_of(&prompt, 1).1, 1);
}

#[test]
fn a_long_prompt_does_not_cost_others_their_ends() {
    let mut rig = rig(60);
    let mut said = text(8, 100);
    let (answer, _) = rig.rows_of(&said, 20);
    said.extend(answer);
    // 5,000 tokens pass through the window pages that no one needs.
    rig.rows_of(&text(9, 5000), 3);
    said.extend(text(10, 10));
    assert_eq!(rig.rows_of(&said, 1).1, 1 + 10);
}

#[test]
fn without_the_prefix_cache_nothing_is_kept() {
    let config = EngineConfig { prefix_cache: false, ..config(40) };
    let mut rig = Rig::with_window(config, WINDOW, false);
    let prompt = text(10, 100);
    assert_eq!(rig.rows_of(&prompt, 3).1, 102);
    assert_eq!(rig.rows_of(&prompt, 3).1, 102);
    let stats = rig.handle.stats();
    assert_eq!((stats.window_pages_cached, stats.window_pages_free), (0, 40));
}
