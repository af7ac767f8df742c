//! How fast kernels are.

use std::time::Instant;

use gollum_kernels::conformance::{Blocks, Rng, Temper, activations, matrix_bytes};
use gollum_kernels::{BufId, Epilogue, KernelOps, MatmulJob, MatrixSource, Output};
use gollum_quant::{Format, FormatId};

use super::QUICK_FORMATS;
use super::attention::attention_speeds;
use super::experts::expert_speeds;
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
    let mut speeds = Vec::new();
    for id in measured() {
        speeds.extend([1, 8, 64, 512].map(|batch| matmul_speed(gpu, id.format(), (rows, cols), batch)));
    }
    speeds.extend(expert_speeds(gpu));
    speeds.extend(attention_speeds(gpu));
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

#[cfg(test)]
#[allow(clippy::print_stdout)]
mod tests {
    use super::*;
    use crate::device::Device;

    #[test]
    fn every_shape_is_measured() {
        let gpu = match Device::open(None) {
            Ok(device) => Gpu::new(device),
            Err(error) => return println!("skipped: {error}"),
        };
        let speeds = [expert_speeds(&gpu), attention_speeds(&gpu), memory_speeds(&gpu)].concat();
        assert_eq!(speeds.len(), 3 + 5 + 9);
        for s in speeds {
            println!("{:50} {:10.1} us  {:8.1} GB/s  {:9.1} GFLOP/s", s.what, s.us, s.gb_per_s, s.gflops);
            assert!(s.us > 0.0 && s.gb_per_s > 0.0, "{s:?}");
        }
        assert_eq!(gpu.fault(), None);
    }
}
