//! Paged attention: a tile of query heads that share K and V, over the pages of one sequence.
//!
//! # One head of one page in memory
//! ```text
//! K  [head_dim][16 tokens]            lanes = tokens: a score is a chain of FMAs, no sum across lanes
//! V  [16 tokens][head_dim padded]     lanes = dims:   an output is a chain of FMAs over tokens
//! ```
//! A loaded K or V vector serves all queries of the tile. Bits: those of `gollum_kernels::reference::attention`,
//! in that order.

#![allow(unsafe_code)]

mod kv;
mod tile;

use gollum_core::{PAGE_TOKENS, PageId};

use crate::simd::{Kernel, LANES, Simd};

pub(crate) use kv::{KvF16, KvF32, KvFormat, KvQ8};
use kv::{Slot, padded};
pub(crate) use tile::MAX_TILE;

const _: () = assert!(PAGE_TOKENS == LANES);

/// Widest head; bounds the tile's accumulators on the stack.
pub(crate) const MAX_HEAD_DIM: usize = 512;

/// Appends all heads of one token.
pub(crate) struct Append<T: KvFormat> {
    /// The token's keys and values, `[kv_heads * head_dim]`.
    pub source: (*const f32, *const f32),
    /// The page of the first head.
    pub page: *mut u8,
    /// Bytes from one head's page to the next head's.
    pub head_stride: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub t: usize,
    pub format: std::marker::PhantomData<T>,
}

impl<T: KvFormat> Kernel for Append<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let k_bytes = T::head_bytes(self.head_dim).0;
        for head in 0..self.kv_heads {
            // SAFETY: the page has `kv_heads` heads.
            unsafe {
                let page = self.page.add(head * self.head_stride);
                let at = head * self.head_dim;
                T::append::<S>(&Slot {
                    source: (self.source.0.add(at), self.source.1.add(at)),
                    target: (page, page.add(k_bytes)),
                    head_dim: self.head_dim,
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
    /// `[head_dim]`.
    pub out: *mut f32,
    pub position: usize,
    /// First position it sees.
    pub start: usize,
}

impl QueryHead {
    /// First and last visible slot of a page, or `None` if the query sees none of it.
    #[inline(always)]
    fn visible(&self, page: usize) -> Option<(usize, usize)> {
        let base = page * PAGE_TOKENS;
        if self.position < base || self.start >= base + PAGE_TOKENS {
            return None;
        }
        Some((self.start.saturating_sub(base), (self.position - base).min(PAGE_TOKENS - 1)))
    }

    /// True if the query sees slot `t` of a page.
    #[inline(always)]
    fn sees(&self, page: usize, t: usize) -> bool {
        let position = page * PAGE_TOKENS + t;
        self.start <= position && position <= self.position
    }
}

/// One KV head of one sequence: where its pages are.
#[derive(Clone, Copy)]
pub(crate) struct Pages<'a> {
    pub table: &'a [PageId],
    /// This KV head's pages in the layer.
    pub kv: *const u8,
    /// Bytes of one head of one page.
    pub page_bytes: usize,
    pub head_dim: usize,
}

impl Pages<'_> {
    /// K of a page; V lies behind it.
    #[inline(always)]
    fn at(&self, page: usize) -> *const u8 {
        self.kv.wrapping_add(self.table[page].0 as usize * self.page_bytes)
    }

    /// Asks for a page: pages lie anywhere, so the hardware cannot know where to read on. Into the second cache,
    /// because the pages in use and those asked for fill the nearest: there it took a third of the speed.
    #[inline(always)]
    unsafe fn prefetch<S: Simd, T: KvFormat>(&self, page: usize) {
        let (k_bytes, v_bytes) = T::head_bytes(self.head_dim);
        let mut line = 0;
        while line < k_bytes + v_bytes {
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
            last = last.max(query.position);
        }
        (first / PAGE_TOKENS, last / PAGE_TOKENS)
    }

    /// Asks for the page that is read `ahead` pages after `page`, here or in the next tile.
    #[inline(always)]
    unsafe fn prefetch_after<S: Simd>(&self, page: usize, ahead: usize, last: usize) {
        // SAFETY: a prefetch cannot fault; the indices are checked.
        unsafe {
            if page + ahead <= last {
                self.pages.prefetch::<S, T>(page + ahead);
            } else if let Some((next, first)) = &self.next {
                let at = first + (page + ahead - last - 1);
                if at < next.table.len() {
                    next.prefetch::<S, T>(at);
                }
            }
        }
    }
}
