//! Metadata values as they are in memory.

/// Types of metadata values. The discriminant is the number in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum ValueType {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12,
}

impl ValueType {
    const ALL: [ValueType; 13] = [
        ValueType::U8,
        ValueType::I8,
        ValueType::U16,
        ValueType::I16,
        ValueType::U32,
        ValueType::I32,
        ValueType::F32,
        ValueType::Bool,
        ValueType::String,
        ValueType::Array,
        ValueType::U64,
        ValueType::I64,
        ValueType::F64,
    ];

    /// The type with this number in a file.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The name users know, for messages.
    pub fn name(self) -> &'static str {
        match self {
            ValueType::U8 => "u8",
            ValueType::I8 => "i8",
            ValueType::U16 => "u16",
            ValueType::I16 => "i16",
            ValueType::U32 => "u32",
            ValueType::I32 => "i32",
            ValueType::F32 => "f32",
            ValueType::Bool => "bool",
            ValueType::String => "string",
            ValueType::Array => "array",
            ValueType::U64 => "u64",
            ValueType::I64 => "i64",
            ValueType::F64 => "f64",
        }
    }
}

/// One metadata value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    U8(u8),
    I8(i8),
    U16(u16),
    I16(i16),
    U32(u32),
    I32(i32),
    U64(u64),
    I64(i64),
    F32(f32),
    F64(f64),
    Bool(bool),
    String(String),
    Array(Array),
}

/// An array value: all elements of one type, never an array itself.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Array {
    U8(Vec<u8>),
    I8(Vec<i8>),
    U16(Vec<u16>),
    I16(Vec<i16>),
    U32(Vec<u32>),
    I32(Vec<i32>),
    U64(Vec<u64>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Bool(Vec<bool>),
    String(StringArray),
}

impl Value {
    /// Its type.
    pub fn value_type(&self) -> ValueType {
        match self {
            Value::U8(_) => ValueType::U8,
            Value::I8(_) => ValueType::I8,
            Value::U16(_) => ValueType::U16,
            Value::I16(_) => ValueType::I16,
            Value::U32(_) => ValueType::U32,
            Value::I32(_) => ValueType::I32,
            Value::U64(_) => ValueType::U64,
            Value::I64(_) => ValueType::I64,
            Value::F32(_) => ValueType::F32,
            Value::F64(_) => ValueType::F64,
            Value::Bool(_) => ValueType::Bool,
            Value::String(_) => ValueType::String,
            Value::Array(_) => ValueType::Array,
        }
    }

    /// Its type for messages: `u32`, `array of string`.
    pub fn type_name(&self) -> String {
        match self {
            Value::Array(array) => format!("array of {}", array.element_type().name()),
            scalar => scalar.value_type().name().to_owned(),
        }
    }

    /// The integer that this value holds exactly: any integer type, a bool as 0 or 1, a float without a fraction.
    pub fn as_integer(&self) -> Option<i128> {
        match *self {
            Value::U8(v) => Some(v.into()),
            Value::I8(v) => Some(v.into()),
            Value::U16(v) => Some(v.into()),
            Value::I16(v) => Some(v.into()),
            Value::U32(v) => Some(v.into()),
            Value::I32(v) => Some(v.into()),
            Value::U64(v) => Some(v.into()),
            Value::I64(v) => Some(v.into()),
            Value::Bool(v) => Some(v.into()),
            Value::F32(v) => whole(v.into()),
            Value::F64(v) => whole(v),
            Value::String(_) | Value::Array(_) => None,
        }
    }

    /// The value as an f32: a float, rounded if it is an f64, or what [`as_integer`](Self::as_integer) gives if an f32
    /// holds it exactly.
    pub fn as_f32(&self) -> Option<f32> {
        match *self {
            Value::F32(v) => Some(v),
            Value::F64(v) => Some(v as f32),
            _ => self.as_integer().filter(|&v| (v as f32) as i128 == v).map(|v| v as f32),
        }
    }

    /// The value as a bool: a bool, or a number that is 0 or 1.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_integer()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// The scalar that this value is, or that an array of numbers repeats: writers disagree on which of the two a key is.
    pub fn as_scalar(&self) -> Option<Value> {
        match self {
            Value::Array(array) => {
                let first = array.number(0)?;
                (1..array.len()).all(|i| array.number(i).as_ref() == Some(&first)).then_some(first)
            }
            scalar => Some(scalar.clone()),
        }
    }
}

