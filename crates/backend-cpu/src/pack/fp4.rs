//! MXFP4 and NVFP4: codes of a 4-bit float, which index a table of sixteen integers.
//!
//! ```text
//! MXFP4  32: [e 16 B][4-bit plane 256 B]
//! NVFP4  64: [4 scales x 16 B][2 x 4-bit plane 256 B]
//! ```

use gollum_quant::mxfp4::LEVELS;
use gollum_quant::nvfp4;

use super::legacy::codes4;
use super::nonlinear::lookup;
use super::{Block, Codes, IntFormat, planes};
use crate::simd::{LANES, Simd};

const NV_CODES: usize = 4 * LANES;
const _: () = assert!(NV_CODES + 2 * 256 == LANES * nvfp4::BLOCK_BYTES);

#[derive(Clone, Copy)]
pub(crate) struct Mxfp4;
#[derive(Clone, Copy)]
pub(crate) struct Nvfp4;

/// `2^(e - 128)`, as the product of two powers that are normal numbers wherever the result is not.
#[inline(always)]
unsafe fn half_of_e8m0<S: Simd>(e: S::I) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let power = |n: S::I| S::from_bits(S::shl_i::<23>(S::add_i(n, S::splat_i(127 - 64))));
        let (low, high) = (S::shr_i::<1>(e), S::shr_i::<1>(S::add_i(e, S::splat_i(1))));
        S::mul(power(low), power(high))
    }
}

impl IntFormat for Mxfp4 {
    const BLOCK: usize = 32;
    const BYTES: usize = 17;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        dst[lane] = src[0];
        planes::write_nibbles(&codes4(&src[1..]), lane, &mut dst[LANES..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let scale = half_of_e8m0::<S>(S::load_u8(p));
            Block::whole(lookup::<S>(p.add(LANES), &LEVELS), scale, S::splat(0.0))
        }
    }
}

impl IntFormat for Nvfp4 {
    const RARE: bool = true;
    const BLOCK: usize = nvfp4::BLOCK_WEIGHTS;
    const BYTES: usize = nvfp4::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        for (h, &scale) in src[..4].iter().enumerate() {
            dst[h * LANES + lane] = nvfp4::meaningful(scale) as u8;
        }
        let codes = nvfp4::codes(src.try_into().expect("a block of the file"));
        for sub in 0..2 {
            let groups = std::array::from_fn(|g| planes::word(&codes, 8 * sub + g));
            planes::write_nibbles(&groups, lane, &mut dst[NV_CODES + sub * 256..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let scale = |h: usize| {
                let bits = S::shl_i::<20>(S::load_u8(p.add((2 * sub + h) * LANES)));
                S::mul(S::from_bits(bits), S::splat(nvfp4::BITS_TO_SCALE))
            };
            Block {
                w: lookup::<S>(p.add(NV_CODES + sub * 256), &LEVELS),
                scales: [scale(0), scale(1)],
                mins: [S::splat(0.0); 2],
            }
        }
    }
}
