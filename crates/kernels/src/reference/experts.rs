//! A mixture of experts, row by row and expert by expert.

use super::ops::{Matrix, ReferenceOps, matvec};
use super::routing::{Choice, choose};
use super::rows;
use crate::{ExpertFfn, ExpertLinear, ExpertsId, KernelError, MatrixSource, WeighAt};

impl ReferenceOps {
    pub(super) fn take_experts(
        &mut self,
        s: &MatrixSource<'_>,
        experts: usize,
    ) -> Result<ExpertsId, KernelError> {
        let row_bytes = s.format.format().row_bytes(s.cols).filter(|&b| b > 0);
        let bytes_each = row_bytes.and_then(|b| b.checked_mul(s.rows));
        if experts == 0 || bytes_each.and_then(|b| b.checked_mul(experts)) != Some(s.bytes.len()) {
            return Err(KernelError::ExpertsSize {
                format: s.format,
                experts,
                rows: s.rows,
                cols: s.cols,
                bytes: s.bytes.len(),
            });
        }
        let bytes_each = s.bytes.len() / experts;
        let matrix =
            |i: usize| Matrix::new(&MatrixSource { bytes: &s.bytes[i * bytes_each..][..bytes_each], ..*s });
        self.experts.push((0..experts).map(matrix).collect::<Result<_, _>>()?);
        Ok(ExpertsId(self.experts.len() - 1))
    }

    /// The sum of a row's experts.
    pub(super) fn mix_experts(&self, f: &ExpertFfn, x: &[f32], router_logits: &[f32]) -> Vec<f32> {
        let bias = f.routing.selection_bias.map(|b| self.vectors[b.0].as_slice());
        let mut sum: Option<Vec<f32>> = None;
        for Choice { expert, weight } in choose(&f.routing, bias, router_logits) {
            let y = match f.weigh {
                WeighAt::Output => self.expert(f, expert, x),
                WeighAt::Input => self.expert(f, expert, &x.iter().map(|x| x * weight).collect::<Vec<f32>>()),
            };
            sum = Some(match (sum, f.weigh) {
                (None, WeighAt::Output) => y.iter().map(|y| weight * y).collect(),
                (None, WeighAt::Input) => y,
                (Some(sum), WeighAt::Output) => {
                    sum.iter().zip(y).map(|(&sum, y)| weight.mul_add(y, sum)).collect()
                }
                (Some(sum), WeighAt::Input) => sum.iter().zip(y).map(|(sum, y)| sum + y).collect(),
            });
        }
        let mut sum = sum.expect("a row uses at least one expert");
        sum.iter_mut().for_each(|v| *v *= f.scale);
        sum
    }

    /// One expert's output for one row.
    fn expert(&self, f: &ExpertFfn, expert: usize, x: &[f32]) -> Vec<f32> {
        let gate = self.expert_linear(&f.gate, expert, x);
        let up = f.up.as_ref().map(|up| self.expert_linear(up, expert, x));
        let mut inner = vec![0.0; gate.len()];
        rows::gate(f.activation, &gate, up.as_deref(), &mut inner);
        self.expert_linear(&f.down, expert, &inner)
    }

    pub(super) fn expert_linear(&self, linear: &ExpertLinear, expert: usize, x: &[f32]) -> Vec<f32> {
        let mut y = matvec(&self.experts[linear.experts.0][expert], x);
        if let Some(scales) = linear.scales {
            let scale = self.vectors[scales.0][expert];
            y.iter_mut().for_each(|y| *y *= scale);
        }
        if let Some(bias) = linear.bias {
            let bias = &self.vectors[bias.0][expert * y.len()..][..y.len()];
            y.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
        y
    }
}
