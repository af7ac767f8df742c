//! Probes: `/livez` (the process answers), `/readyz` and `/health` (it can serve).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::app::App;
use crate::error::ApiError;
use crate::generate::reply;
use crate::limits;

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// The event loop runs.
pub async fn live() -> Response {
    reply::json(&Status { status: "ok" })
}

/// Not draining, and every engine between two steps a moment ago. Errors: 503 that says which is not.
pub async fn ready(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    if app.is_draining() {
        return Err(ApiError::draining());
    }
    for model in app.host.loaded() {
        let age = model.engine().heartbeat_age();
        if age > limits::HEARTBEAT_LIMIT {
            let model = model.model_id();
            let message = if age == std::time::Duration::MAX {
                format!("the engine of `{model}` has stopped")
            } else {
                format!("the engine of `{model}` has not finished a step for {} s", age.as_secs())
            };
            return Err(ApiError::not_ready(message));
        }
    }
    Ok(reply::json(&Status { status: "ok" }))
}
