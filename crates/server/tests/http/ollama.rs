//! Ollama's API.

use serde_json::{Value, json};

use crate::world::{Setup, World, expected_text};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

#[test]
fn a_raw_text_goes_on_as_lines_unless_told_otherwise() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut body = json!({"model": "toy-1", "prompt": "The first", "raw": true,
        "options": {"num_predict": 12, "temperature": 0, "num_ctx": 4096}});
    let reply = client.post("/api/generate", &body);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(reply.header("x-gollum-ignored"), Some("options.num_ctx"));
    let lines = lines(reply.text());
    let (last, before) = lines.split_last().expect("lines");
    let text: String = before.iter().map(|line| line["response"].as_str().expect("text")).collect();
    assert_eq!(text, expected_text("The first", 12));
    assert!(before.iter().all(|line| line["done"] == false && line["model"] == "toy-1"));
    assert_eq!(
        (&last["done"], &last["done_reason"], &last["response"]),
        (&json!(true), &json!("length"), &json!(""))
    );
    assert_eq!((&last["eval_count"], &last["prompt_eval_count"]), (&json!(12), &json!(2)));
    assert!(last["total_duration"].as_u64().is_some_and(|ns| ns > 0), "{last}");
    assert!(last["created_at"].as_str().is_some_and(|time| time.starts_with("20") && time.ends_with('Z')));
    body["stream"] = json!(false);
    let whole = client.post("/api/generate", &body).json();
    assert_eq!((whole["response"].as_str(), &whole["done"]), (Some(text.as_str()), &json!(true)));
}

#[test]
fn a_chat_is_the_same_as_openais() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let messages = json!([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "time"}]);
    let openai = json!({"messages": messages, "max_tokens": 9, "temperature": 0});
    let expected =
        client.post("/v1/chat/completions", &openai).json()["choices"][0]["message"]["content"].clone();
    let body = json!({"model": "toy-1", "messages": messages, "stream": false, "keep_alive": "5m",
        "options": {"num_predict": 9, "temperature": 0}});
    let reply = client.post("/api/chat", &body);
    assert_eq!(reply.header("x-gollum-ignored"), None);
    assert_eq!(reply.json()["message"], json!({"role": "assistant", "content": expected}));
    let system = json!({"model": "toy-1", "prompt": "time", "system": "Be kind.", "stream": false,
        "options": {"num_predict": 9, "temperature": 0}});
    assert_eq!(client.post("/api/generate", &system).json()["response"], expected);
}

#[test]
fn models_are_listed_and_shown() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for path in ["/api/tags", "/api/ps"] {
        let models = client.get(path).json()["models"].clone();
        assert_eq!(
            (models[0]["name"].as_str(), models.as_array().map(Vec::len)),
            (Some("toy-1"), Some(1)),
            "{path}"
        );
    }
    let shown = client.post("/api/show", &json!({"model": "toy-1"})).json();
    assert_eq!(shown["capabilities"], json!(["completion", "tools"]));
    assert!(client.get("/api/version").json()["version"].is_string());
    let missing = client.post("/api/show", &json!({"model": "nothing"}));
    assert_eq!(missing.status, 404);
    assert!(missing.json()["error"].as_str().is_some_and(|text| text.contains("nothing")), "{missing:?}");
}

#[test]
fn what_is_wrong_is_told_in_its_own_shape() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let messages = json!([{"role": "user", "content": "time"}]);
    for (path, body, word) in [
        ("/api/chat", json!({"messages": [{"role": "clown", "content": ""}]}), "messages[0].role"),
        ("/api/chat", json!({"messages": [{"role": "user", "content": "a", "images": ["x"]}]}), "images"),
        ("/api/chat", json!({"messages": messages, "tools": [{"type": "function"}]}), "tools[0].function"),
        ("/api/chat", json!({"messages": messages, "format": "xml"}), "format"),
        ("/api/chat", json!({"messages": messages, "format": {"type": "no type"}}), "format"),
        ("/api/chat", json!({"messages": messages, "options": {"top_p": 7}}), "options.top_p"),
        ("/api/generate", json!({"prompt": "a", "context": [1]}), "context"),
    ] {
        let reply = client.post(path, &body);
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        let error = reply.json()["error"].as_str().expect("a message").to_owned();
        assert!(error.contains(word), "{body}: {error}");
    }
    assert_eq!(client.get("/api/chat").status, 405);
}

#[test]
fn models_are_asked_to_stay_and_to_go() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for (path, body) in [
        ("/api/generate", json!({"model": "toy-1", "prompt": ""})),
        ("/api/generate", json!({"model": "toy-1", "keep_alive": "5m"})),
        ("/api/chat", json!({"model": "toy-1", "messages": [], "keep_alive": -1})),
    ] {
        let said = client.post(path, &body).json();
        assert_eq!((&said["done"], &said["done_reason"]), (&json!(true), &json!("load")), "{body}");
    }
    for wrong in [json!("5x"), json!("m"), json!(true), json!([])] {
        let reply = client.post("/api/generate", &json!({"prompt": "a", "keep_alive": wrong}));
        assert!(reply.status == 400 && reply.text().contains("keep_alive"), "{wrong}");
    }
    // The operator has not let clients change which models there are.
    let pull = client.post("/api/pull", &json!({"model": "x", "stream": false}));
    assert_eq!((pull.status, pull.text().contains("--manage-models")), (403, true));
    let told = client.post("/api/pull", &json!({"model": "x"}));
    assert!(
        told.status == 200 && told.text().contains("error") && told.text().ends_with('\n'),
        "{}",
        told.text()
    );
    let body = json!({"model": "toy-1"}).to_string();
    assert_eq!(client.request("DELETE", "/api/delete", &[], body.as_bytes()).status, 403);
    assert_eq!(client.post("/models/load", &json!({"model": "toy-1"})).json()["success"], json!(true));
    assert_eq!(client.post("/models/load", &json!({"model": "none"})).status, 404);
    assert_eq!(client.get("/models").json()["data"][0]["status"]["value"], "loaded");
}
