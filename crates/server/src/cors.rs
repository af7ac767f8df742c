//! What browsers ask before, and read after, a page of another site that may use the API calls it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// What such a page may send.
const METHODS: &str = "GET, POST, OPTIONS";
/// Headers it may send if it does not say which it wants to.
const HEADERS: &str = "authorization, content-type, x-api-key, x-request-id";
/// Bytes of such a list that are repeated to the browser.
const MAX_HEADERS_BYTES: usize = 1024;
/// What it may read beside the body.
const EXPOSED: &str = "x-request-id, x-gollum-cache, x-gollum-ignored, retry-after";
/// Seconds for which a browser need not ask again: the most that the large ones take.
const MAX_AGE_S: &str = "7200";
/// A page of the internet asks for a server of this machine or network.
const PRIVATE_NETWORK: [HeaderName; 2] = [
    HeaderName::from_static("access-control-request-private-network"),
    HeaderName::from_static("access-control-allow-private-network"),
];

/// True if the request is a browser's question whether a page may send another.
pub fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Yes, it may. Keys are for the request itself, which the browser sends without them until it has this.
pub fn preflight(asked: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let wanted = wanted.filter(|list| (1..=MAX_HEADERS_BYTES).contains(&list.len())).cloned();
    let allowed = wanted.unwrap_or(HeaderValue::from_static(HEADERS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_S));
    let [wants, allows] = PRIVATE_NETWORK;
    if asked.get(wants).is_some_and(|wants| wants == "true") {
        headers.insert(allows, HeaderValue::from_static("true"));
    }
    response
}

/// Lets the page of `origin` read the response, also one that says no.
pub fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
}
