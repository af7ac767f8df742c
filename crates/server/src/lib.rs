//! HTTP: the only crate that knows routes, status codes, JSON for clients and server-sent events.
//!
//! ```text
//! accept  connections: bounded, timed, closed when they stall
//! service the way of one request: id, path, Host and Origin, API key, route, headers, metrics
//! sites   names we answer to, pages that may use us; cors answers the browsers of the latter
//! routes  the table of all routes, and the server's own: probes, metrics, debugging, the chat page
//! apis    one folder per dialect: its bodies parsed into one kind of request, its answers written, its routes
//! generate what dialects share: reading fields, letting requests in, running them, pulling streams
//! app     the state below all of these; error, every HTTP code there is
//! ```
//! Nothing on the event loop computes: parsing, templates and tokenizing run on bounded workers. A response
//! body owns its generation, so a connection that goes away drops it, and dropping is aborting.

mod accept;
mod apis;
mod app;
mod auth;
mod body;
mod cors;
mod error;
mod generate;
pub mod limits;
mod metrics;
mod openmetrics;
mod path;
mod route;
mod routes;
mod service;
mod sites;
mod spans;
mod stored;
mod watched;
mod workers;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gollum_frontend::{ModelHost, SpecialText};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::App;
use crate::service::Service;
pub use crate::sites::{AddressRange, NotARange};
pub use crate::spans::{Outcome, Phase, RequestSpan, SpanSink, TraceParent};

/// Settings of the server. Every field has a default that is safe on a loopback address.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Keys that open the API; none: no key is asked for.
    pub api_keys: Vec<String>,
    /// Serve other machines without a key.
    pub insecure: bool,
    /// Names the server answers to, beside the loopback ones; `*` for every name. On an address that is not
    /// loopback, none means every name.
    pub allowed_hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Origins of other sites whose pages may use the API, such as `https://app.example` or
    /// `chrome-extension://abc`; `*` for all.
    pub cors_origins: Vec<String>,
    /// Path under which a proxy shows the server, such as `/llm`; paths without it are answered too.
    pub base_path: String,
    /// How text of control tokens inside chat messages is read.
    pub content_text: SpecialText,
    /// Bytes of a request body at most.
    pub max_body_bytes: usize,
    /// Connections at most.
    pub max_connections: usize,
    /// Time for a request's head to arrive.
    pub head_timeout: Duration,
    /// Time for a request's body to arrive.
    pub body_timeout: Duration,
    /// Time a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// Time a reader may take nothing before its request is aborted.
    pub stall_timeout: Duration,
    /// Time for requests in flight to end once the server is told to stop.
    pub drain_timeout: Duration,
    /// Who is told of requests that have ended.
    pub spans: Option<Arc<dyn SpanSink>>,
    /// Makes a profile of the process for `/debug/pprof/profile`, where that is allowed.
    pub profiler: Option<Profiler>,
}

/// Samples the process for this long; returns a profile in the pprof format, or why there is none. Waits.
pub type Profiler = fn(Duration) -> Result<Vec<u8>, String>;

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            api_keys: Vec::new(),
            insecure: false,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            base_path: String::new(),
            content_text: SpecialText::Literal,
            max_body_bytes: limits::MAX_BODY_BYTES,
            max_connections: limits::MAX_CONNECTIONS,
            head_timeout: limits::HEAD_TIMEOUT,
            body_timeout: limits::BODY_TIMEOUT,
            idle_timeout: limits::IDLE_TIMEOUT,
            stall_timeout: limits::STALL_TIMEOUT,
            drain_timeout: Duration::from_secs(30),
            spans: None,
            profiler: None,
        }
    }
}

/// Why the server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Other machines could reach the server, and no key protects it.
    #[error("{address} can be reached from other machines: an API key is needed, or `insecure`")]
    Unprotected {
        /// Where it would listen.
        address: SocketAddr,
    },
    /// The listener has no address.
    #[error("the listening socket: {0}")]
    Listener(#[from] io::Error),
}

/// The paths of all routes, `{id}` for one segment of any name, `{*id}` for several: for documentation, and for tests that must
/// not forget one.
pub fn route_paths() -> impl Iterator<Item = &'static str> {
    routes::all().map(|route| route.path)
}

/// Time for streams to write their last event after the drain's deadline.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Serves until `shutdown` completes, then drains: `/readyz` fails and new work is refused at once, requests
/// that were let in before may end within [`ServerConfig::drain_timeout`], also those that wait for a model to
/// load, and those that do not get a last event.
///
/// Needs a tokio runtime with time and I/O enabled. Errors: see [`ServerError`]; once it serves, none.
pub async fn serve(
    listeners: Vec<TcpListener>,
    host: Arc<dyn ModelHost>,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let has_keys = config.api_keys.iter().any(|key| !key.is_empty());
    let mut is_loopback = true;
    for listener in &listeners {
        let address = listener.local_addr()?;
        if !address.ip().to_canonical().is_loopback() {
            is_loopback = false;
            if !has_keys && !config.insecure {
                return Err(ServerError::Unprotected { address });
            }
        }
    }
    let app = App::new(host, config);
    let service = Service::new(Arc::clone(&app), is_loopback);
    let (close, closed) = watch::channel(false);
    let accepting = accept::accept_until(listeners, &service, closed);
    let stopping = async {
        shutdown.await;
        drain(&app).await;
        close.send_replace(true);
    };
    tokio::join!(accepting, stopping);
    Ok(())
}

async fn drain(app: &Arc<App>) {
    let patience = app.config.drain_timeout;
    app.start_draining();
    tracing::info!(in_flight = app.generations(), seconds = patience.as_secs(), "draining");
    // Engines are not told yet: a request that was let in may still be on its way to one.
    if timeout(patience, app.idle()).await.is_err() {
        tracing::warn!(in_flight = app.generations(), "the drain's deadline has passed");
        app.cut.send_replace(true);
        if timeout(LAST_WORDS, app.idle()).await.is_err() {
            tracing::warn!(in_flight = app.generations(), "some streams end without their last event");
        }
    }
    for model in app.host.loaded() {
        model.engine().drain(Duration::ZERO);
    }
}
