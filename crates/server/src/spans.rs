//! Requests as spans, for whoever collects traces: one for the request, and one for each phase of it.
//!
//! ```text
//! request   |-------------------------------------------------|
//! prepare   |--|  read, parsed, rendered, tokenized
//! queue        |------|
//! prefill             |-----------|
//! decode                          |---------------------------|
//! ```
//! Where they go is for the one who starts the server to say: [`ServerConfig::spans`](crate::ServerConfig).

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use gollum_core::Timing;

/// Where a request comes from, by its `traceparent` header (W3C Trace Context).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace that the request is part of.
    pub trace_id: u128,
    /// The caller's span.
    pub span_id: u64,
    /// Whether the caller keeps this trace; if not, nobody wants ours.
    pub is_sampled: bool,
}

impl TraceParent {
    /// `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`, lower case. Later versions may go on behind that. `None` for
    /// anything else: a header that is wrong is as good as none.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let mut hex = |digits: usize| {
            let part = parts.next()?;
            let is_hex = part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            (part.len() == digits && is_hex).then_some(part)
        };
        let version = u8::from_str_radix(hex(2)?, 16).ok()?;
        let trace_id = u128::from_str_radix(hex(32)?, 16).ok()?;
        let span_id = u64::from_str_radix(hex(16)?, 16).ok()?;
        let flags = u8::from_str_radix(hex(2)?, 16).ok()?;
        let ends = version == 0 && parts.next().is_some();
        if version == 0xff || ends || trace_id == 0 || span_id == 0 {
            return None;
        }
        Some(Self { trace_id, span_id, is_sampled: flags & 1 == 1 })
    }
}

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// `prepare`, `queue`, `prefill` or `decode`.
    pub name: &'static str,
    /// From the request's start.
    pub start: Duration,
    /// How long it took.
    pub length: Duration,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With all of its answers.
    Complete,
    /// With an error.
    Failed,
    /// The client went away.
    Abandoned,
}

/// A request that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSpan {
    /// Whose part it is.
    pub parent: Option<TraceParent>,
    /// The `x-request-id`.
    pub request_id: String,
    /// The model that answered.
    pub model: String,
    /// When it came.
    pub started: SystemTime,
    /// Until the last answer, or the end without one.
    pub length: Duration,
    /// What it was doing, in order.
    pub phases: Vec<Phase>,
    /// Tokens of its prompts.
    pub prompt_tokens: usize,
    /// Of these, tokens that were not computed again.
    pub cached_tokens: usize,
    /// Tokens of its answers.
    pub completion_tokens: usize,
    /// How it ended.
    pub outcome: Outcome,
}

/// Whoever collects spans. Called on the event loop: must not wait.
pub trait SpanSink: Debug + Send + Sync {
    /// Takes a span, or drops it if there is no room.
    fn record(&self, span: RequestSpan);
}

/// A request that will be told of when it ends.
#[derive(Debug)]
pub struct Beginning {
    sink: Arc<dyn SpanSink>,
    parent: Option<TraceParent>,
    request_id: String,
    started: Instant,
    /// When its generations began.
    began: Instant,
}

impl Beginning {
    /// Of a request that came at `started` and begins to generate now; `None` if its caller keeps no trace.
    pub fn new(
        sink: &Arc<dyn SpanSink>,
        parent: Option<TraceParent>,
        request_id: String,
        started: Instant,
    ) -> Option<Self> {
        let wanted = parent.is_none_or(|parent| parent.is_sampled);
        let sink = Arc::clone(sink);
        wanted.then(|| Self { sink, parent, request_id, started, began: Instant::now() })
    }

    /// Tells of it.
    pub fn end(self, model: String, timing: Timing, tokens: [usize; 3], outcome: Outcome) {
        let Self { sink, parent, request_id, started, began } = self;
        let length = started.elapsed();
        let mut start = began.saturating_duration_since(started);
        let mut phases = vec![Phase { name: "prepare", start: Duration::ZERO, length: start }];
        let of_engine =
            [("queue", timing.queue_us), ("prefill", timing.prefill_us), ("decode", timing.decode_us)];
        for (name, micros) in of_engine {
            // Clocks that are read in two places may disagree by a little.
            let took = Duration::from_micros(micros).min(length.saturating_sub(start));
            phases.push(Phase { name, start, length: took });
            start += took;
        }
        let [prompt_tokens, cached_tokens, completion_tokens] = tokens;
        sink.record(RequestSpan {
            parent,
            request_id,
            model,
            started: SystemTime::now() - length,
            length,
            phases,
            prompt_tokens,
            cached_tokens,
            completion_tokens,
            outcome,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_read_strictly() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent = TraceParent::parse(header).expect("the example of the standard");
        assert_eq!(parent.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_eq!((parent.span_id, parent.is_sampled), (0x00f0_67aa_0ba9_02b7, true));
        let unsampled = header.replace("-01", "-00");
        assert!(!TraceParent::parse(&unsampled).expect("well-formed").is_sampled);
        assert!(TraceParent::parse(&format!("{}-what", header.replacen("00", "01", 1))).is_some());
        for wrong in [
            "",
            "00",
            &format!("{header}-more"),
            &header.replacen("00", "ff", 1),
            &header.to_uppercase(),
            &header.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &header.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &header.replace("4bf9", "4bg9"),
            &header.replace("4bf9", "+bf9"),
        ] {
            assert_eq!(TraceParent::parse(wrong), None, "{wrong}");
        }
    }
}
