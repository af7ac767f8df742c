//! Server-sent events: answers as a response body that is pulled by its reader.
//!
//! ```text
//! role chunks | text chunks ... | one finish chunk per answer | usage chunk, if asked for | [DONE]
//!             | ... an error object, at any point after the head                         | [DONE]
//! ```
//! Every stream ends with exactly one `[DONE]`. The body holds no buffer of its own: an event is made when
//! the connection can take it, so a slow reader costs what the engine has produced for it, and no more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_core::Stream;
use gollum_frontend::ShownToken;
use tokio::time::timeout;

use crate::answers::{AnswerEvent, Answers};
use crate::limits;
use crate::wire::Usage;

/// How one API writes the events of its streams; each method returns JSON objects without line ends.
pub trait Dialect: Send + 'static {
    /// Chunks before any text, for `count` answers.
    fn opening(&mut self, count: usize) -> Vec<String>;
    /// New text of an answer; `None` if there is nothing to tell.
    fn delta(
        &mut self,
        answers: &Answers,
        index: usize,
        text: String,
        logprobs: &[ShownToken],
    ) -> Option<String>;
    /// The end of an answer.
    fn finished(&mut self, index: usize, reason: &'static str, matched_stop: Option<String>) -> String;
    /// The last chunk, for `include_usage`.
    fn usage(&mut self, usage: Usage) -> String;
}

/// Events are joined up to about this many bytes when several are ready at once.
const JOIN_BYTES: usize = 8 << 10;

struct EventBody<D> {
    answers: Answers,
    dialect: D,
    include_usage: bool,
    /// Events that were read while the response's head was held back.
    early: std::collections::VecDeque<AnswerEvent>,
    opened: bool,
    done: bool,
}

/// A streaming response. `early` are events that were read already.
pub fn response<D: Dialect>(
    answers: Answers,
    dialect: D,
    include_usage: bool,
    early: Vec<AnswerEvent>,
) -> Response {
    let body = EventBody { answers, dialect, include_usage, early: early.into(), opened: false, done: false };
    let mut response = Response::new(Body::from_stream(Pulled::Resting(Box::new(body))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // nginx would otherwise collect the stream.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl<D: Dialect> EventBody<D> {
    /// The next piece of the body; `None` after `[DONE]`.
    async fn next(&mut self) -> Option<String> {
        if self.done {
            return None;
        }
        let mut piece = String::new();
        if !self.opened {
            self.opened = true;
            for chunk in self.dialect.opening(self.answers.count()) {
                push(&mut piece, &chunk);
            }
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
                    Err(_) => return Some(": still working\n\n".to_owned()),
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
            Some(AnswerEvent::Delta { index, text, logprobs }) => {
                if let Some(chunk) = self.dialect.delta(&self.answers, index, text, &logprobs) {
                    push(piece, &chunk);
                }
            }
            Some(AnswerEvent::Finished { index, reason, matched_stop }) => {
                push(piece, &self.dialect.finished(index, reason, matched_stop));
            }
            Some(AnswerEvent::Failed(error)) => {
                push(piece, &error.to_json());
                self.finish(piece);
            }
            None => {
                if self.include_usage {
                    push(piece, &self.dialect.usage(self.answers.usage()));
                }
                self.finish(piece);
            }
        }
    }

    fn finish(&mut self, piece: &mut String) {
        push(piece, "[DONE]");
        self.done = true;
    }
}

fn push(piece: &mut String, data: &str) {
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
enum Pulled<D> {
    Resting(Box<EventBody<D>>),
    Making(Making<D>),
    Over,
}

type Making<D> = Pin<Box<dyn Future<Output = (Box<EventBody<D>>, Option<String>)> + Send>>;

impl<D: Dialect> Stream for Pulled<D> {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let state = self.get_mut();
        let mut making = match std::mem::replace(state, Pulled::Over) {
            Pulled::Resting(mut body) => Box::pin(async move {
                let piece = body.next().await;
                (body, piece)
            }) as Making<D>,
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
