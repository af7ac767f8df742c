//! One model, ready to read: its metadata, its tensors, their bytes.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::layout::RawTensor;
use crate::map::FileMap;
use crate::{GgmlType, GgufError, Header, Metadata, parse, split};

/// A tensor that lies, checked, inside its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Unique name.
    pub name: String,
    /// 1 to 4 sizes, none zero, in ggml's order: `dims[0]` is the contiguous one, the length of a row.
    pub dims: Vec<usize>,
    /// Type of the weights; `dims[0]` is a multiple of its block.
    pub ggml_type: GgmlType,
    /// Bytes of data.
    pub byte_len: usize,
    /// Where the data starts in its file, in bytes.
    pub file_offset: usize,
    /// Which file of the model, an index into [`Gguf::paths`].
    pub(crate) part: usize,
}

impl TensorInfo {
    /// After all checks: offset and length lie inside a file that is in memory, so they fit `usize`. The dims
    /// fit because their product fits `isize`.
    pub(crate) fn placed(raw: RawTensor, data_start: u64) -> Self {
        Self {
            name: raw.name,
            dims: raw.dims.iter().map(|&dim| dim as usize).collect(),
            ggml_type: raw.ggml_type,
            byte_len: raw.byte_len as usize,
            file_offset: (data_start + raw.data_offset) as usize,
            part: 0,
        }
    }

    /// Number of weights, the product of the dims.
    pub fn weight_count(&self) -> usize {
        self.dims.iter().product()
    }

    /// Number of rows, the product of all dims but the first.
    pub fn row_count(&self) -> usize {
        self.dims.iter().skip(1).product()
    }
}

#[derive(Debug)]
enum Source {
    File(FileMap),
    Memory(Vec<u8>),
}

impl Source {
    fn bytes(&self) -> &[u8] {
        match self {
            Source::File(map) => map.bytes(),
            Source::Memory(bytes) => bytes,
        }
    }
}

/// One model: one file, or all files of a split.
#[derive(Debug)]
pub struct Gguf {
    metadata: Metadata,
    tensors: Vec<TensorInfo>,
    /// Indices into `tensors`, sorted by name.
    by_name: Vec<u32>,
    sources: Arc<Vec<Source>>,
    paths: Vec<PathBuf>,
}

/// A tensor's data that outlives its [`Gguf`].
#[derive(Debug)]
pub struct SharedTensor {
    sources: Arc<Vec<Source>>,
    part: usize,
    range: Range<usize>,
}

impl SharedTensor {
    /// The tensor's bytes, straight from the map.
    pub fn bytes(&self) -> &[u8] {
        &self.sources[self.part].bytes()[self.range.clone()]
    }

    /// As [`Gguf::release`], of a range of the tensor's bytes.
    pub fn release(&self, range: Range<usize>) {
        if let Source::File(map) = &self.sources[self.part] {
            map.release(self.range.start + range.start..self.range.start + range.end);
        }
    }
}

/// One opened file of a model.
pub(crate) struct Part {
    pub(crate) map: FileMap,
    pub(crate) header: Header,
}

impl Part {
    pub(crate) fn open(path: &Path) -> Result<Self, GgufError> {
        let map = FileMap::open(path)?;
        let header = parse(map.bytes())
            .map_err(|source| GgufError::InFile { path: path.to_owned(), source: Box::new(source) })?;
        Ok(Self { map, header })
    }
}

impl Gguf {
    /// Opens a model and checks all of it but the weights themselves. Any file of a split model names the
    /// whole model; the others are found beside it.
    ///
    /// Errors: [`GgufError::Open`], [`GgufError::NotAFile`], [`GgufError::FileChanged`], the errors of splits,
    /// and those of [`parse`] inside [`GgufError::InFile`].
    pub fn open(path: &Path) -> Result<Self, GgufError> {
        let gguf = Self::join(split::open_parts(path)?)?;
        // The headers were read from the map: make sure that they belong to the files as they are now.
        gguf.check_unchanged()?;
        Ok(gguf)
    }

