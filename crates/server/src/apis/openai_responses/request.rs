//! The request, parsed.

use gollum_frontend::{Grammar, Message, ToolChoice};
use serde_json::{Map, Value, json};

use super::input;
use crate::error::ApiError;
use crate::generate::ask::{Ask, Conversation, Input};
use crate::generate::fields::Fields;
use crate::generate::fields::Neutral::{self, Empty, Null, Number, Text};
use crate::generate::messages::{self, PromptEnd};
use crate::generate::settings::{Common, Sampling};
use crate::generate::shape::Shape;
use crate::generate::tools::{self, Tools};
use crate::generate::{format, thinking};
use crate::limits;

/// What would change the answer, and is not there.
pub const REFUSED: &[(&str, Neutral)] = &[
    ("conversation", Null),
    ("context_management", Empty),
    ("max_tool_calls", Null),
    ("prompt", Null),
    ("top_logprobs", Number(0.0)),
    ("truncation", Text(&["disabled"])),
];

/// Pairs of `metadata` at most, as in OpenAI's API.
const MAX_METADATA: usize = 16;

/// What the writer of the answer needs to know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// The conversation without instructions: kept with the answer.
    pub messages: Vec<Message>,
    /// Before it, in this answer alone.
    pub instructions: Option<String>,
    /// The answer before.
    pub previous_response_id: Option<String>,
    /// Keep the answer.
    pub store: bool,
    /// Answer at once that it is being made.
    pub background: bool,
    /// How tokens are chosen, for answers to repeat.
    pub sampling: Sampling,
    /// Fields of the request that answers repeat.
    pub echoed: Map<String, Value>,
}

/// Parses a body. Errors: 400 naming the field.
pub fn parse(body: &[u8]) -> Result<(Ask, Wishes), ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let mut echoed = Map::new();
    let max_tokens = fields.integer("max_output_tokens", 1..=limits::MAX_TOKENS)?;
    echoed.insert("max_output_tokens".to_owned(), json!(max_tokens));
    let mut common = Common {
        model: fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty()),
        stream: fields.boolean("stream")?.unwrap_or(false),
        sampling: Sampling::read(&mut fields, &mut ignored)?,
        max_tokens: max_tokens.and_then(|n| usize::try_from(n).ok()),
        n: 1,
        use_prompt_cache: true,
        ..Common::default()
    };
    let tools = tools(&mut fields, &mut ignored, &mut echoed)?;
    common.grammar = text(&mut fields, &mut ignored, &mut echoed)?;
    let mut template_kwargs = messages::template_kwargs(&mut fields)?;
    effort(&mut fields, &mut ignored, &mut template_kwargs, &mut echoed)?;
    let reasoning = thinking::read(&mut fields, &mut template_kwargs)?;
    includes(&mut fields, &mut ignored)?;
    let metadata = fields.map("metadata", MAX_METADATA, Shape::TEXT)?.unwrap_or_default();
    let metadata: Map<String, Value> = metadata
        .into_iter()
        .map(|(name, raw)| Ok((name, fields.read::<String>("metadata", raw, "strings")?.into())))
        .collect::<Result<_, ApiError>>()?;
    echoed.insert("metadata".to_owned(), metadata.into());
    let wishes = Wishes {
        messages: input::read(&mut fields, &mut ignored)?,
        instructions: fields.string("instructions", usize::MAX)?,
        previous_response_id: fields.string("previous_response_id", limits::MAX_NAME_BYTES)?,
        store: fields.boolean("store")?.unwrap_or(true),
        background: fields.boolean("background")?.unwrap_or(false),
        sampling: common.sampling.clone(),
        echoed,
    };
    if wishes.background && (common.stream || !wishes.store) {
        return Err(fields.invalid("background", "needs `store`, and goes with no stream"));
    }
    fields.refuse(REFUSED)?;
    fields.ignored_into(&mut ignored);
    let messages = input::with_instructions(wishes.instructions.as_deref(), &wishes.messages);
    let conversation =
        Conversation { messages, tools, reasoning, template_kwargs, end: PromptEnd::AnswerOpened };
    Ok((Ask { common, input: Input::Chat(conversation), ignored }, wishes))
}

