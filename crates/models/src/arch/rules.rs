//! What an architecture is outside its layers' parts: norms, embeddings, windows, rotation, the head.

use gollum_core::Pooling;
use gollum_kernels::{Activation, RopeKind};

/// What the norms of a model are; head norms say for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norms {
    /// RMS norms.
    Rms,
    /// LayerNorms.
    Layer,
    /// LayerNorms without weights or biases.
    LayerUnweighted,
    /// LayerNorms in files that have no `attention.layer_norm_rms_epsilon`, or 0 there; else RMS norms.
    LayerUnlessRmsEps,
}

/// From tokens to the stream.
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    /// What an embedding is multiplied by.
    pub scale: EmbeddingScale,
    /// Norm of the sum, a tensor name without `.weight`.
    pub norm: Option<&'static str>,
    /// Whether the sum is RMS-normed without weights.
    pub norm_unweighted: bool,
    /// Whether `position_embd` is added.
    pub positions: Positions,
    /// Whether the first row of `token_types` is added, in files that have it: every token is of the first text.
    pub types: bool,
    /// Whether each layer has an embedding of its own, of key `embedding_length_per_layer_input`'s width P, or where it is
    /// absent this, 0 for none:
    /// `(per_layer_token_embd[token] * sqrt(P) + norm(per_layer_model_proj . x / sqrt(width))) / sqrt(2)`.
    pub per_layer: Option<usize>,
}

impl Embedding {
    /// The embedding itself, times `embedding_scale` if the metadata has it.
    pub const PLAIN: Self = Self {
        scale: EmbeddingScale::Key(1.0),
        norm: None,
        positions: Positions::None,
        types: false,
        norm_unweighted: false,
        per_layer: None,
    };
    /// Scaled by the square root of the width.
    pub const SQRT_WIDTH: Self = Self { scale: EmbeddingScale::SqrtWidth, ..Self::PLAIN };
    /// Learned positions are added.
    pub const POSITIONS: Self = Self { positions: Positions::Learned, ..Self::PLAIN };
    /// Token types are added, and the sum is normed.
    pub const TYPES: Self = Self { types: true, ..Self::NORMED };
    /// The sum is normed.
    pub const NORMED: Self = Self { norm: Some("token_embd_norm"), ..Self::PLAIN };
}

/// Whether learned positions are added to embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// No.
    None,
    /// Yes.
    Learned,
    /// In files that have them.
    IfPresent,
}

/// What an embedding is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EmbeddingScale {
    /// Key `embedding_scale`, or this.
    Key(f32),
    /// `sqrt(width)`.
    SqrtWidth,
}

/// Residual streams side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// One.
    One,
    /// As many as key `altup.num_inputs`, or 4, of which the layers' parts see the first:
    ///
    /// ```text
    /// s[0] = x,  s[i] = altup_proj[i] . x, made as large as x
    /// r(x) = tanh(altup_router . norm(x) / width)
    /// before each layer:  p[i] = s[i] + sum over j of c[i][j] * s[j],  c = altup_predict_coef . r(s[0]);  x = p[0]
    /// behind it:          s[i] = p[i] + c[i] * (x - p[0]),  c = 1 + altup_correct_coef . r(x)
    ///                     s[1..] += norm(proj . (gelu(inp_gate . (s[0] * altup_correct_scale)) * input[layer]))
    /// x = mean of s[0] and altup_unembd_proj[i] . s[i], made as large as s[0]
    /// ```
    AltUp,
}

/// Which positions the layers attend to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Windows {
    /// Shape and length of a windowed layer's view.
    pub span: Span,
    /// Of how many layers one sees all, where the metadata does not say: neither by a number nor by an array of a flag a
    /// layer.
    pub period: Period,
    /// Rope base of windowed layers where key `rope.freq_base_swa` is absent; `None` takes that of the others.
    pub local_freq_base: Option<f32>,
    /// Whether windowed layers are rope-scaled as the others are.
    pub local_scaled: bool,
    /// Whether a window of n is n / 2 to both sides: in encoders.
    pub symmetric: bool,
}

impl Windows {
    /// Every layer sees all.
    pub const FULL: Self = Self {
        span: Span::All,
        period: Period::Given,
        local_freq_base: None,
        local_scaled: true,
        symmetric: false,
    };
}

/// What a windowed layer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// All: there are no windowed layers.
    All,
    /// The last `attention.sliding_window`; files without it have no windowed layers.
    Key,
    /// The last `attention.sliding_window`, or this many where it is absent.
    KeyOr(usize),
    /// This many in files that have the key, whatever it says but 0.
    FixedIfKey(usize),
    /// The part since the last multiple of this many, unless the key is there and 0.
    ChunkUnlessZero(usize),
}

/// Which layers see all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Those that the metadata's array says; it must be there.
    Given,
    /// The last of every n.
    LastOf(usize),
    /// The first of every n.
    FirstOf(usize),
}

