//! Each layer's own embedding of a token, in models that have them: their tables, and the part that takes one in.
//!
//! ```text
//! e = per_layer_token_embd[token] * sqrt(P)                      [layers, P]
//! p = rms(per_layer_model_proj . x0 / sqrt(width)) * per_layer_proj_norm       of each layer
//! input = (p + e) / sqrt(2)                                      the last factor is in the norm's weights and in e's scale
//! x += post_norm(proj . (gelu(inp_gate . x) * input[layer]))
//! ```

use gollum_kernels::{Epilogue, HeadNorm, Linear, MatrixId, Norm, NormKind};

use super::layer::LayerBuilder;
use super::{MatrixSlice, Names, VectorSlice};
use crate::ModelError;

/// The inputs of all layers.
pub(crate) struct PerLayerPlan {
    /// `[vocabulary, layers * P]`.
    pub table: MatrixId,
    /// Multiplies a row of the table.
    pub table_scale: f32,
    /// From the stream at the start.
    pub projection: Linear,
    /// Of each layer's part of the projection.
    pub norm: HeadNorm,
    /// P.
    pub width: usize,
}

/// What one layer does with its input.
pub(crate) struct PerLayerPart {
    /// To the input's width.
    pub gate: Linear,
    /// Back to the stream's.
    pub output: Linear,
}

impl PerLayerPlan {
    /// `None` in models without.
    pub(super) fn build(names: &mut Names<'_>) -> Result<Option<Self>, ModelError> {
        let hyper = names.hyper;
        let (per_layer, layers, width) = (hyper.per_layer_width, hyper.layers.len(), hyper.width);
        if per_layer == 0 {
            return Ok(None);
        }
        let all = layers * per_layer;
        let name = "per_layer_token_embd.weight";
        let table = names.source.matrix(&MatrixSlice::whole(name, hyper.vocab_size, all))?;
        let projection = MatrixSlice::whole("per_layer_model_proj.weight", all, width);
        let projection = names.linear("per_layer_model_proj", &projection)?;
        let scale = 1.0 / (width as f32).sqrt();
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let mut weight = VectorSlice::whole("per_layer_proj_norm.weight", per_layer);
        weight.scale = half;
        let weight = Some(names.source.vector(&weight)?);
        let norm = Norm { kind: NormKind::Rms, weight, bias: None, eps: hyper.eps };
        Ok(Some(Self {
            table,
            table_scale: (per_layer as f32).sqrt() * half,
            projection: Linear { epilogue: Epilogue { scale, ..projection.epilogue }, ..projection },
            norm: HeadNorm { norm, heads: layers, head_dim: per_layer },
            width: per_layer,
        }))
    }
}

impl LayerBuilder<'_, '_> {
    pub(super) fn per_layer(&mut self) -> Result<PerLayerPart, ModelError> {
        let (per_layer, width) = (self.hyper.per_layer_width, self.hyper.width);
        Ok(PerLayerPart {
            gate: self.linear("inp_gate", per_layer, width)?,
            output: self.residual_linear("proj", width, per_layer, 1.0)?,
        })
    }
}
