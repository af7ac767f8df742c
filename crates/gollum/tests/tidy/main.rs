//! Tidy: the rules of the house that a compiler does not know. Each failure names the file and the rule.

mod dialects;
mod edges;
mod files;
mod request_path;
mod tables;

use std::path::{Path, PathBuf};

/// The repository: two folders above this crate.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/gollum lies two folders below the root")
        .to_path_buf()
}

/// A text file of the repository.
struct Source {
    /// Path from the root, with `/`.
    path: String,
    /// What it says.
    text: String,
}

/// Folders that hold what is built or fetched, not what is written.
const NOT_OURS: &[&str] =
    &["target", ".git", "bin", "models", ".venv", "node_modules", "shared", "__pycache__"];

/// Endings of the files that people write.
const TEXT: &[&str] =
    &["rs", "toml", "md", "py", "js", "ts", "svelte", "sh", "html", "css", "wgsl", "json", "yml", "yaml"];

/// Every text file of the repository, sorted by path.
fn sources() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder that was just listed can be read") {
            let entry = entry.expect("a directory entry can be read");
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let relative =
                path.strip_prefix(&root).expect("it lies below the root").to_string_lossy().into_owned();
            if path.is_dir() {
                // The built page.
                if relative == "crates/server/ui/dist" {
                    continue;
                }
                // Only the top-level `bin` and `models` are outputs: `crates/models` is ours.
                let top = !relative.contains('/');
                if !(NOT_OURS.contains(&name.as_str())
                    && (top || name == "__pycache__" || name == "node_modules"))
                {
                    folders.push(path);
                }
                continue;
            }
            let ending = path.extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
            if TEXT.contains(&ending.as_str()) || ["Makefile", "run"].contains(&name.as_str()) {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{relative}: {e}"));
                found.push(Source { path: relative, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 30, "the walk found {} files only, so it looks in the wrong place", found.len());
    found
}

/// Fails with every finding at once, so that one run shows all there is to mend.
fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}
