//! Mamba-1 and Mamba-2, and their tensors.

use gollum_kernels::{Epilogue, HeadNorm, Linear, Norm, NormKind, VectorId, memory_len};

use super::layer::LayerBuilder;
use super::recurrent::{ConvPlan, RecurrentKind, RecurrentPlan};
use super::{ConvSlice, MatrixSlice};
use crate::ModelError;
use crate::arch::{Mamba1, Mamba2};
use crate::hyper::{RecurrentParams, required};

/// Mamba-1: b, c and what step lengths are made of come from x behind the convolution.
pub(crate) struct Mamba1Plan {
    pub params: RecurrentParams,
    pub z: Linear,
    pub x: Linear,
    pub conv: ConvPlan,
    pub low: Linear,
    pub b: Linear,
    pub c: Linear,
    /// Of `low`, b and c.
    pub norms: Option<[HeadNorm; 3]>,
    pub dt: Linear,
    pub rate: VectorId,
    pub skip: VectorId,
    pub scan: Scan,
    pub state: usize,
}

/// What has a step length of its own.
pub(crate) enum Scan {
    /// Each channel, and a rate for each value of its memory.
    Channels,
    /// Each head, which this is added to.
    Heads { dt_bias: VectorId },
}

/// Mamba-2.
pub(crate) struct Mamba2Plan {
    pub params: RecurrentParams,
    pub z: Linear,
    pub x: Linear,
    pub b: Linear,
    pub c: Linear,
    pub dt: Linear,
    /// Of x, b and c.
    pub convs: [ConvPlan; 3],
    pub rate: VectorId,
    pub dt_bias: VectorId,
    pub skip: VectorId,
    pub out_norm: Option<HeadNorm>,
    pub state: usize,
}

impl LayerBuilder<'_, '_> {
    pub(super) fn mamba1(&mut self, kind: Mamba1) -> Result<RecurrentPlan, ModelError> {
        let params = required(self.hyper.recurrent)?;
        let RecurrentParams { taps, inner, state: n, heads, rank, .. } = params;
        let (width, all, head_dim) = (self.hyper.width, rank + 2 * n, inner / heads);
        let (z, x) = match kind {
            Mamba1::Channels => {
                let x = self.linear_slice("ssm_in", 2 * inner, 0..inner, width)?;
                (self.linear_slice("ssm_in", 2 * inner, inner..2 * inner, width)?, x)
            }
            Mamba1::Heads => {
                let shape = (2 * inner, 2 * head_dim);
                let z = self.linear_stretches("ssm_in", shape, 0..head_dim, width)?;
                (z, self.linear_stretches("ssm_in", shape, head_dim..2 * head_dim, width)?)
            }
        };
        let conv = self.conv("ssm_conv1d", (inner, 0..inner), taps, true)?;
        let [of_low, of_b, of_c] = match kind {
            Mamba1::Channels => [0..rank, rank..rank + n, rank + n..all],
            Mamba1::Heads => [2 * n..all, 0..n, n..2 * n],
        };
        let low = self.linear_slice("ssm_x", all, of_low, inner)?;
        let b = self.linear_slice("ssm_x", all, of_b, inner)?;
        let c = self.linear_slice("ssm_x", all, of_c, inner)?;
        let norms = self.mamba1_norms(&params)?;
        let (dt, rate, skip, scan) = match kind {
            Mamba1::Channels => {
                let dt = self.linear("ssm_dt", inner, rank)?;
                // `[channels][n]` in files.
                let (name, taps) = (format!("{}ssm_a", self.prefix), n);
                let slice = ConvSlice { name, file_channels: inner, channels: 0..inner, taps };
                let rate = self.names.source.conv(&slice)?;
                (dt, rate, self.vector("ssm_d", inner)?, Scan::Channels)
            }
            Mamba1::Heads => {
                let slice = MatrixSlice::whole(&format!("{}ssm_dt.weight", self.prefix), heads, rank);
                // The scan adds the bias.
                let dt = Linear { matrix: self.names.source.matrix(&slice)?, epilogue: Epilogue::NONE };
                let dt_bias = self.vector("ssm_dt.bias", heads)?;
                let (rate, skip) = (self.vector("ssm_a", heads)?, self.vector("ssm_d", heads)?);
                (dt, rate, skip, Scan::Heads { dt_bias })
            }
        };
        let state = match kind {
            Mamba1::Channels => self.state(memory_len(1, n, inner)),
            Mamba1::Heads => self.state(memory_len(heads, n, head_dim)),
        };
        let plan = Mamba1Plan { params, z, x, conv, low, b, c, norms, dt, rate, skip, scan, state };
        let output = self.residual_linear("ssm_out", width, inner, 1.0)?;
        Ok(RecurrentPlan { inner, output, kind: RecurrentKind::Mamba1(Box::new(plan)) })
    }

