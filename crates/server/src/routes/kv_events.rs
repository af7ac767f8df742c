//! `GET /debug/kv` as a stream of events, for whoever sends `Accept: text/event-stream`: the picture of the caches, each
//! time it has changed.
//!
//! Bounded in every direction: [`limits::MAX_KV_STREAMS`] readers, one picture each [`limits::KV_EVENT_PERIOD`],
//! [`limits::MAX_KV_EVENT_NODES`] nodes of a tree in it, one event waiting for a slow reader, and an end after
//! [`limits::KV_STREAM_TIME`], upon which readers ask again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use futures_core::Stream;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::{Instant, sleep};

use super::debug;
use crate::app::{App, Context};
use crate::error::ApiError;
use crate::limits;

static STREAMS: Semaphore = Semaphore::const_new(limits::MAX_KV_STREAMS);

/// True if the client asks for events.
pub fn is_asked_for(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|kind| kind.trim().starts_with("text/event-stream")))
}

/// The stream. Errors: 503 when enough others are read.
pub fn stream(app: Arc<App>, context: Context) -> Result<Response, ApiError> {
    let place = STREAMS.try_acquire().map_err(|_| {
        ApiError::overloaded(format!("{} others watch the caches already", limits::MAX_KV_STREAMS))
    })?;
    let (events, received) = mpsc::channel(1);
    tokio::spawn(watch(app, context, events, place));
    let mut response = Response::new(Body::from_stream(Received(received)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Draws and sends until the reader is gone, the time is up, or the server ends.
async fn watch(
    app: Arc<App>,
    context: Context,
    events: mpsc::Sender<Result<String, std::convert::Infallible>>,
    _place: SemaphorePermit<'static>,
) {
    let until = Instant::now() + limits::KV_STREAM_TIME;
    let (mut last, mut said_at) = (String::new(), Instant::now());
    while Instant::now() < until && !app.is_draining() {
        // No worker free: the picture comes later, and nobody's request waits for it.
        let Ok(picture) = debug::pictures(&app, &context, limits::MAX_KV_EVENT_NODES).await else {
            sleep(limits::KV_EVENT_PERIOD).await;
            continue;
        };
        let picture = picture.to_string();
        let event = if picture != last {
            Some(format!("data: {picture}\n\n"))
        } else if said_at.elapsed() >= limits::STREAM_KEEP_ALIVE {
            Some(": nothing has changed\n\n".to_owned())
        } else {
            None
        };
        if let Some(event) = event {
            said_at = Instant::now();
            if events.send(Ok(event)).await.is_err() {
                return;
            }
            last = picture;
        }
        tokio::select! {
            () = sleep(limits::KV_EVENT_PERIOD) => {}
            () = events.closed() => return,
        }
    }
}

/// What the task sends, as a body.
struct Received(mpsc::Receiver<Result<String, std::convert::Infallible>>);

impl Stream for Received {
    type Item = Result<String, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_for_those_who_ask() {
        let check = |value: &'static str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))]);
            assert_eq!(is_asked_for(&headers), expected, "{value}");
        };
        check("text/event-stream", true);
        check("application/json, text/event-stream;q=0.9", true);
        check("*/*", false);
        assert!(!is_asked_for(&HeaderMap::new()));
    }
}
