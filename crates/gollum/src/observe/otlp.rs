//! Spans to an OpenTelemetry collector: OTLP over HTTP, as JSON.
//!
//! ```text
//! event loop -> bounded queue -> this thread: up to BATCH spans, or what came within PATIENCE -> POST /v1/traces
//! ```
//! What finds the queue full, or the collector away, is dropped with a warning, and what waits when the process ends is
//! lost: no request waits for its own trace.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use gollum_server::{Outcome, RequestSpan, SpanSink};
use serde_json::{Value, json};

/// Requests that may wait to be sent.
const QUEUE: usize = 1024;
/// Requests of one message.
const BATCH: usize = 128;
/// Time that a request waits for others.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time for a collector to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Least time between two warnings.
const WARN_EVERY: Duration = Duration::from_secs(60);
/// OTLP's numbers of a server's span and of a part of it.
const KIND_SERVER: u32 = 2;
const KIND_INTERNAL: u32 = 1;
/// OTLP's number of a failure.
const STATUS_ERROR: u32 = 2;

/// Sends spans.
#[derive(Debug)]
pub struct Exporter {
    queue: SyncSender<RequestSpan>,
    /// Of a full queue one warning is enough.
    has_warned: AtomicBool,
}

impl Exporter {
    /// Starts the thread. `endpoint` is the collector's address; the path of traces is added unless it is there.
    /// Errors: an address that is none.
    pub fn start(endpoint: &str) -> anyhow::Result<Self> {
        let url = traces_url(endpoint)?;
        let (queue, spans) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("gollum-otlp".to_owned())
            .spawn(move || send_all(&url, &spans))
            .context("cannot start the thread that sends traces")?;
        Ok(Self { queue, has_warned: AtomicBool::new(false) })
    }
}

impl SpanSink for Exporter {
    fn record(&self, span: RequestSpan) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(span)
            && !self.has_warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("traces are dropped: the collector does not keep up");
        }
    }
}

fn traces_url(endpoint: &str) -> anyhow::Result<String> {
    if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
        bail!("--otlp-endpoint {endpoint}: an http:// or https:// address is needed");
    }
    let base = endpoint.trim_end_matches('/');
    Ok(if base.ends_with("/v1/traces") { base.to_owned() } else { format!("{base}/v1/traces") })
}

fn send_all(url: &str, spans: &Receiver<RequestSpan>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
    let ids = Ids::default();
    let mut warned: Option<Instant> = None;
    while let Ok(first) = spans.recv() {
        let mut batch = vec![first];
        let until = Instant::now() + PATIENCE;
        while batch.len() < BATCH {
            match spans.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(span) => batch.push(span),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        let body = message(&batch, &ids).to_string();
        let sent = agent.post(url).header("content-type", "application/json").send(body);
        if let Err(error) = sent
            && warned.is_none_or(|at| at.elapsed() >= WARN_EVERY)
        {
            tracing::warn!(url, requests = batch.len(), "traces were not taken: {error}");
            warned = Some(Instant::now());
        }
    }
}

/// Ids that nobody else has, by chance.
#[derive(Default)]
struct Ids {
    hasher: RandomState,
    next: AtomicU64,
}

impl Ids {
    fn span(&self) -> u64 {
        self.hasher.hash_one(self.next.fetch_add(1, Ordering::Relaxed)).max(1)
    }

    fn trace(&self) -> u128 {
        u128::from(self.span()) << 64 | u128::from(self.span())
    }
}

/// An `ExportTraceServiceRequest`.
fn message(batch: &[RequestSpan], ids: &Ids) -> Value {
    let spans: Vec<Value> = batch.iter().flat_map(|span| spans_of(span, ids)).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": [attribute("service.name", &json!({ "stringValue": "gollum" }))] },
        "scopeSpans": [{
            "scope": { "name": "gollum", "version": env!("CARGO_PKG_VERSION") },
            "spans": spans,
        }],
    }] })
}

