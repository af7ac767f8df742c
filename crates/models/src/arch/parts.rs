//! What a branch computes: attention, feed-forward, mixture of experts.

use gollum_kernels::{Activation, Gating, NormKind, NormPlace, WeighAt};

#[cfg(doc)]
use super::LogMultiplier;

/// What a branch computes.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Grouped-query attention: `attn_q`, `attn_k`, `attn_v` or `attn_qkv`; `attn_output`.
    Attention(Attention),
    /// Attention over latent rows: `attn_q` or `attn_q_a` and `attn_q_b`; `attn_kv_a_mqa`; `attn_k_b` and `attn_v_b`, or
    /// `attn_kv_b`; `attn_output`.
    Latent(Attention),
    /// A dense feed-forward: `ffn_gate`, `ffn_up`, `ffn_down`.
    Ffn(Ffn),
    /// A mixture of experts: `ffn_gate_inp`, `ffn_{gate,up,down}_exps`, and by presence `ffn_{gate,up,down}_shexp`.
    Moe(Moe),
    /// A mixture in layers that have a router, else dense.
    FfnOrMoe(Ffn, Moe),
    /// A gated short convolution: `shortconv.in_proj`, `shortconv.conv`, `shortconv.out_proj`.
    ShortConv,
    /// The gated delta rule: `attn_qkv`, `attn_gate`, `ssm_conv1d`, `ssm_alpha`, `ssm_beta` or `ssm_ba`, `ssm_a`, `ssm_dt`,
    /// `ssm_norm`, `ssm_out`.
    DeltaNet(DeltaNet),
    /// The layer's own embedding of the token: `inp_gate`, `proj`; see [`Embedding::per_layer`](super::Embedding).
    PerLayer,
    /// What it reads, and behind the part's norm what matrices of low rank make of that: `laurel_l`, `laurel_r`.
    Laurel,
    /// Mamba-1: `ssm_in`, `ssm_conv1d`, `ssm_x`, `ssm_dt`, `ssm_a`, `ssm_d`, `ssm_out`, and by presence `ssm_dt_norm`,
    /// `ssm_b_norm`, `ssm_c_norm`.
    Mamba1(Mamba1),
    /// Mamba-2: `ssm_in`, `ssm_conv1d`, `ssm_a`, `ssm_d`, `ssm_dt`, `ssm_norm`, `ssm_out`.
    Mamba2(Mamba2),
}

/// Mamba-1, whose b, c and step lengths are made of what is behind the convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mamba1 {
    /// A step length for each channel, and a rate for each value of its memory.
    Channels,
    /// A step length and a rate for each head, as in Mamba-2; z and x alternate from head to head in `ssm_in`: PLaMo 2.
    Heads,
}

/// Mamba-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mamba2 {
    /// Whether files may lack `ssm_norm`.
    pub norm_optional: bool,
}

/// The gated delta rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeltaNet {
    /// Value head `h` reads key head `h % key heads`; else `h / (heads / key heads)`.
    pub is_tiled: bool,
}

impl Part {
    /// The SiLU-gated feed-forward of most models.
    pub const SWIGLU: Self = Self::Ffn(Ffn::SWIGLU);
    /// Mamba-2 with its norm.
    pub const MAMBA2: Self = Self::Mamba2(Mamba2 { norm_optional: false });
    /// The attention of most models.
    pub const GQA: Self = Self::Attention(Attention::GQA);
}

/// What a part reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The stream.
    Stream,
    /// The stream as it was before the layer.
    LayerStart,
}