/// A float without a fraction, within the range where floats hold every integer.
fn whole(v: f64) -> Option<i128> {
    (v.fract() == 0.0 && v.abs() <= (1u64 << 53) as f64).then_some(v as i128)
}

impl Array {
    /// Type of the elements.
    pub fn element_type(&self) -> ValueType {
        match self {
            Array::U8(_) => ValueType::U8,
            Array::I8(_) => ValueType::I8,
            Array::U16(_) => ValueType::U16,
            Array::I16(_) => ValueType::I16,
            Array::U32(_) => ValueType::U32,
            Array::I32(_) => ValueType::I32,
            Array::U64(_) => ValueType::U64,
            Array::I64(_) => ValueType::I64,
            Array::F32(_) => ValueType::F32,
            Array::F64(_) => ValueType::F64,
            Array::Bool(_) => ValueType::Bool,
            Array::String(_) => ValueType::String,
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Array::U8(v) => v.len(),
            Array::I8(v) => v.len(),
            Array::U16(v) => v.len(),
            Array::I16(v) => v.len(),
            Array::U32(v) => v.len(),
            Array::I32(v) => v.len(),
            Array::U64(v) => v.len(),
            Array::I64(v) => v.len(),
            Array::F32(v) => v.len(),
            Array::F64(v) => v.len(),
            Array::Bool(v) => v.len(),
            Array::String(v) => v.len(),
        }
    }

    /// True if there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `index` as a scalar; `None` beyond the end and for strings.
    pub fn number(&self, index: usize) -> Option<Value> {
        fn at<T: Copy + Into<Value>>(items: &[T], index: usize) -> Option<Value> {
            items.get(index).map(|&item| item.into())
        }
        match self {
            Array::U8(v) => at(v, index),
            Array::I8(v) => at(v, index),
            Array::U16(v) => at(v, index),
            Array::I16(v) => at(v, index),
            Array::U32(v) => at(v, index),
            Array::I32(v) => at(v, index),
            Array::U64(v) => at(v, index),
            Array::I64(v) => at(v, index),
            Array::F32(v) => at(v, index),
            Array::F64(v) => at(v, index),
            Array::Bool(v) => at(v, index),
            Array::String(_) => None,
        }
    }

    /// The elements of any integer array as `T`: `None` if this is no integer array, `Some(Err(element))`
    /// with the first element that does not fit.
    pub(crate) fn integers<T: TryFrom<i128>>(&self) -> Option<Result<Vec<T>, i128>> {
        fn convert<S: Copy + Into<i128>, T: TryFrom<i128>>(items: &[S]) -> Option<Result<Vec<T>, i128>> {
            Some(items.iter().map(|&item| T::try_from(item.into()).map_err(|_| item.into())).collect())
        }
        match self {
            Array::U8(v) => convert(v),
            Array::I8(v) => convert(v),
            Array::U16(v) => convert(v),
            Array::I16(v) => convert(v),
            Array::U32(v) => convert(v),
            Array::I32(v) => convert(v),
            Array::U64(v) => convert(v),
            Array::I64(v) => convert(v),
            _ => None,
        }
    }
}

/// Many strings in two allocations: a vocabulary has hundreds of thousands, and one allocation each would
/// cost more time and memory than all the rest of opening a model.
///
/// ```text
/// text  "HelloWorld!"        ends  [5, 10, 11]
/// ```
/// Memory: the text plus 8 bytes a string, exactly what the strings take in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StringArray {
    text: String,
    ends: Vec<usize>,
}

impl StringArray {
    /// An empty array with room for this many strings and bytes of text.
    pub fn with_capacity(strings: usize, text_bytes: usize) -> Self {
        Self { text: String::with_capacity(text_bytes), ends: Vec::with_capacity(strings) }
    }

    /// Strings whose `text` is joined; string `i` ends at `ends[i]`, the last at the end of the text.
    pub(crate) fn from_text(text: Vec<u8>, ends: Vec<usize>) -> Result<Self, BrokenString> {
        let broken_at = |byte: usize| {
            let index = ends.partition_point(|&end| end <= byte);
            BrokenString { index, text_offset: index.checked_sub(1).map_or(0, |previous| ends[previous]) }
        };
        let text = String::from_utf8(text).map_err(|error| broken_at(error.utf8_error().valid_up_to()))?;
        // Text that is right as a whole may still be cut inside a character.
        match ends.iter().find(|&&end| !text.is_char_boundary(end)) {
            Some(&end) => Err(broken_at(end - 1)),
            None => Ok(Self { text, ends }),
        }
    }

