//! The models folder: which models lie there, under which ids.
//!
//! ```text
//! models/SmolLM2-135M.gguf                  id SmolLM2-135M
//! models/big-00001-of-00003.gguf …          id big             a split model beside others
//! models/Llama-3/…-00001-of-00004.gguf …    id Llama-3         a split model in a folder of its own
//! models/qwen/qwen.gguf                     id qwen            a folder with one file
//! ```
//! A path is never built from an id: ids are looked up in what a scan found, so no id can name anything
//! outside the folder. Links that lead out of it are refused.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Longest id in bytes.
const ID_MAX_BYTES: usize = 96;
/// Models listed at most; a folder with more is not a models folder.
const MODELS_MAX: usize = 4096;
/// Entries read per folder at most.
const ENTRIES_MAX: usize = 65_536;

/// One model that a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// The file to open; of a split model the first.
    pub path: PathBuf,
    /// Bytes of all its files.
    pub bytes: u64,
    /// When the first file was last written, seconds since 1970.
    pub modified_unix: u64,
}

/// True for `^[A-Za-z0-9._-]{1,96}$`, without the two names that are folders everywhere.
pub fn is_id(text: &str) -> bool {
    (1..=ID_MAX_BYTES).contains(&text.len())
        && text != "."
        && text != ".."
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The models in `dir`, sorted by id. A folder that is not there holds none. Entries that are refused are
/// told in the log.
pub fn scan(dir: &Path) -> anyhow::Result<Vec<Found>> {
    let root = match dir.canonicalize() {
        Ok(root) => root,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e).with_context(|| format!("cannot read the models folder {}", dir.display())),
    };
    let mut found: Vec<Found> = Vec::new();
    for entry in entries(&root)? {
        let candidates = if entry.is_dir() { folder_model(&entry)? } else { file_model(&entry) };
        let Some((id, path)) = candidates else { continue };
        match admit(&root, id, &path) {
            Ok(model) if found.iter().any(|f| f.id == model.id) => {
                tracing::warn!(id = model.id, path = %model.path.display(), "a second model of this id is not listed");
            }
            Ok(model) => found.push(model),
            Err(e) => tracing::warn!("not listed: {e:#}"),
        }
        if found.len() > MODELS_MAX {
            bail!("{} holds more than {MODELS_MAX} models", dir.display());
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// The file that `name` means: an id of the models folder, or a path of the user's own.
pub fn resolve(dir: &Path, name: &str) -> anyhow::Result<Found> {
    let found = scan(dir)?;
    if let Some(model) = found.iter().find(|f| f.id == name) {
        return Ok(model.clone());
    }
    let path = Path::new(name);
    if !path.exists() {
        let ids: Vec<&str> = found.iter().map(|f| f.id.as_str()).collect();
        let known = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        bail!("{name} is neither a file nor a model of {}; found there: {known}", dir.display());
    }
    // What the user names on the command line is the user's to read, links included.
    let path = path.canonicalize().with_context(|| format!("cannot open {name}"))?;
    let (id, path) = if path.is_dir() {
        folder_model(&path)?.with_context(|| format!("{name} holds no .gguf file"))?
    } else {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        (split_of(&stem).map_or(stem.clone(), |s| s.name.to_owned()), path)
    };
    measured(cleaned(&id), path)
}

/// What can be an id of `name`: other characters become `-`.
fn cleaned(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let id: String = name.chars().map(keep).take(ID_MAX_BYTES).collect();
    if is_id(&id) { id } else { "model".to_owned() }
}

fn entries(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let mut paths: Vec<PathBuf> = list
        .take(ENTRIES_MAX)
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        // Dot files are ours or the system's: unfinished downloads live in one.
        .filter(|path| !path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')))
        .collect();
    paths.sort();
    Ok(paths)
}

/// The name that the parts of a split share: `big` of `big-00001-of-00002`.
pub fn split_name(stem: &str) -> Option<&str> {
    split_of(stem).map(|split| split.name)
}

/// A split file's name, taken apart.
struct SplitName<'a> {
    name: &'a str,
    part: u32,
}

/// `name-00002-of-00003`, without the ending, taken apart.
fn split_of(stem: &str) -> Option<SplitName<'_>> {
    let five = |text: &str| (text.len() == 5).then(|| text.parse::<u32>().ok()).flatten();
    let (rest, count) = stem.rsplit_once("-of-")?;
    let (name, part) = rest.rsplit_once('-')?;
    five(count)?;
    Some(SplitName { name, part: five(part)? })
}

fn gguf_stem(path: &Path) -> Option<String> {
    let ending = path.extension()?;
    ending.eq_ignore_ascii_case("gguf").then(|| path.file_stem().map(|s| s.to_string_lossy().into_owned()))?
}

/// A file of the models folder as a model; `None` for other files and later parts of a split.
fn file_model(path: &Path) -> Option<(String, PathBuf)> {
    let stem = gguf_stem(path)?;
    match split_of(&stem) {
        Some(split) if split.part != 1 => None,
        Some(split) => Some((split.name.to_owned(), path.to_path_buf())),
        None => Some((stem, path.to_path_buf())),
    }
}

/// A sub-folder as a model: its first .gguf that begins a model, projector files aside.
fn folder_model(dir: &Path) -> anyhow::Result<Option<(String, PathBuf)>> {
    let id = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let first = entries(dir)?
        .into_iter()
        .filter(|p| !p.is_dir())
        .filter(|p| !p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("mmproj")))
        .find_map(|p| file_model(&p));
    Ok(first.map(|(_, path)| (id, path)))
}

/// Checks the id, and that the file really lies below `root`.
fn admit(root: &Path, id: String, path: &Path) -> anyhow::Result<Found> {
    if !is_id(&id) {
        bail!("{}: the name must be 1 to {ID_MAX_BYTES} of A-Z a-z 0-9 . _ -; rename it", path.display());
    }
    let real = path.canonicalize().with_context(|| format!("cannot open {}", path.display()))?;
    if !real.starts_with(root) {
        bail!("{}: the link leads out of the models folder, to {}", path.display(), real.display());
    }
    measured(id, real)
}

fn measured(id: String, path: PathBuf) -> anyhow::Result<Found> {
    let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    if !metadata.is_file() {
        bail!("{} is not a file", path.display());
    }
    let modified = metadata.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    let mut bytes = metadata.len();
    let stem = gguf_stem(&path).unwrap_or_default();
    if let (Some(split), Some(dir)) = (split_of(&stem), path.parent()) {
        let others = entries(dir)?
            .into_iter()
            .filter(|p| *p != path)
            .filter(|p| gguf_stem(p).is_some_and(|s| split_of(&s).is_some_and(|o| o.name == split.name)));
        bytes += others.filter_map(|p| p.metadata().ok()).map(|m| m.len()).sum::<u64>();
    }
    Ok(Found { id, path, bytes, modified_unix: modified.map_or(0, |d| d.as_secs()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempDir;

    fn ids(dir: &Path) -> Vec<String> {
        scan(dir).expect("the folder can be read").into_iter().map(|f| f.id).collect()
    }

    #[test]
    fn files_splits_and_folders_are_found() {
        let dir = TempDir::new();
        for (name, bytes) in [
            ("one.gguf", 3),
            ("big-00001-of-00002.gguf", 5),
            ("big-00002-of-00002.gguf", 7),
            ("notes.txt", 1),
            (".pull/part.gguf", 1),
            ("Llama-3/x-00001-of-00002.gguf", 2),
            ("Llama-3/x-00002-of-00002.gguf", 2),
            ("Llama-3/mmproj.gguf", 9),
            ("empty/readme.md", 1),
            ("bad name.gguf", 1),
        ] {
            dir.write(name, &vec![0; bytes]);
        }
        assert_eq!(ids(dir.path()), ["Llama-3", "big", "one"]);
        let found = scan(dir.path()).expect("the folder can be read");
        assert_eq!(found.iter().map(|f| f.bytes).collect::<Vec<_>>(), [4, 12, 3]);
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        assert!(ids(&TempDir::new().path().join("none")).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_folder_are_refused_and_links_inside_are_not() {
        let outside = TempDir::new();
        outside.write("secret.gguf", b"x");
        let dir = TempDir::new();
        dir.write("real.gguf", b"x");
        std::os::unix::fs::symlink(outside.path().join("secret.gguf"), dir.path().join("leak.gguf"))
            .expect("a link can be made");
        std::os::unix::fs::symlink(outside.path(), dir.path().join("leakdir")).expect("a link can be made");
        std::os::unix::fs::symlink(dir.path().join("real.gguf"), dir.path().join("again.gguf"))
            .expect("a link can be made");
        assert_eq!(ids(dir.path()), ["again", "real"]);
    }

    #[test]
    fn ids_that_could_be_paths_are_no_ids() {
        for bad in ["", ".", "..", "a/b", "../x", "a\\b", "a b", "a\0", "ä", "%2e%2e", "a:b", &"x".repeat(97)]
        {
            assert!(!is_id(bad), "{bad:?}");
        }
        for good in ["a", "SmolLM2-135M-Instruct.Q4_1", "...", &"x".repeat(96)] {
            assert!(is_id(good), "{good:?}");
        }
    }

    #[test]
    fn an_unknown_name_lists_what_there_is() {
        let dir = TempDir::new();
        dir.write("one.gguf", b"x");
        let error = resolve(dir.path(), "two").expect_err("there is no such model");
        assert!(error.to_string().contains("one"), "{error}");
        assert_eq!(resolve(dir.path(), "one").expect("it is there").id, "one");
        let file = dir.write("sub dir/my model.gguf", b"x");
        let found = resolve(dir.path(), &file.to_string_lossy()).expect("a path is fine too");
        assert_eq!(found.id, "my-model");
    }
}