/// `tools`, flat ones, and `tool_choice`.
fn tools(
    fields: &mut Fields<'_>,
    ignored: &mut Vec<String>,
    echoed: &mut Map<String, Value>,
) -> Result<Tools, ApiError> {
    let (mut list, mut shown) = (Vec::new(), Vec::new());
    for (index, item) in fields.list("tools", limits::MAX_TOOLS)?.unwrap_or_default().into_iter().enumerate()
    {
        shown.push(fields.read::<Value>("tools", item, "a list of objects")?);
        let mut tool = fields.object_of(&format!("tools[{index}]"), item)?;
        match tool.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
            Some("function") => {}
            Some(kind) => {
                let message = format!("is `{kind}`; there are functions only, which the client runs");
                return Err(tool.invalid("type", message));
            }
            None => return Err(tool.missing("type")),
        }
        let description = tool.string("description", usize::MAX)?;
        if tool.boolean("strict")? == Some(true) {
            ignored.push(tool.path("strict"));
        }
        list.push(tools::tool_of(&mut tool, description, "parameters")?);
        tool.ignored_into(ignored);
    }
    let (choice, allowed) = choice(fields, echoed)?;
    if let Some(allowed) = allowed {
        list.retain(|tool| allowed.iter().any(|name| tool["function"]["name"] == **name));
    }
    if list.is_empty() && matches!(choice, ToolChoice::Required | ToolChoice::Named(_)) {
        return Err(fields.invalid("tool_choice", "needs `tools`"));
    }
    let parallel = fields.boolean("parallel_tool_calls")?;
    echoed.insert("tools".to_owned(), shown.into());
    echoed.insert("parallel_tool_calls".to_owned(), parallel.unwrap_or(false).into());
    let list = (!list.is_empty()).then_some(Value::Array(list));
    Ok(Tools { list, choice, parallel: parallel.unwrap_or(false) })
}

/// The choice, and the names it is among, if it names some.
fn choice(
    fields: &mut Fields<'_>,
    echoed: &mut Map<String, Value>,
) -> Result<(ToolChoice, Option<Vec<String>>), ApiError> {
    let raw = fields.take("tool_choice", &tools::choice_shapes());
    let shown = match raw {
        Some(raw) => fields.read::<Value>("tool_choice", raw, "a word or an object")?,
        None => json!("auto"),
    };
    echoed.insert("tool_choice".to_owned(), shown);
    let Some(raw) = raw else { return Ok((ToolChoice::Auto, None)) };
    if raw.get().starts_with('"') {
        let word: String = fields.read("tool_choice", raw, "a word")?;
        return Ok((tools::word_of(fields, &word)?, None));
    }
    let mut choice = fields.object_of("tool_choice", raw)?;
    match choice.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
        Some("function") => {
            let name = choice.string("name", limits::MAX_NAME_BYTES)?;
            Ok((ToolChoice::Named(name.ok_or_else(|| choice.missing("name"))?), None))
        }
        Some("allowed_tools") => {
            let mode = choice.string("mode", limits::MAX_NAME_BYTES)?.unwrap_or_else(|| "auto".to_owned());
            let mut names = Vec::new();
            let items = choice.list("tools", limits::MAX_TOOLS)?.ok_or_else(|| choice.missing("tools"))?;
            for (index, item) in items.into_iter().enumerate() {
                let mut tool = choice.object_of(&format!("tools[{index}]"), item)?;
                let name = tool.string("name", limits::MAX_NAME_BYTES)?;
                names.push(name.ok_or_else(|| tool.missing("name"))?);
            }
            Ok((tools::word_of(fields, &mode)?, Some(names)))
        }
        _ => Err(fields.invalid("tool_choice", "must be none, auto, required, a function, or allowed_tools")),
    }
}

/// `text.format`.
fn text(
    fields: &mut Fields<'_>,
    ignored: &mut Vec<String>,
    echoed: &mut Map<String, Value>,
) -> Result<Option<format::Asked>, ApiError> {
    let mut shown = json!({"type": "text"});
    let mut grammar = None;
    if let Some(mut text) = fields.object("text")? {
        if let Some(raw) = text.take("format", &[]) {
            shown = text.read::<Value>("format", raw, "an object")?;
            let mut form = text.object_of("format", raw)?;
            grammar = match form.word("type", format::KINDS)? {
                Some("text") => None,
                Some("json_object") => Some((Grammar::JsonObject, "text.format".to_owned())),
                Some(_) => Some(format::schema(&mut form, "schema")?.ok_or_else(|| form.missing("schema"))?),
                None => return Err(form.missing("type")),
            };
        }
        text.ignored_into(ignored);
    }
    echoed.insert("text".to_owned(), json!({ "format": shown }));
    Ok(grammar)
}

/// `reasoning`: its `effort` is for the template to say to the model. There are no summaries: thoughts come as they are.
fn effort(
    fields: &mut Fields<'_>,
    ignored: &mut Vec<String>,
    kwargs: &mut Map<String, Value>,
    echoed: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    let mut shown = json!({"effort": null, "summary": null});
    if let Some(mut reasoning) = fields.object("reasoning")? {
        if let Some(effort) = reasoning.string("effort", limits::MAX_NAME_BYTES)? {
            shown["effort"] = json!(effort);
            thinking::tell_effort(kwargs, effort);
        }
        reasoning.ignored_into(ignored);
    }
    echoed.insert("reasoning".to_owned(), shown);
    Ok(())
}

/// What answers shall hold beside the usual: log-probabilities are not among it, and what informs is ignored.
fn includes(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<(), ApiError> {
    for name in fields.strings("include", limits::MAX_STOP, 0..=usize::MAX)?.unwrap_or_default() {
        if name == "message.output_text.logprobs" {
            return Err(ApiError::unsupported("include"));
        }
        ignored.push("include".to_owned());
    }
    Ok(())
}
