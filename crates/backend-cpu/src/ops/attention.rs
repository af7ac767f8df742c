//! The KV cache's bytes, and attention as tasks.

use std::marker::PhantomData;

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId};
use gollum_kernels::reference::rows::growth_factor;
use gollum_kernels::{
    Attend, BufId, HeadNorm, KernelError, KvGroup, KvLayer, NormPlace, Output, PrepareAttention, Values,
    VectorId,
};

use super::{CpuOps, Ptr};
use crate::kernels::attention::{
    Append, AttendTile, KvF16, KvF32, KvFormat, KvQ8, MAX_TILE, MAX_VALUE_DIM, PageLayout, Pages, QueryHead,
};
use crate::kernels::rows::ScaleRow;
use crate::memory::{Arena, HugeBuffer};

/// Calls `$body` with `$T` bound to the storage type's kernels.
macro_rules! with_kv {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            KvDtype::F32 => {
                type $T = KvF32;
                $body
            }
            KvDtype::F16 => {
                type $T = KvF16;
                $body
            }
            KvDtype::Q8_0 => {
                type $T = KvQ8;
                $body
            }
        }
    };
}

/// K and V of one layer, as `kernels::attention` draws them.
pub(super) struct LayerKv {
    shape: KvLayer,
    layout: PageLayout,
    pages: HugeBuffer,
}

impl LayerKv {
    pub fn allocate(
        arena: &mut Arena,
        dtype: KvDtype,
        (layer, l): (usize, KvLayer),
        [pages, window_pages]: [usize; 2],
    ) -> Result<Self, KernelError> {
        let pages = if l.group == KvGroup::Window { window_pages } else { pages };
        l.check(layer, dtype)?;
        check_value_dim(layer, l)?;
        let page_bytes = with_kv!(dtype, T => match l.values {
            Values::Own(dim) => T::k_bytes(l.head_dim) + T::v_bytes(dim),
            Values::InKey(_) => T::k_bytes(l.head_dim),
        });
        let layout = PageLayout::new(l.kv_heads, pages, page_bytes);
        let bytes = layout.bytes(pages);
        let pages = arena.zeroed(bytes).ok_or(KernelError::OutOfMemory { what: "the KV cache", bytes })?;
        Ok(Self { shape: l, layout, pages })
    }

    /// Makes the copies of a step.
    pub fn copy_pages(&mut self, batch: &Batch) {
        for copy in self.shape.group.copies(batch) {
            self.copy_page(copy.src, copy.dst);
        }
    }

    /// Copies a whole page; slots past the copied tokens are written before they are read.
    fn copy_page(&mut self, src: PageId, dst: PageId) {
        let PageLayout { page_bytes, head_stride, .. } = self.layout;
        for head in 0..self.shape.kv_heads {
            let from = self.layout.at(src) + head * head_stride;
            self.pages.copy_within(from..from + page_bytes, self.layout.at(dst) + head * head_stride);
        }
    }

    fn bytes(&self) -> Ptr<u8> {
        Ptr(self.pages.as_raw())
    }
}

impl CpuOps {
    pub(super) fn append(&mut self, layer: usize, k: BufId, v: BufId) {
        let rows = self.batch.num_tokens();
        let KvLayer { kv_heads, head_dim, .. } = self.kv[layer].shape;
        let width = kv_heads * head_dim;
        let append = self.appender(layer, k, v);
        self.for_rows(rows, width, &|row| append.row(row));
    }

