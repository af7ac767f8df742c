//! Hyper-parameters from metadata, each checked against a range before anything is computed with it.

mod experts;
mod keys;
mod recurrent;
mod rope;
mod windows;

use std::ops::Range;

use gollum_core::{PAGE_TOKENS, Pooling};
use gollum_gguf::{Gguf, Metadata, Value, require};
use gollum_kernels::{KvLayer, NormKind, QueryGrowth, Rope, Window};

use crate::arch::{
    Alibi, Architecture, Attention, AttentionScale, Direction, EmbeddingScale, FfnWidth, Growth,
    LogitDivisor, LogitScale, Norms, Pick, RecurrentLayers, ResidualScale,
};
use crate::{ARCHITECTURES, ModelError};
pub use experts::ExpertParams;
use keys::Keys;
pub use recurrent::RecurrentParams;
pub(crate) use recurrent::required;
pub use rope::RopeFactors;

/// Layers of a model. The deepest open model has 162.
pub const MAX_LAYERS: usize = 512;
/// Query heads of a layer. The largest open model has 128.
pub const MAX_HEADS: usize = 1024;
/// Width of a head. The widest in use is 512.
pub const MAX_HEAD_DIM: usize = 1024;
/// Width of the residual stream and of the feed-forward. The widest in use is 53,248.
pub const MAX_WIDTH: usize = 1 << 20;
/// Experts of a layer. The largest open model has 512.
pub const MAX_EXPERTS: usize = 4096;
/// Experts that a token uses; buffers are this many times as long as a step. Open models use up to 22.
pub const MAX_EXPERTS_USED: usize = 256;
/// Context length in tokens: what slot numbers of 32 bits can address, by far.
pub const MAX_CONTEXT: usize = (1 << 27) - PAGE_TOKENS;
/// Characters of a value that an error shows.
const SHOWN_CHARS: usize = 80;

/// The numbers of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct HyperParams {
    /// Width of the residual stream.
    pub width: usize,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Trained context length in tokens.
    pub context_len: usize,
    /// True of encoders: a token sees those behind it too, so inputs are computed whole.
    pub whole_input: bool,
    /// How inputs are pooled, if the file says.
    pub pooling: Option<Pooling>,
    /// Scores of a classifier, where the file names them; else 1.
    pub labels: usize,
    /// RMS norms or LayerNorms.
    pub norm_kind: NormKind,
    /// Epsilon of the norms.
    pub eps: f32,
    /// Multiplies embeddings.
    pub embedding_scale: f32,
    /// Multiplies the result of each branch.
    pub residual_scale: f32,
    /// Multiplies logits.
    pub logit_scale: f32,
    /// `cap * tanh(logit / cap)`.
    pub logit_soft_cap: Option<f32>,
    /// Tokens whose logits are the least there is.
    pub silent_tokens: Range<usize>,
    /// `cap * tanh(score / cap)`.
    pub score_soft_cap: Option<f32>,
    /// Limits q, k and v to `-clamp..=clamp`.
    pub qkv_clamp: Option<f32>,
    /// Largest bias of ALiBi.
    pub max_alibi_bias: Option<f32>,
    /// Which of the architecture's kinds layers are, where a key says; else tensors do.
    pub kind_flag: Option<bool>,
    /// The factor tensor of the rotation, if the file has it.
    pub rope_factors: RopeFactors,
    /// The mixture of experts, in files that have one.
    pub experts: Option<ExpertParams>,
    /// Widths of recurrent layers, in architectures that have them.
    pub recurrent: Option<RecurrentParams>,
    /// What differs between layers.
    pub layers: Vec<LayerParams>,
    /// Layers behind the trunk that predict further tokens; they are not run.
    pub nextn_layers: usize,
}

/// The numbers of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerParams {
    /// True of a layer whose memory is a state: it has no K and V.
    pub is_recurrent: bool,
    /// Query heads; 0 in a layer without attention.
    pub heads: usize,
    /// KV heads; divides `heads`. 0 in a layer whose attention is linear.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Width inside the dense feed-forward; 0 in a layer without.
    pub ffn_width: usize,
    /// Which positions it attends to.
    pub window: Window,
    /// How it rotates, if it does. Factors are not filled in.
    pub rope: Option<Rope>,
    /// Multiplies q . k.
    pub attention_scale: f32,
    /// Growth of queries.
    pub growth: Option<QueryGrowth>,
}

impl LayerParams {
    /// The layer's part of the KV cache, if it has one.
    pub fn kv(&self) -> Option<KvLayer> {
        (self.heads > 0 && self.kv_heads > 0 && !self.is_recurrent)
            .then_some(KvLayer { kv_heads: self.kv_heads, head_dim: self.head_dim })
    }
}

