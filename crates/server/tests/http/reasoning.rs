//! Thoughts told apart from the answer, in each dialect, whole and streamed; budgets that hold.

use serde_json::{Value, json};

use crate::script::world;
use crate::world::World;

const THINK: &str = "</think>";

fn ask(more: &Value) -> Value {
    let mut body = json!({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 200});
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body
}

fn message(world: &World, more: &Value) -> Value {
    let whole = world.client().post("/v1/chat/completions", &ask(more)).json();
    let mut streamed = ask(more);
    streamed["stream"] = json!(true);
    streamed["use_prompt_cache"] = json!(false);
    let events = world.client().post("/v1/chat/completions", &streamed).events();
    let (mut thoughts, mut text) = (String::new(), String::new());
    for event in &events[..events.len() - 1] {
        let chunk: Value = serde_json::from_str(event).expect("JSON");
        let delta = &chunk["choices"][0]["delta"];
        thoughts += delta["reasoning_content"].as_str().unwrap_or_default();
        text += delta["content"].as_str().unwrap_or_default();
    }
    let message = whole["choices"][0]["message"].clone();
    assert_eq!(message["reasoning_content"].as_str().unwrap_or_default(), thoughts, "streamed is the same");
    assert_eq!(message["content"].as_str().unwrap_or_default(), text, "streamed is the same");
    message
}

#[test]
fn thoughts_are_apart_whoever_opened_them() {
    for (opened, script) in
        [("", "<think>\nI think.\n</think>\n\nHello."), ("<think>\n", "I think.\n</think>\n\nHello.")]
    {
        let world = world(THINK, opened, script);
        let said = message(&world, &json!({}));
        assert_eq!((&said["reasoning_content"], &said["content"]), (&json!("I think."), &json!("Hello.")));
        let said = message(&world, &json!({"reasoning_format": "none"}));
        assert_eq!((&said["reasoning_content"], &said["content"]), (&Value::Null, &json!(script)));
        let said = message(&world, &json!({"include_reasoning": false}));
        assert_eq!((&said["reasoning_content"], &said["content"]), (&Value::Null, &json!("Hello.")));
        let usage = world.client().post("/v1/chat/completions", &ask(&json!({}))).json()["usage"].clone();
        let thought = usage["completion_tokens_details"]["reasoning_tokens"].as_u64().expect("a count");
        assert!(thought > 10 && thought < usage["completion_tokens"].as_u64().expect("a count"), "{usage}");
        world.wait_idle();
    }
}

#[test]
fn a_template_without_marks_has_no_thoughts_unless_asked_for() {
    let world = world("", "", "<think>a</think>b");
    assert_eq!(message(&world, &json!({}))["content"], "<think>a</think>b");
    let said = message(&world, &json!({"reasoning_format": "deepseek"}));
    assert_eq!((&said["reasoning_content"], &said["content"]), (&json!("a"), &json!("b")));
}

#[test]
fn a_budget_closes_thoughts_and_the_answer_goes_on() {
    // What is said after the forced mark is what the script has at that place.
    let script = "the of and to a in is it 0123456 the answer";
    let world = world(THINK, "<think>", script);
    for name in ["thinking_budget_tokens", "reasoning_budget", "thinking_token_budget"] {
        let said = message(&world, &json!({name: 4}));
        assert_eq!(said["reasoning_content"], "the of", "{said}");
        assert!(said["content"].as_str().expect("text").ends_with("answer"), "{said}");
    }
    let said = message(&world, &json!({"reasoning_budget": -1}));
    assert_eq!((&said["reasoning_content"], &said["content"]), (&json!(script), &json!("")));
    let refused = world.client().post("/v1/chat/completions", &ask(&json!({"reasoning_budget": -2})));
    assert_eq!((refused.status, refused.error_param().as_deref()), (400, Some("reasoning_budget")));
    let refused = world.client().post("/v1/chat/completions", &ask(&json!({"reasoning_format": "xml"})));
    assert_eq!((refused.status, refused.error_param().as_deref()), (400, Some("reasoning_format")));
    world.wait_idle();
}

#[test]
fn a_form_is_kept_after_thoughts() {
    let world = world(THINK, "<think>", "let me see</think> whatever");
    let said = message(&world, &json!({"guided_choice": ["yes", "no"]}));
    assert_eq!(said["reasoning_content"], "let me see");
    assert!(["yes", "no"].contains(&said["content"].as_str().expect("text")), "{said}");
    let said = message(&world, &json!({"guided_choice": ["yes"], "reasoning_budget": 2}));
    assert_eq!((&said["reasoning_content"], &said["content"]), (&json!("le"), &json!("yes")));
    let none = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let tools = json!([{"type": "function", "function": {"name": "now", "parameters": none}}]);
    let said = message(&world, &json!({"tools": tools, "tool_choice": "required"}));
    assert_eq!(
        (&said["reasoning_content"], &said["tool_calls"][0]["function"]["name"]),
        (&json!("let me see"), &json!("now"))
    );
}

#[test]
fn the_template_is_told_whether_to_think() {
    let world = world(THINK, "", "x");
    let prompt = |more: &Value| {
        world.client().post("/apply-template", &ask(more)).json()["prompt"].as_str().expect("text").to_owned()
    };
    assert!(!prompt(&json!({})).contains("no thoughts"));
    for more in [
        json!({"reasoning_effort": "none"}),
        json!({"enable_thinking": false}),
        json!({"chat_template_kwargs": {"enable_thinking": false}}),
        json!({"reasoning_budget": 0}),
    ] {
        assert!(prompt(&more).contains("no thoughts"), "{more}");
    }
}

#[test]
fn anthropic_and_ollama_have_thoughts_by_their_own_names() {
    let world = world(THINK, "<think>\n", "I think.\n</think>\n\nHello.");
    let mut body = ask(&json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}));
    let whole = world.client().post("/v1/messages", &body).json();
    assert_eq!(
        whole["content"],
        json!([{"type": "thinking", "thinking": "I think.", "signature": ""}, {"type": "text", "text": "Hello."}])
    );
    body["stream"] = json!(true);
    let text = world.client().post("/v1/messages", &body).text().to_owned();
    let places = ["\"thinking_delta\"", "\"signature_delta\"", "\"text_delta\"", "\"message_stop\""];
    let places = places.map(|part| text.find(part).unwrap_or_else(|| panic!("{part} in {text}")));
    assert!(places.is_sorted(), "{text}");
    assert_eq!(text.matches("content_block_start\",").count(), 2, "{text}");

    let ollama = |more: &Value| {
        let mut body = ask(more);
        body["stream"] = json!(false);
        world.client().post("/api/chat", &body).json()["message"].clone()
    };
    let said = ollama(&json!({"think": true}));
    assert_eq!((&said["thinking"], &said["content"]), (&json!("I think."), &json!("Hello.")));
    let said = ollama(&json!({"think": false}));
    assert_eq!((&said["thinking"], &said["content"]), (&Value::Null, &json!("Hello.")));
    let body = json!({"prompt": "hi", "stream": false});
    let said = world.client().post("/api/generate", &body).json();
    assert_eq!((&said["thinking"], &said["response"]), (&json!("I think."), &json!("Hello.")));
}
