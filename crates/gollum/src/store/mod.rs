//! The models folder: which models lie there, under which ids.
//!
//! ```text
//! layout    files, gathered into models     contents  a look inside each, once per change of the file
//! names     what can be an id
//!
//! a model of the folder itself              id: its file name     SmolLM2-135M.Q4_1
//! the only model of a sub-folder            id: the folder        bartowski/Phi-GGUF
//! one of several in a sub-folder            id: folder and file   bartowski/Phi-GGUF/Phi-Q4_K_M
//! ```
//! A path is never built from an id: ids are looked up in what a scan found, so no id can name anything
//! outside the folder.

mod contents;
mod layout;
mod names;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, bail};

pub use contents::{About, Contents};
pub use layout::Skipped;
pub use names::{NOT_AN_ID, is_file_name, is_id, whole_name};

use layout::Group;

/// Models listed at most; a folder with more is not a models folder.
const MODELS_MAX: usize = 4096;

/// One model that a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// The file to open; of a split model the first.
    pub path: PathBuf,
    /// Bytes of all its files.
    pub bytes: u64,
    /// When the first file was last written, seconds since 1970.
    pub modified_unix: u64,
    /// What its header says; `None` where it says that the model cannot be served.
    pub about: Option<About>,
    /// The id of its folder: names the first model of several.
    folder: String,
    /// Its file name, for those who know it by that.
    stem: String,
}

impl Found {
    /// A model without a file.
    pub fn without_file(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            path: PathBuf::new(),
            bytes: 0,
            modified_unix: 0,
            about: None,
            folder: String::new(),
            stem: String::new(),
        }
    }

    /// What it can be called by in a file of settings: its id, its folder, its file name without the ending.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        // A file that was named by its path has no name in the models folder.
        let of_path = self.path.file_stem().and_then(|stem| stem.to_str()).map(whole_name);
        [Some(self.id.as_str()), Some(self.folder.as_str()), of_path]
            .into_iter()
            .flatten()
            .filter(|name| !name.is_empty())
    }

    /// False for the toy.
    pub fn has_file(&self) -> bool {
        !self.path.as_os_str().is_empty()
    }
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// Models that can be asked, sorted by id.
    pub models: Vec<Found>,
    /// Files that are not listed, and why.
    pub skipped: Vec<Skipped>,
}

impl Scan {
    /// The model of that id; else the first of that folder; else the only one of that file name.
    pub fn find(&self, name: &str) -> Option<&Found> {
        let mut of_stem = self.models.iter().filter(|m| m.stem == name);
        let only = of_stem.next().filter(|_| of_stem.next().is_none());
        let of_folder = || self.models.iter().find(|m| m.folder == name && !name.is_empty());
        self.models.iter().find(|m| m.id == name).or_else(of_folder).or(only)
    }

    /// Why there is no model of that name, if a file of that name was skipped.
    pub fn why_not(&self, name: &str) -> Option<&Skipped> {
        let last = name.rsplit('/').next().filter(|last| !last.is_empty())?;
        self.skipped.iter().find(|s| {
            let stem = names::gguf_stem(&s.path).unwrap_or_default();
            whole_name(&stem) == last || s.path.ends_with(name)
        })
    }
}

/// A models folder, and what is known of its files: each is looked into once, and told once if it is skipped.
pub struct Shelf {
    dir: PathBuf,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// By first file: when it was as it was, and what it holds.
    contents: HashMap<PathBuf, (Stamp, Contents)>,
    told: BTreeSet<PathBuf>,
}

/// Changes when any file of a model does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    files: usize,
    newest: Option<SystemTime>,
}

impl Shelf {
    /// Looks at nothing yet.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf(), memory: Mutex::default() }
    }

    /// What lies in the folder now. A folder that is not there holds nothing. Files that are skipped are told in
    /// the log when they are first seen.
    pub fn scan(&self) -> anyhow::Result<Scan> {
        let root = match self.dir.canonicalize() {
            Ok(root) => root,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Scan::default()),
            Err(e) => {
                return Err(e)
                    .with_context(|| format!("cannot read the models folder {}", self.dir.display()));
            }
        };
        let walk = layout::walk(&root)?;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scan = Scan { models: Vec::new(), skipped: walk.skipped };
        let mut known = HashMap::new();
        for folder in walk.folders {
            let looked: Vec<(Group, Stamp, Contents)> =
                folder.groups.into_iter().map(|group| memory.look(group)).collect();
            let models = looked.iter().filter(|(.., c)| !matches!(c, Contents::Other(_))).count();
            for (group, stamp, contents) in looked {
                known.insert(group.files[0].clone(), (stamp, contents.clone()));
                let id = match folder.label.as_str() {
                    "" => group.stem.clone(),
                    label if models == 1 => label.to_owned(),
                    label => format!("{label}/{}", group.stem),
                };
                scan.admit(&id, &folder.label, group, contents);
            }
        }
        if scan.models.len() > MODELS_MAX {
            bail!("{} holds more than {MODELS_MAX} models", self.dir.display());
        }
        scan.models.sort_by(|a, b| a.id.cmp(&b.id));
        memory.contents = known;
        memory.tell(&scan.skipped);
        Ok(scan)
    }

    /// The file that `name` means: a model of the folder, or a path of the user's own. What the user names on the
    /// command line is the user's to read, links included; the name is that of the path as given.
    pub fn resolve(&self, name: &str) -> anyhow::Result<Found> {
        let scan = self.scan()?;
        if let Some(model) = scan.find(name) {
            return Ok(model.clone());
        }
        let path = Path::new(name);
        if path.is_dir() {
            return from_folder(path, name);
        }
        if path.exists() {
            let stem =
                names::gguf_stem(path).or_else(|| Some(path.file_name()?.to_string_lossy().into_owned()));
            return from_file(path, &stem.unwrap_or_default());
        }
        let dir = self.dir.display();
        if let Some(skipped) = scan.why_not(name) {
            bail!("{name} is not served: {}: {}", skipped.path.display(), skipped.reason);
        }
        let ids: Vec<&str> = scan.models.iter().map(|f| f.id.as_str()).collect();
        let known = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        bail!("{name} is neither a file nor a model of {dir}; found there: {known}");
    }
}

