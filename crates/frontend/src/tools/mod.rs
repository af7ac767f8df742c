//! Tools: how a model is told of them, how it calls them, and how calls are found in what it writes.
//!
//! ```text
//! tools -> the template, or words in the system message where it knows none -> prompt
//! answer text -> Sieve: text | calls            a choice that forces a call -> Grammar
//! ```
//! One file per dialect of models; the template tells which one a model speaks.

mod generic;
mod hermes;
mod llama3;
mod mistral;
mod sieve;

use std::borrow::Cow;
use std::fmt::Write as _;

use gollum_core::TokenId;
use gollum_tokenizer::{SpecialText, Tokenizer};
use serde_json::{Map, Value};

use crate::grammar::{Grammar, quoted, with_our_settings};
use crate::{ChatRequest, FrontendError};
pub(crate) use sieve::ending_that_begins;
pub use sieve::{Sieve, Sieved};

/// Calls in one forced answer at most, where several are wanted.
const MAX_PARALLEL: usize = 8;

/// A call that a model made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// JSON, an object's.
    pub arguments: String,
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
    /// Between `open` and the first call, between calls, and between the last and `close`, as models write them.
    frame: [&'static str; 3],
    /// What the object of the arguments is called.
    arguments: &'static str,
    /// Reads what stands between `open` and `close`; `None` if that is no call.
    read: fn(&str) -> Option<Vec<ToolCall>>,
}

/// Every dialect, the likeliest sign first. The last one has no sign: it is for templates that know no tools.
pub const TOOL_DIALECTS: &[&ToolDialect] =
    &[&mistral::MISTRAL, &hermes::HERMES, &llama3::LLAMA3, &generic::GENERIC];

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

/// The grammar of an answer that must call a tool; `None` where it need not.
///
/// Errors: a choice of a tool that is not on offer.
pub fn forced(
    dialect: &ToolDialect,
    r: &ChatRequest,
    tokenizer: &dyn Tokenizer,
) -> Result<Option<Grammar>, FrontendError> {
    let all = functions(r.tools.as_ref());
    let chosen: Vec<&(&str, Value)> = match &r.tool_choice {
        ToolChoice::Auto | ToolChoice::None => return Ok(None),
        ToolChoice::Required => all.iter().collect(),
        ToolChoice::Named(name) => all.iter().filter(|(other, _)| other == name).collect(),
    };
    if chosen.is_empty() {
        return Err(FrontendError::invalid("tool_choice", "names a tool that `tools` does not offer"));
    }
    let several = r.parallel_tool_calls && !matches!(r.tool_choice, ToolChoice::Named(_));
    let [before, between, after] = dialect.frame.map(quoted);
    let open = opening(dialect.open, tokenizer);
    let block = if dialect.close.is_empty() {
        let more =
            if several { format!("({between} call){{0,{}}}", MAX_PARALLEL - 1) } else { String::new() };
        format!("{open} {before} call {more} {after}")
    } else {
        format!("{open} {before} call {after} {}", opening(dialect.close, tokenizer))
    };
    let mut lark = match several && !dialect.close.is_empty() {
        true => format!("start: block ({between} block){{0,{}}}\nblock: {block}\n", MAX_PARALLEL - 1),
        false => format!("start: {block}\n"),
    };
    let mut calls = Vec::with_capacity(chosen.len());
    for (index, (name, parameters)) in chosen.iter().enumerate() {
        let head = format!("{{\"name\": {}, \"{}\": ", Value::from(*name), dialect.arguments);
        calls.push(format!("{} a{index} \"}}\"", quoted(&head)));
        // Each schema is a root of its own, so what it refers to is found in it.
        let _ = writeln!(lark, "a{index}: %json {}", with_our_settings(parameters.clone()));
    }
    let _ = writeln!(lark, "call: {}", calls.join(" | "));
    Ok(Some(Grammar::Lark(lark)))
}

/// A mark as grammars write it: by its number if it is a control token, which no text can spell.
fn opening(mark: &str, tokenizer: &dyn Tokenizer) -> String {
    let ids: Vec<TokenId> = tokenizer.encode(mark, SpecialText::Parse);
    match ids.as_slice() {
        &[id] if tokenizer.is_control(id) => format!("<[{id}]>"),
        _ => quoted(mark),
    }
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
