//! `GET /metrics`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use gollum_frontend::Frontend;

use crate::app::App;
use crate::metrics::{self, ModelNumbers};

/// Prometheus' text format.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let models: Vec<ModelNumbers> = app.host.loaded().iter().map(|model| numbers(model)).collect();
    let page = metrics::render(&models, &app.counters, app.generations());
    let mut response = Response::new(Body::from(page));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
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
