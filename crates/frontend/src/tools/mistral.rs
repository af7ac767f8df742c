//! Mistral: a token, then a list; later models write a name and its arguments.
//!
//! ```text
//! [TOOL_CALLS][{"name": "weather", "arguments": {"city": "Bonn"}}]
//! [TOOL_CALLS]weather[ARGS]{"city": "Bonn"}
//! ```

use serde_json::{Map, Value};

use super::{Offer, ToolCall, ToolDialect, calls_of, json_call};

/// The dialect.
pub const MISTRAL: ToolDialect = ToolDialect {
    name: "mistral",
    signs: &["[TOOL_CALLS]"],
    open: "[TOOL_CALLS]",
    frame: ["[", ", ", "]"],
    around: Some(|name| json_call(name, "arguments")),
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    let body = body.trim();
    if body.starts_with(['[', '{']) {
        return calls_of(&serde_json::from_str(body).ok()?);
    }
    let mut calls = Vec::new();
    for part in body.split("[TOOL_CALLS]").filter(|part| !part.trim().is_empty()) {
        let (name, arguments) = part.split_at(part.find(['{', '['])?);
        let arguments = arguments.strip_prefix("[ARGS]").unwrap_or(arguments);
        let arguments: Map<String, Value> = serde_json::from_str(arguments.trim()).ok()?;
        let arguments = serde_json::to_string(&arguments).ok()?;
        calls.push(ToolCall { name: name.trim().to_owned(), arguments });
    }
    (!calls.is_empty()).then_some(calls)
}
