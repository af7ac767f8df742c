//! Structured output: kept to, streamed or not, alone and in a crowd.

use serde_json::{Value, json};

use crate::world::{Setup, World};

const CHAT: &str = "/v1/chat/completions";

fn body(extra: &Value) -> Value {
    let mut body = json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 20,
        "use_prompt_cache": false});
    body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
    body
}

#[test]
fn answers_keep_to_what_is_asked_for_and_end_when_complete() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut answer = |extra: Value| {
        let reply = client.post(CHAT, &body(&extra));
        assert_eq!(reply.status, 200, "{extra}: {}", reply.text());
        let choice = reply.json()["choices"][0].clone();
        assert_eq!(choice["finish_reason"], "stop", "{extra}: {choice}");
        choice["message"]["content"].as_str().expect("text").to_owned()
    };
    let choices = [" water", " time water", " first"];
    let fits = |text: &str| assert!(choices.contains(&text), "{text:?}");
    fits(&answer(json!({"guided_choice": choices})));
    fits(&answer(json!({"structured_outputs": {"choice": choices}})));
    fits(&answer(json!({"guided_regex": "( time)? water| first"})));
    fits(&answer(json!({"grammar": "root ::= \" time\"? \" water\" | \" first\""})));
    fits(&answer(json!({"grammar": "start: \" time\"? \" water\" | \" first\""})));
    // The same, whatever is asked for at the same time.
    for seed in 0..20 {
        fits(&answer(json!({"guided_choice": choices, "temperature": 5, "seed": seed})));
        fits(&answer(json!({"guided_choice": choices, "ignore_eos": true, "seed": seed})));
    }
}

#[test]
fn a_constrained_answer_is_the_same_in_a_crowd_and_from_the_cache() {
    let world = World::start(Setup::default());
    let ask = |seed: u64, cached: bool| {
        let extra = json!({"guided_regex": "( time| water| first){3,9}", "temperature": 2, "seed": seed,
            "use_prompt_cache": cached});
        let value = world.client().post(CHAT, &body(&extra)).json();
        value["choices"][0]["message"]["content"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
    };
    let alone: Vec<String> = (0..12).map(|seed| ask(seed, true)).collect();
    assert!(alone.iter().any(|text| *text != alone[0]));
    let again: Vec<String> = (0..12).map(|seed| ask(seed, true)).collect();
    assert_eq!(alone, again, "replayed");
    let crowd: Vec<String> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..12).map(|seed| scope.spawn(move || ask(seed, false))).collect();
        asking.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(alone, crowd);
    world.wait_idle();
}

#[test]
fn another_grammar_is_another_entry_of_the_prompt_cache() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut ask = |choice: &str| {
        let extra = json!({"guided_choice": [choice], "temperature": 0, "use_prompt_cache": true});
        let reply = client.post(CHAT, &body(&extra));
        (reply.header("x-gollum-cache").is_some(), reply.json()["choices"][0]["message"]["content"].clone())
    };
    assert_eq!(ask(" water"), (false, json!(" water")));
    assert_eq!(ask(" time"), (false, json!(" time")));
    assert_eq!(ask(" water"), (true, json!(" water")));
}
