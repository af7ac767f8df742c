//! Embeddings through the engine: whole inputs in order and within the budget, rows of prompts beside generation, and
//! every way in which a request can end.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gollum_core::{
    Batch, EmbeddingSpec, FinishReason, Limits, Logits, ModelRunner, ModelSpec, Pooling, RunnerError,
    SamplingParams, TokenId,
};
use gollum_engine::{
    Engine, EngineConfig, EngineError, EngineHandle, Event, EventStream, ManualEngine, NewEmbedding,
    NewRequest, SubmitError, Turn,
};

const VOCAB: usize = 64;
const CONTEXT: usize = 128;
/// Inputs with this token have NaN for a result.
const NAN: TokenId = 60;
/// A step with this token fails.
const FAILS: TokenId = 61;
/// A step with this token panics.
const PANICS: TokenId = 62;

/// A model whose rows are `[token, position]`, and whose logits choose token 1.
struct Rows {
    spec: ModelSpec,
    embedding: EmbeddingSpec,
    /// The inputs of each step, by their lengths.
    steps: Arc<Mutex<Vec<Vec<usize>>>>,
    logits_rows: Arc<AtomicUsize>,
}

impl Rows {
    fn check(&self, batch: &Batch) -> Result<(), RunnerError> {
        assert!(!batch.tokens.contains(&PANICS), "told to");
        self.steps.lock().unwrap().push(batch.sequences.iter().map(|s| s.query_len).collect());
        match batch.tokens.contains(&FAILS) {
            true => Err(RunnerError::Backend("told to".to_owned())),
            false => Ok(()),
        }
    }
}

fn row(token: TokenId, position: u32) -> [f32; 2] {
    [if token == NAN { f32::NAN } else { token as f32 }, position as f32]
}

impl ModelRunner for Rows {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn allocate_kv(&mut self, _: usize, _: usize) -> Result<(), RunnerError> {
        Ok(())
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        self.check(batch)?;
        self.logits_rows.fetch_add(batch.logits_rows.len(), Ordering::Relaxed);
        logits.resize(batch.logits_rows.len(), VOCAB);
        for i in 0..batch.logits_rows.len() {
            logits.row_mut(i).fill(0.0);
            logits.row_mut(i)[1] = 9.0;
        }
        Ok(())
    }

    fn embedding(&self) -> Option<EmbeddingSpec> {
        Some(self.embedding)
    }

    fn embed_whole(&mut self, batch: &Batch) -> Result<Vec<Vec<f32>>, RunnerError> {
        assert!(self.embedding.whole_input && batch.block_tables.is_empty());
        self.check(batch)?;
        let result = |s: &gollum_core::SequenceSpan| {
            let tokens = &batch.tokens[s.query_start..s.query_start + s.query_len];
            let sum = tokens.iter().zip(0..).map(|(&t, p)| row(t, p)[0] * (p + 1) as f32).sum();
            vec![sum]
        };
        Ok(batch.sequences.iter().map(result).collect())
    }

    fn forward_hidden(
        &mut self,
        batch: &Batch,
        is_hidden: &[bool],
        logits: &mut Logits,
        hidden: &mut Logits,
    ) -> Result<(), RunnerError> {
        assert_eq!(is_hidden.len(), batch.logits_rows.len());
        self.forward(batch, logits)?;
        hidden.resize(batch.logits_rows.len(), 2);
        for (i, &at) in batch.logits_rows.iter().enumerate() {
            let kept = if is_hidden[i] { row(batch.tokens[at], batch.positions[at]) } else { [-1.0; 2] };
            hidden.row_mut(i).copy_from_slice(&kept);
        }
        Ok(())
    }

    fn finish_pooled(&mut self, mut pooled: Vec<f32>) -> Result<Vec<f32>, RunnerError> {
        pooled.push(7.0);
        Ok(pooled)
    }
}

struct Rig {
    handle: EngineHandle,
    engine: ManualEngine,
    now_us: Arc<AtomicU64>,
    steps: Arc<Mutex<Vec<Vec<usize>>>>,
}

fn rig(whole_input: bool, pooling: Option<Pooling>, config: EngineConfig) -> Rig {
    let steps = Arc::default();
    let runner = Rows {
        spec: ModelSpec {
            vocab_size: VOCAB,
            context_len: CONTEXT,
            page_bytes: 64,
            window: None,
            state_bytes: 0,
            max_batch_tokens: CONTEXT,
            max_batch_sequences: 8,
        },
        embedding: EmbeddingSpec { pooling, rows: pooling.unwrap_or(Pooling::None), width: 2, whole_input },
        steps: Arc::clone(&steps),
        logits_rows: Arc::default(),
    };
    let now_us = Arc::new(AtomicU64::new(0));
    let (handle, engine) = Engine::manual(Box::new(runner), config, Arc::clone(&now_us)).unwrap();
    Rig { handle, engine, now_us, steps }
}

fn encoder() -> Rig {
    rig(true, Some(Pooling::Mean), EngineConfig { max_num_batched_tokens: 32, ..EngineConfig::default() })
}

