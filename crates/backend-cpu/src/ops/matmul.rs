//! Matmuls as tasks: runs of panels times a block of rows, claimed by whichever thread is free.
//!
//! A row's values cross from one core to another where a panel's outputs, a column of all rows, meet a row's
//! quantisation. With few rows that is little. With many, rows are cut into a block per thread, and a thread begins with
//! the panels of its own block as it begins with its own rows in everything else: between two attentions, values stay
//! in the core that computes them. Threads of one block share its panels.

use std::marker::PhantomData;
use std::ops::Range;

use gollum_kernels::{Activation, BufId, Epilogue, Ffn, Linear, MatmulJob, Output, VectorId};

use super::{CpuOps, Ptr};
use crate::kernels::activation::Gate;
use crate::kernels::matmul::{
    Activations, Finish, FinishPanel, FloatPair, FloatPanel, IntPanel, Target, with_room,
};
use crate::pack::{PackedMatrix, with_format};
use crate::simd::{Isa, Kernel, LANES, Simd};

/// Least work of a task, in weights times rows: some two microseconds. Claiming one from the own slot costs little;
/// what is longer than need be is waited for at the end of each job.
pub(super) const TASK_WEIGHT_ROWS: usize = 1 << 18;
/// Rows that a core multiplies a weight with in the time that it takes to read it from memory.
pub(super) const ROWS_PER_READ: usize = 6;

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
    /// Of a job of `panels` panels with `cols` inputs each, taken `together` at a time.
    fn new(threads: usize, rows: usize, cols: usize, panels: usize, together: usize) -> Self {
        let blocks = (rows / BLOCK_ROWS).clamp(1, threads);
        let rows_per_block = rows.div_ceil(blocks).next_multiple_of(BLOCK_UNIT).max(BLOCK_UNIT);
        let panel_work = LANES * cols * (rows_per_block.min(rows) + ROWS_PER_READ);
        let panels_per_task = (TASK_WEIGHT_ROWS / panel_work.max(1)).max(1).next_multiple_of(together);
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
pub(super) struct PanelJob<'a> {
    pub matrix: &'a PackedMatrix,
    /// Of the matrix, or of one of the matrices that lie in it one behind the other.
    pub first_panel: usize,
    pub quantised: Activations,
    pub x: Ptr<f32>,
    pub out: Ptr<f32>,
    /// Floats from one row of outputs to the next.
    pub out_stride: usize,
    pub add: bool,
    pub finish: Finish,
    pub isa: Isa,
}

// SAFETY: activations and biases are only read while tasks run.
unsafe impl Sync for PanelJob<'_> {}

