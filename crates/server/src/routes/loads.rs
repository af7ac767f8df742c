//! `GET /v1/loads`: how busy each model is, by the names that SGLang's router reads, and their sum.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use super::metrics::numbers;
use crate::app::App;
use crate::generate::reply::{self, now_unix};
use crate::metrics::ModelNumbers;

#[derive(Serialize)]
struct Loads {
    timestamp: u64,
    loads: Vec<Load>,
    aggregate: Load,
}

#[derive(Default, Serialize)]
struct Load {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    num_running_reqs: u64,
    num_waiting_reqs: u64,
    num_total_reqs: u64,
    num_waiting_tokens: u64,
    /// Tokens of KV memory held by requests.
    num_used_tokens: u64,
    /// Tokens of KV memory kept for later requests, and given up when needed.
    num_cached_tokens: u64,
    max_total_num_tokens: u64,
    max_running_requests: u64,
    /// `num_used_tokens / max_total_num_tokens`.
    token_usage: f64,
    /// Prompt tokens found in the prefix cache, of those looked up.
    cache_hit_rate: f64,
}

/// All loaded models.
pub async fn loads(State(app): State<Arc<App>>) -> Response {
    let all: Vec<ModelNumbers> = app.host.loaded().iter().map(|model| numbers(model)).collect();
    let mut aggregate = Load::default();
    let (mut hits, mut looked_up) = (0, 0);
    let mut loads = Vec::with_capacity(all.len());
    for numbers in &all {
        let load = Load::of(numbers);
        aggregate.add(&load);
        hits += numbers.stats.prefix_cache_hit_tokens_total;
        looked_up += numbers.stats.prefix_cache_query_tokens_total;
        loads.push(load);
    }
    aggregate.token_usage = ratio(aggregate.num_used_tokens, aggregate.max_total_num_tokens);
    aggregate.cache_hit_rate = ratio(hits, looked_up);
    reply::json(&Loads { timestamp: now_unix(), loads, aggregate })
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Load {
    fn of(numbers: &ModelNumbers) -> Self {
        let (stats, limits) = (&numbers.stats, &numbers.limits);
        let page_tokens = limits.page_tokens as u64;
        Self {
            model: Some(numbers.model.clone()),
            num_running_reqs: stats.requests_running,
            num_waiting_reqs: stats.requests_waiting,
            num_total_reqs: stats.requests_running + stats.requests_waiting,
            num_waiting_tokens: stats.waiting_tokens,
            num_used_tokens: stats.pages_held * page_tokens,
            num_cached_tokens: stats.pages_cached * page_tokens,
            max_total_num_tokens: stats.pages_total * page_tokens,
            max_running_requests: limits.max_num_seqs as u64,
            token_usage: ratio(stats.pages_held, stats.pages_total),
            cache_hit_rate: ratio(stats.prefix_cache_hit_tokens_total, stats.prefix_cache_query_tokens_total),
        }
    }

    fn add(&mut self, other: &Self) {
        self.num_running_reqs += other.num_running_reqs;
        self.num_waiting_reqs += other.num_waiting_reqs;
        self.num_total_reqs += other.num_total_reqs;
        self.num_waiting_tokens += other.num_waiting_tokens;
        self.num_used_tokens += other.num_used_tokens;
        self.num_cached_tokens += other.num_cached_tokens;
        self.max_total_num_tokens += other.max_total_num_tokens;
        self.max_running_requests += other.max_running_requests;
    }
}
