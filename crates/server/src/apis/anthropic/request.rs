//! The request, parsed: `system` apart from the messages, content as text or as blocks.

use gollum_frontend::{Message, Reasoning, ToolChoice};
use serde_json::{Map, Value};

use super::blocks;
use crate::error::ApiError;
use crate::generate::ask::{Ask, Conversation, Input};
use crate::generate::fields::{Fields, Neutral};
use crate::generate::messages::PromptEnd;
use crate::generate::settings::{self, Common, Sampling};
use crate::generate::tools::{self, Tools};
use crate::generate::{format, thinking};
use crate::limits;

/// What would change the answer, and is not there.
const REFUSED: &[(&str, Neutral)] = &[("mcp_servers", Neutral::Empty), ("container", Neutral::Null)];

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
    let mut common = Common {
        model,
        stream,
        sampling: Sampling::read(&mut fields, &mut ignored)?,
        max_tokens: max_tokens.and_then(|n| usize::try_from(n).ok()),
        stop: settings::stop_texts(&mut fields, "stop_sequences")?.unwrap_or_default(),
        n: 1,
        use_prompt_cache: true,
        ..Common::default()
    };
    let tools = tools(&mut fields, &mut ignored)?;
    fields.refuse(REFUSED)?;
    let (reasoning, mut template_kwargs) = thinking(&mut fields)?;
    common.grammar = output(&mut fields, &mut template_kwargs, &mut ignored)?;
    let mut messages = system(&mut fields, &mut ignored)?;
    let items = fields.list("messages", limits::MAX_MESSAGES)?.ok_or_else(|| fields.missing("messages"))?;
    if items.is_empty() {
        return Err(fields.invalid("messages", "must not be empty"));
    }
    for (index, item) in items.into_iter().enumerate() {
        let mut message = fields.object_of(&format!("messages[{index}]"), item)?;
        let role = message.word("role", &["user", "assistant"])?.ok_or_else(|| message.missing("role"))?;
        blocks::read(&mut message, role, &mut messages, &mut ignored)?;
        message.ignored_into(&mut ignored);
    }
    // An assistant's message that is last is what the answer begins with.
    let continues = messages.last().is_some_and(|last| last.role == "assistant" && last.tool_calls.is_none());
    let end = if continues { PromptEnd::MessageOpen } else { PromptEnd::AnswerOpened };
    fields.ignored_into(&mut ignored);
    Ok(Ask {
        common,
        input: Input::Chat(Conversation { messages, tools, reasoning, template_kwargs, end }),
        ignored,
    })
}

/// `tools` with `input_schema`, and `tool_choice`.
fn tools(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Tools, ApiError> {
    let mut list = Vec::new();
    for (index, item) in fields.list("tools", limits::MAX_TOOLS)?.unwrap_or_default().into_iter().enumerate()
    {
        let mut tool = fields.object_of(&format!("tools[{index}]"), item)?;
        if let Some(kind) = tool.string("type", limits::MAX_NAME_BYTES)?
            && kind != "custom"
        {
            return Err(tool.invalid("type", format!("is `{kind}`; tools that a server runs are not there")));
        }
        tool.take("cache_control", &[]);
        let description = tool.string("description", usize::MAX)?;
        list.push(tools::tool_of(&mut tool, description, "input_schema")?);
        tool.ignored_into(ignored);
    }
    let mut tools = Tools::default();
    if let Some(mut choice) = fields.object("tool_choice")? {
        tools.parallel = choice.boolean("disable_parallel_tool_use")? == Some(false);
        tools.choice = match choice.word("type", &["auto", "any", "tool", "none"])? {
            Some("auto") => ToolChoice::Auto,
            Some("none") => ToolChoice::None,
            Some("any") => ToolChoice::Required,
            Some(_) => {
                let name = choice.string("name", limits::MAX_NAME_BYTES)?;
                ToolChoice::Named(name.ok_or_else(|| choice.missing("name"))?)
            }
            None => return Err(choice.missing("type")),
        };
    }
    if list.is_empty() && matches!(tools.choice, ToolChoice::Required | ToolChoice::Named(_)) {
        return Err(fields.invalid("tool_choice", "needs `tools`"));
    }
    tools.list = (!list.is_empty()).then_some(Value::Array(list));
    Ok(tools)
}

fn system(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Vec<Message>, ApiError> {
    let text = blocks::text_of(fields, "system", ignored)?.filter(|text| !text.is_empty());
    Ok(text.map(|text| Message::new("system", text)).into_iter().collect())
}

/// `thinking`: for the template to say to the model, and its budget.
fn thinking(fields: &mut Fields<'_>) -> Result<(Reasoning, Map<String, Value>), ApiError> {
    let (mut reasoning, mut kwargs) = (Reasoning::default(), Map::new());
    if let Some(mut thinking) = fields.object("thinking")? {
        let kind = thinking.word("type", &["enabled", "adaptive", "disabled"])?;
        let enabled = kind.ok_or_else(|| thinking.missing("type"))? != "disabled";
        kwargs.insert("enable_thinking".to_owned(), enabled.into());
        let budget = thinking.integer("budget_tokens", 1..=limits::MAX_TOKENS)?;
        reasoning.budget = budget.and_then(|budget| usize::try_from(budget).ok());
    }
    Ok((reasoning, kwargs))
}

/// `output_config`: the answer's `format`, which older clients spell `output_format`, and `effort`, for the template.
fn output(
    fields: &mut Fields<'_>,
    kwargs: &mut Map<String, Value>,
    ignored: &mut Vec<String>,
) -> Result<Option<format::Asked>, ApiError> {
    let mut asked = form(fields, "output_format")?;
    if let Some(mut config) = fields.object("output_config")? {
        if let Some(effort) = config.string("effort", limits::MAX_NAME_BYTES)? {
            thinking::tell_effort(kwargs, effort);
        }
        if let Some(form) = form(&mut config, "format")?
            && asked.replace(form).is_some()
        {
            return Err(config.invalid("format", "and `output_format` exclude each other"));
        }
        config.ignored_into(ignored);
    }
    Ok(asked)
}

/// A form of answers; there is only one kind.
fn form(fields: &mut Fields<'_>, name: &str) -> Result<Option<format::Asked>, ApiError> {
    let Some(mut form) = fields.object(name)? else { return Ok(None) };
    match form.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
        Some("json_schema") => {
            format::schema(&mut form, "schema")?.map(Some).ok_or_else(|| form.missing("schema"))
        }
        _ => Err(form.invalid("type", "must be json_schema")),
    }
}
