//! Weights re-packed for vector kernels: sixteen output rows side by side, byte for byte as large as the
//! file's blocks, or little larger.
//!
//! ```text
//! panel       16 output rows x all inputs; the last panel of a matrix is padded with zero rows
//! panel block the rows' blocks, interleaved: [block headers of 16 rows][quants of 16 rows]
//! quants      planes of 64-byte vectors; byte 4 * lane + b of vector v belongs to row `lane`:
//!               8-bit plane, v in 0..8   weight 4v + b
//!               4-bit plane, v in 0..4   weight 4v + b in the low bits, 16 + 4v + b in the high bits
//!               2-bit plane, v in 0..2   weight 4 (4v + i) + b in bits 2i
//!               1-bit plane, one vector  weight 4 i + b in bit i
//! ```
//! A *group* is four consecutive inputs, the reach of one integer-dot instruction; a K-block of 32 has eight.

#![allow(unsafe_code)]

mod float;
mod fp4;
mod k_quants;
mod legacy;
mod lookup;
mod nonlinear;
mod planes;
mod ternary;

use gollum_kernels::KernelError;
use gollum_kernels::MatrixSource;
use gollum_quant::{Dot, FormatId, K_BLOCK};

use crate::memory::{Arena, HugeBuffer};
use crate::simd::{LANES, Scalar, Simd};

pub(crate) use float::{Bf16, F16, F32, FloatFormat};
pub(crate) use fp4::{Mxfp4, Nvfp4};
pub(crate) use k_quants::{Q2K, Q3K, Q4K, Q5K, Q6K};
pub(crate) use legacy::{Q4_0, Q4_1, Q5_0, Q5_1, Q8_0};
pub(crate) use lookup::{Iq1M, Iq1S, Iq2S, Iq2Xs, Iq2Xxs, Iq3S, Iq3Xxs};
pub(crate) use nonlinear::{Iq4Nl, Iq4Xs};
pub(crate) use ternary::{Q1_0, Q2_0, Tq1_0, Tq2_0};

/// What becomes of a format's minimum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Min {
    None,
    /// `+ m * s_a`.
    Add,
    /// `- m * s_a`.
    Subtract,
}

/// How the codes of a format become the operand of an integer dot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codes {
    /// Unsigned, up to 127.
    Unsigned,
    /// Unsigned codes of weights `code - (1 << shift)`.
    Offset,
    /// Signed bytes.
    Signed,
}

/// One K-block of a panel, ready to be multiplied.
pub(crate) struct Block<S: Simd> {
    /// Eight groups of 16 rows x 4 codes.
    pub w: [S::B; 8],
    /// `d_w` per row: of each half, or of the whole block and unused.
    pub scales: [S::F; 2],
    /// `m_w`, likewise.
    pub mins: [S::F; 2],
}

impl<S: Simd> Block<S> {
    /// A block with one scale and one minimum.
    #[inline(always)]
    unsafe fn whole(w: [S::B; 8], scale: S::F, min: S::F) -> Self {
        // SAFETY: no pointers.
        let zero = unsafe { S::splat(0.0) };
        Self { w, scales: [scale, zero], mins: [min, zero] }
    }
}

/// A block format as the integer kernels see it. All of it is known at compile time.
pub(crate) trait IntFormat: Copy + Send + Sync + 'static {
    /// Weights per block: a multiple of 32.
    const BLOCK: usize;
    /// Bytes per block and row of a panel.
    const BYTES: usize;
    /// Bytes per block in the file: fewer, where a panel spells out what a file packs more tightly.
    const FILE_BYTES: usize = Self::BYTES;
    const CODES: Codes;
    /// For [`Codes::Offset`]: log2 of the offset.
    const OFFSET_SHIFT: i32 = 0;
    const MIN: Min = Min::None;
    /// Two scales, and two minimums if any, per K-block of 32.
    const HALVES: bool = false;
    /// Unpacking takes more than a mask and a shift per vector.
    const COSTLY: bool = true;
    /// Few files have it, so it gets three kernels rather than nine: one row, whole tiles and single rows of unpacked
    /// blocks. Each kernel is compiled for every instruction set, and this crate is most of the build.
    const RARE: bool = false;

    /// Writes row `lane` of a panel block from the file's block.
    fn pack(src: &[u8], lane: usize, dst: &mut [u8]);

    /// Reads K-block `sub` (`0..BLOCK / 32`) of a panel block.
    ///
    /// # Safety
    /// As for [`Simd`]; `p` points to `16 * BYTES` bytes.
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S>;
}

