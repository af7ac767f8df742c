//! Tools: how a model is told of them, how it calls them, and how calls are found in what it writes.
//!
//! ```text
//! tools -> the template, or words in the system message where it knows none -> prompt
//! answer text -> Sieve: text | calls            a choice that forces a call -> Grammar
//! ```
//! One file per dialect of models; the template tells which one a model speaks.

mod deepseek;
mod gemma;
mod generic;
mod glm;
mod granite;
mod harmony;
mod hermes;
mod llama3;
mod mistral;
mod offer;
mod phi;
mod pythonic;
mod qwen_coder;
mod sieve;

use std::borrow::Cow;
use std::fmt::Write as _;

use gollum_core::TokenId;
use gollum_tokenizer::{SpecialText, Tokenizer};
use serde_json::{Map, Value};

use crate::grammar::{Grammar, quoted, schema};
use crate::{ChatRequest, FrontendError};
pub(crate) use harmony::{Channels, Said};
pub use offer::Offer;
pub(crate) use sieve::ending_that_begins;
pub use sieve::{Sieve, Sieved};

/// Calls in one forced answer at most, where several are wanted.
const MAX_PARALLEL: usize = 8;
/// Nesting of arguments at most, in forms that are not JSON.
const MAX_DEPTH: usize = 64;

/// A call that a model made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// JSON, an object's.
    pub arguments: String,
}

impl ToolCall {
    /// A call; `None` without a name.
    fn of(name: &str, arguments: &Map<String, Value>) -> Option<Self> {
        let arguments = serde_json::to_string(arguments).ok()?;
        (!name.is_empty()).then(|| Self { name: name.to_owned(), arguments })
    }
}

/// Whether calls may, must, or must not be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// As the model likes.
    #[default]
    Auto,
    /// No call: the model is not told of tools.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
}

/// How a family of models calls tools.
pub struct ToolDialect {
    /// For people.
    pub name: &'static str,
    /// Each in the template of a model that speaks it.
    pub signs: &'static [&'static str],
    /// Where a call begins; empty where the whole answer is calls if it begins like one.
    open: &'static str,
    /// Where it ends; empty where that is the answer's end.
    close: &'static str,
    /// How an answer begins that is calls as a whole.
    begins: &'static [&'static str],
    /// Between `open` and the first call, between calls, and between the last and `close`, as models write them.
    frame: [&'static str; 3],
    /// Several calls stand between one `open` and one `close`.
    is_one_block: bool,
    /// What stands before and behind a call's arguments, where those are JSON. Calls that must be made are forced in this
    /// form, and in that of [`generic`] where there is none.
    around: Option<fn(&str) -> [String; 2]>,
    /// What a forced call follows at the start of an answer, and after thoughts.
    pub(crate) lead: [&'static str; 2],
    /// Reads what stands between `open` and `close`; `None` if that is no call.
    read: fn(&str, &Offer) -> Option<Vec<ToolCall>>,
}

impl ToolDialect {
    /// One that finds nothing: what others are made from.
    const EMPTY: Self = Self {
        name: "",
        signs: &[],
        open: "",
        close: "",
        begins: &[],
        frame: ["", "", ""],
        is_one_block: false,
        around: None,
        lead: ["", ""],
        read: |_, _| None,
    };

    /// True if thoughts and text are messages of one stream.
    pub(crate) fn has_channels(&self) -> bool {
        self.name == harmony::HARMONY.name
    }
}

/// Every dialect, the likeliest sign first. The last one has no sign: it is for templates that know no tools.
pub const TOOL_DIALECTS: &[&ToolDialect] = &[
    &mistral::MISTRAL,
    &harmony::HARMONY,
    &deepseek::DEEPSEEK_V3,
    &deepseek::DEEPSEEK_V31,
    &gemma::FUNCTION_GEMMA,
    &gemma::GEMMA4,
    &glm::GLM,
    &qwen_coder::QWEN_CODER,
    &pythonic::LFM2,
    &pythonic::LLAMA_PYTHONIC,
    &pythonic::TOLD_PYTHONIC,
    &phi::PHI,
    &granite::GRANITE,
    &hermes::HERMES,
    &llama3::LLAMA3,
    &generic::GENERIC,
];

/// The dialect that a template's model speaks.
pub fn dialect_of(template: &str) -> &'static ToolDialect {
    let speaks = |dialect: &&&ToolDialect| dialect.signs.iter().all(|sign| template.contains(sign));
    // The last has no sign, so one is always found.
    TOOL_DIALECTS.iter().find(speaks).copied().unwrap_or(&generic::GENERIC)
}

/// True if the template tells the model of tools itself.
pub fn renders_tools(template: &str) -> bool {
    template.contains("tools")
}

/// The request as its template needs it: without tools where none may be called, and told in words where the template
/// knows none.
pub fn prepared<'r>(r: &'r ChatRequest, renders_tools: bool) -> Cow<'r, ChatRequest> {
    let has_tools = !functions(r.tools.as_ref()).is_empty();
    let speaks = |message: &crate::Message| message.role == "tool" || message.tool_calls.is_some();
    if has_tools && r.tool_choice == ToolChoice::None {
        let without = ChatRequest { tools: None, ..r.clone() };
        let prepared = prepared(&without, renders_tools).into_owned();
        return Cow::Owned(prepared);
    }
    if renders_tools || !has_tools && !r.messages.iter().any(speaks) {
        return Cow::Borrowed(r);
    }
    Cow::Owned(generic::in_words(r))
}

