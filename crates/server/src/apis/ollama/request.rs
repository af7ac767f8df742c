//! The requests, parsed. Sampling is in `options`, by names that are mostly llama-server's.

use std::ops::RangeInclusive;
use std::time::Duration;

use gollum_frontend::{Grammar, InfillRequest, Message, Prompt, Reasoning, Thoughts};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::generate::ask::{Ask, Conversation, Input};
use crate::generate::fields::{Fields, Neutral};
use crate::generate::format;
use crate::generate::messages::{PromptEnd, ROLES};
use crate::generate::settings::{self, Common, Keep, Sampling};
use crate::generate::shape::Shape;
use crate::generate::thinking;
use crate::generate::tools::{self, Tools};
use crate::limits;

/// What the writer of the answer needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wishes {
    /// Answers are messages rather than texts.
    pub is_chat: bool,
}

/// What a request asks for.
#[expect(clippy::large_enum_variant, reason = "one to a request")]
pub enum Asked {
    /// An answer.
    Answer(Ask, Wishes),
    /// Nothing to answer: the model is loaded, or let go.
    Life(Life),
}

/// A model, and how long it stays.
pub struct Life {
    /// `None` is the default model.
    pub model: Option<String>,
    /// If it says.
    pub keep: Option<Keep>,
}

/// Options of a model's memory and threads: the server's own business, and of no effect on an answer.
const OF_THE_SERVER: &[&str] = &[
    "num_ctx",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "num_keep",
    "use_mmap",
    "use_mlock",
    "numa",
    "low_vram",
    "vocab_only",
    "f16_kv",
    "penalize_newline",
];

/// What would change the answer, and is not there.
const REFUSED: &[(&str, Neutral)] = &[
    ("images", Neutral::Empty),
    ("template", Neutral::Empty),
    ("context", Neutral::Empty),
    ("logprobs", Neutral::Bool(false)),
];

/// `POST /api/chat`. Errors: 400 naming the field.
pub fn parse_chat(body: &[u8]) -> Result<Asked, ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let common = common(&mut fields, &mut ignored)?;
    let (reasoning, template_kwargs) = thinking(&mut fields)?;
    fields.refuse(REFUSED)?;
    let list = tools::tool_list(&mut fields, &mut ignored)?;
    let tools = Tools { list, ..Tools::default() };
    let items = fields.list("messages", limits::MAX_MESSAGES)?.unwrap_or_default();
    let mut messages = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let mut message = fields.object_of(&format!("messages[{index}]"), item)?;
        messages.push(message_of(&mut message)?);
        message.ignored_into(&mut ignored);
    }
    if messages.is_empty() {
        return Ok(Asked::Life(Life { model: common.model, keep: common.keep }));
    }
    // As Ollama does: an assistant's message that is last is one to continue.
    let continues = messages.last().is_some_and(|last| last.role == "assistant" && last.tool_calls.is_none());
    let end = if continues { PromptEnd::MessageOpen } else { PromptEnd::AnswerOpened };
    fields.ignored_into(&mut ignored);
    let input = Input::Chat(Conversation { messages, tools, reasoning, template_kwargs, end });
    Ok(Asked::Answer(Ask { common, input, ignored }, Wishes { is_chat: true }))
}

/// `POST /api/generate`. Errors: 400 naming the field.
pub fn parse_generate(body: &[u8]) -> Result<Asked, ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let common = common(&mut fields, &mut ignored)?;
    let (reasoning, template_kwargs) = thinking(&mut fields)?;
    fields.refuse(REFUSED)?;
    let prompt = fields.string("prompt", usize::MAX)?.unwrap_or_default();
    let system = fields.string("system", usize::MAX)?.filter(|system| !system.is_empty());
    let is_raw = fields.boolean("raw")?.unwrap_or(false);
    if prompt.is_empty() {
        return Ok(Asked::Life(Life { model: common.model, keep: common.keep }));
    }
    let suffix = fields.string("suffix", usize::MAX)?.filter(|suffix| !suffix.is_empty());
    fields.ignored_into(&mut ignored);
    let input = if let Some(behind) = suffix {
        Input::Infill(vec![InfillRequest { before: prompt, behind, param: "suffix", ..Default::default() }])
    } else if is_raw {
        Input::Prompts { prompts: vec![Prompt::Text(prompt)], echo: false }
    } else {
        let system = system.map(|system| Message::new("system", system));
        let messages = system.into_iter().chain([Message::new("user", prompt)]).collect();
        Input::Chat(Conversation {
            messages,
            tools: Tools::default(),
            reasoning,
            template_kwargs,
            end: PromptEnd::AnswerOpened,
        })
    };
    Ok(Asked::Answer(Ask { common, input, ignored }, Wishes { is_chat: false }))
}

