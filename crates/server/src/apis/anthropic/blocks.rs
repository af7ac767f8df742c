//! Content as blocks: text, thoughts, calls of tools and their results.

use gollum_frontend::Message;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::shape::Shape;
use crate::limits;

/// Reads a message's content and appends the messages it makes, as templates know them: results of tools are messages of
/// their own, before the text beside them.
pub fn read(
    fields: &mut Fields<'_>,
    role: &str,
    messages: &mut Vec<Message>,
    ignored: &mut Vec<String>,
) -> Result<(), ApiError> {
    let Some(raw) = fields.take("content", &texts()) else { return Err(fields.missing("content")) };
    if raw.get().starts_with('"') {
        messages.push(Message::new(role, fields.read::<String>("content", raw, "a string")?));
        return Ok(());
    }
    let mut message = Message::new(role, "");
    let mut calls = Vec::new();
    let mut is_only_results = true;
    let items = fields.list_of("content", raw, limits::MAX_CONTENT_PARTS)?;
    if items.is_empty() {
        return Err(fields.invalid("content", "must not be empty"));
    }
    for (index, item) in items.into_iter().enumerate() {
        let mut block = fields.object_of(&format!("content[{index}]"), item)?;
        let kind = block.string("type", limits::MAX_NAME_BYTES)?.ok_or_else(|| block.missing("type"))?;
        block.take("cache_control", &[]);
        is_only_results &= kind == "tool_result";
        match (kind.as_str(), role) {
            ("text", _) => {
                message.content += &block.string("text", usize::MAX)?.ok_or_else(|| block.missing("text"))?;
            }
            ("thinking", "assistant") => {
                block.take("signature", &[]);
                message.reasoning_content = block.string("thinking", usize::MAX)?;
            }
            ("tool_use", "assistant") => calls.push(call_of(&mut block)?),
            ("tool_result", "user") => messages.push(result_of(&mut block, ignored)?),
            _ => {
                let path = block.path("type");
                let message = format!("`{path}` is `{kind}`, which a message of `{role}` cannot have here");
                return Err(ApiError::invalid(path, message));
            }
        }
        block.ignored_into(ignored);
    }
    message.tool_calls = (!calls.is_empty()).then_some(Value::Array(calls));
    if !is_only_results {
        messages.push(message);
    }
    Ok(())
}

fn call_of(block: &mut Fields<'_>) -> Result<Value, ApiError> {
    let id = block.string("id", limits::MAX_NAME_BYTES)?.ok_or_else(|| block.missing("id"))?;
    let name = block.string("name", limits::MAX_NAME_BYTES)?.ok_or_else(|| block.missing("name"))?;
    let input = match block.take("input", &[Shape::Object]) {
        Some(raw) => block.read::<Value>("input", raw, "an object")?,
        None => json!({}),
    };
    Ok(json!({"id": id, "type": "function", "function": {"name": name, "arguments": input}}))
}

fn result_of(block: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Message, ApiError> {
    let id = block.string("tool_use_id", limits::MAX_NAME_BYTES)?;
    let id = id.ok_or_else(|| block.missing("tool_use_id"))?;
    // That a call went wrong is in what it says.
    block.boolean("is_error")?;
    let content = text_of(block, "content", ignored)?.unwrap_or_default();
    Ok(Message { tool_call_id: Some(id), ..Message::new("tool", content) })
}

fn texts() -> [Shape; 2] {
    [Shape::TEXT, Shape::list(limits::MAX_CONTENT_PARTS, Shape::Any)]
}

/// A string, or text blocks, which are joined. Blocks of other kinds are refused by name.
pub fn text_of(
    fields: &mut Fields<'_>,
    name: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<String>, ApiError> {
    let Some(raw) = fields.take(name, &texts()) else { return Ok(None) };
    if raw.get().starts_with('"') {
        return fields.read(name, raw, "a string").map(Some);
    }
    let mut text = String::new();
    for (index, item) in fields.list_of(name, raw, limits::MAX_CONTENT_PARTS)?.into_iter().enumerate() {
        let mut block = fields.object_of(&format!("{name}[{index}]"), item)?;
        let kind = block.string("type", limits::MAX_NAME_BYTES)?.ok_or_else(|| block.missing("type"))?;
        if kind != "text" {
            let path = block.path("type");
            let message = format!("`{path}` is `{kind}`; this server reads `text` blocks only");
            return Err(ApiError::invalid(path, message));
        }
        text += &block.string("text", usize::MAX)?.ok_or_else(|| block.missing("text"))?;
        // Prefixes are cached anyway.
        block.take("cache_control", &[]);
        block.ignored_into(ignored);
    }
    Ok(Some(text))
}
