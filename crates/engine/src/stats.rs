//! Counters, gauges and histograms: atomics that the engine thread writes and anyone reads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use gollum_core::Fallback;

/// Time to first token, seconds; vLLM's bounds, so that its dashboards fit.
pub const TTFT_BOUNDS_S: &[f64] = &[
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0,
    80.0, 160.0, 640.0, 2560.0,
];
/// Time between two tokens of a stream, seconds; vLLM's bounds and a finer low end.
pub const INTER_TOKEN_BOUNDS_S: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
    10.0, 20.0, 40.0, 80.0,
];
/// Times of whole requests and of their phases, seconds; vLLM's bounds.
pub const REQUEST_BOUNDS_S: &[f64] = &[
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0, 480.0,
    960.0, 1920.0, 7680.0,
];
/// Tokens of a request.
pub const REQUEST_TOKENS_BOUNDS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0, 20000.0, 50000.0,
    100000.0,
];
/// Rows, or sequences, of a step.
pub const STEP_BOUNDS: &[f64] =
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0];

const MICRO: f64 = 1e-6;

/// A histogram at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramSnapshot {
    /// Upper bounds, ascending, inclusive; `+Inf` is implied.
    pub bounds: &'static [f64],
    /// Values in each bucket alone (not cumulative): `bounds.len() + 1`, the last is above all bounds.
    pub counts: Vec<u64>,
    /// Sum of all values.
    pub sum: f64,
    /// Number of values.
    pub count: u64,
}

/// Values in buckets. The sum is kept in millionths, so that it needs no floating-point atomics.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: &'static [f64],
    counts: Vec<AtomicU64>,
    sum_millionths: AtomicU64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum_millionths: AtomicU64::new(0),
        }
    }

    /// Adds a duration in microseconds to a histogram in seconds.
    pub(crate) fn observe_us(&self, us: u64) {
        self.observe_millionths(us, 1);
    }

    /// Adds a plain number.
    pub(crate) fn observe(&self, value: u64) {
        self.observe_millionths(value.saturating_mul(1_000_000), 1);
    }

    fn observe_millionths(&self, millionths: u64, times: u64) {
        let value = millionths as f64 * MICRO;
        let bucket = self.bounds.partition_point(|&bound| bound < value);
        self.counts[bucket].fetch_add(times, Relaxed);
        self.sum_millionths.fetch_add(millionths.saturating_mul(times), Relaxed);
    }

    fn snapshot(&self) -> HistogramSnapshot {
        let counts: Vec<u64> = self.counts.iter().map(|c| c.load(Relaxed)).collect();
        HistogramSnapshot {
            bounds: self.bounds,
            count: counts.iter().sum(),
            counts,
            sum: self.sum_millionths.load(Relaxed) as f64 * MICRO,
        }
    }
}

