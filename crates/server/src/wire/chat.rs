//! `/v1/chat/completions`: the request, and the objects of its answers.

use gollum_frontend::{ChatRequest, GenerateOptions, Message, SpecialText};
use serde::Serialize;
use serde_json::Value;

use super::fields::Fields;
use super::generation::{self, Common, Dialect};
use super::known;
use crate::error::ApiError;
use crate::limits;

/// A valid chat request.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatBody {
    /// At least one message.
    pub messages: Vec<Message>,
    /// Variables for the template.
    pub template_kwargs: serde_json::Map<String, Value>,
    /// How the prompt ends.
    pub end: PromptEnd,
    /// Everything else.
    pub common: Common,
    /// Names of fields that nobody defines.
    pub ignored: Vec<String>,
}

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

    /// A conversation with this end. `content_text` says how control tokens' text in messages is read.
    pub fn request(
        self,
        messages: Vec<Message>,
        content_text: SpecialText,
        options: GenerateOptions,
    ) -> ChatRequest {
        ChatRequest {
            add_generation_prompt: self == Self::AnswerOpened,
            continue_final_message: self == Self::MessageOpen,
            content_text,
            ..ChatRequest::new(messages, options)
        }
    }
}

/// Chat answers are as long as the context allows.
const DIALECT: Dialect = Dialect { default_max_tokens: None, may_only_read: false };

impl ChatBody {
    /// Parses a body. Errors: 400 naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let mut common = Common::read(&mut fields, DIALECT)?;
        let own = logprobs(&mut fields)?;
        common.sampling.logprobs = generation::logprobs(&mut fields, own)?;
        let mut ignored = std::mem::take(&mut common.ignored);
        tools(&mut fields)?;
        response_format(&mut fields)?;
        let mut template_kwargs = template_kwargs(&mut fields)?;
        reasoning_effort(&mut fields, &mut template_kwargs)?;
        fields.refuse(known::CHAT)?;
        let messages = messages(&mut fields, &mut ignored)?;
        let end = PromptEnd::read(&mut fields, &messages)?;
        fields.ignored_into(&mut ignored);
        Ok(Self { messages, template_kwargs, end, common, ignored })
    }
}

/// The messages of a chat; also what `/tokenize` takes.
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
    let role = fields.string("role", limits::MAX_NAME_BYTES)?.ok_or_else(|| fields.missing("role"))?;
    let role = match role.as_str() {
        "developer" => "system".to_owned(),
        "system" | "user" | "assistant" | "tool" => role,
        _ => {
            let known = "must be system, developer, user, assistant or tool";
            return Err(fields.invalid("role", known));
        }
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
    let Some(raw) = fields.take("content") else { return Ok(None) };
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

fn logprobs(fields: &mut Fields<'_>) -> Result<Option<u8>, ApiError> {
    let wanted = fields.boolean("logprobs")?.unwrap_or(false);
    let top = fields.integer("top_logprobs", 0..=limits::MAX_TOP_LOGPROBS)?;
    if top.is_some_and(|top| top > 0) && !wanted {
        return Err(fields.invalid("top_logprobs", "needs `logprobs: true`"));
    }
    Ok(wanted.then(|| u8::try_from(top.unwrap_or(0)).expect("the range was checked")))
}

/// Tools would reach the template, but calls in the answer are not parsed yet: they would arrive as text,
/// and a client would take them for prose. So offering tools is refused until that is built.
fn tools(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    let tools = fields.list("tools", limits::MAX_TOOLS)?.unwrap_or_default();
    if !tools.is_empty() {
        return Err(ApiError::unsupported(fields.path("tools")));
    }
    // With no tools on offer any number of calls at once is kept to.
    fields.boolean("parallel_tool_calls")?;
    match fields.take("tool_choice") {
        Some(choice) if !matches!(choice.get(), "\"none\"" | "\"auto\"") => {
            Err(ApiError::unsupported(fields.path("tool_choice")))
        }
        _ => Ok(()),
    }
}

/// Text is the one format there is.
pub fn response_format(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    let Some(mut format) = fields.object("response_format")? else { return modalities(fields) };
    match format.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
        Some("text") => modalities(fields),
        Some("json_object" | "json_schema" | "structural_tag") => {
            Err(ApiError::unsupported("response_format"))
        }
        Some(_) => Err(format.invalid("type", "must be text")),
        None => Err(format.missing("type")),
    }
}

