//! One file over HTTP: resumed, checked, and moved into place only when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use ureq::http::{Response, header};

use super::{Item, Told};
use crate::progress::Bar;
use gollum_frontend::PullStep;

/// Redirects followed at most: hub -> storage -> edge is two.
const REDIRECTS_MAX: u32 = 5;
/// To reach a host.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// From the request to the first byte of the answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// For one answer's body; then the download goes on with a new request, so a stalled line cannot hold it.
const BODY_TIMEOUT: Duration = Duration::from_secs(600);
/// Attempts that bring no byte, one after the other, before giving up.
const IDLE_ATTEMPTS_MAX: u32 = 4;
/// Wait before the next attempt.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// Bytes read at once.
const BLOCK_BYTES: usize = 256 << 10;

/// An HTTP client with one token.
pub struct Client {
    agent: ureq::Agent,
    /// For addresses that start with https: no step of the way may leave it.
    secure_agent: ureq::Agent,
    token: Option<String>,
}

type Answer = Response<ureq::Body>;

impl Client {
    pub fn new(token: Option<String>) -> Self {
        let agent = |https_only: bool| -> ureq::Agent {
            ureq::Agent::config_builder()
                .https_only(https_only)
                .max_redirects(REDIRECTS_MAX)
                .timeout_connect(Some(CONNECT_TIMEOUT))
                .timeout_recv_response(Some(ANSWER_TIMEOUT))
                .timeout_recv_body(Some(BODY_TIMEOUT))
                .http_status_as_error(false)
                .user_agent(concat!("gollum/", env!("CARGO_PKG_VERSION")))
                .build()
                .into()
        };
        Self { agent: agent(false), secure_agent: agent(true), token }
    }

    /// One GET. The token is sent to the first host only: redirects lead to storage that needs none.
    fn get(&self, url: &str, resume: Option<(u64, &str)>) -> anyhow::Result<Answer> {
        let secure = url.starts_with("https://");
        let agent = if secure { &self.secure_agent } else { &self.agent };
        let mut request = agent.get(url).header(header::ACCEPT_ENCODING, "identity");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some((from, etag)) = resume {
            request = request.header(header::RANGE, format!("bytes={from}-"));
            if !etag.is_empty() {
                request = request.header(header::IF_RANGE, etag);
            }
        }
        let answer = request.call().with_context(|| format!("cannot reach {url}"))?;
        if !answer.status().is_success() && answer.status().as_u16() != 416 {
            bail!("{url}: the server says {}", answer.status());
        }
        if header_text(&answer, &header::CONTENT_ENCODING).is_some_and(|e| e != "identity") {
            bail!("{url}: the server compresses a file, which is not followed");
        }
        Ok(answer)
    }

    /// A small answer, bounded.
    pub fn get_small(&self, url: &str, max_bytes: u64) -> anyhow::Result<Vec<u8>> {
        let answer = self.get(url, None)?;
        let mut bytes = Vec::new();
        answer
            .into_body()
            .into_reader()
            .take(max_bytes + 1)
            .read_to_end(&mut bytes)
            .with_context(|| format!("reading {url}"))?;
        if bytes.len() as u64 > max_bytes {
            bail!("{url}: the answer is longer than {max_bytes} bytes");
        }
        Ok(bytes)
    }
}

fn header_text<'a>(answer: &'a Answer, name: &header::HeaderName) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

/// Downloads `item` to `target` by way of `staging`. A target that is there and right is left alone.
pub fn fetch(
    client: &Client,
    item: &Item,
    staging: &Path,
    target: &Path,
    told: &mut Told<'_>,
) -> anyhow::Result<()> {
    let first = match (&item.sha256, item.bytes) {
        (Some(_), Some(_)) => None,
        // Only the server can say what is to be expected.
        _ => Some(client.get(&item.url, None)?),
    };
    let wanted = Wanted::of(item, first.as_ref())?;
    drop(first);
    let lock = lock(&staging.join(format!("{}.lock", wanted.key)))?;
    if target.exists() {
        if wanted.is_met_by(target)? {
            return Ok(());
        }
        bail!("{} is there and is another file; move it away first", target.display());
    }
    let part = staging.join(format!("{}.part", wanted.key));
    download(client, item, &wanted, &part, told)?;
    if !wanted.is_met_by(&part)? {
        std::fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))?;
        bail!("{}: what arrived has another SHA-256 than it should; removed", item.url);
    }
    std::fs::rename(&part, target)
        .with_context(|| format!("cannot move the download to {}", target.display()))?;
    sync_folder(target.parent().unwrap_or(Path::new(".")))?;
    // The lock file stays: removing it would let a third process lock a name that a second one waits for.
    drop(lock);
    Ok(())
}

/// What the whole file must be.
struct Wanted {
    /// Names the unfinished download: the digest, or what stands for it.
    key: String,
    bytes: Option<u64>,
    sha256: Option<String>,
    etag: String,
}

impl Wanted {
    fn of(item: &Item, first: Option<&Answer>) -> anyhow::Result<Self> {
        let told: Option<u64> = first
            .and_then(|a| header_text(a, &header::CONTENT_LENGTH))
            .map(|text| text.parse().with_context(|| format!("{}: an odd content-length", item.url)))
            .transpose()?;
        let etag = first.and_then(|a| header_text(a, &header::ETAG)).unwrap_or_default().to_owned();
        let bytes = item.bytes.or(told);
        let key = item
            .sha256
            .clone()
            .unwrap_or_else(|| hex(&Sha256::digest(format!("{}\n{etag}\n{bytes:?}", item.url).as_bytes())));
        Ok(Self { key, bytes, sha256: item.sha256.clone(), etag })
    }

