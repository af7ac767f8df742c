//! llama-server's own API.

use serde_json::{Value, json};

use crate::world::{Setup, World, expected_text};

#[test]
fn a_text_goes_on_in_its_shape_streamed_or_not() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut body = json!({"prompt": "The first", "n_predict": 8, "temperature": 0, "return_tokens": true,
        "t_max_prompt_ms": 100, "use_prompt_cache": false});
    let whole = client.post("/completion", &body).json();
    assert_eq!(whole["content"], expected_text("The first", 8));
    assert_eq!(
        (&whole["stop"], &whole["stop_type"], &whole["tokens_predicted"]),
        (&json!(true), &json!("limit"), &json!(8))
    );
    assert_eq!((whole["tokens"].as_array().map(Vec::len), &whole["tokens_evaluated"]), (Some(8), &json!(2)));
    assert_eq!(whole["timings"]["predicted_n"], 8);
    body["stream"] = json!(true);
    let reply = client.post("/completion", &body);
    let events: Vec<Value> =
        reply.events().iter().map(|data| serde_json::from_str(data).expect("JSON")).collect();
    let (last, before) = events.split_last().expect("events");
    let text: String = before.iter().map(|event| event["content"].as_str().expect("text")).collect();
    assert_eq!(
        (json!(text), &last["stop"], &last["tokens_predicted"]),
        (whole["content"].clone(), &json!(true), &json!(8))
    );
    body["stream"] = json!(false);
    body["response_fields"] = json!(["content", "stop_type"]);
    let fields = client.post("/completion", &body).json();
    assert_eq!(fields, json!({"content": whole["content"], "stop_type": "limit"}));
}

#[test]
fn nothing_to_predict_computes_the_prompt_and_shows_nothing() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let prompt = "water ".repeat(100);
    let body = json!({"prompt": prompt, "n_predict": 0, "samplers": [], "cache_prompt": true});
    let read = client.post("/completion", &body).json();
    assert_eq!((&read["content"], &read["tokens_predicted"]), (&json!(""), &json!(0)), "{read}");
    let next = client.post("/completion", &json!({"prompt": prompt, "n_predict": 1, "seed": 3})).json();
    assert!(next["tokens_cached"].as_u64().is_some_and(|cached| cached >= 96), "{next}");
}

#[test]
fn probabilities_and_several_prompts_are_lists() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = json!({"prompt": ["time", "water"], "n_predict": 3, "temperature": 0, "n_probs": 2});
    let list = client.post("/completion", &body).json();
    for (answer, prompt) in list.as_array().expect("a list").iter().zip(["time", "water"]) {
        assert_eq!(answer["content"], expected_text(prompt, 3));
        let chances = answer["completion_probabilities"].as_array().expect("a list");
        assert_eq!((chances.len(), chances[0]["top_logprobs"].as_array().map(Vec::len)), (3, Some(2)));
    }
}

#[test]
fn properties_slots_and_the_template_are_told() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let props = client.get("/props").json();
    assert_eq!(props["default_generation_settings"]["n_ctx"], 8192);
    assert!(props["chat_template"].as_str().is_some_and(|text| text.contains("messages")), "{props}");
    let slots = client.get("/slots").json();
    assert_eq!(slots.as_array().map(Vec::len), props["total_slots"].as_u64().map(|n| n as usize));
    assert_eq!(slots[0]["is_processing"], false);
    let body = json!({"messages": [{"role": "user", "content": "time"}]});
    let prompt = client.post("/apply-template", &body).json()["prompt"].as_str().expect("text").to_owned();
    assert!(prompt.contains("time") && prompt.contains("user"), "{prompt}");
    let refused = client.post("/completion", &json!({"n_predict": 1}));
    let error = refused.json()["error"].clone();
    assert_eq!(
        (refused.status, &error["code"], &error["type"]),
        (400, &json!(400), &json!("invalid_request_error"))
    );
}
