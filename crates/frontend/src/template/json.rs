//! The `tojson` filter, as HF's chat templates have it: Python's `json.dumps(..., ensure_ascii=False)`.
//!
//! Models saw exactly this spelling in training: a space after each colon and comma, no HTML escapes, keys in
//! the order given.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};

use super::python::FUEL_PER_VALUE;

/// Containers inside containers at most.
const MAX_DEPTH: usize = 64;
/// Spaces of indent at most.
const MAX_INDENT: usize = 16;

/// `value|tojson`, `value|tojson(indent=2)`.
#[allow(clippy::needless_pass_by_value)] // minijinja's filter signature
pub fn tojson(state: &State, value: &Value, indent: Option<usize>, options: Kwargs) -> Result<String, Error> {
    let indent = match indent {
        Some(indent) => Some(indent),
        None => options.get::<Option<usize>>("indent")?,
    };
    // Also known to HF, and what we do anyway.
    let _: Option<bool> = options.get("ensure_ascii")?;
    let sort_keys: Option<bool> = options.get("sort_keys")?;
    let separators: Option<Vec<String>> = options.get("separators")?;
    options.assert_all_used()?;
    if indent.is_some_and(|indent| indent > MAX_INDENT) {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("indent must be 0 to {MAX_INDENT}")));
    }
    let (comma, colon) = match separators.as_deref() {
        Some([comma, colon]) => (comma.clone(), colon.clone()),
        Some(_) => return Err(Error::new(ErrorKind::InvalidOperation, "separators must be two strings")),
        None if indent.is_some() => (",".into(), ": ".into()),
        None => (", ".into(), ": ".into()),
    };
    let style = Style { indent, comma, colon, sort_keys: sort_keys.unwrap_or(false) };
    let mut out = String::new();
    style.write(state, value, 0, &mut out)?;
    Ok(out)
}

struct Style {
    indent: Option<usize>,
    comma: String,
    colon: String,
    sort_keys: bool,
}

impl Style {
    fn write(&self, state: &State, value: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "recursion limit: value is nested too deeply",
            ));
        }
        // Ahead of what is written: the engine charges for the finished string only.
        let text_bytes = value.as_str().map_or(0, str::len);
        let line_bytes = self.indent.map_or(0, |spaces| spaces * depth) + self.comma.len() + self.colon.len();
        state.consume_fuel(FUEL_PER_VALUE + ((text_bytes + line_bytes) / 32) as u64)?;
        match value.kind() {
            ValueKind::Undefined | ValueKind::None => out.push_str("null"),
            ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => number(value, out),
            ValueKind::String => quote(value.as_str().unwrap_or_default(), out),
            ValueKind::Seq | ValueKind::Iterable => {
                out.push('[');
                let mut empty = true;
                for item in value.try_iter()?.checked() {
                    self.separate(empty, depth + 1, out);
                    empty = false;
                    self.write(state, &item?, depth + 1, out)?;
                }
                self.close(empty, depth, ']', out);
            }
            ValueKind::Map => self.write_map(state, value, depth, out)?,
            kind => {
                let message = format!("a value of type {kind} has no JSON form");
                return Err(Error::new(ErrorKind::BadSerialization, message));
            }
        }
        Ok(())
    }

    fn write_map(&self, state: &State, map: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
        let mut keys = map.try_iter()?.checked().collect::<Result<Vec<Value>, Error>>()?;
        if self.sort_keys {
            state.consume_fuel(keys.len() as u64 * 16)?;
            keys.sort();
        }
        out.push('{');
        for (index, key) in keys.iter().enumerate() {
            self.separate(index == 0, depth + 1, out);
            match key.as_str() {
                Some(text) => quote(text, out),
                None => quote(&key.to_string(), out),
            }
            out.push_str(&self.colon);
            self.write(state, &map.get_item(key)?, depth + 1, out)?;
        }
        self.close(keys.is_empty(), depth, '}', out);
        Ok(())
    }

    fn separate(&self, first: bool, depth: usize, out: &mut String) {
        if !first {
            out.push_str(&self.comma);
        }
        self.new_line(depth, out);
    }

    fn close(&self, empty: bool, depth: usize, bracket: char, out: &mut String) {
        if !empty {
            self.new_line(depth, out);
        }
        out.push(bracket);
    }

    fn new_line(&self, depth: usize, out: &mut String) {
        if let Some(spaces) = self.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', spaces * depth));
        }
    }
}

/// Integers as they are; floats as Python's `repr`, which always has a point or an exponent of two digits.
fn number(value: &Value, out: &mut String) {
    if value.is_integer() {
        out.push_str(&value.to_string());
        return;
    }
    let number = f64::try_from(value.clone()).unwrap_or(f64::NAN);
    if number.is_nan() {
        return out.push_str("NaN");
    }
    if number.is_infinite() {
        return out.push_str(if number > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let text = format!("{number:?}");
    match text.split_once('e') {
        None => out.push_str(&text),
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            out.push_str(mantissa);
            out.extend(['e', sign]);
            out.push_str(if digits.len() < 2 { "0" } else { "" });
            out.push_str(digits);
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
