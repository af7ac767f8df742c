//! What a GPU is asked before it is trusted: are its kernels near the reference, do they keep a row's bits whatever
//! rows are beside it, and how fast are they. One minute on a card; it settles what could not be tried elsewhere.

use std::time::Instant;

use gollum_core::{Batch, SequenceSpan};
use gollum_kernels::conformance::{self, Blocks, Nearness, Rng, Temper, activations, matrix_bytes};
use gollum_kernels::{AttendWhole, BufId, Epilogue, KernelOps, MatmulJob, MatrixSource, Output, Reach};
use gollum_quant::{FORMATS, Format, FormatId};

use crate::device::{Device, DeviceKind};
use crate::memory_speed::memory_speeds;
use crate::ops::{Gpu, GpuOps};

/// Largest normalised mean squared error of a case: an activation whose code rounds the other way.
pub const NMSE_BOUND: f64 = 1e-5;

/// Formats that stand for all where time is short.
const QUICK_FORMATS: [FormatId; 5] =
    [FormatId::F16, FormatId::Q8_0, FormatId::Q4_0, FormatId::Q4_K, FormatId::Q6_K];

/// A measured kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct Speed {
    /// What ran.
    pub what: String,
    /// Microseconds of one run, the best of three rounds.
    pub us: f64,
    /// Bytes of weights, or of K and V, read in that time, or of states read and written; 10^9 a second.
    pub gb_per_s: f64,
    /// Multiplications and additions, 10^9 a second.
    pub gflops: f64,
}

/// What [`run`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Distance to the reference, by operation.
    pub near: Vec<Nearness>,
    /// Why the device cannot be trusted; nothing if it can.
    pub failures: Vec<String>,
    /// Formats whose rows have the same bits alone and in batches.
    pub same_bits: Vec<&'static str>,
    /// True if a matrix unit was used.
    pub uses_matrix_unit: bool,
    /// Microseconds that one more dependent dispatch costs.
    pub dispatch_us: f64,
    /// Kernels measured.
    pub speeds: Vec<Speed>,
}

/// The short form, some seconds: bits of rows in batches, and a norm, a matmul and attention near the reference.
pub fn quick(gpu: &Gpu) -> Result<(), String> {
    const GROUPS: &[&str] = &["norm", "embed", "gate", "rope", "attend", "attend_whole"];
    for check in conformance::CHECKS.iter().filter(|check| GROUPS.contains(&check.op)) {
        let mut make = || -> Box<dyn KernelOps> { Box::new(GpuOps::new(gpu)) };
        let mut subject = conformance::Subject::near(&mut make, NMSE_BOUND);
        (check.run)(&mut subject).map_err(|failure| failure.to_string())?;
    }
    for id in QUICK_FORMATS {
        same_bits(gpu, id.format())?;
    }
    gpu.fault().map_or(Ok(()), Err)
}

/// The GPU with its matrix unit in use, if it has one and rows in batches keep the bits that they have alone: those of
/// kernels without. Which it is, is told.
pub fn with_matrix_unit(gpu: Gpu) -> Gpu {
    let Some(unit) = gpu.info().matrix_unit else { return gpu };
    let with = gpu.with_unit(unit);
    let kept = QUICK_FORMATS.into_iter().try_for_each(|id| same_bits(&with, id.format()));
    match kept.and_then(|()| gpu.fault().map_or(Ok(()), Err)) {
        Ok(()) => {
            tracing::info!("GPU: long batches are multiplied by its matrix unit ({unit:?})");
            with
        }
        Err(failure) => {
            tracing::warn!("GPU: its matrix unit ({unit:?}) is left alone: {failure}");
            // What a fault leaves behind computes nothing any more.
            match gpu.fault() {
                Some(_) => Device::open(Some(gpu.info().index)).map_or(gpu, Gpu::new),
                None => gpu,
            }
        }
    }
}

