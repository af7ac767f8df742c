//! What a model sees of texts and pairs, by the kind of its vocabulary; and how results come back.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use gollum_core::{
    Batch, EmbeddingSpec, Logits, ModelRunner, ModelSpec, Pooling, RunnerError, SamplingParams, TokenId,
};
use gollum_engine::{Engine, EngineConfig};
use gollum_frontend::{
    Capability, EmbeddingOptions, EmbeddingRequest, Embeddings, Frontend, FrontendError, FrontendParts,
    Prompt, RerankRequest,
};
use gollum_tokenizer::{SpecialIds, Tokenizer, VocabSource, from_source};

const CONTEXT: usize = 16;
/// Values of a result: a number that spells the input, and its length.
const WIDTH: usize = 2;

/// A model whose result spells its input: ids as the digits of a number to base 16.
struct Spells {
    spec: ModelSpec,
    pooling: Pooling,
}

fn spelled(tokens: &[TokenId]) -> f32 {
    tokens.iter().fold(0.0, |sum, &token| sum * 16.0 + token as f32)
}

impl ModelRunner for Spells {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn allocate_kv(&mut self, _: usize, _: usize) -> Result<(), RunnerError> {
        Ok(())
    }

    fn forward(&mut self, _: &Batch, _: &mut Logits) -> Result<(), RunnerError> {
        panic!("an encoder has no logits")
    }

    fn embedding(&self) -> Option<EmbeddingSpec> {
        let pooling = self.pooling;
        Some(EmbeddingSpec { pooling: Some(pooling), rows: pooling, width: WIDTH, whole_input: true })
    }

    fn embed_whole(&mut self, batch: &Batch) -> Result<Vec<Vec<f32>>, RunnerError> {
        let result = |s: &gollum_core::SequenceSpan| {
            let tokens = &batch.tokens[s.query_start..s.query_start + s.query_len];
            vec![spelled(tokens), tokens.len() as f32]
        };
        Ok(batch.sequences.iter().map(result).collect())
    }
}

fn frontend(tokenizer: Arc<dyn Tokenizer>, pooling: Pooling) -> Frontend {
    let spec = ModelSpec {
        vocab_size: 16,
        context_len: CONTEXT,
        page_bytes: 0,
        window: None,
        state_bytes: 0,
        max_batch_tokens: CONTEXT,
        max_batch_sequences: 4,
    };
    let engine = Engine::start(Box::new(Spells { spec, pooling }), EngineConfig::default()).unwrap();
    Frontend::new(FrontendParts {
        model_id: "spells".into(),
        tokenizer,
        chat_template: None,
        architecture: "bert".into(),
        engine,
        default_sampling: SamplingParams::default(),
    })
    .unwrap()
}

/// BERT's: `[CLS]` is 2, `[SEP]` 3, `a` 4, `b` 5.
fn bert() -> Arc<dyn Tokenizer> {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "\u{2581}a", "\u{2581}b"];
    let ids = SpecialIds { bos: Some(2), sep: Some(3), unk: Some(1), pad: Some(0), ..SpecialIds::default() };
    let kinds = Some(vec![3, 3, 3, 3, 1, 1]);
    from_source(&VocabSource { model: "bert", tokens: tokens.to_vec(), kinds, ids, ..VocabSource::default() })
        .unwrap()
}

