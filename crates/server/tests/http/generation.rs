//! What answers look like when all goes well.

use serde_json::{Value, json};

use crate::client::Reply;
use crate::world::{Setup, World, expected_text};

const CHAT: &str = "/v1/chat/completions";
const COMPLETIONS: &str = "/v1/completions";

fn chunks(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let events = reply.events();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    assert_eq!(events.iter().filter(|event| *event == "[DONE]").count(), 1);
    events[..events.len() - 1].iter().map(|event| serde_json::from_str(event).expect("JSON")).collect()
}

/// Text, finish reason and chunks with a finish reason, of one answer of a stream.
fn joined(chunks: &[Value], index: u64) -> (String, String, usize) {
    let (mut text, mut reason, mut ends) = (String::new(), String::new(), 0);
    for choice in chunks.iter().flat_map(|chunk| chunk["choices"].as_array().expect("choices")) {
        if choice["index"] != index {
            continue;
        }
        assert_eq!(ends, 0, "text after the end: {choice}");
        text += choice["delta"]["content"].as_str().or(choice["text"].as_str()).unwrap_or_default();
        if let Some(finished) = choice["finish_reason"].as_str() {
            reason = finished.to_owned();
            ends += 1;
        }
    }
    (text, reason, ends)
}

#[test]
fn a_completion_is_the_oracles_streamed_or_not() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut body = json!({"model": "toy-1", "prompt": "The first", "max_tokens": 24, "temperature": 0});
    let expected = expected_text("The first", 24);
    let whole = client.post(COMPLETIONS, &body);
    assert_eq!(whole.status, 200, "{}", whole.text());
    let value = whole.json();
    assert_eq!(value["object"], "text_completion");
    assert_eq!(value["choices"][0]["text"], expected);
    assert_eq!(value["choices"][0]["finish_reason"], "length");
    let prompt_tokens = value["usage"]["prompt_tokens"].as_u64().expect("a count");
    assert_eq!(value["usage"]["completion_tokens"], 24);
    assert_eq!(value["usage"]["total_tokens"], prompt_tokens + 24);

    body["stream"] = json!(true);
    body["use_prompt_cache"] = json!(false);
    let chunks = chunks(&client.post(COMPLETIONS, &body));
    assert_eq!(joined(&chunks, 0), (expected, "length".to_owned(), 1));
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()), "usage was not asked for");
    world.wait_idle();
}

#[test]
fn max_tokens_of_completions_is_16_unless_given() {
    let world = World::start(Setup::default());
    let value = world.client().post(COMPLETIONS, &json!({"prompt": "time"})).json();
    assert_eq!(value["usage"]["completion_tokens"], 16);
}

#[test]
fn a_chat_is_the_same_streamed_or_not() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let messages = json!([
        {"role": "developer", "content": "Answer well."},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "text", "text": " water"}]},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "more"},
    ]);
    let mut body = json!({"messages": messages, "max_completion_tokens": 20, "temperature": 0});
    let value = client.post(CHAT, &body).json();
    let choice = &value["choices"][0];
    assert_eq!(
        (&value["object"], &choice["message"]["role"]),
        (&json!("chat.completion"), &json!("assistant"))
    );
    assert_eq!(value["usage"]["completion_tokens"], 20);
    let text = choice["message"]["content"].as_str().expect("text").to_owned();
    assert!(text.split_whitespace().count() >= 15, "{text:?}");

    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body["use_prompt_cache"] = json!(false);
    let chunks = chunks(&client.post(CHAT, &body));
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({"role": "assistant", "content": ""}));
    assert_eq!(joined(&chunks, 0), (text, "length".to_owned(), 1));
    let (last, before) = chunks.split_last().expect("chunks");
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["completion_tokens"], 20);
    assert!(before.iter().all(|chunk| chunk["usage"].is_null() && chunk.get("usage").is_some()));
    assert!(
        chunks.iter().all(|chunk| chunk["id"] == last["id"] && chunk["object"] == "chat.completion.chunk")
    );
}

#[test]
fn several_prompts_and_answers_are_numbered_in_order() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = json!({"prompt": ["time", "water"], "n": 2, "max_tokens": 8, "temperature": 0});
    let value = client.post(COMPLETIONS, &body).json();
    let choices = value["choices"].as_array().expect("choices");
    let texts: Vec<&str> = choices.iter().map(|choice| choice["text"].as_str().expect("text")).collect();
    let (time, water) = (expected_text("time", 8), expected_text("water", 8));
    assert_eq!(texts, [&time, &time, &water, &water]);
    assert_eq!(
        choices.iter().map(|choice| choice["index"].as_u64()).collect::<Vec<_>>(),
        [0, 1, 2, 3].map(Some)
    );
    assert_eq!(value["usage"]["completion_tokens"], 32);

    let body = json!({"prompt": ["time", "water"], "max_tokens": 8, "temperature": 0, "stream": true,
        "use_prompt_cache": false});
    let chunks = chunks(&client.post(COMPLETIONS, &body));
    assert_eq!(joined(&chunks, 0).0, time);
    assert_eq!(joined(&chunks, 1).0, water);
}

