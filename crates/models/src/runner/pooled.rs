//! From the rows of inputs to their results: pooling, then what the file has behind it.
//!
//! Rows are pooled here and not on the backend: a mean adds its rows in order, in f64, so that no batch mate and no
//! instruction set can show.

use gollum_core::{Batch, Pooling};
use gollum_kernels::{Activation, BufId, KernelOps, Linear, MatmulJob, Output, math};

use super::Transformer;
use super::walker::Stream;
use crate::arch::Ranking;
use crate::plan::PooledPlan;
use crate::{HyperParams, ModelError};

/// How results are made, and buffers for it.
pub(super) struct Pooled {
    /// `None` where neither the file nor the operator says.
    pub pooling: Option<Pooling>,
    ranking: Ranking,
    /// Rows that the buffers hold.
    rows: usize,
    /// By width: the stream's, then those of the matrices behind the pooling.
    buffers: Vec<(usize, BufId)>,
}

impl Pooled {
    pub fn new(
        ops: &mut dyn KernelOps,
        plan: &PooledPlan,
        hyper: &HyperParams,
        ranking: Ranking,
        rows: usize,
    ) -> Self {
        let linears = plan.dense.iter().chain(&plan.cls).chain(&plan.scores);
        let outputs: Vec<usize> = linears.map(|(_, width)| *width).collect();
        let mut buffers = Vec::new();
        if !outputs.is_empty() {
            buffers.extend([hyper.width].into_iter().chain(outputs).map(|w| (w, ops.create_buffer(rows, w))));
        }
        // A file that does not say is of a model that generates, or of an encoder whose users pool themselves.
        let pooling = hyper.pooling.or(hyper.whole_input.then_some(Pooling::None));
        Self { pooling, ranking, rows, buffers }
    }

    /// How rows become one, whatever comes behind.
    pub fn rule(&self) -> Pooling {
        match self.pooling {
            None => Pooling::None,
            Some(Pooling::Rank) => self.ranking.pooling,
            Some(pooling) => pooling,
        }
    }
}

impl Transformer {
    /// Pools otherwise than the file says. Errors: `rank` of a file without a classifier.
    pub fn set_pooling(&mut self, pooling: Pooling) -> Result<(), ModelError> {
        if pooling == Pooling::Rank && self.plan.pooled.cls.is_none() && self.plan.pooled.scores.is_none() {
            return Err(ModelError::MissingTensor { name: "cls.output.weight".to_owned() });
        }
        self.pooled.pooling = Some(pooling);
        Ok(())
    }

    /// Values of a result.
    pub(super) fn result_width(&self) -> usize {
        let plan = &self.plan.pooled;
        let last = match self.pooled.pooling {
            Some(Pooling::Rank) => plan.scores.as_ref().or(plan.cls.as_ref()),
            _ => plan.dense.last(),
        };
        last.map_or(self.hyper.width, |(_, width)| *width)
    }

    /// The rows that results are made of.
    pub(super) fn pooled_rows(&self, batch: &Batch) -> Vec<usize> {
        match self.pooled.rule() {
            Pooling::Cls => batch.sequences.iter().map(|s| s.query_start).collect(),
            Pooling::Last => batch.sequences.iter().map(|s| s.query_start + s.query_len - 1).collect(),
            Pooling::None | Pooling::Mean | Pooling::Rank => (0..batch.num_tokens()).collect(),
        }
    }

    /// The stream's rows behind the last norm, `[rows, width]`.
    pub(super) fn hidden(&mut self, stream: Stream) -> Vec<f32> {
        let mut x = stream.x;
        if let Some(norm) = self.plan.output_norm {
            self.ops.norm(x, norm, Output::Store, self.buffers.scratch, stream.rows);
            x = self.buffers.scratch;
        }
        let mut rows = vec![0.0; stream.rows * self.hyper.width];
        self.ops.read(x, stream.rows, &mut rows);
        rows
    }

