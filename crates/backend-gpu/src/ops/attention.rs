//! The KV cache. Pages belong to the engine's pager; their bytes are made once, in [`GpuOps::make_kv`], written by
//! [`GpuOps::append`] and [`GpuOps::prepare`], read by [`GpuOps::run_attention`](super::GpuOps::run_attention), and freed with
//! the backend.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, SequenceSpan};
use gollum_kernels::{
    BufId, HeadNorm, KernelError, KvGroup, KvLayer, KvSpec, NormKind, NormPlace, PrepareAttention, Rope,
    RopeKind, Values,
};
use gollum_quant::K_BLOCK;

use super::GpuOps;
use super::attend::Planned;
use crate::device::{Device, DeviceInfo};
use crate::memory::NONE;
use crate::recorder::Listed;
use crate::shaders::{ATTEND_DIMS, Kernel, KvKind};

/// Widest head that attention is made for.
const MAX_HEAD_DIM: usize = 64 * ATTEND_DIMS[ATTEND_DIMS.len() - 1];

pub(super) struct LayerKv {
    pub shape: KvLayer,
    /// What attends to it: dimensions of a value for each thread, and whether keys are up to twice as wide.
    pub dims: usize,
    pub wide: bool,
    /// Words of K, and of V, of one slot; none of V where values are in the keys.
    key_words: usize,
    value_words: usize,
    pub keys: wgpu::Buffer,
    pub values: wgpu::Buffer,
}

/// K and V of all layers.
#[derive(Default)]
pub(super) struct Kv {
    pub layers: Vec<LayerKv>,
    kind: Option<KvKind>,
    /// Bound in place of K and V by layers that have none.
    spare: Option<[wgpu::Buffer; 2]>,
}

/// Angles of one rope at the step's positions.
pub(super) struct Angles {
    pub rope: Rope,
    pub rows: usize,
    pub words: Vec<u32>,
    pub listed: Listed,
}

/// Lists of one group of pages: the slot, and the beginning of the block table, of each row.
#[derive(Clone, Copy, Default)]
pub(super) struct Pages {
    slots: u32,
    pub tables: u32,
}

/// What a step has in common.
#[derive(Default)]
pub(super) struct Step {
    pub batch: Batch,
    pub angles: Vec<Angles>,
    /// How rows are attended to.
    pub plans: Vec<Planned>,
    /// List: the position of each row.
    pub positions: u32,
    full: Pages,
    window: Pages,
}

impl Step {
    pub fn pages(&self, group: KvGroup) -> Pages {
        match group {
            KvGroup::Full => self.full,
            KvGroup::Window => self.window,
        }
    }
}

/// Words of one head of K, or of V, of one slot; see `shaders/kv.wgsl`.
fn head_words(kind: KvKind, dim: usize) -> usize {
    match kind {
        KvKind::F32 => dim,
        KvKind::F16 => dim.div_ceil(2),
        KvKind::Q8 => dim / 4 + (dim / K_BLOCK).div_ceil(2),
    }
}

fn kind_of(dtype: KvDtype) -> KvKind {
    match dtype {
        KvDtype::F32 => KvKind::F32,
        KvDtype::F16 => KvKind::F16,
        KvDtype::Q8_0 => KvKind::Q8,
    }
}

/// Words of K and of V of one slot of a layer.
fn slot_words(kind: KvKind, layer: &KvLayer) -> (usize, usize) {
    let value_words = match layer.values {
        Values::Own(dim) => head_words(kind, dim),
        Values::InKey(_) => 0,
    };
    (layer.kv_heads * head_words(kind, layer.head_dim), layer.kv_heads * value_words)
}

/// Pages of a group that fit a device: K of a layer is one binding, and so is V.
pub fn max_kv_pages(info: &DeviceInfo, spec: &KvSpec, group: KvGroup) -> usize {
    let limit = info.max_binding_bytes.min(info.max_buffer_bytes);
    let widest = |l: &KvLayer| {
        let (keys, values) = slot_words(kind_of(spec.dtype), l);
        (PAGE_TOKENS * keys.max(values) * 4).max(1) as u64
    };
    let layers = spec.layers.iter().filter(|l| l.group == group);
    let pages = layers.map(|l| limit / widest(l)).min();
    pages.map_or(usize::MAX, |pages| usize::try_from(pages).unwrap_or(usize::MAX))
}