    /// A model in memory, one file. Offsets in memory are then not aligned.
    ///
    /// Errors: those of [`parse`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, GgufError> {
        let header = parse(&bytes)?;
        Self::new(header.metadata, header.tensors, vec![Source::Memory(bytes)], Vec::new())
    }

    /// Joins the files of one model, already checked against one another. The first file has the metadata.
    fn join(parts: Vec<Part>) -> Result<Self, GgufError> {
        let mut metadata = None;
        let mut tensors = Vec::new();
        let mut sources = Vec::new();
        let mut paths = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            metadata.get_or_insert(part.header.metadata);
            tensors
                .extend(part.header.tensors.into_iter().map(|tensor| TensorInfo { part: index, ..tensor }));
            paths.push(part.map.path().to_owned());
            sources.push(Source::File(part.map));
        }
        Self::new(metadata.unwrap_or_default(), tensors, sources, paths)
    }

    fn new(
        metadata: Metadata,
        tensors: Vec<TensorInfo>,
        sources: Vec<Source>,
        paths: Vec<PathBuf>,
    ) -> Result<Self, GgufError> {
        let name = |index: u32| tensors[index as usize].name.as_str();
        let mut by_name: Vec<u32> = (0..tensors.len() as u32).collect();
        by_name.sort_unstable_by(|&a, &b| name(a).cmp(name(b)));
        // Inside one file this was checked before; here it holds across the files of a split.
        if let Some(pair) = by_name.windows(2).find(|pair| name(pair[0]) == name(pair[1])) {
            return Err(GgufError::DuplicateTensor { tensor: crate::error::shown(name(pair[0])) });
        }
        Ok(Self { metadata, tensors, by_name, sources: Arc::new(sources), paths })
    }

    /// The key-value pairs; of a split model, those of its first file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// All tensors, in file order.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        let found = self
            .by_name
            .binary_search_by(|&index| self.tensors[index as usize].name.as_str().cmp(name))
            .ok()?;
        Some(&self.tensors[self.by_name[found] as usize])
    }

    /// The data of one of this model's tensors, exactly `tensor.byte_len` bytes, straight from the map.
    ///
    /// Panics if `tensor` is another model's, or was changed, and does not lie inside the file.
    pub fn bytes(&self, tensor: &TensorInfo) -> &[u8] {
        &self.sources[tensor.part].bytes()[tensor.file_offset..tensor.file_offset + tensor.byte_len]
    }

    /// Tells the system that a tensor's data has been read for the last time, so that a loader which copies
    /// weights holds one copy in memory and not two. Reading them again works, and costs a read of the file.
    pub fn release(&self, tensor: &TensorInfo) {
        if let Source::File(map) = &self.sources[tensor.part] {
            map.release(tensor.file_offset..tensor.file_offset + tensor.byte_len);
        }
    }

    /// The data of one of this model's tensors, to be read for as long as the result is held: the file stays mapped.
    ///
    /// Panics as [`bytes`](Self::bytes) does.
    pub fn share(&self, tensor: &TensorInfo) -> SharedTensor {
        let range = tensor.file_offset..tensor.file_offset + tensor.byte_len;
        let shared = SharedTensor { sources: Arc::clone(&self.sources), part: tensor.part, range };
        assert!(shared.range.end <= self.sources[tensor.part].bytes().len(), "a tensor of another model");
        shared
    }

    /// Bytes of all files together.
    pub fn file_bytes(&self) -> u64 {
        self.sources.iter().map(|source| source.bytes().len() as u64).sum()
    }

    /// The files, in the order of the split; empty for a model in memory.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Tells whether the paths still lead to the files that were opened, with the same length and time. Call
    /// it after reading weights: what was read before is then what the files said.
    ///
    /// Errors: [`GgufError::FileChanged`].
    pub fn check_unchanged(&self) -> Result<(), GgufError> {
        self.sources.iter().try_for_each(|source| match source {
            Source::File(map) => map.check_unchanged(),
            Source::Memory(_) => Ok(()),
        })
    }
}
