//! Tools in OpenAI's shape: what is on offer, and whether a call must be made.

use gollum_frontend::ToolChoice;
use serde_json::{Value, json};

use super::fields::Fields;
use super::shape::Shape;
use crate::error::ApiError;
use crate::limits;

/// What a conversation may call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tools {
    /// As OpenAI spells them; `None` without any.
    pub list: Option<Value>,
    /// Whether they may be called.
    pub choice: ToolChoice,
    /// Several at once, where one must be.
    pub parallel: bool,
}

/// Reads `tools`, `tool_choice` and `parallel_tool_calls`. `strict` is kept to where a call is forced; elsewhere it is told
/// as ignored.
///
/// Errors: 400 naming the field.
pub fn tools(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Tools, ApiError> {
    let parallel = fields.boolean("parallel_tool_calls")?;
    let mut list = tool_list(fields, ignored)?;
    let (choice, allowed) = choice(fields)?;
    if let (Some(allowed), Some(Value::Array(tools))) = (&allowed, &mut list) {
        tools.retain(|tool| allowed.iter().any(|name| tool["function"]["name"] == **name));
    }
    let is_empty = list.as_ref().and_then(Value::as_array).is_none_or(Vec::is_empty);
    if is_empty && matches!(choice, ToolChoice::Required | ToolChoice::Named(_)) {
        return Err(fields.invalid("tool_choice", "needs `tools`"));
    }
    Ok(Tools { list: list.filter(|_| !is_empty), choice, parallel: parallel.unwrap_or(false) })
}

/// A list of tools in OpenAI's shape; of other kinds than functions there are none here.
pub fn tool_list(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Option<Value>, ApiError> {
    let Some(items) = fields.list("tools", limits::MAX_TOOLS)? else { return Ok(None) };
    let mut tools = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let mut tool = fields.object_of(&format!("tools[{index}]"), item)?;
        tool.word("type", &["function"])?;
        let mut function = tool.object("function")?.ok_or_else(|| tool.missing("function"))?;
        let description = function.string("description", usize::MAX)?;
        if function.boolean("strict")? == Some(true) {
            ignored.push(function.path("strict"));
        }
        tools.push(tool_of(&mut function, description, "parameters")?);
        function.ignored_into(ignored);
        tool.ignored_into(ignored);
    }
    Ok(Some(Value::Array(tools)))
}

/// One tool from an object that holds its `name`, and its schema under `schema`.
pub fn tool_of(
    fields: &mut Fields<'_>,
    description: Option<String>,
    schema: &str,
) -> Result<Value, ApiError> {
    let name = fields.string("name", limits::MAX_NAME_BYTES)?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| fields.missing("name"))?;
    let parameters = match fields.take(schema, &[Shape::Object]) {
        None => json!({"type": "object", "properties": {}}),
        Some(raw) if raw.get().starts_with('{') => fields.read::<Value>(schema, raw, "a JSON schema")?,
        Some(_) => return Err(fields.invalid(schema, "must be an object")),
    };
    let mut function = serde_json::Map::new();
    function.insert("name".to_owned(), name.into());
    if let Some(description) = description {
        function.insert("description".to_owned(), description.into());
    }
    function.insert("parameters".to_owned(), parameters);
    Ok(json!({"type": "function", "function": function}))
}

/// What `tool_choice` may be.
pub fn choice_shapes() -> [Shape; 2] {
    [Shape::Words(&["none", "auto", "required", "any"]), Shape::Object]
}

/// The choice, and the names it is among, if it names some.
fn choice(fields: &mut Fields<'_>) -> Result<(ToolChoice, Option<Vec<String>>), ApiError> {
    let Some(raw) = fields.take("tool_choice", &choice_shapes()) else { return Ok((ToolChoice::Auto, None)) };
    if raw.get().starts_with('"') {
        let word: String = fields.read("tool_choice", raw, "a word")?;
        return Ok((word_of(fields, &word)?, None));
    }
    let mut choice = fields.object_of("tool_choice", raw)?;
    match choice.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
        Some("function") => {
            let mut function = choice.object("function")?.ok_or_else(|| choice.missing("function"))?;
            let name = function.string("name", limits::MAX_NAME_BYTES)?;
            Ok((ToolChoice::Named(name.ok_or_else(|| function.missing("name"))?), None))
        }
        Some("allowed_tools") => {
            let mut allowed =
                choice.object("allowed_tools")?.ok_or_else(|| choice.missing("allowed_tools"))?;
            let mode = allowed.string("mode", limits::MAX_NAME_BYTES)?.unwrap_or_else(|| "auto".to_owned());
            let mut names = Vec::new();
            let tools = allowed.list("tools", limits::MAX_TOOLS)?.ok_or_else(|| allowed.missing("tools"))?;
            for (index, tool) in tools.into_iter().enumerate() {
                let mut tool = allowed.object_of(&format!("tools[{index}]"), tool)?;
                let mut function = tool.object("function")?.ok_or_else(|| tool.missing("function"))?;
                let name = function.string("name", limits::MAX_NAME_BYTES)?;
                names.push(name.ok_or_else(|| function.missing("name"))?);
            }
            Ok((word_of(fields, &mode)?, Some(names)))
        }
        _ => Err(fields.invalid("tool_choice", "must be none, auto, required, a function, or allowed_tools")),
    }
}

/// `none`, `auto` or `required`.
pub fn word_of(fields: &Fields<'_>, word: &str) -> Result<ToolChoice, ApiError> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" | "any" => Ok(ToolChoice::Required),
        _ => Err(fields.invalid("tool_choice", "must be none, auto, required, or a function")),
    }
}