impl Rig {
    fn turn(&mut self) -> Turn {
        self.now_us.fetch_add(1000, Ordering::Relaxed);
        let turn = self.engine.turn();
        self.engine.check();
        turn
    }

    fn settle(&mut self) {
        for _ in 0..10_000 {
            if self.turn() != Turn::Worked {
                return;
            }
        }
        panic!("still at work");
    }

    fn embed(&self, input: &[TokenId]) -> EventStream {
        self.handle.embed(new(input)).unwrap()
    }
}

fn new(input: &[TokenId]) -> NewEmbedding {
    NewEmbedding { input: input.into(), priority: 0, cache_salt: 0, timeout: None }
}

fn generation(prompt: &[TokenId], max_tokens: usize) -> NewRequest {
    NewRequest {
        constraint: None,
        prompt: prompt.into(),
        sampling: SamplingParams { temperature: 0.0, ..SamplingParams::default() },
        limits: Limits { max_tokens, min_tokens: 0, stop_ids: Vec::new() },
        priority: 0,
        cache_salt: 0,
        use_prompt_cache: true,
        timeout: None,
    }
}

/// The result, or the error; and that nothing else is in the stream.
fn read(stream: &mut EventStream) -> Result<Vec<f32>, EngineError> {
    match stream.try_next() {
        Some(Event::Embedding(result)) => match stream.try_next() {
            Some(Event::Finished { reason: FinishReason::Stop, usage, .. }) => {
                assert_eq!(usage.completion_tokens, 0);
                assert!(stream.try_next().is_none());
                Ok(result)
            }
            other => panic!("after a result: {other:?}"),
        },
        Some(Event::Failed(error)) => Err(error),
        other => panic!("in place of a result: {other:?}"),
    }
}

#[test]
fn inputs_are_taken_in_order_as_many_as_fit() {
    let mut rig = encoder();
    let lens = [10, 20, 5, 100, 1, 1];
    let mut streams: Vec<EventStream> = lens.iter().map(|&len| rig.embed(&vec![2; len])).collect();
    rig.settle();
    assert_eq!(*rig.steps.lock().unwrap(), [vec![10, 20], vec![5], vec![100], vec![1, 1]]);
    for (stream, len) in streams.iter_mut().zip(lens) {
        assert_eq!(read(stream).unwrap(), [(len * (len + 1)) as f32]);
    }
    assert!(rig.engine.is_idle());
    let stats = rig.handle.stats();
    assert_eq!((stats.embeddings_total, stats.prompt_tokens_total, stats.waiting_tokens), (6, 137, 0));
}

#[test]
fn no_more_inputs_than_sequences_and_priorities_first() {
    let mut rig = encoder();
    let _low: Vec<EventStream> = (0..9).map(|_| rig.embed(&[2])).collect();
    let mut high = rig.handle.embed(NewEmbedding { priority: 1, ..new(&[2, 2, 2]) }).unwrap();
    rig.turn();
    assert_eq!(*rig.steps.lock().unwrap(), [vec![3, 1, 1, 1, 1, 1, 1, 1]]);
    assert!(read(&mut high).is_ok());
}

#[test]
fn what_cannot_be_is_refused() {
    let refusal = |rig: &Rig, input: &[TokenId]| rig.handle.embed(new(input)).unwrap_err();
    let rig_of = |whole, pooling| rig(whole, pooling, EngineConfig::default());
    let encoder = rig_of(true, Some(Pooling::Mean));
    assert_eq!(refusal(&encoder, &[]), SubmitError::EmptyPrompt);
    assert_eq!(
        refusal(&encoder, &[2; CONTEXT + 1]),
        SubmitError::InputTooLong { input_tokens: CONTEXT + 1, limit: CONTEXT }
    );
    assert!(encoder.handle.embed(new(&[2; CONTEXT])).is_ok());
    assert_eq!(refusal(&encoder, &[64]), SubmitError::TokenOutOfRange { token: 64, vocab_size: VOCAB });
    assert_eq!(encoder.handle.submit(generation(&[2], 1)).unwrap_err(), SubmitError::CannotGenerate);
    let decoder = rig_of(false, None);
    assert_eq!(refusal(&decoder, &[2]), SubmitError::CannotEmbed);
    assert!(decoder.handle.submit(generation(&[2], 1)).is_ok());
    let both = rig_of(false, Some(Pooling::Last));
    assert!(matches!(refusal(&both, &[2; CONTEXT]), SubmitError::InputTooLong { limit: 127, .. }));
    assert_eq!(encoder.handle.stats().requests_refused_other_total, 4);
}

#[test]
fn the_queue_is_bounded_by_requests_and_tokens() {
    let config = EngineConfig { max_waiting_requests: 3, max_waiting_tokens: 100, ..EngineConfig::default() };
    let mut rig = rig(true, Some(Pooling::Mean), config);
    let mut first = rig.embed(&[2; 60]);
    assert!(matches!(rig.handle.embed(new(&[2; 60])), Err(SubmitError::QueueFull { .. })));
    let others: Vec<EventStream> = (0..2).map(|_| rig.embed(&[2])).collect();
    assert!(matches!(rig.handle.embed(new(&[2])), Err(SubmitError::QueueFull { .. })));
    rig.settle();
    assert!(read(&mut first).is_ok());
    drop(others);
    assert!(rig.handle.embed(new(&[2; 60])).is_ok(), "places were given back");
}

