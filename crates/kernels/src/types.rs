//! Ids and parameter structs of [`KernelOps`](crate::KernelOps).

use gollum_quant::FormatId;

/// An activation buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufId(pub usize);

/// A weight matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixId(pub usize);

/// The weight matrices of a layer's experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpertsId(pub usize);

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

/// What happens to a product before it is stored or added: `((dot * weight_scale + bias) clamped) * scale`, each
/// operation rounded.
///
/// A factor of exactly 1 and an absent bias or clamp change nothing, not even a bit, so a backend may leave them out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epilogue {
    /// Multiplies the dot: the scale of a whole tensor, as NVFP4 files have it.
    pub weight_scale: f32,
    /// Added to the dot, `[out width]`.
    pub bias: Option<VectorId>,
    /// Limits values to `-clamp..=clamp`: [`math::clamp`](crate::math::clamp).
    pub clamp: Option<f32>,
    /// Multiplies the result: residual and logit multipliers.
    pub scale: f32,
}

impl Epilogue {
    /// Leaves the dot as it is.
    pub const NONE: Self = Self { weight_scale: 1.0, bias: None, clamp: None, scale: 1.0 };
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
    /// What happens to the product first.
    pub epilogue: Epilogue,
}

/// What a norm makes equal between rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// The mean of squares: `x / sqrt(mean(x^2) + eps)`.
    Rms,
    /// Mean and variance: `(x - mean) / sqrt(mean((x - mean)^2) + eps)`.
    Layer,
}

/// A norm over a whole row: `normed * weight + bias`, with both in one FMA, with one of them a product or a sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// Which one.
    pub kind: NormKind,
    /// Weights, `[width]`; `None` is all ones.
    pub weight: Option<VectorId>,
    /// `[width]`; `None` is all zeros.
    pub bias: Option<VectorId>,
    /// Added to the mean of squares, or to the variance.
    pub eps: f32,
}

/// A norm over each head of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadNorm {
    /// Weights, bias and epsilon. Vectors are `[head_dim]`, the same for each head, or `[heads * head_dim]`.
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
    /// Per-pair divisors, `[dims / 2]`: Llama 3's `rope_freqs`, and the factors of longrope.
    pub factors: Option<VectorId>,
    /// YaRN's choice, per pair, between scaled and unscaled positions.
    pub yarn: Option<YarnRamp>,
    /// Multiplies cosine and sine: YaRN's and longrope's attention factor.
    pub magnitude: f32,
}

/// Between which pairs YaRN goes from unscaled frequencies, below `low`, to those scaled by `freq_scale`, above `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YarnRamp {
    /// First pair of the ramp.
    pub low: f32,
    /// Last pair of the ramp.
    pub high: f32,
}

/// Growth of queries with their position p: `q *= 1 + scale * ln(floor((p + offset) / length) + 1)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueryGrowth {
    /// Strength.
    pub scale: f32,
    /// Positions between steps, at least 1.
    pub length: u32,
    /// Added to the position.
    pub offset: u32,
}

/// Copies stretches of each row: `out[r][h * out_stride + out_first ..][..width] = x[r][h * x_stride + x_first ..][..width]
/// * scale` for each h. A stride of 0 spreads one stretch over all heads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CopyHeads {
    /// Source.
    pub x: BufId,
    /// First element of the first stretch of the source.
    pub x_first: usize,
    /// Elements from one stretch to the next.
    pub x_stride: usize,
    /// Destination; it may be the source only if stretches lie where they lay.
    pub out: BufId,
    /// See `x_first`.
    pub out_first: usize,
    /// See `x_stride`; not 0 of several.
    pub out_stride: usize,
    /// Stretches of a row.
    pub heads: usize,
    /// Elements of a stretch.
    pub width: usize,
    /// Multiplies each element; exactly 1 changes nothing.
    pub scale: f32,
}

impl CopyHeads {
    /// `width` elements of each row of `x`, from `first` on, to the beginning of `out`'s.
    pub fn stretch(x: BufId, first: usize, out: BufId, width: usize) -> Self {
        Self {
            x,
            x_first: first,
            x_stride: width,
            out,
            out_first: 0,
            out_stride: width,
            heads: 1,
            width,
            scale: 1.0,
        }
    }
}

/// The activation of a feed-forward, of `g` and, in a gated one, `u`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `g / (1 + exp(-g))`, times `u`.
    Silu,
    /// The tanh form of GELU, times `u`.
    GeluTanh,
    /// `1 / (1 + exp(-g))`, times `u`: gates of attention.
    Sigmoid,
    /// `ln(1 + exp(g))`, or `g` above 20, times `u`: likewise.
    Softplus,
    /// `g`, times `u`: a product.
    Identity,
    /// `max(0, g)`, times `u`.
    Relu,
    /// `max(0, g)^2`, times `u`.
    ReluSquared,
    /// `p g^2 + b g` above 0, else `n (exp(min(g, eps)) - 1 - g) + b g`, times `u`: see [`Activation::xielu`].
    Xielu {
        /// n.
        negative: f32,
        /// p.
        positive: f32,
        /// b.
        slope: f32,
        /// Negative and near 0: where the exponential's own slope would vanish in f32.
        eps: f32,
    },
    /// SiLU of `min(limit, g)`, times `u` limited to `-limit..=limit`. Gated only.
    ClampedSilu {
        /// See above.
        limit: f32,
    },
    /// `min(limit, silu(g))`, times `u` limited to `-limit..=limit`. Gated only.
    SiluClamped {
        /// See above.
        limit: f32,
    },
    /// gpt-oss: `g' / (1 + exp(-(alpha * g'))) * (u' + 1)`, with `g' = min(limit, g)` and `u'` limited to
    /// `-limit..=limit`. Gated only.
    OaiSwiglu {
        /// Steepness of the sigmoid.
        alpha: f32,
        /// See above.
        limit: f32,
    },
}

