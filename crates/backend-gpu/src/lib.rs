//! The GPU backend.
#![allow(missing_docs, dead_code)]

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
