//! GLM 4.5 and later: a name, then keys and values by turns, values as they are.
//!
//! ```text
//! <tool_call>weather
//! <arg_key>city</arg_key>
//! <arg_value>Bonn</arg_value>
//! </tool_call>
//! ```

use serde_json::Map;

use super::{Offer, ToolCall, ToolDialect};

/// The dialect.
pub const GLM: ToolDialect = ToolDialect {
    name: "glm",
    signs: &["<tool_call>", "<arg_key>"],
    open: "<tool_call>",
    close: "</tool_call>",
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, offer: &Offer) -> Option<Vec<ToolCall>> {
    let end = body.find("<arg_key>").unwrap_or(body.len());
    let (name, mut left) = (body[..end].trim(), body[end..].trim());
    let mut arguments = Map::new();
    while !left.is_empty() {
        let (key, rest) = left.strip_prefix("<arg_key>")?.split_once("</arg_key>")?;
        let (value, rest) = rest.trim_start().strip_prefix("<arg_value>")?.split_once("</arg_value>")?;
        arguments.insert(key.trim().to_owned(), offer.value(name, key.trim(), value));
        left = rest.trim_start();
    }
    Some(vec![ToolCall::of(name, &arguments)?])
}
