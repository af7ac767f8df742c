//! Files on disk: the map, and what can happen to a path.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gollum_gguf::{GgmlType, Gguf, GgufError, Writer};

/// A folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("gguf-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn model() -> Vec<u8> {
    Writer::new()
        .meta("general.architecture", "llama")
        .tensor("a", &[4], GgmlType::F32, (0..16).collect())
        .tensor("b", &[3, 2], GgmlType::I8, vec![9; 6])
        .to_bytes()
        .unwrap()
}

#[test]
fn a_model_on_disk_and_in_memory_are_the_same() {
    let folder = Folder::new();
    let path = folder.write("m.gguf", &model());
    let (on_disk, in_memory) = (Gguf::open(&path).unwrap(), Gguf::from_bytes(model()).unwrap());
    for gguf in [&on_disk, &in_memory] {
        assert_eq!(gguf.metadata().string("general.architecture").unwrap(), Some("llama"));
        assert_eq!(gguf.file_bytes(), model().len() as u64);
        let (a, b) = (gguf.tensor("a").unwrap(), gguf.tensor("b").unwrap());
        assert_eq!(gguf.bytes(a), (0..16).collect::<Vec<u8>>());
        assert_eq!((gguf.bytes(b), &b.dims[..], b.ggml_type), (&[9; 6][..], &[3, 2][..], GgmlType::I8));
        assert_eq!((b.weight_count(), b.row_count()), (6, 2));
        assert!(gguf.tensor("c").is_none());
        gguf.check_unchanged().unwrap();
    }
    assert_eq!(on_disk.paths(), [path]);
    assert!(in_memory.paths().is_empty());
}

#[test]
fn models_cross_threads() {
    fn crosses<T: Send + Sync>() {}
    crosses::<Gguf>();
    crosses::<GgufError>();
}

#[test]
fn what_is_no_file_is_an_error() {
    let folder = Folder::new();
    assert!(matches!(Gguf::open(&folder.file("absent.gguf")), Err(GgufError::Open { .. })));
    assert!(matches!(Gguf::open(&folder.file("")), Err(GgufError::NotAFile { .. })));
    assert!(matches!(
        Gguf::open(Path::new("/dev/zero")),
        Err(GgufError::NotAFile { .. }) | Err(GgufError::Open { .. })
    ));
    let empty = Gguf::open(&folder.write("empty.gguf", b"")).unwrap_err();
    assert!(matches!(empty.root(), GgufError::Truncated { .. }));
    let html = Gguf::open(&folder.write("page.gguf", b"<html>")).unwrap_err();
    assert!(html.to_string().contains("page.gguf: not a GGUF file"), "{html}");
}

#[test]
fn changes_under_the_map_are_noticed() {
    let folder = Folder::new();
    let path = folder.write("m.gguf", &model());
    let gguf = Gguf::open(&path).unwrap();

    // Longer, in place.
    fs::write(&path, [model(), vec![0; 8]].concat()).unwrap();
    assert!(matches!(gguf.check_unchanged(), Err(GgufError::FileChanged { .. })));

    // Replaced by rename: noticed, and the map still shows the old file.
    let gguf = Gguf::open(&folder.write("n.gguf", &model())).unwrap();
    fs::rename(folder.write("new.gguf", &vec![0xff; model().len()]), folder.file("n.gguf")).unwrap();
    assert!(matches!(gguf.check_unchanged(), Err(GgufError::FileChanged { .. })));
    assert_eq!(gguf.bytes(gguf.tensor("b").unwrap()), [9; 6]);

    // Gone.
    fs::remove_file(folder.file("n.gguf")).unwrap();
    assert!(matches!(gguf.check_unchanged(), Err(GgufError::FileChanged { .. })));
    assert_eq!(gguf.bytes(gguf.tensor("b").unwrap()), [9; 6]);
}
