//! Which device computes: the CPU, or a GPU of this machine.

#[cfg(feature = "gpu")]
mod gpu;
#[cfg(not(feature = "gpu"))]
mod no_gpu;
#[cfg(feature = "gpu")]
mod selftest;

use std::str::FromStr;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_kernels::KernelOps;
use gollum_models::ModelDescription;

use crate::experts::MappedExperts;
use crate::load::Compute;
use crate::machine;

#[cfg(feature = "gpu")]
use gpu as backend;
#[cfg(not(feature = "gpu"))]
use no_gpu as backend;

pub use backend::{Memory, list, selftest};

/// `--device`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A GPU that passes its test, software drivers aside; else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first GPU, or an error.
    Gpu,
    /// The GPU with this number in `gollum devices`.
    Index(usize),
}

/// A word that names no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not auto, cpu, gpu or a number of `gollum devices`")]
pub struct UnknownDevice(String);

impl FromStr for DeviceChoice {
    type Err = UnknownDevice;

    fn from_str(word: &str) -> Result<Self, UnknownDevice> {
        match word {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            number => number.parse().map(Self::Index).map_err(|_| UnknownDevice(word.to_owned())),
        }
    }
}

/// A backend, and what limits its KV memory.
pub struct Backend {
    /// The operations.
    pub ops: Box<dyn KernelOps>,
    /// How its memory is asked.
    pub memory: Memory,
}

/// Opens the backend that was asked for, for this model.
pub fn open(compute: &Compute, described: &ModelDescription) -> anyhow::Result<Backend> {
    if let Some(gpu) = backend::open(compute.device)? {
        return Ok(gpu);
    }
    let mut ops = CpuOps::new(&CpuConfig { threads: compute.threads, isa: compute.isa })?;
    if compute.pin_threads {
        ops.pin(&machine::cpus_by_core())?;
    }
    if let Some(mapped) = MappedExperts::plan(described, compute.expert_memory, machine::free_bytes()) {
        tracing::warn!("{}", mapped.shown());
        ops.keep_experts_mapped(mapped.share);
    }
    Ok(Backend { ops: Box::new(ops), memory: Memory::machine() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named() {
        for (word, device) in [
            ("auto", DeviceChoice::Auto),
            ("cpu", DeviceChoice::Cpu),
            ("gpu", DeviceChoice::Gpu),
            ("1", DeviceChoice::Index(1)),
        ] {
            assert_eq!(word.parse(), Ok(device));
        }
        assert!("metal".parse::<DeviceChoice>().is_err());
    }
}