    /// Adds a string at the end.
    pub fn push(&mut self, item: &str) {
        self.text.push_str(item);
        self.ends.push(self.text.len());
    }

    /// Number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there are no strings.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string at `index`.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        Some(&self.text[start..end])
    }

    /// All strings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + Clone {
        (0..self.len()).map(|index| &self[index])
    }
}

/// Which string of a [`StringArray`] is not UTF-8, and where in the joined text it starts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokenString {
    pub(crate) index: usize,
    pub(crate) text_offset: usize,
}

impl std::ops::Index<usize> for StringArray {
    type Output = str;

    fn index(&self, index: usize) -> &str {
        match self.get(index) {
            Some(item) => item,
            None => panic!("index {index} is outside an array of {} strings", self.len()),
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for StringArray {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        let mut array = Self::default();
        for item in items {
            array.push(item.as_ref());
        }
        array
    }
}

macro_rules! value_from {
    ($($source:ty => $variant:ident),* $(,)?) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Self { Value::$variant(value) }
        }
        impl From<Vec<$source>> for Value {
            fn from(values: Vec<$source>) -> Self { Value::Array(Array::$variant(values)) }
        }
    )*};
}
value_from!(u8 => U8, i8 => I8, u16 => U16, i16 => I16, u32 => U32, i32 => I32, u64 => U64, i64 => I64,
    f32 => F32, f64 => F64, bool => Bool);

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(value)
    }
}

impl From<StringArray> for Value {
    fn from(values: StringArray) -> Self {
        Value::Array(Array::String(values))
    }
}

impl From<Vec<String>> for Value {
    fn from(values: Vec<String>) -> Self {
        values.iter().collect::<StringArray>().into()
    }
}

impl From<&[&str]> for Value {
    fn from(values: &[&str]) -> Self {
        values.iter().collect::<StringArray>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_numbers_are_their_place_in_the_list() {
        for (number, &value_type) in ValueType::ALL.iter().enumerate() {
            assert_eq!(value_type as usize, number);
            assert_eq!(ValueType::from_number(number as u32), Some(value_type));
        }
        assert_eq!(ValueType::from_number(13), None);
        assert_eq!(ValueType::from_number(u32::MAX), None);
    }

    #[test]
    fn string_array_gives_back_what_went_in() {
        let items = ["", "Hello", "", "Wörld", "🙂", ""];
        let array: StringArray = items.iter().collect();
        assert_eq!(array.len(), 6);
        assert_eq!(array.iter().collect::<Vec<_>>(), items);
        assert_eq!(&array[4], "🙂");
        assert_eq!(array.get(6), None);
        assert!(StringArray::default().is_empty());
    }

    #[test]
    fn broken_utf8_names_the_string() {
        let from = |text: &[u8], ends: &[usize]| StringArray::from_text(text.to_vec(), ends.to_vec());
        let broken = |index, text_offset| Err(BrokenString { index, text_offset });
        assert_eq!(from("aö🙂".as_bytes(), &[0, 1, 3, 3, 7]), Ok(["", "a", "ö", "", "🙂"].iter().collect()));
        assert_eq!(from(b"", &[]), Ok(StringArray::default()));
        assert_eq!(from(b"ab\xffc", &[1, 2, 4]), broken(2, 2));
        assert_eq!(from(b"\xff", &[0, 0, 1]), broken(2, 0));
        assert_eq!(from("aö".as_bytes(), &[1, 2, 3]), broken(1, 1), "cut inside a character");
        assert_eq!(from("aö".as_bytes(), &[1, 2, 2, 3]), broken(1, 1));
        assert_eq!(from("ab\u{f6}".as_bytes(), &[3, 4]), broken(0, 0));
    }

    #[test]
    #[should_panic(expected = "index 1 is outside an array of 1 strings")]
    fn string_array_index_out_of_range_panics_with_the_numbers() {
        let array: StringArray = ["a"].iter().collect();
        let _ = &array[1];
    }
}
