//! Requests served in many ways, on any backend: what a request is answered, tokens and log-probabilities to the bit, does not
//! depend on batch mates, chunks, caches, preemption or threads.
//!
//! A chosen token's log-probability comes from the sum over its whole logits row, so equal bits there stand for
//! the row.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use gollum_core::{KvDtype, Limits, SamplingParams, TokenId, TokenLogprob};
use gollum_engine::{
    Engine, EngineConfig, EngineHandle, EngineStats, Event, EventStream, ManualEngine, NewRequest, Turn,
};
use gollum_gguf::Gguf;
use gollum_kernels::KernelOps;
use gollum_models::{LoadOptions, Transformer, load};

/// Tokens of each answer.
pub const ANSWER_TOKENS: usize = 36;
/// Requests without the long form: enough for each beginning, both ways of choosing, and preemption.
pub const REQUESTS: usize = 8;

/// A token and the bits of its log-probability and of its alternatives'.
type Bits = Vec<(TokenId, u32, Vec<(TokenId, u32)>)>;

/// How requests are served.
struct Serving {
    what: &'static str,
    threads: usize,
    batched_tokens: usize,
    sequences: usize,
    kv_pages: usize,
    prefix_cache: bool,
    /// Serve everything twice, and look at the second time.
    warm: bool,
    /// What must have happened for the case to mean anything.
    proof: fn(&EngineStats) -> bool,
}

const ALONE: Serving = Serving {
    what: "alone, cold, in one chunk",
    threads: 1,
    batched_tokens: 512,
    sequences: 1,
    kv_pages: 64,
    prefix_cache: false,
    warm: false,
    proof: |stats| stats.prefix_cache_hit_tokens_total == 0,
};

const SERVINGS: [Serving; 5] = [
    Serving { what: "two threads", threads: 2, ..ALONE },
    Serving {
        what: "together, in chunks of 16",
        batched_tokens: 16,
        sequences: 16,
        kv_pages: 1000,
        prefix_cache: true,
        proof: |stats| stats.prefix_cache_hit_tokens_total > 0 && stats.page_copies_total > 0,
        ..ALONE
    },
    Serving {
        what: "32 together, in chunks of 64",
        threads: 2,
        batched_tokens: 64,
        sequences: 32,
        kv_pages: 1000,
        ..ALONE
    },
    Serving {
        what: "together, warm",
        threads: 2,
        sequences: 32,
        kv_pages: 1000,
        prefix_cache: true,
        warm: true,
        proof: |stats| 2 * stats.prefix_cache_hit_tokens_total > stats.prefix_cache_query_tokens_total,
        ..ALONE
    },
    Serving {
        what: "together in too little memory, on what it kept of the cache",
        threads: 2,
        batched_tokens: 64,
        sequences: 32,
        kv_pages: 16,
        prefix_cache: true,
        warm: true,
        proof: |stats| stats.preemptions_total > 0 && stats.page_evictions_total > 0,
    },
];

/// Makes a backend of so many threads.
pub type MakeOps<'a> = dyn Fn(usize) -> Box<dyn KernelOps> + 'a;

/// Makes a model on backends of so many threads.
pub type MakeRunner<'a> = &'a dyn Fn(usize, LoadOptions) -> Transformer;

fn start(make: MakeRunner<'_>, serving: &Serving) -> (EngineHandle, ManualEngine) {
    let options = LoadOptions {
        kv_dtype: KvDtype::F16,
        max_batch_tokens: 512,
        max_batch_sequences: 32,
        max_context: None,
    };
    let runner = make(serving.threads, options);
    let config = EngineConfig {
        max_num_seqs: serving.sequences,
        max_num_batched_tokens: serving.batched_tokens,
        max_prefill_beside_decodes: serving.batched_tokens,
        kv_pages: serving.kv_pages,
        prefix_cache: serving.prefix_cache,
        ..EngineConfig::default()
    };
    Engine::manual(Box::new(runner), config, Arc::new(AtomicU64::new(0))).unwrap()
}

/// One of eight: it is served from its first token, so few enough to leave the others something to share.
fn asks_about_prompt(index: usize) -> bool {
    index % 8 == 4
}

/// Prompts that share beginnings of odd lengths; every other one is sampled.
fn request(index: usize, vocab: usize) -> NewRequest {
    let token = |i: usize| ((i * 7919 + 13) % vocab.min(20_000)) as TokenId;
    let shared = 21 * (index % 3);
    let own = 9 + index % 14;
    let prompt: Vec<TokenId> =
        (0..shared).chain(1000 * (index + 1)..1000 * (index + 1) + own).map(token).collect();
    let sampling = SamplingParams {
        temperature: if index.is_multiple_of(2) { 0.0 } else { 0.9 },
        top_p: 0.95,
        seed: Some(index as u64),
        logprobs: Some(3),
        prompt_logprobs: asks_about_prompt(index).then_some(2),
        ..SamplingParams::default()
    };
    NewRequest {
        prompt: prompt.into(),
        sampling,
        limits: Limits { max_tokens: ANSWER_TOKENS, min_tokens: 0, stop_ids: vec![] },
        priority: 0,
        cache_salt: 0,
        use_prompt_cache: false,
        constraint: None,
        timeout: None,
    }
}