fn spans_of(request: &RequestSpan, ids: &Ids) -> Vec<Value> {
    let trace = request.parent.map_or_else(|| ids.trace(), |parent| parent.trace_id);
    let trace = format!("{trace:032x}");
    let own = format!("{:016x}", ids.span());
    let text = |key: &str, value: &str| attribute(key, &json!({ "stringValue": value }));
    // 64-bit integers are strings in this encoding.
    let count = |key: &str, value: usize| attribute(key, &json!({ "intValue": value.to_string() }));
    let at = |offset: Duration| nanos(request.started + offset);
    let mut whole = json!({
        "traceId": trace,
        "spanId": own,
        "name": format!("generate {}", request.model),
        "kind": KIND_SERVER,
        "startTimeUnixNano": at(Duration::ZERO),
        "endTimeUnixNano": at(request.length),
        "attributes": [
            text("gen_ai.operation.name", "generate"),
            text("gen_ai.request.model", &request.model),
            text("gollum.request_id", &request.request_id),
            text("gollum.outcome", outcome(request.outcome)),
            count("gen_ai.usage.input_tokens", request.prompt_tokens),
            count("gollum.usage.cached_tokens", request.cached_tokens),
            count("gen_ai.usage.output_tokens", request.completion_tokens),
        ],
    });
    if let Some(parent) = request.parent {
        whole["parentSpanId"] = json!(format!("{:016x}", parent.span_id));
    }
    if request.outcome == Outcome::Failed {
        whole["status"] = json!({ "code": STATUS_ERROR });
    }
    let phases = request.phases.iter().map(|phase| {
        json!({
            "traceId": trace,
            "spanId": format!("{:016x}", ids.span()),
            "parentSpanId": own,
            "name": phase.name,
            "kind": KIND_INTERNAL,
            "startTimeUnixNano": at(phase.start),
            "endTimeUnixNano": at(phase.start + phase.length),
        })
    });
    std::iter::once(whole).chain(phases).collect()
}

fn attribute(key: &str, value: &Value) -> Value {
    json!({ "key": key, "value": value })
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::Failed => "failed",
        Outcome::Abandoned => "abandoned",
    }
}

fn nanos(time: SystemTime) -> String {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use gollum_server::{Phase, TraceParent};

    use super::*;

    fn request(parent: Option<TraceParent>) -> RequestSpan {
        RequestSpan {
            parent,
            request_id: "r1".to_owned(),
            model: "m".to_owned(),
            started: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
            length: Duration::from_millis(30),
            phases: vec![
                Phase { name: "queue", start: Duration::ZERO, length: Duration::from_millis(10) },
                Phase { name: "decode", start: Duration::from_millis(10), length: Duration::from_millis(20) },
            ],
            prompt_tokens: 5,
            cached_tokens: 4,
            completion_tokens: 3,
            outcome: Outcome::Failed,
        }
    }

    #[test]
    fn a_request_and_its_phases_hang_together() {
        let parent = TraceParent { trace_id: 0xabc, span_id: 0xdef, is_sampled: true };
        let sent = message(&[request(Some(parent)), request(None)], &Ids::default());
        let spans = sent["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("spans");
        assert_eq!(spans.len(), 6);
        assert_eq!(spans[0]["traceId"], "00000000000000000000000000000abc");
        assert_eq!(spans[0]["parentSpanId"], "0000000000000def");
        assert_eq!(spans[0]["startTimeUnixNano"], "1000000000");
        assert_eq!(spans[0]["status"]["code"], STATUS_ERROR);
        for phase in &spans[1..3] {
            assert_eq!(
                (&phase["traceId"], &phase["parentSpanId"]),
                (&spans[0]["traceId"], &spans[0]["spanId"])
            );
        }
        assert_eq!(spans[2]["endTimeUnixNano"], "1030000000");
        assert_eq!(spans[3]["parentSpanId"], Value::Null, "nobody's part");
        let mut ids: Vec<&str> = spans.iter().filter_map(|span| span["spanId"].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 6, "each has an id of its own");
    }

    #[test]
    fn addresses_of_collectors() {
        assert_eq!(traces_url("http://127.0.0.1:4318/").expect("one"), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(traces_url("https://c/x/v1/traces").expect("one"), "https://c/x/v1/traces");
        assert!(traces_url("127.0.0.1:4318").is_err());
    }
}
