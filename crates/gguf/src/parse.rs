//! File bytes to a checked [`Header`]. See the crate's drawing for the layout.

use crate::error::shown;
use crate::layout::{self, RawTensor};
use crate::metadata::Metadata;
use crate::reader::{Field, Reader};
use crate::{
    ALIGNMENT_RANGE, Array, DEFAULT_ALIGNMENT, GgmlType, GgufError, MAGIC, MAX_DIMS, MAX_KEY_BYTES,
    MAX_KV_COUNT, MAX_TENSOR_COUNT, MAX_TENSOR_NAME_BYTES, StringArray, TensorInfo, Value, ValueType,
};

/// Everything a file says before its tensor data, checked.
#[derive(Clone, Debug)]
pub struct Header {
    /// Format version, 2 or 3.
    pub version: u32,
    /// `general.alignment`, or the default.
    pub alignment: u32,
    /// The key-value pairs.
    pub metadata: Metadata,
    /// The tensors, in file order; they all lie inside the file.
    pub tensors: Vec<TensorInfo>,
    /// Bytes before the padding in front of the tensor data.
    pub header_bytes: u64,
}

/// Key length, one byte of key, type, one byte of value.
const MIN_KV_BYTES: u64 = 8 + 1 + 4 + 1;
/// Name length, one byte of name, dim count, one dim, type, offset.
const MIN_TENSOR_INFO_BYTES: u64 = 8 + 1 + 4 + 8 + 4 + 8;

/// Parses and checks a whole file that is in memory (or mapped). Tensor data is not looked at, only its place
/// is checked against `file.len()`.
///
/// Errors: every [`GgufError`] but those of files, splits, lookups and writing.
pub fn parse(file: &[u8]) -> Result<Header, GgufError> {
    let mut reader = Reader::new(file);
    let version = read_version(&mut reader, file)?;
    let tensor_count = reader.count(MAX_TENSOR_COUNT, MIN_TENSOR_INFO_BYTES, Field::TensorCount)?;
    let kv_count = reader.count(MAX_KV_COUNT, MIN_KV_BYTES, Field::KvCount)?;
    let least = tensor_count * MIN_TENSOR_INFO_BYTES + kv_count * MIN_KV_BYTES;
    reader.expect(least, 1, Field::Kvs)?;

    let metadata = Metadata::new(read_kvs(&mut reader, kv_count)?)?;
    let alignment = alignment_of(&metadata)?;
    reader.expect(tensor_count, MIN_TENSOR_INFO_BYTES, Field::TensorInfos)?;
    let mut raw = Vec::with_capacity(tensor_count as usize);
    for index in 0..tensor_count {
        raw.push(read_tensor_info(&mut reader, index)?);
    }
    let header_bytes = reader.offset();
    let tensors = layout::place(raw, header_bytes, alignment, file.len() as u64)?;
    Ok(Header { version, alignment, metadata, tensors, header_bytes })
}

fn read_version(reader: &mut Reader<'_>, file: &[u8]) -> Result<u32, GgufError> {
    // Before the length is looked at: a short file that starts otherwise is no GGUF file, not a truncated one.
    let start = &file[..file.len().min(MAGIC.len())];
    if !MAGIC.starts_with(start) {
        return Err(GgufError::NotGguf { found: start.to_vec() });
    }
    reader.take(MAGIC.len() as u64, Field::Magic)?;
    let version = reader.u32(Field::Version)?;
    match version {
        2 | 3 => Ok(version),
        // The magic is four bytes in either order, so only the version betrays the byte order.
        _ if matches!(version.swap_bytes(), 1..=0xffff) => Err(GgufError::BigEndian),
        _ => Err(GgufError::UnsupportedVersion { version }),
    }
}

fn read_kvs(reader: &mut Reader<'_>, count: u64) -> Result<Vec<(String, Value)>, GgufError> {
    let mut entries = Vec::with_capacity(count as usize);
    for index in 0..count {
        let key = reader.name(MAX_KEY_BYTES, Field::Key(index))?;
        let value_type = read_type(reader, Field::ValueType(key))?;
        let value = read_value(reader, key, value_type)?;
        entries.push((key.to_owned(), value));
    }
    Ok(entries)
}

