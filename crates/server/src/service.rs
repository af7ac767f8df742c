//! The way of one request through the server:
//!
//! ```text
//! x-request-id -> path -> Host, Origin -> API key -> route -> handler -> security headers, metrics, log
//! ```
//! An error is told in the dialect of the route it happened on, also one that no handler has seen.

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower::Service as _;

use crate::app::{App, Caller, Context};
use crate::auth::Keys;
use crate::cors;
use crate::error::ApiError;
use crate::path::{self, Target};
use crate::route::{Access, ErrorShape};
use crate::routes;
use crate::sites::{Ends, SiteGuard};
use crate::spans::TraceParent;

/// The header that names a request, in both directions.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header that names the trace which a request is part of.
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// Everything between a connection and a handler.
pub struct Service {
    /// What handlers share.
    pub app: Arc<App>,
    router: Router,
    keys: Keys,
    sites: SiteGuard,
    base_path: String,
    serial: AtomicU64,
    id_hasher: RandomState,
}

impl Service {
    /// The service of a server that listens on loopback only, or not.
    pub fn new(app: Arc<App>, is_loopback: bool) -> Arc<Self> {
        Arc::new(Self {
            router: routes::router(&app),
            keys: Keys::new(&app.config.api_keys),
            sites: SiteGuard::new(is_loopback, &app.config),
            base_path: path::base_path(&app.config.base_path),
            serial: AtomicU64::new(0),
            id_hasher: RandomState::new(),
            app,
        })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
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
        let context = (name.clone(), serial, started);
        let mut response = self
            .answer(request, target, route.map_or(Access::Key, |route| route.access), context)
            .await
            .unwrap_or_else(IntoResponse::into_response);
        let shape = route.map_or(ErrorShape::OpenAi, |route| route.errors);
        if let Some(error) = response.extensions_mut().remove::<ApiError>() {
            // The length that was set is that of another text; hyper sets the new one.
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = shape.write(&error, &name).into();
        }
        if let Some(origin) = origin {
            cors::allow(response.headers_mut(), origin);
        }
        if self.sites.has_cors() {
            response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
        }
        add_headers(response.headers_mut(), &name);
        let path = route.map_or("other", |route| route.path);
        self.app.counters.answered(path, response.status().as_u16());
        let ms = started.elapsed().as_millis();
        tracing::info!(%method, path, status = response.status().as_u16(), ms, id = name, "answered");
        response
    }

    /// Lets the request in and hands it to its route, under the path that was looked up.
    async fn answer(
        &self,
        mut request: Request,
        target: Target,
        access: Access,
        (name, serial, started): (String, u64, Instant),
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
        let parent = request.headers().get(TRACE_PARENT).and_then(|value| value.to_str().ok());
        let parent = parent.and_then(TraceParent::parse);
        request.extensions_mut().insert(Context { name, caller: Caller { tenant, serial }, started, parent });
        let mut router = self.router.clone();
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
