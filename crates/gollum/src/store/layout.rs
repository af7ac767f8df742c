//! The walk through a models folder: which files lie there, gathered into models, under which names.
//!
//! ```text
//! SmolLM2-135M.gguf                          folder ""             stem SmolLM2-135M
//! big-00001-of-00003.gguf …                  folder ""             stem big, three parts
//! Llama-3/x.gguf                             folder Llama-3        stem x
//! bartowski/Phi-GGUF/Phi-Q4_K_M.gguf         folder bartowski/Phi-GGUF
//! models--Qwen--Qwen3-4B-GGUF/               folder Qwen/Qwen3-4B-GGUF, the cache of the Hugging Face libraries:
//!   refs/main                                  names the revision that counts
//!   snapshots/REVISION/q.gguf                  a link to ../../blobs/DIGEST
//! ```
//! Every file must really lie inside the models folder, behind all links. Where the models folder is a part of a
//! hub cache's folder of one model, that folder is the border: the blobs lie beside the snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::names::{gguf_stem, hub_name, split_of};

/// Folders inside folders at most; the deepest layout in use, a split in a hub's snapshot, has four.
const DEPTH_MAX: usize = 6;
/// Entries looked at in one walk at most; a folder with more is not a models folder.
const ENTRIES_MAX: usize = 65_536;
/// Bytes of a hub cache's `refs/main`, which is 40 hex digits.
const REF_MAX_BYTES: u64 = 256;

/// The files of one model.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// File name without ending and part number.
    pub stem: String,
    /// In the order of their parts; links as they lie, not where they lead.
    pub files: Vec<PathBuf>,
}

/// One folder that holds models.
#[derive(Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its way from the models folder, `/` between its parts; empty for the models folder itself.
    pub label: String,
    /// Its models, sorted by stem.
    pub groups: Vec<Group>,
}

/// A file that is not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it lies.
    pub path: PathBuf,
    /// Why, and what to do.
    pub reason: String,
    /// False for files that are meant for something else.
    pub is_fault: bool,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Folders with models, in the order of their names.
    pub folders: Vec<Folder>,
    /// What was left aside.
    pub skipped: Vec<Skipped>,
}

/// Walks through `root`, which must exist.
pub fn walk(root: &Path) -> anyhow::Result<Walk> {
    let real = root.canonicalize().with_context(|| format!("cannot read {}", root.display()))?;
    let mut walker = Walker {
        fence: fence(&real),
        seen: BTreeSet::from([real.clone()]),
        entries: 0,
        out: Walk::default(),
    };
    match repository_name(&real) {
        Some(label) => walker.repository(root, label)?,
        None => walker.folder(root, "", 0)?,
    }
    Ok(walker.out)
}

/// `owner/name`, if the path is a hub cache's folder of one model.
pub fn repository_name(dir: &Path) -> Option<String> {
    let label = hub_name(&dir.file_name()?.to_string_lossy())?;
    dir.join("snapshots").is_dir().then_some(label)
}

/// What files may not lead out of: the folder, or the hub cache's folder of one model around it.
fn fence(root: &Path) -> PathBuf {
    root.ancestors().find(|dir| repository_name(dir).is_some()).unwrap_or(root).to_path_buf()
}

struct Walker {
    fence: PathBuf,
    /// Real paths of folders that were walked: links to them are the same models again.
    seen: BTreeSet<PathBuf>,
    entries: usize,
    out: Walk,
}

impl Walker {
    fn skip(&mut self, path: &Path, reason: impl Into<String>) {
        self.out.skipped.push(Skipped { path: path.to_path_buf(), reason: reason.into(), is_fault: true });
    }

    /// Visible entries, sorted. A folder that cannot be read hides no others, but the first must be readable.
    fn entries(&mut self, dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let list = match std::fs::read_dir(dir) {
            Ok(list) => list,
            Err(e) if self.entries > 0 => {
                self.skip(dir, format!("cannot be listed: {e}"));
                return Ok(Vec::new());
            }
            Err(e) => return Err(e).with_context(|| format!("cannot list {}", dir.display())),
        };
        let mut paths = Vec::new();
        for entry in list {
            self.entries += 1;
            if self.entries > ENTRIES_MAX {
                bail!("{}: more than {ENTRIES_MAX} entries; this is no models folder", self.fence.display());
            }
            // Dot files are ours or the system's: unfinished downloads live in one.
            paths.extend(entry.ok().map(|e| e.path()).filter(|path| !is_hidden(path)));
        }
        paths.sort();
        Ok(paths)
    }

