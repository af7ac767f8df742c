//! The form that an answer is asked to have, by the names of OpenAI, vLLM, SGLang and llama-server. It is enforced, or the
//! request refused: never left open.

use gollum_frontend::{Grammar, MAX_CHOICES, MAX_GRAMMAR_BYTES};

use super::fields::{Fields, Neutral};
use super::shape::Shape;
use crate::error::ApiError;
use crate::limits;

/// A grammar, and the field that asks for it.
pub type Asked = (Grammar, String);

/// How an answer's form is asked for, in all of OpenAI's APIs.
pub const KINDS: &[&str] = &["text", "json_object", "json_schema"];

/// What `response_format` and its siblings ask for; two of them at once exclude each other.
pub fn grammar(fields: &mut Fields<'_>) -> Result<Option<Asked>, ApiError> {
    let mut found: Option<Asked> = None;
    let asked = [
        response_format(fields)?,
        schema(fields, "json_schema")?,
        schema(fields, "guided_json")?,
        text(fields, "regex", Grammar::Regex)?,
        text(fields, "guided_regex", Grammar::Regex)?,
        text(fields, "grammar", by_look)?,
        text(fields, "ebnf", by_look)?,
        text(fields, "guided_grammar", by_look)?,
        choice(fields, "guided_choice")?,
        structured_outputs(fields)?,
    ];
    for (grammar, name) in asked.into_iter().flatten() {
        if let Some((_, other)) = &found {
            let message = format!("`{name}` and `{other}` exclude each other");
            return Err(ApiError::invalid(name, message));
        }
        found = Some((grammar, name));
    }
    modalities(fields)?;
    Ok(found)
}

/// llama.cpp's kind has `::=`, which Lark has not.
fn by_look(text: String) -> Grammar {
    if text.contains("::=") { Grammar::Gbnf(text) } else { Grammar::Lark(text) }
}

fn response_format(fields: &mut Fields<'_>) -> Result<Option<Asked>, ApiError> {
    let Some(mut format) = fields.object("response_format")? else { return Ok(None) };
    let name = || "response_format".to_owned();
    match format.word("type", KINDS)? {
        Some("text") => Ok(None),
        // llama-server takes a schema beside it.
        Some("json_object") => {
            Ok(Some(schema(&mut format, "schema")?.unwrap_or_else(|| (Grammar::JsonObject, name()))))
        }
        Some(_) => {
            let mut named = format.object("json_schema")?.ok_or_else(|| format.missing("json_schema"))?;
            schema(&mut named, "schema")?.map(Some).ok_or_else(|| named.missing("schema"))
        }
        None => Err(format.missing("type")),
    }
}

/// A schema: an object, `true`, or its text in a string.
pub fn schema(fields: &mut Fields<'_>, name: &str) -> Result<Option<Asked>, ApiError> {
    let Some(raw) = fields.take(name, &[Shape::Object, Shape::TEXT, Shape::Boolean]) else { return Ok(None) };
    let text = match raw.get().as_bytes().first() {
        Some(b'"') => fields.read(name, raw, "a JSON schema")?,
        Some(b'{' | b't') => raw.get().to_owned(),
        _ => return Err(fields.invalid(name, "must be a JSON schema")),
    };
    Ok(Some((Grammar::JsonSchema(text), fields.path(name))))
}

/// A schema of which the text is known to be an object.
pub fn schema_text(text: &str, name: &str) -> Asked {
    (Grammar::JsonSchema(text.to_owned()), name.to_owned())
}

/// A text of a grammar; an empty one is none.
fn text(fields: &mut Fields<'_>, name: &str, kind: fn(String) -> Grammar) -> Result<Option<Asked>, ApiError> {
    let text = fields.string(name, MAX_GRAMMAR_BYTES)?.filter(|text| !text.is_empty());
    Ok(text.map(|text| (kind(text), fields.path(name))))
}

fn choice(fields: &mut Fields<'_>, name: &str) -> Result<Option<Asked>, ApiError> {
    let texts = fields.strings(name, MAX_CHOICES, 0..=usize::MAX)?;
    Ok(texts.map(|texts| (Grammar::Choice(texts), fields.path(name))))
}

/// vLLM's, which holds one of several.
fn structured_outputs(fields: &mut Fields<'_>) -> Result<Option<Asked>, ApiError> {
    let Some(mut inner) = fields.object("structured_outputs")? else { return Ok(None) };
    inner.refuse(&[("structural_tag", Neutral::Null)])?;
    let any_object = inner.boolean("json_object")?.unwrap_or(false);
    let found = [
        any_object.then(|| (Grammar::JsonObject, inner.path("json_object"))),
        schema(&mut inner, "json")?,
        text(&mut inner, "regex", Grammar::Regex)?,
        choice(&mut inner, "choice")?,
        text(&mut inner, "grammar", by_look)?,
    ];
    let mut found = found.into_iter().flatten();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(Some(one)),
        (None, _) => Err(fields.invalid("structured_outputs", "must say what to keep to")),
        (Some(_), Some((_, name))) => {
            Err(ApiError::invalid(name, "two kinds of structure exclude each other"))
        }
    }
}

fn modalities(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    match fields.strings("modalities", limits::MAX_STOP, 0..=usize::MAX)?.unwrap_or_default() {
        asked if asked.iter().any(|name| name != "text") => {
            Err(ApiError::unsupported(fields.path("modalities")))
        }
        _ => Ok(()),
    }
}
