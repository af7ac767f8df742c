//! Matmuls as tasks: runs of panels, claimed by whichever thread is free.

use std::marker::PhantomData;

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

/// Panels of one task.
fn panels_per_task(cols: usize, rows: usize) -> usize {
    (TASK_WEIGHT_ROWS / (LANES * cols * (rows + ROWS_PER_READ)).max(1)).max(1)
}

/// Everything a panel's task needs of its matrix and input.
#[derive(Clone, Copy)]
struct PanelJob<'a> {
    matrix: &'a PackedMatrix,
    quantised: Activations,
    x: Ptr<f32>,
    rows: usize,
    out: Ptr<f32>,
    add: bool,
    isa: Isa,
}

// SAFETY: the activations are only read while tasks run.
unsafe impl Sync for PanelJob<'_> {}

impl PanelJob<'_> {
    fn run(&self, panel: usize) {
        let first = panel * LANES;
        let valid = LANES.min(self.matrix.rows - first);
        let target = Target { out: self.out.at(first), stride: self.matrix.rows, valid, add: self.add };
        let (panel, rows) = (self.matrix.panel(panel).as_ptr(), self.rows);
        with_format!(self.matrix.format,
        int T => self.isa.run(IntPanel::<T> { panel, x: self.quantised, rows, target, format: PhantomData }),
        float T => {
            let (x, width) = (self.x.at(0).cast_const(), self.matrix.cols);
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
            rows,
            out: self.ptr(job.out, rows, matrix.rows),
            add: job.output == Output::Add,
            isa: self.isa,
        }
    }

    /// Runs all jobs as one set of tasks; the input is quantised already.
    pub(super) fn run_matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        let panel_jobs: Vec<PanelJob<'_>> = jobs.iter().map(|job| self.panel_job(x, job, rows)).collect();
        let panels: usize = panel_jobs.iter().map(|j| j.matrix.panels()).sum();
        let run = |mut panel: usize| {
            for job in &panel_jobs {
                if panel < job.matrix.panels() {
                    return job.run(panel);
                }
                panel -= job.matrix.panels();
            }
        };
        let cols = panel_jobs.first().map_or(0, |j| j.matrix.cols);
        self.pool.for_runs(panels, panels_per_task(cols, rows), &run);
    }

    /// Gate, up and activation, panel by panel; the input is quantised already.
    pub(super) fn run_gated(&mut self, f: &GatedFfn, rows: usize) {
        let job = |matrix, out| MatmulJob { matrix, out, output: Output::Store };
        let gate = self.panel_job(f.scratch, &job(f.gate, f.gate_out), rows);
        let up = self.panel_job(f.scratch, &job(f.up, f.up_out), rows);
        assert_eq!(gate.matrix.rows, up.matrix.rows, "gate and up are one width");
        let stride = gate.matrix.rows;
        let run = |panel: usize| {
            gate.run(panel);
            up.run(panel);
            let first = panel * LANES;
            let (g, u) = (gate.out.at(first), up.out.at(first));
            let n = LANES.min(stride - first);
            let gate = Gate { activation: f.activation, gate: g, up: u, out: g, n };
            self.isa.run(GatePanel { gate, rows, stride });
        };
        let panels_each = panels_per_task(2 * gate.matrix.cols, rows);
        self.pool.for_runs(gate.matrix.panels(), panels_each, &run);
    }
}
