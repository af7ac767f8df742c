//! What is refused, with which code, and which field is named.

use std::io::Write;
use std::time::{Duration, Instant};

use gollum_server::ServerConfig;
use serde_json::{Value, json};

use crate::client::Client;
use crate::world::{Setup, World, wait_for};

const CHAT: &str = "/v1/chat/completions";
const COMPLETIONS: &str = "/v1/completions";

fn joined(base: Value, extra: Value) -> Value {
    match (base, extra) {
        (Value::Object(mut body), Value::Object(extra)) => {
            body.extend(extra);
            Value::Object(body)
        }
        other => panic!("not two objects: {other:?}"),
    }
}

fn chat(extra: Value) -> Value {
    joined(json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 1}), extra)
}

fn message(extra: Value) -> Value {
    let first = json!({"role": "user", "content": "time"});
    joined(json!({"max_tokens": 1}), json!({"messages": Value::Array(vec![first, extra])}))
}

fn completion(extra: Value) -> Value {
    joined(json!({"prompt": "time", "max_tokens": 1}), extra)
}

fn biases(count: usize) -> Value {
    (0..count).map(|id| (id.to_string(), json!(1))).collect::<serde_json::Map<_, _>>().into()
}

fn check(client: &mut Client, path: &str, body: &Value, status: u16, param: &str) {
    let reply = client.post(path, body);
    let shown: String = body.to_string().chars().take(200).collect();
    assert_eq!(reply.status, status, "{path} {shown}: {}", reply.text());
    assert_eq!(reply.error_param().as_deref().unwrap_or_default(), param, "{path} {shown}");
}

fn bad_messages() -> Vec<(Value, &'static str)> {
    vec![
        (json!({}), "messages"),
        (json!({"messages": []}), "messages"),
        (json!({"messages": "hi"}), "messages"),
        (json!({"messages": vec![json!({"role": "user", "content": "a"}); 4097]}), "messages"),
        (message(json!("hi")), "messages[1]"),
        (message(json!({"content": "a"})), "messages[1].role"),
        (message(json!({"role": "king", "content": "a"})), "messages[1].role"),
        (message(json!({"role": "user"})), "messages[1].content"),
        (message(json!({"role": "user", "content": 3})), "messages[1].content"),
        (message(json!({"role": "user", "content": ["a"]})), "messages[1].content[0]"),
        (message(json!({"role": "user", "content": [{"type": "text"}]})), "messages[1].content[0].text"),
        (
            message(
                json!({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}),
            ),
            "messages[1].content[0].type",
        ),
        (message(json!({"role": "user", "content": "a", "tool_calls": [{}]})), "messages[1].tool_calls"),
        (message(json!({"role": "assistant", "content": "a", "audio": {"id": "x"}})), "messages[1].audio"),
    ]
}

fn bad_sampling() -> Vec<(Value, &'static str)> {
    vec![
        (chat(json!({"temperature": -0.1})), "temperature"),
        (chat(json!({"temperature": "hot"})), "temperature"),
        (chat(json!({"top_p": 1.1})), "top_p"),
        (chat(json!({"top_k": -2})), "top_k"),
        (chat(json!({"min_p": 2})), "min_p"),
        (chat(json!({"presence_penalty": 2.1})), "presence_penalty"),
        (chat(json!({"frequency_penalty": -2.1})), "frequency_penalty"),
        (chat(json!({"repetition_penalty": 0})), "repetition_penalty"),
        (chat(json!({"repetition_penalty": 1.1, "repeat_penalty": 1.2})), "repeat_penalty"),
        (chat(json!({"n": 0})), "n"),
        (chat(json!({"n": 17})), "n"),
        (chat(json!({"n": 1.5})), "n"),
        (chat(json!({"n": 2, "n_cmpl": 3})), "n_cmpl"),
        (chat(json!({"repeat_last_n": -2})), "repeat_last_n"),
        (chat(json!({"n_probs": 21})), "n_probs"),
        (chat(json!({"n_probs": 3, "logprobs": true, "top_logprobs": 2})), "n_probs"),
        (chat(json!({"stop": "a", "stop_sequences": ["b"]})), "stop_sequences"),
        (chat(json!({"max_tokens": 0})), "max_tokens"),
        (chat(json!({"max_tokens": 1, "max_completion_tokens": 2})), "max_tokens"),
        (chat(json!({"n_predict": 7})), "n_predict"),
        (chat(json!({"min_tokens": 2})), "min_tokens"),
        (chat(json!({"seed": 1.5})), "seed"),
        (chat(json!({"stop": vec!["a"; 17]})), "stop"),
        (chat(json!({"stop": "x".repeat(257)})), "stop"),
        (chat(json!({"stop": ""})), "stop"),
        (chat(json!({"stop": [1]})), "stop"),
        (chat(json!({"stop_token_ids": vec![1; 65]})), "stop_token_ids"),
        (chat(json!({"stop_token_ids": [-1]})), "stop_token_ids"),
        (chat(json!({"stop_token_ids": [4_000_000_000u32]})), "stop_token_ids"),
    ]
}

