//! The dialects of the server: each is a folder, knows no other, and is known by the table alone.

use super::{assert_none, sources};

const APIS: &str = "crates/server/src/apis/";

/// The dialect that a file belongs to.
fn dialect(path: &str) -> Option<&str> {
    path.strip_prefix(APIS)?.split_once('/').map(|(folder, _)| folder)
}

#[test]
fn no_dialect_knows_another() {
    let files = sources();
    let mut folders: Vec<&str> = files.iter().filter_map(|file| dialect(&file.path)).collect();
    folders.dedup();
    assert!(folders.len() >= 3, "only {folders:?}");
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("crates/server/src/")) {
        let own = dialect(&file.path);
        for other in folders.iter().filter(|&&folder| own != Some(folder)) {
            let names = [format!("apis::{other}"), format!("super::super::{other}")];
            if names.iter().any(|name| file.text.contains(name)) {
                findings.push(format!("{} names {other}", file.path));
            }
        }
    }
    assert_none("a dialect that something else knows", &findings);
}

#[test]
fn every_dialect_is_in_the_table() {
    let files = sources();
    let table = files.iter().find(|file| file.path == format!("{APIS}mod.rs")).expect("the table");
    let missing: Vec<String> = files
        .iter()
        .filter_map(|file| dialect(&file.path))
        .filter(|folder| !table.text.contains(&format!("{folder}::ROUTES")))
        .map(str::to_owned)
        .collect();
    assert_none("dialects without a line in the table", &missing);
}

#[test]
fn the_state_knows_no_route() {
    let below = ["app.rs", "error.rs", "limits.rs", "workers.rs", "body.rs"];
    let files = sources();
    let mut findings = Vec::new();
    for name in below {
        let path = format!("crates/server/src/{name}");
        let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
        for above in ["crate::routes", "crate::route::", "crate::apis", "crate::service", "crate::generate"] {
            if file.text.contains(above) {
                findings.push(format!("{path} names {above}"));
            }
        }
    }
    assert_none("state that knows what stands above it", &findings);
}
