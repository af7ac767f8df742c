//! Paged attention: a tile of query heads that share K and V, over the pages of one sequence.
//!
//! # One head of one page in memory
//! ```text
//! K  [head_dim][16 tokens]            lanes = tokens: a score is a chain of FMAs, no sum across lanes
//! V  [16 tokens][value_dim padded]    lanes = dims:   an output is a chain of FMAs over tokens
//! ```
//! Where values are in the keys there is no V: 16 dims of K are turned at a time.
//! A loaded K or V vector serves all queries of the tile. Where the pages of a layer lie: [`PageLayout`]. Bits:
//! those of `gollum_kernels::reference::attention`, in that order.

#![allow(unsafe_code)]

mod kv;
mod tile;

use gollum_core::{PAGE_TOKENS, PageId};
use gollum_kernels::Values;

use crate::simd::{Kernel, LANES, Simd};

pub(crate) use kv::{KvF16, KvF32, KvFormat, KvQ8};
use kv::{Slot, padded};
pub(crate) use tile::MAX_TILE;

const _: () = assert!(PAGE_TOKENS == LANES);

/// Widest value; bounds the tile's accumulators on the stack.
pub(crate) const MAX_VALUE_DIM: usize = 512;

/// Pages of one head that lie side by side. With 4 KiB a page and eight heads, the first token of a sequence then
/// touches one huge page of a layer and not eight: of a model of 1B, 32 MiB and not 256.
const RUN_PAGES: usize = 64;

/// Where the pages of a layer lie, `[pages / RUN_PAGES][kv_heads][RUN_PAGES]` of one head of one page. The pages of a
/// sequence mostly have neighbouring numbers, and a head that goes through them reads on without a gap.
#[derive(Clone, Copy)]
pub(crate) struct PageLayout {
    /// Bytes of one head of one page.
    pub page_bytes: usize,
    /// Bytes from one head of a page to the next.
    pub head_stride: usize,
    /// Bytes from one run of pages, all heads, to the next.
    run_stride: usize,
}

impl PageLayout {
    pub fn new(kv_heads: usize, pages: usize, page_bytes: usize) -> Self {
        let head_stride = pages.min(RUN_PAGES) * page_bytes;
        Self { page_bytes, head_stride, run_stride: kv_heads * head_stride }
    }

    /// Bytes of `pages` pages, all heads.
    pub fn bytes(&self, pages: usize) -> usize {
        pages.div_ceil(RUN_PAGES) * self.run_stride
    }

    /// Where a page of head 0 begins.
    #[inline(always)]
    pub fn at(&self, page: PageId) -> usize {
        let page = page.0 as usize;
        page / RUN_PAGES * self.run_stride + page % RUN_PAGES * self.page_bytes
    }
}

/// Appends all heads of one token.
pub(crate) struct Append<T: KvFormat> {
    /// The token's keys, `[kv_heads * head_dim]`, and values, `[kv_heads * value_dim]`.
    pub source: (*const f32, *const f32),
    /// The page of the first head.
    pub page: *mut u8,
    /// Bytes from one head's page to the next head's.
    pub head_stride: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    /// 0 where values are in the keys.
    pub value_dim: usize,
    pub t: usize,
    pub format: std::marker::PhantomData<T>,
}

impl<T: KvFormat> Kernel for Append<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let k_bytes = T::k_bytes(self.head_dim);
        for head in 0..self.kv_heads {
            // SAFETY: the page has `kv_heads` heads.
            unsafe {
                let page = self.page.add(head * self.head_stride);
                let (k, v) = self.source;
                T::append::<S>(&Slot {
                    source: (k.add(head * self.head_dim), v.wrapping_add(head * self.value_dim)),
                    target: (page, page.wrapping_add(k_bytes)),
                    head_dim: self.head_dim,
                    value_dim: self.value_dim,
                    t: self.t,
                });
            }
        }
    }
}

/// One query head of one row.
#[derive(Clone, Copy)]
pub(crate) struct QueryHead {
    /// `[head_dim]`.
    pub q: *const f32,
    /// `[value_dim]`.
    pub out: *mut f32,
    pub position: usize,
    /// First position it sees.
    pub start: usize,
    /// Last position it sees.
    pub last: usize,
    /// Its slope of ALiBi.
    pub slope: Option<f32>,
    /// One more score, whose value is zero.
    pub sink: Option<f32>,
}

