//! A [`KernelOps`] out of the scalar loops: one thread, weights as the file holds them, KV in f32 after
//! rounding through its storage type.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, TokenId};
use gollum_quant::{Dot, FormatId, K_BLOCK, Q8Rows, activations::quantise_block};

use super::attention::{PageView, Query, attend_head};
use super::rows;
use crate::{
    Activation, Attend, AttendWhole, BufId, CausalConv, ChannelScan, CopyHeads, DeltaNet, Epilogue,
    ExpertFfn, ExpertLinear, ExpertsId, HeadNorm, HeadScan, KernelError, KernelOps, KvGroup, KvLayer, KvSpec,
    MatmulJob, MatrixId, MatrixSource, MixStreams, Norm, Output, QueryGrowth, Rope, StateSpec, Values,
    VectorId, math,
};

pub(super) struct Buffer {
    pub width: usize,
    pub values: Vec<f32>,
}

pub(super) struct Matrix {
    format: FormatId,
    rows: usize,
    cols: usize,
    row_bytes: usize,
    bytes: Vec<u8>,
}

impl Matrix {
    pub fn new(s: &MatrixSource<'_>) -> Result<Self, KernelError> {
        let size_error =
            || KernelError::MatrixSize { format: s.format, rows: s.rows, cols: s.cols, bytes: s.bytes.len() };
        let row_bytes = s.format.format().row_bytes(s.cols).filter(|&b| b > 0).ok_or_else(size_error)?;
        if row_bytes.checked_mul(s.rows) != Some(s.bytes.len()) {
            return Err(size_error());
        }
        Ok(Self { format: s.format, rows: s.rows, cols: s.cols, row_bytes, bytes: s.bytes.to_vec() })
    }
}

/// K and V of one layer, `[slots][kv_heads][head_dim]` and `[slots][kv_heads][value width]`.
struct LayerKv {
    shape: KvLayer,
    k: Vec<f32>,
    /// Empty where values are in the keys.
    v: Vec<f32>,
}

/// The scalar backend.
#[derive(Default)]
pub struct ReferenceOps {
    pub(super) buffers: Vec<Buffer>,
    matrices: Vec<Matrix>,
    pub(super) experts: Vec<Vec<Matrix>>,
    pub(super) vectors: Vec<Vec<f32>>,
    kv: Vec<LayerKv>,
    kv_dtype: KvDtype,
    pub(super) batch: Batch,
    /// Values of one state, and all of them, `[slots, state_floats]`.
    pub(super) state_floats: usize,
    pub(super) states: Vec<f32>,
}

impl ReferenceOps {
    /// An empty backend.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn rows_of(&self, x: BufId, rows: usize) -> Vec<f32> {
        let buffer = &self.buffers[x.0];
        buffer.values[..rows * buffer.width].to_vec()
    }

    /// One row of a buffer that is `width` wide.
    pub(super) fn row(&self, x: BufId, row: usize, width: usize) -> &[f32] {
        assert_eq!(self.buffers[x.0].width, width, "width of a buffer");
        &self.buffers[x.0].values[row * width..(row + 1) * width]
    }

    fn vector(&self, id: Option<VectorId>) -> Option<&[f32]> {
        id.map(|id| self.vectors[id.0].as_slice())
    }

    fn finish(&self, e: &Epilogue, y: &mut [f32]) {
        let bias = self.vector(e.bias);
        for (i, y) in y.iter_mut().enumerate() {
            let scaled = *y * e.weight_scale;
            let biased = bias.map_or(scaled, |b| scaled + b[i]);
            *y = e.clamp.map_or(biased, |limit| math::clamp(biased, limit)) * e.scale;
        }
    }

    fn put_row(&mut self, out: BufId, row: usize, output: Output, values: &[f32]) {
        let buffer = &mut self.buffers[out.0];
        let target = &mut buffer.values[row * buffer.width..(row + 1) * buffer.width];
        assert_eq!(target.len(), values.len(), "row width of buffer {}", out.0);
        match output {
            Output::Store => target.copy_from_slice(values),
            Output::Add => target.iter_mut().zip(values).for_each(|(t, v)| *t += v),
        }
    }
}

