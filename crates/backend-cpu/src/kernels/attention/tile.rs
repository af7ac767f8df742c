//! The tile: up to 8 queries over the pages that they see.
//!
//! A chain of FMAs waits for itself, so as many chains as fit the registers ([`Simd::CHAINS`]) run side by side:
//! queries times pages for the scores, queries times stretches of 16 dims for the values.

#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop)] // an adaptor that does not inline has no instruction set

use std::mem::MaybeUninit;

use gollum_core::PAGE_TOKENS;
use gollum_kernels::Values;

use super::super::rows::{exp, tanh};
use super::{AttendTile, KvFormat, MAX_VALUE_DIM, padded};
use crate::simd::{LANES, Simd};

/// Queries of one tile.
pub(crate) const MAX_TILE: usize = 8;

/// Pages whose scores are computed before their values are read: enough that the exponentials of several pages
/// overlap, and that the next pages are on their way meanwhile.
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
    /// 1 where a query sees something of a page.
    sees: [[f32; LANES]; GROUP],
    /// `exp(m_old - m_new)` of each page.
    correction: [[f32; LANES]; GROUP],
}

impl<T: KvFormat> AttendTile<'_, T> {
    /// The tile of exactly `N` queries.
    #[inline(always)]
    pub(super) unsafe fn tile<S: Simd, const N: usize>(&self) {
        let mut room = MaybeUninit::<[f32; MAX_TILE * MAX_VALUE_DIM]>::uninit();
        let acc = room.as_mut_ptr().cast::<f32>();
        let mut run = Running {
            m: [f32::NEG_INFINITY; LANES],
            l: [0.0; LANES],
            p: [[[0.0; PAGE_TOKENS]; MAX_TILE]; GROUP],
            page_max: [[f32::NEG_INFINITY; LANES]; GROUP],
            sees: [[0.0; LANES]; GROUP],
            correction: [[0.0; LANES]; GROUP],
        };
        for (i, query) in self.queries.iter().enumerate() {
            if let Some(sink) = query.sink {
                (run.m[i], run.l[i]) = (sink, 1.0);
            }
        }
        let (first, last) = self.page_range();
        let value_dim = self.pages.values.dim();
        // SAFETY: the table has an entry for every position the queries see, and `acc` room for `N` heads.
        unsafe {
            acc.write_bytes(0, N * padded(value_dim));
            let mut start = first;
            while start <= last {
                let count = GROUP.min(last + 1 - start);
                self.score_group::<S, N>(start, count, last, &mut run);
                self.weigh_group::<S, N>(count, &mut run);
                self.add_group::<S, N>(start, count, &run, acc);
                start += GROUP;
            }
            for i in 0..N {
                let inverse = 1.0 / run.l[i];
                let acc = acc.add(i * padded(value_dim));
                for d in 0..value_dim {
                    *self.queries[i].out.add(d) = *acc.add(d) * inverse;
                }
            }
        }
    }

    /// Scores of pages `start .. start + count` and their maxima.
    #[inline(always)]
    unsafe fn score_group<S: Simd, const N: usize>(
        &self,
        start: usize,
        count: usize,
        last: usize,
        run: &mut Running,
    ) {
        // SAFETY: as for `tile`.
        unsafe {
            let mut j = 0;
            while j < count {
                self.prefetch_after::<S>(start + j, GROUP, last);
                if 2 * N <= S::CHAINS && j + 2 <= count {
                    self.prefetch_after::<S>(start + j + 1, GROUP, last);
                    self.score_pages::<S, N, 2>(start + j, j, run);
                    j += 2;
                } else {
                    self.score_pages::<S, N, 1>(start + j, j, run);
                    j += 1;
                }
            }
        }
    }

    /// Scores of pages `page .. page + P`, the group's `j`th and on, and their maxima.
    #[inline(always)]
    unsafe fn score_pages<S: Simd, const N: usize, const P: usize>(
        &self,
        page: usize,
        j: usize,
        run: &mut Running,
    ) {
        // SAFETY: as for `tile`.
        unsafe {
            let mut scores = [[S::splat(0.0); N]; P];
            let mut k = [std::ptr::null(); P];
            for i in 0..P {
                k[i] = self.pages.at(page + i);
            }
            for d in 0..self.pages.head_dim {
                let mut keys = [S::splat(0.0); P];
                for i in 0..P {
                    keys[i] = T::load_k::<S>(k[i], self.pages.head_dim, d);
                }
                for n in 0..N {
                    let q = S::splat(*self.queries[n].q.add(d));
                    for i in 0..P {
                        scores[i][n] = S::fma(q, keys[i], scores[i][n]);
                    }
                }
            }
            for i in 0..P {
                let mut seen = [S::splat(f32::NEG_INFINITY); N];
                for n in 0..N {
                    let visible = self.queries[n].visible(page + i);
                    run.sees[j + i][n] = f32::from(visible.is_some());
                    let Some((first, last)) = visible else { continue };
                    let mut score = S::mul(scores[i][n], S::splat(self.scale));
                    if let Some(cap) = self.soft_cap {
                        let cap = S::splat(cap);
                        score = S::mul(cap, tanh::<S>(S::div(score, cap)));
                    }
                    if let Some(slope) = self.queries[n].slope {
                        let distance = distances::<S>(self.queries[n].position, page + i);
                        score = S::fnma(S::splat(slope), distance, score);
                    }
                    if (first, last) != (0, PAGE_TOKENS - 1) {
                        score = mask::<S>(score, first, last);
                    }
                    seen[n] = score;
                    S::store(run.p[j + i][n].as_mut_ptr(), score);
                }
                S::store(run.page_max[j + i].as_mut_ptr(), S::tree_maxima(&seen));
            }
        }
    }

    /// Running maximum and sum, page by page; scores become probabilities.
    #[inline(always)]
    unsafe fn weigh_group<S: Simd, const N: usize>(&self, count: usize, run: &mut Running) {
        // SAFETY: the arrays hold 16 lanes.
        unsafe {
            let mut m = S::load(run.m.as_ptr());
            let mut l = S::load(run.l.as_ptr());
            for j in 0..count {
                let sees = S::load(run.sees[j].as_ptr());
                let largest = S::max(m, S::load(run.page_max[j].as_ptr()));
                // A query that sees nothing of this page keeps its maximum, gets exp(0) or NaN, and uses neither.
                let m_new = S::select_lt(S::splat(0.0), sees, largest, m);
                let correction = exp::<S>(S::sub(m, m_new));
                S::store(run.correction[j].as_mut_ptr(), correction);
                S::store(run.m.as_mut_ptr(), m_new);
                m = m_new;
                // A query that sees nothing of this page computes from what an earlier page left, and keeps its sum.
                let mut p = [S::splat(0.0); N];
                for n in 0..N {
                    p[n] = exp::<S>(S::sub(S::load(run.p[j][n].as_ptr()), S::splat(run.m[n])));
                    S::store(run.p[j][n].as_mut_ptr(), p[n]);
                }
                let l_new = S::fma(l, correction, S::tree_sums(&p));
                l = S::select_lt(S::splat(0.0), sees, l_new, l);
            }
            S::store(run.l.as_mut_ptr(), l);
        }
    }

    /// `acc = acc * correction + p . V`, page by page.
    #[inline(always)]
    unsafe fn add_group<S: Simd, const N: usize>(
        &self,
        start: usize,
        count: usize,
        run: &Running,
        acc: *mut f32,
    ) {
        // SAFETY: as for `tile`.
        unsafe {
            let width = padded(self.pages.values.dim());
            let mut d = 0;
            if matches!(self.pages.values, Values::InKey(_)) {
                while d < width {
                    self.add_stretches::<S, N, 1, true>((start, count), d, run, acc);
                    d += LANES;
                }
            }
            while d < width {
                if 4 * N <= S::CHAINS && d + 4 * LANES <= width {
                    self.add_stretches::<S, N, 4, false>((start, count), d, run, acc);
                    d += 4 * LANES;
                } else if 2 * N <= S::CHAINS && d + 2 * LANES <= width {
                    self.add_stretches::<S, N, 2, false>((start, count), d, run, acc);
                    d += 2 * LANES;
                } else {
                    self.add_stretches::<S, N, 1, false>((start, count), d, run, acc);
                    d += LANES;
                }
            }
        }
    }

    /// [`add_group`](Self::add_group) for dims `d .. d + 16 D`. Whether values lie in keys is known when this is compiled: it
    /// is asked in the innermost loop.
    #[inline(always)]
    unsafe fn add_stretches<S: Simd, const N: usize, const D: usize, const IN_KEY: bool>(
        &self,
        (start, count): (usize, usize),
        d: usize,
        run: &Running,
        acc: *mut f32,
    ) {
        // SAFETY: as for `tile`.
        unsafe {
            let (head_dim, value_dim) = (self.pages.head_dim, self.pages.values.dim());
            let (stride, k_bytes) = (padded(value_dim), T::k_bytes(head_dim));
            let mut turned = MaybeUninit::<[[[f32; LANES]; PAGE_TOKENS]; D]>::uninit();
            let mut sums = [[S::splat(0.0); D]; N];
            for n in 0..N {
                for i in 0..D {
                    sums[n][i] = S::load(acc.add(n * stride + d + i * LANES));
                }
            }
            for j in 0..count {
                let k = self.pages.at(start + j);
                let v = k.wrapping_add(k_bytes);
                if IN_KEY {
                    for i in 0..D {
                        let at = turned.as_mut_ptr().cast::<[[f32; LANES]; PAGE_TOKENS]>().add(i);
                        at.write(turn_keys::<S, T>(k, head_dim, d + i * LANES));
                    }
                }
                let mut are_whole = true;
                for n in 0..N {
                    let visible = self.queries[n].visible(start + j);
                    are_whole &= visible == Some((0, PAGE_TOKENS - 1));
                    if visible.is_some() {
                        let correction = S::splat(run.correction[j][n]);
                        for i in 0..D {
                            sums[n][i] = S::mul(sums[n][i], correction);
                        }
                    }
                }
                for t in 0..PAGE_TOKENS {
                    let mut values = [S::splat(0.0); D];
                    for i in 0..D {
                        values[i] = if IN_KEY {
                            S::load(turned.as_ptr().cast::<f32>().add((i * PAGE_TOKENS + t) * LANES))
                        } else {
                            T::load_v::<S>(v, value_dim, t, d + i * LANES)
                        };
                    }
                    for n in 0..N {
                        // Slots outside hold whatever was there before, perhaps NaN: not even times zero.
                        if are_whole || self.queries[n].sees(start + j, t) {
                            let p = S::splat(run.p[j][n][t]);
                            for i in 0..D {
                                sums[n][i] = S::fma(p, values[i], sums[n][i]);
                            }
                        }
                    }
                }
            }
            for n in 0..N {
                for i in 0..D {
                    S::store(acc.add(n * stride + d + i * LANES), sums[n][i]);
                }
            }
        }
    }
}

