//! `GET /debug/pprof/profile?seconds=N`: where the process spends its time, in the pprof format.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::ApiError;

/// Seconds where the query names none: as Go's servers do.
const DEFAULT_SECONDS: u64 = 30;
/// Seconds at most; a client that waits longer may well be gone.
const MAX_SECONDS: u64 = 120;

/// The signal that samples the process is one for all of it.
static IS_RUNNING: AtomicBool = AtomicBool::new(false);

struct Running;

impl Running {
    fn begin() -> Option<Self> {
        (!IS_RUNNING.swap(true, Ordering::AcqRel)).then_some(Self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        IS_RUNNING.store(false, Ordering::Release);
    }
}

/// Errors: 403 where profiles are not allowed, 400 for seconds that are none, 409 while another one is made.
pub async fn profile(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let Some(profiler) = app.config.profiler else {
        return Err(ApiError::forbidden("profiles are made for loopback addresses only; see `--pprof`"));
    };
    let seconds = seconds(query.as_deref().unwrap_or(""))?;
    let Some(running) = Running::begin() else {
        return Err(ApiError::conflict("another profile is being made"));
    };
    let made = tokio::task::spawn_blocking(move || {
        let _running = running;
        profiler(Duration::from_secs(seconds))
    });
    let bytes = made.await.map_err(|_| ApiError::internal("the profiler panicked"))?;
    let bytes = bytes.map_err(ApiError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"profile.pb\""),
    ];
    Ok((headers, bytes).into_response())
}

fn seconds(query: &str) -> Result<u64, ApiError> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("seconds="));
    let Some(value) = value else { return Ok(DEFAULT_SECONDS) };
    let seconds = value.parse().ok().filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    seconds.ok_or_else(|| ApiError::invalid("seconds", format!("must be 1 to {MAX_SECONDS}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_bounded() {
        assert_eq!(seconds("").expect("the default"), DEFAULT_SECONDS);
        assert_eq!(seconds("debug=1&seconds=5").expect("5"), 5);
        for wrong in ["seconds=0", "seconds=121", "seconds=-1", "seconds=x", "seconds="] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
