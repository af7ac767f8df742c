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
use crate::generate::asked::{Form, form};
use crate::generate::{self, Admitted, Parse};
use crate::route::{Access, ErrorShape, Route};
use answer::Voice;
use request::Asked;

const fn route(path: &'static str, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    crate::route::route(path, Access::Key, handler).errors(ErrorShape::Ollama)
}

/// A body that names a model.
const NAMED: &[&[&str]] = &[&[r#"{"model": "x"}"#, r#"{"name": "x"}"#]];

/// What its routes take.
pub const FORMS: &[Form] = &[
    form(
        "/api/chat",
        &[
            &[r#"{"messages": [{"role": "user", "content": "x"}]}"#],
            &[
                r#"{"messages": [], "options": {}, "tools": [{"type": "function", "function": {"name": "x"}}]}"#,
            ],
        ],
        |body| request::parse_chat(body).map(|_| ()),
    ),
    form("/api/generate", &[&[r#"{"prompt": "x"}"#, r#"{"prompt": "x", "options": {}}"#]], |body| {
        request::parse_generate(body).map(|_| ())
    }),
    form("/api/embed", &[&[r#"{"input": "x"}"#]], |body| embed::parse(body, "input").map(|_| ())),
    form("/api/embeddings", &[&[r#"{"prompt": "x"}"#]], |body| embed::parse(body, "prompt").map(|_| ())),
    form("/api/pull", NAMED, |body| life::parse_pull(body).map(|_| ())),
    Form { method: "delete", ..form("/api/delete", NAMED, |body| models::parse_name(body).map(|_| ())) },
    form("/api/show", NAMED, |body| models::parse_name(body).map(|_| ())),
];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/api/chat", || post(chat)).streams_lines(),
    route("/api/generate", || post(generate)).streams_lines(),
    route("/api/embed", || post(embed::embed)),
    route("/api/embeddings", || post(embed::embeddings)),
    route("/api/pull", || post(life::pull)).streams_lines(),
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