impl PanelJob<'_> {
    /// Multiplies some rows by one panel.
    pub fn run(&self, panel: usize, rows: Range<usize>) {
        let target = self.target(panel, rows.start);
        if self.finish.is_none() {
            return self.dots(panel, rows, target);
        }
        with_room(rows.len(), |dots| {
            self.dots(panel, rows.clone(), room_target(dots));
            self.finish_panel(panel, dots, rows.len(), target);
        });
    }

    /// Panels that are multiplied together: those of float formats in pairs, if there are rows to share.
    pub fn together(&self, rows: usize) -> usize {
        if self.matrix.is_int() || rows < 2 { 1 } else { 2 }
    }

    /// Multiplies some rows by a panel and the one behind it. Of float formats only.
    pub fn run_pair(&self, panel: usize, rows: Range<usize>) {
        let targets = [panel, panel + 1].map(|panel| self.target(panel, rows.start));
        if self.finish.is_none() {
            return self.pair_dots(panel, rows, targets);
        }
        with_room(2 * rows.len(), |dots| {
            let rooms = [dots, dots.wrapping_add(rows.len() * LANES)];
            self.pair_dots(panel, rows.clone(), rooms.map(room_target));
            for (i, (dots, target)) in rooms.into_iter().zip(targets).enumerate() {
                self.finish_panel(panel + i, dots, rows.len(), target);
            }
        });
    }

    /// Where a panel's outputs go, from row `row` on.
    fn target(&self, panel: usize, row: usize) -> Target {
        let (first, stride) = (panel * LANES, self.out_stride);
        let out = self.out.at(row * stride + first);
        Target { out, stride, valid: LANES.min(self.matrix.rows - first), add: self.add }
    }

    fn finish_panel(&self, panel: usize, dots: *const f32, rows: usize, target: Target) {
        let mut finish = self.finish;
        if !finish.bias.is_null() {
            finish.bias = finish.bias.wrapping_add(panel * LANES);
        }
        self.isa.run(FinishPanel { dots, rows, target, finish });
    }

    fn pair_dots(&self, panel: usize, rows: Range<usize>, targets: [Target; 2]) {
        let panels = [panel, panel + 1].map(|panel| self.matrix.panel(self.first_panel + panel).as_ptr());
        let width = self.matrix.cols;
        let x = self.x.at(rows.start * width).cast_const();
        let rows = rows.len();
        with_format!(self.matrix.format,
        int T => {
            unreachable!("{} panels are multiplied one by one", std::any::type_name::<T>())
        },
        float T => {
            self.isa.run(FloatPair::<T> { panels, x, width, rows, targets, format: PhantomData });
        });
    }

    fn dots(&self, panel: usize, rows: Range<usize>, target: Target) {
        let panel = self.matrix.panel(self.first_panel + panel).as_ptr();
        let (start, rows) = (rows.start, rows.len());
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

/// Room for the dots of a panel, `[rows, 16]`.
fn room_target(dots: *mut f32) -> Target {
    Target { out: dots, stride: LANES, valid: LANES, add: false }
}

/// Gate, up and activation of the same panels; the result replaces the gate.
#[derive(Clone, Copy)]
pub(super) struct GatedPanels<'a> {
    pub gate: PanelJob<'a>,
    pub up: Option<PanelJob<'a>>,
    pub activation: Activation,
}

impl GatedPanels<'_> {
    /// Multiplies some rows by one panel of each.
    pub fn run(&self, panel: usize, rows: Range<usize>) {
        self.gate.run(panel, rows.clone());
        if let Some(up) = &self.up {
            up.run(panel, rows.clone());
        }
        self.activate(panel, rows);
    }

    /// Multiplies some rows by panels `panels`, in pairs where that is faster.
    pub fn run_all(&self, panels: Range<usize>, rows: Range<usize>) {
        let jobs = [Some(&self.gate), self.up.as_ref()];
        let together = jobs.into_iter().flatten().map(|job| job.together(rows.len())).min().unwrap_or(1);
        let mut panel = panels.start;
        while panel < panels.end {
            if together == 2 && panel + 1 < panels.end {
                jobs.into_iter().flatten().for_each(|job| job.run_pair(panel, rows.clone()));
                self.activate(panel, rows.clone());
                self.activate(panel + 1, rows.clone());
                panel += 2;
            } else {
                self.run(panel, rows.clone());
                panel += 1;
            }
        }
    }

    /// The activation over a panel's outputs.
    fn activate(&self, panel: usize, rows: Range<usize>) {
        let (first, stride) = (panel * LANES, self.gate.matrix.rows);
        let at = rows.start * stride + first;
        let gate = self.gate.out.at(at);
        let up = self.up.map_or(std::ptr::null(), |up| up.out.at(at).cast_const());
        let gate = Gate { activation: self.activation, gate, up, out: gate, n: LANES.min(stride - first) };
        self.gate.isa.run(GatePanel { gate, rows: rows.len(), stride });
    }

    /// Inputs that a task multiplies per row, for the size of tasks.
    pub fn cols(&self) -> usize {
        self.gate.matrix.cols * if self.up.is_some() { 2 } else { 1 }
    }
}

/// The activation over the outputs of one panel, all rows.
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
            // SAFETY: `rows` rows of `stride` values exist behind each pointer that is not null.
            unsafe {
                let up = if g.up.is_null() { g.up } else { g.up.add(at) };
                let (gate, out) = (g.gate.add(at), g.out.add(at));
                Gate { activation: g.activation, gate, up, out, n: g.n }.run::<S>();
            }
        }
    }
}