/// The architecture a file names, or [`ModelError::UnknownArchitecture`].
pub fn architecture_of(meta: &Metadata) -> Result<&'static Architecture, ModelError> {
    let key = "general.architecture";
    let name = require(key, meta.string(key)?)?;
    ARCHITECTURES.iter().find(|a| a.gguf_name == name).ok_or_else(|| ModelError::UnknownArchitecture {
        name: name.chars().take(SHOWN_CHARS).collect(),
        supported: ARCHITECTURES.iter().map(|a| a.gguf_name).collect::<Vec<_>>().join(", "),
    })
}

impl HyperParams {
    /// Reads and checks everything. `vocab_size` is the rows of `token_embd.weight`, which must be as many as
    /// the tokenizer has tokens. `max_context` is the longest context that will be asked for, if it is not the file's.
    pub fn from_gguf(
        gguf: &Gguf,
        architecture: &Architecture,
        max_context: Option<usize>,
    ) -> Result<Self, ModelError> {
        let keys = Keys::new(gguf.metadata(), architecture.gguf_name);
        let whole_input = whole_input(&keys, architecture)?;
        let all_layers = keys.count("block_count", 1..=MAX_LAYERS)?;
        let nextn_layers = keys.optional_count("nextn_predict_layers", 0..=all_layers - 1)?.unwrap_or(0);
        let layers = all_layers - nextn_layers;
        let width = keys.count("embedding_length", 1..=MAX_WIDTH)?;
        let context_len = keys.count("context_length", 1..=MAX_CONTEXT)?;
        let (norm_kind, eps) = norm(&keys, architecture.norms)?;
        let ffn_width = keys.counts_per_layer("feed_forward_length", layers, 0..=MAX_WIDTH)?;
        let moe = architecture.moe();
        let experts = ExpertParams::read(&keys, moe, layers, ffn_width.as_deref())?;
        let original = rope::original_context(&keys, context_len)?;
        let attention = architecture.attention();
        let vocab_size = vocab_size(gguf, width)?;
        let (silent, silent_end) = architecture.head.silent;
        let params = Self {
            width,
            vocab_size,
            context_len,
            whole_input,
            pooling: pooling(&keys)?,
            labels: labels(&keys)?,
            norm_kind,
            eps,
            embedding_scale: match architecture.embedding.scale {
                EmbeddingScale::Key(default) => keys.positive("embedding_scale")?.unwrap_or(default),
                EmbeddingScale::SqrtWidth => (width as f32).sqrt(),
            },
            residual_scale: residual_scale(&keys, architecture.residual_scale, layers)?,
            logit_scale: logit_scale(&keys, architecture.head.scale, width)?,
            logit_soft_cap: soft_cap(&keys, "final_logit_softcapping", architecture.head.soft_cap)?,
            silent_tokens: silent.min(vocab_size)..silent_end.min(vocab_size),
            score_soft_cap: soft_cap(&keys, "attn_logit_softcapping", attention.score_cap)?,
            qkv_clamp: keys.positive("attention.clamp_kqv")?,
            max_alibi_bias: alibi(&keys, attention, layers)?,
            kind_flag: match architecture.pick {
                Pick::Flag(suffix, default) => Some(keys.flag(suffix)?.unwrap_or(default)),
                Pick::One | Pick::HasTensor(_) | Pick::Recurrent(_) => None,
            },
            rope_factors: rope::factors(original, max_context.unwrap_or(context_len)),
            layers: LayerReader::new(&keys, architecture, (layers, width, context_len))?
                .layers(ffn_width, experts.is_some())?,
            experts,
            recurrent: RecurrentParams::read(&keys, architecture, width)?,
            nextn_layers,
        };
        keys.refuse_unread(architecture.unread_keys)?;
        params.check_whole(&keys, architecture)?;
        Ok(params)
    }

    /// Refuses encoders whose layers look back by rules that are written for one side.
    fn check_whole(&self, keys: &Keys<'_>, architecture: &Architecture) -> Result<(), ModelError> {
        let windowed = self.layers.iter().any(|layer| layer.window != Window::All);
        if self.whole_input && windowed && !architecture.windows.symmetric {
            return Err(keys.unsupported("attention.causal", "false beside windows"));
        }
        Ok(())
    }

    /// The KV cache of all layers that have one, in order.
    pub fn kv_layers(&self) -> Vec<KvLayer> {
        self.layers.iter().filter_map(LayerParams::kv).collect()
    }
}

