//! Ollama's API: `/api/chat`, `/api/generate`, `/api/embed`, and what its clients ask and want of models.
//!
//! Streams are lines of JSON, and streaming is what a request without `stream` gets.

mod answer;
mod embed;
mod life;
mod models;
mod request;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};

use crate::app::App;
use crate::error::ApiError;
use crate::generate::{self, Admitted, Parse};
use crate::route::{Access, ErrorShape, Route};
use answer::Voice;
use request::Asked;

const fn route(path: &'static str, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route { path, access: Access::Key, errors: ErrorShape::Ollama, handler }
}

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/api/chat", || post(chat)),
    route("/api/generate", || post(generate)),
    route("/api/embed", || post(embed::embed)),
    route("/api/embeddings", || post(embed::embeddings)),
    route("/api/pull", || post(life::pull)),
    route("/api/delete", || delete(life::remove)),
    route("/api/tags", || get(models::tags)),
    route("/api/ps", || get(models::running)),
    route("/api/show", || post(models::show)),
    route("/api/version", || get(models::version)),
];

/// Answers a conversation.
async fn chat(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    answer(&app, request, request::parse_chat, true).await
}

/// Continues a text, through the template unless `raw`.
async fn generate(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    answer(&app, request, request::parse_generate, false).await
}

async fn answer(
    app: &Arc<App>,
    request: Request,
    parse: Parse<Asked>,
    is_chat: bool,
) -> Result<Response, ApiError> {
    let Admitted { body, context, in_flight } = generate::admit(app, request, parse).await?;
    match body {
        Asked::Answer(ask, wishes) => {
            let admitted = Admitted { body: (ask, wishes), context, in_flight };
            generate::answer(app, admitted, Voice::new).await
        }
        Asked::Life(life) => {
            let response = life::live(app, life, is_chat).await;
            drop(in_flight);
            response
        }
    }
}