/// XLM-RoBERTa's: `<s>` is 0, `</s>` 2, `a` 4, `b` 5.
fn roberta() -> Arc<dyn Tokenizer> {
    let tokens = ["<s>", "<pad>", "</s>", "<unk>", "\u{2581}a", "\u{2581}b", "\u{2581}"];
    let ids = SpecialIds {
        bos: Some(0),
        eos: Some(2),
        sep: Some(2),
        unk: Some(3),
        pad: Some(1),
        ..SpecialIds::default()
    };
    from_source(&VocabSource {
        model: "t5",
        tokens: tokens.to_vec(),
        scores: Some(&[0.0, 0.0, 0.0, 0.0, -1.0, -1.0, -2.0]),
        kinds: Some(vec![3, 3, 3, 2, 1, 1, 1]),
        ids,
        add_bos: Some(true),
        add_eos: Some(true),
        add_sep: Some(true),
        add_space_prefix: Some(true),
        ..VocabSource::default()
    })
    .unwrap()
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

fn all(mut embeddings: Embeddings) -> Vec<Vec<f32>> {
    let mut results = Vec::new();
    while let Some(result) = block_on(embeddings.next()) {
        results.push(result.unwrap());
    }
    assert!(embeddings.is_empty());
    results
}

fn request(inputs: Vec<Prompt>) -> EmbeddingRequest {
    EmbeddingRequest { inputs, dimensions: None, options: EmbeddingOptions::default() }
}

/// What the model has seen of a text: results have length 1, and the second value is the number of tokens.
fn check_text(frontend: &Frontend, input: Prompt, tokens: &[TokenId]) {
    let result = all(frontend.embed(request(vec![input])).unwrap()).remove(0);
    let (spelled, len) = (f64::from(spelled(tokens)), tokens.len() as f64);
    let length = spelled.hypot(len);
    assert!((f64::from(result[0]) - spelled / length).abs() < 1e-6, "{result:?} of {tokens:?}");
    assert!((f64::from(result[1]) - len / length).abs() < 1e-6, "{result:?} of {tokens:?}");
}

fn check_pair(frontend: &Frontend, query: &str, document: &str, tokens: &[TokenId]) {
    let request = RerankRequest {
        query: query.to_owned(),
        documents: vec![document.to_owned()],
        options: EmbeddingOptions::default(),
    };
    let embeddings = frontend.rerank(&request).unwrap();
    assert_eq!(embeddings.input_tokens(), tokens.len());
    assert_eq!(all(embeddings), [[spelled(tokens)]], "{query:?} and {document:?}");
}

#[test]
fn texts_are_framed_as_the_model_was_trained() {
    let text = |text: &str| Prompt::Text(text.to_owned());
    let bert = frontend(bert(), Pooling::Mean);
    check_text(&bert, text("a b"), &[2, 4, 5, 3]);
    check_text(&bert, text("A, zzz"), &[2, 4, 1, 1, 3]);
    // What a careful client has written itself is not written twice.
    check_text(&bert, text("[CLS] a [SEP]"), &[2, 4, 3]);
    check_text(&bert, Prompt::Tokens(vec![4, 5]), &[4, 5]);
    let roberta = frontend(roberta(), Pooling::Cls);
    check_text(&roberta, text("a b"), &[0, 4, 5, 2]);
}

#[test]
fn pairs_are_joined_as_the_model_was_trained() {
    let bert = frontend(bert(), Pooling::Rank);
    check_pair(&bert, "a", "b", &[2, 4, 3, 5, 3]);
    check_pair(&bert, "a b", "", &[2, 4, 5, 3, 3]);
    let roberta = frontend(roberta(), Pooling::Rank);
    check_pair(&roberta, "a", "b", &[0, 4, 2, 2, 5, 2]);
}

#[test]
fn a_files_own_template_joins_pairs() {
    let template = "b {query} a {document} {query}".to_owned();
    let frontend = frontend(bert(), Pooling::Rank).with_rerank_template(Some(template));
    check_pair(&frontend, "a", "b b", &[2, 5, 4, 4, 5, 5, 4, 3]);
    // A placeholder in what a client wrote is text.
    let request = |query: &str, document: &str| RerankRequest {
        query: query.to_owned(),
        documents: vec![document.to_owned()],
        options: EmbeddingOptions::default(),
    };
    let count =
        |query: &str, document: &str| frontend.rerank(&request(query, document)).unwrap().input_tokens();
    assert_eq!(count("a", "{query}"), count("a", "{other}"));
    assert_eq!(count("{document}", "b"), count("{whatever}", "b"));
}

#[test]
fn results_come_in_order_and_are_checked_before_the_first() {
    let frontend = frontend(bert(), Pooling::Mean);
    assert_eq!(frontend.capabilities(), [Capability::Embedding]);
    let inputs: Vec<Prompt> = (0..700u32).map(|i| Prompt::Tokens(vec![1 + i % 7, 1 + i % 5])).collect();
    let results = all(frontend.embed(request(inputs)).unwrap());
    for (i, result) in (0..700u32).zip(&results) {
        let ratio = spelled(&[1 + i % 7, 1 + i % 5]) / 2.0;
        assert!((result[0] / result[1] - ratio).abs() < 1e-3, "input {i}");
    }
    let long = request(vec![Prompt::Tokens(vec![4]), Prompt::Tokens(vec![4; CONTEXT + 1])]);
    assert_eq!(
        frontend.embed(long).err().unwrap(),
        FrontendError::InputTooLong { index: 1, input_tokens: CONTEXT + 1, limit: CONTEXT }
    );
    let stranger = request(vec![Prompt::Tokens(vec![4, 16])]);
    assert!(frontend.embed(stranger).err().unwrap().to_string().contains("input[0]"));
    let wide = EmbeddingRequest { dimensions: Some(3), ..request(vec![Prompt::Tokens(vec![4])]) };
    assert!(frontend.embed(wide).err().unwrap().to_string().contains("dimensions"));
    assert_eq!(frontend.engine().stats().embeddings_total, 700);
}

#[test]
fn a_draining_engine_says_so() {
    let frontend = frontend(bert(), Pooling::Mean);
    frontend.engine().drain(std::time::Duration::ZERO);
    assert!(matches!(
        frontend.embed(request(vec![Prompt::Tokens(vec![4])])).err().unwrap(),
        FrontendError::Submit(_)
    ));
}