/// Calls `$body` with `$T` bound to the format type of an integer format, or evaluates `$float` with `$T`
/// bound to the format type of a float format.
macro_rules! with_format {
    ($id:expr, int $T:ident => $int:expr, float $U:ident => $float:expr) => {{
        use gollum_quant::FormatId as Id;
        macro_rules! int {
            ($F:ty) => {{
                type $T = $F;
                $int
            }};
        }
        macro_rules! float {
            ($F:ty) => {{
                type $U = $F;
                $float
            }};
        }
        match $id {
            Id::F32 => float!($crate::pack::F32),
            Id::F16 => float!($crate::pack::F16),
            Id::BF16 => float!($crate::pack::Bf16),
            Id::Q4_0 => int!($crate::pack::Q4_0),
            Id::Q4_1 => int!($crate::pack::Q4_1),
            Id::Q5_0 => int!($crate::pack::Q5_0),
            Id::Q5_1 => int!($crate::pack::Q5_1),
            Id::Q8_0 => int!($crate::pack::Q8_0),
            Id::Q2_K => int!($crate::pack::Q2K),
            Id::Q3_K => int!($crate::pack::Q3K),
            Id::Q4_K => int!($crate::pack::Q4K),
            Id::Q5_K => int!($crate::pack::Q5K),
            Id::Q6_K => int!($crate::pack::Q6K),
            Id::IQ4_NL => int!($crate::pack::Iq4Nl),
            Id::IQ4_XS => int!($crate::pack::Iq4Xs),
            Id::IQ1_S => int!($crate::pack::Iq1S),
            Id::IQ1_M => int!($crate::pack::Iq1M),
            Id::IQ2_XXS => int!($crate::pack::Iq2Xxs),
            Id::IQ2_XS => int!($crate::pack::Iq2Xs),
            Id::IQ2_S => int!($crate::pack::Iq2S),
            Id::IQ3_XXS => int!($crate::pack::Iq3Xxs),
            Id::IQ3_S => int!($crate::pack::Iq3S),
            Id::MXFP4 => int!($crate::pack::Mxfp4),
            Id::NVFP4 => int!($crate::pack::Nvfp4),
            Id::TQ1_0 => int!($crate::pack::Tq1_0),
            Id::TQ2_0 => int!($crate::pack::Tq2_0),
            Id::Q1_0 => int!($crate::pack::Q1_0),
            Id::Q2_0 => int!($crate::pack::Q2_0),
        }
    }};
}
pub(crate) use with_format;

/// A weight matrix, re-packed, or several of one shape, each of whole panels.
pub(crate) struct PackedMatrix {
    pub format: FormatId,
    /// Outputs.
    pub rows: usize,
    /// Inputs.
    pub cols: usize,
    /// Bytes of one panel.
    pub panel_bytes: usize,
    count: usize,
    bytes: HugeBuffer,
}

impl PackedMatrix {
    /// Checks the size of `count` matrices, one behind the other in the source, and reserves their packed bytes;
    /// [`pack_panel`](Self::pack_panel) fills them.
    pub fn allocate(arena: &mut Arena, s: &MatrixSource<'_>, count: usize) -> Result<Self, KernelError> {
        let all_rows = s.rows.saturating_mul(count);
        let row_bytes = s.format.format().row_bytes(s.cols).filter(|&b| b > 0);
        if row_bytes.and_then(|b| b.checked_mul(all_rows)) != Some(s.bytes.len()) {
            let (format, rows, cols, bytes) = (s.format, s.rows, s.cols, s.bytes.len());
            return Err(KernelError::MatrixSize { format, rows, cols, bytes });
        }
        Self::reserve(arena, (s.format, s.rows, s.cols), count)
    }

