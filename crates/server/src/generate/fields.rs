//! Reading a JSON object field by field: each value is taken by name, as the type and within the range the
//! caller states, and what nobody took is known at the end.
//!
//! The body is cut into raw values first (no allocation per element), so a list of half a million stop
//! strings is counted and refused without being built. Rules for all fields:
//! - `null` is the same as absent, as OpenAI's clients assume;
//! - a key twice in one object is an error, for two readers would disagree about its value;
//! - integers are numbers without a fraction, `16.0` like `16`, as JSON has one kind of number; `"16"` is an error.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::asked::{Fate, note};
use super::shape::Shape;
use crate::error::ApiError;
use crate::limits;

/// The fields of one JSON object that nobody has taken yet.
pub struct Fields<'a> {
    /// Where this object stands in the body: empty at the top, `messages[3].` inside.
    prefix: String,
    left: BTreeMap<String, &'a RawValue>,
}

/// A value of a known but unsupported field that changes nothing, and is let through for that reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Neutral {
    /// Only `null`.
    Null,
    /// This boolean.
    Bool(bool),
    /// This number.
    Number(f64),
    /// This number and smaller ones.
    AtMost(f64),
    /// An empty list, object or string.
    Empty,
    /// One of these strings.
    Text(&'static [&'static str]),
}

