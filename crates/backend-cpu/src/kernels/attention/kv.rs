//! How K and V of one head of one page are stored: f32, f16, or int8 with an f16 scale per 32 dims of a token.

#![allow(unsafe_code)]

use gollum_quant::K_BLOCK;

use super::super::rows::quantise_block;
use crate::simd::{LANES, Simd};

/// `head_dim` rounded up to whole vectors.
pub(crate) fn padded(head_dim: usize) -> usize {
    head_dim.next_multiple_of(LANES)
}

/// A storage type of K and V.
pub(crate) trait KvFormat: Copy + Send + Sync + 'static {
    /// Bytes of K of one head of one page.
    fn k_bytes(head_dim: usize) -> usize;
    /// Bytes of V of one head of one page.
    fn v_bytes(value_dim: usize) -> usize;
    /// Dimension `d` of the page's 16 keys.
    unsafe fn load_k<S: Simd>(k: *const u8, head_dim: usize, d: usize) -> S::F;
    /// Dimensions `d..d + 16` of value `t`.
    unsafe fn load_v<S: Simd>(v: *const u8, value_dim: usize, t: usize, d: usize) -> S::F;
    /// Writes one token's key and value to slot `t`.
    unsafe fn append<S: Simd>(slot: &Slot);
}

/// Where one head of one token goes.
pub(crate) struct Slot {
    /// Source key, `[head_dim]`, and value, `[value_dim]`.
    pub source: (*const f32, *const f32),
    /// The page's K and V of this head.
    pub target: (*mut u8, *mut u8),
    pub head_dim: usize,
    /// 0 where values are in the keys.
    pub value_dim: usize,
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
    fn k_bytes(head_dim: usize) -> usize {
        head_dim * LANES * 4
    }

    fn v_bytes(value_dim: usize) -> usize {
        padded(value_dim) * LANES * 4
    }

    #[inline(always)]
    unsafe fn load_k<S: Simd>(k: *const u8, _head_dim: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has dimension `d`.
        unsafe { S::load(k.cast::<f32>().add(d * LANES)) }
    }

    #[inline(always)]
    unsafe fn load_v<S: Simd>(v: *const u8, value_dim: usize, t: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has token `t` and padded dimension `d`.
        unsafe { S::load(v.cast::<f32>().add(t * padded(value_dim) + d)) }
    }

    #[inline(always)]
    unsafe fn append<S: Simd>(s: &Slot) {
        // SAFETY: the caller's slot is inside the page.
        unsafe {
            let k = s.target.0.cast::<f32>();
            for d in 0..s.head_dim {
                *k.add(d * LANES + s.t) = *s.source.0.add(d);
            }
            let v = s.target.1.cast::<f32>().add(s.t * padded(s.value_dim));
            std::ptr::copy_nonoverlapping(s.source.1, v, s.value_dim);
        }
    }
}

/// Calls `f(d, vector)` for each 16 dimensions of `x`, zeros behind a ragged end.
#[inline(always)]
unsafe fn for_each_vector<S: Simd>(x: *const f32, dim: usize, mut f: impl FnMut(usize, S::F)) {
    // SAFETY: the caller's pointer is good for `dim` values.
    unsafe {
        for d in (0..dim).step_by(LANES) {
            if d + LANES <= dim {
                f(d, S::load(x.add(d)));
            } else {
                let mut lanes = [0.0f32; LANES];
                std::ptr::copy_nonoverlapping(x.add(d), lanes.as_mut_ptr(), dim - d);
                f(d, S::load(lanes.as_ptr()));
            }
        }
    }
}

impl KvFormat for KvF16 {
    fn k_bytes(head_dim: usize) -> usize {
        head_dim * LANES * 2
    }

    fn v_bytes(value_dim: usize) -> usize {
        padded(value_dim) * LANES * 2
    }

    #[inline(always)]
    unsafe fn load_k<S: Simd>(k: *const u8, _head_dim: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has dimension `d`.
        unsafe { S::load_f16(k.cast::<u16>().add(d * LANES)) }
    }

    #[inline(always)]
    unsafe fn load_v<S: Simd>(v: *const u8, value_dim: usize, t: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has token `t` and padded dimension `d`.
        unsafe { S::load_f16(v.cast::<u16>().add(t * padded(value_dim) + d)) }
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
            let v = s.target.1.cast::<u16>().add(s.t * padded(s.value_dim));
            for_each_vector::<S>(s.source.1, s.value_dim, |d, x| S::store_f16(v.add(d), x));
        }
    }
}

/// Offsets inside K and V of an int8 page head: codes first, then scales.
fn q8_scales(head_dim: usize) -> usize {
    head_dim * LANES
}

impl KvFormat for KvQ8 {
    fn k_bytes(head_dim: usize) -> usize {
        q8_scales(head_dim) + head_dim / K_BLOCK * LANES * 2
    }

    fn v_bytes(value_dim: usize) -> usize {
        Self::k_bytes(value_dim)
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
    unsafe fn load_v<S: Simd>(v: *const u8, value_dim: usize, t: usize, d: usize) -> S::F {
        // SAFETY: the caller's page has token `t` and dimension `d`.
        unsafe {
            let scales = v.add(q8_scales(value_dim)).cast::<u16>();
            let scale = half::f16::from_bits(*scales.add(t * (value_dim / K_BLOCK) + d / K_BLOCK)).to_f32();
            S::mul(S::splat(scale), S::to_f32(S::load_i8(v.cast::<i8>().add(t * value_dim + d))))
        }
    }

    #[inline(always)]
    unsafe fn append<S: Simd>(s: &Slot) {
        // SAFETY: the caller's slot is inside the page, and heads are whole K-blocks.
        unsafe {
            let k = s.target.0.cast::<i8>();
            let k_scales = s.target.0.add(q8_scales(s.head_dim)).cast::<u16>();
            for b in 0..s.head_dim / K_BLOCK {
                let mut q = [0i8; K_BLOCK];
                let (scale, _) = quantise_block::<S>(s.source.0.add(b * K_BLOCK), q.as_mut_ptr());
                for (i, &q) in q.iter().enumerate() {
                    *k.add((b * K_BLOCK + i) * LANES + s.t) = q;
                }
                *k_scales.add(b * LANES + s.t) = half::f16::from_f32(scale).to_bits();
            }
            let v = s.target.1.cast::<i8>().add(s.t * s.value_dim);
            let v_scales = s.target.1.add(q8_scales(s.value_dim)).cast::<u16>();
            let blocks = s.value_dim / K_BLOCK;
            for b in 0..blocks {
                let (scale, _) = quantise_block::<S>(s.source.1.add(b * K_BLOCK), v.add(b * K_BLOCK));
                *v_scales.add(s.t * blocks + b) = half::f16::from_f32(scale).to_bits();
            }
        }
    }
}
