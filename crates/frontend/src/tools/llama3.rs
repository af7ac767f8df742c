//! Llama 3.1 to 3.3: the whole answer is JSON, with or without a token before it.
//!
//! ```text
//! {"name": "weather", "parameters": {"city": "Bonn"}}; {"name": ...}
//! ```

use serde_json::Value;

use super::{Offer, ToolCall, ToolDialect, call_of, json_call};

/// The dialect.
pub const LLAMA3: ToolDialect = ToolDialect {
    name: "llama3",
    signs: &["\"parameters\"", "ipython"],
    begins: &["{", PYTHON_TAG],
    frame: ["", "; ", ""],
    around: Some(|name| json_call(name, "parameters")),
    read,
    ..ToolDialect::EMPTY
};

/// Before calls to built-in tools, and by some before all.
const PYTHON_TAG: &str = "<|python_tag|>";

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    let body = body.trim().trim_start_matches(PYTHON_TAG);
    let mut calls = Vec::new();
    let mut left = body.trim_start();
    while !left.is_empty() {
        let mut values = serde_json::Deserializer::from_str(left).into_iter::<Value>();
        calls.push(call_of(&values.next()?.ok()?)?);
        left = left[values.byte_offset()..].trim_start_matches(|c: char| c == ';' || c.is_whitespace());
    }
    (!calls.is_empty()).then_some(calls)
}
