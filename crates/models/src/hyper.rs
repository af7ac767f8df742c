//! Hyper-parameters from metadata, each checked against a range before anything is computed with it.

use std::fmt::Display;
use std::ops::RangeInclusive;

use gollum_core::PAGE_TOKENS;
use gollum_gguf::{Gguf, Metadata, Value, require};

use crate::arch::{Architecture, AttentionScale, EmbeddingScale, Part, Windows};
use crate::{ARCHITECTURES, ModelError};

/// Layers of a model. The deepest open model has 126.
pub const MAX_LAYERS: usize = 512;
/// Query heads of a layer. The largest open model has 128.
pub const MAX_HEADS: usize = 1024;
/// Width of a head. The widest in use is 256.
pub const MAX_HEAD_DIM: usize = 1024;
/// Width of the residual stream and of the feed-forward. The widest in use is 53,248.
pub const MAX_WIDTH: usize = 1 << 20;
/// Context length in tokens: what slot numbers of 32 bits can address, by far.
pub const MAX_CONTEXT: usize = (1 << 27) - PAGE_TOKENS;
/// Characters of a value that an error shows.
const SHOWN_CHARS: usize = 80;

/// The numbers of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct HyperParams {
    /// Layers.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Width inside the feed-forward.
    pub ffn_width: usize,
    /// Query heads.
    pub heads: usize,
    /// KV heads; divides `heads`.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Trained context length in tokens.
    pub context_len: usize,
    /// Epsilon of the norms.
    pub eps: f32,
    /// Multiplies embeddings.
    pub embedding_scale: f32,
    /// Multiplies q . k.
    pub attention_scale: f32,
    /// Leading elements of a head that are rotated.
    pub rope_dims: usize,
    /// Rotation of the layers that see everything.
    pub rope: RopeBase,
    /// Sliding-window layers, if there are any.
    pub sliding: Option<Sliding>,
    /// `cap * tanh(logit / cap)`.
    pub logit_soft_cap: Option<f32>,
}

/// Base and scale of a rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RopeBase {
    /// Frequency base.
    pub freq_base: f32,
    /// Multiplies positions.
    pub freq_scale: f32,
}

/// Layers that see a window only.
#[derive(Clone, Debug, PartialEq)]
pub struct Sliding {
    /// Positions seen, the own one included.
    pub window: usize,
    /// Which layers are meant, `[layers]`.
    pub local: Vec<bool>,
    /// Their rotation.
    pub rope: RopeBase,
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
    /// the tokenizer has tokens.
    pub fn from_gguf(gguf: &Gguf, architecture: &Architecture) -> Result<Self, ModelError> {
        let keys = Keys { meta: gguf.metadata(), prefix: architecture.gguf_name };
        keys.refuse_unbuilt()?;
        let layers = keys.count("block_count", 1..=MAX_LAYERS)?;
        let width = keys.count("embedding_length", 1..=MAX_WIDTH)?;
        let ffn_width = keys.uniform_count("feed_forward_length", layers, 1..=MAX_WIDTH)?;
        let ffn_width = require(&keys.name("feed_forward_length"), ffn_width)?;
        let heads = keys.uniform_count("attention.head_count", layers, 1..=MAX_HEADS)?;
        let heads = require(&keys.name("attention.head_count"), heads)?;
        let kv_heads = keys.uniform_count("attention.head_count_kv", layers, 1..=MAX_HEADS)?.unwrap_or(heads);
        if !heads.is_multiple_of(kv_heads) {
            return Err(keys.bad("attention.head_count_kv", kv_heads, format!("a divisor of {heads} heads")));
        }
        let head_dim = head_dim(&keys, width, heads)?;
        let rope_dims = keys.optional_count("rope.dimension_count", 2..=head_dim)?.unwrap_or(head_dim);
        if !rope_dims.is_multiple_of(2) {
            return Err(keys.bad("rope.dimension_count", rope_dims, "even".to_owned()));
        }
        let rope = RopeBase {
            freq_base: keys.positive("rope.freq_base")?.unwrap_or(10_000.0),
            freq_scale: freq_scale(&keys)?,
        };
        Ok(Self {
            layers,
            width,
            ffn_width,
            heads,
            kv_heads,
            head_dim,
            vocab_size: vocab_size(gguf, width)?,
            context_len: keys.count("context_length", 1..=MAX_CONTEXT)?,
            eps: eps(&keys)?,
            embedding_scale: match architecture.embedding_scale {
                EmbeddingScale::One => 1.0,
                EmbeddingScale::SqrtWidth => (width as f32).sqrt(),
            },
            attention_scale: attention_scale(&keys, architecture, (layers, width, heads, head_dim))?,
            rope_dims,
            rope,
            sliding: sliding(&keys, architecture.windows, layers)?,
            logit_soft_cap: keys.non_negative("final_logit_softcapping")?.filter(|&cap| cap > 0.0),
        })
    }

