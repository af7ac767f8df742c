//! The path of a request as the route table has it.
//!
//! ```text
//! /prefix//v1/models/  ->  /v1/models/  (--base-path /prefix)  ->  /v1/models
//! /models              ->  /v1/models                             (clients whose base address lacks /v1)
//! ```
//! Done once, before anything looks at the path: keys are asked for by the very path that is routed. Nothing is
//! decoded, and `.` and `..` are names like any.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

use crate::routes;

/// What a path comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A path to look up in the table.
    Path(String),
    /// The page's own address without its last slash, which its relative links need.
    Redirect(String),
}

/// The form in which a base path is kept: `/a/b`, or empty.
pub fn base_path(given: &str) -> String {
    let base = without_empty_segments(given);
    if base == "/" { String::new() } else { base }
}

/// Resolves the path of a request. `base` is a [`base_path`]; a path without it is taken too, for probes come past
/// the proxy.
pub fn resolve(path: &str, base: &str) -> Target {
    let mut clean = without_empty_segments(path);
    if let Some(rest) = clean.strip_prefix(base).filter(|_| !base.is_empty()) {
        if rest.is_empty() && !path.ends_with('/') {
            return Target::Redirect(format!("{base}/"));
        }
        if rest.is_empty() || rest.starts_with('/') {
            clean = without_empty_segments(rest);
        }
    }
    let versioned = format!("/v1{clean}");
    if routes::find(&clean).is_none() && routes::find(&versioned).is_some() {
        return Target::Path(versioned);
    }
    Target::Path(clean)
}

/// `path` with one slash between segments, one before them, and none after.
fn without_empty_segments(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let joined: String = segments.flat_map(|segment| ["/", segment]).collect();
    if joined.is_empty() { "/".to_owned() } else { joined }
}

/// `uri` with another path and the same query; `None` if that is no address.
pub fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    PathAndQuery::try_from(target).ok().map(Uri::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_the_tables() {
        let check = |path: &str, base: &str, expected: &str| {
            assert_eq!(
                resolve(path, &base_path(base)),
                Target::Path(expected.to_owned()),
                "{path} under {base}"
            );
        };
        check("/", "", "/");
        check("//", "", "/");
        check("/v1/models/", "", "/v1/models");
        check("//v1///chat//completions/", "", "/v1/chat/completions");
        check("/models", "", "/v1/models");
        check("/models/org/name", "", "/v1/models/org/name");
        check("/chat/completions", "", "/v1/chat/completions");
        check("/health/", "", "/health");
        check("/nowhere", "", "/nowhere");
        check("/v1/%6dodels", "", "/v1/%6dodels");
        check("/livez/../metrics", "", "/livez/../metrics");
        check("/llm/v1/models", "/llm", "/v1/models");
        check("/llm/", "llm/", "/");
        check("/llm/models", "/llm/", "/v1/models");
        check("/v1/models", "/llm", "/v1/models");
        check("/llmx/v1/models", "/llm", "/llmx/v1/models");
        check("/a/b/app.js", "a//b", "/app.js");
        assert_eq!(resolve("/llm", "/llm"), Target::Redirect("/llm/".to_owned()));
    }
}
