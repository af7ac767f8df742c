//! `/openapi.json` is what the server does: each method that it names is served and no other is, and each bound in it is
//! the one that is kept to, at the limit and beyond. Nothing here lists a field for its bound: those come from the document.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::world::{Setup, World};

fn document(world: &World) -> Value {
    world.client().get("/openapi.json").json()
}

#[test]
fn the_methods_of_each_route_are_those_that_are_described() {
    let world = World::start(Setup::default());
    for (path, item) in document(&world)["paths"].as_object().expect("an object") {
        let path = path.replace("{id}", "x");
        for method in ["get", "post", "put", "delete", "patch"] {
            if path == "/debug/pprof/profile" && method == "get" {
                continue;
            }
            // The body is none that any route takes, so nothing is done.
            let reply = world.client().request(&method.to_uppercase(), &path, &[], b"[");
            let is_described = item.get(method).is_some();
            assert_eq!(reply.status != 405, is_described, "{method} {path}: {}", reply.status);
        }
    }
}

#[test]
fn each_form_is_described_by_types_and_by_what_it_requires() {
    let world = World::start(Setup::default());
    let document = document(&world);
    let schema = |path: &str| {
        document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"].clone()
    };
    let chat = schema("/v1/chat/completions");
    assert_eq!(chat["required"], json!(["messages"]));
    let of = |name: &str| chat["properties"][name].clone();
    assert_eq!(of("n"), json!({"type": ["integer", "null"], "minimum": 1, "maximum": 16}));
    assert_eq!(of("top_p"), json!({"type": ["number", "null"], "minimum": 0.0, "maximum": 1.0}));
    assert_eq!(of("reasoning_format")["enum"], json!(["auto", "none", "deepseek", null]));
    assert_eq!(of("prompt_embeds"), json!({"type": "null"}), "refused with any value");
    assert_eq!(of("echo"), json!({"anyOf": [{"enum": [false]}, {"type": "null"}]}));
    assert_eq!(of("messages")["maxItems"], 4096);
    let message = &of("messages")["items"]["properties"];
    assert_eq!(message["role"]["enum"][0], "system");
    assert_eq!(message["content"]["anyOf"][1]["items"]["properties"]["text"]["type"][0], "string");
    assert_eq!(of("stream_options")["properties"]["include_usage"]["type"][0], "boolean");
    assert_eq!(of("logit_bias")["additionalProperties"]["maximum"], 100.0);
    let tool = &of("tools")["items"]["properties"]["function"]["properties"];
    assert_eq!(tool["name"]["maxLength"], 256);
    assert_eq!(schema("/v1/messages")["required"], json!(["max_tokens", "messages"]));
    assert_eq!(schema("/tokenize").get("required"), None, "a text or messages");
}

/// The routes whose bounds are tried.
const ROUTES: &[&str] = &[
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses",
    "/v1/messages",
    "/api/chat",
    "/api/generate",
    "/completion",
    "/infill",
    "/apply-template",
    "/detokenize",
];

/// What a field needs beside it to be taken at the limit `fits`.
fn companions(name: &str, fits: &Value) -> Value {
    match name {
        "top_logprobs" => json!({"logprobs": true}),
        "best_of" => json!({"n": fits.as_u64().unwrap_or(1).max(1), "max_tokens": 1}),
        "min_tokens" => json!({"max_tokens": -1}),
        "thinking.budget_tokens" => json!({"thinking": {"type": "enabled"}}),
        _ => json!({}),
    }
}

/// An entry of a list that the document describes as an object, or not at all.
fn entry(path: &str, name: &str, example: &Value) -> Value {
    match (path, name) {
        ("/v1/messages", "tools") => json!({"name": "f"}),
        ("/v1/responses", "tools") => json!({"type": "function", "name": "f"}),
        (_, "tools") => json!({"type": "function", "function": {"name": "f"}}),
        (_, "input") => json!({"role": "user", "content": "a"}),
        (_, "input_extra") => json!({"text": "a"}),
        (_, "modalities") => json!("text"),
        (_, "system") => json!({"type": "text", "text": "a"}),
        _ => example[name][0].clone(),
    }
}

/// A value at a bound, and one beyond it.
struct Bound {
    fits: Value,
    beyond: Value,
}

fn value_of(schema: &Value) -> Option<Value> {
    let kind = schema["type"].as_str()?;
    Some(match kind {
        "string" => json!("a"),
        "integer" | "number" => json!(1),
        "array" => json!([value_of(&schema["items"])?]),
        _ => return None,
    })
}

fn list_of(count: u64, item: &Value) -> Value {
    (0..count).map(|_| item.clone()).collect()
}

fn map_of(count: u64, value: &Value) -> Value {
    Value::Object((0..count).map(|n| (n.to_string(), value.clone())).collect::<Map<_, _>>())
}

