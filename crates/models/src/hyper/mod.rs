//! Hyper-parameters from metadata, each checked against a range before anything is computed with it.

mod experts;
mod heads;
mod keys;
mod latent;
mod layers;
mod recurrent;
mod rope;
mod windows;

use std::ops::Range;

use gollum_core::{PAGE_TOKENS, Pooling};
use gollum_gguf::{Gguf, Metadata, Value, require};
use gollum_kernels::{
    Activation, KvGroup, KvLayer, MAX_STREAMS, NormKind, QueryGrowth, Rope, Values, Window,
};
use layers::LayerReader;

use crate::arch::{
    Alibi, Architecture, Attention, Direction, EmbeddingScale, LogitDivisor, LogitScale, Norms, Pick,
    ResidualScale, Streams,
};
use crate::{ARCHITECTURES, ModelError};
pub use experts::{AdjugateParams, ExpertParams};
use keys::Keys;
pub use latent::LatentParams;
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
    /// Multiplies the result of attention.
    pub value_scale: f32,
    /// Width of each layer's own embedding of a token; 0 in models without.
    pub per_layer_width: usize,
    /// Residual streams side by side.
    pub streams: usize,
    /// Largest bias of ALiBi.
    pub max_alibi_bias: Option<f32>,
    /// Which of the architecture's kinds layers are, where a key says; else tensors do.
    pub kind_flag: Option<bool>,
    /// The factor tensor of the rotation, if the file has it.
    pub rope_factors: RopeFactors,
    /// The mixture of experts, in files that have one.
    pub experts: Option<ExpertParams>,
    /// Widths of latent attention, in architectures that have it.
    pub latent: Option<LatentParams>,
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
    /// Width of a head of q and of k.
    pub head_dim: usize,
    /// Width of a head of v.
    pub value_dim: usize,
    /// Whether values are the first elements of keys: latent rows.
    pub values_in_key: bool,
    /// The layer whose K and V this one reads in place of its own.
    pub kv_from: Option<usize>,
    /// Width inside the dense feed-forward; 0 in a layer without.
    pub ffn_width: usize,
    /// Which positions it attends to.
    pub window: Window,
    /// How it rotates, if it does. Factors are not filled in.
    pub rope: Option<Rope>,
    /// Limit of its dense feed-forward and shared expert; 0 is none.
    pub ffn_clamp: f32,
    /// The activation of its dense feed-forward, where its numbers come from the metadata.
    pub ffn_activation: Option<Activation>,
    /// Standard deviations above their mean up to which its gates are 0; 0 cuts none.
    pub gate_deviations: f32,
    /// Multiplies q . k.
    pub attention_scale: f32,
    /// Growth of queries.
    pub growth: Option<QueryGrowth>,
}

impl LayerParams {
    /// The layer's part of the KV cache, if it has one, in the full group.
    pub fn kv(&self) -> Option<KvLayer> {
        let has_own = self.heads > 0 && self.kv_heads > 0 && !self.is_recurrent && self.kv_from.is_none();
        let values =
            if self.values_in_key { Values::InKey(self.value_dim) } else { Values::Own(self.value_dim) };
        has_own.then_some(KvLayer { values, ..KvLayer::even(self.kv_heads, self.head_dim) })
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
        let latent = if architecture.is_latent() { Some(LatentParams::read(&keys)?) } else { None };
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
            value_scale: match attention.value_scale {
                true => keys.positive("attention.value_scale")?.unwrap_or(1.0),
                false => 1.0,
            },
            per_layer_width: match architecture.embedding.per_layer {
                Some(default) => {
                    let suffix = "embedding_length_per_layer_input";
                    keys.optional_count(suffix, 0..=MAX_HEAD_DIM)?.unwrap_or(default)
                }
                None => 0,
            },
            streams: streams(&keys, architecture.streams)?,
            max_alibi_bias: alibi(&keys, attention, layers)?,
            kind_flag: match architecture.pick {
                Pick::Flag(suffix, default) => Some(keys.flag(suffix)?.unwrap_or(default)),
                Pick::One | Pick::HasTensor(_) | Pick::Recurrent(_) => None,
            },
            rope_factors: rope::factors(original, max_context.unwrap_or(context_len)),
            layers: LayerReader::new(&keys, architecture, (layers, width, context_len), latent)?
                .layers(ffn_width, experts.is_some())?,
            experts,
            latent,
            recurrent: RecurrentParams::read(&keys, architecture, width)?,
            nextn_layers,
        };
        keys.refuse_unread(architecture.unread_keys)?;
        params.check_whole(&keys, architecture)?;
        Ok(params)
    }

    /// The group of pages of a layer with this window. A window as long as the context frees nothing.
    pub fn kv_group(&self, window: Window) -> KvGroup {
        match window.tokens() {
            Some(tokens) if tokens < self.context_len && !self.whole_input => KvGroup::Window,
            _ => KvGroup::Full,
        }
    }

    /// Tokens that a row sees at most in the layers of the window group; `None` without such layers.
    pub fn window_tokens(&self) -> Option<usize> {
        let windowed = self
            .layers
            .iter()
            .filter(|layer| layer.kv().is_some() && self.kv_group(layer.window) == KvGroup::Window);
        windowed.filter_map(|layer| layer.window.tokens()).max()
    }

    /// Refuses encoders whose layers look back by rules that are written for one side.
    fn check_whole(&self, keys: &Keys<'_>, architecture: &Architecture) -> Result<(), ModelError> {
        let windowed = self.layers.iter().any(|layer| layer.window != Window::All);
        if self.whole_input && windowed && !architecture.windows.symmetric {
            return Err(keys.unsupported("attention.causal", "false beside windows"));
        }
        let uneven = |layer: &&LayerParams| layer.value_dim != layer.head_dim || layer.kv_from.is_some();
        if let Some(layer) = self.layers.iter().find(|layer| self.whole_input && uneven(layer)) {
            return Err(keys.unsupported("attention.value_length", layer.value_dim));
        }
        Ok(())
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

/// 0 streams are none, and one alone has nothing to be mixed with: neither is "unset" here.
fn streams(keys: &Keys<'_>, rule: Streams) -> Result<usize, ModelError> {
    if rule == Streams::One {
        return Ok(1);
    }
    let (active, suffix) = ("altup.active_idx", "altup.num_inputs");
    if let Some(other) = keys.raw_count(active)?.filter(|&stream| stream != 0) {
        return Err(keys.unsupported(active, other));
    }
    keys.in_range(suffix, keys.raw_count(suffix)?.unwrap_or(4), &(2..=MAX_STREAMS))
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
    match rule {
        LogitScale::One => return Ok(1.0),
        LogitScale::OverWidth(base) => return Ok(base / width as f32),
        LogitScale::Multiply(_) | LogitScale::Divide(_) => {}
    }
    let given = keys.positive("logit_scale")?;
    Ok(match rule {
        LogitScale::One | LogitScale::OverWidth(_) => 1.0,
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