/// How queries and keys are rotated. Scaling comes from the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RopeRule {
    /// Pairing; `None` in models that know positions by other means.
    pub kind: Option<RopeKind>,
    /// Pairing in files with the key `rope.dimension_sections`, whose three positions are one and the same in text.
    pub kind_with_sections: Option<RopeKind>,
    /// Layers without rotation.
    pub unrotated: Unrotated,
    /// Multiply the base by `alpha^(d / (d - 2))`, key `rope.scaling.alpha`.
    pub alpha: bool,
    /// What key `rope.scaling.yarn_log_multiplier` holds.
    pub log_multiplier: LogMultiplier,
    /// Whether the factors of the rotation are for layers that see all only.
    pub factors_of_full: bool,
    /// Whether layers that see all rotate half of `rope.dimension_count`.
    pub full_halved: bool,
}

impl RopeRule {
    /// All layers, halves paired.
    pub const NEOX: Self = Self {
        kind: Some(RopeKind::Neox),
        kind_with_sections: None,
        unrotated: Unrotated::None,
        alpha: false,
        log_multiplier: LogMultiplier::Plain,
        factors_of_full: false,
        full_halved: false,
    };
    /// All layers, neighbours paired.
    pub const INTERLEAVED: Self = Self { kind: Some(RopeKind::Interleaved), ..Self::NEOX };
    /// No layer.
    pub const NONE: Self = Self { kind: None, ..Self::NEOX };
}

/// What key `rope.scaling.yarn_log_multiplier` holds of L. With it the magnitude of the rotation is `mscale(1) / mscale(L)`,
/// `mscale(a) = 1 + 0.1 a ln(factor)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogMultiplier {
    /// L.
    Plain,
    /// `0.1 L`.
    Tenth,
    /// `0.1 L`, and the magnitude is 1.
    TenthUnscaled,
}

/// Layers without rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrotated {
    /// None.
    None,
    /// The last of every n, in models with windows if the flag is set.
    LastOf(usize),
    /// As `LastOf`, but none in files without windows.
    LastOfIfWindowed(usize),
    /// The first of every n, but none in files without windows.
    FirstOfIfWindowed(usize),
    /// Those that see all, but none in files without windows.
    Full,
    /// Those that see all, but none in files without windows, nor the first `leading_dense_block_count` layers.
    FullBehindLead,
    /// All layers unless key `rope.scaling.finetuned` is true.
    UnlessFinetuned,
    /// Those where the array `attention.rope_pattern` is false; absent, none.
    Pattern,
    /// All layers in models of this many layers, which know positions by ALiBi: files do not say, so the depth has to.
    AllAtDepth(usize),
}

/// What each branch is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ResidualScale {
    /// Key `residual_scale`, or 1.
    Key,
    /// Key `residual_scale`, or this over the square root of the number of layers.
    KeyOrByDepth(f32),
}

/// From the stream to logits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The last norm, a tensor name without `.weight`; none if empty.
    pub norm: &'static str,
    /// What logits are multiplied by.
    pub scale: LogitScale,
    /// Soft cap of logits where key `final_logit_softcapping` is absent; 0 is none.
    pub soft_cap: f32,
    /// The first and the end of a run of tokens that are not of text: their logits are the least there is.
    pub silent: (usize, usize),
}

impl Head {
    /// `output_norm`, and logits as they are.
    pub const PLAIN: Self =
        Self { norm: "output_norm", scale: LogitScale::One, soft_cap: 0.0, silent: (0, 0) };
    /// No norm, as behind layers that end with one.
    pub const UNNORMED: Self = Self { norm: "", ..Self::PLAIN };
    /// Multiplied by key `logit_scale`.
    pub const MULTIPLIED: Self = Self { scale: LogitScale::Multiply(1.0), ..Self::PLAIN };
    /// Divided by key `logit_scale`.
    pub const DIVIDED: Self = Self { scale: LogitScale::Divide(LogitDivisor::One), ..Self::PLAIN };
}

/// What logits are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LogitScale {
    /// 1.
    One,
    /// Key `logit_scale`, or this.
    Multiply(f32),
    /// 1 / key `logit_scale`, or 1 / this.
    Divide(LogitDivisor),
    /// This over the width.
    OverWidth(f32),
}

/// What logits are divided by where the key is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LogitDivisor {
    /// 1.
    One,
    /// This over the width: MiniCPM's `dim_model_base`, as llama.cpp takes it.
    OverWidth(f32),
}

/// What a token sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Those before it, unless key `attention.causal` is false.
    Causal,
    /// Those before it and behind it.
    Both,
}

/// How `cls` and `cls.output` make scores, in files that have them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranking {
    /// How the row is pooled that they read.
    pub pooling: Pooling,
    /// Behind `cls`; `None` is tanh.
    pub activation: Option<Activation>,
    /// Whether scores are made to add up to 1.
    pub softmax: bool,
}

impl Ranking {
    /// From the first row.
    pub const CLS: Self = Self { pooling: Pooling::Cls, activation: None, softmax: false };
    /// From the last row, as shares: Qwen 3's rerankers.
    pub const LAST: Self = Self { pooling: Pooling::Last, softmax: true, ..Self::CLS };
}
