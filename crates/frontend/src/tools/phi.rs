//! Phi 4 mini: the whole answer is a list, after a word or between tokens.
//!
//! ```text
//! functools[{"name": "weather", "arguments": {"city": "Bonn"}}]
//! <|tool_call|>[{"name": "weather", "arguments": {"city": "Bonn"}}]<|/tool_call|>
//! ```

use super::{Offer, ToolCall, ToolDialect, calls_of, json_call};

/// The dialect.
pub const PHI: ToolDialect = ToolDialect {
    name: "phi",
    signs: &["<|/tool|>"],
    begins: &["functools[", "<|tool_call|>"],
    frame: ["functools[", ", ", "]"],
    around: Some(|name| json_call(name, "arguments")),
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    let body = body.trim();
    let list = match body.strip_prefix("functools") {
        Some(list) => list,
        None => {
            let list = body.strip_prefix("<|tool_call|>")?.trim_end();
            list.strip_suffix("<|/tool_call|>").unwrap_or(list)
        }
    };
    calls_of(&serde_json::from_str(list.trim()).ok()?)
}
