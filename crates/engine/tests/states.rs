//! Models with a recurrent state: how much of a prompt is computed, counted in rows. That answers are right with any
//! snapshot, shared, evicted or lost, is the simulation's work.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use gollum_core::TokenId;
use gollum_engine::EngineConfig;
use support::{Rig, check_greedy, greedy, read, text};

fn rig(state_slots: usize) -> Rig {
    let config = EngineConfig {
        kv_pages: 600,
        state_slots,
        max_num_batched_tokens: 64,
        max_prefill_beside_decodes: 64,
        ..EngineConfig::default()
    };
    Rig::with_state(config)
}

#[test]
fn the_same_prompt_again_costs_one_row() {
    let mut rig = rig(8);
    let prompt = text(1, 200);
    assert_eq!(rig.rows_of(&prompt, 1).1, 200);
    assert_eq!(rig.rows_of(&prompt, 1).1, 1);
}

#[test]
fn a_conversation_goes_on_where_its_last_answer_ended() {
    let mut rig = rig(8);
    let mut said = text(2, 150);
    for turn in 0..5 {
        let (answer, rows) = rig.rows_of(&said, 30);
        // The last token of an answer is not computed before it is part of a prompt.
        let expected = if turn == 0 { 150 + 29 } else { 1 + 20 + 29 };
        assert_eq!(rows, expected, "turn {turn}");
        said.extend(answer);
        said.extend(text(100 + turn, 20));
    }
}

#[test]
fn the_third_request_with_a_beginning_is_fast() {
    let mut rig = rig(16);
    let beginning = text(3, 203);
    let with = |end: u64| [beginning.clone(), text(end, 40)].concat();
    assert_eq!(rig.rows_of(&with(10), 1).1, 243);
    // The tree knows 203 tokens, and no snapshot is there: it is taken now.
    assert_eq!(rig.rows_of(&with(11), 1).1, 243);
    assert_eq!(rig.rows_of(&with(12), 1).1, 40);
    let explanation = rig.engine.kv_snapshot();
    assert!(explanation.sequences.is_empty());
}

#[test]
fn requests_that_arrive_together_share_what_they_begin_with() {
    let mut rig = rig(40);
    let beginning = text(4, 300);
    let with = |i: u64| [&beginning[..], &[i as TokenId], &text(50 + i, 24)[..]].concat();
    let prompts: Vec<Vec<TokenId>> = (0..16).map(with).collect();
    let mut streams: Vec<_> = prompts.iter().map(|p| rig.submit(greedy(p, 5))).collect();
    rig.settle();
    for (prompt, stream) in prompts.iter().zip(&mut streams) {
        check_greedy(prompt, &read(stream), 5);
    }
    let ideal = 300 + 16 * (25 + 4);
    assert_eq!(rig.probe.tokens(), ideal, "rows");
}

#[test]
fn a_fork_of_a_running_conversation_goes_on_from_its_snapshot() {
    let mut rig = rig(16);
    let prompt = text(5, 120);
    let mut leader = rig.submit(greedy(&prompt, 60));
    for _ in 0..20 {
        rig.turn();
    }
    let before = rig.probe.tokens();
    let mut fork = rig.submit(greedy(&prompt, 1));
    rig.settle();
    check_greedy(&prompt, &read(&mut fork), 1);
    check_greedy(&prompt, &read(&mut leader), 60);
    let steps_left = 59 - (before - 120);
    assert_eq!(rig.probe.tokens() - before, steps_left + 1, "the fork computes one row");
}

#[test]
fn an_edited_early_message_goes_on_from_the_turn_before() {
    let mut rig = rig(32);
    let mut said = text(6, 100);
    let mut ends = Vec::new();
    for turn in 0..4 {
        let (answer, _) = rig.rows_of(&said, 20);
        said.extend(answer);
        ends.push(said.len());
        said.extend(text(200 + turn, 30));
    }
    // The third message is another one, from its tenth token on.
    let mut edited = said[..ends[1] + 10].to_vec();
    edited.extend(text(300, 20));
    let (_, rows) = rig.rows_of(&edited, 1);
    // The second answer ended one token before its last, which was not computed then.
    assert_eq!(rows, edited.len() - (ends[1] - 1));
}

#[test]
fn a_message_of_a_history_that_came_at_once_can_be_edited() {
    let mut rig = rig(32);
    let end = 3;
    let asks = |prompt: &[TokenId]| {
        let mut request = greedy(prompt, 1);
        request.limits.stop_ids = vec![end];
        request
    };
    let mut said = Vec::new();
    let mut borders = Vec::new();
    for message in 0..5 {
        said.extend(text(400 + message, 40).into_iter().filter(|&token| token != end));
        said.push(end);
        borders.push(said.len());
    }
    said.extend(text(410, 20));
    rig.answer(asks(&said));
    // The fourth message is another one, from its first token on.
    let mut edited = said[..borders[2]].to_vec();
    edited.extend(text(420, 30));
    let before = rig.probe.tokens();
    let answer = rig.answer(asks(&edited));
    assert_eq!(answer.tokens.len(), 1);
    assert_eq!((rig.probe.tokens() - before) as usize, edited.len() - borders[2]);
}

#[test]
fn two_states_serve_one_after_the_other() {
    let mut rig = rig(2);
    assert_eq!(rig.handle.limits().max_num_seqs, 1);
    let prompts: Vec<Vec<TokenId>> = (0..6).map(|i| text(70 + i, 50)).collect();
    let mut streams: Vec<_> = prompts.iter().map(|p| rig.submit(greedy(p, 9))).collect();
    rig.settle();
    for (prompt, stream) in prompts.iter().zip(&mut streams) {
        check_greedy(prompt, &read(stream), 9);
    }
    let stats = rig.handle.stats();
    assert_eq!((stats.states_total, stats.states_held), (2, 0));
    assert!(stats.state_evictions_total > 0, "{stats:?}");
}

#[test]
fn a_long_prompt_leaves_few_snapshots() {
    let mut rig = rig(200);
    let prompt = text(8, 8000);
    rig.rows_of(&prompt, 1);
    let stats = rig.handle.stats();
    assert!((4..=12).contains(&stats.states_cached), "{}", stats.states_cached);
    // Parting somewhere, not where a snapshot is, costs at most the distance between two.
    let mut other = prompt[..5000].to_vec();
    other.extend(text(9, 10));
    let (_, rows) = rig.rows_of(&other, 1);
    assert!(rows < 2500, "{rows} rows");
}

#[test]
fn without_the_prefix_cache_nothing_is_saved() {
    let config = EngineConfig { prefix_cache: false, kv_pages: 100, ..EngineConfig::default() };
    let mut rig = Rig::with_state(config);
    let prompt = text(10, 100);
    assert_eq!(rig.rows_of(&prompt, 3).1, 102);
    assert_eq!(rig.rows_of(&prompt, 3).1, 102);
    let stats = rig.handle.stats();
    assert_eq!((stats.states_cached, stats.state_saves_total), (0, 0));
}