    fn is_met_by(&self, path: &Path) -> anyhow::Result<bool> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let bytes = file.metadata().with_context(|| format!("cannot read {}", path.display()))?.len();
        if self.bytes.is_some_and(|wanted| wanted != bytes) {
            return Ok(false);
        }
        match &self.sha256 {
            Some(wanted) => {
                Ok(*wanted == sha256_of(file).with_context(|| format!("reading {}", path.display()))?)
            }
            None => Ok(true),
        }
    }
}

/// Waits for the other process, if there is one, and says so.
fn lock(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        super::eprintln_line("another process downloads this file; waiting for it");
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

/// A download's progress: a bar, and who else is told.
struct Watched<'w, 't> {
    bar: Bar,
    item: &'w Item,
    wanted: &'w Wanted,
    told: &'w mut Told<'t>,
}

impl Watched<'_, '_> {
    /// So much is done. Errors: nobody wants the rest.
    fn set(&mut self, done: u64) -> anyhow::Result<()> {
        self.bar.set(done);
        let Some(told) = self.told else { return Ok(()) };
        let (file, sha256) = (self.item.name.as_str(), self.wanted.sha256.as_deref());
        let goes_on = told(PullStep { file, sha256, done, total: self.wanted.bytes });
        anyhow::ensure!(goes_on, "given up; the next pull goes on from here");
        Ok(())
    }
}

/// Brings `part` to its full length, over as many requests as that takes.
fn download(
    client: &Client,
    item: &Item,
    wanted: &Wanted,
    part: &Path,
    told: &mut Told<'_>,
) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(part)
        .with_context(|| format!("cannot write {}", part.display()))?;
    let mut bar = Watched { bar: Bar::bytes(&item.name, wanted.bytes), item, wanted, told };
    let mut idle_attempts = 0;
    loop {
        let have = file.seek(SeekFrom::End(0)).context("cannot find the end of the download")?;
        if wanted.bytes.is_some_and(|bytes| have > bytes) {
            file.set_len(0).context("cannot empty the download")?;
            continue;
        }
        if wanted.bytes == Some(have) {
            break;
        }
        match append(client, item, wanted, &mut file, &mut bar) {
            Ok(End::Whole) if wanted.bytes.is_none() => break,
            Ok(End::Whole) | Ok(End::Cut(_)) if grew(&file, have) => idle_attempts = 0,
            Ok(End::Whole) => bail!("{}: the server sent less than the whole file", item.url),
            Ok(End::Cut(e)) => {
                idle_attempts += 1;
                if idle_attempts >= IDLE_ATTEMPTS_MAX {
                    return Err(e).with_context(|| format!("{}: the line keeps breaking", item.url));
                }
                std::thread::sleep(RETRY_WAIT);
            }
            Err(e) => return Err(e),
        }
    }
    bar.bar.finish();
    file.sync_all().with_context(|| format!("cannot bring {} to the disk", part.display()))
}

fn grew(file: &File, from: u64) -> bool {
    file.metadata().is_ok_and(|m| m.len() > from)
}

/// How one request ended.
enum End {
    /// The body came to its end.
    Whole,
    /// The line broke; what arrived is kept.
    Cut(std::io::Error),
}

/// One request; its body goes to the end of `file`.
fn append(
    client: &Client,
    item: &Item,
    wanted: &Wanted,
    file: &mut File,
    bar: &mut Watched<'_, '_>,
) -> anyhow::Result<End> {
    let have = file.seek(SeekFrom::End(0)).context("cannot find the end of the download")?;
    // Without a digest or a tag nothing says that the rest would be of the same file.
    let resumable = wanted.sha256.is_some() || !wanted.etag.is_empty();
    let resume = (have > 0 && resumable).then_some((have, wanted.etag.as_str()));
    let answer = match client.get(&item.url, resume) {
        Ok(answer) => answer,
        Err(e) if have > 0 => return Ok(End::Cut(std::io::Error::other(format!("{e:#}")))),
        Err(e) => return Err(e),
    };
    let mut at = have;
    if resume.is_none() || answer.status().as_u16() != 206 {
        // The whole file comes again.
        file.set_len(0).context("cannot empty the download")?;
        file.seek(SeekFrom::Start(0)).context("cannot go to the begin of the download")?;
        at = 0;
    }
    bar.set(at)?;
    let mut body = answer.into_body().into_reader();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = match body.read(&mut block) {
            Ok(0) => return Ok(End::Whole),
            Ok(read) => read,
            Err(e) => return Ok(End::Cut(e)),
        };
        at += read as u64;
        if wanted.bytes.is_some_and(|bytes| at > bytes) {
            bail!(
                "{}: the server sends more than the {} bytes it should",
                item.url,
                wanted.bytes.unwrap_or(0)
            );
        }
        file.write_all(&block[..read]).with_context(|| format!("cannot write {}", item.name))?;
        bar.set(at)?;
    }
}

/// Makes a rename inside `folder` last over a power cut.
pub fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() };
    File::open(&folder)
        .and_then(|f| f.sync_all())
        .with_context(|| format!("cannot bring {} to the disk", folder.display()))
}

fn sha256_of(mut file: File) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&block[..read]);
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
