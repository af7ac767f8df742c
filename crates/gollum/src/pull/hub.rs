//! What a Hugging Face repository holds, and which of its files `owner/repository:QUANT` means.

use anyhow::{Context, bail};

use super::fetch::Client;
use super::source::{HubSource, Wanted};
use super::{Item, Plan, file_name};
use crate::store;

/// Bytes of a repository's file list at most.
const LISTING_MAX_BYTES: u64 = 8 << 20;

/// Taken in this order when no quant is named.
const PREFERRED: &[&str] = &["Q4_K_M", "Q4_1", "Q4_0", "Q5_K_M", "Q8_0", "F16"];

#[derive(serde::Deserialize)]
struct Entry {
    path: String,
    #[serde(default)]
    size: u64,
    lfs: Option<Lfs>,
}

#[derive(serde::Deserialize)]
struct Lfs {
    oid: String,
    size: u64,
}

/// Files of one model: one, or all parts of a split.
struct Group<'a> {
    /// Folder inside the repository; empty for the repository itself.
    folder: &'a str,
    stem: String,
    entries: Vec<&'a Entry>,
}

/// Asks the hub and decides what to download.
/// `revision` is that of the source, unless it names one itself.
pub fn plan(client: &Client, endpoint: &str, source: &HubSource, revision: &str) -> anyhow::Result<Plan> {
    let repository = &source.repository;
    let endpoint = endpoint.trim_end_matches('/');
    let revision = encode(source.revision.as_deref().unwrap_or(revision), false);
    let url = format!("{endpoint}/api/models/{repository}/tree/{revision}?recursive=true");
    let listing =
        client.get_small(&url, LISTING_MAX_BYTES).with_context(|| format!("asking for {repository}"))?;
    let entries: Vec<Entry> =
        serde_json::from_slice(&listing).with_context(|| format!("the file list of {repository}"))?;
    let groups = groups(&entries);
    let group = choose(&groups, &source.wanted).with_context(|| format!("choosing from {repository}"))?;
    let items = group
        .entries
        .iter()
        .map(|entry| {
            let name = file_name(entry.path.rsplit('/').next().unwrap_or_default())?;
            let url = format!("{endpoint}/{repository}/resolve/{revision}/{}", encode(&entry.path, true));
            let lfs = entry.lfs.as_ref();
            let sha256 = lfs.map(|lfs| digest(&lfs.oid)).transpose()?;
            Ok(Item { url, name, bytes: Some(lfs.map_or(entry.size, |l| l.size)), sha256 })
        })
        .collect::<anyhow::Result<Vec<Item>>>()?;
    let folder = (items.len() > 1).then(|| group.stem.clone());
    if let Some(folder) = &folder
        && !store::is_file_name(folder)
    {
        bail!("`{folder}` cannot be the name of a model's folder");
    }
    Ok(Plan { folder, items })
}

/// Accepts 64 hex digits; returns them in lower case.
pub fn digest(text: &str) -> anyhow::Result<String> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("`{text}` is not a SHA-256 in hex");
    }
    Ok(text.to_ascii_lowercase())
}

/// Percent-encodes all but the characters that never need it.
fn encode(text: &str, keep_slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slashes && byte == b'/') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The models of a file list, splits gathered.
fn groups(entries: &[Entry]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for entry in entries {
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        let Some(stem) = name.strip_suffix(".gguf") else { continue };
        let stem = store::whole_name(stem);
        match groups.iter_mut().find(|g| g.stem == stem && g.folder == folder) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group { folder, stem: stem.to_owned(), entries: vec![entry] }),
        }
    }
    for group in &mut groups {
        group.entries.sort_by(|a, b| a.path.cmp(&b.path));
    }
    groups
}

impl Group<'_> {
    /// False for projectors and importance matrices, which lie beside models.
    fn is_model(&self) -> bool {
        let name = self.stem.to_ascii_lowercase();
        !name.starts_with("mmproj") && !name.ends_with("imatrix")
    }
}

/// The one group that is wanted. A file is taken by its name alone; the others must be models.
fn choose<'a, 'b>(groups: &'b [Group<'a>], wanted: &Wanted) -> anyhow::Result<&'b Group<'a>> {
    let models: Vec<&Group<'a>> = groups.iter().filter(|g| g.is_model()).collect();
    match wanted {
        Wanted::File(path) => {
            let of_file = groups.iter().find(|g| g.entries.iter().any(|entry| entry.path == *path));
            of_file.with_context(|| format!("there is no {path}; there are: {}", names(&models)))
        }
        Wanted::Quant(quant) => match of_quant(&models, quant).as_slice() {
            [one] => Ok(*one),
            [] => bail!("no file is {quant}; there are: {}", names(&models)),
            several => bail!("{quant} could be any of {}", names(several)),
        },
        Wanted::Best => best(&models),
        Wanted::Folder(path) => {
            let inside = |g: &&Group<'_>| {
                g.folder
                    .strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            best(&models.into_iter().filter(inside).collect::<Vec<_>>())
                .with_context(|| format!("in the folder {path}"))
        }
    }
}

