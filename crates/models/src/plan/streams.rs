//! Several residual streams: from one to all and back, and what each layer predicts and corrects. The formulas are at
//! [`Streams::AltUp`](crate::arch::Streams).

use gollum_kernels::{Epilogue, ExpertLinear, Linear, Norm, NormKind, VectorId};

use super::layer::LayerBuilder;
use super::{ExpertSlice, MatrixSlice, Names, PerLayerPart, VectorSlice};
use crate::ModelError;

/// What is common to all layers.
pub(crate) struct StreamsPlan {
    pub count: usize,
    /// A matrix for each stream but the first, from it.
    pub enter: ExpertLinear,
    /// And back.
    pub leave: ExpertLinear,
    pub layers: Vec<StreamsLayer>,
    /// Coefficients of mixes: minus the first stream; the first alone; one term to all streams but the first; all streams
    /// but the first to one.
    pub minus_first: VectorId,
    pub first: VectorId,
    pub to_others: VectorId,
    pub of_others: VectorId,
}

/// What one layer does with all streams.
pub(crate) struct StreamsLayer {
    /// Of the router's input; its weights are over the width.
    pub router_norm: Norm,
    pub router: Linear,
    pub predict: Linear,
    /// With the 1 that is added.
    pub correct: Linear,
    /// Multiplies the first stream before it meets the layer's own embedding.
    pub correct_scale: VectorId,
    pub own: PerLayerPart,
    pub own_norm: Norm,
}

impl StreamsPlan {
    /// `None` in models with one stream. `layers` are those of [`LayerBuilder::streams`].
    pub(super) fn build(
        names: &mut Names<'_>,
        layers: Vec<StreamsLayer>,
    ) -> Result<Option<Self>, ModelError> {
        let (count, width) = (names.hyper.streams, names.hyper.width);
        if count == 1 {
            return Ok(None);
        }
        let mut of_others = |name: &str| -> Result<ExpertLinear, ModelError> {
            let name = name.to_owned();
            let slice =
                ExpertSlice { name, experts: count - 1, file_rows: width, rows: 0..width, cols: width };
            Ok(ExpertLinear { experts: names.source.experts(&slice)?, bias: None, scales: None })
        };
        let (enter, leave) = (of_others("altup_proj.weight")?, of_others("altup_unembd_proj.weight")?);
        let mut vector = |first: f32, others: f32| {
            let values: Vec<f32> = (0..count).map(|i| if i == 0 { first } else { others }).collect();
            names.source.computed(&values)
        };
        let (minus_first, first, to_others) = (vector(-1.0, 0.0), vector(1.0, 0.0), vector(0.0, 1.0));
        let of_others = names.source.computed(&vec![1.0; count - 1]);
        Ok(Some(Self { count, enter, leave, layers, minus_first, first, to_others, of_others }))
    }
}

impl LayerBuilder<'_, '_> {
    /// `None` in models with one stream.
    pub(super) fn streams(&mut self) -> Result<Option<StreamsLayer>, ModelError> {
        let (count, width) = (self.hyper.streams, self.hyper.width);
        if count == 1 {
            return Ok(None);
        }
        let mut norm = VectorSlice::whole(&format!("{}altup_router_norm.weight", self.prefix), width);
        norm.scale = 1.0 / width as f32;
        let weight = Some(self.names.source.vector(&norm)?);
        let correct = self.coefficients("altup_correct_coef", count, count)?;
        let bias = Some(self.names.source.computed(&vec![1.0; count]));
        let scale = VectorSlice::whole(&format!("{}altup_correct_scale.weight", self.prefix), width);
        let own_norm = format!("{}post_norm", self.prefix);
        Ok(Some(StreamsLayer {
            router_norm: Norm { kind: NormKind::Rms, weight, bias: None, eps: self.hyper.eps },
            router: self.coefficients("altup_router", count, width)?,
            predict: self.coefficients("altup_predict_coef", count * count, count)?,
            correct: Linear { epilogue: Epilogue { bias, ..Epilogue::NONE }, ..correct },
            correct_scale: self.names.source.vector(&scale)?,
            own: self.per_layer()?,
            own_norm: self.names.weighted_norm(self.hyper.norm_kind, &own_norm, (1, width))?,
        }))
    }

    fn coefficients(&mut self, part: &str, rows: usize, cols: usize) -> Result<Linear, ModelError> {
        let slice = MatrixSlice::whole(&format!("{}{part}.weight", self.prefix), rows, cols);
        Ok(Linear { matrix: self.names.source.matrix(&slice)?, epilogue: Epilogue::NONE })
    }
}
