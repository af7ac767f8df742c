//! Operations on single rows: norms, activations, rotation, copies.

use gollum_kernels::reference::rows::{growth_factor, rope_angles};
use gollum_kernels::{
    Activation, BufId, CopyHeads, HeadNorm, Norm, NormKind, Output, QueryGrowth, Rope, RopeKind,
};

use super::GpuOps;
use super::attention::Angles;
use crate::recorder::Listed;
use crate::shaders::{Kernel, RowOp};

/// Width from which a norm has 256 threads a row.
const WIDE_NORM: usize = 512;

/// The number that kernels know an activation by, and its own numbers: of those with a limit, limit and alpha.
fn kind_of(activation: Activation) -> (u32, [f32; 4]) {
    let limited = |limit, alpha| [limit, alpha, 0.0, 0.0];
    match activation {
        Activation::Silu => (0, [0.0; 4]),
        Activation::GeluTanh => (1, [0.0; 4]),
        Activation::Sigmoid => (2, [0.0; 4]),
        Activation::Identity => (3, [0.0; 4]),
        Activation::Relu => (4, [0.0; 4]),
        Activation::ReluSquared => (5, [0.0; 4]),
        Activation::ClampedSilu { limit } => (6, limited(limit, 0.0)),
        Activation::OaiSwiglu { alpha, limit } => (7, limited(limit, alpha)),
        Activation::Softplus => (8, [0.0; 4]),
        Activation::SiluClamped { limit } => (9, limited(limit, 0.0)),
        Activation::Xielu { negative, positive, slope, eps } => (10, [eps, positive, negative, slope]),
    }
}

impl GpuOps {
    /// Norms whole rows; with `quantise` the int8 form of the result is made beside.
    pub(super) fn norm_rows(
        &mut self,
        (x, out): (BufId, BufId),
        norm: Norm,
        output: Output,
        rows: usize,
        quantise: bool,
    ) {
        let width = self.width(x);
        assert_eq!(width, self.width(out), "width of a normed row");
        self.norm_parts((x, out), norm, output, (rows, 1, width), (0, quantise));
    }

    /// Norms each head in place.
    pub(super) fn norm_heads_of(&mut self, x: BufId, h: HeadNorm, rows: usize) {
        assert_eq!(self.width(x), h.heads * h.head_dim, "width of heads");
        let stride = self.vector_stride(&h);
        self.norm_parts((x, x), h.norm, Output::Store, (rows, h.heads, h.head_dim), (stride, false));
    }

    /// Elements between the vectors of two heads: none if all heads share one.
    pub(super) fn vector_stride(&self, h: &HeadNorm) -> usize {
        let mut vectors = [h.norm.weight, h.norm.bias].into_iter().flatten();
        if vectors.all(|v| self.vectors.len(v) == h.head_dim) { 0 } else { h.head_dim }
    }

