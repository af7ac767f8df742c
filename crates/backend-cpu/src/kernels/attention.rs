//! Paged attention: a tile of query heads that share K and V, over the pages of one sequence.
//!
//! # One head of one page in memory
//! ```text
//! K  [head_dim][16 tokens]            lanes = tokens: a score is a chain of FMAs, no sum across lanes
//! V  [16 tokens][head_dim padded]     lanes = dims:   an output is a chain of FMAs over tokens
//! ```
//! stored as f32, f16, or int8 with an f16 scale per 32 dims of a token. A loaded K or V vector serves all
//! queries of the tile. Bits: those of `gollum_kernels::reference::attention`, in that order.

#![allow(unsafe_code)]

use gollum_core::{PAGE_TOKENS, PageId};
use gollum_quant::K_BLOCK;

use super::rows::{exp, quantise_block, tanh};
use crate::simd::{Kernel, LANES, Simd};

const _: () = assert!(PAGE_TOKENS == LANES);

/// Queries of one tile.
pub(crate) const MAX_TILE: usize = 8;
/// Widest head; bounds the tile's accumulators on the stack.
pub(crate) const MAX_HEAD_DIM: usize = 512;

/// `head_dim` rounded up to whole vectors.
pub(crate) fn padded(head_dim: usize) -> usize {
    head_dim.next_multiple_of(LANES)
}

/// A storage type of K and V.
pub(crate) trait KvFormat: Copy + Send + Sync + 'static {
    /// Bytes of K, then of V, of one head of one page.
    fn head_bytes(head_dim: usize) -> (usize, usize);
    /// Dimension `d` of the page's 16 keys.
    unsafe fn load_k<S: Simd>(k: *const u8, head_dim: usize, d: usize) -> S::F;
    /// Dimensions `d..d + 16` of value `t`.
    unsafe fn load_v<S: Simd>(v: *const u8, head_dim: usize, t: usize, d: usize) -> S::F;
    /// Writes one token's key and value, `[head_dim]` each, to slot `t`.
    unsafe fn append<S: Simd>(slot: &Slot);
}

/// Where one head of one token goes.
pub(crate) struct Slot {
    /// Source key and value, `[head_dim]`.
    pub source: (*const f32, *const f32),
    /// The page's K and V of this head.
    pub target: (*mut u8, *mut u8),
    pub head_dim: usize,
    /// Slot in the page.
    pub t: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct KvF32;
#[derive(Clone, Copy)]
pub(crate) struct KvF16;
#[derive(Clone, Copy)]
pub(crate) struct KvQ8;

impl KvFormat for KvF32 {
    fn head_bytes(head_dim: usize) -> (usize, usize) {
        (head_dim * LANES * 4, padded(head_dim) * LANES * 4)
    }

    #[inline(always)]
    unsafe fn load_k<S: Simd>(k: *const u8, _head_dim: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has dimension `d`.
        unsafe { S::load(k.cast::<f32>().add(d * LANES)) }
    }

    #[inline(always)]
    unsafe fn load_v<S: Simd>(v: *const u8, head_dim: usize, t: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has token `t` and padded dimension `d`.
        unsafe { S::load(v.cast::<f32>().add(t * padded(head_dim) + d)) }
    }

    #[inline(always)]
    unsafe fn append<S: Simd>(s: &Slot) {
        // SAFETY: the caller's slot is inside the page.
        unsafe {
            let k = s.target.0.cast::<f32>();
            for d in 0..s.head_dim {
                *k.add(d * LANES + s.t) = *s.source.0.add(d);
            }
            let v = s.target.1.cast::<f32>().add(s.t * padded(s.head_dim));
            std::ptr::copy_nonoverlapping(s.source.1, v, s.head_dim);
        }
    }
}

/// Calls `f(d, vector)` for each 16 dimensions of `x`, zeros behind a ragged end.
#[inline(always)]
unsafe fn for_each_vector<S: Simd>(x: *const f32, head_dim: usize, mut f: impl FnMut(usize, S::F)) {
    // SAFETY: the caller's pointer is good for `head_dim` values.
    unsafe {
        for d in (0..head_dim).step_by(LANES) {
            if d + LANES <= head_dim {
                f(d, S::load(x.add(d)));
            } else {
                let mut lanes = [0.0f32; LANES];
                std::ptr::copy_nonoverlapping(x.add(d), lanes.as_mut_ptr(), head_dim - d);
                f(d, S::load(lanes.as_ptr()));
            }
        }
    }
}

impl KvFormat for KvF16 {
    fn head_bytes(head_dim: usize) -> (usize, usize) {
        (head_dim * LANES * 2, padded(head_dim) * LANES * 2)
    }

