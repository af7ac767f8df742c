//! `/v1/embeddings` and `/v1/rerank`: shapes of inputs and answers, refusals by name, and what a model cannot do.

use gollum_core::{Batch, EmbeddingSpec, Logits, ModelRunner, ModelSpec, Pooling, RunnerError};
use gollum_engine::EngineConfig;
use gollum_tokenizer::{SpecialText, Tokenizer, WhitespaceTokenizer};
use serde_json::{Value, json};

use crate::client::Client;
use crate::world::{Setup, World};

const EMBEDDINGS: &str = "/v1/embeddings";
const RERANK: &str = "/v1/rerank";
const CONTEXT: usize = 32;

/// An encoder whose result is how many tokens there are, the first, and the last; or as a score their number alone.
struct Counts {
    spec: ModelSpec,
    embedding: EmbeddingSpec,
}

impl ModelRunner for Counts {
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
        Some(self.embedding)
    }

    fn embed_whole(&mut self, batch: &Batch) -> Result<Vec<Vec<f32>>, RunnerError> {
        let result = |s: &gollum_core::SequenceSpan| {
            let tokens = &batch.tokens[s.query_start..s.query_start + s.query_len];
            let mut values = vec![tokens.len() as f32, tokens[0] as f32, tokens[tokens.len() - 1] as f32];
            values.truncate(self.embedding.width);
            values
        };
        Ok(batch.sequences.iter().map(result).collect())
    }
}

fn world(pooling: Pooling, engine: EngineConfig) -> World {
    let spec = ModelSpec {
        vocab_size: WhitespaceTokenizer::new().vocab_size(),
        context_len: CONTEXT,
        state_bytes: 0,
        page_bytes: 0,
        window: None,
        max_batch_tokens: 64,
        max_batch_sequences: 8,
    };
    let width = if pooling == Pooling::Rank { 1 } else { 3 };
    let embedding = EmbeddingSpec { pooling: Some(pooling), rows: pooling, width, whole_input: true };
    let setup = Setup { engine, ..Setup::default() };
    World::with_runner(Box::new(Counts { spec, embedding }), setup, "counts")
}

fn encoder() -> World {
    world(Pooling::Mean, EngineConfig::default())
}

/// What the model makes of these tokens, at length 1.
fn normed(tokens: &[u32]) -> Vec<f64> {
    let values = [tokens.len() as f64, f64::from(tokens[0]), f64::from(tokens[tokens.len() - 1])];
    let length = values.iter().map(|v| v * v).sum::<f64>().sqrt();
    values.iter().map(|v| v / length).collect()
}

fn ids(text: &str) -> Vec<u32> {
    WhitespaceTokenizer::new().encode(text, SpecialText::Parse)
}

fn assert_close(got: &Value, want: &[f64]) {
    let got: Vec<f64> =
        got.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect();
    assert_eq!(got.len(), want.len());
    assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-6), "{got:?} is not {want:?}");
}

#[test]
fn every_shape_of_input_is_taken_in_order() {
    let world = encoder();
    let mut client = world.client();
    let check = |client: &mut Client, input: Value, expected: &[Vec<u32>]| {
        let reply = client.post(EMBEDDINGS, &json!({"input": input, "model": "counts"}));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let answer = reply.json();
        assert_eq!((&answer["object"], &answer["model"]), (&json!("list"), &json!("counts")));
        let data = answer["data"].as_array().expect("a list");
        assert_eq!(data.len(), expected.len());
        for (index, (item, tokens)) in data.iter().zip(expected).enumerate() {
            assert_eq!((&item["object"], &item["index"]), (&json!("embedding"), &json!(index)));
            assert_close(&item["embedding"], &normed(tokens));
        }
        let tokens: usize = expected.iter().map(Vec::len).sum();
        assert_eq!(answer["usage"], json!({"prompt_tokens": tokens, "total_tokens": tokens}));
    };
    check(&mut client, json!("time and people"), &[ids("time and people")]);
    check(&mut client, json!(["time", "people and"]), &[ids("time"), ids("people and")]);
    check(&mut client, json!([3, 4, 5]), &[vec![3, 4, 5]]);
    check(&mut client, json!([[3, 4], [7]]), &[vec![3, 4], vec![7]]);
    world.wait_idle();
}

