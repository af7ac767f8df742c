//! Responses: JSON bodies, and what their heads say beside them.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::ApiError;
use crate::limits;

/// Says that an answer was replayed.
const CACHE: HeaderName = HeaderName::from_static("x-gollum-cache");
/// Names the fields that nobody defines.
const IGNORED: HeaderName = HeaderName::from_static("x-gollum-ignored");

/// `system_fingerprint`: the same build gives the same bits.
pub const FINGERPRINT: &str = concat!("gollum-", env!("CARGO_PKG_VERSION"));

/// One JSON object.
pub fn json(object: &impl Serialize) -> Response {
    match serde_json::to_vec(object) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => ApiError::internal(format!("the answer cannot be written: {error}")).into_response(),
    }
}

/// Adds what the head says beside the answer.
pub fn annotate(response: &mut Response, replayed: bool, ignored: &[String]) {
    if replayed {
        response.headers_mut().insert(CACHE, HeaderValue::from_static("prompt"));
    }
    if let Some(value) = ignored_header(ignored) {
        response.headers_mut().insert(IGNORED, value);
    }
}

/// The names, harmless in a header, each once, a bounded number.
fn ignored_header(names: &[String]) -> Option<HeaderValue> {
    let harmless = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte) { char::from(byte) } else { '?' }
    };
    let mut shown: Vec<String> = Vec::new();
    let mut more = 0;
    for name in names {
        let name: String = name.bytes().take(64).map(harmless).collect();
        if shown.contains(&name) {
            continue;
        }
        if shown.len() == limits::MAX_IGNORED_NAMES {
            more += 1;
        } else {
            shown.push(name);
        }
    }
    if more > 0 {
        shown.push(format!("+{more}"));
    }
    (!shown.is_empty()).then(|| HeaderValue::from_str(&shown.join(", ")).ok()).flatten()
}

/// Seconds since 1970.
pub fn now_unix() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
