//! Who gets in: every route of the table, with and without keys; hostile names and pages.

use gollum_server::ServerConfig;

use crate::world::{Setup, World};

/// Every route, what is asked of it, and whether it is public. A new route must be added here: the count is
/// compared with the server's own table.
const ROUTES: &[(&str, &str, bool)] = &[
    ("POST", "/v1/chat/completions", false),
    ("POST", "/v1/completions", false),
    ("GET", "/v1/models", false),
    ("GET", "/v1/models/toy-1", false),
    ("POST", "/v1/models/load", false),
    ("POST", "/v1/models/unload", false),
    ("POST", "/api/embed", false),
    ("POST", "/api/embeddings", false),
    ("POST", "/api/pull", false),
    ("DELETE", "/api/delete", false),
    ("POST", "/tokenize", false),
    ("POST", "/detokenize", false),
    ("POST", "/v1/embeddings", false),
    ("POST", "/v1/rerank", false),
    ("POST", "/v1/reranking", false),
    ("GET", "/v1/loads", false),
    ("GET", "/metrics", false),
    ("GET", "/debug/requests/x", false),
    ("GET", "/debug/kv", false),
    ("POST", "/api/chat", false),
    ("POST", "/api/generate", false),
    ("GET", "/api/tags", false),
    ("GET", "/api/ps", false),
    ("POST", "/api/show", false),
    ("GET", "/api/version", false),
    ("POST", "/v1/messages", false),
    ("POST", "/v1/messages/count_tokens", false),
    ("POST", "/v1/responses", false),
    ("GET", "/v1/responses/x", false),
    ("POST", "/v1/responses/x/cancel", false),
    ("POST", "/v1/chat/completions/render", false),
    ("POST", "/v1/completions/render", false),
    ("POST", "/infill", false),
    ("POST", "/completion", false),
    ("POST", "/apply-template", false),
    ("GET", "/props", false),
    ("GET", "/slots", false),
    ("GET", "/livez", true),
    ("GET", "/readyz", true),
    ("GET", "/health", true),
    ("GET", "/", true),
    ("GET", "/plain", true),
    ("GET", "/assets/x.js", true),
    ("GET", "/app.js", true),
    ("GET", "/style.css", true),
    ("GET", "/favicon.svg", true),
];

fn with_keys() -> World {
    let api_keys = vec!["secret-one".to_owned(), "secret-two".to_owned(), String::new()];
    World::start(Setup { server: ServerConfig { api_keys, ..ServerConfig::default() }, ..Setup::default() })
}

#[test]
fn every_route_needs_a_key_unless_it_is_public() {
    let table: Vec<String> = gollum_server::route_paths().map(str::to_owned).collect();
    let probed: Vec<String> = ROUTES.iter().map(|(_, path, _)| (*path).to_owned()).collect();
    for path in &table {
        let stem = path.split('{').next().expect("a first part");
        assert!(
            probed.iter().any(|probe| probe == path || (path.contains('{') && probe.starts_with(stem))),
            "{path}"
        );
    }
    assert_eq!(table.len(), ROUTES.len());

    let world = with_keys();
    let bad: [&[(&str, &str)]; 12] = [
        &[],
        &[("authorization", "")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer ")],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Bearer secret-on")],
        &[("authorization", "Bearer secret-onee")],
        &[("authorization", "Basic secret-one")],
        &[("authorization", "secret-one")],
        &[("authorization", "Bearer secret-one"), ("authorization", "Bearer secret-one")],
        &[("x-api-key", "secret-on")],
        &[("x-api-key", "secret-one"), ("x-api-key", "secret-one")],
    ];
    for (method, path, public) in ROUTES {
        for headers in bad {
            let reply = world.client().request(method, path, headers, b"{}");
            assert_eq!(reply.status != 401, *public, "{method} {path} {headers:?}");
        }
        for key in ["Bearer secret-one", "bearer secret-two"] {
            let reply = world.client().request(method, path, &[("authorization", key)], b"{}");
            assert_ne!(reply.status, 401, "{method} {path} {key}");
        }
        for headers in
            [&[("x-api-key", "secret-two")][..], &[("authorization", "Basic x"), ("x-api-key", "secret-one")]]
        {
            let reply = world.client().request(method, path, headers, b"{}");
            assert_ne!(reply.status, 401, "{method} {path} {headers:?}");
        }
    }
    let reply = world.client().get("/v1/models");
    assert_eq!(
        (reply.error_code().as_str(), reply.header("www-authenticate")),
        ("invalid_api_key", Some("Bearer"))
    );
}

