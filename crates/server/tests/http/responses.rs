//! Responses: whole, streamed, in the background, kept and continued.

use serde_json::{Value, json};

use crate::client::Client;
use crate::script::world;
use crate::world::{Setup, World, wait_for};

const SAID: &str =
    "I think.\n</think>\n\nI look.\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";

fn now() -> Value {
    json!([{"type": "function", "name": "now", "parameters": {"type": "object"}}])
}

/// The events of a stream: each is numbered and named by its type.
fn events(client: &mut Client, body: &Value) -> Vec<Value> {
    let reply = client.post("/v1/responses", body);
    let mut events: Vec<Value> = Vec::new();
    for event in reply.text().split_terminator("\n\n") {
        let (name, data) = event.split_once("\n").expect("a name and data");
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str(), "{event}");
        assert_eq!(data["sequence_number"], json!(events.len()), "{event}");
        events.push(data);
    }
    events
}

#[test]
fn a_text_is_answered_and_the_object_is_whole() {
    let world = world("", "", "Hello.");
    let body =
        json!({"model": "says", "input": "hi", "instructions": "Be brief.", "temperature": 0.7, "seed": 1});
    let said = world.client().post("/v1/responses", &body).json();
    assert_eq!(
        (&said["object"], &said["status"], &said["error"]),
        (&json!("response"), &json!("completed"), &Value::Null)
    );
    assert_eq!(said["temperature"], json!(0.7));
    let item = &said["output"][0];
    assert_eq!(
        (&item["type"], &item["role"], &item["content"][0]["text"]),
        (&json!("message"), &json!("assistant"), &json!("Hello."))
    );
    let usage = &said["usage"];
    assert_eq!(
        usage["total_tokens"].as_u64(),
        Some(usage["input_tokens"].as_u64().expect("n") + usage["output_tokens"].as_u64().expect("n"))
    );
    let cut = json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}], "max_output_tokens": 2});
    let said = world.client().post("/v1/responses", &cut).json();
    assert_eq!(
        (&said["status"], &said["incomplete_details"]["reason"]),
        (&json!("incomplete"), &json!("max_output_tokens"))
    );
}

