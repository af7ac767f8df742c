//! The way of a request in ARCHITECTURE.md names functions; each must exist where it says.

/// Fewest hops for the list to count as a description of the way.
const FEWEST_HOPS: usize = 12;

/// `(file, function)` of every `` `crates/…/file.rs::function` `` in the text.
fn hops(text: &str) -> Vec<(String, String)> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|quoted| quoted.split_once(".rs::"))
        .map(|(file, function)| (format!("{file}.rs"), function.to_owned()))
        .collect()
}

#[test]
fn every_hop_exists() {
    let root = super::root();
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let hops = hops(&text);
    assert!(hops.len() >= FEWEST_HOPS, "only {} hops are named", hops.len());
    let mut findings = Vec::new();
    for (file, function) in hops {
        let Ok(source) = std::fs::read_to_string(root.join(&file)) else {
            findings.push(format!("{file}: no such file"));
            continue;
        };
        let name = function.rsplit("::").next().unwrap_or(&function);
        let defined = source
            .split("fn ")
            .skip(1)
            .any(|after| after.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', '<'])));
        if !defined {
            findings.push(format!("{file}: no function {name}"));
        }
    }
    super::assert_none("hops of ARCHITECTURE.md that do not exist", &findings);
}

#[test]
fn hops_are_found_in_text() {
    let text = "1. `crates/a/src/b.rs::c` then `not a hop` and `crates/d.rs::E::f`.";
    assert_eq!(hops(text), [("crates/a/src/b.rs".into(), "c".into()), ("crates/d.rs".into(), "E::f".into())]);
}
