//! Attention of one query head over one sequence's pages.
//!
//! # Order of the arithmetic
//! Pages are walked in ascending order, whole pages of 16 positions whatever the chunking, with one running
//! maximum `m`, sum `l` and output `acc` per query head:
//!
//! ```text
//! m, l  = -inf, 0                                                       of a head with a sink: sink, 1
//! s[t]  = (sum over d ascending of fma(q[d], k[t][d], .)) * scale       soft-capped if asked, then with ALiBi
//!         fma(slope, -|query position - key position|, s[t])
//!         -inf where position t is outside of what the query sees: its window, and nothing after it; over whole inputs,
//!         its reach to both sides
//! m'    = max(m, tree_max(s))                     c = exp(m - m')
//! p[t]  = exp(s[t] - m')                          0 where s[t] was masked
//! l     = fma(l, c, tree_sum(p))
//! acc   = acc * c, then acc[d] = fma(p[t], v[t][d], acc[d]) for the unmasked t, ascending
//! out   = acc * (1 / l)
//! ```
//! The page is the unit because a page is what a prefix shares: a result can never depend on where a chunk,
//! a batch or a cache hit ended.

use gollum_core::PAGE_TOKENS;

use crate::math;

/// K and V of one page and one head, decoded to f32.
pub struct PageView<'a> {
    /// Keys, `[PAGE_TOKENS][head_dim]`.
    pub k: &'a [f32],
    /// Values, `[PAGE_TOKENS][value width]`.
    pub v: &'a [f32],
}

/// Scale, soft-cap, bias, sink and mask of one query head.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Position of the query in its sequence.
    pub position: usize,
    /// First position it sees: that of its [`Window`](crate::Window) or [`Reach`](crate::Reach).
    pub start: usize,
    /// Last position it sees: its own, but over whole inputs.
    pub last: usize,
    /// Multiplies q . k.
    pub scale: f32,
    /// `cap * tanh(s / cap)`.
    pub soft_cap: Option<f32>,
    /// The head's slope of ALiBi.
    pub slope: Option<f32>,
    /// One more score, whose value is zero.
    pub sink: Option<f32>,
}

/// Attention of one head: `q` is `[head_dim]`, `out` `[value width]`; `page(i)` returns the page of positions
/// `16 i .. 16 i + 16`, and is called for the pages the query sees, in ascending order.
pub fn attend_head<'a>(
    query: Query,
    q: &[f32],
    mut page: impl FnMut(usize) -> PageView<'a>,
    out: &mut [f32],
) {
    let (head_dim, value_dim) = (q.len(), out.len());
    let (mut m, mut l) = query.sink.map_or((f32::NEG_INFINITY, 0.0f32), |sink| (sink, 1.0));
    out.fill(0.0);
    for index in query.start / PAGE_TOKENS..=query.last / PAGE_TOKENS {
        let view = page(index);
        let base = index * PAGE_TOKENS;
        let first = query.start.saturating_sub(base);
        let last = (query.last - base).min(PAGE_TOKENS - 1);
        let mut scores = [f32::NEG_INFINITY; PAGE_TOKENS];
        let keys = view.k.chunks_exact(head_dim).zip(&mut scores).enumerate();
        for (t, (k, score)) in keys.take(last + 1).skip(first) {
            let dot = q.iter().zip(k).fold(0.0f32, |acc, (&q, &k)| q.mul_add(k, acc));
            let s = dot * query.scale;
            let s = query.soft_cap.map_or(s, |cap| cap * math::tanh(s / cap));
            let distance = query.position.abs_diff(base + t) as f32;
            *score = query.slope.map_or(s, |slope| slope.mul_add(-distance, s));
        }
        let m_new = math::max(m, math::tree_max(scores));
        let correction = math::exp(m - m_new);
        let mut p = [0.0f32; PAGE_TOKENS];
        for (p, s) in p.iter_mut().zip(scores).take(last + 1).skip(first) {
            *p = math::exp(s - m_new);
        }
        l = l.mul_add(correction, math::tree_sum(p));
        for o in out.iter_mut() {
            *o *= correction;
        }
        for (v, &p) in view.v.chunks_exact(value_dim).zip(&p).take(last + 1).skip(first) {
            for (o, &v) in out.iter_mut().zip(v) {
                *o = p.mul_add(v, *o);
            }
        }
        m = m_new;
    }
    let inverse = 1.0 / l;
    for o in out.iter_mut() {
        *o *= inverse;
    }
}
