//! Ids and parameter structs of [`KernelOps`](crate::KernelOps).

use gollum_core::KvDtype;
use gollum_quant::FormatId;

/// An activation buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufId(pub usize);

/// A weight matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixId(pub usize);

/// A weight vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorId(pub usize);

/// A weight matrix as a file holds it.
#[derive(Clone, Copy)]
pub struct MatrixSource<'a> {
    /// Block format of the bytes.
    pub format: FormatId,
    /// Outputs; the slow dimension.
    pub rows: usize,
    /// Inputs; the dimension blocks run along.
    pub cols: usize,
    /// `rows` rows of blocks.
    pub bytes: &'a [u8],
}

/// Whether an operation replaces its output or adds to it (residuals).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// `out = y`.
    Store,
    /// `out = out + y`, one f32 addition.
    Add,
}

/// One matrix of a [`matmul`](crate::KernelOps::matmul).
#[derive(Clone, Copy, Debug)]
pub struct MatmulJob {
    /// Weights, `[out width, x width]`.
    pub matrix: MatrixId,
    /// Destination; not the input buffer.
    pub out: BufId,
    /// Replace or add.
    pub output: Output,
}

/// An RMS norm over a whole row.
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    /// Weights, `[width]`.
    pub weight: VectorId,
    /// Added to the mean of squares.
    pub eps: f32,
}

/// An RMS norm over each head of a row.
#[derive(Clone, Copy, Debug)]
pub struct HeadNorm {
    /// Weights and epsilon; the weights are `[head_dim]`.
    pub norm: Norm,
    /// Heads in a row.
    pub heads: usize,
    /// Width of a head.
    pub head_dim: usize,
}

/// Which elements of a head a rotation pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopeKind {
    /// `(0, 1), (2, 3), ...`: Llama files.
    Interleaved,
    /// `(0, n/2), (1, n/2 + 1), ...`: GPT-NeoX, Gemma, Qwen.
    Neox,
}

/// Rotary position embedding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rope {
    /// Pairing.
    pub kind: RopeKind,
    /// Leading elements of a head that are rotated; even.
    pub dims: usize,
    /// Frequency base.
    pub freq_base: f32,
    /// Position multiplier: 1, or 1 / scaling factor.
    pub freq_scale: f32,
    /// Per-pair divisors, `[dims / 2]`, of Llama 3's `rope_freqs`.
    pub factors: Option<VectorId>,
}

/// Geometry of one layer's K and V.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvLayer {
    /// Heads of K and of V.
    pub kv_heads: usize,
    /// Width of a head of K and of V.
    pub head_dim: usize,
}

/// Geometry of the KV cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KvSpec {
    /// One entry per layer.
    pub layers: Vec<KvLayer>,
    /// Storage type of K and V.
    pub dtype: KvDtype,
}

impl KvSpec {
    /// Bytes of one page over all layers, both K and V.
    pub fn page_bytes(&self) -> usize {
        let values: usize =
            self.layers.iter().map(|l| 2 * l.kv_heads * l.head_dim * gollum_core::PAGE_TOKENS).sum();
        match self.dtype {
            KvDtype::F32 => values * 4,
            KvDtype::F16 => values * 2,
            KvDtype::Q8_0 => values / 32 * 34,
        }
    }
}

/// Attention of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attend {
    /// Layer, an index into [`KvSpec::layers`].
    pub layer: usize,
    /// Query heads; a multiple of the layer's KV heads.
    pub heads: usize,
    /// Multiplies q . k.
    pub scale: f32,
    /// Keys a query sees, itself included; `None` sees all.
    pub window: Option<usize>,
    /// `s = cap * tanh(s / cap)` on scores.
    pub soft_cap: Option<f32>,
}

/// What happens between the q/k/v matmul and attention. See
/// [`KernelOps::prepare_attention`](crate::KernelOps::prepare_attention).
#[derive(Clone, Copy, Debug)]
pub struct PrepareAttention {
    /// Layer in the KV cache.
    pub layer: usize,
    /// Queries, `[rows, heads * head_dim]`, changed in place.
    pub q: BufId,
    /// Keys, `[rows, kv_heads * head_dim]`, changed in place.
    pub k: BufId,
    /// Values, `[rows, kv_heads * head_dim]`.
    pub v: BufId,
    /// Query heads.
    pub heads: usize,
    /// KV heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Norm of each query head.
    pub q_norm: Option<HeadNorm>,
    /// Norm of each key head.
    pub k_norm: Option<HeadNorm>,
    /// Rotation of queries and keys.
    pub rope: Option<Rope>,
}

/// Activation of a gated feed-forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x / (1 + exp(-x))`.
    Silu,
    /// The tanh form of GELU.
    GeluTanh,
}

/// First half of a gated feed-forward. See [`KernelOps::gated_ffn`](crate::KernelOps::gated_ffn).
#[derive(Clone, Copy, Debug)]
pub struct GatedFfn {
    /// Input rows.
    pub x: BufId,
    /// Norm of the input.
    pub norm: Norm,
    /// Room for the normed rows, as wide as `x`.
    pub scratch: BufId,
    /// Gate matrix.
    pub gate: MatrixId,
    /// Up matrix.
    pub up: MatrixId,
    /// Receives `activation(gate) * up`.
    pub gate_out: BufId,
    /// Room for the up projection; undefined afterwards.
    pub up_out: BufId,
    /// Activation of the gate.
    pub activation: Activation,
}

/// What can go wrong at load.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum KernelError {
    /// The bytes are not `rows` rows of `cols` weights.
    #[error("a {format:?} matrix of {rows} x {cols} weights does not fit {bytes} bytes")]
    MatrixSize {
        /// Block format.
        format: FormatId,
        /// Outputs.
        rows: usize,
        /// Inputs.
        cols: usize,
        /// Bytes given.
        bytes: usize,
    },
    /// Memory could not be had.
    #[error("cannot allocate {bytes} bytes for {what}")]
    OutOfMemory {
        /// What for.
        what: &'static str,
        /// How much.
        bytes: usize,
    },
    /// A head is not a multiple of 32 wide, which q8_0 KV needs.
    #[error("q8_0 KV needs heads that are a multiple of 32 wide, and layer {layer} has {head_dim}")]
    KvHeadDim {
        /// Layer.
        layer: usize,
        /// Width of a head.
        head_dim: usize,
    },
    /// A head is wider than the backend's accumulators.
    #[error("layer {layer} has heads {head_dim} wide, and this backend takes up to {limit}")]
    HeadTooWide {
        /// Layer.
        layer: usize,
        /// Width of a head.
        head_dim: usize,
        /// Widest supported.
        limit: usize,
    },
}
