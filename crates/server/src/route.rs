//! What one line of the route table says.

use std::sync::Arc;

use axum::routing::MethodRouter;
use serde_json::{Value, json};

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
    /// The methods of requests without a body, for the description.
    pub bodiless: &'static [&'static str],
    /// The media types of its answers, for the description.
    pub media: &'static [&'static str],
    /// What answers.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

/// One object.
const JSON: &str = "application/json";

/// A line of a dialect that tells errors as OpenAI does, and whose answers are JSON.
pub const fn route(path: &'static str, access: Access, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route { path, access, errors: ErrorShape::OpenAi, bodiless: &["get"], media: &[JSON], handler }
}

impl Route {
    /// The same with errors in another shape.
    pub const fn errors(self, errors: ErrorShape) -> Self {
        Self { errors, ..self }
    }

    /// The same for other requests without a body than `GET`.
    pub const fn bodiless(self, bodiless: &'static [&'static str]) -> Self {
        Self { bodiless, ..self }
    }

    /// The same with answers of these media types.
    pub const fn media(self, media: &'static [&'static str]) -> Self {
        Self { media, ..self }
    }

    /// The same with answers that may be streams of events.
    pub const fn streams(self) -> Self {
        self.media(&[JSON, "text/event-stream"])
    }

    /// The same with answers that may be streams of lines.
    pub const fn streams_lines(self) -> Self {
        self.media(&[JSON, "application/x-ndjson"])
    }
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
    /// The schema of what [`write`](Self::write) writes.
    pub fn schema(self) -> Value {
        let text = || json!({"type": "string"});
        let object = |properties: Value| {
            let required: Vec<String> =
                properties.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default();
            json!({"type": "object", "properties": properties, "required": required})
        };
        let or_null = || json!({"type": ["string", "null"]});
        match self {
            Self::OpenAi => {
                let inner = json!({"message": text(), "type": text(), "param": or_null(), "code": or_null()});
                object(json!({ "error": object(inner) }))
            }
            Self::Ollama => object(json!({ "error": text() })),
            Self::Anthropic => {
                let inner = object(json!({"type": text(), "message": text()}));
                object(json!({"type": {"const": "error"}, "error": inner, "request_id": text()}))
            }
            Self::LlamaServer => {
                let inner = json!({"code": {"type": "integer"}, "message": text(), "type": text()});
                object(json!({ "error": object(inner) }))
            }
        }
    }

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
