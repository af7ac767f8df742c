//! Rules for single files: names, lengths, unfinished marks, unsafe code, machine paths.

use super::{Source, assert_none, sources};

/// Lines from which a file is named in the test's output, and lines at which the test fails.
const LONG_LINES: usize = 600;
const TOO_LONG_LINES: usize = 800;

/// Where `unsafe` may stand: the memory map, SIMD over block formats, the backends; and the allocator with
/// which a test counts memory.
const UNSAFE_ROOMS: &[&str] =
    &["crates/gguf/src/map", "crates/quant/src/", "crates/backend-", "crates/gguf/tests/gguf/alloc.rs"];

fn rust() -> Vec<Source> {
    sources().into_iter().filter(|s| s.path.ends_with(".rs")).collect()
}

/// `path:line: text` for every line that `is_bad`.
fn lines_where(files: &[Source], is_bad: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (at, line) in file.text.lines().enumerate() {
            if is_bad(file, line) {
                findings.push(format!("{}:{}: {}", file.path, at + 1, line.trim()));
            }
        }
    }
    findings
}

/// The code of a line: what stands before a comment. Good enough for words that no string here holds.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

#[test]
fn nothing_is_called_utils_or_common() {
    let bad = ["utils", "util", "common", "helpers", "misc"];
    let findings: Vec<String> = sources()
        .into_iter()
        .filter(|s| s.path.split(['/', '.']).any(|part| bad.contains(&part)))
        .map(|s| s.path)
        .collect();
    assert_none("names that say nothing", &findings);
}

#[test]
fn nothing_is_left_unfinished() {
    // Written in two halves, so that this file does not find itself.
    let marks = [
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("db", "g!("),
        concat!("#[ign", "ore"),
    ];
    let findings = lines_where(&rust(), |_, line| marks.iter().any(|m| line.contains(m)));
    assert_none("unfinished marks", &findings);
}

/// Its closure is not always inlined, and then has no vector instructions: each intrinsic in it becomes a call.
#[test]
fn no_closure_of_from_fn_has_intrinsics() {
    let rooms = ["crates/backend-cpu/src/pack", "crates/backend-cpu/src/kernels"];
    let findings = lines_where(&rust(), |file, line| {
        let is_kernel = rooms.iter().any(|room| file.path.starts_with(room));
        is_kernel && line.contains("from_fn(|") && line.contains("S::")
    });
    assert_none("closures with intrinsics, which `planes::each!` spells out", &findings);
}

#[test]
fn unsafe_stays_in_its_rooms() {
    let word = concat!("uns", "afe");
    let findings = lines_where(&rust(), |file, line| {
        !UNSAFE_ROOMS.iter().any(|room| file.path.starts_with(room))
            && !file.path.ends_with("tidy/files.rs")
            && code_of(line).split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word)
    });
    assert_none("unsafe code outside gguf's map, quant's SIMD and the backends", &findings);
}

#[test]
fn unsafe_blocks_say_why_they_are_sound() {
    let block = concat!("uns", "afe {");
    let reason = "SAFETY:";
    let mut findings = Vec::new();
    for file in rust() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if !code_of(line).contains(block) || file.path.ends_with("tidy/files.rs") {
                continue;
            }
            // The reason stands on the line or in the five lines above it.
            let from = at.saturating_sub(5);
            if !lines[from..=at].iter().any(|l| l.contains(reason)) {
                findings.push(format!("{}:{}", file.path, at + 1));
            }
        }
    }
    assert_none("unsafe blocks without a SAFETY comment", &findings);
}

#[test]
fn no_machine_path_and_no_registry_address() {
    let marks = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let registries =
        [concat!("cra", "tes.io"), concat!("py", "pi."), concat!("python", "hosted"), concat!("npm", "js")];
    let files: Vec<Source> =
        sources().into_iter().filter(|s| !s.path.ends_with("package-lock.json")).collect();
    let findings = lines_where(&files, |_, line| {
        marks.iter().any(|m| line.contains(m))
            || (line.contains("://") && registries.iter().any(|r| line.contains(r)))
    });
    assert_none("paths of one machine, or addresses of package registries", &findings);
}

#[test]
fn files_stay_readable() {
    let written = |s: &Source| {
        [".rs", ".py", ".js", ".ts", ".svelte", ".wgsl", ".sh"].iter().any(|ending| s.path.ends_with(ending))
    };
    let mut findings = Vec::new();
    for file in sources().iter().filter(|s| written(s)) {
        let lines = file.text.lines().count();
        if lines > TOO_LONG_LINES {
            findings.push(format!("{}: {lines} lines", file.path));
        } else if lines > LONG_LINES {
            println!("long: {} has {lines} lines", file.path);
        }
    }
    assert_none("files longer than 800 lines", &findings);
}

#[test]
fn the_page_makes_no_markup_from_text() {
    // What is written as `{@html}`, or given to one of these, would run as the page's own.
    let doors =
        ["{@html", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"];
    let page: Vec<Source> = sources().into_iter().filter(|s| s.path.starts_with("ui/src/")).collect();
    assert!(page.len() > 30, "only {} files of the page found", page.len());
    let findings = lines_where(&page, |_, line| doors.iter().any(|door| line.contains(door)));
    assert_none("text that becomes markup", &findings);
}

#[test]
fn library_crates_print_nothing() {
    let prints = ["println!(", "eprintln!(", "print!(", "eprint!("];
    let findings = lines_where(&rust(), |file, line| {
        let library = file.path.contains("/src/") && !file.path.starts_with("crates/gollum/");
        library && prints.iter().any(|p| code_of(line).trim_start().starts_with(p)) && !in_tests(file, line)
    });
    assert_none("prints in library code", &findings);
}

/// True if `line` stands in the file's test module, which is last by the rule of the house.
fn in_tests(file: &Source, line: &str) -> bool {
    let tests_at = file.text.find("#[cfg(test)]").unwrap_or(usize::MAX);
    let line_at = line.as_ptr() as usize - file.text.as_ptr() as usize;
    line_at > tests_at || file.path.contains("/tests") || file.path.ends_with("_tests.rs")
}