    /// Captures what appending a row takes.
    fn appender(&self, layer: usize, k: BufId, v: BufId) -> Appender<'_> {
        let rows = self.batch.num_tokens();
        let kv = &self.kv[layer];
        let KvLayer { kv_heads, head_dim, values, group } = kv.shape;
        let (value_dim, v) = match values {
            Values::Own(dim) => (dim, self.ptr(v, rows, kv_heads * dim)),
            Values::InKey(_) => (0, Ptr(std::ptr::null_mut())),
        };
        Appender {
            k: self.ptr(k, rows, kv_heads * head_dim),
            v,
            pages: kv.bytes(),
            layout: kv.layout,
            kv_heads,
            head_dim,
            value_dim,
            slots: group.slots(&self.batch),
            dtype: self.kv_dtype,
            isa: self.isa,
        }
    }

    /// Head norms, rotation and append of each row, in one task.
    pub(super) fn prepare_rows(&mut self, p: &PrepareAttention, rows: usize) {
        let angles = p.rope.map(|rope| (self.angles(&rope), rope.kind));
        let vectors = |norm: Option<HeadNorm>| norm.map(|h| self.norm_vectors(h.norm, h.heads, h.head_dim));
        let part = |x: BufId, heads: usize, norm: Option<HeadNorm>| {
            (self.ptr(x, rows, heads * p.head_dim), heads, vectors(norm))
        };
        let q = part(p.q, p.heads, p.q_norm);
        let k = p.keys.as_ref().map(|keys| part(keys.k, keys.kv_heads, keys.k_norm));
        let append = p.keys.as_ref().map(|keys| self.appender(keys.layer, keys.k, keys.v));
        let normed_v = p.keys.as_ref().and_then(|keys| {
            let width = self.width(keys.v);
            Some((self.ptr(keys.v, rows, width), width, vectors(keys.v_norm)?))
        });
        let isa = self.isa;
        let positions = &self.batch.positions;
        let q_width = p.heads * p.head_dim;
        let run = |row: usize| {
            for (x, heads, norm) in [Some(q), k].into_iter().flatten() {
                let x = x.at(row * heads * p.head_dim);
                let norm_if = |place: NormPlace| {
                    if let (true, Some(vectors)) = (p.norm_place == place, norm) {
                        isa.run(vectors.row(x, x, Output::Store));
                    }
                };
                norm_if(NormPlace::BeforeRope);
                if let Some((angles, kind)) = angles {
                    isa.run(angles.row(row, x, (heads, p.head_dim), kind));
                }
                norm_if(NormPlace::AfterRope);
            }
            if let Some(growth) = p.growth {
                let factor = growth_factor(growth, positions[row]);
                let x = q.0.at(row * q_width);
                isa.run(ScaleRow { x, factor, out: x, n: q_width });
            }
            if let Some((v, width, norm)) = normed_v {
                let v = v.at(row * width);
                isa.run(norm.row(v, v, Output::Store));
            }
            if let Some(append) = &append {
                append.row(row);
            }
        };
        self.for_rows(rows, 2 * q_width, &run);
    }

    pub(super) fn run_attention(&mut self, a: &Attend, q: BufId, out: BufId) {
        let rows = self.batch.num_tokens();
        let kv = &self.kv[a.layer];
        self.run_tiles(&Tiles {
            heads: a.heads,
            shape: kv.shape,
            q: self.ptr(q, rows, a.heads * kv.shape.head_dim),
            out: self.ptr(out, rows, a.heads * kv.shape.values.dim()),
            pages: kv.bytes(),
            layout: kv.layout,
            dtype: self.kv_dtype,
            table: &|span| kv.shape.group.table(&self.batch, &self.batch.sequences[span]),
            sight: &|_, row| {
                let position = self.batch.positions[row] as usize;
                Sight { position, start: a.window.start(position), last: position }
            },
            scale: a.scale,
            soft_cap: a.soft_cap,
            slopes: self.head_values(a.slopes, a.heads),
            sinks: self.head_values(a.sinks, a.heads),
        });
    }

    /// All query heads of the step over the pages of their sequences.
    pub(super) fn run_tiles(&self, t: &Tiles<'_>) {
        let KvLayer { kv_heads, head_dim, values, .. } = t.shape;
        let group = t.heads / kv_heads;
        assert_eq!(t.heads, group * kv_heads, "query heads are a multiple of KV heads");
        let tile = self.tile_size(group, kv_heads);
        let tasks = self.attention_tasks(group, kv_heads, tile);
        let layout = t.layout;
        let pages_of = |task: &Task| Pages {
            table: (t.table)(task.span),
            kv: t.pages.at(task.kv_head * layout.head_stride),
            layout,
            head_dim,
            values,
        };
        let row_of = |task: &Task, i: usize| self.batch.sequences[task.span].query_start + i / group;
        let first_page = |task: &Task| (t.sight)(task.span, row_of(task, task.first)).start / PAGE_TOKENS;
        let run = |index: usize| {
            let task = &tasks[index];
            let query_head = |i: usize| {
                let (row, head) = (row_of(task, i), task.kv_head * group + i % group);
                let Sight { position, start, last } = (t.sight)(task.span, row);
                let query_head = row * t.heads + head;
                QueryHead {
                    q: t.q.at(query_head * head_dim),
                    out: t.out.at(query_head * values.dim()),
                    position,
                    start,
                    last,
                    slope: t.slopes.map(|slopes| slopes[head]),
                    sink: t.sinks.map(|sinks| sinks[head]),
                }
            };
            let mut queries = [query_head(task.first); MAX_TILE];
            for (i, query) in queries[..task.count].iter_mut().enumerate() {
                *query = query_head(task.first + i);
            }
            with_kv!(t.dtype, T => self.isa.run(AttendTile::<T> {
                queries: &queries[..task.count],
                pages: pages_of(task),
                next: tasks.get(index + 1).map(|next| (pages_of(next), first_page(next))),
                scale: t.scale,
                soft_cap: t.soft_cap,
                format: PhantomData,
            }));
        };
        self.pool.for_each(tasks.len(), &run);
    }

    /// One value for each query head.
    pub(super) fn head_values(&self, vector: Option<VectorId>, heads: usize) -> Option<&[f32]> {
        let values = vector.map(|v| &*self.vectors[v.0]);
        values.iter().for_each(|values| assert_eq!(values.len(), heads, "slopes or sinks"));
        values
    }

    /// Queries per tile: as many as share a load, unless threads would be left without a task.
    fn tile_size(&self, group: usize, kv_heads: usize) -> usize {
        let count = |tile: usize| -> usize {
            self.batch.sequences.iter().map(|s| (s.query_len * group).div_ceil(tile) * kv_heads).sum()
        };
        let mut tile = MAX_TILE;
        while tile > 1 && count(tile) < 2 * self.pool.threads() {
            tile /= 2;
        }
        tile
    }

    fn attention_tasks(&self, group: usize, kv_heads: usize, tile: usize) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (span, s) in self.batch.sequences.iter().enumerate() {
            let queries = s.query_len * group;
            for first in (0..queries).step_by(tile) {
                let count = tile.min(queries - first);
                tasks.extend((0..kv_heads).map(|kv_head| Task { span, kv_head, first, count }));
            }
        }
        // Each thread begins with its own rows, as everywhere. Of them the last see the most keys: longest first leaves
        // short ones to even out the end.
        for share in self.pool.shares(tasks.len()) {
            tasks[share].reverse();
        }
        tasks
    }
}

