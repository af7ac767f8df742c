//! TQ1_0, TQ2_0, Q1_0 and Q2_0: codes of one or two bits under one f16 scale.
//!
//! ```text
//! TQ1_0 and TQ2_0 256: [d 32 B][8 x 2-bit plane 128 B]
//! Q2_0             64: [d 32 B][2 x 2-bit plane 128 B]
//! Q1_0            128: [d 32 B][4 x 1-bit plane 64 B]
//! ```
//! TQ1_0 is 54 bytes a block in the file and 66 here: digits to base 3 would cost three 16-bit multiplications where two bits
//! cost a shift.

use gollum_quant::{q1_0, q2_0, tq1_0, tq2_0};

use super::k_quants::pairs23;
use super::planes::{self, ONES, word};
use super::{Block, Codes, IntFormat};
use crate::simd::{LANES, Simd};

const HEADER: usize = 32;
/// 2-bit plane of one K-block.
const PAIRS: usize = 128;
/// 1-bit plane of one K-block.
const BITS: usize = 64;

#[derive(Clone, Copy)]
pub(crate) struct Tq1_0;
#[derive(Clone, Copy)]
pub(crate) struct Tq2_0;
#[derive(Clone, Copy)]
pub(crate) struct Q1_0;
#[derive(Clone, Copy)]
pub(crate) struct Q2_0;

const _: () = assert!(HEADER + 8 * PAIRS == LANES * tq2_0::BLOCK_BYTES);
const _: () = assert!(HEADER + 2 * PAIRS == LANES * q2_0::BLOCK_BYTES);
const _: () = assert!(HEADER + 4 * BITS == LANES * q1_0::BLOCK_BYTES);

/// Writes the scale and the codes of `K` K-blocks to 2-bit planes.
fn pack_pairs<const K: usize>(d: &[u8], codes: [planes::Codes; K], lane: usize, dst: &mut [u8]) {
    planes::write_u16([d[0], d[1]], lane, dst);
    for (sub, codes) in codes.iter().enumerate() {
        planes::write_pairs(codes, 0, lane, &mut dst[HEADER + sub * PAIRS..]);
    }
}

#[inline(always)]
unsafe fn unpack_pairs<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
    // SAFETY: the caller's block has the scale and this plane.
    unsafe {
        let codes = planes::pairs::<S>(p.add(HEADER + sub * PAIRS));
        Block::whole(codes, S::load_f16(p.cast()), S::splat(0.0))
    }
}

impl IntFormat for Tq2_0 {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = tq2_0::BLOCK_BYTES;
    const CODES: Codes = Codes::Offset;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let codes = |sub: usize| std::array::from_fn(|g| pairs23(&src[..64], sub, g));
        pack_pairs::<8>(&src[64..], std::array::from_fn(codes), lane, dst);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe { unpack_pairs(p, sub) }
    }
}

impl IntFormat for Tq1_0 {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = tq2_0::BLOCK_BYTES;
    const FILE_BYTES: usize = tq1_0::BLOCK_BYTES;
    const CODES: Codes = Codes::Offset;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let digits = tq1_0::digits(src.try_into().expect("a block of the file"));
        let codes = |sub: usize| std::array::from_fn(|g| word(&digits, 8 * sub + g));
        pack_pairs::<8>(&src[52..], std::array::from_fn(codes), lane, dst);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe { unpack_pairs(p, sub) }
    }
}

impl IntFormat for Q2_0 {
    const RARE: bool = true;
    const BLOCK: usize = q2_0::BLOCK_WEIGHTS;
    const BYTES: usize = q2_0::BLOCK_BYTES;
    const CODES: Codes = Codes::Offset;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        // A byte of the file is a group.
        let group = |q: u8| {
            let q = u32::from(q);
            (q | q << 6 | q << 12 | q << 18) & (3 * ONES)
        };
        let codes = |sub: usize| std::array::from_fn(|g| group(src[2 + 8 * sub + g]));
        pack_pairs::<2>(src, std::array::from_fn(codes), lane, dst);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe { unpack_pairs(p, sub) }
    }
}

impl IntFormat for Q1_0 {
    const RARE: bool = true;
    const BLOCK: usize = q1_0::BLOCK_WEIGHTS;
    const BYTES: usize = q1_0::BLOCK_BYTES;
    /// Codes are 0 and 2, so that weights are -1 and 1.
    const CODES: Codes = Codes::Offset;
    const COSTLY: bool = false;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[0], src[1]], lane, dst);
        for sub in 0..4 {
            let bits = word(&src[2..], sub);
            let codes = std::array::from_fn(|g| planes::spread_bits(bits >> (4 * g)));
            planes::write_bits(&codes, 0, lane, &mut dst[HEADER + sub * BITS..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let codes = planes::bits_at_1::<S>(p.add(HEADER + sub * BITS));
            Block::whole(codes, S::load_f16(p.cast()), S::splat(0.0))
        }
    }
}
