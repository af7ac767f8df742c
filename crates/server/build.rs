//! Lists the files of the chat page for `src/routes/ui.rs`. `npm run build` in `ui/` leaves them in `ui/dist` of this
//! crate; where it was not run, the list is empty, and `/` is the plain page.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Files of the page at most, and bytes of them all: what is more than this is no page of ours.
const MAX_FILES: usize = 64;
const MAX_BYTES: u64 = 4 << 20;

/// What the built page consists of: ending, and type.
const KINDS: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("woff2", "font/woff2"),
    ("txt", "text/plain; charset=utf-8"),
];

fn main() -> io::Result<()> {
    let crate_root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = crate_root.join("ui/dist");
    // The folder above `dist` exists always: a path that does not would have this run at every build.
    println!("cargo::rerun-if-changed=ui");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &mut files)?;
        files.sort();
    } else {
        println!(
            "cargo::warning=the plain chat page is built in: for the full one run `make build`, which needs Node.js"
        );
    }
    assert!(files.len() <= MAX_FILES, "{} files in ui/dist, of {MAX_FILES} at most", files.len());
    let bytes: u64 = files.iter().map(|file| fs::metadata(file).map_or(0, |about| about.len())).sum();
    assert!(bytes <= MAX_BYTES, "{bytes} bytes in ui/dist, of {MAX_BYTES} at most");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("page.rs"), table(&dist, &files))
}

/// All files below `folder` that are served as they are; `.gz` lie beside what they hold.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|ending| ending != "gz") {
            files.push(path);
        }
    }
    Ok(())
}

/// The Rust text of the list.
fn table(dist: &Path, files: &[PathBuf]) -> String {
    let mut text = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(dist).expect("it was found below").to_string_lossy().replace('\\', "/");
        let ending = name.rsplit('.').next().unwrap_or_default();
        let kind = KINDS.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind);
        let kind = kind.unwrap_or_else(|| panic!("ui/dist/{name}: no type is known for this ending"));
        let zipped = PathBuf::from(format!("{}.gz", file.display()));
        let gzip =
            if zipped.is_file() { format!("Some(include_bytes!({zipped:?}))") } else { "None".to_owned() };
        writeln!(
            text,
            "    File {{ name: {name:?}, kind: {kind:?}, bytes: include_bytes!({file:?}), gzip: {gzip} }},"
        )
        .expect("writing to a string cannot fail");
    }
    text.push(']');
    text
}
