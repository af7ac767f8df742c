//! `pull` against a server on the loopback address that breaks lines, lies, redirects and resumes.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gollum_gguf::{GgmlType, Writer};
use sha2::{Digest, Sha256};

use super::*;
use crate::cli::ModelsDir;
use crate::store::Shelf;
use crate::testing::TempDir;

/// What the server has at one path.
#[derive(Clone, Default)]
struct Page {
    body: Vec<u8>,
    /// Send a redirect to this instead.
    redirect: Option<String>,
    /// Close the line after so many bytes, this many times.
    cut_after: usize,
    cuts: Arc<AtomicUsize>,
    /// Answer ranges with the whole file, as simple servers do.
    ignore_ranges: bool,
    encoding: Option<&'static str>,
}

/// Requests as `path range authorization`, in order.
type Seen = Arc<Mutex<Vec<String>>>;

struct Server {
    address: SocketAddr,
    seen: Seen,
}

impl Server {
    /// Serves until the test process ends; each connection has one request.
    fn start(pages: HashMap<String, Page>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let seen = Seen::default();
        let for_thread = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, seen) = (pages.clone(), Arc::clone(&for_thread));
                std::thread::spawn(move || answer(stream, &pages, &seen));
            }
        });
        Self { address, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no test panics while it holds this").clone()
    }
}

fn answer(mut stream: TcpStream, pages: &HashMap<String, Page>, seen: &Seen) {
    let mut lines = BufReader::new(stream.try_clone().expect("a socket can be cloned")).lines();
    let mut head = Vec::new();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let Some(path) = head.first().and_then(|l| l.split(' ').nth(1)) else { return };
    let header = |name: &str| {
        head.iter()
            .find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v))
    };
    let range =
        header("range").and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    seen.lock().expect("no thread panics while it holds this").push(format!(
        "{path} {} {}",
        range.map_or("-".to_owned(), |r| r.to_string()),
        header("authorization").unwrap_or("-")
    ));
    // The reader may be gone; that is its test's business.
    let _ = match pages.get(path) {
        None => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        Some(page) => send(&mut stream, page, range),
    };
}

fn send(stream: &mut TcpStream, page: &Page, range: Option<usize>) -> std::io::Result<()> {
    if let Some(to) = &page.redirect {
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    }
    let from = range.filter(|_| !page.ignore_ranges).unwrap_or(0).min(page.body.len());
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    let body = &page.body[from..];
    let encoding = page.encoding.map_or(String::new(), |e| format!("content-encoding: {e}\r\n"));
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\netag: \"v1\"\r\n{encoding}connection: close\r\n\r\n",
        body.len()
    )?;
    let cuts_left = page.cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
    let body = if cuts_left { &body[..page.cut_after.min(body.len())] } else { body };
    stream.write_all(body)?;
    stream.flush()
}

/// A small file that opens.
fn model() -> Vec<u8> {
    let f32_type = GgmlType::F32;
    let bytes: Vec<u8> = (0..4096u32).flat_map(|i| (i as f32).to_le_bytes()).collect();
    Writer::new()
        .meta("general.architecture", "llama")
        .tensor("t", &[4096], f32_type, bytes)
        .to_bytes()
        .expect("a small model can be written")
}

fn sha256(bytes: &[u8]) -> String {
    fetch::hex(&Sha256::digest(bytes))
}

fn args(source: &str, endpoint: &str, dir: &TempDir) -> PullArgs {
    PullArgs {
        source: Some(source.to_owned()),
        models: ModelsDir { models_dir: dir.path().to_path_buf() },
        revision: "main".to_owned(),
        endpoint: endpoint.to_owned(),
        token: None,
        sha256: None,
    }
}

fn page(body: Vec<u8>) -> Page {
    Page { body, ..Page::default() }
}

/// A repository of one file, `x-Q4_K_M.gguf`, whose listing says what `listed` says.
fn repository(body: Page, listed: &[u8]) -> HashMap<String, Page> {
    let listing = serde_json::json!([
        { "type": "file", "path": "README.md", "size": 3 },
        { "type": "file", "path": "x-Q4_K_M.gguf", "size": listed.len(),
          "lfs": { "oid": sha256(listed), "size": listed.len() } },
    ]);
    HashMap::from([
        ("/api/models/o/r/tree/main?recursive=true".to_owned(), page(listing.to_string().into_bytes())),
        ("/o/r/resolve/main/x-Q4_K_M.gguf".to_owned(), body),
    ])
}

/// What a scan of the models folder sees. Models that are too small to be served are seen, and skipped.
fn listed(dir: &TempDir) -> Vec<String> {
    let scan = Shelf::new(dir.path()).scan().expect("the folder can be read");
    let stem = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    scan.skipped.iter().map(|s| store::whole_name(&stem(&s.path)).to_owned()).collect()
}

