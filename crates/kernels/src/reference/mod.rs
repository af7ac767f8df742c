//! The scalar reference: every operation in its plainest form. **These loops define the bits.**
//!
//! [`rows`] and [`attention`] hold the arithmetic as functions over slices, for SIMD kernels to be compared
//! with; [`ReferenceOps`] strings them into a [`KernelOps`](crate::KernelOps) that runs whole models.

pub mod attention;
mod ops;
pub mod rows;

pub use ops::ReferenceOps;
