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
                        assert_eq!(reply.events().last().map(String::as_str), Some("[DONE]"));
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
