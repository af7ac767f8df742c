//! `/metrics`: the engines' numbers and the server's own, in Prometheus' text format 0.0.4.
//!
//! Each engine number appears under our name (`gollum_*`) and, where vLLM has one for the same thing, under
//! vLLM's, so that its dashboards and the Kubernetes inference gateways read us without a setting. Meanings
//! follow vLLM: `kv_cache_usage_perc` is the share of pages in use by requests (0 to 1; cached pages count
//! as free), the `prefix_cache_*` counters are in tokens.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gollum_core::Fallback;
use gollum_engine::{EngineLimits, EngineStats, HistogramSnapshot};

/// The content type of the page.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One loaded model's numbers at one moment.
pub struct ModelNumbers {
    /// Value of the label `model_name`.
    pub model: String,
    /// The engine's numbers.
    pub stats: EngineStats,
    /// The engine's constants.
    pub limits: EngineLimits,
    /// Seconds since the engine thread was last between two steps.
    pub heartbeat_age_s: f64,
}

/// What the HTTP side counts.
#[derive(Default)]
pub struct Counters {
    /// Answers by route and status. Routes are the table's patterns, so the map stays small.
    answers: Mutex<BTreeMap<(&'static str, u16), u64>>,
    connections_open: Arc<AtomicUsize>,
    /// Connections accepted.
    pub connections: AtomicU64,
    /// Connections beyond the limit, told 503.
    pub connections_refused: AtomicU64,
    /// Times `accept` failed for want of descriptors or memory.
    pub accept_errors: AtomicU64,
    /// Readers that took nothing for too long, and were dropped.
    pub stalled_readers: Arc<AtomicU64>,
    /// Generations whose client went away before the end.
    pub disconnects: AtomicU64,
}

/// An open connection; closing is dropping.
pub struct OpenConnection(Arc<AtomicUsize>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters {
    /// Counts a connection as open until the result is dropped.
    pub fn open_connection(&self) -> OpenConnection {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.connections_open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(&self.connections_open))
    }

    /// Counts one answer.
    pub fn answered(&self, route: &'static str, status: u16) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry((route, status)).or_default() += 1;
    }
}

type Number = fn(&ModelNumbers) -> f64;
type Distribution = fn(&ModelNumbers) -> &HistogramSnapshot;

/// A counter or gauge of each engine. `vllm` is empty where vLLM has no such number.
struct Family {
    kind: &'static str,
    name: &'static str,
    vllm: &'static str,
    help: &'static str,
    value: Number,
}

const fn counter(name: &'static str, vllm: &'static str, help: &'static str, value: Number) -> Family {
    Family { kind: "counter", name, vllm, help, value }
}

const fn gauge(name: &'static str, vllm: &'static str, help: &'static str, value: Number) -> Family {
    Family { kind: "gauge", name, vllm, help, value }
}

fn seconds(us: u64) -> f64 {
    us as f64 * 1e-6
}

fn kv_usage(m: &ModelNumbers) -> f64 {
    m.stats.pages_held as f64 / (m.stats.pages_total.max(1)) as f64
}

#[rustfmt::skip] // a table: one line each
const FAMILIES: &[Family] = &[
    gauge("requests_running", "num_requests_running", "Requests in the running batch.", |m| m.stats.requests_running as f64),
    gauge("requests_waiting", "num_requests_waiting", "Requests waiting, submitted or preempted.", |m| m.stats.requests_waiting as f64),
    gauge("waiting_tokens", "", "Prompt tokens of waiting requests.", |m| m.stats.waiting_tokens as f64),
    gauge("kv_cache_usage", "kv_cache_usage_perc", "Share of KV pages held by requests, 0 to 1.", kv_usage),
    gauge("", "gpu_cache_usage_perc", "Older name of vllm:kv_cache_usage_perc.", kv_usage),
    gauge("kv_pages_free", "", "KV pages that hold nothing.", |m| m.stats.pages_free as f64),
    gauge("kv_pages_held", "", "KV pages in block tables.", |m| m.stats.pages_held as f64),
    gauge("kv_pages_cached", "", "KV pages in the prefix tree alone, evictable.", |m| m.stats.pages_cached as f64),
    gauge("kv_pages", "", "KV pages of the pool.", |m| m.stats.pages_total as f64),
    gauge("kv_bytes", "", "Bytes of the KV pool.", |m| (m.limits.kv_pages * m.limits.page_bytes) as f64),
    gauge("kv_window_pages_free", "", "KV pages of the window group that hold nothing.", |m| m.stats.window_pages_free as f64),
    gauge("kv_window_pages_held", "", "KV pages of the window group that running requests see.", |m| m.stats.window_pages_held as f64),
    gauge("kv_window_pages_cached", "", "KV pages of the window group in the prefix tree alone, evictable.", |m| m.stats.window_pages_cached as f64),
    gauge("kv_window_pages", "", "KV pages of the window group; 0 for models without.", |m| m.stats.window_pages_total as f64),
    gauge("kv_window_bytes", "", "Bytes of the window group's pool.", |m| (m.limits.window_pages * m.limits.window_page_bytes) as f64),
    counter("kv_window_page_allocs_total", "", "KV pages of the window group allocated.", |m| m.stats.window_page_allocs_total as f64),
    counter("kv_window_page_evictions_total", "", "Cached KV pages of the window group given up for others.", |m| m.stats.window_page_evictions_total as f64),
    counter("embeddings_total", "", "Inputs embedded, or scored.", |m| m.stats.embeddings_total as f64),
    gauge("recurrent_states", "", "Recurrent states of the pool; 0 for models without.", |m| m.stats.states_total as f64),
    gauge("recurrent_states_held", "", "Recurrent states of running sequences.", |m| m.stats.states_held as f64),
    gauge("recurrent_states_cached", "", "Snapshots of recurrent states.", |m| m.stats.states_cached as f64),
    gauge("recurrent_state_bytes", "", "Bytes of the pool of recurrent states.", |m| (m.limits.state_slots * m.limits.state_bytes) as f64),
    counter("recurrent_state_saves_total", "", "Snapshots taken.", |m| m.stats.state_saves_total as f64),
    counter("recurrent_state_loads_total", "", "Sequences that went on from a snapshot.", |m| m.stats.state_loads_total as f64),
    counter("recurrent_state_evictions_total", "", "Snapshots given up for others.", |m| m.stats.state_evictions_total as f64),
    gauge("prefix_tree_nodes", "", "Nodes of the prefix tree.", |m| m.stats.prefix_tree_nodes as f64),
    counter("kv_page_allocs_total", "", "KV pages allocated.", |m| m.stats.page_allocs_total as f64),
    counter("kv_page_pins_total", "", "Times a KV page gained a holder.", |m| m.stats.page_pins_total as f64),
    counter("kv_page_unpins_total", "", "Times a KV page lost a holder.", |m| m.stats.page_unpins_total as f64),
    counter("kv_page_evictions_total", "", "Cached KV pages given up for others.", |m| m.stats.page_evictions_total as f64),
    counter("kv_page_copies_total", "", "Tail pages copied for a match inside a page.", |m| m.stats.page_copies_total as f64),
    counter("kv_page_joins_total", "", "Equal pages computed twice and joined.", |m| m.stats.page_joins_total as f64),
    counter("preemptions_total", "num_preemptions_total", "Requests whose pages were taken, to be resumed.", |m| m.stats.preemptions_total as f64),
    counter("prefix_cache_query_tokens_total", "prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", |m| m.stats.prefix_cache_query_tokens_total as f64),
    counter("prefix_cache_hit_tokens_total", "prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", |m| m.stats.prefix_cache_hit_tokens_total as f64),
    counter("prefix_cache_known_tokens_total", "", "Prompt tokens that the prefix cache knew: more than found where a snapshot or window pages were gone.", |m| m.stats.prefix_cache_known_tokens_total as f64),
    counter("prefix_cache_hits_total", "", "Requests of which the prefix cache had at least one token.", |m| m.stats.prefix_cache_hits_total as f64),
    counter("prefix_cache_misses_total", "", "Requests of which the prefix cache had nothing.", |m| m.stats.prefix_cache_misses_total as f64),
    counter("prefix_followers_total", "", "Requests that waited for a prefix another one was computing.", |m| m.stats.prefix_followers_total as f64),
    counter("prompt_cache_queries_total", "", "Deterministic requests looked up in the prompt cache.", |m| m.stats.prompt_cache_queries_total as f64),
    counter("prompt_cache_hits_total", "", "Requests answered from the prompt cache.", |m| m.stats.prompt_cache_hits_total as f64),
    counter("prompt_cache_hit_tokens_total", "", "Answer tokens replayed from the prompt cache.", |m| m.stats.prompt_cache_hit_tokens_total as f64),
    counter("prompt_cache_stores_total", "", "Answers stored in the prompt cache.", |m| m.stats.prompt_cache_stores_total as f64),
    counter("prompt_cache_evictions_total", "", "Stored answers given up for others.", |m| m.stats.prompt_cache_evictions_total as f64),
    gauge("prompt_cache_entries", "", "Answers in the prompt cache.", |m| m.stats.prompt_cache_entries as f64),
    gauge("prompt_cache_bytes", "", "Bytes in the prompt cache.", |m| m.stats.prompt_cache_bytes as f64),
    counter("requests_total", "", "Requests accepted.", |m| m.stats.requests_total as f64),
    counter("requests_failed_total", "", "Requests that failed.", |m| m.stats.failed_total as f64),
    counter("requests_failed_numeric_total", "", "Requests that failed on logits that are not finite.", |m| m.stats.failed_numeric_total as f64),
    counter("prompt_tokens_total", "prompt_tokens_total", "Prompt tokens, cached ones included.", |m| m.stats.prompt_tokens_total as f64),
    counter("prompt_tokens_cached_total", "prompt_tokens_cached_total", "Prompt tokens found in a cache.", |m| m.stats.prompt_tokens_cached_total as f64),
    counter("prefill_rows_total", "", "Prompt rows computed, after preemption again.", |m| m.stats.prefill_rows_total as f64),
    counter("generation_tokens_total", "generation_tokens_total", "Tokens generated.", |m| m.stats.generation_tokens_total as f64),
    counter("forced_tokens_total", "", "Of these, tokens that a grammar left no choice about and that took no step.", |m| m.stats.forced_tokens_total as f64),
    counter("best_rows_total", "", "Tokens chosen from the best of their logits, found on the device.", |m| m.stats.best_rows_total as f64),
    counter("steps_total", "", "Engine steps.", |m| m.stats.steps_total as f64),
    counter("forward_seconds_total", "", "Time inside the model.", |m| seconds(m.stats.forward_us_total)),
    counter("sample_seconds_total", "", "Time of choosing tokens.", |m| seconds(m.stats.sample_us_total)),
    counter("schedule_seconds_total", "", "Time of scheduling.", |m| seconds(m.stats.schedule_us_total)),
    gauge("last_step_at_seconds", "", "End of the last step, since the engine's start.", |m| seconds(m.stats.last_step_at_us)),
    gauge("engine_heartbeat_age_seconds", "", "Time since the engine was last between two steps.", |m| m.heartbeat_age_s),
    gauge("engine_draining", "", "1 while new requests are refused.", |m| m.stats.draining as f64),
    gauge("engine_stopped", "", "1 once the engine has stopped.", |m| m.stats.stopped as f64),
];

/// Counters that carry one more label.
struct Labelled {
    name: &'static str,
    vllm: &'static str,
    help: &'static str,
    label: &'static str,
    values: &'static [(&'static str, Number)],
}