    /// Reserves the packed bytes of `count` matrices of a shape that was checked.
    pub fn reserve(
        arena: &mut Arena,
        (format, rows, cols): (FormatId, usize, usize),
        count: usize,
    ) -> Result<Self, KernelError> {
        let blocks = cols / format.format().block_weights;
        let panel_bytes = LANES
            * with_format!(format,
                int T => blocks * T::BYTES,
                float T => cols * T::BYTES);
        let total = count * rows.div_ceil(LANES) * panel_bytes;
        let bytes =
            arena.zeroed(total).ok_or(KernelError::OutOfMemory { what: "packed weights", bytes: total })?;
        Ok(Self { format, rows, cols, panel_bytes, count, bytes })
    }

    /// Matrices.
    pub fn count(&self) -> usize {
        self.count
    }

    /// True if the weights are integers, so that the input is needed quantised.
    pub fn is_int(&self) -> bool {
        matches!(self.format.format().dot, Dot::Int(_))
    }

    /// Panels of one matrix.
    pub fn panels(&self) -> usize {
        self.rows.div_ceil(LANES)
    }

    pub fn panel(&self, panel: usize) -> &[u8] {
        &self.bytes[panel * self.panel_bytes..(panel + 1) * self.panel_bytes]
    }

    /// All panels of all matrices, to be packed.
    pub fn panels_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Decodes one row, `[cols]`.
    pub fn decode_row(&self, row: usize, out: &mut [f32]) {
        let (panel, lane) = (self.panel(row / LANES), row % LANES);
        with_format!(self.format,
            int T => decode_int::<T>(panel, lane, out),
            float T => decode_float::<T>(panel, lane, out));
    }
}

/// Packs the rows of one panel. `rows` is the file's bytes of up to 16 rows, `dst` one panel, zeroed.
pub(crate) fn pack_panel(format: FormatId, row_bytes: usize, rows: &[u8], dst: &mut [u8]) {
    for (lane, row) in rows.chunks_exact(row_bytes).enumerate() {
        with_format!(format,
        int T => {
            let blocks = row.chunks_exact(T::FILE_BYTES).zip(dst.chunks_exact_mut(T::BYTES * LANES));
            blocks.for_each(|(src, dst)| T::pack(src, lane, dst));
        },
        float T => {
            let values = row.chunks_exact(T::BYTES).zip(dst.chunks_exact_mut(T::BYTES * LANES));
            values.for_each(|(src, dst)| dst[lane * T::BYTES..(lane + 1) * T::BYTES].copy_from_slice(src));
        });
    }
}

fn decode_float<T: FloatFormat>(panel: &[u8], lane: usize, out: &mut [f32]) {
    for (value, out) in panel.chunks_exact(T::BYTES * LANES).zip(out) {
        *out = T::decode(&value[lane * T::BYTES..(lane + 1) * T::BYTES]);
    }
}

/// Decodes one row through the kernels' own unpacking, over arrays.
fn decode_int<T: IntFormat>(panel: &[u8], lane: usize, out: &mut [f32]) {
    for (block, out) in panel.chunks_exact(T::BYTES * LANES).zip(out.chunks_exact_mut(T::BLOCK)) {
        for (sub, out) in out.chunks_exact_mut(K_BLOCK).enumerate() {
            // SAFETY: plain Rust, and `block` holds the 16 rows' bytes.
            let b = unsafe { T::unpack::<Scalar>(block.as_ptr(), sub) };
            for (i, out) in out.iter_mut().enumerate() {
                *out = decode_weight::<T>(&b, lane, i);
            }
        }
    }
}

/// Weight `i` of a K-block, with the roundings of `quant`'s decoders.
fn decode_weight<T: IntFormat>(b: &Block<Scalar>, lane: usize, i: usize) -> f32 {
    let code = b.w[i / 4][lane * 4 + i % 4];
    let code = match T::CODES {
        Codes::Unsigned => f32::from(code),
        Codes::Offset => f32::from(i16::from(code) - (1 << T::OFFSET_SHIFT)),
        Codes::Signed => f32::from(code as i8),
    };
    let half = if T::HALVES { i / 16 } else { 0 };
    let (scale, min) = (b.scales[half][lane], b.mins[half][lane]);
    match T::MIN {
        Min::None => scale * code,
        Min::Add => scale * code + min,
        Min::Subtract => scale * code - min,
    }
}
