//! What Ollama's clients ask about models.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::{HostError, ModelCard};
use serde_json::{Value, json};

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
        "digest": "",
        "details": details(),
    })
}

/// What a file is called is in its name; the server does not read it again to say more.
fn details() -> Value {
    json!({"parent_model": "", "format": "gguf", "family": "", "families": [], "parameter_size": "",
        "quantization_level": ""})
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
    let loaded = cards(&app).await?.into_iter().filter(|card| card.loaded);
    let never = reply::rfc3339(SystemTime::now() + Duration::from_secs(365 * 24 * 3600));
    let shown = loaded.map(|card| {
        let mut shown = card_of(&card);
        shown["expires_at"] = json!(never);
        shown["size_vram"] = json!(0);
        shown["context_length"] = json!(card.max_model_len);
        shown
    });
    Ok(reply::json(&json!({ "models": shown.collect::<Vec<Value>>() })))
}

fn parse_name(body: &[u8]) -> Result<String, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.string("model", limits::MAX_NAME_BYTES)?;
    // The older name of the field.
    let name = name.or(fields.string("name", limits::MAX_NAME_BYTES)?);
    name.ok_or_else(|| fields.missing("model"))
}

/// One model. Errors: 404.
pub async fn show(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse_name).await?;
    let id = admitted.body;
    let cards = cards(&app).await?;
    let Some(card) = cards.iter().find(|card| card.id == id) else {
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
        "details": details(),
        "model_info": { "general.context_length": card.max_model_len },
        "capabilities": ["completion"],
        "modified_at": reply::rfc3339(changed),
    })))
}

/// The version of the API.
pub async fn version() -> Response {
    reply::json(&json!({ "version": API_VERSION }))
}