fn read(stream: &mut EventStream) -> Bits {
    let mut bits = Bits::new();
    let bits_of = |told: &TokenLogprob| {
        let top = told.top.iter().map(|&(token, value)| (token, value.to_bits())).collect();
        (told.token, told.logprob.to_bits(), top)
    };
    while let Some(event) = stream.try_next() {
        match event {
            Event::PromptTokens(told) => bits.extend(told.iter().map(bits_of)),
            Event::Token { logprob, .. } => bits.push(bits_of(&logprob.unwrap())),
            Event::Finished { .. } => return bits,
            Event::Embedding(_) => panic!("nobody asked for an embedding"),
            Event::Failed(error) => panic!("{error}"),
        }
    }
    panic!("no end after {} tokens", bits.len())
}

fn answers(make: MakeRunner<'_>, serving: &Serving, requests: usize) -> Vec<Bits> {
    let (handle, mut engine) = start(make, serving);
    let vocab = handle.limits().vocab_size;
    let mut rounds = (0..if serving.warm { 2 } else { 1 }).map(|_| {
        let new = |index| handle.submit(request(index, vocab)).unwrap();
        let mut streams: Vec<EventStream> = (0..requests).map(new).collect();
        while engine.turn() == Turn::Worked {}
        engine.check();
        streams.iter_mut().map(read).collect()
    });
    let last = rounds.by_ref().last().unwrap();
    let stats = handle.stats();
    // Prompts that are too short to save a state of are computed again.
    let resumes = serving.prefix_cache && handle.limits().state_slots > 0;
    let proof =
        if resumes { |stats: &EngineStats| stats.prefix_cache_hit_tokens_total > 0 } else { serving.proof };
    assert!(proof(&stats), "{}: the case was not reached", serving.what);
    last
}

/// Serves requests whose next token a few of the logits decide, once asking for log-probabilities, which take whole rows,
/// and once not: the tokens are the same. Returns how many were chosen from the best logits alone.
pub fn check_best(what: &str, gguf: &Gguf, make: &MakeOps<'_>, requests: usize) -> u64 {
    let [whole, best] = [Some(1), None].map(|logprobs| {
        let make = |threads, options| load(gguf, make(threads), options, &mut |_| {}).unwrap();
        let (handle, mut engine) = start(&make, &SERVINGS[1]);
        let vocab = handle.limits().vocab_size;
        let new = |index: usize| {
            let mut new = request(index, vocab);
            let top_k = if index % 4 == 1 { 7 } else { 40 };
            new.sampling = SamplingParams { top_k, logprobs, prompt_logprobs: None, ..new.sampling };
            handle.submit(new).unwrap()
        };
        let mut streams: Vec<EventStream> = (0..requests).map(new).collect();
        while engine.turn() == Turn::Worked {}
        let tokens = |stream: &mut EventStream| -> Vec<TokenId> {
            let mut tokens = Vec::new();
            while let Some(event) = stream.try_next() {
                match event {
                    Event::Token { token, .. } => tokens.push(token),
                    Event::Failed(error) => panic!("{error}"),
                    _ => {}
                }
            }
            tokens
        };
        (streams.iter_mut().map(tokens).collect::<Vec<_>>(), handle.stats().best_rows_total)
    });
    assert_eq!(whole.1, 0, "log-probabilities take whole rows");
    assert!(whole.0.iter().all(|tokens| tokens.len() == ANSWER_TOKENS));
    assert_eq!(best.0, whole.0, "{what}: other tokens than whole rows give");
    best.1
}

/// Serves `requests` requests alone, and in every other way, and compares the bits.
pub fn check(what: &str, gguf: &Gguf, make: &MakeOps<'_>, requests: usize) {
    let make = |threads, options| load(gguf, make(threads), options, &mut |_| {}).unwrap();
    check_runner(what, &make, requests);
}

/// [`check`] of any model.
pub fn check_runner(what: &str, make: MakeRunner<'_>, requests: usize) {
    let alone = answers(make, &ALONE, requests);
    for serving in &SERVINGS {
        let got = answers(make, serving, requests);
        for (index, (got, want)) in got.iter().zip(&alone).enumerate() {
            let prompt_len = request(index, usize::MAX).prompt.len();
            let told = if asks_about_prompt(index) { prompt_len - 1 } else { 0 };
            assert_eq!((got.len(), want.len()), (told + ANSWER_TOKENS, told + ANSWER_TOKENS));
            let parted = got.iter().zip(want).position(|(g, w)| g != w);
            assert_eq!(parted, None, "{what}, {}: request {index} parts at this token", serving.what);
        }
        println!("{what}, {}: {requests} answers have the bits of those served alone", serving.what);
    }
}
