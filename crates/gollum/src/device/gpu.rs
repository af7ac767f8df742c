//! GPUs: finding, opening and listing them.

use std::io::Write;

use gollum_backend_gpu::selftest::{quick, with_matrix_unit};
use gollum_backend_gpu::weights::Layout;
use gollum_backend_gpu::{Device, DeviceInfo, DeviceKind, Gpu, GpuOps, devices, max_kv_pages};
use gollum_kernels::{KvGroup, KvSpec};
use gollum_models::ModelDescription;
use gollum_quant::FORMATS;

use super::{Backend, DeviceChoice};
use crate::cli::DevicesArgs;
use crate::machine;
use crate::quantities::show_bytes;

pub use super::selftest::selftest;

/// The memory that a backend has: a GPU's, or else the machine's.
pub struct Memory(Option<Gpu>);

impl Memory {
    /// The machine's.
    pub fn machine() -> Self {
        Self(None)
    }

    /// Bytes that are free now: what the driver says on a card, the machine's where the GPU shares it.
    pub fn free_bytes(&self) -> u64 {
        self.own_bytes().unwrap_or_else(machine::free_bytes)
    }

    /// Bytes that are free now of a card's own memory.
    pub fn own_bytes(&self) -> Option<u64> {
        self.0.as_ref().filter(|gpu| gpu.info().kind == DeviceKind::Discrete)?.free_bytes()
    }

    /// KV pages of a group at most, whatever is free: K of one layer is one binding, and so is V.
    pub fn max_pages(&self, kv: &KvSpec, group: KvGroup) -> usize {
        self.0.as_ref().map_or(usize::MAX, |gpu| max_kv_pages(gpu.info(), kv, group))
    }
}

/// How many times their bytes in the file a model's weights take on a GPU.
pub fn growth(described: &ModelDescription) -> f64 {
    let of_type = |name: &str| FORMATS.iter().find(|f| f.name == name).map_or(1.0, |f| Layout::growth(f.id));
    let packed: f64 = described.types.iter().map(|t| t.bytes as f64 * of_type(t.name)).sum();
    packed / (described.tensor_bytes as f64).max(1.0)
}

/// The GPU that was asked for; `None` is the CPU.
pub fn open(choice: DeviceChoice) -> anyhow::Result<Option<Backend>> {
    let device = match choice {
        DeviceChoice::Cpu => return Ok(None),
        DeviceChoice::Gpu => Device::open(None)?,
        DeviceChoice::Index(index) => Device::open(Some(index))?,
        DeviceChoice::Auto => match automatic() {
            Some(device) => device,
            None => return Ok(None),
        },
    };
    tracing::info!("device {}: {} ({})", device.info.index, device.info.name, device.info.driver);
    let gpu = with_matrix_unit(Gpu::new(device));
    let ops = GpuOps::new(&gpu);
    Ok(Some(Backend { ops: Box::new(ops), front: None, memory: Memory(Some(gpu)) }))
}

/// The first card, or a Mac's GPU, if it passes the short test. Why not is told. Elsewhere, a GPU that shares the processor's
/// memory has no bandwidth to add: it is taken by name.
fn automatic() -> Option<Device> {
    let is_mac = cfg!(target_os = "macos");
    let is_fast = |kind| kind == DeviceKind::Discrete || is_mac && kind == DeviceKind::Integrated;
    let usable = |d: &DeviceInfo| d.lacks.is_none() && is_fast(d.kind);
    let info = devices().into_iter().find(usable)?;
    let device = match Device::open(Some(info.index)) {
        Ok(device) => device,
        Err(error) => {
            tracing::warn!("{error}; computing on the CPU");
            return None;
        }
    };
    match quick(&Gpu::new(device.clone())) {
        Ok(()) => Some(device),
        Err(failure) => {
            tracing::warn!("{} fails its test: {failure}; computing on the CPU", info.name);
            None
        }
    }
}

/// `gollum devices`.
pub fn list(args: &DevicesArgs) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let found = devices();
    if args.json {
        let json: Vec<serde_json::Value> = found.iter().map(as_json).collect();
        return Ok(writeln!(out, "{}", serde_json::Value::from(json))?);
    }
    if found.is_empty() {
        writeln!(out, "no GPU: no Metal device and no Vulkan driver")?;
    }
    for d in &found {
        let usable = d.lacks.as_ref().map_or("can be used".to_owned(), |lacks| format!("lacks {lacks}"));
        let binding = show_bytes(d.max_binding_bytes);
        writeln!(
            out,
            "{}  {} ({}, {:?}): {usable}; {}, bindings up to {binding}",
            d.index, d.name, d.api, d.kind, d.driver
        )?;
    }
    Ok(())
}

/// A device for machines to read.
pub fn as_json(d: &DeviceInfo) -> serde_json::Value {
    serde_json::json!({
        "index": d.index,
        "name": d.name,
        "driver": d.driver,
        "api": d.api,
        "kind": format!("{:?}", d.kind).to_lowercase(),
        "max_binding_bytes": d.max_binding_bytes,
        "max_buffer_bytes": d.max_buffer_bytes,
        "memory_bytes": d.memory_bytes,
        "subgroup_sizes": [d.subgroup_sizes.0, d.subgroup_sizes.1],
        "has_f16": d.has_f16,
        "matrix_unit": d.matrix_unit.map(|unit| format!("{unit:?}").to_lowercase()),
        "lacks": d.lacks,
    })
}