impl Activation {
    /// xIELU of a model's own numbers, `p = softplus(alpha_p)` and `n = slope + softplus(alpha_n)`: computed in f64 and
    /// rounded once.
    pub fn xielu([alpha_n, alpha_p]: [f32; 2], slope: f32, eps: f32) -> Self {
        // `ln(1 + e^x)` in the form that overflows for no x.
        let softplus = |x: f32| f64::from(x).max(0.0) + libm::log1p(libm::exp(-f64::from(x).abs()));
        let (negative, positive) = (f64::from(slope) + softplus(alpha_n), softplus(alpha_p));
        Self::Xielu { negative: negative as f32, positive: positive as f32, slope, eps }
    }
}

/// A matrix and what happens to its product.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    /// Weights.
    pub matrix: MatrixId,
    /// See [`Epilogue`].
    pub epilogue: Epilogue,
}

/// First half of a feed-forward. See [`KernelOps::ffn`](crate::KernelOps::ffn).
#[derive(Clone, Copy, Debug)]
pub struct Ffn {
    /// Input rows.
    pub x: BufId,
    /// Norm of the input; `None` takes it as it is.
    pub norm: Option<Norm>,
    /// Room for the normed rows, as wide as `x`.
    pub scratch: BufId,
    /// Gate matrix; of an ungated feed-forward, its only one.
    pub gate: Linear,
    /// Up matrix of a gated feed-forward.
    pub up: Option<Linear>,
    /// Receives `activation(gate, up)`.
    pub gate_out: BufId,
    /// Room for the up projection; undefined afterwards.
    pub up_out: BufId,
    /// Activation.
    pub activation: Activation,
}

/// How a router's logits `l` become probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gating {
    /// Experts are chosen, and weighed, by the softmax of all `l`.
    Softmax,
    /// By the sigmoid of each `l`.
    Sigmoid,
    /// Chosen by `l`, weighed by the softmax of the chosen `l`.
    SoftmaxOfChosen,
    /// Chosen by `l`, weighed by the sigmoid of the chosen `l`.
    SigmoidOfChosen,
}

/// Experts in groups, of which only some are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpertGroups {
    /// Groups; divides the number of experts.
    pub count: usize,
    /// Groups that experts are chosen from: those with the largest sums of their two best scores.
    pub used: usize,
}

/// How a router's logits become experts and their weights. Defined by
/// [`reference::routing`](crate::reference::routing).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Routing {
    /// All experts.
    pub experts: usize,
    /// Experts that share one set of matrices, which divides `experts`: expert `e` is that of number `e / sharing`.
    pub sharing: usize,
    /// Experts a row uses, at least 1.
    pub used: usize,
    /// From logits to scores and weights.
    pub gating: Gating,
    /// Added to scores for the choice only, `[experts]`.
    pub selection_bias: Option<VectorId>,
    /// Groups, if there are any.
    pub groups: Option<ExpertGroups>,
    /// Divide the weights by `max(their sum, NORMALISE_FLOOR)`.
    pub normalise: bool,
    /// Multiplies the weights.
    pub scale: f32,
}

/// Where an expert's weight is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeighAt {
    /// To the output of `down`.
    Output,
    /// To the input of `gate` and `up`; outputs are then added up unweighed.
    Input,
}

/// The matrices of all experts, one after the other; see [`KernelOps::load_experts`](crate::KernelOps::load_experts).
#[derive(Clone, Copy, Debug)]
pub struct ExpertLinear {
    /// Weights, `[experts][out width, in width]`.
    pub experts: ExpertsId,
    /// Added to the dots, `[experts * out width]`.
    pub bias: Option<VectorId>,
    /// Multiplies the dots of each expert, before the bias, `[experts]`.
    pub scales: Option<VectorId>,
}

/// A mixture of experts. See [`KernelOps::expert_ffn`](crate::KernelOps::expert_ffn).
#[derive(Clone, Copy, Debug)]
pub struct ExpertFfn {
    /// Input rows, normed.
    pub x: BufId,
    /// The router's logits, `[rows, experts]`.
    pub router_logits: BufId,
    /// From logits to experts.
    pub routing: Routing,
    /// Where weights are applied.
    pub weigh: WeighAt,
    /// Gate matrices; of ungated experts, their only ones.
    pub gate: ExpertLinear,
    /// Up matrices of gated experts.
    pub up: Option<ExpertLinear>,
    /// Down matrices.
    pub down: ExpertLinear,
    /// Activation.
    pub activation: Activation,
    /// Room for `rows * used` rows as wide as the experts' inside; undefined afterwards.
    pub gate_out: BufId,
    /// Room as `gate_out`.
    pub up_out: BufId,
    /// Room for `rows * used` rows as wide as `x`; undefined afterwards.
    pub down_out: BufId,
    /// Destination; may be `x` only with [`Output::Store`].
    pub out: BufId,
    /// Replace or add.
    pub output: Output,
    /// Multiplies the sum of the experts.
    pub scale: f32,
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
    /// The bytes are not the matrices of `experts` experts, of which there must be one.
    #[error("{bytes} bytes are not {experts} {format:?} matrices of {rows} x {cols} weights")]
    ExpertsSize {
        /// Block format.
        format: FormatId,
        /// Experts.
        experts: usize,
        /// Outputs of each.
        rows: usize,
        /// Inputs of each.
        cols: usize,
        /// Bytes given.
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

/// Which logits of a row are wanted: see [`gollum_core::BestLogits`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestOf {
    /// How many; at least 1.
    pub count: usize,
    /// Tokens that count as `f32::MIN`.
    pub silent: std::ops::Range<usize>,
}
