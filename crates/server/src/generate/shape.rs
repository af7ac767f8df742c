//! What a value may be, as the reader that checks it is told, and the same as a JSON schema.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::asked::Notes;
use super::fields::Neutral;

/// What the value of a field, of a list or of a map may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// An integer in this range.
    Integer(RangeInclusive<i64>),
    /// A number in this range.
    Number(RangeInclusive<f64>),
    /// A string of so many bytes.
    Text(RangeInclusive<usize>),
    /// One of these strings.
    Words(&'static [&'static str]),
    /// At most so many values of one kind.
    List(usize, Box<Shape>),
    /// At most so many values of one kind, by names that the client chooses.
    Map(usize, Box<Shape>),
    /// An object; what is asked of it is noted under its path.
    Object,
    /// Anything, or what is noted under its path.
    Any,
    /// What changes nothing.
    Neutral(Neutral),
}

impl Shape {
    /// A string without a bound of its own: the body has one.
    pub const TEXT: Self = Self::Text(0..=usize::MAX);

    /// At most `max` of `items`.
    pub fn list(max: usize, items: Shape) -> Self {
        Self::List(max, Box::new(items))
    }

    /// The schema of a value noted under `path`.
    fn schema(&self, notes: &Notes, path: &str) -> Value {
        match self {
            Self::Boolean => json!({"type": "boolean"}),
            Self::Integer(range) => {
                json!({"type": "integer", "minimum": range.start(), "maximum": range.end()})
            }
            Self::Number(range) => {
                json!({"type": "number", "minimum": range.start(), "maximum": range.end()})
            }
            Self::Text(bytes) => {
                let mut schema = json!({"type": "string"});
                if *bytes.start() > 0 {
                    schema["minLength"] = json!(bytes.start());
                }
                bounded(schema, "maxLength", *bytes.end())
            }
            Self::Words(words) => json!({"type": "string", "enum": words}),
            Self::List(max, items) => {
                let items = items.schema(notes, &format!("{path}[]"));
                bounded(json!({"type": "array", "items": items}), "maxItems", *max)
            }
            Self::Map(max, values) => {
                let values = values.schema(notes, &format!("{path}{{}}"));
                bounded(json!({"type": "object", "additionalProperties": values}), "maxProperties", *max)
            }
            Self::Object => object(notes, &format!("{path}."), &[]),
            Self::Any => any_of(notes, path, false),
            Self::Neutral(neutral) => neutral_schema(*neutral),
        }
    }
}

/// Bounds that nothing but the body's own length sets are left out.
fn bounded(mut schema: Value, name: &str, max: usize) -> Value {
    if max != usize::MAX {
        schema[name] = json!(max);
    }
    schema
}

/// The schema of an object whose fields are noted under `prefix`.
pub fn object(notes: &Notes, prefix: &str, required: &[String]) -> Value {
    let mut properties = Map::new();
    for path in notes.keys() {
        let Some(name) = path.strip_prefix(prefix).filter(|name| !name.contains(['.', '[', '{'])) else {
            continue;
        };
        let is_required = required.iter().any(|other| other == name);
        properties.insert(name.to_owned(), any_of(notes, path, !is_required));
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The schema of a value that may have each of the shapes noted under `path`, or be `null`, which is absent.
fn any_of(notes: &Notes, path: &str, or_null: bool) -> Value {
    let shapes = notes.get(path).map(|note| note.shapes.as_slice()).unwrap_or_default();
    let mut schemas: Vec<Value> = shapes.iter().map(|shape| shape.schema(notes, path)).collect();
    // What is noted of nothing, or as anything, may be anything.
    if schemas.is_empty() || schemas.contains(&json!({})) {
        return json!({});
    }
    let null = json!({"type": "null"});
    let adds_null = or_null && !schemas.contains(&null);
    match schemas.as_mut_slice() {
        [one] if adds_null && one["type"].is_string() => {
            one["type"] = json!([one["type"], "null"]);
            if let Some(words) = one.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
        }
        _ if adds_null => schemas.push(null),
        _ => {}
    }
    if schemas.len() == 1 { schemas.remove(0) } else { json!({ "anyOf": schemas }) }
}

fn neutral_schema(neutral: Neutral) -> Value {
    match neutral {
        Neutral::Null => json!({"type": "null"}),
        Neutral::Bool(value) => json!({ "enum": [value] }),
        Neutral::Number(value) => json!({ "enum": [value] }),
        Neutral::AtMost(max) => json!({"type": "number", "maximum": max}),
        Neutral::Empty => json!({"enum": ["", [], {}]}),
        Neutral::Text(words) => json!({"type": "string", "enum": words}),
    }
}