fn pull(args: &PullArgs) -> anyhow::Result<PathBuf> {
    super::pull(args, args.source.as_deref().expect("tests name a source"), None)
}

#[test]
fn a_repository_brings_its_file() {
    let (dir, model) = (TempDir::new(), model());
    let server = Server::start(repository(page(model.clone()), &model));
    let mut args = args("o/r:q4_k_m", &server.url(""), &dir);
    args.token = Some("secret".to_owned());
    let path = pull(&args).expect("it can be had");
    assert_eq!(std::fs::read(&path).expect("it is there"), model);
    assert_eq!(listed(&dir), ["x-Q4_K_M"]);
    assert!(server.seen().iter().all(|s| s.ends_with("Bearer secret")), "{:?}", server.seen());
    // A second time costs the listing only.
    pull(&args).expect("it is there already");
    assert_eq!(server.seen().len(), 3, "{:?}", server.seen());
}

#[test]
fn pages_of_the_hub_bring_their_file() {
    let model = model();
    for source in
        ["/o/r/blob/main/x-Q4_K_M.gguf", "/o/r/resolve/main/x-Q4_K_M.gguf?download=true", "/o/r/tree/main"]
    {
        let dir = TempDir::new();
        let server = Server::start(repository(page(model.clone()), &model));
        let url = server.url("");
        pull(&args(&format!("{url}{source}"), &url, &dir)).expect(source);
        assert_eq!(listed(&dir), ["x-Q4_K_M"], "{source}");
        assert!(server.seen()[0].starts_with("/api/models/o/r/tree/main"), "its digest is checked");
    }
    let dir = TempDir::new();
    let server = Server::start(repository(page(model.clone()), &model));
    pull(&args("hf.co/o/r:Q4_K_M", &server.url(""), &dir)).expect("the endpoint stands for the hub");
    let mut wrong = args("huggingface.co/o/r", &server.url(""), &TempDir::new());
    wrong.sha256 = Some("0".repeat(64));
    pull(&wrong).expect_err("the digest given is not the hub's");
}

#[test]
fn a_broken_line_is_resumed() {
    let (dir, model) = (TempDir::new(), model());
    let broken = Page { cut_after: 5000, cuts: Arc::new(AtomicUsize::new(2)), ..page(model.clone()) };
    let server = Server::start(repository(broken, &model));
    let path = pull(&args("o/r", &server.url(""), &dir)).expect("it can be had");
    assert_eq!(std::fs::read(path).expect("it is there"), model);
    let ranges: Vec<String> =
        server.seen()[1..].iter().filter_map(|s| s.split(' ').nth(1).map(str::to_owned)).collect();
    assert_eq!(ranges, ["-", "5000", "10000"]);
}

#[test]
fn a_server_without_ranges_sends_it_all_again() {
    let (dir, model) = (TempDir::new(), model());
    let cuts = Arc::new(AtomicUsize::new(1));
    let broken = Page { cut_after: 5000, cuts, ignore_ranges: true, ..page(model.clone()) };
    let server = Server::start(repository(broken, &model));
    let path = pull(&args("o/r", &server.url(""), &dir)).expect("it can be had");
    assert_eq!(std::fs::read(path).expect("it is there"), model);
}

#[test]
fn a_download_goes_on_in_the_next_process() {
    let (dir, model) = (TempDir::new(), model());
    let server = Server::start(repository(page(model.clone()), &model));
    dir.write(&format!("{STAGING}/{}.part", sha256(&model)), &model[..7777]);
    pull(&args("o/r", &server.url(""), &dir)).expect("it can be had");
    assert!(server.seen()[1].contains(" 7777 "), "{:?}", server.seen());
    assert_eq!(listed(&dir), ["x-Q4_K_M"]);
}

#[test]
fn another_content_is_refused_and_never_listed() {
    let (dir, model) = (TempDir::new(), model());
    let mut other = model.clone();
    *other.last_mut().expect("it is not empty") ^= 1;
    let server = Server::start(repository(page(other), &model));
    let error = pull(&args("o/r", &server.url(""), &dir)).expect_err("the digest differs");
    assert!(format!("{error:#}").contains("SHA-256"), "{error:#}");
    assert!(listed(&dir).is_empty());
    let server = Server::start(repository(page([model.clone(), vec![0; 9]].concat()), &model));
    let error = pull(&args("o/r", &server.url(""), &dir)).expect_err("it is too long");
    assert!(format!("{error:#}").contains("more than"), "{error:#}");
    assert!(listed(&dir).is_empty());
}

#[test]
fn a_file_that_is_no_model_is_removed() {
    let dir = TempDir::new();
    let body = b"<html>not a model</html>".to_vec();
    let server = Server::start(repository(page(body.clone()), &body));
    pull(&args("o/r", &server.url(""), &dir)).expect_err("it does not open");
    assert!(listed(&dir).is_empty());
}

