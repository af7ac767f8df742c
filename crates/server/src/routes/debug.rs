//! `GET /debug/requests/{id}`: why a request took its time. `GET /debug/kv`: what the KV memory holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use gollum_core::{FinishReason, RequestId, TokenId};
use gollum_engine::{Explanation, KvSnapshot, PageState, Phase};
use gollum_frontend::Frontend;
use serde_json::{Value, json};

use super::kv_events;
use crate::app::{App, Context};
use crate::error::ApiError;
use crate::generate::reply;
use crate::limits;

/// A request by its `x-request-id`, or by the engine's own id (`req-1f`). Where several keys are tenants, each
/// finds its own requests only, by the first.
pub async fn request(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let tenant = context.caller.tenant;
    let remembered = app.recall(&name, tenant);
    let ids = match &remembered {
        Some(remembered) => remembered.ids.clone(),
        None if tenant.is_some() => Vec::new(),
        None => name
            .strip_prefix("req-")
            .and_then(|hex| u64::from_str_radix(hex, 16).ok())
            .map(|id| vec![RequestId(id)])
            .unwrap_or_default(),
    };
    let model = remembered.map(|remembered| remembered.model);
    let host = Arc::clone(&app.host);
    let found = move || {
        let mut answers = Vec::new();
        for frontend in host.loaded() {
            if model.as_deref().is_none_or(|model| model == frontend.model_id()) {
                let known = ids.iter().filter_map(|&id| frontend.engine().explain(id));
                answers.extend(known.map(|explanation| explain(&frontend, &explanation)));
            }
        }
        Ok(answers)
    };
    // The engine thread answers between two steps; that wait is no business of the event loop.
    let requests = app.workers.run(found).await?;
    if requests.is_empty() {
        return Err(ApiError::not_found(format!("no request `{name}` is known, or it ended too long ago")));
    }
    Ok(reply::json(&json!({ "id": name, "requests": requests })))
}

fn explain(frontend: &Frontend, e: &Explanation) -> Value {
    let token = |id: TokenId| json!({ "id": id, "text": String::from_utf8_lossy(frontend.tokenizer().token_bytes(id)) });
    let prefix = e.prefix.as_ref().map(|prefix| {
        json!({
            "matched_tokens": prefix.matched_tokens,
            "known_tokens": prefix.known_tokens,
            "shared_tokens": prefix.shared_tokens,
            "copied_tokens": prefix.copied_tokens,
            "from": prefix.from.map(|id| id.to_string()),
            "parted_at": { "cached": prefix.cached_token.map(token), "prompt": prefix.prompt_token.map(token) },
        })
    });
    let mean_batch = e.batch_sequences_sum as f64 / e.steps.max(1) as f64;
    json!({
        "id": e.id.to_string(),
        "model": frontend.model_id(),
        "phase": phase_name(e.phase),
        "submitted_us": e.submitted_us,
        "queue_us": e.queue_us,
        "followed": e.followed.map(|id| id.to_string()),
        "prefill_us": e.prefill_us,
        "decode_us": e.decode_us,
        "ttft_us": e.ttft_us,
        "total_us": e.total_us,
        "prefix": prefix,
        "chunks": e.chunks,
        "preemptions": e.preemptions,
        "steps": e.steps,
        "batch": { "max": e.batch_sequences_max, "mean": mean_batch },
        "usage": {
            "prompt_tokens": e.usage.prompt_tokens,
            "cached_tokens": e.usage.cached_tokens,
            "completion_tokens": e.usage.completion_tokens,
        },
        "prompt_cache_hit": e.prompt_cache_hit,
        "sampling": {
            "temperature": as_written(e.sampling.temperature),
            "top_k": e.sampling.top_k,
            "top_p": as_written(e.sampling.top_p),
            "min_p": as_written(e.sampling.min_p),
            "repetition_penalty": as_written(e.sampling.repetition_penalty),
            "presence_penalty": as_written(e.sampling.presence_penalty),
            "frequency_penalty": as_written(e.sampling.frequency_penalty),
            "repeat_last_n": e.sampling.repeat_last_n,
            "seed": e.seed,
        },
    })
}

