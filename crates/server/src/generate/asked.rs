//! Which fields a parser asks for, and what it takes them for: what a body may hold, told by the code that reads it. One
//! parse of a small valid body asks for every field of its first level, whether it is there or not; what is inside an
//! object is asked where an example has that object.
//!
//! A path is a field's name behind those of the objects around it: `options.stop`, `messages[].content[].text`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::shape::{self, Shape};
use crate::error::ApiError;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is read.
    Honoured,
    /// It is a 400, unless its value changes nothing.
    Refused,
}

/// What was noted of one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// What becomes of it.
    pub fate: Fate,
    /// What it may be; any of these.
    pub shapes: Vec<Shape>,
}

/// What was noted, by path.
pub type Notes = BTreeMap<String, Note>;

/// A body that a route takes.
pub struct Form {
    /// The route's path.
    pub path: &'static str,
    /// The method by which it is sent.
    pub method: &'static str,
    /// Small bodies that are valid, in groups that routes share: the smallest, and others that have the objects that the
    /// parser looks into.
    pub examples: &'static [&'static [&'static str]],
    /// The route's parser.
    pub read: fn(&[u8]) -> Result<(), ApiError>,
}

/// A form that is posted.
pub const fn form(
    path: &'static str,
    examples: &'static [&'static [&'static str]],
    read: fn(&[u8]) -> Result<(), ApiError>,
) -> Form {
    Form { path, method: "post", examples, read }
}

/// The examples of a route that reads [`super::settings::Common`], from the fields that it needs.
macro_rules! generating {
    ($needed:literal) => {
        &[
            concat!("{", $needed, "}"),
            concat!("{", $needed, r#", "stream": true, "stream_options": {"include_usage": true}}"#),
            concat!("{", $needed, r#", "response_format": {"type": "json_object", "schema": {}}}"#),
            concat!(
                "{",
                $needed,
                r#", "response_format": {"type": "json_schema", "json_schema": {"schema": {}}}}"#
            ),
            concat!("{", $needed, r#", "structured_outputs": {"regex": "x"}}"#),
        ]
    };
}
pub(crate) use generating;

thread_local! {
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// Notes that a parser asks for a field, and what the field may be, if anyone wants to know.
pub fn note(prefix: &str, name: &str, fate: Fate, shapes: &[Shape]) {
    NOTES.with_borrow_mut(|notes| {
        let Some(notes) = notes else { return };
        let path = without_numbers(&format!("{prefix}{name}"));
        let note = notes.entry(path).or_insert_with(|| Note { fate, shapes: Vec::new() });
        // What a route has taken is no longer there to be refused.
        let told = if note.fate == fate { shapes } else { &[] };
        for shape in told {
            if !note.shapes.contains(shape) {
                note.shapes.push(shape.clone());
            }
        }
    });
}

/// `messages[3].role` as `messages[].role`.
fn without_numbers(path: &str) -> String {
    let mut parts = path.split('[');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        all.push('[');
        all += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    all
}

impl Form {
    /// What is asked of its body. Errors: an example is none.
    pub fn notes(&self) -> Result<Notes, ApiError> {
        NOTES.set(Some(Notes::new()));
        let read = self.all().try_for_each(|example| (self.read)(example.as_bytes()));
        let notes = NOTES.take();
        read.map(|()| notes.unwrap_or_default())
    }

    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.examples.iter().copied().flatten().copied()
    }

    /// The JSON schema of its body. Errors: an example is none.
    pub fn schema(&self) -> Result<Value, ApiError> {
        Ok(shape::object(&self.notes()?, "", &self.required()?))
    }

    /// The example that is shown. Errors: it is none.
    pub fn example(&self) -> Result<Map<String, Value>, ApiError> {
        object_of(self.all().next().unwrap_or("{}"))
    }

    /// The fields without which no example is valid.
    fn required(&self) -> Result<Vec<String>, ApiError> {
        let whole = self.example()?;
        let mut required = Vec::new();
        for name in whole.keys() {
            let mut without = whole.clone();
            without.remove(name);
            let refused = (self.read)(Value::Object(without).to_string().as_bytes());
            let is_missed = refused.is_err_and(|error| error.is_missing(name));
            let everywhere = self.all().all(|text| object_of(text).is_ok_and(|o| o.contains_key(name)));
            if is_missed && everywhere {
                required.push(name.clone());
            }
        }
        Ok(required)
    }
}

fn object_of(text: &str) -> Result<Map<String, Value>, ApiError> {
    serde_json::from_str(text)
        .map_err(|error| ApiError::internal(format!("an example is no object: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_no_numbers() {
        assert_eq!(without_numbers("messages[31].content[0].text"), "messages[].content[].text");
        assert_eq!(without_numbers("model"), "model");
    }
}
