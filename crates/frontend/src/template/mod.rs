//! Chat templates: Jinja text from a model file, which nobody vouches for, made into a prompt within fixed limits.
//!
//! ```text
//! source -> compile once (size, nesting)  -> render per request (fuel, bytes, recursion) -> text
//! ```
//! Fuel pays for instructions and for bytes made or read (64 a unit), so it bounds time and memory together. A
//! template can call the functions given here and nothing else: there is no file, no environment, no import,
//! no attribute of the host language.

mod date;
mod defaults;
mod json;
mod python;
mod scan;
mod worker;

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, ErrorKind, Value};

use crate::{ChatRequest, FrontendError, Message};
pub(crate) use defaults::default_template;
use worker::Worker;

/// Bytes of template source at most. The largest templates in use have some 20 KiB.
pub const MAX_SOURCE_BYTES: usize = 256 << 10;
/// Fuel of a render, beside what the request's own size adds: some 2 ms, or 1.3 MB. Small, because what minijinja
/// does for free (see `worker`) is bounded by the size of the strings that fuel can make, times the fuel left.
pub const BASE_FUEL: u64 = 20_000;
/// Fuel that each message adds.
pub const MESSAGE_FUEL: u64 = 400;
/// Bytes of the request that add one unit of fuel: its text may be copied 32 times over, or searched 8 times.
pub const BYTES_PER_FUEL: usize = 2;
/// Fuel that a request's size adds at most.
pub const MAX_EXTRA_FUEL: u64 = 1_000_000;
/// Bytes of a rendered prompt at most, beside twice those of the request.
pub const BASE_OUTPUT_BYTES: usize = 1 << 20;
/// Nesting of macros and recursive loops at most, in minijinja's measure; fits a 2 MiB stack in debug builds.
const RECURSION_LIMIT: usize = 200;

/// Stack of a compilation, whose tree is as deep as a chain such as `1+1+1+..` is long. Reserved, and touched
/// only as far as needed.
const COMPILE_STACK_BYTES: usize = 64 << 20;
/// Stack of a render without any work.
const MIN_STACK_BYTES: usize = 2 << 20;
/// Stack that each unit of fuel can come to need: a loop can wrap a list in a list, some five units a time, and
/// dropping, comparing or printing the result recurses into each.
const STACK_BYTES_PER_FUEL: usize = 200;

/// Variables and functions that the template has already: no request may replace them.
const RESERVED: &[&str] = &[
    "messages",
    "tools",
    "documents",
    "add_generation_prompt",
    "continue_final_message",
    "bos_token",
    "eos_token",
    "pad_token",
    "unk_token",
    "chat_template",
    "template",
    "tokenize",
    "tokenizer",
    "conversation",
    "raise_exception",
    "strftime_now",
    "namespace",
    "range",
    "dict",
    "debug",
    "loop",
    "self",
    "super",
    "caller",
    "true",
    "false",
    "none",
    "True",
    "False",
    "None",
];

/// What went wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The source is not a template that can run here. The model file's fault.
    #[error("the model's chat template cannot be used: {message}")]
    Source {
        /// What is wrong, with the line.
        message: String,
    },
    /// The template refuses the conversation (`raise_exception`), such as two user messages in a row.
    #[error("the chat template refuses the conversation: {message}")]
    Raised {
        /// What it says.
        message: String,
    },
    /// The template stumbled: an unknown function, an operation on the wrong type.
    #[error("the chat template failed: {message}")]
    Render {
        /// What happened, with the line.
        message: String,
    },
    /// A limit was reached; the template is hostile or the conversation far too long.
    #[error("template_limit: the chat template exceeds the limit of {what}")]
    Limit {
        /// Which limit.
        what: &'static str,
    },
}

impl TemplateError {
    /// True if another conversation could succeed.
    pub fn is_request_fault(&self) -> bool {
        !matches!(self, Self::Source { .. })
    }
}

/// The text of special tokens that templates use.
#[derive(Clone, Debug, Default)]
pub struct TemplateTokens {
    /// `bos_token`; empty if the model has none.
    pub bos: String,
    /// `eos_token`.
    pub eos: String,
    /// `pad_token`.
    pub pad: String,
    /// `unk_token`.
    pub unk: String,
}

/// What a render cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderCost {
    /// Fuel used.
    pub fuel: u64,
    /// Fuel that was there.
    pub budget: u64,
}

/// A compiled template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    special: TemplateTokens,
    worker: Worker,
}

const NAME: &str = "chat";
/// How Llama 3's templates write the date that they call `date_string`.
const DATE_STRING: &str = "%d %b %Y";