impl<'a> Fields<'a> {
    /// Cuts a request body into its fields.
    ///
    /// Errors: not an object, nested deeper than [`limits::MAX_JSON_DEPTH`], more than
    /// [`limits::MAX_FIELDS`] keys, a key twice, not JSON, not UTF-8.
    pub fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        let text = std::str::from_utf8(body)
            .map_err(|e| ApiError::malformed(format!("the body is not UTF-8 at byte {}", e.valid_up_to())))?;
        // Some editors and shells put the mark before every file they write.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        check_depth(body)?;
        let object: RawObject<'a> =
            serde_json::from_str(text).map_err(|e| ApiError::malformed(format!("the body: {e}")))?;
        Self::of(object, String::new(), limits::MAX_FIELDS)
    }

    fn of(object: RawObject<'a>, prefix: String, max: usize) -> Result<Self, ApiError> {
        if let Some(key) = object.twice {
            return Err(ApiError::malformed(format!("`{prefix}{key}` is given twice")));
        }
        if object.count > max {
            let path = prefix.trim_end_matches('.');
            let name = if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") };
            let message = format!("{name} has {} fields, the limit is {max}", object.count);
            return Err(ApiError::invalid(path, message));
        }
        Ok(Self { prefix, left: object.fields })
    }

    /// The full name of a field, as errors and the ignored header show it.
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// An error about one field.
    pub fn invalid(&self, name: &str, message: impl std::fmt::Display) -> ApiError {
        let path = self.path(name);
        ApiError::invalid(path.clone(), format!("`{path}` {message}"))
    }

    /// An error for a required field that is not there.
    pub fn missing(&self, name: &str) -> ApiError {
        ApiError::missing(&self.path(name))
    }

    /// True if the field is there and not `null`.
    pub fn has(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(|raw| raw.get() != "null")
    }

    /// The raw value, unless absent or `null`. The caller reads it by rules of its own, of which `shapes` tells as much as a
    /// schema can say; none is anything.
    pub fn take(&mut self, name: &str, shapes: &[Shape]) -> Option<&'a RawValue> {
        self.note(name, shapes);
        self.left.remove(name).filter(|raw| raw.get() != "null")
    }

    fn note(&self, name: &str, shapes: &[Shape]) {
        note(&self.prefix, name, Fate::Honoured, shapes);
    }

    /// A finite number in `range`.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> Result<Option<f64>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Number(range.clone())]) else { return Ok(None) };
        self.number_of(name, raw, range).map(Some)
    }

    /// `raw`, which belongs to field `name`, as a finite number in `range`.
    pub fn number_of(&self, name: &str, raw: &RawValue, range: RangeInclusive<f64>) -> Result<f64, ApiError> {
        match number(raw) {
            None => Err(self.invalid(name, format!("must be a number, not {}", kind_of(raw)))),
            Some(value) if range.contains(&value) => Ok(value),
            Some(_) => {
                let message =
                    format!("must be between {} and {}, not {}", range.start(), range.end(), shown(raw));
                Err(self.invalid(name, message))
            }
        }
    }

    /// A number in `range`, as the sampler's f32.
    pub fn number_f32(&mut self, name: &str, range: RangeInclusive<f64>) -> Result<Option<f32>, ApiError> {
        Ok(self.number(name, range)?.map(|value| value as f32))
    }

    /// An integer in `range`.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Integer(range.clone())]) else { return Ok(None) };
        self.integer_of(name, raw, range).map(Some)
    }

    /// `raw`, which belongs to field `name`, as an integer in `range`.
    pub fn integer_of(
        &self,
        name: &str,
        raw: &RawValue,
        range: RangeInclusive<i64>,
    ) -> Result<i64, ApiError> {
        let message = match (raw.get().parse().ok().or_else(|| whole(raw)), number(raw)) {
            (Some(value), _) if range.contains(&value) => return Ok(value),
            (None, None) => format!("must be an integer, not {}", kind_of(raw)),
            (None, Some(value)) if value.is_finite() && value.fract() != 0.0 => {
                format!("must be an integer, not {}", shown(raw))
            }
            _ => format!("must be between {} and {}, not {}", range.start(), range.end(), shown(raw)),
        };
        Err(self.invalid(name, message))
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Boolean]) else { return Ok(None) };
        self.read(name, raw, "true or false").map(Some)
    }

    /// A string of at most `max_bytes`.
    pub fn string(&mut self, name: &str, max_bytes: usize) -> Result<Option<String>, ApiError> {
        self.string_within(name, 0..=max_bytes)
    }

    /// A string of so many bytes.
    pub fn string_within(
        &mut self,
        name: &str,
        bytes: RangeInclusive<usize>,
    ) -> Result<Option<String>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Text(bytes.clone())]) else { return Ok(None) };
        let text = self.read(name, raw, "a string")?;
        self.within(name, text, &bytes).map(Some)
    }

    /// `raw`, which belongs to field `name`, as a string; `what` completes "must be ...".
    pub fn string_of(&self, name: &str, raw: &'a RawValue, what: &str) -> Result<String, ApiError> {
        self.note(name, &[Shape::TEXT]);
        self.read(name, raw, what)
    }

    /// One of these words.
    pub fn word(
        &mut self,
        name: &str,
        words: &'static [&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Words(words)]) else { return Ok(None) };
        let given: String = self.read(name, raw, "a string")?;
        let found = words.iter().copied().find(|&word| word == given);
        found.map(Some).ok_or_else(|| self.invalid(name, format!("must be {}", listed(words))))
    }

    /// A list of at most `max` strings of so many bytes; absent is `None`.
    pub fn strings(
        &mut self,
        name: &str,
        max: usize,
        bytes: RangeInclusive<usize>,
    ) -> Result<Option<Vec<String>>, ApiError> {
        let shape = Shape::list(max, Shape::Text(bytes.clone()));
        let Some(raw) = self.take(name, &[shape]) else { return Ok(None) };
        self.strings_of(name, raw, max, &bytes).map(Some)
    }

    /// The same, or one of the strings alone.
    pub fn string_or_strings(
        &mut self,
        name: &str,
        max: usize,
        bytes: RangeInclusive<usize>,
    ) -> Result<Option<Vec<String>>, ApiError> {
        let text = Shape::Text(bytes.clone());
        let Some(raw) = self.take(name, &[text.clone(), Shape::list(max, text)]) else { return Ok(None) };
        if raw.get().starts_with('"') {
            let text = self.read(name, raw, "a string")?;
            return Ok(Some(vec![self.within(name, text, &bytes)?]));
        }
        self.strings_of(name, raw, max, &bytes).map(Some)
    }

    fn strings_of(
        &self,
        name: &str,
        raw: &'a RawValue,
        max: usize,
        bytes: &RangeInclusive<usize>,
    ) -> Result<Vec<String>, ApiError> {
        let items = self.list_of(name, raw, max)?.into_iter();
        items.map(|item| self.within(name, self.read(name, item, "a list of strings")?, bytes)).collect()
    }

    fn within(&self, name: &str, text: String, bytes: &RangeInclusive<usize>) -> Result<String, ApiError> {
        match text.len() {
            0 if *bytes.start() > 0 => Err(self.invalid(name, "must not be or have an empty string")),
            len if len > *bytes.end() => {
                let message = format!("has a string of {len} bytes, the limit is {}", bytes.end());
                Err(self.invalid(name, message))
            }
            _ => Ok(text),
        }
    }

    /// A list of at most `max` integers in `range`.
    pub fn integers(
        &mut self,
        name: &str,
        max: usize,
        range: RangeInclusive<i64>,
    ) -> Result<Option<Vec<i64>>, ApiError> {
        let shape = Shape::list(max, Shape::Integer(range.clone()));
        let Some(raw) = self.take(name, &[shape]) else { return Ok(None) };
        let items = self.list_of(name, raw, max)?.into_iter();
        items.map(|item| self.integer_of(name, item, range.clone())).collect::<Result<_, _>>().map(Some)
    }

    /// The elements of a list of at most `max`.
    pub fn list(&mut self, name: &str, max: usize) -> Result<Option<Vec<&'a RawValue>>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::list(max, Shape::Any)]) else { return Ok(None) };
        self.list_of(name, raw, max).map(Some)
    }

    /// The elements of `raw`, which belongs to field `name`.
    pub fn list_of(&self, name: &str, raw: &'a RawValue, max: usize) -> Result<Vec<&'a RawValue>, ApiError> {
        let counter = Counted { max };
        let mut reader = serde_json::Deserializer::from_str(raw.get());
        let (items, count) = reader
            .deserialize_seq(counter)
            .map_err(|_| self.invalid(name, format!("must be a list, not {}", kind_of(raw))))?;
        if count > max {
            return Err(self.invalid(name, format!("has {count} entries, the limit is {max}")));
        }
        Ok(items)
    }

    /// An object, to be read by the same rules.
    pub fn object(&mut self, name: &str) -> Result<Option<Fields<'a>>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Object]) else { return Ok(None) };
        self.object_of(name, raw).map(Some)
    }

    /// `raw` as an object; `name` may carry an index, like `messages[3]`.
    pub fn object_of(&self, name: &str, raw: &'a RawValue) -> Result<Fields<'a>, ApiError> {
        self.note(name, &[Shape::Object]);
        let object: RawObject<'a> = self.read(name, raw, "an object")?;
        Self::of(object, format!("{}.", self.path(name)), limits::MAX_FIELDS)
    }

    /// An object whose keys the client chooses, at most `max` of them. The caller reads the values, which are `values`.
    pub fn map(
        &mut self,
        name: &str,
        max: usize,
        values: Shape,
    ) -> Result<Option<BTreeMap<String, &'a RawValue>>, ApiError> {
        let Some(raw) = self.take(name, &[Shape::Map(max, Box::new(values))]) else { return Ok(None) };
        let object: RawObject<'a> = self.read(name, raw, "an object")?;
        Ok(Some(Self::of(object, format!("{}.", self.path(name)), max)?.left))
    }

    /// `raw` as a `T`; `what` completes "must be ...".
    pub fn read<T: Deserialize<'a>>(&self, name: &str, raw: &'a RawValue, what: &str) -> Result<T, ApiError> {
        serde_json::from_str(raw.get()).map_err(|error| {
            if error.is_data() {
                return self.invalid(name, format!("must be {what}, not {}", kind_of(raw)));
            }
            // The shape is right, and what is in it is not: an escape or a number that stands for nothing.
            let cause = error.to_string();
            let cause = cause.split(" at line ").next().unwrap_or_default();
            let half = "is half of a pair (\\ud800 to \\udfff), which is no character";
            match cause {
                "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
                    self.invalid(name, format!("has an escape that {half}"))
                }
                cause => self.invalid(name, format!("cannot be read: {cause}")),
            }
        })
    }

    /// Refuses every field of `table` that is present with anything but its neutral value.
    pub fn refuse(&mut self, table: &[(&str, Neutral)]) -> Result<(), ApiError> {
        for &(name, neutral) in table {
            note(&self.prefix, name, Fate::Refused, &[Shape::Neutral(neutral)]);
            let given = self.left.remove(name).filter(|raw| raw.get() != "null");
            if given.is_some_and(|raw| !neutral.allows(raw)) {
                return Err(ApiError::unsupported(self.path(name)));
            }
        }
        Ok(())
    }

    /// Adds the names of everything that nobody took.
    pub fn ignored_into(self, names: &mut Vec<String>) {
        names.extend(self.left.into_keys().map(|name| format!("{}{name}", self.prefix)));
    }
}

