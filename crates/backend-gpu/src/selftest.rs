//! What a GPU is asked before it is trusted: are its kernels near the reference, do they keep a row's bits whatever
//! rows are beside it, and how fast are they. One minute on a card; it settles what could not be tried elsewhere.

mod attention;
mod experts;
mod long;
mod memories;
mod speeds;

use gollum_kernels::conformance::{self, Blocks, Nearness, Rng, Temper, activations, matrix_bytes};
use gollum_kernels::{Epilogue, ExpertLinear, KernelOps, MatmulJob, MatrixSource, Output};
use gollum_quant::{FORMATS, Format, FormatId};

use crate::device::Device;
use crate::ops::{Gpu, GpuOps};
pub use long::{long_attention, long_cases};
pub use speeds::Speed;

/// Largest normalised mean squared error of a case: an activation whose code rounds the other way.
pub const NMSE_BOUND: f64 = 1e-5;

/// Formats that stand for all where time is short.
const QUICK_FORMATS: [FormatId; 5] =
    [FormatId::F16, FormatId::Q8_0, FormatId::Q4_0, FormatId::Q4_K, FormatId::Q6_K];

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
    long_attention(gpu, &long_cases()[0])?;
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
        match same_bits(gpu, format).and_then(|()| same_bits_of_experts(gpu, format)) {
            Ok(()) => report.same_bits.push(format.name),
            Err(failure) => report.failures.push(failure),
        }
    }
    report.failures.extend(long_cases().iter().filter_map(|case| long_attention(gpu, case).err()));
    report.dispatch_us = speeds::dispatch_us(gpu);
    report.speeds = speeds::all(gpu);
    report.failures.extend(gpu.fault());
    report
}

/// Rows of one matmul alone and in batches of each size that kernels are made for, those of matrix units included.
pub fn same_bits(gpu: &Gpu, format: &'static Format) -> Result<(), String> {
    same_bits_of(gpu, format, 1)
}

/// Likewise of several heads, each by a matrix of its own, as experts are.
pub fn same_bits_of_experts(gpu: &Gpu, format: &'static Format) -> Result<(), String> {
    same_bits_of(gpu, format, 3)
}

/// Multiplies so many rows.
type Multiply = Box<dyn Fn(&mut GpuOps, usize)>;

fn same_bits_of(gpu: &Gpu, format: &'static Format, heads: usize) -> Result<(), String> {
    const ROWS: usize = 70;
    const OUTPUTS: usize = 40;
    let mut rng = Rng::new(3);
    // 40 K-blocks: of the 14 segments that are not empty the last is shorter.
    let cols = 5 * 256;
    let bytes = matrix_bytes(&mut rng, format, Blocks::Plain, OUTPUTS * heads, cols);
    let (width, out_width) = (cols * heads, OUTPUTS * heads);
    let x = activations(&mut rng, Temper::Plain, ROWS * width);
    let mut ops = GpuOps::new(gpu);
    let source = MatrixSource { format: format.id, rows: OUTPUTS, cols, bytes: &bytes };
    let (input, out) = (ops.create_buffer(ROWS, width), ops.create_buffer(ROWS, out_width));
    let multiply: Multiply = match heads {
        1 => {
            let matrix = ops.load_matrix(source).map_err(|e| e.to_string())?;
            let job = MatmulJob { matrix, out, output: Output::Store, epilogue: Epilogue::NONE };
            Box::new(move |ops, rows| ops.matmul(input, &[job], rows))
        }
        _ => {
            let experts = ops.load_experts(source, heads).map_err(|e| e.to_string())?;
            let matrices = ExpertLinear { experts, bias: None, scales: None };
            Box::new(move |ops, rows| ops.matmul_heads(input, matrices, out, rows))
        }
    };
    let mut run = |first: usize, rows: usize| {
        ops.write(input, &x[first * width..(first + rows) * width]);
        multiply(&mut ops, rows);
        let mut y = vec![0.0; rows * out_width];
        ops.read(out, rows, &mut y);
        y
    };
    let alone: Vec<f32> = (0..ROWS).flat_map(|row| run(row, 1)).collect();
    for rows in [2, 3, 5, 8, 11, ROWS] {
        let got = run(0, rows);
        if got.iter().zip(&alone).any(|(a, b)| a.to_bits() != b.to_bits()) {
            let name = format.name;
            return Err(format!(
                "{name}, {heads} heads: a row's bits depend on the {rows} rows of its batch"
            ));
        }
    }
    Ok(())
}
