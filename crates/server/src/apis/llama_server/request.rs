//! The request of `/completion`, parsed.

use crate::error::ApiError;
use crate::generate::ask::{Ask, Input};
use crate::generate::fields::Fields;
use crate::generate::known;
use crate::generate::prompts::prompts;
use crate::generate::settings::{self, Common, Route};
use crate::limits;

/// As long as the context allows.
const ROUTE: Route = Route { default_max_tokens: None, may_only_read: true };
/// Names in `response_fields` at most.
const MAX_RESPONSE_FIELDS: usize = 64;

/// What the writer of the answer needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// The ids beside the text.
    pub with_tokens: bool,
    /// Alternatives beside each token.
    pub with_probs: bool,
    /// `n_predict: 0`: the prompt is computed, and nothing shown.
    pub only_reads: bool,
    /// The fields that the client wants to see at the end; all, if it names none.
    pub response_fields: Vec<String>,
}

/// Parses a body. Errors: 400 naming the field.
pub fn parse(body: &[u8]) -> Result<(Ask, Wishes), ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut common = Common::read(&mut fields, ROUTE)?;
    let mut ignored = std::mem::take(&mut common.ignored);
    common.sampling.logprobs = settings::logprobs(&mut fields, None)?;
    let only_reads = common.max_tokens == Some(0);
    if only_reads {
        // The engine's least: the row that it follows from is the prompt's last, which is computed anyway.
        common.max_tokens = Some(1);
    }
    let mut response_fields = Vec::new();
    for item in fields.list("response_fields", MAX_RESPONSE_FIELDS)?.unwrap_or_default() {
        response_fields.push(fields.read("response_fields", item, "a list of strings")?);
    }
    fields.refuse(known::COMPLETIONS)?;
    let raw = fields.take("prompt").ok_or_else(|| fields.missing("prompt"))?;
    let prompts = prompts(&fields, raw)?;
    if prompts.len() * common.n > limits::MAX_N {
        let message = format!("times `n` must be at most {}", limits::MAX_N);
        return Err(fields.invalid("prompt", message));
    }
    let wishes = Wishes {
        with_tokens: fields.boolean("return_tokens")?.unwrap_or(false),
        with_probs: common.sampling.logprobs.is_some(),
        only_reads,
        response_fields,
    };
    fields.ignored_into(&mut ignored);
    Ok((Ask { common, input: Input::Prompts { prompts, echo: false }, ignored }, wishes))
}
