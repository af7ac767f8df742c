//! Messages in OpenAI's shape, and how the prompt of a conversation ends: for every route that renders a template.

use gollum_frontend::Message;
use serde_json::Value;

use super::fields::Fields;
use super::known;
use super::shape::Shape;
use crate::error::ApiError;
use crate::limits;

/// Bodies of a conversation, for every route that reads one.
pub const EXAMPLES: &[&str] = &[
    r#"{"messages": [{"role": "user", "content": "x"}]}"#,
    r#"{"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
        "tools": [{"type": "function", "function": {"name": "x"}}],
        "tool_choice": {"type": "function", "function": {"name": "x"}}}"#,
    r#"{"messages": [{"role": "user", "content": "x"}],
        "tools": [{"type": "function", "function": {"name": "x"}}],
        "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto",
            "tools": [{"type": "function", "function": {"name": "x"}}]}}}"#,
];

/// The roles of messages, as templates know them.
pub const ROLES: &[&str] = &["system", "user", "assistant", "tool"];

/// How the prompt of a conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptEnd {
    /// With the opening of the assistant's turn.
    AnswerOpened,
    /// As the template ends the last message.
    MessageClosed,
    /// Inside the last message, which the answer continues.
    MessageOpen,
}

impl PromptEnd {
    /// From `add_generation_prompt` and `continue_final_message`. An assistant's message that is last, with no turn to
    /// be opened after it, is one to continue.
    ///
    /// Errors: 400 for both at once.
    pub fn read(fields: &mut Fields<'_>, messages: &[Message]) -> Result<Self, ApiError> {
        let opens = fields.boolean("add_generation_prompt")?;
        let continues = fields.boolean("continue_final_message")?;
        let last_is_ours = messages.last().is_some_and(|message| message.role == "assistant");
        match (opens, continues) {
            (Some(true), Some(true)) => {
                Err(fields
                    .invalid("continue_final_message", "and `add_generation_prompt` exclude each other"))
            }
            (_, Some(true)) => Ok(Self::MessageOpen),
            (Some(false), None) if last_is_ours => Ok(Self::MessageOpen),
            (Some(false), _) => Ok(Self::MessageClosed),
            (Some(true) | None, _) => Ok(Self::AnswerOpened),
        }
    }
}

/// The messages of a conversation.
pub fn messages(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Vec<Message>, ApiError> {
    let items = fields.list("messages", limits::MAX_MESSAGES)?.ok_or_else(|| fields.missing("messages"))?;
    if items.is_empty() {
        return Err(fields.invalid("messages", "must not be empty"));
    }
    let mut messages = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let mut message = fields.object_of(&format!("messages[{index}]"), item)?;
        messages.push(read_message(&mut message, ignored)?);
        message.ignored_into(ignored);
    }
    Ok(messages)
}

fn read_message(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Message, ApiError> {
    let role = fields.word("role", &["system", "developer", "user", "assistant", "tool"])?;
    let role = match role.ok_or_else(|| fields.missing("role"))? {
        "developer" => "system".to_owned(),
        role => role.to_owned(),
    };
    fields.refuse(known::MESSAGE)?;
    let tool_calls = match fields.list("tool_calls", limits::MAX_TOOLS)? {
        Some(calls) if !calls.is_empty() => {
            if role != "assistant" {
                return Err(fields.invalid("tool_calls", "belongs to assistant messages only"));
            }
            let calls =
                calls.into_iter().map(|call| fields.read::<Value>("tool_calls", call, "a list of calls"));
            Some(calls.collect::<Result<Value, _>>()?)
        }
        _ => None,
    };
    let content = content(fields, ignored)?;
    if content.is_none() && role != "assistant" {
        return Err(fields.missing("content"));
    }
    if content.is_none() && tool_calls.is_none() {
        return Err(fields.missing("content"));
    }
    let thoughts = fields.string("reasoning_content", usize::MAX)?;
    Ok(Message {
        role,
        content: content.unwrap_or_default(),
        name: fields.string("name", limits::MAX_NAME_BYTES)?,
        tool_calls,
        tool_call_id: fields.string("tool_call_id", limits::MAX_NAME_BYTES)?,
        reasoning_content: fields.string("reasoning", usize::MAX)?.or(thoughts),
    })
}

/// A string, or a list of text parts. Parts of other kinds are refused by name: nothing is fetched, and
/// nothing is left out in silence.
fn content(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Option<String>, ApiError> {
    let shapes = [Shape::TEXT, Shape::list(limits::MAX_CONTENT_PARTS, Shape::Any)];
    let Some(raw) = fields.take("content", &shapes) else { return Ok(None) };
    if raw.get().starts_with('"') {
        return fields.read("content", raw, "a string").map(Some);
    }
    if !raw.get().starts_with('[') {
        return Err(fields.invalid("content", "must be a string or a list of text parts"));
    }
    let mut text = String::new();
    for (index, item) in fields.list_of("content", raw, limits::MAX_CONTENT_PARTS)?.into_iter().enumerate() {
        let mut part = fields.object_of(&format!("content[{index}]"), item)?;
        let kind = part.string("type", limits::MAX_NAME_BYTES)?.ok_or_else(|| part.missing("type"))?;
        let field = match kind.as_str() {
            "text" => "text",
            "refusal" => "refusal",
            _ => {
                let path = part.path("type");
                let message = format!("`{path}` is `{kind}`; this server reads `text` parts only");
                return Err(ApiError::invalid(path, message));
            }
        };
        text += &part.string(field, usize::MAX)?.ok_or_else(|| part.missing(field))?;
        part.ignored_into(ignored);
    }
    Ok(Some(text))
}

/// Names that the template engine or its caller sets, which a request must not.
const RESERVED_KWARGS: &[&str] =
    &["messages", "tools", "chat_template", "add_generation_prompt", "bos_token", "eos_token", "tokenize"];

/// Variables for the template, from `chat_template_kwargs`.
pub fn template_kwargs(fields: &mut Fields<'_>) -> Result<serde_json::Map<String, Value>, ApiError> {
    let mut kwargs = serde_json::Map::new();
    for (name, raw) in
        fields.map("chat_template_kwargs", limits::MAX_TEMPLATE_KWARGS, Shape::Any)?.unwrap_or_default()
    {
        if RESERVED_KWARGS.contains(&name.as_str()) {
            return Err(fields.invalid("chat_template_kwargs", format!("must not set `{name}`")));
        }
        let value = fields.read("chat_template_kwargs", raw, "an object")?;
        kwargs.insert(name, value);
    }
    Ok(kwargs)
}
