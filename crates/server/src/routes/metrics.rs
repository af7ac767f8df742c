//! `GET /metrics`, in the format that is asked for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use gollum_frontend::Frontend;

use crate::app::App;
use crate::metrics::{self, ModelNumbers};
use crate::openmetrics;

/// Prometheus' text format, or OpenMetrics.
pub async fn metrics(State(app): State<Arc<App>>, asked: HeaderMap) -> Response {
    let models: Vec<ModelNumbers> = app.host.loaded().iter().map(|model| numbers(model)).collect();
    let page = metrics::render(&models, &app.counters, app.generations());
    let (kind, page) = match openmetrics::is_asked_for(&asked) {
        true => (openmetrics::CONTENT_TYPE, openmetrics::convert(&page)),
        false => (metrics::CONTENT_TYPE, page),
    };
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// A model's numbers now.
pub fn numbers(model: &Frontend) -> ModelNumbers {
    let engine = model.engine();
    ModelNumbers {
        model: model.model_id().to_owned(),
        stats: engine.stats(),
        limits: engine.limits(),
        // A stopped engine has no age that a graph could show.
        heartbeat_age_s: engine.heartbeat_age().as_secs_f64().min(1e9),
    }
}
