//! What Ollama's clients ask about models.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::{Capability, HostError, ModelCard, ModelState};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::{self, reply};
use crate::limits;

/// The version whose API this is; clients ask it to know what they may send.
const API_VERSION: &str = "0.12.0";

fn card_of(card: &ModelCard) -> Value {
    let changed = UNIX_EPOCH + Duration::from_secs(card.created_unix);
    json!({
        "name": card.id,
        "model": card.id,
        "modified_at": reply::rfc3339(changed),
        "size": card.bytes,
        "digest": digest(card),
        "details": details(card),
    })
}

/// Names this state of a model, as a digest would: of its name, size and time of change. Hashing the bytes would take as
/// long as reading them.
fn digest(card: &ModelCard) -> String {
    let named = format!("{} {} {}", card.id, card.bytes, card.created_unix);
    Sha256::digest(named.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn details(card: &ModelCard) -> Value {
    let about = card.about.clone().unwrap_or_default();
    let family = about.architecture;
    json!({"parent_model": "", "format": "gguf", "family": family, "families": [family],
        "parameter_size": parameters(about.weights), "quantization_level": about.quantization})
}

/// `134.5M`, `1.2B`.
fn parameters(weights: u64) -> String {
    match weights as f64 {
        count if count >= 1e9 => format!("{:.1}B", count / 1e9),
        count => format!("{:.1}M", count / 1e6),
    }
}

async fn cards(app: &Arc<App>) -> Result<Vec<ModelCard>, ApiError> {
    let host = Arc::clone(&app.host);
    app.workers.run(move || Ok(host.list())).await
}

/// Every model there is.
pub async fn tags(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let models: Vec<Value> = cards(&app).await?.iter().map(card_of).collect();
    Ok(reply::json(&json!({ "models": models })))
}

/// The models in memory.
pub async fn running(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let loaded = cards(&app).await?.into_iter().filter(|card| card.state == ModelState::Loaded);
    let never = SystemTime::now() + Duration::from_secs(365 * 24 * 3600);
    let shown = loaded.map(|card| {
        let mut shown = card_of(&card);
        let expires = card.expires_unix.map_or(never, |time| UNIX_EPOCH + Duration::from_secs(time));
        shown["expires_at"] = json!(reply::rfc3339(expires));
        shown["size_vram"] = json!(0);
        shown["context_length"] = json!(card.max_model_len);
        shown
    });
    Ok(reply::json(&json!({ "models": shown.collect::<Vec<Value>>() })))
}

/// `model`, or the older name of the field.
pub fn parse_name(body: &[u8]) -> Result<String, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.string("model", limits::MAX_NAME_BYTES)?;
    let name = name.or(fields.string("name", limits::MAX_NAME_BYTES)?);
    name.ok_or_else(|| fields.missing("model"))
}

/// One model. Errors: 404.
pub async fn show(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse_name).await?;
    let id = admitted.body;
    let cards = cards(&app).await?;
    let of_id = cards.iter().find(|card| card.id == id);
    let Some(card) = of_id.or_else(|| cards.iter().find(|card| card.is_called(&id))) else {
        let available = cards.into_iter().map(|card| card.id).collect();
        return Err(HostError::NotFound { id, available }.into());
    };
    let changed = UNIX_EPOCH + Duration::from_secs(card.created_unix);
    let sampling = &card.default_sampling;
    Ok(reply::json(&json!({
        "modelfile": "",
        "template": "",
        "parameters": format!(
            "temperature {}\ntop_k {}\ntop_p {}\nmin_p {}",
            sampling.temperature, sampling.top_k, sampling.top_p, sampling.min_p
        ),
        "details": details(card),
        "model_info": model_info(card),
        "capabilities": capabilities(card),
        "modified_at": reply::rfc3339(changed),
    })))
}

/// By the names that GGUF files have.
fn model_info(card: &ModelCard) -> Value {
    let about = card.about.clone().unwrap_or_default();
    let mut info =
        json!({"general.architecture": about.architecture, "general.parameter_count": about.weights});
    info[format!("{}.context_length", about.architecture)] = json!(about.context_length);
    info
}

/// By Ollama's words.
fn capabilities(card: &ModelCard) -> Vec<&'static str> {
    let word = |capability: &Capability| match capability {
        Capability::Completion => "completion",
        Capability::Embedding => "embedding",
        Capability::Rerank => "rerank",
    };
    let mut words: Vec<&str> = card.capabilities.iter().map(word).collect();
    if words.contains(&"completion") {
        words.push("tools");
    }
    words
}

/// The version of the API.
pub async fn version() -> Response {
    reply::json(&json!({ "version": API_VERSION }))
}