    /// True if `path` lies inside the fence, behind all links; if not, it is told.
    fn is_inside(&mut self, path: &Path) -> bool {
        match path.canonicalize() {
            Ok(real) if real.starts_with(&self.fence) => true,
            Ok(real) => {
                let to = real.display();
                self.skip(
                    path,
                    format!("the link leads out of the models folder, to {to}; name that file with --model"),
                );
                false
            }
            Err(e) => {
                self.skip(path, format!("cannot be opened: {e}"));
                false
            }
        }
    }

    fn folder(&mut self, dir: &Path, label: &str, depth: usize) -> anyhow::Result<()> {
        let (dirs, files): (Vec<PathBuf>, Vec<PathBuf>) =
            self.entries(dir)?.into_iter().partition(|path| path.is_dir());
        let groups = self.groups(&files);
        if !groups.is_empty() {
            self.out.folders.push(Folder { label: label.to_owned(), groups });
        }
        for dir in dirs {
            if !self.enters(&dir) {
                continue;
            }
            let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let inner = if label.is_empty() { name } else { format!("{label}/{name}") };
            match repository_name(&dir) {
                Some(label) => self.repository(&dir, label)?,
                None if depth + 1 > DEPTH_MAX => self.skip(&dir, "lies too deep; move it up"),
                None => self.folder(&dir, &inner, depth + 1)?,
            }
        }
        Ok(())
    }

    /// True for a folder inside the fence that was not walked yet.
    fn enters(&mut self, dir: &Path) -> bool {
        self.is_inside(dir) && dir.canonicalize().is_ok_and(|real| self.seen.insert(real))
    }

    /// The models of a hub cache's folder: those of the revision that `refs/main` names, and after them what
    /// only other revisions have.
    fn repository(&mut self, dir: &Path, label: String) -> anyhow::Result<()> {
        let mut revisions = self.entries(&dir.join("snapshots"))?;
        let main = dir.join("refs/main");
        let small = main.metadata().is_ok_and(|m| m.len() <= REF_MAX_BYTES);
        if let Some(name) = small.then(|| std::fs::read_to_string(&main).ok()).flatten() {
            let is_main =
                |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy() == name.trim());
            revisions.sort_by_key(|path| !is_main(path));
        }
        let mut groups: Vec<Group> = Vec::new();
        for revision in revisions.iter().filter(|path| path.is_dir()) {
            for group in self.below(revision, 0)? {
                match groups.iter().find(|g| g.stem == group.stem) {
                    None => groups.push(group),
                    Some(known) if is_same_file(&known.files[0], &group.files[0]) => {}
                    Some(_) => self.skip(
                        &group.files[0],
                        format!("{label} has a newer revision of it; name this one with --model"),
                    ),
                }
            }
        }
        if !groups.is_empty() {
            self.out.folders.push(Folder { label, groups });
        }
        Ok(())
    }

    /// All models below a snapshot, as one list.
    fn below(&mut self, dir: &Path, depth: usize) -> anyhow::Result<Vec<Group>> {
        let (dirs, files): (Vec<PathBuf>, Vec<PathBuf>) =
            self.entries(dir)?.into_iter().partition(|path| path.is_dir());
        let mut groups = self.groups(&files);
        for dir in dirs {
            if depth < DEPTH_MAX && self.enters(&dir) {
                groups.extend(self.below(&dir, depth + 1)?);
            }
        }
        Ok(groups)
    }

    /// Gathers the .gguf files of one folder. Splits that are not whole are told.
    fn groups(&mut self, files: &[PathBuf]) -> Vec<Group> {
        let mut parts: BTreeMap<(String, u32), Vec<(u32, PathBuf)>> = BTreeMap::new();
        for path in files {
            let Some(stem) = gguf_stem(path) else { continue };
            if !self.is_inside(path) {
                continue;
            }
            let (name, part, count) = match split_of(&stem) {
                Some(split) => (split.name.to_owned(), split.part, split.count),
                None => (stem, 1, 1),
            };
            parts.entry((name, count)).or_default().push((part, path.clone()));
        }
        let mut groups = Vec::new();
        for ((stem, count), mut parts) in parts {
            parts.sort();
            let have = parts.len();
            // Parts are opened by their names, so one that is missing here must not be found otherwise.
            if have == count as usize && parts[0].0 == 1 {
                groups.push(Group { stem, files: parts.into_iter().map(|(_, path)| path).collect() });
            } else {
                self.skip(
                    &parts[0].1,
                    format!("{have} of its {count} parts are here; download the others too"),
                );
            }
        }
        groups
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
