//! Recurrent parts, and their tensors.

use std::ops::Range;

use gollum_kernels::{CausalConv, HeadNorm, Linear, Norm, NormKind, VectorId, memory_len};

use super::layer::LayerBuilder;
use super::mamba::{Mamba1Plan, Mamba2Plan};
use super::{ConvSlice, VectorSlice};
use crate::ModelError;
use crate::arch::DeltaNet;
use crate::hyper::{RecurrentParams, required};

/// A part whose memory is a state.
pub(crate) struct RecurrentPlan {
    /// Values of a token between the recurrence and `output`.
    pub inner: usize,
    pub output: Linear,
    pub kind: RecurrentKind,
}

/// What a recurrent part computes.
pub(crate) enum RecurrentKind {
    ShortConv(ShortConvPlan),
    Delta(Box<DeltaPlan>),
    Mamba1(Box<Mamba1Plan>),
    Mamba2(Box<Mamba2Plan>),
}

/// A convolution of some channels.
#[derive(Clone, Copy)]
pub(crate) struct ConvPlan {
    pub state: usize,
    pub channels: usize,
    pub taps: usize,
    pub weight: VectorId,
    pub bias: Option<VectorId>,
    pub silu: bool,
}

/// `c * conv(b * x)`.
pub(crate) struct ShortConvPlan {
    pub b: Linear,
    pub c: Linear,
    pub x: Linear,
    pub conv: ConvPlan,
}

/// The gated delta rule.
pub(crate) struct DeltaPlan {
    pub params: RecurrentParams,
    pub is_tiled: bool,
    pub q: Linear,
    pub k: Linear,
    pub v: Linear,
    pub z: Linear,
    pub decay: Linear,
    pub write: Linear,
    pub convs: [ConvPlan; 3],
    pub q_norm: HeadNorm,
    pub k_norm: HeadNorm,
    pub rate: VectorId,
    pub dt_bias: VectorId,
    pub out_norm: HeadNorm,
    pub state: usize,
}

impl LayerBuilder<'_, '_> {
    /// Makes room for `len` values in the state of a sequence.
    pub(super) fn state(&mut self, len: usize) -> usize {
        self.memory.kept.state.push(len)
    }

    pub(super) fn conv(
        &mut self,
        part: &str,
        (file_channels, channels): (usize, Range<usize>),
        taps: usize,
        silu: bool,
    ) -> Result<ConvPlan, ModelError> {
        let name = format!("{}{part}", self.prefix);
        let count = channels.len();
        let slice =
            ConvSlice { name: format!("{name}.weight"), file_channels, channels: channels.clone(), taps };
        let weight = self.names.source.conv(&slice)?;
        let bias = self.names.bias_slice(&name, (1, file_channels), channels)?;
        let state = self.state(CausalConv::state_len(count, taps));
        Ok(ConvPlan { state, channels: count, taps, weight, bias, silu })
    }

    /// A vector of the layer, by its whole name.
    pub(super) fn vector(&mut self, part: &str, len: usize) -> Result<VectorId, ModelError> {
        let name = format!("{}{part}", self.prefix);
        self.names.source.vector(&VectorSlice::whole(&name, len))
    }

    /// As [`vector`](Self::vector), of a matrix one wide.
    pub(super) fn column(&mut self, part: &str, len: usize) -> Result<VectorId, ModelError> {
        let name = format!("{}{part}", self.prefix);
        self.names.source.vector(&VectorSlice { name, shape: (len, 1), range: 0..1, scale: 1.0 })
    }

    pub(super) fn short_conv(&mut self) -> Result<RecurrentPlan, ModelError> {
        let RecurrentParams { taps, inner, .. } = required(self.hyper.recurrent)?;
        let width = self.hyper.width;
        let mut part = |index: usize| {
            self.linear_slice("shortconv.in_proj", 3 * inner, index * inner..(index + 1) * inner, width)
        };
        let (b, c, x) = (part(0)?, part(1)?, part(2)?);
        let conv = self.conv("shortconv.conv", (inner, 0..inner), taps, false)?;
        let output = self.residual_linear("shortconv.out_proj", width, inner, 1.0)?;
        Ok(RecurrentPlan { inner, output, kind: RecurrentKind::ShortConv(ShortConvPlan { b, c, x, conv }) })
    }

    pub(super) fn delta_net(&mut self, rule: &DeltaNet) -> Result<RecurrentPlan, ModelError> {
        let params = required(self.hyper.recurrent)?;
        let RecurrentParams { taps, inner, state: d_k, groups, heads, .. } = params;
        let (width, keys) = (self.hyper.width, groups * d_k);
        let all = 2 * keys + inner;
        let parts = [0..keys, keys..2 * keys, 2 * keys..all];
        let [of_q, of_k, of_v] = parts.clone();
        let q = self.linear_slice("attn_qkv", all, of_q, width)?;
        let k = self.linear_slice("attn_qkv", all, of_k, width)?;
        let v = self.linear_slice("attn_qkv", all, of_v, width)?;
        let z = self.linear("attn_gate", inner, width)?;
        let (write, decay) = if self.has("ssm_ba.weight") {
            let (each, shape) = (heads / groups, (2 * heads, 2 * heads / groups));
            let write = self.linear_stretches("ssm_ba", shape, 0..each, width)?;
            (write, self.linear_stretches("ssm_ba", shape, each..2 * each, width)?)
        } else {
            (self.linear("ssm_beta", heads, width)?, self.linear("ssm_alpha", heads, width)?)
        };
        let [of_q, of_k, of_v] = parts;
        let convs = [
            self.conv("ssm_conv1d", (all, of_q), taps, true)?,
            self.conv("ssm_conv1d", (all, of_k), taps, true)?,
            self.conv("ssm_conv1d", (all, of_v), taps, true)?,
        ];
        let rate = self.vector("ssm_a", heads)?;
        let dt_bias = self.vector("ssm_dt.bias", heads)?;
        let d_v = inner / heads;
        let name = format!("{}ssm_norm", self.prefix);
        let out_norm = self.names.weighted_norm(NormKind::Rms, &name, (1, d_v))?;
        let state = self.state(memory_len(heads, d_k, d_v));
        let scale = 1.0 / (d_k as f32).sqrt();
        let plan = DeltaPlan {
            params,
            is_tiled: rule.is_tiled,
            q,
            k,
            v,
            z,
            decay,
            write,
            convs,
            q_norm: self.unit_norm(groups, d_k, scale),
            k_norm: self.unit_norm(groups, d_k, 1.0),
            rate,
            dt_bias,
            out_norm: HeadNorm { norm: out_norm, heads, head_dim: d_v },
            state,
        };
        let output = self.residual_linear("ssm_out", width, inner, 1.0)?;
        Ok(RecurrentPlan { inner, output, kind: RecurrentKind::Delta(Box::new(plan)) })
    }

    /// `scale * x / sqrt(sum of squares + eps)` of each head, as an RMS norm: `sqrt(sum + eps)` is `sqrt(d) * sqrt(mean +
    /// eps / d)`.
    fn unit_norm(&mut self, heads: usize, head_dim: usize, scale: f32) -> HeadNorm {
        let weight = scale / (head_dim as f32).sqrt();
        let weight = Some(self.names.source.computed(&vec![weight; head_dim]));
        let eps = self.hyper.eps / head_dim as f32;
        HeadNorm { norm: Norm { kind: NormKind::Rms, weight, bias: None, eps }, heads, head_dim }
    }
}