#[test]
fn token_ids_are_prompts_too_and_echo_repeats_them() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let ids = client.post("/tokenize", &json!({"prompt": "Hello water"})).json()["tokens"].clone();
    let body = json!({"prompt": ids, "echo": true, "max_tokens": 4, "temperature": 0});
    let value = client.post(COMPLETIONS, &body).json();
    let text = value["choices"][0]["text"].as_str().expect("text").to_owned();
    assert_eq!(text, format!("Hello water{}", expected_text("Hello water", 4)));
    let nested = json!({"prompt": [ids], "max_tokens": 4, "temperature": 0});
    assert_eq!(
        client.post(COMPLETIONS, &nested).json()["choices"][0]["text"],
        expected_text("Hello water", 4)
    );
}

#[test]
fn a_seed_repeats_an_answer_and_n_answers_differ() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = json!({"prompt": "time", "n": 2, "seed": 7, "temperature": 1.5, "max_tokens": 12,
        "use_prompt_cache": false});
    let first = client.post(COMPLETIONS, &body).json();
    let second = client.post(COMPLETIONS, &body).json();
    assert_eq!(first["choices"], second["choices"]);
    assert_ne!(first["choices"][0]["text"], first["choices"][1]["text"]);
}

#[test]
fn a_stop_string_ends_the_answer_and_is_not_shown() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let full = expected_text("time", 30);
    let stop = full.split(' ').nth(10).expect("ten words").to_owned();
    let kept = &full[..full.find(&stop).expect("it is there")];
    for streamed in [false, true] {
        let body =
            json!({"prompt": "time", "max_tokens": 30, "temperature": 0, "stop": [stop], "stream": streamed});
        let reply = client.post(COMPLETIONS, &body);
        if streamed {
            let chunks = chunks(&reply);
            assert_eq!(joined(&chunks, 0), (kept.to_owned(), "stop".to_owned(), 1));
        } else {
            let value = reply.json();
            assert_eq!(value["choices"][0]["text"], kept);
            assert_eq!(value["choices"][0]["finish_reason"], "stop");
            assert_eq!(value["choices"][0]["stop_reason"], stop);
        }
    }
    world.wait_idle();
}

#[test]
fn logprobs_come_in_both_shapes() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let messages = json!([{"role": "user", "content": "time"}]);
    let chat =
        json!({"messages": messages, "logprobs": true, "top_logprobs": 3, "max_tokens": 5, "temperature": 0});
    let value = client.post(CHAT, &chat).json();
    assert!(value.get("error").is_none(), "{value}");
    let content = value["choices"][0]["logprobs"]["content"].as_array().expect("a list");
    assert_eq!(content.len(), 5);
    let spelled: String = content.iter().map(|entry| entry["token"].as_str().expect("text")).collect();
    assert_eq!(value["choices"][0]["message"]["content"], spelled);
    for entry in content {
        assert_eq!(entry["top_logprobs"].as_array().map(Vec::len), Some(3));
        assert_eq!(entry["top_logprobs"][0]["token"], entry["token"], "greedy takes the best");
        assert!(entry["logprob"].as_f64().is_some_and(|value| value <= 0.0));
        assert!(entry["bytes"].is_array());
    }
    let older = json!({"prompt": "time", "logprobs": 2, "max_tokens": 5, "temperature": 0, "stream": true});
    let chunks = chunks(&client.post(COMPLETIONS, &older));
    let (mut offsets, mut tokens, mut text) = (Vec::new(), Vec::new(), String::new());
    for choice in chunks.iter().map(|chunk| &chunk["choices"][0]) {
        text += choice["text"].as_str().expect("text");
        for (token, offset) in
            list(&choice["logprobs"]["tokens"]).iter().zip(list(&choice["logprobs"]["text_offset"]))
        {
            tokens.push(token.as_str().expect("text").to_owned());
            offsets.push(offset.as_u64().expect("a number") as usize);
        }
        for top in list(&choice["logprobs"]["top_logprobs"]) {
            assert_eq!(top.as_object().map(serde_json::Map::len), Some(2), "{top}");
        }
    }
    assert_eq!(tokens.len(), 5);
    for (token, offset) in tokens.iter().zip(offsets) {
        assert!(text[offset..].starts_with(token), "{token:?} at {offset} of {text:?}");
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[test]
fn usage_counts_cached_tokens_and_salts_keep_tenants_apart() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let long = "water ".repeat(100);
    let mut cached = |salt: &str, cache: bool| {
        let body = json!({"prompt": long, "max_tokens": 1, "cache_salt": salt, "use_prompt_cache": false,
            "cache_prompt": cache});
        let value = client.post(COMPLETIONS, &body).json();
        value["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().expect("a count")
    };
    assert_eq!(cached("a", true), 0);
    let shared = cached("a", true);
    assert!(shared >= 96, "{shared} of some 100 tokens were shared");
    assert_eq!(cached("b", true), 0, "another tenant");
    assert_eq!(cached("a", false), 0, "a request that shares with no one");
}

#[test]
fn a_replayed_answer_says_so_and_is_the_same() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut body = json!({"prompt": "time", "max_tokens": 40, "temperature": 0});
    let first = client.post(COMPLETIONS, &body);
    let second = client.post(COMPLETIONS, &body);
    assert_eq!((first.header("x-gollum-cache"), second.header("x-gollum-cache")), (None, Some("prompt")));
    assert_eq!(first.json()["choices"], second.json()["choices"]);
    assert_eq!(second.json()["usage"]["prompt_tokens_details"]["prompt_cache_hit"], true);
    body["stream"] = json!(true);
    let streamed = client.post(COMPLETIONS, &body);
    assert_eq!(streamed.header("x-gollum-cache"), Some("prompt"));
    assert_eq!(json!(joined(&chunks(&streamed), 0).0), first.json()["choices"][0]["text"]);
    body["use_prompt_cache"] = json!(false);
    assert_eq!(client.post(COMPLETIONS, &body).header("x-gollum-cache"), None);
}

