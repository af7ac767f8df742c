//! How a model may think before it answers: what becomes of its thoughts, how many tokens of them, and what its template
//! is told. Thoughts are told apart unless a client wants them in the text.

use gollum_frontend::{Reasoning, Thoughts};
use serde_json::{Map, Value};

use super::fields::Fields;
use crate::error::ApiError;
use crate::limits;

/// What the fields say, with OpenAI's names, vLLM's, SGLang's and llama-server's.
pub fn read(fields: &mut Fields<'_>, kwargs: &mut Map<String, Value>) -> Result<Reasoning, ApiError> {
    if let Some(thinks) = fields.boolean("enable_thinking")? {
        kwargs.entry("enable_thinking").or_insert(thinks.into());
    }
    if let Some(effort) = fields.string("reasoning_effort", limits::MAX_NAME_BYTES)? {
        tell_effort(kwargs, effort);
    }
    let names = ["thinking_budget_tokens", "thinking_token_budget", "reasoning_budget", "thinking_budget"];
    let budget =
        super::settings::one_of(fields, names, |fields, name| fields.integer(name, -1..=limits::MAX_TOKENS))?;
    // -1 is "as much as it likes".
    let budget = budget.and_then(|budget| usize::try_from(budget).ok());
    if budget == Some(0) {
        kwargs.entry("enable_thinking").or_insert(false.into());
    }
    let mut thoughts = match fields.word("reasoning_format", &["auto", "none", "deepseek"])? {
        Some("none") => Thoughts::Inline,
        Some("deepseek") => Thoughts::ApartAnyway,
        _ => Thoughts::Apart,
    };
    let includes = fields.boolean("include_reasoning")?.unwrap_or(true);
    if !includes || !fields.boolean("separate_reasoning")?.unwrap_or(true) {
        thoughts = if includes { Thoughts::Inline } else { Thoughts::Hidden };
    }
    Ok(Reasoning { thoughts, budget })
}

/// How much to think is the template's to say to the model: those that know it read `reasoning_effort`, or
/// `enable_thinking`. `chat_template_kwargs` of the same names go first.
pub fn tell_effort(kwargs: &mut Map<String, Value>, effort: String) {
    if effort == "none" {
        kwargs.entry("enable_thinking").or_insert(false.into());
    }
    kwargs.entry("reasoning_effort").or_insert(effort.into());
}
