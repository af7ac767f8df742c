//! Granite 3: a token, then a list. (Granite 4 writes as Hermes.)
//!
//! ```text
//! <|tool_call|>[{"name": "weather", "arguments": {"city": "Bonn"}}]
//! ```

use super::{Offer, ToolCall, ToolDialect, calls_of, json_call};

/// The dialect.
pub const GRANITE: ToolDialect = ToolDialect {
    name: "granite",
    signs: &["<|tool_call|>", "<|start_of_role|>"],
    open: "<|tool_call|>",
    frame: ["[", ", ", "]"],
    around: Some(|name| json_call(name, "arguments")),
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    calls_of(&serde_json::from_str(body.trim()).ok()?)
}