    #[inline(always)]
    unsafe fn load_k<S: Simd>(k: *const u8, _head_dim: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has dimension `d`.
        unsafe { S::load_f16(k.cast::<u16>().add(d * LANES)) }
    }

    #[inline(always)]
    unsafe fn load_v<S: Simd>(v: *const u8, head_dim: usize, t: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has token `t` and padded dimension `d`.
        unsafe { S::load_f16(v.cast::<u16>().add(t * padded(head_dim) + d)) }
    }

    #[inline(always)]
    unsafe fn append<S: Simd>(s: &Slot) {
        // SAFETY: the caller's slot is inside the page; V rows are padded to whole vectors.
        unsafe {
            let k = s.target.0.cast::<u16>();
            for_each_vector::<S>(s.source.0, s.head_dim, |d, x| {
                let mut halves = [0u16; LANES];
                S::store_f16(halves.as_mut_ptr(), x);
                for (i, &h) in halves[..LANES.min(s.head_dim - d)].iter().enumerate() {
                    *k.add((d + i) * LANES + s.t) = h;
                }
            });
            let v = s.target.1.cast::<u16>().add(s.t * padded(s.head_dim));
            for_each_vector::<S>(s.source.1, s.head_dim, |d, x| S::store_f16(v.add(d), x));
        }
    }
}

/// Offsets inside K and V of an int8 page head: codes first, then scales.
fn q8_scales(head_dim: usize) -> usize {
    head_dim * LANES
}

impl KvFormat for KvQ8 {
    fn head_bytes(head_dim: usize) -> (usize, usize) {
        let bytes = q8_scales(head_dim) + head_dim / K_BLOCK * LANES * 2;
        (bytes, bytes)
    }

    #[inline(always)]
    unsafe fn load_k<S: Simd>(k: *const u8, head_dim: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has dimension `d`.
        unsafe {
            let scales = k.add(q8_scales(head_dim)).cast::<u16>().add(d / K_BLOCK * LANES);
            S::mul(S::load_f16(scales), S::to_f32(S::load_i8(k.cast::<i8>().add(d * LANES))))
        }
    }

    #[inline(always)]
    unsafe fn load_v<S: Simd>(v: *const u8, head_dim: usize, t: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has token `t` and dimension `d`.
        unsafe {
            let scales = v.add(q8_scales(head_dim)).cast::<u16>();
            let scale = half::f16::from_bits(*scales.add(t * (head_dim / K_BLOCK) + d / K_BLOCK)).to_f32();
            S::mul(S::splat(scale), S::to_f32(S::load_i8(v.cast::<i8>().add(t * head_dim + d))))
        }
    }

