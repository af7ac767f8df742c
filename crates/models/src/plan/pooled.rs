//! What comes behind the pooling: projections of the pooled row, or a classifier that makes scores of it.
//!
//! ```text
//! dense_3 . (dense_2 . row)                                         embeddings, in files that have them
//! cls.output . norm(activation(cls . row + bias)) + bias            scores: each step in files that have it
//! ```

use gollum_core::Pooling;
use gollum_kernels::{Linear, Norm};

use super::{MatrixSlice, Names};
use crate::ModelError;

/// See the module's text. All empty in most files.
#[derive(Default)]
pub(crate) struct PooledPlan {
    /// Projections with their widths, in order.
    pub dense: Vec<(Linear, usize)>,
    /// `cls` and its width.
    pub cls: Option<(Linear, usize)>,
    pub cls_norm: Option<Norm>,
    /// `cls.output` and the number of scores.
    pub scores: Option<(Linear, usize)>,
}

impl PooledPlan {
    pub fn build(names: &mut Names<'_>) -> Result<Self, ModelError> {
        let mut plan = Self::default();
        let mut width = names.hyper.width;
        for name in ["dense_2", "dense_3"] {
            if let Some(linear) = names.optional_linear(name, width, width)? {
                width = linear.1;
                plan.dense.push(linear);
            }
        }
        let mut width = names.hyper.width;
        plan.cls = names.optional_linear("cls", width, width)?;
        if let Some((_, rows)) = plan.cls {
            width = rows;
        }
        if names.source.has("cls.norm.weight") {
            plan.cls_norm = Some(names.weighted_norm(names.hyper.norm_kind, "cls.norm", (1, width))?);
        }
        plan.scores = names.optional_linear("cls.output", names.hyper.labels, width)?;
        if names.hyper.pooling == Some(Pooling::Rank) && plan.cls.is_none() && plan.scores.is_none() {
            return Err(ModelError::MissingTensor { name: "cls.output.weight".to_owned() });
        }
        Ok(plan)
    }
}

impl Names<'_> {
    /// A matrix that the file may have, with as many rows as it has there, and their number.
    fn optional_linear(
        &mut self,
        name: &str,
        rows: usize,
        cols: usize,
    ) -> Result<Option<(Linear, usize)>, ModelError> {
        let weight = format!("{name}.weight");
        if !self.source.has(&weight) {
            return Ok(None);
        }
        let rows = self.source.rows(&weight).unwrap_or(rows);
        Ok(Some((self.linear(name, &MatrixSlice::whole(&weight, rows, cols))?, rows)))
    }
}