/// True if a token sees those behind it.
fn whole_input(keys: &Keys<'_>, architecture: &Architecture) -> Result<bool, ModelError> {
    match (architecture.direction, keys.flag("attention.causal")?) {
        (Direction::Both, Some(true)) => Err(keys.unsupported("attention.causal", "true")),
        (Direction::Both, _) | (Direction::Causal, Some(false)) => Ok(true),
        (Direction::Causal, _) => Ok(false),
    }
}

/// Key `pooling_type`; writers that know of none write -1.
fn pooling(keys: &Keys<'_>) -> Result<Option<Pooling>, ModelError> {
    let suffix = "pooling_type";
    match keys.raw_count(suffix)?.filter(|&n| n != u32::MAX as usize) {
        None => Ok(None),
        Some(0) => Ok(Some(Pooling::None)),
        Some(1) => Ok(Some(Pooling::Mean)),
        Some(2) => Ok(Some(Pooling::Cls)),
        Some(3) => Ok(Some(Pooling::Last)),
        Some(4) => Ok(Some(Pooling::Rank)),
        Some(other) => Err(keys.unsupported(suffix, other)),
    }
}

fn labels(keys: &Keys<'_>) -> Result<usize, ModelError> {
    let suffix = "classifier.output_labels";
    keys.texts(suffix)?.map_or(Ok(1), |count| keys.in_range(suffix, count, &(1..=MAX_WIDTH)))
}

fn norm(keys: &Keys<'_>, norms: Norms) -> Result<(NormKind, f32), ModelError> {
    let (rms, layer) = ("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon");
    let (kind, suffix) = match norms {
        Norms::Rms => (NormKind::Rms, rms),
        Norms::Layer | Norms::LayerUnweighted => (NormKind::Layer, layer),
        Norms::LayerUnlessRmsEps if keys.positive(rms)?.is_some() => (NormKind::Rms, rms),
        Norms::LayerUnlessRmsEps => (NormKind::Layer, layer),
    };
    // Writers that know both kinds give both keys.
    keys.name(rms);
    keys.name(layer);
    let eps = require(&keys.name(suffix), keys.positive(suffix)?)?;
    if eps >= 1.0 {
        return Err(keys.bad(suffix, eps, "below 1".to_owned()));
    }
    Ok((kind, eps))
}

fn residual_scale(keys: &Keys<'_>, rule: ResidualScale, layers: usize) -> Result<f32, ModelError> {
    let given = keys.positive("residual_scale")?;
    Ok(given.unwrap_or(match rule {
        ResidualScale::Key => 1.0,
        ResidualScale::KeyOrByDepth(scale) => scale / (layers as f32).sqrt(),
    }))
}

fn logit_scale(keys: &Keys<'_>, rule: LogitScale, width: usize) -> Result<f32, ModelError> {
    if rule == LogitScale::One {
        return Ok(1.0);
    }
    let given = keys.positive("logit_scale")?;
    Ok(match rule {
        LogitScale::One => 1.0,
        LogitScale::Multiply(default) => given.unwrap_or(default),
        LogitScale::Divide(default) => {
            let default = match default {
                LogitDivisor::One => 1.0,
                LogitDivisor::OverWidth(base) => base / width as f32,
            };
            1.0 / given.unwrap_or(default)
        }
    })
}

/// A cap, or the default where the key is absent; of either, 0 is none.
fn soft_cap(keys: &Keys<'_>, suffix: &str, default: f32) -> Result<Option<f32>, ModelError> {
    Ok(keys.positive(suffix)?.or((default > 0.0).then_some(default)))
}

fn alibi(keys: &Keys<'_>, attention: Attention, layers: usize) -> Result<Option<f32>, ModelError> {
    Ok(match attention.alibi {
        Alibi::None => None,
        Alibi::Key => keys.positive("attention.max_alibi_bias")?,
        Alibi::Max(bias) => Some(keys.positive("attention.max_alibi_bias")?.unwrap_or(bias)),
        Alibi::MaxAtDepth(bias, depth) => (depth == layers).then_some(bias),
    })
}

/// Rows of the embedding matrix, which the tokenizer must agree with.
fn vocab_size(gguf: &Gguf, width: usize) -> Result<usize, ModelError> {
    let name = "token_embd.weight";
    let tensor = gguf.tensor(name).ok_or_else(|| ModelError::MissingTensor { name: name.to_owned() })?;
    let rows = tensor.dims.get(1).copied().unwrap_or(1);
    match gguf.metadata().get("tokenizer.ggml.tokens") {
        Some(Value::Array(tokens)) if tokens.len() != rows => {
            Err(ModelError::Vocabulary { tokens: tokens.len(), rows })
        }
        _ if tensor.dims.first() != Some(&width) => {
            let (name, dims) = (name.to_owned(), tensor.dims.clone());
            Err(ModelError::TensorShape { name, dims, expected: vec![width, rows] })
        }
        _ => Ok(rows),
    }
}