fn read_type(reader: &mut Reader<'_>, field: Field<'_>) -> Result<ValueType, GgufError> {
    let offset = reader.offset();
    let number = reader.u32(field)?;
    ValueType::from_number(number).ok_or_else(|| GgufError::UnknownValueType {
        field: field.to_string(),
        offset,
        number,
    })
}

fn read_value(reader: &mut Reader<'_>, key: &str, value_type: ValueType) -> Result<Value, GgufError> {
    let field = Field::Value(key);
    Ok(match value_type {
        ValueType::U8 => Value::U8(u8::from_le_bytes(reader.array(field)?)),
        ValueType::I8 => Value::I8(i8::from_le_bytes(reader.array(field)?)),
        ValueType::U16 => Value::U16(u16::from_le_bytes(reader.array(field)?)),
        ValueType::I16 => Value::I16(i16::from_le_bytes(reader.array(field)?)),
        ValueType::U32 => Value::U32(u32::from_le_bytes(reader.array(field)?)),
        ValueType::I32 => Value::I32(i32::from_le_bytes(reader.array(field)?)),
        ValueType::U64 => Value::U64(u64::from_le_bytes(reader.array(field)?)),
        ValueType::I64 => Value::I64(i64::from_le_bytes(reader.array(field)?)),
        ValueType::F32 => Value::F32(f32::from_le_bytes(reader.array(field)?)),
        ValueType::F64 => Value::F64(f64::from_le_bytes(reader.array(field)?)),
        ValueType::Bool => {
            let offset = reader.offset();
            let [byte] = reader.array(field)?;
            Value::Bool(bool_of(byte, field, offset)?)
        }
        ValueType::String => Value::String(reader.string(field)?.to_owned()),
        ValueType::Array => Value::Array(read_array(reader, key)?),
    })
}

fn bool_of(byte: u8, field: Field<'_>, offset: u64) -> Result<bool, GgufError> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        value => Err(GgufError::InvalidBool { field: field.to_string(), offset, value }),
    }
}

fn read_array(reader: &mut Reader<'_>, key: &str) -> Result<Array, GgufError> {
    let type_offset = reader.offset();
    let element_type = read_type(reader, Field::ElementType(key))?;
    let length = reader.u64(Field::ArrayLength(key))?;
    Ok(match element_type {
        ValueType::U8 => Array::U8(numbers(reader, length, key, u8::from_le_bytes)?),
        ValueType::I8 => Array::I8(numbers(reader, length, key, i8::from_le_bytes)?),
        ValueType::U16 => Array::U16(numbers(reader, length, key, u16::from_le_bytes)?),
        ValueType::I16 => Array::I16(numbers(reader, length, key, i16::from_le_bytes)?),
        ValueType::U32 => Array::U32(numbers(reader, length, key, u32::from_le_bytes)?),
        ValueType::I32 => Array::I32(numbers(reader, length, key, i32::from_le_bytes)?),
        ValueType::U64 => Array::U64(numbers(reader, length, key, u64::from_le_bytes)?),
        ValueType::I64 => Array::I64(numbers(reader, length, key, i64::from_le_bytes)?),
        ValueType::F32 => Array::F32(numbers(reader, length, key, f32::from_le_bytes)?),
        ValueType::F64 => Array::F64(numbers(reader, length, key, f64::from_le_bytes)?),
        ValueType::Bool => Array::Bool(read_bools(reader, length, key)?),
        ValueType::String => Array::String(read_strings(reader, length, key)?),
        ValueType::Array => {
            let field = Field::ElementType(key).to_string();
            return Err(GgufError::NestedArray { field, offset: type_offset });
        }
    })
}

/// `length` numbers of `N` bytes each.
fn numbers<T, const N: usize>(
    reader: &mut Reader<'_>,
    length: u64,
    key: &str,
    decode: fn([u8; N]) -> T,
) -> Result<Vec<T>, GgufError> {
    reader.expect(length, N as u64, Field::ArrayLength(key))?;
    let bytes = reader.take(length * N as u64, Field::ArrayLength(key))?;
    let (items, _) = bytes.as_chunks::<N>();
    Ok(items.iter().map(|&item| decode(item)).collect())
}

