//! `GET /v1/models` and `/v1/models/{id}`; llama-server's `POST /models/load` and `/models/unload`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use gollum_core::SamplingParams;
use gollum_frontend::{AboutModel, HostError, ModelCard, ModelState};
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::error::ApiError;
use crate::generate::asked::{Form, form};
use crate::generate::fields::Fields;
use crate::generate::{self, reply};
use crate::limits;
use crate::route::{Access, Route, route};

/// What its routes take.
pub const FORMS: &[Form] = &[
    form("/v1/models/load", &[&[r#"{"model": "x"}"#]], |body| parse_name(body).map(|_| ())),
    form("/v1/models/unload", &[&[r#"{"model": "x"}"#]], |body| parse_name(body).map(|_| ())),
];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/v1/models", Access::Key, || get(list)),
    route("/v1/models/load", Access::Key, || post(load)),
    route("/v1/models/unload", Access::Key, || post(unload)),
    route("/v1/models/{*id}", Access::Key, || get(one)),
];

#[derive(Serialize)]
struct List {
    object: &'static str,
    data: Vec<Model>,
    /// The command that fetches a better model, if these are for trying things out.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Serialize)]
struct Model {
    id: String,
    /// Other names that requests may use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
    /// vLLM's name for the context length in force.
    max_model_len: Option<usize>,
    loaded: bool,
    /// The same by llama-server's words.
    status: Status,
    size: u64,
    /// `completion`, `embedding`, `rerank`.
    capabilities: Vec<&'static str>,
    /// What the file says of itself.
    #[serde(flatten)]
    about: Option<About>,
    /// The same by llama-server's names.
    meta: Meta,
    /// What is in force where a request does not say.
    default_sampling: DefaultSampling,
}

#[derive(Serialize)]
struct Status {
    value: &'static str,
    /// While it loads: the share of its weights that are there, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<f32>,
}

impl From<ModelState> for Status {
    fn from(state: ModelState) -> Self {
        let (value, progress) = match state {
            ModelState::Unloaded => ("unloaded", None),
            ModelState::Loading { progress } => ("loading", Some(progress)),
            ModelState::Loaded => ("loaded", None),
        };
        Self { value, progress }
    }
}

#[derive(Serialize)]
struct Meta {
    n_ctx: Option<usize>,
    n_ctx_train: Option<usize>,
    n_params: Option<u64>,
    size: u64,
}

#[derive(Serialize)]
struct About {
    architecture: String,
    weights: u64,
    quantization: String,
    context_length: usize,
}

impl From<AboutModel> for About {
    fn from(about: AboutModel) -> Self {
        let AboutModel { architecture, weights, quantization, context_length } = about;
        Self { architecture, weights, quantization, context_length }
    }
}

#[derive(Serialize)]
struct DefaultSampling {
    temperature: f32,
    top_k: u32,
    top_p: f32,
    min_p: f32,
    repetition_penalty: f32,
    presence_penalty: f32,
    frequency_penalty: f32,
}

impl From<&SamplingParams> for DefaultSampling {
    fn from(params: &SamplingParams) -> Self {
        Self {
            temperature: params.temperature,
            top_k: params.top_k,
            top_p: params.top_p,
            min_p: params.min_p,
            repetition_penalty: params.repetition_penalty,
            presence_penalty: params.presence_penalty,
            frequency_penalty: params.frequency_penalty,
        }
    }
}

impl From<ModelCard> for Model {
    fn from(card: ModelCard) -> Self {
        Self {
            id: card.id,
            aliases: card.aliases,
            object: "model",
            created: card.created_unix,
            owned_by: "gollum",
            max_model_len: card.max_model_len,
            loaded: card.state == ModelState::Loaded,
            status: Status::from(card.state),
            size: card.bytes,
            meta: Meta {
                n_ctx: card.max_model_len,
                n_ctx_train: card.about.as_ref().map(|about| about.context_length),
                n_params: card.about.as_ref().map(|about| about.weights),
                size: card.bytes,
            },
            capabilities: card.capabilities.iter().map(|capability| capability.name()).collect(),
            about: card.about.map(About::from),
            default_sampling: DefaultSampling::from(&card.default_sampling),
        }
    }
}

/// Every model, loaded or not.
async fn list(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let host = Arc::clone(&app.host);
    let (cards, advice) = app.workers.run(move || Ok((host.list(), host.advice()))).await?;
    let data = cards.into_iter().map(Model::from).collect();
    Ok(reply::json(&List { object: "list", data, advice }))
}

/// One model. Errors: 404.
async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let cards = cards(&app).await?;
    let of_id = cards.iter().find(|card| card.id == id);
    match of_id.or_else(|| cards.iter().find(|card| card.is_called(&id))) {
        Some(card) => Ok(reply::json(&Model::from(card.clone()))),
        None => {
            let available = cards.into_iter().map(|card| card.id).collect();
            Err(HostError::NotFound { id, available }.into())
        }
    }
}

fn parse_name(body: &[u8]) -> Result<String, ApiError> {
    let mut fields = Fields::parse(body)?;
    fields.string("model", limits::MAX_NAME_BYTES)?.ok_or_else(|| fields.missing("model"))
}

/// Loads a model, and answers when it is there. Errors: 404; 503 with the numbers where it does not fit.
async fn load(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse_name).await?;
    let model = app.model(Some(&admitted.body)).await?;
    Ok(reply::json(&json!({"success": true, "model": model.model_id()})))
}

/// Lets go of a model, once the requests that run have ended. Errors: 404.
async fn unload(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse_name).await?;
    let (host, id) = (Arc::clone(&app.host), admitted.body);
    let was_loaded = app.loaders.run(move || Ok(host.unload(&id)?)).await?;
    Ok(reply::json(&json!({"success": true, "was_loaded": was_loaded})))
}

/// Listing may look into a folder, so it is a worker's job.
async fn cards(app: &Arc<App>) -> Result<Vec<ModelCard>, ApiError> {
    let host = Arc::clone(&app.host);
    app.workers.run(move || Ok(host.list())).await
}
