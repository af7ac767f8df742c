//! Matmuls as tasks: runs of panels times a block of rows, claimed by whichever thread is free.
//!
//! A row's values cross from one core to another where a panel's outputs, a column of all rows, meet a row's
//! quantisation. With few rows that is little. With many, rows are cut into a block per thread, and a thread begins with
//! the panels of its own block as it begins with its own rows in everything else: between two attentions, values stay
//! in the core that computes them. Threads of one block share its panels.

use std::marker::PhantomData;
use std::ops::Range;

use gollum_kernels::{BufId, GatedFfn, MatmulJob, Output};

use super::{CpuOps, Ptr};
use crate::kernels::matmul::{Activations, FloatPanel, IntPanel, Target};
use crate::kernels::rows::Gate;
use crate::pack::{PackedMatrix, with_format};
use crate::simd::{Isa, Kernel, LANES, Simd};

/// Least work of a task, in weights times rows: some two microseconds. Claiming one from the own slot costs little;
/// what is longer than need be is waited for at the end of each job.
const TASK_WEIGHT_ROWS: usize = 1 << 18;
/// Rows that a core multiplies a weight with in the time that it takes to read it from memory.
const ROWS_PER_READ: usize = 6;

/// Least rows of a block. Every block reads all weights: at 300 G op/s, 2 * 128 operations take 0.9 ns a weight, so a
/// core reads about 1 GB/s. By reckoning; measured on two threads only.
const BLOCK_ROWS: usize = 128;
/// What blocks are rounded to: whole tiles of any instruction set.
const BLOCK_UNIT: usize = 8;

/// How a job is cut: blocks of rows, and in each of them runs of panels.
struct Cut {
    rows: usize,
    rows_per_block: usize,
    panels: usize,
    panels_per_task: usize,
}

impl Cut {
    /// Of a job of `panels` panels with `cols` inputs each.
    fn new(threads: usize, rows: usize, cols: usize, panels: usize) -> Self {
        let blocks = (rows / BLOCK_ROWS).clamp(1, threads);
        let rows_per_block = rows.div_ceil(blocks).next_multiple_of(BLOCK_UNIT).max(BLOCK_UNIT);
        let panel_work = LANES * cols * (rows_per_block.min(rows) + ROWS_PER_READ);
        let panels_per_task = (TASK_WEIGHT_ROWS / panel_work.max(1)).max(1);
        Self { rows, rows_per_block, panels, panels_per_task }
    }

    fn tasks_per_block(&self) -> usize {
        self.panels.div_ceil(self.panels_per_task)
    }

    fn tasks(&self) -> usize {
        self.rows.div_ceil(self.rows_per_block) * self.tasks_per_block()
    }

    /// Rows and panels of a task.
    fn task(&self, task: usize) -> (Range<usize>, Range<usize>) {
        let (block, run) = (task / self.tasks_per_block(), task % self.tasks_per_block());
        let part = |i: usize, len: usize, end: usize| i * len..end.min((i + 1) * len);
        (part(block, self.rows_per_block, self.rows), part(run, self.panels_per_task, self.panels))
    }
}

/// Everything a panel's task needs of its matrix and input.
#[derive(Clone, Copy)]
struct PanelJob<'a> {
    matrix: &'a PackedMatrix,
    quantised: Activations,
    x: Ptr<f32>,
    out: Ptr<f32>,
    add: bool,
    isa: Isa,
}

// SAFETY: the activations are only read while tasks run.
unsafe impl Sync for PanelJob<'_> {}

impl PanelJob<'_> {
    fn run(&self, panel: usize, rows: Range<usize>) {
        let (first, stride) = (panel * LANES, self.matrix.rows);
        let valid = LANES.min(stride - first);
        let target = Target { out: self.out.at(rows.start * stride + first), stride, valid, add: self.add };
        let (panel, start, rows) = (self.matrix.panel(panel).as_ptr(), rows.start, rows.len());
        with_format!(self.matrix.format,
        int T => {
            let x = self.quantised.at_row(start);
            self.isa.run(IntPanel::<T> { panel, x, rows, target, format: PhantomData });
        },
        float T => {
            let width = self.matrix.cols;
            let x = self.x.at(start * width).cast_const();
            self.isa.run(FloatPanel::<T> { panel, x, width, rows, target, format: PhantomData });
        });
    }
}

