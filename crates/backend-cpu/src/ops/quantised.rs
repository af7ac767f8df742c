//! The quantised form of the rows a matmul is about to read.

use gollum_kernels::{BufId, Norm, Output};
use gollum_quant::K_BLOCK;

use super::{CpuOps, Ptr};
use crate::kernels::matmul::{Activations, RowBlock};
use crate::kernels::rows::{NormRow, QuantiseRow};
use crate::memory::HugeArray;
use crate::simd::{Kernel, Simd};

/// Room for the widest input of all rows; filled anew before each matmul.
#[derive(Default)]
pub(super) struct Quantised {
    blocks: HugeArray<RowBlock>,
}

impl Quantised {
    /// Makes room for a buffer's rows.
    pub fn reserve(&mut self, rows: usize, width: usize) {
        self.blocks.make_room((rows * width).div_ceil(K_BLOCK));
    }

    /// Fits the room to the rows of one matmul, for which `reserve` made it: nothing moves but in tests.
    pub fn fit(&mut self, rows: usize, width: usize) {
        self.blocks.fit(rows * (width / K_BLOCK));
    }

    pub fn activations(&self, width: usize) -> Activations {
        Activations { blocks: self.blocks.as_ptr(), width }
    }

    /// A pointer to write rows through.
    pub fn target(&mut self, width: usize) -> RowTarget {
        RowTarget { width, blocks: Ptr(self.blocks.as_mut_ptr()) }
    }
}

#[derive(Clone, Copy)]
pub(super) struct RowTarget {
    width: usize,
    blocks: Ptr<RowBlock>,
}

impl RowTarget {
    /// The kernel that quantises row `row` from `x`, the start of that row.
    pub fn row(self, x: *const f32, row: usize) -> QuantiseRow {
        QuantiseRow { x, width: self.width, out: self.blocks.at(row * (self.width / K_BLOCK)) }
    }

    /// Copies row `from` to row `to`, another one; both exist.
    pub fn copy(self, from: usize, to: usize) {
        let len = self.width / K_BLOCK;
        // SAFETY: two rows of `len` blocks that exist.
        unsafe { std::ptr::copy_nonoverlapping(self.blocks.at(from * len), self.blocks.at(to * len), len) };
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
