//! Models folders as people have them.

use super::*;
use crate::testing::{TempDir, model_file, tiny_model};

fn scan(dir: &Path) -> Scan {
    Shelf::new(dir).scan().expect("the folder can be read")
}

fn ids(dir: &Path) -> Vec<String> {
    scan(dir).models.into_iter().map(|f| f.id).collect()
}

fn link(to: impl AsRef<Path>, at: &Path) {
    std::fs::create_dir_all(at.parent().expect("it has a parent")).expect("folders can be made");
    std::os::unix::fs::symlink(to, at).expect("a link can be made");
}

/// Two parts of one split.
fn write_split(dir: &TempDir, stem: &str) {
    for (part, bytes) in crate::testing::split_model().into_iter().enumerate() {
        dir.write(&format!("{stem}-0000{}-of-00002.gguf", part + 1), &bytes);
    }
}

#[test]
fn files_splits_and_folders_are_found() {
    let dir = TempDir::new();
    for name in ["one.gguf", "Llama-3/x.gguf", "bartowski/Phi-GGUF/Phi-Q4_K_M.gguf", ".pull/part.gguf"] {
        dir.write(name, &tiny_model());
    }
    for name in ["notes.txt", "empty/readme.md"] {
        dir.write(name, b"text");
    }
    write_split(&dir, "big");
    write_split(&dir, "split/y");
    let scan = scan(dir.path());
    let ids: Vec<&str> = scan.models.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["Llama-3", "bartowski/Phi-GGUF", "big", "one", "split"]);
    assert!(scan.skipped.is_empty(), "{:?}", scan.skipped);
    let big = scan.find("big").expect("it is there");
    assert_eq!(big.bytes, crate::testing::split_model().iter().map(|part| part.len() as u64).sum::<u64>());
}

#[test]
fn several_quantisations_in_one_folder_are_several_models() {
    let dir = TempDir::new();
    for name in [
        "qwen/Qwen3-4B/Qwen3-4B-Q4_K_M.gguf",
        "qwen/Qwen3-4B/Qwen3-4B-Q8_0.gguf",
        "qwen/Qwen3-4B/mmproj-F16.gguf",
    ] {
        dir.write(name, &tiny_model());
    }
    let scan = scan(dir.path());
    let ids: Vec<&str> = scan.models.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["qwen/Qwen3-4B/Qwen3-4B-Q4_K_M", "qwen/Qwen3-4B/Qwen3-4B-Q8_0"]);
    let found = |name: &str| scan.find(name).map(|f| f.id.as_str());
    assert_eq!(
        found("qwen/Qwen3-4B"),
        Some("qwen/Qwen3-4B/Qwen3-4B-Q4_K_M"),
        "the folder's name is the first"
    );
    assert_eq!(found("Qwen3-4B-Q8_0"), Some("qwen/Qwen3-4B/Qwen3-4B-Q8_0"), "the file's name is enough");
    assert_eq!(found("qwen"), None);
    assert!(scan.skipped[0].reason.contains("projector"), "{:?}", scan.skipped);
}

#[test]
fn names_of_every_kind_are_ids() {
    let dir = TempDir::new();
    for name in ["my model.gguf", "a+b.gguf", "llama3:8b.gguf", "Grüße.gguf", "模型.GGUF"] {
        dir.write(name, &tiny_model());
    }
    assert_eq!(ids(dir.path()), ["Grüße", "a+b", "llama3:8b", "my model", "模型"]);
}

