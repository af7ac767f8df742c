//! Everything that can be wrong with a GGUF file, a lookup in it, or a file to be written.

use std::path::PathBuf;

/// What went wrong. Names from files are escaped and shortened, so that an error is safe to print.
///
/// `offset` is always the byte offset in the file at which the field starts.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields' names and the messages say it
pub enum GgufError {
    // Files.
    #[error("cannot open {}: {source}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("{} is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    #[error("{} changed while it was in use", path.display())]
    FileChanged { path: PathBuf },
    /// Wraps an error in one file of a model; see [`GgufError::root`].
    #[error("{}: {source}", path.display())]
    InFile { path: PathBuf, source: Box<GgufError> },

    // Header.
    /// `found` holds the first bytes, at most 4.
    #[error("not a GGUF file: it starts with the bytes {found:02x?}")]
    NotGguf { found: Vec<u8> },
    #[error("a big-endian GGUF file; only little-endian files can be read")]
    BigEndian,
    #[error("GGUF version {version} is not supported; versions 2 and 3 are")]
    UnsupportedVersion { version: u32 },

    // Any field.
    #[error("file ends too early: {field} at byte {offset} needs {need} bytes, {have} are left")]
    Truncated { field: String, offset: u64, need: u64, have: u64 },
    #[error("{field} at byte {offset} is {value}, more than the limit of {limit}")]
    OverLimit { field: String, offset: u64, value: u64, limit: u64 },
    #[error("{field} at byte {offset} is empty")]
    Empty { field: String, offset: u64 },
    #[error("{field} at byte {offset} is not UTF-8")]
    InvalidUtf8 { field: String, offset: u64 },

    // Metadata.
    #[error("{field} at byte {offset} is {number}, which is no metadata type")]
    UnknownValueType { field: String, offset: u64, number: u32 },
    #[error("{field} at byte {offset}: arrays of arrays are not supported")]
    NestedArray { field: String, offset: u64 },
    #[error("{field} at byte {offset} is {value}; a bool is 0 or 1")]
    InvalidBool { field: String, offset: u64, value: u8 },
    #[error("metadata key {key} occurs twice")]
    DuplicateKey { key: String },
    #[error("general.alignment is {found}; it must be a u32 power of two from {} to {}",
        crate::ALIGNMENT_RANGE.start(), crate::ALIGNMENT_RANGE.end())]
    InvalidAlignment { found: String },

    // Tensors.
    #[error("tensor {tensor} occurs twice")]
    DuplicateTensor { tensor: String },
    #[error("tensor {tensor} has {count} dims (at byte {offset}); 1 to {} are possible", crate::MAX_DIMS)]
    InvalidDimCount { tensor: String, offset: u64, count: u32 },
    #[error("dim {dim} of tensor {tensor} (at byte {offset}) is zero")]
    ZeroDim { tensor: String, offset: u64, dim: u32 },
    #[error("the size of tensor {tensor} overflows: dims {dims:?}, type {type_name}")]
    SizeOverflow { tensor: String, dims: Vec<u64>, type_name: &'static str },
    #[error("tensor {tensor} has the unknown type {number} (at byte {offset})")]
    UnknownTensorType { tensor: String, offset: u64, number: u32 },
    #[error(
        "rows of tensor {tensor} have {row_weights} weights, not a multiple of {type_name}'s block of {block_weights}"
    )]
    PartialBlock { tensor: String, row_weights: u64, type_name: &'static str, block_weights: u64 },
    #[error("data offset {data_offset} of tensor {tensor} is not a multiple of the alignment {alignment}")]
    MisalignedTensor { tensor: String, data_offset: u64, alignment: u32 },
    #[error(
        "the file is incomplete: tensor {tensor} has {byte_len} bytes at data byte {data_offset}, of {data_len}"
    )]
    TensorBeyondFile { tensor: String, data_offset: u64, byte_len: u64, data_len: u64 },
    #[error("tensors {first} and {second} overlap in data bytes {start}..{end}")]
    Overlap { first: String, second: String, start: u64, end: u64 },
    #[error(
        "unused bytes before tensor {tensor}: it starts at data byte {data_offset}, expected at {expected}"
    )]
    Gap { tensor: String, data_offset: u64, expected: u64 },
    #[error("{extra} unexpected bytes after the last tensor, which ends at byte {end}")]
    TrailingBytes { end: u64, extra: u64 },

    // Split models.
    #[error("{} is part {part} of {count} of a split model and must be named like name-{part:05}-of-{count:05}.gguf",
        path.display())]
    SplitName { path: PathBuf, part: u64, count: u64 },
    #[error("part {part} of {count} of the split model is missing: {}", path.display())]
    MissingPart { path: PathBuf, part: u64, count: u64 },
    #[error("{key} is {found}, more than {limit}")]
    SplitRange { key: &'static str, found: u64, limit: u64 },
    #[error("{key} is {found}, expected {expected}")]
    SplitMismatch { key: &'static str, found: u64, expected: u64 },

    // Lookups.
    #[error("metadata key {key} is missing")]
    MissingKey { key: String },
    #[error("metadata key {key} is of type {found}, expected {expected}")]
    WrongType { key: String, expected: &'static str, found: String },
    #[error("metadata key {key} is {found}, which is no {expected}")]
    OutOfRange { key: String, expected: &'static str, found: String },

    // Writing.
    #[error("tensor {tensor} was given {given} bytes; its dims and type need {expected}")]
    TensorBytes { tensor: String, given: u64, expected: u64 },
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
}

impl GgufError {
    /// The error itself, without the [`GgufError::InFile`] around it.
    pub fn root(&self) -> &GgufError {
        match self {
            GgufError::InFile { source, .. } => source.root(),
            other => other,
        }
    }
}

/// Characters of a name that an error shows.
const SHOWN_CHARS: usize = 80;

/// A name from a file as an error shows it: quoted, control characters escaped, shortened.
pub(crate) fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN_CHARS).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_names_are_short_and_cannot_steer_a_terminal() {
        assert_eq!(shown("a.b"), "`a.b`");
        assert_eq!(shown("\u{1b}[2J\n"), "`\\u{1b}[2J\\n`");
        let long = shown(&"x".repeat(60_000));
        assert_eq!(long.chars().count(), SHOWN_CHARS + 3);
    }

    #[test]
    fn errors_stay_small_enough_to_return_by_value() {
        assert!(size_of::<GgufError>() <= 112, "{} bytes", size_of::<GgufError>());
    }

    #[test]
    fn root_looks_through_files() {
        let inner = GgufError::InFile { path: "b".into(), source: Box::new(GgufError::BigEndian) };
        let outer = GgufError::InFile { path: "a".into(), source: Box::new(inner) };
        assert!(matches!(outer.root(), GgufError::BigEndian));
        assert_eq!(outer.to_string(), "a: b: a big-endian GGUF file; only little-endian files can be read");
    }
}
