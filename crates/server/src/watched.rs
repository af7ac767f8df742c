//! A socket that knows when its peer has stopped reading, and a connection that knows when it has waited
//! too long for a request.
//!
//! ```text
//! connect --(HEAD_TIMEOUT)--> head complete -> request in progress -> response body ended
//!    ^ first byte of a head starts HEAD_TIMEOUT anew                       |
//!    +------------------------------(IDLE_TIMEOUT)-------------------------+
//! ```
//! While a request is in progress neither timer runs; then only a reader that takes nothing counts
//! (`stall_timeout`), which ends the connection, and with it drops the response body and its request.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

/// What one connection is doing.
pub struct Connection {
    phase: Mutex<Phase>,
    changed: Notify,
}

#[derive(Clone, Copy)]
struct Phase {
    in_progress: usize,
    waits_since: Instant,
    wants_head: bool,
}

impl Connection {
    /// A connection that has just been accepted.
    pub fn new() -> Arc<Self> {
        let phase = Phase { in_progress: 0, waits_since: Instant::now(), wants_head: true };
        Arc::new(Self { phase: Mutex::new(phase), changed: Notify::new() })
    }

    fn update(&self, change: impl FnOnce(&mut Phase)) {
        change(&mut self.phase.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A request's head is complete; its work lasts until the returned guard is dropped.
    pub fn begin(self: &Arc<Self>) -> InProgress {
        self.update(|phase| phase.in_progress += 1);
        InProgress(Arc::clone(self))
    }

    fn end(&self) {
        self.update(|phase| {
            phase.in_progress -= 1;
            phase.waits_since = Instant::now();
            phase.wants_head = false;
        });
        self.changed.notify_one();
    }

    fn bytes_came(&self) {
        self.update(|phase| {
            if phase.in_progress == 0 && !phase.wants_head {
                phase.waits_since = Instant::now();
                phase.wants_head = true;
            }
        });
        self.changed.notify_one();
    }

    /// When this connection has waited too long; `None` while a request is in progress.
    fn patience_ends(&self, head: Duration, idle: Duration) -> Option<Instant> {
        let phase = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        (phase.in_progress == 0).then(|| phase.waits_since + if phase.wants_head { head } else { idle })
    }

    /// Returns when the peer has let us wait too long for a request.
    pub async fn waited_too_long(&self, head: Duration, idle: Duration) {
        loop {
            match self.patience_ends(head, idle) {
                None => self.changed.notified().await,
                Some(end) if end <= Instant::now() => return,
                Some(end) => tokio::select! {
                    () = sleep_until(end) => {}
                    () = self.changed.notified() => {}
                },
            }
        }
    }
}

/// A request in progress on a connection.
pub struct InProgress(Arc<Connection>);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A response body that keeps its request in progress until it has been written or dropped.
pub struct TrackedBody {
    body: Body,
    _in_progress: InProgress,
}

impl TrackedBody {
    /// Ties `body` to the request's guard.
    pub fn new(body: Body, in_progress: InProgress) -> Self {
        Self { body, _in_progress: in_progress }
    }
}

impl http_body::Body for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket whose writes fail once the peer has taken nothing for `stall_timeout`.
pub struct WatchedSocket {
    socket: TcpStream,
    connection: Arc<Connection>,
    stall_timeout: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    stalls: Arc<AtomicU64>,
}

impl WatchedSocket {
    /// Watches `socket`; each reader given up on adds one to `stalls`.
    pub fn new(
        socket: TcpStream,
        connection: Arc<Connection>,
        stall_timeout: Duration,
        stalls: Arc<AtomicU64>,
    ) -> Self {
        Self { socket, connection, stall_timeout, stalled: None, stalls }
    }

    fn judge<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let deadline = Instant::now() + self.stall_timeout;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.as_mut().poll(cx).is_ready() {
            self.stalls.fetch_add(1, Ordering::Relaxed);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the reader stalled")));
        }
        Poll::Pending
    }
}

impl AsyncRead for WatchedSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if outcome.is_ready() && buffer.filled().len() > before {
            self.connection.bytes_came();
        }
        outcome
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.judge(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.judge(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