impl Neutral {
    fn allows(self, raw: &RawValue) -> bool {
        match self {
            Neutral::Null => false,
            Neutral::Bool(value) => raw.get() == if value { "true" } else { "false" },
            Neutral::Number(value) => number(raw) == Some(value),
            Neutral::AtMost(value) => number(raw).is_some_and(|given| given <= value),
            Neutral::Empty => {
                let text = raw.get();
                text == "\"\""
                    || text.get(1..text.len() - 1).is_some_and(|inner| {
                        matches!(text.as_bytes()[0], b'[' | b'{') && inner.trim().is_empty()
                    })
            }
            Neutral::Text(values) => {
                serde_json::from_str::<String>(raw.get()).is_ok_and(|given| values.contains(&given.as_str()))
            }
        }
    }
}

/// `a, b or c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What a raw value is, for error messages.
pub fn kind_of(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The number that `raw` is; infinite for one beyond 64-bit floating point.
fn number(raw: &RawValue) -> Option<f64> {
    (kind_of(raw) == "a number").then(|| raw.get().parse().ok()).flatten()
}

/// The integer that a number with a point or an exponent is, if floating point holds it exactly.
fn whole(raw: &RawValue) -> Option<i64> {
    /// Integers up to here have a floating-point number of their own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value = number(raw).filter(|value| value.fract() == 0.0 && value.abs() < EXACT)?;
    Some(value as i64)
}

/// A number as the client wrote it, cut where it is very long.
fn shown(raw: &RawValue) -> &str {
    let text = raw.get();
    text.get(..40).unwrap_or(text)
}

/// Refuses nesting beyond the limit in one pass over the bytes, so that no parser recurses on it.
fn check_depth(body: &[u8]) -> Result<(), ApiError> {
    // Counting is ten times as fast as following, and settles it for nearly every body.
    let openers = body.iter().filter(|&&byte| matches!(byte, b'{' | b'[')).count();
    if openers <= limits::MAX_JSON_DEPTH {
        return Ok(());
    }
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for &byte in body {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limits::MAX_JSON_DEPTH {
                    let message = format!("the body is nested deeper than {} levels", limits::MAX_JSON_DEPTH);
                    return Err(ApiError::malformed(message));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Keys kept of any object; more are counted, and then refused by the caller's own limit.
const LARGEST_OBJECT: usize = limits::MAX_LOGIT_BIAS;
const _: () = assert!(LARGEST_OBJECT >= limits::MAX_FIELDS);

struct RawObject<'a> {
    fields: BTreeMap<String, &'a RawValue>,
    count: usize,
    twice: Option<String>,
}

impl<'de> Deserialize<'de> for RawObject<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = RawObject<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = RawObject { fields: BTreeMap::new(), count: 0, twice: None };
        while object.count < LARGEST_OBJECT {
            let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? else { return Ok(object) };
            object.count += 1;
            if object.fields.insert(key.clone(), value).is_some() {
                object.twice.get_or_insert(key);
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            object.count += 1;
        }
        Ok(object)
    }
}

/// Keeps the first `max` elements and counts the rest.
struct Counted {
    max: usize,
}

impl<'de> Visitor<'de> for Counted {
    type Value = (Vec<&'de RawValue>, usize);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.max {
            let Some(item) = list.next_element::<&'de RawValue>()? else {
                let count = items.len();
                return Ok((items, count));
            };
            items.push(item);
        }
        let mut count = items.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok((items, count))
    }
}
