//! `KernelOps` on a GPU: kernels in WGSL, run by wgpu on Metal and on Vulkan.
//!
//! ```text
//! device     finding and opening a GPU            shaders    kernels as text, filled in for each layout
//! weights    re-packed for kernels                pipelines  compiled kernels, made when first used
//! memory     activations and vectors              recorder   a step: noted, then one pass of one submission
//! ops        the operations                       selftest   is it right, and how fast
//! ```
//! `docs/gpu.md` has the numerics contract: a row's bits do not depend on what is beside it, and every result is near the
//! scalar reference.

mod device;
mod memory;
mod ops;
mod pipelines;
mod recorder;
pub mod selftest;
pub mod shaders;
pub mod weights;

pub use device::{Device, DeviceError, DeviceInfo, DeviceKind, Fault, devices};
pub use ops::{Gpu, GpuOps, max_kv_pages};
pub use shaders::MatrixUnit;
