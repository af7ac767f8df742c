//! Weights times rows, and rows of weights.

use std::collections::BTreeMap;

use gollum_core::TokenId;
use gollum_kernels::{BufId, MatmulJob, MatrixId, Output};
use gollum_quant::K_BLOCK;

use super::GpuOps;
use crate::recorder::Recorder;
use crate::shaders::{Kernel, MATMUL_COLS, MatrixUnit, UNIT_ROWS};
use crate::weights::{Layout, PANEL, Piece};

/// Parts that inputs are cut into, each summed on its own: see docs/gpu.md.
pub(super) const SEGMENTS: usize = 16;

/// Rows from which matrix units multiply: half of what a workgroup takes.
const MIN_UNIT_ROWS: usize = UNIT_ROWS / 2;

/// What long batches without a matrix unit are counted under: they are multiplied by the kernels for all devices.
pub(super) const MATRIX_UNITS: &str = "matrix_units";

/// Words of a job's description.
pub(super) const JOB_WORDS: usize = 16;

/// The int8 form of one buffer's rows.
#[derive(Default)]
pub(super) struct Quantised {
    codes: Option<wgpu::Buffer>,
    scales: Option<wgpu::Buffer>,
    /// Values there is room for.
    capacity: usize,
    /// The memory that was quantised, its rows and their width.
    holds: Option<(usize, usize, usize)>,
}

impl Quantised {
    /// The memory is about to change.
    pub fn forget(&mut self, base: usize) {
        if self.holds.is_some_and(|(b, _, _)| b == base) {
            self.holds = None;
        }
    }

    /// Makes room for `values` values and returns the buffers of codes and scales.
    pub fn buffers(&mut self, recorder: &mut Recorder, values: usize) -> (wgpu::Buffer, wgpu::Buffer) {
        if values > self.capacity || self.codes.is_none() {
            recorder.forget_buffers();
            self.capacity = values;
            self.holds = None;
            self.codes = Some(recorder.device.buffer("int8", values as u64));
            self.scales = Some(recorder.device.buffer("int8 scales", values as u64 / 32 * 8));
        }
        let both = self.codes.clone().zip(self.scales.clone());
        both.expect("just made")
    }

    pub fn set(&mut self, base: usize, rows: usize, width: usize) {
        self.holds = Some((base, rows, width));
    }

    fn has(&self, base: usize, rows: usize, width: usize) -> bool {
        self.holds.is_some_and(|(b, r, w)| b == base && r >= rows && w == width)
    }
}

/// Jobs that one dispatch can do: of one layout, their weights in one buffer, their outputs in one.
type Group = (String, usize, usize);

/// A part of a job's matrix.
struct Part<'a> {
    job: &'a MatmulJob,
    piece: Piece,
    out_at: usize,
    out_width: usize,
}

impl GpuOps {
    pub(super) fn needs_quantised(&self, jobs: &[MatmulJob]) -> bool {
        jobs.iter().any(|job| self.matrices[job.matrix.0].layout.is_int())
    }

    /// Puts the last weights on the device, once a model is loaded. What fails here is a fault.
    pub(super) fn seal_weights(&mut self) {
        if self.weights.seal(&self.recorder.device).is_none() {
            self.recorder.device.fault.set("no memory for the last weights".to_owned());
        }
    }

    /// Room for the int8 form of all rows of a buffer.
    pub(super) fn quantised_room(&mut self, x: BufId) -> (wgpu::Buffer, wgpu::Buffer) {
        let values = self.activations.rows(x) * self.width(x);
        self.quantised.buffers(&mut self.recorder, values.next_multiple_of(K_BLOCK))
    }

    pub(super) fn quantise(&mut self, x: BufId, rows: usize) {
        let width = self.width(x);
        let base = self.activations.base(x);
        if self.quantised.has(base, rows, width) {
            return;
        }
        let (place, chunk) = self.source(x, rows);
        let (qa, qs) = self.quantised_room(x);
        let buffers = [("xs", &chunk), ("qa", &qa), ("qs", &qs)];
        let params = [place.at as u32, width as u32];
        self.recorder.dispatch(Kernel::Quantise, &buffers, &params, [width.div_ceil(256), rows]);
        self.quantised.set(base, rows, width);
    }

    pub(super) fn run_matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        if rows == 0 {
            return;
        }
        if self.needs_quantised(jobs) {
            self.quantise(x, rows);
        }
        let mut groups: BTreeMap<Group, (Layout, Vec<Part<'_>>)> = BTreeMap::new();
        for job in jobs {
            let matrix = &self.matrices[job.matrix.0];
            assert_eq!(matrix.cols, self.width(x), "inputs of a matrix");
            let (layout, pieces, out_width) = (matrix.layout, matrix.pieces.clone(), matrix.rows);
            let place = self.activations.place(&self.recorder, job.out, rows, out_width);
            for piece in pieces {
                let group = groups.entry((layout.name(), piece.chunk, place.chunk));
                let (_, parts) = group.or_insert_with(|| (layout, Vec::new()));
                parts.push(Part { job, piece, out_at: place.at, out_width });
            }
        }
        for ((_, weights, out), (layout, parts)) in groups {
            self.dispatch_matmul(x, rows, layout, (weights, out), &parts);
        }
        for job in jobs {
            self.quantised.forget(self.activations.base(job.out));
        }
    }

