//! Models with windowed layers, under the engine: window pages that are passed, shared, evicted and computed again never
//! show in a bit, and sequences hold their windows only.
//!
//! The long form, 8 sequences of 2,000 tokens on the real model, some minutes on 2 cores:
//!
//! ```text
//! GOLLUM_LONG_SEQUENCES=8 cargo test --release -p gollum-models --test windowed -- --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod tiny;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_core::{KvDtype, Limits, ModelRunner, PAGE_TOKENS, SamplingParams, TokenId};
use gollum_engine::pager::windows::reservation;
use gollum_engine::{Engine, EngineConfig, EngineHandle, Event, EventStream, ManualEngine, NewRequest, Turn};
use gollum_gguf::Gguf;
use gollum_models::{LoadOptions, Transformer, load};
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{File, real_model};

/// Tokens, each with the bits of its log-probability, which stand for its whole row.
type Bits = Vec<(TokenId, u32)>;

fn runner(gguf: &Gguf) -> Transformer {
    let ops = CpuOps::new(&CpuConfig { threads: 2, isa: None }).unwrap();
    let options = LoadOptions {
        kv_dtype: KvDtype::F16,
        max_batch_tokens: 128,
        max_batch_sequences: 8,
        max_context: None,
    };
    load(gguf, Box::new(ops), options, &mut |_| {}).unwrap()
}

/// An engine turned by hand, with how many pages it has at all, and in the window group.
fn engine(gguf: &Gguf, kv_pages: usize, window_pages: usize, rows: usize) -> (EngineHandle, ManualEngine) {
    let config = EngineConfig {
        kv_pages,
        window_pages,
        max_num_batched_tokens: rows,
        max_prefill_beside_decodes: rows,
        ..EngineConfig::default()
    };
    Engine::manual(Box::new(runner(gguf)), config, Arc::new(AtomicU64::new(0))).unwrap()
}

fn request(prompt: &[TokenId], max_tokens: usize) -> NewRequest {
    NewRequest {
        prompt: prompt.into(),
        sampling: SamplingParams { temperature: 0.0, logprobs: Some(0), ..SamplingParams::default() },
        limits: Limits { max_tokens, min_tokens: 0, stop_ids: vec![] },
        priority: 0,
        cache_salt: 0,
        use_prompt_cache: false,
        constraint: None,
        timeout: None,
    }
}

fn read(stream: &mut EventStream) -> Bits {
    let mut bits = Bits::new();
    while let Some(event) = stream.try_next() {
        match event {
            Event::Token { token, logprob } => bits.push((token, logprob.unwrap().logprob.to_bits())),
            Event::Finished { .. } => return bits,
            other => panic!("{other:?}"),
        }
    }
    panic!("no end after {} tokens", bits.len())
}

/// Answers requests that arrive together.
fn answers(
    (handle, engine): &mut (EngineHandle, ManualEngine),
    prompts: &[Vec<TokenId>],
    n: usize,
) -> Vec<Bits> {
    let mut streams: Vec<EventStream> =
        prompts.iter().map(|prompt| handle.submit(request(prompt, n)).unwrap()).collect();
    while engine.turn() == Turn::Worked {
        engine.check();
    }
    streams.iter_mut().map(read).collect()
}

/// Each prompt's answer in an engine that has seen nothing else.
fn cold(gguf: &Gguf, prompts: &[Vec<TokenId>], n: usize) -> Vec<Bits> {
    let alone = |prompt: &Vec<TokenId>| {
        let pages = (prompt.len() + n).div_ceil(PAGE_TOKENS) + 2;
        answers(&mut engine(gguf, pages, pages, 128), std::slice::from_ref(prompt), n).remove(0)
    };
    prompts.iter().map(alone).collect()
}

fn text(seed: usize, len: usize, vocab: usize) -> Vec<TokenId> {
    (0..len).map(|i| ((i * i * 31 + i * 7 + seed * 1013 + 3) % vocab) as TokenId).collect()
}

/// Requests that begin alike, go on from each other, and repeat each other.
fn family(vocab: usize, len: usize) -> Vec<Vec<TokenId>> {
    let first = text(1, len, vocab);
    let edited = [&first[..len * 2 / 3], &text(2, len / 4, vocab)[..]].concat();
    let longer = [&first[..], &text(3, 21, vocab)[..]].concat();
    vec![first.clone(), edited, longer, text(4, len / 2, vocab), first]
}

