//! The GPU that tests run on: the first that can be used, software drivers included.

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