const LABELLED: &[Labelled] = &[
    Labelled {
        name: "requests_finished_total",
        vllm: "request_success_total",
        help: "Requests that ended well, by reason.",
        label: "finished_reason",
        values: &[
            ("stop", |m| m.stats.finished_stop_total as f64),
            ("length", |m| m.stats.finished_length_total as f64),
            ("abort", |m| m.stats.finished_aborted_total as f64),
        ],
    },
    Labelled {
        name: "requests_refused_total",
        vllm: "",
        help: "Requests not accepted, by reason.",
        label: "reason",
        values: &[
            ("queue_full", |m| m.stats.requests_refused_full_total as f64),
            ("other", |m| m.stats.requests_refused_other_total as f64),
        ],
    },
];

#[rustfmt::skip] // a table: one line each
const HISTOGRAMS: &[(&str, &[&str], &str, Distribution)] = &[
    ("time_to_first_token_seconds", &["time_to_first_token_seconds"], "Submit to first token.", |m| &m.stats.time_to_first_token_s),
    ("inter_token_latency_seconds", &["inter_token_latency_seconds", "time_per_output_token_seconds"], "Between two tokens of a stream.", |m| &m.stats.inter_token_s),
    ("e2e_request_latency_seconds", &["e2e_request_latency_seconds"], "Submit to end.", |m| &m.stats.e2e_s),
    ("request_queue_time_seconds", &["request_queue_time_seconds"], "Submit to first admission.", |m| &m.stats.queue_time_s),
    ("request_prefill_time_seconds", &["request_prefill_time_seconds"], "First admission to first token.", |m| &m.stats.prefill_time_s),
    ("request_decode_time_seconds", &["request_decode_time_seconds"], "First token to end.", |m| &m.stats.decode_time_s),
    ("request_inference_time_seconds", &["request_inference_time_seconds"], "First admission to end.", |m| &m.stats.inference_time_s),
    ("request_prompt_tokens", &["request_prompt_tokens"], "Prompt tokens of a request.", |m| &m.stats.request_prompt_tokens),
    ("request_generation_tokens", &["request_generation_tokens"], "Answer tokens of a request.", |m| &m.stats.request_generation_tokens),
    ("request_max_tokens", &["request_max_num_generation_tokens", "request_params_max_tokens"], "max_tokens of a request, after capping.", |m| &m.stats.request_max_tokens),
    ("step_tokens", &["iteration_tokens_total"], "Rows of one engine step.", |m| &m.stats.step_tokens),
    ("batch_size", &[], "Sequences of one engine step.", |m| &m.stats.step_sequences),
];

