//! `docs/fields.md` is what the parsers ask for. `GOLLUM_BLESS=1 cargo test -p gollum-server --lib` writes it anew.

use std::fmt::Write as _;

use super::FORMS;
use crate::generate::asked::Fate;

#[test]
fn the_page_of_fields_is_what_the_parsers_ask_for() {
    let mut page = String::from(
        "# Fields\n\nWhat each route does with each field of its body's first level, written by a test from what the parsers\n\
         ask for (`crates/server/src/apis/fields_tests.rs`). Honoured fields change the answer, or are checked; refused ones are\n\
         a 400 that names them, unless their value changes nothing; every other field is ignored, and named in the header\n\
         `x-gollum-ignored`. What the fields mean is in [http.md](http.md).\n",
    );
    for form in FORMS.iter().copied().flatten() {
        let fields = form.notes().unwrap_or_else(|error| panic!("{}: {error:?}", form.path));
        let of = |fate: Fate| {
            let first_level = fields.iter().filter(|(path, _)| !path.contains(['.', '[', '{']));
            let names = first_level.filter(|(_, note)| note.fate == fate);
            names.map(|(name, _)| format!("`{name}`")).collect::<Vec<String>>().join(", ")
        };
        let _ = write!(page, "\n## `{}`\n\nHonoured: {}.\n", form.path, of(Fate::Honoured));
        let refused = of(Fate::Refused);
        if !refused.is_empty() {
            let _ = write!(page, "\nRefused: {refused}.\n");
        }
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fields.md");
    if std::env::var_os("GOLLUM_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page, "docs/fields.md: run this test with GOLLUM_BLESS=1");
}
