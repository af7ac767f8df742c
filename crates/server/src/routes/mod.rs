//! Every route, and who may use it.

mod chances;
mod chat;
mod completions;
mod debug;
pub mod generate;
mod health;
mod kv_events;
mod loads;
mod metrics;
mod models;
mod tokenize;
mod ui;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::error::ApiError;
use crate::{embeddings, rerank};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody: the page that asks for the key.
    Public,
    /// Everybody, under any name: probes, which come by address.
    Probe,
    /// Holders of a key, if keys are configured. Also every path that is no route.
    Key,
}

/// One line of the table.
pub struct Route {
    /// The path as axum matches it; `{id}` stands for one segment, `{*id}` for one or more.
    pub path: &'static str,
    /// Who may use it: there is no default, so a new route cannot forget it.
    pub access: Access,
    handler: fn() -> MethodRouter<Arc<App>>,
}

const fn route(path: &'static str, access: Access, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route { path, access, handler }
}

/// All routes.
pub const ROUTES: &[Route] = &[
    route("/v1/chat/completions", Access::Key, || post(chat::chat_completions)),
    route("/v1/completions", Access::Key, || post(completions::completions)),
    route("/v1/embeddings", Access::Key, || post(embeddings::embeddings)),
    route("/v1/rerank", Access::Key, || post(rerank::rerank)),
    route("/v1/reranking", Access::Key, || post(rerank::rerank)),
    route("/v1/models", Access::Key, || get(models::list)),
    route("/v1/models/{*id}", Access::Key, || get(models::one)),
    route("/tokenize", Access::Key, || post(tokenize::tokenize)),
    route("/detokenize", Access::Key, || post(tokenize::detokenize)),
    route("/v1/loads", Access::Key, || get(loads::loads)),
    route("/metrics", Access::Key, || get(metrics::metrics)),
    route("/debug/requests/{id}", Access::Key, || get(debug::request)),
    route("/debug/kv", Access::Key, || get(debug::kv)),
    route("/livez", Access::Probe, || get(health::live)),
    route("/readyz", Access::Probe, || get(health::ready)),
    route("/health", Access::Probe, || get(health::ready)),
    route("/", Access::Public, || get(ui::page)),
    route("/plain", Access::Public, || get(ui::plain)),
    route("/assets/{*id}", Access::Public, || get(ui::asset)),
    route("/app.js", Access::Public, || get(ui::script)),
    route("/style.css", Access::Public, || get(ui::style)),
    route("/favicon.svg", Access::Public, || get(ui::icon)),
];

/// The route that a path belongs to, by the same rule as the router's: equal segments, `{id}` takes one that is not
/// empty, `{*id}` all that is left. No decoding: what is not exactly a public path needs a key.
pub fn find(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| {
        let (mut wanted, mut given) = (route.path.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given => {}
                (Some("{id}"), Some(given)) if !given.is_empty() => {}
                (Some("{*id}"), Some(given)) => return !given.is_empty(),
                _ => return false,
            }
        }
    })
}

/// The table as axum takes it.
pub fn router(app: &Arc<App>) -> Router {
    let router =
        ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    router.fallback(no_route).method_not_allowed_fallback(no_method).with_state(Arc::clone(app))
}

async fn no_route(State(_): State<Arc<App>>, request: Request) -> Response {
    ApiError::not_found(format!("there is no route {}", request.uri().path())).into_response()
}

async fn no_method(request: Request) -> Response {
    ApiError::method_not_allowed(request.method().as_str(), request.uri().path()).into_response()
}
