//! Calls of tools: forced ones validate whatever the model is, in each dialect, streamed or not.

use serde_json::{Value, json};

use crate::world::{Setup, World};

fn tools() -> Value {
    json!([{"type": "function", "function": {"name": "weather", "description": "Tells it.", "parameters": {
        "type": "object", "properties": {"celsius": {"type": "boolean"}, "day": {"enum": ["today", "tomorrow"]}},
        "required": ["celsius", "day"], "additionalProperties": false}}},
        {"type": "function", "function": {"name": "now"}}])
}

fn validates(name: &str, arguments: &Value) {
    assert_eq!(name, "weather");
    assert!(arguments["celsius"].is_boolean(), "{arguments}");
    assert!(["today", "tomorrow"].contains(&arguments["day"].as_str().expect("a day")), "{arguments}");
}

#[test]
fn a_named_call_validates_streamed_or_not() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for seed in 0..6 {
        let mut body = json!({"messages": [{"role": "user", "content": "time"}], "tools": tools(), "max_tokens": 200,
            "temperature": 2, "seed": seed, "use_prompt_cache": false,
            "tool_choice": {"type": "function", "function": {"name": "weather"}}});
        let whole = client.post("/v1/chat/completions", &body).json();
        let choice = &whole["choices"][0];
        assert_eq!(
            (&choice["finish_reason"], &choice["message"]["content"]),
            (&json!("tool_calls"), &Value::Null),
            "{whole}"
        );
        let call = &choice["message"]["tool_calls"][0];
        let text = call["function"]["arguments"].as_str().expect("text");
        validates(
            call["function"]["name"].as_str().expect("a name"),
            &serde_json::from_str(text).expect("JSON"),
        );
        assert!(call["id"].as_str().is_some_and(|id| id.starts_with("call_")) && call["type"] == "function");

        body["stream"] = json!(true);
        let events = client.post("/v1/chat/completions", &body).events();
        let chunks: Vec<Value> = events[..events.len() - 1]
            .iter()
            .map(|event| serde_json::from_str(event).expect("JSON"))
            .collect();
        let calls: Vec<&Value> = chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].as_array())
            .flatten()
            .collect();
        assert_eq!((calls.len(), &calls[0]["index"]), (1, &json!(0)));
        assert_eq!(calls[0]["function"], call["function"], "streamed is the same");
        assert!(chunks.iter().any(|chunk| chunk["choices"][0]["finish_reason"] == "tool_calls"));
    }
    world.wait_idle();
}

#[test]
fn required_calls_come_in_every_dialect() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let messages = json!([{"role": "user", "content": "time"}]);
    let openai = json!({"messages": messages, "tools": tools(), "tool_choice": "required", "temperature": 1, "seed": 1,
        "max_tokens": 300});
    let value = client.post("/v1/chat/completions", &openai).json();
    let name = value["choices"][0]["message"]["tool_calls"][0]["function"]["name"].as_str().expect("a call");
    assert!(["weather", "now"].contains(&name));

    let weather = &tools()[0]["function"];
    let anthropic = json!({"max_tokens": 300, "messages": messages, "temperature": 1,
        "tools": [{"name": "weather", "input_schema": weather["parameters"]}],
        "tool_choice": {"type": "tool", "name": "weather"}});
    let value = client.post("/v1/messages", &anthropic).json();
    assert_eq!(
        (&value["stop_reason"], &value["content"][0]["type"]),
        (&json!("tool_use"), &json!("tool_use")),
        "{value}"
    );
    validates(value["content"][0]["name"].as_str().expect("a name"), &value["content"][0]["input"]);
    let mut streamed = anthropic.clone();
    streamed["stream"] = json!(true);
    let text = client.post("/v1/messages", &streamed).text().to_owned();
    for part in ["\"tool_use\"", "input_json_delta", "\"stop_reason\":\"tool_use\""] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn calls_and_their_results_go_back_into_the_prompt() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let calls = json!([{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"celsius\":true}"}}]);
    let openai = json!({"tools": tools(), "messages": [{"role": "user", "content": "time"},
        {"role": "assistant", "content": null, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "21 degrees"}]});
    let prompt = client.post("/apply-template", &openai).json()["prompt"].as_str().expect("text").to_owned();
    for part in ["\"weather\"", "Tells it.", "<tool_call>", "\"celsius\":true", "21 degrees"] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    let mut without = openai.clone();
    without["tool_choice"] = json!("none");
    let prompt = client.post("/apply-template", &without).json()["prompt"].as_str().expect("text").to_owned();
    assert!(!prompt.contains("Tells it."), "{prompt}");
    let anthropic = json!({"max_tokens": 2, "messages": [{"role": "user", "content": "time"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "weather", "input": {"celsius": true}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "21"}]}]}],
        "tools": [{"name": "weather", "input_schema": {"type": "object"}}]});
    assert_eq!(client.post("/v1/messages", &anthropic).status, 200);
    let counted = client.post("/v1/messages/count_tokens", &anthropic).json();
    assert!(counted["input_tokens"].as_u64().is_some_and(|n| n > 40), "{counted}");
    // Free to call or not, the toy does not.
    let auto = json!({"messages": [{"role": "user", "content": "time"}], "tools": tools(), "max_tokens": 5});
    let value = client.post("/v1/chat/completions", &auto).json();
    assert_eq!(value["choices"][0]["finish_reason"], "length");
    let ollama = json!({"messages": [{"role": "user", "content": "time"}], "tools": tools(), "stream": false,
        "options": {"num_predict": 5}});
    assert_eq!(client.post("/api/chat", &ollama).status, 200);
}

