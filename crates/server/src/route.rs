//! What one line of the route table says.

use std::sync::Arc;

use axum::routing::MethodRouter;

use crate::app::App;
use crate::error::ApiError;

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
    /// How its errors are told.
    pub errors: ErrorShape,
    /// What answers.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

/// A line of a dialect that tells errors as OpenAI does.
pub const fn route(path: &'static str, access: Access, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route { path, access, errors: ErrorShape::OpenAi, handler }
}

/// The JSON in which a dialect tells an error. The HTTP code is the same in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    /// `{"error": {"message", "type", "param", "code"}}`
    OpenAi,
    /// `{"error": "message"}`
    Ollama,
    /// `{"type": "error", "error": {"type", "message"}, "request_id"}`
    Anthropic,
    /// `{"error": {"code", "message", "type"}}`
    LlamaServer,
}

impl ErrorShape {
    /// The body of an error's response; `name` is the request's.
    pub fn write(self, error: &ApiError, name: &str) -> String {
        match self {
            Self::OpenAi => error.to_json(),
            Self::Ollama => serde_json::json!({ "error": error.message() }).to_string(),
            Self::Anthropic => serde_json::json!({
                "type": "error",
                "error": { "type": anthropic_type(error.status()), "message": error.message() },
                "request_id": name,
            })
            .to_string(),
            Self::LlamaServer => serde_json::json!({ "error": {
                "code": error.status(),
                "message": error.message(),
                "type": error.kind(),
            } })
            .to_string(),
        }
    }
}

/// Anthropic's word for an HTTP code.
fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        504 => "timeout_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}