fn common(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Common, ApiError> {
    let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
    let stream = fields.boolean("stream")?.unwrap_or(true);
    let grammar = format_of(fields)?;
    let keep = keep_alive(fields)?;
    let mut common =
        Common { model, stream, grammar, keep, n: 1, use_prompt_cache: true, ..Common::default() };
    if let Some(mut options) = fields.object("options")? {
        common.sampling = Sampling::read(&mut options, ignored)?;
        // -1 is without an end, -2 up to the context: the same here.
        let given = options.integer("num_predict", -2..=limits::MAX_TOKENS)?;
        common.max_tokens = given.and_then(|n| usize::try_from(n).ok()).map(|n| n.max(1));
        common.stop = settings::stop_texts(&mut options, "stop")?.unwrap_or_default();
        for name in OF_THE_SERVER {
            if options.take(name, &[]).is_some() {
                ignored.push(options.path(name));
            }
        }
        options.ignored_into(ignored);
    }
    Ok(common)
}

/// `keep_alive`: seconds, or a number with a unit; below 0 for ever.
pub fn keep_alive(fields: &mut Fields<'_>) -> Result<Option<Keep>, ApiError> {
    const SHAPES: &str = "must be seconds, or a number and `ms`, `s`, `m` or `h`";
    /// Longer is for ever.
    const MAX_SECONDS: f64 = 1e9;
    const RANGE: RangeInclusive<f64> = -MAX_SECONDS..=MAX_SECONDS;
    let shapes = [Shape::Number(RANGE), Shape::TEXT];
    let Some(raw) = fields.take("keep_alive", &shapes) else { return Ok(None) };
    let seconds = if raw.get().starts_with('"') {
        let text: String = fields.read("keep_alive", raw, "a time")?;
        let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let unit = match &text[at..] {
            "" | "s" => 1.0,
            "ms" => 1e-3,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(fields.invalid("keep_alive", SHAPES)),
        };
        let number: f64 = text[..at].trim().parse().map_err(|_| fields.invalid("keep_alive", SHAPES))?;
        number * unit
    } else {
        fields.number_of("keep_alive", raw, RANGE)?
    };
    if seconds.is_nan() {
        return Err(fields.invalid("keep_alive", SHAPES));
    }
    let is_long = !(0.0..MAX_SECONDS).contains(&seconds);
    Ok(Some(if is_long { Keep::Always } else { Keep::For(Duration::from_secs_f64(seconds)) }))
}

/// `"json"`, or a schema.
fn format_of(fields: &mut Fields<'_>) -> Result<Option<(Grammar, String)>, ApiError> {
    let shapes = [Shape::Words(&["json", ""]), Shape::Object];
    let Some(raw) = fields.take("format", &shapes) else { return Ok(None) };
    match raw.get() {
        "\"\"" => Ok(None),
        "\"json\"" => Ok(Some((Grammar::JsonObject, "format".to_owned()))),
        text if text.starts_with('{') => Ok(Some(format::schema_text(text, "format"))),
        _ => Err(fields.invalid("format", "must be `json` or a JSON schema")),
    }
}

/// `think`: a boolean or a level, for the template. Where thoughts are not wanted, none are shown.
fn thinking(fields: &mut Fields<'_>) -> Result<(Reasoning, Map<String, Value>), ApiError> {
    let (mut reasoning, mut kwargs) = (Reasoning::default(), Map::new());
    let shapes = [Shape::Boolean, Shape::Text(0..=limits::MAX_NAME_BYTES)];
    let Some(raw) = fields.take("think", &shapes) else { return Ok((reasoning, kwargs)) };
    match fields.read::<Value>("think", raw, "true, false, or a level")? {
        Value::Bool(thinks) => {
            kwargs.insert("enable_thinking".to_owned(), thinks.into());
            if !thinks {
                reasoning.thoughts = Thoughts::Hidden;
            }
        }
        Value::String(level) if level.len() <= limits::MAX_NAME_BYTES => {
            thinking::tell_effort(&mut kwargs, level);
        }
        _ => return Err(fields.invalid("think", "must be true, false, or a level")),
    }
    Ok((reasoning, kwargs))
}

fn message_of(fields: &mut Fields<'_>) -> Result<Message, ApiError> {
    let role = fields.word("role", ROLES)?.ok_or_else(|| fields.missing("role"))?.to_owned();
    fields.refuse(&[("images", Neutral::Empty)])?;
    let calls = match fields.take("tool_calls", &[]) {
        Some(raw) => Some(fields.read::<Value>("tool_calls", raw, "a list of calls")?),
        None => None,
    };
    Ok(Message {
        role,
        content: fields.string("content", usize::MAX)?.unwrap_or_default(),
        name: fields.string("tool_name", limits::MAX_NAME_BYTES)?,
        tool_calls: calls.filter(|calls| calls.as_array().is_some_and(|calls| !calls.is_empty())),
        tool_call_id: fields.string("tool_call_id", limits::MAX_NAME_BYTES)?,
        reasoning_content: fields.string("thinking", usize::MAX)?,
    })
}