/// The bounds that a schema sets. `item` is an entry of a list of objects.
fn bounds(schema: &Value, item: &Value) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for alternative in schema["anyOf"].as_array().into_iter().flatten() {
        bounds.extend(self::bounds(alternative, item));
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or_default();
    let mut add = |fits: Value, beyond: Value| bounds.push(Bound { fits, beyond });
    let count = |name: &str| schema[name].as_u64();
    match kind {
        "integer" => {
            let (min, max) =
                (schema["minimum"].as_i64().expect("a bound"), schema["maximum"].as_i64().expect("a bound"));
            add(json!(max), json!(max as u64 + 1));
            if min > i64::MIN {
                add(json!(min), json!(min - 1));
            }
        }
        "number" => {
            let (min, max) = (schema["minimum"].as_f64(), schema["maximum"].as_f64().expect("a bound"));
            add(json!(max), json!(max + 1.0));
            min.into_iter().for_each(|min| add(json!(min), json!(min - 1.0)));
        }
        "string" => {
            if let Some(max) = count("maxLength") {
                add(json!("x".repeat(max as usize)), json!("x".repeat(max as usize + 1)));
            }
            if let Some(min) = count("minLength") {
                add(json!("x".repeat(min as usize)), json!("x".repeat(min as usize - 1)));
            }
        }
        "array" => {
            let item = Some(item.clone()).filter(|item| !item.is_null());
            let item = item.or_else(|| value_of(&schema["items"])).unwrap_or(Value::Null);
            if let Some(max) = count("maxItems") {
                add(list_of(max, &item), list_of(max + 1, &item));
            }
            for Bound { fits, beyond } in self::bounds(&schema["items"], &Value::Null) {
                // That an id is in the vocabulary is for the model to say.
                if schema["items"]["type"] == "string" {
                    bounds.push(Bound { fits: json!([fits]), beyond: json!([beyond]) });
                }
            }
        }
        "object" => {
            if let Some(max) = count("maxProperties") {
                let value = value_of(&schema["additionalProperties"]).unwrap_or(json!(1));
                add(map_of(max, &value), map_of(max + 1, &value));
            }
        }
        _ => {}
    }
    bounds
}

/// Each bound of a route's fields, and of those in its objects, by the field's name.
fn bounds_of(path: &str, schema: &Value, example: &Value) -> Vec<(String, Bound)> {
    let mut found = Vec::new();
    for (name, schema) in schema["properties"].as_object().expect("an object") {
        let item = entry(path, name, example);
        found.extend(bounds(schema, &item).into_iter().map(|bound| (name.clone(), bound)));
        let inner = schema["properties"].as_object().into_iter().flatten();
        for (inner, schema) in inner.filter(|_| INNER.contains(&name.as_str())) {
            let named = |bound| (format!("{name}.{inner}"), bound);
            found.extend(bounds(schema, &Value::Null).into_iter().map(named));
        }
    }
    found
}

/// Objects in which one field can stand alone, with its companions.
const INNER: &[&str] = &["options", "thinking", "reasoning", "output_config"];

/// The example with a field and its companions.
fn with(example: &Value, name: &str, value: &Value, companions: &Value) -> Value {
    let mut body = example.clone();
    for (key, value) in companions.as_object().expect("an object") {
        body[key] = value.clone();
    }
    match name.split_once('.') {
        Some((outer, inner)) => body[outer][inner] = value.clone(),
        None => body[name] = value.clone(),
    }
    body
}

/// What a value at its limit may be refused for: other matters than its bound.
const OTHER_MATTERS: &[&str] = &[
    "fit with at least one of answer",
    "outside the vocabulary",
    "cannot be enforced",
    "there is no response",
];

#[test]
fn every_bound_is_kept_to_exactly_and_its_field_named() {
    let mut setup = Setup::default();
    setup.toy.context_len = 512;
    let world = World::start(setup);
    let document = document(&world);
    let (mut wrong, mut took) = (Vec::new(), Vec::new());
    for path in ROUTES {
        let content = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        let mut client = world.client();
        for (name, Bound { fits, beyond }) in bounds_of(path, &content["schema"], &content["example"]) {
            let companions = companions(&name, &fits);
            let mut ask = |value: &Value| {
                let body = with(&content["example"], &name, value, &companions);
                let began = Instant::now();
                let reply = client.post(path, &body);
                let value: String = value.to_string().chars().take(40).collect();
                let said = format!("{path} {name} {value}: {} {}", reply.status, reply.text());
                (reply.status, said, began.elapsed())
            };
            let (status, said, _) = ask(&fits);
            if !matches!(status, 200 | 404) && !OTHER_MATTERS.iter().any(|matter| said.contains(matter)) {
                wrong.push(said);
            }
            let (status, said, time) = ask(&beyond);
            if status != 400 || !said.contains(&format!("`{name}`")) {
                wrong.push(said);
            }
            took.push(time);
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), took.len(), wrong.join("\n"));
    assert!(took.len() > 300, "{} bounds", took.len());
    took.sort();
    let (median, longest): (Duration, Option<&Duration>) = (took[took.len() / 2], took.last());
    println!("{} bounds; a refusal takes {median:?} in the median, {longest:?} at most", took.len());
}