/// What templates of models of each dialect say.
const MENTIONS: [&str; 14] = [
    "[TOOL_CALLS]",
    "<|channel|> <|message|>",
    "<｜tool▁calls▁begin｜> ```json",
    "<｜tool▁calls▁begin｜>",
    "<start_function_call>",
    "<|tool_call>",
    "<tool_call> <arg_key>",
    "<tool_call> <function=",
    "<|tool_call_start|>",
    "<|python_start|>",
    "<|/tool|>",
    "<|tool_call|> <|start_of_role|>",
    "<tool_call> \"arguments\"",
    "\"parameters\" ipython",
];

#[test]
fn forced_calls_validate_in_every_dialect_of_models() {
    for mentions in MENTIONS {
        let setup = Setup::default();
        let runner = Box::new(gollum_backend_toy::ToyRunner::new(setup.toy.clone()));
        let template = crate::script::template(mentions, "");
        let world = World::with_template(runner, setup, "toy-1", Some(template));
        for parallel in [false, true] {
            let body = json!({"messages": [{"role": "user", "content": "time"}], "tools": [tools()[0]], "max_tokens": 900,
                "temperature": 1, "seed": 5, "tool_choice": "required", "parallel_tool_calls": parallel,
                "enable_thinking": false});
            let value = world.client().post("/v1/chat/completions", &body).json();
            let calls = value["choices"][0]["message"]["tool_calls"].as_array();
            let calls = calls.unwrap_or_else(|| panic!("{mentions}: {value}"));
            for call in calls {
                let text = call["function"]["arguments"].as_str().expect("text");
                validates(
                    call["function"]["name"].as_str().expect("a name"),
                    &serde_json::from_str(text).expect("JSON"),
                );
            }
        }
    }
}

#[test]
fn free_calls_come_as_models_write_them() {
    let qwen = "I look.\n<tool_call>\n<function=weather>\n<parameter=celsius>\ntrue\n</parameter>\n<parameter=day>\n\
        today\n</parameter>\n</function>\n</tool_call>";
    let channels = "<|channel|>analysis<|message|>I look.<|end|><|start|>assistant<|channel|>commentary \
        to=functions.weather <|constrain|>json<|message|>{\"celsius\": true, \"day\": \"today\"}<|call|>";
    for (mentions, script, content, thoughts) in [
        ("<tool_call> <function=", qwen, json!("I look.\n"), Value::Null),
        ("<|channel|> <|message|>", channels, Value::Null, json!("I look.")),
    ] {
        let world = crate::script::world(mentions, "", script);
        let mut body =
            json!({"messages": [{"role": "user", "content": "time"}], "tools": tools(), "max_tokens": 900});
        let choice = world.client().post("/v1/chat/completions", &body).json()["choices"][0].clone();
        let message = &choice["message"];
        assert_eq!(choice["finish_reason"], "tool_calls", "{choice}");
        assert_eq!((&message["content"], &message["reasoning_content"]), (&content, &thoughts), "{choice}");
        let function = &message["tool_calls"][0]["function"];
        let arguments = serde_json::from_str(function["arguments"].as_str().expect("text")).expect("JSON");
        validates(function["name"].as_str().expect("a name"), &arguments);
        body["stream"] = json!(true);
        let text = world.client().post("/v1/chat/completions", &body).text().to_owned();
        assert!(!text.contains("<tool_call>") && !text.contains("<|channel|>"), "{text}");
        assert!(text.contains("\"finish_reason\":\"tool_calls\""), "{text}");
    }
}

#[test]
fn channels_keep_to_a_form() {
    let answer =
        "<|channel|>analysis<|message|>I think.<|end|><|start|>assistant<|channel|>final<|message|>Hello.";
    let world = crate::script::world("<|channel|> <|message|>", "", answer);
    let ask = |more: Value| {
        let mut body = json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 900});
        more.as_object().expect("fields").iter().for_each(|(name, value)| body[name] = value.clone());
        world.client().post("/v1/chat/completions", &body).json()["choices"][0]["message"].clone()
    };
    let said = ask(json!({}));
    assert_eq!((&said["reasoning_content"], &said["content"]), (&json!("I think."), &json!("Hello.")));
    let said = ask(json!({"guided_choice": ["yes"]}));
    assert_eq!((&said["reasoning_content"], &said["content"]), (&json!("I think."), &json!("yes")));
}