/// The long form.
pub fn run(gpu: &Gpu) -> Report {
    let mut report = Report {
        near: Vec::new(),
        failures: Vec::new(),
        same_bits: Vec::new(),
        uses_matrix_unit: gpu.unit().is_some(),
        dispatch_us: 0.0,
        speeds: Vec::new(),
    };
    for check in conformance::CHECKS {
        let mut make = || -> Box<dyn KernelOps> { Box::new(GpuOps::new(gpu)) };
        let mut subject = conformance::Subject::near(&mut make, NMSE_BOUND);
        match (check.run)(&mut subject) {
            Ok(cases) => report.near.push(subject.nearness(check.op, cases)),
            Err(failure) => report.failures.push(failure.to_string()),
        }
    }
    for format in FORMATS {
        match same_bits(gpu, format) {
            Ok(()) => report.same_bits.push(format.name),
            Err(failure) => report.failures.push(failure),
        }
    }
    report.dispatch_us = dispatch_us(gpu);
    // A software driver takes a second for what a card does in a millisecond.
    let is_software = gpu.info().kind == DeviceKind::Software;
    let (rows, cols) = if is_software { (512, 1024) } else { (8192, 8192) };
    for id in QUICK_FORMATS {
        for batch in [1, 8, 64, 512] {
            report.speeds.push(matmul_speed(gpu, id.format(), (rows, cols), batch));
        }
    }
    for (inputs, len) in if is_software { [(8, 16), (1, 128)] } else { [(64, 16), (2, 512)] } {
        report.speeds.push(whole_speed(gpu, inputs, len));
    }
    report.speeds.extend(memory_speeds(gpu));
    report.failures.extend(gpu.fault());
    report
}

/// Rows of one matmul alone and in batches of each size that kernels are made for, those of matrix units included.
pub fn same_bits(gpu: &Gpu, format: &'static Format) -> Result<(), String> {
    const ROWS: usize = 70;
    let mut rng = Rng::new(3);
    // 40 K-blocks: of the 14 segments that are not empty the last is shorter.
    let cols = 5 * 256;
    let bytes = matrix_bytes(&mut rng, format, Blocks::Plain, 40, cols);
    let x = activations(&mut rng, Temper::Plain, ROWS * cols);
    let mut ops = GpuOps::new(gpu);
    let source = MatrixSource { format: format.id, rows: 40, cols, bytes: &bytes };
    let matrix = ops.load_matrix(source).map_err(|e| e.to_string())?;
    let (input, out) = (ops.create_buffer(ROWS, cols), ops.create_buffer(ROWS, 40));
    let mut run = |first: usize, rows: usize| {
        ops.write(input, &x[first * cols..(first + rows) * cols]);
        ops.matmul(
            input,
            &[MatmulJob { matrix, out, output: Output::Store, epilogue: Epilogue::NONE }],
            rows,
        );
        let mut y = vec![0.0; rows * 40];
        ops.read(out, rows, &mut y);
        y
    };
    let alone: Vec<f32> = (0..ROWS).flat_map(|row| run(row, 1)).collect();
    for batch in [2, 3, 5, 8, 11, ROWS] {
        let rows = batch.min(ROWS);
        let got = run(0, rows);
        if got.iter().zip(&alone).any(|(a, b)| a.to_bits() != b.to_bits()) {
            return Err(format!("{}: a row's bits depend on the {rows} rows of its batch", format.name));
        }
    }
    Ok(())
}

/// What one more dispatch costs: the slope between many and few small ones, each depending on the last.
fn dispatch_us(gpu: &Gpu) -> f64 {
    let mut ops = GpuOps::new(gpu);
    let x = ops.create_buffer(1, 64);
    let mut out = [0.0; 64];
    let mut run = |count: usize| {
        let started = Instant::now();
        for _ in 0..count {
            ops.soft_cap(x, 30.0, 1);
        }
        ops.read(x, 1, &mut out);
        started.elapsed().as_secs_f64() * 1e6
    };
    run(10);
    let best = |count: usize, run: &mut dyn FnMut(usize) -> f64| {
        (0..3).map(|_| run(count)).fold(f64::INFINITY, f64::min)
    };
    (best(1100, &mut run) - best(100, &mut run)) / 1000.0
}