/// `activation(gate) * up` over the outputs of one panel, all rows.
struct GatePanel {
    gate: Gate,
    rows: usize,
    stride: usize,
}

impl Kernel for GatePanel {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for row in 0..self.rows {
            let at = row * self.stride;
            let g = &self.gate;
            // SAFETY: `rows` rows of `stride` values exist behind each pointer.
            unsafe {
                let (gate, up, out) = (g.gate.add(at), g.up.add(at), g.out.add(at));
                Gate { activation: g.activation, gate, up, out, n: g.n }.run::<S>();
            }
        }
    }
}

impl CpuOps {
    fn panel_job(&self, x: BufId, job: &MatmulJob, rows: usize) -> PanelJob<'_> {
        let matrix = &self.matrices[job.matrix.0];
        assert_ne!(x, job.out, "a matmul cannot overwrite its input");
        PanelJob {
            matrix,
            quantised: self.quantised.activations(matrix.cols),
            x: self.ptr(x, rows, matrix.cols),
            out: self.ptr(job.out, rows, matrix.rows),
            add: job.output == Output::Add,
            isa: self.isa,
        }
    }

    /// Runs all jobs as one set of tasks; the input is quantised already.
    pub(super) fn run_matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        let panel_jobs: Vec<PanelJob<'_>> = jobs.iter().map(|job| self.panel_job(x, job, rows)).collect();
        let panels: usize = panel_jobs.iter().map(|j| j.matrix.panels()).sum();
        let run_panel = |mut panel: usize, rows: Range<usize>| {
            for job in &panel_jobs {
                if panel < job.matrix.panels() {
                    return job.run(panel, rows);
                }
                panel -= job.matrix.panels();
            }
        };
        let cols = panel_jobs.first().map_or(0, |j| j.matrix.cols);
        let cut = Cut::new(self.pool.threads(), rows, cols, panels);
        self.pool.for_each(cut.tasks(), &|task| {
            let (rows, panels) = cut.task(task);
            panels.for_each(|panel| run_panel(panel, rows.clone()));
        });
    }

    /// Gate, up and activation, panel by panel; the input is quantised already.
    pub(super) fn run_gated(&mut self, f: &GatedFfn, rows: usize) {
        let job = |matrix, out| MatmulJob { matrix, out, output: Output::Store };
        let gate = self.panel_job(f.scratch, &job(f.gate, f.gate_out), rows);
        let up = self.panel_job(f.scratch, &job(f.up, f.up_out), rows);
        assert_eq!(gate.matrix.rows, up.matrix.rows, "gate and up are one width");
        let stride = gate.matrix.rows;
        let run_panel = |panel: usize, rows: Range<usize>| {
            gate.run(panel, rows.clone());
            up.run(panel, rows.clone());
            let first = panel * LANES;
            let at = rows.start * stride + first;
            let (g, u) = (gate.out.at(at), up.out.at(at));
            let n = LANES.min(stride - first);
            let gate = Gate { activation: f.activation, gate: g, up: u, out: g, n };
            self.isa.run(GatePanel { gate, rows: rows.len(), stride });
        };
        let cut = Cut::new(self.pool.threads(), rows, 2 * gate.matrix.cols, gate.matrix.panels());
        self.pool.for_each(cut.tasks(), &|task| {
            let (rows, panels) = cut.task(task);
            panels.for_each(|panel| run_panel(panel, rows.clone()));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_covers_each_row_and_panel_once() {
        for threads in [1, 2, 3, 7, 64] {
            for rows in [0, 1, 127, 128, 255, 256, 291, 512, 1000, 8200] {
                for (cols, panels) in [(32, 1), (576, 36), (576, 97), (8192, 5)] {
                    let cut = Cut::new(threads, rows, cols, panels);
                    let mut seen = vec![0u8; rows.div_ceil(BLOCK_UNIT) * panels];
                    for task in 0..cut.tasks() {
                        let (of_rows, of_panels) = cut.task(task);
                        assert!(of_rows.start.is_multiple_of(BLOCK_UNIT) && !of_rows.is_empty());
                        for row in of_rows.step_by(BLOCK_UNIT) {
                            of_panels.clone().for_each(|panel| seen[row / BLOCK_UNIT * panels + panel] += 1);
                        }
                    }
                    assert!(seen.iter().all(|&n| n == 1), "{threads} threads, {rows} rows, {panels} panels");
                }
            }
        }
    }
}