/// Refuses values that the tile has no room for.
pub(super) fn check_value_dim(layer: usize, l: KvLayer) -> Result<(), KernelError> {
    let head_dim = l.values.dim();
    if head_dim > MAX_VALUE_DIM {
        return Err(KernelError::HeadTooWide { layer, head_dim, limit: MAX_VALUE_DIM });
    }
    Ok(())
}

/// What a row sees of its sequence.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    pub position: usize,
    /// The first position it sees.
    pub start: usize,
    /// The last.
    pub last: usize,
}

/// What attention over the KV cache and over whole inputs are both made of.
pub(super) struct Tiles<'a> {
    pub heads: usize,
    pub shape: KvLayer,
    /// `[rows, heads * head_dim]`.
    pub q: Ptr<f32>,
    /// `[rows, heads * value_dim]`.
    pub out: Ptr<f32>,
    /// Where pages lie.
    pub pages: Ptr<u8>,
    pub layout: PageLayout,
    /// What they hold.
    pub dtype: KvDtype,
    /// The pages of one of the batch's sequences.
    pub table: &'a (dyn Fn(usize) -> &'a [PageId] + Sync),
    /// What a row of the batch sees, by its sequence and its number.
    pub sight: &'a (dyn Fn(usize, usize) -> Sight + Sync),
    pub scale: f32,
    pub soft_cap: Option<f32>,
    /// `[heads]`.
    pub slopes: Option<&'a [f32]>,
    /// `[heads]`.
    pub sinks: Option<&'a [f32]>,
}

/// Some query heads of one sequence and KV head. Queries are numbered row by row, the group's heads side
/// by side.
#[derive(Clone, Copy)]
struct Task {
    span: usize,
    kv_head: usize,
    first: usize,
    count: usize,
}

/// Writes rows of K and V to their slots.
pub(super) struct Appender<'a> {
    pub k: Ptr<f32>,
    pub v: Ptr<f32>,
    pub pages: Ptr<u8>,
    pub layout: PageLayout,
    pub kv_heads: usize,
    pub head_dim: usize,
    /// 0 where values are in the keys.
    pub value_dim: usize,
    pub slots: &'a [u32],
    pub dtype: KvDtype,
    pub isa: crate::simd::Isa,
}

impl Appender<'_> {
    /// Appends one row. Rows of a step have different slots, so tasks write different bytes.
    pub fn row(&self, row: usize) {
        let (k, v) = (row * self.kv_heads * self.head_dim, row * self.kv_heads * self.value_dim);
        let slot = self.slots[row];
        let (page, t) = (PageId(slot / PAGE_TOKENS as u32), slot as usize % PAGE_TOKENS);
        with_kv!(self.dtype, T => self.isa.run(Append::<T> {
            source: (self.k.at(k), self.v.at(v)),
            page: self.pages.at(self.layout.at(page)),
            head_stride: self.layout.head_stride,
            kv_heads: self.kv_heads,
            head_dim: self.head_dim,
            value_dim: self.value_dim,
            t,
            format: PhantomData,
        }));
    }
}
