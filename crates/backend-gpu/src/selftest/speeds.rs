//! How fast kernels are.

use std::time::Instant;

use gollum_core::Batch;
use gollum_kernels::conformance::{Blocks, Rng, Temper, activations, matrix_bytes};
use gollum_kernels::{AttendWhole, BufId, Epilogue, KernelOps, MatmulJob, MatrixSource, Output, Reach};
use gollum_quant::{Format, FormatId};

use super::QUICK_FORMATS;
use super::memories::memory_speeds;
use crate::device::DeviceKind;
use crate::ops::{Gpu, GpuOps};

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

impl Speed {
    /// Of what the device has no memory for.
    pub(super) fn unknown(what: String) -> Self {
        Self { what, us: f64::NAN, gb_per_s: f64::NAN, gflops: f64::NAN }
    }
}

/// Formats that are measured: those whose levels are looked up are two more kinds of kernels.
fn measured() -> impl Iterator<Item = FormatId> {
    QUICK_FORMATS.into_iter().chain([FormatId::MXFP4, FormatId::IQ3_XXS])
}

/// What one more dispatch costs: the slope between many and few small ones, each depending on the last.
pub fn dispatch_us(gpu: &Gpu) -> f64 {
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

/// Every kernel that is measured. A software driver takes a second for what a card does in a millisecond, and has less to do.
pub fn all(gpu: &Gpu) -> Vec<Speed> {
    let is_software = gpu.info().kind == DeviceKind::Software;
    let (rows, cols) = if is_software { (512, 1024) } else { (8192, 8192) };
    let whole = if is_software { [(8, 16), (1, 128)] } else { [(64, 16), (2, 512)] };
    let mut speeds = Vec::new();
    for id in measured() {
        speeds.extend([1, 8, 64, 512].map(|batch| matmul_speed(gpu, id.format(), (rows, cols), batch)));
    }
    speeds.extend(whole.map(|(inputs, len)| whole_speed(gpu, inputs, len)));
    speeds.extend(memory_speeds(gpu));
    speeds
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
        return Speed::unknown(what);
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
    let mut batch = Batch::default();
    (0..inputs).for_each(|_| batch.push_whole(&vec![0; len]));
    ops.begin_step(&batch);
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
pub fn best_seconds(ops: &mut GpuOps, out: BufId, run: impl Fn(&mut GpuOps)) -> f64 {
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
