//! No prefix is computed twice: counted in tokens.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use gollum_core::TokenId;
use gollum_engine::{EngineConfig, EventStream, NewRequest};
use support::{Rig, check_greedy, greedy, read, text};

fn config(kv_pages: usize) -> EngineConfig {
    EngineConfig {
        kv_pages,
        max_num_batched_tokens: 128,
        max_prefill_beside_decodes: 128,
        ..EngineConfig::default()
    }
}

#[test]
fn sixteen_requests_with_one_prefix_compute_it_once() {
    let mut rig = Rig::new(config(400));
    let prefix = text(1, 600);
    let prompts: Vec<Vec<TokenId>> =
        (0..16).map(|i| prefix.iter().copied().chain(text(100 + i, 20)).collect()).collect();
    let mut streams: Vec<EventStream> = prompts.iter().map(|p| rig.submit(greedy(p, 8))).collect();
    rig.settle();
    for (prompt, stream) in prompts.iter().zip(&mut streams) {
        check_greedy(prompt, &read(stream), 8);
    }
    // Some of the 16 own parts begin alike by chance; that is shared too, so this is the exact number.
    let distinct = distinct_prefixes(prompts.iter().map(Vec::as_slice));
    let decodes = 16 * 7;
    assert_eq!(rig.probe.tokens() as usize, distinct + decodes);
    assert!(distinct <= 600 + 16 * 20);
}

/// Tokens that must be computed for these prompts when no prefix is computed twice: nodes of their trie.
fn distinct_prefixes<'a>(prompts: impl Iterator<Item = &'a [TokenId]>) -> usize {
    let mut prompts: Vec<&[TokenId]> = prompts.collect();
    prompts.sort_unstable();
    let shared = |a: &[TokenId], b: &[TokenId]| a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let first = prompts[0].len();
    first + prompts.windows(2).map(|pair| pair[1].len() - shared(pair[0], pair[1])).sum::<usize>()
}

#[test]
fn conversations_compute_each_turn_once() {
    let mut rig = Rig::new(config(1200));
    let mut conversations: Vec<Vec<TokenId>> = vec![text(7, 50); 8];
    let mut computed_before = [0; 8];
    for turn in 0..6 {
        for (user, conversation) in conversations.iter_mut().enumerate() {
            conversation.extend(text(1000 + user as u64 * 10 + turn, 23));
        }
        let mut streams: Vec<EventStream> = conversations.iter().map(|c| rig.submit(greedy(c, 30))).collect();
        rig.settle();
        for (user, stream) in streams.iter_mut().enumerate() {
            let answer = read(stream);
            check_greedy(&conversations[user], &answer, 30);
            if turn > 0 {
                // All but the last token of the last answer was computed.
                assert_eq!(answer.usage().cached_tokens, computed_before[user], "user {user}, turn {turn}");
            }
            conversations[user].extend(&answer.tokens);
            computed_before[user] = conversations[user].len() - 1;
        }
    }
}

#[test]
fn a_fork_of_a_running_conversation_reuses_all_of_it() {
    let mut rig = Rig::new(config(400));
    let prompt = text(3, 70);
    let mut running = rig.submit(greedy(&prompt, 100));
    for _ in 0..40 {
        rig.turn();
    }
    let mut so_far = prompt.clone();
    while let Some(gollum_engine::Event::Token { token, .. }) = running.try_next() {
        so_far.push(token);
    }
    let forks: Vec<Vec<TokenId>> =
        (0..4).map(|i| so_far.iter().copied().chain([i, i + 1, i + 2]).collect()).collect();
    let mut streams: Vec<EventStream> = forks.iter().map(|f| rig.submit(greedy(f, 9))).collect();
    rig.settle();
    for (fork, stream) in forks.iter().zip(&mut streams) {
        let answer = read(stream);
        check_greedy(fork, &answer, 9);
        // The newest token of the running one has no K and V yet; a fork in the same step computes it too, or
        // waits for the first fork that does.
        assert!(
            answer.usage().cached_tokens >= so_far.len() - 1,
            "{} of {}",
            answer.usage().cached_tokens,
            so_far.len()
        );
    }
}

