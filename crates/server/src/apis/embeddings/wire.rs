//! `/v1/embeddings` on the wire: the request, and the objects of its answer.

use gollum_core::TokenId;
use gollum_frontend::{MAX_INPUTS, Prompt};
use serde::Serialize;
use serde_json::value::RawValue;

use super::base64;
use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::fields::Neutral::{self, Bool, Null, Number};
use crate::generate::prompts::shapes;
use crate::generate::settings::{ids_of, priority};
use crate::limits;

/// Fields that others define, and that would change the result.
const REFUSED: &[(&str, Neutral)] = &[
    ("add_special_tokens", Bool(true)),
    // llama-server's norms: 2 is the Euclidean one.
    ("embd_normalize", Number(2.0)),
    ("messages", Null),
    ("normalize", Bool(true)),
    ("truncate_prompt_tokens", Null),
    ("use_activation", Bool(true)),
];

/// How embeddings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A list of numbers.
    Float,
    /// Base64 of little-endian f32.
    Base64,
}

/// A valid request.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddingBody {
    /// The model asked for.
    pub model: Option<String>,
    /// At least one.
    pub inputs: Vec<Prompt>,
    /// Values to keep.
    pub dimensions: Option<usize>,
    /// How embeddings are written.
    pub encoding: Encoding,
    /// Larger runs earlier.
    pub priority: i32,
    /// Names of fields that nobody defines.
    pub ignored: Vec<String>,
}

impl EmbeddingBody {
    /// Parses a body. Errors: 400 naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
        let encoding = match fields.word("encoding_format", &["float", "base64"])? {
            Some("base64") => Encoding::Base64,
            _ => Encoding::Float,
        };
        let dimensions = fields.integer("dimensions", 1..=i64::from(i32::MAX))?;
        let priority = priority(&mut fields)?;
        fields.refuse(REFUSED)?;
        let raw = fields.take("input", &shapes(MAX_INPUTS)).ok_or_else(|| fields.missing("input"))?;
        let inputs = inputs(&fields, raw)?;
        let mut ignored = Vec::new();
        fields.ignored_into(&mut ignored);
        let dimensions = dimensions.and_then(|n| usize::try_from(n).ok());
        Ok(Self { model, inputs, dimensions, encoding, priority, ignored })
    }
}

/// A string, a list of strings, a list of ids, or a list of lists of ids.
fn inputs<'a>(fields: &Fields<'a>, raw: &'a RawValue) -> Result<Vec<Prompt>, ApiError> {
    const SHAPES: &str = "a string, a list of strings, a list of token ids, or a list of such lists";
    if raw.get().starts_with('"') {
        return Ok(vec![text(fields, "input", raw)?]);
    }
    if !raw.get().starts_with('[') {
        return Err(fields.invalid("input", format!("must be {SHAPES}")));
    }
    let items = fields.list_of("input", raw, limits::MAX_PROMPT_IDS)?;
    let first = items.first().ok_or_else(|| fields.invalid("input", "must not be empty"))?;
    match first.get().as_bytes()[0] {
        b'"' | b'[' if items.len() > MAX_INPUTS => {
            let message = format!("has {} entries, the limit is {MAX_INPUTS}", items.len());
            Err(fields.invalid("input", message))
        }
        b'"' => items
            .into_iter()
            .enumerate()
            .map(|(at, item)| text(fields, &format!("input[{at}]"), item))
            .collect(),
        b'[' => items.into_iter().map(|item| Ok(Prompt::Tokens(ids(fields, item)?))).collect(),
        _ => Ok(vec![Prompt::Tokens(ids(fields, raw)?)]),
    }
}

fn text<'a>(fields: &Fields<'a>, name: &str, raw: &'a RawValue) -> Result<Prompt, ApiError> {
    let text: String = fields.read(name, raw, "a string")?;
    if text.is_empty() {
        return Err(fields.invalid(name, "must not be an empty string"));
    }
    Ok(Prompt::Text(text))
}

fn ids(fields: &Fields<'_>, raw: &RawValue) -> Result<Vec<TokenId>, ApiError> {
    ids_of(fields, "input", raw, "a list of token ids")
}

/// `list`.
#[derive(Serialize)]
struct Answer<'a> {
    object: &'static str,
    data: Vec<Item<'a>>,
    model: &'a str,
    usage: Usage,
}

/// `embedding`.
#[derive(Serialize)]
struct Item<'a> {
    object: &'static str,
    index: usize,
    embedding: Values<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    Numbers(&'a [f32]),
    Packed(String),
}

/// `usage` where nothing is generated.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Usage {
    /// Tokens of all inputs.
    pub prompt_tokens: usize,
    /// The same.
    pub total_tokens: usize,
}

impl Usage {
    /// Of inputs with this many tokens in all.
    pub fn of(input_tokens: usize) -> Self {
        Self { prompt_tokens: input_tokens, total_tokens: input_tokens }
    }
}

/// The answer's object.
pub fn answer<'a>(
    model: &'a str,
    results: &'a [Vec<f32>],
    encoding: Encoding,
    input_tokens: usize,
) -> impl Serialize + 'a {
    let item = |(index, values): (usize, &'a Vec<f32>)| Item {
        object: "embedding",
        index,
        embedding: match encoding {
            Encoding::Float => Values::Numbers(values),
            Encoding::Base64 => Values::Packed(base64::encode(values)),
        },
    };
    let data = results.iter().enumerate().map(item).collect();
    Answer { object: "list", data, model, usage: Usage::of(input_tokens) }
}
