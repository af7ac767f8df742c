//! Answers as a response body that is pulled by its reader.
//!
//! ```text
//! opening | event ... | ended
//!         | event ... | failed, at any point after the head
//! ```
//! The body holds no buffer of its own: an event is made when the connection can take it, so a slow reader costs what
//! the engine has produced for it, and no more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_core::Stream;
use serde::Serialize;
use tokio::time::timeout;

use super::answers::{AnswerEvent, Answers};
use super::writer::Writer;
use crate::limits;

/// Events are joined up to about this many bytes when several are ready at once.
const JOIN_BYTES: usize = 8 << 10;

struct EventBody<W> {
    answers: Answers,
    writer: W,
    /// Events that were read while the response's head was held back.
    early: std::collections::VecDeque<AnswerEvent>,
    opened: bool,
    done: bool,
}

/// A streaming response. `early` are events that were read already.
pub fn response<W: Writer>(answers: Answers, writer: W, early: Vec<AnswerEvent>) -> Response {
    let body = EventBody { answers, writer, early: early.into(), opened: false, done: false };
    let mut response = Response::new(Body::from_stream(Pulled::Resting(Box::new(body))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(W::CONTENT_TYPE));
    // nginx would otherwise collect the stream.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl<W: Writer> EventBody<W> {
    /// The next piece of the body; `None` after the last.
    async fn next(&mut self) -> Option<String> {
        if self.done {
            return None;
        }
        let mut piece = String::new();
        if !self.opened {
            self.opened = true;
            self.writer.opening(&mut piece, &self.answers);
            // The head and the roles go out before the first token is there.
            if self.early.is_empty() && !piece.is_empty() {
                return Some(piece);
            }
        }
        while piece.is_empty() {
            let event = match self.early.pop_front() {
                Some(event) => Some(event),
                None => match timeout(limits::STREAM_KEEP_ALIVE, self.answers.next()).await {
                    Ok(event) => event,
                    Err(_) if W::KEEP_ALIVE.is_empty() => continue,
                    Err(_) => return Some(W::KEEP_ALIVE.to_owned()),
                },
            };
            self.write(&mut piece, event);
        }
        while !self.done && piece.len() < JOIN_BYTES {
            let ready = match self.early.pop_front() {
                Some(event) => Some(event),
                None => self.answers.next_if_ready().await,
            };
            match ready {
                Some(event) => self.write(&mut piece, Some(event)),
                None if self.answers.is_over() => self.write(&mut piece, None),
                None => break,
            }
        }
        Some(piece)
    }

    fn write(&mut self, piece: &mut String, event: Option<AnswerEvent>) {
        match event {
            Some(AnswerEvent::Failed(error)) => {
                self.writer.failed(piece, &error);
                self.done = true;
            }
            Some(event) => self.writer.event(piece, &self.answers, event),
            None => {
                self.writer.ended(piece, &self.answers);
                self.done = true;
            }
        }
    }
}

/// The media type of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
/// A comment, which readers of server-sent events skip.
pub const COMMENT: &str = ": still working\n\n";

/// Appends a server-sent event without a name.
pub fn data(out: &mut String, json: &impl Serialize) {
    push(out, &text_of(json));
}

/// Appends a server-sent event with a name.
pub fn named(out: &mut String, name: &str, json: &impl Serialize) {
    out.push_str("event: ");
    out.push_str(name);
    out.push('\n');
    data(out, json);
}

/// Appends an object as a line of its own.
pub fn line(out: &mut String, json: &impl Serialize) {
    out.push_str(&text_of(json));
    out.push('\n');
}

/// An object as one line of text.
fn text_of(json: &impl Serialize) -> String {
    serde_json::to_string(json).expect("numbers and strings always serialise")
}

/// Appends a server-sent event without a name, whose data is one line already.
pub fn push(piece: &mut String, data: &str) {
    debug_assert!(!data.contains('\n'), "an event's data is one line");
    piece.push_str("data: ");
    // Legal inside JSON and inside an event, and the end of a line to readers that split by Unicode's rules.
    if data.contains(['\u{2028}', '\u{2029}', '\u{85}']) {
        let escaped =
            data.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029").replace('\u{85}', "\\u0085");
        piece.push_str(&escaped);
    } else {
        piece.push_str(data);
    }
    piece.push_str("\n\n");
}

/// An [`EventBody`] as a `Stream`: the future that makes the next piece owns the body while it runs.
enum Pulled<W> {
    Resting(Box<EventBody<W>>),
    Making(Making<W>),
    Over,
}

type Making<W> = Pin<Box<dyn Future<Output = (Box<EventBody<W>>, Option<String>)> + Send>>;

impl<W: Writer> Stream for Pulled<W> {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let state = self.get_mut();
        let mut making = match std::mem::replace(state, Pulled::Over) {
            Pulled::Resting(mut body) => Box::pin(async move {
                let piece = body.next().await;
                (body, piece)
            }) as Making<W>,
            Pulled::Making(making) => making,
            Pulled::Over => return Poll::Ready(None),
        };
        match making.as_mut().poll(cx) {
            Poll::Pending => {
                *state = Pulled::Making(making);
                Poll::Pending
            }
            Poll::Ready((_, None)) => Poll::Ready(None),
            Poll::Ready((body, Some(piece))) => {
                *state = Pulled::Resting(body);
                Poll::Ready(Some(Ok(Bytes::from(piece))))
            }
        }
    }
}