impl QueryHead {
    /// First and last visible slot of a page, or `None` if the query sees none of it.
    #[inline(always)]
    fn visible(&self, page: usize) -> Option<(usize, usize)> {
        let base = page * PAGE_TOKENS;
        if self.last < base || self.start >= base + PAGE_TOKENS {
            return None;
        }
        Some((self.start.saturating_sub(base), (self.last - base).min(PAGE_TOKENS - 1)))
    }

    /// True if the query sees slot `t` of a page.
    #[inline(always)]
    fn sees(&self, page: usize, t: usize) -> bool {
        let position = page * PAGE_TOKENS + t;
        self.start <= position && position <= self.last
    }
}

/// One KV head of one sequence: where its pages are.
#[derive(Clone, Copy)]
pub(crate) struct Pages<'a> {
    pub table: &'a [PageId],
    /// This KV head of the layer's first page.
    pub kv: *const u8,
    pub layout: PageLayout,
    pub head_dim: usize,
    pub values: Values,
}

impl Pages<'_> {
    /// K of a page; V lies behind it.
    #[inline(always)]
    fn at(&self, page: usize) -> *const u8 {
        self.kv.wrapping_add(self.layout.at(self.table[page]))
    }

    /// Asks for a page: pages lie anywhere, so the hardware cannot know where to read on. Into the second cache,
    /// because the pages in use and those asked for fill the nearest: there it took a third of the speed.
    #[inline(always)]
    unsafe fn prefetch<S: Simd>(&self, page: usize) {
        let mut line = 0;
        while line < self.layout.page_bytes {
            // SAFETY: a prefetch cannot fault.
            unsafe { S::prefetch(self.at(page).wrapping_add(line)) };
            line += 64;
        }
    }
}

/// A tile of query heads over the pages of one sequence and KV head.
pub(crate) struct AttendTile<'a, T: KvFormat> {
    /// `1..=MAX_TILE` queries, positions ascending.
    pub queries: &'a [QueryHead],
    pub pages: Pages<'a>,
    /// What this thread probably attends to next, and the first page it will read.
    pub next: Option<(Pages<'a>, usize)>,
    pub scale: f32,
    pub soft_cap: Option<f32>,
    pub format: std::marker::PhantomData<T>,
}

impl<T: KvFormat> Kernel for AttendTile<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's queries, table and pages are those of one sequence.
        unsafe {
            match self.queries.len() {
                8 => self.tile::<S, 8>(),
                7 => self.tile::<S, 7>(),
                6 => self.tile::<S, 6>(),
                5 => self.tile::<S, 5>(),
                4 => self.tile::<S, 4>(),
                3 => self.tile::<S, 3>(),
                2 => self.tile::<S, 2>(),
                _ => self.tile::<S, 1>(),
            }
        }
    }
}

impl<T: KvFormat> AttendTile<'_, T> {
    /// First and last page that any query sees.
    #[inline(always)]
    fn page_range(&self) -> (usize, usize) {
        let (mut first, mut last) = (usize::MAX, 0);
        for query in self.queries {
            first = first.min(query.start);
            last = last.max(query.last);
        }
        (first / PAGE_TOKENS, last / PAGE_TOKENS)
    }

    /// Asks for the page that is read `ahead` pages after `page`, here or in the next tile.
    #[inline(always)]
    unsafe fn prefetch_after<S: Simd>(&self, page: usize, ahead: usize, last: usize) {
        // SAFETY: a prefetch cannot fault; the indices are checked.
        unsafe {
            if page + ahead <= last {
                self.pages.prefetch::<S>(page + ahead);
            } else if let Some((next, first)) = &self.next {
                let at = first + (page + ahead - last - 1);
                if at < next.table.len() {
                    next.prefetch::<S>(at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_all_heads_lie_apart_and_within() {
        let page_bytes = 3;
        for (kv_heads, pages) in [(1, 1), (3, 5), (2, RUN_PAGES), (3, RUN_PAGES + 1), (2, 5 * RUN_PAGES - 1)]
        {
            let layout = PageLayout::new(kv_heads, pages, page_bytes);
            let mut seen = vec![false; layout.bytes(pages)];
            for page in 0..pages {
                for head in 0..kv_heads {
                    let at = layout.at(PageId(page as u32)) + head * layout.head_stride;
                    for seen in &mut seen[at..at + page_bytes] {
                        assert!(!std::mem::replace(seen, true), "page {page}, head {head} of {kv_heads}");
                    }
                }
            }
            let spare = seen.iter().filter(|&&seen| !seen).count();
            assert!(spare < RUN_PAGES * kv_heads * page_bytes, "{spare} bytes nobody uses");
            assert!(pages > RUN_PAGES || spare == 0, "a small cache ends with its last page");
        }
    }
}
