//! Which crate may know which: the table of ARCHITECTURE.md, compared with what cargo says.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// `(crate, crates it may depend on)`, without the prefix `gollum-`.
const EDGES: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("gguf", &[]),
    ("quant", &[]),
    ("tokenizer", &["core", "gguf"]),
    ("sampler", &["core"]),
    ("engine", &["core", "sampler"]),
    ("kernels", &["core", "quant"]),
    ("models", &["core", "gguf", "quant", "kernels"]),
    ("backend-cpu", &["core", "kernels", "quant"]),
    ("backend-gpu", &["core", "kernels", "quant"]),
    ("backend-toy", &["core"]),
    ("frontend", &["core", "engine", "sampler", "tokenizer"]),
    ("server", &["core", "engine", "frontend"]),
];

/// Edges that only tests have: a test may look into any room that its crate serves.
const TEST_EDGES: &[(&str, &[&str])] = &[
    ("engine", &["backend-toy"]),
    ("frontend", &["backend-toy", "gguf"]),
    ("server", &["backend-toy", "tokenizer", "gguf", "sampler"]),
    ("backend-gpu", &["backend-cpu", "engine", "gguf", "models"]),
    ("models", &["backend-cpu", "engine", "tokenizer"]),
];

/// Crate -> kind of dependency -> our crates it names.
fn edges() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(super::root())
        .output()
        .expect("cargo runs: it runs this test");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let short =
        |name: &serde_json::Value| name.as_str().and_then(|n| n.strip_prefix("gollum-")).map(str::to_owned);
    let mut edges: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("a list of packages") {
        let Some(from) = short(&package["name"]) else {
            assert_eq!(package["name"], "gollum", "a package that is neither gollum nor gollum-*");
            continue;
        };
        let by_kind = edges.entry(from).or_default();
        for dependency in package["dependencies"].as_array().expect("a list of dependencies") {
            if let Some(to) = short(&dependency["name"]) {
                let kind = dependency["kind"].as_str().unwrap_or("normal").to_owned();
                by_kind.entry(kind).or_default().insert(to);
            }
        }
    }
    edges
}

fn allowed(table: &[(&str, &[&str])], from: &str, to: &str) -> bool {
    table.iter().any(|(f, tos)| *f == from && tos.contains(&to))
}

#[test]
fn crates_know_only_whom_the_table_names() {
    let edges = edges();
    assert!(edges.len() >= 12, "only {} crates found", edges.len());
    let mut findings = Vec::new();
    for (from, by_kind) in &edges {
        if !EDGES.iter().any(|(f, _)| f == from) {
            findings.push(format!("crate {from} has no line in the table"));
        }
        for (kind, tos) in by_kind {
            for to in tos {
                let fine = allowed(EDGES, from, to) || (kind == "dev" && allowed(TEST_EDGES, from, to));
                if !fine {
                    findings.push(format!("{from} -> {to} ({kind})"));
                }
            }
        }
    }
    super::assert_none("edges outside the table", &findings);
}

#[test]
fn the_table_itself_has_no_cycle() {
    // Lines stand in an order in which every crate comes after those it knows.
    let order: Vec<&str> = EDGES.iter().map(|(f, _)| *f).collect();
    for (at, (from, tos)) in EDGES.iter().enumerate() {
        for to in *tos {
            let to_at = order.iter().position(|c| c == to).unwrap_or(usize::MAX);
            assert!(to_at < at, "{from} knows {to}, which has no earlier line");
        }
    }
}
