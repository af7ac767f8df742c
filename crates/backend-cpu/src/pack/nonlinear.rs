//! IQ4_NL and IQ4_XS: 4-bit codes that index a table of 16 signed values.
//!
//! ```text
//! IQ4_NL  32: [d 32 B][4-bit plane 256 B]
//! IQ4_XS 256: [d 32 B][8 x 6-bit scale 96 B][8 x 4-bit plane 256 B]
//! ```

use gollum_quant::iq4_nl::LEVELS;

use super::legacy::codes4;
use super::{Block, Codes, IntFormat, planes};
use crate::simd::{LANES, Simd};

const HEADER: usize = 32;
const SCALES: usize = HEADER;
const XS_CODES: usize = SCALES + 6 * LANES;
const _: () = assert!(XS_CODES + 8 * 256 == 16 * 136);

#[derive(Clone, Copy)]
pub(crate) struct Iq4Nl;
#[derive(Clone, Copy)]
pub(crate) struct Iq4Xs;

/// Reads the eight groups of a 4-bit plane as what their codes stand for.
#[inline(always)]
pub(super) unsafe fn lookup<S: Simd>(p: *const u8, levels: &[i8; 16]) -> [S::B; 8] {
    // SAFETY: the caller's plane has four vectors.
    unsafe {
        let codes = planes::nibbles::<S>(p);
        planes::each!(8, i => S::lookup_signed(codes[i], levels))
    }
}

impl IntFormat for Iq4Nl {
    const BLOCK: usize = 32;
    const BYTES: usize = 18;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_nibbles(&codes4(&src[2..]), lane, &mut dst[HEADER..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe { Block::whole(lookup::<S>(p.add(HEADER), &LEVELS), S::load_f16(p.cast()), S::splat(0.0)) }
    }
}

impl IntFormat for Iq4Xs {
    const BLOCK: usize = 256;
    const BYTES: usize = 136;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let scales_high = u16::from_le_bytes([src[2], src[3]]);
        let scales: [u8; 8] = std::array::from_fn(|j| {
            let low = src[4 + j / 2] >> (4 * (j % 2)) & 15;
            low | ((scales_high >> (2 * j) & 3) as u8) << 4
        });
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_six_bit(&scales, lane, &mut dst[SCALES..]);
        for (sub, qs) in src[8..].chunks_exact(16).enumerate() {
            planes::write_nibbles(&codes4(qs), lane, &mut dst[XS_CODES + sub * 256..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let sub_scale = S::sub(planes::six_bit::<S>(p.add(SCALES), sub), S::splat(32.0));
            let scale = S::mul(S::load_f16(p.cast()), sub_scale);
            Block::whole(lookup::<S>(p.add(XS_CODES + sub * 256), &LEVELS), scale, S::splat(0.0))
        }
    }
}