/// Every small architecture with windows: in a window group as small as one that starts, twice over, in small steps.
#[test]
fn small_models_answer_the_same_through_a_small_window_group() {
    let mut tried = 0;
    for case in cases() {
        let gguf = File::new(&case, FormatId::F32).gguf();
        let spec = runner(&gguf).spec().clone();
        let Some(window) = spec.window else { continue };
        let (prompts, n) = (family(case.vocab, 90), 16);
        let want = cold(&gguf, &prompts, n);
        let (rows, kv_pages) = (16, 100);
        let least = reservation(window.tokens, spec.context_len) + rows / PAGE_TOKENS;
        let mut tight = engine(&gguf, kv_pages, least, rows);
        for round in 0..2 {
            let got = answers(&mut tight, &prompts, n);
            assert_eq!(got, want, "{}, {least} window pages, round {round}", case.name);
        }
        let stats = tight.0.stats();
        assert!(stats.window_page_evictions_total > 0, "{}: all of it fitted", case.name);
        assert!(stats.prefix_cache_hit_tokens_total > 0, "{}: nothing was found", case.name);
        tried += 1;
    }
    println!("{tried} small models with a window group");
    assert!(tried >= 20, "{tried}");
}

/// Gemma 3: 15 of 18 layers see 512 tokens.
#[test]
fn gemma3_answers_the_same_after_eviction_and_hits() {
    let Some(gguf) = real_model("gemma-3-270m-Q4_K_M.gguf") else { return };
    let (first, n) = (text(1, 700, 20_000), 12);
    let edited = [&first[..640], &text(2, 30, 20_000)[..]].concat();
    let longer = [&first[..], &text(3, 25, 20_000)[..]].concat();
    let prompts = vec![first.clone(), edited, longer];
    let want = cold(&gguf, &prompts, n);
    // 60 window pages are 960 tokens; what passes through is more.
    let mut served = engine(&gguf, 300, 60, 128);
    assert_eq!(answers(&mut served, &prompts[..1], n), want[..1]);
    let one = served.0.stats();
    assert_eq!(answers(&mut served, &prompts, n), want, "with hits");
    let two = served.0.stats();
    assert!(two.prefix_cache_hit_tokens_total - one.prefix_cache_hit_tokens_total > 2 * 600, "{two:?}");
    answers(&mut served, &[text(9, 800, 20_000)], 2);
    assert_eq!(answers(&mut served, &prompts[..1], n), want[..1], "after eviction");
    let three = served.0.stats();
    assert!(three.window_page_evictions_total > 0, "{three:?}");
}

/// What long sequences hold of a real model's memory, in pages of both groups.
#[test]
fn long_sequences_of_gemma3_hold_their_windows() {
    let Some(gguf) = real_model("gemma-3-270m-Q4_K_M.gguf") else { return };
    let long_form = std::env::var("GOLLUM_LONG_SEQUENCES").ok().map(|n| n.parse::<usize>().unwrap());
    let (sequences, len) = long_form.map_or((2, 640), |n| (n, 2000));
    let spec = runner(&gguf).spec().clone();
    let window = spec.window.unwrap();
    // Long enough that the first still answers when the last has its prompt.
    let answer = 20 * sequences;
    let pages = sequences * ((len + answer) / PAGE_TOKENS + 2);
    let (handle, mut manual) = engine(&gguf, pages, pages, 128);
    let new = |i: usize| handle.submit(request(&text(i, len, 20_000), answer)).unwrap();
    let _streams: Vec<EventStream> = (0..sequences).map(new).collect();
    let (mut full, mut windowed, mut running) = (0, 0, 0);
    while manual.turn() == Turn::Worked {
        let stats = handle.stats();
        running = running.max(stats.requests_running as usize);
        full = full.max(stats.pages_held as usize);
        windowed = windowed.max(stats.window_pages_held as usize);
    }
    assert_eq!(running, sequences);
    let seen = (window.tokens - 1).div_ceil(PAGE_TOKENS) + 1;
    let (before, after) =
        (full * (spec.page_bytes + window.page_bytes), full * spec.page_bytes + windowed * window.page_bytes);
    println!(
        "{sequences} sequences of {len} tokens hold {full} pages and {windowed} window pages, at most {}: {:.1} MiB, \
         where one group of pages would hold {:.1} MiB",
        sequences * seen,
        after as f64 / f64::from(1 << 20),
        before as f64 / f64::from(1 << 20)
    );
    assert!(windowed <= sequences * seen, "{windowed} window pages of {sequences} sequences");
    assert!(windowed < full, "nothing was let go of");
}
