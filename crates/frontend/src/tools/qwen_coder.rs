//! Qwen 3 Coder, and those that write as it does: a call and its arguments as tags, values as they are.
//!
//! ```text
//! <tool_call>
//! <function=weather>
//! <parameter=city>
//! Bonn
//! </parameter>
//! </function>
//! </tool_call>
//! ```

use serde_json::Map;

use super::{Offer, ToolCall, ToolDialect};

/// The dialect.
pub const QWEN_CODER: ToolDialect = ToolDialect {
    name: "qwen3-coder",
    signs: &["<tool_call>", "<function="],
    open: "<tool_call>",
    close: "</tool_call>",
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, offer: &Offer) -> Option<Vec<ToolCall>> {
    let mut calls = Vec::new();
    let mut left = body.trim();
    while !left.is_empty() {
        let (name, rest) = left.strip_prefix("<function=")?.split_once('>')?;
        let name = name.trim();
        let (inside, rest) = rest.split_once("</function>").unwrap_or((rest, ""));
        let mut arguments = Map::new();
        let mut parameters = inside.trim();
        while !parameters.is_empty() {
            let (key, rest) = parameters.strip_prefix("<parameter=")?.split_once('>')?;
            let (value, rest) = rest.split_once("</parameter>")?;
            // One line end on either side is the form's.
            let value = value.strip_prefix('\n').unwrap_or(value);
            let value = value.strip_suffix('\n').unwrap_or(value);
            arguments.insert(key.trim().to_owned(), offer.value(name, key.trim(), value));
            parameters = rest.trim_start();
        }
        calls.push(ToolCall::of(name, &arguments)?);
        left = rest.trim_start();
    }
    (!calls.is_empty()).then_some(calls)
}