    /// Norms of what step lengths are made of, of b and of c: with weights if the file has them, and without if it says
    /// that there are norms.
    fn mamba1_norms(&mut self, params: &RecurrentParams) -> Result<Option<[HeadNorm; 3]>, ModelError> {
        let names = ["ssm_dt_norm", "ssm_b_norm", "ssm_c_norm"];
        let has = |part: &str| self.has(part) || self.has(&format!("{part}.weight"));
        let weighted = names.into_iter().any(has);
        if !weighted && !params.is_normed {
            return Ok(None);
        }
        let mut norm = |part: &str, head_dim: usize| {
            let norm = match weighted {
                true => {
                    let name = format!("{}{part}", self.prefix);
                    self.names.weighted_norm(NormKind::Rms, &name, (1, head_dim))?
                }
                false => Norm { kind: NormKind::Rms, weight: None, bias: None, eps: self.hyper.eps },
            };
            Ok::<HeadNorm, ModelError>(HeadNorm { norm, heads: 1, head_dim })
        };
        let [dt, b, c] = names;
        Ok(Some([norm(dt, params.rank)?, norm(b, params.state)?, norm(c, params.state)?]))
    }

    pub(super) fn mamba2(&mut self, rule: &Mamba2) -> Result<RecurrentPlan, ModelError> {
        let params = required(self.hyper.recurrent)?;
        let RecurrentParams { taps, inner, state: n, groups, heads, .. } = params;
        let (width, shared) = (self.hyper.width, groups * n);
        let channels = inner + 2 * shared;
        let all = inner + channels + heads;
        let mut at = 0;
        let mut rows = |len: usize| {
            at += len;
            at - len..at
        };
        let [of_z, of_x, of_b, of_c, of_dt] = [inner, inner, shared, shared, heads].map(&mut rows);
        let z = self.linear_slice("ssm_in", all, of_z, width)?;
        let x = self.linear_slice("ssm_in", all, of_x, width)?;
        let b = self.linear_slice("ssm_in", all, of_b, width)?;
        let c = self.linear_slice("ssm_in", all, of_c, width)?;
        let dt = self.linear_slice("ssm_in", all, of_dt, width)?;
        let convs = [
            self.conv("ssm_conv1d", (channels, 0..inner), taps, true)?,
            self.conv("ssm_conv1d", (channels, inner..inner + shared), taps, true)?,
            self.conv("ssm_conv1d", (channels, inner + shared..channels), taps, true)?,
        ];
        let rate = self.column("ssm_a", heads)?;
        let skip = self.column("ssm_d", heads)?;
        let dt_bias = self.vector("ssm_dt.bias", heads)?;
        let each = inner / groups;
        let out_norm = match !rule.norm_optional || self.has("ssm_norm.weight") {
            true => {
                let name = format!("{}ssm_norm", self.prefix);
                let norm = self.names.weighted_norm(NormKind::Rms, &name, (groups, each))?;
                Some(HeadNorm { norm, heads: groups, head_dim: each })
            }
            false => None,
        };
        let state = self.state(memory_len(heads, n, inner / heads));
        let plan = Mamba2Plan { params, z, x, b, c, dt, convs, rate, dt_bias, skip, out_norm, state };
        let output = self.residual_linear("ssm_out", width, inner, 1.0)?;
        Ok(RecurrentPlan { inner, output, kind: RecurrentKind::Mamba2(Box::new(plan)) })
    }
}
