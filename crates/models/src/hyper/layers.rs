//! What may differ from layer to layer: heads, windows, rotations, widths.

use gollum_gguf::require;
use gollum_kernels::{Activation, QueryGrowth, Rope, Window};

use super::heads::{HeadDims, shared_kv};
use super::keys::Keys;
use super::{LatentParams, LayerParams, MAX_HEADS, recurrent, rope, windows};
use crate::ModelError;
use crate::arch::{
    Architecture, Attention, AttentionScale, FfnWidth, Growth, Pick, RecurrentLayers, Sparsity,
};

/// Reads what may differ from layer to layer.
pub(super) struct LayerReader<'a> {
    keys: &'a Keys<'a>,
    architecture: &'a Architecture,
    attention: Attention,
    layers: usize,
    width: usize,
    context_len: usize,
    heads: Vec<usize>,
    kv_heads: Vec<usize>,
    latent: Option<LatentParams>,
    /// Of layers that see all, and of those with a window.
    heads_of: [HeadDims; 2],
    windows: Option<Vec<Window>>,
    rotated: Vec<bool>,
}

impl<'a> LayerReader<'a> {
    pub fn new(
        keys: &'a Keys<'a>,
        architecture: &'a Architecture,
        (layers, width, context_len): (usize, usize, usize),
        latent: Option<LatentParams>,
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
        let windows = windows::windows(keys, &architecture.windows, layers)?;
        let heads_of = match latent {
            Some(latent) => [HeadDims::latent(latent, keys)?; 2],
            None => HeadDims::read(keys, architecture, (width, first), windows.is_some())?,
        };
        if latent.is_some() && heads.iter().any(|&h| h != heads[0]) {
            return Err(keys.bad("attention.head_count", most, "as many in all layers".to_owned()));
        }
        // Latent rows are one for all heads.
        let kv_heads = match latent {
            Some(latent) if latent.is_absorbed => vec![1; layers],
            Some(_) => heads.clone(),
            None => kv_heads,
        };
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
            latent,
            heads_of,
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
            latent: None,
            heads_of: [HeadDims::NONE; 2],
            windows: None,
            rotated: vec![false; layers],
        })
    }

    pub fn layers(
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
        let windows = self.windows.clone().unwrap_or_else(|| vec![Window::All; self.layers]);
        let (full, local) = self.rotations()?;
        let scales = [self.attention_scale(0)?, self.attention_scale(1)?];
        let kv_from = shared_kv(keys, self.attention, &windows, (&self.heads, &self.kv_heads))?;
        let clamps = match self.architecture.ffn().clamped {
            true => keys.numbers_per_layer("swiglu_clamp_shexp", self.layers)?,
            false => None,
        };
        let xielu = match self.architecture.ffn().xielu {
            true => Some(xielu(keys, self.layers)?),
            false => None,
        };
        let deviations = match self.architecture.ffn().sparsity {
            Some(sparsity) => Some(gate_deviations(keys, sparsity, self.layers)?),
            None => None,
        };
        let growth = self.growth()?;
        let layer = |layer: usize| {
            let window = windows[layer];
            let rotated = self.rotated[layer];
            let rope = if window == Window::All { full } else { local };
            let kind = usize::from(window != Window::All);
            let HeadDims { head_dim, value_dim, .. } = self.heads_of[kind];
            LayerParams {
                is_recurrent: is_recurrent[layer],
                heads: if attends(layer) { self.heads[layer] } else { 0 },
                kv_heads: self.kv_heads[layer],
                head_dim,
                value_dim,
                values_in_key: self.latent.is_some_and(|latent| latent.is_absorbed),
                kv_from: kv_from[layer],
                ffn_clamp: clamps.as_ref().map_or(0.0, |c| c[layer]),
                ffn_activation: xielu.as_ref().map(|of| of[layer]),
                gate_deviations: deviations.as_ref().map_or(0.0, |of| of[layer]),
                ffn_width: ffn_width[layer],
                window,
                rope: rope.filter(|_| rotated),
                attention_scale: scales[kind],
                growth: growth.filter(|_| self.attention.growth != Growth::Unrotated || !rotated),
            }
        };
        Ok((0..self.layers).map(layer).collect())
    }

    /// Of layers that see all, and of those with a window.
    fn rotations(&self) -> Result<(Option<Rope>, Option<Rope>), ModelError> {
        let (keys, rule) = (self.keys, &self.architecture.rope);
        let scaling = rope::Scaling::read(keys, self.context_len, rule)?;
        let [all, windowed] = self.heads_of;
        let base = rope::freq_base(keys, rule, all.head_dim)?;
        let kind = match rule.kind_with_sections {
            Some(kind) if keys.has_array("rope.dimension_sections") => Some(kind),
            _ => rule.kind,
        };
        let Some(kind) = kind else { return Ok((None, None)) };
        let full = scaling.rope(kind, all.rope_dims, base);
        let windows = &self.architecture.windows;
        let local_base = keys.strictly_positive("rope.freq_base_swa")?;
        if self.windows.is_none() {
            return Ok((Some(full), Some(full)));
        }
        let local_base = local_base.or(windows.local_freq_base).unwrap_or(base);
        let local = if windows.local_scaled { scaling } else { rope::Scaling::NONE };
        Ok((Some(full), Some(local.rope(kind, windowed.rope_dims, local_base))))
    }

    /// Of layers that see all, or with 1 of those with a window.
    fn attention_scale(&self, kind: usize) -> Result<f32, ModelError> {
        let head_dim = match self.latent {
            Some(latent) => (latent.key_dim + latent.rope_dims) as f32,
            None => self.heads_of[kind].head_dim as f32,
        };
        if let AttentionScale::OutputScaleKey(default) = self.attention.scale {
            return Ok(self.keys.positive("attention.output_scale")?.unwrap_or(default));
        }
        if let Some(scale) = self.keys.positive("attention.scale")? {
            return Ok(scale);
        }
        Ok(match self.attention.scale {
            AttentionScale::One => 1.0,
            AttentionScale::YarnSquared => {
                let scaling = rope::Scaling::read(self.keys, self.context_len, &self.architecture.rope)?;
                scaling.score_magnitude().powi(2) / head_dim.sqrt()
            }
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
            Growth::KeyLength => {
                let suffix = "attention.temperature_length";
                let length = self.keys.optional_count(suffix, 1..=super::MAX_CONTEXT)?;
                let scale = self.keys.positive("attention.temperature_scale")?;
                match (scale, length) {
                    (Some(scale), Some(length)) => {
                        Some(QueryGrowth { scale, length: length as u32, offset: 0 })
                    }
                    (Some(_), None) => {
                        return Err(self.keys.bad(suffix, "absent", "beside a temperature scale".to_owned()));
                    }
                    (None, _) => None,
                }
            }
        })
    }
}

