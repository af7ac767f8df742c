//! Every field of every route at its borders and beyond: never a 5xx, never a broken connection.

use serde_json::{Value, json};

use crate::world::{Setup, World};

const FIELDS: &[&str] = &[
    "model",
    "messages",
    "prompt",
    "stream",
    "stream_options",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "repetition_penalty",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "seed",
    "logprobs",
    "top_logprobs",
    "max_tokens",
    "max_completion_tokens",
    "n_predict",
    "min_tokens",
    "stop",
    "stop_token_ids",
    "ignore_eos",
    "n",
    "priority",
    "cache_salt",
    "cache_prompt",
    "use_prompt_cache",
    "echo",
    "suffix",
    "best_of",
    "bad_words",
    "timings_per_token",
    "reasoning_budget",
    "reasoning_format",
    "enable_thinking",
    "include_reasoning",
    "input_prefix",
    "input_suffix",
    "input_extra",
    "instructions",
    "previous_response_id",
    "background",
    "store",
    "text",
    "reasoning",
    "include",
    "max_output_tokens",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "json_schema",
    "grammar",
    "regex",
    "guided_json",
    "guided_regex",
    "guided_choice",
    "guided_grammar",
    "structured_outputs",
    "modalities",
    "chat_template_kwargs",
    "add_generation_prompt",
    "user",
    "metadata",
    "tokens",
    "content",
    "add_special",
    "add_special_tokens",
    "parse_special",
    "with_pieces",
    "return_token_strs",
    "input",
    "dimensions",
    "encoding_format",
    "query",
    "documents",
    "texts",
    "top_n",
    "return_documents",
    "typical_p",
    "top_n_sigma",
    "dry_multiplier",
    "dry_base",
    "dry_allowed_length",
    "dry_penalty_last_n",
    "dry_sequence_breakers",
    "xtc_probability",
    "xtc_threshold",
    "dynatemp_range",
    "dynatemp_exponent",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "samplers",
    "unknown_field",
];

fn values() -> Vec<String> {
    let plain =
        ["-1", "0", "1", "2", "16", "17", "20", "21", "64", "65", "1e308", "-1e308", "1e999", "0.5", "null"];
    let more = [
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "true",
        "false",
        "\"\"",
        "\"NaN\"",
        "\"a\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "[]",
        "[null]",
        "[1]",
        "[-1]",
        "[\"\"]",
        "[\"a\"]",
        "[[]]",
        "[[1]]",
        "[{}]",
        "{}",
        "{\"\":\"\"}",
        "{\"a\":1}",
        "{\"1\":1e308}",
        "{\"type\":\"\"}",
        "[{\"role\":\"user\",\"content\":\"\"}]",
    ];
    plain.into_iter().chain(more).map(str::to_owned).collect()
}

#[test]
fn no_value_of_any_field_is_our_fault() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let bases = [
        ("/v1/chat/completions", json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 1})),
        ("/v1/completions", json!({"prompt": "time", "max_tokens": 1})),
        ("/v1/responses", json!({"input": "time", "max_output_tokens": 1, "store": false})),
        ("/tokenize", json!({"prompt": "time"})),
        ("/detokenize", json!({"tokens": [1]})),
        ("/v1/embeddings", json!({"input": "time"})),
        ("/v1/rerank", json!({"query": "time", "documents": ["a"]})),
    ];
    let (mut requests, mut taken) = (0, 0);
    for (path, base) in bases {
        for field in FIELDS {
            for value in values() {
                let mut fields = base.as_object().expect("an object").clone();
                fields.remove(*field);
                // Unbounded answers of the toy are no matter here.
                if ["max_tokens", "max_completion_tokens", "n_predict"].contains(field) {
                    fields.remove("max_tokens");
                    fields.insert("stop_token_ids".into(), (0..64).collect::<Vec<u32>>().into());
                    fields.insert("logit_bias".into(), json!({"1": 100}));
                }
                let rest = Value::Object(fields).to_string();
                let comma = if rest == "{}" { "" } else { "," };
                let body = format!("{{\"{field}\":{value}{comma}{}", &rest[1..]);
                let reply = client.request("POST", path, &[], body.as_bytes());
                assert!(
                    matches!(reply.status, 200 | 400 | 404),
                    "{path} {body}: {} {}",
                    reply.status,
                    reply.text()
                );
                if reply.status == 200 {
                    taken += 1;
                    if reply.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
                    {
                        // Responses end with the whole response, the others with a word.
                        let end =
                            if path == "/v1/responses" { "\"sequence_number\":" } else { "data: [DONE]\n\n" };
                        assert!(
                            reply
                                .text()
                                .rsplit("\n\n")
                                .nth(1)
                                .is_some_and(|last| last.contains(end.trim_end()))
                        );
                    }
                } else {
                    reply.error_param();
                }
                requests += 1;
            }
        }
    }
    println!("{requests} requests, {taken} taken, none a 5xx");
    assert!(requests > 8000 && taken > 500);
    world.wait_idle();
}

