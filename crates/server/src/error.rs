//! The one place that decides HTTP codes. Every error a client sees has OpenAI's shape, all four keys:
//!
//! ```text
//! {"error": {"message": "...", "type": "invalid_request_error", "param": "top_p" | null, "code": "..." | null}}
//! ```

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gollum_engine::{EngineError, SubmitError};
use gollum_frontend::{FrontendError, HostError};
use serde::Serialize;

/// What went wrong, as a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    message: String,
    param: Option<String>,
    code: Option<&'static str>,
    retry_after_s: Option<u64>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'a str>,
    code: Option<&'static str>,
}

/// The codes that any route may answer with.
pub const CODES: &[u16] = &[400, 401, 403, 404, 409, 500, 503];
/// The further ones of routes that read a body.
pub const BODY_CODES: &[u16] = &[408, 413, 415, 429, 504];

impl ApiError {
    const MISSING: &str = "missing_required_parameter";

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), param: None, code: Some(code), retry_after_s: None }
    }

    fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds.clamp(1, 3600));
        self
    }

    /// 400: a field's value is not one we take.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", message).at(param)
    }

    /// 400: a required field is absent.
    pub fn missing(param: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Self::MISSING, format!("`{param}` is required")).at(param)
    }

    /// True for a [`missing`](Self::missing) of this field.
    pub fn is_missing(&self, param: &str) -> bool {
        self.code == Some(Self::MISSING) && self.param() == Some(param)
    }

    /// 400: a field that we know and cannot honour.
    pub fn unsupported(param: impl Into<String>) -> Self {
        let param = param.into();
        Self::new(
            StatusCode::BAD_REQUEST,
            "unsupported_parameter",
            format!("`{param}` is not supported by this server; leave it out"),
        )
        .at(param)
    }

    /// 400: the body is not the JSON we read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_json", message)
    }

    /// 401: no key, or a wrong one.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            "missing or wrong API key; send `Authorization: Bearer KEY`",
        )
    }

    /// 403: a browser on another site, or a name that is not ours.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 409: something of which there can be one is going on.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// 404: no such route or thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 405.
    pub fn method_not_allowed(method: &str, path: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("{method} is not allowed on {path}"),
        )
    }

    /// 408: the body did not arrive in time.
    pub fn body_timeout(seconds: u64) -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_timeout",
            format!("the request body did not arrive within {seconds} s"),
        )
    }

    /// 413: the body is longer than the limit.
    pub fn body_too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("the request body is longer than {limit_bytes} bytes"),
        )
    }

    /// 415: the body is compressed.
    pub fn encoded_body() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_encoding",
            "request bodies with a Content-Encoding are not read",
        )
    }

    /// 503: too much at once, try again.
    pub fn overloaded(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message).retry_after(1)
    }

    /// 503: the server is shutting down.
    pub fn draining() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "draining", "the server is shutting down").retry_after(5)
    }

    /// 503: a probe's bad news.
    pub fn not_ready(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", message).retry_after(1)
    }

    /// 500: our fault. `message` is shown, so it names no path and no secret.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    /// The same error for a request whose prompt is made from `messages`.
    pub fn about_messages(mut self) -> Self {
        if self.param.as_deref() == Some("prompt") {
            self.param = Some("messages".to_owned());
        }
        self
    }

    /// The HTTP code.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// OpenAI's `type`.
    pub fn kind(&self) -> &'static str {
        error_type(self.status)
    }

    /// What happened, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The field at fault.
    pub fn param(&self) -> Option<&str> {
        self.param.as_deref()
    }

    /// The JSON body, without a line end: also what a broken stream sends as its last `data:`.
    pub fn to_json(&self) -> String {
        let envelope = Envelope {
            error: Inner {
                message: &self.message,
                r#type: error_type(self.status),
                param: self.param.as_deref(),
                code: self.code,
            },
        };
        serde_json::to_string(&envelope).expect("strings and options always serialise")
    }
}

/// OpenAI's `type` for a status.
fn error_type(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // For the dialect of the route, which may tell it in another shape.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<HostError> for ApiError {
    fn from(error: HostError) -> Self {
        let message = error.to_string();
        match error {
            HostError::NotFound { .. } => {
                Self::new(StatusCode::NOT_FOUND, "model_not_found", message).at("model")
            }
            HostError::Load { .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "model_load_failed", message)
            }
            HostError::NoRoom { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "model_does_not_fit", message).at("model")
            }
            HostError::NotManaged => Self::new(StatusCode::FORBIDDEN, "not_allowed", message),
            HostError::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "model_loading", message).retry_after(5)
            }
        }
    }
}

impl From<FrontendError> for ApiError {
    fn from(error: FrontendError) -> Self {
        let message = error.to_string();
        match error {
            FrontendError::Invalid { param, .. } => Self::invalid(param, message),
            FrontendError::Template(template) if template.is_request_fault() => {
                Self::new(StatusCode::BAD_REQUEST, "chat_template_failed", message).at("messages")
            }
            FrontendError::Template(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "chat_template_failed", message)
            }
            FrontendError::PromptTooLong { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message).at("prompt")
            }
            FrontendError::InputTooLong { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message).at("input")
            }
            FrontendError::Submit(refusal) => refusal.into(),
            FrontendError::Engine(failure) => failure.into(),
        }
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        let message = error.to_string();
        match error {
            SubmitError::QueueFull { retry_after_s, .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", message)
                    .retry_after(retry_after_s.into())
            }
            SubmitError::Draining => Self::draining(),
            SubmitError::Stopped => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "engine_stopped", message).retry_after(5)
            }
            SubmitError::TooLong { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message).at("prompt")
            }
            SubmitError::InputTooLong { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message).at("input")
            }
            SubmitError::CannotGenerate | SubmitError::CannotEmbed => Self::invalid("model", message),
            SubmitError::EmptyPrompt | SubmitError::TokenOutOfRange { .. } => {
                Self::invalid("prompt", message)
            }
            SubmitError::NoTokensAsked => Self::invalid("max_tokens", message),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::NumericError { .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "numeric_error", message)
            }
            EngineError::Constraint(_) => Self::new(StatusCode::BAD_REQUEST, "grammar_failed", message),
            EngineError::ShuttingDown => Self::draining(),
            EngineError::DeadlineExceeded { .. } => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded", message)
            }
            EngineError::RunnerPanicked => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "engine_stopped", message).retry_after(5)
            }
            // The text is a backend's, and may name what is none of a client's business.
            EngineError::Backend(_) | EngineError::Config(_) => {
                tracing::error!(error = message, "the engine failed a request");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "engine_error", "the engine failed this request")
            }
        }
    }
}
