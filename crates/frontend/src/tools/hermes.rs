//! Hermes, Qwen 2.5 and 3, and many that learnt from them.
//!
//! ```text
//! <tool_call>
//! {"name": "weather", "arguments": {"city": "Bonn"}}
//! </tool_call>
//! ```

use super::{Offer, ToolCall, ToolDialect, calls_of, json_call};

/// The dialect.
pub const HERMES: ToolDialect = ToolDialect {
    name: "hermes",
    signs: &["<tool_call>", "\"arguments\""],
    open: "<tool_call>",
    close: "</tool_call>",
    frame: ["\n", "\n", "\n"],
    around: Some(|name| json_call(name, "arguments")),
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    calls_of(&serde_json::from_str(body.trim()).ok()?)
}
