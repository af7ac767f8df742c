//! Hermes, Qwen 2.5 and 3, and many that learnt from them.
//!
//! ```text
//! <tool_call>
//! {"name": "weather", "arguments": {"city": "Bonn"}}
//! </tool_call>
//! ```

use super::{ToolCall, ToolDialect, calls_of};

/// The dialect.
pub const HERMES: ToolDialect = ToolDialect {
    name: "hermes",
    signs: &["<tool_call>", "\"arguments\""],
    open: "<tool_call>",
    close: "</tool_call>",
    frame: ["\n", "\n", "\n"],
    arguments: "arguments",
    read,
};

pub(super) fn read(body: &str) -> Option<Vec<ToolCall>> {
    calls_of(&serde_json::from_str(body.trim()).ok()?)
}
