//! Ollama's API: `/api/chat`, `/api/generate`, and what its clients ask about models.
//!
//! Streams are lines of JSON, and streaming is what a request without `stream` gets.

mod answer;
mod models;
mod request;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::error::ApiError;
use crate::generate;
use crate::route::{Access, ErrorShape, Route};
use answer::Voice;

const fn route(path: &'static str, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route { path, access: Access::Key, errors: ErrorShape::Ollama, handler }
}

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/api/chat", || post(chat)),
    route("/api/generate", || post(generate)),
    route("/api/tags", || get(models::tags)),
    route("/api/ps", || get(models::running)),
    route("/api/show", || post(models::show)),
    route("/api/version", || get(models::version)),
];

/// Answers a conversation.
async fn chat(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse_chat, Voice::new).await
}

/// Continues a text, through the template unless `raw`.
async fn generate(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse_generate, Voice::new).await
}