/// Grouped-query attention. Layers without query heads have none; layers without KV heads multiply `attn_output` with
/// the normed stream.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Norms of q and k.
    pub qk_norm: QkNorm,
    /// What multiplies q . k.
    pub scale: AttentionScale,
    /// Soft cap of scores where key `attn_logit_softcapping` is absent; 0 is none.
    pub score_cap: f32,
    /// Growth of queries with their position.
    pub growth: Growth,
    /// Bias of scores by distance.
    pub alibi: Alibi,
    /// What multiplies what was attended.
    pub gate: OutputGate,
    /// Whether values are RMS-normed, head by head, without weights.
    pub v_norm: bool,
    /// Whether layers without `attn_v` take for values what `attn_k` makes, as it is before norm and rotation.
    pub k_as_v: bool,
    /// Last layers that read K and V of the last ones before them: windowed layers those of the last but one, the others
    /// those of the last.
    pub shared_tail: SharedTail,
    /// Whether key `attention.value_scale` multiplies the result.
    pub value_scale: bool,
    /// Whether `attn_sub_norm` norms what was attended, before `attn_output`.
    pub sub_norm: bool,
}

/// Last layers that keep no K and V.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedTail {
    /// None.
    None,
    /// As many as key `attention.shared_kv_layers` says.
    Key,
    /// Where the key is absent, all behind this many.
    KeyOrBehind(usize),
}

/// A gate between attention and `attn_output`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutputGate {
    /// None.
    None,
    /// Sigmoid, element by element; its rows follow those of each head in `attn_q`.
    InQ,
    /// `attn_gate`.
    Own(Activation, GateOver),
    /// `attn_gate`, one output a head, in layers that have it.
    OwnIfPresent(Activation),
}

/// How many outputs a gate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateOver {
    /// One a head.
    Head,
    /// One an element.
    Element,
    /// As many as the file's tensor: either.
    Either,
}

impl Attention {
    /// Scores scaled by the head's width, and nothing else.
    pub const GQA: Self = Self {
        qk_norm: QkNorm::NONE,
        scale: AttentionScale::HeadDim,
        score_cap: 0.0,
        growth: Growth::None,
        alibi: Alibi::None,
        gate: OutputGate::None,
        v_norm: false,
        k_as_v: false,
        shared_tail: SharedTail::None,
        value_scale: false,
        sub_norm: false,
    };
    /// With an RMS norm on each head of q and k, before the rotation.
    pub const QK_NORM: Self = Self { qk_norm: QkNorm::PER_HEAD, ..Self::GQA };
    /// As `QK_NORM`, with a gate in `attn_q`.
    pub const QK_NORM_GATED: Self = Self { gate: OutputGate::InQ, ..Self::QK_NORM };
    /// With an RMS norm on each head of q and k, after the rotation.
    pub const QK_NORM_AFTER_ROPE: Self = Self { qk_norm: QkNorm::PER_HEAD_AFTER_ROPE, ..Self::GQA };
}

/// Norms of q and k: `attn_q_norm`, `attn_k_norm`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QkNorm {
    /// What one norm goes over.
    pub over: QkNormOver,
    /// RMS or LayerNorm.
    pub kind: NormKind,
    /// Before or after the rotation.
    pub place: NormPlace,
    /// Their epsilon; `None` is that of the other norms.
    pub eps: Option<f32>,
    /// Whether files may lack them.
    pub optional: bool,
}

impl QkNorm {
    /// None.
    pub const NONE: Self = Self {
        over: QkNormOver::Nothing,
        kind: NormKind::Rms,
        place: NormPlace::BeforeRope,
        eps: None,
        optional: false,
    };
    /// RMS over each head, before the rotation.
    pub const PER_HEAD: Self = Self { over: QkNormOver::Head, ..Self::NONE };
    /// RMS over each head, after the rotation.
    pub const PER_HEAD_AFTER_ROPE: Self = Self { place: NormPlace::AfterRope, ..Self::PER_HEAD };
    /// RMS over all heads together, before the rotation.
    pub const WHOLE_ROW: Self = Self { over: QkNormOver::Row, ..Self::NONE };
    /// LayerNorm over all heads together, before the rotation, in files that have it.
    pub const LAYER_ROW_OPTIONAL: Self =
        Self { over: QkNormOver::Row, kind: NormKind::Layer, optional: true, ..Self::NONE };
    /// LayerNorm over each head with weights of its own, before the rotation, in files that have it.
    pub const LAYER_OWN_WEIGHTS: Self =
        Self { over: QkNormOver::HeadOwnWeights, kind: NormKind::Layer, optional: true, ..Self::NONE };
}

