//! Llama 4, LFM2, and models that are told so in their template: a list of calls as Python writes them. It is read, and
//! never run.
//!
//! ```text
//! [weather(city='Bonn', days=3), now()]
//! <|python_start|>[weather(city='Bonn')]<|python_end|>
//! <|tool_call_start|>[weather(city="Bonn")]<|tool_call_end|>
//! ```

use serde_json::{Map, Number, Value};

use super::{MAX_DEPTH, Offer, ToolCall, ToolDialect};

/// Llama 4: the whole answer.
pub const LLAMA_PYTHONIC: ToolDialect = ToolDialect {
    name: "llama-pythonic",
    signs: &["<|python_start|>"],
    begins: &["[", "<|python_start|>"],
    read,
    ..ToolDialect::EMPTY
};

/// Llama 3.2 and others, whose template describes the form.
pub const TOLD_PYTHONIC: ToolDialect =
    ToolDialect { name: "pythonic", signs: &["func_name1("], ..LLAMA_PYTHONIC };

/// LFM2.
pub const LFM2: ToolDialect = ToolDialect {
    name: "lfm2",
    signs: &["<|tool_call_start|>"],
    open: "<|tool_call_start|>",
    close: "<|tool_call_end|>",
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    let body = body.trim();
    let body = body.strip_prefix("<|python_start|>").unwrap_or(body);
    let body = body.strip_suffix("<|python_end|>").unwrap_or(body).trim();
    let mut python = Python { left: body };
    let is_list = python.take('[');
    let mut calls = Vec::new();
    loop {
        let name = python.name()?;
        if !python.take('(') {
            return None;
        }
        let mut arguments = Map::new();
        while !python.take(')') {
            let key = python.name()?;
            if !python.take('=') {
                return None;
            }
            arguments.insert(key, python.value(0)?);
            if !python.take(',') && !python.left.trim_start().starts_with(')') {
                return None;
            }
        }
        calls.push(ToolCall::of(&name, &arguments)?);
        if !python.take(',') {
            break;
        }
        if is_list && python.left.trim_start().starts_with(']') {
            break;
        }
    }
    let is_whole = (!is_list || python.take(']')) && python.left.trim().is_empty();
    is_whole.then_some(calls)
}

/// What is left of a text of Python's literals.
struct Python<'t> {
    left: &'t str,
}

impl Python<'_> {
    fn take(&mut self, mark: char) -> bool {
        let start = self.left.trim_start();
        let Some(rest) = start.strip_prefix(mark) else { return false };
        self.left = rest;
        true
    }

    /// A name; with points, as modules have them.
    fn name(&mut self) -> Option<String> {
        let start = self.left.trim_start();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let end = start.find(|c| !is_part(c)).unwrap_or(start.len());
        self.left = &start[end..];
        (end > 0).then(|| start[..end].to_owned())
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.left = self.left.trim_start();
        match self.left.chars().next()? {
            '\'' | '"' => self.string().map(Value::String),
            '[' => self.list(']', depth).map(Value::Array),
            '(' => self.list(')', depth).map(Value::Array),
            '{' => self.dict(depth).map(Value::Object),
            _ => self.word(),
        }
    }

    fn list(&mut self, close: char, depth: usize) -> Option<Vec<Value>> {
        self.left = &self.left[1..];
        let mut list = Vec::new();
        while !self.take(close) {
            list.push(self.value(depth + 1)?);
            if !self.take(',') && !self.left.trim_start().starts_with(close) {
                return None;
            }
        }
        Some(list)
    }

    fn dict(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.left = &self.left[1..];
        let mut dict = Map::new();
        while !self.take('}') {
            self.left = self.left.trim_start();
            let key = self.string()?;
            if !self.take(':') {
                return None;
            }
            dict.insert(key, self.value(depth + 1)?);
            if !self.take(',') && !self.left.trim_start().starts_with('}') {
                return None;
            }
        }
        Some(dict)
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.left.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut text = String::new();
        let mut chars = self.left[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.left = &self.left[1 + at + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'u' => {
                        let digits: String = (0..4).map_while(|_| chars.next()).map(|(_, c)| c).collect();
                        text.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                    }
                    c @ ('\\' | '\'' | '"' | '/') => text.push(c),
                    // As Python does, what is no escape stays as it is.
                    c => text.extend(['\\', c]),
                },
                c => text.push(c),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.left.find([',', ')', ']', '}', ' ', '\n', ':']).unwrap_or(self.left.len());
        let word = &self.left[..end];
        self.left = &self.left[end..];
        Some(match word {
            "True" | "true" => Value::Bool(true),
            "False" | "false" => Value::Bool(false),
            "None" | "null" => Value::Null,
            number => match number.parse::<i64>() {
                Ok(whole) => whole.into(),
                Err(_) => Value::Number(Number::from_f64(number.parse().ok()?)?),
            },
        })
    }
}
