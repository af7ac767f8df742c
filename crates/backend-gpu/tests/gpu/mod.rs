//! The GPU that tests run on, the first that can be used, software drivers included; and how far its results are from others.

#![allow(dead_code, clippy::print_stdout)] // each test file uses its part of this

use gollum_backend_gpu::{Device, Gpu, GpuOps};
use gollum_kernels::KernelOps;

/// An open GPU, kernels compiled as releases have them; else a line that says the test was skipped.
pub fn gpu() -> Option<Gpu> {
    device().map(Gpu::new)
}

/// Likewise, kernels compiled with checks.
pub fn checked() -> Option<Gpu> {
    device().map(Gpu::checked)
}

fn device() -> Option<Device> {
    match Device::open(None) {
        Ok(device) => Some(device),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

pub fn ops(gpu: &Gpu) -> Box<dyn KernelOps> {
    Box::new(GpuOps::new(gpu))
}

/// Normalised mean squared error of rows.
pub fn nmse(got: &[Vec<f32>], want: &[Vec<f32>]) -> f64 {
    assert!(got.iter().map(Vec::len).eq(want.iter().map(Vec::len)), "rows of other lengths");
    let pairs =
        || got.iter().flatten().zip(want.iter().flatten()).map(|(&g, &w)| (f64::from(g), f64::from(w)));
    pairs().map(|(g, w)| (g - w).powi(2)).sum::<f64>() / pairs().map(|(_, w)| w * w).sum::<f64>()
}

/// Bits of all rows.
pub fn bits(rows: &[Vec<f32>]) -> Vec<u32> {
    rows.iter().flatten().map(|v| v.to_bits()).collect()
}
