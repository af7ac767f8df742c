//! The accept loop: our own, because it must survive running out of file descriptors, bound the number of
//! connections, and close those that send no request.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::becomes_true;
use crate::limits;
use crate::service::Service;
use crate::sites::Ends;
use crate::watched::{Connection, TrackedBody, WatchedSocket};

/// Time for the last bytes of finished responses to leave, once the server closes.
const CLOSING_TIME: Duration = Duration::from_millis(500);

/// Accepts and serves until `close` turns true; then lets connections finish what they write and returns. The
/// connections of all listeners are counted together.
pub async fn accept_until(listeners: Vec<TcpListener>, service: &Arc<Service>, close: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(service.app.config.max_connections));
    let refusals = Arc::new(Semaphore::new(limits::MAX_TURNED_AWAY));
    let mut doors = JoinSet::new();
    for listener in listeners {
        let places = Places { slots: Arc::clone(&slots), refusals: Arc::clone(&refusals) };
        doors.spawn(accept_from(listener, Arc::clone(service), places, close.clone()));
    }
    while doors.join_next().await.is_some() {}
}

/// Room for connections.
struct Places {
    slots: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
}

async fn accept_from(
    listener: TcpListener,
    service: Arc<Service>,
    places: Places,
    mut close: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => match Arc::clone(&places.slots).try_acquire_owned() {
                    Ok(slot) => {
                        let (service, close) = (Arc::clone(&service), close.clone());
                        connections.spawn(async move {
                            let _slot = slot;
                            serve_connection(socket, service, close).await;
                        });
                    }
                    Err(_) => {
                        service.app.counters.connections_refused.fetch_add(1, Ordering::Relaxed);
                        refuse(socket, &places.refusals, &mut connections);
                    }
                },
                // One peer's trouble is no reason to rest; anything else is ours, most likely no descriptors.
                Err(error) if is_peers_fault(&error) => {}
                Err(error) => {
                    service.app.counters.accept_errors.fetch_add(1, Ordering::Relaxed);
                    tracing::warn!(%error, "cannot accept connections for the moment");
                    tokio::time::sleep(limits::ACCEPT_BACK_OFF).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = becomes_true(&mut close) => break,
        }
    }
    drop(listener);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if timeout(CLOSING_TIME, all_ended).await.is_err() {
        tracing::debug!("some connections did not close in time and are dropped");
    }
}

fn is_peers_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

async fn serve_connection(socket: TcpStream, service: Arc<Service>, mut close: watch::Receiver<bool>) {
    let app = &service.app;
    prepare(&socket);
    let socket = Arc::new(socket);
    let ends = ends_of(&socket);
    let _open = app.counters.open_connection();
    let connection = Connection::new();
    let stalls = Arc::clone(&app.counters.stalled_readers);
    let watched =
        WatchedSocket::new(Arc::clone(&socket), Arc::clone(&connection), app.config.stall_timeout, stalls);
    let answering = {
        let (service, connection) = (Arc::clone(&service), Arc::clone(&connection));
        service_fn(move |mut request: hyper::Request<Incoming>| {
            if let Some(ends) = ends {
                request.extensions_mut().insert(ends);
            }
            let in_progress = connection.begin(request.version());
            let (service, connection) = (Arc::clone(&service), Arc::clone(&connection));
            async move {
                let response: Response = service.handle(request.map(Body::new)).await;
                connection.answers();
                Ok::<_, Infallible>(response.map(|body| TrackedBody::new(body, in_progress)))
            }
        })
    };
    let mut serving = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            // Waiting for heads is timed by `Connection`, which tells a slow head from an idle connection.
            .header_read_timeout(None)
            .max_buf_size(limits::MAX_HEAD_BYTES)
            .max_headers(limits::MAX_HEADERS)
            // Whether a client is gone is for `Connection` to tell, too.
            .half_close(true)
            .serve_connection(TokioIo::new(watched), answering)
    );
    let served = async {
        tokio::select! {
            outcome = serving.as_mut() => outcome,
            () = becomes_true(&mut close) => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
        }
    };
    let outcome = tokio::select! {
        outcome = served => outcome,
        () = connection.waited_too_long(app.config.head_timeout, app.config.idle_timeout) => return,
        () = connection.peer_gone(&socket) => {
            tracing::debug!("the client is gone");
            return;
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "connection ended");
    }
}

/// `None` for a peer that is gone already.
fn ends_of(socket: &TcpStream) -> Option<Ends> {
    let (remote, local) = (socket.peer_addr().ok()?, socket.local_addr().ok()?);
    Some(Ends { remote: remote.ip(), local: local.ip() })
}

/// Sets what every connection needs; a socket that does not take it serves all the same.
fn prepare(socket: &TcpStream) {
    // Without it each event of a stream waits for the acknowledgement of the one before.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let keep_alive =
        TcpKeepalive::new().with_time(limits::TCP_KEEP_ALIVE).with_interval(limits::TCP_KEEP_ALIVE);
    if let Err(error) = SockRef::from(socket).set_tcp_keepalive(&keep_alive) {
        tracing::debug!(%error, "cannot set TCP keep-alive");
    }
}

/// What a connection beyond the limit is told.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    retry-after: 1\r\nconnection: close\r\ncontent-length: 109\r\n\r\n\
    {\"error\":{\"message\":\"too many connections\",\"type\":\"server_error\",\"param\":null,\
    \"code\":\"too_many_connections\"}}";

/// Tells a connection beyond the limit to come back: with time to read it while there are `refusals` left.
fn refuse(socket: TcpStream, refusals: &Arc<Semaphore>, connections: &mut JoinSet<()>) {
    match Arc::clone(refusals).try_acquire_owned() {
        Ok(permit) => {
            connections.spawn(async move {
                let _permit = permit;
                turn_away(socket).await;
            });
        }
        // A new socket's send buffer is empty, so this takes all of it and does not block.
        Err(_) => drop(socket.try_write(TOO_MANY)),
    }
}

/// Tells a connection beyond the limit to come back, then closes it.
async fn turn_away(mut socket: TcpStream) {
    let farewell = async {
        if socket.write_all(TOO_MANY).await.is_ok() && socket.shutdown().await.is_ok() {
            // Reading what was sent keeps the kernel from resetting the connection before the answer arrives.
            let mut discarded = [0u8; 4096];
            while matches!(socket.read(&mut discarded).await, Ok(1..)) {}
        }
    };
    if timeout(Duration::from_secs(1), farewell).await.is_err() {
        tracing::trace!("a refused connection did not leave");
    }
}