/// The narrowest kernel for heads of this width, which `create_kv` has checked.
fn dims_for(dim: usize) -> usize {
    let found = ATTEND_DIMS.iter().copied().find(|dims| dims * 64 >= dim);
    found.expect("create_kv refuses wider heads")
}

fn room(device: &Device, label: &str, words: usize) -> Result<wgpu::Buffer, KernelError> {
    let bytes = words * 4;
    device
        .try_buffer(label, bytes as u64)
        .ok_or(KernelError::OutOfMemory { what: "K or V of a layer on the GPU", bytes })
}

impl GpuOps {
    pub(super) fn make_kv(
        &mut self,
        spec: &KvSpec,
        pages: usize,
        window_pages: usize,
    ) -> Result<(), KernelError> {
        let kind = kind_of(spec.dtype);
        self.kv.kind = Some(kind);
        let device = &self.recorder.device;
        for (layer, &shape) in spec.layers.iter().enumerate() {
            shape.check(layer, spec.dtype)?;
            let head_dim = shape.head_dim.max(shape.values.dim());
            if head_dim > MAX_HEAD_DIM {
                return Err(KernelError::HeadTooWide { layer, head_dim, limit: MAX_HEAD_DIM });
            }
            let pages = if shape.group == KvGroup::Window { window_pages } else { pages };
            let (key_words, value_words) = slot_words(kind, &shape);
            let keys = room(device, "keys", pages * PAGE_TOKENS * key_words)?;
            let values = room(device, "values", pages * PAGE_TOKENS * value_words)?;
            let (of_values, of_keys) = (dims_for(shape.values.dim()), dims_for(shape.head_dim));
            // A key may be twice as wide as the value's kernel, and no wider.
            let dims = of_values.max(of_keys / 2);
            let wide = of_keys > dims;
            self.kv.layers.push(LayerKv { shape, dims, wide, key_words, value_words, keys, values });
        }
        Ok(())
    }

    pub(super) fn start_step(&mut self, batch: &Batch) {
        self.recorder.start_step();
        self.step.batch.clone_from(batch);
        self.step.angles.clear();
        self.step.plans.clear();
        self.step.positions = self.recorder.step_list(batch.positions.iter().copied());
        self.step.full = self.pages_of(batch, KvGroup::Full);
        self.step.window = self.pages_of(batch, KvGroup::Window);
        self.states.begin_step(&mut self.recorder, batch);
        self.copy_pages(batch);
    }

    fn pages_of(&mut self, batch: &Batch, group: KvGroup) -> Pages {
        let tables = match group {
            KvGroup::Full => &batch.block_tables,
            KvGroup::Window => &batch.window_tables,
        };
        let first = self.recorder.step_list(tables.iter().map(|page| page.0));
        let slots = self.recorder.step_list(group.slots(batch).iter().copied());
        let table_of =
            |span: &SequenceSpan| std::iter::repeat_n(first + span.table_start as u32, span.query_len);
        let tables = self.recorder.step_list(batch.sequences.iter().flat_map(table_of));
        Pages { slots, tables }
    }

    fn copy_pages(&mut self, batch: &Batch) {
        for group in [KvGroup::Full, KvGroup::Window] {
            let copies = group.copies(batch);
            let Some(slots) = copies.iter().map(|copy| copy.tokens).max() else { continue };
            let entries = copies.iter().flat_map(|c| [c.src.slot(0), c.dst.slot(0), c.tokens as u32]);
            let list = self.recorder.list(entries);
            for layer in self.kv.layers.iter().filter(|layer| layer.shape.group == group) {
                let buffers = [("keys", &layer.keys), ("values", &layer.values)];
                let params = [list, layer.key_words as u32, layer.value_words as u32];
                let words = slots * layer.key_words.max(layer.value_words);
                self.recorder.dispatch(
                    Kernel::CopyPage,
                    &buffers,
                    &params,
                    [words.div_ceil(64), copies.len()],
                );
            }
        }
    }

    pub(super) fn kv_kind(&self) -> KvKind {
        self.kv.kind.expect("create_kv comes before attention")
    }

