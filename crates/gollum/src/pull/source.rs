//! What people write after `gollum pull`, understood.
//!
//! ```text
//! qwen3-4b                                                     a name of the catalogue
//! owner/repository  owner/repository:QUANT                     also behind hf.co/ huggingface.co/ hf:// https://…
//! https://huggingface.co/owner/repository/tree/REVISION/DIR    a page of the hub
//! https://huggingface.co/owner/repository/blob/REVISION/FILE   a file's page; `resolve` and `raw` are the same file
//! https://example.org/x.gguf                                   any other address
//! ```

use anyhow::bail;

use super::catalogue;
use crate::store;

/// Hosts of the hub itself; what lies there is asked of `--endpoint`, which may be a mirror.
const HUB_HOSTS: &[&str] = &["huggingface.co", "www.huggingface.co", "hf.co"];
/// First parts of paths of the hub that are no owners of models.
const NOT_MODELS: &[&str] = &["datasets", "spaces", "docs", "blog", "collections"];

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A repository of a hub.
    Hub(HubSource),
    /// A file anywhere.
    Address(String),
}

/// A model of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubSource {
    /// `owner/name`.
    pub repository: String,
    /// Branch, tag or commit, where the source says so.
    pub revision: Option<String>,
    /// Which of its models.
    pub wanted: Wanted,
}

/// Which model of a repository is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one that most people want.
    Best,
    /// The one of that quantisation.
    Quant(String),
    /// The one of that file, or of the split that it is a part of.
    File(String),
    /// The best of that folder.
    Folder(String),
}

/// Reads a source. `endpoint` is the hub in use, whose own addresses are understood too.
pub fn parse(text: &str, endpoint: &str) -> anyhow::Result<Source> {
    let text = text.trim();
    if let Some(entry) = catalogue::find(text) {
        return parse_hub(entry.source, text).map(Source::Hub);
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (String::new(), text),
    };
    match scheme.as_str() {
        "" => match on_hub(rest, HUB_HOSTS) {
            Some(path) => parse_hub(path, text).map(Source::Hub),
            None => parse_hub(rest, text).map(Source::Hub),
        },
        "hf" => parse_hub(rest, text).map(Source::Hub),
        "http" | "https" => {
            let own = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).trim_end_matches('/');
            match on_hub(rest, HUB_HOSTS) {
                Some(path) => parse_hub(path, text).map(Source::Hub),
                // On a mirror, only what looks like a hub's page is one.
                None => match on_hub(rest, &[own]).filter(|path| is_hub_page(path)) {
                    Some(path) => parse_hub(path, text).map(Source::Hub),
                    None => Ok(Source::Address(text.to_owned())),
                },
            }
        }
        other => bail!("{text}: addresses begin with https, http or hf, not `{other}`"),
    }
}

/// The path behind one of `hosts`.
fn on_hub<'a>(text: &'a str, hosts: &[&str]) -> Option<&'a str> {
    let (host, path) = text.split_once('/')?;
    hosts.iter().any(|known| !known.is_empty() && host.eq_ignore_ascii_case(known)).then_some(path)
}

fn is_hub_page(path: &str) -> bool {
    matches!(path.split('/').nth(2), Some("tree" | "blob" | "resolve" | "raw"))
}

/// The path of a repository, a folder or a file on a hub. `text` is for errors.
fn parse_hub(path: &str, text: &str) -> anyhow::Result<HubSource> {
    let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches('/');
    let parts: Vec<String> = path.split('/').map(decode).collect::<anyhow::Result<_>>()?;
    let [owner, name, rest @ ..] = parts.as_slice() else {
        bail!("{}", unknown(text));
    };
    if NOT_MODELS.contains(&owner.as_str()) {
        bail!("{text}: this is no repository of a model");
    }
    let (name, quant) = match name.split_once(':') {
        Some((name, quant)) => (name, Some(quant)),
        None => (name.as_str(), None),
    };
    if ![owner.as_str(), name].iter().all(|part| store::is_file_name(part) && is_plain(part)) {
        bail!("{}", unknown(text));
    }
    let (revision, wanted) = match (rest, quant) {
        ([], None) => (None, Wanted::Best),
        ([], Some(quant)) if !quant.is_empty() => (None, Wanted::Quant(quant.to_owned())),
        ([kind], None) if kind == "tree" => (None, Wanted::Best),
        ([kind, revision], None) if kind == "tree" => (Some(revision.clone()), Wanted::Best),
        ([kind, revision, folder @ ..], None) if kind == "tree" => {
            (Some(revision.clone()), Wanted::Folder(folder.join("/")))
        }
        ([kind, revision, file @ ..], None)
            if !file.is_empty() && matches!(kind.as_str(), "blob" | "resolve" | "raw") =>
        {
            (Some(revision.clone()), Wanted::File(file.join("/")))
        }
        (file, None) if file.last().is_some_and(|last| last.ends_with(".gguf")) => {
            (None, Wanted::File(file.join("/")))
        }
        _ => bail!("{}", unknown(text)),
    };
    Ok(HubSource { repository: format!("{owner}/{name}"), revision, wanted })
}

