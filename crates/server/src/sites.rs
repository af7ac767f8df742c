//! Which names the server answers to, and which web pages may use it.
//!
//! The danger is a browser on this machine: a page of another site (its `Origin`, `Sec-Fetch-Site`) or a name that
//! someone re-points at 127.0.0.1 (the `Host`). So requests carry a name that we know, and pages are our own, or of an
//! origin that the operator named (`cors`). Behind a proxy our own page has the proxy's name: one of the allowed
//! hosts, or what `X-Forwarded-Host` says, which is believed from the operator's own proxies alone.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, Version, header};

use crate::ServerConfig;
use crate::error::ApiError;

/// Both ends of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Who connected.
    pub remote: IpAddr,
    /// The address it connected to.
    pub local: IpAddr,
}

/// Addresses with a common beginning: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    /// IPv4 as `::ffff:a.b.c.d`.
    first: u128,
    bits: u32,
}

/// A text that is no [`AddressRange`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an IP address nor a range such as 10.0.0.0/8")]
pub struct NotARange(String);

impl FromStr for AddressRange {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let wrong = || NotARange(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(longest), str::parse).map_err(|_| wrong())?;
        if bits > longest {
            return Err(wrong());
        }
        let bits = bits + 128 - longest;
        Ok(Self { first: as_number(address) & mask(bits), bits })
    }
}

impl AddressRange {
    /// True if `address` is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        as_number(address) & mask(self.bits) == self.first
    }
}

fn as_number(address: IpAddr) -> u128 {
    let v6: Ipv6Addr = match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    v6.to_bits()
}

fn mask(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}

/// See the module.
pub struct SiteGuard {
    /// Lower case, without port. `None`: every name.
    hosts: Option<Vec<String>>,
    /// The names that the operator gave, lower case.
    given: Vec<String>,
    /// Origins of other sites that may use the API, lower case; `*` for all.
    cors: Vec<String>,
    proxies: Vec<AddressRange>,
}

/// Under which name, and how, the client's own request came: the proxy's word, or the request's.
struct Seen {
    host: Option<Authority>,
    /// `http` or `https`, where a proxy says so.
    scheme: Option<String>,
    by_proxy: bool,
}