/// The only model, or that of the first preferred quant.
fn best<'a, 'b>(models: &[&'b Group<'a>]) -> anyhow::Result<&'b Group<'a>> {
    match models {
        [] => bail!("it holds no model as a .gguf file"),
        [one] => Ok(one),
        _ => PREFERRED
            .iter()
            .find_map(|quant| match of_quant(models, quant).as_slice() {
                [one] => Some(*one),
                _ => None,
            })
            .with_context(|| format!("name one with `:QUANT`; there are: {}", names(models))),
    }
}

fn of_quant<'a, 'b>(models: &[&'b Group<'a>], quant: &str) -> Vec<&'b Group<'a>> {
    models.iter().copied().filter(|g| has_quant(&g.stem, quant)).collect()
}

fn names(groups: &[&Group<'_>]) -> String {
    groups.iter().map(|g| g.stem.as_str()).collect::<Vec<_>>().join(", ")
}

/// True if `quant` stands in `stem` as a word of its own: `Q4_K` is not in `x-Q4_K_M`.
fn has_quant(stem: &str, quant: &str) -> bool {
    let (stem, quant) = (stem.to_ascii_lowercase(), quant.to_ascii_lowercase());
    if quant.is_empty() {
        return false;
    }
    stem.match_indices(&quant).any(|(at, _)| {
        let before = stem[..at].chars().next_back();
        let after = stem[at + quant.len()..].chars().next();
        before.is_none_or(|c| "._-".contains(c)) && after.is_none_or(|c| ".-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(paths: &[&str]) -> Vec<Entry> {
        paths.iter().map(|p| Entry { path: (*p).to_owned(), size: 1, lfs: None }).collect()
    }

    #[test]
    fn the_quant_names_one_file() {
        let entries = entries(&[
            "README.md",
            "mmproj-x-F16.gguf",
            "x-Q4_K_S.gguf",
            "x-Q4_K_M.gguf",
            "x.Q8_0.gguf",
            "big/x-F16-00002-of-00002.gguf",
            "big/x-F16-00001-of-00002.gguf",
        ]);
        let groups = groups(&entries);
        let check = |quant: Option<&str>, expected: Option<&str>| {
            let wanted = quant.map_or(Wanted::Best, |quant| Wanted::Quant(quant.to_owned()));
            assert_eq!(choose(&groups, &wanted).ok().map(|g| g.stem.as_str()), expected, "{quant:?}");
        };
        check(None, Some("x-Q4_K_M"));
        check(Some("q4_k_s"), Some("x-Q4_K_S"));
        check(Some("Q8_0"), Some("x.Q8_0"));
        check(Some("F16"), Some("x-F16"));
        check(Some("Q4_K"), None);
        check(Some(""), None);
        for wanted in [
            Wanted::Quant("F16".into()),
            Wanted::File("big/x-F16-00002-of-00002.gguf".into()),
            Wanted::Folder("big".into()),
        ] {
            let split = choose(&groups, &wanted).expect("it is there");
            assert_eq!(split.entries[0].path, "big/x-F16-00001-of-00002.gguf", "{wanted:?}");
            assert_eq!(split.entries.len(), 2);
        }
        let projector = Wanted::File("mmproj-x-F16.gguf".into());
        assert_eq!(choose(&groups, &projector).expect("asked for by name").stem, "mmproj-x-F16");
        choose(&groups, &Wanted::File("none.gguf".into())).map(|g| &g.stem).expect_err("there is none");
        choose(&groups, &Wanted::Folder("bi".into())).map(|g| &g.stem).expect_err("there is none");
    }

    #[test]
    fn files_of_one_name_in_two_folders_are_two_models() {
        let entries = entries(&["Q4_0/model.gguf", "Q8_0/model.gguf"]);
        let groups = groups(&entries);
        assert_eq!(groups.len(), 2);
        let found = choose(&groups, &Wanted::Folder("Q8_0".into())).expect("one of them");
        assert_eq!(found.entries[0].path, "Q8_0/model.gguf");
    }

    #[test]
    fn odd_names_are_encoded() {
        assert_eq!(encode("a b/c?d", true), "a%20b/c%3Fd");
        assert_eq!(encode("refs/pr/1", false), "refs%2Fpr%2F1");
    }
}