#[test]
fn no_value_of_any_message_field_is_our_fault() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for field in ["role", "content", "name", "tool_calls", "tool_call_id", "reasoning", "refusal", "extra"] {
        for role in ["user", "assistant"] {
            for value in values() {
                let message = match field {
                    "role" => format!("{{\"role\":{value},\"content\":\"a\"}}"),
                    "content" => format!("{{\"role\":\"{role}\",\"content\":{value}}}"),
                    _ => format!("{{\"role\":\"{role}\",\"content\":\"a\",\"{field}\":{value}}}"),
                };
                let body = format!("{{\"messages\":[{message}],\"max_tokens\":1}}");
                let reply = client.request("POST", "/v1/chat/completions", &[], body.as_bytes());
                assert!(matches!(reply.status, 200 | 400), "{body}: {} {}", reply.status, reply.text());
            }
        }
    }
}

#[test]
fn a_stream_tells_its_counts_and_times_as_it_goes() {
    let world = World::start(Setup::default());
    for path in ["/v1/chat/completions", "/v1/completions"] {
        let body = json!({"messages": [{"role": "user", "content": "time"}], "prompt": "time", "max_tokens": 5,
            "stream": true, "timings_per_token": true,
            "stream_options": {"include_usage": true, "continuous_usage_stats": true}});
        let events = world.client().post(path, &body).events();
        let mut last = 0;
        for event in &events[..events.len() - 1] {
            let chunk: Value = serde_json::from_str(event).expect("JSON");
            let count = chunk["usage"]["completion_tokens"].as_u64().unwrap_or_else(|| panic!("{chunk}"));
            assert!(count >= last && chunk["timings"]["predicted_n"].as_u64() == Some(count), "{chunk}");
            last = count;
        }
        assert_eq!(last, 5);
    }
}

#[test]
fn words_that_must_not_come_do_not() {
    let world = World::start(Setup::default());
    let ask = |more: Value| {
        let mut body = json!({"prompt": "time", "max_tokens": 12});
        more.as_object().expect("fields").iter().for_each(|(name, value)| body[name] = value.clone());
        world.client().post("/v1/completions", &body).json()["choices"][0]["text"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    let free = ask(json!({}));
    let words: Vec<&str> = free.split_whitespace().collect();
    let third = words[2];
    let without = ask(json!({"bad_words": [third]}));
    assert_eq!(without.split_whitespace().take(2).collect::<Vec<_>>(), words[..2], "{without}");
    assert!(!without.split_whitespace().any(|word| word == third), "{third} in {without}");
    // Two words are forbidden one after the other, and not apart.
    let pair = format!("{} {}", words[1], words[2]);
    let without = ask(json!({"bad_words": [pair]}));
    assert!(
        without.starts_with(&format!(" {} {} ", words[0], words[1])) && !without.contains(&pair),
        "{without}"
    );
    for bad in [json!([""]), json!(["  "]), json!("x"), json!(vec!["x"; 65])] {
        let body = json!({"prompt": "time", "bad_words": bad});
        let refused = world.client().post("/v1/completions", &body);
        assert_eq!((refused.status, refused.error_param().as_deref()), (400, Some("bad_words")));
    }
}

#[test]
fn of_several_answers_the_likeliest_are_shown() {
    let world = World::start(Setup::default());
    let mut body =
        json!({"prompt": "time", "max_tokens": 6, "n": 8, "seed": 3, "temperature": 1, "logprobs": 0});
    let mean = |choice: &Value| {
        let chances: Vec<f64> = choice["logprobs"]["token_logprobs"]
            .as_array()
            .expect("numbers")
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        chances.iter().sum::<f64>() / chances.len() as f64
    };
    let all = world.client().post("/v1/completions", &body).json();
    let best = all["choices"].as_array().expect("answers").iter().map(mean).fold(f64::MIN, f64::max);
    body["n"] = json!(2);
    body["best_of"] = json!(8);
    let shown = world.client().post("/v1/completions", &body).json();
    let choices = shown["choices"].as_array().expect("answers");
    assert_eq!(choices.len(), 2);
    assert!((mean(&choices[0]) - best).abs() < 1e-6 && mean(&choices[1]) <= mean(&choices[0]), "{shown}");
    assert_eq!(shown["usage"]["completion_tokens"], json!(48));
    for (name, value) in [("stream", json!(true)), ("n", json!(9))] {
        let mut refused = body.clone();
        refused[name] = value;
        let reply = world.client().post("/v1/completions", &refused);
        assert_eq!((reply.status, reply.error_param().as_deref()), (400, Some("best_of")));
    }
}

#[test]
fn prompts_are_rendered_without_being_run() {
    let world = World::start(Setup::default());
    let body = json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 5});
    let shown = world.client().post("/v1/chat/completions/render", &body).json();
    let counted = world.client().post("/tokenize", &body).json();
    assert_eq!(
        (&shown["token_ids"], shown["prompt"].as_str().map(|p| p.contains("time"))),
        (&counted["tokens"], Some(true))
    );
    let shown = world.client().post("/v1/completions/render", &json!({"prompt": [[3], [1, 2]]})).json();
    assert_eq!((&shown[0]["token_ids"], &shown[1]["token_ids"]), (&json!([3]), &json!([1, 2])));
    let one = world.client().get("/v1/models/toy-1").json();
    assert!(one["meta"]["n_ctx"].as_u64().is_some_and(|n| n > 0), "{one}");
}
