//! The KV cache and attention over it. Pages belong to the engine's pager; their bytes are made once, in
//! [`GpuOps::make_kv`], written by [`GpuOps::append`], read by [`GpuOps::run_attention`], and freed with the backend.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS};
use gollum_kernels::{
    Attend, BufId, HeadNorm, KernelError, KvLayer, KvSpec, NormKind, NormPlace, PrepareAttention, Rope,
    RopeKind, Window,
};
use gollum_quant::K_BLOCK;

use super::GpuOps;
use crate::device::DeviceInfo;
use crate::memory::NONE;
use crate::shaders::{ATTEND_DIMS, Kernel, KvKind};

/// Widest head that attention is made for.
const MAX_HEAD_DIM: usize = 64 * ATTEND_DIMS[ATTEND_DIMS.len() - 1];

struct LayerKv {
    shape: KvLayer,
    /// Words of K, and of V, of one slot.
    slot_words: usize,
    keys: wgpu::Buffer,
    values: wgpu::Buffer,
}

/// K and V of all layers.
#[derive(Default)]
pub(super) struct Kv {
    layers: Vec<LayerKv>,
    kind: Option<KvKind>,
}

/// Angles of one rope at the step's positions.
pub(super) struct Angles {
    pub rope: Rope,
    pub rows: usize,
    pub words: Vec<u32>,
}

/// What a step has in common.
#[derive(Default)]
pub(super) struct Step {
    pub batch: Batch,
    pub angles: Vec<Angles>,
    /// Lists: position, slot, and the beginning of the block table of each row.
    positions: u32,
    slots: u32,
    tables: u32,
}

/// Words of one head of K, or of V, of one slot; see `shaders/kv.wgsl`.
fn head_words(kind: KvKind, head_dim: usize) -> usize {
    match kind {
        KvKind::F32 => head_dim,
        KvKind::F16 => head_dim.div_ceil(2),
        KvKind::Q8 => head_dim / 4 + (head_dim / K_BLOCK).div_ceil(2),
    }
}

fn kind_of(dtype: KvDtype) -> KvKind {
    match dtype {
        KvDtype::F32 => KvKind::F32,
        KvDtype::F16 => KvKind::F16,
        KvDtype::Q8_0 => KvKind::Q8,
    }
}

/// Pages that fit a device: K of a layer is one binding, and so is V.
pub fn max_kv_pages(info: &DeviceInfo, spec: &KvSpec) -> usize {
    let limit = info.max_binding_bytes.min(info.max_buffer_bytes);
    let page_bytes = |l: &KvLayer| {
        (PAGE_TOKENS * l.kv_heads * head_words(kind_of(spec.dtype), l.head_dim) * 4).max(1) as u64
    };
    let pages = spec.layers.iter().map(|l| limit / page_bytes(l)).min();
    pages.map_or(usize::MAX, |pages| usize::try_from(pages).unwrap_or(usize::MAX))
}

/// The narrowest kernel for heads of this width, which `create_kv` has checked.
fn dims_for(head_dim: usize) -> usize {
    let found = ATTEND_DIMS.iter().copied().find(|dims| dims * 64 >= head_dim);
    found.expect("create_kv refuses wider heads")
}

impl GpuOps {
    pub(super) fn make_kv(&mut self, spec: &KvSpec, pages: usize) -> Result<(), KernelError> {
        let kind = kind_of(spec.dtype);
        self.kv.kind = Some(kind);
        for (layer, &shape) in spec.layers.iter().enumerate() {
            let head_dim = shape.head_dim;
            if kind == KvKind::Q8 && !head_dim.is_multiple_of(K_BLOCK) {
                return Err(KernelError::KvHeadDim { layer, head_dim });
            }
            if head_dim > MAX_HEAD_DIM {
                return Err(KernelError::HeadTooWide { layer, head_dim, limit: MAX_HEAD_DIM });
            }
            let slot_words = shape.kv_heads * head_words(kind, head_dim);
            let bytes = pages * PAGE_TOKENS * slot_words * 4;
            let device = &self.recorder.device;
            let both = device.try_buffer("keys", bytes as u64).zip(device.try_buffer("values", bytes as u64));
            let (keys, values) = both.ok_or(KernelError::OutOfMemory { what: "K or V of a layer", bytes })?;
            self.kv.layers.push(LayerKv { shape, slot_words, keys, values });
        }
        Ok(())
    }

    pub(super) fn start_step(&mut self, batch: &Batch) {
        self.recorder.start_step();
        self.step.batch.clone_from(batch);
        self.step.angles.clear();
        self.host.begin_step(batch);
        let tables = self.recorder.step_list(batch.block_tables.iter().map(|page| page.0));
        self.step.positions = self.recorder.step_list(batch.positions.iter().copied());
        self.step.slots = self.recorder.step_list(batch.slot_mapping.iter().copied());
        let table_of = |span: &gollum_core::SequenceSpan| {
            std::iter::repeat_n(tables + span.table_start as u32, span.query_len)
        };
        self.step.tables = self.recorder.step_list(batch.sequences.iter().flat_map(table_of));
        self.copy_pages(batch);
    }

    fn copy_pages(&mut self, batch: &Batch) {
        let copies = batch.page_copies.len();
        let Some(slots) = batch.page_copies.iter().map(|copy| copy.tokens).max() else { return };
        let entries = batch.page_copies.iter().flat_map(|c| [c.src.slot(0), c.dst.slot(0), c.tokens as u32]);
        let list = self.recorder.list(entries);
        for layer in &self.kv.layers {
            let buffers = [("keys", &layer.keys), ("values", &layer.values)];
            let grid = [(slots * layer.slot_words).div_ceil(64), copies];
            self.recorder.dispatch(Kernel::CopyPage, &buffers, &[list, layer.slot_words as u32], grid);
        }
    }

