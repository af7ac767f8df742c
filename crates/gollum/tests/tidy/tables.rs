//! The tables of supported models and formats in README.md are printed by the binary from its own tables.
//!
//! `GOLLUM_BLESS=1 cargo test -p gollum --test tidy` writes them anew.

use std::process::Command;

const OPEN: &str = "<!-- tables: written by `gollum inspect --tables` -->\n";
const CLOSE: &str = "<!-- end of tables -->";

#[test]
fn readme_tables_are_those_of_the_code() {
    let output = Command::new(env!("CARGO_BIN_EXE_gollum"))
        .args(["inspect", "--tables"])
        .output()
        .expect("the binary was built for this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tables = String::from_utf8(output.stdout).expect("the tables are text");
    assert!(tables.contains(" llama,"), "no llama:\n{tables}");

    let path = super::root().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md is there");
    let (before, rest) = readme.split_once(OPEN).expect("README.md has the opening mark of the tables");
    let (old, after) = rest.split_once(CLOSE).expect("README.md has the closing mark of the tables");
    if std::env::var_os("GOLLUM_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{OPEN}{tables}{CLOSE}{after}"))
            .expect("README.md can be written");
        return;
    }
    assert_eq!(old, tables, "README.md and the tables in code differ; run with GOLLUM_BLESS=1 to write them");
}
