//! How large the terminals of a grammar in Lark are once the terminals they name are written out, as the compiler does:
//! each that names the next twice has twice its size.

use std::collections::BTreeMap;

/// Parts of a terminal at most, all that it names written out.
const MAX_TERMINAL_PARTS: usize = 100_000;

/// Goes as deep as terminals refer to one another. Errors: the terminal that is too large.
pub fn check(text: &str) -> Result<(), String> {
    let terminals = terminals(text);
    let mut sizes = BTreeMap::new();
    for name in terminals.keys() {
        if size(name, &terminals, &mut sizes) > MAX_TERMINAL_PARTS {
            return Err(format!("has in {name} more than {MAX_TERMINAL_PARTS} parts, written out"));
        }
    }
    Ok(())
}

/// A terminal that leads back to itself is the compiler's to refuse: inside itself it is one part.
fn size<'a>(name: &'a str, terminals: &Terminals<'a>, sizes: &mut BTreeMap<&'a str, usize>) -> usize {
    if let Some(&known) = sizes.get(name) {
        return known;
    }
    sizes.insert(name, 1);
    let named = terminals.get(name).into_iter().flatten();
    let size = named.fold(1, |sum: usize, other| sum.saturating_add(size(other, terminals, sizes)));
    sizes.insert(name, size);
    size
}

/// What each terminal names, in capitals as terminals are.
type Terminals<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn terminals(text: &str) -> Terminals<'_> {
    let mut terminals: Terminals = BTreeMap::new();
    let mut current = None;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' | '/' => quoted_length(rest, c),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            _ if is_name(c) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ => c.len_utf8(),
        };
        if is_name(c) {
            let (name, after) = rest.split_at(length);
            let is_terminal = name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase());
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            let is_defined = line.chars().all(|c| c == ' ' || c == '?' || c == '!')
                && after
                    .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit() || c == ' ')
                    .starts_with([':', '[']);
            if is_defined {
                current = is_terminal.then_some(name);
            } else if let Some(current) = current.filter(|_| is_terminal) {
                terminals.entry(current).or_default().push(name);
            }
        }
        at += length;
    }
    terminals
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Bytes of what stands between two of `quote`, both included.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terminals_name_is_found() {
        let text =
            "start: A | \"B: C\" // D\nA.2: B B /C\\/ A/\n | \"x\" C # E\nB: \"y\"\nrule: A\nC[lazy]: B";
        let found = terminals(text);
        assert_eq!((&found["A"], &found["C"], found.len()), (&vec!["B", "B", "C"], &vec!["B"], 2));
    }

    #[test]
    fn what_doubles_often_is_too_large() {
        let chain = |n: usize| -> String {
            let doubled: Vec<String> = (0..n).map(|i| format!("R{i}: R{0} R{0}\n", i + 1)).collect();
            format!("start: R0\n{}R{n}: \"a\"\n", doubled.concat())
        };
        assert_eq!(check(&chain(15)), Ok(()));
        assert!(check(&chain(17)).is_err_and(|error| error.contains("100000 parts")));
        assert_eq!(check("A: B\nB: A A"), Ok(()), "the compiler's to refuse");
    }
}