fn bad_options() -> Vec<(Value, &'static str)> {
    let tool = json!({"type": "function", "function": {"name": "f"}});
    vec![
        (chat(json!({"logit_bias": biases(1025)})), "logit_bias"),
        (chat(json!({"logit_bias": {"word": 1}})), "logit_bias"),
        (chat(json!({"logit_bias": {"1": 101}})), "logit_bias"),
        (chat(json!({"logit_bias": {"1": 1, "01": 2}})), "logit_bias"),
        (chat(json!({"logit_bias": {"999999": 1}})), "logit_bias"),
        (chat(json!({"logprobs": true, "top_logprobs": 21})), "top_logprobs"),
        (chat(json!({"top_logprobs": 2})), "top_logprobs"),
        (chat(json!({"stream": "yes"})), "stream"),
        (chat(json!({"stream_options": {"include_usage": "yes"}})), "stream_options.include_usage"),
        (
            chat(json!({"continue_final_message": true, "add_generation_prompt": true})),
            "continue_final_message",
        ),
        (chat(json!({"cache_salt": ""})), "cache_salt"),
        (chat(json!({"cache_salt": "s".repeat(193)})), "cache_salt"),
        (chat(json!({"priority": 2_147_483_648u32})), "priority"),
        (chat(json!({"tools": [{"type": "web_search"}]})), "tools[0].type"),
        (chat(json!({"tools": [{"type": "function", "function": {}}]})), "tools[0].function.name"),
        (
            chat(json!({"tools": [tool], "tool_choice": {"type": "function", "function": {"name": "g"}}})),
            "tool_choice",
        ),
        (chat(json!({"tools": vec![tool.clone(); 129]})), "tools"),
        (chat(json!({"tool_choice": "required"})), "tool_choice"),
        (chat(json!({"functions": [{"name": "f"}]})), "functions"),
        (chat(json!({"response_format": {"type": "structural_tag"}})), "response_format.type"),
        (chat(json!({"response_format": {"type": "json_schema"}})), "response_format.json_schema"),
        (
            chat(json!({"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}})),
            "response_format.json_schema.schema",
        ),
        (
            chat(
                json!({"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "x"}}}}),
            ),
            "response_format.json_schema.schema",
        ),
        (chat(json!({"guided_choice": ["a"], "guided_regex": "b"})), "guided_choice"),
        (chat(json!({"guided_choice": [1]})), "guided_choice"),
        (chat(json!({"structured_outputs": {}})), "structured_outputs"),
        (chat(json!({"guided_choice": ["time"], "min_tokens": 1})), "min_tokens"),
        (chat(json!({"response_format": {"type": "poem"}})), "response_format.type"),
        (chat(json!({"modalities": ["audio"]})), "modalities"),
        (chat(json!({"chat_template_kwargs": {"messages": []}})), "chat_template_kwargs"),
        (chat(json!({"chat_template": "{{ 1 }}"})), "chat_template"),
        (chat(json!({"reasoning_effort": 3})), "reasoning_effort"),
        (chat(json!({"guided_json": 5})), "guided_json"),
        (chat(json!({"structured_outputs": {"regex": "("}})), "structured_outputs.regex"),
        (chat(json!({"best_of": 2})), "best_of"),
        (chat(json!({"mirostat": 3})), "mirostat"),
        (chat(json!({"xtc_probability": 1.5})), "xtc_probability"),
        (chat(json!({"typical_p": -1})), "typical_p"),
        (chat(json!({"dry_multiplier": 1, "dry_sequence_breakers": vec!["a"; 17]})), "dry_sequence_breakers"),
        (chat(json!({"dry_multiplier": 1, "dry_sequence_breakers": [""]})), "dry_sequence_breakers"),
        (chat(json!({"samplers": [1]})), "samplers"),
        (chat(json!({"grammar": "root ::= \"a"})), "grammar"),
        (chat(json!({"model": "x".repeat(257)})), "model"),
    ]
}

#[test]
fn every_chat_field_out_of_range_is_a_400_that_names_it() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let cases = [bad_messages(), bad_sampling(), bad_options()].concat();
    for (body, param) in &cases {
        check(&mut client, CHAT, body, 400, param);
    }
    check(&mut client, CHAT, &chat(json!({"model": "nothing"})), 404, "model");
    assert_eq!(world.engine.stats().requests_total, 0, "nothing of this reached the engine");
}

#[test]
fn every_completion_field_out_of_range_is_a_400_that_names_it() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let cases = [
        (json!({}), "prompt"),
        (json!({"prompt": []}), "prompt"),
        (json!({"prompt": [[]]}), "prompt"),
        (json!({"prompt": ""}), "prompt"),
        (json!({"prompt": [-1]}), "prompt"),
        (json!({"prompt": [1.5]}), "prompt"),
        (json!({"prompt": [4_000_000_000u32]}), "prompt"),
        (json!({"prompt": ["a", 1]}), "prompt"),
        (json!({"prompt": 5}), "prompt"),
        (json!({"prompt": vec!["a"; 17]}), "prompt"),
        (json!({"prompt": ["a", "b"], "n": 9}), "prompt"),
        (completion(json!({"logprobs": 21})), "logprobs"),
        (completion(json!({"max_tokens": 0})), "max_tokens"),
        (completion(json!({"suffix": "end", "echo": true})), "suffix"),
        (completion(json!({"prompt": vec![1; 9000]})), "prompt"),
        (completion(json!({"prompt": "word ".repeat(20_000)})), "prompt"),
    ];
    for (body, param) in &cases {
        check(&mut client, COMPLETIONS, body, 400, param);
    }
    let long = client.post(COMPLETIONS, &completion(json!({"prompt": vec![1; 9000]})));
    assert_eq!(long.error_code(), "context_length_exceeded");
    assert!(long.text().contains("9000") && long.text().contains("8192"), "{}", long.text());
}

#[test]
fn the_largest_values_are_taken() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let bodies = [
        json!({"n": 16, "temperature": 100, "top_p": 1, "min_p": 1, "seed": 1}),
        json!({"stop": vec!["x".repeat(256); 16], "top_k": 2_147_483_647, "top_p": 0}),
        json!({"logit_bias": biases(256), "presence_penalty": -2, "frequency_penalty": 2}),
        json!({"logprobs": true, "top_logprobs": 20, "repetition_penalty": 100}),
        json!({"max_tokens": null, "n_predict": 1, "seed": -1, "priority": -2_147_483_647}),
        json!({"cache_salt": "s".repeat(192), "stop_token_ids": vec![1; 64], "ignore_eos": true}),
        json!({"temperature": 1e-300, "chat_template_kwargs": {"enable_thinking": false}}),
        json!({"max_tokens": 1.0, "n": 1e0, "top_k": 4.0, "repeat_last_n": -1, "skip_special_tokens": false}),
        json!({"best_of": 2, "n": 2}),
        json!({"temperature": null, "n": null, "stop": null, "logit_bias": null, "stream_options": null}),
    ];
    for extra in bodies {
        let reply = client.post(CHAT, &chat(extra.clone()));
        assert_eq!(reply.status, 200, "{extra}: {}", reply.text());
    }
    let many = json!({"messages": vec![json!({"role": "user", "content": "a"}); 4096], "max_tokens": 1});
    let reply = client.post(CHAT, &many);
    // 4096 messages are read; they do not fit this model.
    assert_eq!(reply.error_param().as_deref(), Some("messages"));
    assert_eq!(
        (reply.status, reply.error_code().as_str()),
        (400, "context_length_exceeded"),
        "{}",
        reply.text()
    );
}

#[test]
fn fields_that_only_inform_or_tune_are_never_fatal() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let harmless = json!({
        "reasoning_effort": "none", "store": true, "verbosity": "low", "metadata": {"a": "b"}, "user": "me",
        "service_tier": "flex", "prediction": {"type": "content", "content": "a"}, "timings_per_token": true,
        "return_progress": true, "return_tokens": true, "t_max_prompt_ms": 100, "id_slot": 3, "n_keep": 5,
        "samplers": ["top_k", "temperature"], "response_fields": ["content"], "prompt_cache_key": "x",
        "safety_identifier": "y", "guided_decoding_backend": "auto", "grammar_lazy": true, "custom_params": {},
        "stream_options": {"include_usage": true, "continuous_usage_stats": true}, "max_tokens": 3,
        "top_n_sigma": 0, "t_max_predict_ms": -1, "documents": [], "response_format": {"type": "text"}});
    for name in harmless.as_object().expect("an object").keys() {
        let body = chat(json!({name: harmless[name]}));
        let reply = client.post(CHAT, &body);
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
        let reply = client.post(COMPLETIONS, &completion(json!({name: harmless[name]})));
        assert_eq!(reply.status, 200, "{name} of a completion: {}", reply.text());
    }
    let reply = client.post(
        CHAT,
        &chat(json!({"store": true, "samplers": ["top_k", "infill"], "reasoning_effort": "low"})),
    );
    let named = reply.header("x-gollum-ignored");
    assert_eq!(named, Some("samplers.infill, store"), "what has no effect is named");
}

#[test]
fn minus_one_is_up_to_the_context() {
    let mut setup = Setup::default();
    setup.engine.max_model_len = 64;
    let world = World::start(setup);
    let mut client = world.client();
    for name in ["max_tokens", "max_completion_tokens", "n_predict"] {
        for (path, prompt) in [
            (CHAT, json!({"messages": [{"role": "user", "content": "time"}]})),
            (COMPLETIONS, json!({"prompt": "time"})),
        ] {
            let value = client.post(path, &joined(prompt, json!({name: -1}))).json();
            assert_eq!(value["usage"]["total_tokens"], 64, "{name}: {value}");
        }
    }
}

#[test]
fn aliases_are_honoured() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut of = |extra: Value| {
        let body = joined(json!({"prompt": "time", "max_tokens": 30, "temperature": 0}), extra);
        client.post(COMPLETIONS, &body).json()["choices"].clone()
    };
    let plain = of(json!({}));
    let text = plain[0]["text"].as_str().expect("text");
    let stop = text.split(' ').nth(5).expect("a word");
    for stopped in [of(json!({"stop_sequences": [stop]})), of(json!({"stop_sequences": stop}))] {
        assert_eq!(stopped, of(json!({"stop": [stop]})));
        assert_eq!(stopped[0]["finish_reason"], "stop");
    }
    assert_eq!(of(json!({"n_probs": 3})), of(json!({"logprobs": 3})));
    assert_eq!(of(json!({"n_probs": 0})), plain);
    assert_eq!(of(json!({"n_cmpl": 2})), of(json!({"n": 2})));
    let penalised = |window: i64| json!({"repetition_penalty": 100, "repeat_last_n": window});
    assert_eq!(of(penalised(0)), plain, "no token is looked at");
    assert_eq!(of(penalised(-1)), of(json!({"repetition_penalty": 100})), "all tokens are");
    let chat = json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 2, "n_probs": 4});
    let value = world.client().post(CHAT, &chat).json();
    let content = value["choices"][0]["logprobs"]["content"].as_array().expect("a list").clone();
    assert!(content.iter().all(|entry| entry["top_logprobs"].as_array().map(Vec::len) == Some(4)), "{value}");
}