    pub(super) fn append(&mut self, layer: usize, k: BufId, v: BufId) {
        let rows = self.step.batch.num_tokens();
        let KvLayer { kv_heads, head_dim, values, group } = self.kv.layers[layer].shape;
        let (k_place, k_chunk) = self.source(k, rows);
        let (v_place, v_chunk, value_dim) = match values {
            Values::Own(dim) => {
                let (place, chunk) = self.source(v, rows);
                (place, chunk, dim)
            }
            Values::InKey(_) => (k_place, k_chunk.clone(), 0),
        };
        let kind = self.kv_kind();
        let layer = &self.kv.layers[layer];
        let params = [
            k_place.at as u32,
            v_place.at as u32,
            kv_heads as u32,
            head_dim as u32,
            value_dim as u32,
            self.step.pages(group).slots,
        ];
        let buffers = [("xs", &k_chunk), ("us", &v_chunk), ("keys", &layer.keys), ("values", &layer.values)];
        let grid = [(layer.key_words + layer.value_words).div_ceil(64), rows];
        self.recorder.dispatch(Kernel::Append(kind), &buffers, &params, grid);
    }

    /// Norms, rotation, growth and append in one dispatch.
    pub(super) fn prepare(&mut self, p: &PrepareAttention, rows: usize) {
        assert_eq!(rows, self.step.batch.num_tokens(), "rows of the step");
        let angles = p.rope.map_or(0, |rope| self.angles(&rope, rows));
        let growth = p.growth.map_or(NONE, |growth| self.growths(growth, rows));
        let (q, q_chunk) = self.target(p.q, rows);
        let shape = p.keys.map(|keys| self.kv.layers[keys.layer].shape);
        let (k, k_chunk) = p.keys.map_or_else(|| (q, q_chunk.clone()), |keys| self.target(keys.k, rows));
        let own = shape.and_then(|shape| match shape.values {
            Values::Own(dim) => Some(dim),
            Values::InKey(_) => None,
        });
        let (v, v_chunk) = match (p.keys, own) {
            (Some(keys), Some(_)) => self.source(keys.v, rows),
            _ => (k, k_chunk.clone()),
        };
        let vectors = self.vectors.buffer(&mut self.recorder);
        let kind = self.kv_kind();
        let spare = self.spare();
        let (keys, values) = match p.keys {
            Some(keys) => {
                let layer = &self.kv.layers[keys.layer];
                (layer.keys.clone(), layer.values.clone())
            }
            None => (spare[0].clone(), spare[1].clone()),
        };
        let kv_heads = p.keys.map_or(0, |keys| keys.kv_heads);
        let first = [q.at, k.at, v.at, p.heads, kv_heads, p.head_dim, p.rope.map_or(0, |rope| rope.dims / 2)];
        let second = [
            angles,
            u32::from(p.rope.is_some_and(|rope| rope.kind == RopeKind::Neox)),
            growth,
            shape.map_or(0, |shape| self.step.pages(shape.group).slots),
            u32::from(p.norm_place == NormPlace::AfterRope),
        ];
        let norms = [p.q_norm, p.keys.and_then(|keys| keys.k_norm), p.keys.and_then(|keys| keys.v_norm)];
        let value_dim = own.unwrap_or(0);
        let params: Vec<u32> = first
            .into_iter()
            .map(|word| word as u32)
            .chain(second)
            .chain(norms.into_iter().flat_map(|norm| self.head_norm_words(norm)))
            .chain([value_dim as u32])
            .collect();
        let buffers = [
            ("xs", &q_chunk),
            ("us", &k_chunk),
            ("ys", &v_chunk),
            ("vectors", &vectors),
            ("keys", &keys),
            ("values", &values),
        ];
        let grid = [p.heads + kv_heads + if own.is_some() { kv_heads } else { 0 }, rows];
        let dims = dims_for(p.head_dim.max(value_dim));
        self.recorder.dispatch(Kernel::Heads { kv: kind, dims }, &buffers, &params, grid);
    }

    /// Two buffers of no content, for layers without keys of their own.
    fn spare(&mut self) -> [wgpu::Buffer; 2] {
        let device = &self.recorder.device;
        self.kv.spare.get_or_insert_with(|| [(); 2].map(|()| device.buffer("spare", 16))).clone()
    }

    /// Kind (0 none, 1 RMS, 2 layer), eps, weight, bias and stride of a head norm.
    fn head_norm_words(&self, norm: Option<HeadNorm>) -> [u32; 5] {
        let Some(h) = norm else { return [0, 0, NONE, NONE, 0] };
        let kind = if h.norm.kind == NormKind::Layer { 2 } else { 1 };
        let (weight, bias) = (self.vectors.at(h.norm.weight), self.vectors.at(h.norm.bias));
        [kind, h.norm.eps.to_bits(), weight, bias, self.vector_stride(&h) as u32]
    }
}
