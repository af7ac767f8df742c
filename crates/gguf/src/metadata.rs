//! Key-value pairs with typed lookups.

use crate::error::shown;
use crate::{Array, GgufError, StringArray, Value};

/// A file's metadata: unique keys, in file order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    entries: Vec<(String, Value)>,
    /// Indices into `entries`, sorted by key.
    by_key: Vec<u32>,
}

/// Makes an absent value an error: `require(key, metadata.u32(key)?)?`.
///
/// Errors: [`GgufError::MissingKey`].
pub fn require<T>(key: &str, value: Option<T>) -> Result<T, GgufError> {
    value.ok_or_else(|| GgufError::MissingKey { key: shown(key) })
}

/// Typed lookups: `Ok(None)` if the key is absent, [`GgufError::WrongType`] if its value is of another type.
///
/// Writers disagree on types, so a lookup of a number or bool takes every type that holds its value exactly, and an array
/// that repeats one value. Integer lookups fail with [`GgufError::OutOfRange`] if the value does not fit.
impl Metadata {
    /// Indexes the entries. Errors: [`GgufError::DuplicateKey`].
    pub(crate) fn new(entries: Vec<(String, Value)>) -> Result<Self, GgufError> {
        let key = |index: u32| entries[index as usize].0.as_str();
        let mut by_key: Vec<u32> = (0..entries.len() as u32).collect();
        // Sorted rather than hashed: no hostile set of keys makes it slow, and it holds no second copy of them.
        by_key.sort_unstable_by(|&a, &b| key(a).cmp(key(b)));
        if let Some(pair) = by_key.windows(2).find(|pair| key(pair[0]) == key(pair[1])) {
            return Err(GgufError::DuplicateKey { key: shown(key(pair[0])) });
        }
        Ok(Self { entries, by_key })
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let found =
            self.by_key.binary_search_by(|&index| self.entries[index as usize].0.as_str().cmp(key)).ok()?;
        Some(&self.entries[self.by_key[found] as usize].1)
    }

    /// All pairs, in file order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An integer that fits `u32`.
    pub fn u32(&self, key: &str) -> Result<Option<u32>, GgufError> {
        self.integer(key, "u32")
    }

    /// An integer that fits `u64`.
    pub fn u64(&self, key: &str) -> Result<Option<u64>, GgufError> {
        self.integer(key, "u64")
    }

    /// An integer that fits `i64`.
    pub fn i64(&self, key: &str) -> Result<Option<i64>, GgufError> {
        self.integer(key, "i64")
    }

    /// An integer that fits `usize`.
    pub fn usize(&self, key: &str) -> Result<Option<usize>, GgufError> {
        self.integer(key, "usize")
    }

    /// An f32, an f64 rounded to one, or an integer that an f32 holds. Any value, also infinite or NaN.
    pub fn f32(&self, key: &str) -> Result<Option<f32>, GgufError> {
        self.scalar(key, "f32", Value::as_f32)
    }

    /// A bool, or a number that is 0 or 1.
    pub fn bool(&self, key: &str) -> Result<Option<bool>, GgufError> {
        self.scalar(key, "bool", Value::as_bool)
    }

