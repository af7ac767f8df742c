//! Metadata under an architecture's prefix, and which of it was read.
//!
//! Two rules make files of all writers mean the same. *A neutral value is an absent one*: llama.cpp's own saver writes
//! every key it knows, with 0 for "unset". *What nobody read is looked at*: a key that would change the arithmetic and
//! that nothing here read is an error that names it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use gollum_gguf::{Metadata, Value, require};

use super::SHOWN_CHARS;
use crate::ModelError;

/// Beginnings and ends of key suffixes that change arithmetic. The rest informs: names, sizes, layouts, links.
const ARITHMETIC_PREFIXES: &[&str] = &[
    "attention.",
    "rope.",
    "expert",
    "ssm.",
    "swiglu_",
    "hyper_connection",
    "altup.",
    "laurel",
    "activation_sparsity",
    "xielu.",
    "kda.",
    "wkv.",
    "shortconv.",
    "pooling_type",
];
const ARITHMETIC_SUFFIXES: &[&str] =
    &["_scale", "softcapping", "_layer_step", "_block_count", "parallel_residual"];

/// Keys that match the above and change nothing that a text model computes here.
const INFORMATION: &[&str] = &[
    "attention.causal_mask",
    // Only says which of the longrope factors a converter measured with.
    "rope.scaling.finetuned",
    // Positions of images; in text all sections are at the same one.
    "rope.dimension_sections",
    "rope.mrope_section",
    // Where `rope.scaling.type` is not one that reads them.
    "rope.scaling.original_context_length",
    "rope.scaling.yarn_log_multiplier",
    "rope.scaling.attn_factor",
    "rope.scaling.factor",
    "rope.scale_linear",
    "nextn_predict_layers",
    // Which layers are mixtures, their tensors say.
    "leading_dense_block_count",
    "interleave_moe_layer_step",
    // YaRN's magnitude follows from the factor; writers repeat it here, or write the 1 that it is multiplied by.
    "rope.scaling.yarn_attn_factor",
];

