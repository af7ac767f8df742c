//! For templates that know no tools: they are told in the system message, and calls are asked for in the form that most
//! small models have seen.

use std::fmt::Write as _;

use serde_json::Value;

use super::{ToolDialect, hermes};
use crate::template::with_parsed_arguments;
use crate::{ChatRequest, Message};

/// The dialect.
pub const GENERIC: ToolDialect = ToolDialect { name: "generic", signs: &[], ..hermes::HERMES };

/// The same conversation for a template without tools: calls and their results become text.
pub fn in_words(r: &ChatRequest) -> ChatRequest {
    let mut messages: Vec<Message> = r.messages.iter().map(message_in_words).collect();
    let tools = r.tools.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if !tools.is_empty() {
        let told = tools_in_words(tools);
        match messages.first_mut().filter(|first| first.role == "system") {
            Some(system) => system.content = format!("{}\n\n{told}", system.content),
            None => messages.insert(0, Message::new("system", told)),
        }
    }
    ChatRequest { messages, tools: None, ..r.clone() }
}

fn tools_in_words(tools: &[Value]) -> String {
    let mut told = String::from("You can call these functions, described in JSON:\n<tools>\n");
    for tool in tools {
        let _ = writeln!(told, "{}", tool.get("function").unwrap_or(tool));
    }
    told += "</tools>\nTo call one, write its name and its arguments as JSON between tags:\n<tool_call>\n\
        {\"name\": \"the name\", \"arguments\": {}}\n</tool_call>";
    told
}

fn message_in_words(message: &Message) -> Message {
    if message.role == "tool" {
        return Message::new("user", format!("<tool_response>\n{}\n</tool_response>", message.content));
    }
    let Some(calls) = &message.tool_calls else { return message.clone() };
    let mut content = message.content.clone();
    for call in with_parsed_arguments(calls).as_array().into_iter().flatten() {
        let function = call.get("function").unwrap_or(call);
        let part = |name: &str| function.get(name).cloned().unwrap_or(Value::Null);
        if !content.is_empty() {
            content.push('\n');
        }
        let _ = write!(
            content,
            "<tool_call>\n{{\"name\": {}, \"arguments\": {}}}\n</tool_call>",
            part("name"),
            part("arguments")
        );
    }
    Message { content, tool_calls: None, ..message.clone() }
}