#[test]
fn odd_forms_of_paths_do_not_get_around_the_key() {
    let world = with_keys();
    let host = world.address.to_string();
    let forms = [
        "/v1/models/",
        "//v1/models",
        "/v1//models",
        "/livez/../v1/models",
        "/livez/..%2fv1/models",
        "/%76%31/models",
        "/livez//x",
        "/livez;/v1/models",
        "/app.js/../../metrics",
        "/nowhere",
        "/v1/models?x=/livez",
        "/LIVEZ",
        "/metrics%00",
        "/v1/models%20",
        "/.",
        "/..",
    ];
    for path in forms {
        let reply = world.client().request("GET", path, &[], b"");
        assert!(matches!(reply.status, 400 | 401), "{path}: {}", reply.status);
    }
    // What comes to the same path is the same route, with the same key.
    for (path, status) in [("/livez/", 200), ("//livez", 200), ("/models", 401), ("//v1//models/", 401)] {
        assert_eq!(world.client().get(path).status, status, "{path}");
    }
    let absolute = format!("http://{host}/v1/models");
    assert_eq!(world.client().request("GET", &absolute, &[], b"").status, 401);
    let disagreeing = world.client().request("GET", "http://evil.example/livez", &[], b"");
    assert_eq!(disagreeing.status, 400, "the target and Host disagree");
    for hidden in ["x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-forwarded-uri"] {
        assert_eq!(
            world.client().request("GET", "/metrics", &[(hidden, "/livez")], b"").status,
            401,
            "{hidden}"
        );
    }
}

#[test]
fn two_keys_are_two_tenants() {
    let world = with_keys();
    let body =
        format!("{{\"prompt\":\"{}\",\"max_tokens\":1,\"use_prompt_cache\":false}}", "water ".repeat(60));
    let cached = |key: &str| {
        let headers = [("authorization", key)];
        let reply = world.client().request("POST", "/v1/completions", &headers, body.as_bytes());
        reply.json()["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().expect("a count")
    };
    assert_eq!(cached("Bearer secret-one"), 0);
    assert!(cached("Bearer secret-one") > 40);
    assert_eq!(cached("Bearer secret-two"), 0, "another key's prefixes are not shared");
    let one = [("authorization", "Bearer secret-one"), ("x-request-id", "mine")];
    assert_eq!(world.client().request("POST", "/v1/completions", &one, body.as_bytes()).status, 200);
    let look = |path: &str, key: &str| world.client().request("GET", path, &[("authorization", key)], b"");
    let mine = look("/debug/requests/mine", "Bearer secret-one");
    assert_eq!(mine.status, 200);
    assert_eq!(look("/debug/requests/mine", "Bearer secret-two").status, 404);
    let engines = mine.json()["requests"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(look(&format!("/debug/requests/{engines}"), "Bearer secret-two").status, 404);
    let picture = look("/debug/kv", "Bearer secret-two");
    assert!(picture.status == 200 && !picture.text().contains("water"), "prompts are not shown to others");
}

#[test]
fn hostile_hosts_and_origins_are_refused() {
    let world = World::start(Setup::default());
    let port = world.address.port();
    let own = format!("127.0.0.1:{port}");
    let good =
        [own.clone(), format!("localhost:{port}"), "localhost".into(), "[::1]:1".into(), "LOCALHOST".into()];
    for host in &good {
        assert_eq!(world.client().request("GET", "/v1/models", &[("host", host)], b"").status, 200, "{host}");
    }
    let bad = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "127.0.0.2",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "user@localhost",
        "localhost@evil.example",
        "[::ffff:127.0.0.1]",
        "",
        "localhost evil",
        "evil.example:80",
    ];
    for host in bad {
        let reply = world.client().request("GET", "/v1/models", &[("host", host)], b"");
        assert!(matches!(reply.status, 400 | 403), "{host:?}: {}", reply.status);
    }
    let two = [("host", own.as_str()), ("host", own.as_str())];
    assert_eq!(world.client().request("GET", "/livez", &two, b"").status, 400);
    let evil = [
        "http://evil.example",
        "null",
        "https://localhost",
        "http://localhost:1",
        "http://127.0.0.1",
        "file://",
        "chrome-extension://abc",
        "http://127.0.0.1.evil.example",
        "",
        "127.0.0.1",
    ];
    for origin in evil {
        let reply = world.client().request("POST", "/v1/completions", &[("origin", origin)], b"{}");
        assert_eq!(reply.status, 403, "{origin}");
        assert!(reply.header("access-control-allow-origin").is_none());
    }
    let site = world.client().request("GET", "/v1/models", &[("sec-fetch-site", "cross-site")], b"");
    assert_eq!(site.status, 403);
    let followed =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert_eq!(world.client().request("GET", "/", &followed, b"").status, 200, "a link to the page");
    assert_eq!(
        world.client().request("POST", "/v1/completions", &followed, b"{}").status,
        403,
        "a foreign form"
    );
    let framed =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
    assert_eq!(world.client().request("GET", "/", &framed, b"").status, 403, "a frame");
    let same = format!("http://{own}");
    let headers = [("origin", same.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(world.client().request("GET", "/v1/models", &headers, b"").status, 200);
}

#[test]
fn an_open_address_needs_a_key_or_consent() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.expect("bound");
        let host = std::sync::Arc::new(crate::world::NoModels);
        let served = gollum_server::serve(vec![listener], host, ServerConfig::default(), async {}).await;
        assert!(matches!(served, Err(gollum_server::ServerError::Unprotected { .. })), "{served:?}");
    });
}