impl ChatTemplate {
    /// Compiles. Errors: [`TemplateError::Source`], [`TemplateError::Limit`].
    pub fn new(source: &str, special: TemplateTokens) -> Result<Self, TemplateError> {
        if source.len() > MAX_SOURCE_BYTES {
            return Err(TemplateError::Limit { what: "source bytes" });
        }
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|e| TemplateError::Source { message: e.to_string() })?);
        environment.set_recursion_limit(RECURSION_LIMIT);
        environment.set_unknown_method_callback(python::method);
        environment.set_formatter(python::format);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.add_function("raise_exception", raise_exception);
        environment.add_filter("tojson", json::tojson);
        environment.remove_global("debug");
        // Quadratic in depth, and for people who debug.
        environment.remove_filter("pprint");
        let source = without_generation_tags(source);
        scan::check(&source)?;
        let worker = Worker::default();
        let environment = worker.run(COMPILE_STACK_BYTES, move || {
            let compiled = environment.add_template_owned(NAME, source).map(|()| environment);
            compiled.map_err(|error| describe(&error, |message| TemplateError::Source { message }))
        })??;
        Ok(Self { environment, special, worker })
    }

    /// Renders a conversation. `now_unix` is what `strftime_now` tells, in seconds since 1970, UTC.
    pub fn render(
        &self,
        request: &ChatRequest,
        now_unix: u64,
    ) -> Result<(String, RenderCost), FrontendError> {
        let (variables, bytes) = self.variables(request, now_unix)?;
        let messages = request.messages.len() as u64 * MESSAGE_FUEL;
        let budget = BASE_FUEL + messages + ((bytes / BYTES_PER_FUEL) as u64).min(MAX_EXTRA_FUEL);
        let stack_bytes = MIN_STACK_BYTES + budget as usize * STACK_BYTES_PER_FUEL;
        let mut environment = self.environment.clone();
        environment.set_fuel(Some(budget));
        environment.add_function("strftime_now", move |format: &str| date::strftime(format, now_unix));
        let output_limit = BASE_OUTPUT_BYTES + 2 * bytes;
        let rendered =
            self.worker.run(stack_bytes, move || render_here(&environment, variables, output_limit))?;
        let (text, fuel) = rendered?;
        Ok((text, RenderCost { fuel, budget }))
    }

    /// The template's variables, and the bytes of text that the request brings.
    fn variables(&self, r: &ChatRequest, now_unix: u64) -> Result<(Value, usize), FrontendError> {
        let mut bytes = 0;
        let today = date::strftime(DATE_STRING, now_unix);
        let today = today.map_err(|error| TemplateError::Render { message: error.to_string() })?;
        let messages: Vec<Value> = r.messages.iter().map(|m| message(m, &mut bytes)).collect();
        let tools = r.tools.as_ref().filter(|t| !t.is_null());
        let mut all = vec![
            ("messages".to_owned(), Value::from(messages)),
            ("tools".into(), tools.map_or(Value::from(()), |t| from_json(t, &mut bytes))),
            ("documents".into(), Value::from(())),
            ("add_generation_prompt".into(), Value::from(r.add_generation_prompt)),
            ("bos_token".into(), Value::from(self.special.bos.as_str())),
            ("eos_token".into(), Value::from(self.special.eos.as_str())),
            ("pad_token".into(), Value::from(self.special.pad.as_str())),
            ("unk_token".into(), Value::from(self.special.unk.as_str())),
            // A request may set another one.
            ("date_string".into(), Value::from(today)),
        ];
        check_names(&r.template_kwargs)?;
        all.extend(
            r.template_kwargs.iter().map(|(name, value)| (name.clone(), from_json(value, &mut bytes))),
        );
        Ok((Value::from_pairs(all), bytes))
    }
}

fn check_names(kwargs: &serde_json::Map<String, serde_json::Value>) -> Result<(), FrontendError> {
    match kwargs.keys().find(|name| RESERVED.contains(&name.as_str()) || name.starts_with("__")) {
        None => Ok(()),
        Some(name) => {
            let param = format!("chat_template_kwargs.{name}");
            Err(FrontendError::invalid(param, "is reserved and cannot be set by a request"))
        }
    }
}

/// Whether these can be variables of a template: at most [`MAX_TEMPLATE_KWARGS`], none of the template's own names.
pub fn check_template_kwargs(
    kwargs: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), FrontendError> {
    crate::validate::template_kwargs(kwargs)?;
    check_names(kwargs)
}