#[test]
fn errors_tell_the_real_cause() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let mut check = |fields: &str, expected: &str| {
        let body = format!("{{\"max_tokens\":1,{fields}}}");
        let reply = client.request("POST", COMPLETIONS, &[], body.as_bytes());
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        let message = reply.json()["error"]["message"].as_str().expect("text").to_owned();
        assert!(message.contains(expected), "{body}: {message}");
        assert!(!message.contains("a string, not a string") && !message.contains("integer, not an integer"));
    };
    check(r#""prompt":"a\ud800""#, "`prompt` has an escape that is half of a pair");
    check(r#""prompt":"\udc00b""#, "`prompt` has an escape that is half of a pair");
    check(r#""prompt":["\ud83d\u0041"]"#, "`prompt` has an escape that is half of a pair");
    check(r#""prompt":"a","seed":1e999"#, "`seed` must be between -9223372036854775808 and");
    check(r#""prompt":"a","n":9223372036854775808"#, "`n` must be between 1 and 16, not 9223372036854775808");
    check(r#""prompt":"a","n":1.5"#, "`n` must be an integer, not 1.5");
    check(r#""prompt":"a","n":"1""#, "`n` must be an integer, not a string");
    check(r#""prompt":"a","temperature":1e999"#, "`temperature` must be between 0 and 100, not 1e999");
    check(r#""prompt":"a","temperature":[1]"#, "`temperature` must be a number, not a list");
    check(r#""prompt":"a","logit_bias":{"1":1e999}"#, "must be between -100 and 100, not 1e999");
    check(r#""prompt":[1,-1]"#, "`prompt` must be between 0 and 4294967295, not -1");
    check(r#""prompt":[1,1.5]"#, "`prompt` must be an integer, not 1.5");
    check(
        r#""prompt":"a","stop_token_ids":[4294967296]"#,
        "must be between 0 and 4294967295, not 4294967296",
    );
    check(r#""prompt":"a","stop":["\ud800"]"#, "`stop` has an escape that is half of a pair");
    let marked = "\u{feff}{\"prompt\":[72.0],\"max_tokens\":1}";
    assert_eq!(client.request("POST", COMPLETIONS, &[], marked.as_bytes()).status, 200, "a byte order mark");
}

#[test]
fn bodies_that_are_no_json_objects_are_400() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let deep = format!("{{\"messages\":{}1{}}}", "[".repeat(70), "]".repeat(70));
    let many: String = (0..300).map(|i| format!("\"k{i}\":1,")).collect();
    let bodies: [&[u8]; 10] = [
        b"x",
        b"[]",
        b"null",
        b"{\"messages\":",
        b"{} {}",
        b"{\"n\":1,\"n\":2}",
        b"{\"a\":\"\xff\"}",
        b"{\"n\":1e999,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
        deep.as_bytes(),
        &format!("{{{many}\"z\":1}}").into_bytes(),
    ];
    for body in bodies {
        let reply = client.request("POST", CHAT, &[], body);
        assert_eq!(reply.status, 400, "{}: {}", String::from_utf8_lossy(body), reply.text());
        reply.error_param();
    }
    assert_eq!(client.request("POST", CHAT, &[("content-length", "0")], b"").status, 400);
}

#[test]
fn half_a_million_stop_strings_cost_little() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = chat(json!({"stop": vec!["abcd"; 500_000]})).to_string();
    client.send("POST", CHAT, &[], body.as_bytes());
    let start = Instant::now();
    let reply = client.reply();
    assert_eq!((reply.status, reply.error_param().as_deref()), (400, Some("stop")));
    assert!(start.elapsed() < Duration::from_millis(250), "{:?}", start.elapsed());
    println!("500,000 stop strings ({} bytes) are refused in {:?}", body.len(), start.elapsed());
}

#[test]
fn paths_and_methods_that_are_not_ours() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for path in ["/v1", "/v1/", "/v1/chat", "/version", "/v1/models/a/b", "//healthy", "/v2/models"] {
        let reply = client.get(path);
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
        reply.error_param();
    }
    assert_eq!(client.get("/v1/models/nothing").error_code(), "model_not_found");
    for (method, path) in [("GET", CHAT), ("DELETE", "/v1/models"), ("POST", "/health"), ("OPTIONS", CHAT)] {
        let reply = client.request(method, path, &[], b"");
        assert_eq!(reply.status, 405, "{method} {path}");
        assert!(reply.header("allow").is_some(), "{method} {path}: {reply:?}");
        assert!(reply.header("access-control-allow-origin").is_none());
        reply.error_param();
    }
}

#[test]
fn bodies_beyond_the_limit_are_413_and_encoded_ones_415() {
    let server = ServerConfig { max_body_bytes: 100_000, ..ServerConfig::default() };
    let world = World::start(Setup { server, ..Setup::default() });
    let large = completion(json!({"x": "y".repeat(200_000)})).to_string();
    let reply = world.client().request("POST", COMPLETIONS, &[], large.as_bytes());
    assert_eq!((reply.status, reply.error_code().as_str()), (413, "body_too_large"));
    // Without a length, by chunks.
    let mut client = world.client();
    client.send("POST", COMPLETIONS, &[("transfer-encoding", "chunked")], b"");
    for _ in 0..4 {
        client
            .socket
            .write_all(format!("{:x}\r\n{}\r\n", 50_000, "y".repeat(50_000)).as_bytes())
            .expect("sent");
    }
    client.socket.write_all(b"0\r\n\r\n").expect("sent");
    assert_eq!(client.reply().status, 413);
    let zipped = world.client().request("POST", COMPLETIONS, &[("content-encoding", "gzip")], b"{}");
    assert_eq!(zipped.status, 415);
    assert_eq!(world.client().get("/livez").status, 200);
}

#[test]
fn a_full_queue_is_429_with_retry_after() {
    let mut setup = Setup::default().slow(Duration::from_millis(20));
    setup.engine.max_num_seqs = 1;
    setup.engine.max_waiting_requests = 2;
    let world = World::start(setup);
    let body = completion(json!({"max_tokens": 2000, "stream": true}));
    let mut streams = Vec::new();
    let reply = loop {
        let mut client = world.client();
        client.send("POST", COMPLETIONS, &[], body.to_string().as_bytes());
        let (status, headers) = client.head();
        if status != 200 {
            break (status, headers);
        }
        streams.push(client);
        assert!(streams.len() < 10, "no end of the queue");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(reply.0, 429);
    let retry = reply.1.iter().find(|(name, _)| name == "retry-after").expect("retry-after");
    assert!((1..=60).contains(&retry.1.parse::<u32>().expect("seconds")), "{retry:?}");
    assert_eq!(streams.len(), 3, "one runs, two wait");
    drop(streams);
    world.wait_idle();
}

#[test]
fn models_that_cannot_answer_are_503_500_and_404() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for (model, status, code) in [
        ("busy", 503, "model_loading"),
        ("broken", 500, "model_load_failed"),
        ("../etc/passwd", 404, "model_not_found"),
    ] {
        let reply = client.post(CHAT, &chat(json!({"model": model})));
        assert_eq!((reply.status, reply.error_code().as_str()), (status, code));
        assert_eq!(reply.header("retry-after").is_some(), status == 503);
    }
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let server = ServerConfig { body_timeout: Duration::from_millis(200), ..ServerConfig::default() };
    let world = World::start(Setup { server, ..Setup::default() });
    let mut client = world.client();
    client.send("POST", CHAT, &[("content-length", "100")], b"");
    assert_eq!(client.reply().status, 408);
    wait_for("nothing in flight", || {
        world.client().get("/metrics").text().contains("gollum_http_generations 0")
    });
}
