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

/// A time as RFC 3339 has it, in UTC, to the microsecond.
pub fn rfc3339(time: std::time::SystemTime) -> String {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Days since 1 March of year 0; years then end with February, so a leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z", since.subsec_micros())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let check = |seconds: u64, expected: &str| {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        check(0, "1970-01-01T00:00:00.000000Z");
        check(951_782_399, "2000-02-28T23:59:59.000000Z");
        check(951_782_400, "2000-02-29T00:00:00.000000Z");
        check(1_709_251_199, "2024-02-29T23:59:59.000000Z");
        check(4_107_542_400, "2100-03-01T00:00:00.000000Z");
        check(1_795_829_904, "2026-11-28T01:38:24.000000Z");
    }
}
