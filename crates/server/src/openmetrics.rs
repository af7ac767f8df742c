//! `/metrics` in OpenMetrics 1.0, for who asks for it: the same page, with three differences.
//!
//! ```text
//! text 0.0.4                                OpenMetrics
//! # TYPE gollum_steps_total counter         # TYPE gollum_steps counter      a counter's family has no `_total`
//! gollum_steps_total{..} 5                  gollum_steps_total{..} 5         its samples do
//!                                           # EOF                            nothing was cut off
//! ```
//! Prometheus asks for it, so names must mean the same in both; a test holds families apart that would become one.

use axum::http::{HeaderMap, header};

/// The content type of the page.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// True if the client takes OpenMetrics.
pub fn is_asked_for(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        parts.next() == Some("application/openmetrics-text") && !parts.any(|part| part == "q=0")
    })
}

/// A page in text format 0.0.4, as `metrics::render` writes it, in OpenMetrics.
pub fn convert(page: &str) -> String {
    let mut out = String::with_capacity(page.len() + 8);
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        // A family's HELP stands right above its TYPE, which says whether it is a counter.
        let kind = if line.starts_with("# HELP ") { lines.peek().copied().unwrap_or_default() } else { line };
        let is_counter = kind.starts_with("# TYPE ") && kind.ends_with(" counter");
        match line.split_once("_total ").filter(|_| is_counter) {
            Some((before, after)) => out.extend([before, " ", after, "\n"]),
            None => out.extend([line, "\n"]),
        }
    }
    out.push_str("# EOF\n");
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::http::HeaderValue;

    use super::*;
    use crate::metrics::{Counters, render};

    #[test]
    fn counters_lose_their_ending_in_heads_alone() {
        let page = "# HELP a_total All of _total b.\n# TYPE a_total counter\na_total{x=\"y\"} 1\n\
                    # HELP c_total A distribution.\n# TYPE c_total histogram\nc_total_sum 2\n";
        let expected = "# HELP a All of _total b.\n# TYPE a counter\na_total{x=\"y\"} 1\n\
                        # HELP c_total A distribution.\n# TYPE c_total histogram\nc_total_sum 2\n# EOF\n";
        assert_eq!(convert(page), expected);
    }

    #[test]
    fn no_two_families_become_one() {
        let page = convert(&render(&[], &Counters::default(), 0));
        let mut seen = BTreeSet::new();
        for name in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
            assert!(seen.insert(name), "{name} twice");
        }
        assert!(seen.len() > 60, "{} families", seen.len());
    }

    #[test]
    fn it_is_for_those_who_ask() {
        let check = |value: &'static str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))]);
            assert_eq!(is_asked_for(&headers), expected, "{value}");
        };
        check("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", true);
        check("text/plain, application/openmetrics-text; q=0", false);
        check("*/*", false);
    }
}
