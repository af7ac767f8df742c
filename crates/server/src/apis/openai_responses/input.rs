//! What is put in: a text, or items that are messages, calls, their outputs, and thoughts.

use gollum_frontend::Message;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::shape::Shape;
use crate::limits;

/// `input`, as the messages that templates know.
pub fn read(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Vec<Message>, ApiError> {
    let shapes = [Shape::TEXT, Shape::list(limits::MAX_MESSAGES, Shape::Any)];
    let Some(raw) = fields.take("input", &shapes) else { return Err(fields.missing("input")) };
    if raw.get().starts_with('"') {
        return Ok(vec![Message::new("user", fields.read::<String>("input", raw, "a string")?)]);
    }
    let mut messages: Vec<Message> = Vec::new();
    let items = fields.list_of("input", raw, limits::MAX_MESSAGES)?;
    if items.is_empty() {
        return Err(fields.invalid("input", "must not be empty"));
    }
    // Thoughts, text and calls that follow each other are one turn of the assistant's.
    let mut is_open = false;
    for (index, item) in items.into_iter().enumerate() {
        let mut item = fields.object_of(&format!("input[{index}]"), item)?;
        let kind = item.string("type", limits::MAX_NAME_BYTES)?.unwrap_or_else(|| "message".to_owned());
        // What an answer's items carry, and what means nothing to a template.
        for name in ["id", "status", "encrypted_content"] {
            item.take(name, &[]);
        }
        match kind.as_str() {
            "message" => {
                let message = message(&mut item, ignored)?;
                let is_ours = message.role == "assistant";
                match messages.last_mut().filter(|last| is_open && is_ours && last.content.is_empty()) {
                    Some(turn) if turn.tool_calls.is_none() => turn.content = message.content,
                    _ => messages.push(message),
                }
                is_open = is_ours;
            }
            "function_call" => {
                let call = call(&mut item)?;
                let turn = turn(&mut messages, &mut is_open);
                match &mut turn.tool_calls {
                    Some(Value::Array(calls)) => calls.push(call),
                    calls => *calls = Some(json!([call])),
                }
            }
            "reasoning" => {
                let thoughts = thoughts(&mut item)?;
                is_open = false;
                turn(&mut messages, &mut is_open).reasoning_content = thoughts;
            }
            "function_call_output" => {
                is_open = false;
                messages.push(output(&mut item, ignored)?);
            }
            _ => {
                let message = "must be message, function_call, function_call_output or reasoning";
                return Err(item.invalid("type", message));
            }
        }
        item.ignored_into(ignored);
    }
    Ok(messages)
}

/// The conversation behind its instructions, which a first system message is joined with.
pub fn with_instructions(instructions: Option<&str>, messages: &[Message]) -> Vec<Message> {
    let Some(instructions) = instructions.filter(|text| !text.is_empty()) else { return messages.to_vec() };
    let (first, rest) = match messages {
        [first, rest @ ..] if first.role == "system" => {
            (Message::new("system", format!("{instructions}\n\n{}", first.content)), rest)
        }
        _ => (Message::new("system", instructions), messages),
    };
    std::iter::once(first).chain(rest.iter().cloned()).collect()
}

fn turn<'m>(messages: &'m mut Vec<Message>, is_open: &mut bool) -> &'m mut Message {
    if !*is_open {
        messages.push(Message::new("assistant", ""));
        *is_open = true;
    }
    messages.last_mut().expect("one was pushed")
}

fn message(item: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Message, ApiError> {
    let role = item.word("role", &["system", "developer", "user", "assistant"])?;
    let role = match role.ok_or_else(|| item.missing("role"))? {
        "developer" => "system",
        role => role,
    };
    let raw = item.take("content", &texts()).ok_or_else(|| item.missing("content"))?;
    Ok(Message::new(role, text_of(item, "content", raw, ignored)?))
}

fn texts() -> [Shape; 2] {
    [Shape::TEXT, Shape::list(limits::MAX_CONTENT_PARTS, Shape::Any)]
}

/// A string, or parts of text, which are joined. Parts of other kinds are refused by name.
fn text_of(
    item: &Fields<'_>,
    name: &str,
    raw: &RawValue,
    ignored: &mut Vec<String>,
) -> Result<String, ApiError> {
    if raw.get().starts_with('"') {
        return item.read(name, raw, "a string");
    }
    let mut text = String::new();
    for (index, part) in item.list_of(name, raw, limits::MAX_CONTENT_PARTS)?.into_iter().enumerate() {
        let mut part = item.object_of(&format!("{name}[{index}]"), part)?;
        let kind = part.string("type", limits::MAX_NAME_BYTES)?.ok_or_else(|| part.missing("type"))?;
        let field = match kind.as_str() {
            "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text" => "text",
            "refusal" => "refusal",
            _ => {
                let path = part.path("type");
                let message = format!("`{path}` is `{kind}`; this server reads text parts only");
                return Err(ApiError::invalid(path, message));
            }
        };
        text += &part.string(field, usize::MAX)?.ok_or_else(|| part.missing(field))?;
        for name in ["annotations", "logprobs"] {
            part.take(name, &[]);
        }
        part.ignored_into(ignored);
    }
    Ok(text)
}

fn call(item: &mut Fields<'_>) -> Result<Value, ApiError> {
    let id = item.string("call_id", limits::MAX_NAME_BYTES)?.ok_or_else(|| item.missing("call_id"))?;
    let name = item.string("name", limits::MAX_NAME_BYTES)?.ok_or_else(|| item.missing("name"))?;
    let arguments = item.string("arguments", usize::MAX)?.ok_or_else(|| item.missing("arguments"))?;
    Ok(json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}))
}

fn output(item: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Message, ApiError> {
    let id = item.string("call_id", limits::MAX_NAME_BYTES)?.ok_or_else(|| item.missing("call_id"))?;
    let raw = item.take("output", &texts()).ok_or_else(|| item.missing("output"))?;
    let content = text_of(item, "output", raw, ignored)?;
    Ok(Message { tool_call_id: Some(id), ..Message::new("tool", content) })
}

/// Thoughts as they were, or their summary where that is all there is.
fn thoughts(item: &mut Fields<'_>) -> Result<Option<String>, ApiError> {
    let mut ignored = Vec::new();
    let mut of = |item: &mut Fields<'_>, name: &str| match item.take(name, &texts()) {
        Some(raw) => text_of(item, name, raw, &mut ignored).map(|text| Some(text).filter(|t| !t.is_empty())),
        None => Ok(None),
    };
    let (content, summary) = (of(item, "content")?, of(item, "summary")?);
    Ok(content.or(summary))
}
