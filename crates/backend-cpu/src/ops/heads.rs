//! Operations on the heads of rows: copies of stretches, and a matrix for each head.

use gollum_kernels::{BufId, CopyHeads, ExpertLinear};

use super::experts::{Cut, Group};
use super::{CpuOps, Ptr};
use crate::kernels::rows::ScaleRow;

impl CpuOps {
    pub(super) fn copy_stretches(&self, f: &CopyHeads, rows: usize) {
        let (x_width, out_width) = (self.width(f.x), self.width(f.out));
        let last = f.heads.saturating_sub(1);
        assert!(
            f.x_first + last * f.x_stride + f.width <= x_width
                && f.out_first + last * f.out_stride + f.width <= out_width,
            "{f:?} within rows of {x_width} and {out_width}"
        );
        let (x, out, isa) = (self.ptr(f.x, rows, x_width), self.ptr(f.out, rows, out_width), self.isa);
        self.for_rows(rows, f.heads * f.width, &|row| {
            for head in 0..f.heads {
                let x = x.at(row * x_width + f.x_first + head * f.x_stride);
                let out = out.at(row * out_width + f.out_first + head * f.out_stride);
                isa.run(ScaleRow { x, factor: f.scale, out, n: f.width });
            }
        });
    }

    /// The rows of each head are brought side by side, quantised or as they are: then the kernels are those of every
    /// matmul, and each head's weights are read once a step.
    pub(super) fn run_heads(&mut self, x: BufId, matrices: &ExpertLinear, out: BufId, rows: usize) {
        let matrix = &self.experts[matrices.experts.0].packed;
        let (heads, cols, out_width) = (matrix.count(), matrix.cols, matrix.rows);
        let (isa, is_int) = (self.isa, matrix.is_int());
        let from = self.ptr(x, rows, heads * cols);
        match is_int {
            true => self.quantised.fit(rows * heads, cols),
            false => self.gathered.fit(rows * heads * cols),
        }
        let (quantised, gathered) = (self.quantised.target(cols), Ptr(self.gathered.as_mut_ptr()));
        self.for_rows(rows, heads * cols, &|row| {
            for head in 0..heads {
                let (x, slot) = (from.at((row * heads + head) * cols), head * rows + row);
                match is_int {
                    true => isa.run(quantised.row(x, slot)),
                    false => isa.run(ScaleRow { x, factor: 1.0, out: gathered.at(slot * cols), n: cols }),
                }
            }
        });
        assert!(!self.share_memory(x, out), "a matmul cannot overwrite its input");
        let jobs = self.jobs_of_all(matrices, gathered, self.ptr(out, rows, heads * out_width));
        let groups: Vec<Group> =
            (0..heads).map(|head| Group { expert: head, first: head * rows, rows }).collect();
        let cut = Cut::new(&groups, cols, jobs.panels());
        self.pool.for_each(cut.count(), &|task| {
            let (group, of_panels) = cut.task(task);
            let mut job = jobs.of(group.expert);
            // Inputs are head by head, outputs row by row.
            job.out_stride = heads * out_width;
            let before = group.first * job.out_stride;
            job.out = Ptr(job.out.at(group.expert * out_width).wrapping_sub(before));
            of_panels.for_each(|panel| job.run(panel, group.first..group.first + group.rows));
        });
    }
}