    fn norm_parts(
        &mut self,
        (x, out): (BufId, BufId),
        norm: Norm,
        output: Output,
        (rows, heads, width): (usize, usize, usize),
        (vector_stride, quantise): (usize, bool),
    ) {
        let (from, from_chunk) = self.source(x, rows);
        let (to, to_chunk) = self.target(out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        let (qa, qs) = match quantise {
            true => self.quantised_room(out),
            false => self.quantised.buffers(&mut self.recorder, 0),
        };
        let params = [
            from.at as u32,
            to.at as u32,
            width as u32,
            heads as u32,
            u32::from(norm.kind == NormKind::Layer),
            norm.eps.to_bits(),
            self.vectors.at(norm.weight),
            self.vectors.at(norm.bias),
            vector_stride as u32,
            u32::from(output == Output::Add),
            u32::from(quantise),
        ];
        let buffers =
            [("xs", &from_chunk), ("ys", &to_chunk), ("vectors", &vectors), ("qa", &qa), ("qs", &qs)];
        let kernel = Kernel::Norm { wide: width >= WIDE_NORM };
        self.recorder.dispatch(kernel, &buffers, &params, [heads, rows]);
        if quantise {
            let base = self.activations.base(out);
            self.quantised.set(base, rows, width);
        }
    }

    /// `out = activation(gate, up)`; with `quantise` the int8 form of the result is made beside.
    pub(super) fn activate(
        &mut self,
        activation: Activation,
        (gate, up, out): (BufId, Option<BufId>, BufId),
        rows: usize,
        quantise: bool,
    ) {
        let width = self.width(gate);
        assert_eq!(width, self.width(out), "width of an activation");
        let (g, g_chunk) = self.source(gate, rows);
        let (u, u_chunk) = self.source(up.unwrap_or(gate), rows);
        let (o, o_chunk) = self.target(out, rows);
        let (qa, qs) = match quantise {
            true => self.quantised_room(out),
            false => self.quantised.buffers(&mut self.recorder, 0),
        };
        let (kind, [limit, alpha, negative, slope]) = kind_of(activation);
        assert!(!matches!(kind, 6 | 7 | 9) || up.is_some(), "{activation:?} needs an up projection");
        let params = [
            g.at as u32,
            u.at as u32,
            o.at as u32,
            width as u32,
            kind,
            u32::from(up.is_some()),
            f32::to_bits(limit),
            f32::to_bits(alpha),
            u32::from(quantise),
            f32::to_bits(negative),
            f32::to_bits(slope),
        ];
        let buffers = [("xs", &g_chunk), ("us", &u_chunk), ("ys", &o_chunk), ("qa", &qa), ("qs", &qs)];
        self.recorder.dispatch(Kernel::Gate, &buffers, &params, [width.div_ceil(256), rows]);
        if quantise {
            let base = self.activations.base(out);
            self.quantised.set(base, rows, width);
        }
    }

    /// `rest` are a list, a cap, heads and an activation.
    fn row_op(
        &mut self,
        op: RowOp,
        (x, x_rows): (BufId, usize),
        (out, rows): (BufId, usize),
        rest: [u32; 4],
    ) {
        let width = self.width(out);
        let (from, from_chunk) = self.source(x, x_rows);
        let (to, to_chunk) = self.target(out, rows);
        let [list, cap, heads, kind] = rest;
        let params = [from.at as u32, to.at as u32, width as u32, list, cap, heads, kind];
        let buffers = [("xs", &from_chunk), ("ys", &to_chunk)];
        self.recorder.dispatch(Kernel::Rows(op), &buffers, &params, [width.div_ceil(256), rows]);
    }

    /// Multiplies each head by the activation of its gate.
    pub(super) fn gate_each_head(&mut self, activation: Activation, x: BufId, gate: BufId, rows: usize) {
        let heads = self.width(gate);
        assert!(self.width(x).is_multiple_of(heads), "one gate a head");
        let (kind, _) = kind_of(activation);
        assert!(!matches!(activation, Activation::Xielu { .. }), "{activation:?} of heads' gates");
        self.row_op(RowOp::GateHeads, (gate, rows), (x, rows), [0, 0, heads as u32, kind]);
    }

    pub(super) fn copy_stretches(&mut self, f: &CopyHeads, rows: usize) {
        let (x_width, out_width) = (self.width(f.x), self.width(f.out));
        let last = |first: usize, stride: usize| first + f.heads.saturating_sub(1) * stride + f.width;
        assert!(
            last(f.x_first, f.x_stride) <= x_width && last(f.out_first, f.out_stride) <= out_width,
            "stretches within rows of {x_width} and {out_width}: {f:?}"
        );
        let (from, from_chunk) = self.source(f.x, rows);
        let (to, to_chunk) = self.target(f.out, rows);
        let params = [
            from.at as u32,
            x_width as u32,
            f.x_first as u32,
            f.x_stride as u32,
            to.at as u32,
            out_width as u32,
            f.out_first as u32,
            f.out_stride as u32,
            f.heads as u32,
            f.width as u32,
            f.scale.to_bits(),
        ];
        let buffers = [("xs", &from_chunk), ("ys", &to_chunk)];
        let grid = [(f.heads * f.width).div_ceil(256), rows];
        self.recorder.dispatch(Kernel::CopyHeads, &buffers, &params, grid);
    }

    pub(super) fn gather_rows(&mut self, x: BufId, rows: &[usize], out: BufId) {
        assert_ne!(self.activations.base(x), self.activations.base(out), "gather within one buffer");
        assert_eq!(self.width(x), self.width(out), "width of gathered rows");
        let highest = rows.iter().max().map_or(0, |r| r + 1);
        let list = self.recorder.list(rows.iter().map(|&row| row as u32));
        self.row_op(RowOp::Gather, (x, highest), (out, rows.len()), [list, 0, 0, 0]);
    }

    /// The list of each row's factor.
    pub(super) fn growths(&mut self, growth: QueryGrowth, rows: usize) -> u32 {
        let positions = &self.step.batch.positions[..rows];
        self.recorder.list(positions.iter().map(|&p| growth_factor(growth, p).to_bits()))
    }

    pub(super) fn grow_rows(&mut self, x: BufId, growth: QueryGrowth, rows: usize) {
        let list = self.growths(growth, rows);
        self.row_op(RowOp::Grow, (x, rows), (x, rows), [list, 0, 0, 0]);
    }

    pub(super) fn cap_rows(&mut self, x: BufId, cap: f32, rows: usize) {
        self.row_op(RowOp::SoftCap, (x, rows), (x, rows), [0, cap.to_bits(), 0, 0]);
    }

    /// Rotates heads in place.
    pub(super) fn rotate(&mut self, x: BufId, (heads, head_dim): (usize, usize), rope: &Rope, rows: usize) {
        assert!(
            rope.dims <= head_dim && self.width(x) == heads * head_dim,
            "a rotation of {} of {head_dim}",
            rope.dims
        );
        let angles = self.angles(rope, rows);
        let (place, chunk) = self.target(x, rows);
        let pairs = rope.dims / 2;
        let params = [
            place.at as u32,
            heads as u32,
            head_dim as u32,
            pairs as u32,
            angles,
            u32::from(rope.kind == RopeKind::Neox),
        ];
        let grid = [(heads * pairs).div_ceil(64), rows];
        self.recorder.dispatch(Kernel::Rope, &[("xs", &chunk)], &params, grid);
    }

    /// The list of the step's angles, `[rows][pairs]` cosines and sines; made once a step for each rope.
    pub(super) fn angles(&mut self, rope: &Rope, rows: usize) -> u32 {
        let known = self.step.angles.iter_mut().find(|a| a.rope == *rope && a.rows >= rows);
        if let Some(known) = known {
            return self.recorder.list_once(&mut known.listed, &known.words);
        }
        let factors = rope.factors.map(|f| self.vectors.values(f).to_vec());
        let mut angles = vec![(0.0, 0.0); rope.dims / 2];
        let mut words = Vec::with_capacity(rows * rope.dims);
        for &position in &self.step.batch.positions[..rows] {
            rope_angles(position, rope, factors.as_deref(), &mut angles);
            words.extend(angles.iter().flat_map(|(c, s)| [c.to_bits(), s.to_bits()]));
        }
        let mut listed = Listed::default();
        let at = self.recorder.list_once(&mut listed, &words);
        self.step.angles.push(Angles { rope: *rope, rows, words, listed });
        at
    }
}