impl SiteGuard {
    /// On loopback, only loopback names and allowed ones; elsewhere allowed ones, or every name if none is given.
    /// `*` allows every name.
    pub fn new(is_loopback: bool, config: &ServerConfig) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let mut given: Vec<String> = lower(&config.allowed_hosts);
        let is_any = given.iter().any(|name| name == "*") || (given.is_empty() && !is_loopback);
        given.retain(|name| name != "*");
        let hosts = (!is_any).then(|| {
            let own = ["localhost", "127.0.0.1", "[::1]"].map(String::from);
            given.iter().cloned().chain(own).collect()
        });
        Self { hosts, given, cors: lower(&config.cors_origins), proxies: config.trusted_proxies.clone() }
    }

    /// The request's origin, if it is another site's that may use the API.
    pub fn cors_origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins.next()?;
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        let is_allowed = self.cors.iter().any(|allowed| *allowed == text || allowed == "*");
        (is_allowed && origins.next().is_none()).then(|| origin.clone())
    }

    /// True if answers depend on the origin.
    pub fn has_cors(&self) -> bool {
        !self.cors.is_empty()
    }

    /// Probes come by address, whatever names there are; they tell nothing and change nothing.
    ///
    /// Errors: 403 for a foreign name or a page of another site, 400 for none or several `Host`s.
    pub fn check(&self, request: &Request, ends: Option<Ends>, is_probe: bool) -> Result<(), ApiError> {
        let (method, headers) = (request.method(), request.headers());
        let host = host_of(request.version(), request.uri(), headers)?;
        let seen = self.seen(host, headers, ends)?;
        if !is_probe && !self.answers_to(&seen, ends) {
            let name = seen.host.as_ref().map_or("", |host| host.host());
            return Err(ApiError::forbidden(format!("this server does not answer to the name `{name}`")));
        }
        if self.cors_origin(headers).is_some() {
            return Ok(());
        }
        // A link followed from elsewhere opens our page in a tab of its own, where the other site sees nothing.
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
        let followed = is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document");
        let foreign = is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site");
        if foreign && !(followed && method == Method::GET) {
            return Err(ApiError::forbidden("requests from pages of other sites are refused"));
        }
        if headers.get_all(header::ORIGIN).iter().all(|origin| self.is_own_page(origin, &seen)) {
            Ok(())
        } else {
            Err(ApiError::forbidden("requests from pages of other sites are refused"))
        }
    }

    /// Errors: 400 for a trusted proxy's `X-Forwarded-Host` that is no host name.
    fn seen(
        &self,
        host: Option<Authority>,
        headers: &HeaderMap,
        ends: Option<Ends>,
    ) -> Result<Seen, ApiError> {
        let trusted = ends.is_some_and(|ends| self.proxies.iter().any(|range| range.contains(ends.remote)));
        // The nearest proxy's word is the last; what stands before it came with the request.
        let last = |name: &str| {
            let value = headers.get_all(name).iter().next_back().filter(|_| trusted)?;
            value.to_str().ok()?.rsplit(',').next().map(|word| word.trim().to_ascii_lowercase())
        };
        let Some(name) = last("x-forwarded-host") else {
            return Ok(Seen { host, scheme: last("x-forwarded-proto"), by_proxy: false });
        };
        let host = authority(name.as_bytes(), "X-Forwarded-Host")?;
        Ok(Seen { host: Some(host), scheme: last("x-forwarded-proto"), by_proxy: true })
    }

    fn answers_to(&self, seen: &Seen, ends: Option<Ends>) -> bool {
        let (Some(known), Some(host)) = (&self.hosts, &seen.host) else { return true };
        let name = name_of(host);
        // An address cannot be re-pointed: a client that names the one it connected to means us.
        let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
        let by_address = ends.is_some_and(|ends| address == Ok(ends.local.to_canonical()));
        // A trusted proxy chooses which names it serves, unless the operator says which.
        known.contains(&name) || by_address || (seen.by_proxy && self.given.is_empty())
    }

    /// True for the origin of a page that we served: the name the request came by, or one that the operator gave
    /// (browsers tell pages of another port of it apart, by `Sec-Fetch-Site`).
    fn is_own_page(&self, origin: &HeaderValue, seen: &Seen) -> bool {
        let Some((scheme, authority)) = origin.to_str().ok().and_then(|text| text.split_once("://")) else {
            return false;
        };
        let Ok(page) = Authority::try_from(authority) else { return false };
        if !matches!(scheme, "http" | "https") || seen.scheme.as_deref().is_some_and(|told| told != scheme) {
            return false;
        }
        if self.given.contains(&name_of(&page)) {
            return true;
        }
        seen.host.as_ref().is_some_and(|host| {
            let default = if scheme == "https" { 443 } else { 80 };
            let port = |of: &Authority| of.port_u16().unwrap_or(default);
            // Proxies that tell the name often leave the port out.
            let same_port = port(host) == port(&page) || (seen.by_proxy && host.port().is_none());
            same_port && host.host().eq_ignore_ascii_case(page.host())
        })
    }
}

/// The name the client used: the request target's, if it is absolute, and the `Host` header's, which must agree.
fn host_of(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<Option<Authority>, ApiError> {
    let mut values = headers.get_all(header::HOST).iter();
    let header = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err(ApiError::malformed("more than one Host header")),
        (None, _) if version < Version::HTTP_11 => None,
        (None, _) => return Err(ApiError::malformed("no Host header")),
        (Some(value), None) => Some(authority(value.as_bytes(), "Host")?),
    };
    match (uri.authority(), header) {
        (Some(target), Some(host)) if !target.as_str().eq_ignore_ascii_case(host.as_str()) => {
            Err(ApiError::malformed("the request target and the Host header disagree"))
        }
        (Some(target), _) => Ok(Some(target.clone())),
        (None, host) => Ok(host),
    }
}

fn authority(value: &[u8], header: &str) -> Result<Authority, ApiError> {
    Authority::try_from(value)
        .ok()
        .filter(|authority| !authority.as_str().contains('@'))
        .ok_or_else(|| ApiError::malformed(format!("the {header} header is no host name")))
}

fn name_of(host: &Authority) -> String {
    host.host().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_addresses_of_both_kinds() {
        let holds = |range: &str, address: &str| {
            let range: AddressRange = range.parse().expect("a range");
            range.contains(address.parse().expect("an address"))
        };
        assert!(holds("10.0.0.0/8", "10.200.1.2") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("127.0.0.1", "::ffff:127.0.0.1"), "an IPv4 peer of an IPv6 socket");
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "fd00::1"));
        assert!(holds("::/0", "1.2.3.4"));
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/", "proxy", "10.0.0.0/-1", "::/129"] {
            assert_eq!(wrong.parse::<AddressRange>(), Err(NotARange(wrong.to_owned())));
        }
    }
}
