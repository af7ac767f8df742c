//! Finding a GPU and opening it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wgpu::{Adapter, Features, Limits};

use crate::shaders::MatrixUnit;

/// Everything the kernels rely on: Metal's inline constants, Vulkan's push constants.
const REQUIRED: Features = Features::IMMEDIATES;

/// Used where offered: measuring passes, matrix units and the type of what they multiply.
const OPTIONAL: Features = Features::TIMESTAMP_QUERY.union(Features::SHADER_F16).union(MATRIX_UNITS);

const MATRIX_UNITS: Features = Features::EXPERIMENTAL_COOPERATIVE_MATRIX;

/// Longest time that one submission may take before the device counts as hung. A step on a software driver takes
/// seconds.
pub const SUBMISSION_TIMEOUT: Duration = Duration::from_secs(120);

/// What kind of device an adapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A card of its own.
    Discrete,
    /// Shares the CPU's memory.
    Integrated,
    /// Of a virtual machine.
    Virtual,
    /// A driver that computes on the CPU: for tests.
    Software,
    /// The driver does not say.
    Other,
}

/// A GPU of this machine, as its driver tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Its place in the list: what `--device N` names.
    pub index: usize,
    /// The device's name.
    pub name: String,
    /// Name and version of the driver.
    pub driver: String,
    /// `vulkan` or `metal`.
    pub api: &'static str,
    /// See [`DeviceKind`].
    pub kind: DeviceKind,
    /// Bytes that one binding of a kernel may cover: larger matrices are split by rows.
    pub max_binding_bytes: u64,
    /// Bytes of the largest buffer.
    pub max_buffer_bytes: u64,
    /// Bytes of the device's own memory, where the driver tells.
    pub memory_bytes: Option<u64>,
    /// Lanes of a subgroup, at least and at most.
    pub subgroup_sizes: (u32, u32),
    /// True if kernels may compute in f16.
    pub has_f16: bool,
    /// The matrix unit, of devices with one that multiplies f16 and adds in f32.
    pub matrix_unit: Option<MatrixUnit>,
    /// What kernels need and the device lacks; of usable devices nothing.
    pub lacks: Option<String>,
}

/// Why there is no GPU.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DeviceError {
    /// The list is empty.
    #[error("no GPU was found: no Metal device and no Vulkan driver")]
    NoDevice,
    /// The list is shorter.
    #[error("there is no GPU {index}: {count} were found")]
    NoSuchDevice {
        /// What was asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The device cannot run the kernels.
    #[error("{name} cannot be used: it lacks {lacks}")]
    Lacks {
        /// The device.
        name: String,
        /// What it lacks.
        lacks: String,
    },
    /// The driver refused.
    #[error("{name} cannot be opened: {reason}")]
    Open {
        /// The device.
        name: String,
        /// What the driver says.
        reason: String,
    },
}

/// What went wrong on a device after it was opened. The first one stays.
#[derive(Clone, Debug, Default)]
pub struct Fault(Arc<Mutex<Option<String>>>);

impl Fault {
    /// Notes a fault, if it is the first.
    pub fn set(&self, what: String) {
        let mut fault = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if fault.is_none() {
            tracing::error!("GPU: {what}");
            *fault = Some(what);
        }
    }

    /// The fault, if there was one.
    pub fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// An open device.
#[derive(Clone)]
pub struct Device {
    /// What it is.
    pub info: DeviceInfo,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) fault: Fault,
    /// Bytes of all buffers made so far.
    allocated: Arc<AtomicU64>,
}

/// All devices of this machine, software drivers last; the same order at every call.
pub fn devices() -> Vec<DeviceInfo> {
    adapters().into_iter().map(|(info, _)| info).collect()
}

fn adapters() -> Vec<(DeviceInfo, Adapter)> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL;
    let mut found: Vec<(DeviceInfo, Adapter)> = pollster::block_on(instance.enumerate_adapters(backends))
        .into_iter()
        .map(|adapter| (describe(&adapter), adapter))
        .collect();
    found.sort_by_key(|(info, _)| match info.kind {
        DeviceKind::Discrete => 0,
        DeviceKind::Integrated => 1,
        DeviceKind::Virtual | DeviceKind::Other => 2,
        DeviceKind::Software => 3,
    });
    for (index, (info, _)) in found.iter_mut().enumerate() {
        info.index = index;
    }
    found
}

