//! FunctionGemma and Gemma 4: a call's arguments as an object whose keys are bare and whose strings stand between marks of
//! the model's own.
//!
//! ```text
//! <start_function_call>call:weather{city:<escape>Bonn<escape>,days:3}<end_function_call>
//! <|tool_call>call:weather{city:<|"|>Bonn<|"|>,days:3}<tool_call|>
//! ```

use serde_json::{Map, Value};

use super::{MAX_DEPTH, ToolCall, ToolDialect};

/// FunctionGemma.
pub const FUNCTION_GEMMA: ToolDialect = ToolDialect {
    name: "function-gemma",
    signs: &["<start_function_call>"],
    open: "<start_function_call>",
    close: "<end_function_call>",
    read: |body, _| read(body, "<escape>"),
    ..ToolDialect::EMPTY
};

/// Gemma 4.
pub const GEMMA4: ToolDialect = ToolDialect {
    name: "gemma4",
    signs: &["<|tool_call>"],
    open: "<|tool_call>",
    close: "<tool_call|>",
    read: |body, _| read(body, "<|\"|>"),
    ..ToolDialect::EMPTY
};

fn read(body: &str, quote: &str) -> Option<Vec<ToolCall>> {
    let body = body.trim().strip_prefix("call:")?;
    let (name, rest) = body.split_at(body.find('{')?);
    let mut left = rest;
    let Value::Object(arguments) = value(&mut left, quote, 0)? else { return None };
    if !left.trim().is_empty() {
        return None;
    }
    Some(vec![ToolCall::of(name.trim(), &arguments)?])
}

/// Takes a value off the front of `left`.
fn value(left: &mut &str, quote: &str, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    *left = left.trim_start();
    if let Some(rest) = left.strip_prefix(quote) {
        let (text, rest) = rest.split_once(quote)?;
        *left = rest;
        return Some(text.into());
    }
    if let Some(rest) = left.strip_prefix('{') {
        *left = rest;
        let mut object = Map::new();
        while !take(left, '}') {
            let (key, rest) = left.split_once(':')?;
            *left = rest;
            let key = key.trim();
            let key = key.strip_prefix(quote).and_then(|key| key.strip_suffix(quote)).unwrap_or(key);
            object.insert(key.to_owned(), value(left, quote, depth + 1)?);
            if !take(left, ',') && !left.trim_start().starts_with('}') {
                return None;
            }
        }
        return Some(Value::Object(object));
    }
    if let Some(rest) = left.strip_prefix('[') {
        *left = rest;
        let mut list = Vec::new();
        while !take(left, ']') {
            list.push(value(left, quote, depth + 1)?);
            if !take(left, ',') && !left.trim_start().starts_with(']') {
                return None;
            }
        }
        return Some(Value::Array(list));
    }
    let end = left.find([',', '}', ']']).unwrap_or(left.len());
    let bare = left[..end].trim();
    *left = &left[end..];
    if bare.is_empty() {
        return None;
    }
    // A number, a boolean or null; a word without marks is a string all the same.
    Some(serde_json::from_str(bare).unwrap_or_else(|_| bare.into()))
}

fn take(left: &mut &str, mark: char) -> bool {
    let start = left.trim_start();
    match start.strip_prefix(mark) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}