/// The whole page.
pub fn render(models: &[ModelNumbers], http: &Counters, generations: usize) -> String {
    let mut page = Page { text: String::with_capacity(16 << 10) };
    for family in FAMILIES {
        for name in full_names(family.name, &[family.vllm]) {
            page.head(&name, family.kind, family.help);
            for m in models {
                page.sample(&name, &labels(&name, m), (family.value)(m));
            }
        }
    }
    for family in LABELLED {
        for name in full_names(family.name, &[family.vllm]) {
            page.head(&name, "counter", family.help);
            for m in models {
                for (value, number) in family.values {
                    let labels = format!("{},{}=\"{value}\"", labels(&name, m), family.label);
                    page.sample(&name, &labels, number(m));
                }
            }
        }
    }
    page.fallbacks(models);
    for (name, vllm, help, distribution) in HISTOGRAMS {
        for name in full_names(name, vllm) {
            page.head(&name, "histogram", help);
            for m in models {
                page.histogram(&name, &labels(&name, m), distribution(m));
            }
        }
    }
    page.head("vllm:cache_config_info", "gauge", "KV pages as vLLM names them.");
    for m in models {
        let labels = format!(
            "{},block_size=\"{}\",num_gpu_blocks=\"{}\",enable_prefix_caching=\"{}\"",
            labels("vllm:", m),
            m.limits.page_tokens,
            m.limits.kv_pages,
            if m.limits.prefix_cache { "True" } else { "False" },
        );
        page.sample("vllm:cache_config_info", &labels, 1.0);
    }
    page.http(http, generations);
    page.text
}