/// The f64 of the shortest digits that read back as this f32: 0.8, and not 0.800000011920929.
fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "queued",
        Phase::Following => "following",
        Phase::Prefill => "prefill",
        Phase::Decode => "decode",
        Phase::Preempted => "preempted",
        Phase::Finished(FinishReason::Stop) => "finished: stop",
        Phase::Finished(FinishReason::Length) => "finished: length",
        Phase::Finished(FinishReason::Aborted) => "finished: aborted",
        Phase::Failed => "failed",
    }
}

/// The pager and the prefix tree of every loaded model. What the tree says is left out where several keys are
/// tenants: it is everybody's prompts. Once, or as events ([`kv_events`]).
pub async fn kv(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if kv_events::is_asked_for(&headers) {
        return kv_events::stream(app, context);
    }
    Ok(reply::json(&pictures(&app, &context, usize::MAX).await?))
}

/// The caches of all loaded models, `max_nodes` of each tree, and the latest requests that can be explained.
/// Errors: 503 when no worker is free.
pub async fn pictures(app: &Arc<App>, context: &Context, max_nodes: usize) -> Result<Value, ApiError> {
    let with_text = context.caller.tenant.is_none();
    let host = Arc::clone(&app.host);
    let models = app.workers.run(move || {
        let shown = host.loaded().into_iter().map(|frontend| {
            let snapshot = frontend.engine().kv_snapshot();
            let picture = snapshot.map(|mut snapshot| {
                // Parents stand before their children, so what is left is a tree.
                snapshot.tree_left_out += snapshot.tree.len().saturating_sub(max_nodes);
                snapshot.tree.truncate(max_nodes);
                picture(&frontend, &snapshot, with_text)
            });
            (frontend.model_id().to_owned(), picture)
        });
        Ok(shown.collect::<BTreeMap<String, Option<Value>>>())
    });
    let recent: Vec<Value> = app
        .recent(context.caller.tenant, limits::MAX_RECENT_REQUESTS)
        .into_iter()
        .map(|entry| json!({ "id": entry.name, "model": entry.model }))
        .collect();
    Ok(json!({ "models": models.await?, "recent": recent }))
}

fn picture(frontend: &Frontend, snapshot: &KvSnapshot, with_text: bool) -> Value {
    // Salts are secrets between tenants; what the picture needs is which nodes share one.
    let mut tenants = BTreeMap::new();
    let tree: Vec<Value> = snapshot
        .tree
        .iter()
        .map(|node| {
            let next = tenants.len();
            let text = || String::from_utf8_lossy(&frontend.tokenizer().decode(&node.tokens)).into_owned();
            json!({
                "page": node.page.0,
                "parent": node.parent.map(|page| page.0),
                "tenant": *tenants.entry(node.salt).or_insert(next),
                "tokens": with_text.then_some(&node.tokens),
                "text": with_text.then(text),
                "ref_count": node.ref_count,
                "window_page": node.window.map(|page| page.0),
            })
        })
        .collect();
    let sequences: Vec<Value> = snapshot
        .sequences
        .iter()
        .map(|sequence| {
            json!({
                "id": sequence.id.to_string(),
                "phase": phase_name(sequence.phase),
                "tokens": sequence.tokens,
                "computed": sequence.computed,
                "block_table": sequence.block_table.iter().map(|page| page.0).collect::<Vec<_>>(),
                "window_table": sequence.window_table.iter().map(|page| page.0).collect::<Vec<_>>(),
            })
        })
        .collect();
    // One letter a page keeps the picture of a large pool small.
    let letter = |state: &PageState| match state {
        PageState::Free => '.',
        PageState::Held => 'H',
        PageState::Cached => 'c',
    };
    json!({
        "page_tokens": snapshot.page_tokens,
        "pages": snapshot.pages.iter().map(letter).collect::<String>(),
        "window_pages": snapshot.window_pages.iter().map(letter).collect::<String>(),
        "legend": { ".": "free", "H": "held", "c": "cached" },
        "tree": tree,
        "tree_left_out": snapshot.tree_left_out,
        "sequences": sequences,
    })
}
