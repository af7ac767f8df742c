//! The quantised form of the rows a matmul is about to read.

use gollum_kernels::{BufId, Norm, Output};
use gollum_quant::K_BLOCK;

use super::{CpuOps, Ptr};
use crate::kernels::matmul::Activations;
use crate::kernels::rows::{NormRow, QuantiseRow};
use crate::memory::HugeArray;
use crate::simd::{Kernel, Simd};

/// Room for the widest input of all rows; filled anew before each matmul.
#[derive(Default)]
pub(super) struct Quantised {
    q: HugeArray<i8>,
    scale: HugeArray<f32>,
    scaled_sum: HugeArray<f32>,
    neg_sum: HugeArray<i32>,
    neg_half_sums: HugeArray<i32>,
}

impl Quantised {
    /// Makes room for a buffer's rows.
    pub fn reserve(&mut self, rows: usize, width: usize) {
        let blocks = (rows * width).div_ceil(K_BLOCK);
        self.q.make_room(blocks * K_BLOCK);
        self.scale.make_room(blocks);
        self.scaled_sum.make_room(blocks);
        self.neg_sum.make_room(blocks);
        self.neg_half_sums.make_room(2 * blocks);
    }

    /// Fits the room to the rows of one matmul, for which `reserve` made it: nothing moves but in tests.
    pub fn fit(&mut self, rows: usize, width: usize) {
        let blocks = rows * (width / K_BLOCK);
        self.q.fit(blocks * K_BLOCK);
        self.scale.fit(blocks);
        self.scaled_sum.fit(blocks);
        self.neg_sum.fit(blocks);
        self.neg_half_sums.fit(2 * blocks);
    }

    pub fn activations(&self, width: usize) -> Activations {
        Activations {
            q: self.q.as_ptr(),
            scale: self.scale.as_ptr(),
            scaled_sum: self.scaled_sum.as_ptr(),
            neg_sum: self.neg_sum.as_ptr(),
            neg_half_sums: self.neg_half_sums.as_ptr(),
            width,
        }
    }

    /// Pointers to write rows through.
    pub fn target(&mut self, width: usize) -> RowTarget {
        RowTarget {
            width,
            q: Ptr(self.q.as_mut_ptr()),
            scale: Ptr(self.scale.as_mut_ptr()),
            scaled_sum: Ptr(self.scaled_sum.as_mut_ptr()),
            neg_sum: Ptr(self.neg_sum.as_mut_ptr()),
            neg_half_sums: Ptr(self.neg_half_sums.as_mut_ptr()),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct RowTarget {
    width: usize,
    q: Ptr<i8>,
    scale: Ptr<f32>,
    scaled_sum: Ptr<f32>,
    neg_sum: Ptr<i32>,
    neg_half_sums: Ptr<i32>,
}

impl RowTarget {
    /// The kernel that quantises row `row` from `x`, the start of that row.
    pub fn row(self, x: *const f32, row: usize) -> QuantiseRow {
        let block = row * (self.width / K_BLOCK);
        QuantiseRow {
            x,
            width: self.width,
            q: self.q.at(row * self.width),
            scale: self.scale.at(block),
            scaled_sum: self.scaled_sum.at(block),
            neg_sum: self.neg_sum.at(block),
            neg_half_sums: self.neg_half_sums.at(2 * block),
        }
    }

    /// Copies row `from` to row `to`, another one; both exist.
    pub fn copy(self, from: usize, to: usize) {
        fn copy<T: Copy>(values: Ptr<T>, len: usize, from: usize, to: usize) {
            // SAFETY: two rows of `len` values that exist.
            unsafe { std::ptr::copy_nonoverlapping(values.at(from * len), values.at(to * len), len) };
        }
        let blocks = self.width / K_BLOCK;
        copy(self.q, self.width, from, to);
        copy(self.scale, blocks, from, to);
        copy(self.scaled_sum, blocks, from, to);
        copy(self.neg_sum, blocks, from, to);
        copy(self.neg_half_sums, 2 * blocks, from, to);
    }
}

/// Norm, then quantise, while the row is in the nearest cache.
struct NormQuantise {
    norm: NormRow,
    quantise: Option<QuantiseRow>,
}

impl Kernel for NormQuantise {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's rows exist; `quantise` reads what `norm` wrote.
        unsafe {
            self.norm.run::<S>();
            if let Some(quantise) = self.quantise {
                quantise.run::<S>();
            }
        }
    }
}

/// A norm's vectors, to be read by tasks.
#[derive(Clone, Copy)]
pub(super) struct NormVectors {
    norm: Norm,
    weight: Ptr<f32>,
    bias: Ptr<f32>,
    /// Norms in a row, and the values of each.
    heads: usize,
    width: usize,
    vector_step: usize,
}

impl NormVectors {
    /// The kernel that norms the row at `x`.
    pub fn row(self, x: *const f32, out: *mut f32, output: Output) -> NormRow {
        NormRow {
            kind: self.norm.kind,
            x,
            weight: self.weight.at(0),
            bias: self.bias.at(0),
            out,
            width: self.width,
            heads: self.heads,
            vector_step: self.vector_step,
            eps: self.norm.eps,
            output,
        }
    }
}

impl CpuOps {
    /// Checks a norm's vectors: as long as `width`, or in a norm of several heads as all of them.
    pub(super) fn norm_vectors(&self, norm: Norm, heads: usize, width: usize) -> NormVectors {
        let vectors = || [norm.weight, norm.bias].into_iter().flatten().map(|v| &self.vectors[v.0]);
        let is_per_head = heads > 1 && vectors().any(|v| v.len() != width);
        let len = if is_per_head { heads * width } else { width };
        vectors().for_each(|v| assert_eq!(v.len(), len, "norm weights or biases of {heads} heads"));
        let [weight, bias] = [norm.weight, norm.bias].map(|v| self.vector_ptr(v));
        NormVectors { norm, weight, bias, heads, width, vector_step: if is_per_head { width } else { 0 } }
    }

    /// Quantises the first rows of a buffer.
    pub(super) fn quantise(&mut self, x: BufId, rows: usize) {
        let width = self.width(x);
        self.quantised.fit(rows, width);
        let (from, isa) = (self.ptr(x, rows, width), self.isa);
        let target = self.quantised.target(width);
        self.for_rows(rows, width, &|row| isa.run(target.row(from.at(row * width), row)));
    }

    /// Norms rows to `scratch`, and quantises them if asked.
    pub(super) fn norm_and_quantise(
        &mut self,
        (x, scratch): (BufId, BufId),
        norm: Norm,
        quantise: bool,
        rows: usize,
    ) {
        let width = self.width(x);
        if quantise {
            self.quantised.fit(rows, width);
        }
        let (from, to) = (self.ptr(x, rows, width), self.ptr(scratch, rows, width));
        let (vectors, isa) = (self.norm_vectors(norm, 1, width), self.isa);
        let target = self.quantised.target(width);
        self.for_rows(rows, width, &|row| {
            let out = to.at(row * width);
            let norm = vectors.row(from.at(row * width), out, Output::Store);
            isa.run(NormQuantise { norm, quantise: quantise.then(|| target.row(out, row)) });
        });
    }
}
