//! The memory map: the only unsafe code of this crate.
//!
//! A map shows the file as it is, so a file that shrinks under us turns reads into SIGBUS, and one that is
//! rewritten changes our weights. Neither can be prevented from here. What can be done is done: the length
//! is fixed when the file is mapped, checked again once it is mapped, and [`FileMap::check_unchanged`] tells
//! whether the path still leads to the same file with the same length and time. Replacing a model by rename
//! is always safe, because the map keeps the old file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use memmap2::{Mmap, MmapOptions};

use crate::GgufError;

/// A read-only map of one whole file.
#[derive(Debug)]
pub(crate) struct FileMap {
    path: PathBuf,
    map: Mmap,
    identity: Identity,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    len: u64,
    modified: Option<SystemTime>,
    /// Device and inode, where the system has them.
    node: (u64, u64),
}

impl Identity {
    fn of(metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let node = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let node = (0, 0);
        Self { len: metadata.len(), modified: metadata.modified().ok(), node }
    }
}

impl FileMap {
    /// Maps a regular file; anything else is refused before it is opened, as opening a pipe would wait.
    pub(crate) fn open(path: &Path) -> Result<Self, GgufError> {
        let failed = |source| GgufError::Open { path: path.to_owned(), source };
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(GgufError::NotAFile { path: path.to_owned() });
        }
        let file = File::open(path).map_err(failed)?;
        let identity = Identity::of(&file.metadata().map_err(failed)?);
        let len = usize::try_from(identity.len).map_err(|error| failed(std::io::Error::other(error)))?;
        // SAFETY: the map is private to this value, read-only, and exactly as long as the file was just now.
        // That nobody changes the file while it is mapped cannot be proven; the module's text says what is
        // done about it, and all values read from the map are checked before they are used as sizes or indices.
        let map = unsafe { MmapOptions::new().len(len).map(&file) }.map_err(failed)?;
        if Identity::of(&file.metadata().map_err(failed)?) != identity {
            return Err(GgufError::FileChanged { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), map, identity })
    }

    /// The file's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Gives the memory of a range back to the system; reading it again fetches it from the file again. A
    /// hint: where the system has no such call, nothing happens.
    pub(crate) fn release(&self, range: std::ops::Range<usize>) {
        #[cfg(unix)]
        if range.end <= self.map.len() && !range.is_empty() {
            // SAFETY: the map is shared, read-only and of a file, so dropped pages come back with the file's
            // bytes. A failure means the pages stay, which is correct too.
            let _ = unsafe {
                self.map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, range.start, range.len())
            };
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Errors: [`GgufError::FileChanged`] if the path now leads to another file, or to one of another length
    /// or modification time.
    pub(crate) fn check_unchanged(&self) -> Result<(), GgufError> {
        let now = fs::metadata(&self.path).map(|metadata| Identity::of(&metadata));
        if now.is_ok_and(|now| now == self.identity) {
            return Ok(());
        }
        Err(GgufError::FileChanged { path: self.path.clone() })
    }
}
