//! Every route, and who may use it: those of the dialects, and the server's own.

mod debug;
mod health;
mod kv_events;
mod loads;
mod metrics;
mod openapi;
mod profile;
mod ui;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::apis;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Access, Route, route};

/// The server's own routes.
const ROUTES: &[Route] = &[
    route("/v1/loads", Access::Key, || get(loads::loads)),
    route("/openapi.json", Access::Key, || get(openapi::openapi)),
    route("/metrics", Access::Key, || get(metrics::metrics))
        .media(&["text/plain", "application/openmetrics-text"]),
    route("/debug/requests/{id}", Access::Key, || get(debug::request)),
    route("/debug/kv", Access::Key, || get(debug::kv)).streams(),
    route("/debug/pprof/profile", Access::Key, || get(profile::profile)).media(&["application/octet-stream"]),
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

/// All routes.
pub fn all() -> impl Iterator<Item = &'static Route> {
    apis::APIS.iter().copied().chain([ROUTES]).flatten()
}

/// The route that a path belongs to, by the same rule as the router's: equal segments, `{id}` takes one that is not
/// empty, `{*id}` all that is left. No decoding: what is not exactly a public path needs a key.
pub fn find(path: &str) -> Option<&'static Route> {
    all().find(|route| {
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
    let router = all().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    router.fallback(no_route).method_not_allowed_fallback(no_method).with_state(Arc::clone(app))
}

async fn no_route(State(_): State<Arc<App>>, request: Request) -> Response {
    ApiError::not_found(format!("there is no route {}", request.uri().path())).into_response()
}

async fn no_method(request: Request) -> Response {
    ApiError::method_not_allowed(request.method().as_str(), request.uri().path()).into_response()
}