fn modalities(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    for item in fields.list("modalities", limits::MAX_STOP)?.unwrap_or_default() {
        if fields.read::<String>("modalities", item, "a list of strings")? != "text" {
            return Err(ApiError::unsupported(fields.path("modalities")));
        }
    }
    Ok(())
}

/// How much to think before answering is the template's to say to the model: those that know it read
/// `reasoning_effort`, or `enable_thinking`. `chat_template_kwargs` of the same names go first.
fn reasoning_effort(
    fields: &mut Fields<'_>,
    kwargs: &mut serde_json::Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(effort) = fields.string("reasoning_effort", limits::MAX_NAME_BYTES)? else { return Ok(()) };
    if effort == "none" {
        kwargs.entry("enable_thinking").or_insert(false.into());
    }
    kwargs.entry("reasoning_effort").or_insert(effort.into());
    Ok(())
}

/// Names that the template engine or its caller sets, which a request must not.
const RESERVED_KWARGS: &[&str] =
    &["messages", "tools", "chat_template", "add_generation_prompt", "bos_token", "eos_token", "tokenize"];

fn template_kwargs(fields: &mut Fields<'_>) -> Result<serde_json::Map<String, Value>, ApiError> {
    let mut kwargs = serde_json::Map::new();
    for (name, raw) in fields.map("chat_template_kwargs", limits::MAX_TEMPLATE_KWARGS)?.unwrap_or_default() {
        if RESERVED_KWARGS.contains(&name.as_str()) {
            return Err(fields.invalid("chat_template_kwargs", format!("must not set `{name}`")));
        }
        let value = fields.read("chat_template_kwargs", raw, "an object")?;
        kwargs.insert(name, value);
    }
    Ok(kwargs)
}

/// `chat.completion`.
#[derive(Serialize)]
pub struct ChatCompletion<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created: u64,
    pub model: &'a str,
    pub choices: Vec<ChatChoice>,
    pub usage: super::Usage,
}

/// One answer.
#[derive(Serialize)]
pub struct ChatChoice {
    pub index: usize,
    pub message: AnswerMessage,
    pub logprobs: Option<ChatLogprobs>,
    pub finish_reason: &'static str,
    pub stop_reason: Option<String>,
}

/// The assistant's message.
#[derive(Serialize)]
pub struct AnswerMessage {
    pub role: &'static str,
    pub content: String,
    pub refusal: Option<&'static str>,
}

/// `chat.completion.chunk`.
#[derive(Serialize)]
pub struct ChatChunk<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created: u64,
    pub model: &'a str,
    pub choices: Vec<ChunkChoice<'a>>,
    /// Absent without `include_usage`; else `null` but in the last chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Option<super::Usage>>,
}

/// What one chunk adds to one answer.
#[derive(Serialize)]
pub struct ChunkChoice<'a> {
    pub index: usize,
    pub delta: Delta<'a>,
    pub logprobs: Option<ChatLogprobs>,
    pub finish_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
}

impl<'a> ChunkChoice<'a> {
    /// A choice that says only `delta`.
    pub fn new(index: usize, delta: Delta<'a>) -> Self {
        Self { index, delta, logprobs: None, finish_reason: None, stop_reason: None }
    }
}

/// New text of an answer; the first one carries the role.
#[derive(Default, Serialize)]
pub struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a str>,
}

/// Log-probabilities of chat answers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChatLogprobs {
    pub content: Vec<ChatLogprob>,
    pub refusal: Option<()>,
}

/// One generated token's.
#[derive(Clone, Debug, Serialize)]
pub struct ChatLogprob {
    #[serde(flatten)]
    pub chosen: TokenChance,
    pub top_logprobs: Vec<TokenChance>,
}

/// A token, its bytes, and its log-probability.
#[derive(Clone, Debug, Serialize)]
pub struct TokenChance {
    pub token: String,
    pub logprob: f32,
    pub bytes: Vec<u8>,
}