    /// A string.
    pub fn string(&self, key: &str) -> Result<Option<&str>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(value)) => Ok(Some(value)),
            Some(other) => Err(wrong_type(key, "string", other)),
        }
    }

    /// An array of strings.
    pub fn strings(&self, key: &str) -> Result<Option<&StringArray>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(Array::String(values))) => Ok(Some(values)),
            Some(other) => Err(wrong_type(key, "array of string", other)),
        }
    }

    /// An array of integers that all fit `u32`.
    pub fn u32s(&self, key: &str) -> Result<Option<Vec<u32>>, GgufError> {
        self.integers(key, "array of u32")
    }

    /// An array of integers that all fit `i32`.
    pub fn i32s(&self, key: &str) -> Result<Option<Vec<i32>>, GgufError> {
        self.integers(key, "array of i32")
    }

    /// An array of f32.
    pub fn f32s(&self, key: &str) -> Result<Option<&[f32]>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(Array::F32(values))) => Ok(Some(values)),
            Some(other) => Err(wrong_type(key, "array of f32", other)),
        }
    }

    /// An array of bools.
    pub fn bools(&self, key: &str) -> Result<Option<&[bool]>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(Array::Bool(values))) => Ok(Some(values)),
            Some(other) => Err(wrong_type(key, "array of bool", other)),
        }
    }

    fn scalar<T>(
        &self,
        key: &str,
        expected: &'static str,
        convert: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, GgufError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let converted = value.as_scalar().and_then(|scalar| convert(&scalar));
        converted.map(Some).ok_or_else(|| wrong_type(key, expected, value))
    }

    fn integer<T: TryFrom<i128>>(&self, key: &str, expected: &'static str) -> Result<Option<T>, GgufError> {
        let Some(integer) = self.scalar(key, expected, Value::as_integer)? else { return Ok(None) };
        T::try_from(integer).map(Some).map_err(|_| out_of_range(key, expected, integer))
    }

    fn integers<T: TryFrom<i128>>(
        &self,
        key: &str,
        expected: &'static str,
    ) -> Result<Option<Vec<T>>, GgufError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let converted = match value {
            Value::Array(array) => array.integers(),
            _ => None,
        };
        let items = converted.ok_or_else(|| wrong_type(key, expected, value))?;
        items.map(Some).map_err(|item| out_of_range(key, expected, item))
    }
}

fn wrong_type(key: &str, expected: &'static str, found: &Value) -> GgufError {
    GgufError::WrongType { key: shown(key), expected, found: found.type_name() }
}