/// Rounds values through a KV storage type.
pub fn round_kv(dtype: KvDtype, values: &mut [f32]) {
    match dtype {
        KvDtype::F32 => {}
        KvDtype::F16 => values.iter_mut().for_each(|v| *v = half::f16::from_f32(*v).to_f32()),
        KvDtype::Q8_0 => {
            for block in values.as_chunks_mut::<K_BLOCK>().0 {
                let mut q = [0i8; K_BLOCK];
                let scale = half::f16::from_f32(quantise_block(block, &mut q)).to_f32();
                block.iter_mut().zip(q).for_each(|(v, q)| *v = scale * f32::from(q));
            }
        }
    }
}

pub(super) fn matvec(matrix: &Matrix, x: &[f32]) -> Vec<f32> {
    let weights = matrix.bytes.chunks_exact(matrix.row_bytes);
    match matrix.format.format().dot {
        Dot::Float(dot) => weights.map(|row| dot(row, x)).collect(),
        Dot::Int(dot) => {
            let quantised = Q8Rows::quantise(x, x.len());
            weights.map(|row| dot(row, quantised.row(0))).collect()
        }
    }
}

impl KernelOps for ReferenceOps {
    fn name(&self) -> &str {
        "reference"
    }

    fn create_buffer(&mut self, rows: usize, width: usize) -> BufId {
        self.buffers.push(Buffer { width, values: vec![0.0; rows * width] });
        BufId(self.buffers.len() - 1)
    }

    fn create_view(&mut self, of: BufId, width: usize) -> BufId {
        let viewed = &self.buffers[of.0];
        assert!(width <= viewed.width, "a view {width} wide over {}", viewed.width);
        let rows = viewed.values.len() / viewed.width.max(1);
        // Memory of its own: writing to one leaves the other undefined, so that any bytes will do.
        self.create_buffer(rows, width)
    }

    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError> {
        self.matrices.push(Matrix::new(&source)?);
        Ok(MatrixId(self.matrices.len() - 1))
    }

    fn load_experts(&mut self, source: MatrixSource<'_>, experts: usize) -> Result<ExpertsId, KernelError> {
        self.take_experts(&source, experts)
    }

    fn load_vector(&mut self, values: &[f32]) -> VectorId {
        self.vectors.push(values.to_vec());
        VectorId(self.vectors.len() - 1)
    }

    fn create_kv(&mut self, spec: &KvSpec, pages: usize, window_pages: usize) -> Result<(), KernelError> {
        for (layer, l) in spec.layers.iter().enumerate() {
            l.check(layer, spec.dtype)?;
            let v_dim = if let Values::Own(dim) = l.values { dim } else { 0 };
            let pages = if l.group == KvGroup::Window { window_pages } else { pages };
            // NaN, so that a read of a slot nobody wrote shows in the result.
            let room = |dim: usize| vec![f32::NAN; pages * PAGE_TOKENS * l.kv_heads * dim];
            self.kv.push(LayerKv { shape: *l, k: room(l.head_dim), v: room(v_dim) });
        }
        self.kv_dtype = spec.dtype;
        Ok(())
    }