/// Dims `d .. d + 16` of a page's keys, token by token; zeros behind the last.
#[inline(always)]
unsafe fn turn_keys<S: Simd, T: KvFormat>(
    k: *const u8,
    head_dim: usize,
    d: usize,
) -> [[f32; LANES]; PAGE_TOKENS] {
    // SAFETY: the caller's page has `head_dim` dims.
    unsafe {
        let mut dims = [S::splat(0.0); LANES];
        for (i, dim) in dims.iter_mut().enumerate().take(head_dim.saturating_sub(d)) {
            *dim = T::load_k::<S>(k, head_dim, d + i);
        }
        S::transpose(&dims)
    }
}

/// How far the 16 keys of a page lie from a position, to either side. Integers until the sign is dropped, so that each is
/// rounded once, as the reference does.
#[inline(always)]
unsafe fn distances<S: Simd>(position: usize, page: usize) -> S::F {
    const BACK: [i8; LANES] = [0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15];
    // SAFETY: the array holds 16 lanes.
    unsafe {
        let from_first = S::splat_i(position as i32 - (page * PAGE_TOKENS) as i32);
        let before = S::to_f32(S::add_i(from_first, S::load_i8(BACK.as_ptr())));
        S::max(before, S::sub(S::splat(0.0), before))
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