/// Reads what may differ from layer to layer.
struct LayerReader<'a> {
    keys: &'a Keys<'a>,
    architecture: &'a Architecture,
    attention: Attention,
    layers: usize,
    width: usize,
    context_len: usize,
    heads: Vec<usize>,
    kv_heads: Vec<usize>,
    head_dim: usize,
    rope_dims: usize,
    windows: Option<Vec<Window>>,
    rotated: Vec<bool>,
}

impl<'a> LayerReader<'a> {
    fn new(
        keys: &'a Keys<'a>,
        architecture: &'a Architecture,
        (layers, width, context_len): (usize, usize, usize),
    ) -> Result<Self, ModelError> {
        if !architecture.attends() {
            return Self::without_attention(keys, architecture, (layers, width, context_len));
        }
        let suffix = "attention.head_count";
        let heads = require(&keys.name(suffix), keys.counts_per_layer(suffix, layers, 0..=MAX_HEADS)?)?;
        let most = heads.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return Err(keys.bad(suffix, 0, "1 or more in some layer".to_owned()));
        }
        let suffix = "attention.head_count_kv";
        let kv_heads = keys.counts_per_layer(suffix, layers, 0..=MAX_HEADS)?.unwrap_or_else(|| heads.clone());
        for (&heads, &kv_heads) in heads.iter().zip(&kv_heads) {
            if kv_heads > 0 && !heads.is_multiple_of(kv_heads) {
                return Err(keys.bad(suffix, kv_heads, format!("a divisor of {heads} heads")));
            }
        }
        // The head's width follows from the first layer's heads, where no key says.
        let first = if heads[0] > 0 { heads[0] } else { most };
        let head_dim = head_dim(keys, width, first)?;
        let rope_dims = keys.optional_count("rope.dimension_count", 2..=head_dim)?.unwrap_or(head_dim);
        if !rope_dims.is_multiple_of(2) && architecture.rope.kind.is_some() {
            return Err(keys.bad("rope.dimension_count", rope_dims, "even".to_owned()));
        }
        let windows = windows::windows(keys, &architecture.windows, layers)?;
        let unrotated = architecture.rope.unrotated;
        let rotated = windows::rotated_layers(keys, unrotated, windows.as_deref(), layers)?;
        let attention = architecture.attention();
        Ok(Self {
            keys,
            architecture,
            attention,
            layers,
            width,
            context_len,
            heads,
            kv_heads,
            head_dim,
            rope_dims,
            windows,
            rotated,
        })
    }

    /// Of models none of whose layers attend. Writers that know of attention give its numbers nevertheless.
    fn without_attention(
        keys: &'a Keys<'a>,
        architecture: &'a Architecture,
        (layers, width, context_len): (usize, usize, usize),
    ) -> Result<Self, ModelError> {
        for suffix in ["head_count", "head_count_kv", "key_length", "value_length"] {
            keys.name(&format!("attention.{suffix}"));
        }
        keys.name("rope.dimension_count");
        Ok(Self {
            keys,
            architecture,
            attention: architecture.attention(),
            layers,
            width,
            context_len,
            heads: vec![0; layers],
            kv_heads: vec![0; layers],
            head_dim: 2,
            rope_dims: 2,
            windows: None,
            rotated: vec![false; layers],
        })
    }

    fn layers(
        &self,
        ffn_width: Option<Vec<usize>>,
        has_experts: bool,
    ) -> Result<Vec<LayerParams>, ModelError> {
        let keys = self.keys;
        let suffix = "feed_forward_length";
        let ffn_width = match (ffn_width, self.architecture.ffn().width) {
            (_, FfnWidth::Stream) => vec![self.width; self.layers],
            (Some(given), FfnWidth::Key) => given,
            (Some(given), FfnWidth::HalfKey) => given.into_iter().map(|w| w / 2).collect(),
            // Every layer may be a mixture; a dense one will miss its tensors.
            (None, _) if has_experts => vec![0; self.layers],
            (None, _) => require(&keys.name(suffix), None)?,
        };
        let pick = self.architecture.pick;
        let is_recurrent = recurrent::recurrent_layers(keys, pick, (&self.kv_heads, &ffn_width))?;
        let attends = |layer: usize| {
            pick != Pick::Recurrent(RecurrentLayers::WithoutKvHeadsAndFfn) || self.kv_heads[layer] > 0
        };
        let (full, local) = self.rotations()?;
        let scale = self.attention_scale()?;
        let growth = self.growth()?;
        let layer = |layer: usize| {
            let window = self.windows.as_ref().map_or(Window::All, |w| w[layer]);
            let rotated = self.rotated[layer];
            let rope = if window == Window::All { full } else { local };
            LayerParams {
                is_recurrent: is_recurrent[layer],
                heads: if attends(layer) { self.heads[layer] } else { 0 },
                kv_heads: self.kv_heads[layer],
                head_dim: self.head_dim,
                ffn_width: ffn_width[layer],
                window,
                rope: rope.filter(|_| rotated),
                attention_scale: scale,
                growth: growth.filter(|_| self.attention.growth != Growth::Unrotated || !rotated),
            }
        };
        Ok((0..self.layers).map(layer).collect())
    }

    /// Of layers that see all, and of those with a window.
    fn rotations(&self) -> Result<(Option<Rope>, Option<Rope>), ModelError> {
        let (keys, rule) = (self.keys, &self.architecture.rope);
        let scaling = rope::Scaling::read(keys, self.context_len)?;
        let base = rope::freq_base(keys, rule, self.head_dim)?;
        let kind = match rule.kind_with_sections {
            Some(kind) if keys.has_array("rope.dimension_sections") => Some(kind),
            _ => rule.kind,
        };
        let Some(kind) = kind else { return Ok((None, None)) };
        let full = scaling.rope(kind, self.rope_dims, base);
        let windows = &self.architecture.windows;
        let local_base = keys.strictly_positive("rope.freq_base_swa")?;
        if self.windows.is_none() {
            return Ok((Some(full), Some(full)));
        }
        let local_base = local_base.or(windows.local_freq_base).unwrap_or(base);
        let local = if windows.local_scaled { scaling } else { rope::Scaling::NONE };
        Ok((Some(full), Some(local.rope(kind, self.rope_dims, local_base))))
    }

    fn attention_scale(&self) -> Result<f32, ModelError> {
        let head_dim = self.head_dim as f32;
        if let AttentionScale::OutputScaleKey(default) = self.attention.scale {
            return Ok(self.keys.positive("attention.output_scale")?.unwrap_or(default));
        }
        if let Some(scale) = self.keys.positive("attention.scale")? {
            return Ok(scale);
        }
        Ok(match self.attention.scale {
            AttentionScale::InverseHeadDim => 1.0 / head_dim,
            AttentionScale::WidthPerHeadAtDepth(depth) if depth == self.layers => {
                1.0 / ((self.width / self.heads[0].max(1)) as f32).sqrt()
            }
            _ => 1.0 / head_dim.sqrt(),
        })
    }

    fn growth(&self) -> Result<Option<QueryGrowth>, ModelError> {
        Ok(match self.attention.growth {
            Growth::None => None,
            Growth::Unrotated if self.windows.is_none() => None,
            Growth::Unrotated => Some(QueryGrowth { scale: 0.1, length: 8192, offset: 1 }),
            Growth::Key => {
                let length = rope::original_context(self.keys, self.context_len)? as u32;
                let scale = self.keys.positive("attention.temperature_scale")?;
                scale.map(|scale| QueryGrowth { scale, length, offset: 0 })
            }
        })
    }
}

fn head_dim(keys: &Keys<'_>, width: usize, heads: usize) -> Result<usize, ModelError> {
    let head_dim = match keys.optional_count("attention.key_length", 2..=MAX_HEAD_DIM)? {
        Some(head_dim) => head_dim,
        None if width.is_multiple_of(heads) && (2..=MAX_HEAD_DIM).contains(&(width / heads)) => width / heads,
        None => {
            let expected = format!("a divisor of the width {width}, where attention.key_length is absent");
            return Err(keys.bad("attention.head_count", heads, expected));
        }
    };
    if !head_dim.is_multiple_of(2) {
        // The rotation pairs elements.
        return Err(keys.bad("attention.key_length", head_dim, "even".to_owned()));
    }
    match keys.optional_count("attention.value_length", 1..=MAX_HEAD_DIM)? {
        Some(value_length) if value_length != head_dim => {
            let value = format!("{value_length} beside a key length of {head_dim}");
            Err(keys.unsupported("attention.value_length", value))
        }
        _ => Ok(head_dim),
    }
}