fn read_bools(reader: &mut Reader<'_>, length: u64, key: &str) -> Result<Vec<bool>, GgufError> {
    let start = reader.offset();
    let bytes = reader.take(length, Field::ArrayLength(key))?;
    if let Some(index) = bytes.iter().position(|&byte| byte > 1) {
        let index = index as u64;
        let field = Field::Element(key, index).to_string();
        return Err(GgufError::InvalidBool { field, offset: start + index, value: bytes[index as usize] });
    }
    Ok(bytes.iter().map(|&byte| byte == 1).collect())
}

/// Two passes: the first finds where the strings end, so that the second copies all text into one allocation
/// of the right size. UTF-8 is then checked once, which is what makes opening a large vocabulary fast.
fn read_strings(reader: &mut Reader<'_>, length: u64, key: &str) -> Result<StringArray, GgufError> {
    let start = reader.offset();
    reader.expect(length, 8, Field::ArrayLength(key))?;
    let mut ends = Vec::with_capacity(length as usize);
    let mut scout = reader.clone();
    let mut text_bytes = 0;
    for index in 0..length {
        let string = match scout.next_string() {
            Some(string) => string,
            // The slow way knows what is wrong.
            None => scout.string_bytes(Field::Element(key, index))?,
        };
        // A sum of lengths inside one file cannot overflow.
        text_bytes += string.len();
        ends.push(text_bytes);
    }
    let mut text = Vec::with_capacity(text_bytes);
    while text.len() < text_bytes {
        text.extend_from_slice(reader.next_string().expect("the first pass has read this string"));
    }
    *reader = scout;
    StringArray::from_text(text, ends).map_err(|broken| GgufError::InvalidUtf8 {
        field: Field::Element(key, broken.index as u64).to_string(),
        // Before it lie its predecessors' text and length fields.
        offset: start + broken.text_offset as u64 + 8 * broken.index as u64,
    })
}

fn alignment_of(metadata: &Metadata) -> Result<u32, GgufError> {
    match metadata.get("general.alignment") {
        None => Ok(DEFAULT_ALIGNMENT),
        Some(&Value::U32(alignment))
            if alignment.is_power_of_two() && ALIGNMENT_RANGE.contains(&alignment) =>
        {
            Ok(alignment)
        }
        Some(Value::U32(number)) => Err(GgufError::InvalidAlignment { found: number.to_string() }),
        Some(other) => Err(GgufError::InvalidAlignment { found: format!("of type {}", other.type_name()) }),
    }
}

fn read_tensor_info(reader: &mut Reader<'_>, index: u64) -> Result<RawTensor, GgufError> {
    let name = reader.name(MAX_TENSOR_NAME_BYTES, Field::TensorName(index))?;
    let offset = reader.offset();
    let count = reader.u32(Field::DimCount(name))?;
    if !(1..=MAX_DIMS).contains(&count) {
        return Err(GgufError::InvalidDimCount { tensor: shown(name), offset, count });
    }
    let mut dims = Vec::with_capacity(count as usize);
    for dim in 0..count {
        let offset = reader.offset();
        match reader.u64(Field::Dim(name, dim))? {
            0 => return Err(GgufError::ZeroDim { tensor: shown(name), offset, dim }),
            size => dims.push(size),
        }
    }
    let offset = reader.offset();
    let number = reader.u32(Field::TensorType(name))?;
    let ggml_type = GgmlType::from_number(number).ok_or_else(|| GgufError::UnknownTensorType {
        tensor: shown(name),
        offset,
        number,
    })?;
    let byte_len = layout::tensor_bytes(name, &dims, ggml_type)?;
    let data_offset = reader.u64(Field::TensorOffset(name))?;
    Ok(RawTensor { name: name.to_owned(), dims, ggml_type, byte_len, data_offset })
}