/// The activation of each layer. Its keys are the only ones without the architecture's prefix.
fn xielu(keys: &Keys<'_>, layers: usize) -> Result<Vec<Activation>, ModelError> {
    let numbers = |key: &str| -> Result<Vec<f32>, ModelError> {
        Ok(require(key, keys.unprefixed_per_layer(key, layers)?)?)
    };
    let alphas = [numbers("xielu.alpha_n")?, numbers("xielu.alpha_p")?];
    let (slope, eps) = (numbers("xielu.beta")?, numbers("xielu.eps")?);
    let layer = |i: usize| Activation::xielu([alphas[0][i], alphas[1][i]], slope[i], eps[i]);
    Ok((0..layers).map(layer).collect())
}

/// Where each layer's gates are cut. Converters write the quantile of a share of 0 as it is: minus infinity.
fn gate_deviations(keys: &Keys<'_>, rule: Sparsity, layers: usize) -> Result<Vec<f32>, ModelError> {
    let key = keys.name("activation_sparsity_scale");
    let good = |v: f32| (v.is_finite() && v >= 0.0) || v == f32::NEG_INFINITY;
    let expected = "numbers of at least 0, or minus infinity for none";
    let by_rule = |layer: usize| if layer < rule.layers { rule.deviations } else { 0.0 };
    Ok(match keys.per_layer(&key, layers, good, expected)? {
        Some(given) => given.into_iter().map(|deviations| deviations.max(0.0)).collect(),
        None => (0..layers).map(by_rule).collect(),
    })
}