#[test]
fn every_skipped_file_has_its_reason() {
    let dir = TempDir::new();
    dir.write("lora.gguf", &model_file(&[("general.architecture", "llama"), ("general.type", "adapter")]));
    dir.write("vision.gguf", &model_file(&[("general.architecture", "clip")]));
    dir.write("imatrix.gguf", &model_file(&[("general.type", "imatrix")]));
    dir.write("mmproj-x.gguf", b"whatever");
    dir.write("other.gguf", &model_file(&[("general.architecture", "mamba")]));
    dir.write("torn.gguf", &tiny_model()[..100]);
    dir.write("bad\nname.gguf", &tiny_model());
    dir.write("half-00002-of-00002.gguf", &tiny_model());
    dir.write("x/twin.gguf", &tiny_model());
    dir.write("x.gguf", &tiny_model());
    let scan = scan(dir.path());
    assert_eq!(scan.models.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["x"]);
    let check = |name: &str, words: &str, is_fault: bool| {
        let path = dir.path().join(name);
        let skipped =
            scan.skipped.iter().find(|s| s.path == path).unwrap_or_else(|| panic!("{name} is not told"));
        assert!(skipped.reason.contains(words), "{name}: {}", skipped.reason);
        assert_eq!(skipped.is_fault, is_fault, "{name}");
    };
    check("lora.gguf", "LoRA", false);
    check("vision.gguf", "projector", false);
    check("imatrix.gguf", "importance", false);
    check("mmproj-x.gguf", "projector", false);
    check("other.gguf", "mamba", true);
    check("torn.gguf", "cannot be served", true);
    check("bad\nname.gguf", "rename", true);
    check("half-00002-of-00002.gguf", "1 of its 2 parts", true);
    check("x/twin.gguf", "has the id `x` already", true);
    assert_eq!(scan.skipped.len(), 9);
    assert!(scan.why_not("other").is_some_and(|s| s.reason.contains("mamba")));
}

#[test]
fn a_file_is_looked_into_and_told_once_until_it_changes() {
    let dir = TempDir::new();
    let path = dir.write("torn.gguf", &tiny_model()[..100]);
    let shelf = Shelf::new(dir.path());
    let told = || shelf.memory.lock().expect("no test panics while it holds this").told.clone();
    for _ in 0..3 {
        assert!(shelf.scan().expect("it can be read").models.is_empty());
        assert!(told().contains(&path));
    }
    dir.write("torn.gguf", &tiny_model());
    assert_eq!(shelf.scan().expect("it can be read").models.len(), 1);
    assert!(told().is_empty(), "a file that was mended and breaks again is told again");
}

#[test]
fn a_missing_folder_holds_nothing() {
    assert!(ids(&TempDir::new().path().join("none")).is_empty());
}

#[test]
fn links_out_of_the_folder_are_refused_and_links_inside_are_not() {
    let outside = TempDir::new();
    outside.write("secret.gguf", &tiny_model());
    let dir = TempDir::new();
    dir.write("real.gguf", &tiny_model());
    link(outside.path().join("secret.gguf"), &dir.path().join("leak.gguf"));
    link(outside.path(), &dir.path().join("leakdir"));
    link(dir.path().join("real.gguf"), &dir.path().join("again.gguf"));
    link(dir.path().join("none.gguf"), &dir.path().join("dangling.gguf"));
    link(dir.path(), &dir.path().join("loop"));
    let scan = scan(dir.path());
    assert_eq!(scan.models.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["again", "real"]);
    let reason = |name: &str| {
        scan.skipped
            .iter()
            .find(|s| s.path == dir.path().join(name))
            .map(|s| s.reason.clone())
            .unwrap_or_default()
    };
    for name in ["leak.gguf", "leakdir"] {
        assert!(reason(name).contains("leads out"), "{name}: {}", reason(name));
    }
    assert!(reason("dangling.gguf").contains("cannot be opened"));
}

#[test]
fn a_part_of_a_split_that_leads_out_is_no_part() {
    let outside = TempDir::new();
    write_split(&outside, "big");
    let dir = TempDir::new();
    write_split(&dir, "big");
    std::fs::remove_file(dir.path().join("big-00002-of-00002.gguf")).expect("it was just written");
    link(outside.path().join("big-00002-of-00002.gguf"), &dir.path().join("big-00002-of-00002.gguf"));
    assert!(ids(dir.path()).is_empty());
}

/// A hub cache: `blobs` by digest, snapshots of links. Returns the snapshot's folder.
fn hub_cache(root: &Path, revision: &str, files: &[(&str, Vec<u8>)]) -> PathBuf {
    let repository = root.join("models--Qwen--Qwen3-GGUF");
    std::fs::create_dir_all(repository.join("blobs")).expect("folders can be made");
    for (name, bytes) in files {
        let digest = format!("{:064x}", bytes.len() + name.len());
        std::fs::write(repository.join("blobs").join(&digest), bytes).expect("a blob can be written");
        link(Path::new("../../blobs").join(digest), &repository.join("snapshots").join(revision).join(name));
    }
    repository.join("snapshots").join(revision)
}

