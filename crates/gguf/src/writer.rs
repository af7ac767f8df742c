//! Writes GGUF files: for tests and tools.

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
        let written =
            self.metadata.iter().find(|(key, _)| key == "general.alignment").map(|(_, value)| value);
        match written {
            Some(&Value::U32(alignment)) if alignment > 0 => alignment,
            _ => DEFAULT_ALIGNMENT,
        }
    }

    /// Everything before the tensor data, padded.
    fn header(&self, alignment: u32) -> Result<Vec<u8>, GgufError> {
        let mut header = MAGIC.to_vec();
        header.extend(self.version.to_le_bytes());
        header.extend((self.tensors.len() as u64).to_le_bytes());
        header.extend((self.metadata.len() as u64).to_le_bytes());
        for (key, value) in &self.metadata {
            put_string(&mut header, key);
            header.extend((value.value_type() as u32).to_le_bytes());
            put_value(&mut header, value);
        }
        let mut data_offset = 0_u64;
        for tensor in &self.tensors {
            let expected = tensor_bytes(&tensor.name, &tensor.dims, tensor.ggml_type)?;
            let given = tensor.bytes.len() as u64;
            if given != expected {
                return Err(GgufError::TensorBytes { tensor: shown(&tensor.name), given, expected });
            }
            put_string(&mut header, &tensor.name);
            header.extend((tensor.dims.len() as u32).to_le_bytes());
            header.extend(tensor.dims.iter().flat_map(|dim| dim.to_le_bytes()));
            header.extend(tensor.ggml_type.number().to_le_bytes());
            header.extend(data_offset.to_le_bytes());
            data_offset += padded(tensor.bytes.len(), alignment);
        }
        header.resize(padded(header.len(), alignment) as usize, 0);
        Ok(header)
    }
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