#[test]
fn fields_that_nobody_defines_are_named_in_a_header() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = json!({"messages": [{"role": "user", "content": "time", "mood": 1}], "max_tokens": 1,
        "x_router": {"a": 1}, "user": "me", "best_of": 1, "tools": [], "tool_choice": "none", "bad\r\nname": 0});
    let reply = client.post(CHAT, &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("x-gollum-ignored"), Some("messages[0].mood, bad??name, user, x_router"));
    let reply =
        client.post(CHAT, &json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 1}));
    assert_eq!(reply.header("x-gollum-ignored"), None);
}

#[test]
fn request_ids_are_the_clients_if_harmless_and_can_be_explained() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = json!({"prompt": "time of day", "max_tokens": 3, "temperature": 0}).to_string();
    let reply = client.request("POST", COMPLETIONS, &[("x-request-id", "trace-7")], body.as_bytes());
    assert_eq!(reply.header("x-request-id"), Some("trace-7"));
    let explained = client.get("/debug/requests/trace-7").json();
    let request = &explained["requests"][0];
    assert_eq!(request["phase"], "finished: length");
    assert_eq!(request["usage"]["completion_tokens"], 3);
    assert!(request["ttft_us"].is_u64() && request["queue_us"].is_u64(), "{request}");
    let by_engine_id = format!("/debug/requests/{}", request["id"].as_str().expect("an id"));
    assert_eq!(client.get(&by_engine_id).json()["requests"][0]["usage"], request["usage"]);

    let ours = client.request("GET", "/livez", &[("x-request-id", "an evil id")], b"");
    assert!(ours.header("x-request-id").is_some_and(|id| id.len() == 24), "{ours:?}");
    assert_eq!(client.get("/debug/requests/unknown").status, 404);
}

#[test]
fn connections_are_kept_and_pipelined_requests_answered_in_order() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for path in ["/livez", "/v1/models", "/nowhere"] {
        client.send("GET", path, &[], b"");
    }
    let statuses: Vec<u16> = (0..3).map(|_| client.reply().status).collect();
    assert_eq!(statuses, [200, 200, 404]);
}

#[test]
fn the_rarer_samplers_are_repeatable_and_change_what_is_drawn() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut text = |extra: Value| {
        let mut body = json!({"prompt": "time", "seed": 7, "temperature": 1.5, "max_tokens": 24,
            "use_prompt_cache": false});
        body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        let reply = client.post(COMPLETIONS, &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["choices"][0]["text"].as_str().expect("text").to_owned()
    };
    let plain = text(json!({}));
    for extra in [
        json!({"typical_p": 0.2}),
        json!({"top_n_sigma": 0.5}),
        json!({"xtc_probability": 1, "xtc_threshold": 0.0001}),
        json!({"dynatemp_range": 1.4}),
        json!({"mirostat": 2, "mirostat_tau": 0.5}),
        json!({"mirostat": 1, "mirostat_tau": 0.5}),
        json!({"samplers": ["top_k"], "top_k": 1}),
        json!({"dry_multiplier": 50, "dry_allowed_length": 1, "temperature": 0}),
    ] {
        let first = text(extra.clone());
        assert_eq!(first, text(extra.clone()), "{extra} twice");
        assert_ne!(first, plain, "{extra}");
    }
    // The same filters in the usual order are the usual ones.
    let usual = json!({"top_k": 40, "top_p": 0.9, "min_p": 0.01});
    let mut named = usual.clone();
    named["samplers"] = json!(["penalties", "temperature", "top_k", "top_p", "min_p"]);
    assert_eq!(text(usual), text(named));
}