/// What one norm of q or k goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QkNormOver {
    /// There is none.
    Nothing,
    /// Each head, with the same weights `[head_dim]`.
    Head,
    /// Each head, with weights of its own `[heads, head_dim]`.
    HeadOwnWeights,
    /// Each head, without weights, on rotated layers of files with fewer than 128 experts: Llama 4.
    RotatedHeadUnweighted,
    /// All heads together, `[heads * head_dim]`.
    Row,
}

/// What multiplies q . k, unless key `attention.scale` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AttentionScale {
    /// `1 / sqrt(head_dim)`.
    HeadDim,
    /// `1 / head_dim`.
    InverseHeadDim,
    /// `1 / sqrt(width / heads)` in models of this many layers, else `1 / sqrt(head_dim)`: files do not say
    /// which, so the depth has to.
    WidthPerHeadAtDepth(usize),
    /// Key `attention.output_scale`, or this.
    OutputScaleKey(f32),
    /// Not at all: norms have done it.
    One,
    /// `m^2 / sqrt(head_dim)`, m the magnitude of YaRN's rotation times `1 + 0.1 L ln(factor)`: see [`LogMultiplier`].
    YarnSquared,
}

/// Growth of queries with their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// None.
    None,
    /// Llama 4: strength 0.1, a step each 8192 positions, on unrotated layers of files with windows.
    Unrotated,
    /// Strength key `attention.temperature_scale`, a step each `rope.scaling.original_context_length` positions.
    Key,
    /// Strength key `attention.temperature_scale`, a step each `attention.temperature_length` positions.
    KeyLength,
}

/// Bias of scores by distance: `-slope * distance`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Alibi {
    /// None.
    None,
    /// In files whose key `attention.max_alibi_bias` is not 0.
    Key,
    /// With this largest bias.
    Max(f32),
    /// With this largest bias in models of this many layers.
    MaxAtDepth(f32, usize),
}

/// A dense feed-forward.
#[derive(Clone, Copy, Debug)]
pub struct Ffn {
    /// Activation.
    pub activation: Activation,
    /// Whether there is a gate beside `ffn_up`.
    pub gated: bool,
    /// Whether files may lack the gate, and are then ungated.
    pub gate_optional: bool,
    /// Its inner width.
    pub width: FfnWidth,
    /// Whether key `swiglu_clamp_shexp`, one a layer, limits it where it is not 0, shared experts included.
    pub clamped: bool,
    /// Whether xIELU is its activation, whose numbers the keys `xielu.*` hold, once or one a layer.
    pub xielu: bool,
    /// Whether gates are cut before the activation, and in which layers where key `activation_sparsity_scale`, the
    /// deviations of each layer, is absent.
    pub sparsity: Option<Sparsity>,
    /// Whether `ffn_sub_norm` norms what `ffn_down` reads.
    pub sub_norm: bool,
}

/// Gates that are 0 but for those above the mean of their row by so many of its standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sparsity {
    /// First layers.
    pub layers: usize,
    /// See [`KernelOps::cut_gates`](gollum_kernels::KernelOps::cut_gates).
    pub deviations: f32,
}

impl Ffn {
    /// SiLU-gated.
    pub const SWIGLU: Self = Self {
        activation: Activation::Silu,
        gated: true,
        gate_optional: false,
        width: FfnWidth::Key,
        clamped: false,
        xielu: false,
        sparsity: None,
        sub_norm: false,
    };
    /// GELU-gated.
    pub const GEGLU: Self = Self { activation: Activation::GeluTanh, ..Self::SWIGLU };
    /// GELU without a gate.
    pub const GELU: Self = Self { gated: false, ..Self::GEGLU };
    /// Squared ReLU without a gate.
    pub const RELU_SQUARED: Self = Self { activation: Activation::ReluSquared, ..Self::GELU };
    /// xIELU without a gate.
    pub const XIELU: Self = Self { xielu: true, ..Self::GELU };
}

