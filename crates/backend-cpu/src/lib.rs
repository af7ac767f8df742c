//! [`KernelOps`](gollum_kernels::KernelOps) on CPUs: AVX-512, AVX-VNNI, AVX2, NEON, NEON with i8mm or plain Rust, chosen at
//! start.
//!
//! ```text
//! ops        CpuOps: buffers, weights, KV; each operation as tasks for the pool
//! pool       the threads
//! kernels    matmul, attention, row operations; each written once, over simd
//! pack       weights re-packed at load: 16 output rows interleaved, one file per family of formats
//! simd       16 lanes on every instruction set
//! memory     huge-page buffers
//! roofline   what this machine can do at most
//! ```
//! Same bits on every instruction set and thread count: lanes hold different outputs, never parts of one
//! sum, and tasks split rows and outputs, never a sum.

#[cfg(all(test, unix))]
mod guarded_tests;
mod kernels;
mod memory;
mod ops;
mod pack;
mod pool;
mod roofline;
mod simd;

pub use ops::{CpuConfig, CpuError, CpuOps};
pub use roofline::{Ceilings, ceilings};
pub use simd::{Isa, UnknownIsa};
