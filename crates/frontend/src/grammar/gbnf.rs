//! llama.cpp's grammars, translated into Lark.
//!
//! ```text
//! root  ::= "yes" | digits      start: root
//! digits ::= [0-9]+        ->   root: "yes" | digits
//!                               digits: /[0-9]/+
//! ```
//! Where no rule leads back to itself all rules become terminals, and `root` one regular expression, which is exact and
//! fast. Else each character class is a terminal of its own; where two terminals begin alike the longer is taken, so such
//! a grammar may allow less than it says, and never more.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::quoted;

/// Rules at most.
const MAX_RULES: usize = 1024;
/// Nesting of parentheses at most.
const MAX_DEPTH: usize = 64;

/// The grammar in Lark. Errors: what is wrong with it, and where.
pub fn to_lark(text: &str) -> Result<String, String> {
    let rules = Parser { text, at: 0 }.rules()?;
    if !rules.contains_key("root") {
        return Err("has no rule `root`".to_owned());
    }
    for rule in rules.values() {
        if let Some(missing) = rule.names().into_iter().find(|name| !rules.contains_key(*name)) {
            return Err(format!("names the rule `{missing}`, which it does not have"));
        }
    }
    let is_regular = !has_cycle(&rules);
    let numbers: BTreeMap<&str, usize> =
        rules.keys().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
    let name = |rule: &str| {
        let number = numbers[rule];
        if is_regular { format!("R{number}") } else { format!("r{number}") }
    };
    let mut lark = format!("start: {}\n", name("root"));
    for (rule, body) in &rules {
        let _ = writeln!(lark, "{}: {}", name(rule), body.lark(&name));
    }
    Ok(lark)
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// Alternatives.
    Any(Vec<Part>),
    /// One after the other.
    All(Vec<Part>),
    /// `x{least,most}`
    Times(Box<Part>, usize, Option<usize>),
    /// Text.
    Text(String),
    /// A character class, as a regular expression.
    Class(String),
    /// Another rule.
    Rule(String),
}

impl Part {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::names).collect(),
            Self::Times(part, ..) => part.names(),
            Self::Rule(name) => vec![name],
            Self::Text(_) | Self::Class(_) => Vec::new(),
        }
    }

    fn lark(&self, name: &impl Fn(&str) -> String) -> String {
        match self {
            Self::Any(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.lark(name)).collect();
                format!("({})", parts.join(" | "))
            }
            Self::All(parts) if parts.is_empty() => "\"\"".to_owned(),
            Self::All(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.lark(name)).collect();
                format!("({})", parts.join(" "))
            }
            Self::Times(part, least, most) => {
                let part = part.lark(name);
                match (least, most) {
                    (0, Some(1)) => format!("({part})?"),
                    (0, None) => format!("({part})*"),
                    (1, None) => format!("({part})+"),
                    (least, None) => format!("({part}){{{least},}}"),
                    (least, Some(most)) => format!("({part}){{{least},{most}}}"),
                }
            }
            Self::Text(text) => quoted(text),
            Self::Class(class) => format!("/{class}/"),
            Self::Rule(rule) => name(rule),
        }
    }
}