/// `(name, parameters)` of each tool.
fn functions(tools: Option<&Value>) -> Vec<(&str, Value)> {
    tools.and_then(Value::as_array).into_iter().flatten().filter_map(function_of).collect()
}

fn function_of(tool: &Value) -> Option<(&str, Value)> {
    let function = tool.get("function")?;
    let any = || Value::Object(Map::from_iter([("type".to_owned(), "object".into())]));
    let parameters = function.get("parameters").filter(|p| p.is_object()).cloned().unwrap_or_else(any);
    Some((function.get("name")?.as_str()?, parameters))
}

/// The grammar of an answer that must call a tool, and the dialect whose form it has; `None` where it need not.
///
/// Errors: a choice of a tool that is not on offer, parameters that cannot be enforced.
pub fn forced(
    dialect: &'static ToolDialect,
    r: &ChatRequest,
    tokenizer: &dyn Tokenizer,
) -> Result<Option<(Grammar, &'static ToolDialect)>, FrontendError> {
    let all = functions(r.tools.as_ref());
    let chosen: Vec<&(&str, Value)> = match &r.tool_choice {
        ToolChoice::Auto | ToolChoice::None => return Ok(None),
        ToolChoice::Required => all.iter().collect(),
        ToolChoice::Named(name) => all.iter().filter(|(other, _)| other == name).collect(),
    };
    if chosen.is_empty() {
        return Err(FrontendError::invalid("tool_choice", "names a tool that `tools` does not offer"));
    }
    let dialect = if dialect.around.is_some() { dialect } else { &generic::GENERIC };
    let around = dialect.around.expect("the generic form has one");
    // Where a call ends the answer there is one.
    let may_go_on = r.parallel_tool_calls && !dialect.has_channels();
    let several = may_go_on && !matches!(r.tool_choice, ToolChoice::Named(_));
    let [before, between, after] = dialect.frame.map(|text| marked(text, tokenizer));
    let [open, close] = [dialect.open, dialect.close].map(|text| marked(text, tokenizer));
    let more = |what: &str| match several {
        true => format!("({between} {what}){{0,{}}}", MAX_PARALLEL - 1),
        false => String::new(),
    };
    let mut lark = if dialect.is_one_block || dialect.close.is_empty() {
        format!("start: {open} {before} call {} {after} {close}\n", more("call"))
    } else {
        format!("start: block {}\nblock: {open} {before} call {after} {close}\n", more("block"))
    };
    let mut calls = Vec::with_capacity(chosen.len());
    for (index, (name, parameters)) in chosen.iter().enumerate() {
        schema::check(parameters)
            .map_err(|why| FrontendError::invalid("tools", format!("the parameters of `{name}`: {why}")))?;
        let [head, tail] = around(name).map(|text| marked(&text, tokenizer));
        calls.push(format!("{head} a{index} {tail}"));
        // Each schema is a root of its own, so what it refers to is found in it.
        let _ = writeln!(lark, "a{index}: %json {}", schema::with_our_settings(parameters.clone()));
    }
    let _ = writeln!(lark, "call: {}", calls.join(" | "));
    Ok(Some((Grammar::Lark(lark), dialect)))
}

/// A text as grammars write it: marks that are control tokens, which no text can spell, by their numbers.
fn marked(text: &str, tokenizer: &dyn Tokenizer) -> String {
    let mut parts = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(begin) = text[at..].find(['<', '[']).map(|found| at + found) {
        let close = if text[begin..].starts_with('<') { '>' } else { ']' };
        let Some(end) = text[begin..].find(close).map(|found| begin + found + 1) else { break };
        let ids: Vec<TokenId> = tokenizer.encode(&text[begin..end], SpecialText::Parse);
        match ids.as_slice() {
            &[id] if tokenizer.is_control(id) => {
                parts.extend((plain < begin).then(|| quoted(&text[plain..begin])));
                parts.push(format!("<[{id}]>"));
                (plain, at) = (end, end);
            }
            _ => at = begin + 1,
        }
    }
    if plain < text.len() || parts.is_empty() {
        parts.push(quoted(&text[plain..]));
    }
    parts.join(" ")
}

/// What stands around the arguments of a call that is JSON itself.
fn json_call(name: &str, arguments: &str) -> [String; 2] {
    [format!("{{\"name\": {}, \"{arguments}\": ", Value::from(name)), "}".to_owned()]
}

/// A call as JSON has it in most dialects: a name, and arguments under one of two names.
fn call_of(value: &Value) -> Option<ToolCall> {
    let name = value.get("name")?.as_str()?.to_owned();
    let arguments = ["arguments", "parameters"].into_iter().find_map(|key| value.get(key));
    let arguments = match arguments {
        None => "{}".to_owned(),
        Some(Value::Object(fields)) => serde_json::to_string(fields).ok()?,
        // Some models quote it once more.
        Some(Value::String(text)) if serde_json::from_str::<Map<String, Value>>(text).is_ok() => text.clone(),
        Some(_) => return None,
    };
    Some(ToolCall { name, arguments })
}

/// One call, or a list of calls.
fn calls_of(value: &Value) -> Option<Vec<ToolCall>> {
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(call_of).collect(),
        value => Some(vec![call_of(value)?]),
    }
}

#[cfg(test)]
mod tests;
