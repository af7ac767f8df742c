//! Who may ask: API keys, and the guard against web pages of other sites.
//!
//! Default deny: with keys configured every path needs one, except those the route table marks public, and
//! the path compared is the very path the router matches. Without keys the server is meant for this machine
//! only, and there the danger is a browser on it: a page of another site (its `Origin`, `Sec-Fetch-Site`) or
//! a name that someone re-points at 127.0.0.1 (the `Host`). Cross-origin requests are refused and no
//! `Access-Control-*` header is ever sent.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, Version, header};
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// The accepted keys, as digests: equal length, so that comparing takes the same time for every guess.
pub struct Keys {
    digests: Vec<[u8; 32]>,
}

impl Keys {
    /// Empty strings are dropped: an unset variable must not become a key anybody can send.
    pub fn new(keys: &[String]) -> Self {
        let digests = keys.iter().filter(|key| !key.is_empty()).map(|key| digest(key.as_bytes())).collect();
        Self { digests }
    }

    /// True if no key is asked for.
    pub fn is_open(&self) -> bool {
        self.digests.is_empty()
    }

    /// Which key the request carries: its tenant. `None` when no key is asked for or only one is known.
    ///
    /// Errors: 401 when the header is absent, not `Bearer`, or no key of ours.
    pub fn check(&self, headers: &HeaderMap) -> Result<Option<usize>, ApiError> {
        if self.is_open() {
            return Ok(None);
        }
        let given = bearer(headers).ok_or_else(ApiError::unauthorized)?;
        let given = digest(given);
        let mut found = None;
        for (index, known) in self.digests.iter().enumerate() {
            let difference = known.iter().zip(&given).fold(0u8, |all, (a, b)| all | (a ^ b));
            if std::hint::black_box(difference) == 0 {
                found = Some(index);
            }
        }
        let tenant = found.ok_or_else(ApiError::unauthorized)?;
        Ok((self.digests.len() > 1).then_some(tenant))
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The key of `Authorization: Bearer KEY`; the scheme's case does not matter, a second header does.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.as_bytes();
    if values.next().is_some() {
        return None;
    }
    let (scheme, key) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| key.trim_ascii())
}

/// Which names the server answers to, and to which pages.
pub struct SiteGuard {
    /// Lower case, without port. `None`: every name.
    hosts: Option<Vec<String>>,
}

impl SiteGuard {
    /// On loopback, only loopback names and `allowed`; elsewhere `allowed`, or every name if it is empty.
    /// `*` allows every name.
    pub fn new(is_loopback: bool, allowed: &[String]) -> Self {
        if allowed.iter().any(|name| name == "*") || (allowed.is_empty() && !is_loopback) {
            return Self { hosts: None };
        }
        let mut hosts: Vec<String> = allowed.iter().map(|name| name.to_ascii_lowercase()).collect();
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(String::from));
        Self { hosts: Some(hosts) }
    }

    /// Errors: 403 for a foreign name or a page of another site, 400 for none or several `Host`s.
    pub fn check(&self, request: &Request) -> Result<(), ApiError> {
        let (method, headers) = (request.method(), request.headers());
        let host = host_of(request.version(), request.uri(), headers)?;
        if let (Some(known), Some(host)) = (&self.hosts, &host)
            && !known.contains(&name_of(host))
        {
            let message = format!("this server does not answer to the name `{}`", host.host());
            return Err(ApiError::forbidden(message));
        }
        // A link followed from elsewhere opens our page in a tab of its own, where the other site sees nothing.
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
        let followed = is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document");
        let foreign = is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site");
        if foreign && !(followed && method == Method::GET) {
            return Err(ApiError::forbidden("requests from pages of other sites are refused"));
        }
        for origin in headers.get_all(header::ORIGIN) {
            let same = origin.to_str().ok().and_then(|text| text.split_once("://")).is_some_and(
                |(scheme, authority)| {
                    matches!(scheme, "http" | "https")
                        && host.as_ref().is_some_and(|host| authority.eq_ignore_ascii_case(host.as_str()))
                },
            );
            if !same {
                return Err(ApiError::forbidden("requests from pages of other sites are refused"));
            }
        }
        Ok(())
    }
}

/// The name the client used: the request target's, if it is absolute, and the `Host` header's, which must agree.
fn host_of(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<Option<Authority>, ApiError> {
    let mut values = headers.get_all(header::HOST).iter();
    let header = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err(ApiError::malformed("more than one Host header")),
        (None, _) if version < Version::HTTP_11 => None,
        (None, _) => return Err(ApiError::malformed("no Host header")),
        (Some(value), None) => {
            let authority = Authority::try_from(value.as_bytes())
                .ok()
                .filter(|authority| !authority.as_str().contains('@'))
                .ok_or_else(|| ApiError::malformed("the Host header is no host name"))?;
            Some(authority)
        }
    };
    match (uri.authority(), header) {
        (Some(target), Some(host)) if !target.as_str().eq_ignore_ascii_case(host.as_str()) => {
            Err(ApiError::malformed("the request target and the Host header disagree"))
        }
        (Some(target), _) => Ok(Some(target.clone())),
        (None, host) => Ok(host),
    }
}

fn name_of(host: &Authority) -> String {
    host.host().trim_end_matches('.').to_ascii_lowercase()
}