fn full_names(ours: &str, vllm: &[&str]) -> Vec<String> {
    let ours = (!ours.is_empty()).then(|| format!("gollum_{ours}"));
    ours.into_iter()
        .chain(vllm.iter().filter(|name| !name.is_empty()).map(|name| format!("vllm:{name}")))
        .collect()
}

fn labels(name: &str, m: &ModelNumbers) -> String {
    let model = m.model.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    // vLLM numbers its engines; dashboards group by it.
    let engine = if name.starts_with("vllm:") { ",engine=\"0\"" } else { "" };
    format!("model_name=\"{model}\"{engine}")
}

struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{line}").expect("writing to a string cannot fail");
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &str, value: f64) {
        match labels {
            "" => self.line(format_args!("{name} {value}")),
            _ => self.line(format_args!("{name}{{{labels}}} {value}")),
        }
    }

    fn histogram(&mut self, name: &str, labels: &str, histogram: &HistogramSnapshot) {
        let mut below = 0;
        for (bound, count) in histogram.bounds.iter().zip(&histogram.counts) {
            below += count;
            self.line(format_args!("{name}_bucket{{{labels},le=\"{bound:?}\"}} {below}"));
        }
        self.line(format_args!("{name}_bucket{{{labels},le=\"+Inf\"}} {}", histogram.count));
        self.line(format_args!("{name}_sum{{{labels}}} {}", histogram.sum));
        self.line(format_args!("{name}_count{{{labels}}} {}", histogram.count));
    }

    fn fallbacks(&mut self, models: &[ModelNumbers]) {
        let name = "gollum_op_fallback_total";
        // No family without a sample: a CPU has nothing slower to leave work to.
        if models.iter().all(|m| m.stats.fallbacks.is_empty()) {
            return;
        }
        self.head(name, "counter", "Runs of operations that the backend leaves to something slower.");
        for m in models {
            for Fallback { op, backend, runs } in &m.stats.fallbacks {
                let labels = format!("{},op=\"{op}\",backend=\"{backend}\"", labels(name, m));
                self.sample(name, &labels, *runs as f64);
            }
        }
    }

    fn http(&mut self, http: &Counters, generations: usize) {
        self.head("gollum_http_requests_total", "counter", "HTTP answers by route and status.");
        let answers = http.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for ((route, status), count) in answers {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            self.sample("gollum_http_requests_total", &labels, count as f64);
        }
        let open = http.connections_open.load(Ordering::Relaxed) as f64;
        for (name, help, value) in [
            ("gollum_http_open_connections", "Connections open.", open),
            ("gollum_http_generations", "Generations in progress.", generations as f64),
        ] {
            self.head(name, "gauge", help);
            self.sample(name, "", value);
        }
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
        for (name, help, value) in [
            ("gollum_http_connections_total", "Connections accepted.", load(&http.connections)),
            (
                "gollum_http_connections_refused_total",
                "Connections refused.",
                load(&http.connections_refused),
            ),
            (
                "gollum_http_accept_errors_total",
                "Times accept failed on our side.",
                load(&http.accept_errors),
            ),
            ("gollum_http_stalled_readers_total", "Readers dropped.", load(&http.stalled_readers)),
            ("gollum_http_disconnects_total", "Clients gone before the end.", load(&http.disconnects)),
        ] {
            self.head(name, "counter", help);
            self.sample(name, "", value);
        }
    }
}
