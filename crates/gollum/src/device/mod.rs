//! Which device computes: the CPU, or a GPU of this machine.

#[cfg(feature = "gpu")]
mod gpu;
mod layers;
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
pub use layers::GpuLayers;

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
    /// What computes the first layers, if not the same, and how many these are.
    pub front: Option<(Box<dyn KernelOps>, usize)>,
    /// How its memory is asked.
    pub memory: Memory,
}

/// Opens the backend that was asked for, for this model.
pub fn open(compute: &Compute, described: &ModelDescription) -> anyhow::Result<Backend> {
    if compute.gpu_layers != GpuLayers::Count(0)
        && let Some(gpu) = backend::open(compute.device)?
    {
        let layers = described.layer_bytes.len();
        match compute.gpu_layers.of(described, gpu.memory.own_bytes(), backend::growth(described)) {
            0 => tracing::warn!("the GPU's memory holds none of {layers} layers; computing on the CPU"),
            all if all == layers => return Ok(gpu),
            last => {
                tracing::info!("the last {last} of {layers} layers on the GPU, the others on the CPU");
                return Ok(Backend { front: Some((cpu(compute, described)?, layers - last)), ..gpu });
            }
        }
    }
    Ok(Backend { ops: cpu(compute, described)?, front: None, memory: Memory::machine() })
}

fn cpu(compute: &Compute, described: &ModelDescription) -> anyhow::Result<Box<dyn KernelOps>> {
    let mut ops = CpuOps::new(&CpuConfig { threads: compute.threads, isa: compute.isa })?;
    if compute.pin_threads {
        ops.pin(&machine::cpus_by_core())?;
    }
    if let Some(mapped) = MappedExperts::plan(described, compute.expert_memory, machine::free_bytes()) {
        tracing::warn!("{}", mapped.shown());
        ops.keep_experts_mapped(mapped.share);
    }
    Ok(Box::new(ops))
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
