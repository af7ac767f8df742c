//! What all requests share, and the way of one request through the server:
//!
//! ```text
//! x-request-id -> path -> Host, Origin -> API key -> route -> handler -> security headers, metrics, log
//! ```

use std::collections::VecDeque;
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use gollum_core::RequestId;
use gollum_frontend::{Frontend, ModelHost};
use tokio::sync::{Semaphore, watch};
use tower::Service;

use crate::ServerConfig;
use crate::auth::Keys;
use crate::error::ApiError;
use crate::metrics::Counters;
use crate::path::{self, Target};
use crate::routes::{self, Access};
use crate::sites::{Ends, SiteGuard};
use crate::wire::generation::Caller;
use crate::workers::Workers;
use crate::{cors, limits};

/// The header that names a request, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that handlers share.
pub struct App {
    /// Where models come from.
    pub host: Arc<dyn ModelHost>,
    /// The settings.
    pub config: ServerConfig,
    /// What we count.
    pub counters: Counters,
    /// Parses, renders, tokenizes.
    pub workers: Workers,
    /// Waits for models to load.
    pub loaders: Workers,
    /// Bytes of bodies that may be held at once.
    pub body_bytes: Arc<Semaphore>,
    /// True at the server's last moment: what still streams must end now.
    pub cut: watch::Sender<bool>,
    draining: watch::Sender<bool>,
    in_flight: watch::Sender<usize>,
    keys: Keys,
    sites: SiteGuard,
    base_path: String,
    router: std::sync::OnceLock<Router>,
    serial: AtomicU64,
    id_hasher: RandomState,
    remembered: Mutex<VecDeque<Remembered>>,
}

/// Which engine requests an `x-request-id` became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The `x-request-id`.
    pub name: String,
    /// The model that answered.
    pub model: String,
    /// Its engine's ids.
    pub ids: Vec<RequestId>,
    /// Whose request it was.
    pub tenant: Option<usize>,
}

/// What the way in has found out about a request.
#[derive(Clone, Debug)]
pub struct Context {
    /// The `x-request-id`, the client's own or ours.
    pub name: String,
    /// Who asks.
    pub caller: Caller,
}

/// A generation in progress: the server drains until there are none.
pub struct InFlight(Arc<App>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.send_modify(|count| *count -= 1);
    }
}

