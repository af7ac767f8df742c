//! The quantised form of the rows a matmul is about to read.

use gollum_kernels::{BufId, MatmulJob, Norm, Output};
use gollum_quant::{Dot, K_BLOCK};

use super::{CpuOps, Ptr};
use crate::kernels::matmul::Activations;
use crate::kernels::rows::{QuantiseRow, RmsNorm};
use crate::memory::HugeArray;
use crate::simd::Kernel;

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
    fn fit(&mut self, rows: usize, width: usize) {
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
    fn target(&mut self, width: usize) -> RowTarget {
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
struct RowTarget {
    width: usize,
    q: Ptr<i8>,
    scale: Ptr<f32>,
    scaled_sum: Ptr<f32>,
    neg_sum: Ptr<i32>,
    neg_half_sums: Ptr<i32>,
}

impl RowTarget {
    /// The kernel that quantises row `row` from `x`, the start of that row.
    fn row(self, x: *const f32, row: usize) -> QuantiseRow {
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
}

/// Norm, then quantise, while the row is in the nearest cache.
struct NormQuantise {
    norm: RmsNorm,
    quantise: Option<QuantiseRow>,
}

impl Kernel for NormQuantise {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: crate::simd::Simd>(self) {
        // SAFETY: the caller's rows exist; `quantise` reads what `norm` wrote.
        unsafe {
            self.norm.run::<S>();
            if let Some(quantise) = self.quantise {
                quantise.run::<S>();
            }
        }
    }
}

impl CpuOps {
    /// True if a job's weights are integers, so that the input is needed quantised.
    fn needs_quantised(&self, jobs: &[MatmulJob]) -> bool {
        let is_int = |job: &MatmulJob| matches!(self.matrices[job.matrix.0].format.format().dot, Dot::Int(_));
        jobs.iter().any(is_int)
    }

    pub(super) fn quantise_for(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        if !self.needs_quantised(jobs) {
            return;
        }
        let width = self.width(x);
        self.quantised.fit(rows, width);
        let (from, isa) = (self.ptr(x, rows, width), self.isa);
        let target = self.quantised.target(width);
        self.for_rows(rows, width, &|row| isa.run(target.row(from.at(row * width), row)));
    }

    pub(super) fn norm_and_quantise(
        &mut self,
        x: BufId,
        n: Norm,
        scratch: BufId,
        jobs: &[MatmulJob],
        rows: usize,
    ) {
        let quantise = self.needs_quantised(jobs);
        let width = self.width(x);
        if quantise {
            self.quantised.fit(rows, width);
        }
        let (from, to) = (self.ptr(x, rows, width), self.ptr(scratch, rows, width));
        let weight = &self.vectors[n.weight.0];
        assert_eq!(weight.len(), width, "norm weights");
        let (weight, isa, eps) = (Ptr(weight.as_ptr().cast_mut()), self.isa, n.eps);
        let target = self.quantised.target(width);
        self.for_rows(rows, width, &|row| {
            let (x, out) = (from.at(row * width).cast_const(), to.at(row * width));
            let norm = RmsNorm { x, weight: weight.at(0), out, width, heads: 1, eps, output: Output::Store };
            isa.run(NormQuantise { norm, quantise: quantise.then(|| target.row(out, row)) });
        });
    }
}
