//! Attention over whole inputs: K and V of the step in pages that live as long as one layer, f32, input by input.
//!
//! ```text
//! inputs   |---- 20 rows ----|- 3 rows -|------ 33 rows ------|
//! pages     0        1        2          3        4        5       each input begins a page
//! ```
//! So the tiles are those of the KV cache, and an input's sums are cut in the same places wherever it lies in the step.

use gollum_core::{KvDtype, PAGE_TOKENS, PageId};
use gollum_kernels::{AttendWhole, BufId, KernelError, KvLayer};

use super::attention::{Appender, Sight, Tiles, check_value_dim};
use super::{CpuOps, Ptr};
use crate::kernels::attention::{KvF32, KvFormat, PageLayout};
use crate::memory::HugeBuffer;

/// Room for the pages of one layer.
pub(super) struct WholeRoom {
    memory: HugeBuffer,
    bytes: usize,
}

fn layout(kv: KvLayer, pages: usize) -> PageLayout {
    PageLayout::new(kv.kv_heads, pages, KvF32::k_bytes(kv.head_dim) + KvF32::v_bytes(kv.head_dim))
}

impl CpuOps {
    pub(super) fn make_whole_room(
        &mut self,
        layers: &[KvLayer],
        rows: usize,
        inputs: usize,
    ) -> Result<(), KernelError> {
        layers.iter().enumerate().try_for_each(|(layer, &l)| check_value_dim(layer, l))?;
        // The last page of each input may be any part full.
        let pages = rows / PAGE_TOKENS + inputs;
        let bytes = layers.iter().map(|&l| layout(l, pages).bytes(pages)).max().unwrap_or(0);
        let what = "K and V of whole inputs";
        let memory = self.arena.zeroed(bytes).ok_or(KernelError::OutOfMemory { what, bytes })?;
        self.whole = Some(WholeRoom { memory, bytes });
        Ok(())
    }

    pub(super) fn run_whole(&mut self, a: &AttendWhole, [q, k, v]: [BufId; 3], out: BufId) {
        let rows = self.batch.num_tokens();
        let (width, kv_width) = (a.heads * a.head_dim, a.kv_heads * a.head_dim);
        let spans = &self.batch.sequences;
        // The first page of each input, and the end of the last.
        let mut first_pages = Vec::with_capacity(spans.len() + 1);
        let mut slots = vec![0u32; rows];
        let mut pages = 0;
        for span in spans {
            first_pages.push(pages);
            for (i, slot) in slots[span.query_start..span.query_start + span.query_len].iter_mut().enumerate()
            {
                *slot = (pages * PAGE_TOKENS + i) as u32;
            }
            pages += span.query_len.div_ceil(PAGE_TOKENS);
        }
        first_pages.push(pages);
        let table: Vec<PageId> = (0..pages as u32).map(PageId).collect();
        let room = self.whole.as_ref().expect("`create_whole` was called");
        let shape = KvLayer::even(a.kv_heads, a.head_dim);
        let layout = layout(shape, pages);
        assert!(layout.bytes(pages) <= room.bytes, "{pages} pages in {} bytes", room.bytes);
        let memory = Ptr(room.memory.as_raw());
        let append = Appender {
            k: self.ptr(k, rows, kv_width),
            v: self.ptr(v, rows, kv_width),
            pages: memory,
            layout,
            kv_heads: a.kv_heads,
            head_dim: a.head_dim,
            value_dim: a.head_dim,
            slots: &slots,
            dtype: KvDtype::F32,
            isa: self.isa,
        };
        self.for_rows(rows, kv_width, &|row| append.row(row));
        self.run_tiles(&Tiles {
            heads: a.heads,
            shape,
            q: self.ptr(q, rows, width),
            out: self.ptr(out, rows, width),
            pages: memory,
            layout,
            dtype: KvDtype::F32,
            table: &|span| &table[first_pages[span]..first_pages[span + 1]],
            sight: &|span, row| {
                let span = &spans[span];
                let position = row - span.query_start;
                let (start, last) = a.reach.range(position, span.query_len);
                Sight { position, start, last }
            },
            scale: a.scale,
            soft_cap: a.soft_cap,
            slopes: self.head_values(a.slopes, a.heads),
            sinks: None,
        });
    }
}