fn matmul_speed(gpu: &Gpu, format: &'static Format, (rows, cols): (usize, usize), batch: usize) -> Speed {
    let mut rng = Rng::new(4);
    // The content of weights is of no matter to speed: one row, many times.
    let row = matrix_bytes(&mut rng, format, Blocks::Plain, 1, cols);
    let bytes = row.repeat(rows);
    let mut ops = GpuOps::new(gpu);
    let source = MatrixSource { format: format.id, rows, cols, bytes: &bytes };
    let what = format!("{} {rows}x{cols} by {batch}", format.name);
    let Ok(matrix) = ops.load_matrix(source) else {
        return Speed { what, us: f64::NAN, gb_per_s: f64::NAN, gflops: f64::NAN };
    };
    let (x, out) = (ops.create_buffer(batch, cols), ops.create_buffer(batch, rows));
    ops.write(x, &activations(&mut rng, Temper::Plain, batch * cols));
    let job = MatmulJob { matrix, out, output: Output::Store, epilogue: Epilogue::NONE };
    let best = best_seconds(&mut ops, out, |ops| ops.matmul(x, &[job], batch));
    Speed {
        what,
        us: best * 1e6,
        gb_per_s: bytes.len() as f64 / best / 1e9,
        gflops: 2.0 * (rows * cols * batch) as f64 / best / 1e9,
    }
}

/// Attention over whole inputs, heads as in BERT: bytes are those of K and V.
fn whole_speed(gpu: &Gpu, inputs: usize, len: usize) -> Speed {
    const HEADS: usize = 12;
    const HEAD_DIM: usize = 64;
    let (rows, width) = (inputs * len, HEADS * HEAD_DIM);
    let mut ops = GpuOps::new(gpu);
    let [q, k, v, out] = [(); 4].map(|()| ops.create_buffer(rows, width));
    let values = activations(&mut Rng::new(5), Temper::Plain, rows * width);
    for x in [q, k, v] {
        ops.write(x, &values);
    }
    let span = |i: usize| SequenceSpan {
        query_start: i * len,
        query_len: len,
        context_len: len,
        table_start: 0,
        table_len: 0,
        state: None,
    };
    ops.begin_step(&Batch {
        tokens: vec![0; rows],
        positions: (0..inputs).flat_map(|_| 0..len as u32).collect(),
        sequences: (0..inputs).map(span).collect(),
        ..Batch::default()
    });
    let attend = AttendWhole {
        heads: HEADS,
        kv_heads: HEADS,
        head_dim: HEAD_DIM,
        scale: 0.125,
        reach: Reach::All,
        soft_cap: None,
        slopes: None,
    };
    let best = best_seconds(&mut ops, out, |ops| ops.attend_whole(&attend, [q, k, v], out));
    Speed {
        what: format!("attention, {inputs} inputs of {len}"),
        us: best * 1e6,
        gb_per_s: (2 * rows * width * 4) as f64 / best / 1e9,
        gflops: (4 * rows * len * width) as f64 / best / 1e9,
    }
}

/// What one run of an operation takes, the best of three rounds of some 50 ms.
fn best_seconds(ops: &mut GpuOps, out: BufId, run: impl Fn(&mut GpuOps)) -> f64 {
    let mut one = [0.0; 1];
    let mut time = |count: usize| {
        let started = Instant::now();
        (0..count).for_each(|_| run(ops));
        ops.read_some(out, &mut one);
        started.elapsed().as_secs_f64()
    };
    let first = time(1).max(1e-6);
    let count = ((0.05 / first) as usize).clamp(1, 200);
    (0..3).map(|_| time(count)).fold(f64::INFINITY, f64::min) / count as f64
}