/// True if a rule leads back to itself.
fn has_cycle(rules: &BTreeMap<String, Part>) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    // By hand rather than by recursion: a chain of rules is as long as the client likes.
    let mut stack: Vec<(&str, Vec<&str>)> = Vec::new();
    for start in rules.keys() {
        stack.push((start, rules[start].names()));
        open.push(start);
        while let Some((rule, left)) = stack.last_mut() {
            match left.pop() {
                Some(next) if open.contains(&next) => return true,
                Some(next) if done.contains(&next) => {}
                Some(next) => {
                    open.push(next);
                    stack.push((next, rules[next].names()));
                }
                None => {
                    done.push(rule);
                    open.pop();
                    stack.pop();
                }
            }
        }
    }
    false
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rules(mut self) -> Result<BTreeMap<String, Part>, String> {
        let mut rules = BTreeMap::new();
        self.space(true);
        while self.at < self.text.len() {
            let name = self.name()?;
            self.space(false);
            if !self.takes("::=") {
                return Err(self.wrong("`::=`"));
            }
            self.space(true);
            let body = self.alternatives(0)?;
            if rules.insert(name.clone(), body).is_some() {
                return Err(format!("has the rule `{name}` twice"));
            }
            if rules.len() > MAX_RULES {
                return Err(format!("has more than {MAX_RULES} rules"));
            }
            self.space(true);
        }
        Ok(rules)
    }

    /// `depth` counts parentheses; inside them a rule may go over lines.
    fn alternatives(&mut self, depth: usize) -> Result<Part, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nests deeper than {MAX_DEPTH} parentheses"));
        }
        let mut parts = vec![self.sequence(depth)?];
        while self.takes("|") {
            self.space(true);
            parts.push(self.sequence(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Part::Any(parts) })
    }

    fn sequence(&mut self, depth: usize) -> Result<Part, String> {
        let mut parts: Vec<Part> = Vec::new();
        loop {
            let part = match self.peek() {
                Some('"') => self.literal()?,
                Some('[') => self.class()?,
                Some('.') => {
                    self.at += 1;
                    Part::Class("(?s:.)".to_owned())
                }
                Some('(') => {
                    self.at += 1;
                    self.space(true);
                    let inner = self.alternatives(depth + 1)?;
                    if !self.takes(")") {
                        return Err(self.wrong("`)`"));
                    }
                    inner
                }
                Some(c) if is_name(c) => {
                    // A name before `::=` begins the next rule.
                    let before = self.at;
                    let name = self.name()?;
                    let after = self.at;
                    self.space(false);
                    if self.text[self.at..].starts_with("::=") {
                        self.at = before;
                        break;
                    }
                    self.at = after;
                    Part::Rule(name)
                }
                _ => break,
            };
            let part = self.repeated(part)?;
            parts.push(part);
            self.space(depth > 0);
            if depth == 0 && self.peek().is_some_and(|c| c == '\n' || c == '\r') {
                // A rule goes on after a line end only with `|`.
                let before = self.at;
                self.space(true);
                if self.peek() != Some('|') {
                    self.at = before;
                    break;
                }
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Part::All(parts) })
    }

    fn repeated(&mut self, part: Part) -> Result<Part, String> {
        let times = |least, most| Ok(Part::Times(Box::new(part.clone()), least, most));
        if self.takes("*") {
            times(0, None)
        } else if self.takes("+") {
            times(1, None)
        } else if self.takes("?") {
            times(0, Some(1))
        } else if self.takes("{") {
            let least = self.number()?.ok_or_else(|| self.wrong("a number"))?;
            let most = if self.takes(",") { self.number()? } else { Some(least) };
            if !self.takes("}") || most.is_some_and(|most| most < least) {
                return Err(self.wrong("`}` after `{m,n`"));
            }
            times(least, most)
        } else {
            Ok(part)
        }
    }

    fn number(&mut self) -> Result<Option<usize>, String> {
        let digits = self.text[self.at..].bytes().take_while(u8::is_ascii_digit).count();
        let text = &self.text[self.at..self.at + digits];
        self.at += digits;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.wrong("a smaller number"))
    }

    fn literal(&mut self) -> Result<Part, String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.character()? {
                ('"', false) => return Ok(Part::Text(text)),
                (c, _) => text.push(c),
            }
        }
    }

    fn class(&mut self) -> Result<Part, String> {
        self.at += 1;
        let mut class = String::from("[");
        if self.takes("^") {
            class.push('^');
        }
        let mut is_empty = true;
        loop {
            match self.character()? {
                (']', false) if is_empty => return Err(self.wrong("a character")),
                (']', false) => break,
                ('-', false) if !is_empty && self.peek() != Some(']') => class.push('-'),
                (c, _) => {
                    let _ = write!(class, "\\u{{{:x}}}", u32::from(c));
                }
            }
            is_empty = false;
        }
        class.push(']');
        Ok(Part::Class(class))
    }

    /// The next character of a literal or a class, and whether it was escaped.
    fn character(&mut self) -> Result<(char, bool), String> {
        let c = self.peek().filter(|&c| c != '\n').ok_or_else(|| self.wrong("the end of a text"))?;
        self.at += c.len_utf8();
        if c != '\\' {
            return Ok((c, false));
        }
        let kind = self.peek().ok_or_else(|| self.wrong("an escape"))?;
        self.at += kind.len_utf8();
        let digits = match kind {
            'n' => return Ok(('\n', true)),
            'r' => return Ok(('\r', true)),
            't' => return Ok(('\t', true)),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            '\\' | '"' | '[' | ']' | '-' | '^' | '/' => return Ok((kind, true)),
            _ => return Err(self.wrong("an escape that is known")),
        };
        let hex = self.text.get(self.at..self.at + digits);
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        self.at += digits;
        code.map(|c| (c, true)).ok_or_else(|| "has an escape that stands for no character".to_owned())
    }

    fn name(&mut self) -> Result<String, String> {
        let length =
            self.text[self.at..].chars().take_while(|&c| is_name(c)).map(char::len_utf8).sum::<usize>();
        let name = &self.text[self.at..self.at + length];
        if name.is_empty() {
            return Err(self.wrong("the name of a rule"));
        }
        self.at += length;
        Ok(name.to_owned())
    }

    /// Skips white space and comments, over line ends if told to.
    fn space(&mut self, over_lines: bool) {
        while let Some(c) = self.peek() {
            match c {
                '#' => self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at),
                ' ' | '\t' => self.at += 1,
                '\n' | '\r' if over_lines => self.at += 1,
                _ => return,
            }
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_there = self.text[self.at..].starts_with(word);
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn wrong(&self, expected: &str) -> String {
        let at = self.at.min(self.text.len());
        let line = self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
        format!("line {line}: expected {expected}")
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_without_a_cycle_are_terminals() {
        let lark = to_lark("root ::= \"a\\n\" digits? # a comment\ndigits ::= [0-9^\\]]+ |\n  .{2,3}")
            .expect("a grammar");
        assert_eq!(
            lark,
            "start: R1\nR0: ((/[\\u{30}-\\u{39}\\u{5e}\\u{5d}]/)+ | (/(?s:.)/){2,3})\nR1: (\"a\\n\" (R0)?)\n"
        );
    }

    #[test]
    fn rules_with_a_cycle_are_rules() {
        let lark = to_lark("root ::= list\nlist ::= \"(\" (list | \"x\")* \")\"").expect("a grammar");
        assert_eq!(lark, "start: r1\nr0: (\"(\" ((r0 | \"x\"))* \")\")\nr1: r0\n");
    }

    #[test]
    fn what_is_no_grammar_says_why() {
        let deep = format!("root ::= {}\"a\"", "(".repeat(100));
        for (text, part) in [
            ("", "root"),
            ("a ::= \"b\"", "root"),
            ("root ::= other", "other"),
            ("root = \"a\"", "::="),
            ("root ::= \"a", "end of a text"),
            ("root ::= [", "end of a text"),
            ("root ::= []", "a character"),
            ("root ::= \"\\q\"", "escape"),
            ("root ::= \"\\ud800\"", "escape"),
            ("root ::= (\"a\"", "`)`"),
            ("root ::= \"a\"{3,1}", "`}`"),
            ("root ::= \"a\"\nroot ::= \"b\"", "twice"),
            ("root ::= \"a\" ) x", "name of a rule"),
            ("root ::= \"a\"{99999999999999999999}", "smaller"),
            (deep.as_str(), "deeper"),
        ] {
            let error = to_lark(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