#[test]
fn a_stream_tells_every_item_and_ends_with_the_same_response() {
    let world = world("</think> <tool_call> \"arguments\"", "<think>\n", SAID);
    let mut body = json!({"input": "hi", "tools": now(), "max_output_tokens": 500});
    let whole = world.client().post("/v1/responses", &body).json();
    let kinds: Vec<&str> =
        whole["output"].as_array().expect("items").iter().filter_map(|item| item["type"].as_str()).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call"], "{whole}");
    assert_eq!(whole["output"][0]["content"][0]["text"], "I think.");
    assert_eq!(
        (&whole["output"][2]["name"], &whole["output"][2]["arguments"]),
        (&json!("now"), &json!("{}"))
    );
    body["stream"] = json!(true);
    let events = events(&mut world.client(), &body);
    let mut names: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.reasoning_text.delta",
            "response.reasoning_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let last = &events[events.len() - 1]["response"];
    let text = |response: &Value| {
        response["output"]
            .as_array()
            .map(|items| items.iter().map(|item| item["content"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(text(last), text(&whole));
    let deltas: String = events
        .iter()
        .filter(|e| e["type"] == "response.output_text.delta")
        .filter_map(|e| e["delta"].as_str())
        .collect();
    assert_eq!(last["output"][1]["content"][0]["text"], deltas);
    let got = world.client().get(&format!("/v1/responses/{}", last["id"].as_str().expect("an id"))).json();
    assert_eq!(&got, last, "what was streamed is what was kept");
}

#[test]
fn answers_are_continued_and_forgotten() {
    let world = world("<tool_call> \"arguments\"", "", "I look.");
    let mut client = world.client();
    let first = client.post("/v1/responses", &json!({"input": "hi", "instructions": "Be brief."})).json();
    let id = first["id"].as_str().expect("an id").to_owned();
    let tokens = |said: &Value| said["usage"]["input_tokens"].as_u64().expect("a count");
    let next = client.post("/v1/responses", &json!({"input": "go on", "previous_response_id": id})).json();
    let alone = client.post("/v1/responses", &json!({"input": "go on"})).json();
    assert!(tokens(&next) > tokens(&alone) + 3, "{next}");
    // The same conversation, told in full.
    let full = json!({"input": [{"role": "user", "content": "hi"},
        {"type": "message", "role": "assistant", "id": "m", "status": "completed",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}]},
        {"role": "user", "content": "go on"}]});
    assert_eq!(tokens(&client.post("/v1/responses", &full).json()), tokens(&next));
    let path = format!("/v1/responses/{id}");
    assert_eq!(client.get(&path).json()["id"], json!(id));
    assert_eq!(client.request("DELETE", &path, &[], b"").json()["deleted"], json!(true));
    assert_eq!(client.get(&path).status, 404);
    let gone = client.post("/v1/responses", &json!({"input": "x", "previous_response_id": id}));
    assert_eq!((gone.status, gone.error_param().as_deref()), (400, Some("previous_response_id")));
    let unkept = client.post("/v1/responses", &json!({"input": "x", "store": false})).json();
    assert_eq!(client.get(&format!("/v1/responses/{}", unkept["id"].as_str().expect("an id"))).status, 404);
}

#[test]
fn calls_and_their_outputs_and_forms_go_through() {
    let world = World::start(Setup::default());
    let schema = json!({"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"], "additionalProperties": false});
    let body = json!({"input": "hi", "max_output_tokens": 200,
        "text": {"format": {"type": "json_schema", "name": "x", "schema": schema, "strict": true}}});
    let said = world.client().post("/v1/responses", &body).json();
    let text = said["output"][0]["content"][0]["text"].as_str().expect("text");
    assert!(serde_json::from_str::<Value>(text).expect("JSON")["a"].is_boolean(), "{text}");
    let body = json!({"tools": [{"type": "function", "name": "f", "parameters": schema}], "tool_choice": {"type": "function", "name": "f"},
        "max_output_tokens": 200, "input": [{"role": "user", "content": "hi"},
            {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{\"a\": true}"},
            {"type": "function_call_output", "call_id": "c", "output": "done"}]});
    let said = world.client().post("/v1/responses", &body).json();
    assert_eq!(
        (&said["output"][0]["type"], &said["output"][0]["name"]),
        (&json!("function_call"), &json!("f")),
        "{said}"
    );
    for (body, param) in [
        (json!({"input": "x", "tools": [{"type": "web_search"}]}), "tools[0].type"),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]}),
            "input[0].content[0].type",
        ),
        (json!({"input": [{"type": "item_reference", "id": "x"}]}), "input[0].type"),
        (json!({"input": "x", "include": ["message.output_text.logprobs"]}), "include"),
        (json!({"input": "x", "truncation": "auto"}), "truncation"),
        (json!({"input": "x", "background": true, "stream": true}), "background"),
        (json!({"input": []}), "input"),
        (json!({}), "input"),
    ] {
        let refused = world.client().post("/v1/responses", &body);
        assert_eq!((refused.status, refused.error_param().as_deref()), (400, Some(param)), "{body}");
    }
}

#[test]
fn what_runs_in_the_background_is_told_and_can_be_cancelled() {
    let world = World::start(Setup::default().slow(std::time::Duration::from_millis(2)));
    let mut client = world.client();
    let body = json!({"input": "hi", "background": true, "max_output_tokens": 5});
    let begun = client.post("/v1/responses", &body).json();
    assert_eq!(begun["status"], "in_progress");
    let path = format!("/v1/responses/{}", begun["id"].as_str().expect("an id"));
    wait_for("the answer", || client.get(&path).json()["status"] == "incomplete");
    let done = client.post(&format!("{path}/cancel"), &json!({}));
    assert_eq!(done.status, 400);
    let body = json!({"input": "hi", "background": true, "max_output_tokens": 4000});
    let begun = client.post("/v1/responses", &body).json();
    let path = format!("/v1/responses/{}", begun["id"].as_str().expect("an id"));
    assert_eq!(client.post(&format!("{path}/cancel"), &json!({})).json()["status"], "cancelled");
    assert_eq!(client.get(&path).json()["status"], "cancelled");
    world.wait_idle();
}