    fn create_states(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError> {
        self.state_floats = spec.floats();
        // Of no meaning until written: NaN shows who reads it nevertheless.
        self.states = vec![f32::NAN; self.state_floats * slots];
        Ok(())
    }

    fn causal_conv(&mut self, f: &CausalConv) {
        self.run_conv(f);
    }

    fn delta_net(&mut self, f: &DeltaNet) {
        self.run_delta(f);
    }

    fn head_scan(&mut self, f: &HeadScan) {
        self.run_head_scan(f);
    }

    fn channel_scan(&mut self, f: &ChannelScan) {
        self.run_channel_scan(f);
    }

    fn begin_step(&mut self, batch: &Batch) {
        self.batch.clone_from(batch);
        for load in &batch.state_loads {
            let from = load.src.0 as usize * self.state_floats;
            let to = load.dst.0 as usize * self.state_floats;
            self.states.copy_within(from..from + self.state_floats, to);
        }
        for layer in &mut self.kv {
            for copy in layer.shape.group.copies(batch) {
                let kv_heads = layer.shape.kv_heads;
                let parts = [
                    (&mut layer.k, layer.shape.head_dim),
                    (&mut layer.v, layer.shape.head_values() - layer.shape.head_dim),
                ];
                for (part, dim) in parts {
                    let width = kv_heads * dim;
                    let from = copy.src.slot(0) as usize * width;
                    let to = copy.dst.slot(0) as usize * width;
                    part.copy_within(from..from + copy.tokens * width, to);
                }
            }
        }
    }

    fn embed(&mut self, table: MatrixId, rows: &[TokenId], scale: f32, output: Output, out: BufId) {
        for (row, &index) in rows.iter().enumerate() {
            let matrix = &self.matrices[table.0];
            assert!((index as usize) < matrix.rows, "row {index} of {}", matrix.rows);
            let bytes = &matrix.bytes[index as usize * matrix.row_bytes..][..matrix.row_bytes];
            let mut values = vec![0.0; matrix.cols];
            (matrix.format.format().decode_row)(bytes, &mut values).expect("checked at load");
            values.iter_mut().for_each(|v| *v *= scale);
            self.put_row(out, row, output, &values);
        }
    }

    fn norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize) {
        let input = self.rows_of(x, rows);
        let width = self.buffers[x.0].width;
        for (row, x) in input.chunks_exact(width).enumerate() {
            let mut normed = vec![0.0; width];
            let (weight, bias) = (self.vector(norm.weight), self.vector(norm.bias));
            rows::norm((norm.kind, norm.eps), weight, bias, x, &mut normed);
            self.put_row(out, row, output, &normed);
        }
    }

    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        let input = self.rows_of(x, rows);
        let width = self.buffers[x.0].width;
        for job in jobs {
            for (row, x) in input.chunks_exact(width).enumerate() {
                let mut y = matvec(&self.matrices[job.matrix.0], x);
                self.finish(&job.epilogue, &mut y);
                self.put_row(job.out, row, job.output, &y);
            }
        }
    }

    fn head_norm(&mut self, x: BufId, h: HeadNorm, rows: usize) {
        let mut input = self.rows_of(x, rows);
        let of_head = |vector: Option<VectorId>, head: usize| {
            self.vector(vector)
                .map(|v| if v.len() == h.head_dim { v } else { &v[head * h.head_dim..][..h.head_dim] })
        };
        for (i, values) in input.chunks_exact_mut(h.head_dim).enumerate() {
            let head = i % h.heads;
            let (weight, bias) = (of_head(h.norm.weight, head), of_head(h.norm.bias, head));
            let before = values.to_vec();
            rows::norm((h.norm.kind, h.norm.eps), weight, bias, &before, values);
        }
        self.buffers[x.0].values[..input.len()].copy_from_slice(&input);
    }

    fn rope(&mut self, x: BufId, heads: usize, head_dim: usize, rope: &Rope, rows: usize) {
        let factors = rope.factors.map(|f| self.vectors[f.0].as_slice());
        let mut angles = vec![(0.0, 0.0); rope.dims / 2];
        let values = &mut self.buffers[x.0].values[..rows * heads * head_dim];
        for (row, &position) in values.chunks_exact_mut(heads * head_dim).zip(&self.batch.positions) {
            rows::rope_angles(position, rope, factors, &mut angles);
            for head in row.chunks_exact_mut(head_dim) {
                rows::rope(head, rope.kind, &angles);
            }
        }
    }

    fn kv_append(&mut self, layer: usize, k: BufId, v: BufId) {
        let rows = self.batch.num_tokens();
        let KvLayer { kv_heads, head_dim, values, group } = self.kv[layer].shape;
        let mut parts = vec![(k, kv_heads * head_dim, false)];
        if let Values::Own(dim) = values {
            parts.push((v, kv_heads * dim, true));
        }
        for (from, width, is_v) in parts {
            let mut source = self.rows_of(from, rows);
            round_kv(self.kv_dtype, &mut source);
            let kv = &mut self.kv[layer];
            let target = if is_v { &mut kv.v } else { &mut kv.k };
            for (row, &slot) in source.chunks_exact(width).zip(group.slots(&self.batch)) {
                target[slot as usize * width..][..width].copy_from_slice(row);
            }
        }
    }

    fn attend(&mut self, a: &Attend, q: BufId, out: BufId) {
        let input = self.rows_of(q, self.batch.num_tokens());
        let kv = &self.kv[a.layer];
        let (head_dim, value_dim) = (kv.shape.head_dim, kv.shape.values.dim());
        let group = a.heads / kv.shape.kv_heads;
        let of_head = |vector: Option<VectorId>, head: usize| vector.map(|v| self.vectors[v.0][head]);
        let target = &mut self.buffers[out.0].values;
        for span in &self.batch.sequences {
            let table = kv.shape.group.table(&self.batch, span);
            for row in span.query_start..span.query_start + span.query_len {
                let position = self.batch.positions[row] as usize;
                let start = a.window.start(position);
                for head in 0..a.heads {
                    let (slope, sink) = (of_head(a.slopes, head), of_head(a.sinks, head));
                    let query = Query {
                        position,
                        start,
                        last: position,
                        scale: a.scale,
                        soft_cap: a.soft_cap,
                        slope,
                        sink,
                    };
                    let query_head = row * a.heads + head;
                    let page = |index: usize| gather_page(kv, table[index].slot(0) as usize, head / group);
                    let mut pages: Vec<(Vec<f32>, Vec<f32>)> = Vec::new();
                    for index in start / PAGE_TOKENS..=position / PAGE_TOKENS {
                        pages.push(page(index));
                    }
                    let view = |index: usize| {
                        let (k, v) = &pages[index - start / PAGE_TOKENS];
                        PageView { k, v }
                    };
                    let q = &input[query_head * head_dim..][..head_dim];
                    attend_head(query, q, view, &mut target[query_head * value_dim..][..value_dim]);
                }
            }
        }
    }

    fn create_whole(&mut self, _: &[KvLayer], _: usize, _: usize) -> Result<(), KernelError> {
        Ok(())
    }

    fn attend_whole(&mut self, a: &AttendWhole, qkv: [BufId; 3], out: BufId) {
        self.over_whole_inputs(a, qkv, out);
    }

    fn grow(&mut self, x: BufId, growth: QueryGrowth, rows: usize) {
        let buffer = &mut self.buffers[x.0];
        let values = buffer.values[..rows * buffer.width].chunks_exact_mut(buffer.width);
        for (row, &position) in values.zip(&self.batch.positions) {
            let factor = rows::growth_factor(growth, position);
            row.iter_mut().for_each(|v| *v *= factor);
        }
    }

    fn gate(&mut self, activation: Activation, gate: BufId, up: Option<BufId>, out: BufId, rows: usize) {
        let (g, u) = (self.rows_of(gate, rows), up.map(|up| self.rows_of(up, rows)));
        rows::gate(activation, &g, u.as_deref(), &mut self.buffers[out.0].values[..g.len()]);
    }

    fn gate_heads(&mut self, activation: Activation, x: BufId, gate: BufId, rows: usize) {
        let gates = self.rows_of(gate, rows);
        let heads = self.buffers[gate.0].width;
        let buffer = &mut self.buffers[x.0];
        for (head, gate) in buffer.values.chunks_exact_mut(buffer.width / heads).zip(gates) {
            let factor = math::activate(activation, gate);
            head.iter_mut().for_each(|v| *v *= factor);
        }
    }

    fn copy_heads(&mut self, f: &CopyHeads, rows: usize) {
        let (from, width) = (self.rows_of(f.x, rows), self.buffers[f.x.0].width);
        let target = &mut self.buffers[f.out.0];
        for (x, out) in from.chunks_exact(width).zip(target.values.chunks_exact_mut(target.width)) {
            for head in 0..f.heads {
                let x = &x[f.x_first + head * f.x_stride..][..f.width];
                let out = &mut out[f.out_first + head * f.out_stride..][..f.width];
                out.iter_mut().zip(x).for_each(|(out, x)| *out = x * f.scale);
            }
        }
    }

    fn matmul_heads(&mut self, x: BufId, matrices: ExpertLinear, out: BufId, rows: usize) {
        let input = self.rows_of(x, rows);
        let heads = self.experts[matrices.experts.0].len();
        let width = self.buffers[x.0].width / heads;
        let heads = input.chunks_exact(width).enumerate().map(|(i, x)| (i % heads, x));
        let y: Vec<f32> = heads.flat_map(|(head, x)| self.expert_linear(&matrices, head, x)).collect();
        self.buffers[out.0].values[..y.len()].copy_from_slice(&y);
    }

    fn expert_ffn(&mut self, f: &ExpertFfn, rows: usize) {
        let (input, logits) = (self.rows_of(f.x, rows), self.rows_of(f.router_logits, rows));
        let width = self.buffers[f.x.0].width;
        for (row, (x, logits)) in
            input.chunks_exact(width).zip(logits.chunks_exact(f.routing.experts)).enumerate()
        {
            let y = self.mix_experts(f, x, logits);
            self.put_row(f.out, row, f.output, &y);
        }
    }

    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize) {
        let buffer = &mut self.buffers[x.0];
        rows::soft_cap(&mut buffer.values[..rows * buffer.width], cap);
    }

    fn mix_streams(&mut self, f: &MixStreams, rows: usize) {
        self.run_mix(f, rows);
    }

    fn match_magnitude(&mut self, x: BufId, like: BufId, rows: usize) {
        self.match_rows(x, like, rows);
    }

    fn cut_gates(&mut self, x: BufId, deviations: f32, rows: usize) {
        self.cut_rows(x, deviations, rows);
    }

    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId) {
        assert_ne!(x, out, "gather within one buffer");
        let width = self.buffers[x.0].width;
        for (i, &row) in rows.iter().enumerate() {
            let values = self.buffers[x.0].values[row * width..(row + 1) * width].to_vec();
            self.put_row(out, i, Output::Store, &values);
        }
    }

    fn read(&mut self, x: BufId, rows: usize, out: &mut [f32]) {
        let values = self.rows_of(x, rows);
        out[..values.len()].copy_from_slice(&values);
    }

    fn write(&mut self, x: BufId, values: &[f32]) {
        self.buffers[x.0].values[..values.len()].copy_from_slice(values);
    }
}

/// K and V of one head of one page.
fn gather_page(kv: &LayerKv, first_slot: usize, head: usize) -> (Vec<f32>, Vec<f32>) {
    let KvLayer { kv_heads, head_dim, values, .. } = kv.shape;
    let part = |of: &[f32], kept: usize, wanted: usize| {
        let starts = (0..PAGE_TOKENS).map(|t| ((first_slot + t) * kv_heads + head) * kept);
        starts.flat_map(|at| of[at..at + wanted].to_vec()).collect()
    };
    let k = part(&kv.k, head_dim, head_dim);
    match values {
        Values::Own(dim) => (k, part(&kv.v, dim, dim)),
        Values::InKey(dim) => (k, part(&kv.k, head_dim, dim)),
    }
}
