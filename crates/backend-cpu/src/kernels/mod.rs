//! The kernels, each written once over [`Simd`](crate::simd::Simd) and equal bit for bit to
//! `gollum_kernels::reference`.

pub(crate) mod activation;
pub(crate) mod attention;
pub(crate) mod matmul;
pub(crate) mod mix;
pub(crate) mod recurrent;
pub(crate) mod rows;
pub(crate) mod streams;
