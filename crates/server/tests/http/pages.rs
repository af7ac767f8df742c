//! Pages about the server: probes, models, metrics, loads, the KV picture, the chat page.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gollum_backend_toy::{Fault, FaultKind, ToyRunner};
use gollum_core::{Batch, Fallbacks, Logits, ModelRunner, ModelSpec, RunnerError};
use serde_json::json;

use crate::world::{Setup, World, wait_for};

#[test]
fn models_are_listed_and_found() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let list = client.get("/v1/models").json();
    assert_eq!((&list["object"], &list["data"][0]["id"]), (&json!("list"), &json!("toy-1")));
    assert_eq!(client.get("/v1/models/toy-1").json(), list["data"][0]);
    assert_eq!(
        list["data"][0]["default_sampling"]["temperature"],
        json!(0.0),
        "the defaults in force are told"
    );
    for id in ["org/name", "org/name:Q4_K_M", "a/b/c"] {
        let reply = client.get(&format!("/v1/models/{id}"));
        assert_eq!(reply.error_code(), "model_not_found", "{id}: ids may hold slashes");
    }
    assert_eq!(list["data"][0]["max_model_len"], 8192);
}

#[test]
fn tokens_go_there_and_back() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for text in ["Hello water", "naïve 😀\n", ""] {
        let value = client.post("/tokenize", &json!({"prompt": text, "return_token_strs": true})).json();
        let ids = value["tokens"].as_array().expect("ids").clone();
        assert_eq!(value["count"], ids.len());
        assert_eq!(value["token_strs"].as_array().map(Vec::len), Some(ids.len()));
        assert_eq!(client.post("/detokenize", &json!({"tokens": ids})).json()["prompt"], text);
    }
    let pieces = client.post("/tokenize", &json!({"content": "Hello water", "with_pieces": true})).json();
    assert_eq!(pieces["tokens"].as_array().expect("pieces").last().expect("one")["piece"], " water");
    let chat = client.post("/tokenize", &json!({"messages": [{"role": "user", "content": "time"}]})).json();
    assert!(chat["count"].as_u64().is_some_and(|count| count >= 4), "{chat}");
    let outside = client.post("/detokenize", &json!({"tokens": [99_999]}));
    assert_eq!((outside.status, outside.error_param().as_deref()), (400, Some("tokens")));
    assert_eq!(client.post("/tokenize", &json!({})).error_param().as_deref(), Some("prompt"));
}

#[test]
fn metrics_have_both_families_and_count() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    client.post("/v1/completions", &json!({"prompt": "time", "max_tokens": 5}));
    let reply = client.get("/metrics");
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let mut types: HashMap<&str, &str> = HashMap::new();
    let mut values: HashMap<&str, f64> = HashMap::new();
    for line in reply.text().lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a kind");
            assert!(types.insert(name, kind).is_none(), "{name} twice");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            let name = series.split('{').next().expect("a name");
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let known = types.contains_key(name) || family.is_some_and(|name| types[name] == "histogram");
            assert!(known, "{series} has no type");
            assert!(values.insert(series, value.parse().expect("a number")).is_none(), "{series} twice");
        }
    }
    let ours = "{model_name=\"toy-1\"}";
    let theirs = "{model_name=\"toy-1\",engine=\"0\"}";
    assert_eq!(values[format!("gollum_generation_tokens_total{ours}").as_str()], 5.0);
    assert_eq!(values[format!("vllm:generation_tokens_total{theirs}").as_str()], 5.0);
    for name in ["num_requests_running", "num_requests_waiting", "kv_cache_usage_perc"] {
        assert_eq!(types[format!("vllm:{name}").as_str()], "gauge");
        assert!(values.contains_key(format!("vllm:{name}{theirs}").as_str()), "{name}");
    }
    assert_eq!(values[format!("vllm:time_to_first_token_seconds_count{theirs}").as_str()], 1.0);
    assert_eq!(values["gollum_http_requests_total{route=\"/v1/completions\",status=\"200\"}"], 1.0);
    let finished = "vllm:request_success_total{model_name=\"toy-1\",engine=\"0\",finished_reason=\"length\"}";
    assert_eq!(values[finished], 1.0);
}

/// A toy that has no kernel for one of its two operations.
struct Lacking(ToyRunner, Arc<Fallbacks>);

impl ModelRunner for Lacking {
    fn spec(&self) -> &ModelSpec {
        self.0.spec()
    }

    fn allocate_kv(&mut self, pages: usize, window_pages: usize) -> Result<(), RunnerError> {
        self.0.allocate_kv(pages, window_pages)
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        self.1.count("hash");
        self.0.forward(batch, logits)
    }

