//! `/v1/completions`: the request, and the objects of its answers.

use gollum_frontend::Prompt;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::chat::response_format;
use super::fields::Fields;
use super::generation::{self, Common, Dialect, ids_of};
use super::known;
use crate::error::ApiError;
use crate::limits;

/// A valid completion request.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionBody {
    /// At least one; times `n` at most [`limits::MAX_N`].
    pub prompts: Vec<Prompt>,
    /// Repeat the prompt before the answer, with its log-probabilities if any are asked for.
    pub echo: bool,
    /// Everything else.
    pub common: Common,
    /// Names of fields that nobody defines.
    pub ignored: Vec<String>,
}

/// OpenAI generates 16 tokens if no `max_tokens` is given.
const DIALECT: Dialect = Dialect { default_max_tokens: Some(16), may_only_read: true };

impl CompletionBody {
    /// Parses a body. Errors: 400 naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let mut common = Common::read(&mut fields, DIALECT)?;
        let own = fields.integer("logprobs", 0..=limits::MAX_TOP_LOGPROBS)?;
        let own = own.and_then(|top| u8::try_from(top).ok());
        common.sampling.logprobs = generation::logprobs(&mut fields, own)?;
        let echo = fields.boolean("echo")?.unwrap_or(false);
        if common.max_tokens == Some(0) && !echo {
            return Err(fields.invalid("max_tokens", "must be at least 1, or 0 together with `echo`"));
        }
        response_format(&mut fields)?;
        fields.refuse(known::COMPLETIONS)?;
        let raw = fields.take("prompt").ok_or_else(|| fields.missing("prompt"))?;
        let prompts = prompts(&fields, raw)?;
        if prompts.len() * common.n > limits::MAX_N {
            let message = format!(
                "times `n` gives {} answers, the limit is {}",
                prompts.len() * common.n,
                limits::MAX_N
            );
            return Err(fields.invalid("prompt", message));
        }
        let mut ignored = std::mem::take(&mut common.ignored);
        fields.ignored_into(&mut ignored);
        Ok(Self { prompts, echo, common, ignored })
    }
}

/// A string, a list of strings, a list of ids, or a list of lists of ids.
fn prompts<'a>(fields: &Fields<'a>, raw: &'a RawValue) -> Result<Vec<Prompt>, ApiError> {
    const SHAPES: &str = "a string, a list of strings, a list of token ids, or a list of such lists";
    if raw.get().starts_with('"') {
        return Ok(vec![Prompt::Text(fields.read("prompt", raw, SHAPES)?)]);
    }
    if !raw.get().starts_with('[') {
        return Err(fields.invalid("prompt", format!("must be {SHAPES}")));
    }
    let items = fields.list_of("prompt", raw, limits::MAX_PROMPT_IDS)?;
    let first = items.first().ok_or_else(|| fields.invalid("prompt", "must not be empty"))?;
    match first.get().as_bytes()[0] {
        b'"' | b'[' if items.len() > limits::MAX_N => {
            let message = format!("has {} prompts, the limit is {}", items.len(), limits::MAX_N);
            Err(fields.invalid("prompt", message))
        }
        b'"' => {
            items.into_iter().map(|item| Ok(Prompt::Text(fields.read("prompt", item, SHAPES)?))).collect()
        }
        b'[' => items
            .into_iter()
            .map(|item| Ok(Prompt::Tokens(ids_of(fields, "prompt", item, SHAPES)?)))
            .collect(),
        _ => Ok(vec![Prompt::Tokens(ids_of(fields, "prompt", raw, SHAPES)?)]),
    }
}

/// `text_completion`, whole or a chunk of a stream.
#[derive(Serialize)]
pub struct Completion<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created: u64,
    pub model: &'a str,
    pub choices: Vec<CompletionChoice>,
    /// Absent in chunks without `include_usage`; `null` in those with it, but for the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Option<super::Usage>>,
}

/// One answer, or what a chunk adds to it.
#[derive(Serialize)]
pub struct CompletionChoice {
    pub index: usize,
    pub text: String,
    pub logprobs: Option<CompletionLogprobs>,
    pub finish_reason: Option<&'static str>,
    pub stop_reason: Option<String>,
}

/// Log-probabilities in the shape of the older API: four lists of equal length.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CompletionLogprobs {
    pub tokens: Vec<String>,
    /// `null` for the first token of an echoed prompt, like its entry in the next list.
    pub token_logprobs: Vec<Option<f32>>,
    pub top_logprobs: Vec<Option<TopLogprobs>>,
    /// Characters before each token, in the answer's text; of a token inside a character, before that character.
    pub text_offset: Vec<usize>,
}

/// The chosen token and the best ones at its place, by their text: an object, most likely first. Keys are unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopLogprobs(pub Vec<(String, f32)>);

impl Serialize for TopLogprobs {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_map(self.0.iter().map(|(text, logprob)| (text, logprob)))
    }
}

impl CompletionChoice {
    /// A choice that says only `text`.
    pub fn new(index: usize, text: String) -> Self {
        Self { index, text, logprobs: None, finish_reason: None, stop_reason: None }
    }
}

impl CompletionLogprobs {
    /// Adds the lists of a later delta.
    pub fn append(&mut self, mut more: Self) {
        self.tokens.append(&mut more.tokens);
        self.token_logprobs.append(&mut more.token_logprobs);
        self.top_logprobs.append(&mut more.top_logprobs);
        self.text_offset.append(&mut more.text_offset);
    }
}
