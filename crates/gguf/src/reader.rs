//! A cursor over file bytes: nothing is read, and no length believed, that the bytes left do not hold.

use std::fmt;

use crate::error::shown;
use crate::{GgufError, MAX_HEADER_BYTES};

/// What is being read; turned into text only if it goes wrong.
#[derive(Clone, Copy)]
pub(crate) enum Field<'a> {
    Magic,
    Version,
    TensorCount,
    KvCount,
    Kvs,
    TensorInfos,
    Key(u64),
    ValueType(&'a str),
    Value(&'a str),
    ElementType(&'a str),
    ArrayLength(&'a str),
    Element(&'a str, u64),
    TensorName(u64),
    DimCount(&'a str),
    Dim(&'a str, u32),
    TensorType(&'a str),
    TensorOffset(&'a str),
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Field::Magic => f.write_str("magic"),
            Field::Version => f.write_str("version"),
            Field::TensorCount => f.write_str("tensor count"),
            Field::KvCount => f.write_str("metadata count"),
            Field::Kvs => f.write_str("metadata"),
            Field::TensorInfos => f.write_str("tensor infos"),
            Field::Key(index) => write!(f, "key of metadata entry {index}"),
            Field::ValueType(key) => write!(f, "value type of {}", shown(key)),
            Field::Value(key) => write!(f, "value of {}", shown(key)),
            Field::ElementType(key) => write!(f, "element type of {}", shown(key)),
            Field::ArrayLength(key) => write!(f, "array length of {}", shown(key)),
            Field::Element(key, index) => write!(f, "element {index} of {}", shown(key)),
            Field::TensorName(index) => write!(f, "name of tensor {index}"),
            Field::DimCount(name) => write!(f, "dim count of tensor {}", shown(name)),
            Field::Dim(name, dim) => write!(f, "dim {dim} of tensor {}", shown(name)),
            Field::TensorType(name) => write!(f, "type of tensor {}", shown(name)),
            Field::TensorOffset(name) => write!(f, "data offset of tensor {}", shown(name)),
        }
    }
}

/// The cursor. `pos <= bytes.len()` always. A failed read may leave it anywhere in between.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pos: 0 }
    }

    /// Byte offset in the file of what is read next.
    pub(crate) fn offset(&self) -> u64 {
        self.pos as u64
    }

    /// Checks that `count` items of at least `item_bytes` each can still follow.
    pub(crate) fn expect(&self, count: u64, item_bytes: u64, field: Field<'_>) -> Result<(), GgufError> {
        let need = count.saturating_mul(item_bytes);
        let have = (self.bytes.len() - self.pos) as u64;
        let header_left = MAX_HEADER_BYTES.saturating_sub(self.offset());
        if need > header_left && need <= have {
            let field = format!("length of the header, with {field},");
            let value = self.offset().saturating_add(need);
            return Err(GgufError::OverLimit {
                field,
                offset: self.offset(),
                value,
                limit: MAX_HEADER_BYTES,
            });
        }
        if need > have {
            return Err(GgufError::Truncated { field: field.to_string(), offset: self.offset(), need, have });
        }
        Ok(())
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: u64, field: Field<'_>) -> Result<&'a [u8], GgufError> {
        self.expect(length, 1, field)?;
        // Fits: `length` is no more than the bytes left.
        let end = self.pos + length as usize;
        let taken = &self.bytes[self.pos..end];
        self.pos = end;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self, field: Field<'_>) -> Result<[u8; N], GgufError> {
        let bytes = self.take(N as u64, field)?;
        Ok(bytes.try_into().expect("take gives the length asked for"))
    }

    pub(crate) fn u32(&mut self, field: Field<'_>) -> Result<u32, GgufError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, field: Field<'_>) -> Result<u64, GgufError> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// A count of items that need at least `item_bytes` each; refused over `limit`, and if the file cannot
    /// hold them.
    pub(crate) fn count(&mut self, limit: u64, item_bytes: u64, field: Field<'_>) -> Result<u64, GgufError> {
        let offset = self.offset();
        let count = self.u64(field)?;
        if count > limit {
            return Err(GgufError::OverLimit { field: field.to_string(), offset, value: count, limit });
        }
        self.expect(count, item_bytes, field)?;
        Ok(count)
    }

    /// The bytes of a length-prefixed string, not yet known to be UTF-8.
    pub(crate) fn string_bytes(&mut self, field: Field<'_>) -> Result<&'a [u8], GgufError> {
        let length = self.u64(field)?;
        self.take(length, field)
    }

    /// The bytes of a length-prefixed string, or `None`, with nothing read, if it does not fit: no error is
    /// made here, which is what an array of a million strings needs.
    #[inline]
    pub(crate) fn next_string(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.bytes[self.pos..].split_first_chunk::<8>()?;
        let string = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let end = self.pos + 8 + string.len();
        if end as u64 > MAX_HEADER_BYTES {
            return None;
        }
        self.pos = end;
        Some(string)
    }

    /// A length-prefixed string.
    pub(crate) fn string(&mut self, field: Field<'_>) -> Result<&'a str, GgufError> {
        let offset = self.offset();
        let bytes = self.string_bytes(field)?;
        std::str::from_utf8(bytes).map_err(|_| GgufError::InvalidUtf8 { field: field.to_string(), offset })
    }

    /// A length-prefixed string that names something: 1 to `limit` bytes.
    pub(crate) fn name(&mut self, limit: u64, field: Field<'_>) -> Result<&'a str, GgufError> {
        let offset = self.offset();
        let length = self.clone().u64(field)?;
        if length > limit {
            let field = format!("length of {field}");
            return Err(GgufError::OverLimit { field, offset, value: length, limit });
        }
        if length == 0 {
            return Err(GgufError::Empty { field: field.to_string(), offset });
        }
        self.string(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_would_wrap_are_truncation_errors() {
        for length in [5, 1 << 31, u64::from(u32::MAX), 1 << 62, 1 << 63, u64::MAX] {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend([0; 4]);
            let error = Reader::new(&bytes).string(Field::Key(0)).expect_err("too long");
            match error {
                GgufError::Truncated { field, offset, need, have } => {
                    assert_eq!(
                        (field.as_str(), offset, need, have),
                        ("key of metadata entry 0", 8, length, 4)
                    );
                }
                other => panic!("{other}"),
            }
        }
        let reader = Reader::new(&[0; 16]);
        assert!(reader.expect(1 << 62, 8, Field::Kvs).is_err(), "2^65 bytes do not wrap to a small number");
        assert!(reader.expect(2, 8, Field::Kvs).is_ok());
    }

    #[test]
    fn names_are_bounded_and_not_empty() {
        let named = |length: u64, text: &[u8]| {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend(text);
            Reader::new(&bytes).name(4, Field::TensorName(7)).map(str::to_owned)
        };
        assert_eq!(named(4, b"abcd").expect("fits"), "abcd");
        assert!(matches!(named(5, b"abcde"), Err(GgufError::OverLimit { value: 5, limit: 4, .. })));
        assert!(matches!(named(u64::MAX, b""), Err(GgufError::OverLimit { value: u64::MAX, .. })));
        assert!(matches!(named(0, b""), Err(GgufError::Empty { .. })));
        assert!(matches!(named(2, b"\xff\xfe"), Err(GgufError::InvalidUtf8 { offset: 0, .. })));
        assert!(matches!(named(4, b"abc"), Err(GgufError::Truncated { need: 4, have: 3, .. })));
    }
}