impl App {
    /// The shared state of a server that listens on loopback or not.
    pub fn new(host: Arc<dyn ModelHost>, config: ServerConfig, is_loopback: bool) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let app = Arc::new(Self {
            host,
            keys: Keys::new(&config.api_keys),
            sites: SiteGuard::new(is_loopback, &config),
            base_path: path::base_path(&config.base_path),
            counters: Counters::default(),
            workers: Workers::new("a worker", cores, limits::MAX_WAITING_FOR_WORKER),
            loaders: Workers::new(
                "models to load",
                limits::MAX_WAITING_FOR_LOAD,
                limits::MAX_WAITING_FOR_LOAD,
            ),
            body_bytes: Arc::new(Semaphore::new(limits::MAX_BODY_BYTES_IN_FLIGHT)),
            cut: watch::Sender::new(false),
            draining: watch::Sender::new(false),
            in_flight: watch::Sender::new(0),
            router: std::sync::OnceLock::new(),
            serial: AtomicU64::new(0),
            id_hasher: RandomState::new(),
            remembered: Mutex::new(VecDeque::new()),
            config,
        });
        app.router.get_or_init(|| routes::router(&app));
        app
    }

    /// Answers one request.
    pub async fn handle(self: &Arc<Self>, request: Request) -> Response {
        let started = Instant::now();
        let method = request.method().clone();
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let name = self.name_of(request.headers(), serial);
        let origin = self.sites.cors_origin(request.headers());
        let target = path::resolve(request.uri().path(), &self.base_path);
        let route = match &target {
            Target::Path(path) => routes::find(path),
            Target::Redirect(_) => routes::find("/"),
        };
        let context = (name.clone(), serial);
        let mut response = self
            .answer(request, target, route.map_or(Access::Key, |route| route.access), context)
            .await
            .unwrap_or_else(IntoResponse::into_response);
        if let Some(origin) = origin {
            cors::allow(response.headers_mut(), origin);
        }
        if self.sites.has_cors() {
            response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
        }
        add_headers(response.headers_mut(), &name);
        let path = route.map_or("other", |route| route.path);
        self.counters.answered(path, response.status().as_u16());
        let ms = started.elapsed().as_millis();
        tracing::info!(%method, path, status = response.status().as_u16(), ms, id = name, "answered");
        response
    }

    /// Lets the request in and hands it to its route, under the path that was looked up.
    async fn answer(
        self: &Arc<Self>,
        mut request: Request,
        target: Target,
        access: Access,
        (name, serial): (String, u64),
    ) -> Result<Response, ApiError> {
        let ends = request.extensions().get::<Ends>().copied();
        self.sites.check(&request, ends, access == Access::Probe)?;
        if cors::is_preflight(&request) && self.sites.cors_origin(request.headers()).is_some() {
            return Ok(cors::preflight(request.headers()));
        }
        let tenant = match access {
            Access::Public | Access::Probe => None,
            Access::Key => self.keys.check(request.headers())?,
        };
        let path = match target {
            Target::Redirect(to) => return Ok(Redirect::permanent(&to).into_response()),
            Target::Path(path) => path,
        };
        let no_address = || ApiError::malformed("the request target is no path");
        *request.uri_mut() = path::with_path(request.uri(), &path).ok_or_else(no_address)?;
        request.extensions_mut().insert(Context { name, caller: Caller { tenant, serial } });
        let mut router = self.router.get().expect("set in `new`").clone();
        let answered: Result<Response, Infallible> = router.call(request).await;
        Ok(answered.unwrap_or_else(|never| match never {}))
    }

    /// The client's own name for the request, if it is harmless in a header and a log; else a new one that
    /// no other client can guess.
    fn name_of(&self, headers: &HeaderMap, serial: u64) -> String {
        let harmless = |name: &&str| {
            (1..=128).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(&byte))
        };
        match headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(harmless) {
            Some(name) => name.to_owned(),
            None => format!("{:016x}{serial:08x}", self.id_hasher.hash_one(serial)),
        }
    }

    /// Counts a generation as in progress. Errors: 503 once the server drains.
    pub fn admit(self: &Arc<Self>) -> Result<InFlight, ApiError> {
        self.in_flight.send_modify(|count| *count += 1);
        let admitted = InFlight(Arc::clone(self));
        if self.is_draining() { Err(ApiError::draining()) } else { Ok(admitted) }
    }

    /// Generations in progress.
    pub fn generations(&self) -> usize {
        *self.in_flight.borrow()
    }

    /// True once the server takes no new work.
    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Takes no new work from now on.
    pub fn start_draining(&self) {
        self.draining.send_replace(true);
    }

    /// Returns when no generation is in progress.
    pub async fn idle(&self) {
        let mut count = self.in_flight.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = count.wait_for(|count| *count == 0).await;
    }

    /// The model of that name, loaded if need be.
    pub async fn model(self: &Arc<Self>, id: Option<&str>) -> Result<Arc<Frontend>, ApiError> {
        if let Some(id) = id
            && let Some(loaded) = self.host.loaded().into_iter().find(|model| model.model_id() == id)
        {
            return Ok(loaded);
        }
        let (host, id) = (Arc::clone(&self.host), id.map(str::to_owned));
        self.loaders.run(move || Ok(host.get(id.as_deref())?)).await
    }

    /// Remembers which engine requests a request became.
    pub fn remember(&self, entry: Remembered) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() == limits::MAX_REMEMBERED_REQUESTS {
            remembered.pop_front();
        }
        remembered.push_back(entry);
    }

    /// The tenant's latest requests, newest first, `most` of them.
    pub fn recent(&self, tenant: Option<usize>, most: usize) -> Vec<Remembered> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.iter().rev().filter(|entry| entry.tenant == tenant).take(most).cloned().collect()
    }

    /// The tenant's latest request of that name.
    pub fn recall(&self, name: &str, tenant: Option<usize>) -> Option<Remembered> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.iter().rev().find(|entry| entry.name == name && entry.tenant == tenant).cloned()
    }
}

/// Returns once the flag is true, or its sender is gone.
pub async fn becomes_true(flag: &mut watch::Receiver<bool>) {
    let _ = flag.wait_for(|flag| *flag).await;
}

fn add_headers(headers: &mut HeaderMap, name: &str) {
    if let Ok(value) = HeaderValue::from_str(name) {
        headers.insert(REQUEST_ID, value);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
