//! F32, F16 and BF16: for each input, the 16 rows' values side by side.

use crate::simd::Simd;

/// A float format as the kernels see it.
pub(crate) trait FloatFormat: Copy + Send + Sync + 'static {
    /// Bytes per weight.
    const BYTES: usize;

    /// One weight from its file bytes.
    fn decode(bytes: &[u8]) -> f32;

    /// The 16 rows' weights of one input.
    ///
    /// # Safety
    /// As for [`Simd`]; `p` points to `16 * BYTES` bytes.
    unsafe fn load<S: Simd>(p: *const u8) -> S::F;
}

#[derive(Clone, Copy)]
pub(crate) struct F32;
#[derive(Clone, Copy)]
pub(crate) struct F16;
#[derive(Clone, Copy)]
pub(crate) struct Bf16;

impl FloatFormat for F32 {
    const BYTES: usize = 4;

    fn decode(bytes: &[u8]) -> f32 {
        f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    #[inline(always)]
    unsafe fn load<S: Simd>(p: *const u8) -> S::F {
        // SAFETY: the trait's.
        unsafe { S::load(p.cast()) }
    }
}

impl FloatFormat for F16 {
    const BYTES: usize = 2;

    fn decode(bytes: &[u8]) -> f32 {
        half::f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()
    }

    #[inline(always)]
    unsafe fn load<S: Simd>(p: *const u8) -> S::F {
        // SAFETY: the trait's.
        unsafe { S::load_f16(p.cast()) }
    }
}

impl FloatFormat for Bf16 {
    const BYTES: usize = 2;

    fn decode(bytes: &[u8]) -> f32 {
        half::bf16::from_le_bytes([bytes[0], bytes[1]]).to_f32()
    }

    #[inline(always)]
    unsafe fn load<S: Simd>(p: *const u8) -> S::F {
        // SAFETY: the trait's.
        unsafe { S::load_bf16(p.cast()) }
    }
}
