//! `/v1/rerank` on the wire: the request, and the objects of its answer.

use gollum_frontend::MAX_INPUTS;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::wire::Usage;
use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::fields::Neutral::{self, Null};
use crate::generate::settings::priority;
use crate::limits;

/// Fields that others define, and that would change the result.
const REFUSED: &[(&str, Neutral)] =
    &[("max_chunks_per_doc", Null), ("max_tokens_per_doc", Null), ("truncate_prompt_tokens", Null)];

/// A valid request.
#[derive(Clone, Debug, PartialEq)]
pub struct RerankBody {
    /// The model asked for.
    pub model: Option<String>,
    /// What is looked for.
    pub query: String,
    /// Where; at least one.
    pub documents: Vec<String>,
    /// Best documents to tell; all if it is absent.
    pub top_n: usize,
    /// Repeat the documents' text.
    pub return_documents: bool,
    /// Larger runs earlier.
    pub priority: i32,
    /// Names of fields that nobody defines.
    pub ignored: Vec<String>,
}

impl RerankBody {
    /// Parses a body. Errors: 400 naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
        let query = fields.string("query", usize::MAX)?.ok_or_else(|| fields.missing("query"))?;
        if query.is_empty() {
            return Err(fields.invalid("query", "must not be empty"));
        }
        let top_n = fields.integer("top_n", 1..=i64::from(i32::MAX))?;
        let return_documents = fields.boolean("return_documents")?.unwrap_or(false);
        let priority = priority(&mut fields)?;
        fields.refuse(REFUSED)?;
        // Text Embeddings Inference calls them `texts`.
        let name = if fields.has("documents") { "documents" } else { "texts" };
        let items = fields.list(name, MAX_INPUTS)?.ok_or_else(|| fields.missing("documents"))?;
        if items.is_empty() {
            return Err(fields.invalid(name, "must not be empty"));
        }
        let document = |(at, item)| document(&fields, &format!("{name}[{at}]"), item);
        let documents = items.into_iter().enumerate().map(document).collect::<Result<_, _>>()?;
        let mut ignored = Vec::new();
        fields.ignored_into(&mut ignored);
        let top_n = top_n.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        Ok(Self { model, query, documents, top_n, return_documents, priority, ignored })
    }
}

/// A string, or an object with one under `text`.
fn document<'a>(fields: &Fields<'a>, name: &str, raw: &'a RawValue) -> Result<String, ApiError> {
    if raw.get().starts_with('{') {
        let mut object = fields.object_of(name, raw)?;
        return object.string("text", usize::MAX)?.ok_or_else(|| object.missing("text"));
    }
    fields.string_of(name, raw, "a string, or an object with a `text`")
}

#[derive(Serialize)]
struct Answer<'a> {
    object: &'static str,
    model: &'a str,
    results: Vec<Item<'a>>,
    usage: Usage,
}

#[derive(Serialize)]
struct Item<'a> {
    index: usize,
    relevance_score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Document<'a>>,
}

#[derive(Serialize)]
struct Document<'a> {
    text: &'a str,
}

/// The answer's object: the best first, equals in the order they came.
pub fn answer<'a>(
    model: &'a str,
    scores: &[f32],
    top_n: usize,
    documents: Option<&'a [String]>,
    input_tokens: usize,
) -> impl Serialize + 'a {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let item = |index: usize| Item {
        index,
        relevance_score: scores[index],
        document: documents.map(|documents| Document { text: &documents[index] }),
    };
    let results = order.into_iter().take(top_n).map(item).collect();
    Answer { object: "list", model, results, usage: Usage::of(input_tokens) }
}
