//! An architecture and its numbers, unrolled into what [`Transformer`](crate::Transformer) walks each step.
//!
//! The one text that knows which tensors a model has and what shapes they take is [`Plan::build`]. It asks a
//! [`TensorSource`] for each tensor in turn; one source only checks the file, and the other loads it.

use gollum_kernels::{Activation, MatrixId, Norm, Rope, VectorId};

use crate::arch::{Architecture, Attention, Branch, Part, QkNorm};
use crate::{HyperParams, ModelError};

/// Where the plan gets its weights.
pub(crate) trait TensorSource {
    /// A weight matrix of `rows` outputs and `cols` inputs.
    fn matrix(&mut self, name: &str, rows: usize, cols: usize) -> Result<MatrixId, ModelError>;
    /// A weight vector.
    fn vector(&mut self, name: &str, len: usize) -> Result<VectorId, ModelError>;
    /// True if the file has this tensor.
    fn has(&self, name: &str) -> bool;
}

/// A loaded model.
pub(crate) struct Plan {
    pub token_embd: MatrixId,
    pub layers: Vec<Vec<BranchPlan>>,
    pub output_norm: Norm,
    pub output: MatrixId,
}

/// One residual branch.
pub(crate) struct BranchPlan {
    pub norm: Norm,
    pub part: PartPlan,
    pub post_norm: Option<Norm>,
}

/// What a branch computes.
pub(crate) enum PartPlan {
    Attention(AttentionPlan),
    GatedFfn { gate: MatrixId, up: MatrixId, down: MatrixId, activation: Activation },
}

/// Attention of one layer.
pub(crate) struct AttentionPlan {
    pub layer: usize,
    pub q: MatrixId,
    pub k: MatrixId,
    pub v: MatrixId,
    pub output: MatrixId,
    pub q_norm: Option<Norm>,
    pub k_norm: Option<Norm>,
    pub rope: Rope,
    pub window: Option<usize>,
}

impl Plan {
    pub(crate) fn build(
        architecture: &Architecture,
        hyper: &HyperParams,
        source: &mut dyn TensorSource,
    ) -> Result<Self, ModelError> {
        let token_embd = source.matrix("token_embd.weight", hyper.vocab_size, hyper.width)?;
        let factors = match architecture.rope_factors {
            Some(name) if source.has(name) => Some(source.vector(name, hyper.rope_dims / 2)?),
            _ => None,
        };
        let layers = (0..hyper.layers)
            .map(|layer| {
                let mut builder = LayerBuilder { layer, hyper, factors, source };
                architecture.layer.iter().map(|branch| builder.branch(branch)).collect()
            })
            .collect::<Result<_, _>>()?;
        let weight = source.vector("output_norm.weight", hyper.width)?;
        let output = if source.has("output.weight") {
            source.matrix("output.weight", hyper.vocab_size, hyper.width)?
        } else {
            token_embd
        };
        Ok(Self { token_embd, layers, output_norm: Norm { weight, eps: hyper.eps }, output })
    }
}

struct LayerBuilder<'a> {
    layer: usize,
    hyper: &'a HyperParams,
    factors: Option<VectorId>,
    source: &'a mut dyn TensorSource,
}

impl LayerBuilder<'_> {
    fn name(&self, part: &str) -> String {
        format!("blk.{}.{part}.weight", self.layer)
    }

    fn norm(&mut self, part: &str, len: usize) -> Result<Norm, ModelError> {
        let weight = self.source.vector(&self.name(part), len)?;
        Ok(Norm { weight, eps: self.hyper.eps })
    }

    fn matrix(&mut self, part: &str, rows: usize, cols: usize) -> Result<MatrixId, ModelError> {
        self.source.matrix(&self.name(part), rows, cols)
    }

    fn branch(&mut self, branch: &Branch) -> Result<BranchPlan, ModelError> {
        let width = self.hyper.width;
        let norm = self.norm(branch.norm, width)?;
        let part = match branch.part {
            Part::Attention(attention) => PartPlan::Attention(self.attention(attention)?),
            Part::GatedFfn(activation) => {
                let inner = self.hyper.ffn_width;
                PartPlan::GatedFfn {
                    gate: self.matrix("ffn_gate", inner, width)?,
                    up: self.matrix("ffn_up", inner, width)?,
                    down: self.matrix("ffn_down", width, inner)?,
                    activation,
                }
            }
        };
        let post_norm = branch.post_norm.map(|name| self.norm(name, width)).transpose()?;
        Ok(BranchPlan { norm, part, post_norm })
    }

    fn attention(&mut self, attention: Attention) -> Result<AttentionPlan, ModelError> {
        let HyperParams { width, head_dim, .. } = *self.hyper;
        let (q_width, kv_width) = (self.hyper.heads * head_dim, self.hyper.kv_heads * head_dim);
        let (q_norm, k_norm) = match attention.qk_norm {
            QkNorm::None => (None, None),
            QkNorm::PerHead => {
                (Some(self.norm("attn_q_norm", head_dim)?), Some(self.norm("attn_k_norm", head_dim)?))
            }
        };
        let (window, base) = self.hyper.layer_view(self.layer);
        Ok(AttentionPlan {
            layer: self.layer,
            q: self.matrix("attn_q", q_width, width)?,
            k: self.matrix("attn_k", kv_width, width)?,
            v: self.matrix("attn_v", kv_width, width)?,
            output: self.matrix("attn_output", width, q_width)?,
            q_norm,
            k_norm,
            rope: Rope {
                kind: attention.rope,
                dims: self.hyper.rope_dims,
                freq_base: base.freq_base,
                freq_scale: base.freq_scale,
                factors: self.factors,
            },
            window,
        })
    }
}