    fn fallbacks(&self) -> Option<Arc<Fallbacks>> {
        Some(Arc::clone(&self.1))
    }
}

#[test]
fn metrics_tell_what_the_backend_has_no_kernel_for() {
    let setup = Setup::default();
    let lacks = Arc::new(Fallbacks::new("abacus", &["hash", "sort"]));
    let runner = Box::new(Lacking(ToyRunner::new(setup.toy.clone()), lacks));
    let world = World::with_runner(runner, setup, "toy-1");
    let mut client = world.client();
    client.post("/v1/completions", &json!({"prompt": "time", "max_tokens": 5}));
    let page = client.get("/metrics");
    for (op, runs) in [("hash", 5), ("sort", 0)] {
        let line = format!(
            "gollum_op_fallback_total{{model_name=\"toy-1\",op=\"{op}\",backend=\"abacus\"}} {runs}\n"
        );
        assert!(page.text().contains(&line), "no {line}");
    }
}

#[test]
fn loads_and_the_kv_picture_show_what_is_held() {
    let world = World::start(Setup::default().slow(Duration::from_millis(5)));
    let mut stream = world.client();
    let body = json!({"prompt": "water ".repeat(40), "max_tokens": 4000, "stream": true}).to_string();
    stream.send("POST", "/v1/completions", &[], body.as_bytes());
    stream.head();
    stream.chunk().expect("some text");
    let mut client = world.client();
    let sum = client.get("/v1/loads").json()["aggregate"].clone();
    assert_eq!((&sum["num_running_reqs"], &sum["num_waiting_reqs"]), (&json!(1), &json!(0)));
    assert!(sum["num_used_tokens"].as_u64().is_some_and(|tokens| tokens >= 40), "{sum}");
    let picture = client.get("/debug/kv").json()["models"]["toy-1"].clone();
    assert!(picture["pages"].as_str().is_some_and(|pages| pages.contains('H')), "{picture}");
    assert!(
        picture["tree"][0]["text"].as_str().is_some_and(|text| text.contains("water")),
        "{}",
        picture["tree"]
    );
    assert_eq!(picture["sequences"][0]["phase"], "decode");
}

#[test]
fn probes_tell_a_stalled_engine_from_a_living_one() {
    let mut setup = Setup::default();
    setup.toy.faults = vec![Fault { step: 2, kind: FaultKind::Stall(Duration::from_secs(7)) }];
    let world = World::start(setup);
    for path in ["/livez", "/readyz", "/health"] {
        let reply = world.client().get(path);
        assert_eq!((reply.status, reply.text()), (200, "{\"status\":\"ok\"}"), "{path}");
    }
    let mut stuck = world.client();
    stuck.send("POST", "/v1/completions", &[], b"{\"prompt\":\"time\"}");
    wait_for("/readyz fails", || world.client().get("/readyz").status == 503);
    assert_eq!(world.client().get("/livez").status, 200, "the process lives");
    assert_eq!(stuck.reply().status, 200, "a stall is no failure");
    wait_for("/readyz is back", || world.client().get("/readyz").status == 200);
}

#[test]
fn the_chat_page_is_whole_and_asks_nothing_of_others() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    for path in ["/", "/plain"] {
        let page = client.get(path);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'")
                && !policy.contains("-inline")
                && !policy.contains("-eval"),
            "{policy}"
        );
        for inline in ["<style", "onclick", "onload", " style=", "<script>"] {
            assert!(!page.text().contains(inline), "{path}: inline {inline}");
        }
        for part in page.text().split('"').filter_map(|part| part.strip_prefix("./assets/")) {
            assert_eq!(client.get(&format!("/assets/{part}")).status, 200, "{part}");
        }
    }
    assert_eq!(client.get("/assets/nothing.js").status, 404);
    let page = client.get("/plain");
    for (path, kind) in
        [("/app.js", "text/javascript"), ("/style.css", "text/css"), ("/favicon.svg", "image/svg+xml")]
    {
        assert!(page.text().contains(&format!("\"{}\"", &path[1..])), "the page uses {path}");
        let reply = client.get(path);
        assert!(reply.header("content-type").is_some_and(|found| found.starts_with(kind)), "{path}");
        let text = reply.text().replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another host");
        for risky in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!text.contains(risky), "{path} has {risky}");
        }
    }
    for path in ["/", "/v1/models", "/nowhere", "/livez"] {
        let reply = client.get(path);
        for header in ["x-content-type-options", "x-frame-options", "content-security-policy", "x-request-id"]
        {
            assert!(reply.header(header).is_some(), "{path} without {header}");
        }
    }
}