#[test]
fn a_hub_cache_loads_by_path_under_the_names_of_its_links() {
    let dir = TempDir::new();
    let [one, two] = crate::testing::split_model();
    let files = [
        ("q-Q8_0.gguf", tiny_model()),
        ("big-00001-of-00002.gguf", one.clone()),
        ("big-00002-of-00002.gguf", two.clone()),
    ];
    let snapshot = hub_cache(dir.path(), "0123abcd", &files);
    let nowhere = TempDir::new();
    let shelf = Shelf::new(nowhere.path());
    let resolve = |path: &Path| shelf.resolve(&path.to_string_lossy()).expect("it can be opened");
    let single = resolve(&snapshot.join("q-Q8_0.gguf"));
    assert_eq!(single.id, "q-Q8_0");
    assert!(single.about.is_some());
    let split = resolve(&snapshot.join("big-00001-of-00002.gguf"));
    assert_eq!((split.id.as_str(), split.bytes), ("big", (one.len() + two.len()) as u64));
    assert!(split.about.is_some(), "both parts are found behind their links");
    for folder in [snapshot.clone(), snapshot.join("../..").canonicalize().expect("it is there")] {
        assert_eq!(resolve(&folder).id, "Qwen/Qwen3-GGUF");
    }
}

#[test]
fn a_hub_cache_is_a_models_folder_and_can_lie_in_one() {
    let dir = TempDir::new();
    let files = [("q-Q4_K_M.gguf", tiny_model()), ("q-Q8_0.gguf", tiny_model())];
    let snapshot = hub_cache(&dir.path().join("hub"), "0123abcd", &files);
    let qualified = ["Qwen/Qwen3-GGUF/q-Q4_K_M", "Qwen/Qwen3-GGUF/q-Q8_0"];
    assert_eq!(ids(dir.path()), qualified, "inside a models folder");
    assert_eq!(ids(&dir.path().join("hub")), qualified, "as the whole cache");
    assert_eq!(ids(&dir.path().join("hub/models--Qwen--Qwen3-GGUF")), qualified, "as one repository");
    assert_eq!(ids(&snapshot), ["q-Q4_K_M", "q-Q8_0"], "as one snapshot");
}

#[test]
fn the_revision_of_refs_main_counts() {
    let dir = TempDir::new();
    hub_cache(dir.path(), "aaaa", &[("q.gguf", [tiny_model(), vec![0; 32]].concat()[..100].to_vec())]);
    let new = hub_cache(dir.path(), "bbbb", &[("q.gguf", tiny_model())]);
    dir.write("models--Qwen--Qwen3-GGUF/refs/main", b"bbbb\n");
    let scan = scan(dir.path());
    assert_eq!(scan.models[0].id, "Qwen/Qwen3-GGUF");
    assert_eq!(scan.models[0].path, new.join("q.gguf"));
    assert!(scan.skipped[0].reason.contains("newer revision"), "{:?}", scan.skipped);
}

#[test]
fn a_cache_whose_links_leave_it_is_refused() {
    let outside = TempDir::new();
    outside.write("secret.gguf", &tiny_model());
    let dir = TempDir::new();
    let snapshot = hub_cache(dir.path(), "aaaa", &[]);
    link(outside.path().join("secret.gguf"), &snapshot.join("leak.gguf"));
    assert!(ids(dir.path()).is_empty() && ids(&snapshot).is_empty());
}

#[test]
fn an_unknown_name_lists_what_there_is() {
    let dir = TempDir::new();
    dir.write("one.gguf", &tiny_model());
    dir.write("torn.gguf", &tiny_model()[..100]);
    let shelf = Shelf::new(dir.path());
    let error = shelf.resolve("two").expect_err("there is no such model").to_string();
    assert!(error.contains("one"), "{error}");
    let error = shelf.resolve("torn").expect_err("it is broken").to_string();
    assert!(error.contains("torn.gguf") && error.contains("not served"), "{error}");
    assert_eq!(shelf.resolve("one").expect("it is there").id, "one");
    let file = dir.write("sub dir/my model.gguf", &tiny_model());
    let other = TempDir::new();
    let found = Shelf::new(other.path()).resolve(&file.to_string_lossy()).expect("a path is fine too");
    assert_eq!(found.id, "my model");
}
