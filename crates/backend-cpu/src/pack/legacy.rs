//! Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: blocks of 32 with one f16 scale, some with an f16 minimum.
//!
//! ```text
//! Q4_0 [d 32 B][4-bit plane 256 B]                     Q5_0 [d][1-bit plane 64 B][4-bit plane 256 B]
//! Q4_1 [d 32 B][m 32 B][4-bit plane]                   Q5_1 [d][m][1-bit plane][4-bit plane]
//! Q8_0 [d 32 B][8-bit plane 512 B]
//! ```

use super::{Block, Codes, IntFormat, Min, planes};
use crate::simd::Simd;

/// Bytes of 16 f16 values.
const HEADER: usize = 32;

#[derive(Clone, Copy)]
pub(crate) struct Q4_0;
#[derive(Clone, Copy)]
pub(crate) struct Q4_1;
#[derive(Clone, Copy)]
pub(crate) struct Q5_0;
#[derive(Clone, Copy)]
pub(crate) struct Q5_1;
#[derive(Clone, Copy)]
pub(crate) struct Q8_0;

/// The codes of a 4-bit block: byte `j` holds codes `j` and `j + 16`.
pub(super) fn codes4(qs: &[u8]) -> planes::Codes {
    let nibbles = 15 * planes::ONES;
    std::array::from_fn(|g| {
        if g < 4 { planes::word(qs, g) & nibbles } else { planes::word(qs, g - 4) >> 4 & nibbles }
    })
}

/// The codes of a 5-bit block: as `codes4`, with bit `i` of `qh` as bit 4 of code `i`.
fn codes5(qh: &[u8], qs: &[u8]) -> planes::Codes {
    let (low, high) = (codes4(qs), planes::word(qh, 0));
    std::array::from_fn(|g| low[g] | planes::spread_bits(high >> (4 * g)) << 4)
}

/// A block with one scale and nothing else.
#[inline(always)]
unsafe fn one_scale<S: Simd>(scale: *const u8, min: S::F, w: [S::B; 8]) -> Block<S> {
    // SAFETY: the caller's header holds 16 f16 values.
    unsafe { Block::whole(w, S::load_f16(scale.cast()), min) }
}

impl IntFormat for Q4_0 {
    const BLOCK: usize = 32;
    const BYTES: usize = 18;
    const CODES: Codes = Codes::Offset;
    const OFFSET_SHIFT: i32 = 3;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_nibbles(&codes4(&src[2..]), lane, &mut dst[HEADER..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe { one_scale::<S>(p, S::splat(0.0), planes::nibbles::<S>(p.add(HEADER))) }
    }
}

impl IntFormat for Q4_1 {
    const BLOCK: usize = 32;
    const BYTES: usize = 20;
    const CODES: Codes = Codes::Unsigned;
    const MIN: Min = Min::Add;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_u16([src[2], src[3]], lane, &mut dst[HEADER..]);
        planes::write_nibbles(&codes4(&src[4..]), lane, &mut dst[2 * HEADER..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            one_scale::<S>(p, S::load_f16(p.add(HEADER).cast()), planes::nibbles::<S>(p.add(2 * HEADER)))
        }
    }
}

impl IntFormat for Q5_0 {
    const BLOCK: usize = 32;
    const BYTES: usize = 22;
    const CODES: Codes = Codes::Offset;
    const OFFSET_SHIFT: i32 = 4;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let codes = codes5(&src[2..6], &src[6..]);
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_bits(&codes, 4, lane, &mut dst[HEADER..]);
        planes::write_nibbles(&codes, lane, &mut dst[HEADER + planes::VECTOR..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let high = planes::bits_at_4::<S>(p.add(HEADER));
            let low = planes::nibbles::<S>(p.add(HEADER + planes::VECTOR));
            one_scale::<S>(p, S::splat(0.0), planes::or::<S>(low, high))
        }
    }
}

impl IntFormat for Q5_1 {
    const BLOCK: usize = 32;
    const BYTES: usize = 24;
    const CODES: Codes = Codes::Unsigned;
    const MIN: Min = Min::Add;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let codes = codes5(&src[4..8], &src[8..]);
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_u16([src[2], src[3]], lane, &mut dst[HEADER..]);
        planes::write_bits(&codes, 4, lane, &mut dst[2 * HEADER..]);
        planes::write_nibbles(&codes, lane, &mut dst[2 * HEADER + planes::VECTOR..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let high = planes::bits_at_4::<S>(p.add(2 * HEADER));
            let low = planes::nibbles::<S>(p.add(2 * HEADER + planes::VECTOR));
            one_scale::<S>(p, S::load_f16(p.add(HEADER).cast()), planes::or::<S>(low, high))
        }
    }
}

impl IntFormat for Q8_0 {
    const BLOCK: usize = 32;
    const BYTES: usize = 34;
    const CODES: Codes = Codes::Signed;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[0], src[1]], lane, dst);
        planes::write_bytes(&std::array::from_fn(|g| planes::word(&src[2..], g)), lane, &mut dst[HEADER..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, _sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let codes = planes::bytes::<S>(p.add(HEADER));
            one_scale::<S>(p, S::splat(0.0), planes::each!(8, i => S::prepare_signed(codes[i])))
        }
    }
}
