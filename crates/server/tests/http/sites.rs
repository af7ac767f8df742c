//! Names, proxies and origins: who may come by which door.

use gollum_server::ServerConfig;

use crate::client::Reply;
use crate::world::{Setup, World};

fn world(change: impl FnOnce(&mut ServerConfig)) -> World {
    let mut setup = Setup::default();
    change(&mut setup.server);
    World::start(setup)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Reply {
    world.client().request("GET", path, headers, b"")
}

#[test]
fn probes_come_under_any_name() {
    let world = world(|server| server.allowed_hosts = names(&["llm.example"]));
    for path in ["/livez", "/readyz", "/health", "/health/"] {
        assert_eq!(get(&world, path, &[("host", "10.1.2.3:8080")]).status, 200, "{path}");
    }
    assert_eq!(get(&world, "/v1/models", &[("host", "10.1.2.3:8080")]).status, 403);
    assert_eq!(get(&world, "/v1/models", &[("host", "LLM.example:8443")]).status, 200);
    let foreign = [("host", "10.1.2.3"), ("origin", "http://evil.example")];
    assert_eq!(get(&world, "/health", &foreign).status, 403, "a page of another site is no probe");
}

#[test]
fn a_page_behind_a_tls_proxy_is_our_own() {
    let origin = ("origin", "https://llm.example");
    let same = ("sec-fetch-site", "same-origin");
    let named = world(|server| server.allowed_hosts = names(&["llm.example"]));
    let status = |world: &World, headers: &[(&str, &str)]| get(world, "/v1/models", headers).status;
    // The proxy's own name for us, with and without the client's.
    assert_eq!(status(&named, &[origin, same]), 200);
    assert_eq!(status(&named, &[("host", "llm.example"), origin, same]), 200);
    assert_eq!(status(&named, &[("host", "llm.example:443"), origin, same]), 200);
    assert_eq!(status(&named, &[("host", "llm.example"), ("origin", "https://llm.example:8443"), same]), 200);
    assert_eq!(status(&named, &[("host", "llm.example"), ("origin", "https://evil.example")]), 403);
    let neighbour =
        [("host", "llm.example"), ("origin", "https://llm.example:1"), ("sec-fetch-site", "same-site")];
    assert_eq!(status(&named, &neighbour), 403, "another port is another page");

    let forwarded = [origin, same, ("x-forwarded-host", "llm.example"), ("x-forwarded-proto", "https")];
    let plain = world(|_| ());
    assert_eq!(status(&plain, &forwarded), 403, "anybody can send such a header");
    let other = world(|server| server.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a range")]);
    assert_eq!(status(&other, &forwarded), 403, "not a proxy of ours");
    let trusting = world(|server| server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a range")]);
    assert_eq!(status(&trusting, &forwarded), 200);
    let chain = [origin, same, ("x-forwarded-host", "evil.example, llm.example")];
    assert_eq!(status(&trusting, &chain), 200, "the nearest proxy's word counts");
    let lie = [("origin", "https://evil.example"), ("x-forwarded-host", "evil.example, llm.example")];
    assert_eq!(status(&trusting, &lie), 403);
    let downgraded = [
        ("origin", "http://llm.example"),
        ("x-forwarded-host", "llm.example"),
        ("x-forwarded-proto", "https"),
    ];
    assert_eq!(status(&trusting, &downgraded), 403, "a page that did not come by TLS");
    assert_eq!(status(&trusting, &[("x-forwarded-host", "a@b")]), 400);
    let strict = world(|server| {
        server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        server.allowed_hosts = names(&["llm.example"]);
    });
    assert_eq!(status(&strict, &forwarded), 200);
    assert_eq!(
        status(&strict, &[("x-forwarded-host", "other.example")]),
        403,
        "names that the operator gave"
    );
}

#[test]
fn allowed_origins_get_their_answers_and_others_do_not() {
    let app = "chrome-extension://abcdef";
    let world = world(|server| {
        server.cors_origins = names(&["https://App.example", app]);
        server.api_keys = names(&["secret-one"]);
    });
    let ask = |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type,x-stainless-os"),
            ("access-control-request-private-network", "true"),
            ("sec-fetch-site", "cross-site"),
        ];
        world.client().request("OPTIONS", "/v1/chat/completions", &headers, b"")
    };
    for origin in ["https://app.example", app] {
        let reply = ask(origin);
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{}", reply.text());
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
        assert_eq!(
            reply.header("access-control-allow-headers"),
            Some("authorization,content-type,x-stainless-os")
        );
        assert!(reply.header("access-control-allow-methods").is_some_and(|list| list.contains("POST")));
        assert_eq!(reply.header("access-control-allow-private-network"), Some("true"));
        assert!(reply.header("access-control-max-age").is_some());
        let headers = [("origin", origin), ("sec-fetch-site", "cross-site")];
        let refused = get(&world, "/v1/models", &headers);
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some(origin)));
        let served =
            get(&world, "/v1/models", &[headers[0], headers[1], ("authorization", "Bearer secret-one")]);
        assert_eq!((served.status, served.header("access-control-allow-origin")), (200, Some(origin)));
        assert!(
            served.header("access-control-expose-headers").is_some_and(|list| list.contains("x-request-id"))
        );
        assert_eq!(served.header("vary"), Some("origin"));
        assert_eq!(served.header("cross-origin-resource-policy"), Some("cross-origin"));
    }
    for origin in ["https://evil.example", "https://app.example.evil", "null", "http://app.example"] {
        let reply = ask(origin);
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None), "{origin}");
    }
    let own = get(&world, "/livez", &[]);
    assert_eq!((own.status, own.header("access-control-allow-origin")), (200, None));
    let two = [("origin", app), ("origin", "https://evil.example")];
    assert_eq!(get(&world, "/livez", &two).status, 403);
}

#[test]
fn any_origin_is_allowed_by_a_star() {
    let world = world(|server| server.cors_origins = names(&["*"]));
    let reply = get(&world, "/v1/models", &[("origin", "null"), ("sec-fetch-site", "cross-site")]);
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some("null")));
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    assert_eq!(get(&world, "/v1/models", &rebound).status, 403, "names are another matter");
}

#[test]
fn the_page_works_under_a_path() {
    let world = world(|server| server.base_path = "/llm/".to_owned());
    let moved = get(&world, "/llm", &[]);
    assert_eq!((moved.status, moved.header("location")), (308, Some("/llm/")));
    let page = get(&world, "/llm/", &[]);
    assert_eq!(page.status, 200);
    for text in [page.text(), get(&world, "/llm/app.js", &[]).text()] {
        for absolute in ["href=\"/", "src=\"/", "fetch(\"/", "url(/"] {
            assert!(!text.contains(absolute), "{absolute} leads out of the path");
        }
    }
    for path in [
        "/llm/plain",
        "/llm/app.js",
        "/llm/style.css",
        "/llm/favicon.svg",
        "/llm/v1/models",
        "/llm//models/",
        "/v1/models",
        "/health",
    ] {
        assert_eq!(get(&world, path, &[]).status, 200, "{path}");
    }
    assert_eq!(get(&world, "/other/v1/models", &[]).status, 404);
    let body = br#"{"prompt":"time","max_tokens":1}"#;
    for path in ["/llm/v1/completions", "/llm/completions", "/completions", "//v1/completions/?x=1"] {
        assert_eq!(world.client().request("POST", path, &[], body).status, 200, "{path}");
    }
}