#[test]
fn a_whole_match_computes_one_token() {
    let mut rig = Rig::new(config(100));
    for len in [1, 2, 15, 16, 17, 31, 32, 33, 48] {
        let prompt = text(len as u64 + 50, len);
        let first = rig.answer(greedy(&prompt, 3));
        let before = rig.probe.tokens();
        let second = rig.answer(greedy(&prompt, 3));
        assert_eq!(first.tokens, second.tokens);
        assert_eq!(second.usage().cached_tokens, len - 1, "prompt of {len}");
        assert_eq!(rig.probe.tokens() - before, 1 + 2, "one prompt token and two decodes");
    }
}

#[test]
fn tenants_share_nothing() {
    let mut rig = Rig::new(config(400));
    let prompt = text(9, 64);
    for salt in 0..2000 {
        let new = NewRequest { cache_salt: salt, use_prompt_cache: true, ..greedy(&prompt, 4) };
        let first = rig.answer(new.clone());
        assert!(!first.end.clone().unwrap().2, "the prompt cache of another tenant");
        assert_eq!(first.usage().cached_tokens, 0, "first of tenant {salt}");
        let second = rig.answer(NewRequest { use_prompt_cache: false, ..new });
        assert_eq!(second.usage().cached_tokens, 63, "second of tenant {salt}");
    }
}

#[test]
fn a_flood_does_not_cost_another_tenant_its_cache() {
    let mut rig = Rig::new(config(100));
    let own = NewRequest { cache_salt: 1, ..greedy(&text(1, 300), 4) };
    rig.answer(own.clone());
    let mut flood: Vec<EventStream> =
        (0..300).map(|i| rig.submit(greedy(&text(1000 + i, 150), 30))).collect();
    rig.settle();
    assert!(rig.handle.stats().page_evictions_total > 1000);
    flood.iter_mut().for_each(|stream| assert_eq!(read(stream).tokens.len(), 30));
    // 300 tokens are 19 of 100 pages; with two tenants, 25 are kept.
    assert_eq!(rig.answer(own).usage().cached_tokens, 299);
}

#[test]
fn a_growing_answer_does_not_cost_another_tenant_its_cache() {
    let mut rig = Rig::new(config(100));
    let own = NewRequest { cache_salt: 1, ..greedy(&text(1, 300), 4) };
    rig.answer(own.clone());
    // They begin with 2 pages each and end with 21: 105 of the 81 that are not kept.
    let mut growing: Vec<EventStream> = (0..5).map(|i| rig.submit(greedy(&text(50 + i, 20), 310))).collect();
    rig.settle();
    growing.iter_mut().for_each(|stream| assert_eq!(read(stream).tokens.len(), 310));
    assert!(rig.handle.stats().preemptions_total > 0);
    assert_eq!(rig.answer(own).usage().cached_tokens, 299);
}

#[test]
fn without_the_prefix_cache_nothing_is_kept() {
    let mut rig = Rig::new(EngineConfig { prefix_cache: false, ..config(100) });
    let prompt = text(9, 64);
    for _ in 0..2 {
        let answer = rig.answer(greedy(&prompt, 4));
        check_greedy(&prompt, &answer, 4);
        assert_eq!(answer.usage().cached_tokens, 0);
    }
    assert_eq!(rig.handle.stats().pages_free, 100);
}

#[test]
fn equal_requests_in_flight_end_up_on_equal_pages() {
    let mut rig = Rig::new(config(100));
    let prompt = text(4, 40);
    let mut streams: Vec<EventStream> = (0..4).map(|_| rig.submit(greedy(&prompt, 40))).collect();
    for _ in 0..35 {
        rig.turn();
    }
    let snapshot_pages = rig.handle.stats().pages_held;
    // 40 + 32 tokens: four full pages are one; the tails are private.
    assert!(snapshot_pages <= 4 + 2 * 4, "{snapshot_pages} pages held for four equal requests");
    assert!(rig.handle.stats().page_joins_total > 0);
    rig.settle();
    for stream in &mut streams {
        check_greedy(&prompt, &read(stream), 40);
    }
}