    #[inline(always)]
    unsafe fn append<S: Simd>(s: &Slot) {
        // SAFETY: the caller's slot is inside the page, and heads are whole K-blocks.
        unsafe {
            let blocks = s.head_dim / K_BLOCK;
            let (k, v) = (s.target.0.cast::<i8>(), s.target.1.cast::<i8>().add(s.t * s.head_dim));
            let k_scales = s.target.0.add(q8_scales(s.head_dim)).cast::<u16>();
            let v_scales = s.target.1.add(q8_scales(s.head_dim)).cast::<u16>();
            for b in 0..blocks {
                let mut q = [0i8; K_BLOCK];
                let (scale, _) = quantise_block::<S>(s.source.0.add(b * K_BLOCK), q.as_mut_ptr());
                for (i, &q) in q.iter().enumerate() {
                    *k.add((b * K_BLOCK + i) * LANES + s.t) = q;
                }
                *k_scales.add(b * LANES + s.t) = half::f16::from_f32(scale).to_bits();
                let (scale, _) = quantise_block::<S>(s.source.1.add(b * K_BLOCK), v.add(b * K_BLOCK));
                *v_scales.add(s.t * blocks + b) = half::f16::from_f32(scale).to_bits();
            }
        }
    }
}

/// Appends all heads of one token.
pub(crate) struct Append<T: KvFormat> {
    /// The token's keys and values, `[kv_heads * head_dim]`.
    pub source: (*const f32, *const f32),
    /// The page, all heads.
    pub page: *mut u8,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub t: usize,
    pub format: std::marker::PhantomData<T>,
}

impl<T: KvFormat> Kernel for Append<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let (k_bytes, v_bytes) = T::head_bytes(self.head_dim);
        for head in 0..self.kv_heads {
            // SAFETY: the page has `kv_heads` heads.
            unsafe {
                let page = self.page.add(head * (k_bytes + v_bytes));
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
}

/// A tile of query heads over the pages of one sequence and KV head.
pub(crate) struct AttendTile<'a, T: KvFormat> {
    /// `1..=MAX_TILE` queries, positions ascending.
    pub queries: &'a [QueryHead],
    pub table: &'a [PageId],
    /// The layer's pages, at this KV head.
    pub kv: *const u8,
    pub page_bytes: usize,
    pub head_dim: usize,
    pub scale: f32,
    pub soft_cap: Option<f32>,
    pub format: std::marker::PhantomData<T>,
}

/// Pages whose scores are computed before their values are read: enough that one page's chain of additions
/// runs beside the next one's, and that the exponentials of several pages overlap.
const GROUP: usize = 4;

/// What a tile carries from page to page, and what it knows of the pages of one group. Vectors over queries
/// have a lane per query.
struct Running {
    /// Running maximum, after the group's last page so far.
    m: [f32; LANES],
    /// Running sum.
    l: [f32; LANES],
    /// Scores, then probabilities.
    p: [[[f32; PAGE_TOKENS]; MAX_TILE]; GROUP],
    /// Largest score of each page.
    page_max: [[f32; LANES]; GROUP],
    /// `exp(m_old - m_new)` of each page.
    correction: [[f32; LANES]; GROUP],
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
    #[inline(always)]
    unsafe fn tile<S: Simd, const N: usize>(&self) {
        let mut acc = [0.0f32; MAX_TILE * MAX_HEAD_DIM];
        let mut run = Running {
            m: [f32::NEG_INFINITY; LANES],
            l: [0.0; LANES],
            p: [[[0.0; PAGE_TOKENS]; MAX_TILE]; GROUP],
            page_max: [[f32::NEG_INFINITY; LANES]; GROUP],
            correction: [[0.0; LANES]; GROUP],
        };
        let first = self.queries.iter().map(|q| q.start).min().unwrap_or(0) / PAGE_TOKENS;
        let last = self.queries.iter().map(|q| q.position).max().unwrap_or(0) / PAGE_TOKENS;
        for page in first..=last.min(first + GROUP - 1) {
            // SAFETY: no memory is touched.
            unsafe { self.prefetch::<S>(page) };
        }
        for start in (first..=last).step_by(GROUP) {
            let pages = GROUP.min(last + 1 - start);
            // SAFETY: the table has an entry for every position the queries see.
            unsafe {
                for j in 0..pages {
                    if start + j + GROUP <= last {
                        self.prefetch::<S>(start + j + GROUP);
                    }
                    self.score_page::<S, N>(start + j, j, &mut run);
                }
                self.weigh_pages::<S, N>(start, pages, &mut run);
                self.add_values::<S, N>(start, pages, &run, &mut acc);
            }
        }
        for (i, query) in self.queries.iter().enumerate() {
            let inverse = 1.0 / run.l[i];
            let acc = &acc[i * padded(self.head_dim)..][..self.head_dim];
            for (d, &value) in acc.iter().enumerate() {
                // SAFETY: `out` is good for `head_dim` values.
                unsafe { *query.out.add(d) = value * inverse };
            }
        }
    }

    /// K of a page; V lies behind it.
    #[inline(always)]
    fn page(&self, page: usize) -> *const u8 {
        self.kv.wrapping_add(self.table[page].0 as usize * self.page_bytes)
    }

    /// Asks for a later page: pages lie anywhere, so the hardware cannot know where to read on.
    #[inline(always)]
    unsafe fn prefetch<S: Simd>(&self, page: usize) {
        let (k_bytes, v_bytes) = T::head_bytes(self.head_dim);
        for line in (0..k_bytes + v_bytes).step_by(64) {
            // SAFETY: a prefetch cannot fault.
            unsafe { S::prefetch(self.page(page).wrapping_add(line)) };
        }
    }