    /// One row an input, of the rows that [`pooled_rows`](Self::pooled_rows) named; all of them with no pooling.
    pub(super) fn pool(&self, batch: &Batch, rows: &[f32]) -> Vec<Vec<f32>> {
        let width = self.hyper.width;
        let rule = self.pooled.rule();
        let mut left = rows;
        let results = batch.sequences.iter().map(|span| {
            let count = if matches!(rule, Pooling::Cls | Pooling::Last) { 1 } else { span.query_len };
            let (own, others) = left.split_at(count * width);
            left = others;
            if rule == Pooling::Mean { mean(own, width) } else { own.to_vec() }
        });
        results.collect()
    }

    /// Projections, or the classifier, over pooled rows.
    pub(super) fn finish(&mut self, pooled: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
        let plan = &self.plan.pooled;
        let ranks = self.pooled.pooling == Some(Pooling::Rank);
        let is_empty = if ranks { false } else { plan.dense.is_empty() };
        if is_empty {
            return pooled;
        }
        let width = self.hyper.width;
        let all = pooled.concat();
        let mut done: Vec<Vec<f32>> = Vec::with_capacity(all.len() / width);
        for rows in all.chunks(self.pooled.rows * width) {
            let rows = if ranks { self.scores(rows) } else { self.projections(rows) };
            done.extend(rows);
        }
        // With no pooling an input has several rows.
        let mut done = done.into_iter();
        let per_input = pooled.iter().map(|input| input.len() / width);
        per_input.map(|rows| done.by_ref().take(rows).flatten().collect()).collect()
    }

    fn projections(&mut self, rows: &[f32]) -> Vec<Vec<f32>> {
        let count = rows.len() / self.hyper.width;
        let (mut x, mut out_width) = (self.pooled.buffers[0].1, self.hyper.width);
        self.ops.write(x, rows);
        for at in 0..self.plan.pooled.dense.len() {
            let (linear, width) = self.plan.pooled.dense[at];
            let out = self.pooled.buffers[1 + at].1;
            self.multiply(x, linear, out, count);
            (x, out_width) = (out, width);
        }
        self.read_rows(x, count, out_width)
    }

    fn scores(&mut self, rows: &[f32]) -> Vec<Vec<f32>> {
        let (dense, count) = (self.plan.pooled.dense.len(), rows.len() / self.hyper.width);
        let (mut x, mut out_width) = (self.pooled.buffers[0].1, self.hyper.width);
        self.ops.write(x, rows);
        let mut next = 1 + dense;
        if let Some((linear, width)) = self.plan.pooled.cls {
            let out = self.pooled.buffers[next].1;
            self.multiply(x, linear, out, count);
            let mut values = vec![0.0; count * width];
            self.ops.read(out, count, &mut values);
            let ranking = self.pooled.ranking;
            values.iter_mut().for_each(|v| *v = activated(ranking.activation, *v));
            self.ops.write(out, &values);
            if let Some(norm) = self.plan.pooled.cls_norm {
                self.ops.norm(out, norm, Output::Store, out, count);
            }
            (x, out_width, next) = (out, width, next + 1);
        }
        if let Some((linear, width)) = self.plan.pooled.scores {
            let out = self.pooled.buffers[next].1;
            self.multiply(x, linear, out, count);
            (x, out_width) = (out, width);
        }
        let mut scores = self.read_rows(x, count, out_width);
        if self.pooled.ranking.softmax {
            scores.iter_mut().for_each(|scores| softmax(scores));
        }
        scores
    }

    fn multiply(&mut self, x: BufId, linear: Linear, out: BufId, rows: usize) {
        let job = MatmulJob { matrix: linear.matrix, out, output: Output::Store, epilogue: linear.epilogue };
        self.ops.matmul(x, &[job], rows);
    }

    fn read_rows(&mut self, x: BufId, count: usize, width: usize) -> Vec<Vec<f32>> {
        let mut values = vec![0.0; count * width];
        self.ops.read(x, count, &mut values);
        values.chunks(width.max(1)).map(<[f32]>::to_vec).collect()
    }
}

/// Adds rows in order, in f64.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; width];
    for row in rows.chunks_exact(width) {
        sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum += f64::from(v));
    }
    let count = (rows.len() / width) as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

fn activated(activation: Option<Activation>, value: f32) -> f32 {
    activation.map_or_else(|| math::tanh(value), |activation| math::activate(activation, value))
}

fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|s| *s = math::exp(*s - largest));
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|s| *s /= sum);
}