/// Renders on this thread: the text, and the fuel used.
fn render_here(
    environment: &Environment<'static>,
    variables: Value,
    output_limit: usize,
) -> Result<(String, u64), TemplateError> {
    let mut output = Bounded { bytes: Vec::new(), limit: output_limit, full: false };
    let rendered = environment
        .get_template(NAME)
        .and_then(|template| template.render_captured_to(variables, &mut output))
        .map(|captured| captured.state().fuel_levels().map_or(0, |(used, _)| used));
    match rendered {
        Ok(fuel) => {
            let text = String::from_utf8(output.bytes).expect("minijinja writes whole strings");
            Ok((text, fuel))
        }
        Err(_) if output.full => Err(TemplateError::Limit { what: "output bytes" }),
        Err(error) => Err(describe(&error, |message| TemplateError::Render { message })),
    }
}

/// Seconds since 1970, for [`ChatTemplate::render`].
pub fn now_unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// A message as templates expect it: absent fields are absent, arguments of calls are values.
fn message(m: &Message, bytes: &mut usize) -> Value {
    let mut fields = vec![("role", text(&m.role, bytes)), ("content", text(&m.content, bytes))];
    let optional =
        [("name", &m.name), ("tool_call_id", &m.tool_call_id), ("reasoning_content", &m.reasoning_content)];
    for (name, value) in optional {
        if let Some(value) = value {
            fields.push((name, text(value, bytes)));
        }
    }
    if let Some(calls) = m.tool_calls.as_ref().filter(|calls| !calls.is_null()) {
        fields.push(("tool_calls", from_json(&with_parsed_arguments(calls), bytes)));
    }
    Value::from_pairs(fields)
}

fn text(text: &str, bytes: &mut usize) -> Value {
    *bytes += text.len();
    Value::from(text)
}

/// OpenAI sends arguments as JSON in a string; templates were written for the value.
pub(crate) fn with_parsed_arguments(calls: &serde_json::Value) -> serde_json::Value {
    let mut calls = calls.clone();
    for call in calls.as_array_mut().into_iter().flatten() {
        let Some(arguments) = call.pointer_mut("/function/arguments") else { continue };
        if let Some(object) = arguments.as_str().and_then(|text| serde_json::from_str(text).ok())
            && matches!(object, serde_json::Value::Object(_))
        {
            *arguments = object;
        }
    }
    calls
}

/// A JSON value, which serde_json has bounded in depth when it parsed it.
fn from_json(json: &serde_json::Value, bytes: &mut usize) -> Value {
    use serde_json::Value as Json;
    *bytes += 8;
    match json {
        Json::String(s) => text(s, bytes),
        Json::Array(items) => items.iter().map(|item| from_json(item, bytes)).collect(),
        Json::Object(fields) => {
            let pairs: Vec<(Value, Value)> =
                fields.iter().map(|(name, field)| (text(name, bytes), from_json(field, bytes))).collect();
            Value::from_pairs(pairs)
        }
        Json::Null => Value::from(()),
        Json::Bool(b) => Value::from(*b),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(n), _) => Value::from(n),
            (None, Some(n)) => Value::from(n),
            (None, None) => Value::from(n.as_f64()),
        },
    }
}

/// The marker of an error that the template raised on purpose.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct RaisedByTemplate(String);

fn raise_exception(message: String, _rest: Kwargs) -> Result<Value, minijinja::Error> {
    let error = minijinja::Error::new(ErrorKind::InvalidOperation, message.clone());
    Err(error.with_source(RaisedByTemplate(message)))
}

fn describe(error: &minijinja::Error, other: impl FnOnce(String) -> TemplateError) -> TemplateError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(current) = cause {
        if let Some(raised) = current.downcast_ref::<RaisedByTemplate>() {
            return TemplateError::Raised { message: raised.0.clone() };
        }
        if current.downcast_ref::<minijinja::Error>().is_some_and(|e| e.kind() == ErrorKind::OutOfFuel) {
            return TemplateError::Limit { what: "work (fuel)" };
        }
        cause = current.source();
    }
    let message = error.to_string();
    if message.contains("recursion limit") {
        return TemplateError::Limit { what: "nesting" };
    }
    other(message)
}

/// HF's `{% generation %}` marks what to train on and has no effect on the text: an `if true` in our dialect.
fn without_generation_tags(source: &str) -> String {
    let mut text = source.to_owned();
    for (tag, replacement) in [("generation", "if true"), ("endgeneration", "endif")] {
        for (open, close) in [("{%", "%}"), ("{%-", "-%}"), ("{%-", "%}"), ("{%", "-%}")] {
            let spelled = format!("{open} {tag} {close}");
            if text.contains(&spelled) {
                text = text.replace(&spelled, &format!("{open} {replacement} {close}"));
            }
        }
    }
    text
}

/// A writer that is full at some point.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl io::Write for &mut Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::Error::other("the prompt is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