#[test]
fn an_address_is_followed_over_redirects_of_http_only() {
    let (dir, model) = (TempDir::new(), model());
    let pages = HashMap::from([
        ("/m.gguf".to_owned(), page(model.clone())),
        ("/moved/y.gguf?download=1".to_owned(), Page { redirect: Some("/m.gguf".into()), ..Page::default() }),
        ("/evil.gguf".to_owned(), Page { redirect: Some("file:///etc/passwd".into()), ..Page::default() }),
        ("/loop.gguf".to_owned(), Page { redirect: Some("/loop.gguf".into()), ..Page::default() }),
        ("/packed.gguf".to_owned(), Page { encoding: Some("gzip"), ..page(model.clone()) }),
    ]);
    let server = Server::start(pages);
    pull(&args(&server.url("/moved/y.gguf?download=1"), "", &dir)).expect("it can be had");
    assert_eq!(listed(&dir), ["y"]);
    for bad in
        ["/evil.gguf", "/loop.gguf", "/packed.gguf", "/none.gguf", "/%2e%2e%2fx.gguf", "/.gguf", "/m.bin"]
    {
        pull(&args(&server.url(bad), "", &dir)).expect_err(bad);
    }
    for bad in ["file:///etc/x.gguf", "ftp://127.0.0.1/x.gguf", "o", "../r", "o/r/x", "o/..", "a b/c"] {
        pull(&args(bad, &server.url(""), &dir)).expect_err(bad);
    }
    let mut with_token = args(&server.url("/m.gguf"), "https://hub.example.org", &dir);
    with_token.token = Some("secret".to_owned());
    pull(&with_token).expect("it can be had");
    assert!(server.seen().iter().all(|s| !s.contains("secret")), "the hub's token goes to the hub only");
    std::fs::remove_file(dir.path().join("m.gguf")).expect("it was just pulled");
    assert_eq!(listed(&dir), ["y"]);
    let mut wrong = args(&server.url("/m.gguf"), "", &dir);
    wrong.sha256 = Some("0".repeat(64));
    pull(&wrong).expect_err("the digest given differs");
}

#[test]
fn a_split_model_appears_as_one() {
    let dir = TempDir::new();
    let parts: Vec<Vec<u8>> = (0..2).map(split_part).collect();
    let name = |n: usize| format!("big/z-F16-0000{}-of-00002.gguf", n + 1);
    let entry = |n: usize| {
        serde_json::json!({ "path": name(n), "size": parts[n].len(),
            "lfs": { "oid": sha256(&parts[n]), "size": parts[n].len() } })
    };
    let listing = serde_json::Value::from(vec![entry(1), entry(0)]).to_string().into_bytes();
    let mut pages = HashMap::from([("/api/models/o/r/tree/main?recursive=true".to_owned(), page(listing))]);
    pages.insert(format!("/o/r/resolve/main/{}", name(0)), page(parts[0].clone()));
    let mut incomplete = args("o/r:F16", &Server::start(pages.clone()).url(""), &dir);
    pull(&incomplete).expect_err("the second part is missing");
    assert!(listed(&dir).is_empty(), "half a model is never listed");
    pages.insert(format!("/o/r/resolve/main/{}", name(1)), page(parts[1].clone()));
    incomplete.endpoint = Server::start(pages).url("");
    let path = pull(&incomplete).expect("it can be had");
    assert_eq!(path, dir.path().join("z-F16/z-F16-00001-of-00002.gguf"));
    assert_eq!(listed(&dir), ["z-F16"]);
}

/// One of two files of a split model.
fn split_part(part: u16) -> Vec<u8> {
    let writer =
        Writer::new().meta("split.no", part).meta("split.count", 2u16).meta("split.tensors.count", 2i32);
    let writer = if part == 0 { writer.meta("general.architecture", "llama") } else { writer };
    writer
        .tensor(format!("t{part}"), &[8], GgmlType::F32, vec![0; 32])
        .to_bytes()
        .expect("a small model can be written")
}

#[test]
fn two_at_once_write_once() {
    let (dir, model) = (TempDir::new(), model());
    let slow = Page { cut_after: 1000, cuts: Arc::new(AtomicUsize::new(3)), ..page(model.clone()) };
    let server = Server::start(repository(slow, &model));
    let args = args("o/r", &server.url(""), &dir);
    std::thread::scope(|scope| {
        let pulls: Vec<_> = (0..3).map(|_| scope.spawn(|| pull(&args))).collect();
        for pull in pulls {
            pull.join().expect("it does not panic").expect("each has the file in the end");
        }
    });
    assert_eq!(std::fs::read(dir.path().join("x-Q4_K_M.gguf")).expect("it is there"), model);
    let downloads = server.seen().iter().filter(|s| s.starts_with("/o/r/resolve")).count();
    assert_eq!(downloads, 4, "one process alone downloads: {:?}", server.seen());
}