/// Inner width of a dense feed-forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FfnWidth {
    /// Key `feed_forward_length`.
    Key,
    /// Half of it: Qwen 1.
    HalfKey,
    /// The width of the stream: Arctic.
    Stream,
}

/// A mixture of experts.
#[derive(Clone, Copy, Debug)]
pub struct Moe {
    /// Activation of all experts, the shared one included.
    pub activation: Activation,
    /// Whether experts have a gate beside `ffn_up_exps`.
    pub gated: bool,
    /// From logits to scores where key `expert_gating_func` is absent or 0.
    pub gating: Gating,
    /// Whether the weights of the chosen are made to add up to 1.
    pub normalise: Normalise,
    /// Where weights are applied.
    pub weigh: WeighAt,
    /// What the router reads: the normed input, or the stream at the layer's start, un-normed.
    pub router_input: Input,
    /// Inner width of an expert where key `expert_feed_forward_length` is absent.
    pub width: ExpertWidth,
    /// Whether each group of key `experts_per_group` experts shares one more, which runs beside any of them with its
    /// weight times key `expert_group_scale`: `ffn_{gate,up,down}_chexps`.
    pub adjugate: bool,
    /// Where the shared expert is, if there is one.
    pub shared: SharedTensors,
    /// Inner width of the shared expert.
    pub shared_width: SharedWidth,
    /// Multiplies the sum of routed and shared experts, in layers that have a shared one.
    pub scale_with_shared: f32,
    /// Whether key `swiglu_clamp_exp`, one a layer, limits experts where it is not 0.
    pub clamp: ExpertClamp,
    /// Whether the router reads the stream behind a norm of its own: RMS, weights `ffn_gate_inp.scale` over the square
    /// root of the width.
    pub router_norm: bool,
}

/// What the limit of experts is applied to, beside `up`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertClamp {
    /// There is none.
    None,
    /// The gate before its SiLU.
    Gate,
    /// The SiLU.
    Silu,
}

impl Moe {
    /// SiLU-gated, softmax over all experts, weights of the chosen normalised.
    pub const SOFTMAX: Self = Self {
        activation: Activation::Silu,
        gated: true,
        gating: Gating::Softmax,
        normalise: Normalise::Always,
        weigh: WeighAt::Output,
        router_input: Input::Stream,
        width: ExpertWidth::FfnKey,
        adjugate: false,
        shared: SharedTensors::Shexp,
        shared_width: SharedWidth::PerSharedExpert,
        scale_with_shared: 1.0,
        clamp: ExpertClamp::None,
        router_norm: false,
    };
    /// As `SOFTMAX`, with weights as they are.
    pub const SOFTMAX_RAW: Self = Self { normalise: Normalise::Never, ..Self::SOFTMAX };
    /// As `SOFTMAX`, with a sigmoid per expert.
    pub const SIGMOID: Self = Self { gating: Gating::Sigmoid, ..Self::SOFTMAX };
}

/// Whether the weights of the chosen are made to add up to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalise {
    /// Yes.
    Always,
    /// No.
    Never,
    /// Key `expert_weights_norm`, or this.
    Key(bool),
}

/// Inner width of an expert without a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertWidth {
    /// Key `feed_forward_length`.
    FfnKey,
    /// Key `feed_forward_length` over the experts used.
    FfnKeyOverUsed,
}

/// Tensors of the shared expert, which every token uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedTensors {
    /// `ffn_{gate,up,down}_shexp`.
    Shexp,
    /// Those of a dense feed-forward.
    Dense,
}

/// Inner width of the shared expert: key `expert_shared_feed_forward_length`, or where that is absent what is said here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedWidth {
    /// That of an expert times key `expert_shared_count`, or once where that is absent.
    PerSharedExpert,
    /// The same, and the key's width is that of one of `expert_shared_count` too.
    KeyPerSharedExpert,
    /// Key `feed_forward_length`.
    FfnKey,
}