impl CpuOps {
    fn panel_job(&self, x: BufId, job: &MatmulJob, rows: usize) -> PanelJob<'_> {
        let matrix = &self.matrices[job.matrix.0];
        assert!(!self.share_memory(x, job.out), "a matmul cannot overwrite its input");
        PanelJob {
            matrix,
            first_panel: 0,
            quantised: self.quantised.activations(matrix.cols),
            x: self.ptr(x, rows, matrix.cols),
            out: self.ptr(job.out, rows, matrix.rows),
            out_stride: matrix.rows,
            add: job.output == Output::Add,
            finish: self.finish(&job.epilogue, matrix.rows),
            isa: self.isa,
        }
    }

    fn finish(&self, e: &Epilogue, width: usize) -> Finish {
        let bias = self.bias_ptr(e.bias, width).at(0);
        Finish { weight_scale: e.weight_scale, bias, clamp: e.clamp.unwrap_or(f32::INFINITY), scale: e.scale }
    }

    /// A bias of `width` values, or null.
    pub(super) fn bias_ptr(&self, bias: Option<VectorId>, width: usize) -> Ptr<f32> {
        bias.iter().for_each(|bias| assert_eq!(self.vectors[bias.0].len(), width, "biases"));
        self.vector_ptr(bias)
    }

    /// True if a job's weights are integers, so that the input is needed quantised.
    pub(super) fn needs_quantised(&self, jobs: &[MatmulJob]) -> bool {
        jobs.iter().any(|job| self.matrices[job.matrix.0].is_int())
    }

    /// Runs all jobs as one set of tasks; the input is quantised already.
    pub(super) fn run_matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        let panel_jobs: Vec<PanelJob<'_>> = jobs.iter().map(|job| self.panel_job(x, job, rows)).collect();
        let panels: usize = panel_jobs.iter().map(|j| j.matrix.panels()).sum();
        // A panel, or a pair within one job; returns how many.
        let run_panels = |mut panel: usize, left: usize, rows: Range<usize>| -> usize {
            for job in &panel_jobs {
                let of_job = job.matrix.panels();
                if panel < of_job {
                    if job.together(rows.len()) == 2 && left > 1 && panel + 1 < of_job {
                        job.run_pair(panel, rows);
                        return 2;
                    }
                    job.run(panel, rows);
                    return 1;
                }
                panel -= of_job;
            }
            left
        };
        let cols = panel_jobs.first().map_or(0, |j| j.matrix.cols);
        let together = panel_jobs.iter().map(|job| job.together(rows)).max().unwrap_or(1);
        let cut = Cut::new(self.pool.threads(), rows, cols, panels, together);
        self.pool.for_each(cut.tasks(), &|task| {
            let (rows, panels) = cut.task(task);
            let mut panel = panels.start;
            while panel < panels.end {
                panel += run_panels(panel, panels.end - panel, rows.clone());
            }
        });
    }

    /// Norm, gate, up and activation, the last three panel by panel.
    pub(super) fn run_ffn(&mut self, f: &Ffn, rows: usize) {
        let job = |linear: Linear, out| MatmulJob {
            matrix: linear.matrix,
            out,
            output: Output::Store,
            epilogue: linear.epilogue,
        };
        let gate = job(f.gate, f.gate_out);
        let up = f.up.map(|up| job(up, f.up_out));
        let quantise = self.needs_quantised(&[gate]) || up.is_some_and(|up| self.needs_quantised(&[up]));
        let x = match f.norm {
            Some(norm) => {
                self.norm_and_quantise((f.x, f.scratch), norm, quantise, rows);
                f.scratch
            }
            None => {
                if quantise {
                    self.quantise(f.x, rows);
                }
                f.x
            }
        };
        let gate = self.panel_job(x, &gate, rows);
        let up = up.map(|up| self.panel_job(x, &up, rows));
        up.iter().for_each(|up| assert_eq!(gate.matrix.rows, up.matrix.rows, "gate and up are one width"));
        let panels = GatedPanels { gate, up, activation: f.activation };
        let together = gate.together(rows);
        let cut = Cut::new(self.pool.threads(), rows, panels.cols(), gate.matrix.panels(), together);
        self.pool.for_each(cut.tasks(), &|task| {
            let (rows, of_panels) = cut.task(task);
            panels.run_all(of_panels, rows);
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
                    let together = 1 + (rows + panels) % 2;
                    let cut = Cut::new(threads, rows, cols, panels, together);
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
