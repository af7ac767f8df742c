//! Writes GGUF files: whole from memory, for tests, or streamed, for tools.

use std::io::{self, Write};

use crate::error::shown;
use crate::layout::{align_up, tensor_bytes};
use crate::{Array, DEFAULT_ALIGNMENT, GgmlType, GgufError, MAGIC, Value, ValueType};

/// Builds one file. Pairs and tensors keep the order in which they are added.
///
/// ```
/// use gollum_gguf::{GgmlType, Gguf, Writer};
/// let bytes = Writer::new()
///     .meta("general.architecture", "llama")
///     .tensor("output_norm.weight", &[4], GgmlType::F32, vec![0; 16])
///     .to_bytes()?;
/// assert_eq!(Gguf::from_bytes(bytes)?.tensors().len(), 1);
/// # Ok::<(), gollum_gguf::GgufError>(())
/// ```
/// The writer checks what it needs for the layout, the sizes of tensors. Names, duplicates and limits are the
/// reader's to refuse, so that tests can write files that break them.
#[derive(Clone, Debug)]
pub struct Writer {
    version: u32,
    metadata: Vec<(String, Value)>,
    tensors: Vec<Tensor>,
}

#[derive(Clone, Debug)]
struct Tensor {
    name: String,
    dims: Vec<u64>,
    ggml_type: GgmlType,
    bytes: Vec<u8>,
}

impl Default for Writer {
    fn default() -> Self {
        Self { version: 3, metadata: Vec::new(), tensors: Vec::new() }
    }
}

impl Writer {
    /// An empty file of version 3.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the version number; the layout is that of 2 and 3 in any case.
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Adds a key-value pair. `general.alignment`, if it is a `u32` above zero, sets the alignment.
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    /// Adds a tensor. `dims` in ggml's order, `dims[0]` contiguous; `bytes` must be what dims and type need.
    pub fn tensor(
        mut self,
        name: impl Into<String>,
        dims: &[usize],
        ggml_type: GgmlType,
        bytes: Vec<u8>,
    ) -> Self {
        let dims = dims.iter().map(|&dim| dim as u64).collect();
        self.tensors.push(Tensor { name: name.into(), dims, ggml_type, bytes });
        self
    }

    /// The file in memory. Errors: as for [`Writer::write`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, GgufError> {
        let mut bytes = Vec::new();
        self.write(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes the file.
    ///
    /// Errors: [`GgufError::PartialBlock`], [`GgufError::SizeOverflow`] or [`GgufError::TensorBytes`] for a
    /// tensor whose size is wrong, before anything is written; [`GgufError::Write`].
    pub fn write(&self, mut out: impl Write) -> Result<(), GgufError> {
        let alignment = self.alignment();
        let header = self.header(alignment)?;
        out.write_all(&header)?;
        for tensor in &self.tensors {
            out.write_all(&tensor.bytes)?;
            let padding = padded(tensor.bytes.len(), alignment) - tensor.bytes.len() as u64;
            io::copy(&mut io::Read::take(io::repeat(0), padding), &mut out)?;
        }
        out.flush()?;
        Ok(())
    }

    fn alignment(&self) -> u32 {
        alignment_of(&self.metadata)
    }

    /// Everything before the tensor data, padded.
    fn header(&self, alignment: u32) -> Result<Vec<u8>, GgufError> {
        let mut plans = Vec::with_capacity(self.tensors.len());
        for Tensor { name, dims, ggml_type, bytes } in &self.tensors {
            let expected = tensor_bytes(name, dims, *ggml_type)?;
            let given = bytes.len() as u64;
            if given != expected {
                return Err(GgufError::TensorBytes { tensor: shown(name), given, expected });
            }
            plans.push(TensorPlan { name: name.clone(), dims: dims.clone(), ggml_type: *ggml_type });
        }
        header(self.version, &self.metadata, &plans, alignment)
    }
}

/// A tensor that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorPlan {
    /// Unique name.
    pub name: String,
    /// In ggml's order, `dims[0]` contiguous.
    pub dims: Vec<u64>,
    /// Type of the weights.
    pub ggml_type: GgmlType,
}

impl TensorPlan {
    /// Bytes of its data. Errors: [`GgufError::PartialBlock`], [`GgufError::SizeOverflow`].
    pub fn byte_len(&self) -> Result<u64, GgufError> {
        tensor_bytes(&self.name, &self.dims, self.ggml_type)
    }
}

/// Writes one file of version 3 whose tensors are known and whose data comes piece by piece, so that no more than a
/// piece is in memory.
///
/// ```
/// use gollum_gguf::{GgmlType, Gguf, StreamWriter, TensorPlan};
/// let plan = TensorPlan { name: "output_norm.weight".into(), dims: vec![4], ggml_type: GgmlType::F32 };
/// let metadata = [("general.architecture".to_owned(), "llama".into())];
/// let mut writer = StreamWriter::begin(Vec::new(), &metadata, &[plan])?;
/// writer.data(&[0; 10])?;
/// writer.data(&[0; 6])?;
/// assert_eq!(Gguf::from_bytes(writer.finish()?)?.tensors().len(), 1);
/// # Ok::<(), gollum_gguf::GgufError>(())
/// ```
#[derive(Debug)]
pub struct StreamWriter<W: Write> {
    out: W,
    alignment: u32,
    /// Names and bytes of the tensors, and how many bytes of the first have come; last tensor first.
    missing: Vec<(String, u64)>,
    came: u64,
}

