//! The request, parsed: `system` apart from the messages, content as text or as blocks.

use gollum_frontend::Message;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::generate::ask::{Ask, Conversation, Input};
use crate::generate::fields::{Fields, Neutral};
use crate::generate::messages::PromptEnd;
use crate::generate::settings::{self, Common, Sampling};
use crate::limits;

/// What would change the answer, and is not there.
const REFUSED: &[(&str, Neutral)] =
    &[("tools", Neutral::Empty), ("mcp_servers", Neutral::Empty), ("container", Neutral::Null)];

/// Nothing beside the ask is needed to write the answer.
#[derive(Clone, Copy, Debug)]
pub struct Wishes;

/// `POST /v1/messages`. Errors: 400 naming the field.
pub fn parse(body: &[u8]) -> Result<(Ask, Wishes), ApiError> {
    Ok((ask(body, true)?, Wishes))
}

/// `POST /v1/messages/count_tokens`: the same without `max_tokens`.
pub fn parse_count(body: &[u8]) -> Result<Ask, ApiError> {
    ask(body, false)
}

fn ask(body: &[u8], is_answered: bool) -> Result<Ask, ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
    let stream = fields.boolean("stream")?.unwrap_or(false);
    let max_tokens = fields.integer("max_tokens", 1..=limits::MAX_TOKENS)?;
    if is_answered && max_tokens.is_none() {
        return Err(fields.missing("max_tokens"));
    }
    let common = Common {
        model,
        stream,
        sampling: Sampling::read(&mut fields, &mut ignored)?,
        max_tokens: max_tokens.and_then(|n| usize::try_from(n).ok()),
        stop: settings::stop_texts(&mut fields, "stop_sequences")?.unwrap_or_default(),
        n: 1,
        use_prompt_cache: true,
        ..Common::default()
    };
    tool_choice(&mut fields)?;
    fields.refuse(REFUSED)?;
    let template_kwargs = thinking(&mut fields)?;
    let mut messages = system(&mut fields, &mut ignored)?;
    let items = fields.list("messages", limits::MAX_MESSAGES)?.ok_or_else(|| fields.missing("messages"))?;
    if items.is_empty() {
        return Err(fields.invalid("messages", "must not be empty"));
    }
    for (index, item) in items.into_iter().enumerate() {
        let mut message = fields.object_of(&format!("messages[{index}]"), item)?;
        let role = message.string("role", limits::MAX_NAME_BYTES)?.ok_or_else(|| message.missing("role"))?;
        if role != "user" && role != "assistant" {
            return Err(message.invalid("role", "must be user or assistant"));
        }
        let content =
            text_of(&mut message, "content", &mut ignored)?.ok_or_else(|| message.missing("content"))?;
        messages.push(Message::new(role, content));
        message.ignored_into(&mut ignored);
    }
    // An assistant's message that is last is what the answer begins with.
    let continues = messages.last().is_some_and(|last| last.role == "assistant");
    let end = if continues { PromptEnd::MessageOpen } else { PromptEnd::AnswerOpened };
    fields.ignored_into(&mut ignored);
    Ok(Ask { common, input: Input::Chat(Conversation { messages, template_kwargs, end }), ignored })
}

/// Without tools on offer every choice but a forced one is kept to.
fn tool_choice(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    let Some(mut choice) = fields.object("tool_choice")? else { return Ok(()) };
    match choice.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
        Some("auto" | "none") => Ok(()),
        _ => Err(ApiError::unsupported("tool_choice")),
    }
}

fn system(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Vec<Message>, ApiError> {
    let text = text_of(fields, "system", ignored)?.filter(|text| !text.is_empty());
    Ok(text.map(|text| Message::new("system", text)).into_iter().collect())
}

/// `thinking`: for the template to say to the model.
fn thinking(fields: &mut Fields<'_>) -> Result<Map<String, Value>, ApiError> {
    let mut kwargs = Map::new();
    if let Some(mut thinking) = fields.object("thinking")? {
        let enabled = match thinking.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
            Some("enabled" | "adaptive") => true,
            Some("disabled") => false,
            _ => return Err(thinking.invalid("type", "must be enabled, adaptive or disabled")),
        };
        kwargs.insert("enable_thinking".to_owned(), enabled.into());
    }
    Ok(kwargs)
}

/// A string, or text blocks, which are joined. Blocks of other kinds are refused by name.
fn text_of(
    fields: &mut Fields<'_>,
    name: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<String>, ApiError> {
    let Some(raw) = fields.take(name) else { return Ok(None) };
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
        block.take("cache_control");
        block.ignored_into(ignored);
    }
    Ok(Some(text))
}
