//! What can be wrong with a model file that is a well-formed GGUF.

use gollum_gguf::GgufError;
use gollum_kernels::KernelError;

/// A model that cannot be loaded, and why.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file itself, a metadata key that is missing, or the type of a metadata value.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// A metadata value out of its range.
    #[error("metadata key {key} is {value}, and must be {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// What the file says.
        value: String,
        /// What it may say.
        expected: String,
    },
    /// A metadata value that is legal, and means something that is not built.
    #[error("metadata key {key} is {value}, which is not supported")]
    UnsupportedValue {
        /// The key.
        key: String,
        /// What the file says.
        value: String,
    },
    /// `general.architecture` names none of [`ARCHITECTURES`](crate::ARCHITECTURES).
    #[error("architecture {name:?} is not supported; supported are {supported}")]
    UnknownArchitecture {
        /// What the file says.
        name: String,
        /// The names of the table.
        supported: String,
    },
    /// A tensor the architecture needs.
    #[error("tensor {name:?} is missing")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A layer has a router, and the metadata no experts.
    #[error("tensor {name:?} routes to experts, and metadata key {key} is missing")]
    MissingExperts {
        /// The router.
        name: String,
        /// The key.
        key: String,
    },
    /// A tensor the architecture does not know: leaving it out would change the model.
    #[error("tensor {name:?} is not part of architecture {architecture}")]
    UnexpectedTensor {
        /// Its name.
        name: String,
        /// The architecture of the file.
        architecture: &'static str,
    },
    /// A tensor's shape contradicts the metadata.
    #[error("tensor {name:?} has the shape {dims:?}, and the metadata asks for {expected:?}")]
    TensorShape {
        /// Its name.
        name: String,
        /// Its dimensions, the contiguous one first.
        dims: Vec<usize>,
        /// What the hyper-parameters ask for.
        expected: Vec<usize>,
    },
    /// A tensor in a format that no kernel reads.
    #[error("tensor {name:?} has the type {type_name}, which is not supported")]
    TensorType {
        /// Its name.
        name: String,
        /// ggml's name of the type.
        type_name: String,
    },
    /// Experts in tensors of their own, and not all of one type.
    #[error("tensor {name:?} has the type {type_name}, and the experts before it another")]
    MixedExperts {
        /// Its name.
        name: String,
        /// ggml's name of the type.
        type_name: String,
    },
    /// A matrix whose rows are not whole blocks.
    #[error("tensor {name:?} has rows of {cols} weights, which {type_name} cannot hold")]
    TensorBlocks {
        /// Its name.
        name: String,
        /// Weights per row.
        cols: usize,
        /// ggml's name of the type.
        type_name: String,
    },
    /// The tokenizer and the embedding matrix disagree.
    #[error("the tokenizer has {tokens} tokens, and token_embd.weight has {rows} rows")]
    Vocabulary {
        /// Length of `tokenizer.ggml.tokens`.
        tokens: usize,
        /// Rows of the embedding matrix.
        rows: usize,
    },
    /// A border between backends that keys would have to cross.
    #[error("a model cannot be split before layer {border}: layer {layer} reads the keys of layer {from}")]
    SharedAcross {
        /// The layer that reads.
        layer: usize,
        /// The layer that keeps them.
        from: usize,
        /// The first layer behind the border.
        border: usize,
    },
    /// A border between backends in a model of which more than one stream would have to cross it.
    #[error("a model of {streams} residual streams cannot be split between two devices")]
    StreamsAcross {
        /// Its streams.
        streams: usize,
    },
    /// The backend cannot take a tensor or the KV geometry.
    #[error("cannot load {what}: {error}")]
    Kernel {
        /// A tensor, or the KV cache.
        what: String,
        /// The backend's reason.
        error: KernelError,
    },
}