fn describe(adapter: &Adapter) -> DeviceInfo {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let missing = REQUIRED - adapter.features();
    let lacks = if !missing.is_empty() {
        Some(format!("{missing:?}"))
    } else if limits.max_immediate_size < crate::shaders::MAX_PARAM_BYTES as u32 {
        Some(format!("{} bytes of immediates", crate::shaders::MAX_PARAM_BYTES))
    } else {
        None
    };
    DeviceInfo {
        index: 0,
        name: info.name.clone(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        api: match info.backend {
            wgpu::Backend::Metal => "metal",
            _ => "vulkan",
        },
        kind: match info.device_type {
            wgpu::DeviceType::DiscreteGpu => DeviceKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => DeviceKind::Integrated,
            wgpu::DeviceType::VirtualGpu => DeviceKind::Virtual,
            wgpu::DeviceType::Cpu => DeviceKind::Software,
            wgpu::DeviceType::Other => DeviceKind::Other,
        },
        max_binding_bytes: limits.max_storage_buffer_binding_size,
        max_buffer_bytes: limits.max_buffer_size,
        memory_bytes: memory_bytes(adapter),
        subgroup_sizes: (info.subgroup_min_size, info.subgroup_max_size),
        has_f16: adapter.features().contains(Features::SHADER_F16),
        matrix_unit: matrix_unit(adapter, &info),
        lacks,
    }
}

/// Kernels give a tile to each 32 threads, so a subgroup must not be wider; Apple's are 32 wide, which wgpu does not say.
fn matrix_unit(adapter: &Adapter, info: &wgpu::AdapterInfo) -> Option<MatrixUnit> {
    let is_narrow = info.backend == wgpu::Backend::Metal || info.subgroup_max_size <= 32;
    if !is_narrow || !adapter.features().contains(MATRIX_UNITS | Features::SHADER_F16) {
        return None;
    }
    let multiplies = |tile: u32| {
        adapter.cooperative_matrix_properties().iter().any(|p| {
            [p.m_size, p.n_size, p.k_size] == [tile; 3]
                && p.ab_type == wgpu::CooperativeScalarType::F16
                && p.cr_type == wgpu::CooperativeScalarType::F32
        })
    };
    let tiles = [(8, MatrixUnit::Tiles8), (16, MatrixUnit::Tiles16)];
    tiles.into_iter().find(|&(tile, _)| multiplies(tile)).map(|(_, unit)| unit)
}

/// The largest heap that is the device's own.
#[cfg(not(target_os = "macos"))]
#[allow(unsafe_code)]
fn memory_bytes(adapter: &Adapter) -> Option<u64> {
    /// `VK_MEMORY_HEAP_DEVICE_LOCAL_BIT`.
    const DEVICE_LOCAL: u32 = 1;
    // SAFETY: the handles are read while `adapter` lives, and nothing is destroyed through them.
    let vulkan = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let instance = vulkan.shared_instance().raw_instance();
    // SAFETY: the physical device is that instance's.
    let memory = unsafe { instance.get_physical_device_memory_properties(vulkan.raw_physical_device()) };
    let heaps = memory.memory_heaps.iter().take(memory.memory_heap_count as usize);
    heaps.filter(|heap| heap.flags.as_raw() & DEVICE_LOCAL != 0).map(|heap| heap.size).max()
}

/// Apple's GPUs share the machine's memory.
#[cfg(target_os = "macos")]
fn memory_bytes(_: &Adapter) -> Option<u64> {
    None
}

impl Device {
    /// Opens the device with this index, or without one the first that can be used.
    #[allow(unsafe_code)]
    pub fn open(index: Option<usize>) -> Result<Self, DeviceError> {
        let mut found = adapters();
        if found.is_empty() {
            return Err(DeviceError::NoDevice);
        }
        let count = found.len();
        let chosen = match index {
            Some(index) if index < count => index,
            Some(index) => return Err(DeviceError::NoSuchDevice { index, count }),
            None => found.iter().position(|(info, _)| info.lacks.is_none()).unwrap_or(0),
        };
        let (info, adapter) = found.swap_remove(chosen);
        if let Some(lacks) = info.lacks {
            return Err(DeviceError::Lacks { name: info.name, lacks });
        }
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("gollum"),
            required_features: REQUIRED | (OPTIONAL & adapter.features()),
            required_limits: Limits { ..adapter.limits() },
            // SAFETY: matrix units are the one experimental feature that is asked for. Their kernels pass naga's validator,
            // and none runs a model before it has given the bits of those without (`selftest::with_matrix_unit`).
            experimental_features: unsafe { wgpu::ExperimentalFeatures::enabled() },
            ..Default::default()
        }))
        .map_err(|error| DeviceError::Open { name: info.name.clone(), reason: error.to_string() })?;
        let fault = Fault::default();
        let lost = fault.clone();
        device.set_device_lost_callback(move |reason, text| {
            // Dropping a device is told as its loss, too.
            if reason != wgpu::DeviceLostReason::Destroyed {
                lost.set(format!("the device was lost: {text}"));
            }
        });
        let failed = fault.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| failed.set(error.to_string())));
        Ok(Self { info, device, queue, fault, allocated: Arc::default() })
    }

    /// Bytes of the device's own memory that were not asked for through this handle or its copies. What others hold of
    /// it is not known.
    pub fn free_bytes(&self) -> Option<u64> {
        let allocated = self.allocated.load(Ordering::Relaxed);
        self.info.memory_bytes.map(|all| all.saturating_sub(allocated))
    }

    /// A storage buffer of at least one word; a fault if memory ends.
    pub(crate) fn buffer(&self, label: &str, bytes: u64) -> wgpu::Buffer {
        self.allocated.fetch_add(bytes, Ordering::Relaxed);
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes.next_multiple_of(16).max(16),
            usage,
            mapped_at_creation: false,
        })
    }

    /// As [`buffer`](Self::buffer), but `None` where memory ends or the device's largest buffer is smaller.
    pub(crate) fn try_buffer(&self, label: &str, bytes: u64) -> Option<wgpu::Buffer> {
        if bytes > self.info.max_binding_bytes.min(self.info.max_buffer_bytes) {
            return None;
        }
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = self.buffer(label, bytes);
        pollster::block_on(memory.pop()).is_none().then_some(buffer)
    }
}
