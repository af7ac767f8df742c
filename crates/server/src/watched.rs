//! A socket that knows when its peer has stopped reading, and a connection that knows when it has waited
//! too long for a request, and when its peer is gone.
//!
//! ```text
//! connect --(HEAD_TIMEOUT)--> head complete -> request in progress -> response body ended
//!    ^ first byte of a head starts HEAD_TIMEOUT anew                       |
//!    +------------------------------(IDLE_TIMEOUT)-------------------------+
//! ```
//! While a request is in progress neither timer runs; then only a reader that takes nothing counts
//! (`stall_timeout`), which ends the connection, and with it drops the response body and its request.
//!
//! The end of input is not the end of a connection: a client may send its request, close its sending side, and
//! read on. One that has closed altogether looks the same until something is sent to it, which it answers with a
//! reset. Streams send all the time. Where an answer takes its time, `100 Continue` is sent to a peer whose input
//! has ended: clients of HTTP/1.1 skip it, and a peer that is gone resets.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use axum::body::Body;
use axum::http::Version;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::limits;

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
    /// Since when a request waits for its answer's head, or since when the client was last asked whether it is there;
    /// only of clients that may be sent `100 Continue`.
    awaits_answer: Option<Instant>,
    /// True while bytes of an answer wait to be written.
    is_writing: bool,
}

impl Connection {
    /// A connection that has just been accepted.
    pub fn new() -> Arc<Self> {
        let phase = Phase {
            in_progress: 0,
            waits_since: Instant::now(),
            wants_head: true,
            awaits_answer: None,
            is_writing: false,
        };
        Arc::new(Self { phase: Mutex::new(phase), changed: Notify::new() })
    }

    fn update(&self, change: impl FnOnce(&mut Phase)) {
        change(&mut self.phase.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn phase(&self) -> Phase {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request's head is complete; its work lasts until the returned guard is dropped.
    pub fn begin(self: &Arc<Self>, version: Version) -> InProgress {
        self.update(|phase| {
            phase.in_progress += 1;
            phase.awaits_answer = (version == Version::HTTP_11).then(Instant::now);
        });
        InProgress(Arc::clone(self))
    }

    /// The answer's head is there.
    pub fn answers(&self) {
        self.update(|phase| phase.awaits_answer = None);
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
        let phase = self.phase();
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

impl Connection {
    /// Returns when the peer of `socket` is gone: it has reset the connection, or does so when asked whether it is
    /// still there.
    pub async fn peer_gone(&self, socket: &TcpStream) {
        let asking = async {
            loop {
                sleep(limits::HALF_CLOSED_PROBE / 4).await;
                let phase = self.phase();
                let is_late = phase.awaits_answer.is_some_and(|at| at.elapsed() >= limits::HALF_CLOSED_PROBE);
                if !is_late || phase.is_writing || !input_has_ended(socket) {
                    continue;
                }
                self.update(|phase| phase.awaits_answer = Some(Instant::now()));
                match socket.try_write(CONTINUE) {
                    Ok(written) if written == CONTINUE.len() => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    // Part of it would spoil the answer that follows.
                    Ok(_) | Err(_) => return,
                }
            }
        };
        tokio::select! {
            // Readiness for errors alone comes with a reset.
            _ = socket.ready(Interest::ERROR) => {}
            () = asking => {}
        }
    }
}

/// Changes nothing for a client, and makes one that is gone say so.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// True once the peer has closed its sending side, whatever it sent before.
fn input_has_ended(socket: &TcpStream) -> bool {
    let mut ready = std::pin::pin!(socket.ready(Interest::READABLE));
    let polled = ready.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    matches!(polled, Poll::Ready(Ok(ready)) if ready.is_read_closed())
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

/// A socket whose writes fail once the peer has taken nothing for `stall_timeout`. The stream is shared with
/// [`Connection::peer_gone`].
pub struct WatchedSocket {
    socket: Arc<TcpStream>,
    connection: Arc<Connection>,
    stall_timeout: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    stalls: Arc<AtomicU64>,
}

impl WatchedSocket {
    /// Watches `socket`; each reader given up on adds one to `stalls`.
    pub fn new(
        socket: Arc<TcpStream>,
        connection: Arc<Connection>,
        stall_timeout: Duration,
        stalls: Arc<AtomicU64>,
    ) -> Self {
        Self { socket, connection, stall_timeout, stalled: None, stalls }
    }

    /// Writes as soon as the socket takes something.
    fn poll_with(
        &mut self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let outcome = loop {
            match self.socket.poll_write_ready(cx) {
                Poll::Pending => break Poll::Pending,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) => match write(&self.socket) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    outcome => break Poll::Ready(outcome),
                },
            }
        };
        self.connection.update(|phase| phase.is_writing = outcome.is_pending());
        self.judge(cx, outcome)
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
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.socket.poll_read_ready(cx))?;
            match self.socket.try_read(buffer.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(count) => {
                    buffer.advance(count);
                    if count > 0 {
                        self.connection.bytes_came();
                    }
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_with(cx, |socket| socket.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(cx, |socket| socket.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP socket holds nothing back.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&*self.socket).shutdown(Shutdown::Write))
    }
}