    fn dispatch_matmul(
        &mut self,
        x: BufId,
        rows: usize,
        layout: Layout,
        (weights, out): (usize, usize),
        parts: &[Part<'_>],
    ) {
        let width = self.width(x);
        let blocks = width.div_ceil(K_BLOCK);
        let (x_place, x_chunk) = self.source(x, rows);
        let out_chunk = self.activations.chunk(crate::memory::Place { chunk: out, at: 0 }).clone();
        self.seal_weights();
        let weights = self.weights.chunk(weights).clone();
        let vectors = self.vectors.buffer(&mut self.recorder);
        let (mut described, mut panels) = (Vec::with_capacity(parts.len() * JOB_WORDS), 0);
        for part in parts {
            described.extend(self.describe(part, panels));
            panels += part.piece.rows.div_ceil(PANEL);
        }
        let jobs = self.recorder.list(described);
        let is_int = layout.is_int();
        let segment = blocks.div_ceil(SEGMENTS);
        let (qa, qs) = match is_int {
            true => self.quantised_room(x),
            // Not bound.
            false => (vectors.clone(), vectors.clone()),
        };
        let buffers = [
            ("xs", &x_chunk),
            ("ys", &out_chunk),
            ("vectors", &vectors),
            ("w", &weights),
            ("words", &weights),
            ("qa", &qa),
            ("qs", &qs),
        ];
        // By rows, because the bits are the same: docs/gpu.md.
        if let Some(unit) = self.unit_for(layout, rows) {
            let kernel = Kernel::UnitMatmul { layout, unit, of_experts: false };
            let params = [rows, blocks, segment, jobs as usize, parts.len()].map(|word| word as u32);
            return self.recorder.dispatch(kernel, &buffers, &params, [panels, rows.div_ceil(UNIT_ROWS)]);
        }
        let cols = MATMUL_COLS.iter().copied().find(|&c| c >= rows).unwrap_or(16);
        let ragged = !is_int && !width.is_multiple_of(K_BLOCK);
        let kernel = Kernel::Matmul { layout, cols, dp4a: is_int && self.dp4a, ragged };
        let params = [x_place.at, rows, width, blocks, segment, jobs as usize, parts.len()];
        let grid = [panels, rows.div_ceil(cols)];
        self.recorder.dispatch(kernel, &buffers, &params.map(|word| word as u32), grid);
    }

    /// The matrix unit, for batches that are worth one. Those of devices without are counted.
    pub(super) fn unit_for(&self, layout: Layout, rows: usize) -> Option<MatrixUnit> {
        if !layout.is_int() || rows < MIN_UNIT_ROWS {
            return None;
        }
        if self.unit.is_none() && self.fallbacks.count(MATRIX_UNITS) {
            tracing::info!("GPU: no matrix unit is in use: long batches are multiplied without");
        }
        self.unit
    }

    /// The words of a job that kernels read; see `shaders/finish.wgsl`.
    fn describe(&self, part: &Part<'_>, first_group: usize) -> [u32; JOB_WORDS] {
        let e = part.job.epilogue;
        [
            first_group as u32,
            part.piece.main_at,
            part.piece.extra_at,
            part.piece.scale_at,
            part.out_at as u32,
            part.out_width as u32,
            part.piece.first_row as u32,
            part.piece.rows as u32,
            e.weight_scale.to_bits(),
            self.vectors.at(e.bias),
            e.clamp.unwrap_or(0.0).to_bits(),
            e.scale.to_bits(),
            u32::from(part.job.output == Output::Add),
            0,
            0,
            0,
        ]
    }

    /// Rows of a matrix as f32.
    pub(super) fn decode_rows(
        &mut self,
        table: MatrixId,
        rows: &[TokenId],
        scale: f32,
        output: Output,
        out: BufId,
    ) {
        let matrix = self.matrices[table.0].clone();
        let highest = rows.iter().max().map_or(0, |&row| row as usize + 1);
        assert!(highest <= matrix.rows, "row {} of {}", highest - 1, matrix.rows);
        let (place, chunk) = self.target(out, rows.len());
        assert_eq!(self.width(out), matrix.cols, "width of a decoded row");
        let list = self.recorder.list(rows.iter().copied());
        self.seal_weights();
        for piece in &matrix.pieces {
            let weights = self.weights.chunk(piece.chunk).clone();
            let params = [
                place.at as u32,
                matrix.cols as u32,
                matrix.blocks as u32,
                list,
                piece.main_at,
                piece.extra_at,
                piece.scale_at,
                piece.first_row as u32,
                piece.rows as u32,
                scale.to_bits(),
                u32::from(output == Output::Add),
            ];
            let buffers = [("ys", &chunk), ("w", &weights), ("words", &weights)];
            let grid = [matrix.blocks.div_ceil(64), rows.len()];
            self.recorder.dispatch(Kernel::Embed(matrix.layout), &buffers, &params, grid);
        }
    }
}