fn out_of_range(key: &str, expected: &'static str, found: i128) -> GgufError {
    GgufError::OutOfRange { key: shown(key), expected, found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        let entries: Vec<(&str, Value)> = vec![
            ("count", 7_u8.into()),
            ("negative", (-1_i32).into()),
            ("huge", u64::MAX.into()),
            ("epsilon", 1e-5_f32.into()),
            ("wide", 0.5_f64.into()),
            ("flag", true.into()),
            ("name", "llama".into()),
            ("tokens", Value::from(&["a", "b"][..])),
            ("types", vec![1_i32, 3].into()),
            ("scores", vec![0.5_f32].into()),
            ("mask", vec![true, false].into()),
            ("mixed", vec![1_i64, -2].into()),
        ];
        Metadata::new(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            .expect("unique")
    }

    #[test]
    fn typed_lookups_find_their_values() {
        let m = metadata();
        assert_eq!(m.u32("count").expect("u8 fits"), Some(7));
        assert_eq!(m.usize("count").expect("u8 fits"), Some(7));
        assert_eq!(m.u64("huge").expect("u64"), Some(u64::MAX));
        assert_eq!(m.i64("negative").expect("i32 fits"), Some(-1));
        assert_eq!(m.f32("epsilon").expect("f32"), Some(1e-5));
        assert_eq!(m.f32("wide").expect("f64"), Some(0.5));
        assert_eq!(m.bool("flag").expect("bool"), Some(true));
        assert_eq!(m.string("name").expect("string"), Some("llama"));
        assert_eq!(m.strings("tokens").expect("strings").map(StringArray::len), Some(2));
        assert_eq!(m.u32s("types").expect("fit"), Some(vec![1, 3]));
        assert_eq!(m.i32s("mixed").expect("fit"), Some(vec![1, -2]));
        assert_eq!(m.f32s("scores").expect("f32s"), Some(&[0.5][..]));
        assert_eq!(m.bools("mask").expect("bools"), Some(&[true, false][..]));
        assert_eq!(m.iter().next().map(|(key, _)| key), Some("count"), "file order");
        assert_eq!((m.len(), m.is_empty()), (12, false));
    }

    #[test]
    fn any_type_that_holds_the_value_is_read() {
        let entries: Vec<(&str, Value)> = vec![
            ("float count", 8.0_f32.into()),
            ("wide count", 8.0_f64.into()),
            ("flag", true.into()),
            ("one", 1_u8.into()),
            ("nothing", 0.0_f32.into()),
            ("repeated", vec![6_i32, 6, 6].into()),
            ("different", vec![6_i32, 7].into()),
            ("empty", Vec::<u32>::new().into()),
            ("large", (1_i64 << 24).into()),
            ("larger", ((1_i64 << 24) + 1).into()),
        ];
        let m = Metadata::new(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            .expect("unique");
        assert_eq!(m.usize("float count").expect("whole"), Some(8));
        assert_eq!(m.u32("wide count").expect("whole"), Some(8));
        assert_eq!(m.u32("flag").expect("0 or 1"), Some(1));
        assert_eq!(m.bool("one").expect("0 or 1"), Some(true));
        assert_eq!(m.bool("nothing").expect("0 or 1"), Some(false));
        assert_eq!(
            (m.u32("repeated").expect("one value"), m.f32("repeated").expect("one value")),
            (Some(6), Some(6.0))
        );
        assert!(matches!(m.u32("different"), Err(GgufError::WrongType { .. })));
        assert!(matches!(m.u32("empty"), Err(GgufError::WrongType { .. })));
        assert_eq!(m.f32("large").expect("an f32 holds it"), Some(16_777_216.0));
        assert!(matches!(m.f32("larger"), Err(GgufError::WrongType { .. })), "no f32 holds it");
    }

    #[test]
    fn absent_keys_are_none_and_missing_if_required() {
        let m = metadata();
        assert_eq!(m.u32("absent").expect("absent is no error"), None);
        assert!(m.strings("absent").expect("absent is no error").is_none());
        let error = require("absent", m.u32("absent").expect("absent is no error"));
        assert!(matches!(error, Err(GgufError::MissingKey { key }) if key == "`absent`"));
        assert_eq!(require("count", m.u32("count").expect("u8 fits")).expect("present"), 7);
    }

    #[test]
    fn other_types_and_values_that_do_not_fit_are_errors() {
        let m = metadata();
        assert!(matches!(m.u32("name"), Err(GgufError::WrongType { expected: "u32", .. })));
        assert!(matches!(m.bool("count"), Err(GgufError::WrongType { .. })), "7 is no bool");
        assert!(matches!(m.u32("wide"), Err(GgufError::WrongType { .. })), "0.5 is no integer");
        assert!(
            matches!(m.string("tokens"), Err(GgufError::WrongType { found, .. }) if found == "array of string")
        );
        assert!(matches!(m.strings("name"), Err(GgufError::WrongType { .. })));
        assert!(matches!(m.f32s("types"), Err(GgufError::WrongType { .. })));
        assert!(matches!(m.bools("types"), Err(GgufError::WrongType { .. })));
        assert!(matches!(m.u32s("scores"), Err(GgufError::WrongType { .. })));
        assert!(matches!(m.u32s("count"), Err(GgufError::WrongType { .. })));
        assert!(matches!(m.u32("huge"), Err(GgufError::OutOfRange { .. })));
        assert!(matches!(m.u32("negative"), Err(GgufError::OutOfRange { found, .. }) if found == "-1"));
        assert!(matches!(m.u32s("mixed"), Err(GgufError::OutOfRange { found, .. }) if found == "-2"));
    }

    #[test]
    fn a_key_twice_is_an_error() {
        let entries = [("a", 1_u8), ("b", 2), ("a", 3)];
        let result =
            Metadata::new(entries.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect());
        assert!(matches!(result, Err(GgufError::DuplicateKey { key }) if key == "`a`"));
    }
}