macro_rules! meters {
    (numbers { $($(#[$doc:meta])* $name:ident,)* } histograms { $($(#[$hdoc:meta])* $hname:ident: $bounds:expr,)* }) => {
        /// The numbers of an engine at one moment. `*_total` only grow; the rest are gauges.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct EngineStats {
            $($(#[$doc])* pub $name: u64,)*
            $($(#[$hdoc])* pub $hname: HistogramSnapshot,)*
            /// Runs of operations that the backend has no kernel for, of backends that lack any.
            pub fallbacks: Vec<Fallback>,
        }

        /// Where the engine thread writes them.
        #[derive(Debug)]
        pub(crate) struct Meters {
            $(pub(crate) $name: AtomicU64,)*
            $(pub(crate) $hname: Histogram,)*
        }

        impl Meters {
            pub(crate) fn new() -> Self {
                Self {
                    $($name: AtomicU64::new(0),)*
                    $($hname: Histogram::new($bounds),)*
                }
            }

            pub(crate) fn snapshot(&self) -> EngineStats {
                EngineStats {
                    $($name: self.$name.load(Relaxed),)*
                    $($hname: self.$hname.snapshot(),)*
                    fallbacks: Vec::new(),
                }
            }
        }
    };
}

meters! {
    numbers {
        /// Requests in the running batch.
        requests_running,
        /// Requests that wait, submitted or preempted.
        requests_waiting,
        /// Prompt tokens of the requests that wait for their first admission.
        waiting_tokens,
        /// Pages that hold nothing.
        pages_free,
        /// Pages in block tables.
        pages_held,
        /// Pages in the tree alone, evictable.
        pages_cached,
        /// Pages of the pool.
        pages_total,
        /// Nodes of the prefix tree.
        prefix_tree_nodes,
        /// Pages taken from the free list or by eviction.
        page_allocs_total,
        /// Times a page gained a holder.
        page_pins_total,
        /// Times a page lost a holder.
        page_unpins_total,
        /// Cached pages given up for others.
        page_evictions_total,
        /// Tail pages copied for a match inside a page.
        page_copies_total,
        /// Full pages found to be computed twice and joined.
        page_joins_total,
        /// Pages of the window group that hold nothing.
        window_pages_free,
        /// Pages of the window group in the tables of running sequences.
        window_pages_held,
        /// Pages of the window group in the tree alone, evictable.
        window_pages_cached,
        /// Pages of the window group's pool; 0 for models without one.
        window_pages_total,
        /// Pages of the window group taken from the free list or by eviction.
        window_page_allocs_total,
        /// Cached pages of the window group given up for others.
        window_page_evictions_total,
        /// Recurrent states that hold nothing.
        states_free,
        /// Recurrent states of running sequences.
        states_held,
        /// Snapshots of recurrent states.
        states_cached,
        /// Recurrent states of the pool; 0 for models without one.
        states_total,
        /// Snapshots taken.
        state_saves_total,
        /// Sequences that went on from a snapshot.
        state_loads_total,
        /// Snapshots given up for others.
        state_evictions_total,
        /// Sequences whose pages were taken.
        preemptions_total,
        /// Prompt tokens looked up at first admission.
        prefix_cache_query_tokens_total,
        /// Of these, tokens found.
        prefix_cache_hit_tokens_total,
        /// Of the tokens looked up, those that the tree knew: more than were found where a snapshot or window pages were
        /// gone.
        prefix_cache_known_tokens_total,
        /// First admissions that found at least one token.
        prefix_cache_hits_total,
        /// First admissions that found none.
        prefix_cache_misses_total,
        /// Requests that waited for another one's prefix.
        prefix_followers_total,
        /// Requests that looked into the prompt cache.
        prompt_cache_queries_total,
        /// Of these, requests answered from it.
        prompt_cache_hits_total,
        /// Answer tokens replayed.
        prompt_cache_hit_tokens_total,
        /// Answers stored.
        prompt_cache_stores_total,
        /// Answers given up for others.
        prompt_cache_evictions_total,
        /// Answers held.
        prompt_cache_entries,
        /// Bytes held.
        prompt_cache_bytes,
        /// Inputs embedded, or scored.
        embeddings_total,
        /// Requests accepted.
        requests_total,
        /// Requests refused because the queue was full.
        requests_refused_full_total,
        /// Requests refused for any other reason.
        requests_refused_other_total,
        /// Requests ended by a stop id.
        finished_stop_total,
        /// Requests ended by a length limit.
        finished_length_total,
        /// Requests whose client went away.
        finished_aborted_total,
        /// Generated tokens that a grammar left no choice about, and that took no step of their own.
        forced_tokens_total,
        /// Requests that failed.
        failed_total,
        /// Of these, by non-finite logits.
        failed_numeric_total,
        /// Prompt tokens of finished and running requests, counted at the first token.
        prompt_tokens_total,
        /// Of these, tokens that were found in a cache.
        prompt_tokens_cached_total,
        /// Prompt rows computed, re-computation after preemption included.
        prefill_rows_total,
        /// Tokens generated.
        generation_tokens_total,
        /// Tokens chosen from the best of their logits, because the backend found these.
        best_rows_total,
        /// Steps run.
        steps_total,
        /// Time inside the model, microseconds.
        forward_us_total,
        /// Time of choosing tokens, microseconds.
        sample_us_total,
        /// Time of the scheduler (schedule and commit), microseconds.
        schedule_us_total,
        /// When the last step ended, microseconds since the engine's start.
        last_step_at_us,
        /// 1 while new requests are refused because the engine is going away.
        draining,
        /// 1 once the engine has stopped.
        stopped,
    }
    histograms {
        /// Submit to first token, seconds.
        time_to_first_token_s: TTFT_BOUNDS_S,
        /// Between two tokens of a stream, seconds.
        inter_token_s: INTER_TOKEN_BOUNDS_S,
        /// Submit to end, seconds.
        e2e_s: REQUEST_BOUNDS_S,
        /// Submit to first admission, seconds.
        queue_time_s: REQUEST_BOUNDS_S,
        /// First admission to first token, seconds.
        prefill_time_s: REQUEST_BOUNDS_S,
        /// First token to end, seconds.
        decode_time_s: REQUEST_BOUNDS_S,
        /// First admission to end, seconds.
        inference_time_s: REQUEST_BOUNDS_S,
        /// Prompt tokens of finished requests.
        request_prompt_tokens: REQUEST_TOKENS_BOUNDS,
        /// Answer tokens of finished requests.
        request_generation_tokens: REQUEST_TOKENS_BOUNDS,
        /// `max_tokens` of accepted requests, after capping.
        request_max_tokens: REQUEST_TOKENS_BOUNDS,
        /// Rows of a step.
        step_tokens: STEP_BOUNDS,
        /// Sequences of a step.
        step_sequences: STEP_BOUNDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_bound_belongs_to_it() {
        let histogram = Histogram::new(TTFT_BOUNDS_S);
        histogram.observe_us(1_000);
        histogram.observe_us(1_001);
        histogram.observe_us(10_000_000_000);
        let snapshot = histogram.snapshot();
        assert_eq!((snapshot.counts[0], snapshot.counts[1]), (1, 1));
        assert_eq!(snapshot.counts.last(), Some(&1));
        assert_eq!(snapshot.count, 3);
        assert!((snapshot.sum - 10_000.002_001).abs() < 1e-9, "{}", snapshot.sum);
    }
}
