//! The chat page: static files inside the binary, nothing from anywhere else.
//!
//! ```text
//! /             the page built from `ui/`, or the plain one where the binary was built without Node.js
//! /assets/NAME  its scripts, styles and font; names hold a hash of what they name, so browsers keep them
//! /plain        the plain page, always: a few kilobytes, with /app.js and /style.css
//! ```
//! The content security policy allows no inline script or style, no foreign host, and no string that becomes markup
//! (`require-trusted-types-for`) but the framework's own templates.

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// How long browsers keep files whose names change with what they hold.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked anew each time: the answer is small, and an old page would call a new server.
const EACH_TIME: &str = "no-cache";

/// One file of the page.
struct File {
    /// Its path below `ui/dist`.
    name: &'static str,
    /// Its type.
    kind: &'static str,
    /// What it holds.
    bytes: &'static [u8],
    /// The same, compressed; `None` where that would be no smaller.
    gzip: Option<&'static [u8]>,
}

/// The built page; empty where there is none.
const BUILT: &[File] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

const PLAIN: File = plain_file("text/html; charset=utf-8", include_bytes!("../../ui/plain/index.html"));
const SCRIPT: File = plain_file("text/javascript; charset=utf-8", include_bytes!("../../ui/plain/app.js"));
const STYLE: File = plain_file("text/css; charset=utf-8", include_bytes!("../../ui/plain/style.css"));
const ICON: File = plain_file("image/svg+xml", include_bytes!("../../ui/favicon.svg"));

const fn plain_file(kind: &'static str, bytes: &'static [u8]) -> File {
    File { name: "", kind, bytes, gzip: None }
}

/// The page.
pub async fn page(headers: HeaderMap) -> Response {
    send(find("index.html").unwrap_or(&PLAIN), &headers, EACH_TIME)
}

/// The plain page.
pub async fn plain(headers: HeaderMap) -> Response {
    send(&PLAIN, &headers, EACH_TIME)
}

/// The plain page's script.
pub async fn script(headers: HeaderMap) -> Response {
    send(&SCRIPT, &headers, EACH_TIME)
}

/// The plain page's style.
pub async fn style(headers: HeaderMap) -> Response {
    send(&STYLE, &headers, EACH_TIME)
}

/// The icon of both.
pub async fn icon(headers: HeaderMap) -> Response {
    send(&ICON, &headers, EACH_TIME)
}

/// A file of the built page. Errors: 404, also for every file where the plain page is all there is.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match find(&format!("assets/{name}")) {
        Some(file) => send(file, &headers, FOR_EVER),
        None => ApiError::not_found(format!("the page has no file `{name}`")).into_response(),
    }
}

fn find(name: &str) -> Option<&'static File> {
    BUILT.iter().find(|file| file.name == name)
}

fn send(file: &File, asked: &HeaderMap, keep: &'static str) -> Response {
    let gzip = file.gzip.filter(|_| takes_gzip(asked));
    let mut response = Response::new(Body::from(Bytes::from_static(gzip.unwrap_or(file.bytes))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if gzip.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if file.gzip.is_some() {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// True if the client names gzip and does not weigh it with zero.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused =
            weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).is_some_and(|q: f32| q <= 0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let check = |value: &'static str, expected| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(takes_gzip(&headers), expected, "{value}");
        };
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.5", true);
        check("gzip;q=0", false);
        check("br, identity", false);
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_built_page_names_only_files_that_it_has() {
        let Some(page) = find("index.html") else { return };
        let text = std::str::from_utf8(page.bytes).expect("a page is text");
        for part in text.split('"').filter_map(|part| part.strip_prefix("./assets/")) {
            assert!(find(&format!("assets/{part}")).is_some(), "{part} is missing");
        }
    }
}