#[test]
fn one_bad_input_ends_alone_and_a_bad_step_as_a_whole() {
    let mut rig = encoder();
    let mut streams = [rig.embed(&[2]), rig.embed(&[NAN, 2]), rig.embed(&[3])];
    rig.settle();
    assert_eq!(read(&mut streams[0]).unwrap(), [2.0]);
    assert!(matches!(read(&mut streams[1]), Err(EngineError::NumericError { position: 1 })));
    assert_eq!(read(&mut streams[2]).unwrap(), [3.0]);
    let mut failed = [rig.embed(&[2]), rig.embed(&[FAILS])];
    rig.settle();
    for stream in &mut failed {
        assert!(matches!(read(stream), Err(EngineError::Backend(_))));
    }
    let mut after = rig.embed(&[5]);
    rig.settle();
    assert_eq!(read(&mut after).unwrap(), [5.0]);
}

#[test]
fn a_panic_ends_those_in_the_step_and_those_that_wait() {
    let mut rig = encoder();
    let mut streams = [rig.embed(&[PANICS]), rig.embed(&[2; 100])];
    assert_eq!(rig.engine.turn(), Turn::Stopped);
    for stream in &mut streams {
        assert_eq!(read(stream), Err(EngineError::RunnerPanicked));
    }
}

#[test]
fn waiting_inputs_can_be_aborted_expire_and_are_drained() {
    let mut rig = encoder();
    let mut first = rig.embed(&[2; 100]);
    let dropped = rig.embed(&[3; 100]);
    let mut late = rig
        .handle
        .embed(NewEmbedding { timeout: Some(Duration::from_micros(1500)), ..new(&[4; 100]) })
        .unwrap();
    let aborted = rig.embed(&[5; 100]);
    aborted.abort();
    drop(dropped);
    rig.settle();
    assert!(read(&mut first).is_ok());
    assert_eq!(read(&mut late), Err(EngineError::DeadlineExceeded { limit_ms: 1 }));
    assert_eq!(rig.steps.lock().unwrap().len(), 1);
    assert_eq!(rig.handle.stats().finished_aborted_total, 2);
    let mut waits = [rig.embed(&[2; 100]), rig.embed(&[2; 100])];
    rig.handle.drain(Duration::ZERO);
    rig.turn();
    for stream in &mut waits {
        assert_eq!(read(stream), Err(EngineError::ShuttingDown));
    }
    assert_eq!(rig.turn(), Turn::Stopped);
}

/// A prompt's rows, whatever chunks they come in, beside requests that generate.
fn check_rows(pooling: Pooling, expected: &[f32]) {
    for max_num_batched_tokens in [4, 7, 32] {
        let config = EngineConfig { max_num_batched_tokens, ..EngineConfig::default() };
        let mut rig = rig(false, Some(pooling), config);
        let mut words = rig.handle.submit(generation(&[9; 30], 20)).unwrap();
        let mut streams = [rig.embed(&[2, 4, 6, 8, 10]), rig.embed(&[2, 4, 6, 8, 10, 12, 3, 3, 3])];
        rig.settle();
        assert_eq!(read(&mut streams[0]).unwrap(), expected, "{pooling:?} in {max_num_batched_tokens}");
        assert!(read(&mut streams[1]).is_ok());
        for _ in 0..20 {
            assert_eq!(words.try_next(), Some(Event::Token { token: 1, logprob: None }));
        }
        assert!(matches!(words.try_next(), Some(Event::Finished { .. })));
    }
}

#[test]
fn rows_of_prompts_are_pooled() {
    check_rows(Pooling::Last, &[10.0, 4.0, 7.0]);
    check_rows(Pooling::Mean, &[6.0, 2.0, 7.0]);
    check_rows(Pooling::Cls, &[2.0, 0.0, 7.0]);
    check_rows(Pooling::None, &[2.0, 0.0, 4.0, 1.0, 6.0, 2.0, 8.0, 3.0, 10.0, 4.0, 7.0]);
}

#[test]
fn a_shared_prefix_is_computed_once_and_a_bad_row_ends_alone() {
    let mut rig = rig(false, Some(Pooling::Last), EngineConfig::default());
    let mut first = rig.embed(&[2; 40]);
    rig.settle();
    let mut second = rig.embed(&[2; 50]);
    let mut bad = rig.embed(&[3, NAN]);
    rig.settle();
    assert_eq!(read(&mut first).unwrap(), [2.0, 39.0, 7.0]);
    assert_eq!(read(&mut second).unwrap(), [2.0, 49.0, 7.0]);
    assert!(matches!(read(&mut bad), Err(EngineError::NumericError { .. })));
    assert_eq!(rig.handle.stats().prefix_cache_hit_tokens_total, 40);
}