impl Scan {
    /// Lists a model, or says why not.
    fn admit(&mut self, id: &str, folder: &str, group: Group, contents: Contents) {
        let taken =
            self.models.iter().find(|m| m.id == id).map(|other| {
                format!("{} has the id `{id}` already; rename one of them", other.path.display())
            });
        let is_fault = !matches!(contents, Contents::Other(_));
        let reason = match contents {
            Contents::Other(what) => format!("is {what}"),
            Contents::Unservable(why) => format!("cannot be served: {why}"),
            Contents::Model(_) if !is_id(id) => format!(
                "`{}` cannot be a model's name (1 to {} bytes, no control characters or backslashes); rename it",
                id.escape_debug(),
                names::ID_MAX_BYTES
            ),
            Contents::Model(about) => match (taken, measured(id, &group.files)) {
                (Some(taken), _) => taken,
                (None, Ok(found)) => {
                    let folder = folder.to_owned();
                    self.models.push(Found { about: Some(about), folder, stem: group.stem, ..found });
                    return;
                }
                (None, Err(e)) => format!("{e:#}"),
            },
        };
        self.skipped.push(Skipped { path: group.files[0].clone(), reason, is_fault });
    }
}

impl Memory {
    /// What a model's files hold: remembered, or looked up.
    fn look(&self, group: Group) -> (Group, Stamp, Contents) {
        let stamp = stamp(&group.files);
        let contents = match self.contents.get(&group.files[0]) {
            Some((then, contents)) if *then == stamp => contents.clone(),
            _ => Contents::of(&group.files[0]),
        };
        (group, stamp, contents)
    }

    /// Tells what is skipped for the first time, and forgets what is no longer.
    fn tell(&mut self, skipped: &[Skipped]) {
        for skipped in skipped.iter().filter(|s| !self.told.contains(&s.path)) {
            tracing::warn!("not listed: {}: {}", skipped.path.display(), skipped.reason);
        }
        self.told = skipped.iter().map(|s| s.path.clone()).collect();
    }
}

fn stamp(files: &[PathBuf]) -> Stamp {
    let metadata = files.iter().filter_map(|path| path.metadata().ok());
    metadata.fold(Stamp::default(), |sum, m| Stamp {
        bytes: sum.bytes + m.len(),
        files: sum.files + 1,
        newest: sum.newest.max(m.modified().ok()),
    })
}

/// The first model of a folder, under the folder's name.
fn from_folder(dir: &Path, name: &str) -> anyhow::Result<Found> {
    let shelf = Shelf::new(dir);
    let scan = shelf.scan()?;
    let Some(first) = scan.models.into_iter().next() else {
        match scan.skipped.first() {
            Some(s) => bail!("{name} holds no model: {}: {}", s.path.display(), s.reason),
            None => bail!("{name} holds no .gguf file"),
        }
    };
    // A path such as `.` has no name of its own, and a snapshot of the hub cache has a digest for one.
    let real = dir.canonicalize().with_context(|| format!("cannot open {name}"))?;
    let id = real
        .ancestors()
        .find_map(layout::repository_name)
        .or_else(|| dir.file_name().or(real.file_name()).map(|n| n.to_string_lossy().into_owned()));
    Ok(Found { id: names::cleaned(&id.unwrap_or_default()), ..first })
}

/// One file, with the other parts of its split.
fn from_file(path: &Path, stem: &str) -> anyhow::Result<Found> {
    let mut files = vec![path.to_path_buf()];
    if let (Some(split), Some(dir)) = (names::split_of(stem), path.parent()) {
        let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        let list = std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
        let is_part = |other: &PathBuf| {
            other.file_name() != path.file_name()
                && names::gguf_stem(other).is_some_and(|s| {
                    names::split_of(&s).is_some_and(|o| o.name == split.name && o.count == split.count)
                })
        };
        files.extend(list.filter_map(|entry| entry.ok().map(|e| e.path())).filter(is_part));
    }
    let found = measured(&names::cleaned(whole_name(stem)), &files)?;
    let about = match Contents::of(path) {
        Contents::Model(about) => Some(about),
        Contents::Unservable(_) | Contents::Other(_) => None,
    };
    Ok(Found { about, ..found })
}

/// Size and time of a model's files.
fn measured(id: &str, files: &[PathBuf]) -> anyhow::Result<Found> {
    let first = &files[0];
    let metadata = first.metadata().with_context(|| format!("cannot read {}", first.display()))?;
    if !metadata.is_file() {
        bail!("{} is not a file", first.display());
    }
    let modified = metadata.modified().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
    Ok(Found {
        path: first.clone(),
        bytes: stamp(files).bytes,
        modified_unix: modified.map_or(0, |d| d.as_secs()),
        ..Found::without_file(id)
    })
}

#[cfg(test)]
mod tests;
