//! Schemas as they are handed to llguidance: with settings of ours, and without what it would not keep to.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::repeats_of;

/// Integers beyond it are not told apart from their neighbours: limits and constants are computed in f64.
const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_991.0;
/// Patterns of names at most, in all of a schema: each is compared with each.
const MAX_NAME_PATTERNS: usize = 32;
/// Properties of one object at most: what they take grows with their square.
const MAX_PROPERTIES: usize = 512;
/// What holds values, in which words of schemas mean nothing.
const VALUES: &[&str] = &["const", "enum", "default", "examples"];
/// What numbers are compared with.
const NUMBERS: &[&str] =
    &["const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/// A schema with this server's settings for llguidance in place of a client's, among which there is one that takes less
/// than the schema says. Between values there is at most a line end and its indent: small models like to go on with
/// white space for ever. Escapes by number are none of the ways to write text: in them a name that the schema knows
/// (`"\u0078"`) would be one of the names it does not.
pub fn with_our_settings(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        let settings = serde_json::json!({
            "whitespace_pattern": r"[\x20\x0A]{1,16}",
            "json_allowed_escapes": "nrbtf\\\"",
        });
        fields.insert("x-guidance".to_owned(), settings);
    }
    schema
}

/// Characters in a schema's patterns that repeat something, or make it an option.
pub fn repeats_in(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => items.iter().map(repeats_in).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("pattern", Value::String(pattern)) => repeats_of(pattern),
                ("patternProperties", Value::Object(patterns)) => {
                    patterns.keys().map(|pattern| repeats_of(pattern)).sum::<usize>() + repeats_in(value)
                }
                _ => repeats_in(value),
            })
            .sum(),
        _ => 0,
    }
}

/// Looks for what llguidance takes, and lets answers through that do not validate, or takes too long for. Errors: what it is.
pub fn check(schema: &Value) -> Result<(), String> {
    let patterns = name_patterns(schema);
    if patterns > MAX_NAME_PATTERNS {
        return Err(format!("has {patterns} names in patternProperties, the limit is {MAX_NAME_PATTERNS}"));
    }
    check_at(schema, true).map_err(|what| format!("cannot be enforced: {what}"))
}

fn name_patterns(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => items.iter().map(name_patterns).sum(),
        Value::Object(fields) => {
            let own = fields.get("patternProperties").and_then(Value::as_object).map_or(0, Map::len);
            own + fields.values().map(name_patterns).sum::<usize>()
        }
        _ => 0,
    }
}

fn check_at(schema: &Value, is_root: bool) -> Result<(), String> {
    match schema {
        Value::Array(items) => items.iter().try_for_each(|item| check_at(item, false)),
        Value::Object(fields) => {
            check_min_properties(fields)?;
            let properties = fields.get("properties").and_then(Value::as_object).map_or(0, Map::len);
            if properties > MAX_PROPERTIES {
                return Err(format!("{properties} properties of one object, the limit is {MAX_PROPERTIES}"));
            }
            if !is_root && ["$id", "id"].iter().any(|id| fields.get(*id).is_some_and(Value::is_string)) {
                check_has_no_ref(schema)?;
            }
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("pattern", Value::String(pattern)) => check_pattern(pattern)?,
                    ("patternProperties", Value::Object(patterns)) => {
                        patterns.keys().try_for_each(|pattern| check_pattern(pattern))?;
                    }
                    (keyword, value) if NUMBERS.contains(&keyword) => check_numbers(keyword, value)?,
                    _ => {}
                }
                if !VALUES.contains(&name.as_str()) {
                    check_at(value, false)?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A name may come twice in an object, and counts once: of the names that may be any, only one is sure to be new.
fn check_min_properties(fields: &Map<String, Value>) -> Result<(), String> {
    let names =
        fields.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let required = names.collect::<BTreeSet<&str>>().len();
    match fields.get("minProperties").and_then(Value::as_u64) {
        Some(least) if least > required as u64 + 1 => {
            Err(format!("minProperties: {least}, where `required` has {required} names (one more can be)"))
        }
        _ => Ok(()),
    }
}

/// References are found from the root, which is wrong below an `$id` of its own.
fn check_has_no_ref(schema: &Value) -> Result<(), String> {
    match schema {
        Value::Array(items) => items.iter().try_for_each(check_has_no_ref),
        Value::Object(fields) if fields.get("$ref").is_some_and(Value::is_string) => {
            Err("$ref below an $id that is not the root's".to_owned())
        }
        Value::Object(fields) => fields.values().try_for_each(check_has_no_ref),
        _ => Ok(()),
    }
}

/// The operations on sets that a character class has here, and in JSON Schema's regular expressions has not.
fn check_pattern(pattern: &str) -> Result<(), String> {
    let (mut is_class, mut before) = (false, None);
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match (c, is_class) {
            ('\\', _) => {
                characters.next();
                before = None;
                continue;
            }
            ('[', false) => is_class = true,
            (']', true) => is_class = false,
            ('[', true) => return Err(format!("pattern: `[` inside a character class of {pattern}")),
            ('&' | '-' | '~', true) if before == Some(c) => {
                return Err(format!("pattern: `{c}{c}` inside a character class of {pattern}"));
            }
            _ => {}
        }
        before = Some(c);
    }
    Ok(())
}

fn check_numbers(keyword: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| check_numbers(keyword, item)),
        Value::Object(fields) => fields.values().try_for_each(|field| check_numbers(keyword, field)),
        Value::Number(number) if number.as_f64().is_some_and(|n| n.abs() > MAX_EXACT_INTEGER) => {
            Err(format!("{keyword}: {number} is beyond ±(2^53 - 1)"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_let_wrong_answers_through_is_named() {
        for (schema, word) in [
            (r#"{"minProperties": 2}"#, "minProperties"),
            (r#"{"anyOf": [{"minProperties": 3, "required": ["a", "a"]}]}"#, "minProperties"),
            (r#"{"const": 9007199254740993}"#, "const"),
            (r#"{"items": {"enum": [1, {"a": [-9007199254740993]}]}}"#, "enum"),
            (r#"{"maximum": 1e20}"#, "maximum"),
            (r##"{"$defs": {"a": {"$id": "b", "items": {"$ref": "#/$defs/b"}}}}"##, "$ref"),
            (r#"{"pattern": "^[[:alpha:]]$"}"#, "`[`"),
            (r#"{"pattern": "[a-z&&[^b]]"}"#, "`&&`"),
            (r#"{"patternProperties": {"[a--b]": true}}"#, "`--`"),
        ] {
            let schema: Value = serde_json::from_str(schema).expect("JSON");
            let error = check(&schema).expect_err(&schema.to_string());
            assert!(error.starts_with("cannot be enforced: ") && error.contains(word), "{schema}: {error}");
        }
    }

    #[test]
    fn what_can_be_kept_to_is_taken() {
        for schema in [
            "true",
            r#"{"minProperties": 2, "required": ["a"]}"#,
            r#"{"const": {"minProperties": 5, "pattern": "[[]"}}"#,
            r#"{"properties": {"minProperties": {"maximum": 9007199254740991}, "id": {"$ref": "x"}}}"#,
            r##"{"$id": "a", "$ref": "#/$defs/b", "$defs": {"b": {"$id": "#/b"}}}"##,
            r#"{"pattern": "^[\\[a-b&-]&&--$"}"#,
        ] {
            let schema: Value = serde_json::from_str(schema).expect("JSON");
            assert_eq!(check(&schema), Ok(()), "{schema}");
        }
    }
}
