//! Maps, parses, validates and writes GGUF files, version 2 and 3, little-endian, single or split.
//!
//! ```text
//!  0      4         8              16           24
//! +------+---------+--------------+------------+----------+--------------+-----+-------------+
//! | GGUF | version | tensor count | kv count   | metadata | tensor infos | pad | tensor data |
//! |  4 B | u32     | u64          | u64        | kv pairs |              |     | aligned     |
//! +------+---------+--------------+------------+----------+--------------+-----+-------------+
//!
//! kv pair      key: string | value type: u32 | value
//! string       length: u64 | UTF-8 bytes
//! array        element type: u32 | length: u64 | elements
//! tensor info  name: string | dim count: u32 | dims: u64 each | type: u32 | offset in data: u64
//! ```
//! Source: the GGUF specification in the ggml project.
//!
//! A model file comes from strangers. So each count, length, size and offset is checked against the bytes
//! that are really there **before** anything is allocated or read, all arithmetic on them is checked, and a
//! file that breaks a rule ends in a [`GgufError`] that names the field and where it lies. What loads, obeys:
//! keys and tensor names are unique, tensors lie inside the file, aligned, in whole blocks, neither
//! overlapping nor with gaps beyond the padding, and nothing but padding follows the last one.
//!
//! Memory: a parsed header holds at most its own bytes ([`MAX_HEADER_BYTES`]) in arrays and strings, plus a
//! bounded table of entries ([`MAX_KV_COUNT`], [`MAX_TENSOR_COUNT`]). Tensor data is never copied, only mapped.

mod error;
mod ggml_type;
mod gguf;
mod layout;
#[allow(unsafe_code)] // the one door to the memory map
mod map;
mod metadata;
mod parse;
mod reader;
mod split;
mod value;
mod writer;

pub use error::GgufError;
pub use ggml_type::{GGML_TYPES, GgmlType, TypeLayout};
pub use gguf::{Gguf, SharedTensor, TensorInfo};
pub use metadata::{Metadata, require};
pub use parse::{Header, parse};
pub use value::{Array, StringArray, Value, ValueType};
pub use writer::{StreamWriter, TensorPlan, Writer, file_bytes};

/// The first four bytes of a file.
pub const MAGIC: [u8; 4] = *b"GGUF";

/// Alignment of tensor data, in bytes, where `general.alignment` is absent.
pub const DEFAULT_ALIGNMENT: u32 = 32;

/// Smallest and largest `general.alignment`, in bytes. The specification asks for a multiple of 8; a larger
/// alignment than a huge page serves no machine.
pub const ALIGNMENT_RANGE: std::ops::RangeInclusive<u32> = 8..=(2 << 20);

/// Bytes before the tensor data in one file. A vocabulary of 262,144 tokens needs 6.5 MB; this bounds what the
/// longest hostile header can cost, in memory about its own size, in time about 0.1 s.
pub const MAX_HEADER_BYTES: u64 = 64 << 20;

/// Metadata entries in one file. Real files have about 40; an entry costs about 130 bytes of memory.
pub const MAX_KV_COUNT: u64 = 65_536;

/// Tensors in one model, all files together. The largest unmerged mixtures of experts have about 46,000; a
/// tensor costs about 160 bytes of memory.
pub const MAX_TENSOR_COUNT: u64 = 65_536;

/// Bytes in a metadata key, from the specification.
pub const MAX_KEY_BYTES: u64 = 65_535;

/// Bytes in a tensor name, from the specification.
pub const MAX_TENSOR_NAME_BYTES: u64 = 64;

/// Dimensions of a tensor.
pub const MAX_DIMS: u32 = 4;

/// Files of one split model.
pub const MAX_SPLIT_PARTS: u32 = 1_024;