/// The names that a hub gives to owners and repositories.
fn is_plain(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

fn unknown(text: &str) -> String {
    let names: Vec<&str> = catalogue::loadable().map(|entry| entry.name).collect();
    format!(
        "`{text}` is neither owner/repository[:QUANT], nor an address, nor a name of the catalogue: {}",
        names.join(", ")
    )
}

/// Percent-decodes one part of a path.
fn decode(part: &str) -> anyhow::Result<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| tail.get(..2)).flatten();
        let value = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(value.unwrap_or(first));
        rest = if value.is_some() { &tail[2..] } else { tail };
    }
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("`{part}` is not UTF-8"))?;
    if text.contains("..") && text.split('/').any(|p| p == "..") {
        bail!("`{part}` leads out of the repository");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "http://127.0.0.1:9999";

    fn hub(repository: &str, revision: Option<&str>, wanted: Wanted) -> Source {
        let revision = revision.map(str::to_owned);
        Source::Hub(HubSource { repository: repository.to_owned(), revision, wanted })
    }

    #[test]
    fn every_spelling_of_a_repository_is_understood() {
        let quant = || Wanted::Quant("Q4_K_M".to_owned());
        for prefix in [
            "",
            "hf.co/",
            "huggingface.co/",
            "HuggingFace.co/",
            "https://huggingface.co/",
            "https://hf.co/",
            "http://www.huggingface.co/",
            "hf://",
        ] {
            let check = |rest: &str, expected: Source| {
                let text = format!("{prefix}{rest}");
                assert_eq!(
                    parse(&text, ENDPOINT).unwrap_or_else(|e| panic!("{text}: {e}")),
                    expected,
                    "{text}"
                );
            };
            check("o/r", hub("o/r", None, Wanted::Best));
            check("o/r/", hub("o/r", None, Wanted::Best));
            check("o/r:Q4_K_M", hub("o/r", None, quant()));
            check("o/r/tree/main", hub("o/r", Some("main"), Wanted::Best));
            check("o/r/tree/v1/Q4_K_M", hub("o/r", Some("v1"), Wanted::Folder("Q4_K_M".into())));
            check("o/r/blob/main/a%20b.gguf", hub("o/r", Some("main"), Wanted::File("a b.gguf".into())));
            check(
                "o/r/resolve/refs%2Fpr%2F1/sub/x.gguf?download=true",
                hub("o/r", Some("refs/pr/1"), Wanted::File("sub/x.gguf".into())),
            );
            check("o/r/x.gguf", hub("o/r", None, Wanted::File("x.gguf".into())));
        }
    }

    #[test]
    fn other_addresses_are_followed_as_they_are() {
        for text in
            ["https://example.org/a/b.gguf", "http://127.0.0.1:9999/m.gguf", "http://127.0.0.1:9999/a/b.gguf"]
        {
            assert_eq!(parse(text, ENDPOINT).expect("an address"), Source::Address(text.to_owned()));
        }
        let mirror = "http://127.0.0.1:9999/o/r/blob/main/x.gguf";
        assert_eq!(
            parse(mirror, ENDPOINT).expect("a page of the mirror"),
            hub("o/r", Some("main"), Wanted::File("x.gguf".into()))
        );
    }

    #[test]
    fn names_of_the_catalogue_come_first() {
        let entry = catalogue::loadable().next().expect("it is not empty");
        let source = parse(&entry.name.to_ascii_uppercase(), ENDPOINT).expect("it is a name");
        assert!(matches!(source, Source::Hub(hub) if entry.source.starts_with(&hub.repository)));
    }

    #[test]
    fn what_is_none_of_them_is_told_with_the_catalogue() {
        for bad in [
            "",
            "o",
            "../r",
            "o/..",
            "a b/c",
            "o/r/x",
            "o/r:",
            "o//r",
            "hf.co/o",
            "o/r/blob/main",
            "ftp://h/x.gguf",
            "file:///etc/x.gguf",
            "https://huggingface.co/datasets/o/r",
            "o/r/resolve/main/%2e%2e/x.gguf",
        ] {
            parse(bad, ENDPOINT).expect_err(bad);
        }
        let error = parse("no-such-name", ENDPOINT).expect_err("unknown").to_string();
        assert!(error.contains("llama-3.2-1b-instruct"), "{error}");
    }
}