    /// Scores of page `page`, the group's `j`th, and their maximum.
    #[inline(always)]
    unsafe fn score_page<S: Simd, const N: usize>(&self, page: usize, j: usize, run: &mut Running) {
        // SAFETY: as for `tile`.
        unsafe {
            let k = self.page(page);
            let mut scores = [S::splat(0.0); N];
            for d in 0..self.head_dim {
                let keys = T::load_k::<S>(k, self.head_dim, d);
                for (score, query) in scores.iter_mut().zip(self.queries) {
                    *score = S::fma(S::splat(*query.q.add(d)), keys, *score);
                }
            }
            for (i, (score, query)) in scores.iter_mut().zip(self.queries).enumerate() {
                let Some((first, last)) = query.visible(page) else {
                    run.page_max[j][i] = f32::NEG_INFINITY;
                    continue;
                };
                *score = S::mul(*score, S::splat(self.scale));
                if let Some(cap) = self.soft_cap {
                    let cap = S::splat(cap);
                    *score = S::mul(cap, tanh::<S>(S::div(*score, cap)));
                }
                if (first, last) != (0, PAGE_TOKENS - 1) {
                    *score = mask::<S>(*score, first, last);
                }
                run.page_max[j][i] = S::tree_max(*score);
                S::store(run.p[j][i].as_mut_ptr(), *score);
            }
        }
    }

    /// Running maximum and sum, page by page; scores become probabilities.
    #[inline(always)]
    unsafe fn weigh_pages<S: Simd, const N: usize>(&self, start: usize, pages: usize, run: &mut Running) {
        // SAFETY: the arrays hold 16 lanes.
        unsafe {
            let mut m = S::load(run.m.as_ptr());
            for j in 0..pages {
                let m_new = S::max(m, S::load(run.page_max[j].as_ptr()));
                // A query that sees nothing of this page gets exp(0) or NaN, and uses neither.
                S::store(run.correction[j].as_mut_ptr(), exp::<S>(S::sub(m, m_new)));
                S::store(run.m.as_mut_ptr(), m_new);
                m = m_new;
                for (i, query) in self.queries.iter().enumerate().take(N) {
                    if query.visible(start + j).is_some() {
                        let scores = S::load(run.p[j][i].as_ptr());
                        let p = exp::<S>(S::sub(scores, S::splat(run.m[i])));
                        S::store(run.p[j][i].as_mut_ptr(), p);
                        run.l[i] = run.l[i].mul_add(run.correction[j][i], S::tree_sum(p));
                    }
                }
            }
        }
    }

    /// `acc = acc * correction + p . V`, page by page.
    #[inline(always)]
    unsafe fn add_values<S: Simd, const N: usize>(
        &self,
        start: usize,
        pages: usize,
        run: &Running,
        acc: &mut [f32; MAX_TILE * MAX_HEAD_DIM],
    ) {
        // SAFETY: as for `tile`.
        unsafe {
            let (stride, k_bytes) = (padded(self.head_dim), T::head_bytes(self.head_dim).0);
            for d in (0..self.head_dim).step_by(LANES) {
                let mut sums = [S::splat(0.0); N];
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = S::load(acc.as_ptr().add(i * stride + d));
                }
                for j in 0..pages {
                    let v = self.page(start + j).add(k_bytes);
                    let mut values = [S::splat(0.0); PAGE_TOKENS];
                    for (t, value) in values.iter_mut().enumerate() {
                        *value = T::load_v::<S>(v, self.head_dim, t, d);
                    }
                    for (i, (sum, query)) in sums.iter_mut().zip(self.queries).enumerate() {
                        let Some((first, last)) = query.visible(start + j) else { continue };
                        let p = &run.p[j][i];
                        *sum = S::mul(*sum, S::splat(run.correction[j][i]));
                        if (first, last) == (0, PAGE_TOKENS - 1) {
                            for (&p, &v) in p.iter().zip(&values) {
                                *sum = S::fma(S::splat(p), v, *sum);
                            }
                        } else {
                            // Slots outside hold whatever was there before, perhaps NaN: not even times zero.
                            for (t, &p) in p.iter().enumerate().take(last + 1).skip(first) {
                                *sum = S::fma(S::splat(p), T::load_v::<S>(v, self.head_dim, t, d), *sum);
                            }
                        }
                    }
                }
                for (i, sum) in sums.iter().enumerate() {
                    S::store(acc.as_mut_ptr().add(i * stride + d), *sum);
                }
            }
        }
    }
}

/// Minus infinity outside `first..=last`.
#[inline(always)]
unsafe fn mask<S: Simd>(score: S::F, first: usize, last: usize) -> S::F {
    let mut lanes = [0.0f32; LANES];
    // SAFETY: the array holds 16 lanes.
    unsafe {
        S::store(lanes.as_mut_ptr(), score);
        lanes[..first].fill(f32::NEG_INFINITY);
        lanes[last + 1..].fill(f32::NEG_INFINITY);
        S::load(lanes.as_ptr())
    }
}
