//! Prompts as they stand: text or token ids, one or several.

use gollum_core::TokenId;
use gollum_frontend::Prompt;
use serde_json::value::RawValue;

use super::fields::Fields;
use super::settings::ids_of;
use super::shape::Shape;
use crate::error::ApiError;
use crate::limits;

/// A string, a list of strings, a list of ids, or a list of lists of ids; of strings and lists at most `max`.
pub fn shapes(max: usize) -> [Shape; 4] {
    let ids = Shape::list(limits::MAX_PROMPT_IDS, Shape::Integer(0..=i64::from(TokenId::MAX)));
    [Shape::TEXT, Shape::list(max, Shape::TEXT), ids.clone(), Shape::list(max, ids)]
}

/// The prompts of `prompt`. Errors: 400 for one that is not there, too.
pub fn prompts(fields: &mut Fields<'_>) -> Result<Vec<Prompt>, ApiError> {
    const SHAPES: &str = "a string, a list of strings, a list of token ids, or a list of such lists";
    let raw = fields.take("prompt", &shapes(limits::MAX_N)).ok_or_else(|| fields.missing("prompt"))?;
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
        b'[' => items.into_iter().map(|item| Ok(Prompt::Tokens(ids(fields, item, SHAPES)?))).collect(),
        _ => Ok(vec![Prompt::Tokens(ids(fields, raw, SHAPES)?)]),
    }
}

fn ids(fields: &Fields<'_>, raw: &RawValue, what: &str) -> Result<Vec<TokenId>, ApiError> {
    ids_of(fields, "prompt", raw, what)
}