    fn kv_kind(&self) -> KvKind {
        self.kv.kind.expect("create_kv comes before attention")
    }

    pub(super) fn append(&mut self, layer: usize, k: BufId, v: BufId) {
        let rows = self.step.batch.num_tokens();
        let (k_place, k_chunk) = self.source(k, rows);
        let (v_place, v_chunk) = self.source(v, rows);
        let kind = self.kv_kind();
        let layer = &self.kv.layers[layer];
        let KvLayer { kv_heads, head_dim } = layer.shape;
        let params =
            [k_place.at as u32, v_place.at as u32, kv_heads as u32, head_dim as u32, self.step.slots];
        let buffers = [("xs", &k_chunk), ("us", &v_chunk), ("keys", &layer.keys), ("values", &layer.values)];
        let grid = [layer.slot_words.div_ceil(64), rows];
        self.recorder.dispatch(Kernel::Append(kind), &buffers, &params, grid);
    }

    /// Norms, rotation, growth and append in one dispatch.
    pub(super) fn prepare(&mut self, p: &PrepareAttention, rows: usize) {
        assert_eq!(rows, self.step.batch.num_tokens(), "rows of the step");
        let angles = p.rope.map_or(0, |rope| self.angles(&rope, rows));
        let growth = p.growth.map_or(NONE, |growth| self.growths(growth, rows));
        let (q, q_chunk) = self.target(p.q, rows);
        let (k, k_chunk) = self.target(p.k, rows);
        let (v, v_chunk) = self.source(p.v, rows);
        let (q_norm, k_norm) = (self.head_norm_words(p.q_norm), self.head_norm_words(p.k_norm));
        let vectors = self.vectors.buffer(&mut self.recorder);
        let kind = self.kv_kind();
        let layer = &self.kv.layers[p.layer];
        assert_eq!(layer.shape, KvLayer { kv_heads: p.kv_heads, head_dim: p.head_dim }, "heads of a layer");
        let params: Vec<u32> = [
            q.at as u32,
            k.at as u32,
            v.at as u32,
            p.heads as u32,
            p.kv_heads as u32,
            p.head_dim as u32,
            p.rope.map_or(0, |rope| rope.dims as u32 / 2),
            angles,
            u32::from(p.rope.is_some_and(|rope| rope.kind == RopeKind::Neox)),
            growth,
            self.step.slots,
            u32::from(p.norm_place == NormPlace::AfterRope),
        ]
        .into_iter()
        .chain(q_norm)
        .chain(k_norm)
        .collect();
        let buffers = [
            ("xs", &q_chunk),
            ("us", &k_chunk),
            ("ys", &v_chunk),
            ("vectors", &vectors),
            ("keys", &layer.keys),
            ("values", &layer.values),
        ];
        let grid = [p.heads + 2 * p.kv_heads, rows];
        self.recorder.dispatch(
            Kernel::Heads { kv: kind, dims: dims_for(p.head_dim) },
            &buffers,
            &params,
            grid,
        );
    }

    /// Kind (0 none, 1 RMS, 2 layer), eps, weight, bias and stride of a head norm.
    fn head_norm_words(&self, norm: Option<HeadNorm>) -> [u32; 5] {
        let Some(h) = norm else { return [0, 0, NONE, NONE, 0] };
        let kind = if h.norm.kind == NormKind::Layer { 2 } else { 1 };
        let (weight, bias) = (self.vectors.at(h.norm.weight), self.vectors.at(h.norm.bias));
        [kind, h.norm.eps.to_bits(), weight, bias, self.vector_stride(&h) as u32]
    }

    pub(super) fn run_attention(&mut self, a: &Attend, q: BufId, out: BufId) {
        let rows = self.step.batch.num_tokens();
        let (q_place, q_chunk) = self.source(q, rows);
        let (out_place, out_chunk) = self.target(out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        // What follows is nearly always a matmul of quantised weights, if there are any.
        let quantise = self.has_int_weights && self.kv.layers[a.layer].shape.head_dim.is_multiple_of(K_BLOCK);
        let (qa, qs) = match quantise {
            true => self.quantised_room(out),
            false => self.quantised.buffers(&mut self.recorder, 0),
        };
        let kind = self.kv_kind();
        let layer = &self.kv.layers[a.layer];
        let KvLayer { kv_heads, head_dim } = layer.shape;
        let (window_kind, window) = match a.window {
            Window::All => (0, 0),
            Window::Last(n) => (1, n),
            Window::Chunk(n) => (2, n),
        };
        let params = [
            q_place.at as u32,
            out_place.at as u32,
            a.heads as u32,
            kv_heads as u32,
            head_dim as u32,
            self.step.positions,
            self.step.tables,
            window_kind,
            u32::try_from(window).unwrap_or(u32::MAX),
            a.scale.to_bits(),
            a.soft_cap.unwrap_or(0.0).to_bits(),
            self.vectors.at(a.slopes),
            self.vectors.at(a.sinks),
            u32::from(quantise),
        ];
        let buffers = [
            ("xs", &q_chunk),
            ("ys", &out_chunk),
            ("vectors", &vectors),
            ("keys", &layer.keys),
            ("values", &layer.values),
            ("qa", &qa),
            ("qs", &qs),
        ];
        let kernel = Kernel::Attend { kv: kind, dims: dims_for(head_dim) };
        self.recorder.dispatch(kernel, &buffers, &params, [a.heads, rows]);
        if quantise {
            let base = self.activations.base(out);
            self.quantised.set(base, rows, a.heads * head_dim);
        }
    }
}