/// See the module's text.
pub(super) struct Keys<'a> {
    meta: &'a Metadata,
    prefix: &'static str,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Keys<'a> {
    pub fn new(meta: &'a Metadata, prefix: &'static str) -> Self {
        Self { meta, prefix, read: RefCell::default() }
    }

    /// The whole key, which counts as read from now on.
    pub fn name(&self, suffix: &str) -> String {
        let name = format!("{}.{suffix}", self.prefix);
        self.read.borrow_mut().insert(suffix.to_owned());
        name
    }

    pub fn bad(&self, suffix: &str, value: impl Display, expected: String) -> ModelError {
        ModelError::BadValue { key: self.name(suffix), value: value.to_string(), expected }
    }

    pub fn unsupported(&self, suffix: &str, value: impl Display) -> ModelError {
        let value = value.to_string().chars().take(SHOWN_CHARS).collect();
        ModelError::UnsupportedValue { key: self.name(suffix), value }
    }

    /// An integer; absent if it is 0.
    pub fn optional_count(
        &self,
        suffix: &str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ModelError> {
        let value = self.meta.usize(&self.name(suffix))?.filter(|&v| v > 0);
        value.map(|value| self.in_range(suffix, value, &range)).transpose()
    }

    pub fn count(&self, suffix: &str, range: RangeInclusive<usize>) -> Result<usize, ModelError> {
        Ok(require(&self.name(suffix), self.optional_count(suffix, range)?)?)
    }

    /// As the file has it, 0 included.
    pub fn raw_count(&self, suffix: &str) -> Result<Option<usize>, ModelError> {
        Ok(self.meta.usize(&self.name(suffix))?)
    }

    /// A count that files give once or per layer, of a model of `layers` layers. Files may count layers that are not
    /// part of the trunk too; those come last.
    pub fn counts_per_layer(
        &self,
        suffix: &str,
        layers: usize,
        range: RangeInclusive<usize>,
    ) -> Result<Option<Vec<usize>>, ModelError> {
        let name = self.name(suffix);
        let values = match self.meta.get(&name) {
            None => return Ok(None),
            Some(Value::Array(_)) => {
                let values = require(&name, self.meta.u32s(&name)?)?;
                self.check_layers(suffix, values.len(), layers)?;
                values[..layers].iter().map(|&v| v as usize).collect()
            }
            Some(_) => vec![require(&name, self.meta.usize(&name)?)?; layers],
        };
        for &value in &values {
            self.in_range(suffix, value, &range)?;
        }
        Ok(Some(values))
    }

    /// A flag per layer: an array of anything that is 0 or 1. `None` if the key is absent or no array.
    pub fn flags_per_layer(&self, suffix: &str, layers: usize) -> Result<Option<Vec<bool>>, ModelError> {
        let name = self.name(suffix);
        let Some(Value::Array(array)) = self.meta.get(&name) else { return Ok(None) };
        self.check_layers(suffix, array.len(), layers)?;
        let flag = |i: usize| array.number(i).and_then(|v| v.as_bool());
        let flags: Option<Vec<bool>> = (0..layers).map(flag).collect();
        let wrong = || {
            let found = format!("array of {}", array.element_type().name());
            self.bad(suffix, found, "flags: 0 or 1 a layer".to_owned())
        };
        Ok(Some(flags.ok_or_else(wrong)?))
    }

    /// A number of at least 0 that files give once or per layer; absent if all are 0.
    pub fn numbers_per_layer(&self, suffix: &str, layers: usize) -> Result<Option<Vec<f32>>, ModelError> {
        let good = |v: f32| v.is_finite() && v >= 0.0;
        let values = self.per_layer(&self.name(suffix), layers, good, "numbers of at least 0")?;
        Ok(values.filter(|values| values.iter().any(|&v| v > 0.0)))
    }

    /// Any finite number that files give once or per layer, by a key without the architecture's prefix.
    pub fn unprefixed_per_layer(&self, key: &str, layers: usize) -> Result<Option<Vec<f32>>, ModelError> {
        self.per_layer(key, layers, f32::is_finite, "finite numbers")
    }

    /// A number that files give once or per layer, by the whole key.
    pub fn per_layer(
        &self,
        key: &str,
        layers: usize,
        good: impl Fn(f32) -> bool,
        expected: &str,
    ) -> Result<Option<Vec<f32>>, ModelError> {
        let bad = |value: String, expected: &str| ModelError::BadValue {
            key: key.to_owned(),
            value,
            expected: expected.to_owned(),
        };
        let values: Vec<f32> = match self.meta.get(key) {
            None => return Ok(None),
            Some(Value::Array(array)) => {
                if !(layers..=super::MAX_LAYERS).contains(&array.len()) {
                    let expected = format!("{layers} entries, one a layer");
                    return Err(bad(format!("{} entries", array.len()), &expected));
                }
                let wrong = || bad("no numbers".to_owned(), "a number a layer");
                let number = |i: usize| array.number(i).and_then(|v| v.as_f32()).ok_or_else(wrong);
                (0..layers).map(number).collect::<Result<_, _>>()?
            }
            Some(_) => vec![require(key, self.meta.f32(key)?)?; layers],
        };
        match values.iter().find(|&&v| !good(v)) {
            Some(wrong) => Err(bad(wrong.to_string(), expected)),
            None => Ok(Some(values)),
        }
    }

    pub fn flag(&self, suffix: &str) -> Result<Option<bool>, ModelError> {
        Ok(self.meta.bool(&self.name(suffix))?)
    }

    pub fn text(&self, suffix: &str) -> Result<Option<&'a str>, ModelError> {
        Ok(self.meta.string(&self.name(suffix))?)
    }

    /// Entries of a list of texts.
    pub fn texts(&self, suffix: &str) -> Result<Option<usize>, ModelError> {
        Ok(self.meta.strings(&self.name(suffix))?.map(|texts| texts.len()))
    }

    pub fn has_array(&self, suffix: &str) -> bool {
        matches!(self.meta.get(&self.name(suffix)), Some(Value::Array(array)) if !array.is_empty())
    }

    /// A positive number; absent if it is 0.
    pub fn positive(&self, suffix: &str) -> Result<Option<f32>, ModelError> {
        Ok(self.number(suffix, |v| v >= 0.0, "a positive number, or 0 for none")?.filter(|&v| v > 0.0))
    }

    /// A positive number, or an error if it is 0.
    pub fn strictly_positive(&self, suffix: &str) -> Result<Option<f32>, ModelError> {
        self.number(suffix, |v| v > 0.0, "a positive number")
    }

    /// Any finite number.
    pub fn finite(&self, suffix: &str) -> Result<Option<f32>, ModelError> {
        self.number(suffix, |_| true, "a finite number")
    }

    fn number(
        &self,
        suffix: &str,
        good: impl Fn(f32) -> bool,
        expected: &str,
    ) -> Result<Option<f32>, ModelError> {
        match self.meta.f32(&self.name(suffix))? {
            Some(value) if !(value.is_finite() && good(value)) => {
                Err(self.bad(suffix, value, expected.to_owned()))
            }
            value => Ok(value),
        }
    }

    pub fn in_range(
        &self,
        suffix: &str,
        value: usize,
        range: &RangeInclusive<usize>,
    ) -> Result<usize, ModelError> {
        if range.contains(&value) {
            return Ok(value);
        }
        Err(self.bad(suffix, value, format!("{} to {}", range.start(), range.end())))
    }

    fn check_layers(&self, suffix: &str, entries: usize, layers: usize) -> Result<(), ModelError> {
        if (layers..=super::MAX_LAYERS).contains(&entries) {
            return Ok(());
        }
        Err(self.bad(suffix, format!("{entries} entries"), format!("{layers} entries, one a layer")))
    }

    /// Refuses a key that would change the arithmetic and that nothing read, unless its value is neutral or the
    /// architecture says that nobody reads it.
    pub fn refuse_unread(&self, unread: &[&str]) -> Result<(), ModelError> {
        let prefix = format!("{}.", self.prefix);
        for (key, value) in self.meta.iter() {
            let Some(suffix) = key.strip_prefix(&prefix) else { continue };
            let known = self.read.borrow().contains(suffix)
                || INFORMATION.contains(&suffix)
                || unread.contains(&suffix);
            if !known && changes_arithmetic(suffix) && !is_neutral(suffix, value) {
                return Err(self.unsupported(suffix, shown(value)));
            }
        }
        Ok(())
    }
}

fn changes_arithmetic(suffix: &str) -> bool {
    ARITHMETIC_PREFIXES.iter().any(|p| suffix.starts_with(p))
        || ARITHMETIC_SUFFIXES.iter().any(|s| suffix.ends_with(s))
}

/// True for values that writers give for "unset": 0, false, -1 as an unsigned number, 1 for a factor; an empty text, and
/// arrays of such.
fn is_neutral(suffix: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty() || text == "none",
        Value::Array(array) => {
            (0..array.len()).all(|i| array.number(i).is_some_and(|v| is_neutral(suffix, &v)))
        }
        scalar => match scalar.as_integer() {
            Some(v) => {
                v == 0 || v == i128::from(u32::MAX) || v == -1 || (v == 1 && suffix.ends_with("_scale"))
            }
            None => false,
        },
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(array) => format!("an array of {}", array.len()),
        scalar => scalar.as_f32().map_or_else(|| scalar.type_name(), |v| v.to_string()),
    }
}