    /// The window of a layer, if it has one, and its rotation.
    pub fn layer_view(&self, layer: usize) -> (Option<usize>, RopeBase) {
        match &self.sliding {
            Some(sliding) if sliding.local[layer] => (Some(sliding.window), sliding.rope),
            _ => (None, self.rope),
        }
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

fn freq_scale(keys: &Keys<'_>) -> Result<f32, ModelError> {
    let kind = keys.meta.string(&keys.name("rope.scaling.type"))?.unwrap_or("linear");
    match kind {
        "none" => Ok(1.0),
        "linear" => {
            let factor = match keys.non_negative("rope.scaling.factor")? {
                Some(factor) => Some(factor),
                None => keys.non_negative("rope.scale_linear")?,
            };
            Ok(factor.filter(|&f| f > 0.0).map_or(1.0, |f| 1.0 / f))
        }
        other => Err(keys.unsupported("rope.scaling.type", other)),
    }
}

fn eps(keys: &Keys<'_>) -> Result<f32, ModelError> {
    let suffix = "attention.layer_norm_rms_epsilon";
    let eps = require(&keys.name(suffix), keys.non_negative(suffix)?)?;
    if eps >= 1.0 {
        return Err(keys.bad(suffix, eps, "below 1".to_owned()));
    }
    Ok(eps)
}

fn attention_scale(
    keys: &Keys<'_>,
    architecture: &Architecture,
    (layers, width, heads, head_dim): (usize, usize, usize, usize),
) -> Result<f32, ModelError> {
    if let Some(scale) = keys.positive("attention.scale")? {
        return Ok(scale);
    }
    let rule = architecture.layer.iter().find_map(|branch| match branch.part {
        Part::Attention(attention) => Some(attention.scale),
        Part::GatedFfn(_) => None,
    });
    let per = match rule {
        Some(AttentionScale::WidthPerHeadAtDepth(depth)) if depth == layers => width / heads,
        _ => head_dim,
    };
    Ok(1.0 / (per as f32).sqrt())
}

fn sliding(keys: &Keys<'_>, windows: Windows, layers: usize) -> Result<Option<Sliding>, ModelError> {
    let Windows::LastOfEvery { period, local_freq_base } = windows else { return Ok(None) };
    let Some(window) = keys.optional_count("attention.sliding_window", 0..=MAX_CONTEXT)?.filter(|&w| w > 0)
    else {
        return Ok(None);
    };
    let suffix = "attention.sliding_window_pattern";
    let local = match keys.meta.get(&keys.name(suffix)) {
        Some(Value::Array(_)) => {
            let local = require(&keys.name(suffix), keys.meta.bools(&keys.name(suffix))?)?.to_vec();
            if local.len() != layers {
                return Err(keys.bad(
                    suffix,
                    format!("{} entries", local.len()),
                    format!("{layers} entries"),
                ));
            }
            local
        }
        _ => {
            let period = keys.optional_count(suffix, 1..=MAX_LAYERS)?.unwrap_or(period);
            (0..layers).map(|layer| layer % period != period - 1).collect()
        }
    };
    let freq_base = keys.positive("rope.freq_base_swa")?.unwrap_or(local_freq_base);
    Ok(Some(Sliding { window, local, rope: RopeBase { freq_base, freq_scale: 1.0 } }))
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

/// Metadata under an architecture's prefix.
struct Keys<'a> {
    meta: &'a Metadata,
    prefix: &'static str,
}

impl Keys<'_> {
    fn name(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.prefix)
    }

    fn bad(&self, suffix: &str, value: impl Display, expected: String) -> ModelError {
        ModelError::BadValue { key: self.name(suffix), value: value.to_string(), expected }
    }

    fn unsupported(&self, suffix: &str, value: impl Display) -> ModelError {
        let value = value.to_string().chars().take(SHOWN_CHARS).collect();
        ModelError::UnsupportedValue { key: self.name(suffix), value }
    }

    fn in_range(
        &self,
        suffix: &str,
        value: usize,
        range: &RangeInclusive<usize>,
    ) -> Result<usize, ModelError> {
        if range.contains(&value) {
            return Ok(value);
        }
        Err(self.bad(suffix, value, format!("{} to {}", range.start(), range.end())))
    }

    fn optional_count(
        &self,
        suffix: &str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ModelError> {
        let value = self.meta.usize(&self.name(suffix))?;
        value.map(|value| self.in_range(suffix, value, &range)).transpose()
    }

    fn count(&self, suffix: &str, range: RangeInclusive<usize>) -> Result<usize, ModelError> {
        Ok(require(&self.name(suffix), self.optional_count(suffix, range)?)?)
    }

    /// A count that files may give once or per layer; per layer it must be the same everywhere.
    fn uniform_count(
        &self,
        suffix: &str,
        layers: usize,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ModelError> {
        if !matches!(self.meta.get(&self.name(suffix)), Some(Value::Array(_))) {
            return self.optional_count(suffix, range);
        }
        let values = require(&self.name(suffix), self.meta.u32s(&self.name(suffix))?)?;
        if values.len() != layers {
            let expected = format!("one value or {layers}");
            return Err(self.bad(suffix, format!("{} values", values.len()), expected));
        }
        if values.iter().any(|v| v != &values[0]) {
            return Err(self.unsupported(suffix, "different from layer to layer"));
        }
        self.in_range(suffix, values[0] as usize, &range).map(Some)
    }

    fn number(
        &self,
        suffix: &str,
        good: impl Fn(f32) -> bool,
        expected: &str,
    ) -> Result<Option<f32>, ModelError> {
        match self.meta.f32(&self.name(suffix))? {
            Some(value) if !(value.is_finite() && good(value)) => {
                Err(self.bad(suffix, value, expected.to_owned()))
            }
            value => Ok(value),
        }
    }

    fn positive(&self, suffix: &str) -> Result<Option<f32>, ModelError> {
        self.number(suffix, |v| v > 0.0, "a positive number")
    }

    fn non_negative(&self, suffix: &str) -> Result<Option<f32>, ModelError> {
        self.number(suffix, |v| v >= 0.0, "a number of at least 0")
    }

    /// Keys that change the arithmetic in ways that no architecture of the table has.
    fn refuse_unbuilt(&self) -> Result<(), ModelError> {
        if let Some(experts) = self.meta.usize(&self.name("expert_count"))?.filter(|&n| n > 0) {
            return Err(self.unsupported("expert_count", experts));
        }
        if self.meta.bool(&self.name("attention.causal"))? == Some(false) {
            return Err(self.unsupported("attention.causal", "false"));
        }
        Ok(())
    }
}
