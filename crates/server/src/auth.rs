//! Who may ask: API keys.
//!
//! Default deny: with keys configured every path needs one, except those the route table marks public, and
//! the path compared is the very path the router matches. Without keys the server is meant for this machine
//! only, and `sites` guards it against web pages.

use axum::http::{HeaderMap, header};
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
    /// Errors: 401 when there is no key in `Authorization: Bearer` or `X-Api-Key`, or none of ours.
    pub fn check(&self, headers: &HeaderMap) -> Result<Option<usize>, ApiError> {
        if self.is_open() {
            return Ok(None);
        }
        let given = bearer(headers).or_else(|| x_api_key(headers)).ok_or_else(ApiError::unauthorized)?;
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

/// The key of `X-Api-Key: KEY`, as Anthropic's clients send it; a second header does not count either.
fn x_api_key(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all("x-api-key").iter();
    let value = values.next()?.as_bytes();
    values.next().is_none().then(|| value.trim_ascii())
}
