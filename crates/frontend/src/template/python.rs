//! What templates expect of Python: methods of strings and dictionaries, and how values print.

use minijinja::value::{ValueKind, from_args};
use minijinja::{Error, ErrorKind, Output, State, Value};

/// Bytes that one unit of fuel pays for in a method, which may look at each several times.
const BYTES_PER_FUEL: usize = 16;
/// Fuel for each value printed, in a container.
pub const FUEL_PER_VALUE: u64 = 4;

/// Methods that values do not have by themselves.
pub fn method(state: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    // The engine charges for results alone, and a search in a long string has a small one.
    let size = size_of_value(value) + args.iter().map(size_of_value).sum::<usize>();
    state.consume_fuel((size / BYTES_PER_FUEL) as u64 + 1)?;
    let Some(text) = value.as_str() else {
        return minijinja_contrib::pycompat::unknown_method_callback(state, value, name, args);
    };
    match name {
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(args)?;
            Ok(Value::from(text.strip_prefix(prefix).unwrap_or(text)))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(args)?;
            Ok(Value::from(text.strip_suffix(suffix).unwrap_or(text)))
        }
        "rsplit" => {
            let (separator, max): (&str, Option<usize>) = from_args(args)?;
            non_empty(separator)?;
            let mut parts: Vec<&str> = text.rsplitn(max.map_or(usize::MAX, |m| m + 1), separator).collect();
            parts.reverse();
            Ok(parts.into_iter().map(Value::from).collect())
        }
        "partition" => {
            let (separator,): (&str,) = from_args(args)?;
            non_empty(separator)?;
            let (before, after) = text.split_once(separator).unwrap_or((text, ""));
            let middle = if before.len() == text.len() { "" } else { separator };
            Ok([before, middle, after].into_iter().map(Value::from).collect())
        }
        // A width or precision makes text out of nothing.
        "format" if has_format_spec(text) => {
            let message = "str.format: only plain {} and {name} are supported";
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
        _ => minijinja_contrib::pycompat::unknown_method_callback(state, value, name, args),
    }
}

/// True if a replacement field says more than what to insert: `{:>8}`, `{x!r}`, `{:{width}}`.
fn has_format_spec(text: &str) -> bool {
    let mut inside = false;
    text.chars().any(|c| {
        match c {
            '{' => inside = !inside,
            '}' => inside = false,
            _ => {}
        }
        inside && (c == ':' || c == '!')
    })
}

fn non_empty(separator: &str) -> Result<(), Error> {
    if separator.is_empty() {
        return Err(Error::new(ErrorKind::InvalidOperation, "empty separator"));
    }
    Ok(())
}

/// Bytes of a string, 16 per item of a container.
fn size_of_value(value: &Value) -> usize {
    value.as_str().map_or_else(|| value.len().unwrap_or(0) * 16, str::len)
}

/// Prints a value as Python's `str` does where the two differ: `True`, `None`, and containers.
pub fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if let Some(text) = value.as_str() {
        return Ok(out.write_str(text)?);
    }
    if value.is_undefined() {
        return Ok(());
    }
    let mut text = String::new();
    repr(state, value, 0, &mut text)?;
    Ok(out.write_str(&text)?)
}

/// Containers inside containers at most.
const MAX_DEPTH: usize = 64;

fn repr(state: &State, value: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::InvalidOperation, "recursion limit: value is nested too deeply"));
    }
    state.consume_fuel(FUEL_PER_VALUE + (size_of_value(value) / BYTES_PER_FUEL) as u64)?;
    match value.kind() {
        ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::None => out.push_str("None"),
        ValueKind::String => quote(value.as_str().unwrap_or_default(), out),
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (index, item) in value.try_iter()?.checked().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                repr(state, &item?, depth + 1, out)?;
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (index, key) in value.try_iter()?.checked().enumerate() {
                let key = key?;
                out.push_str(if index > 0 { ", " } else { "" });
                repr(state, &key, depth + 1, out)?;
                out.push_str(": ");
                repr(state, &value.get_item(&key)?, depth + 1, out)?;
            }
            out.push('}');
        }
        _ => out.push_str(&value.to_string()),
    }
    Ok(())
}

/// Python's quotes: single ones, unless the text has only those.
fn quote(text: &str, out: &mut String) {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(mark);
}
