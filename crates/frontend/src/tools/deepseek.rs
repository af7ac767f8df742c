//! DeepSeek: a block of calls, each with JSON, in a fence up to V3 and R1, bare from V3.1 on.
//!
//! ```text
//! <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather
//! ```json
//! {"city": "Bonn"}
//! ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>
//!
//! <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>{"city": "Bonn"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>
//! ```

use serde_json::Value;

use super::{Offer, ToolCall, ToolDialect};

/// V3 and R1.
pub const DEEPSEEK_V3: ToolDialect = ToolDialect {
    name: "deepseek-v3",
    signs: &["<｜tool▁calls▁begin｜>", "```json"],
    around: Some(|name| {
        let head = format!("<｜tool▁call▁begin｜>function<｜tool▁sep｜>{name}\n```json\n");
        [head, "\n```<｜tool▁call▁end｜>".to_owned()]
    }),
    ..DEEPSEEK_V31
};

/// V3.1 and later.
pub const DEEPSEEK_V31: ToolDialect = ToolDialect {
    name: "deepseek-v3.1",
    signs: &["<｜tool▁calls▁begin｜>"],
    open: "<｜tool▁calls▁begin｜>",
    close: "<｜tool▁calls▁end｜>",
    frame: ["", "", ""],
    is_one_block: true,
    around: Some(|name| {
        let head = format!("<｜tool▁call▁begin｜>{name}<｜tool▁sep｜>");
        [head, "<｜tool▁call▁end｜>".to_owned()]
    }),
    read,
    ..ToolDialect::EMPTY
};

fn read(body: &str, _: &Offer) -> Option<Vec<ToolCall>> {
    let mut calls = Vec::new();
    for part in body.split("<｜tool▁call▁begin｜>").skip(1) {
        let call = part.split("<｜tool▁call▁end｜>").next()?;
        let (kind, rest) = call.split_once("<｜tool▁sep｜>")?;
        let (name, json) = match rest.split_once("```json") {
            Some((name, fenced)) => (name, fenced.trim_end().trim_end_matches("```")),
            None => (kind, rest),
        };
        let Value::Object(arguments) = serde_json::from_str(json.trim()).ok()? else { return None };
        calls.push(ToolCall::of(name.trim(), &arguments)?);
    }
    (!calls.is_empty()).then_some(calls)
}
