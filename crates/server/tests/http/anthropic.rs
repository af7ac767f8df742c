//! Anthropic's API.

use serde_json::{Value, json};

use crate::world::{Setup, World};

const MESSAGES: &str = "/v1/messages";

/// Names and data of a stream's events.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |block: &str| {
        let (name, data) = block.split_once("\ndata: ").unwrap_or_else(|| panic!("{block:?}"));
        let name = name.strip_prefix("event: ").expect("a name");
        (name.to_owned(), serde_json::from_str(data).expect("JSON"))
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[test]
fn a_conversation_is_answered_streamed_or_not() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let openai = json!({"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "time"}],
        "max_tokens": 9, "temperature": 0});
    let text =
        client.post("/v1/chat/completions", &openai).json()["choices"][0]["message"]["content"].clone();
    let mut body = json!({"model": "toy-1", "max_tokens": 9, "temperature": 0, "metadata": {"user_id": "me"},
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "time"}]}]});
    let reply = client.post(MESSAGES, &body);
    assert_eq!(reply.header("x-gollum-ignored"), Some("metadata"));
    let whole = reply.json();
    assert_eq!(whole["content"], json!([{"type": "text", "text": text}]));
    assert_eq!(
        (&whole["type"], &whole["role"], &whole["stop_reason"]),
        (&json!("message"), &json!("assistant"), &json!("max_tokens"))
    );
    let tokens =
        client.post("/v1/messages/count_tokens", &body).json()["input_tokens"].as_u64().expect("a count");
    let counted = |usage: &Value| {
        usage["input_tokens"].as_u64().expect("a count")
            + usage["cache_read_input_tokens"].as_u64().expect("a count")
    };
    assert_eq!((counted(&whole["usage"]), &whole["usage"]["output_tokens"]), (tokens, &json!(9)));

    body["stream"] = json!(true);
    let reply = client.post(MESSAGES, &body);
    let events = events(reply.text());
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..2], ["message_start", "content_block_start"]);
    assert_eq!(names[names.len() - 3..], ["content_block_stop", "message_delta", "message_stop"]);
    assert!(events.iter().all(|(name, data)| data["type"] == name.as_str()));
    let deltas = events.iter().filter(|(name, _)| name == "content_block_delta");
    let joined: String = deltas.map(|(_, data)| data["delta"]["text"].as_str().expect("text")).collect();
    assert_eq!(json!(joined), text);
    let (_, end) = &events[events.len() - 2];
    assert_eq!(
        (&end["delta"]["stop_reason"], &end["usage"]["output_tokens"]),
        (&json!("max_tokens"), &json!(9))
    );
}

#[test]
fn a_stop_sequence_is_named_and_an_answer_can_be_begun() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = |extra: Value| {
        let mut body =
            json!({"max_tokens": 12, "temperature": 0, "messages": [{"role": "user", "content": "time"}]});
        body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        body
    };
    let whole = client.post(MESSAGES, &body(json!({}))).json();
    let text = whole["content"][0]["text"].as_str().expect("text").to_owned();
    let stop = text.split(' ').nth(4).expect("words").to_owned();
    let stopped = client.post(MESSAGES, &body(json!({"stop_sequences": [stop]}))).json();
    assert_eq!((&stopped["stop_reason"], &stopped["stop_sequence"]), (&json!("stop_sequence"), &json!(stop)));
    let begun =
        json!({"messages": [{"role": "user", "content": "time"}, {"role": "assistant", "content": "water"}]});
    assert_eq!(client.post(MESSAGES, &body(begun)).status, 200);
}

#[test]
fn an_answer_has_the_form_that_is_asked_for() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    // The toy's words are no JSON, so only the refusal of what cannot be enforced tells that the schema is read.
    let form = |schema: Value| json!({"type": "json_schema", "schema": schema});
    let ask = |extra: Value| {
        let mut body = json!({"max_tokens": 3, "messages": [{"role": "user", "content": "time"}]});
        body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        body
    };
    let open = form(json!({"not": {}}));
    for (extra, word) in [
        (json!({"output_config": {"format": open}}), "output_config.format.schema"),
        (json!({"output_format": open}), "output_format.schema"),
        (json!({"output_config": {"format": {"type": "regex"}}}), "output_config.format.type"),
        (json!({"output_config": {"format": {"type": "json_schema"}}}), "output_config.format.schema"),
        (
            json!({"output_format": form(json!(true)), "output_config": {"format": form(json!(true))}}),
            "exclude",
        ),
    ] {
        let reply = client.post(MESSAGES, &ask(extra.clone()));
        assert_eq!(reply.status, 400, "{extra}: {}", reply.text());
        assert!(reply.text().contains(word), "{extra}: {}", reply.text());
    }
}

#[test]
fn what_is_wrong_is_told_in_its_own_shape() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let messages = json!([{"role": "user", "content": "time"}]);
    for (body, word) in [
        (json!({"messages": messages}), "max_tokens"),
        (json!({"max_tokens": 3}), "messages"),
        (json!({"max_tokens": 0, "messages": messages}), "max_tokens"),
        (json!({"max_tokens": 3, "messages": [{"role": "system", "content": "a"}]}), "messages[0].role"),
        (json!({"max_tokens": 3, "messages": [{"role": "user", "content": [{"type": "image"}]}]}), "image"),
        (
            json!({"max_tokens": 3, "messages": messages, "tools": [{"type": "web_search_20250305", "name": "f"}]}),
            "tools[0].type",
        ),
        (json!({"max_tokens": 3, "messages": messages, "thinking": {"type": "deep"}}), "thinking.type"),
    ] {
        let reply = client.post(MESSAGES, &body);
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.json();
        assert_eq!(
            (&error["type"], &error["error"]["type"]),
            (&json!("error"), &json!("invalid_request_error"))
        );
        assert!(
            error["error"]["message"].as_str().is_some_and(|text| text.contains(word)),
            "{body}: {error}"
        );
    }
    let missing = client.post(MESSAGES, &json!({"model": "nothing", "max_tokens": 3, "messages": messages}));
    assert_eq!((missing.status, &missing.json()["error"]["type"]), (404, &json!("not_found_error")));
}