impl<W: Write> StreamWriter<W> {
    /// Writes the header.
    ///
    /// Errors: [`GgufError::PartialBlock`], [`GgufError::SizeOverflow`], [`GgufError::Write`].
    pub fn begin(
        mut out: W,
        metadata: &[(String, Value)],
        tensors: &[TensorPlan],
    ) -> Result<Self, GgufError> {
        let alignment = alignment_of(metadata);
        out.write_all(&header(3, metadata, tensors, alignment)?)?;
        let sized = tensors.iter().rev().map(|t| Ok((t.name.clone(), t.byte_len()?)));
        Ok(Self { out, alignment, missing: sized.collect::<Result<_, GgufError>>()?, came: 0 })
    }

    /// Writes the next bytes of the tensor whose turn it is, and the padding behind it if they are its last.
    ///
    /// Errors: [`GgufError::TensorBytes`] if they are more than it has; [`GgufError::Write`].
    pub fn data(&mut self, bytes: &[u8]) -> Result<(), GgufError> {
        let came = self.came + bytes.len() as u64;
        let Some((name, expected)) = self.missing.last() else {
            return Err(GgufError::TensorBytes { tensor: "none".into(), given: came, expected: 0 });
        };
        let expected = *expected;
        if came > expected {
            return Err(GgufError::TensorBytes { tensor: shown(name), given: came, expected });
        }
        self.out.write_all(bytes)?;
        self.came = came;
        if came == expected {
            let end = align_up(expected, self.alignment).expect("the size was checked to be far below 2^64");
            io::copy(&mut io::Read::take(io::repeat(0), end - expected), &mut self.out)?;
            self.missing.pop();
            self.came = 0;
        }
        Ok(())
    }

    /// Flushes and gives the sink back.
    ///
    /// Errors: [`GgufError::TensorBytes`] for the first tensor whose data has not all come; [`GgufError::Write`].
    pub fn finish(mut self) -> Result<W, GgufError> {
        if let Some((name, expected)) = self.missing.last() {
            let (given, expected) = (self.came, *expected);
            return Err(GgufError::TensorBytes { tensor: shown(name), given, expected });
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Bytes of a file with this metadata and these tensors.
///
/// Errors: [`GgufError::PartialBlock`], [`GgufError::SizeOverflow`].
pub fn file_bytes(metadata: &[(String, Value)], tensors: &[TensorPlan]) -> Result<u64, GgufError> {
    let alignment = alignment_of(metadata);
    let mut bytes = header(3, metadata, tensors, alignment)?.len() as u64;
    for tensor in tensors {
        bytes += align_up(tensor.byte_len()?, alignment).expect("the size was checked to be far below 2^64");
    }
    Ok(bytes)
}

fn alignment_of(metadata: &[(String, Value)]) -> u32 {
    let written = metadata.iter().find(|(key, _)| key == "general.alignment").map(|(_, value)| value);
    match written {
        Some(&Value::U32(alignment)) if alignment > 0 => alignment,
        _ => DEFAULT_ALIGNMENT,
    }
}

/// Everything before the tensor data, padded.
fn header(
    version: u32,
    metadata: &[(String, Value)],
    tensors: &[TensorPlan],
    alignment: u32,
) -> Result<Vec<u8>, GgufError> {
    let mut header = MAGIC.to_vec();
    header.extend(version.to_le_bytes());
    header.extend((tensors.len() as u64).to_le_bytes());
    header.extend((metadata.len() as u64).to_le_bytes());
    for (key, value) in metadata {
        put_string(&mut header, key);
        header.extend((value.value_type() as u32).to_le_bytes());
        put_value(&mut header, value);
    }
    let mut data_offset = 0_u64;
    for tensor in tensors {
        put_string(&mut header, &tensor.name);
        header.extend((tensor.dims.len() as u32).to_le_bytes());
        header.extend(tensor.dims.iter().flat_map(|dim| dim.to_le_bytes()));
        header.extend(tensor.ggml_type.number().to_le_bytes());
        header.extend(data_offset.to_le_bytes());
        data_offset +=
            align_up(tensor.byte_len()?, alignment).expect("the size was checked to be far below 2^64");
    }
    header.resize(padded(header.len(), alignment) as usize, 0);
    Ok(header)
}

/// `len` rounded up; it is a length in memory, so that cannot overflow.
fn padded(len: usize, alignment: u32) -> u64 {
    align_up(len as u64, alignment).expect("a length in memory is far below 2^64")
}

fn put_string(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::U8(v) => out.extend(v.to_le_bytes()),
        Value::I8(v) => out.extend(v.to_le_bytes()),
        Value::U16(v) => out.extend(v.to_le_bytes()),
        Value::I16(v) => out.extend(v.to_le_bytes()),
        Value::U32(v) => out.extend(v.to_le_bytes()),
        Value::I32(v) => out.extend(v.to_le_bytes()),
        Value::U64(v) => out.extend(v.to_le_bytes()),
        Value::I64(v) => out.extend(v.to_le_bytes()),
        Value::F32(v) => out.extend(v.to_le_bytes()),
        Value::F64(v) => out.extend(v.to_le_bytes()),
        Value::Bool(v) => out.push(u8::from(*v)),
        Value::String(v) => put_string(out, v),
        Value::Array(v) => put_array(out, v),
    }
}

fn put_array(out: &mut Vec<u8>, array: &Array) {
    let element_type: ValueType = array.element_type();
    out.extend((element_type as u32).to_le_bytes());
    out.extend((array.len() as u64).to_le_bytes());
    match array {
        Array::U8(v) => out.extend(v),
        Array::I8(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::U16(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::I16(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::U32(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::I32(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::U64(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::I64(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::F32(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::F64(v) => out.extend(v.iter().flat_map(|item| item.to_le_bytes())),
        Array::Bool(v) => out.extend(v.iter().map(|&item| u8::from(item))),
        Array::String(v) => v.iter().for_each(|item| put_string(out, item)),
    }
}
