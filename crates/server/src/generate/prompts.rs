//! Prompts as they stand: text or token ids, one or several.

use gollum_core::TokenId;
use gollum_frontend::Prompt;
use serde_json::value::RawValue;

use super::fields::Fields;
use super::settings::ids_of;
use crate::error::ApiError;
use crate::limits;

/// A string, a list of strings, a list of ids, or a list of lists of ids.
pub fn prompts<'a>(fields: &Fields<'a>, raw: &'a RawValue) -> Result<Vec<Prompt>, ApiError> {
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
        b'[' => items.into_iter().map(|item| Ok(Prompt::Tokens(ids(fields, item, SHAPES)?))).collect(),
        _ => Ok(vec![Prompt::Tokens(ids(fields, raw, SHAPES)?)]),
    }
}

fn ids(fields: &Fields<'_>, raw: &RawValue, what: &str) -> Result<Vec<TokenId>, ApiError> {
    ids_of(fields, "prompt", raw, what)
}