#[test]
fn base64_and_dimensions() {
    let world = encoder();
    let mut client = world.client();
    let reply = client.post(EMBEDDINGS, &json!({"input": [[2, 4]], "encoding_format": "base64"}));
    let packed = reply.json()["data"][0]["embedding"].as_str().expect("a text").to_owned();
    assert_eq!(packed.len(), 16);
    // 2 / sqrt(2 * 2 + 2 * 2 + 4 * 4), little-endian.
    assert!(packed.starts_with("7AXRPuwF"), "{packed}");
    let reply = client.post(EMBEDDINGS, &json!({"input": [[4, 3]], "dimensions": 2}));
    assert_close(&reply.json()["data"][0]["embedding"], &[0.447_213_6, 0.894_427_2]);
    for (dimensions, status) in [(1, 200), (3, 200), (4, 400), (0, 400)] {
        let reply = client.post(EMBEDDINGS, &json!({"input": "time", "dimensions": dimensions}));
        assert_eq!(reply.status, status, "{}", reply.text());
        if status == 400 {
            assert_eq!(reply.error_param().as_deref(), Some("dimensions"));
        }
    }
}

/// A list longer than the queue, the batch, and what is in flight at a time.
#[test]
fn long_lists_pass_through_a_short_queue() {
    let config = EngineConfig { max_waiting_requests: 8, ..EngineConfig::default() };
    let world = world(Pooling::Mean, config);
    let inputs: Vec<Vec<u32>> = (0..2048).map(|i| vec![3 + i % 20, 5 + i % 7]).collect();
    let reply = world.client().post(EMBEDDINGS, &json!({"input": inputs}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = reply.json();
    for (item, tokens) in answer["data"].as_array().expect("a list").iter().zip(&inputs) {
        assert_close(&item["embedding"], &normed(tokens));
    }
    let reply = world.client().post(EMBEDDINGS, &json!({"input": vec!["time"; 2049]}));
    assert_eq!((reply.status, reply.error_param().as_deref()), (400, Some("input")));
    world.wait_idle();
}

#[test]
fn what_is_wrong_is_named() {
    let world = encoder();
    let mut client = world.client();
    for (body, param) in [
        (json!({}), "input"),
        (json!({"input": null}), "input"),
        (json!({"input": ""}), "input"),
        (json!({"input": []}), "input"),
        (json!({"input": [""]}), "input[0]"),
        (json!({"input": ["time", 3]}), "input[1]"),
        (json!({"input": [[]]}), "input"),
        (json!({"input": [[3], [-1]]}), "input"),
        (json!({"input": {"text": "time"}}), "input"),
        (json!({"input": 5}), "input"),
        (json!({"input": [[3], [999_999]]}), "input[1]"),
        (json!({"input": "time", "encoding_format": "int8"}), "encoding_format"),
        (json!({"input": "time", "truncate_prompt_tokens": 5}), "truncate_prompt_tokens"),
        (json!({"input": "time", "embd_normalize": -1}), "embd_normalize"),
    ] {
        let reply = client.post(EMBEDDINGS, &body);
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        assert_eq!(reply.error_param().as_deref(), Some(param), "{body}: {}", reply.text());
    }
    let reply = client.post(EMBEDDINGS, &json!({"input": ["time", "time ".repeat(CONTEXT + 1)]}));
    assert_eq!((reply.status, reply.error_code().as_str()), (400, "context_length_exceeded"));
    let text = reply.text().to_owned();
    assert!(text.contains("input 1 has") && text.contains("available context size of 32"), "{text}");
    let reply = client.post(EMBEDDINGS, &json!({"input": "time", "user": "me", "embd_normalize": 2}));
    assert_eq!((reply.status, reply.header("x-gollum-ignored")), (200, Some("user")));
    let reply = client.post(EMBEDDINGS, &json!({"input": "time", "model": "nobody"}));
    assert_eq!(reply.status, 404);
}

#[test]
fn models_are_asked_for_what_they_can_do() {
    let toy = World::start(Setup::default());
    let encoder = encoder();
    let ranker = world(Pooling::Rank, EngineConfig::default());
    let pair = json!({"query": "time", "documents": ["people"]});
    let chat = json!({"messages": [{"role": "user", "content": "time"}]});
    for (world, path, body, words) in [
        (&toy, EMBEDDINGS, json!({"input": "time"}), "--pooling"),
        (&toy, RERANK, pair.clone(), "classifier"),
        (&encoder, RERANK, pair.clone(), "classifier"),
        (&encoder, "/v1/chat/completions", chat.clone(), "cannot generate"),
        (&encoder, "/v1/completions", json!({"prompt": "time"}), "cannot generate"),
        (&ranker, EMBEDDINGS, json!({"input": "time"}), "`rank`"),
        (&ranker, "/v1/chat/completions", chat, "cannot generate"),
    ] {
        let reply = world.client().post(path, &body);
        assert_eq!((reply.status, reply.error_param().as_deref()), (400, Some("model")), "{}", reply.text());
        assert!(reply.text().contains(words), "{}", reply.text());
    }
    for (world, expected) in [(&toy, "completion"), (&encoder, "embedding"), (&ranker, "rerank")] {
        let list = world.client().get("/v1/models").json();
        assert_eq!(list["data"][0]["capabilities"], json!([expected]));
    }
    for path in ["/v1/rerank", "/v1/reranking", "/rerank", "/reranking"] {
        assert_eq!(ranker.client().post(path, &pair).status, 200);
    }
}

#[test]
fn the_best_documents_come_first() {
    let world = world(Pooling::Rank, EngineConfig::default());
    let mut client = world.client();
    let documents = json!(["people", {"text": "people and time"}, "time", "and people"]);
    let body = json!({"query": "time", "documents": documents, "return_documents": true});
    let answer = client.post(RERANK, &body).json();
    let order: Vec<u64> = answer["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["index"].as_u64().expect("a number"))
        .collect();
    assert_eq!(order, [1, 3, 0, 2], "{answer}");
    let counted = |text: &str| ids("time").len() + ids(text).len();
    assert_eq!(answer["results"][0]["relevance_score"], json!(counted("people and time") as f64));
    assert_eq!(answer["results"][0]["document"], json!({"text": "people and time"}));
    assert_eq!(answer["object"], "list");
    assert!(answer["usage"]["prompt_tokens"].as_u64() > Some(8));
    let body = json!({"query": "time", "texts": ["people", "people and time"], "top_n": 1});
    let answer = client.post(RERANK, &body).json();
    assert_eq!(answer["results"].as_array().expect("a list").len(), 1);
    assert!(answer["results"][0].get("document").is_none());
    for (body, param) in [
        (json!({"documents": ["time"]}), "query"),
        (json!({"query": "", "documents": ["time"]}), "query"),
        (json!({"query": "time"}), "documents"),
        (json!({"query": "time", "documents": []}), "documents"),
        (json!({"query": "time", "documents": ["a", 1]}), "documents[1]"),
        (json!({"query": "time", "documents": [{}]}), "documents[0].text"),
        (json!({"query": "time", "documents": ["a"], "top_n": 0}), "top_n"),
        (json!({"query": "time", "documents": ["a"], "max_tokens_per_doc": 5}), "max_tokens_per_doc"),
        (json!({"query": "time", "documents": vec!["a"; 2049]}), "documents"),
    ] {
        let reply = client.post(RERANK, &body);
        assert_eq!((reply.status, reply.error_param().as_deref()), (400, Some(param)), "{}", reply.text());
    }
}

/// A client that goes takes its inputs with it.
#[test]
fn a_client_that_goes_leaves_nothing_behind() {
    let world = encoder();
    let inputs = vec!["time and people"; 2048];
    let mut client = world.client();
    let body = json!({"input": inputs}).to_string();
    client.send("POST", EMBEDDINGS, &[("content-type", "application/json")], body.as_bytes());
    drop(client);
    world.wait_idle();
    assert_eq!(world.client().post(EMBEDDINGS, &json!({"input": "time"})).status, 200);
}
